/* The journal of what a member has answered for: why nobody gets two answers from which the key, or
 * one party's update, could be computed.
 *
 * Of the same ciphertexts a member answers one set alone. An update that was part of an answered
 * sum is never part of another: the difference of two sums would be one party's update. And a
 * member answers for as many ciphertexts as the terms allow, since the flooding is sized for these.
 * A request is on the disk before it is answered; asked again, it is admitted again, and gets the
 * same answer, as its flooding is derived and not drawn (answer.h).
 *
 * A file of lines: a first one with the key's name, then one a request: sum, pieces, set,
 * contributions, and a check, the beginning of a hash over the line and the check before it. A last
 * line that a crash cut short was not answered for, and is ignored. Any other line that is not as
 * it was written is damage: then nothing is answered any more. */
#ifndef QF_FEDERATED_JOURNAL_H
#define QF_FEDERATED_JOURNAL_H

#include "crypto/state.h"
#include "federated/sum.h"

typedef struct qf_request {
    qf_id key;
    const qf_sum *sum;
    const unsigned *set; /* [threshold], ascending */
    unsigned threshold;
    int64_t allowed; /* the terms' decryptions */
} qf_request;

/* Begins the journal of a key; one that is there stays as it is. */
qf_status qf_journal_begin(const qf_state *state, const qf_id *key, qf_error *error);
/* Admits a request and records it; locks the state while it does. QF_REFUSED for a second set, an
 * update that was answered for in another sum, a key that is spent, or a journal that is gone;
 * QF_DATA for a damaged one; QF_IO where the disk is full: then nothing may be answered. */
qf_status qf_journal_admit(qf_state *state, const qf_request *request, qf_error *error);

#endif
