/* Calibration against scikit-learn's (tests/oracle/calibration.py), thresholds against trying all,
 * priors against the counts that they stand for. */
#include "base/random.h"
#include "learn/calibration.h"
#include "learn/metrics.h"
#include "learn/threshold.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "calibration_oracle.h"

/* scikit-learn's own optimiser stops when a gradient falls below 1e-5, so Platt's curve agrees to
 * that; ours is further down, which test_platt_is_at_the_optimum shows. */
static void check_oracle(qf_calibration_method method, double tolerance) {
    for (size_t c = 0; c < sizeof oracle_cases / sizeof *oracle_cases; c++) {
        const struct oracle_case *k = &oracle_cases[c];
        const double *expected = method == QF_CALIBRATE_PLATT ? k->platt : k->isotonic;
        qf_calibration calibration;
        qf_error error;
        double p[ORACLE_QUERIES];
        memcpy(p, k->queries, sizeof p);
        assert_int_equal(
            qf_calibration_fit(&calibration, method, k->probabilities, k->labels, k->rows, &error),
            QF_OK);
        qf_calibration_apply(&calibration, p, ORACLE_QUERIES);
        for (size_t i = 0; i < ORACLE_QUERIES; i++) {
            if (fabs(p[i] - expected[i]) <= tolerance) continue;
            fail_msg("%s at %g: %.17g, expected %.17g", k->what, k->queries[i], p[i], expected[i]);
        }
        qf_calibration_free(&calibration);
    }
}

static void test_platt_oracle(void **state) {
    (void)state;
    check_oracle(QF_CALIBRATE_PLATT, 2e-5);
}

static void test_isotonic_oracle(void **state) {
    (void)state;
    check_oracle(QF_CALIBRATE_ISOTONIC, 1e-12);
}

/* The likelihood's derivatives, written down anew, are zero where the fit ends. */
static void test_platt_is_at_the_optimum(void **state) {
    (void)state;
    for (size_t c = 0; c < sizeof oracle_cases / sizeof *oracle_cases; c++) {
        const struct oracle_case *k = &oracle_cases[c];
        qf_calibration f;
        qf_error error;
        assert_int_equal(qf_calibration_fit(&f, QF_CALIBRATE_PLATT, k->probabilities, k->labels,
                                            k->rows, &error),
                         QF_OK);
        double n[2] = {0, 0}, slope = 0, offset = 0;
        for (size_t i = 0; i < k->rows; i++) n[k->labels[i]]++;
        for (size_t i = 0; i < k->rows; i++) {
            const double target = k->labels[i] ? (n[1] + 1) / (n[1] + 2) : 1 / (n[0] + 2);
            const double p = 1 / (1 + exp(f.slope * k->probabilities[i] + f.offset));
            slope += (target - p) * k->probabilities[i];
            offset += target - p;
        }
        if (fabs(slope) > 1e-8 || fabs(offset) > 1e-8) {
            fail_msg("%s: gradient %g, %g", k->what, slope, offset);
        }
        qf_calibration_free(&f);
    }
}

/* Rows whose true fraud rate is the square of what the model says. */
static void draw_rows(double *p, uint8_t *y, size_t count, uint64_t stream) {
    qf_random random = qf_random_stream(5, "test", stream);
    for (size_t i = 0; i < count; i++) {
        p[i] = qf_random_uniform(&random);
        y[i] = qf_random_uniform(&random) < p[i] * p[i];
    }
}

static double metric_of(const char *name, double *p, uint8_t *y, size_t count, double threshold) {
    const qf_metric *metric;
    const qf_scores scores = {.count = count, .probabilities = p, .labels = y};
    qf_error error;
    double value;
    assert_int_equal(qf_metric_find(name, &metric, &error), QF_OK);
    const qf_metrics_options options = {threshold, 0.05, 1, 10};
    assert_int_equal(qf_metric_value(&scores, &options, metric, &value, &error), QF_OK);
    return value;
}

static void test_calibration_improves_new_rows(void **state) {
    (void)state;
    enum { ROWS = 4000 };
    static double fit[ROWS], test[ROWS], p[ROWS];
    static uint8_t fit_labels[ROWS], labels[ROWS];
    draw_rows(fit, fit_labels, ROWS, 0);
    draw_rows(test, labels, ROWS, 1);
    for (qf_calibration_method m = QF_CALIBRATE_PLATT; m <= QF_CALIBRATE_ISOTONIC; m++) {
        qf_calibration calibration;
        qf_error error;
        assert_int_equal(qf_calibration_fit(&calibration, m, fit, fit_labels, ROWS, &error), QF_OK);
        memcpy(p, test, sizeof p);
        qf_calibration_apply(&calibration, p, ROWS);
        static const char *const losses[] = {"log_loss", "brier", "ece"};
        for (size_t i = 0; i < 3; i++) {
            const double before = metric_of(losses[i], test, labels, ROWS, 0.5);
            const double after = metric_of(losses[i], p, labels, ROWS, 0.5);
            assert_true(after < before - 0.01);
        }
        for (size_t i = 0; i < ROWS; i++) assert_true(p[i] >= 0 && p[i] <= 1);
        qf_calibration_free(&calibration);
    }
}

static void test_calibration_stored(void **state) {
    (void)state;
    enum { ROWS = 300 };
    double p[ROWS], q[ROWS];
    uint8_t y[ROWS];
    draw_rows(p, y, ROWS, 2);
    for (qf_calibration_method m = QF_CALIBRATE_NONE; m <= QF_CALIBRATE_ISOTONIC; m++) {
        qf_calibration calibration, copy = {.method = m};
        qf_arrays arrays = {0};
        qf_error error;
        assert_int_equal(qf_calibration_fit(&calibration, m, p, y, ROWS, &error), QF_OK);
        assert_int_equal(qf_calibration_encode(&calibration, &arrays, &error), QF_OK);
        assert_int_equal(qf_calibration_decode(&copy, &arrays, &error), QF_OK);
        double a[ROWS];
        memcpy(a, p, sizeof a);
        memcpy(q, p, sizeof q);
        qf_calibration_apply(&calibration, a, ROWS);
        qf_calibration_apply(&copy, q, ROWS);
        assert_memory_equal(a, q, sizeof a);
        if (m == QF_CALIBRATE_NONE) assert_memory_equal(a, p, sizeof a);
        qf_calibration_free(&copy);
        /* Hostile: not a number, out of range, falling, missing. */
        for (size_t round = 0; m != QF_CALIBRATE_NONE && round < 3; round++) {
            double *values = arrays.items[0].data;
            const double kept = values[1];
            const bool platt = m == QF_CALIBRATE_PLATT;
            values[1] = round == 0 ? NAN : round == 1 ? INFINITY : platt ? -INFINITY : 1.5;
            copy = (qf_calibration){.method = m};
            assert_int_equal(qf_calibration_decode(&copy, &arrays, &error), QF_DATA);
            qf_calibration_free(&copy);
            values[1] = kept;
        }
        if (m == QF_CALIBRATE_ISOTONIC) {
            ((double *)arrays.items[0].data)[2] = 0;
            copy = (qf_calibration){.method = m};
            assert_int_equal(qf_calibration_decode(&copy, &arrays, &error), QF_DATA);
            qf_calibration_free(&copy);
        }
        qf_arrays_free(&arrays);
        copy = (qf_calibration){.method = m};
        const qf_status missing = m == QF_CALIBRATE_NONE ? QF_OK : QF_DATA;
        assert_int_equal(qf_calibration_decode(&copy, &arrays, &error), missing);
        qf_calibration_free(&calibration);
    }
}

static void test_calibration_of_little(void **state) {
    (void)state;
    const double equal[] = {0.3, 0.3, 0.3, 0.3};
    const uint8_t labels[] = {0, 1, 0, 0}, one_class[] = {1, 1, 1, 1};
    for (qf_calibration_method m = QF_CALIBRATE_PLATT; m <= QF_CALIBRATE_ISOTONIC; m++) {
        qf_calibration calibration;
        qf_error error;
        double p[] = {0, 0.3, 1};
        assert_int_equal(qf_calibration_fit(&calibration, m, equal, labels, 4, &error), QF_OK);
        qf_calibration_apply(&calibration, p, 3);
        /* One row in four, by Platt's targets 2/3 and 1/5. */
        const double expected = m == QF_CALIBRATE_PLATT ? (2.0 / 3 + 3.0 / 5) / 4 : 0.25;
        for (size_t i = 0; i < 3; i++) assert_true(fabs(p[i] - expected) < 1e-9);
        qf_calibration_free(&calibration);
        assert_int_equal(qf_calibration_fit(&calibration, m, equal, one_class, 4, &error), QF_DATA);
        assert_string_equal(error.message, "no rows with label 0 to calibrate with");
        assert_int_equal(qf_calibration_fit(&calibration, m, equal, labels, 0, &error), QF_DATA);
    }
}

/* Bayes' rule with counts: resampling multiplies the frauds of every cell alike. */
static void test_prior(void **state) {
    (void)state;
    const double legitimate[] = {700, 200, 60, 0}, frauds[] = {0, 10, 20, 10};
    const double trained = 40.0 * 24 / (960 + 40.0 * 24), wanted = 0.04;
    const double factor = qf_prior_factor(trained, wanted);
    for (size_t i = 0; i < 4; i++) {
        double p = 24 * frauds[i] / (24 * frauds[i] + legitimate[i]);
        qf_prior_correct(factor, &p, 1);
        assert_true(fabs(p - frauds[i] / (frauds[i] + legitimate[i])) < 1e-15);
    }
    assert_true(qf_prior_factor(0.3, 0.3) == 1);
    double p = 0.123;
    qf_prior_correct(1, &p, 1);
    assert_true(p == 0.123);
}

static double judge(const qf_threshold_rule *rule, double *p, uint8_t *y, size_t count, double t) {
    size_t fp = 0, fn = 0, alerts = 0;
    for (size_t i = 0; i < count; i++) {
        fp += p[i] > t && !y[i];
        fn += !(p[i] > t) && y[i];
        alerts += p[i] > t;
    }
    const double rate = (double)alerts / (double)count;
    switch (rule->kind) {
    case QF_THRESHOLD_COST:
        return -(rule->false_positive * (double)fp + rule->false_negative * (double)fn) /
               (double)count;
    case QF_THRESHOLD_ALERT_RATE:
        return rate <= rule->alert_rate ? rate : -1;
    default:
        return metric_of(rule->kind == QF_THRESHOLD_F1 ? "f1" : "mcc", p, y, count, t);
    }
}

/* No threshold between, at or beside any two scores is better, and none above is as good. */
static void test_thresholds_against_all(void **state) {
    (void)state;
    enum { ROWS = 200 };
    static const char *const rules[] = {
        "f1",       "mcc",      "cost:1,10",       "cost:3,1",         "cost:0,1",
        "cost:1,0", "cost:1,1", "alert-rate:0.05", "alert-rate:0.333", "alert-rate:1"};
    for (size_t round = 0; round < 12; round++) {
        double p[ROWS];
        uint8_t y[ROWS];
        draw_rows(p, y, ROWS, 10 + round);
        for (size_t i = 0; i < ROWS && round % 3; i++)
            p[i] = floor(p[i] * 8) / (double)(round % 3 + 6);
        for (size_t k = 0; k < sizeof rules / sizeof *rules; k++) {
            qf_threshold_rule rule;
            qf_threshold chosen;
            qf_error error;
            const qf_scores scores = {.count = ROWS, .probabilities = p, .labels = y};
            assert_int_equal(qf_threshold_parse(rules[k], &rule, &error), QF_OK);
            assert_int_equal(qf_threshold_choose(&rule, &scores, &chosen, &error), QF_OK);
            const double best = judge(&rule, p, y, ROWS, chosen.threshold);
            const double told = rule.kind == QF_THRESHOLD_COST ? -chosen.value : chosen.value;
            assert_true(fabs(told - best) < 1e-12);
            assert_true(chosen.threshold >= 0 && chosen.threshold <= 1);
            double next = 1;
            size_t alerts = 0;
            for (size_t i = 0; i < ROWS; i++) {
                const double at[] = {p[i], nextafter(p[i], 0), 0, 1};
                for (size_t j = 0; j < 4; j++) {
                    assert_true(judge(&rule, p, y, ROWS, at[j]) <= best + 1e-12);
                }
                alerts += p[i] > chosen.threshold;
                if (p[i] > chosen.threshold) next = fmin(next, p[i]);
            }
            assert_int_equal(alerts, chosen.alerts);
            if (next < 1) assert_true(judge(&rule, p, y, ROWS, next) < best);
        }
    }
}

static void test_threshold_ends(void **state) {
    (void)state;
    double p[] = {1, 0, 0.5, 0x1.0000000000001p-1};
    uint8_t y[] = {1, 1, 0, 1}, legitimate[4] = {0};
    qf_scores scores = {.count = 4, .probabilities = p, .labels = y};
    qf_threshold_rule rule = {.kind = QF_THRESHOLD_F1};
    qf_threshold chosen;
    qf_error error;
    /* Neighbouring numbers: the lower one parts them. */
    assert_int_equal(qf_threshold_choose(&rule, &scores, &chosen, &error), QF_OK);
    assert_true(chosen.threshold == 0.5);
    assert_int_equal(chosen.alerts, 2);
    rule = (qf_threshold_rule){.kind = QF_THRESHOLD_COST, .false_negative = 1};
    assert_int_equal(qf_threshold_choose(&rule, &scores, &chosen, &error), QF_OK);
    assert_int_equal(chosen.alerts, 2); /* probability 0 cannot be called fraud */
    rule = (qf_threshold_rule){.kind = QF_THRESHOLD_ALERT_RATE, .alert_rate = 0.2};
    assert_int_equal(qf_threshold_choose(&rule, &scores, &chosen, &error), QF_OK);
    assert_int_equal(chosen.alerts, 0);
    assert_true(chosen.threshold == 1);
    scores.labels = legitimate;
    assert_int_equal(qf_threshold_choose(&rule, &scores, &chosen, &error), QF_DATA);
    assert_string_equal(error.message, "no rows with label 1 to choose a threshold with");
}

static void test_threshold_words(void **state) {
    (void)state;
    qf_threshold_rule rule;
    qf_error error;
    assert_int_equal(qf_threshold_parse("cost:2,100.5", &rule, &error), QF_OK);
    assert_true(rule.kind == QF_THRESHOLD_COST && rule.false_positive == 2 &&
                rule.false_negative == 100.5);
    assert_int_equal(qf_threshold_parse("alert-rate:0.01", &rule, &error), QF_OK);
    assert_true(rule.kind == QF_THRESHOLD_ALERT_RATE && rule.alert_rate == 0.01);
    assert_int_equal(qf_threshold_parse("fixed", &rule, &error), QF_OK);
    assert_true(rule.kind == QF_THRESHOLD_FIXED);
    static const char *const rules[] = {"fixed", "f1", "mcc", "cost:2,100.5", "alert-rate:0.01"};
    for (size_t i = 0; i < 5; i++) {
        qf_bytes text = {0};
        assert_int_equal(qf_threshold_parse(rules[i], &rule, &error), QF_OK);
        assert_int_equal(qf_threshold_print(&rule, &text, &error), QF_OK);
        assert_string_equal((char *)text.data, rules[i]);
        free(text.data);
    }
    static const char *const wrong[] = {
        "",           "f2",           "cost",           "cost:",       "cost:1",
        "cost:1,",    "cost:,1",      "cost:1,2,3",     "cost:0,0",    "cost:-1,2",
        "cost:1,nan", "alert-rate:0", "alert-rate:1.1", "alert-rate:", "alert-rate:x",
        "0.5"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(qf_threshold_parse(wrong[i], &rule, &error), QF_USAGE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_platt_oracle),
        cmocka_unit_test(test_isotonic_oracle),
        cmocka_unit_test(test_platt_is_at_the_optimum),
        cmocka_unit_test(test_calibration_improves_new_rows),
        cmocka_unit_test(test_calibration_stored),
        cmocka_unit_test(test_calibration_of_little),
        cmocka_unit_test(test_prior),
        cmocka_unit_test(test_thresholds_against_all),
        cmocka_unit_test(test_threshold_ends),
        cmocka_unit_test(test_threshold_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
