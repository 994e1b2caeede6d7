#include "data/rank_correlation.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <stdlib.h>

/* Items by stratum and value. */
typedef struct place {
    size_t stratum, item;
    double value;
} place;

typedef struct work {
    const qf_ranked_items *items;
    place *x, *y;                                     /* [count] each, sorted */
    double *weights, *x_ranks, *y_ranks, *replicates; /* of items: [count] */
    size_t *drawn;                                    /* [clusters] */
} work;

static int compare_places(const void *a, const void *b) {
    const place *p = a, *q = b;
    if (p->stratum != q->stratum) return p->stratum < q->stratum ? -1 : 1;
    return (p->value > q->value) - (p->value < q->value);
}

static int compare_doubles(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t cluster_of(const qf_ranked_items *items, size_t i) {
    return items->cluster ? items->cluster[i] : i;
}

static void sort_items(const qf_ranked_items *items, const double *values, place *places) {
    for (size_t i = 0; i < items->count; i++) {
        places[i] = (place){items->stratum ? items->stratum[i] : 0, i, values[i]};
    }
    qsort(places, items->count, sizeof *places, compare_places);
}

/* The place behind those of the same stratum, and of the same value if so asked. */
static size_t end_of(const place *places, size_t count, size_t from, int same_value) {
    size_t to = from;
    while (to < count && places[to].stratum == places[from].stratum &&
           !(same_value && places[to].value > places[from].value)) {
        to++;
    }
    return to;
}

static double sum_weights(const place *places, size_t from, size_t to, const double *weights) {
    double sum = 0;
    for (size_t i = from; i < to; i++) sum += weights[places[i].item];
    return sum;
}

/* Ranks, an item counting as often as its weight says, less the middle rank of the stratum. */
static void rank(const place *places, size_t count, const double *weights, double *ranks) {
    for (size_t from = 0, to; from < count; from = to) {
        to = end_of(places, count, from, 0);
        const double all = sum_weights(places, from, to, weights);
        double below = 0;
        for (size_t tie = from, next; tie < to; tie = next) {
            next = end_of(places, to, tie, 1);
            const double tied = sum_weights(places, tie, next, weights);
            for (size_t i = tie; i < next; i++) {
                ranks[places[i].item] = below + (tied - all) / 2;
            }
            below += tied;
        }
    }
}

static double correlate(const work *w) {
    const size_t count = w->items->count;
    double sum = 0, used = 0;
    rank(w->x, count, w->weights, w->x_ranks);
    rank(w->y, count, w->weights, w->y_ranks);
    for (size_t from = 0, to; from < count; from = to) {
        double products = 0, x_squares = 0, y_squares = 0;
        to = end_of(w->x, count, from, 0);
        for (size_t k = from; k < to; k++) {
            const size_t i = w->x[k].item;
            products += w->weights[i] * w->x_ranks[i] * w->y_ranks[i];
            x_squares += w->weights[i] * w->x_ranks[i] * w->x_ranks[i];
            y_squares += w->weights[i] * w->y_ranks[i] * w->y_ranks[i];
        }
        if (!(x_squares > 0 && y_squares > 0)) continue;
        const double weight = sum_weights(w->x, from, to, w->weights);
        sum += weight * products / sqrt(x_squares * y_squares);
        used += weight;
    }
    return used > 0 ? sum / used : NAN;
}

/* Those that are defined, sorted; returns their number. */
static size_t replicate(const work *w, uint64_t seed) {
    const qf_ranked_items *items = w->items;
    size_t count = 0;
    for (uint64_t r = 0; r < QF_RANK_REPLICATES; r++) {
        qf_random random = qf_random_stream(seed, "rank correlation", r);
        for (size_t c = 0; c < items->clusters; c++) w->drawn[c] = 0;
        for (size_t c = 0; c < items->clusters; c++) {
            w->drawn[qf_random_below(&random, items->clusters)]++;
        }
        for (size_t i = 0; i < items->count; i++) {
            w->weights[i] = (double)w->drawn[cluster_of(items, i)];
        }
        const double value = correlate(w);
        if (!isnan(value)) w->replicates[count++] = value;
    }
    qsort(w->replicates, count, sizeof *w->replicates, compare_doubles);
    return count;
}

static void find_correlation(const work *w, uint64_t seed, qf_rank_correlation *correlation) {
    const qf_ranked_items *items = w->items;
    sort_items(items, items->x, w->x);
    sort_items(items, items->y, w->y);
    for (size_t i = 0; i < items->count; i++) w->weights[i] = 1;
    *correlation = (qf_rank_correlation){correlate(w), NAN, NAN};
    const size_t count = items->clusters >= QF_RANK_CLUSTERS ? replicate(w, seed) : 0;
    if (count == 0) return;
    correlation->low = w->replicates[(size_t)(0.025 * (double)(count - 1) + 0.5)];
    correlation->high = w->replicates[(size_t)(0.975 * (double)(count - 1) + 0.5)];
}

qf_status qf_correlate_ranks(const qf_ranked_items *items, uint64_t seed,
                             qf_rank_correlation *correlation, qf_error *error) {
    const size_t count = items->count;
    place *places = qf_new_array(count, 2 * sizeof *places, error);
    double *numbers = qf_new_array(3 * count + QF_RANK_REPLICATES, sizeof *numbers, error);
    size_t *drawn = qf_new_array(items->clusters, sizeof *drawn, error);
    const qf_status status = places && numbers && drawn ? QF_OK : QF_MEMORY;
    if (status == QF_OK) {
        const work w = {.items = items,
                        .x = places,
                        .y = places + count,
                        .weights = numbers,
                        .x_ranks = numbers + count,
                        .y_ranks = numbers + 2 * count,
                        .replicates = numbers + 3 * count,
                        .drawn = drawn};
        find_correlation(&w, seed, correlation);
    }
    free(places);
    free(numbers);
    free(drawn);
    return status;
}
