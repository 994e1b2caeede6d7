#include "ckks/ntt.h"

#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#pragma GCC target("avx2,fma")
#pragma GCC optimize("O3")

/* Four doubles that hold signed integers, for primes up to 50 bits: exact, as every number is below
 * 2^53 and fused operations give the low half of a product.
 *
 * A product with a factor |w| <= p/2: h = fl(x w), its rest l = x w - h, q = round(x fl(w / p)),
 * result (h - q p) + l. For |x| <= B p with B <= 4, |x w / p| is below 2^51, so that adding 1.5
 * 2^52 rounds it to a whole number; q is off by at most 1/2 + B p / 2 2^-53 <= 1/2 + B/16, and h -
 * q p is a whole number below 2^53, so both last steps are exact: the result is at most (1/2 +
 * B/16) p. Forward, bounds grow from 1 by that: 1, 1.57, 2.17, 2.81, 3.49 after four levels; then
 * half of the numbers are tamed to 1/2, which makes it 1.22, and 1.80, 2.42, 3.08 after three
 * more. Inverse: from 1 to 2 to 4 by sums, then tamed: below 0.75 after every pass, 3 within. */
#define FORM double_avx2
#define FORM_NAME "avx2 double"
#define LANES 4
#define OP static inline __attribute__((always_inline))

typedef double vec __attribute__((vector_size(32)));
typedef uint64_t words __attribute__((vector_size(32)));
typedef struct factor {
    vec factor, quotient;
} factor;
typedef struct ring {
    vec p, inverse;
} ring;

static const double to_whole = 0x1.8p52;

OP ring load_ring(const qf_modulus *m) {
    const vec zero = {0};
    const double p = (double)m->value;
    return (ring){zero + p, zero + 1 / p};
}

static uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static qf_factor prepare(const qf_modulus *m, uint64_t w) {
    const double centred = (double)qf_mod_centred(m, w);
    return (qf_factor){bits_of(centred), bits_of(centred / (double)m->value)};
}

OP vec fused_add(vec a, vec b, vec c) {
    return (vec)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
}

OP vec fused_subtract(vec a, vec b, vec c) {
    return (vec)_mm256_fmsub_pd((__m256d)a, (__m256d)b, (__m256d)c);
}

/* c - a b */
OP vec subtract_product(vec a, vec b, vec c) {
    return (vec)_mm256_fnmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
}

/* The whole number nearest to a b, for |a b| < 2^51. */
OP vec round_product(vec a, vec b) {
    const vec zero = {0}, magic = zero + to_whole;
    return fused_add(a, b, magic) - magic;
}

/* A number below 2^52 put into a double's low bits is that above 2^52. */
OP vec enter(const ring *r, const uint64_t *from) {
    (void)r;
    words v;
    memcpy(&v, from, sizeof v);
    const vec zero = {0};
    return (vec)(v | 0x4330000000000000) - (zero + 0x1p52);
}

OP void tame(const ring *r, vec *x) {
    *x = subtract_product(round_product(*x, r->inverse), r->p, *x);
}

OP void leave(const ring *r, uint64_t *to, vec x) {
    const vec zero = {0};
    tame(r, &x);
    x += (vec)((words)r->p & (words)(x < zero));
    const words residue = (words)(x + (zero + 0x1p52)) ^ 0x4330000000000000;
    memcpy(to, &residue, sizeof residue);
}

OP factor splat(uint64_t w, uint64_t quotient) {
    const words zero = {0};
    return (factor){(vec)(zero + w), (vec)(zero + quotient)};
}

OP vec times(const ring *r, vec x, const factor *w) {
    const vec high = x * w->factor, low = fused_subtract(x, w->factor, high);
    return subtract_product(round_product(x, w->quotient), r->p, high) + low;
}

/* Of numbers in 0 .. p-1; the quotient is off by at most 1/2 + 2^50 2^-52. */
OP vec product(const ring *r, vec a, vec b) {
    const vec high = a * b, low = fused_subtract(a, b, high);
    return subtract_product(round_product(high, r->inverse), r->p, high) + low;
}

OP vec difference(const ring *r, vec a, vec b) {
    (void)r;
    return a - b;
}

OP void forward_cross(const ring *r, vec *u, vec *v, const factor *w) {
    const vec a = *u, b = times(r, *v, w);
    *u = a + b;
    *v = a - b;
}

OP void inverse_cross(const ring *r, vec *u, vec *v, const factor *w) {
    const vec from = *u - *v;
    *u = *u + *v;
    *v = times(r, from, w);
}

/* These are on whole words, and the same in both forms of the level. */
extern const qf_ring_form qf_ring_wide_avx2;

static void lift(const qf_modulus *from, const qf_modulus *m, size_t count, const uint64_t *a,
                 uint64_t *to) {
    qf_ring_wide_avx2.lift(from, m, count, a, to);
}

static void residues(const qf_modulus *m, size_t count, const int64_t *a, uint64_t *to) {
    qf_ring_wide_avx2.residues(m, count, a, to);
}

#include "ckks/ntt_shuffles_4.h"

#include "ckks/ntt_kernels.h"
#endif
