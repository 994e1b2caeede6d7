#include "ckks/embedding.h"

#include "base/memory.h"
#include "ckks/ntt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const qf_embedding_kernels qf_embedding_portable, qf_embedding_avx2, qf_embedding_avx512;

/* The butterfly of group g among m halves X^(slots/m) - zeta^((slots/m) e), e = 1 + 4 rev(g), by
 * zeta^((slots/m) e / 2). */
static void fill_roots(qf_embedding *e) {
    const double pi = acos(-1.0), turn = pi / (double)(2 * e->slots);
    for (size_t m = 1; m < e->slots; m *= 2) {
        for (size_t g = 0; g < m; g++) {
            const size_t exponent = e->slots / m / 2 * (1 + 4 * qf_reverse_bits(g, m));
            const double angle = turn * (double)(exponent % (4 * e->slots));
            e->cosines[m + g] = cos(angle);
            e->sines[m + g] = sin(angle);
        }
    }
    size_t power = 1;
    for (size_t j = 0; j < e->slots; j++) {
        e->place[j] = (uint32_t)qf_reverse_bits(power / 4, e->slots);
        power = power * 5 % (4 * e->slots);
    }
}

qf_status qf_embedding_init(qf_embedding *embedding, size_t n, qf_simd simd, qf_error *error) {
    const size_t slots = n / 2;
    *embedding = (qf_embedding){.slots = slots, .kernels = QF_FOR_SIMD(simd, qf_embedding)};
    embedding->cosines = qf_new_lines(2 * slots * sizeof(double), error);
    embedding->place = qf_new_array(slots, sizeof *embedding->place, error);
    if (!embedding->cosines || !embedding->place) {
        qf_embedding_free(embedding);
        return QF_MEMORY;
    }
    embedding->sines = embedding->cosines + slots;
    fill_roots(embedding);
    return QF_OK;
}

void qf_embedding_free(qf_embedding *embedding) {
    free(embedding->cosines);
    free(embedding->place);
    *embedding = (qf_embedding){0};
}

void qf_embed(const qf_embedding *e, const double *values, size_t count, double scale,
              double *coefficients) {
    const double factor = scale / (double)e->slots;
    memset(coefficients, 0, 2 * e->slots * sizeof *coefficients);
    for (size_t j = 0; j < count; j++) coefficients[e->place[j]] = values[j] * factor;
    e->kernels->inverse(e->slots, e->cosines, e->sines, coefficients, coefficients + e->slots);
}

void qf_embed_back(const qf_embedding *e, double *coefficients, double scale, size_t count,
                   double *values) {
    e->kernels->forward(e->slots, e->cosines, e->sines, coefficients, coefficients + e->slots);
    for (size_t j = 0; j < count; j++) values[j] = coefficients[e->place[j]] / scale;
}
