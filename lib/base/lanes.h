/* Vectors of QF_LANES doubles, by the compiler's extension. A file that uses them is compiled for
 * one level of instructions: it includes what it needs, defines QF_LANES (8 for AVX-512, 4 for
 * AVX2, 2 for any x86-64 and elsewhere), sets the target by a pragma, and only then includes this.
 */
#ifndef QF_BASE_LANES_H
#define QF_BASE_LANES_H

#include <stdint.h>
#include <string.h>

#define QF_INLINE static inline __attribute__((always_inline))

typedef double qf_lanes __attribute__((vector_size(8 * QF_LANES)));
typedef int64_t qf_int_lanes __attribute__((vector_size(8 * QF_LANES)));

QF_INLINE void qf_lanes_load(qf_lanes *v, const double *from) {
    memcpy(v, from, sizeof *v);
}
QF_INLINE void qf_lanes_store(double *to, const qf_lanes *v) {
    memcpy(to, v, sizeof *v);
}

/* *v where the mask (of a comparison: all bits or none) is set, `other` elsewhere. */
QF_INLINE void qf_lanes_choose(qf_lanes *v, const qf_int_lanes *mask, const qf_lanes *other) {
    *v = (qf_lanes)(((qf_int_lanes)*v & *mask) | ((qf_int_lanes)*other & ~*mask));
}

/* sums[i] = all lanes of v[i]: neighbours first, then what is further apart. */
QF_INLINE void qf_lanes_sum_four(const qf_lanes v[4], double sums[4]) {
#if QF_LANES == 8
    typedef double half __attribute__((vector_size(32)));
    const qf_lanes a = __builtin_shufflevector(v[0], v[1], 0, 8, 2, 10, 4, 12, 6, 14) +
                       __builtin_shufflevector(v[0], v[1], 1, 9, 3, 11, 5, 13, 7, 15);
    const qf_lanes b = __builtin_shufflevector(v[2], v[3], 0, 8, 2, 10, 4, 12, 6, 14) +
                       __builtin_shufflevector(v[2], v[3], 1, 9, 3, 11, 5, 13, 7, 15);
    const qf_lanes both = __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13) +
                          __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
    const half all = __builtin_shufflevector(both, both, 0, 1, 2, 3) +
                     __builtin_shufflevector(both, both, 4, 5, 6, 7);
    memcpy(sums, &all, sizeof all);
#elif QF_LANES == 4
    const qf_lanes a = __builtin_shufflevector(v[0], v[1], 0, 4, 2, 6) +
                       __builtin_shufflevector(v[0], v[1], 1, 5, 3, 7);
    const qf_lanes b = __builtin_shufflevector(v[2], v[3], 0, 4, 2, 6) +
                       __builtin_shufflevector(v[2], v[3], 1, 5, 3, 7);
    const qf_lanes all =
        __builtin_shufflevector(a, b, 0, 1, 4, 5) + __builtin_shufflevector(a, b, 2, 3, 6, 7);
    qf_lanes_store(sums, &all);
#else
    const qf_lanes a =
        __builtin_shufflevector(v[0], v[1], 0, 2) + __builtin_shufflevector(v[0], v[1], 1, 3);
    const qf_lanes b =
        __builtin_shufflevector(v[2], v[3], 0, 2) + __builtin_shufflevector(v[2], v[3], 1, 3);
    qf_lanes_store(sums, &a);
    qf_lanes_store(sums + 2, &b);
#endif
}

/* e^x for x in -700 .. 700 (the nearer end beyond, NaN for NaN), relative error below 4e-16: 2^n
 * e^r with |r| <= ln 2 / 2, n read from the low bits of a large double, e^r by its series to r^12.
 */
QF_INLINE void qf_lanes_exp(qf_lanes *v) {
    const double magic = 0x1.8p52, log2e = 1.4426950408889634074;
    const double high = 6.93147180369123816490e-01, low = 1.90821492927058770002e-10;
    static const double terms[] = {
        1 / 39916800.0, 1 / 3628800.0, 1 / 362880.0, 1 / 40320.0, 1 / 5040.0, 1 / 720.0,
        1 / 120.0,      1 / 24.0,      1 / 6.0,      0.5,         1};
    qf_lanes x = *v;
    const qf_lanes most = (qf_lanes){0} + 700, least = -most;
    const qf_int_lanes above = x > most, below = x < least, not_above = ~above, not_below = ~below;
    qf_lanes_choose(&x, &not_above, &most);
    qf_lanes_choose(&x, &not_below, &least);
    const qf_lanes t = x * log2e + magic, n = t - magic;
    const qf_lanes r = x - n * high - n * low;
    qf_lanes p = r * (1 / 479001600.0);
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) p = (p + terms[i]) * r;
    p += 1;
    qf_int_lanes bits = (qf_int_lanes)t;
    bits = (bits + 1023) << 52;
    *v = p * (qf_lanes)bits;
}

#endif
