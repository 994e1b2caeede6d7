#include "data/neighbours.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAF = 16, STRIP = 8 }; /* rows a leaf; columns between two looks at the distances so far */

/* ---- The tree: an order of the rows in which every LEAF consecutive ones are close together ----
 */

typedef struct forest {
    size_t rows, columns, leaves;
    size_t *order;  /* [leaves * LEAF], row numbers; the last leaf is filled up with its last row */
    double *values; /* [leaves][columns][LEAF] */
    double *low;    /* [leaves][columns], bounding boxes */
    double *high;
} forest;

static void forest_free(forest *f) {
    free(f->order);
    free(f->values);
    free(f->low);
    free(f->high);
    *f = (forest){0};
}

/* The column of the widest spread among the rows. */
static size_t widest_column(const double *rows, size_t columns, const size_t *order, size_t count,
                            double *low, double *high) {
    memcpy(low, rows + order[0] * columns, columns * sizeof *low);
    memcpy(high, rows + order[0] * columns, columns * sizeof *high);
    for (size_t i = 1; i < count; i++) {
        const double *row = rows + order[i] * columns;
        for (size_t c = 0; c < columns; c++) {
            low[c] = row[c] < low[c] ? row[c] : low[c];
            high[c] = row[c] > high[c] ? row[c] : high[c];
        }
    }
    size_t widest = 0;
    for (size_t c = 1; c < columns; c++) {
        if (high[c] - low[c] > high[widest] - low[widest]) widest = c;
    }
    return widest;
}

/* By a column's value, ties by row number: the order depends on nothing else. */
static bool precedes(const double *column, size_t stride, size_t a, size_t b) {
    const double x = column[a * stride], y = column[b * stride];
    return x < y || (x == y && a < b);
}

/* Puts the `left` rows that come first by a column first (quickselect: Hoare 1961, in Wirth's
 * form). */
static void select_smallest(const double *column, size_t stride, size_t *order, size_t count,
                            size_t left) {
    ptrdiff_t first = 0, last = (ptrdiff_t)count - 1;
    const ptrdiff_t place = (ptrdiff_t)left;
    while (first < last) {
        const size_t pivot = order[place];
        ptrdiff_t i = first, j = last;
        while (i <= j) {
            while (precedes(column, stride, order[i], pivot)) i++;
            while (precedes(column, stride, pivot, order[j])) j--;
            if (i > j) break;
            const size_t swap = order[i];
            order[i++] = order[j];
            order[j--] = swap;
        }
        if (j < place) first = i;
        if (place < i) last = j;
    }
}

/* Splits into halves of whole leaves until one leaf is left. Depth is log2 of the leaves. */
static void arrange(const double *rows, size_t columns, size_t *order, size_t count, double *low,
                    double *high) {
    if (count <= LEAF) return;
    const size_t leaves = (count + LEAF - 1) / LEAF;
    const size_t left = leaves / 2 * LEAF;
    const size_t column = widest_column(rows, columns, order, count, low, high);
    select_smallest(rows + column, columns, order, count, left);
    arrange(rows, columns, order, left, low, high);
    arrange(rows, columns, order + left, count - left, low, high);
}

static void fill_leaf(forest *f, const double *rows, const size_t *columns_order, size_t leaf) {
    const size_t *order = f->order + leaf * LEAF;
    for (size_t c = 0; c < f->columns; c++) {
        double *lane = f->values + (leaf * f->columns + c) * LEAF;
        double low = INFINITY, high = -INFINITY;
        for (size_t r = 0; r < LEAF; r++) {
            lane[r] = rows[order[r] * f->columns + columns_order[c]];
            low = lane[r] < low ? lane[r] : low;
            high = lane[r] > high ? lane[r] : high;
        }
        f->low[leaf * f->columns + c] = low;
        f->high[leaf * f->columns + c] = high;
    }
}

static qf_status forest_build(forest *f, const double *rows, size_t count, size_t columns,
                              const size_t *columns_order, qf_error *error) {
    *f = (forest){.rows = count, .columns = columns, .leaves = (count + LEAF - 1) / LEAF};
    f->order = qf_new_array(f->leaves * LEAF, sizeof *f->order, error);
    f->values = qf_new_array(f->leaves * LEAF, columns * sizeof *f->values, error);
    f->low = qf_new_array(f->leaves, columns * sizeof *f->low, error);
    f->high = qf_new_array(f->leaves, columns * sizeof *f->high, error);
    double *scratch = qf_new_array(2 * columns, sizeof *scratch, error);
    if (!f->order || !f->values || !f->low || !f->high || !scratch) {
        free(scratch);
        return QF_MEMORY;
    }
    for (size_t i = 0; i < count; i++) f->order[i] = i;
    arrange(rows, columns, f->order, count, scratch, scratch + columns);
    for (size_t i = count; i < f->leaves * LEAF; i++) f->order[i] = f->order[count - 1];
    for (size_t leaf = 0; leaf < f->leaves; leaf++) fill_leaf(f, rows, columns_order, leaf);
    free(scratch);
    return QF_OK;
}

/* ---- The nearest so far of one query: a binary heap, the farthest on top ---- */

static bool farther(qf_neighbour a, qf_neighbour b) {
    return a.distance > b.distance || (a.distance == b.distance && a.row > b.row);
}

static void sink(qf_neighbour *heap, size_t count, size_t at) {
    const qf_neighbour item = heap[at];
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && farther(heap[child + 1], heap[child])) child++;
        if (!farther(heap[child], item)) break;
        heap[at] = heap[child];
    }
    heap[at] = item;
}

static void sort_heap(qf_neighbour *heap, size_t count) {
    for (size_t left = count; left > 1; left--) {
        const qf_neighbour top = heap[0];
        heap[0] = heap[left - 1];
        sink(heap, left - 1, 0);
        heap[left - 1] = top;
    }
}

/* ---- Distances of one query to the rows of a leaf ---- */

/* Adds the squared differences of STRIP columns (or fewer) and returns the smallest distance so
 * far. */
#define DEFINE_ADD_STRIP(name, attributes)                                                         \
    attributes static double name(const double *leaf, const double *query, size_t columns,         \
                                  double distances[LEAF]) {                                        \
        for (size_t c = 0; c < columns; c++) {                                                     \
            for (size_t r = 0; r < LEAF; r++) {                                                    \
                const double difference = leaf[c * LEAF + r] - query[c * LEAF];                    \
                distances[r] += difference * difference;                                           \
            }                                                                                      \
        }                                                                                          \
        double least[4] = {distances[0], distances[1], distances[2], distances[3]};                \
        for (size_t r = 4; r < LEAF; r++) {                                                        \
            least[r % 4] = distances[r] < least[r % 4] ? distances[r] : least[r % 4];              \
        }                                                                                          \
        const double a = least[0] < least[1] ? least[0] : least[1];                                \
        const double b = least[2] < least[3] ? least[2] : least[3];                                \
        return a < b ? a : b;                                                                      \
    }

typedef double add_strip(const double *leaf, const double *query, size_t columns,
                         double distances[LEAF]);
DEFINE_ADD_STRIP(add_strip_portable, )
#if defined(__x86_64__)
DEFINE_ADD_STRIP(add_strip_avx2, __attribute__((target("avx2"), optimize("O3"))))
DEFINE_ADD_STRIP(add_strip_avx512,
                 __attribute__((target("avx512f,avx512dq,avx512vl"), optimize("O3"))))
#endif

static add_strip *choose_add_strip(qf_simd simd) {
#if defined(__x86_64__)
    if (simd == QF_SIMD_AVX512) return add_strip_avx512;
    if (simd == QF_SIMD_AVX2) return add_strip_avx2;
#endif
    (void)simd;
    return add_strip_portable;
}

/* ---- The search ---- */

typedef struct search {
    forest base, queries;
    size_t k;
    bool exclude_self;
    add_strip *add;
    qf_neighbour *result;
} search;

typedef struct ordered_leaf {
    double bound; /* no pair of rows of the two leaves is nearer */
    size_t leaf;
} ordered_leaf;

static int by_bound(const void *a, const void *b) {
    const ordered_leaf *x = a, *y = b;
    if (x->bound != y->bound) return x->bound < y->bound ? -1 : 1;
    return (x->leaf > y->leaf) - (x->leaf < y->leaf);
}

/* The squared distance of two boxes. Rounding is monotone and the terms are added in the order of a
 * distance's, so that the bound of two boxes never exceeds the computed distance of two rows inside
 * them. */
static double box_distance(const forest *a, size_t i, const forest *b, size_t j) {
    const double *low_a = a->low + i * a->columns, *high_a = a->high + i * a->columns;
    const double *low_b = b->low + j * b->columns, *high_b = b->high + j * b->columns;
    double sum = 0;
    for (size_t c = 0; c < a->columns; c++) {
        const double above = low_b[c] - high_a[c], below = low_a[c] - high_b[c];
        const double gap = above > below ? above : below;
        if (gap > 0) sum += gap * gap;
    }
    return sum;
}

/* Offers the rows of a base leaf to query `lane` of a query leaf. */
static void visit(const search *s, size_t query_leaf, size_t lane, size_t leaf,
                  qf_neighbour *heap) {
    const size_t columns = s->base.columns;
    const double *values = s->base.values + leaf * columns * LEAF;
    const double *query = s->queries.values + query_leaf * columns * LEAF + lane;
    double distances[LEAF] = {0};
    for (size_t c = 0; c < columns; c += STRIP) {
        const size_t strip = columns - c < STRIP ? columns - c : STRIP;
        if (s->add(values + c * LEAF, query + c * LEAF, strip, distances) > heap[0].distance)
            return;
    }
    const size_t self = s->queries.order[query_leaf * LEAF + lane];
    const size_t rows = s->base.rows - leaf * LEAF < LEAF ? s->base.rows - leaf * LEAF : LEAF;
    for (size_t r = 0; r < rows; r++) {
        const qf_neighbour found = {distances[r], s->base.order[leaf * LEAF + r]};
        if ((s->exclude_self && found.row == self) || !farther(heap[0], found)) continue;
        heap[0] = found;
        sink(heap, s->k, 0);
    }
}

static qf_status search_leaf(void *context, size_t query_leaf, qf_error *error) {
    const search *s = context;
    ordered_leaf *order = qf_new_array(s->base.leaves, sizeof *order, error);
    if (!order) return QF_MEMORY;
    for (size_t leaf = 0; leaf < s->base.leaves; leaf++) {
        order[leaf] = (ordered_leaf){box_distance(&s->queries, query_leaf, &s->base, leaf), leaf};
    }
    qsort(order, s->base.leaves, sizeof *order, by_bound);
    const size_t first = query_leaf * LEAF;
    const size_t rows = s->queries.rows - first < LEAF ? s->queries.rows - first : LEAF;
    for (size_t lane = 0; lane < rows; lane++) {
        qf_neighbour *heap = s->result + s->queries.order[first + lane] * s->k;
        for (size_t i = 0; i < s->k; i++) heap[i] = (qf_neighbour){INFINITY, (size_t)-1};
        for (size_t i = 0; i < s->base.leaves && order[i].bound <= heap[0].distance; i++) {
            visit(s, query_leaf, lane, order[i].leaf, heap);
        }
        sort_heap(heap, s->k);
    }
    free(order);
    return QF_OK;
}

typedef struct spread {
    double variance;
    size_t column;
} spread;

static int by_variance(const void *a, const void *b) {
    const spread *x = a, *y = b;
    if (x->variance != y->variance) return x->variance > y->variance ? -1 : 1;
    return (x->column > y->column) - (x->column < y->column);
}

/* The columns in order of falling variance of the base. */
static qf_status order_columns(const double *base, size_t count, size_t columns, size_t *order,
                               qf_error *error) {
    spread *spreads = qf_new_array(columns, sizeof *spreads, error);
    double *mean = qf_new_array(columns, sizeof *mean, error);
    if (spreads && mean) {
        for (size_t r = 0; r < count; r++) {
            for (size_t c = 0; c < columns; c++) mean[c] += base[r * columns + c] / (double)count;
        }
        for (size_t r = 0; r < count; r++) {
            for (size_t c = 0; c < columns; c++) {
                const double difference = base[r * columns + c] - mean[c];
                spreads[c].variance += difference * difference;
            }
        }
        for (size_t c = 0; c < columns; c++) spreads[c].column = c;
        qsort(spreads, columns, sizeof *spreads, by_variance);
        for (size_t c = 0; c < columns; c++) order[c] = spreads[c].column;
    }
    const bool complete = spreads && mean;
    free(spreads);
    free(mean);
    return complete ? QF_OK : QF_MEMORY;
}

qf_status qf_neighbours_find(const double *base, size_t base_count, const double *queries,
                             size_t query_count, size_t columns, size_t k, bool exclude_self,
                             const qf_run *run, qf_neighbour *result, qf_error *error) {
    if (k == 0 || base_count < k + exclude_self) {
        return qf_fail(error, QF_DATA, "%zu neighbours are asked for, there are %zu rows", k,
                       base_count);
    }
    search s = {
        .k = k, .exclude_self = exclude_self, .add = choose_add_strip(run->simd), .result = result};
    size_t *order = qf_new_array(columns, sizeof *order, error);
    if (!order) return QF_MEMORY;
    qf_status status = order_columns(base, base_count, columns, order, error);
    if (status == QF_OK) status = forest_build(&s.base, base, base_count, columns, order, error);
    if (status == QF_OK) {
        status = forest_build(&s.queries, queries, query_count, columns, order, error);
    }
    if (status == QF_OK) {
        status = qf_parallel_progress(run, "neighbours", s.queries.leaves, search_leaf, &s, error);
    }
    forest_free(&s.base);
    forest_free(&s.queries);
    free(order);
    return status;
}
