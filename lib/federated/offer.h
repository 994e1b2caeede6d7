/* Offers: what each party of a committee publishes so that a key comes about that nobody holds.
 *
 * An offer has the party's part of the public key (threshold.h) and, sealed for each other party of
 * the committee, that party's share of the offerer's secret; it is signed, and carries the roster
 * by which it can be checked. From the offers of all, everyone joins the same public key, and each
 * party adds up the shares dealt to it.
 *
 * The common random polynomial expands from a hash of the ring and the terms, in which the roster
 * stands, so that nobody can choose it; the same hash, the seed, names the key generation. A share
 * is sealed together with it, so that it means nothing in another generation.
 *
 * What this does not do: a party that waits for the offers of all others can choose its part so
 * that the sum of all is a key that it holds alone, and a party can deal shares that do not fit its
 * part. Neither is found before the first decryption, which then fails. Parties are trusted to
 * follow the protocol here (qf-privacy(7)). */
#ifndef QF_FEDERATED_OFFER_H
#define QF_FEDERATED_OFFER_H

#include "crypto/seal.h"
#include "federated/terms.h"

/* Zero-initialise; free with qf_offer_free. */
typedef struct qf_offer {
    qf_terms terms;
    unsigned party;
    qf_link link;
    qf_roster roster; /* in the order of numbers */
    qf_member_public part;
    /* [terms.parties - 1][share_size]: for each other party in the order of their numbers the
     * sealing's ephemeral key or key_ID, filled up with zeros, its salt, and its chunks. */
    unsigned char *shares;
    size_t share_size;
    unsigned char signature[QF_SIGNATURE]; /* of the statement */
} qf_offer;

void qf_offer_free(qf_offer *offer);

/* The bytes of a sealed share in an offer. */
size_t qf_offer_share_size(const qf_ckks *ckks);

/* Makes the offer of `own` and the share of its secret that it keeps; the secret is forgotten.
 * terms->roster is set to the roster's digest by the caller. With link qkd, a key of the pool is
 * spent for every other party. QF_USAGE for terms that are out of range or a committee of one,
 * QF_DATA for those that the ring has no room for; QF_MISMATCH where the roster lacks one of the
 * parties 1 .. n, or has another key for this one, or this one is not of the committee; QF_REFUSED
 * where a key of the pool is missing. */
qf_status qf_offer_make(const qf_ckks *ckks, const qf_terms *terms, qf_link link, qf_state *state,
                        const qf_own_identity *own, const qf_roster *roster, qf_offer *offer,
                        qf_secret_share *share, qf_error *error);

/* Everything but the signature, hashed. */
qf_status qf_offer_statement(const qf_ckks *ckks, const qf_offer *offer,
                             unsigned char digest[QF_HASH_SIZE], qf_error *error);
/* Whether an offer is what its party signed, by a roster that is that of its terms. QF_MISMATCH for
 * a party that is not of the committee, another roster or seed than the terms'; QF_REFUSED for a
 * signature that is not right. The error names the party. */
qf_status qf_offer_check(const qf_ckks *ckks, const qf_offer *offer, qf_error *error);

/* The sealed share in an offer for a party of the committee, another than the offer's. The caller
 * frees sealed->bytes. */
qf_status qf_offer_sealed(const qf_ckks *ckks, const qf_offer *offer, unsigned receiver,
                          qf_sealed *sealed, qf_error *error);
/* What was in the sealing: QF_REFUSED unless it is a share for this receiver under this seed. */
qf_status qf_offer_unseal(const qf_ckks *ckks, const qf_terms *terms, qf_state *state,
                          const qf_own_identity *own, const qf_identity *sender,
                          const qf_sealed *sealed, qf_secret_share *share, qf_error *error);

#endif
