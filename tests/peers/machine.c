#include "machine.h"

#include <math.h>

#pragma GCC optimize("O3,fp-contract=fast")

enum {
    CHAINS = 12, /* vectors that do not wait for each other: more than keep the units busy */
    NUMBERS = 96,
    ROUNDS = 100000,
    ROOT_ROUNDS = 1000,
    TRIALS = 7,
};

double machine_now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* For a level of vectors of `bytes`: work that a second is filled with. *used makes the compiler
 * believe that somebody needs the results. */
#define LEVEL(name, isa, bytes)                                                                    \
    typedef double name __attribute__((vector_size(bytes)));                                       \
    isa static double name##_multiply_adds(double *used) {                                         \
        name x[CHAINS], factor = (name){0} + 0.75 + *used;                                         \
        for (size_t i = 0; i < CHAINS; i++) x[i] = (name){0} + (double)i;                          \
        for (size_t n = 0; n < ROUNDS; n++) {                                                      \
            _Pragma("GCC unroll 12") for (size_t i = 0; i < CHAINS; i++) {                         \
                x[i] = x[i] * factor + factor;                                                     \
            }                                                                                      \
        }                                                                                          \
        for (size_t i = 0; i < CHAINS; i++) *used += 0 * x[i][0];                                  \
        return (double)ROUNDS * CHAINS * bytes / sizeof(double);                                   \
    }                                                                                              \
    isa static double name##_roots(double *used) {                                                 \
        double x[NUMBERS];                                                                         \
        for (size_t i = 0; i < NUMBERS; i++) x[i] = 1 + (double)i;                                 \
        for (size_t n = 0; n < ROOT_ROUNDS; n++) {                                                 \
            for (size_t i = 0; i < NUMBERS; i++) x[i] = 0.75 / sqrt(x[i]);                         \
        }                                                                                          \
        for (size_t i = 0; i < NUMBERS; i++) *used += 0 * x[i];                                    \
        return (double)ROOT_ROUNDS * NUMBERS;                                                      \
    }

LEVEL(two, , 16)
#if defined(__x86_64__)
LEVEL(four, __attribute__((target("avx2,fma"))), 32)
LEVEL(eight, __attribute__((target("avx512f,prefer-vector-width=512"))), 64)
#else
#define four_multiply_adds two_multiply_adds
#define four_roots two_roots
#define eight_multiply_adds two_multiply_adds
#define eight_roots two_roots
#endif

typedef double work(double *used);

/* The best rate of some trials. */
static double rate(work *levels[], qf_simd simd) {
    double best = 0, used = 0;
    for (size_t i = 0; i < TRIALS; i++) {
        const double start = machine_now(CLOCK_PROCESS_CPUTIME_ID), done = levels[simd](&used);
        const double found = done / (machine_now(CLOCK_PROCESS_CPUTIME_ID) - start);
        best = found > best ? found : best;
    }
    return best + used;
}

double machine_multiply_adds(qf_simd simd) {
    work *levels[] = {two_multiply_adds, four_multiply_adds, eight_multiply_adds};
    return rate(levels, simd);
}

double machine_roots(qf_simd simd) {
    work *levels[] = {two_roots, four_roots, eight_roots};
    return rate(levels, simd);
}
