#include "ckks/ntt.h"

#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#pragma GCC target("avx2")
#pragma GCC optimize("O3")

#define FORM wide_avx2
#define FORM_NAME "avx2 wide"
#define LANES 4
#define OP static inline __attribute__((always_inline))

typedef uint64_t words __attribute__((vector_size(32)));

OP words product_32(words a, words b) {
    return (words)_mm256_mul_epu32((__m256i)a, (__m256i)b);
}

OP words low_product(words a, words b) {
    const words crossed = product_32(a, b >> 32) + product_32(a >> 32, b);
    return product_32(a, b) + (crossed << 32);
}

/* The low 64 bits of q p for p = 1 modulo 2^32. */
OP words times_prime(words q, words p) {
    return q + (product_32(q, p >> 32) << 32);
}

/* The low 64 bits of a b - q p. */
OP words low_difference(words a, words b, words q, words p) {
    const words crossed = product_32(a, b >> 32) + product_32(a >> 32, b) - product_32(q, p >> 32);
    return product_32(a, b) - q + (crossed << 32);
}

OP words subtract_once(words x, words m) {
    const __m256d difference = (__m256d)(x - m);
    return (words)_mm256_blendv_pd(difference, (__m256d)x, difference);
}

#include "ckks/ntt_wide.h"

#include "ckks/ntt_shuffles_4.h"

#include "ckks/ntt_kernels.h"
#endif
