/* SMOTE and undersampling: what every synthetic row must be, whatever the draws, and how they are
 * distributed beside imbalanced-learn's. */
#include "base/number.h"
#include "base/random.h"
#include "data/neighbours.h"
#include "data/smote.h"
#include "data/undersample.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "smote_oracle.h"

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

/* The difference of the greatest numbers of either sign overflows; the points between them are
 * spread evenly nonetheless. */
static void largest_numbers(void **state) {
    (void)state;
    static const char *const names[] = {"a", "b", "c"};
    static const double rows[][3] = {{DBL_MAX, 1e300, 0x1p-1074}, {-DBL_MAX, -DBL_MAX, 0}};
    enum { COMMON = 402 };
    qf_table table;
    report made;
    qf_error error;
    assert_int_equal(qf_table_init(&table, 3, names, "y", &error), QF_OK);
    for (size_t r = 0; r < 2 + COMMON; r++) {
        const qf_origin origin = {(int64_t)r, -1};
        assert_int_equal(qf_table_append(&table, rows[r % 2], r < 2, origin, &error), QF_OK);
    }
    assert_int_equal(smote(&table, 1, 1, false, 1, 1, &made, &error), QF_OK);
    assert_int_equal(made.added, COMMON - 2);
    double mean = 0;
    for (size_t r = 2 + COMMON; r < table.rows; r++) {
        const double *row = table.values + r * 3;
        for (size_t c = 0; c < 3; c++) {
            assert_true(row[c] >= rows[1][c] && row[c] <= rows[0][c]); /* so neither NaN */
        }
        mean += row[0] / DBL_MAX / (COMMON - 2);
    }
    assert_true(fabs(mean) < 4 / sqrt(3 * (COMMON - 2))); /* 4 standard errors */
    size_t ends = 0;
    for (size_t r = 2 + COMMON; r < table.rows; r++) ends += fabs(table.values[r * 3]) == DBL_MAX;
    assert_int_equal(ends, 0);
    qf_table_free(&table);
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

/* ---- Against imbalanced-learn ---- */

enum { MADE = 50000 };
/* Deviations allowed: a share of 6e-7 of right samples lies beyond, and the seeds are fixed. */
static const double sigmas = 5;

/* The oracle's minority, and as many majority rows that MADE rows are missing. */
static qf_table oracle_table(void) {
    static const char *const names[ORACLE_COLUMNS] = {"a", "b", "c", "d"};
    static const double zeros[ORACLE_COLUMNS] = {0};
    qf_table table;
    qf_error error;
    assert_int_equal(qf_table_init(&table, ORACLE_COLUMNS, names, "y", &error), QF_OK);
    for (int64_t r = 0; r < 2 * ORACLE_MINORITY + MADE; r++) {
        const bool fraud = r < ORACLE_MINORITY;
        assert_int_equal(qf_table_append(&table, fraud ? oracle_minority[r] : zeros, fraud,
                                         (qf_origin){r, -1}, &error),
                         QF_OK);
    }
    return table;
}

/* The synthetic rows alone. */
static qf_table make_oracle_rows(uint64_t seed) {
    const qf_smote_options options = {1, ORACLE_NEIGHBOURS, false, seed};
    const qf_run run = qf_run_default();
    qf_table table = oracle_table(), made;
    qf_smote plan;
    qf_error error;
    assert_int_equal(
        qf_table_init(&made, ORACLE_COLUMNS, (const char *const *)table.names, "y", &error), QF_OK);
    assert_int_equal(qf_smote_plan(&plan, &table, &options, &run, &error), QF_OK);
    assert_int_equal(plan.added, MADE);
    assert_int_equal(qf_smote_append(&plan, 0, MADE, &run, &made, &error), QF_OK);
    qf_smote_free(&plan);
    qf_table_free(&table);
    return made;
}

static void neighbours_are_those_of_imbalanced_learn(void **state) {
    (void)state;
    const qf_smote_options options = {1, ORACLE_NEIGHBOURS, false, 1};
    const qf_run run = qf_run_default();
    qf_table table = oracle_table();
    qf_smote plan;
    qf_error error;
    assert_int_equal(qf_smote_plan(&plan, &table, &options, &run, &error), QF_OK);
    assert_int_equal(plan.minority, ORACLE_MINORITY);
    for (size_t r = 0; r < ORACLE_MINORITY; r++) {
        for (size_t i = 0; i < ORACLE_NEIGHBOURS; i++) {
            assert_int_equal(plan.neighbours[r * ORACLE_NEIGHBOURS + i].row,
                             oracle_neighbours[r][i]);
        }
    }
    qf_smote_free(&plan);
    qf_table_free(&table);
}

static double mean_of(const qf_table *table, size_t column) {
    double sum = 0;
    for (size_t r = 0; r < table->rows; r++) sum += table->values[r * table->columns + column];
    return sum / (double)table->rows;
}

static double covariance_of(const qf_table *table, size_t a, size_t b) {
    const double mean_a = mean_of(table, a), mean_b = mean_of(table, b);
    double sum = 0;
    for (size_t r = 0; r < table->rows; r++) {
        const double *row = table->values + r * table->columns;
        sum += (row[a] - mean_a) * (row[b] - mean_b);
    }
    return sum / (double)table->rows;
}

static double share_up_to(const qf_table *table, size_t column, double threshold) {
    size_t count = 0;
    for (size_t r = 0; r < table->rows; r++) {
        count += table->values[r * table->columns + column] <= threshold;
    }
    return (double)count / (double)table->rows;
}

/* Two means of MADE and ORACLE_SAMPLE draws of this variance are as near as they should be. */
static void assert_near(double ours, double theirs, double variance) {
    assert_true(fabs(ours - theirs) <=
                sigmas * sqrt(variance * (1.0 / MADE + 1.0 / ORACLE_SAMPLE)));
}

static void distributed_as_by_imbalanced_learn(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        qf_table rows = make_oracle_rows(seed);
        for (size_t c = 0; c < ORACLE_COLUMNS; c++) {
            assert_near(mean_of(&rows, c), oracle_mean[0][c], oracle_covariance[c][c]);
            for (size_t d = 0; d < ORACLE_COLUMNS; d++) {
                assert_near(covariance_of(&rows, c, d), oracle_covariance[c][d],
                            oracle_product_variance[c][d]);
            }
            for (size_t i = 0; i < ORACLE_LEVELS; i++) {
                const double share = oracle_shares[c][i];
                assert_near(share_up_to(&rows, c, oracle_thresholds[c][i]), share,
                            share * (1 - share));
            }
        }
        qf_table_free(&rows);
    }
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Where the row lies between its parents, by the column in which these differ most. */
static double gap_of(const double *row, const double *x, const double *y) {
    size_t widest = 0;
    for (size_t c = 1; c < ORACLE_COLUMNS; c++) {
        if (fabs(y[c] - x[c]) > fabs(y[widest] - x[widest])) widest = c;
    }
    return (row[widest] - x[widest]) / (y[widest] - x[widest]);
}

/* Kolmogorov's bound, passed by a share of 2 exp(-2 * 2.7^2) = 1e-6 of uniform samples. */
static void gaps_are_uniform(void **state) {
    (void)state;
    qf_table rows = make_oracle_rows(1);
    double *gaps = malloc(MADE * sizeof *gaps);
    for (size_t r = 0; r < MADE; r++) {
        gaps[r] = gap_of(rows.values + r * ORACLE_COLUMNS, oracle_minority[rows.origins[r].row],
                         oracle_minority[rows.origins[r].neighbour]);
    }
    qsort(gaps, MADE, sizeof *gaps, ascending);
    double distance = 0;
    for (size_t i = 0; i < MADE; i++) {
        distance = fmax(distance, fabs(gaps[i] - (double)i / MADE));
        distance = fmax(distance, fabs(gaps[i] - (double)(i + 1) / MADE));
    }
    assert_true(distance < 2.7 / sqrt(MADE));
    assert_true(gaps[0] >= 0 && gaps[MADE - 1] < 1);
    free(gaps);
    qf_table_free(&rows);
}

/* Every pair of a parent and one of its neighbours is drawn equally often. The bound is the
 * chi-square quantile at `sigmas` (Wilson and Hilferty 1931). */
static void parents_are_uniform(void **state) {
    (void)state;
    enum { PAIRS = ORACLE_MINORITY * ORACLE_NEIGHBOURS };
    qf_table rows = make_oracle_rows(1);
    size_t counts[PAIRS] = {0};
    for (size_t r = 0; r < MADE; r++) {
        const size_t parent = (size_t)rows.origins[r].row;
        size_t i = 0;
        while (i < ORACLE_NEIGHBOURS &&
               oracle_neighbours[parent][i] != (size_t)rows.origins[r].neighbour) {
            i++;
        }
        assert_true(i < ORACLE_NEIGHBOURS);
        counts[parent * ORACLE_NEIGHBOURS + i]++;
    }
    const double expected = (double)MADE / PAIRS, freedom = PAIRS - 1;
    double chi_square = 0;
    for (size_t i = 0; i < PAIRS; i++) {
        chi_square += pow((double)counts[i] - expected, 2) / expected;
    }
    const double part = 2 / (9 * freedom);
    assert_true(chi_square < freedom * pow(1 - part + sigmas * sqrt(part), 3));
    assert_true(chi_square > freedom * pow(1 - part - sigmas * sqrt(part), 3)); /* not too even */
    qf_table_free(&rows);
}

/* ---- Undersampling ---- */

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
        cmocka_unit_test(largest_numbers),
        cmocka_unit_test(rounding_keeps_whole_columns_whole),
        cmocka_unit_test(same_for_any_threads),
        cmocka_unit_test(refusals),
        cmocka_unit_test(neighbours_are_those_of_imbalanced_learn),
        cmocka_unit_test(distributed_as_by_imbalanced_learn),
        cmocka_unit_test(gaps_are_uniform),
        cmocka_unit_test(parents_are_uniform),
        cmocka_unit_test(undersampling_keeps_the_minority_and_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
