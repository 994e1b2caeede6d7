/* Neighbours against a slow search over all pairs: the same rows and the same distances to
 * rounding; and the same bytes for any threads and SIMD level. */
#include "base/random.h"
#include "data/neighbours.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef double fill(qf_random *random, size_t column);

static double dense(qf_random *random, size_t column) {
    (void)column;
    return qf_random_normal(random);
}

/* Few values, so that equal distances and identical rows abound. */
static double coarse(qf_random *random, size_t column) {
    return (double)qf_random_below(random, 2 + column % 2);
}

static double heavy_tailed(qf_random *random, size_t column) {
    if (qf_random_uniform(random) < 0.8) return 0;
    return floor(exp(qf_random_normal(random) * (double)(column % 5)));
}

/* Neighbours are far nearer to each other than the rows are to the origin. */
static double far_away(qf_random *random, size_t column) {
    return 1e9 * (double)(column + 1) + qf_random_normal(random);
}

/* Columns of very different spread, the small ones still deciding between near rows. */
static double uneven(qf_random *random, size_t column) {
    const double large = column % 3 ? 0 : (double)qf_random_below(random, 3);
    return large * 1e6 + qf_random_normal(random) * pow(10, (double)(column % 7) - 4);
}

/* Few directions hold everything. */
static double collinear(qf_random *random, size_t column) {
    static double last;
    if (column % 8 == 0) last = qf_random_normal(random);
    return last * (double)(column + 1);
}

static double huge(qf_random *random, size_t column) {
    (void)column;
    return 1e140 * (1 + qf_random_uniform(random)); /* squares are finite, just */
}

/* Where shadows are still used. */
static double large(qf_random *random, size_t column) {
    return 9e49 * (qf_random_uniform(random) - 0.5) / (double)(column + 1);
}

static double tiny(qf_random *random, size_t column) {
    (void)column;
    return 1e-140 * qf_random_normal(random);
}

static double *make(fill *value, size_t rows, size_t columns, uint64_t seed) {
    double *values = malloc((rows * columns + 1) * sizeof *values);
    qf_random random = qf_random_stream(seed, "test", 0);
    for (size_t i = 0; i < rows * columns; i++) values[i] = value(&random, i % columns);
    return values;
}

static int nearest_first(const void *a, const void *b) {
    const qf_neighbour *x = a, *y = b;
    if (x->distance != y->distance) return x->distance < y->distance ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* All rows but `left_out`, nearest first; returns their number. */
static size_t sort_all(const double *base, size_t n, const double *query, size_t d, size_t left_out,
                       qf_neighbour *all) {
    size_t count = 0;
    for (size_t r = 0; r < n; r++) {
        if (r == left_out) continue;
        double sum = 0;
        for (size_t c = 0; c < d; c++) sum += pow(base[r * d + c] - query[c], 2);
        all[count++] = (qf_neighbour){sum, r};
    }
    qsort(all, count, sizeof *all, nearest_first);
    return count;
}

/* `asked` NULL: each point of the base, but for itself. */
static qf_status find(const qf_points *base, const qf_points *asked, size_t k, const qf_run *run,
                      qf_neighbour *found) {
    qf_neighbours *neighbours;
    qf_error error;
    assert_int_equal(qf_neighbours_new(base, run, &neighbours, &error), QF_OK);
    const qf_status status = qf_neighbours_find(neighbours, asked, k, run, found, &error);
    qf_neighbours_free(neighbours);
    return status;
}

/* Whole numbers make both sums exact, whatever their order. */
static void check(const double *base, size_t n, const double *queries, size_t m, size_t d, size_t k,
                  bool self, bool exact) {
    qf_neighbour *found = malloc(m * k * sizeof *found), *all = malloc(n * sizeof *all);
    const qf_points points = {base, NULL, n, d}, asked = {queries, NULL, m, d};
    qf_run run = qf_run_default();
    for (run.simd = QF_SIMD_PORTABLE; run.simd <= qf_simd_best(); run.simd++) {
        assert_int_equal(find(&points, self ? NULL : &asked, k, &run, found), QF_OK);
        for (size_t q = 0; q < m; q++) {
            const size_t count = sort_all(base, n, queries + q * d, d, self ? q : n, all);
            assert_true(k <= count);
            for (size_t i = 0; i < k; i++) {
                const double tolerance = 1e-12 * all[i].distance;
                assert_true(fabs(found[q * k + i].distance - all[i].distance) <= tolerance);
                if (exact) assert_int_equal(found[q * k + i].row, all[i].row);
            }
        }
    }
    free(found);
    free(all);
}

static void equals_the_slow_search(void **state) {
    (void)state;
    static fill *const fills[] = {dense,     coarse, heavy_tailed, far_away, uneven,
                                  collinear, huge,   large,        tiny};
    static const size_t rows[] = {2, 15, 16, 17, 33, 300}, columns[] = {1, 3, 8, 9, 40, 75};
    for (size_t f = 0; f < sizeof fills / sizeof *fills; f++) {
        const bool whole = fills[f] == coarse || fills[f] == heavy_tailed;
        const bool clear = whole || fills[f] == dense; /* no ties by rounding */
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            for (size_t j = 0; j < sizeof columns / sizeof *columns; j++) {
                double *base = make(fills[f], rows[i], columns[j], i);
                double *queries = make(fills[f], 37, columns[j], i + 100);
                const size_t k = rows[i] > 6 ? 5 : 1;
                check(base, rows[i], base, rows[i], columns[j], k, true, clear);
                check(base, rows[i], queries, 37, columns[j], k, false, clear);
                check(base, rows[i], queries, 37, columns[j], rows[i], false, whole);
                free(base);
                free(queries);
            }
        }
    }
}

/* Queries that are of another size than the base, so that their shadows mean nothing. */
static void queries_of_another_size(void **state) {
    (void)state;
    static fill *const fills[] = {dense, far_away, huge, large, tiny};
    enum { N = 150, M = 20, D = 70, FILLS = sizeof fills / sizeof *fills };
    for (size_t b = 0; b < FILLS; b++) {
        for (size_t q = 0; q < FILLS; q++) {
            double *base = make(fills[b], N, D, b), *queries = make(fills[q], M, D, 50 + q);
            check(base, N, queries, M, D, 7, false, false);
            free(base);
            free(queries);
        }
    }
}

static void same_for_threads_and_levels(void **state) {
    (void)state;
    enum { N = 700, D = 21, K = 7 };
    double *base = make(dense, N, D, 9);
    const qf_points points = {base, NULL, N, D};
    static qf_neighbour first[N * K], again[N * K];
    qf_run run = {.threads = 1, .simd = QF_SIMD_PORTABLE};
    assert_int_equal(find(&points, NULL, K, &run, first), QF_OK);
    for (qf_simd level = QF_SIMD_PORTABLE; level <= qf_simd_best(); level++) {
        for (run.threads = 1; run.threads <= 3; run.threads++) {
            run.simd = level;
            assert_int_equal(find(&points, NULL, K, &run, again), QF_OK);
            assert_memory_equal(first, again, sizeof first);
        }
    }
    free(base);
}

static void too_few_rows(void **state) {
    (void)state;
    const double base[3] = {1, 2, 3};
    const qf_points points = {base, NULL, 3, 1};
    qf_neighbour found[9];
    const qf_run run = qf_run_default();
    assert_int_equal(find(&points, &points, 3, &run, found), QF_OK);
    assert_int_equal(find(&points, NULL, 3, &run, found), QF_DATA);
    assert_int_equal(find(&points, NULL, 0, &run, found), QF_DATA);
}

/* Points picked from a matrix, in any order and more than once, are as if copied out of it. */
static void picked_points(void **state) {
    (void)state;
    enum { N = 90, PICKED = 60, D = 5, K = 4 };
    double *matrix = make(dense, N, D, 4), copy[PICKED * D];
    size_t rows[PICKED];
    for (size_t i = 0; i < PICKED; i++) {
        rows[i] = i * 37 % (N - 40);
        memcpy(copy + i * D, matrix + rows[i] * D, D * sizeof *copy);
    }
    const qf_points picked = {matrix, rows, PICKED, D}, copied = {copy, NULL, PICKED, D};
    qf_neighbour found[PICKED * K], expected[PICKED * K];
    const qf_run run = qf_run_default();
    assert_int_equal(find(&picked, NULL, K, &run, found), QF_OK);
    assert_int_equal(find(&copied, NULL, K, &run, expected), QF_OK);
    assert_memory_equal(found, expected, sizeof found);
    free(matrix);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_slow_search),
        cmocka_unit_test(queries_of_another_size),
        cmocka_unit_test(same_for_threads_and_levels),
        cmocka_unit_test(picked_points),
        cmocka_unit_test(too_few_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
