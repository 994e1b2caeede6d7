/* The audit on tables whose faults are known because the test made them. */
#include "base/memory.h"
#include "base/random.h"
#include "data/audit.h"
#include "data/column.h"
#include "data/correlation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SEEDS = 6 };

static const struct size {
    size_t rows, fraud;
} sizes[] = {{50, 13}, {50, 25}, {50, 5}, {50, 45}, {1000, 266}, {20000, 20}, {20468, 5438}};
enum { SIZES = sizeof sizes / sizeof *sizes };

/* A table of `columns` columns "a", "b" ... whose first `fraud` rows are fraud and whose cells are
 * standard normal draws. */
static qf_table make(size_t rows, size_t fraud, size_t columns, uint64_t seed) {
    char text[26][2];
    const char *names[26];
    qf_error error;
    qf_table table;
    for (size_t c = 0; c < columns; c++) {
        text[c][0] = (char)('a' + c);
        text[c][1] = 0;
        names[c] = text[c];
    }
    assert_int_equal(qf_table_init(&table, columns, names, "y", &error), QF_OK);
    qf_random random = qf_random_stream(seed, "test", 0);
    double values[26];
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++) values[c] = qf_random_normal(&random);
        const qf_origin origin = {(int64_t)r, -1};
        assert_int_equal(qf_table_append(&table, values, r < fraud, origin, &error), QF_OK);
    }
    return table;
}

static double *cell(qf_table *table, size_t row, size_t column) {
    return &table->values[row * table->columns + column];
}

/* The same rows in a random order. */
static qf_table shuffle(qf_table *table, uint64_t seed) {
    qf_error error;
    size_t *order = malloc(table->rows * sizeof *order);
    for (size_t r = 0; r < table->rows; r++) order[r] = r;
    qf_random random = qf_random_stream(seed, "test order", 0);
    qf_random_shuffle(&random, order, table->rows);
    qf_table result;
    assert_int_equal(qf_table_select_rows(table, order, table->rows, &result, &error), QF_OK);
    qf_table_free(table);
    free(order);
    return result;
}

static qf_audit look(const qf_table *table) {
    qf_audit audit = {0};
    qf_error error = {0};
    const qf_run run = qf_run_default();
    assert_int_equal(qf_audit_table(table, &run, &audit, &error), QF_OK);
    return audit;
}

static const qf_audit_finding *find(const qf_audit *audit, qf_audit_kind kind, const char *column) {
    for (size_t i = 0; i < audit->count; i++) {
        const qf_audit_finding *f = &audit->findings[i];
        if (f->kind == kind && (!column || strcmp(f->column, column) == 0)) return f;
    }
    return NULL;
}

/* Audits and frees the table; whether a leak or an identifier is found must be as said. */
static void expect(qf_table *table, bool leak, bool identifier) {
    qf_audit audit = look(table);
    assert_int_equal(qf_audit_count(&audit, QF_AUDIT_ERROR), leak);
    assert_int_equal(find(&audit, QF_AUDIT_LEAK, "a") != NULL, leak);
    assert_int_equal(find(&audit, QF_AUDIT_IDENTIFIER, "a") != NULL, identifier);
    assert_null(find(&audit, QF_AUDIT_IDENTIFIER, "b"));
    qf_audit_free(&audit);
    qf_table_free(table);
}

static void number_rows(qf_table *table, double first, double step) {
    for (size_t r = 0; r < table->rows; r++) *cell(table, r, 0) = first + step * (double)r;
}

static void test_index_kept(void **state) {
    (void)state;
    static const double steps[] = {1, 37, -1, 0.01};
    for (size_t i = 0; i < SIZES; i++) {
        for (size_t s = 0; s < 4; s++) {
            for (uint64_t seed = 0; seed < (sizes[i].rows > 5000 ? 2 : 2 * SEEDS); seed++) {
                qf_table table = make(sizes[i].rows, sizes[i].fraud, 3, seed);
                number_rows(&table, 5, steps[s]);
                if (seed % 2) table = shuffle(&table, seed);
                qf_audit audit = look(&table);
                const bool sorted = find(&audit, QF_AUDIT_ORDER, NULL) != NULL;
                if (sizes[i].rows >= 1000) assert_int_equal(sorted, seed % 2 == 0);
                qf_audit_free(&audit);
                expect(&table, true, true);
            }
        }
    }
}

/* Numbered after the fraud rows were put together in the middle, or legitimate rows renumbered. */
static void test_sorted_then_renumbered(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        qf_table table = make(5000, 1300, 2, seed);
        for (size_t r = 0; r < table.rows; r++) {
            *cell(&table, r, 0) = (double)(r < 1300 ? r + 2000 : r < 3300 ? r - 1300 : r);
        }
        table = shuffle(&table, seed);
        expect(&table, true, true);
    }
}

static void test_random_ids(void **state) {
    (void)state;
    for (size_t i = 0; i < SIZES; i++) {
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            qf_table table = make(sizes[i].rows, sizes[i].fraud, 3, seed);
            qf_random random = qf_random_stream(seed, "test ids", 0);
            for (size_t r = 0; r < table.rows; r++) {
                *cell(&table, r, 0) = (double)(qf_random_u64(&random) >> 12);
            }
            expect(&table, false, false);
        }
    }
}

static void test_harmless_id(void **state) {
    (void)state;
    for (size_t i = 0; i < SIZES; i++) {
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            qf_table table = make(sizes[i].rows, sizes[i].fraud, 3, seed);
            table = shuffle(&table, seed);
            number_rows(&table, 1000, seed % 2 ? 1 : 37);
            expect(&table, false, true);
        }
    }
}

static void test_real_predictor(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        for (size_t i = 4; i < SIZES; i++) {
            qf_table table = make(sizes[i].rows, sizes[i].fraud, 2, seed);
            /* Normal classes 2.326 deviations apart: AUC = Phi(2.326 / sqrt 2) = 0.95. */
            for (size_t r = 0; r < sizes[i].fraud; r++) *cell(&table, r, 0) += 2.326;
            qf_audit audit = look(&table);
            const qf_audit_finding *best = find(&audit, QF_AUDIT_BEST, "a");
            assert_non_null(best);
            assert_true(fabs(best->value - 0.95) < (sizes[i].fraud < 100 ? 0.029 : 0.02));
            qf_audit_free(&audit);
            expect(&table, false, false);
        }
    }
}

/* Rules that no order of the values shows, rare classes, values that most rows share. */
static void test_leaks_of_other_forms(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        for (size_t i = 0; i < SIZES; i++) {
            qf_table table = make(sizes[i].rows, sizes[i].fraud, 2, seed);
            for (size_t r = 0; r < table.rows; r++) *cell(&table, r, 0) = table.labels[r];
            expect(&table, true, false);
        }
        qf_table table = make(3000, 600, 2, seed);
        qf_random random = qf_random_stream(seed, "test amounts", 0);
        for (size_t r = 0; r < table.rows; r++) {
            const double u = qf_random_uniform(&random);
            *cell(&table, r, 0) = table.labels[r] ? 3 + u : qf_random_below(&random, 2) ? u : 9 - u;
        }
        expect(&table, true, false);
        table = make(20000, 20, 2, seed);
        for (size_t r = 0; r < table.rows; r++) {
            *cell(&table, r, 0) = table.labels[r] ? -1 : 5 * (double)(r % 3 == 0);
        }
        expect(&table, true, false);
    }
}

static void test_noise_is_no_leak(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        for (size_t i = 0; i < SIZES; i++) {
            qf_table table = make(sizes[i].rows < 2000 ? sizes[i].rows : 2000,
                                  sizes[i].fraud < 1000 ? sizes[i].fraud : 500, 26, seed);
            for (size_t r = 0; r < table.rows; r++) {
                for (size_t c = 13; c < 26; c++) {
                    *cell(&table, r, c) = fmax(0, floor(3 * *cell(&table, r, c)) - 4);
                }
            }
            qf_audit audit = look(&table);
            assert_int_equal(qf_audit_count(&audit, QF_AUDIT_ERROR), 0);
            qf_audit_free(&audit);
            qf_table_free(&table);
        }
    }
}

static void test_too_few_rows(void **state) {
    (void)state;
    const qf_run run = qf_run_default();
    qf_audit audit = {0};
    qf_error error = {0};
    for (size_t fraud = 0; fraud <= 50; fraud += 50) {
        qf_table table = make(50, fraud, 2, 1);
        assert_int_equal(qf_audit_table(&table, &run, &audit, &error), QF_DATA);
        qf_table_free(&table);
    }
    qf_table table = make(0, 0, 2, 1);
    assert_int_equal(qf_audit_table(&table, &run, &audit, &error), QF_DATA);
    assert_int_equal(qf_audit_fix(&table, &run, &audit, &error), QF_DATA);
    qf_table_free(&table);
    for (size_t rows = 2; rows < 12; rows++) { /* four rows of a class, or one: nothing to fold */
        table = make(rows, rows < 8 ? 1 : 4, 3, rows);
        audit = look(&table);
        assert_non_null(find(&audit, QF_AUDIT_FEW, NULL));
        assert_int_equal(qf_audit_count(&audit, QF_AUDIT_ERROR), 0);
        qf_audit_free(&audit);
        qf_table_free(&table);
    }
}

/* Two pairs of frauds that meet are chance; five frauds in a row are not. */
static void test_order_of_few(void **state) {
    (void)state;
    static const size_t places[2][5] = {{300, 301, 500, 700, 701}, {300, 301, 302, 303, 304}};
    for (size_t i = 0; i < 2; i++) {
        qf_table table = make(1000, 0, 2, 1);
        for (size_t f = 0; f < 5; f++) table.labels[places[i][f]] = 1;
        qf_audit audit = look(&table);
        assert_int_equal(find(&audit, QF_AUDIT_ORDER, NULL) != NULL, i);
        qf_audit_free(&audit);
        qf_table_free(&table);
    }
}

/* a index, b, c constant, d = b, e = 2 b + 1, f time, and rows that repeat. */
static qf_table make_defective(uint64_t seed) {
    qf_table table = make(400, 100, 7, seed);
    table = shuffle(&table, seed);
    for (size_t r = 0; r < table.rows; r++) {
        *cell(&table, r, 2) = r % 2 ? 0.0 : -0.0;
        *cell(&table, r, 3) = *cell(&table, r, 1);
        *cell(&table, r, 4) = 1 - 2 * *cell(&table, r, 1);
        *cell(&table, r, 5) = floor((double)r / 10);
    }
    for (size_t r = 0; r < 12; r++) { /* rows 1, 11, 21 ... repeat the row before them */
        memcpy(cell(&table, 10 * r + 1, 0), cell(&table, 10 * r, 0), 7 * sizeof(double));
        const uint8_t label = table.labels[10 * r];
        table.labels[10 * r + 1] = r < 4 ? !label : label;
    }
    number_rows(&table, 0, 1);
    return table;
}

static void test_defects(void **state) {
    (void)state;
    qf_table table = make_defective(3);
    qf_audit audit = look(&table);
    assert_non_null(find(&audit, QF_AUDIT_IDENTIFIER, "a"));
    assert_string_equal(find(&audit, QF_AUDIT_CONSTANT, "c")->text, "always 0");
    assert_string_equal(find(&audit, QF_AUDIT_DUPLICATE_COLUMN, "d")->text, "equals \"b\"");
    assert_null(find(&audit, QF_AUDIT_COLLINEAR, "d"));
    assert_true(fabs(find(&audit, QF_AUDIT_COLLINEAR, "e")->value + 1) < 1e-12);
    assert_true(find(&audit, QF_AUDIT_TIME, "f")->value == 39);
    assert_null(find(&audit, QF_AUDIT_TIME, "a"));
    assert_true(find(&audit, QF_AUDIT_DUPLICATE_ROWS, NULL)->value == 8);
    assert_true(find(&audit, QF_AUDIT_CONFLICT, NULL)->value == 8);
    assert_int_equal(qf_audit_count(&audit, QF_AUDIT_ERROR), 0);
    assert_null(find(&audit, QF_AUDIT_ORDER, NULL));
    qf_audit_free(&audit);
    qf_table_free(&table);
}

static void test_fix(void **state) {
    (void)state;
    qf_error error = {0};
    const qf_run run = qf_run_default();
    qf_table table = make_defective(3);
    qf_audit audit = {0};
    assert_int_equal(qf_audit_fix(&table, &run, &audit, &error), QF_OK);
    assert_int_equal(audit.count, 4);
    assert_true(audit.findings[3].value == 8);
    qf_audit_free(&audit);
    assert_int_equal(table.columns, 4);
    assert_string_equal(table.names[0], "b");
    assert_string_equal(table.names[3], "g");
    assert_int_equal(table.rows, 392);
    assert_int_equal(table.origins[0].row == table.origins[1].row, 0);
    assert_int_equal(qf_audit_fix(&table, &run, &audit, &error), QF_OK);
    assert_int_equal(audit.count, 0);
    qf_table_free(&table);

    /* A numbering hidden by a row that stands twice. */
    table = make(100, 40, 2, 1);
    number_rows(&table, 0, 1);
    memcpy(cell(&table, 7, 0), cell(&table, 6, 0), 2 * sizeof(double));
    assert_int_equal(qf_audit_fix(&table, &run, &audit, &error), QF_OK);
    assert_int_equal(table.columns, 1);
    assert_int_equal(table.rows, 99);
    qf_audit_free(&audit);
    qf_table_free(&table);

    table = make(100, 40, 1, 1);
    number_rows(&table, 0, 1);
    assert_int_equal(qf_audit_fix(&table, &run, &audit, &error), QF_DATA);
    qf_audit_free(&audit);
    qf_table_free(&table);
}

static void test_second_table(void **state) {
    (void)state;
    qf_error error = {0};
    const qf_run run = qf_run_default();
    qf_table train = make(60, 30, 3, 1), test = make(40, 20, 3, 2);
    for (size_t r = 0; r < test.rows; r++) test.origins[r].row = (int64_t)(r + 100);
    qf_audit audit = {0};
    assert_int_equal(qf_audit_pair(&train, &test, true, &run, &audit, &error), QF_OK);
    assert_int_equal(audit.count, 0);
    train.origins[3].row = 100;
    train.origins[4].row = 139;
    train.origins[5] = (qf_origin){7, 101};
    memcpy(cell(&train, 9, 0), cell(&test, 2, 0), 3 * sizeof(double));
    test.origins[8] = (qf_origin){120, 121};
    assert_int_equal(qf_audit_pair(&train, &test, true, &run, &audit, &error), QF_OK);
    assert_int_equal(audit.count, 3);
    assert_true(find(&audit, QF_AUDIT_SHARED_ROWS, NULL)->value == 2);
    assert_true(find(&audit, QF_AUDIT_SHARED_PARENTS, NULL)->value == 1);
    assert_true(find(&audit, QF_AUDIT_SHARED_FEATURES, NULL)->value == 1);
    qf_audit_free(&audit);
    assert_int_equal(qf_audit_pair(&train, &test, false, &run, &audit, &error), QF_OK);
    assert_int_equal(audit.count, 1);
    qf_audit_free(&audit);
    qf_table_free(&test);
    test = make(40, 20, 2, 1);
    assert_int_equal(qf_audit_pair(&train, &test, true, &run, &audit, &error), QF_MISMATCH);
    qf_table_free(&train);
    qf_table_free(&test);
}

static void test_threads(void **state) {
    (void)state;
    qf_error error = {0};
    qf_table table = make_defective(5);
    qf_audit audits[2] = {{0}, {0}};
    for (size_t i = 0; i < 2; i++) {
        qf_run run = qf_run_default();
        run.threads = 1 + 3 * i;
        assert_int_equal(qf_audit_table(&table, &run, &audits[i], &error), QF_OK);
    }
    assert_int_equal(audits[0].count, audits[1].count);
    for (size_t i = 0; i < audits[0].count; i++) {
        assert_string_equal(audits[0].findings[i].text, audits[1].findings[i].text);
        assert_memory_equal(&audits[0].findings[i].value, &audits[1].findings[i].value, 8);
    }
    qf_audit_free(&audits[0]);
    qf_audit_free(&audits[1]);
    qf_table_free(&table);
}

/* By all pairs. */
static void test_column(void **state) {
    (void)state;
    qf_table table = make(500, 120, 2, 9);
    for (size_t r = 0; r < 300; r++) *cell(&table, r, 1) = floor(2 * *cell(&table, r, 1));
    *cell(&table, 0, 1) = -0.0;
    *cell(&table, 1, 1) = 1e308;
    *cell(&table, 2, 1) = -1e-308;
    double won = 0;
    for (size_t i = 0; i < 120; i++) {
        for (size_t j = 120; j < 500; j++) {
            const double a = *cell(&table, i, 1), b = *cell(&table, j, 1);
            won += a > b ? 1 : a == b ? 0.5 : 0;
        }
    }
    qf_cell *cells = malloc(1000 * sizeof *cells);
    qf_column_sort(&table, 1, cells, cells + 500);
    for (size_t i = 1; i < 500; i++) {
        assert_true(cells[i - 1].value < cells[i].value ||
                    (cells[i - 1].value == cells[i].value && cells[i - 1].row < cells[i].row));
        assert_true(cells[i].value == *cell(&table, cells[i].row, 1));
    }
    assert_true(fabs(qf_column_auc(cells, 500, table.labels) - won / (120 * 380)) < 1e-12);
    free(cells);
    qf_table_free(&table);
}

/* The definition, by all pairs of held-out rows: a value's score is its fraud rate in the other
 * folds, smoothed by one row; or the value itself, turned as the other folds' areas say. */
static double slow_leak_auc(const qf_table *table, const uint8_t *fold, size_t column) {
    double rates[5] = {0}, values[5], all = 0, binned = 0, monotone = 0;
    for (uint8_t f = 0; f < 5; f++) {
        double *score = malloc(table->rows * sizeof *score), pairs = 0, won[2] = {0},
               counts[2] = {0};
        for (size_t r = 0; r < table->rows; r++) counts[table->labels[r]] += fold[r] != f;
        for (size_t r = 0; r < table->rows; r++) {
            double fraud = 0, count = 0;
            for (size_t i = 0; i < table->rows; i++) {
                if (fold[i] == f || table->values[i * table->columns + column] !=
                                        table->values[r * table->columns + column]) {
                    continue;
                }
                fraud += table->labels[i];
                count++;
            }
            score[r] = (fraud + counts[1] / (counts[0] + counts[1])) / (count + 1);
        }
        for (size_t i = 0; i < table->rows; i++) {
            for (size_t j = 0; j < table->rows; j++) {
                if (fold[i] != f || fold[j] != f || !table->labels[i] || table->labels[j]) continue;
                const double x = table->values[i * table->columns + column];
                const double y = table->values[j * table->columns + column];
                pairs++;
                won[0] += score[i] > score[j] ? 1 : score[i] == score[j] ? 0.5 : 0;
                won[1] += x > y ? 1 : x == y ? 0.5 : 0;
            }
        }
        rates[f] = won[0] / pairs;
        values[f] = won[1] / pairs;
        free(score);
    }
    for (size_t f = 0; f < 5; f++) all += values[f] - 0.5;
    for (size_t f = 0; f < 5; f++) {
        binned += rates[f] / 5;
        monotone += (all - (values[f] - 0.5) >= 0 ? values[f] : 1 - values[f]) / 5;
    }
    return fmax(binned, monotone);
}

/* Values so frequent that each has a bin of its own. */
static void test_leak_auc(void **state) {
    (void)state;
    enum { ROWS = 600, COLUMNS = 4 };
    qf_error error;
    qf_table table = make(ROWS, 150, COLUMNS, 21);
    qf_random random = qf_random_stream(22, "test", 0);
    for (size_t r = 0; r < ROWS; r++) {
        const double any = (double)qf_random_below(&random, 12), fraud = table.labels[r];
        const bool tells = qf_random_below(&random, 3) > 0;
        *cell(&table, r, 0) = any;                                          /* noise */
        *cell(&table, r, 1) = tells ? 3 * floor(any / 3) + 2 * fraud : any; /* in no order */
        *cell(&table, r, 2) = tells ? any + 6 * fraud : any;                /* rises */
        *cell(&table, r, 3) = -*cell(&table, r, 2);                         /* falls */
    }
    uint8_t fold[ROWS];
    size_t dealt[5][2] = {{0}};
    assert_int_equal(qf_column_folds(&table, fold, &error), QF_OK);
    for (size_t r = 0; r < ROWS; r++) dealt[fold[r]][table.labels[r]]++;
    for (size_t f = 0; f < 5; f++) {
        assert_int_equal(dealt[f][0], 90);
        assert_int_equal(dealt[f][1], 30);
    }
    qf_cell *cells = malloc(2 * ROWS * sizeof *cells);
    double auc[COLUMNS];
    for (size_t c = 0; c < COLUMNS; c++) {
        qf_column_sort(&table, c, cells, cells + ROWS);
        auc[c] = qf_column_leak_auc(cells, ROWS, table.labels, fold);
        assert_true(fabs(auc[c] - slow_leak_auc(&table, fold, c)) < 1e-12);
    }
    assert_true(fabs(auc[0] - 0.5) < 0.1 && auc[1] > 0.7 && auc[2] > 0.7);
    assert_true(fabs(auc[2] - auc[3]) < 1e-12);
    free(cells);
    qf_table_free(&table);
}

/* Wald and Wolfowitz's variance in its usual form, 2 a b (2 a b - n) / (n^2 (n - 1)). */
static void test_runs(void **state) {
    (void)state;
    qf_table table = make(70, 30, 2, 23);
    qf_audit audit = look(&table);
    const double ab = 2.0 * 30 * 40, n = 70, expected = ab / n + 1;
    const double z = (2 - expected) / sqrt(ab * (ab - n) / (n * n * (n - 1)));
    const qf_audit_finding *order = find(&audit, QF_AUDIT_ORDER, NULL);
    assert_non_null(order);
    assert_true(fabs(order->value - z) < 1e-12);
    qf_audit_free(&audit);
    qf_table_free(&table);
}

static double slow_correlation(qf_table *table, size_t a, size_t b) {
    long double sum[2] = {0}, products[3] = {0};
    for (size_t r = 0; r < table->rows; r++) {
        sum[0] += *cell(table, r, a);
        sum[1] += *cell(table, r, b);
    }
    for (size_t r = 0; r < table->rows; r++) {
        const long double x = *cell(table, r, a) - sum[0] / table->rows;
        const long double y = *cell(table, r, b) - sum[1] / table->rows;
        products[0] += x * y;
        products[1] += x * x;
        products[2] += y * y;
    }
    return (double)(products[0] / sqrtl(products[1] * products[2]));
}

static void test_correlations(void **state) {
    (void)state;
    qf_error error;
    const qf_run run = qf_run_default();
    qf_table table = make(700, 200, 26, 4);
    for (size_t r = 0; r < table.rows; r++) {
        for (size_t c = 1; c < 26; c++) *cell(&table, r, c) += *cell(&table, r, c - 1);
        *cell(&table, r, 25) = 7;
        *cell(&table, r, 24) *= 1e300;
        *cell(&table, r, 23) = 1e15 + round(*cell(&table, r, 23));
    }
    size_t columns[40];
    for (size_t i = 0; i < 40; i++) columns[i] = i % 26;
    columns[39] = 26;
    double *matrix = malloc(1600 * sizeof *matrix);
    assert_int_equal(qf_correlation_matrix(&table, columns, 40, 1, &run, matrix, &error), QF_OK);
    for (size_t r = 0; r < table.rows; r++) {
        *cell(&table, r, 24) /= 1e300;
        *cell(&table, r, 23) -= 1e15;
        *cell(&table, r, 25) = table.labels[r];
    }
    for (size_t i = 0; i < 40; i++) {
        for (size_t j = 0; j < 40; j++) {
            const double r = matrix[i * 40 + j];
            if (columns[i] == 25 || columns[j] == 25) {
                assert_true(isnan(r));
                continue;
            }
            const size_t a = i == 39 ? 25 : columns[i], b = j == 39 ? 25 : columns[j];
            assert_true(fabs(r - slow_correlation(&table, a, b)) < 1e-12);
        }
    }
    free(matrix);
    qf_table_free(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_index_kept),
        cmocka_unit_test(test_sorted_then_renumbered),
        cmocka_unit_test(test_random_ids),
        cmocka_unit_test(test_harmless_id),
        cmocka_unit_test(test_real_predictor),
        cmocka_unit_test(test_leaks_of_other_forms),
        cmocka_unit_test(test_noise_is_no_leak),
        cmocka_unit_test(test_too_few_rows),
        cmocka_unit_test(test_order_of_few),
        cmocka_unit_test(test_defects),
        cmocka_unit_test(test_fix),
        cmocka_unit_test(test_second_table),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_column),
        cmocka_unit_test(test_leak_auc),
        cmocka_unit_test(test_runs),
        cmocka_unit_test(test_correlations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
