/* What a member of a committee keeps in its state directory.
 *
 * Between offer and acceptance, `offer-SEED.qf`, the offer, and `offered-SEED`, the share of its
 * own secret that it kept; SEED names the key generation (offer.h). From acceptance on, `key-ID`,
 * its share of the joint key, and `answers-ID`, the journal (journal.h); ID names the key. */
#ifndef QF_FEDERATED_MEMBER_H
#define QF_FEDERATED_MEMBER_H

#include "federated/offer.h"

/* Room for any of these names. */
enum { QF_MEMBER_NAME = 80, QF_FLOOD_KEY = 32 };

void qf_offer_file_name(const unsigned char seed[QF_SEED_SIZE], char name[QF_MEMBER_NAME]);

/* What an offer leaves behind. `statement` is the own offer's. */
qf_status qf_offered_save(const qf_state *state, const qf_ckks *ckks,
                          const unsigned char seed[QF_SEED_SIZE],
                          const unsigned char statement[QF_HASH_SIZE], const qf_secret_share *share,
                          qf_error *error);
/* *found is false where there is none, and then the share empty. */
qf_status qf_offered_load(const qf_state *state, const qf_ckks *ckks,
                          const unsigned char seed[QF_SEED_SIZE],
                          unsigned char statement[QF_HASH_SIZE], qf_secret_share *share,
                          bool *found, qf_error *error);
qf_status qf_offered_remove(const qf_state *state, const unsigned char seed[QF_SEED_SIZE],
                            qf_error *error);

/* A member's part of a joint key. Zero-initialise; free with qf_member_key_free. */
typedef struct qf_member_key {
    qf_id key;
    qf_terms terms;
    qf_roster roster; /* without the identities' own signatures */
    qf_secret flood;  /* QF_FLOOD_KEY bytes: what all flooding under this key is derived from */
    qf_secret packed; /* the share of the joint key (packed.h) */
} qf_member_key;

void qf_member_key_free(qf_member_key *key);
qf_status qf_member_key_save(const qf_state *state, const qf_member_key *key, qf_error *error);
/* *found is false where this member has no part of the key. QF_DATA for a damaged file. */
qf_status qf_member_key_load(const qf_state *state, const qf_id *id, qf_member_key *key,
                             bool *found, qf_error *error);
/* The share, in the ring of the key. QF_MISMATCH for another ring. */
qf_status qf_member_key_share(const qf_ckks *ckks, const qf_member_key *key, qf_secret_share *share,
                              qf_error *error);

#endif
