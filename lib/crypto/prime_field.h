/* Arithmetic modulo a prime below 2^61, in constant time: no branch and no look-up depends on an
 * element, only on the prime, which is public.
 *
 * Products are reduced by Barrett's method (Menezes, van Oorschot and Vanstone 1996,
 * algorithm 14.42) with base 2: for n bits of p and m = floor(2^2n / p), q = floor(floor(x /
 * 2^(n-1)) m / 2^(n+1)) is at most 2 less than floor(x / p) for every x < 2^2n. */
#ifndef QF_CRYPTO_PRIME_FIELD_H
#define QF_CRYPTO_PRIME_FIELD_H

#include "crypto/secret.h"

#include <stdint.h>

/* 2^61 - 1, and the prime of the paper, which is smaller than most of what it is to hold. */
#define QF_PRIME_61 ((UINT64_C(1) << 61) - 1)
#define QF_PRIME_PAPER UINT64_C(104729)

typedef struct qf_prime_field {
    uint64_t prime;
    uint64_t reciprocal; /* floor(2^(2 bits) / prime) */
    unsigned bits;       /* of the prime */
} qf_prime_field;

/* A field of a prime 2 < p < 2^61; the caller knows that it is one. */
qf_prime_field qf_field_of(uint64_t prime);

/* x - p where that is not negative. */
static inline uint64_t qf_field_reduce_once(uint64_t x, uint64_t prime) {
    const uint64_t less = x - prime;
    const uint64_t keep = 0 - (less >> 63); /* all ones where x < p */
    return less + (prime & keep);
}

static inline uint64_t qf_field_add(const qf_prime_field *f, uint64_t a, uint64_t b) {
    return qf_field_reduce_once(a + b, f->prime);
}
static inline uint64_t qf_field_subtract(const qf_prime_field *f, uint64_t a, uint64_t b) {
    return qf_field_reduce_once(a + f->prime - b, f->prime);
}
static inline uint64_t qf_field_multiply(const qf_prime_field *f, uint64_t a, uint64_t b) {
    const unsigned __int128 x = (unsigned __int128)a * b;
    const unsigned __int128 high = (x >> (f->bits - 1)) * f->reciprocal;
    const uint64_t quotient = (uint64_t)(high >> (f->bits + 1));
    const uint64_t rest = (uint64_t)x - quotient * f->prime; /* below 3 p < 2^63 */
    return qf_field_reduce_once(qf_field_reduce_once(rest, f->prime), f->prime);
}
/* a^(p-2); 0 for 0. The exponent is public. */
uint64_t qf_field_invert(const qf_prime_field *f, uint64_t a);

/* The element of a signed number of magnitude below p, and the number of least magnitude back. */
static inline uint64_t qf_field_from_signed(const qf_prime_field *f, int64_t value) {
    const uint64_t negative = 0 - ((uint64_t)value >> 63);
    return (uint64_t)value + (f->prime & negative);
}
static inline int64_t qf_field_to_signed(const qf_prime_field *f, uint64_t element) {
    const uint64_t above = 0 - (((f->prime - 1) / 2 - element) >> 63);
    return (int64_t)(element - (f->prime & above));
}

/* Uniform elements, by rejection: what is rejected tells nothing about what is kept. */
qf_status qf_field_random(const qf_prime_field *f, uint64_t *elements, size_t count,
                          qf_error *error);

#endif
