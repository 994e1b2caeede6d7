#include "data/rank_correlation.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static size_t stratum_of(const qf_ranked_items *items, size_t i) {
    return items->stratum ? items->stratum[i] : 0;
}

static size_t cluster_of(const qf_ranked_items *items, size_t i) {
    return items->cluster ? items->cluster[i] : i;
}

/* What an item's rank is above the middle of its stratum. `weights` say how often each item counts.
 */
static double centred_rank(const qf_ranked_items *items, const double *values,
                           const double *weights, size_t item) {
    double below = 0, above = 0;
    for (size_t i = 0; i < items->count; i++) {
        if (stratum_of(items, i) != stratum_of(items, item)) continue;
        below += weights[i] * (values[i] < values[item]);
        above += weights[i] * (values[i] > values[item]);
    }
    return (below - above) / 2;
}

/* Items whose stratum is the item's, before it. */
static bool begins_stratum(const qf_ranked_items *items, size_t item) {
    for (size_t i = 0; i < item; i++) {
        if (stratum_of(items, i) == stratum_of(items, item)) return false;
    }
    return true;
}

static double correlate(const qf_ranked_items *items, const double *weights, double *x_ranks,
                        double *y_ranks) {
    double sum = 0, used = 0;
    for (size_t i = 0; i < items->count; i++) {
        x_ranks[i] = weights[i] > 0 ? centred_rank(items, items->x, weights, i) : 0;
        y_ranks[i] = weights[i] > 0 ? centred_rank(items, items->y, weights, i) : 0;
    }
    for (size_t first = 0; first < items->count; first++) {
        double products = 0, x_squares = 0, y_squares = 0, weight = 0;
        if (!begins_stratum(items, first)) continue;
        for (size_t i = first; i < items->count; i++) {
            if (stratum_of(items, i) != stratum_of(items, first)) continue;
            products += weights[i] * x_ranks[i] * y_ranks[i];
            x_squares += weights[i] * x_ranks[i] * x_ranks[i];
            y_squares += weights[i] * y_ranks[i] * y_ranks[i];
            weight += weights[i];
        }
        if (!(x_squares > 0 && y_squares > 0)) continue;
        sum += weight * products / sqrt(x_squares * y_squares);
        used += weight;
    }
    return used > 0 ? sum / used : NAN;
}

static int compare_doubles(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* work: [3 * count + clusters] */
static void replicate(const qf_ranked_items *items, uint64_t seed, double *work, double *values,
                      size_t *count) {
    double *weights = work, *drawn = work + 3 * items->count;
    for (uint64_t r = 0; r < QF_RANK_REPLICATES; r++) {
        qf_random random = qf_random_stream(seed, "rank correlation", r);
        for (size_t c = 0; c < items->clusters; c++) drawn[c] = 0;
        for (size_t c = 0; c < items->clusters; c++) {
            drawn[qf_random_below(&random, items->clusters)] += 1;
        }
        for (size_t i = 0; i < items->count; i++) weights[i] = drawn[cluster_of(items, i)];
        const double value =
            correlate(items, weights, work + items->count, work + 2 * items->count);
        if (!isnan(value)) values[(*count)++] = value;
    }
}

qf_status qf_correlate_ranks(const qf_ranked_items *items, uint64_t seed,
                             qf_rank_correlation *correlation, qf_error *error) {
    double *work = qf_new_array(3 * items->count + items->clusters, sizeof *work, error);
    double *values = qf_new_array(QF_RANK_REPLICATES, sizeof *values, error);
    size_t count = 0;
    if (work && values) {
        for (size_t i = 0; i < items->count; i++) work[i] = 1;
        *correlation = (qf_rank_correlation){
            correlate(items, work, work + items->count, work + 2 * items->count), NAN, NAN};
        if (items->clusters >= QF_RANK_CLUSTERS) replicate(items, seed, work, values, &count);
    }
    if (count > 0) {
        qsort(values, count, sizeof *values, compare_doubles);
        correlation->low = values[(size_t)(0.025 * (double)(count - 1) + 0.5)];
        correlation->high = values[(size_t)(0.975 * (double)(count - 1) + 0.5)];
    }
    const qf_status status = work && values ? QF_OK : QF_MEMORY;
    free(work);
    free(values);
    return status;
}
