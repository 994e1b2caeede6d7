/* Scalers against scikit-learn 1.2.1, extreme values against sums of exact differences, and hostile
 * arrays. */
#include "data/scale.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scale_oracle.h"

static const qf_scale_kind oracle_kinds[] = {QF_SCALE_STANDARD, QF_SCALE_MIN_MAX,
                                             QF_SCALE_LOG_STANDARD, QF_SCALE_LOG_MIN_MAX,
                                             QF_SCALE_QUANTILE};

static qf_table make(const double *values, size_t rows, size_t columns) {
    const char *names[] = {"a", "b", "c", "d", "e"};
    qf_error error = {0};
    qf_table table;
    assert_int_equal(qf_table_init(&table, columns, names, "y", &error), QF_OK);
    for (size_t r = 0; r < rows; r++) {
        assert_int_equal(qf_table_append(&table, values + r * columns, r % 3 == 0,
                                         (qf_origin){(int64_t)r, -1}, &error),
                         QF_OK);
    }
    return table;
}

/* Appends in pieces of `piece` rows. */
static qf_spill spill_rows(const qf_table *table, size_t rows, size_t block_rows, size_t piece) {
    qf_error error = {0};
    qf_spill spill;
    assert_int_equal(qf_spill_open(&spill, table->columns, block_rows, &error), QF_OK);
    for (size_t first = 0; first < rows; first += piece) {
        qf_table part = *table;
        part.rows = rows - first < piece ? rows - first : piece;
        part.values += first * table->columns;
        part.labels += first;
        part.origins += first;
        assert_int_equal(qf_spill_append(&spill, &part, &error), QF_OK);
    }
    assert_int_equal(qf_spill_seal(&spill, &error), QF_OK);
    return spill;
}

static qf_status fit(qf_scaler *scaler, qf_scale_kind kind, double clip, const qf_table *table,
                     size_t rows, size_t piece, qf_error *error) {
    qf_spill spill = spill_rows(table, rows, 16, piece);
    QF_TRY(qf_scaler_init(scaler, kind, clip, table, error));
    const qf_status status = qf_scaler_fit(scaler, &spill, error);
    qf_spill_close(&spill);
    return status;
}

/* Fits on the first rows and scales all. */
static void scale(qf_scale_kind kind, double clip, qf_table *table, size_t fitted) {
    qf_error error = {0};
    qf_scaler scaler;
    assert_int_equal(fit(&scaler, kind, clip, table, fitted, 5, &error), QF_OK);
    assert_int_equal(qf_scaler_apply(&scaler, table, &error), QF_OK);
    qf_scaler_free(&scaler);
}

static void assert_close(double actual, double expected) {
    if (fabs(actual - expected) <= 1e-12 * fmax(1, fabs(expected))) return;
    fail_msg("%.17g is not %.17g", actual, expected);
}

static void test_oracle_small(void **state) {
    (void)state;
    for (size_t k = 0; k < 5; k++) {
        qf_table table = make(&small_table[0][0], ROWS, COLUMNS);
        scale(oracle_kinds[k], 0, &table, FITTED);
        for (size_t i = 0; i < ROWS * COLUMNS; i++) {
            assert_close(table.values[i], small_scaled[k][i]);
        }
        qf_table_free(&table);
    }
}

static void test_oracle_long(void **state) {
    (void)state;
    double *values = malloc(LONG_ROWS * LONG_COLUMNS * sizeof *values);
    for (size_t i = 0; i < LONG_ROWS; i++) {
        const double v = (double)((i * i * 31 + 17 * i) % 4001);
        values[3 * i] = v;
        values[3 * i + 1] = fmod(v, 37);
        values[3 * i + 2] = (v - 2000) * (v - 2000) * (v - 2000);
    }
    for (size_t k = 0; k < 5; k++) {
        qf_table table = make(values, LONG_ROWS, LONG_COLUMNS);
        scale(oracle_kinds[k], 0, &table, LONG_FITTED);
        for (size_t r = 0; r < LONG_ROWS; r += LONG_STEP) {
            for (size_t c = 0; c < LONG_COLUMNS; c++) {
                assert_close(table.values[LONG_COLUMNS * r + c],
                             long_scaled[k][LONG_COLUMNS * (r / LONG_STEP) + c]);
            }
        }
        qf_table_free(&table);
    }
    free(values);
}

/* However the rows come, the state is the same, bit for bit. */
static void test_pieces(void **state) {
    (void)state;
    qf_error error;
    qf_table table = make(&small_table[0][0], ROWS, COLUMNS);
    qf_scaler one, other;
    assert_int_equal(fit(&one, QF_SCALE_LOG_STANDARD, 0, &table, ROWS, ROWS, &error), QF_OK);
    for (size_t piece = 1; piece < 20; piece++) {
        assert_int_equal(fit(&other, QF_SCALE_LOG_STANDARD, 0, &table, ROWS, piece, &error), QF_OK);
        assert_memory_equal(one.shift, other.shift, COLUMNS * sizeof *one.shift);
        assert_memory_equal(one.divisor, other.divisor, COLUMNS * sizeof *one.shift);
        qf_scaler_free(&other);
    }
    qf_scaler_free(&one);
    qf_table_free(&table);
}

/* Small next to their size, subnormal, near the largest double. */
static void test_extreme_values(void **state) {
    (void)state;
    enum { N = 20000, KINDS = 5 };
    static const struct {
        double centre, width;
    } cases[KINDS] = {{1e9, 1e-3}, {0, 1e-200}, {0, 1e-310}, {8e307, 1e306}, {-1e15, 1}};
    qf_error error;
    double *values = malloc(N * KINDS * sizeof *values);
    for (size_t i = 0; i < N; i++) {
        for (size_t k = 0; k < KINDS; k++) {
            values[i * KINDS + k] = cases[k].centre + cases[k].width * sin((double)(i * 7));
        }
    }
    qf_table table = make(values, N, KINDS);
    qf_scaler scaler;
    assert_int_equal(fit(&scaler, QF_SCALE_STANDARD, 0, &table, N, N, &error), QF_OK);
    for (size_t k = 0; k < KINDS; k++) {
        double mean = 0, squares = 0; /* of (x - centre) / width, where x - centre is exact */
        for (size_t i = 0; i < N; i++) {
            mean += (values[i * KINDS + k] - cases[k].centre) / cases[k].width / N;
        }
        for (size_t i = 0; i < N; i++) {
            const double u = (values[i * KINDS + k] - cases[k].centre) / cases[k].width;
            squares += (u - mean) * (u - mean) / N;
        }
        mean = cases[k].centre + cases[k].width * mean;
        const double deviation = cases[k].width * sqrt(squares);
        const double rounding = fmax(1e-322, fmax(fabs(cases[k].centre), cases[k].width) * 0x1p-52);
        assert_true(fabs(scaler.shift[k] - mean) <= rounding);
        assert_true(fabs(scaler.divisor[k] - deviation) <= 1e-12 * deviation);
    }
    assert_int_equal(qf_scaler_apply(&scaler, &table, &error), QF_OK);
    for (size_t i = 0; i < N * KINDS; i++) assert_true(fabs(table.values[i]) < 2);
    free(values);
    qf_scaler_free(&scaler);
    qf_table_free(&table);
}

static void test_range_too_large(void **state) {
    (void)state;
    qf_error error;
    const double values[] = {-1.7e308, 1.7e308, 0};
    for (size_t k = 0; k < 5; k++) {
        qf_table table = make(values, 3, 1);
        qf_scaler scaler;
        const bool logarithmic = k == 2 || k == 3;
        const qf_status status = fit(&scaler, oracle_kinds[k], 0, &table, 3, 3, &error);
        assert_int_equal(status, logarithmic ? QF_OK : QF_DATA);
        if (!logarithmic) {
            assert_string_equal(error.message,
                                "column \"a\": values from -1.7e+308 to 1.7e+308 "
                                "are too far apart to scale");
        }
        qf_scaler_free(&scaler);
        qf_table_free(&table);
    }
}

static void test_not_finite_when_applied(void **state) {
    (void)state;
    qf_error error;
    const double values[] = {0, 1e-300, 1e300};
    qf_table table = make(values, 3, 1);
    qf_scaler scaler;
    assert_int_equal(fit(&scaler, QF_SCALE_MIN_MAX, 0, &table, 2, 2, &error), QF_OK);
    assert_int_equal(qf_scaler_apply(&scaler, &table, &error), QF_DATA);
    assert_string_equal(error.message,
                        "row 2, column \"a\": too far from the fitted rows to scale");
    qf_scaler_free(&scaler);
    table.values[0] = 0;
    table.values[1] = 1e-300;
    scale(QF_SCALE_MIN_MAX, 3, &table, 2);
    assert_true(table.values[2] == 3);
    qf_table_free(&table);
}

/* 0.1 three times: a mean of 0.1 + 1 ulp and a tiny deviation must not make it vary. */
static void test_constant_column(void **state) {
    (void)state;
    for (size_t k = 0; k < 5; k++) {
        const double values[] = {0.1, 1, 0.1, 2, 0.1, 3, 55, 4, -55, 5};
        qf_table table = make(values, 5, 2);
        scale(oracle_kinds[k], 0, &table, 3);
        for (size_t r = 0; r < 5; r++) assert_true(table.values[2 * r] == 0);
        assert_true(table.values[1] < table.values[3]);
        qf_table_free(&table);
    }
    for (size_t rows = 1; rows < 60; rows++) { /* some means of equal numbers are not the number */
        double same[60], *value = same;
        while (value < same + rows) *value++ = 0.1 / 3;
        qf_table table = make(same, rows, 1);
        scale(QF_SCALE_STANDARD, 0, &table, rows);
        for (size_t r = 0; r < rows; r++) assert_true(table.values[r] == 0);
        qf_table_free(&table);
    }
    const double values[] = {0.1, 1, 0.1, 2, 0.1, -3};
    qf_table table = make(values, 3, 2);
    scale(QF_SCALE_NONE, 0, &table, 3);
    assert_memory_equal(table.values, values, sizeof values);
    scale(QF_SCALE_NONE, 1.5, &table, 3);
    assert_true(table.values[0] == 0.1 && table.values[3] == 1.5 && table.values[5] == -1.5);
    qf_table_free(&table);
}

static void test_one_row(void **state) {
    (void)state;
    for (size_t k = 0; k < 5; k++) {
        const double values[] = {4, -2};
        qf_table table = make(values, 1, 2);
        scale(oracle_kinds[k], 0, &table, 1);
        assert_true(table.values[0] == 0 && table.values[1] == 0);
        qf_table_free(&table);
    }
    qf_error error;
    qf_table table = make(NULL, 0, 1);
    qf_scaler scaler;
    assert_int_equal(fit(&scaler, QF_SCALE_STANDARD, 0, &table, 0, 1, &error), QF_DATA);
    assert_string_equal(error.message, "the table has no rows");
    qf_scaler_free(&scaler);
    qf_table_free(&table);
}

static void test_other_columns(void **state) {
    (void)state;
    qf_error error;
    qf_table table = make(&small_table[0][0], ROWS, COLUMNS);
    qf_table other = make(&small_table[0][0], ROWS, 3);
    qf_scaler scaler;
    assert_int_equal(fit(&scaler, QF_SCALE_STANDARD, 0, &table, ROWS, 5, &error), QF_OK);
    assert_int_equal(qf_scaler_apply(&scaler, &other, &error), QF_MISMATCH);
    free(table.names[1]);
    table.names[1] = calloc(2, 1);
    table.names[1][0] = 'x';
    assert_int_equal(qf_scaler_apply(&scaler, &table, &error), QF_MISMATCH);
    assert_string_equal(error.message, "column 2: expected \"b\", got \"x\"");
    qf_scaler_free(&scaler);
    qf_table_free(&other);
    qf_table_free(&table);
}

static void test_encode_decode(void **state) {
    (void)state;
    qf_error error;
    for (int kind = 0; kind < QF_SCALE_KINDS; kind++) {
        qf_table table = make(&small_table[0][0], ROWS, COLUMNS);
        qf_table again = make(&small_table[0][0], ROWS, COLUMNS);
        qf_scaler scaler, decoded;
        qf_arrays arrays = {0};
        assert_int_equal(fit(&scaler, (qf_scale_kind)kind, 1, &table, FITTED, 5, &error), QF_OK);
        assert_int_equal(qf_scaler_encode(&scaler, &arrays, &error), QF_OK);
        assert_int_equal(qf_scaler_init(&decoded, (qf_scale_kind)kind, 1, &table, &error), QF_OK);
        assert_int_equal(qf_scaler_decode(&decoded, &arrays, &error), QF_OK);
        assert_int_equal(qf_scaler_apply(&scaler, &table, &error), QF_OK);
        assert_int_equal(qf_scaler_apply(&decoded, &again, &error), QF_OK);
        assert_memory_equal(table.values, again.values, ROWS * COLUMNS * sizeof(double));
        qf_arrays_free(&arrays);
        qf_scaler_free(&decoded);
        qf_scaler_free(&scaler);
        qf_table_free(&again);
        qf_table_free(&table);
    }
}

static qf_status decode(qf_scale_kind kind, const char *name, size_t rows, size_t columns,
                        const double *data, const char *second, const double *more) {
    qf_error error;
    qf_table like = make(NULL, 0, 2);
    qf_scaler scaler;
    qf_arrays arrays = {0};
    assert_int_equal(qf_scaler_init(&scaler, kind, 0, &like, &error), QF_OK);
    assert_int_equal(qf_arrays_add(&arrays, name, QF_F64, rows, columns, data, &error), QF_OK);
    if (second) {
        assert_int_equal(qf_arrays_add(&arrays, second, QF_F64, rows, columns, more, &error),
                         QF_OK);
    }
    const qf_status status = qf_scaler_decode(&scaler, &arrays, &error);
    qf_arrays_free(&arrays);
    qf_scaler_free(&scaler);
    qf_table_free(&like);
    return status;
}

static void test_hostile_arrays(void **state) {
    (void)state;
    const double good[] = {1, 2, 2, 1, 1, 3}, nan[] = {NAN, 1}, infinite[] = {1, INFINITY};
    const double negative[] = {1, -1}, unordered[] = {1, 3, 2, 1, 2, 3};
    const double wide[] = {-1.7e308, 0, 1.7e308, 0, 0, 0}, holed[] = {0, NAN, 1, 0, 0, 0};
    const qf_scale_kind affine = QF_SCALE_STANDARD, quantile = QF_SCALE_QUANTILE;
    assert_int_equal(decode(affine, "shift", 2, 1, good, "divisor", good), QF_OK);
    assert_int_equal(decode(affine, "shift", 2, 1, good, "divisor", negative), QF_DATA);
    assert_int_equal(decode(affine, "shift", 2, 1, good, "divisor", nan), QF_DATA);
    assert_int_equal(decode(affine, "shift", 2, 1, infinite, "divisor", good), QF_DATA);
    assert_int_equal(decode(affine, "shift", 3, 1, good, "divisor", good), QF_DATA);
    assert_int_equal(decode(affine, "shift", 2, 1, good, "shift", good), QF_DATA);
    assert_int_equal(decode(affine, "shift", 2, 1, good, NULL, NULL), QF_DATA);
    assert_int_equal(decode(QF_SCALE_NONE, "shift", 2, 1, good, NULL, NULL), QF_DATA);
    assert_int_equal(decode(quantile, "quantiles", 2, 3, good, NULL, NULL), QF_OK);
    assert_int_equal(decode(quantile, "quantiles", 2, 1, good, NULL, NULL), QF_OK);
    assert_int_equal(decode(quantile, "quantiles", 2, 0, good, NULL, NULL), QF_DATA);
    assert_int_equal(decode(quantile, "quantiles", 3, 2, good, NULL, NULL), QF_DATA);
    assert_int_equal(decode(quantile, "quantiles", 2, 3, unordered, NULL, NULL), QF_DATA);
    assert_int_equal(decode(quantile, "quantiles", 2, 3, wide, NULL, NULL), QF_DATA);
    assert_int_equal(decode(quantile, "quantiles", 2, 3, holed, NULL, NULL), QF_DATA);
}

static void test_spill(void **state) {
    (void)state;
    qf_error error;
    qf_table table = make(&small_table[0][0], ROWS, COLUMNS), block = make(NULL, 0, COLUMNS);
    qf_spill spill = spill_rows(&table, ROWS, 7, 5);
    assert_int_equal(qf_spill_blocks(&spill), 7); /* 48 = 6 * 7 + 6 */
    for (size_t b = 0; b < 7; b++) {
        assert_int_equal(qf_spill_read_rows(&spill, b, &block, &error), QF_OK);
        assert_int_equal(block.rows, b < 6 ? 7 : 6);
        assert_memory_equal(block.values, table.values + b * 7 * COLUMNS,
                            block.rows * COLUMNS * sizeof(double));
        assert_memory_equal(block.labels, table.labels + b * 7, block.rows);
        assert_memory_equal(block.origins, table.origins + b * 7, block.rows * sizeof(qf_origin));
    }
    double columns[2][ROWS], expected[ROWS];
    assert_int_equal(qf_spill_read_columns(&spill, 1, 2, &columns[0][0], &error), QF_OK);
    for (size_t c = 0; c < 2; c++) {
        for (size_t r = 0; r < ROWS; r++) expected[r] = table.values[r * COLUMNS + c + 1];
        assert_memory_equal(columns[c], expected, sizeof expected);
    }
    qf_spill_close(&spill);
    qf_table_free(&block);
    qf_table_free(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oracle_small),    cmocka_unit_test(test_oracle_long),
        cmocka_unit_test(test_pieces),          cmocka_unit_test(test_extreme_values),
        cmocka_unit_test(test_range_too_large), cmocka_unit_test(test_not_finite_when_applied),
        cmocka_unit_test(test_constant_column), cmocka_unit_test(test_one_row),
        cmocka_unit_test(test_other_columns),   cmocka_unit_test(test_encode_decode),
        cmocka_unit_test(test_hostile_arrays),  cmocka_unit_test(test_spill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
