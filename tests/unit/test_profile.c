/* The profile against NumPy, SciPy and scikit-learn. */
#include "data/profile.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "profile_oracle.h"

static const char *const names[ORACLE_COLUMNS] = {"a", "b", "c", "d", "e", "f", "g"};

static qf_table make(size_t rows) {
    qf_error error;
    qf_table table;
    assert_int_equal(qf_table_init(&table, ORACLE_COLUMNS, names, "fraud", &error), QF_OK);
    for (size_t r = 0; r < rows; r++) {
        const qf_origin origin = {(int64_t)r, -1};
        assert_int_equal(
            qf_table_append(&table, oracle_values[r], oracle_labels[r], origin, &error), QF_OK);
    }
    return table;
}

static void assert_near(double value, double expected, double tolerance) {
    if (isnan(expected)) {
        assert_true(isnan(value));
    } else {
        assert_true(fabs(value - expected) <= tolerance * fmax(1, fabs(expected)));
    }
}

static void test_columns(void **state) {
    (void)state;
    qf_error error;
    const qf_run run = qf_run_default();
    qf_table table = make(ORACLE_ROWS);
    qf_column_profile p[ORACLE_COLUMNS];
    assert_int_equal(qf_profile_columns(&table, &run, p, &error), QF_OK);
    for (size_t c = 0; c < ORACLE_COLUMNS; c++) {
        const double got[13] = {(double)p[c].distinct, p[c].zero_share,     p[c].whole,
                                p[c].minimum,          p[c].lower_quartile, p[c].median,
                                p[c].upper_quartile,   p[c].maximum,        p[c].mean,
                                p[c].deviation,        p[c].skewness,       p[c].auc,
                                p[c].correlation};
        /* Column f varies in the tenth digit only. */
        for (size_t i = 0; i < 13; i++) {
            assert_near(got[i], oracle_profiles[c][i], c == 5 && i > 8 ? 1e-6 : 1e-12);
        }
    }
    qf_table_free(&table);
}

/* An offset common to all values changes the mean alone. */
static void test_offset(void **state) {
    (void)state;
    qf_error error;
    const qf_run run = qf_run_default();
    qf_table table = make(ORACLE_ROWS);
    qf_column_profile plain[ORACLE_COLUMNS], moved[ORACLE_COLUMNS];
    for (size_t r = 0; r < table.rows; r++) {
        for (size_t c = 0; c < ORACLE_COLUMNS; c++) {
            table.values[r * ORACLE_COLUMNS + c] = (double)((r * (c + 5)) % 13);
        }
    }
    assert_int_equal(qf_profile_columns(&table, &run, plain, &error), QF_OK);
    for (size_t i = 0; i < table.rows * ORACLE_COLUMNS; i++) table.values[i] += 1e15;
    assert_int_equal(qf_profile_columns(&table, &run, moved, &error), QF_OK);
    for (size_t c = 0; c < ORACLE_COLUMNS; c++) {
        assert_near(moved[c].mean - 1e15, plain[c].mean, 0.125);
        assert_near(moved[c].deviation, plain[c].deviation, 1e-12);
        assert_near(moved[c].skewness, plain[c].skewness, 1e-12);
        assert_near(moved[c].correlation, plain[c].correlation, 1e-12);
    }
    qf_table_free(&table);
}

static void test_records(void **state) {
    (void)state;
    qf_error error;
    qf_profile first = {0};
    for (size_t threads = 1; threads < 5; threads += 3) {
        qf_run run = qf_run_default();
        run.threads = threads;
        qf_table table = make(ORACLE_ROWS);
        qf_profile profile = {0};
        assert_int_equal(qf_profile_table(&table, 4, &run, &profile, &error), QF_OK);
        assert_int_equal(profile.count, 1 + ORACLE_COLUMNS + ORACLE_MATRIX);
        assert_string_equal(qf_record_text(&profile.records[0], "record"), "table");
        assert_true(qf_record_number(&profile.records[0], "rows") == ORACLE_ROWS);
        assert_string_equal(qf_record_text(&profile.records[3], "name"), "c");
        assert_true(qf_record_number(&profile.records[3], "maximum") == 60 * 37);
        for (size_t i = 0; i < ORACLE_MATRIX; i++) {
            const qf_record *r = &profile.records[1 + ORACLE_COLUMNS + i];
            assert_string_equal(qf_record_text(r, "record"), "correlation");
            assert_string_equal(qf_record_text(r, "name"),
                                i + 1 < ORACLE_MATRIX ? names[oracle_order[i]] : "fraud");
            const qf_field *row = qf_record_find(r, "correlations");
            assert_int_equal(row->count, ORACLE_MATRIX);
            for (size_t j = 0; j < ORACLE_MATRIX; j++) {
                assert_near(row->reals[j], oracle_matrix[i][j], 1e-6);
                if (first.records) {
                    assert_true(
                        row->reals[j] ==
                        qf_record_find(&first.records[1 + ORACLE_COLUMNS + i], "correlations")
                            ->reals[j]);
                }
            }
        }
        qf_table_free(&table);
        if (threads == 1) {
            first = profile;
        } else {
            qf_profile_free(&profile);
        }
    }
    qf_profile_free(&first);
}

static void test_few_rows(void **state) {
    (void)state;
    qf_error error;
    const qf_run run = qf_run_default();
    for (size_t rows = 0; rows < 4; rows++) {
        qf_table table = make(rows);
        for (size_t r = 0; r < rows; r++) table.labels[r] = 0;
        qf_profile profile = {0};
        const qf_status status = qf_profile_table(&table, 29, &run, &profile, &error);
        assert_int_equal(status, rows ? QF_OK : QF_DATA);
        assert_int_equal(profile.count, rows ? 1 + ORACLE_COLUMNS : 0);
        if (rows) assert_true(isnan(qf_record_number(&profile.records[1], "auc")));
        qf_profile_free(&profile);
        qf_table_free(&table);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_offset),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_few_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
