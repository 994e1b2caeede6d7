/* Arithmetic of the ring Z_p[X] / (X^n + 1) for one prime p: the negacyclic number-theoretic
 * transform, and what is done number by number.
 *
 * The transform takes coefficients a_0 .. a_(n-1) to evaluations: entry i is a(psi^(2 r(i) + 1)),
 * psi the smallest primitive 2n-th root of unity and r(i) the log2(n) bits of i reversed; products
 * in the ring are products entry by entry. Forward: Cooley and Tukey's butterflies with psi merged
 * in; inverse: Gentleman and Sande's (Longa and Naehrig 2016, eprint 2016/504, algorithms 1 and 2),
 * two levels a pass, reductions put off (Harvey 2014, arXiv 1205.2926).
 *
 * Five forms of the loops, which agree bit for bit as all leave residues in 0 .. p-1:
 *   portable       64-bit words                                primes up to 60 bits
 *   avx2 double    4 doubles with FMA, exact (as in FLINT's fft_small)         50
 *   avx2 wide      4 words of 64 bits by products of 32      60, 1 modulo 2^32
 *   avx512 ifma    8 words of 52 bits                                          50
 *   avx512 wide    8 words of 64 bits                                          60
 * None branches on a value or uses it as an address. Cost: n/2 log2(n) butterflies. */
#ifndef QF_CKKS_NTT_H
#define QF_CKKS_NTT_H

#include "base/run.h"
#include "ckks/modulus.h"

enum { QF_NTT_MIN = 32, QF_NTT_MAX = 32768 };

typedef struct qf_ntt qf_ntt;

/* A constant factor as a form wants it: the factor, and its quotient by p. */
typedef struct qf_factor {
    uint64_t factor, quotient;
} qf_factor;

/* Values are arrays of residues at whole cache lines (qf_new_lines); `count` is a multiple of 16.
 * Results may stand where an operand did. */
typedef struct qf_ring_form {
    const char *name;
    qf_factor (*prepare)(const qf_modulus *m, uint64_t factor);
    void (*forward)(const qf_ntt *ntt, uint64_t *values);
    void (*inverse)(const qf_ntt *ntt, uint64_t *values);
    /* to = a b */
    void (*multiply)(const qf_modulus *m, size_t count, const uint64_t *a, const uint64_t *b,
                     uint64_t *to);
    /* to += a b */
    void (*multiply_add)(const qf_modulus *m, size_t count, const uint64_t *a, const uint64_t *b,
                         uint64_t *to);
    /* to = factor a, and to += factor a */
    void (*scale)(const qf_modulus *m, size_t count, qf_factor factor, const uint64_t *a,
                  uint64_t *to);
    void (*scale_add)(const qf_modulus *m, size_t count, qf_factor factor, const uint64_t *a,
                      uint64_t *to);
    void (*add)(const qf_modulus *m, size_t count, const uint64_t *a, const uint64_t *b,
                uint64_t *to);
    void (*subtract)(const qf_modulus *m, size_t count, const uint64_t *a, const uint64_t *b,
                     uint64_t *to);
    /* to = factor (a - b) */
    void (*scale_difference)(const qf_modulus *m, size_t count, qf_factor factor, const uint64_t *a,
                             const uint64_t *b, uint64_t *to);
    /* The representative of a modulo `from` that is nearest to zero, modulo m. */
    void (*lift)(const qf_modulus *from, const qf_modulus *m, size_t count, const uint64_t *a,
                 uint64_t *to);
    /* Signed numbers as residues: small ones, |a| < p, and any |a| <= 2^62. */
    void (*small_residues)(const qf_modulus *m, size_t count, const int32_t *a, uint64_t *to);
    void (*residues)(const qf_modulus *m, size_t count, const int64_t *a, uint64_t *to);
} qf_ring_form;

struct qf_ntt {
    qf_modulus modulus;
    size_t n;
    const qf_ring_form *form;
    /* [n] each: powers of psi with the bits of their exponents reversed, and their inverses, as
     * form->prepare gives them. Entry 0 of the inverses is 1 / n, entry 1 is divided by n. */
    uint64_t *roots, *root_quotients, *inverses, *inverse_quotients;
};

/* The form for a prime. */
const qf_ring_form *qf_ring_form_for(qf_simd simd, const qf_modulus *m);

/* n: a power of two, QF_NTT_MIN .. QF_NTT_MAX; p: a prime that is 1 modulo 2n. Free with
 * qf_ntt_free, which does nothing on a zeroed one. */
qf_status qf_ntt_init(qf_ntt *ntt, size_t n, uint64_t p, qf_simd simd, qf_error *error);
void qf_ntt_free(qf_ntt *ntt);

/* An index of log2(n) bits with its bits reversed. */
size_t qf_reverse_bits(size_t index, size_t n);

#endif
