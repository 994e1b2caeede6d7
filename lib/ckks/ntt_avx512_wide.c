#include "ckks/ntt.h"

#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#pragma GCC target("avx512f,avx512dq,avx512vl,prefer-vector-width=512")
#pragma GCC optimize("O3")

#define FORM wide_avx512
#define FORM_NAME "avx512 wide"
#define LANES 8
#define OP static inline __attribute__((always_inline))

typedef uint64_t words __attribute__((vector_size(64)));

OP words product_32(words a, words b) {
    return (words)_mm512_mul_epu32((__m512i)a, (__m512i)b);
}

OP words low_product(words a, words b) {
    return (words)_mm512_mullo_epi64((__m512i)a, (__m512i)b);
}

OP words times_prime(words q, words p) {
    return low_product(q, p);
}

/* The low 64 bits of a b - q p. */
OP words low_difference(words a, words b, words q, words p) {
    return low_product(a, b) - low_product(q, p);
}

OP words subtract_once(words x, words m) {
    return (words)_mm512_min_epu64((__m512i)x, (__m512i)(x - m));
}

#include "ckks/ntt_wide.h"

#include "ckks/ntt_shuffles_8.h"

#include "ckks/ntt_kernels.h"
#endif
