/* The statistics of comparisons, against SciPy 1.10 and hand-computed cases. */
#include "base/random.h"
#include "base/student.h"
#include "learn/comparison.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance)) fail_msg("%.17g, expected %.17g", value, expected);
}

static void test_student(void **state) {
    (void)state;
    /* scipy.stats.t.ppf(0.975, f) */
    static const struct {
        size_t freedom;
        double value;
    } known[] = {{1, 12.706204736174694}, {2, 4.3026527297494637}, {3, 3.1824463052837091},
                 {4, 2.7764451051977987}, {9, 2.2621571627982053}, {30, 2.0422724563012382},
                 {99, 1.9842169515864165}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        assert_near(qf_student_critical(0.95, known[i].freedom), known[i].value, 1e-9);
    }
    /* 1 - 2 scipy.stats.t.sf(t, f) */
    assert_near(qf_student_within(2, 1), 0.7048327646991336, 1e-14);
    assert_near(qf_student_within(-0.5, 2), 0.33333333333333326, 1e-14);
    assert_near(qf_student_within(4, 5), 0.9896765845191685, 1e-14);
    assert_near(qf_student_within(1.2, 10), 0.7422036992756942, 1e-14);
    assert_near(qf_student_within(2.5, 37), 0.9830200378233922, 1e-14);
}

static void test_difference(void **state) {
    (void)state;
    static const double differences[] = {0.012, 0.004, -0.003, 0.009, 0.006};
    qf_difference d = qf_compare_splits(differences, 5, 0.25, 0.01);
    assert_near(d.mean, 0.0056, 1e-15);
    assert_near(d.deviation, 0.005683308895353129, 1e-15);
    assert_near(d.half_width, 0.010585140069046798, 1e-12);
    assert_near(d.detectable, 0.014172548237499553, 1e-12);
    assert_near(d.p_different, 0.2157973710327117, 1e-12);
    assert_near(d.p_worse, 0.014952753359179382, 1e-12);
    assert_int_equal(qf_difference_verdict(&d), QF_NON_INFERIOR);
    double worse[5];
    for (size_t i = 0; i < 5; i++) worse[i] = -differences[i] - 0.004;
    d = qf_compare_splits(worse, 5, 0.25, 0.001);
    assert_near(d.p_worse, 1.912910980347604, 1e-12);
}

static void test_verdicts(void **state) {
    (void)state;
    static const struct {
        double differences[3];
        qf_verdict verdict;
    } known[] = {
        {{0.02, 0.021, 0.022}, QF_SUPERIOR},
        {{0.001, -0.001, 0}, QF_NON_INFERIOR},
        {{-0.002, -0.0021, -0.0022}, QF_NON_INFERIOR}, /* different, yet within the margin */
        {{-0.02, -0.021, -0.022}, QF_INFERIOR},
        {{-0.05, 0, 0.05}, QF_UNDECIDED},
        {{0.01, 0.01, 0.01}, QF_SUPERIOR}, /* no variation at all */
        {{0, 0, 0}, QF_NON_INFERIOR},
        {{-0.02, -0.02, -0.02}, QF_INFERIOR},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const qf_difference d = qf_compare_splits(known[i].differences, 3, 0.25, 0.01);
        assert_string_equal(qf_verdict_name(qf_difference_verdict(&d)),
                            qf_verdict_name(known[i].verdict));
    }
    const qf_difference two = qf_compare_splits(known[0].differences, 2, 0.25, 0.01);
    assert_int_equal(qf_difference_verdict(&two), QF_UNDECIDED);
    assert_true(isnan(two.half_width));
}

static void test_holm(void **state) {
    (void)state;
    /* R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") is 0.03 0.06 0.06 0.02. */
    double p[] = {0.01, 0.04, NAN, 0.03, 0.005};
    qf_error error;
    assert_int_equal(qf_holm(p, 5, &error), QF_OK);
    assert_near(p[0], 0.03, 1e-15);
    assert_near(p[1], 0.06, 1e-15);
    assert_true(isnan(p[2]));
    assert_near(p[3], 0.06, 1e-15);
    assert_near(p[4], 0.02, 1e-15);
}

static void test_mcnemar(void **state) {
    (void)state;
    /* scipy.stats.binomtest(min(a, b), a + b, 0.5).pvalue */
    assert_near(qf_mcnemar_exact(0, 0), 1, 0);
    assert_near(qf_mcnemar_exact(1, 9), 0.021484375, 1e-14);
    assert_near(qf_mcnemar_exact(30, 12), 0.007915897334896727, 1e-13);
    assert_near(qf_mcnemar_exact(500, 620), 0.00037241375554407423, 1e-13);
    assert_near(qf_mcnemar_exact(0, 3), 0.25, 1e-14);
    assert_near(qf_mcnemar_exact(2500, 2400), 0.15727096976576965, 1e-11);
    double chances[] = {0.2, 0.6, 0.7, 0.4}, others[] = {0.2, 0.4, 0.6, 0.9};
    uint8_t labels[] = {0, 1, 0, 1};
    const qf_scores first = {
        .count = 4, .probabilities = chances, .labels = labels, .threshold = 0.5};
    qf_scores second = first;
    second.probabilities = others;
    size_t only_first, only_second;
    qf_count_discordant(&first, &second, &only_first, &only_second);
    assert_int_equal(only_first, 1);
    assert_int_equal(only_second, 1);
}

/* Accuracy's difference has a known deviation under the stratified bootstrap: rows of class c
 * differ by -1, 0 or 1, and their mean varies with their variance over n_c. */
static void test_bootstrap(void **state) {
    (void)state;
    enum { ROWS = 3000, FRAUDS = 600 };
    static double chances[2][ROWS];
    static uint8_t labels[ROWS];
    static qf_origin origins[ROWS];
    double sums[2] = {0}, squares[2] = {0}, sizes[2] = {0};
    qf_random random = qf_random_stream(1, "test", 0);
    for (size_t i = 0; i < ROWS; i++) {
        labels[i] = i < FRAUDS;
        origins[i] = (qf_origin){(int64_t)i, -1};
        double right[2];
        for (size_t m = 0; m < 2; m++) {
            right[m] = qf_random_uniform(&random) < (m ? 0.8 : 0.9);
            chances[m][i] = (right[m] > 0) == (labels[i] > 0) ? 0.9 : 0.1;
        }
        sums[labels[i]] += right[0] - right[1];
        squares[labels[i]] += (right[0] - right[1]) * (right[0] - right[1]);
        sizes[labels[i]]++;
    }
    double variance = 0;
    for (size_t c = 0; c < 2; c++) {
        variance += squares[c] - sums[c] * sums[c] / sizes[c]; /* n_c^2 of variance / n_c */
    }
    const double mean = (sums[0] + sums[1]) / ROWS, deviation = sqrt(variance) / ROWS;
    const qf_scores first = {ROWS, ROWS, chances[0], labels, origins, NULL, 0.5};
    qf_scores second = {ROWS, ROWS, chances[1], labels, origins, NULL, 0.5};
    qf_bootstrap options = {
        .how = qf_metrics_options_default(&first), .replicates = 4000, .seed = 3};
    qf_error error;
    assert_int_equal(qf_metric_find("accuracy", &options.metric, &error), QF_OK);
    qf_run run = qf_run_default();
    double interval[2], again[2];
    assert_int_equal(qf_bootstrap_difference(&first, &second, &options, &run, interval, &error),
                     QF_OK);
    /* The quantile of 4,000 draws varies by 0.034 deviations. */
    assert_near(interval[0], mean - 1.959963985 * deviation, 0.15 * deviation);
    assert_near(interval[1], mean + 1.959963985 * deviation, 0.15 * deviation);
    run.threads = 3;
    assert_int_equal(qf_bootstrap_difference(&first, &second, &options, &run, again, &error),
                     QF_OK);
    assert_memory_equal(interval, again, sizeof again);
    second.count--;
    assert_int_equal(qf_bootstrap_difference(&first, &second, &options, &run, again, &error),
                     QF_MISMATCH);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_student),  cmocka_unit_test(test_difference),
        cmocka_unit_test(test_verdicts), cmocka_unit_test(test_holm),
        cmocka_unit_test(test_mcnemar),  cmocka_unit_test(test_bootstrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
