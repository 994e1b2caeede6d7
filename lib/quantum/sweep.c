#include "quantum/sweep.h"

#include <string.h>

static unsigned lowest_bit(size_t bits) {
    return (unsigned)__builtin_ctzll(bits);
}

static unsigned highest_bit(size_t bits) {
    return 63U - (unsigned)__builtin_clzll(bits);
}

qf_pass qf_pass_of(qf_bits flip, qf_bits row, size_t blocks, bool diagonal) {
    qf_pass pass = {.flip = flip, .row = row, .items = blocks};
    if (diagonal) {
        pass.kind = QF_PASS_DIAGONAL;
        return pass;
    }
    if (flip.block == 0) {
        pass.kind = QF_PASS_INSIDE;
        return pass;
    }
    const unsigned pivot = highest_bit(flip.block);
    pass.items = blocks / 2;
    pass.low = pass.high = pivot;
    if (__builtin_parityll(flip.block & row.block)) {
        pass.kind = QF_PASS_ODD;
        return pass;
    }
    pass.kind = QF_PASS_EVEN;
    if (row.block) {
        const unsigned second = lowest_bit(row.block & ~((size_t)1 << pivot));
        pass.low = second < pivot ? second : pivot;
        pass.high = second < pivot ? pivot : second;
    }
    return pass;
}

/* A number with a zero bit let in at a place. */
static inline __attribute__((always_inline)) size_t let_in(size_t number, unsigned place) {
    const size_t below = ((size_t)1 << place) - 1;
    return (number & ~below) << 1 | (number & below);
}

static inline __attribute__((always_inline)) bool odd(size_t bits) {
    return __builtin_parityll(bits);
}

/* The kernels are written once, in terms of REAL and LANES. */
#define JOIN(name, real, level) name##_##real##_##level
#define EXPAND(name, real, level) JOIN(name, real, level)
#define NAME(name) EXPAND(name, REAL, LEVEL)

#define REAL double
#define INDEX long long
#define LANES 2
#define LEVEL portable
#include "quantum/sweep_kernels.h"
#undef REAL
#undef INDEX
#undef LANES
#define REAL float
#define INDEX int
#define LANES 4
#include "quantum/sweep_kernels.h"
#undef REAL
#undef INDEX
#undef LANES
#undef LEVEL

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx2,fma,popcnt,bmi,bmi2")
#pragma GCC optimize("O3,fp-contract=fast")
#define LEVEL avx2
#define REAL double
#define INDEX long long
#define LANES 4
#include "quantum/sweep_kernels.h"
#undef REAL
#undef INDEX
#undef LANES
#define REAL float
#define INDEX int
#define LANES 8
#include "quantum/sweep_kernels.h"
#undef REAL
#undef INDEX
#undef LANES
#undef LEVEL
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma,popcnt,bmi,bmi2")
#pragma GCC optimize("O3,fp-contract=fast")
#define LEVEL avx512
#define REAL double
#define INDEX long long
#define LANES 8
#include "quantum/sweep_kernels.h"
#undef REAL
#undef INDEX
#undef LANES
#define REAL float
#define INDEX int
#define LANES 16
#include "quantum/sweep_kernels.h"
#undef REAL
#undef INDEX
#undef LANES
#undef LEVEL
#pragma GCC pop_options
#endif

const qf_kernels *qf_kernels_of(qf_precision precision, qf_simd simd) {
    return precision == QF_DOUBLE ? QF_FOR_SIMD(simd, kernels_double)
                                  : QF_FOR_SIMD(simd, kernels_float);
}
