/* Reducers: eigenvectors, scores by hand, hostile arrays. What scikit-learn 1.2.1 says of a small
 * case is in reducer_oracle.h. */
#include "base/memory.h"
#include "base/random.h"
#include "data/column.h"
#include "learn/importance.h"
#include "learn/principal.h"
#include "learn/reducer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reducer_oracle.h"

enum { MOST = 60 };

/* Every row of the result is an eigenvector of length 1, and they are orthogonal. */
static void check_eigen(const double *matrix, size_t n) {
    static double work[MOST * MOST], values[MOST], vectors[MOST * MOST];
    qf_error error = {0};
    memcpy(work, matrix, n * n * sizeof *work);
    assert_int_equal(qf_symmetric_eigen(work, n, values, vectors, &error), QF_OK);
    double norm = 0;
    for (size_t i = 0; i < n * n; i++) norm = fmax(norm, fabs(matrix[i]));
    for (size_t i = 0; i < n; i++) {
        if (i > 0) assert_true(values[i] <= values[i - 1]);
        for (size_t j = 0; j < n; j++) {
            double product = 0, image = 0;
            for (size_t k = 0; k < n; k++) {
                product += vectors[i * n + k] * vectors[j * n + k];
                image += matrix[j * n + k] * vectors[i * n + k];
            }
            assert_true(fabs(product - (i == j)) < 1e-13 * (double)n);
            assert_true(fabs(image - values[i] * vectors[i * n + j]) <= 2e-14 * (double)n * norm);
        }
    }
}

static void test_eigen(void **state) {
    (void)state;
    static double matrix[MOST * MOST];
    for (size_t n = 1; n <= MOST; n++) {
        qf_random random = qf_random_stream(n, "test", 0);
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j <= i; j++) {
                matrix[i * n + j] = matrix[j * n + i] = qf_random_normal(&random);
            }
        }
        check_eigen(matrix, n);
        /* Of rank 1, with n - 1 equal eigenvalues; then diagonal; then nothing at all. */
        for (size_t i = 0; i < n * n; i++) {
            const size_t row = i / n + 1, column = i % n + 1;
            matrix[i] = (double)(row * column);
        }
        check_eigen(matrix, n);
        for (size_t i = 0; i < n * n; i++) matrix[i] = i / n == i % n ? (double)(i % 3) : 0;
        check_eigen(matrix, n);
        memset(matrix, 0, sizeof matrix);
        check_eigen(matrix, n);
    }
}

static qf_table oracle_table(void) {
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    qf_table table;
    qf_error error;
    assert_int_equal(qf_table_init(&table, ORACLE_COLUMNS, names, "y", &error), QF_OK);
    for (size_t r = 0; r < ORACLE_ROWS; r++) {
        const qf_origin origin = {(int64_t)r, -1};
        assert_int_equal(qf_table_append(&table, oracle_rows[r], oracle_labels[r], origin, &error),
                         QF_OK);
    }
    return table;
}

static qf_reducer fit(qf_reduction by, size_t kept, const qf_table *table, size_t threads) {
    qf_reducer reducer;
    qf_error error;
    qf_run run = qf_run_default();
    run.threads = threads;
    assert_int_equal(qf_reducer_init(&reducer, by, kept, table, &error), QF_OK);
    assert_int_equal(qf_reducer_fit(&reducer, table, 1, &run, &error), QF_OK);
    return reducer;
}

static void assert_close(double value, double expected) {
    if (!(fabs(value - expected) <= 1e-10 * fmax(1, fabs(expected)))) {
        fail_msg("%.17g, expected %.17g", value, expected);
    }
}

static void test_oracle(void **state) {
    (void)state;
    qf_table table = oracle_table(), reduced;
    qf_error error;
    qf_reducer pca = fit(QF_REDUCE_PCA, ORACLE_KEPT, &table, 1);
    assert_int_equal(qf_reducer_map(&pca, &table, &reduced, &error), QF_OK);
    assert_string_equal(reduced.names[1], "pc_2");
    for (size_t i = 0; i < ORACLE_KEPT; i++) {
        assert_close(pca.scores[i], oracle_variances[i]);
        for (size_t r = 0; r < ORACLE_ROWS; r++) {
            assert_close(reduced.values[r * ORACLE_KEPT + i], oracle_components[r][i]);
        }
    }
    qf_reducer anova = fit(QF_REDUCE_ANOVA, 2, &table, 1);
    for (size_t c = 0; c < ORACLE_COLUMNS; c++) assert_close(anova.scores[c], oracle_f[c]);
    qf_reducer_free(&pca);
    qf_reducer_free(&anova);
    qf_table_free(&reduced);
    qf_table_free(&table);
}

/* A column that is the label, one that is its opposite, one that is noise, one that is constant. */
static qf_table make_table(size_t rows) {
    static const char *const names[] = {"noise", "label", "constant", "opposite"};
    qf_table table;
    qf_error error;
    qf_random random = qf_random_stream(1, "test", 0);
    assert_int_equal(qf_table_init(&table, 4, names, "y", &error), QF_OK);
    for (size_t r = 0; r < rows; r++) {
        const bool label = qf_random_below(&random, 4) == 0;
        const double values[] = {qf_random_uniform(&random), label ? 7 : 2, 3, label ? -1 : 1};
        assert_int_equal(
            qf_table_append(&table, values, label, (qf_origin){(int64_t)r, -1}, &error), QF_OK);
    }
    return table;
}

static void test_selections(void **state) {
    (void)state;
    qf_table table = make_table(2000);
    size_t counts[2];
    qf_table_count_classes(&table, counts);
    for (qf_reduction by = QF_REDUCE_ANOVA; by <= QF_REDUCE_FOREST; by++) {
        qf_reducer one = fit(by, 2, &table, 1), three = fit(by, 2, &table, 3);
        assert_int_equal(one.selected[0], 1);
        assert_int_equal(one.selected[1], 3);
        assert_true(one.scores[2] == 0);
        assert_memory_equal(one.scores, three.scores, 4 * sizeof *one.scores);
        if (by == QF_REDUCE_MUTUAL_INFORMATION) {
            const double p = (double)counts[1] / 2000;
            assert_close(one.scores[1], -p * log(p) - (1 - p) * log(1 - p) - 1 / 4000.0);
            assert_true(one.scores[0] < 0.01);
        }
        if (by == QF_REDUCE_FOREST) {
            double sum = 0;
            for (size_t c = 0; c < 4; c++) sum += one.scores[c];
            assert_close(sum, 1);
        }
        qf_reducer_free(&one);
        qf_reducer_free(&three);
    }
    qf_table_free(&table);
}

static void test_refused(void **state) {
    (void)state;
    qf_table table = make_table(10);
    qf_reducer reducer;
    qf_error error;
    const qf_run run = qf_run_default();
    assert_int_equal(qf_reducer_init(&reducer, QF_REDUCE_PCA, 5, &table, &error), QF_USAGE);
    assert_int_equal(qf_reducer_init(&reducer, QF_REDUCE_PCA, 0, &table, &error), QF_USAGE);
    table.values[0] = 1e200;
    table.values[4] = -1e200;
    assert_int_equal(qf_reducer_init(&reducer, QF_REDUCE_PCA, 2, &table, &error), QF_OK);
    assert_int_equal(qf_reducer_fit(&reducer, &table, 1, &run, &error), QF_DATA);
    qf_reducer_free(&reducer);
    memset(table.labels, 0, 10);
    assert_int_equal(qf_reducer_init(&reducer, QF_REDUCE_ANOVA, 2, &table, &error), QF_OK);
    assert_int_equal(qf_reducer_fit(&reducer, &table, 1, &run, &error), QF_DATA);
    qf_reducer_free(&reducer);
    qf_table_free(&table);
}

static qf_status load(const qf_table *like, const qf_arrays *arrays) {
    qf_reducer reducer;
    qf_error error;
    assert_int_equal(qf_reducer_init(&reducer, QF_REDUCE_ANOVA, 2, like, &error), QF_OK);
    const qf_status status = qf_reducer_decode(&reducer, arrays, &error);
    qf_reducer_free(&reducer);
    return status;
}

static void test_hostile_arrays(void **state) {
    (void)state;
    qf_table table = make_table(20);
    qf_reducer reducer = fit(QF_REDUCE_ANOVA, 2, &table, 1);
    qf_arrays arrays = {0};
    qf_error error;
    assert_int_equal(qf_reducer_encode(&reducer, &arrays, &error), QF_OK);
    assert_int_equal(load(&table, &arrays), QF_OK);
    int64_t *selected = arrays.items[1].data;
    static const int64_t wrong[][2] = {{-1, 2}, {1, 1}, {3, 2}, {0, 4}, {0, INT64_MAX}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        memcpy(selected, wrong[i], sizeof wrong[i]);
        assert_int_equal(load(&table, &arrays), QF_DATA);
    }
    arrays.count = 1;
    assert_int_equal(load(&table, &arrays), QF_DATA);
    arrays.count = 2;
    qf_arrays_free(&arrays);
    qf_reducer_free(&reducer);
    qf_table_free(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_eigen),          cmocka_unit_test(test_oracle),
        cmocka_unit_test(test_selections),     cmocka_unit_test(test_refused),
        cmocka_unit_test(test_hostile_arrays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
