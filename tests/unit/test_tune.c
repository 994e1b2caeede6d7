/* Grids, tuning and training against fits done by hand. */
#include "base/memory.h"
#include "base/random.h"
#include "learn/folds.h"
#include "model/training.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- Grids ---- */

static const qf_model_kind *find_kind(const char *name) {
    const qf_model_kind *kind;
    qf_error error;
    assert_int_equal(qf_model_kind_find(name, &kind, &error), QF_OK);
    return kind;
}

static qf_grids read_grids(const qf_model_kind *kind, const char *const *texts, size_t count) {
    qf_grids grids = {0};
    qf_error error;
    for (size_t i = 0; i < count; i++) {
        if (qf_grids_add(&grids, kind, texts[i], &error) != QF_OK) fail_msg("%s", error.message);
    }
    return grids;
}

static void check_grid(const char *kind, const char *text, const char *expected) {
    qf_grids grids = read_grids(find_kind(kind), &text, 1);
    qf_bytes all = {0};
    qf_error error;
    for (size_t p = 0; p < grids.points; p++) {
        assert_int_equal(qf_bytes_print(&all, &error, p ? " " : ""), QF_OK);
        assert_int_equal(qf_grids_print(&grids, p, &all, &error), QF_OK);
    }
    assert_string_equal((char *)all.data, expected);
    free(all.data);
    qf_grids_free(&grids);
}

static void test_grid_values(void **state) {
    (void)state;
    check_grid("forest", "trees=3:5", "trees=3 trees=4 trees=5");
    check_grid("forest", "trees=1:10:4", "trees=1 trees=5 trees=9");
    check_grid("forest", "trees=9:9", "trees=9");
    check_grid("forest", "trees=30,5,10", "trees=30 trees=5 trees=10");
    check_grid("forest", "features=sqrt,3,all", "features=sqrt features=3 features=all");
    /* Decimals: 3 * 0.1 is not 0.3 in binary. */
    check_grid("tree", "alpha=0:0.4:0.1", "alpha=0 alpha=0.1 alpha=0.2 alpha=0.3 alpha=0.4");
    check_grid("tree", "alpha=1e-3:3e-3:1e-3", "alpha=0.001 alpha=0.002 alpha=0.003");
    check_grid("tree", "alpha=0.25:1:0.25", "alpha=0.25 alpha=0.5 alpha=0.75 alpha=1");
    const char *const paper = "alpha=0:0.00249:0.00001";
    qf_grids grids = read_grids(find_kind("tree"), &paper, 1);
    assert_int_equal(grids.points, 250);
    for (size_t i = 0; i < 250; i++) {
        char text[16];
        snprintf(text, sizeof text, "0.%05zu", i);
        assert_true(grids.items[0].values[i] == strtod(text, NULL));
    }
    qf_grids_free(&grids);
}

static void test_grid_points(void **state) {
    (void)state;
    static const char *const texts[] = {"trees=20,10", "features=2,sqrt,1", "depth=1:2"};
    qf_grids grids = read_grids(find_kind("forest"), texts, 3);
    assert_int_equal(grids.points, 12);
    assert_int_equal(qf_grids_stride(&grids, 0), 6);
    assert_int_equal(qf_grids_stride(&grids, 1), 2);
    assert_int_equal(qf_grids_stride(&grids, 2), 1);
    assert_true(grids.items[0].numeric && !grids.items[1].numeric);
    assert_int_equal(grids.items[0].ascending[0], 1);
    qf_record parameters = {0};
    qf_bytes text = {0};
    qf_error error;
    assert_int_equal(qf_grids_print(&grids, 9, &text, &error), QF_OK);
    assert_string_equal((char *)text.data, "trees=10,features=sqrt,depth=2");
    assert_int_equal(qf_grids_set(&grids, 9, &parameters, &error), QF_OK);
    assert_true(qf_record_number(&parameters, "trees") == 10);
    assert_string_equal(qf_record_text(&parameters, "features"), "sqrt");
    free(text.data);
    qf_record_free(&parameters);
    qf_grids_free(&grids);
}

static void test_grid_errors(void **state) {
    (void)state;
    static const char *const wrong[][2] = {
        {"trees", "\"trees\": expected NAME=FROM:TO[:STEP] or NAME=A,B,C"},
        {"leaves=1:2", "forest has no parameter \"leaves\": expected "},
        {"tree=1:2", "forest has no parameter \"tree\": expected "},
        {"trees=1:2:3:4", "\"trees=1:2:3:4\": expected numbers from:to or from:to:step"},
        {"trees=1:", "\"trees=1:\": expected numbers from:to or from:to:step"},
        {"trees=1:x", "\"trees=1:x\": expected numbers from:to or from:to:step"},
        {"trees=5:1", "\"trees=5:1\": expected from <= to and a step above 0"},
        {"trees=1:5:0", "\"trees=1:5:0\": expected from <= to and a step above 0"},
        {"trees=1:5:-1", "\"trees=1:5:-1\": expected from <= to and a step above 0"},
        {"trees=1:3:0.5", "trees=1.5: expected an integer from 1 to 100000"},
        {"trees=0:3", "trees=0: expected an integer from 1 to 100000"},
        {"trees=1,,2", "trees=: expected an integer from 1 to 100000"},
        {"trees=", "trees=: expected an integer from 1 to 100000"},
        {"trees=5,6,5", "trees=5 stands twice"},
        {"features=sqrt,all,sqrt", "features=sqrt stands twice"},
        {"smoothing=0:1:0.000001", "\"smoothing=0:1:0.000001\": more than 100000 values"},
        {"smoothing=0:1e300:1e-300", "\"smoothing=0:1e300:1e-300\": more than 100000 values"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        qf_grids grids = {0};
        qf_error error;
        assert_int_equal(qf_grids_add(&grids, find_kind("forest"), wrong[i][0], &error), QF_USAGE);
        if (strncmp(error.message, wrong[i][1], strlen(wrong[i][1])) != 0) {
            fail_msg("got \"%s\", expected \"%s\"", error.message, wrong[i][1]);
        }
        qf_grids_free(&grids);
    }
    static const char *const texts[] = {"trees=1:1000"};
    qf_grids grids = read_grids(find_kind("forest"), texts, 1);
    qf_error error;
    assert_int_equal(qf_grids_add(&grids, find_kind("forest"), "trees=5", &error), QF_USAGE);
    assert_string_equal(error.message, "trees has a grid already");
    assert_int_equal(qf_grids_add(&grids, find_kind("forest"), "depth=1:101", &error), QF_USAGE);
    assert_string_equal(error.message, "more than 100000 combinations");
    assert_int_equal(qf_grids_add(&grids, find_kind("forest"), "depth=1:100", &error), QF_OK);
    qf_grids_free(&grids);
}

/* ---- Tables and fits ---- */

static const char *const names[] = {"a", "b", "c", "d"};

static qf_table make_table(size_t rows, uint64_t stream) {
    qf_table table;
    qf_error error;
    assert_int_equal(qf_table_init(&table, 3, names, "y", &error), QF_OK);
    qf_random random = qf_random_stream(1, "test", stream);
    for (size_t r = 0; r < rows; r++) {
        const double values[] = {qf_random_normal(&random), (double)qf_random_below(&random, 4),
                                 qf_random_uniform(&random)};
        const bool label = values[0] + values[1] + qf_random_normal(&random) > 3;
        const qf_origin origin = {(int64_t)(10 * r + stream), -1};
        assert_int_equal(qf_table_append(&table, values, label, origin, &error), QF_OK);
    }
    return table;
}

/* Adds rows halfway between pairs of frauds, as SMOTE would. */
static void add_synthetic(qf_table *table, size_t count) {
    const size_t rows = table->rows;
    qf_error error;
    for (size_t i = 0, last = 0; count > 0; i = (i + 1) % rows) {
        if (!table->labels[i] || i == last) continue;
        double values[3];
        for (size_t c = 0; c < 3; c++) {
            values[c] = 0.5 * table->values[3 * i + c] + 0.5 * table->values[3 * last + c];
        }
        const qf_origin origin = {table->origins[i].row, table->origins[last].row};
        assert_int_equal(qf_table_append(table, values, 1, origin, &error), QF_OK);
        last = i;
        count--;
    }
}

static double metric_of(const char *name, const qf_model *model, const qf_table *table) {
    qf_scores scores = {0};
    qf_record record = {0};
    qf_error error;
    const qf_run run = qf_run_default();
    assert_int_equal(qf_model_predict(model, table, &run, &scores, &error), QF_OK);
    const qf_metrics_options options = qf_metrics_options_default(&scores);
    assert_int_equal(qf_metrics_compute(&scores, &options, &record, &error), QF_OK);
    const double value = qf_record_number(&record, name);
    qf_record_free(&record);
    qf_scores_free(&scores);
    return value;
}

static qf_model fit_point(const qf_fitting *fitting, const qf_grids *grids, size_t point,
                          const qf_table *table) {
    qf_record parameters = {0};
    qf_fitting at = *fitting;
    qf_error error;
    qf_model model;
    const qf_run run = qf_run_default();
    at.parameters = &parameters;
    assert_int_equal(qf_record_copy(fitting->parameters, &parameters, &error), QF_OK);
    if (grids) assert_int_equal(qf_grids_set(grids, point, &parameters, &error), QF_OK);
    assert_int_equal(qf_model_fit(&at, table, &run, &model, &error), QF_OK);
    qf_record_free(&parameters);
    return model;
}

/* The rows of a fold, by the folds' own bits. */
static qf_table fold_table(const qf_table *table, const qf_folds *folds, size_t fold,
                           bool judging) {
    qf_table part;
    qf_error error;
    assert_int_equal(qf_table_init(&part, table->columns, names, "y", &error), QF_OK);
    for (size_t r = 0; r < table->rows; r++) {
        const bool in = judging ? folds->held_out[r] >> fold & 1 : !(folds->apart[r] >> fold & 1);
        if (!in) continue;
        assert_int_equal(qf_table_append(&part, table->values + r * table->columns,
                                         table->labels[r], table->origins[r], &error),
                         QF_OK);
    }
    return part;
}

enum { FOLDS = 3 };

/* Every point by a fit a fold, with nothing shared, swept or in parallel. */
static void check_tuning(const qf_model_kind *kind, const char *const *texts, size_t count,
                         const char *metric_name) {
    qf_table table = make_table(150, 0);
    add_synthetic(&table, 30);
    qf_record parameters = {0};
    qf_error error;
    qf_trials trials;
    qf_folds folds;
    qf_tuned tuned;
    const qf_metric *metric;
    qf_run run = qf_run_default();
    qf_grids grids = read_grids(kind, texts, count);
    assert_int_equal(qf_parameters_default(kind, &parameters, &error), QF_OK);
    const qf_fitting fitting = {kind, &parameters, 5, .fraud_weight = 2};
    assert_int_equal(qf_metric_find(metric_name, &metric, &error), QF_OK);
    assert_int_equal(qf_trials_of_folds(&trials, &table, FOLDS, 5, &error), QF_OK);
    run.threads = 2;
    if (qf_tune(&fitting, &grids, metric, &trials, &run, &tuned, &error) != QF_OK) {
        fail_msg("%s", error.message);
    }
    assert_int_equal(tuned.count, grids.points);
    assert_int_equal(qf_folds_init(&folds, &table, FOLDS, 5, &error), QF_OK);
    const double sign = metric->lower_is_better ? -1 : 1;
    double best = -INFINITY;
    for (size_t p = 0; p < grids.points; p++) {
        double value[2][FOLDS], mean[2] = {0, 0}, square[2] = {0, 0};
        for (size_t f = 0; f < FOLDS; f++) {
            qf_table fitted = fold_table(&table, &folds, f, false);
            qf_table judging = fold_table(&table, &folds, f, true);
            qf_model model = fit_point(&fitting, &grids, p, &fitted);
            value[0][f] = metric_of(metric_name, &model, &fitted);
            value[1][f] = metric_of(metric_name, &model, &judging);
            qf_model_free(&model);
            qf_table_free(&fitted);
            qf_table_free(&judging);
        }
        for (size_t side = 0; side < 2; side++) {
            for (size_t f = 0; f < FOLDS; f++) mean[side] += value[side][f] / FOLDS;
            for (size_t f = 0; f < FOLDS; f++) square[side] += pow(value[side][f] - mean[side], 2);
        }
        const qf_tuned_point *t = &tuned.points[p];
        assert_true(fabs(t->training_mean - mean[0]) < 1e-12);
        assert_true(fabs(t->validation_mean - mean[1]) < 1e-12);
        assert_true(fabs(t->training_sd - sqrt(square[0] / FOLDS)) < 1e-12);
        assert_true(fabs(t->validation_sd - sqrt(square[1] / FOLDS)) < 1e-12);
        best = fmax(best, sign * mean[1]);
    }
    assert_true(fabs(sign * tuned.points[tuned.chosen].validation_mean - best) < 1e-12);
    qf_folds_free(&folds);
    qf_trials_free(&trials);
    qf_tuned_free(&tuned);
    qf_grids_free(&grids);
    qf_record_free(&parameters);
    qf_table_free(&table);
}

static void test_tuning_is_what_fits_say(void **state) {
    (void)state;
    static const char *const trees[] = {"trees=7,2,12"};
    static const char *const forests[] = {"features=sqrt,1,all", "trees=6,3", "smoothing=0,1"};
    static const char *const tree[] = {"alpha=auto,0,0.02", "min_leaf=1:9:4"};
    check_tuning(find_kind("forest"), trees, 1, "accuracy");
    check_tuning(find_kind("forest"), forests, 3, "pr_auc");
    check_tuning(find_kind("tree"), tree, 2, "log_loss");
}

/* The parameter that a kind sweeps, in an order that is not ascending, beside another grid. */
static void test_swept_kinds(void **state) {
    (void)state;
    size_t count;
    const qf_model_kind *const *kinds = qf_model_kinds(&count);
    for (size_t i = 0; i < count; i++) {
        for (size_t p = 0; p < kinds[i]->parameter_count; p++) {
            const qf_parameter *parameter = &kinds[i]->parameters[p];
            if (!kinds[i]->swept || strcmp(parameter->name, kinds[i]->swept) != 0) continue;
            char text[64];
            const bool whole = parameter->kind == QF_PARAMETER_INTEGER;
            snprintf(text, sizeof text, "%s=%s", parameter->name,
                     whole ? "4,1,11" : "0.004,0,0.02");
            const char *const texts[] = {text};
            check_tuning(kinds[i], texts, 1, "f1");
        }
    }
}

/* ---- A kind whose probability is one of the columns, and that counts its fits ---- */

static const qf_parameter column_parameters[] = {
    {.name = "column",
     .kind = QF_PARAMETER_INTEGER,
     .initial = "0",
     .maximum = 3,
     .help = "column"},
    {.name = "power",
     .kind = QF_PARAMETER_INTEGER,
     .initial = "1",
     .minimum = 1,
     .maximum = 9,
     .help = "exponent"},
};

static size_t column_fits, column_sweeps;

static qf_status column_fit(qf_model *model, const qf_table *table, const qf_run *run,
                            qf_error *error) {
    (void)table;
    (void)run;
    column_fits++;
    model->state = qf_new_array(1, 1, error);
    return model->state ? QF_OK : QF_MEMORY;
}

static void say_column(const double *rows, size_t count, size_t columns, double column,
                       double power, double *probabilities) {
    for (size_t i = 0; i < count; i++) {
        probabilities[i] = pow(rows[i * columns + (size_t)column], power);
    }
}

static qf_status column_predict(const qf_model *model, const double *rows, size_t count,
                                const qf_run *run, double *probabilities, qf_error *error) {
    (void)run;
    (void)error;
    say_column(rows, count, model->columns, qf_record_number(&model->parameters, "column"),
               qf_record_number(&model->parameters, "power"), probabilities);
    return QF_OK;
}

static qf_status column_sweep(qf_model *model, const qf_table *table, const qf_sweep *sweep,
                              const qf_run *run, qf_error *error) {
    (void)table;
    (void)run;
    column_sweeps++;
    for (size_t v = 0; v < sweep->count; v++) {
        assert_true(v == 0 || sweep->values[v] > sweep->values[v - 1]);
        for (size_t t = 0; t < sweep->table_count; t++) {
            double p[64];
            const qf_table *rows = sweep->tables[t];
            assert_in_range(rows->rows, 1, 64);
            say_column(rows->values, rows->rows, rows->columns, sweep->values[v],
                       qf_record_number(&model->parameters, "power"), p);
            QF_TRY(sweep->visit(sweep->listener, v, t, p, model->threshold, error));
        }
    }
    return QF_OK;
}

static const qf_model_kind column_kind = {.name = "column",
                                          .summary = "a column",
                                          .parameters = column_parameters,
                                          .parameter_count = 2,
                                          .fit = column_fit,
                                          .predict = column_predict,
                                          .free = free,
                                          .swept = "column",
                                          .sweep = column_sweep};

/* Rows of four columns, of which the first `right[c]` say the label in column c, the others its
 * opposite. */
static qf_table column_table(size_t rows, const size_t right[4], int64_t first_row) {
    qf_table table;
    qf_error error;
    assert_int_equal(qf_table_init(&table, 4, names, "y", &error), QF_OK);
    for (size_t r = 0; r < rows; r++) {
        double values[4];
        for (size_t c = 0; c < 4; c++) values[c] = (r < right[c]) == (r % 2 == 1) ? 0.75 : 0.25;
        const qf_origin origin = {first_row + (int64_t)r, -1};
        assert_int_equal(qf_table_append(&table, values, r % 2, origin, &error), QF_OK);
    }
    return table;
}

static qf_tuned tune_columns(const char *const *texts, size_t count, const size_t training[4],
                             const size_t validation[4], const char *metric_name) {
    qf_table table = column_table(20, training, 0), other = column_table(20, validation, 100);
    qf_record parameters = {0};
    qf_error error;
    qf_trials trials;
    qf_tuned tuned;
    const qf_metric *metric;
    const qf_run run = qf_run_default();
    qf_grids grids = read_grids(&column_kind, texts, count);
    assert_int_equal(qf_parameters_default(&column_kind, &parameters, &error), QF_OK);
    const qf_fitting fitting = {&column_kind, &parameters, 1, .fraud_weight = 1};
    assert_int_equal(qf_metric_find(metric_name, &metric, &error), QF_OK);
    assert_int_equal(qf_trials_of_tables(&trials, &table, &other, &error), QF_OK);
    assert_int_equal(qf_tune(&fitting, &grids, metric, &trials, &run, &tuned, &error), QF_OK);
    qf_trials_free(&trials);
    qf_grids_free(&grids);
    qf_record_free(&parameters);
    qf_table_free(&other);
    qf_table_free(&table);
    return tuned;
}

/* Best validation; then the smallest gap; then the earliest. */
static void test_ties(void **state) {
    (void)state;
    static const char *const rising[] = {"column=0:3"}, *const falling[] = {"column=3,2,1,0"};
    const size_t training[] = {20, 16, 16, 10}, validation[] = {15, 15, 15, 14};
    qf_tuned tuned = tune_columns(rising, 1, training, validation, "accuracy");
    assert_int_equal(tuned.chosen, 1);
    assert_true(tuned.points[0].training_mean == 1 && tuned.points[3].training_mean == 0.5);
    assert_true(tuned.points[1].validation_mean == 0.75 && tuned.points[1].validation_sd == 0);
    qf_tuned_free(&tuned);
    tuned = tune_columns(falling, 1, training, validation, "accuracy");
    assert_int_equal(tuned.chosen, 1); /* column 2 */
    qf_tuned_free(&tuned);
    const size_t below[] = {14, 16, 10, 10}; /* the gap counts whichever side is better */
    tuned = tune_columns(rising, 1, below, validation, "accuracy");
    assert_int_equal(tuned.chosen, 0);
    qf_tuned_free(&tuned);
    const size_t losses[] = {10, 12, 19, 3};
    tuned = tune_columns(rising, 1, losses, losses, "brier");
    assert_int_equal(tuned.chosen, 2);
    qf_tuned_free(&tuned);
}

static void test_one_fit_for_a_sweep(void **state) {
    (void)state;
    const size_t right[] = {20, 16, 12, 10};
    static const char *const both[] = {"power=2,1,3", "column=1,3,0,2"}, *const power[] = {
                                                                             "power=2,1"};
    column_fits = column_sweeps = 0;
    qf_tuned tuned = tune_columns(both, 2, right, right, "accuracy");
    assert_int_equal(tuned.count, 12);
    assert_int_equal(column_fits, 0);
    assert_int_equal(column_sweeps, 3);
    /* power 1 parts the classes; with the second power 0.75 becomes 0.5625, with the third less */
    assert_int_equal(tuned.chosen, 2); /* power=2,column=0: the first of two equal ones */
    assert_true(tuned.points[4 + 0].validation_mean == 0.8);
    assert_true(tuned.points[4 + 1].validation_mean == 0.5);
    assert_true(tuned.points[4 + 3].validation_mean == 0.6);
    assert_true(tuned.points[8 + 2].validation_mean == 0.5);
    qf_tuned_free(&tuned);
    tuned = tune_columns(power, 1, right, right, "accuracy");
    assert_int_equal(column_fits, 2);
    assert_int_equal(column_sweeps, 3);
    qf_tuned_free(&tuned);
}

static void test_curve(void **state) {
    (void)state;
    const size_t right[] = {10, 16, 20, 12};
    static const char *const texts[] = {"power=1,3", "column=3,0,2,1"};
    qf_tuned tuned = tune_columns(texts, 2, right, right, "accuracy");
    qf_grids grids = read_grids(&column_kind, texts, 2);
    qf_record record = {0};
    qf_error error;
    assert_int_equal(qf_tuned_curve(&tuned, &grids, 1, &record, &error), QF_OK);
    assert_string_equal(qf_record_text(&record, "parameter"), "column");
    assert_true(qf_record_number(&record, "chosen") == 2);
    static const char *const fields[] = {"values", "training_mean", "training_sd",
                                         "validation_mean", "validation_sd"};
    static const double expected[5][4] = {
        {0, 1, 2, 3}, {0.5, 0.8, 1, 0.6}, {0}, {0.5, 0.8, 1, 0.6}, {0}};
    for (size_t i = 0; i < 5; i++) {
        const qf_field *field = qf_record_find(&record, fields[i]);
        assert_int_equal(field->count, 4);
        assert_memory_equal(field->reals, expected[i], sizeof expected[i]);
    }
    qf_record_free(&record);
    assert_int_equal(qf_tuned_curve(&tuned, &grids, 0, &record, &error), QF_OK);
    const qf_field *field = qf_record_find(&record, "validation_mean");
    assert_int_equal(field->count, 2);
    assert_true(field->reals[0] == 1 && field->reals[1] == 0.5);
    qf_record_free(&record);
    qf_grids_free(&grids);
    qf_tuned_free(&tuned);
}

static void test_tables_too_small(void **state) {
    (void)state;
    qf_table table = make_table(60, 0);
    qf_trials trials;
    qf_error error;
    for (size_t r = 0, kept = 0; r < 60; r++) {
        if (table.labels[r] && kept++ >= 2) table.labels[r] = 0;
    }
    assert_int_equal(qf_trials_of_folds(&trials, &table, 2, 1, &error), QF_OK);
    qf_trials_free(&trials);
    assert_int_equal(qf_trials_of_folds(&trials, &table, 3, 1, &error), QF_DATA);
    assert_string_equal(
        error.message, "fold 3 of 3: the rows to judge by: 0 rows with label 1, at least 1 needed");
    qf_table other = make_table(30, 1);
    memset(other.labels, 1, 30);
    assert_int_equal(qf_trials_of_tables(&trials, &table, &other, &error), QF_DATA);
    assert_string_equal(error.message,
                        "the rows to judge by: 0 rows with label 0, at least 1 needed");
    other.columns = 2;
    assert_int_equal(qf_trials_of_tables(&trials, &table, &other, &error), QF_MISMATCH);
    other.columns = 3;
    qf_table_free(&other);
    qf_table_free(&table);
}

/* ---- Training ---- */

typedef struct plan {
    qf_grids grids;
    qf_record parameters;
    qf_training training;
} plan;

static void make_plan(plan *p, const char *kind, const char *setting) {
    qf_error error;
    *p = (plan){0};
    const qf_model_kind *found = find_kind(kind);
    assert_int_equal(qf_parameters_default(found, &p->parameters, &error), QF_OK);
    assert_int_equal(qf_parameters_set(found, &p->parameters, setting, &error), QF_OK);
    p->training = (qf_training){.fitting = {found, &p->parameters, 5, .fraud_weight = 1},
                                .grids = &p->grids,
                                .folds = FOLDS};
}

static void free_plan(plan *p) {
    qf_grids_free(&p->grids);
    qf_record_free(&p->parameters);
}

static qf_model train(const plan *p, const qf_table *table, size_t threads) {
    qf_model model;
    qf_error error;
    qf_run run = qf_run_default();
    run.threads = threads;
    if (qf_train(&p->training, table, &run, &model, NULL, &error) != QF_OK) {
        fail_msg("%s", error.message);
    }
    return model;
}

static void correct(double *p, double trained, double wanted) {
    const double odds = *p / (1 - *p) * (wanted / (1 - wanted)) / (trained / (1 - trained));
    if (*p < 1) *p = odds / (1 + odds);
}

static double fraud_share(const qf_table *table) {
    size_t counts[2];
    qf_table_count_classes(table, counts);
    return (double)counts[1] / (double)table->rows;
}

/* Out-of-fold probabilities of the original rows, corrected to a share of fraud unless that is
 * NaN. */
static qf_scores predict_by_hand(const plan *p, const qf_table *table, double wanted) {
    qf_scores all = {0};
    qf_folds folds;
    qf_error error;
    const qf_run run = qf_run_default();
    assert_int_equal(qf_folds_init(&folds, table, FOLDS, 5, &error), QF_OK);
    for (size_t f = 0; f < FOLDS; f++) {
        qf_table fitted = fold_table(table, &folds, f, false);
        qf_table judging = fold_table(table, &folds, f, true);
        qf_model model = fit_point(&p->training.fitting, NULL, 0, &fitted);
        const size_t first = all.count;
        assert_int_equal(qf_scores_reserve(&all, first + judging.rows, &error), QF_OK);
        assert_int_equal(
            qf_model_probabilities(&model, &judging, &run, all.probabilities + first, &error),
            QF_OK);
        memcpy(all.labels + first, judging.labels, judging.rows);
        all.count += judging.rows;
        for (size_t i = first; i < all.count && !isnan(wanted); i++) {
            correct(&all.probabilities[i], fraud_share(&fitted), wanted);
        }
        qf_model_free(&model);
        qf_table_free(&fitted);
        qf_table_free(&judging);
    }
    qf_folds_free(&folds);
    return all;
}

static double cost_at(const qf_scores *scores, double threshold) {
    double cost = 0;
    for (size_t i = 0; i < scores->count; i++) {
        const bool called = scores->probabilities[i] > threshold;
        if (called && !scores->labels[i]) cost += 1;
        if (!called && scores->labels[i]) cost += 7;
    }
    return cost;
}

/* Prior, calibration and threshold by the rows that the folds' fits had not seen. */
static void test_training_in_order(void **state) {
    (void)state;
    qf_table table = make_table(300, 0);
    const double original = fraud_share(&table);
    add_synthetic(&table, 120);
    const double resampled = fraud_share(&table);
    for (size_t corrected = 0; corrected < 2; corrected++) {
        plan p;
        make_plan(&p, "forest", "trees=9");
        p.training.prior = corrected ? QF_PRIOR_ORIGINAL : QF_PRIOR_TRAINED;
        p.training.calibration = QF_CALIBRATE_PLATT;
        p.training.threshold = (qf_threshold_rule){
            .kind = QF_THRESHOLD_COST, .false_positive = 1, .false_negative = 7};
        qf_model model = train(&p, &table, 2);
        qf_scores scores = predict_by_hand(&p, &table, corrected ? original : resampled);
        assert_int_equal(scores.count, 300);
        qf_calibration calibration;
        qf_error error;
        assert_int_equal(qf_calibration_fit(&calibration, QF_CALIBRATE_PLATT, scores.probabilities,
                                            scores.labels, scores.count, &error),
                         QF_OK);
        assert_true(fabs(calibration.slope - model.calibration.slope) < 1e-6);
        assert_true(fabs(calibration.offset - model.calibration.offset) < 1e-6);
        qf_calibration_apply(&calibration, scores.probabilities, scores.count);
        const double cost = cost_at(&scores, model.threshold);
        for (size_t i = 0; i < scores.count; i++) {
            assert_true(cost <= cost_at(&scores, scores.probabilities[i]));
        }
        assert_true(fabs(qf_record_number(&model.facts, "threshold_value") - cost / 300) < 1e-12);
        assert_string_equal(qf_record_text(&model.facts, "threshold_by"), "cost:1,7");
        assert_int_equal(model.chosen_rows.count, 0);
        /* The model itself: the kind's probability, corrected, then calibrated. */
        qf_model plain = fit_point(&p.training.fitting, NULL, 0, &table);
        const qf_run run = qf_run_default();
        double said, own;
        qf_table row = {.rows = 1, .columns = 3};
        for (size_t r = 0; r < 40; r++) {
            row.values = table.values + 3 * r;
            assert_int_equal(qf_model_probabilities(&model, &row, &run, &said, &error), QF_OK);
            assert_int_equal(qf_model_probabilities(&plain, &row, &run, &own, &error), QF_OK);
            if (corrected) correct(&own, resampled, original);
            own = 1 / (1 + exp(model.calibration.slope * own + model.calibration.offset));
            assert_true(fabs(said - own) < 1e-12);
        }
        qf_model_free(&plain);
        qf_scores_free(&scores);
        qf_model_free(&model);
        free_plan(&p);
    }
    qf_table_free(&table);
}

static void test_prior_and_class_weights(void **state) {
    (void)state;
    qf_table table = make_table(200, 0);
    const double share = fraud_share(&table);
    plan p;
    make_plan(&p, "dummy", "strategy=prior");
    p.training.prior = QF_PRIOR_SHARE;
    p.training.prior_share = 0.01;
    static const double weights[] = {1, 3, QF_WEIGHT_BALANCED};
    for (size_t i = 0; i < 3; i++) {
        p.training.fitting.fraud_weight = weights[i];
        qf_model model = train(&p, &table, 1);
        const double trained =
            weights[i] > 0 ? weights[i] * share / (weights[i] * share + 1 - share) : 0.5;
        assert_true(fabs(qf_record_number(&model.facts, "trained_share") - trained) < 1e-12);
        qf_scores scores = {0};
        qf_error error;
        const qf_run run = qf_run_default();
        assert_int_equal(qf_model_predict(&model, &table, &run, &scores, &error), QF_OK);
        assert_true(fabs(scores.probabilities[0] - 0.01) < 1e-12);
        qf_scores_free(&scores);
        qf_model_free(&model);
    }
    p.training.prior = QF_PRIOR_ORIGINAL;
    p.training.fitting.fraud_weight = 1;
    qf_model model = train(&p, &table, 1);
    assert_true(model.odds_factor == 1);
    qf_model_free(&model);
    for (size_t r = 0; r < 200; r++) table.origins[r].neighbour = table.labels[r] ? 1 : -1;
    qf_error error;
    const qf_run run = qf_run_default();
    assert_int_equal(qf_train(&p.training, &table, &run, &model, NULL, &error), QF_DATA);
    assert_string_equal(error.message,
                        "the prior: no original rows with label 1 among the training rows");
    free_plan(&p);
    qf_table_free(&table);
}

static void test_validation_table(void **state) {
    (void)state;
    qf_table table = make_table(200, 0), validation = make_table(100, 1);
    add_synthetic(&validation, 10);
    plan p;
    make_plan(&p, "forest", "trees=5");
    static const char *const grid = "depth=1,2,4,9";
    qf_error error;
    p.grids = read_grids(find_kind("forest"), &grid, 1);
    assert_int_equal(qf_metric_find("f1", &p.training.metric, &error), QF_OK);
    p.training.validation = &validation;
    p.training.threshold.kind = QF_THRESHOLD_F1;
    qf_model model = train(&p, &table, 2);
    assert_int_equal(validation.rows, 100);
    double best = 0;
    for (size_t i = 0; i < 4; i++) {
        qf_model at = fit_point(&p.training.fitting, &p.grids, i, &table);
        best = fmax(best, metric_of("f1", &at, &validation));
        qf_model_free(&at);
    }
    assert_true(qf_record_number(&model.facts, "validation_mean") == best);
    assert_true(qf_record_number(&model.facts, "tuned_folds") == 1);
    /* A threshold chosen on these rows is no worse there than the model's own. */
    assert_true(metric_of("f1", &model, &validation) >= best);
    assert_true(fabs(metric_of("f1", &model, &validation) -
                     qf_record_number(&model.facts, "threshold_value")) < 1e-12);
    assert_int_equal(model.chosen_rows.count, 100);
    qf_scores scores = {0};
    const qf_run run = qf_run_default();
    assert_int_equal(qf_model_predict(&model, &validation, &run, &scores, &error), QF_OK);
    for (size_t i = 0; i < 100; i++) assert_int_equal(scores.seen[i], QF_SEEN_CHOICE);
    assert_int_equal(qf_model_predict(&model, &table, &run, &scores, &error), QF_OK);
    for (size_t i = 0; i < 100; i++) assert_int_equal(scores.seen[i], QF_SEEN_ROW);
    qf_scores_free(&scores);
    qf_model_free(&model);
    free_plan(&p);
    qf_table_free(&validation);
    qf_table_free(&table);
}

/* The same model, tuning and facts for any number of threads. */
static void test_threads(void **state) {
    (void)state;
    qf_table table = make_table(200, 0);
    add_synthetic(&table, 40);
    plan p;
    make_plan(&p, "forest", "smoothing=0");
    static const char *const texts[] = {"depth=2,5", "trees=3:9:3"};
    qf_error error;
    p.grids = read_grids(find_kind("forest"), texts, 2);
    assert_int_equal(qf_metric_find("roc_auc", &p.training.metric, &error), QF_OK);
    p.training.calibration = QF_CALIBRATE_ISOTONIC;
    p.training.threshold.kind = QF_THRESHOLD_MCC;
    qf_model one = train(&p, &table, 1);
    qf_arrays expected = {0};
    assert_int_equal(qf_model_encode(&one, &expected, &error), QF_OK);
    for (size_t threads = 2; threads < 9; threads += 3) {
        qf_model other = train(&p, &table, threads);
        qf_arrays arrays = {0};
        assert_int_equal(qf_model_encode(&other, &arrays, &error), QF_OK);
        assert_int_equal(arrays.count, expected.count);
        for (size_t i = 0; i < arrays.count; i++) {
            const qf_array *a = &arrays.items[i], *b = &expected.items[i];
            assert_string_equal(a->name, b->name);
            assert_int_equal(a->rows, b->rows);
            assert_memory_equal(a->data, b->data,
                                a->rows * a->columns * qf_array_type_size(a->type));
        }
        assert_true(one.threshold == other.threshold);
        for (size_t i = 0; i < one.facts.count; i++) {
            const qf_field *a = &one.facts.fields[i], *b = &other.facts.fields[i];
            assert_true(a->real == b->real && a->integer == b->integer);
            if (a->text) assert_string_equal(a->text, b->text);
        }
        qf_arrays_free(&arrays);
        qf_model_free(&other);
    }
    qf_arrays_free(&expected);
    qf_model_free(&one);
    free_plan(&p);
    qf_table_free(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grid_values),
        cmocka_unit_test(test_grid_points),
        cmocka_unit_test(test_grid_errors),
        cmocka_unit_test(test_tuning_is_what_fits_say),
        cmocka_unit_test(test_swept_kinds),
        cmocka_unit_test(test_ties),
        cmocka_unit_test(test_one_fit_for_a_sweep),
        cmocka_unit_test(test_curve),
        cmocka_unit_test(test_tables_too_small),
        cmocka_unit_test(test_training_in_order),
        cmocka_unit_test(test_prior_and_class_weights),
        cmocka_unit_test(test_validation_table),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
