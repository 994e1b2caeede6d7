/* The canonical embedding: between N real coefficients and N/2 complex slots.
 *
 * Slot j of m(X) is m(zeta^(5^j)), zeta = exp(i pi / N) (Cheon, Kim, Kim and Song 2017, eprint
 * 2016/421). As zeta^(N/2 5^j) = i, that is c(zeta^(5^j)) for the polynomial c of degree below N/2
 * with coefficients m_k + i m_(k + N/2): a transform of size N/2 whose roots are merged into its
 * butterflies as in the number-theoretic one. The same bytes at every SIMD level: operations are
 * the same, and none are fused. */
#ifndef QF_CKKS_EMBEDDING_H
#define QF_CKKS_EMBEDDING_H

#include "base/run.h"

#include <stdint.h>

/* Complex numbers as separate real and imaginary parts. */
typedef struct qf_embedding_kernels {
    void (*forward)(size_t slots, const double *cosines, const double *sines, double *re,
                    double *im);
    void (*inverse)(size_t slots, const double *cosines, const double *sines, double *re,
                    double *im);
} qf_embedding_kernels;

typedef struct qf_embedding {
    size_t slots;            /* N / 2 */
    double *cosines, *sines; /* [slots] of the butterflies, in the order of their use */
    uint32_t *place;         /* [slots] where the transform leaves slot j */
    const qf_embedding_kernels *kernels;
} qf_embedding;

/* Free with qf_embedding_free, which does nothing on a zeroed one. */
qf_status qf_embedding_init(qf_embedding *embedding, size_t n, qf_simd simd, qf_error *error);
void qf_embedding_free(qf_embedding *embedding);

/* Coefficients [n] whose slots are scale * values[count] and then zeros: real numbers, not yet
 * rounded; |coefficient| <= scale * max |value| but for rounding. */
void qf_embed(const qf_embedding *embedding, const double *values, size_t count, double scale,
              double *coefficients);
/* The real parts of the first `count` slots, divided by the scale. coefficients[n] are lost. */
void qf_embed_back(const qf_embedding *embedding, double *coefficients, double scale, size_t count,
                   double *values);

#endif
