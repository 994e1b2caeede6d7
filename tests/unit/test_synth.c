/* Synthetic data: the traits that synth.h promises, and the same bytes everywhere. */
#include "data/synth.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const qf_synth_options standard = {
    .rows = 5000, .columns = 112, .fraud = 0.266, .noise = 1, .seed = 1};

static qf_table make(qf_synth_options options, size_t threads, size_t block_rows) {
    qf_run run = qf_run_default();
    run.threads = threads;
    qf_error error = {0};
    qf_synth *synth;
    assert_int_equal(qf_synth_new(&options, &run, &synth, &error), QF_OK);
    qf_table all, block;
    assert_int_equal(qf_synth_table(synth, &all, &error), QF_OK);
    assert_int_equal(qf_synth_table(synth, &block, &error), QF_OK);
    do {
        assert_int_equal(qf_synth_next(synth, block_rows, &block, &error), QF_OK);
        assert_int_equal(qf_table_append_table(&all, &block, &error), QF_OK);
    } while (block.rows > 0);
    qf_table_free(&block);
    qf_synth_free(synth);
    return all;
}

static double cell(const qf_table *table, size_t row, size_t column) {
    return table->values[row * table->columns + column];
}

static void test_shape_and_order(void **state) {
    (void)state;
    qf_table table = make(standard, 1, 700);
    assert_int_equal(table.rows, 5000);
    assert_int_equal(table.columns, 113);
    assert_string_equal(table.names[0], "index");
    assert_string_equal(table.names[112], "col_111");
    for (size_t r = 0; r < table.rows; r++) {
        assert_int_equal(table.labels[r], r < 1330);
        assert_true(cell(&table, r, 0) == (double)r);
        assert_int_equal(table.origins[r].row, r);
        assert_int_equal(table.origins[r].neighbour, -1);
    }
    qf_table_free(&table);
}

static void test_traits(void **state) {
    (void)state;
    qf_table table = make(standard, 1, 5000);
    size_t zeros = 0, missing = 0, constants = 0, fractional = 0;
    double greatest = 0, sum = 0;
    for (size_t c = 1; c < table.columns; c++) {
        bool constant = true, whole = true;
        for (size_t r = 0; r < table.rows; r++) {
            const double value = cell(&table, r, c);
            assert_true(isfinite(value));
            zeros += value == 0;
            constant = constant && value == cell(&table, 0, c);
            whole = whole && value == floor(value);
            if (c == 7) missing += value == -1;
            if (c != 7) assert_true(value >= 0);
        }
        constants += constant;
        fractional += !whole;
        assert_true(whole == (c != 68));
    }
    for (size_t r = 0; r < table.rows; r++) {
        assert_true(cell(&table, r, 8) == cell(&table, r, 1)); /* col_7 repeats col_0 */
        sum += cell(&table, r, 1);
        if (cell(&table, r, 1) > greatest) greatest = cell(&table, r, 1);
    }
    assert_int_equal(constants, 15);
    assert_int_equal(fractional, 1);
    const double cells = 5000.0 * 112, share = (double)zeros / cells;
    assert_true(share > 0.8 && share < 0.86);
    assert_true(missing > 800 && missing < 1100);
    assert_true(greatest > 20 * sum / 5000); /* a heavy tail */

    /* One row in 110 is a repetition; without the index, some pairs have both labels. */
    bool *keep = malloc(table.columns * sizeof *keep);
    size_t *group = malloc(table.rows * sizeof *group), groups;
    assert_non_null(keep);
    assert_non_null(group);
    for (size_t c = 0; c < table.columns; c++) keep[c] = c > 0;
    qf_error error = {0};
    assert_int_equal(qf_table_keep_columns(&table, keep, &error), QF_OK);
    assert_int_equal(qf_table_group_identical(&table, NULL, group, &groups, &error), QF_OK);
    assert_true(table.rows - groups > 20 && table.rows - groups < 80);
    free(group);
    free(keep);
    qf_table_free(&table);
}

static void test_threads_and_blocks_change_nothing(void **state) {
    (void)state;
    qf_synth_options options = standard;
    options.rows = 9000;
    options.columns = 20;
    qf_table one = make(options, 1, 9000), two = make(options, 2, 333);
    assert_int_equal(one.rows, two.rows);
    assert_memory_equal(one.values, two.values, one.rows * one.columns * sizeof *one.values);
    assert_memory_equal(one.labels, two.labels, one.rows);
    qf_table_free(&two);
    options.seed = 2;
    two = make(options, 1, 9000);
    assert_true(memcmp(one.values, two.values, one.rows * one.columns * sizeof *one.values) != 0);
    qf_table_free(&two);
    qf_table_free(&one);
}

/* FNV-1a of the values, made once: the arithmetic is exact, so it holds on every machine. */
static void test_bytes_of_the_past(void **state) {
    (void)state;
    qf_synth_options options = standard;
    options.rows = 300;
    qf_table table = make(options, 1, 300);
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < table.rows * table.columns; i++) {
        uint64_t bits;
        memcpy(&bits, &table.values[i], sizeof bits);
        hash = (hash ^ bits) * 0x100000001b3u;
    }
    if (hash != UINT64_C(0x781a075edb3d01ab)) fail_msg("hash 0x%llx", (unsigned long long)hash);
    qf_table_free(&table);
}

static void test_extreme_sizes(void **state) {
    (void)state;
    static const struct {
        size_t rows, columns;
        double fraud;
        size_t frauds;
    } cases[] = {{10, 3, 0.5, 5},  {10, 3, 1e-9, 1},    {10, 3, 0.9999999, 9},
                 {50, 4, 0.1, 5},  {50, 16, 0.1, 5},    {50, 17, 0.1, 5},
                 {50, 68, 0.1, 5}, {20, 3000, 0.25, 5}, {20000, 3, 0.001, 20}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qf_synth_options options = standard;
        options.rows = cases[i].rows;
        options.columns = cases[i].columns;
        options.fraud = cases[i].fraud;
        options.noise = i % 2 ? 0 : 100;
        qf_table table = make(options, 1, 64);
        size_t counts[2];
        qf_table_count_classes(&table, counts);
        assert_int_equal(table.rows, cases[i].rows);
        assert_int_equal(table.columns, cases[i].columns + 1);
        assert_int_equal(counts[1], cases[i].frauds);
        qf_table_free(&table);
    }
}

static void test_refusals(void **state) {
    (void)state;
    const qf_run run = qf_run_default();
    for (int i = 0; i < 8; i++) {
        qf_synth_options options = standard;
        if (i == 0) options.rows = 9;
        if (i == 1) options.rows = (size_t)QF_SYNTH_MAX_ROWS + 1;
        if (i == 2) options.columns = 2;
        if (i == 3) options.columns = QF_TABLE_MAX_COLUMNS;
        if (i == 4) options.fraud = 0;
        if (i == 5) options.fraud = 1;
        if (i == 6) options.fraud = (double)NAN;
        if (i == 7) options.noise = -1;
        qf_error error = {0};
        qf_synth *synth;
        assert_int_equal(qf_synth_new(&options, &run, &synth, &error), QF_USAGE);
        assert_null(synth);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shape_and_order),
        cmocka_unit_test(test_traits),
        cmocka_unit_test(test_threads_and_blocks_change_nothing),
        cmocka_unit_test(test_bytes_of_the_past),
        cmocka_unit_test(test_extreme_sizes),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
