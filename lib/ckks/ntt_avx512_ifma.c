#include "ckks/ntt.h"

#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#pragma GCC target("avx512f,avx512dq,avx512vl,avx512ifma,prefer-vector-width=512")
#pragma GCC optimize("O3")

/* Eight words of 52 bits, for primes up to 50 bits. Forward: numbers are below 4p < 2^52, a product
 * below 2p; inverse: all are below 2p. */
#define FORM ifma_avx512
#define FORM_NAME "avx512 ifma"
#define LANES 8
#define OP static inline __attribute__((always_inline))

typedef uint64_t vec __attribute__((vector_size(64)));
typedef struct factor {
    vec factor, quotient;
} factor;
typedef struct ring {
    vec p, twice, minus_p, quotient; /* minus_p: 2^52 - p */
    unsigned shift;                  /* bits - 2 */
} ring;

static const uint64_t mask_52 = ((uint64_t)1 << 52) - 1;

OP ring load_ring(const qf_modulus *m) {
    const vec zero = {0}, p = zero + m->value;
    return (ring){p, p + p, (zero + mask_52 + 1) - p, zero + m->quotient_52, m->bits - 2};
}

static qf_factor prepare(const qf_modulus *m, uint64_t w) {
    return (qf_factor){w, (uint64_t)(((qf_wide)w << 52) / m->value)};
}

/* sum + the low, or the high, 52 bits of a b. */
OP vec add_low(vec sum, vec a, vec b) {
    return (vec)_mm512_madd52lo_epu64((__m512i)sum, (__m512i)a, (__m512i)b);
}

OP vec add_high(vec sum, vec a, vec b) {
    return (vec)_mm512_madd52hi_epu64((__m512i)sum, (__m512i)a, (__m512i)b);
}

OP vec subtract_once(vec x, vec m) {
    return (vec)_mm512_min_epu64((__m512i)x, (__m512i)(x - m));
}

OP vec enter(const ring *r, const uint64_t *from) {
    (void)r;
    vec v;
    memcpy(&v, from, sizeof v);
    return v;
}

OP void leave(const ring *r, uint64_t *to, vec x) {
    x = subtract_once(subtract_once(x, r->twice), r->p);
    memcpy(to, &x, sizeof x);
}

OP factor splat(uint64_t w, uint64_t quotient) {
    const vec zero = {0};
    return (factor){zero + w, zero + quotient};
}

OP void tame(const ring *r, vec *x) {
    (void)r, (void)x;
}

/* Below 2p for x below 2^52. */
OP vec times(const ring *r, vec x, const factor *w) {
    const vec zero = {0}, q = add_high(zero, x, w->quotient);
    return add_low(add_low(zero, x, w->factor), q, r->minus_p) & mask_52;
}

/* Barrett: t = floor(ab / 2^(bits-2)) < 2^52; floor(t quotient / 2^52) is short of ab / p by less
 * than 1/2 + 1 + 1, so the remainder is below 3.5 p. */
OP vec product(const ring *r, vec a, vec b) {
    const vec zero = {0}, low = add_low(zero, a, b), high = add_high(zero, a, b);
    const vec t = (high << (52 - r->shift)) | (low >> r->shift);
    const vec q = add_high(zero, t, r->quotient);
    return subtract_once(subtract_once(add_low(low, q, r->minus_p) & mask_52, r->twice), r->p);
}

OP vec difference(const ring *r, vec a, vec b) {
    return a - b + r->p;
}

OP void forward_cross(const ring *r, vec *u, vec *v, const factor *w) {
    const vec a = subtract_once(*u, r->twice), b = times(r, *v, w);
    *u = a + b;
    *v = a - b + r->twice;
}

OP void inverse_cross(const ring *r, vec *u, vec *v, const factor *w) {
    const vec from = *u - *v + r->twice;
    *u = subtract_once(*u + *v, r->twice);
    *v = times(r, from, w);
}

/* These are on whole words, and the same in both forms of the level. */
extern const qf_ring_form qf_ring_wide_avx512;

static void lift(const qf_modulus *from, const qf_modulus *m, size_t count, const uint64_t *a,
                 uint64_t *to) {
    qf_ring_wide_avx512.lift(from, m, count, a, to);
}

static void residues(const qf_modulus *m, size_t count, const int64_t *a, uint64_t *to) {
    qf_ring_wide_avx512.residues(m, count, a, to);
}

#include "ckks/ntt_shuffles_8.h"

#include "ckks/ntt_kernels.h"
#endif
