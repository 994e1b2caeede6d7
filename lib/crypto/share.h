/* Shares of what a stream holds: every array in fixed point, shared by Shamir's scheme.
 *
 * A real x is the field element of round(2^f x), an integer that of itself. Whatever does not fit,
 * with room for a stated number of summands, is an error that names the array: nothing wraps. The
 * records and the header beside the arrays are public and stand in every share as they are.
 *
 * A commitment, SHA-256 of the set's name, 256 random bits and all elements, stands in every share;
 * the random bits are shared with the secret. So fewer than t shares cannot even confirm a guess of
 * the secret, and t of them prove that what they give is what was shared.
 *
 * Shares of one party from different sets add up to a share of the sum, without commitment.
 * Integers describe a model rather than weigh it and have no sum: in a sum their arrays are empty,
 * and records that differ are too. */
#ifndef QF_CRYPTO_SHARE_H
#define QF_CRYPTO_SHARE_H

#include "crypto/contents.h"
#include "crypto/hash.h"
#include "crypto/shamir.h"

enum { QF_SET_NAME = 16, QF_MAX_FRACTION_BITS = 52, QF_MAX_SUMMANDS = 1 << 20 };

/* How something is shared. */
typedef struct qf_sharing {
    size_t threshold, parties; /* 1 <= threshold <= parties <= QF_MAX_SHARES */
    uint64_t prime;            /* QF_PRIME_61 or QF_PRIME_PAPER */
    unsigned fraction_bits;    /* f, to QF_MAX_FRACTION_BITS */
    uint64_t summands_limit;   /* how many secrets a sum may have, to QF_MAX_SUMMANDS */
} qf_sharing;

/* One party's share. Zero-initialise; free with qf_share_free. */
typedef struct qf_share {
    qf_sharing sharing;
    uint32_t index;                     /* 1 .. parties */
    unsigned char (*sets)[QF_SET_NAME]; /* [set_count], ascending: one, or those of a sum */
    size_t set_count;
    unsigned char commitment[QF_HASH_SIZE]; /* of a single set */
    qf_contents layout;
    qf_secret elements; /* [count] uint64_t below the prime: the random bits, then the arrays */
    size_t count;
} qf_share;

/* Field elements that hold 256 random bits, and those of a layout; QF_DATA over 2^40 of them. */
qf_status qf_share_count(const qf_sharing *sharing, const qf_contents *layout, size_t *count,
                         qf_error *error);
static inline uint64_t *qf_share_elements(const qf_share *share) {
    return (uint64_t *)(void *)share->elements.data;
}

/* Shares the secret into shares[sharing->parties], which are zeroed. QF_DATA for a value out of
 * range, QF_USAGE for an impossible sharing. On failure too, the caller frees. */
qf_status qf_share_split(const qf_sharing *sharing, const qf_contents *secret, qf_share *shares,
                         qf_error *error);

/* Adds a share of the same index and layout to `sum`, a share too. QF_MISMATCH where they do not
 * fit, or one set would be added twice. */
qf_status qf_share_add(qf_share *sum, const qf_share *other, qf_error *error);

/* Recovers the secret from `count` shares of one set (or one sum): the first t, and any further
 * ones are compared. With `mean`, a sum's reals are divided by its number of summands. Where t + 1
 * or more shares of a set (t + 2 of a sum) have one wrong one among them, the secret is recovered
 * without it, and *wrong is its index; 0 if none is. QF_MISMATCH for shares of different sets,
 * doubled or too few; QF_REFUSED where a wrong one cannot be told. */
qf_status qf_share_recover(const qf_share *shares, size_t count, bool mean, qf_contents *secret,
                           uint32_t *wrong, qf_error *error);

void qf_share_free(qf_share *share);

#endif
