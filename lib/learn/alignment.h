/* What a Gram matrix is like before anything is fitted to it. */
#ifndef QF_LEARN_ALIGNMENT_H
#define QF_LEARN_ALIGNMENT_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

typedef struct qf_gram_summary {
    /* Of the values off the diagonal. A variance that vanishes against the mean is what is called
     * exponential concentration (Thanasilp et al. 2024): all rows look alike, or all unlike. */
    double mean, variance;
    /* Centred kernel-target alignment, -1 to 1 (Cortes, Mohri and Rostamizadeh 2012, definition 4,
     * with labels -1 and 1): the cosine between the centred matrix and that of the labels. NaN
     * where the centred matrix is 0. */
    double alignment;
} qf_gram_summary;

/* Of a symmetric gram[count][stride] of at least two rows and labels[count] of both classes.
 * O(count^2). */
qf_status qf_gram_summarise(const float *gram, size_t count, size_t stride, const uint8_t *labels,
                            qf_gram_summary *summary, qf_error *error);

#endif
