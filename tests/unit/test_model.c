/* The registry: parameters, storing and loading, hostile arrays, what a model has seen. */
#include "base/memory.h"
#include "base/number.h"
#include "base/random.h"
#include "model/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = {"a", "b", "c"};

static qf_table make_table(size_t rows) {
    qf_table table;
    qf_error error;
    assert_int_equal(qf_table_init(&table, 3, names, "y", &error), QF_OK);
    qf_random random = qf_random_stream(1, "test", 0);
    for (size_t r = 0; r < rows; r++) {
        const double values[] = {qf_random_normal(&random), (double)qf_random_below(&random, 4),
                                 qf_random_uniform(&random)};
        const bool label = values[0] + values[1] + qf_random_normal(&random) > 2;
        const qf_origin origin = {(int64_t)(1000 - r), -1};
        assert_int_equal(qf_table_append(&table, values, label, origin, &error), QF_OK);
    }
    return table;
}

static qf_model fit_weighted(const char *name, const char *setting, const qf_table *table,
                             double fraud_weight) {
    const qf_model_kind *kind;
    qf_record parameters = {0};
    qf_error error;
    qf_model model;
    const qf_run run = qf_run_default();
    assert_int_equal(qf_model_kind_find(name, &kind, &error), QF_OK);
    assert_int_equal(qf_parameters_default(kind, &parameters, &error), QF_OK);
    if (setting) assert_int_equal(qf_parameters_set(kind, &parameters, setting, &error), QF_OK);
    const qf_fitting fitting = {kind, &parameters, 5, .fraud_weight = fraud_weight};
    assert_int_equal(qf_model_fit(&fitting, table, &run, &model, &error), QF_OK);
    qf_record_free(&parameters);
    return model;
}

static qf_model fit(const char *name, const char *setting, const qf_table *table) {
    return fit_weighted(name, setting, table, 1);
}

static qf_status load(const qf_model *like, const qf_arrays *arrays, qf_model *model,
                      qf_error *error) {
    assert_int_equal(qf_model_init(model, like->kind, like->columns,
                                   (const char *const *)like->names, like->target,
                                   &like->parameters, like->seed, error),
                     QF_OK);
    return qf_model_decode(model, arrays, error);
}

static void test_defaults_of_all_kinds(void **state) {
    (void)state;
    size_t count;
    const qf_model_kind *const *kinds = qf_model_kinds(&count);
    assert_true(count >= 3);
    for (size_t i = 0; i < count; i++) {
        qf_record parameters = {0};
        qf_error error;
        assert_int_equal(qf_parameters_default(kinds[i], &parameters, &error), QF_OK);
        assert_int_equal(qf_parameters_check(kinds[i], &parameters, &error), QF_OK);
        assert_int_equal(qf_parameters_set(kinds[i], &parameters, "=1", &error), QF_USAGE);
        assert_int_equal(qf_record_set_real(&parameters, "more", 1, &error), QF_OK);
        assert_int_equal(qf_parameters_check(kinds[i], &parameters, &error), QF_DATA);
        qf_record_free(&parameters);
    }
}

static void test_settings(void **state) {
    (void)state;
    const qf_model_kind *kind;
    qf_record p = {0};
    qf_error error;
    assert_int_equal(qf_model_kind_find("forest", &kind, &error), QF_OK);
    assert_int_equal(qf_parameters_default(kind, &p, &error), QF_OK);
    assert_int_equal(qf_parameters_set(kind, &p, "trees=7", &error), QF_OK);
    assert_true(qf_record_number(&p, "trees") == 7);
    assert_int_equal(qf_parameters_set(kind, &p, "features=all", &error), QF_OK);
    assert_string_equal(qf_record_text(&p, "features"), "all");
    assert_int_equal(qf_parameters_set(kind, &p, "features=2", &error), QF_OK);
    assert_int_equal(qf_parameters_check(kind, &p, &error), QF_OK);
    static const char *const wrong[] = {
        "trees=0",       "trees=1.5",  "trees=",
        "trees",         "tree=1",     "treess=1",
        "features=some", "trees=1e99", "trees=9999999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(qf_parameters_set(kind, &p, wrong[i], &error), QF_USAGE);
    }
    assert_true(qf_record_number(&p, "trees") == 7);
    assert_int_equal(qf_record_set_integer(&p, "trees", 0, &error), QF_OK);
    assert_int_equal(qf_parameters_check(kind, &p, &error), QF_DATA);
    assert_int_equal(qf_record_set_text(&p, "trees", "sqrt", &error), QF_OK);
    assert_int_equal(qf_parameters_check(kind, &p, &error), QF_DATA);
    qf_record_free(&p);
}

static void test_sizes(void **state) {
    (void)state;
    const qf_model_kind *kind;
    qf_record p = {0};
    qf_error error;
    assert_int_equal(qf_model_kind_find("mlp", &kind, &error), QF_OK);
    assert_int_equal(qf_parameters_default(kind, &p, &error), QF_OK);
    static const char *const right[] = {"layers=1", "layers=4096", "layers=64-32-4",
                                        "layers=1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16"};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        assert_int_equal(qf_parameters_set(kind, &p, right[i], &error), QF_OK);
        assert_string_equal(qf_record_text(&p, "layers"), strchr(right[i], '=') + 1);
        assert_int_equal(qf_parameters_check(kind, &p, &error), QF_OK);
    }
    static const char *const wrong[] = {"layers=",
                                        "layers=0",
                                        "layers=4097",
                                        "layers=10-",
                                        "layers=-10",
                                        "layers=10--10",
                                        "layers=10,5",
                                        "layers=10-0-5",
                                        "layers=1e1",
                                        "layers=10 5",
                                        "layers=99999999999999999999999",
                                        "layers=1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16-17"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(qf_parameters_set(kind, &p, wrong[i], &error), QF_USAGE);
        assert_non_null(strstr(error.message,
                               ": expected whole numbers from 1 to 4096 joined by "
                               "'-', 16 at most"));
        assert_int_equal(qf_record_set_text(&p, "layers", strchr(wrong[i], '=') + 1, &error),
                         QF_OK);
        assert_int_equal(qf_parameters_check(kind, &p, &error), QF_DATA);
    }
    qf_record_free(&p);
}

static void test_stored_models_predict_the_same(void **state) {
    (void)state;
    static const char *const kinds[][2] = {{"dummy", NULL},
                                           {"dummy", "strategy=prior"},
                                           {"dummy", "strategy=stratified"},
                                           {"tree", NULL},
                                           {"tree", "alpha=0"},
                                           {"forest", "trees=12"},
                                           {"adaboost", "estimators=12"},
                                           {"adaboost", "algorithm=samme"},
                                           {"mlp", "epochs=5"},
                                           {"mlp", "layers=3-9-1"},
                                           {"logistic", NULL},
                                           {"svm", NULL},
                                           {"svm", "kernel=linear"},
                                           {"knn", NULL},
                                           {"knn", "weights=distance"},
                                           {"xgboost", "rounds=12"}};
    qf_table table = make_table(300);
    qf_run run = qf_run_default();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        qf_model model = fit(kinds[i][0], kinds[i][1], &table), copy;
        qf_arrays arrays = {0};
        qf_error error;
        assert_int_equal(qf_model_encode(&model, &arrays, &error), QF_OK);
        assert_int_equal(load(&model, &arrays, &copy, &error), QF_OK);
        qf_scores a = {0}, b = {0};
        assert_int_equal(qf_model_predict(&model, &table, &run, &a, &error), QF_OK);
        run.threads = 2;
        assert_int_equal(qf_model_predict(&copy, &table, &run, &b, &error), QF_OK);
        assert_int_equal(a.count, 300);
        assert_true(a.threshold == model.threshold);
        assert_memory_equal(a.probabilities, b.probabilities, 300 * sizeof *a.probabilities);
        assert_memory_equal(a.seen, b.seen, 300);
        for (size_t r = 0; r < 300; r++) {
            assert_true(a.probabilities[r] >= 0 && a.probabilities[r] <= 1);
            assert_int_equal(a.seen[r], QF_SEEN_ROW);
            assert_int_equal(a.origins[r].row, 1000 - r);
        }
        qf_scores_free(&a);
        qf_scores_free(&b);
        qf_arrays_free(&arrays);
        qf_model_free(&model);
        qf_model_free(&copy);
    }
    qf_table_free(&table);
}

static void test_dummy_strategies(void **state) {
    (void)state;
    qf_table table = make_table(2000);
    size_t counts[2];
    qf_table_count_classes(&table, counts);
    const double share = (double)counts[1] / 2000;
    const qf_run run = qf_run_default();
    static const char *const settings[] = {"strategy=most-frequent", "strategy=prior",
                                           "strategy=stratified"};
    double means[3];
    for (size_t i = 0; i < 3; i++) {
        qf_model model = fit("dummy", settings[i], &table);
        qf_scores scores = {0};
        qf_error error;
        assert_int_equal(qf_model_predict(&model, &table, &run, &scores, &error), QF_OK);
        means[i] = 0;
        for (size_t r = 0; r < 2000; r++) means[i] += scores.probabilities[r] / 2000;
        qf_scores_free(&scores);
        qf_model_free(&model);
    }
    /* Rows that are equal but for the sign of zero have the same draw. */
    qf_model model = fit("dummy", settings[2], &table);
    qf_scores plus = {0}, minus = {0};
    qf_error error;
    for (size_t r = 0; r < 2000; r++) table.values[r * table.columns] = 0.0;
    assert_int_equal(qf_model_predict(&model, &table, &run, &plus, &error), QF_OK);
    for (size_t r = 0; r < 2000; r++) table.values[r * table.columns] = -0.0;
    assert_int_equal(qf_model_predict(&model, &table, &run, &minus, &error), QF_OK);
    assert_memory_equal(plus.probabilities, minus.probabilities, 2000 * sizeof(double));
    qf_scores_free(&plus);
    qf_scores_free(&minus);
    qf_model_free(&model);
    assert_true(means[0] == (share > 0.5));
    assert_true(fabs(means[1] - share) < 1e-9);
    assert_true(fabs(means[2] - share) < 4 * sqrt(share * (1 - share) / 2000));
    qf_table_free(&table);
}

/* What stands between the kind's probabilities and the scores is stored, and in its order. */
static void test_stored_corrections(void **state) {
    (void)state;
    qf_table table = make_table(300), chosen = make_table(20);
    const qf_run run = qf_run_default();
    qf_model model = fit("forest", "trees=5", &table), copy;
    qf_scores raw = {0}, a = {0}, b = {0};
    qf_arrays arrays = {0};
    qf_error error;
    assert_int_equal(qf_model_predict(&model, &table, &run, &raw, &error), QF_OK);
    model.odds_factor = 0.25;
    model.threshold = 0.125;
    const qf_calibration platt = {QF_CALIBRATE_PLATT, .slope = -3, .offset = 1};
    model.calibration = platt;
    assert_int_equal(qf_model_remember_choice(&model, &chosen, &error), QF_OK);
    assert_int_equal(qf_model_predict(&model, &table, &run, &a, &error), QF_OK);
    for (size_t r = 0; r < 300; r++) {
        qf_prior_correct(0.25, &raw.probabilities[r], 1);
        qf_calibration_apply(&platt, &raw.probabilities[r], 1);
        assert_true(raw.probabilities[r] == a.probabilities[r]);
        assert_int_equal(a.seen[r], QF_SEEN_ROW | (r < 20 ? QF_SEEN_CHOICE : 0));
    }
    assert_true(a.threshold == 0.125);
    assert_int_equal(qf_model_encode(&model, &arrays, &error), QF_OK);
    assert_int_equal(qf_model_init(&copy, model.kind, 3, names, "y", &model.parameters, 5, &error),
                     QF_OK);
    copy.odds_factor = model.odds_factor;
    copy.calibration.method = model.calibration.method;
    assert_int_equal(qf_model_decode(&copy, &arrays, &error), QF_OK);
    assert_int_equal(qf_model_predict(&copy, &table, &run, &b, &error), QF_OK);
    assert_memory_equal(a.probabilities, b.probabilities, 300 * sizeof *a.probabilities);
    assert_memory_equal(a.seen, b.seen, 300);
    qf_scores_free(&raw);
    qf_scores_free(&a);
    qf_scores_free(&b);
    qf_arrays_free(&arrays);
    qf_model_free(&copy);
    qf_model_free(&model);
    qf_table_free(&chosen);
    qf_table_free(&table);
}

/* One leaf for all rows shows what the classes weigh. */
static void test_class_weights_move_the_prior(void **state) {
    (void)state;
    static const char *const kinds[][2] = {
        {"dummy", "strategy=prior"}, {"tree", "alpha=1"}, {"tree", "min_leaf=1000"}};
    qf_table table = make_table(300);
    size_t counts[2];
    qf_table_count_classes(&table, counts);
    const double legitimate = (double)counts[0], frauds = (double)counts[1];
    static const double weights[] = {1, 7, QF_WEIGHT_BALANCED};
    const double shares[] = {frauds / 300, 7 * frauds / (legitimate + 7 * frauds), 0.5};
    const qf_run run = qf_run_default();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        for (size_t w = 0; w < sizeof weights / sizeof *weights; w++) {
            qf_model model = fit_weighted(kinds[i][0], kinds[i][1], &table, weights[w]);
            double probabilities[300];
            qf_error error;
            assert_int_equal(qf_model_probabilities(&model, &table, &run, probabilities, &error),
                             QF_OK);
            for (size_t r = 0; r < 300; r++) {
                assert_true(fabs(probabilities[r] - shares[w]) < 1e-14);
            }
            qf_model_free(&model);
        }
    }
    qf_table_free(&table);
}

/* Whatever is done to the arrays, decoding says so or yields a model that predicts probabilities,
 * or says that its sums overflow. */
static void test_hostile_arrays(void **state) {
    (void)state;
    static const char *const kinds[][2] = {{"dummy", NULL},          {"tree", "alpha=0"},
                                           {"forest", "trees=3"},    {"adaboost", "estimators=9"},
                                           {"mlp", "layers=4-3"},    {"logistic", NULL},
                                           {"svm", "kernel=linear"}, {"knn", "weights=distance"},
                                           {"xgboost", "rounds=9"}};
    qf_table table = make_table(60);
    const qf_run run = qf_run_default();
    qf_random random = qf_random_stream(2, "test", 0);
    size_t refused = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        qf_model model = fit(kinds[i][0], kinds[i][1], &table);
        for (size_t round = 0; round < 3000; round++) {
            qf_arrays arrays = {0};
            qf_error error;
            qf_model copy;
            assert_int_equal(qf_model_encode(&model, &arrays, &error), QF_OK);
            qf_array *array = &arrays.items[qf_random_below(&random, arrays.count)];
            const size_t size = array->rows * array->columns * qf_array_type_size(array->type);
            if (qf_random_below(&random, 8) == 0) {
                array->rows = (size_t)qf_random_below(&random, array->rows + 1);
            } else if (size > 0) {
                uint8_t *bytes = array->data;
                bytes[qf_random_below(&random, size)] ^=
                    (uint8_t)(1u << qf_random_below(&random, 8));
            }
            qf_scores scores = {0};
            qf_status status = load(&model, &arrays, &copy, &error);
            if (status == QF_OK) status = qf_model_predict(&copy, &table, &run, &scores, &error);
            if (status != QF_OK) assert_int_equal(status, QF_DATA);
            for (size_t r = 0; status == QF_OK && r < 60; r++) {
                assert_true(scores.probabilities[r] >= 0 && scores.probabilities[r] <= 1);
            }
            refused += status != QF_OK;
            qf_scores_free(&scores);
            qf_model_free(&copy);
            qf_arrays_free(&arrays);
        }
        qf_model_free(&model);
    }
    assert_true(refused > 1000);
    qf_table_free(&table);
}

static void test_seen(void **state) {
    (void)state;
    qf_table table = make_table(10);
    qf_error error;
    const double values[3] = {0};
    assert_int_equal(qf_table_append(&table, values, 1, (qf_origin){1000, 998}, &error), QF_OK);
    assert_int_equal(qf_table_append(&table, values, 0, (qf_origin){3, 4}, &error), QF_OK);
    qf_model model = fit("dummy", NULL, &table);
    assert_int_equal(model.trained_rows.count, 10);
    assert_int_equal(model.trained_parents.count, 4);
    qf_table test = make_table(12);
    test.origins[10] = (qf_origin){3, -1};
    test.origins[11] = (qf_origin){50, 51};
    qf_scores scores = {0};
    const qf_run run = qf_run_default();
    assert_int_equal(qf_model_predict(&model, &test, &run, &scores, &error), QF_OK);
    for (size_t r = 0; r < 12; r++) {
        const int expected = r == 0 || r == 2 ? QF_SEEN_ROW | QF_SEEN_PARENT
                             : r < 10         ? QF_SEEN_ROW
                             : r == 10        ? QF_SEEN_PARENT
                                              : 0;
        assert_int_equal(scores.seen[r], expected);
    }
    test.columns = 2;
    assert_int_equal(qf_model_predict(&model, &test, &run, &scores, &error), QF_MISMATCH);
    test.columns = 3;
    qf_scores_free(&scores);
    qf_model_free(&model);
    qf_table_free(&test);
    qf_table_free(&table);
}

/* ---- Starting from a model ---- */

static qf_status fit_from(const qf_model *start, const char *name, const char *const *settings,
                          uint64_t seed, const qf_table *table, qf_model *model, qf_error *error) {
    const qf_model_kind *kind;
    qf_record parameters = {0};
    const qf_run run = qf_run_default();
    assert_int_equal(qf_model_kind_find(name, &kind, error), QF_OK);
    assert_int_equal(qf_parameters_default(kind, &parameters, error), QF_OK);
    for (; *settings; settings++) {
        assert_int_equal(qf_parameters_set(kind, &parameters, *settings, error), QF_OK);
    }
    const qf_fitting fitting = {kind, &parameters, seed, .fraud_weight = 1, .start = start};
    const qf_status status = qf_model_fit(&fitting, table, &run, model, error);
    qf_record_free(&parameters);
    return status;
}

/* The greatest difference between trainable arrays of the same names and shapes. */
static double distance(const qf_model *a, const qf_model *b) {
    qf_trainables x = {0}, y = {0};
    qf_error error;
    double most = 0;
    assert_int_equal(qf_model_trainable(a, &x, &error), QF_OK);
    assert_int_equal(qf_model_trainable(b, &y, &error), QF_OK);
    assert_int_equal(x.count, y.count);
    for (size_t i = 0; i < x.count; i++) {
        const qf_trainable *p = &x.items[i], *q = &y.items[i];
        assert_string_equal(p->name, q->name);
        assert_true(p->rows == q->rows && p->columns == q->columns && p->frozen == q->frozen);
        for (size_t r = 0; r < p->rows; r++) {
            for (size_t c = 0; c < p->columns; c++) {
                most =
                    fmax(most, fabs(p->values[r * p->stride + c] - q->values[r * q->stride + c]));
            }
        }
    }
    qf_trainables_free(&x);
    qf_trainables_free(&y);
    return most;
}

/* With a rate of next to nothing a fit ends where it began, whatever its own seed draws. */
static void test_fits_begin_where_a_model_ended(void **state) {
    (void)state;
    static const struct {
        const char *name, *first[4], *second[4];
    } cases[] = {
        {"mlp", {"layers=4-3", "rate=0.1"}, {"layers=4-3", "rate=1e-12", "epochs=1"}},
        {"qnn", {"layers=4", "rate=0.1"}, {"layers=4", "rate=1e-12", "epochs=1"}},
        {"qnn", {"quantum=frozen"}, {"quantum=frozen", "rate=1e-12", "epochs=1"}},
        {"qnn", {"quantum=dense"}, {"quantum=dense", "rate=1e-12", "epochs=1"}},
        {"logistic", {"C=1"}, {"C=1", "iterations=1"}},
    };
    qf_table table = make_table(300);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qf_model first, second, apart;
        qf_error error;
        assert_int_equal(fit_from(NULL, cases[i].name, cases[i].first, 1, &table, &first, &error),
                         QF_OK);
        assert_int_equal(
            fit_from(&first, cases[i].name, cases[i].second, 2, &table, &second, &error), QF_OK);
        assert_int_equal(fit_from(NULL, cases[i].name, cases[i].second, 2, &table, &apart, &error),
                         QF_OK);
        assert_true(distance(&first, &second) < 1e-9);
        assert_true(distance(&first, &apart) > 1e-3);
        qf_model_free(&first);
        qf_model_free(&second);
        qf_model_free(&apart);
    }
    qf_table_free(&table);
}

static void test_models_that_are_no_start(void **state) {
    (void)state;
    static const struct {
        const char *start, *start_setting, *name, *setting, *message;
    } cases[] = {
        {"logistic", "C=1", "mlp", "epochs=1", "it is of kind logistic, not mlp"},
        {"mlp", "layers=3", "mlp", "layers=4", "it has layers=3, not 4"},
        {"mlp", "activation=relu", "mlp", "epochs=1", "it has activation=relu, not tanh"},
        {"qnn", "circuit=short", "qnn", "epochs=1", "it has circuit=short, not long"},
        {"qnn", "quantum=none", "qnn", "epochs=1", "it has quantum=none, not full"},
        {"qnn", "measure=z:0", "qnn", "epochs=1", "it has measure=z:0, not auto"},
        {"qnn", "circuit=pauli-two-design", "qnn", "circuit=pauli-two-design",
         "its circuit was drawn by another seed, 1"},
        {"tree", "alpha=0", "tree", "alpha=0", "a tree begins from rows alone"},
    };
    qf_table table = make_table(300);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qf_model start, model;
        qf_error error;
        char message[200];
        const char *first[] = {cases[i].start_setting, NULL}, *second[] = {cases[i].setting, NULL};
        assert_int_equal(fit_from(NULL, cases[i].start, first, 1, &table, &start, &error), QF_OK);
        assert_int_equal(fit_from(&start, cases[i].name, second, 2, &table, &model, &error),
                         QF_MISMATCH);
        snprintf(message, sizeof message, "the model to start from: %s", cases[i].message);
        assert_string_equal(error.message, message);
        qf_model_free(&start);
    }
    qf_table_free(&table);
}

static void test_a_start_of_other_columns(void **state) {
    (void)state;
    static const char *const settings[] = {"epochs=1", NULL};
    qf_table table = make_table(300);
    qf_model start, model;
    qf_error error;
    assert_int_equal(fit_from(NULL, "mlp", settings, 1, &table, &start, &error), QF_OK);
    table.names[1][0] = 'q';
    assert_int_equal(fit_from(&start, "mlp", settings, 1, &table, &model, &error), QF_MISMATCH);
    assert_string_equal(error.message,
                        "the model to start from: column 2: expected \"b\", got \"q\"");
    qf_model_free(&start);
    qf_table_free(&table);
}

static void test_a_model_has_seen_what_its_start_has(void **state) {
    (void)state;
    int64_t own[] = {2, 5}, its[] = {1, 5, 9};
    qf_model model = {0}, start = {0};
    qf_error error;
    model.trained_rows = (qf_row_set){qf_copy_array(own, 2, sizeof *own, &error), 2};
    start.trained_rows = (qf_row_set){its, 3};
    start.chosen_rows = (qf_row_set){its, 1};
    assert_int_equal(qf_model_remember_start(&model, &start, &error), QF_OK);
    const int64_t all[] = {1, 2, 5, 9};
    assert_int_equal(model.trained_rows.count, 4);
    assert_memory_equal(model.trained_rows.rows, all, sizeof all);
    assert_int_equal(model.trained_parents.count, 0);
    assert_int_equal(model.chosen_rows.count, 1);
    qf_model_free(&model);
}

static void test_one_class(void **state) {
    (void)state;
    qf_table table = make_table(10);
    memset(table.labels, 0, 10);
    size_t count;
    const qf_model_kind *const *kinds = qf_model_kinds(&count);
    const qf_run run = qf_run_default();
    for (size_t i = 0; i < count; i++) {
        qf_record parameters = {0};
        qf_error error;
        qf_model model;
        assert_int_equal(qf_parameters_default(kinds[i], &parameters, &error), QF_OK);
        const qf_fitting fitting = {kinds[i], &parameters, 1, .fraud_weight = 1};
        assert_int_equal(qf_model_fit(&fitting, &table, &run, &model, &error), QF_DATA);
        qf_record_free(&parameters);
    }
    qf_table_free(&table);
}

enum { SWEPT = 3, TABLES = 2 };

typedef struct visits {
    const qf_fitting *fitting;
    const qf_sweep *sweep;
    const qf_table *train;
    size_t next;
} visits;

/* What a sweep shows of a value is what the model fitted with that value says. */
static qf_status compare_visit(void *listener, size_t value, size_t table,
                               const double *probabilities, double threshold, qf_error *error) {
    visits *v = listener;
    assert_int_equal(value * TABLES + table, v->next++);
    char setting[64], number[QF_NUMBER_TEXT];
    qf_print_double(number, v->sweep->values[value]);
    snprintf(setting, sizeof setting, "%s=%s", v->sweep->parameter, number);
    qf_model model = fit(v->fitting->kind->name, setting, v->train);
    const qf_table *rows = v->sweep->tables[table];
    const qf_run run = qf_run_default();
    double expected[200];
    assert_in_range(rows->rows, 1, 200);
    assert_int_equal(qf_model_probabilities(&model, rows, &run, expected, error), QF_OK);
    for (size_t r = 0; r < rows->rows; r++) {
        assert_true(fabs(probabilities[r] - expected[r]) <= 1e-12);
    }
    assert_true(fabs(threshold - model.threshold) <= 1e-12);
    qf_model_free(&model);
    return QF_OK;
}

static void check_sweep(const qf_model_kind *kind, const char *parameter, const double *values) {
    qf_table train = make_table(200), test = make_table(50);
    const qf_table *const tables[TABLES] = {&train, &test};
    qf_record parameters = {0};
    qf_error error;
    const qf_run run = qf_run_default();
    assert_int_equal(qf_parameters_default(kind, &parameters, &error), QF_OK);
    const qf_fitting fitting = {kind, &parameters, 5, .fraud_weight = 1};
    visits v = {&fitting, NULL, &train, 0};
    const qf_sweep sweep = {parameter, values, SWEPT, tables, TABLES, compare_visit, &v};
    v.sweep = &sweep;
    assert_int_equal(qf_model_sweep(&fitting, &train, &sweep, &run, &error), QF_OK);
    assert_int_equal(v.next, SWEPT * TABLES);
    qf_record_free(&parameters);
    qf_table_free(&train);
    qf_table_free(&test);
}

static void test_sweeps_show_what_fits_give(void **state) {
    (void)state;
    static const double counts[SWEPT] = {1, 4, 11}, shares[SWEPT] = {0, 0.004, 0.02};
    size_t count;
    const qf_model_kind *const *kinds = qf_model_kinds(&count);
    for (size_t i = 0; i < count; i++) {
        for (size_t p = 0; p < kinds[i]->parameter_count; p++) {
            const qf_parameter *parameter = &kinds[i]->parameters[p];
            if (!kinds[i]->swept || strcmp(parameter->name, kinds[i]->swept) != 0) continue;
            const bool whole = parameter->kind == QF_PARAMETER_INTEGER;
            check_sweep(kinds[i], parameter->name, whole ? counts : shares);
        }
    }
    const qf_model_kind *tree, *forest;
    assert_int_equal(qf_model_kind_find("tree", &tree, NULL), QF_OK);
    check_sweep(tree, "min_leaf", counts);
    /* More trees than are walked at a time. */
    static const double many[SWEPT] = {15, 33, 70};
    assert_int_equal(qf_model_kind_find("forest", &forest, NULL), QF_OK);
    check_sweep(forest, "trees", many);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_of_all_kinds),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_stored_models_predict_the_same),
        cmocka_unit_test(test_stored_corrections),
        cmocka_unit_test(test_dummy_strategies),
        cmocka_unit_test(test_class_weights_move_the_prior),
        cmocka_unit_test(test_hostile_arrays),
        cmocka_unit_test(test_seen),
        cmocka_unit_test(test_fits_begin_where_a_model_ended),
        cmocka_unit_test(test_models_that_are_no_start),
        cmocka_unit_test(test_a_start_of_other_columns),
        cmocka_unit_test(test_a_model_has_seen_what_its_start_has),
        cmocka_unit_test(test_one_class),
        cmocka_unit_test(test_sweeps_show_what_fits_give),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
