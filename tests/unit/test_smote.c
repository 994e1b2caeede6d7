/* SMOTE and undersampling: what every synthetic row must be, whatever the draws. */
#include "base/number.h"
#include "base/random.h"
#include "data/neighbours.h"
#include "data/smote.h"
#include "data/undersample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COLUMNS = 4 };

/* Fraud rows come third, sixth, ...; identities are 1000 + row. Columns 0 and 1 are whole numbers.
 */
static void make(qf_table *table, size_t rows, uint64_t seed) {
    static const char *const names[COLUMNS] = {"a", "b", "c", "d"};
    qf_random random = qf_random_stream(seed, "test", 0);
    qf_error error;
    assert_int_equal(qf_table_init(table, COLUMNS, names, "y", &error), QF_OK);
    for (size_t r = 0; r < rows; r++) {
        const double row[COLUMNS] = {(double)qf_random_below(&random, 50),
                                     (double)qf_random_below(&random, 9), qf_random_normal(&random),
                                     1e6 * qf_random_uniform(&random)};
        const qf_origin origin = {(int64_t)(1000 + r), -1};
        assert_int_equal(qf_table_append(table, row, r % 3 == 2, origin, &error), QF_OK);
    }
}

typedef struct report {
    size_t added, fractional_columns;
} report;

/* Appends all synthetic rows to the table they are made of, in blocks of uneven sizes. */
static qf_status smote(qf_table *table, double ratio, size_t k, bool round, uint64_t seed,
                       size_t threads, report *result, qf_error *error) {
    const qf_smote_options options = {ratio, k, round, seed};
    qf_run run = qf_run_default();
    run.threads = threads;
    qf_smote plan;
    qf_status status = qf_smote_plan(&plan, table, &options, &run, error);
    for (size_t done = 0, block = threads; status == QF_OK && done < plan.added; block *= 3) {
        if (block > plan.added - done) block = plan.added - done;
        status = qf_smote_append(&plan, done, block, &run, table, error);
        done += block;
    }
    *result = (report){plan.added, plan.fractional_columns};
    qf_smote_free(&plan);
    return status;
}

static bool is_neighbour(const double *minority, size_t count, size_t parent, size_t other,
                         size_t k) {
    double limit = 0;
    size_t nearer = 0;
    for (size_t c = 0; c < COLUMNS; c++) {
        limit += pow(minority[parent * COLUMNS + c] - minority[other * COLUMNS + c], 2);
    }
    for (size_t r = 0; r < count; r++) {
        double distance = 0;
        for (size_t c = 0; c < COLUMNS; c++) {
            distance += pow(minority[parent * COLUMNS + c] - minority[r * COLUMNS + c], 2);
        }
        nearer += r != parent && distance < limit * (1 - 1e-12);
    }
    return other != parent && nearer < k;
}

/* Every synthetic row lies at one gap between its two recorded parents, and these are neighbours.
 */
static void lies_between_its_parents(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        enum { ROWS = 300, K = 5 };
        qf_table table;
        report made;
        qf_error error;
        make(&table, ROWS, seed);
        double *minority = malloc(ROWS / 3 * COLUMNS * sizeof *minority);
        for (size_t i = 0; i < ROWS / 3; i++) {
            memcpy(minority + i * COLUMNS, table.values + (3 * i + 2) * COLUMNS,
                   COLUMNS * sizeof *minority);
        }
        assert_int_equal(smote(&table, 1, K, false, seed, 1, &made, &error), QF_OK);
        assert_int_equal(made.added, 100);
        assert_int_equal(made.fractional_columns, 2);
        assert_int_equal(table.rows, ROWS + 100);
        double gap_sum = 0;
        for (size_t r = ROWS; r < table.rows; r++) {
            assert_int_equal(table.labels[r], 1);
            const size_t parent = ((size_t)table.origins[r].row - 1002) / 3;
            const size_t other = ((size_t)table.origins[r].neighbour - 1002) / 3;
            assert_true(is_neighbour(minority, ROWS / 3, parent, other, K));
            const double *x = minority + parent * COLUMNS, *y = minority + other * COLUMNS;
            const double *row = table.values + r * COLUMNS;
            const double gap = (row[3] - x[3]) / (y[3] - x[3]); /* the widest column */
            assert_true(gap >= 0 && gap < 1);
            gap_sum += gap;
            for (size_t c = 0; c < COLUMNS; c++) {
                assert_true(fabs(row[c] - (x[c] + gap * (y[c] - x[c]))) < 1e-6);
            }
        }
        assert_true(fabs(gap_sum / 100 - 0.5) < 0.12); /* 4 standard errors of a uniform mean */
        free(minority);
        qf_table_free(&table);
    }
}

static void rounding_keeps_whole_columns_whole(void **state) {
    (void)state;
    qf_table table;
    report made;
    qf_error error;
    make(&table, 300, 1);
    assert_int_equal(smote(&table, 1, 5, true, 1, 1, &made, &error), QF_OK);
    assert_int_equal(made.fractional_columns, 0);
    size_t fractional = 0;
    for (size_t r = 0; r < table.rows; r++) {
        assert_true(qf_is_whole(table.values[r * COLUMNS]) &&
                    qf_is_whole(table.values[r * COLUMNS + 1]));
        fractional += !qf_is_whole(table.values[r * COLUMNS + 2]);
    }
    assert_int_equal(fractional, table.rows); /* the other columns are not rounded */
    qf_table_free(&table);
}

static void same_for_any_threads(void **state) {
    (void)state;
    qf_table one, three, other;
    report made;
    qf_error error;
    make(&one, 600, 2), make(&three, 600, 2), make(&other, 600, 2);
    assert_int_equal(smote(&one, 0.8, 3, false, 9, 1, &made, &error), QF_OK);
    assert_int_equal(made.added, 120);
    assert_int_equal(smote(&three, 0.8, 3, false, 9, 3, &made, &error), QF_OK);
    assert_int_equal(smote(&other, 0.8, 3, false, 10, 1, &made, &error), QF_OK);
    assert_memory_equal(one.values, three.values, one.rows * COLUMNS * sizeof(double));
    assert_memory_not_equal(one.values, other.values, one.rows * COLUMNS * sizeof(double));
    qf_table_free(&one), qf_table_free(&three), qf_table_free(&other);
}

static void refusals(void **state) {
    (void)state;
    qf_table table;
    report made;
    qf_error error;
    make(&table, 15, 3);
    assert_int_equal(smote(&table, 1, 5, false, 1, 1, &made, &error), QF_DATA);
    assert_non_null(strstr(error.message, "5 rows with label 1, 5 neighbours need at least 6"));
    assert_int_equal(smote(&table, 0.4, 5, false, 1, 1, &made, &error), QF_OK);
    assert_int_equal(made.added, 0);
    assert_int_equal(smote(&table, 1, 4, false, 1, 1, &made, &error), QF_OK);
    assert_int_equal(table.rows, 20);
    table.labels[0] = table.labels[1] = 1; /* now label 0 is the minority, 8 original rows */
    assert_int_equal(smote(&table, 1, 4, false, 1, 1, &made, &error), QF_OK);
    for (size_t r = 0; r < 15; r++) table.labels[r] = 0; /* and now the synthetic rows are */
    assert_int_equal(smote(&table, 1, 2, false, 1, 1, &made, &error), QF_DATA);
    assert_non_null(strstr(error.message, "synthetic already"));
    memset(table.labels, 0, table.rows);
    assert_int_equal(smote(&table, 1, 2, false, 1, 1, &made, &error), QF_DATA);
    qf_table_free(&table);
}

static void undersampling_keeps_the_minority_and_the_order(void **state) {
    (void)state;
    size_t kept_often[300] = {0};
    for (uint64_t seed = 0; seed < 400; seed++) {
        qf_table table, kept;
        qf_error error;
        size_t counts[2];
        make(&table, 300, 1);
        assert_int_equal(qf_undersample(&table, 0.8, seed, &kept, &error), QF_OK);
        qf_table_count_classes(&kept, counts);
        assert_int_equal(counts[1], 100);
        assert_int_equal(counts[0], 125);
        for (size_t r = 0; r < kept.rows; r++) {
            if (r) assert_true(kept.origins[r].row > kept.origins[r - 1].row);
            kept_often[kept.origins[r].row - 1000]++;
        }
        qf_table_free(&kept);
        qf_table_free(&table);
    }
    /* Each majority row is kept with probability 125 / 200: 250 of 400, within 5 deviations of 9.7.
     */
    for (size_t r = 0; r < 300; r++) {
        if (r % 3 == 2) continue;
        assert_true(kept_often[r] > 200 && kept_often[r] < 300);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lies_between_its_parents),
        cmocka_unit_test(rounding_keeps_whole_columns_whole),
        cmocka_unit_test(same_for_any_threads),
        cmocka_unit_test(refusals),
        cmocka_unit_test(undersampling_keeps_the_minority_and_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
