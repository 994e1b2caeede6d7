/* Splits: disjoint and complete by construction of part[]; sizes, groups, chance. */
#include "data/split.h"

#include "base/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Rows of two features: a fraud share, and a share of rows that repeat an earlier row's features.
 */
static qf_table make(size_t rows, double fraud, double repeated, uint64_t seed) {
    const char *names[] = {"a", "b"};
    qf_error error = {0};
    qf_table table;
    assert_int_equal(qf_table_init(&table, 2, names, "y", &error), QF_OK);
    qf_random random = qf_random_stream(seed, "test", 0);
    for (size_t r = 0; r < rows; r++) {
        double values[2] = {qf_random_normal(&random), (double)r};
        if (r && qf_random_uniform(&random) < repeated) {
            memcpy(values, table.values + 2 * qf_random_below(&random, r), sizeof values);
        }
        const uint8_t label = r == 0 || (r > 1 && qf_random_uniform(&random) < fraud);
        assert_int_equal(
            qf_table_append(&table, values, label, (qf_origin){(int64_t)r, -1}, &error), QF_OK);
    }
    return table;
}

static size_t count(const qf_table *table, const size_t *part, size_t p, int label) {
    size_t rows = 0;
    for (size_t r = 0; r < table->rows; r++) rows += part[r] == p && table->labels[r] == label;
    return rows;
}

static bool identical(const qf_table *table, size_t r, size_t s) {
    const double *a = table->values + 2 * r, *b = table->values + 2 * s;
    return a[0] == b[0] && a[1] == b[1];
}

static size_t largest_group(const qf_table *table) {
    size_t largest = 0;
    for (size_t r = 0; r < table->rows; r++) {
        size_t same = 0;
        for (size_t s = 0; s < table->rows; s++) {
            same += identical(table, r, s);
        }
        if (same > largest) largest = same;
    }
    return largest;
}

static void check_groups(const qf_table *table, const size_t *part) {
    for (size_t r = 0; r < table->rows; r++) {
        for (size_t s = 0; s < r; s++) {
            if (identical(table, r, s)) assert_int_equal(part[r], part[s]);
        }
    }
}

static void test_holdout(void **state) {
    (void)state;
    qf_error error;
    size_t part[1000];
    for (uint64_t seed = 1; seed <= 20; seed++) {
        for (int repeats = 0; repeats < 3; repeats++) {
            qf_table table = make(repeats == 2 ? 50 : 600, 0.25, 0.2 * repeats, seed);
            size_t counts[2];
            qf_table_count_classes(&table, counts);
            const double slack = repeats ? (double)largest_group(&table) : 0;
            assert_int_equal(qf_split_holdout(&table, 0.2, QF_GROUP_IDENTICAL, seed, part, &error),
                             QF_OK);
            for (int label = 0; label < 2; label++) {
                const double quota = floor(0.2 * (double)counts[label] + 0.5);
                assert_true(fabs((double)count(&table, part, 1, label) - quota) <= slack);
            }
            check_groups(&table, part);
            assert_int_equal(qf_split_holdout(&table, 0.2, QF_GROUP_NONE, seed, part, &error),
                             QF_OK);
            for (int label = 0; label < 2; label++) {
                assert_true((double)count(&table, part, 1, label) ==
                            floor(0.2 * (double)counts[label] + 0.5));
            }
            qf_table_free(&table);
        }
    }
}

/* Enough single rows fill the quotas exactly, however large the groups are. */
static void test_exact_with_groups(void **state) {
    (void)state;
    qf_error error;
    size_t part[500];
    qf_table table = make(500, 0.3, 0.1, 3);
    size_t counts[2];
    qf_table_count_classes(&table, counts);
    assert_true(largest_group(&table) > 1);
    assert_int_equal(qf_split_holdout(&table, 0.3, QF_GROUP_IDENTICAL, 1, part, &error), QF_OK);
    for (int label = 0; label < 2; label++) {
        assert_true((double)count(&table, part, 1, label) ==
                    floor(0.3 * (double)counts[label] + 0.5));
    }
    qf_table_free(&table);
}

/* Sets the features of `count` fraud rows, from `first` on, to the same numbers. */
static void make_fraud_group(qf_table *table, size_t first, size_t count) {
    for (size_t r = first; r < first + count; r++) {
        table->labels[r] = 1;
        table->values[2 * r] = table->values[2 * r + 1] = -1 - (double)first;
    }
}

/* Of ten fraud rows two are for the test part. */
static void test_groups_that_hardly_fit(void **state) {
    (void)state;
    qf_error error;
    size_t part[50];
    qf_table table = make(50, 0, 0, 1);
    make_fraud_group(&table, 0, 4);
    make_fraud_group(&table, 4, 4);
    make_fraud_group(&table, 8, 1);
    make_fraud_group(&table, 9, 1);
    for (uint64_t seed = 0; seed < 50; seed++) { /* the single rows are all that fits */
        assert_int_equal(qf_split_holdout(&table, 0.2, QF_GROUP_IDENTICAL, seed, part, &error),
                         QF_OK);
        assert_int_equal(count(&table, part, 1, 1), 2);
    }
    make_fraud_group(&table, 0, 5);
    make_fraud_group(&table, 5, 5);
    for (uint64_t seed = 0; seed < 50; seed++) { /* better too many than none */
        assert_int_equal(qf_split_holdout(&table, 0.2, QF_GROUP_IDENTICAL, seed, part, &error),
                         QF_OK);
        assert_int_equal(count(&table, part, 1, 1), 5);
    }
    qf_table_free(&table);
}

/* Every row is in the test part about as often as any other, rows of groups too. */
static void test_chance(void **state) {
    (void)state;
    enum { DRAWS = 2000, ROWS = 60 };
    qf_error error;
    size_t part[ROWS], tested[ROWS] = {0};
    qf_table table = make(ROWS, 0.4, 0.3, 8);
    for (uint64_t seed = 0; seed < DRAWS; seed++) {
        assert_int_equal(qf_split_holdout(&table, 0.25, QF_GROUP_IDENTICAL, seed, part, &error),
                         QF_OK);
        for (size_t r = 0; r < ROWS; r++) tested[r] += part[r];
    }
    for (size_t r = 0; r < ROWS; r++) {
        const double share = (double)tested[r] / DRAWS;
        assert_true(share > 0.15 && share < 0.35);
    }
    qf_table_free(&table);
}

static void test_folds(void **state) {
    (void)state;
    qf_error error;
    size_t part[603];
    qf_table table = make(603, 0.25, 0, 5);
    size_t counts[2];
    qf_table_count_classes(&table, counts);
    for (size_t folds = 2; folds <= 20; folds++) {
        assert_int_equal(qf_split_folds(&table, folds, QF_GROUP_IDENTICAL, 7, part, &error), QF_OK);
        for (size_t f = 0; f < folds; f++) {
            size_t all = 0;
            for (int label = 0; label < 2; label++) {
                const size_t rows = count(&table, part, f, label), least = counts[label] / folds;
                assert_in_range(rows, least, least + 1);
                all += rows;
            }
            assert_in_range(all, 603 / folds, 603 / folds + 1);
        }
    }
    qf_table_free(&table);
}

static void test_seeds(void **state) {
    (void)state;
    qf_error error;
    size_t one[200], again[200], two[200];
    qf_table table = make(200, 0.25, 0.1, 5);
    assert_int_equal(qf_split_folds(&table, 5, QF_GROUP_IDENTICAL, 1, one, &error), QF_OK);
    assert_int_equal(qf_split_folds(&table, 5, QF_GROUP_IDENTICAL, 1, again, &error), QF_OK);
    assert_int_equal(qf_split_folds(&table, 5, QF_GROUP_IDENTICAL, 2, two, &error), QF_OK);
    assert_memory_equal(one, again, sizeof one);
    assert_memory_not_equal(one, two, sizeof one);
    qf_table_free(&table);
}

static void test_contiguous(void **state) {
    (void)state;
    qf_error error;
    size_t part[203];
    qf_table table = make(203, 0.25, 0, 5);
    size_t counts[2], last[2] = {0, 0};
    qf_table_count_classes(&table, counts);
    const qf_clients clients = {.count = 4, .by = QF_CLIENTS_CONTIGUOUS};
    assert_int_equal(qf_split_clients(&table, &clients, QF_GROUP_NONE, 1, part, &error), QF_OK);
    for (size_t r = 0; r < table.rows; r++) {
        size_t *previous = &last[table.labels[r]];
        assert_true(part[r] == *previous || part[r] == *previous + 1);
        *previous = part[r];
    }
    for (size_t p = 0; p < 4; p++) {
        for (int label = 0; label < 2; label++) {
            assert_in_range(count(&table, part, p, label), counts[label] / 4,
                            counts[label] / 4 + 1);
        }
    }
    qf_table_free(&table);
}

static void test_label_skew(void **state) {
    (void)state;
    qf_error error;
    size_t part[1000];
    qf_table table = make(1000, 0.25, 0, 5);
    size_t counts[2];
    qf_table_count_classes(&table, counts);
    const double p = (double)counts[1] / 1000;
    for (int step = 0; step <= 4; step++) {
        const double skew = step / 4.0;
        const qf_clients clients = {.count = 5, .by = QF_CLIENTS_LABEL_SKEW, .skew = skew};
        assert_int_equal(qf_split_clients(&table, &clients, QF_GROUP_IDENTICAL, 1, part, &error),
                         QF_OK);
        for (size_t c = 0; c < 5; c++) {
            const size_t fraud = count(&table, part, c, 1);
            assert_in_range(fraud + count(&table, part, c, 0), 199, 201);
            const double expected = 200 * p * (1 + skew * ((double)c / 2 - 1));
            assert_true(fabs((double)fraud - expected) <= 1);
        }
    }
    qf_table_free(&table);
}

static void test_dirichlet(void **state) {
    (void)state;
    qf_error error;
    size_t part[2000];
    qf_table table = make(2000, 0.25, 0, 5);
    const double concentrations[] = {0.05, 1, 1e6};
    double spread[3] = {0};
    for (int i = 0; i < 3; i++) {
        for (uint64_t seed = 0; seed < 20; seed++) {
            const qf_clients clients = {
                .count = 4, .by = QF_CLIENTS_DIRICHLET, .concentration = concentrations[i]};
            assert_int_equal(
                qf_split_clients(&table, &clients, QF_GROUP_IDENTICAL, seed, part, &error), QF_OK);
            for (size_t c = 0; c < 4; c++) {
                const double rows = (double)(count(&table, part, c, 0) + count(&table, part, c, 1));
                assert_true(rows > 0);
                spread[i] += fabs(rows / 2000 - 0.25) / 80;
            }
        }
    }
    assert_true(spread[0] > 0.2 && spread[0] > 1.5 * spread[1] && spread[2] < 0.002);
    qf_table_free(&table);
}

static void test_too_few(void **state) {
    (void)state;
    qf_error error;
    size_t part[50];
    qf_table table = make(50, 0, 0, 1); /* one fraud row */
    assert_int_equal(qf_split_holdout(&table, 0.2, QF_GROUP_NONE, 1, part, &error), QF_DATA);
    assert_string_equal(error.message, "1 rows with label 1 are too few for a test share of 0.2");
    assert_int_equal(qf_split_folds(&table, 2, QF_GROUP_NONE, 1, part, &error), QF_DATA);
    assert_string_equal(error.message, "1 rows with label 1 are too few for 2 folds");
    qf_clients clients = {.count = 2};
    assert_int_equal(qf_split_clients(&table, &clients, QF_GROUP_NONE, 1, part, &error), QF_DATA);
    clients = (qf_clients){.count = 51, .by = QF_CLIENTS_DIRICHLET, .concentration = 1};
    assert_int_equal(qf_split_clients(&table, &clients, QF_GROUP_NONE, 1, part, &error), QF_DATA);
    assert_string_equal(error.message, "50 rows are too few for 51 clients");
    /* Twenty fraud rows, but all of them identical. */
    make_fraud_group(&table, 0, 20);
    assert_int_equal(qf_split_holdout(&table, 0.2, QF_GROUP_NONE, 1, part, &error), QF_OK);
    assert_int_equal(qf_split_holdout(&table, 0.2, QF_GROUP_IDENTICAL, 1, part, &error), QF_DATA);
    assert_string_equal(error.message,
                        "training and test part: one would have no row with label "
                        "1: there are too few that differ");
    qf_table_free(&table);
}

/* Time runs 0 0 1 1 2 2 ... in shuffled rows. */
static void test_later(void **state) {
    (void)state;
    enum { ROWS = 40 };
    const char *names[] = {"noise", "day"};
    qf_table table;
    qf_error error;
    assert_int_equal(qf_table_init(&table, 2, names, "y", &error), QF_OK);
    for (size_t r = 0; r < ROWS; r++) {
        const size_t place = r * 7 % ROWS, day = place / 2;
        const double values[] = {(double)r, (double)day};
        assert_int_equal(
            qf_table_append(&table, values, place % 3 == 0, (qf_origin){(int64_t)r, -1}, &error),
            QF_OK);
    }
    size_t part[ROWS];
    assert_int_equal(qf_split_later(&table, 0.23, 1, 2.5, part, &error), QF_OK);
    for (size_t r = 0; r < ROWS; r++) {
        const double when = table.values[r * 2 + 1];
        /* 9.2 rows: five days are 10, four 8; from day 15 on, and what is after day 12.5 is gap. */
        assert_int_equal(part[r], when >= 15 ? 1 : when > 12.5 ? 2 : 0);
    }
    assert_int_equal(qf_split_later(&table, 0.225, 1, 0, part, &error), QF_OK);
    for (size_t r = 0; r < ROWS; r++) assert_int_equal(part[r], table.values[r * 2 + 1] >= 16);
    assert_int_equal(qf_split_later(&table, 0.23, 1, 16, part, &error), QF_DATA);
    for (size_t r = 0; r < ROWS; r++) table.values[r * 2 + 1] = 3;
    assert_int_equal(qf_split_later(&table, 0.2, 1, 0, part, &error), QF_DATA);
    assert_string_equal(error.message,
                        "column \"day\" has one value: no row is later than another");
    qf_table_free(&table);
}

/* 60 entities of 1 to 7 rows. */
static void test_entities(void **state) {
    (void)state;
    enum { ROWS = 240, ENTITIES = 60 };
    const char *names[] = {"noise", "account"};
    qf_table table;
    qf_error error;
    assert_int_equal(qf_table_init(&table, 2, names, "y", &error), QF_OK);
    for (size_t r = 0; r < ROWS; r++) {
        const size_t entity = (r * r + r / 7) % ENTITIES;
        const double values[] = {(double)r, -0.5 * (double)entity};
        assert_int_equal(
            qf_table_append(&table, values, entity % 4 == 0, (qf_origin){(int64_t)r, -1}, &error),
            QF_OK);
    }
    size_t part[ROWS];
    for (uint64_t seed = 1; seed <= 20; seed++) {
        assert_int_equal(qf_split_folds(&table, 4, 1, seed, part, &error), QF_OK);
        size_t sizes[4] = {0};
        for (size_t a = 0; a < ROWS; a++) {
            sizes[part[a]]++;
            for (size_t b = 0; b < a; b++) {
                if (table.values[a * 2 + 1] == table.values[b * 2 + 1]) {
                    assert_int_equal(part[a], part[b]);
                }
            }
        }
        for (size_t fold = 0; fold < 4; fold++) assert_in_range(sizes[fold], 40, 80);
    }
    qf_table_free(&table);
}

static void test_keep(void **state) {
    (void)state;
    qf_table table = make(5, 0.5, 0, 2);
    const size_t part[] = {1, 0, 2, 1, 0};
    qf_split_keep(&table, part, 1, true);
    assert_int_equal(table.rows, 3);
    assert_int_equal(table.origins[0].row, 1);
    assert_int_equal(table.origins[1].row, 2);
    assert_true(table.values[5] == 4);
    qf_split_keep(&table, (const size_t[]){0, 1, 0}, 1, false);
    assert_int_equal(table.rows, 1);
    assert_int_equal(table.origins[0].row, 2);
    qf_table_free(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_holdout),
        cmocka_unit_test(test_exact_with_groups),
        cmocka_unit_test(test_groups_that_hardly_fit),
        cmocka_unit_test(test_chance),
        cmocka_unit_test(test_folds),
        cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_contiguous),
        cmocka_unit_test(test_label_skew),
        cmocka_unit_test(test_dirichlet),
        cmocka_unit_test(test_too_few),
        cmocka_unit_test(test_later),
        cmocka_unit_test(test_entities),
        cmocka_unit_test(test_keep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
