#include "learn/alignment.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

/* The mean of each row, means[count]; returns the mean of all. */
static double row_means(const float *gram, size_t count, size_t stride, double *means) {
    double all = 0;
    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        for (size_t j = 0; j < count; j++) sum += (double)gram[i * stride + j];
        means[i] = sum / (double)count;
        all += means[i] / (double)count;
    }
    return all;
}

/* The mean of the labels -1 and 1. */
static double mean_label(const uint8_t *labels, size_t count) {
    size_t fraud = 0;
    for (size_t i = 0; i < count; i++) fraud += labels[i];
    return 2 * (double)fraud / (double)count - 1;
}

qf_status qf_gram_summarise(const float *gram, size_t count, size_t stride, const uint8_t *labels,
                            qf_gram_summary *summary, qf_error *error) {
    double *means = qf_new_array(count, sizeof *means, error);
    if (!means) return QF_MEMORY;
    const double n = (double)count, label = mean_label(labels, count);
    const double all = row_means(gram, count, stride, means);
    double trace = 0, spread = 0, squares = 0, along = 0;
    for (size_t i = 0; i < count; i++) trace += (double)gram[i * stride + i];
    const double mean = (all * n * n - trace) / (n * (n - 1));
    for (size_t i = 0; i < count; i++) {
        const double y = (labels[i] ? 1 : -1) - label;
        for (size_t j = 0; j < count; j++) {
            const double value = (double)gram[i * stride + j];
            const double centred = value - means[i] - means[j] + all;
            squares += centred * centred;
            along += centred * y * ((labels[j] ? 1 : -1) - label);
            if (i != j) spread += (value - mean) * (value - mean);
        }
    }
    free(means);
    *summary = (qf_gram_summary){.mean = mean,
                                 .variance = spread / (n * (n - 1)),
                                 /* |Y centred| is the sum of squares of the centred labels. */
                                 .alignment = along / (sqrt(squares) * n * (1 - label * label))};
    return QF_OK;
}
