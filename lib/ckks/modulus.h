/* Arithmetic modulo a prime of at most 60 bits, in constant time: no branch and no address depends
 * on a residue. Residues are in 0 .. p-1 unless a comment says otherwise.
 *
 * Sources: Barrett reduction (Barrett 1986); multiplication by a constant with a precomputed
 * quotient (Shoup; Harvey 2014, "Faster arithmetic for number-theoretic transforms", arXiv
 * 1205.2926). */
#ifndef QF_CKKS_MODULUS_H
#define QF_CKKS_MODULUS_H

#include <stdint.h>

/* Primes over QF_NARROW_BITS are taken from those that are 1 modulo QF_WIDE_STEP. */
enum { QF_MODULUS_MIN_BITS = 20, QF_NARROW_BITS = 50, QF_MODULUS_MAX_BITS = 60 };
#define QF_WIDE_STEP ((uint64_t)1 << 32)

typedef unsigned __int128 qf_wide;

typedef struct qf_modulus {
    uint64_t value;       /* the prime p, 2^(bits-1) < p < 2^bits */
    unsigned bits;        /* QF_MODULUS_MIN_BITS .. QF_MODULUS_MAX_BITS */
    uint64_t quotient;    /* floor(2^(bits+62) / p), below 2^63 */
    uint64_t word;        /* floor(2^64 / p) */
    uint64_t quotient_52; /* floor(2^(bits+50) / p), below 2^51 */
} qf_modulus;

/* The caller has checked that p is a prime in the range above. */
qf_modulus qf_modulus_of(uint64_t p);

/* All bits when the top bit of x is set, else none. */
static inline uint64_t qf_mask_of_sign(uint64_t x) {
    return 0 - (x >> 63);
}

/* x - m when that is not negative, else x; for x - m within -2^63 .. 2^63-1. */
static inline uint64_t qf_subtract_once(uint64_t x, uint64_t m) {
    const uint64_t difference = x - m;
    return difference + (m & qf_mask_of_sign(difference));
}

static inline uint64_t qf_mod_add(const qf_modulus *m, uint64_t a, uint64_t b) {
    return qf_subtract_once(a + b, m->value);
}

static inline uint64_t qf_mod_subtract(const qf_modulus *m, uint64_t a, uint64_t b) {
    const uint64_t difference = a - b;
    return difference + (m->value & qf_mask_of_sign(difference));
}

static inline uint64_t qf_mod_negate(const qf_modulus *m, uint64_t a) {
    return qf_mod_subtract(m, 0, a);
}

/* Any 64 bits to a residue. The quotient is short by less than 2. */
static inline uint64_t qf_mod_reduce(const qf_modulus *m, uint64_t x) {
    const uint64_t q = (uint64_t)((qf_wide)x * m->word >> 64);
    return qf_subtract_once(x - q * m->value, m->value);
}

/* Barrett: with t = floor(ab / 2^(bits-2)) < 2^62, floor(t quotient / 2^64) is short of ab / p by
 * less than 1/2 + 1/4 + 1, so the remainder is below 3p. */
static inline uint64_t qf_mod_multiply(const qf_modulus *m, uint64_t a, uint64_t b) {
    const qf_wide product = (qf_wide)a * b;
    const uint64_t t = (uint64_t)(product >> (m->bits - 2));
    const uint64_t q = (uint64_t)((qf_wide)t * m->quotient >> 64);
    const uint64_t r = qf_subtract_once((uint64_t)product - q * m->value, 2 * m->value);
    return qf_subtract_once(r, m->value);
}

/* The residue of a small signed number, |x| < p. */
static inline uint64_t qf_mod_signed(const qf_modulus *m, int64_t x) {
    return (uint64_t)x + (m->value & qf_mask_of_sign((uint64_t)x));
}

/* A multiple of p from 2^62 on, below 2^62 + 2^60: makes |x| <= 2^62 positive. */
static inline uint64_t qf_offset_62(const qf_modulus *m) {
    return (((uint64_t)1 << 62) / m->value + 1) * m->value;
}

/* The residue of a signed number, |x| <= 2^62. */
static inline uint64_t qf_mod_signed_any(const qf_modulus *m, int64_t x) {
    return qf_mod_reduce(m, (uint64_t)x + qf_offset_62(m));
}

/* The representative in -(p-1)/2 .. (p-1)/2. */
static inline int64_t qf_mod_centred(const qf_modulus *m, uint64_t a) {
    const uint64_t above = qf_mask_of_sign((m->value - 1) / 2 - a);
    return (int64_t)(a - (m->value & above));
}

/* a^e; time depends on e alone, which is public. */
uint64_t qf_mod_power(const qf_modulus *m, uint64_t a, uint64_t e);
/* 1 / a for a != 0, by Fermat. */
uint64_t qf_mod_inverse(const qf_modulus *m, uint64_t a);
/* 2^e. */
uint64_t qf_mod_power_of_two(const qf_modulus *m, unsigned e);

#endif
