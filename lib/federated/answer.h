/* A member's answer for a sum: its partial decryptions of all pieces, signed.
 *
 * The flooding of an answer is not drawn but derived, by HKDF from a key that the member keeps
 * beside its share, for this ciphertext and this set: whoever cannot tell HKDF and AES-256 in
 * counter mode from chance sees fresh noise for every ciphertext and set, and the same request has
 * the same answer, on another day or after a crash, so that no two answers can be averaged. The
 * journal stands before all of it (journal.h). */
#ifndef QF_FEDERATED_ANSWER_H
#define QF_FEDERATED_ANSWER_H

#include "federated/member.h"
#include "federated/sum.h"

/* Zero-initialise; free with qf_answer_free. */
typedef struct qf_answer {
    qf_terms terms;
    qf_roster roster; /* by whose keys it is checked: that of the terms */
    unsigned party;
    unsigned set[QF_MAX_PARTIES]; /* [terms.threshold], ascending */
    qf_id key, sum;               /* sum: its digest */
    qf_partial *pieces;           /* [piece_count] */
    size_t piece_count;
    unsigned char signature[QF_SIGNATURE];
} qf_answer;

void qf_answer_free(qf_answer *answer);

/* "2,5,9" in any order, as set[threshold], ascending, of the parties 1 .. parties; QF_USAGE for
 * anything else. */
qf_status qf_set_parse(const char *text, unsigned threshold, unsigned parties, unsigned *set,
                       qf_error *error);

/* Admits the request to the journal, then answers. The sum is one that was computed here from
 * signed contributions (qf_contributions_sum). QF_USAGE for a set without this member; QF_MISMATCH
 * for a sum under another key or other terms; QF_REFUSED for too few contributors and whatever the
 * journal refuses. */
qf_status qf_answer_make(const qf_ckks *ckks, qf_state *state, const qf_own_identity *own,
                         const qf_member_key *key, const qf_sum *sum, const unsigned *set,
                         qf_answer *answer, qf_error *error);

/* The exact integers [sum->subject.count] from the answers of the whole set, in any order.
 * QF_MISMATCH, naming the party, for an answer for another key, sum or set, one that is missing or
 * doubled; QF_REFUSED for a signature that is not right, and a sum of too few contributors. The
 * answers' pieces are used up. */
qf_status qf_answers_combine(const qf_ckks *ckks, const qf_sum *sum, qf_answer *answers,
                             size_t count, int64_t *integers, qf_error *error);

#endif
