#include "learn/comparison.h"

#include "base/memory.h"
#include "base/random.h"
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

/* Rows of one model, highest score first: counting replicates in this order leaves them sorted. */
typedef struct sorted_scores {
    const qf_scores *scores;
    size_t *order;
} sorted_scores;

typedef struct bootstrap {
    const qf_bootstrap *options;
    sorted_scores models[2];
    size_t *rows[2], counts[2]; /* of each class */
    double *gains;              /* [replicates] */
} bootstrap;

typedef struct placed_score {
    double score;
    size_t row;
} placed_score;

static int compare_placed(const void *a, const void *b) {
    const placed_score *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    return (x->row > y->row) - (x->row < y->row);
}

static qf_status sort_scores(sorted_scores *sorted, const qf_scores *scores, qf_error *error) {
    placed_score *placed = qf_new_array(scores->count, sizeof *placed, error);
    *sorted = (sorted_scores){scores, qf_new_array(scores->count, sizeof *sorted->order, error)};
    const bool made = placed && sorted->order;
    for (size_t i = 0; made && i < scores->count; i++) {
        placed[i] = (placed_score){scores->probabilities[i], i};
    }
    if (made) qsort(placed, scores->count, sizeof *placed, compare_placed);
    for (size_t i = 0; made && i < scores->count; i++) sorted->order[i] = placed[i].row;
    free(placed);
    return made ? QF_OK : QF_MEMORY;
}

/* The metric of the rows drawn, each as often as drawn[row] says. */
static qf_status measure_drawn(const bootstrap *b, const sorted_scores *model,
                               const uint32_t *drawn, qf_scores *replicate, double *value,
                               qf_error *error) {
    const qf_scores *scores = model->scores;
    size_t filled = 0;
    for (size_t i = 0; i < scores->count; i++) {
        const size_t row = model->order[i];
        for (uint32_t n = drawn[row]; n > 0; n--) {
            replicate->probabilities[filled] = scores->probabilities[row];
            replicate->labels[filled++] = scores->labels[row];
        }
    }
    replicate->count = filled;
    qf_metrics_options how = b->options->how;
    how.threshold = scores->threshold;
    return qf_metric_value(replicate, &how, b->options->metric, value, error);
}

static qf_status replicate(void *context, size_t index, qf_error *error) {
    bootstrap *b = context;
    const size_t rows = b->models[0].scores->count;
    uint32_t *drawn = qf_new_array(rows, sizeof *drawn, error);
    qf_scores scores = {0};
    qf_status status = drawn ? qf_scores_reserve(&scores, rows, error) : QF_MEMORY;
    qf_random random = qf_random_stream(b->options->seed, "bootstrap", index);
    for (size_t label = 0; status == QF_OK && label < 2; label++) {
        for (size_t i = 0; i < b->counts[label]; i++) {
            drawn[b->rows[label][qf_random_below(&random, b->counts[label])]]++;
        }
    }
    double values[2];
    for (size_t m = 0; status == QF_OK && m < 2; m++) {
        status = measure_drawn(b, &b->models[m], drawn, &scores, &values[m], error);
    }
    const double gain = values[0] - values[1];
    if (status == QF_OK) b->gains[index] = b->options->metric->lower_is_better ? -gain : gain;
    qf_scores_free(&scores);
    free(drawn);
    return status;
}

static int compare_values(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The quantile of ascending values, linear between neighbours. */
static double quantile(const double *values, size_t count, double share) {
    const double place = share * (double)(count - 1);
    const size_t below = (size_t)place, above = below + 1 < count ? below + 1 : below;
    return values[below] + (place - (double)below) * (values[above] - values[below]);
}

static qf_status run_bootstrap(bootstrap *b, const qf_run *run, double interval[2],
                               qf_error *error) {
    const qf_scores *first = b->models[0].scores;
    for (size_t label = 0; label < 2; label++) {
        b->rows[label] = qf_new_array(first->count, sizeof *b->rows[label], error);
        if (!b->rows[label]) return QF_MEMORY;
    }
    for (size_t i = 0; i < first->count; i++) {
        const uint8_t label = first->labels[i];
        b->rows[label][b->counts[label]++] = i;
    }
    const size_t replicates = b->options->replicates;
    b->gains = qf_new_array(replicates, sizeof *b->gains, error);
    if (!b->gains) return QF_MEMORY;
    QF_TRY(qf_parallel(run, replicates, replicate, b, error));
    qsort(b->gains, replicates, sizeof *b->gains, compare_values);
    interval[0] = quantile(b->gains, replicates, level / 2);
    interval[1] = quantile(b->gains, replicates, 1 - level / 2);
    return QF_OK;
}

static bool same_rows(const qf_scores *a, const qf_scores *b) {
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->labels[i] != b->labels[i] || a->origins[i].row != b->origins[i].row ||
            a->origins[i].neighbour != b->origins[i].neighbour) {
            return false;
        }
    }
    return true;
}

qf_status qf_bootstrap_difference(const qf_scores *first, const qf_scores *second,
                                  const qf_bootstrap *options, const qf_run *run,
                                  double interval[2], qf_error *error) {
    if (!same_rows(first, second)) {
        return qf_fail(error, QF_MISMATCH, "the scores are of different rows");
    }
    bootstrap b = {.options = options};
    qf_status status = sort_scores(&b.models[0], first, error);
    if (status == QF_OK) status = sort_scores(&b.models[1], second, error);
    if (status == QF_OK) status = run_bootstrap(&b, run, interval, error);
    for (size_t i = 0; i < 2; i++) {
        free(b.models[i].order);
        free(b.rows[i]);
    }
    free(b.gains);
    return status;
}
