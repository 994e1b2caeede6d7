/* Metrics against scikit-learn's (tests/oracle/metrics.py), and what holds of any scores. */
#include "base/random.h"
#include "learn/metrics.h"
#include "learn/ranking.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "metrics_oracle.h"

static void check_close(const char *what, const char *name, double value, double expected) {
    const bool same = isnan(expected) ? isnan(value) : fabs(value - expected) <= 1e-12;
    if (!same) fail_msg("%s: %s is %.17g, expected %.17g", what, name, value, expected);
}

static qf_record compute(size_t rows, double *probabilities, uint8_t *labels, double threshold,
                         double alert_rate) {
    const qf_scores scores = {.count = rows, .probabilities = probabilities, .labels = labels};
    qf_record metrics = {0};
    qf_error error = {0};
    assert_int_equal(qf_metrics_compute(&scores,
                                        &(qf_metrics_options){threshold, alert_rate, 1, 10},
                                        &metrics, &error),
                     QF_OK);
    return metrics;
}

static void test_oracle(void **state) {
    (void)state;
    for (size_t c = 0; c < sizeof oracle_cases / sizeof *oracle_cases; c++) {
        struct oracle_case k = oracle_cases[c];
        qf_record metrics = compute(k.rows, k.scores, k.labels, k.threshold, k.alert_rate);
        for (size_t i = 0; i < ORACLE_METRICS; i++) {
            assert_non_null(qf_record_find(&metrics, oracle_names[i]));
            check_close(k.what, oracle_names[i], qf_record_number(&metrics, oracle_names[i]),
                        k.expected[i]);
        }
        check_close(k.what, "threshold", qf_record_number(&metrics, "threshold"), k.threshold);
        check_close(k.what, "alert_rate", qf_record_number(&metrics, "alert_rate"), k.alert_rate);
        qf_record_free(&metrics);
    }
}

/* Areas by counting all pairs and thresholds, on more rows than the curves keep points. */
static void test_large_ranking(void **state) {
    (void)state;
    enum { ROWS = 3000 };
    static double p[ROWS];
    static uint8_t y[ROWS];
    qf_random random = qf_random_stream(1, "test", 0);
    for (size_t i = 0; i < ROWS; i++) {
        y[i] = qf_random_below(&random, 10) == 0;
        p[i] = floor(1500 * (qf_random_uniform(&random) + 0.4 * y[i])) / 2100;
    }
    double pairs = 0, wins = 0;
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < ROWS; j++) {
            if (y[i] == 0 || y[j] == 1) continue;
            pairs++;
            wins += p[i] > p[j] ? 1 : p[i] == p[j] ? 0.5 : 0;
        }
    }
    qf_record metrics = compute(ROWS, p, y, 0.5, 0.05);
    check_close("pairs", "roc_auc", qf_record_number(&metrics, "roc_auc"), wins / pairs);
    const qf_field *recall = qf_record_find(&metrics, "pr_recall");
    const qf_field *precision = qf_record_find(&metrics, "pr_precision");
    const qf_field *fpr = qf_record_find(&metrics, "roc_fpr");
    assert_in_range(recall->count, 150, QF_CURVE_POINTS);
    assert_in_range(fpr->count, 100, QF_CURVE_POINTS);
    double area = 0;
    for (size_t i = 0; i < recall->count; i++) {
        const double before = i ? recall->reals[i - 1] : 0;
        assert_true(recall->reals[i] > before);
        area += (recall->reals[i] - before) * precision->reals[i];
    }
    assert_true(fabs(area - qf_record_number(&metrics, "pr_auc")) < 0.01);
    assert_true(recall->reals[recall->count - 1] == 1 && fpr->reals[fpr->count - 1] == 1);
    const qf_field *rows = qf_record_find(&metrics, "calibration_rows");
    double sum = 0;
    for (size_t i = 0; i < rows->count; i++) sum += rows->reals[i];
    assert_true(sum == ROWS);
    qf_record_free(&metrics);
}

/* Alone, a metric is the same number, and in scores that are sorted already. */
static void test_single_metrics(void **state) {
    (void)state;
    static const char *const names[] = {
        "accuracy", "f1",       "mcc", "expected_cost", "pr_auc", "roc_auc", "recall_at_alert",
        "brier",    "log_loss", "ece"};
    double p[] = {0.9, 0.8, 0.8, 0.4, 0.3, 0.1}, reversed[6];
    uint8_t y[] = {1, 0, 1, 1, 0, 0}, labels[6];
    for (size_t i = 0; i < 6; i++) {
        reversed[i] = p[5 - i];
        labels[i] = y[5 - i];
    }
    qf_record metrics = compute(6, p, y, 0.5, 0.5);
    const qf_scores orders[] = {{.count = 6, .probabilities = p, .labels = y},
                                {.count = 6, .probabilities = reversed, .labels = labels}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const qf_metric *metric;
        qf_error error;
        assert_int_equal(qf_metric_find(names[i], &metric, &error), QF_OK);
        for (size_t o = 0; o < 2; o++) {
            double value;
            const qf_metrics_options how = {0.5, 0.5, 1, 10};
            assert_int_equal(qf_metric_value(&orders[o], &how, metric, &value, &error), QF_OK);
            check_close("alone", names[i], value, qf_record_number(&metrics, names[i]));
        }
    }
    check_close("by hand", "expected_cost", qf_record_number(&metrics, "expected_cost"),
                (1 * 1 + 10 * 1) / 6.0);
    const qf_field *alerts = qf_record_find(&metrics, "gains_alerts");
    const qf_field *recall = qf_record_find(&metrics, "gains_recall");
    assert_int_equal(alerts->count, 5);
    check_close("gains", "alerts", alerts->reals[1], 3 / 6.0);
    check_close("gains", "recall", recall->reals[1], 2 / 3.0);
    qf_record_free(&metrics);
    const qf_metric *metric;
    qf_error error;
    assert_int_equal(qf_metric_find("threshold", &metric, &error), QF_USAGE);
}

static void test_costs(void **state) {
    (void)state;
    qf_metrics_options how = {0};
    assert_true(qf_costs_parse("2.5,40", &how));
    assert_true(how.cost_fp == 2.5 && how.cost_fn == 40);
    static const char *const wrong[] = {"", "1", "1,", ",1", "1,2,3", "-1,2", "1,nan"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(qf_costs_parse(wrong[i], &how));
    }
}

static int compare_falling(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* The radix sort against a sort by comparison: ends of the range, subnormal numbers, -0, ties. */
static void test_ranking(void **state) {
    (void)state;
    enum { ROWS = 700 };
    double p[ROWS], sorted[ROWS];
    uint8_t y[ROWS];
    qf_random random = qf_random_stream(3, "test", 0);
    for (size_t i = 0; i < ROWS; i++) {
        static const double special[] = {0, -0.0, 1, 0x1p-1074, 0x1p-1022, 1 - 0x1p-53, 0.5};
        const uint64_t choice = qf_random_below(&random, 14);
        p[i] = choice < 7 ? special[choice] : ldexp(qf_random_uniform(&random), -(int)choice * 9);
        y[i] = (uint8_t)qf_random_below(&random, 2);
        sorted[i] = p[i];
    }
    qsort(sorted, ROWS, sizeof *sorted, compare_falling);
    qf_ranking ranking;
    qf_error error;
    const qf_scores scores = {.count = ROWS, .probabilities = p, .labels = y};
    assert_int_equal(qf_ranking_init(&ranking, &scores, &error), QF_OK);
    size_t rows = 0, frauds = 0;
    for (size_t b = 0; b < ranking.count; b++) {
        const qf_ranking_block *k = &ranking.blocks[b];
        size_t equal = 0, equal_frauds = 0;
        for (size_t i = 0; i < ROWS; i++) {
            equal += p[i] == k->score;
            equal_frauds += p[i] == k->score && y[i];
        }
        assert_true(k->score == sorted[rows]);
        assert_int_equal(k->rows, equal);
        assert_int_equal(k->frauds, equal_frauds);
        assert_int_equal(k->rows_above, rows);
        assert_int_equal(k->frauds_above, frauds);
        rows += k->rows;
        frauds += k->frauds;
    }
    assert_int_equal(rows, ROWS);
    assert_int_equal(ranking.frauds, frauds);
    qf_ranking_free(&ranking);
}

static void test_no_rows(void **state) {
    (void)state;
    const qf_scores scores = {0};
    qf_record metrics = {0};
    qf_error error = {0};
    assert_int_equal(
        qf_metrics_compute(&scores, &(qf_metrics_options){0.5, 0.05, 1, 10}, &metrics, &error),
        QF_DATA);
    assert_string_equal(error.message, "no rows to score");
    qf_record_free(&metrics);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oracle),         cmocka_unit_test(test_large_ranking),
        cmocka_unit_test(test_single_metrics), cmocka_unit_test(test_costs),
        cmocka_unit_test(test_ranking),        cmocka_unit_test(test_no_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
