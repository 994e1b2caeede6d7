/* Boosted trees: what we make of XGBoost's model against its own predictions, to the bit; its
 * thresholds; JSON that is no such model. */
#include "base/random.h"
#include "learn/xgboost.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <xgboost/c_api.h>

enum { ROWS = 400, COLUMNS = 4 };

static const char *const names[] = {"a", "b", "c", "d"};

/* Values with more digits than single precision holds, ties, a heavy tail. */
static qf_table make_table(void) {
    qf_table table;
    qf_error error;
    assert_int_equal(qf_table_init(&table, COLUMNS, names, "y", &error), QF_OK);
    qf_random random = qf_random_stream(1, "test", 0);
    for (int64_t r = 0; r < ROWS; r++) {
        const double values[] = {qf_random_normal(&random), (double)qf_random_below(&random, 4),
                                 exp(5 * qf_random_normal(&random)), qf_random_uniform(&random)};
        const bool label = values[0] + values[1] + log(values[2]) + qf_random_normal(&random) > 2;
        assert_int_equal(qf_table_append(&table, values, label, (qf_origin){r, -1}, &error), QF_OK);
    }
    return table;
}

static qf_xgboost_options default_options(void) {
    return (qf_xgboost_options){.rounds = 40,
                                .eta = 0.3,
                                .depth = 6,
                                .method = "exact",
                                .lambda = 1,
                                .subsample = 1,
                                .columns = 1,
                                .min_child_weight = 1,
                                .class_weights = {1, 1},
                                .seed = 3};
}

static qf_forest fit(const qf_table *table, const qf_xgboost_options *options) {
    const qf_run run = qf_run_default();
    char version[QF_XGBOOST_VERSION];
    qf_forest forest = {0};
    qf_error error;
    assert_int_equal(qf_xgboost_fit(table, options, &run, &forest, version, &error), QF_OK);
    return forest;
}

static void predict(const qf_forest *forest, const double *rows, size_t count,
                    double *probabilities) {
    memset(probabilities, 0, count * sizeof *probabilities);
    qf_forest_add(forest, 0, forest->trees, rows, count, probabilities);
    qf_xgboost_finish(probabilities, count, probabilities);
}

/* ---- XGBoost by itself ---- */

static void set(BoosterHandle booster, const char *name, const char *format, double value) {
    char text[64];
    snprintf(text, sizeof text, format, value);
    assert_int_equal(XGBoosterSetParam(booster, name, text), 0);
}

static BoosterHandle train(const qf_xgboost_options *o, DMatrixHandle matrix) {
    qf_random random = qf_random_stream(o->seed, "xgboost", 0);
    BoosterHandle booster;
    assert_int_equal(XGBoosterCreate(&matrix, 1, &booster), 0);
    assert_int_equal(XGBoosterSetParam(booster, "objective", "binary:logistic"), 0);
    assert_int_equal(XGBoosterSetParam(booster, "tree_method", o->method), 0);
    set(booster, "nthread", "%.0f", 1);
    set(booster, "verbosity", "%.0f", 0);
    set(booster, "seed", "%.0f", (double)qf_random_below(&random, INT32_MAX));
    set(booster, "eta", "%.17g", o->eta);
    set(booster, "max_depth", "%.0f", (double)o->depth);
    set(booster, "lambda", "%.17g", o->lambda);
    set(booster, "subsample", "%.17g", o->subsample);
    set(booster, "colsample_bytree", "%.17g", o->columns);
    set(booster, "min_child_weight", "%.17g", o->min_child_weight);
    for (int i = 0; i < (int)o->rounds; i++) {
        assert_int_equal(XGBoosterUpdateOneIter(booster, i, matrix), 0);
    }
    return booster;
}

/* predictions[ROWS + 2 * COLUMNS] of the table and of rows at the ends of the range. */
static void check_predictions(const qf_xgboost_options *options) {
    enum { ASKED = ROWS + 2 * COLUMNS };
    qf_table table = make_table();
    static float values[ASKED][COLUMNS], labels[ROWS], weights[ROWS];
    static double asked[ASKED][COLUMNS], found[ASKED];
    memcpy(asked, table.values, ROWS * sizeof *asked);
    for (size_t c = 0; c < COLUMNS; c++) {
        memcpy(asked[ROWS + 2 * c], table.values, 2 * sizeof *asked);
        asked[ROWS + 2 * c][c] = -1e38;
        asked[ROWS + 2 * c + 1][c] = 1e38;
    }
    for (size_t r = 0; r < ASKED; r++) {
        for (size_t c = 0; c < COLUMNS; c++) values[r][c] = (float)asked[r][c];
    }
    for (size_t r = 0; r < ROWS; r++) {
        labels[r] = table.labels[r];
        weights[r] = (float)options->class_weights[table.labels[r]];
    }
    DMatrixHandle rows, all;
    assert_int_equal(XGDMatrixCreateFromMat(*values, ROWS, COLUMNS, NAN, &rows), 0);
    assert_int_equal(XGDMatrixCreateFromMat(*values, ASKED, COLUMNS, NAN, &all), 0);
    assert_int_equal(XGDMatrixSetFloatInfo(rows, "label", labels, ROWS), 0);
    assert_int_equal(XGDMatrixSetFloatInfo(rows, "weight", weights, ROWS), 0);
    BoosterHandle booster = train(options, rows);
    bst_ulong count;
    const float *expected;
    assert_int_equal(XGBoosterPredict(booster, all, 0, 0, 0, &count, &expected), 0);
    assert_int_equal(count, ASKED);
    qf_forest forest = fit(&table, options);
    predict(&forest, *asked, ASKED, found);
    for (size_t r = 0; r < ASKED; r++) assert_true(found[r] == (double)expected[r]);
    qf_forest_free(&forest);
    XGBoosterFree(booster);
    XGDMatrixFree(rows);
    XGDMatrixFree(all);
    qf_table_free(&table);
}

static void predicts_as_xgboost(void **state) {
    (void)state;
    static const char *const methods[] = {"exact", "hist", "approx"};
    for (size_t i = 0; i < 3; i++) {
        qf_xgboost_options options = default_options();
        options.method = methods[i];
        check_predictions(&options);
        options.subsample = 0.6;
        options.columns = 0.5;
        options.class_weights[1] = 3;
        check_predictions(&options);
        options.lambda = 0; /* with no least weight either: log-odds where the power overflows */
        options.min_child_weight = 0;
        options.rounds = 300;
        options.eta = 1;
        check_predictions(&options);
    }
}

/* ---- The trees ---- */

static void first_trees_are_those_of_fewer_rounds(void **state) {
    (void)state;
    qf_table table = make_table();
    qf_xgboost_options options = default_options();
    options.subsample = 0.5;
    qf_forest all = fit(&table, &options);
    options.rounds = 7;
    qf_forest few = fit(&table, &options);
    assert_int_equal(few.trees, 7);
    assert_memory_equal(few.roots, all.roots, 8 * sizeof *few.roots);
    assert_memory_equal(few.nodes, all.nodes, few.roots[7] * sizeof *few.nodes);
    qf_forest_free(&all);
    qf_forest_free(&few);
    qf_table_free(&table);
}

static qf_status parse_tree(const char *left, const char *right, const char *feature,
                            const char *value, qf_forest *forest) {
    char text[512];
    const int length = snprintf(
        text, sizeof text,
        "{\"learner\":{\"gradient_booster\":{\"model\":{\"trees\":[{\"left_children\":[%s],"
        "\"right_children\":[%s],\"split_indices\":[%s],\"split_conditions\":[%s]}]}}}}",
        left, right, feature, value);
    qf_error error;
    return qf_xgboost_parse(text, (size_t)length, 2, forest, &error);
}

/* XGBoost asks whether the value in single precision is less. */
static void check_threshold(float threshold) {
    char values[64];
    snprintf(values, sizeof values, "%.9g,-1,1", (double)threshold);
    qf_forest forest = {0};
    assert_int_equal(parse_tree("1,-1,-1", "2,-1,-1", "0,0,0", values, &forest), QF_OK);
    const float below = nextafterf(threshold, -INFINITY), above = nextafterf(threshold, INFINITY);
    const double middle = ((double)below + (double)threshold) / 2;
    const double tried[] = {below,
                            threshold,
                            above,
                            middle,
                            nextafter(middle, -INFINITY),
                            nextafter(middle, INFINITY),
                            nextafter((double)threshold, -INFINITY),
                            ((double)threshold + (double)above) / 2,
                            0,
                            -0.0,
                            -1e300,
                            1e300};
    for (size_t i = 0; i < sizeof tried / sizeof *tried; i++) {
        const double row[2] = {tried[i], 0};
        double sum = 0;
        qf_forest_add(&forest, 0, 1, row, 1, &sum);
        assert_true(sum == ((float)tried[i] < threshold ? -1 : 1));
    }
    qf_forest_free(&forest);
}

static void thresholds_are_those_of_single_precision(void **state) {
    (void)state;
    static const float special[] = {0, 1, -1, 0.5F, 16777216, 1e-45F, -1e-45F, 1e38F, -1e38F};
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) check_threshold(special[i]);
    qf_random random = qf_random_stream(2, "test", 0);
    for (size_t i = 0; i < 2000; i++) {
        check_threshold(
            (float)(exp(20 * qf_random_normal(&random)) * (qf_random_uniform(&random) - 0.5)));
    }
}

static void refuses_other_json(void **state) {
    (void)state;
    static const char *const wrong[][4] = {{"1,-1", "2,-1,-1", "0,0,0", "0.5,1,2"},
                                           {"3,-1,-1", "2,-1,-1", "0,0,0", "0.5,1,2"},
                                           {"-2,-1,-1", "2,-1,-1", "0,0,0", "0.5,1,2"},
                                           {"1,-1,-1", "-1,-1,-1", "0,0,0", "0.5,1,2"},
                                           {"0,-1,-1", "0,-1,-1", "0,0,0", "0.5,1,2"},
                                           {"1,2,-1", "2,1,-1", "0,0,0", "0.5,1,2"},
                                           {"1,-1,-1", "2,-1,-1", "2,0,0", "0.5,1,2"},
                                           {"1,-1,-1", "2,-1,-1", "-1,0,0", "0.5,1,2"},
                                           {"1,-1,-1", "2,-1,-1", "0,0,0", "1e39,1,2"},
                                           {"1,-1,-1", "2,-1,-1", "0,0,0", "0.5,1e30,2"},
                                           {"1,-1,-1", "2,-1,-1", "0,0,0", "null,1,2"},
                                           {"1.0,-1,-1", "2,-1,-1", "0,0,0", "0.5,1,2"},
                                           {"1,-1,-1", "2,-1,-1", "\"0\",0,0", "0.5,1,2"},
                                           {"", "", "", ""}};
    static const char *const texts[] = {
        "", "{", "[]", "{\"learner\":1}",
        "{\"learner\":{\"gradient_booster\":{\"model\":{\"trees\":[]}}}}"};
    qf_forest forest = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(parse_tree(wrong[i][0], wrong[i][1], wrong[i][2], wrong[i][3], &forest),
                         QF_INTERNAL);
    }
    qf_error error;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(qf_xgboost_parse(texts[i], strlen(texts[i]), 2, &forest, &error),
                         QF_INTERNAL);
    }
    assert_null(forest.nodes);
}

static void values_beyond_single_precision(void **state) {
    (void)state;
    qf_table table = make_table();
    const qf_xgboost_options options = default_options();
    const qf_run run = qf_run_default();
    char version[QF_XGBOOST_VERSION];
    qf_forest forest = {0};
    qf_error error;
    table.values[2 * COLUMNS + 1] = -2e38;
    assert_int_equal(qf_xgboost_fit(&table, &options, &run, &forest, version, &error), QF_DATA);
    assert_string_equal(error.message,
                        "row 3, column \"b\": -2e+38 is too large for XGBoost's single precision");
    qf_table_free(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(predicts_as_xgboost),
        cmocka_unit_test(first_trees_are_those_of_fewer_rounds),
        cmocka_unit_test(thresholds_are_those_of_single_precision),
        cmocka_unit_test(refuses_other_json),
        cmocka_unit_test(values_beyond_single_precision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
