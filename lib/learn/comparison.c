#include "learn/comparison.h"

#include "base/memory.h"
#include "base/student.h"

#include <math.h>
#include <stdlib.h>

static const double level = 0.05;

/* P(|T| > t) where the standard error may be zero. */
static double beyond(double difference, double error, size_t freedom) {
    if (error > 0) return fmax(1 - qf_student_within(difference / error, freedom), 0);
    return difference == 0;
}

qf_difference qf_compare_splits(const double *differences, size_t splits, double test_ratio,
                                double margin) {
    qf_difference d = {splits, NAN, NAN, NAN, NAN, NAN, NAN};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < splits; i++) sum += differences[i];
    if (splits > 0) d.mean = sum / (double)splits;
    if (splits < 3) return d;
    for (size_t i = 0; i < splits; i++) {
        squares += (differences[i] - d.mean) * (differences[i] - d.mean);
    }
    const size_t freedom = splits - 1;
    d.deviation = sqrt(squares / (double)freedom);
    const double error = d.deviation * sqrt(1 / (double)splits + test_ratio);
    d.half_width = qf_student_critical(1 - level, freedom) * error;
    /* 0.6 within: 0.8 below. */
    d.detectable = d.half_width + qf_student_critical(0.6, freedom) * error;
    d.p_different = beyond(d.mean, error, freedom);
    const double tail = beyond(d.mean + margin, error, freedom);
    d.p_worse = d.mean + margin > 0 ? tail : 2 - tail;
    return d;
}

typedef struct ranked_p {
    double p;
    size_t index;
} ranked_p;

static int compare_p(const void *a, const void *b) {
    const double x = ((const ranked_p *)a)->p, y = ((const ranked_p *)b)->p;
    return (x > y) - (x < y);
}

qf_status qf_holm(double *p, size_t count, qf_error *error) {
    ranked_p *ranked = qf_new_array(count, sizeof *ranked, error);
    if (!ranked) return QF_MEMORY;
    size_t family = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(p[i])) ranked[family++] = (ranked_p){p[i], i};
    }
    qsort(ranked, family, sizeof *ranked, compare_p);
    double most = 0;
    for (size_t i = 0; i < family; i++) {
        most = fmax(most, fmin(ranked[i].p * (double)(family - i), 1));
        p[ranked[i].index] = most;
    }
    free(ranked);
    return QF_OK;
}

qf_verdict qf_difference_verdict(const qf_difference *d) {
    const bool different = d->p_different < level; /* never with NaN */
    if (different && d->mean > 0) return QF_SUPERIOR;
    if (d->p_worse < level) return QF_NON_INFERIOR;
    return different ? QF_INFERIOR : QF_UNDECIDED;
}

const char *qf_verdict_name(qf_verdict verdict) {
    static const char *const names[] = {[QF_SUPERIOR] = "superior",
                                        [QF_NON_INFERIOR] = "non-inferior",
                                        [QF_INFERIOR] = "inferior",
                                        [QF_UNDECIDED] = "undecided"};
    return names[verdict];
}

double qf_mcnemar_exact(size_t only_first, size_t only_second) {
    const size_t n = only_first + only_second;
    const size_t least = only_first < only_second ? only_first : only_second;
    /* Sum of binomial(n, k) / 2^n up to the lesser count, from its largest term down. */
    double term = exp(lgamma((double)n + 1) - lgamma((double)least + 1) -
                      lgamma((double)(n - least) + 1) - (double)n * log(2));
    double sum = 0;
    for (size_t k = least + 1; k-- > 0;) {
        sum += term;
        term *= (double)k / (double)(n - k + 1);
    }
    return fmin(2 * sum, 1);
}

void qf_count_discordant(const qf_scores *first, const qf_scores *second, size_t *only_first,
                         size_t *only_second) {
    *only_first = *only_second = 0;
    for (size_t i = 0; i < first->count; i++) {
        const bool fraud = first->labels[i];
        const bool a = (first->probabilities[i] > first->threshold) == fraud;
        const bool b = (second->probabilities[i] > second->threshold) == fraud;
        *only_first += a && !b;
        *only_second += b && !a;
    }
}
