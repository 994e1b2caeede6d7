/* Support vector machines against libsvm, scikit-learn 1.2.1 (svm_oracle.h) and their own
 * optimality conditions. */
#include "base/memory.h"
#include "base/random.h"
#include "learn/kernel.h"
#include "learn/svm.h"
#include "model/model.h"

#include <libsvm/svm.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "svm_oracle.h"

enum { ROWS = 400, COLUMNS = 5 };

typedef struct problem {
    double x[ROWS][COLUMNS];
    uint8_t y[ROWS], left_out[ROWS];
    double shift[COLUMNS], work[2 * COLUMNS];
    qf_kernel kernel;
    qf_simd simd;
} problem;

static void row_of(void *context, size_t i, double *scratch, float *values) {
    problem *p = context;
    qf_kernel_row(&p->kernel, p->simd, p->x[i], scratch, values);
}

static double self_of(void *context, size_t i) {
    problem *p = context;
    return qf_kernel_self(&p->kernel, p->x[i]);
}

/* Half of the cells are 2, as counts that are mostly one value. */
static void fill(problem *p, qf_kernel_kind kind, double gamma) {
    qf_error error;
    qf_random random = qf_random_stream(3, "test", 0);
    for (size_t r = 0; r < ROWS; r++) {
        double sum = 0;
        for (size_t c = 0; c < COLUMNS; c++) {
            p->x[r][c] = qf_random_below(&random, 2) ? 2 : 2 + qf_random_normal(&random);
            sum += p->x[r][c] - 2;
        }
        p->y[r] = sum + qf_random_normal(&random) > 0.8;
    }
    memset(p->shift, 0, sizeof p->shift);
    if (kind == QF_KERNEL_RBF) {
        assert_int_equal(qf_kernel_shift(*p->x, ROWS, COLUMNS, p->shift, &error), QF_OK);
        for (size_t c = 0; c < COLUMNS; c++) assert_true(p->shift[c] == 2);
    }
    p->simd = qf_simd_best();
    assert_int_equal(
        qf_kernel_init(&p->kernel, kind, gamma, p->shift, *p->x, ROWS, COLUMNS, &error), QF_OK);
}

typedef struct solution {
    double coefficients[ROWS], decisions[ROWS], bias;
    size_t stop;
} solution;

static qf_status keep(void *listener, size_t stop, const qf_svm_solution *shown, qf_error *error) {
    (void)error;
    solution *s = listener;
    memcpy(s[stop].coefficients, shown->coefficients, sizeof s->coefficients);
    memcpy(s[stop].decisions, shown->decisions, sizeof s->decisions);
    s[stop].bias = shown->bias;
    s[stop].stop = stop + 1;
    return QF_OK;
}

static void solve(problem *p, const double cost[2], const size_t *steps, size_t stops, size_t cache,
                  solution *s) {
    qf_error error;
    size_t taken;
    const qf_kernel_source source = {ROWS, p->kernel.stride, qf_kernel_work(&p->kernel),
                                     p,    row_of,           self_of};
    qf_kernel_rows *rows;
    assert_int_equal(qf_kernel_rows_new(&source, cache, 1, &rows, &error), QF_OK);
    const qf_svm_problem given = {&source, rows,   p->y, p->left_out, {cost[0], cost[1]},
                                  1e-6,    p->simd};
    const qf_svm_stops visits = {steps, stops, keep, s};
    assert_int_equal(qf_svm_solve(&given, &visits, &taken, &error), QF_OK);
    if (steps[stops - 1] < SIZE_MAX) assert_true(taken <= steps[stops - 1]);
    qf_kernel_rows_free(rows);
}

static double kernel_of(const problem *p, const double *a, const double *b) {
    double sum = 0;
    for (size_t c = 0; c < COLUMNS; c++) {
        sum += p->kernel.kind == QF_KERNEL_LINEAR ? a[c] * b[c] : (a[c] - b[c]) * (a[c] - b[c]);
    }
    return p->kernel.kind == QF_KERNEL_LINEAR ? sum : exp(-p->kernel.gamma * sum);
}

static double decide(const problem *p, const solution *s, const double *x) {
    double sum = s->bias;
    for (size_t i = 0; i < ROWS; i++) sum += s->coefficients[i] * kernel_of(p, p->x[i], x);
    return sum;
}

/* What kernel values in single precision may change of a decision. */
static double rounding(const problem *p, const solution *s, const double *x) {
    double sum = 0;
    for (size_t i = 0; i < ROWS; i++) {
        sum += fabs(s->coefficients[i]) * fmax(fabs(kernel_of(p, p->x[i], x)), 1);
    }
    return 1.2e-7 * sum;
}

static void test_kernel_values(void **state) {
    (void)state;
    for (int kind = QF_KERNEL_RBF; kind <= QF_KERNEL_LINEAR; kind++) {
        problem *p = calloc(1, sizeof *p);
        fill(p, (qf_kernel_kind)kind, 0.3);
        float *row = calloc(p->kernel.stride, sizeof *row),
              *other = calloc(p->kernel.stride, sizeof *row);
        for (size_t i = 0; i < ROWS; i++) {
            qf_kernel_row(&p->kernel, QF_SIMD_PORTABLE, p->x[i], p->work, row);
            qf_kernel_row(&p->kernel, p->simd, p->x[i], p->work, other);
            assert_memory_equal(row, other, ROWS * sizeof *row);
            assert_true(fabs(qf_kernel_self(&p->kernel, p->x[i]) - (double)row[i]) <
                        1e-6 * fabs((double)row[i]));
            for (size_t j = 0; j < ROWS; j++) {
                const double expected = kernel_of(p, p->x[i], p->x[j]);
                assert_true(fabs((double)row[j] - expected) <= 1.2e-7 * fmax(fabs(expected), 1));
            }
        }
        free(row);
        free(other);
        qf_kernel_free(&p->kernel);
        free(p);
    }
}

/* Far points, near ones, and those whose squares no double holds. */
static void test_extreme_points(void **state) {
    (void)state;
    double points[] = {0, 1e-9, 1e100, -1e100, 3}, shift[] = {0}, work[2];
    float row[QF_KERNEL_TILE];
    qf_kernel kernel;
    qf_error error;
    assert_int_equal(qf_kernel_init(&kernel, QF_KERNEL_RBF, 0.5, shift, points, 5, 1, &error),
                     QF_OK);
    qf_kernel_row(&kernel, qf_simd_best(), &points[0], work, row);
    assert_true(row[0] == 1 && row[1] == 1 && row[2] == 0 && row[3] == 0);
    assert_true(fabs((double)row[4] - exp(-4.5)) < 1e-9);
    const double far = 1e300;
    qf_kernel_row(&kernel, qf_simd_best(), &far, work, row);
    for (size_t i = 0; i < 5; i++) assert_true(row[i] == 0);
    qf_kernel_free(&kernel);
    points[2] = 1e200;
    assert_int_equal(qf_kernel_init(&kernel, QF_KERNEL_RBF, 0.5, shift, points, 5, 1, &error),
                     QF_DATA);
}

static void quiet(const char *text) {
    (void)text;
}

/* libsvm's decision values for the rows of the problem, positive for fraud. */
static void ask_libsvm(const problem *p, const double cost[2], double *decisions) {
    static struct svm_node nodes[ROWS][COLUMNS + 1];
    static struct svm_node *rows[ROWS];
    static double labels[ROWS];
    for (size_t r = 0; r < ROWS; r++) {
        for (size_t c = 0; c < COLUMNS; c++)
            nodes[r][c] = (struct svm_node){(int)c + 1, p->x[r][c]};
        nodes[r][COLUMNS].index = -1;
        rows[r] = nodes[r];
        labels[r] = p->y[r] ? 1 : -1;
    }
    int weight_labels[] = {1, -1};
    double weights[] = {cost[1], cost[0]};
    const struct svm_parameter parameters = {.svm_type = C_SVC,
                                             .kernel_type =
                                                 p->kernel.kind == QF_KERNEL_RBF ? RBF : LINEAR,
                                             .gamma = p->kernel.gamma,
                                             .cache_size = 10,
                                             .eps = 1e-6,
                                             .C = 1,
                                             .nr_weight = 2,
                                             .weight_label = weight_labels,
                                             .weight = weights};
    const struct svm_problem given = {ROWS, labels, rows};
    svm_set_print_string_function(quiet);
    struct svm_model *model = svm_train(&given, &parameters);
    const double sign = model->label[0] == 1 ? 1 : -1;
    for (size_t r = 0; r < ROWS; r++) {
        svm_predict_values(model, rows[r], &decisions[r]);
        decisions[r] *= sign;
    }
    svm_free_and_destroy_model(&model);
}

static void test_libsvm(void **state) {
    (void)state;
    static const double costs[][2] = {{1, 1}, {0.5, 4}, {100, 100}};
    static const double gammas[] = {0.05, 1, 20};
    const size_t unlimited = SIZE_MAX;
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
        for (size_t g = 0; g < sizeof gammas / sizeof *gammas; g++) {
            for (int kind = QF_KERNEL_RBF; kind <= QF_KERNEL_LINEAR; kind++) {
                problem *p = calloc(1, sizeof *p);
                solution *s = calloc(1, sizeof *s);
                double expected[ROWS], balance = 0;
                fill(p, (qf_kernel_kind)kind, gammas[g]);
                solve(p, costs[i], &unlimited, 1, 1 << 20, s);
                ask_libsvm(p, costs[i], expected);
                for (size_t r = 0; r < ROWS; r++) {
                    const double most = p->y[r] ? costs[i][1] : costs[i][0];
                    const double a = p->y[r] ? s->coefficients[r] : -s->coefficients[r];
                    assert_true(a >= 0 && a <= most);
                    balance += s->coefficients[r];
                    const double decision = decide(p, s, p->x[r]);
                    assert_true(fabs(decision - s->decisions[r]) <= rounding(p, s, p->x[r]));
                    if (!(fabs(decision - expected[r]) < 1e-3)) {
                        fail_msg("row %zu: %g, libsvm %g", r, decision, expected[r]);
                    }
                }
                assert_true(fabs(balance) < 1e-9 * costs[i][1] * ROWS);
                qf_kernel_free(&p->kernel);
                free(s);
                free(p);
            }
        }
    }
}

/* A stop shows what a run with that limit ends with, whatever the cache holds. */
static void test_stops(void **state) {
    (void)state;
    static const size_t steps[] = {0, 1, 10, 50, 5000};
    static const double cost[] = {1, 2};
    problem *p = calloc(1, sizeof *p);
    solution *all = calloc(5, sizeof *all), *one = calloc(1, sizeof *one);
    fill(p, QF_KERNEL_RBF, 0.5);
    solve(p, cost, steps, 5, 1 << 20, all);
    for (size_t i = 0; i < 5; i++) {
        solve(p, cost, &steps[i], 1, 1, one);
        assert_int_equal(all[i].stop, i + 1);
        assert_memory_equal(all[i].coefficients, one->coefficients, sizeof one->coefficients);
        assert_true(all[i].bias == one->bias);
    }
    for (size_t r = 0; r < ROWS; r++) assert_true(all[0].coefficients[r] == 0);
    qf_kernel_free(&p->kernel);
    free(one);
    free(all);
    free(p);
}

/* Rows that are left out change nothing but get the decisions that a fit without them gives. */
static void test_left_out(void **state) {
    (void)state;
    static const double cost[] = {1, 2};
    static const size_t steps[] = {3, SIZE_MAX};
    problem *p = calloc(1, sizeof *p);
    solution *s = calloc(2, sizeof *s), *again = calloc(2, sizeof *again);
    fill(p, QF_KERNEL_RBF, 0.5);
    for (size_t r = 0; r < ROWS; r += 3) p->left_out[r] = 1;
    solve(p, cost, steps, 2, 1 << 20, s);
    for (size_t r = 0; r < ROWS; r += 3) p->y[r] = !p->y[r];
    solve(p, cost, steps, 2, 1 << 20, again);
    for (size_t i = 0; i < 2; i++) {
        assert_memory_equal(s[i].coefficients, again[i].coefficients, sizeof s->coefficients);
        for (size_t r = 0; r < ROWS; r++) {
            if (r % 3 == 0) assert_true(s[i].coefficients[r] == 0);
            assert_true(fabs(s[i].decisions[r] - decide(p, &s[i], p->x[r])) <=
                        rounding(p, &s[i], p->x[r]));
            assert_true(fabs(again[i].decisions[r] - s[i].decisions[r]) < 1e-12);
        }
    }
    qf_kernel_free(&p->kernel);
    free(again);
    free(s);
    free(p);
}

enum { SHARED = 50, SHARED_STRIDE = 53, TASKS = 8 };

/* K(i, j) = 100 i + j; the scratch is used, so that threads that shared it would be seen. */
static void shared_row(void *context, size_t i, double *scratch, float *values) {
    (void)context;
    scratch[0] = 100 * (double)i;
    for (size_t j = 0; j < SHARED_STRIDE; j++) values[j] = (float)(scratch[0] + (double)j);
}

static double shared_self(void *context, size_t i) {
    (void)context;
    return 101 * (double)i;
}

static void check_row(const float *values, size_t i) {
    for (size_t j = 0; j < SHARED; j++) assert_true(values[j] == (float)(100 * i + j));
}

/* Takes pairs of rows by chance, and sees that the first is still itself beside the second. */
static qf_status take_pairs(void *context, size_t task, qf_error *error) {
    (void)error;
    qf_kernel_rows *rows = context;
    qf_random random = qf_random_stream(1, "test", task);
    double scratch[1];
    for (size_t n = 0; n < 2000; n++) {
        const size_t i = (size_t)qf_random_below(&random, SHARED),
                     j = (size_t)qf_random_below(&random, SHARED);
        const float *a = qf_kernel_rows_take(rows, i, scratch),
                    *b = qf_kernel_rows_take(rows, j, scratch);
        check_row(a, i);
        check_row(b, j);
        qf_kernel_rows_give_back(rows, j);
        qf_kernel_rows_give_back(rows, i);
    }
    return QF_OK;
}

static void test_shared_rows(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 30 * 56 * sizeof(float), 1 << 20};
    const qf_kernel_source source = {SHARED, SHARED_STRIDE, 1, NULL, shared_row, shared_self};
    qf_run run = qf_run_default();
    run.threads = 4;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        qf_kernel_rows *rows;
        qf_error error;
        assert_int_equal(qf_kernel_rows_new(&source, sizes[i], run.threads, &rows, &error), QF_OK);
        assert_int_equal(qf_parallel(&run, TASKS, take_pairs, rows, &error), QF_OK);
        qf_kernel_rows_free(rows);
    }
}

static qf_table make_table(const double *x, const uint8_t *y, size_t rows, size_t columns) {
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    qf_table table;
    qf_error error;
    assert_int_equal(qf_table_init(&table, columns, names, "y", &error), QF_OK);
    for (size_t r = 0; r < rows; r++) {
        const qf_origin origin = {(int64_t)r, -1};
        assert_int_equal(qf_table_append(&table, x + r * columns, y[r], origin, &error), QF_OK);
    }
    return table;
}

/* The model of settings, ended by NULL, and its chances of the table's rows. */
static qf_model fit(const qf_table *table, const char *const *settings, double fraud_weight,
                    size_t threads, double *chances) {
    const qf_model_kind *kind;
    qf_record parameters = {0};
    qf_model model;
    qf_error error;
    qf_run run = qf_run_default();
    run.threads = threads;
    assert_int_equal(qf_model_kind_find("svm", &kind, &error), QF_OK);
    assert_int_equal(qf_parameters_default(kind, &parameters, &error), QF_OK);
    for (; *settings; settings++) {
        assert_int_equal(qf_parameters_set(kind, &parameters, *settings, &error), QF_OK);
    }
    const qf_fitting fitting = {kind, &parameters, 1, .fraud_weight = fraud_weight};
    assert_int_equal(qf_model_fit(&fitting, table, &run, &model, &error), QF_OK);
    assert_int_equal(qf_model_probabilities(&model, table, &run, chances, &error), QF_OK);
    qf_record_free(&parameters);
    return model;
}

/* The slope and offset of Platt's curve. */
static void find_platt(const qf_model *model, double platt[2]) {
    qf_arrays arrays = {0};
    const qf_array *array;
    qf_error error;
    assert_int_equal(model->kind->encode(model, &arrays, &error), QF_OK);
    assert_int_equal(qf_arrays_find(&arrays, "numbers", QF_F64, 4, 1, &array, &error), QF_OK);
    memcpy(platt, (const double *)array->data + 2, 2 * sizeof *platt);
    qf_arrays_free(&arrays);
}

/* The fit is the same for any number of threads and any cache. */
static void test_threads(void **state) {
    (void)state;
    static const char *const small_cache[] = {"cache=1", NULL};
    problem *p = calloc(1, sizeof *p);
    double one[ROWS], four[ROWS];
    fill(p, QF_KERNEL_RBF, 0.5);
    qf_table table = make_table(*p->x, p->y, ROWS, COLUMNS);
    qf_model a = fit(&table, small_cache, 1, 1, one), b = fit(&table, small_cache + 1, 1, 4, four);
    assert_memory_equal(one, four, sizeof one);
    qf_model_free(&a);
    qf_model_free(&b);
    qf_table_free(&table);
    qf_kernel_free(&p->kernel);
    free(p);
}

/* Rows whose neighbours are all of the other class: held-out decisions fall where fraud rises.
 * Platt's curve must still rise, and call fraud what the machine does. */
static void test_rising_probabilities(void **state) {
    (void)state;
    static const double values[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const uint8_t labels[] = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
    static const char *const settings[] = {NULL};
    double chances[10], platt[2];
    qf_table table = make_table(values, labels, 10, 1);
    qf_model model = fit(&table, settings, 1, 1, chances);
    find_platt(&model, platt);
    assert_true(platt[0] < 0 && platt[0] > -1e-3);
    for (size_t r = 0; r < 10; r++) {
        assert_int_equal(chances[r] > model.threshold, labels[r]);
        assert_true(fabs(chances[r] - 0.5) < 1e-3);
    }
    qf_model_free(&model);
    qf_table_free(&table);
}

static void test_scikit_learn(void **state) {
    (void)state;
    qf_table table = make_table(*oracle_rows, oracle_labels, ORACLE_ROWS, ORACLE_COLUMNS);
    for (size_t i = 0; i < sizeof oracle_cases / sizeof *oracle_cases; i++) {
        const struct oracle_case *k = &oracle_cases[i];
        const bool quantum = strcmp(k->kernel, "quantum") == 0;
        char texts[4][64];
        snprintf(texts[0], 64, "kernel=%s", k->kernel);
        snprintf(texts[1], 64, "%s=%g", quantum ? "bandwidth" : "gamma", k->gamma);
        snprintf(texts[2], 64, "C=%g", k->cost);
        snprintf(texts[3], 64, "iterations=%zu", k->steps);
        const char *settings[] = {
            texts[0], texts[1], texts[2], "tolerance=0.000001", k->steps ? texts[3] : NULL, NULL};
        double chances[ORACLE_ROWS], platt[2];
        qf_model model = fit(&table, settings, k->fraud_weight, 1, chances);
        find_platt(&model, platt);
        for (size_t r = 0; r < ORACLE_ROWS; r++) {
            const double decision = (log(1 / chances[r] - 1) - platt[1]) / platt[0];
            if (!(fabs(decision - k->decisions[r]) < 1e-3)) {
                fail_msg("case %zu, row %zu: %g, expected %g", i, r, decision, k->decisions[r]);
            }
            assert_int_equal(chances[r] > model.threshold, decision > 0);
        }
        qf_model_free(&model);
    }
    qf_table_free(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernel_values),
        cmocka_unit_test(test_extreme_points),
        cmocka_unit_test(test_libsvm),
        cmocka_unit_test(test_stops),
        cmocka_unit_test(test_left_out),
        cmocka_unit_test(test_shared_rows),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_scikit_learn),
        cmocka_unit_test(test_rising_probabilities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
