/* Offers and answers of a committee in streams (qf-stream(5)).
 *
 * Header of both: the ring's and the terms' fields, party, signature, and identities: the roster, a
 * text "PARTY ED25519 X25519" each. An offer also has link, and the arrays "part" (the party's part
 * of the public key, packed) and "shares" (offer.h). An answer also has set, key and sum, and the
 * items of a partial stream (ckks_wire.h). */
#ifndef QF_FEDERATED_COMMITTEE_WIRE_H
#define QF_FEDERATED_COMMITTEE_WIRE_H

#include "ckks/ckks_wire.h"
#include "federated/answer.h"
#include "federated/ceremony.h"

/* Makes this member's offer on these terms (qf_offer_make) and keeps it in its state; or finds the
 * one that it made, since it must never make two. The bytes of the stream, to be published; the
 * caller frees. */
qf_status qf_offer_publish(qf_session *session, const qf_ckks *ckks, const qf_terms *terms,
                           qf_link link, qf_state *state, const qf_own_identity *own,
                           const qf_roster *roster, qf_secret *stream, qf_error *error);
/* Gathers the offers of an input; those for `receiver` are kept (0: nobody's). They enter the
 * session in the order of their parties, so that it does not show in which they came. The context
 * is made from the first. The caller frees both on success. */
qf_status qf_offers_read(qf_session *session, const char *path, qf_simd simd, unsigned receiver,
                         qf_ckks *ckks, qf_ceremony *ceremony, qf_error *error);

/* A stream of type partial to an open file. */
qf_status qf_answer_write(qf_session *session, int fd, const char *name, const qf_ckks *ckks,
                          const qf_answer *answer, qf_error *error);

/* Zero-initialise; free with qf_answers_free. */
typedef struct qf_answers {
    qf_answer *items;
    size_t count, capacity;
} qf_answers;

void qf_answers_free(qf_answers *answers);
/* All answers of an input, in the ring of the sum that they are for; at most QF_MAX_PARTIES. What
 * they say is not checked yet (qf_answers_combine). */
qf_status qf_answers_read(qf_session *session, const char *path, const qf_ckks *ckks,
                          qf_answers *answers, qf_error *error);

/* The key that a stream of contributions or answers names in its header. */
qf_status qf_header_key(const qf_record *parameters, qf_id *key, qf_error *error);

#endif
