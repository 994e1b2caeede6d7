/* Neighbours' votes against scikit-learn's; ties, class weights, distances that overflow; rows in
 * the smallest types. */
#include "base/random.h"
#include "data/compact.h"
#include "learn/knn.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "knn_oracle.h"

static qf_table make_table(const double *x, const uint8_t *y, size_t rows, size_t columns) {
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l",
                                        "m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "w", "x"};
    qf_table table;
    qf_error error;
    assert_in_range(columns, 1, sizeof names / sizeof *names);
    assert_int_equal(qf_table_init(&table, columns, names, "y", &error), QF_OK);
    for (size_t r = 0; r < rows; r++) {
        const qf_origin origin = {(int64_t)r, -1};
        assert_int_equal(qf_table_append(&table, x + r * columns, y[r], origin, &error), QF_OK);
    }
    return table;
}

static void predict(const qf_table *table, const double class_weights[2], qf_knn_weights weights,
                    const double *asked, size_t count, const size_t *k, size_t k_count,
                    const qf_run *run, double *probabilities) {
    qf_knn *knn;
    qf_error error;
    assert_int_equal(qf_knn_new(table, class_weights, &knn, &error), QF_OK);
    assert_int_equal(
        qf_knn_predict(knn, weights, asked, count, k, k_count, run, probabilities, &error), QF_OK);
    qf_knn_free(knn);
}

static const double equal_weights[] = {1, 1};

static void check_oracle(const double *x, const uint8_t *y, size_t columns, const double *asked,
                         qf_knn_weights weights, const double expected[KS][ASKED]) {
    qf_table table = make_table(x, y, TRAIN, columns);
    qf_run run = qf_run_default();
    for (run.simd = QF_SIMD_PORTABLE; run.simd <= qf_simd_best(); run.simd++) {
        double found[KS][ASKED];
        predict(&table, equal_weights, weights, asked, ASKED, ks, KS, &run, *found);
        for (size_t i = 0; i < KS; i++) {
            for (size_t q = 0; q < ASKED; q++) {
                /* Shares of equal votes are exact; sums of 1 / distance have their own rounding. */
                const double tolerance = weights == QF_KNN_UNIFORM ? 0 : 1e-14;
                assert_true(fabs(found[i][q] - expected[i][q]) <= tolerance);
            }
        }
    }
    qf_table_free(&table);
}

static void equals_scikit_learn(void **state) {
    (void)state;
    check_oracle(*narrow_x, narrow_y, 3, *narrow_asked, QF_KNN_UNIFORM, narrow_uniform);
    check_oracle(*narrow_x, narrow_y, 3, *narrow_asked, QF_KNN_DISTANCE, narrow_distance);
    check_oracle(*wide_x, wide_y, 24, *wide_asked, QF_KNN_UNIFORM, wide_uniform);
    check_oracle(*wide_x, wide_y, 24, *wide_asked, QF_KNN_DISTANCE, wide_distance);
}

/* Five rows around the one asked for, all as far: the earliest of them count. */
static void ties_go_to_the_earlier_row(void **state) {
    (void)state;
    const double x[] = {1, 0, -1, 0, 0, 1, 0, -1, 1, 0}, asked[] = {0, 0};
    const uint8_t y[] = {1, 0, 0, 1, 1};
    static const size_t all[] = {1, 2, 3, 4, 5};
    static const double shares[] = {1, 1.0 / 2, 1.0 / 3, 2.0 / 4, 3.0 / 5};
    qf_table table = make_table(x, y, 5, 2);
    const qf_run run = qf_run_default();
    for (qf_knn_weights weights = QF_KNN_UNIFORM; weights <= QF_KNN_DISTANCE; weights++) {
        double found[5];
        predict(&table, equal_weights, weights, asked, 1, all, 5, &run, found);
        for (size_t i = 0; i < 5; i++) assert_true(found[i] == shares[i]);
    }
    qf_table_free(&table);
}

static void classes_have_weights(void **state) {
    (void)state;
    const double x[] = {1, 2, 4, 8}, asked[] = {0, 1};
    const uint8_t y[] = {0, 1, 0, 1};
    const double weights[] = {0.5, 2};
    const size_t k = 3;
    qf_table table = make_table(x, y, 4, 1);
    const qf_run run = qf_run_default();
    double found[2];
    predict(&table, weights, QF_KNN_UNIFORM, asked, 2, &k, 1, &run, found);
    assert_true(fabs(found[0] - 2.0 / (2.0 + 2 * 0.5)) < 1e-15);
    predict(&table, weights, QF_KNN_DISTANCE, asked, 2, &k, 1, &run, found);
    assert_true(fabs(found[0] - 1.0 / (1.0 + 0.5 + 0.125)) < 1e-15);
    assert_true(found[1] == 0); /* a row at distance 0 votes alone */
    const double extreme[] = {1e-320, 1e300};
    predict(&table, extreme, QF_KNN_UNIFORM, asked, 2, &k, 1, &run, found);
    assert_true(found[0] == 1);
    const size_t one = 1;
    predict(&table, extreme, QF_KNN_UNIFORM, asked, 2, &one, 1, &run, found);
    assert_true(found[0] == 0);
    qf_table_free(&table);
}

static void distances_may_overflow(void **state) {
    (void)state;
    const double x[] = {1, 2, 4}, asked[] = {1e300};
    const uint8_t y[] = {1, 0, 1};
    const size_t k = 2;
    qf_table table = make_table(x, y, 3, 1);
    const qf_run run = qf_run_default();
    double found[1];
    predict(&table, equal_weights, QF_KNN_DISTANCE, asked, 1, &k, 1, &run, found);
    assert_true(found[0] == 0.5);
    qf_table_free(&table);
}

static void asks_for_more_than_there_are(void **state) {
    (void)state;
    const double x[] = {1, 2, 4};
    const uint8_t y[] = {1, 0, 1};
    const size_t k = 4;
    qf_table table = make_table(x, y, 3, 1);
    const qf_run run = qf_run_default();
    qf_knn *knn;
    qf_error error;
    double found[3];
    assert_int_equal(qf_knn_new(&table, equal_weights, &knn, &error), QF_OK);
    assert_int_equal(qf_knn_predict(knn, QF_KNN_UNIFORM, x, 3, &k, 1, &run, found, &error),
                     QF_DATA);
    qf_knn_free(knn);
    qf_table_free(&table);
}

/* A column that fits each type, at its borders, and one beyond each. */
static void rows_are_stored_exactly(void **state) {
    (void)state;
    static const double values[2][10] = {
        {0, -128, -32768, INT32_MIN, 0.5, 0.1, 256, 32768, 2147483648.0, 1e300},
        {255, 127, 32767, INT32_MAX, -1e30, -1, 0, -1, 1 + 0x1p-30, -0x1p-1074}};
    static const struct {
        const char *name;
        qf_array_type type;
        size_t columns;
    } expected[] = {{"rows_u8", QF_U8, 1},   {"rows_i8", QF_I8, 1},   {"rows_i16", QF_I16, 2},
                    {"rows_f32", QF_F32, 1}, {"rows_i32", QF_I32, 1}, {"rows_f64", QF_F64, 4}};
    qf_arrays arrays = {0};
    qf_error error;
    assert_int_equal(qf_compact_encode(*values, 2, 10, &arrays, &error), QF_OK);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const qf_array *array;
        assert_int_equal(qf_arrays_find(&arrays, expected[i].name, expected[i].type, 2,
                                        expected[i].columns, &array, &error),
                         QF_OK);
    }
    double *copy;
    size_t rows;
    assert_int_equal(qf_compact_decode(&arrays, 10, &copy, &rows, &error), QF_OK);
    assert_int_equal(rows, 2);
    assert_memory_equal(copy, values, sizeof values);
    free(copy);
    uint8_t *types = arrays.items[0].data;
    types[0] = QF_I64;
    assert_int_equal(qf_compact_decode(&arrays, 10, &copy, &rows, &error), QF_DATA);
    assert_null(copy);
    types[0] = QF_U8;
    for (size_t i = 0; i < arrays.count; i++) {
        if (arrays.items[i].type == QF_F64) *(double *)arrays.items[i].data = NAN;
    }
    assert_int_equal(qf_compact_decode(&arrays, 10, &copy, &rows, &error), QF_DATA);
    qf_arrays_free(&arrays);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_scikit_learn),
        cmocka_unit_test(ties_go_to_the_earlier_row),
        cmocka_unit_test(classes_have_weights),
        cmocka_unit_test(distances_may_overflow),
        cmocka_unit_test(asks_for_more_than_there_are),
        cmocka_unit_test(rows_are_stored_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
