#include "ckks/ntt.h"

#include "base/memory.h"
#include "ckks/primes.h"

#include <stdbool.h>
#include <stdlib.h>

extern const qf_ring_form qf_ring_portable;
extern const qf_ring_form qf_ring_double_avx2, qf_ring_wide_avx2;
extern const qf_ring_form qf_ring_ifma_avx512, qf_ring_wide_avx512;

const qf_ring_form *qf_ring_form_for(qf_simd simd, const qf_modulus *m) {
#if defined(__x86_64__)
    const bool narrow = m->bits <= QF_NARROW_BITS, sparse = m->value % QF_WIDE_STEP == 1;
    if (simd == QF_SIMD_AVX512) return narrow ? &qf_ring_ifma_avx512 : &qf_ring_wide_avx512;
    if (simd == QF_SIMD_AVX2 && narrow) return &qf_ring_double_avx2;
    if (simd == QF_SIMD_AVX2 && sparse) return &qf_ring_wide_avx2;
#else
    (void)simd, (void)m;
#endif
    return &qf_ring_portable;
}

size_t qf_reverse_bits(size_t index, size_t n) {
    size_t reversed = 0;
    for (size_t bit = 1; bit < n; bit <<= 1) {
        reversed = reversed << 1 | (index & 1);
        index >>= 1;
    }
    return reversed;
}

static void set(const qf_ntt *ntt, uint64_t *factors, uint64_t *quotients, size_t i,
                uint64_t value) {
    const qf_factor factor = ntt->form->prepare(&ntt->modulus, value);
    factors[i] = factor.factor;
    quotients[i] = factor.quotient;
}

static void fill_roots(qf_ntt *ntt) {
    const qf_modulus *m = &ntt->modulus;
    const uint64_t root = qf_find_root(m, ntt->n), inverse_root = qf_mod_inverse(m, root);
    const uint64_t inverse_n = qf_mod_inverse(m, ntt->n);
    uint64_t power = 1, inverse = 1;
    for (size_t i = 0; i < ntt->n; i++) {
        const size_t at = qf_reverse_bits(i, ntt->n);
        uint64_t scaled = inverse;
        if (at < 2) scaled = qf_mod_multiply(m, inverse, inverse_n);
        set(ntt, ntt->roots, ntt->root_quotients, at, power);
        set(ntt, ntt->inverses, ntt->inverse_quotients, at, scaled);
        power = qf_mod_multiply(m, power, root);
        inverse = qf_mod_multiply(m, inverse, inverse_root);
    }
}

qf_status qf_ntt_init(qf_ntt *ntt, size_t n, uint64_t p, qf_simd simd, qf_error *error) {
    *ntt = (qf_ntt){.modulus = qf_modulus_of(p), .n = n};
    ntt->form = qf_ring_form_for(simd, &ntt->modulus);
    ntt->roots = qf_new_lines(4 * n * sizeof *ntt->roots, error);
    if (!ntt->roots) return QF_MEMORY;
    ntt->root_quotients = ntt->roots + n;
    ntt->inverses = ntt->roots + 2 * n;
    ntt->inverse_quotients = ntt->roots + 3 * n;
    fill_roots(ntt);
    return QF_OK;
}

void qf_ntt_free(qf_ntt *ntt) {
    free(ntt->roots);
    *ntt = (qf_ntt){0};
}
