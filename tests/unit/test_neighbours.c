/* Neighbours against a slow search over all pairs: the same rows and the same distances to
 * rounding; and the same bytes for any threads and SIMD level. */
#include "base/random.h"
#include "data/neighbours.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
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

/* Whole numbers make both sums exact, whatever their order. */
static void check(const double *base, size_t n, const double *queries, size_t m, size_t d, size_t k,
                  bool self, bool exact) {
    qf_neighbour *found = malloc(m * k * sizeof *found), *all = malloc(n * sizeof *all);
    qf_run run = qf_run_default();
    qf_error error;
    assert_int_equal(qf_neighbours_find(base, n, queries, m, d, k, self, &run, found, &error),
                     QF_OK);
    for (size_t q = 0; q < m; q++) {
        size_t count = 0;
        for (size_t r = 0; r < n; r++) {
            if (self && r == q) continue;
            double sum = 0;
            for (size_t c = 0; c < d; c++) sum += pow(base[r * d + c] - queries[q * d + c], 2);
            all[count++] = (qf_neighbour){sum, r};
        }
        qsort(all, count, sizeof *all, nearest_first);
        for (size_t i = 0; i < k; i++) {
            assert_true(fabs(found[q * k + i].distance - all[i].distance) <=
                        1e-12 * (1 + all[i].distance));
            if (exact) assert_int_equal(found[q * k + i].row, all[i].row);
        }
    }
    free(found);
    free(all);
}

static void equals_the_slow_search(void **state) {
    (void)state;
    static fill *const fills[] = {dense, coarse, heavy_tailed};
    static const size_t rows[] = {2, 15, 16, 17, 33, 300}, columns[] = {1, 3, 8, 9, 40};
    for (size_t f = 0; f < 3; f++) {
        for (size_t i = 0; i < 6; i++) {
            for (size_t j = 0; j < 5; j++) {
                double *base = make(fills[f], rows[i], columns[j], i);
                double *queries = make(fills[f], 37, columns[j], i + 100);
                const size_t k = rows[i] > 6 ? 5 : 1;
                check(base, rows[i], base, rows[i], columns[j], k, true, true);
                check(base, rows[i], queries, 37, columns[j], k, false, true);
                check(base, rows[i], queries, 37, columns[j], rows[i], false, f > 0);
                free(base);
                free(queries);
            }
        }
    }
}

static void same_for_threads_and_levels(void **state) {
    (void)state;
    enum { N = 700, D = 21, K = 7 };
    double *base = make(dense, N, D, 9);
    static qf_neighbour first[N * K], again[N * K];
    qf_run run = {.threads = 1, .simd = QF_SIMD_PORTABLE};
    qf_error error;
    assert_int_equal(qf_neighbours_find(base, N, base, N, D, K, true, &run, first, &error), QF_OK);
    for (qf_simd level = QF_SIMD_PORTABLE; level <= qf_simd_best(); level++) {
        for (run.threads = 1; run.threads <= 3; run.threads++) {
            run.simd = level;
            assert_int_equal(qf_neighbours_find(base, N, base, N, D, K, true, &run, again, &error),
                             QF_OK);
            assert_memory_equal(first, again, sizeof first);
        }
    }
    free(base);
}

static void too_few_rows(void **state) {
    (void)state;
    const double base[3] = {1, 2, 3};
    qf_neighbour found[9];
    const qf_run run = qf_run_default();
    qf_error error;
    assert_int_equal(qf_neighbours_find(base, 3, base, 3, 1, 3, false, &run, found, &error), QF_OK);
    assert_int_equal(qf_neighbours_find(base, 3, base, 3, 1, 3, true, &run, found, &error),
                     QF_DATA);
    assert_int_equal(qf_neighbours_find(base, 3, base, 3, 1, 0, true, &run, found, &error),
                     QF_DATA);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_slow_search),
        cmocka_unit_test(same_for_threads_and_levels),
        cmocka_unit_test(too_few_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
