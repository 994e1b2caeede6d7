#include "data/neighbours.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEAF = 16,        /* rows a leaf */
    STRIP = 8,        /* columns between two looks at the distances so far */
    BOX_COLUMNS = 24, /* columns of largest variance, by which leaves are made and compared */
};

/* ---- The tree: an order of the rows in which every LEAF consecutive ones are close together ----
 */

typedef struct forest {
    size_t rows, columns, leaves;
    size_t *order;  /* [leaves * LEAF], row numbers; the last leaf is filled up with its last row */
    double *values; /* [leaves][columns][LEAF] */
    double *low;    /* [leaves][BOX_COLUMNS or fewer], bounding boxes */
    double *high;
} forest;

static void forest_free(forest *f) {
    free(f->order);
    free(f->values);
    free(f->low);
    free(f->high);
    *f = (forest){0};
}

static size_t box_columns(size_t columns) {
    return columns < BOX_COLUMNS ? columns : BOX_COLUMNS;
}

/* The column of the widest spread among the rows, of the first few in `columns_order`. */
static size_t widest_column(const double *rows, size_t columns, const size_t *columns_order,
                            const size_t *order, size_t count) {
    size_t widest = 0;
    double spread = -1;
    for (size_t c = 0; c < box_columns(columns); c++) {
        const double *column = rows + columns_order[c];
        double low = INFINITY, high = -INFINITY;
        for (size_t i = 0; i < count; i++) {
            const double value = column[order[i] * columns];
            low = value < low ? value : low;
            high = value > high ? value : high;
        }
        if (high - low > spread) {
            spread = high - low;
            widest = columns_order[c];
        }
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
static void arrange(const double *rows, size_t columns, const size_t *columns_order, size_t *order,
                    size_t count) {
    if (count <= LEAF) return;
    const size_t leaves = (count + LEAF - 1) / LEAF;
    const size_t left = leaves / 2 * LEAF;
    const size_t column = widest_column(rows, columns, columns_order, order, count);
    select_smallest(rows + column, columns, order, count, left);
    arrange(rows, columns, columns_order, order, left);
    arrange(rows, columns, columns_order, order + left, count - left);
}

static void fill_leaf(forest *f, const double *rows, const size_t *columns_order, size_t leaf) {
    const size_t *order = f->order + leaf * LEAF;
    const size_t boxed = box_columns(f->columns);
    for (size_t c = 0; c < f->columns; c++) {
        double *lane = f->values + (leaf * f->columns + c) * LEAF;
        double low = INFINITY, high = -INFINITY;
        for (size_t r = 0; r < LEAF; r++) {
            lane[r] = rows[order[r] * f->columns + columns_order[c]];
            low = lane[r] < low ? lane[r] : low;
            high = lane[r] > high ? lane[r] : high;
        }
        if (c >= boxed) continue;
        f->low[leaf * boxed + c] = low;
        f->high[leaf * boxed + c] = high;
    }
}

static qf_status forest_build(forest *f, const double *rows, size_t count, size_t columns,
                              const size_t *columns_order, qf_error *error) {
    *f = (forest){.rows = count, .columns = columns, .leaves = (count + LEAF - 1) / LEAF};
    f->order = qf_new_array(f->leaves * LEAF, sizeof *f->order, error);
    f->values = qf_new_array(f->leaves * LEAF, columns * sizeof *f->values, error);
    f->low = qf_new_array(f->leaves, box_columns(columns) * sizeof *f->low, error);
    f->high = qf_new_array(f->leaves, box_columns(columns) * sizeof *f->high, error);
    if (!f->order || !f->values || !f->low || !f->high) return QF_MEMORY;
    for (size_t i = 0; i < count; i++) f->order[i] = i;
    arrange(rows, columns, columns_order, f->order, count);
    for (size_t i = count; i < f->leaves * LEAF; i++) f->order[i] = f->order[count - 1];
    for (size_t leaf = 0; leaf < f->leaves; leaf++) fill_leaf(f, rows, columns_order, leaf);
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

/* Sums the squared differences; false, with the sums incomplete, when all are beyond `limit`
 * already. The query's values lie LEAF apart. Compiled once for each SIMD level from the same
 * operations in the same order. */
static inline __attribute__((always_inline)) bool sum_differences(const double *leaf,
                                                                  const double *query,
                                                                  size_t columns, double limit,
                                                                  double distances[LEAF]) {
    double sum[LEAF] = {0};
    bool near = true;
    for (size_t c = 0; near && c < columns;) {
        const size_t stop = columns - c < STRIP ? columns : c + STRIP;
        for (; c < stop; c++) {
            for (size_t r = 0; r < LEAF; r++) {
                const double difference = leaf[c * LEAF + r] - query[c * LEAF];
                sum[r] += difference * difference;
            }
        }
        near = false;
        for (size_t r = 0; r < LEAF; r++) near |= sum[r] <= limit;
    }
    memcpy(distances, sum, sizeof sum);
    return near;
}

typedef bool distances_to_leaf(const double *leaf, const double *query, size_t columns,
                               double limit, double distances[LEAF]);

#define DEFINE_DISTANCES(name, attributes)                                                         \
    attributes static bool name(const double *leaf, const double *query, size_t columns,           \
                                double limit, double distances[LEAF]) {                            \
        return sum_differences(leaf, query, columns, limit, distances);                            \
    }
DEFINE_DISTANCES(distances_portable, )
#if defined(__x86_64__)
DEFINE_DISTANCES(distances_avx2, __attribute__((target("avx2"), optimize("O3"))))
DEFINE_DISTANCES(distances_avx512,
                 __attribute__((target("avx512f,avx512dq,avx512vl"), optimize("O3"))))
#endif

static distances_to_leaf *choose_distances(qf_simd simd) {
#if defined(__x86_64__)
    if (simd == QF_SIMD_AVX512) return distances_avx512;
    if (simd == QF_SIMD_AVX2) return distances_avx2;
#endif
    (void)simd;
    return distances_portable;
}

/* ---- The search ---- */

typedef struct search {
    forest base, queries;
    size_t k;
    bool exclude_self;
    distances_to_leaf *distances;
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

/* A lower bound of the squared distance of any two rows of two leaves, from their boxes in the
 * columns of largest variance; a little lower than computed, so that no rounding makes it exceed a
 * computed distance. */
static double box_distance(const forest *a, size_t i, const forest *b, size_t j) {
    const size_t columns = box_columns(a->columns);
    const double *low_a = a->low + i * columns, *high_a = a->high + i * columns;
    const double *low_b = b->low + j * columns, *high_b = b->high + j * columns;
    double sum = 0;
    for (size_t c = 0; c < columns; c++) {
        const double above = low_b[c] - high_a[c], below = low_a[c] - high_b[c];
        double gap = above > below ? above : below;
        gap = gap > 0 ? gap : 0;
        sum += gap * gap;
    }
    return sum * (1 - 1e-12);
}

/* Offers the rows of a base leaf to query `lane` of a query leaf. */
static void visit(const search *s, size_t query_leaf, size_t lane, size_t leaf,
                  qf_neighbour *heap) {
    const size_t columns = s->base.columns;
    const double *values = s->base.values + leaf * columns * LEAF;
    const double *query = s->queries.values + query_leaf * columns * LEAF + lane;
    double distances[LEAF];
    if (!s->distances(values, query, columns, heap[0].distance, distances)) return;
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
    search s = {.k = k,
                .exclude_self = exclude_self,
                .distances = choose_distances(run->simd),
                .result = result};
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
