/* The offers of a whole committee, gathered one by one: the joint public key, and for a member its
 * share of the joint secret key. */
#ifndef QF_FEDERATED_CEREMONY_H
#define QF_FEDERATED_CEREMONY_H

#include "federated/member.h"

/* Zero-initialise; free with qf_ceremony_free. */
typedef struct qf_ceremony {
    unsigned receiver; /* whose sealed shares are kept; 0: nobody's */
    qf_terms terms;
    qf_roster roster;
    qf_member_public *parts;         /* [terms.parties]; that of party i + 1, once it has offered */
    qf_sealed *shares;               /* [terms.parties], for the receiver; none of its own */
    unsigned char own[QF_HASH_SIZE]; /* the statement of the receiver's own offer */
} qf_ceremony;

void qf_ceremony_free(qf_ceremony *ceremony);
/* Checks an offer (qf_offer_check) and takes what is needed of it. QF_MISMATCH, naming the party,
 * for other terms than those before, or a second offer of one party. */
qf_status qf_ceremony_add(const qf_ckks *ckks, qf_ceremony *ceremony, qf_offer *offer,
                          qf_error *error);
/* The public key of all, the same in whatever order they came. QF_MISMATCH where one is missing. */
qf_status qf_ceremony_public_key(const qf_ckks *ckks, const qf_ceremony *ceremony,
                                 qf_public_key *key, qf_error *error);
/* Puts the receiver's share of the joint key into its state, and forgets its share of its own
 * secret; done again, it does nothing. QF_REFUSED where this member made no offer, or another than
 * that among the offers, and for a share that does not open. */
qf_status qf_ceremony_accept(const qf_ckks *ckks, const qf_ceremony *ceremony, qf_state *state,
                             const qf_own_identity *own, qf_id *key, qf_error *error);

#endif
