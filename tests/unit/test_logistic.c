/* Logistic regression against scikit-learn 1.2.1 (tests/oracle/logistic.py) and against the
 * conditions of its optimum. */
#include "learn/logistic.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "logistic_oracle.h"
#include "tree_tables.h"

static qf_logistic_options options_of(const struct logistic_case *k, bool precondition) {
    return (qf_logistic_options){k->cost,
                                 {k->class_weights[0], k->class_weights[1]},
                                 .tolerance = 1e-8,
                                 .iterations = 100000,
                                 .precondition = precondition};
}

static qf_status fit_from_zero(const qf_table *table, const qf_logistic_options *options,
                               double *coefficients, qf_logistic_end *end, qf_logistic_visit *visit,
                               void *listener, qf_error *error) {
    memset(coefficients, 0, (table->columns + 1) * sizeof *coefficients);
    return qf_logistic_fit(table, options, coefficients, end, visit, listener, error);
}

static qf_table table_of(const struct logistic_case *k) {
    qf_table table = make_table(k->rows, k->columns);
    memcpy(table.values, k->values, k->rows * k->columns * sizeof *k->values);
    memcpy(table.labels, k->labels, k->rows);
    return table;
}

static double greatest_value(const qf_table *table, size_t column) {
    double most = 0;
    for (size_t r = 0; r < table->rows; r++) {
        most = fmax(most, fabs(table->values[r * table->columns + column]));
    }
    return most;
}

/* To 1e-4, and so that no row's logit moves by more through one column. */
static void test_oracle(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof logistic_cases / sizeof *logistic_cases; i++) {
        const struct logistic_case *k = &logistic_cases[i];
        qf_table table = table_of(k);
        for (int precondition = 0; precondition < 2; precondition++) {
            const qf_logistic_options options = options_of(k, precondition);
            double found[8];
            qf_logistic_end end;
            qf_error error;
            assert_int_equal(fit_from_zero(&table, &options, found, &end, NULL, NULL, &error),
                             QF_OK);
            for (size_t c = 0; c <= k->columns; c++) {
                const double reach = c < k->columns ? greatest_value(&table, c) : 1;
                const double difference = fabs(found[c] - k->coefficients[c]);
                if (difference * fmax(reach, 1) <= 1e-4) continue;
                fail_msg("%s, %s metric, coefficient %zu: %.9g, expected %.9g", k->name,
                         precondition ? "diagonal" : "plain", c, found[c], k->coefficients[c]);
            }
        }
        qf_table_free(&table);
    }
}

/* The gradient at the coefficients, by the definition. */
static void find_gradient(const qf_table *table, const qf_logistic_options *options,
                          const double *coefficients, double *gradient) {
    const size_t columns = table->columns;
    for (size_t c = 0; c <= columns; c++) {
        gradient[c] = c < columns ? coefficients[c] / options->cost : 0;
    }
    for (size_t r = 0; r < table->rows; r++) {
        const double *x = table->values + r * columns;
        double z = coefficients[columns];
        for (size_t c = 0; c < columns; c++) z += coefficients[c] * x[c];
        const double slope =
            options->class_weights[table->labels[r]] * (1 / (1 + exp(-z)) - table->labels[r]);
        for (size_t c = 0; c < columns; c++) gradient[c] += slope * x[c];
        gradient[columns] += slope;
    }
}

static void test_gradient_vanishes(void **state) {
    (void)state;
    static const double costs[] = {1e-3, 1, 1e3};
    for (uint64_t seed = 0; seed < 3; seed++) {
        qf_table table = random_table(seed, 500);
        for (size_t i = 0; i < 6; i++) {
            const qf_logistic_options options = {costs[i / 2], {1, 4}, 1e-6, 1000, i % 2};
            double found[9], gradient[9];
            qf_logistic_end end;
            qf_error error;
            assert_int_equal(fit_from_zero(&table, &options, found, &end, NULL, NULL, &error),
                             QF_OK);
            find_gradient(&table, &options, found, gradient);
            double most = 0;
            for (size_t c = 0; c < 9; c++) most = fmax(most, fabs(gradient[c]));
            assert_true(end.gradient <= 1e-6 && most < 2e-6);
            assert_in_range(end.steps, 1, 999);
        }
        qf_table_free(&table);
    }
}

typedef struct walk {
    const double *coefficients;
    double seen[4][9];
    size_t steps, stop_at;
} walk;

static qf_status note(void *listener, size_t step, bool *stop, qf_error *error) {
    (void)error;
    walk *w = listener;
    assert_int_equal(step, ++w->steps);
    if (step <= 4) memcpy(w->seen[step - 1], w->coefficients, sizeof w->seen[0]);
    *stop = step == w->stop_at;
    return QF_OK;
}

/* A limit of steps, and a visit that stops, leave what the visit of that step saw. */
static void test_visits(void **state) {
    (void)state;
    qf_table table = random_table(1, 300);
    qf_logistic_options options = {1, {1, 1}, 1e-9, 1000, true};
    double found[9];
    walk all = {.coefficients = found};
    qf_logistic_end end;
    qf_error error;
    assert_int_equal(fit_from_zero(&table, &options, found, &end, note, &all, &error), QF_OK);
    assert_int_equal(all.steps, end.steps);
    assert_true(end.steps > 4);
    for (size_t step = 1; step <= 4; step++) {
        walk stopped = {.coefficients = found, .stop_at = step};
        assert_int_equal(fit_from_zero(&table, &options, found, &end, note, &stopped, &error),
                         QF_OK);
        assert_int_equal(end.steps, step);
        assert_memory_equal(found, all.seen[step - 1], sizeof found);
        options.iterations = step;
        assert_int_equal(fit_from_zero(&table, &options, found, &end, NULL, NULL, &error), QF_OK);
        assert_memory_equal(found, all.seen[step - 1], sizeof found);
        options.iterations = 1000;
    }
    qf_table_free(&table);
}

/* Classes that a plane parts: the penalty alone keeps the coefficients finite. */
static void test_separable(void **state) {
    (void)state;
    static const double costs[] = {1, 1e6, 1e12};
    qf_table table = make_table(40, 2);
    for (size_t r = 0; r < 40; r++) {
        table.labels[r] = r >= 20;
        table.values[2 * r] = (double)r;
        table.values[2 * r + 1] = (double)(r % 7);
    }
    for (size_t i = 0; i < 6; i++) {
        const qf_logistic_options options = {costs[i / 2], {1, 1}, 1e-4, 1000, i % 2};
        double found[3];
        qf_logistic_end end;
        qf_error error;
        assert_int_equal(fit_from_zero(&table, &options, found, &end, NULL, NULL, &error), QF_OK);
        for (size_t r = 0; r < 40; r++) {
            const double *x = table.values + 2 * r;
            const double z = found[0] * x[0] + found[1] * x[1] + found[2];
            assert_true(isfinite(z) && (z > 0) == (r >= 20));
        }
        assert_true(end.gradient <= 1e-4);
    }
    qf_table_free(&table);
}

/* Values whose squares overflow, without a metric whose fourth powers do, are refused, great ones
 * that do not give the optimum. */
static void test_huge_values(void **state) {
    (void)state;
    static const double scales[] = {1e3, 1e50, 1e130, 1e160, 1e200, 1e308};
    for (size_t i = 0; i < 12; i++) {
        const double scale = scales[i / 2];
        qf_table table = random_table(2, 200);
        for (size_t r = 0; r < 200; r++) table.values[r * table.columns + 7] *= scale;
        const qf_logistic_options options = {1, {1, 1}, 1e-4, 200, i % 2};
        double found[9];
        qf_logistic_end end;
        qf_error error;
        const qf_status status = fit_from_zero(&table, &options, found, &end, NULL, NULL, &error);
        if (scale < (options.precondition ? 1e150 : 1e75)) {
            assert_int_equal(status, QF_OK);
            for (size_t c = 0; c < 9; c++) assert_true(isfinite(found[c]));
            assert_true(found[7] != 0);
        } else {
            assert_int_equal(status, QF_DATA);
            assert_string_equal(error.message,
                                "values too large for a logistic regression; scale "
                                "the columns first");
        }
        qf_table_free(&table);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oracle),      cmocka_unit_test(test_gradient_vanishes),
        cmocka_unit_test(test_visits),      cmocka_unit_test(test_separable),
        cmocka_unit_test(test_huge_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
