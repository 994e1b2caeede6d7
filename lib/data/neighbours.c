#include "data/neighbours.h"

#include "base/memory.h"
#include "data/directions.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Rows are projected onto a few directions along which they differ most. Distances of these
 * shadows, even with the lengths of what is left of each row as one coordinate more, never exceed
 * those of the rows:
 *
 *     |x - y|^2 = |Vx - Vy|^2 + |x' - y'|^2 >= |Vx - Vy|^2 + (|x'| - |y'|)^2
 *
 * so that single precision, a tree of small leaves and wide registers rule out almost all pairs,
 * and only the rest is computed in full. What is ruled out and how fast depends on the machine;
 * the result does not.
 *
 * Coordinates come in strips: some directions, then the length of what is left after them. */
enum {
    LEAF = 16,        /* rows a leaf: as many floats as the widest register holds */
    STRIP = 8,        /* coordinates a strip */
    TAIL = STRIP - 1, /* the place in a strip of the length of what is left */
    STRIPS = 8,
    COORDINATES = STRIPS * STRIP,
    MOST_DIRECTIONS = STRIPS * TAIL,
    MOST_NEAREST = 64,
    LEAF_MASK = (1 << LEAF) - 1,
    LANES = 16, /* partial sums of a distance in full, whatever the machine */
};

/* A relative margin for sums of COORDINATES squares in single precision, twice their error. */
static const double margin = 1 + 1e-5;

/* ---- The tree: an order of the rows in which every LEAF consecutive ones are close together ----
 */

typedef struct tree {
    const qf_points *points; /* the caller's */
    size_t count, leaves, strips;
    size_t *order;  /* [leaves * LEAF], row numbers; the last leaf is filled up with its last row */
    float *shadows; /* [count][COORDINATES], in the order of the rows, while the tree is built */
    float *values;  /* [leaves][COORDINATES][LEAF], in the order of the leaves, by cache lines */
    float *memory;  /* in which these lie */
    float *low;     /* [COORDINATES][leaves], bounding boxes */
    float *high;
    double *errors;     /* [count], of a shadow's place */
    float *leaf_errors; /* [leaves], the greatest */
} tree;

static void tree_free(tree *t) {
    free(t->order);
    free(t->shadows);
    free(t->memory);
    free(t->low);
    free(t->high);
    free(t->errors);
    free(t->leaf_errors);
    *t = (tree){0};
}

static qf_status tree_new(tree *t, const qf_points *points, qf_error *error) {
    const size_t count = points->count;
    const size_t leaves = (count + LEAF - 1) / LEAF;
    *t = (tree){.points = points, .count = count, .leaves = leaves};
    t->order = qf_new_array(leaves * LEAF, sizeof *t->order, error);
    t->shadows = qf_new_array(count, COORDINATES * sizeof *t->shadows, error);
    t->memory = qf_new_array((leaves + 1) * LEAF, COORDINATES * sizeof *t->values, error);
    t->low = qf_new_array(leaves, COORDINATES * sizeof *t->low, error);
    t->high = qf_new_array(leaves, COORDINATES * sizeof *t->high, error);
    t->errors = qf_new_array(count, sizeof *t->errors, error);
    t->leaf_errors = qf_new_array(leaves, sizeof *t->leaf_errors, error);
    const bool complete =
        t->order && t->shadows && t->memory && t->low && t->high && t->errors && t->leaf_errors;
    if (!complete) return QF_MEMORY;
    const size_t line = LEAF * sizeof *t->values;
    t->values = t->memory + (line - (uintptr_t)t->memory % line) / sizeof *t->values;
    return QF_OK;
}

/* The coordinate of the widest spread among the rows. */
static size_t widest_coordinate(const float *shadows, const size_t *order, size_t count) {
    float low[COORDINATES], high[COORDINATES];
    memcpy(low, shadows + order[0] * COORDINATES, sizeof low);
    memcpy(high, low, sizeof high);
    for (size_t i = 1; i < count; i++) {
        const float *shadow = shadows + order[i] * COORDINATES;
        for (size_t c = 0; c < COORDINATES; c++) {
            low[c] = shadow[c] < low[c] ? shadow[c] : low[c];
            high[c] = shadow[c] > high[c] ? shadow[c] : high[c];
        }
    }
    size_t widest = 0;
    for (size_t c = 1; c < COORDINATES; c++) {
        if (high[c] - low[c] > high[widest] - low[widest]) widest = c;
    }
    return widest;
}

/* By a column's value, ties by row number: the order depends on nothing else. */
static bool precedes(const float *column, size_t stride, size_t a, size_t b) {
    const float x = column[a * stride], y = column[b * stride];
    return x < y || (x == y && a < b);
}

/* Puts the `left` rows that come first by a column first (quickselect: Hoare 1961, in Wirth's
 * form). */
static void select_smallest(const float *column, size_t stride, size_t *order, size_t count,
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
static void arrange(const float *shadows, size_t *order, size_t count) {
    if (count <= LEAF) return;
    const size_t left = (count + LEAF - 1) / LEAF / 2 * LEAF;
    const size_t column = widest_coordinate(shadows, order, count);
    select_smallest(shadows + column, COORDINATES, order, count, left);
    arrange(shadows, order, left);
    arrange(shadows, order + left, count - left);
}

static void fill_leaf(tree *t, size_t leaf) {
    const size_t *order = t->order + leaf * LEAF;
    for (size_t c = 0; c < COORDINATES; c++) {
        float *lane = t->values + (leaf * COORDINATES + c) * LEAF;
        float low = INFINITY, high = -INFINITY;
        for (size_t r = 0; r < LEAF; r++) {
            lane[r] = t->shadows[order[r] * COORDINATES + c];
            low = lane[r] < low ? lane[r] : low;
            high = lane[r] > high ? lane[r] : high;
        }
        t->low[c * t->leaves + leaf] = low;
        t->high[c * t->leaves + leaf] = high;
    }
    double greatest = 0;
    for (size_t r = 0; r < LEAF; r++) {
        greatest = t->errors[order[r]] > greatest ? t->errors[order[r]] : greatest;
    }
    t->leaf_errors[leaf] = (float)(greatest * margin);
}

static void tree_arrange(tree *t) {
    for (size_t i = 0; i < t->count; i++) t->order[i] = i;
    arrange(t->shadows, t->order, t->count);
    for (size_t i = t->count; i < t->leaves * LEAF; i++) t->order[i] = t->order[t->count - 1];
    for (size_t leaf = 0; leaf < t->leaves; leaf++) fill_leaf(t, leaf);
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

/* ---- Kernels, compiled once for each SIMD level ---- */

/* A leaf of the queries against a leaf of the base. */
typedef struct tile {
    size_t strips;
    const float *queries, *base; /* [COORDINATES][LEAF] */
    float reach[LEAF];  /* by query: how far from its place shadows are of interest, or -1 */
    float limits[LEAF]; /* by query: the square, for this leaf of the base */
    _Alignas(LEAF * sizeof(float)) float sums[LEAF][LEAF]; /* by query and row */
    unsigned active[LEAF]; /* queries of interest: first as given, then with a row near */
    size_t active_count;
    unsigned near[LEAF]; /* by query: the rows within its limit, a bit each */
} tile;

/* Goes through the strips as long as a query has a row within its limit. Queries that have none are
 * struck off without a branch; the squared distances of rows that are not near may be incomplete.
 */
typedef void look(tile *t);

static void look_portable(tile *t) {
    memset(t->sums, 0, sizeof t->sums);
    for (size_t c = 0; c < t->strips * STRIP && t->active_count; c += STRIP) {
        size_t left = 0;
        for (size_t i = 0; i < t->active_count; i++) {
            const unsigned q = t->active[i];
            const float *tails = t->base + (c + TAIL) * LEAF,
                        tail = t->queries[(c + TAIL) * LEAF + q];
            unsigned near = 0;
            for (size_t r = 0; r < LEAF; r++) {
                float sum = t->sums[q][r];
                for (size_t k = c; k < c + TAIL; k++) {
                    const float difference = t->base[k * LEAF + r] - t->queries[k * LEAF + q];
                    sum += difference * difference;
                }
                t->sums[q][r] = sum;
                sum += (tails[r] - tail) * (tails[r] - tail);
                near |= (unsigned)(sum <= t->limits[q]) << r;
            }
            t->near[q] = near;
            t->active[left] = q;
            left += near != 0;
        }
        t->active_count = left;
    }
}

#if defined(__x86_64__)
#define AVX2 target("avx2,fma")
#define AVX512 target("avx512f,avx512dq,avx512vl,avx512bw,fma")

__attribute__((AVX2)) static inline __m256 add_square(__m256 sum, const float *base, __m256 query) {
    const __m256 difference = _mm256_sub_ps(_mm256_load_ps(base), query);
    return _mm256_fmadd_ps(difference, difference, sum);
}

__attribute__((AVX2)) static void look_avx2(tile *t) {
    if (t->strips == 0) memset(t->sums, 0, sizeof t->sums);
    for (size_t c = 0; c < t->strips * STRIP && t->active_count; c += STRIP) {
        const float *base = t->base + c * LEAF, *queries = t->queries + c * LEAF;
        size_t left = 0;
        for (size_t i = 0; i < t->active_count; i++) {
            const unsigned q = t->active[i];
            const __m256 limit = _mm256_set1_ps(t->limits[q]);
            __m256 low = c ? _mm256_load_ps(t->sums[q]) : _mm256_setzero_ps();
            __m256 high = c ? _mm256_load_ps(t->sums[q] + 8) : _mm256_setzero_ps();
            for (size_t k = 0; k < TAIL; k++) {
                const __m256 value = _mm256_set1_ps(queries[k * LEAF + q]);
                low = add_square(low, base + k * LEAF, value);
                high = add_square(high, base + k * LEAF + 8, value);
            }
            _mm256_store_ps(t->sums[q], low);
            _mm256_store_ps(t->sums[q] + 8, high);
            const __m256 tail = _mm256_set1_ps(queries[TAIL * LEAF + q]);
            low = add_square(low, base + TAIL * LEAF, tail);
            high = add_square(high, base + TAIL * LEAF + 8, tail);
            t->near[q] = (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(low, limit, _CMP_LE_OQ)) |
                         (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(high, limit, _CMP_LE_OQ)) << 8;
            t->active[left] = q;
            left += t->near[q] != 0;
        }
        t->active_count = left;
    }
}

__attribute__((AVX512)) static inline __m512 square_of(__m512 base, float query) {
    const __m512 difference = _mm512_sub_ps(base, _mm512_set1_ps(query));
    return _mm512_mul_ps(difference, difference);
}

__attribute__((AVX512)) static inline __m512 add_square_512(__m512 sum, __m512 base, float query) {
    const __m512 difference = _mm512_sub_ps(base, _mm512_set1_ps(query));
    return _mm512_fmadd_ps(difference, difference, sum);
}

__attribute__((AVX512)) static void look_avx512(tile *t) {
    if (t->strips == 0) memset(t->sums, 0, sizeof t->sums);
    for (size_t c = 0; c < t->strips * STRIP && t->active_count; c += STRIP) {
        const float *queries = t->queries + c * LEAF;
        __m512 base[STRIP]; /* stays in registers for all queries */
        for (size_t k = 0; k < STRIP; k++) base[k] = _mm512_load_ps(t->base + (c + k) * LEAF);
        size_t left = 0;
        for (size_t i = 0; i < t->active_count; i++) {
            const unsigned q = t->active[i];
            const float *query = queries + q;
            __m512 even = c ? _mm512_load_ps(t->sums[q]) : _mm512_setzero_ps();
            __m512 odd = square_of(base[1], query[LEAF]);
            even = add_square_512(even, base[0], query[0]);
            even = add_square_512(even, base[2], query[2 * LEAF]);
            odd = add_square_512(odd, base[3], query[3 * LEAF]);
            even = add_square_512(even, base[4], query[4 * LEAF]);
            odd = add_square_512(odd, base[5], query[5 * LEAF]);
            even = add_square_512(even, base[6], query[6 * LEAF]);
            const __m512 sum = _mm512_add_ps(even, odd);
            _mm512_store_ps(t->sums[q], sum);
            const __m512 limited = add_square_512(sum, base[TAIL], query[TAIL * LEAF]);
            t->near[q] = _mm512_cmp_ps_mask(limited, _mm512_set1_ps(t->limits[q]), _CMP_LE_OQ);
            t->active[left] = q;
            left += t->near[q] != 0;
        }
        t->active_count = left;
    }
}
#endif

/* Squared distances of the shadows' boxes: of leaf `at` of the queries to every leaf of the base;
 * `sums` is scratch. */
static inline __attribute__((always_inline)) void compare(const tree *queries, size_t at,
                                                          const tree *base, float *restrict bounds,
                                                          float *restrict sums) {
    const size_t leaves = base->leaves;
    memset(bounds, 0, leaves * sizeof *bounds);
    memset(sums, 0, leaves * sizeof *sums);
    for (size_t c = 0; c < queries->strips * STRIP; c++) {
        const float low = queries->low[c * queries->leaves + at];
        const float high = queries->high[c * queries->leaves + at];
        const float *lows = base->low + c * leaves, *highs = base->high + c * leaves;
        const float stays = c % STRIP == TAIL ? 0 : 1; /* a tail counts for its strip only */
        for (size_t leaf = 0; leaf < leaves; leaf++) {
            const float above = lows[leaf] - high, below = low - highs[leaf];
            const float apart = above > below ? above : below;
            const float gap =
                (apart + fabsf(apart)) / 2; /* 0 where they overlap, without a branch */
            const float square = gap * gap, bound = sums[leaf] + square;
            bounds[leaf] = bounds[leaf] > bound ? bounds[leaf] : bound;
            sums[leaf] += stays * square;
        }
    }
}

/* The squared distance in full, from the same operations in the same order at every level. */
static inline __attribute__((always_inline)) double measure(const double *x, const double *y,
                                                            size_t columns) {
    double sum[LANES] = {0};
    size_t c = 0;
    for (; c + LANES <= columns; c += LANES) {
        for (size_t i = 0; i < LANES; i++) {
            const double difference = x[c + i] - y[c + i];
            sum[i] += difference * difference;
        }
    }
    for (size_t i = 0; c + i < columns; i++) {
        const double difference = x[c + i] - y[c + i];
        sum[i] += difference * difference;
    }
    for (size_t half = LANES / 2; half; half /= 2) {
        for (size_t i = 0; i < half; i++) sum[i] += sum[i + half];
    }
    return sum[0];
}

typedef struct kernels {
    look *look;
    void (*compare)(const tree *queries, size_t at, const tree *base, float *bounds, float *sums);
    double (*measure)(const double *x, const double *y, size_t columns);
} kernels;

#define DEFINE_KERNELS(level, attributes)                                                          \
    attributes static void compare_##level(const tree *queries, size_t at, const tree *base,       \
                                           float *bounds, float *sums) {                           \
        compare(queries, at, base, bounds, sums);                                                  \
    }                                                                                              \
    attributes static double measure_##level(const double *x, const double *y, size_t columns) {   \
        return measure(x, y, columns);                                                             \
    }                                                                                              \
    static const kernels kernels_##level = {look_##level, compare_##level, measure_##level};
DEFINE_KERNELS(portable, )
#if defined(__x86_64__)
DEFINE_KERNELS(avx2, __attribute__((AVX2, optimize("O3"))))
DEFINE_KERNELS(avx512, __attribute__((AVX512, optimize("O3"))))
#endif

/* ---- Shadows ---- */

typedef struct projection {
    tree *tree;
    const qf_directions *directions;
    double unit; /* a power of two: shadows are the rows' times this */
    qf_simd simd;
} projection;

enum { ROWS_AT_ONCE = 256 };

/* A query may lie far beyond the base, where its shadow means nothing or is not finite: it gets
 * none, and an error that lets it be compared with all rows in full. */
static const double too_far = 1e30;

/* The rest's length is a root of a difference, whose error is at most that of the sums of squares;
 * its root stands for all errors, being far larger than those of single precision. */
static qf_status project_rows(void *context, size_t index, qf_error *error) {
    (void)error;
    const projection *p = context;
    tree *t = p->tree;
    const qf_directions *directions = p->directions;
    const size_t columns = directions->columns, first = index * ROWS_AT_ONCE;
    const size_t last = first + ROWS_AT_ONCE < t->count ? first + ROWS_AT_ONCE : t->count;
    const double uncertain = sqrt(8 * (double)(columns + COORDINATES) * 0x1p-52);
    for (size_t r = first; r < last; r++) {
        double place[QF_DIRECTIONS], left;
        qf_directions_project(directions, qf_point(t->points, r), p->simd, place, &left);
        float *shadow = t->shadows + r * COORDINATES;
        if (!(left * p->unit * p->unit <= too_far)) {
            t->errors[r] = INFINITY;
            continue;
        }
        t->errors[r] = uncertain * sqrt(left) * p->unit + 1e-15;
        for (size_t strip = 0; strip < t->strips; strip++, shadow += STRIP) {
            for (size_t k = 0; k < TAIL; k++) {
                const double value = place[strip * TAIL + k];
                left -= value * value;
                shadow[k] = (float)(value * p->unit);
            }
            shadow[TAIL] = left > 0 ? (float)(sqrt(left) * p->unit) : 0;
        }
    }
    return QF_OK;
}

static double largest(const qf_points *points) {
    double found = 0;
    for (size_t i = 0; i < points->count; i++) {
        const double *row = qf_point(points, i);
        for (size_t c = 0; c < points->columns; c++) {
            const double size = fabs(row[c]);
            found = size > found ? size : found;
        }
    }
    return found;
}

/* Brings values near 1, so that shadows neither overflow nor vanish. 0 where fourth powers, as of
 * the directions' search, might: then all shadows lie in one place, and every pair is computed in
 * full. */
static double choose_unit(double size) {
    return size > 1e-50 && size < 1e50 ? exp2(-ceil(log2(size))) : 0;
}

static qf_status tree_build(tree *t, const qf_directions *directions, double unit,
                            const qf_run *run, qf_error *error) {
    if (unit > 0) {
        t->strips = (directions->count + TAIL - 1) / TAIL;
        projection p = {t, directions, unit, run->simd};
        const size_t tasks = (t->count + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE;
        QF_TRY(qf_parallel(run, tasks, project_rows, &p, error));
    }
    tree_arrange(t);
    free(t->shadows);
    t->shadows = NULL;
    return QF_OK;
}

/* ---- The search ---- */

struct qf_neighbours {
    qf_points points;
    tree tree;
    qf_directions directions;
    double unit;
};

typedef struct search {
    const tree *base, *queries; /* the same where each point of the base is asked for */
    size_t k;
    double unit;
    bool exclude_self;
    const kernels *kernels;
    qf_neighbour *result;
} search;

typedef struct query {
    size_t row;
    qf_neighbour *heap;
} query;

static void update_reach(const search *s, tile *t, const query *q, size_t lane) {
    const double reach = sqrt(q->heap[0].distance) * s->unit + s->queries->errors[q->row];
    t->reach[lane] = isnan(reach) ? INFINITY : (float)(reach * margin); /* 0 times infinity */
}

static float limit_of(float reach, float leaf_error) {
    return (reach + leaf_error) * (reach + leaf_error) * (float)margin;
}

/* Offers a row of the base to a query. */
static void offer(const search *s, tile *t, const query *q, size_t lane, size_t row) {
    const double *x = qf_point(s->queries->points, q->row), *y = qf_point(s->base->points, row);
    const qf_neighbour found = {s->kernels->measure(x, y, s->base->points->columns), row};
    if (!farther(q->heap[0], found)) return;
    q->heap[0] = found;
    sink(q->heap, s->k, 0);
    update_reach(s, t, q, lane);
}

/* Offers the near rows of a leaf, in order of their shadows' distance: after the first few the
 * limit is so low that none of the rest is of interest. */
static void offer_near(const search *s, tile *t, const query *q, size_t lane, size_t leaf) {
    const float leaf_error = s->base->leaf_errors[leaf];
    for (unsigned near = t->near[lane]; near;) {
        unsigned nearest = (unsigned)__builtin_ctz(near);
        for (unsigned rest = near & (near - 1); rest; rest &= rest - 1) {
            const unsigned r = (unsigned)__builtin_ctz(rest);
            if (t->sums[lane][r] < t->sums[lane][nearest]) nearest = r;
        }
        near &= ~(1U << nearest);
        if (t->sums[lane][nearest] > limit_of(t->reach[lane], leaf_error)) return;
        const size_t place = leaf * LEAF + nearest;
        if (place >= s->base->count) continue;
        const size_t row = s->base->order[place];
        if (!s->exclude_self || row != q->row) offer(s, t, q, lane, row);
    }
}

static void visit(const search *s, const query *queries, tile *t, size_t leaf, float bound) {
    const float leaf_error = s->base->leaf_errors[leaf];
    t->base = s->base->values + leaf * COORDINATES * LEAF;
    t->active_count = 0;
    for (unsigned lane = 0; lane < LEAF; lane++) {
        t->limits[lane] = limit_of(t->reach[lane], leaf_error);
        t->near[lane] = LEAF_MASK;
        t->active[t->active_count] = lane;
        t->active_count += t->reach[lane] >= 0 && bound <= t->limits[lane];
    }
    if (t->active_count == 0) return;
    s->kernels->look(t);
    for (size_t i = 0; i < t->active_count; i++) {
        offer_near(s, t, &queries[t->active[i]], t->active[i], leaf);
    }
}

static float farthest_reach(const tile *t) {
    float farthest = 0;
    for (size_t lane = 0; lane < LEAF; lane++) {
        farthest = t->reach[lane] > farthest ? t->reach[lane] : farthest;
    }
    return farthest;
}

/* How many leaves are visited first, for a good guess of the k-th distance. */
static size_t nearest_count(size_t leaves) {
    const size_t count = 8 + leaves / 16, most = count < MOST_NEAREST ? count : MOST_NEAREST;
    return most < leaves ? most : leaves;
}

/* Visits the leaves of the least bounds, nearest first; their bounds become -1. */
static void visit_nearest(const search *s, const query *queries, tile *t, float *bounds) {
    qf_neighbour nearest[MOST_NEAREST];
    const size_t leaves = s->base->leaves, count = nearest_count(leaves);
    for (size_t i = 0; i < count; i++) nearest[i] = (qf_neighbour){INFINITY, (size_t)-1};
    for (size_t leaf = 0; leaf < leaves; leaf++) {
        const qf_neighbour found = {bounds[leaf], leaf};
        if (!farther(nearest[0], found)) continue;
        nearest[0] = found;
        sink(nearest, count, 0);
    }
    sort_heap(nearest, count);
    for (size_t i = 0; i < count; i++) {
        visit(s, queries, t, nearest[i].row, (float)nearest[i].distance);
        bounds[nearest[i].row] = -1;
    }
}

static qf_status search_leaf(void *context, size_t at, qf_error *error) {
    const search *s = context;
    const size_t leaves = s->base->leaves, first = at * LEAF;
    float *bounds = qf_new_array(2 * leaves, sizeof *bounds, error);
    if (!bounds) return QF_MEMORY;
    s->kernels->compare(s->queries, at, s->base, bounds, bounds + leaves);
    tile t = {.strips = s->base->strips, .queries = s->queries->values + at * COORDINATES * LEAF};
    query queries[LEAF];
    const size_t rows = s->queries->count - first < LEAF ? s->queries->count - first : LEAF;
    for (size_t lane = 0; lane < LEAF; lane++) t.reach[lane] = -1;
    for (size_t lane = 0; lane < rows; lane++) {
        const size_t row = s->queries->order[first + lane];
        queries[lane] = (query){row, s->result + row * s->k};
        for (size_t i = 0; i < s->k; i++) {
            queries[lane].heap[i] = (qf_neighbour){INFINITY, (size_t)-1};
        }
        update_reach(s, &t, &queries[lane], lane);
    }
    visit_nearest(s, queries, &t, bounds);
    float farthest = farthest_reach(&t);
    for (size_t leaf = 0; leaf < leaves; leaf++) {
        if (bounds[leaf] < 0 || bounds[leaf] > limit_of(farthest, s->base->leaf_errors[leaf])) {
            continue;
        }
        visit(s, queries, &t, leaf, bounds[leaf]);
        farthest = farthest_reach(&t);
    }
    for (size_t lane = 0; lane < rows; lane++) sort_heap(queries[lane].heap, s->k);
    free(bounds);
    return QF_OK;
}

static qf_status build(qf_neighbours *n, const qf_run *run, qf_error *error) {
    n->unit = choose_unit(largest(&n->points));
    if (n->unit > 0) {
        QF_TRY(qf_directions_find(&n->directions, &n->points, MOST_DIRECTIONS, run->simd, error));
    }
    QF_TRY(tree_new(&n->tree, &n->points, error));
    return tree_build(&n->tree, &n->directions, n->unit, run, error);
}

qf_status qf_neighbours_new(const qf_points *base, const qf_run *run, qf_neighbours **neighbours,
                            qf_error *error) {
    *neighbours = NULL;
    qf_neighbours *n = qf_new_array(1, sizeof *n, error);
    if (!n) return QF_MEMORY;
    n->points = *base;
    const qf_status status = build(n, run, error);
    if (status == QF_OK) {
        *neighbours = n;
    } else {
        qf_neighbours_free(n);
    }
    return status;
}

void qf_neighbours_free(qf_neighbours *neighbours) {
    if (!neighbours) return;
    tree_free(&neighbours->tree);
    qf_directions_free(&neighbours->directions);
    free(neighbours);
}

qf_status qf_neighbours_find(const qf_neighbours *neighbours, const qf_points *queries, size_t k,
                             const qf_run *run, qf_neighbour *result, qf_error *error) {
    const size_t count = neighbours->points.count;
    if (k == 0 || count < k + !queries) {
        return qf_fail(error, QF_DATA, "%zu neighbours are asked for, there are %zu rows", k,
                       count);
    }
    tree own = {0};
    qf_status status = QF_OK;
    if (queries) {
        status = tree_new(&own, queries, error);
        if (status == QF_OK) {
            status = tree_build(&own, &neighbours->directions, neighbours->unit, run, error);
        }
    }
    search s = {.base = &neighbours->tree,
                .queries = queries ? &own : &neighbours->tree,
                .k = k,
                .unit = neighbours->unit,
                .exclude_self = !queries,
                .kernels = QF_FOR_SIMD(run->simd, kernels),
                .result = result};
    if (status == QF_OK) {
        status = qf_parallel_progress(run, "neighbours", s.queries->leaves, search_leaf, &s, error);
    }
    tree_free(&own);
    return status;
}
