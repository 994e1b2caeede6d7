/* Dense layers at every SIMD level against plain loops, over shapes that fill no vector. */
#include "learn/dense.h"

#include "base/pad.h"
#include "base/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct shape {
    size_t inputs, outputs, rows;
} shape;

/* A layer with its batch, allocated to the number so that a sanitizer sees what is beyond. */
typedef struct layer {
    shape shape;
    double *weights, *inputs, *outputs; /* outputs of the activation */
    double *gradients;                  /* by the outputs, then before the activation */
    double *weights_gradient, *inputs_gradient;
} layer;

static double *numbers(size_t count) {
    double *values = malloc(count * sizeof *values);
    for (size_t i = 0; i < count; i++) values[i] = NAN;
    return values;
}

/* Rows of normal numbers, padded with zeros. */
static double *random_rows(size_t rows, size_t columns, qf_random *random) {
    double *values = calloc(rows * qf_pad(columns), sizeof *values);
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++) {
            values[r * qf_pad(columns) + c] = qf_random_normal(random);
        }
    }
    return values;
}

static layer new_layer(shape s) {
    qf_random random = qf_random_stream(s.inputs * 1000 + s.outputs, "test", s.rows);
    layer l = {.shape = s};
    const size_t size = qf_dense_size(s.inputs, s.outputs);
    l.weights = calloc(size, sizeof *l.weights);
    double *weights = random_rows(s.outputs, s.inputs, &random);
    memcpy(l.weights, weights, s.outputs * qf_pad(s.inputs) * sizeof *weights);
    free(weights);
    for (size_t o = 0; o < s.outputs; o++) {
        l.weights[s.outputs * qf_pad(s.inputs) + o] = qf_random_normal(&random);
    }
    l.inputs = random_rows(s.rows, s.inputs, &random);
    l.gradients = random_rows(s.rows, s.outputs, &random);
    l.outputs = numbers(s.rows * qf_pad(s.outputs));
    l.weights_gradient = numbers(size);
    l.inputs_gradient = numbers(s.rows * qf_pad(s.inputs));
    return l;
}

static void free_layer(layer *l) {
    free(l->weights);
    free(l->inputs);
    free(l->outputs);
    free(l->gradients);
    free(l->weights_gradient);
    free(l->inputs_gradient);
}

/* All passes of a layer at a level. */
static layer run(shape s, qf_activation activation, qf_simd simd) {
    const qf_dense *dense = qf_dense_for(simd);
    layer l = new_layer(s);
    dense->forward(s.inputs, s.outputs, activation, l.weights, l.inputs, s.rows, l.outputs);
    dense->activation_back(s.outputs, activation, l.outputs, s.rows, l.gradients);
    dense->weights_back(s.inputs, s.outputs, l.inputs, l.gradients, s.rows, l.weights_gradient);
    dense->inputs_back(s.inputs, s.outputs, l.weights, l.gradients, s.rows, l.inputs_gradient);
    return l;
}

static double activate(qf_activation activation, double z) {
    if (activation == QF_RELU) return z > 0 ? z : 0;
    if (activation == QF_TANH) return tanh(z);
    return activation == QF_LOGISTIC ? 1 / (1 + exp(-z)) : z;
}

/* The slope of the activation where it gives y. */
static double slope(qf_activation activation, double y) {
    if (activation == QF_RELU) return y > 0;
    if (activation == QF_TANH) return 1 - y * y;
    return activation == QF_LOGISTIC ? y * (1 - y) : 1;
}

/* The same, sum after sum. */
static layer run_plainly(shape s, qf_activation activation) {
    layer l = new_layer(s);
    const size_t width = qf_pad(s.inputs), outputs_width = qf_pad(s.outputs);
    memset(l.outputs, 0, s.rows * outputs_width * sizeof(double));
    memset(l.inputs_gradient, 0, s.rows * width * sizeof(double));
    memset(l.weights_gradient, 0, qf_dense_size(s.inputs, s.outputs) * sizeof(double));
    for (size_t r = 0; r < s.rows; r++) {
        const double *x = l.inputs + r * width;
        for (size_t o = 0; o < s.outputs; o++) {
            const size_t bias = s.outputs * width + o;
            long double z = l.weights[bias];
            for (size_t i = 0; i < s.inputs; i++) {
                z += (long double)l.weights[o * width + i] * x[i];
            }
            double *y = &l.outputs[r * outputs_width + o], *g = &l.gradients[r * outputs_width + o];
            *y = activate(activation, (double)z);
            *g *= slope(activation, *y);
            for (size_t i = 0; i < s.inputs; i++) {
                l.weights_gradient[o * width + i] += *g * x[i];
                l.inputs_gradient[r * width + i] += *g * l.weights[o * width + i];
            }
            l.weights_gradient[bias] += *g;
        }
    }
    return l;
}

static void compare(const char *what, const layer *l, const double *found, const double *expected,
                    size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (fabs(found[i] - expected[i]) <= 1e-13 * fmax(1, fabs(expected[i]))) continue;
        fail_msg("%zu inputs, %zu outputs, %zu rows: %s %zu: %.17g, expected %.17g",
                 l->shape.inputs, l->shape.outputs, l->shape.rows, what, i, found[i], expected[i]);
    }
}

static void compare_layers(const layer *found, const layer *expected) {
    const shape s = found->shape;
    const size_t outputs = s.rows * qf_pad(s.outputs), inputs = s.rows * qf_pad(s.inputs);
    compare("output", found, found->outputs, expected->outputs, outputs);
    compare("gradient", found, found->gradients, expected->gradients, outputs);
    compare("gradient of weight", found, found->weights_gradient, expected->weights_gradient,
            qf_dense_size(s.inputs, s.outputs));
    compare("gradient of input", found, found->inputs_gradient, expected->inputs_gradient, inputs);
}

static void same_layers(const layer *a, const layer *b) {
    const shape s = a->shape;
    const size_t outputs = s.rows * qf_pad(s.outputs) * sizeof(double);
    assert_memory_equal(a->outputs, b->outputs, outputs);
    assert_memory_equal(a->gradients, b->gradients, outputs);
    assert_memory_equal(a->weights_gradient, b->weights_gradient,
                        qf_dense_size(s.inputs, s.outputs) * sizeof(double));
    assert_memory_equal(a->inputs_gradient, b->inputs_gradient,
                        s.rows * qf_pad(s.inputs) * sizeof(double));
}

static void check_shape(shape s, qf_activation activation) {
    layer expected = run_plainly(s, activation), levels[QF_SIMD_AVX512 + 1] = {0};
    for (qf_simd simd = QF_SIMD_PORTABLE; simd <= qf_simd_best(); simd++) {
        levels[simd] = run(s, activation, simd);
        compare_layers(&levels[simd], &expected);
    }
    if (qf_simd_best() == QF_SIMD_AVX512) same_layers(&levels[QF_SIMD_AVX2], &levels[2]);
    for (size_t i = 0; i <= QF_SIMD_AVX512; i++) free_layer(&levels[i]);
    free_layer(&expected);
}

static void test_every_small_shape(void **state) {
    (void)state;
    for (size_t inputs = 1; inputs <= 40; inputs++) {
        for (size_t outputs = 1; outputs <= 40; outputs++) {
            for (size_t rows = 1; rows <= 9; rows++) {
                const size_t activation = (inputs + outputs + rows) % QF_ACTIVATIONS;
                check_shape((shape){inputs, outputs, rows}, (qf_activation)activation);
            }
        }
    }
}

/* More inputs than are turned at a time. */
static void test_wide_shapes(void **state) {
    (void)state;
    static const shape shapes[] = {{127, 10, 5}, {128, 17, 4}, {129, 3, 7},
                                   {300, 25, 6}, {1, 300, 3},  {513, 1, 200}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        for (int activation = 0; activation < QF_ACTIVATIONS; activation++) {
            check_shape(shapes[i], (qf_activation)activation);
        }
    }
}

static void test_logistic(void **state) {
    (void)state;
    enum { COUNT = 4096 };
    double x[COUNT], found[COUNT];
    qf_random random = qf_random_stream(2, "test", 0);
    for (size_t i = 0; i < COUNT; i++) x[i] = 60 * (2 * qf_random_uniform(&random) - 1);
    x[0] = INFINITY;
    x[1] = -INFINITY;
    x[2] = NAN;
    for (qf_simd simd = QF_SIMD_PORTABLE; simd <= qf_simd_best(); simd++) {
        memcpy(found, x, sizeof x);
        qf_dense_for(simd)->logistic(found, COUNT);
        assert_true(found[0] == 1 && found[1] >= 0 && found[1] < 1e-300 && isnan(found[2]));
        for (size_t i = 3; i < COUNT; i++) {
            const double expected = 1 / (1 + exp(-x[i]));
            assert_true(fabs(found[i] - expected) <= 1e-15 * expected);
        }
    }
}

/* Squares of whole numbers add up exactly, in any order. */
static void test_squares(void **state) {
    (void)state;
    double x[72];
    for (size_t count = 0; count <= 72; count += QF_PAD) {
        double expected = 0;
        for (size_t i = 0; i < count; i++) {
            x[i] = (double)i - 30;
            expected += x[i] * x[i];
        }
        for (qf_simd simd = QF_SIMD_PORTABLE; simd <= qf_simd_best(); simd++) {
            assert_true(qf_dense_for(simd)->squares(x, count) == expected);
        }
    }
    x[50] = NAN;
    for (qf_simd simd = QF_SIMD_PORTABLE; simd <= qf_simd_best(); simd++) {
        assert_true(isnan(qf_dense_for(simd)->squares(x, 72)));
    }
}

/* A net that has diverged must not look like one that has not. */
static void test_nan_goes_through(void **state) {
    (void)state;
    for (qf_simd simd = QF_SIMD_PORTABLE; simd <= qf_simd_best(); simd++) {
        for (int activation = 0; activation < QF_ACTIVATIONS; activation++) {
            const shape s = {3, 2, 5};
            layer l = new_layer(s);
            l.inputs[1] = NAN;
            qf_dense_for(simd)->forward(s.inputs, s.outputs, (qf_activation)activation, l.weights,
                                        l.inputs, s.rows, l.outputs);
            assert_true(isnan(l.outputs[0]) && isnan(l.outputs[1]));
            assert_true(isfinite(l.outputs[qf_pad(2)]));
            free_layer(&l);
        }
    }
}

static void test_adam(void **state) {
    (void)state;
    enum { COUNT = 24, STEPS = 50 };
    double means[3][COUNT] = {0}, squares[3][COUNT] = {0}, weights[3][COUNT] = {0};
    long double mean[COUNT] = {0}, square[COUNT] = {0}, weight[COUNT] = {0};
    const double rate = 0.01, epsilon = 1e-8;
    qf_random random = qf_random_stream(3, "test", 0);
    for (int t = 1; t <= STEPS; t++) {
        double gradient[COUNT];
        for (size_t i = 0; i < COUNT; i++) gradient[i] = qf_random_normal(&random);
        const double corrected = rate * sqrt(1 - pow(0.999, t)) / (1 - pow(0.9, t));
        for (qf_simd simd = QF_SIMD_PORTABLE; simd <= qf_simd_best(); simd++) {
            qf_dense_for(simd)->adam(COUNT, corrected, epsilon, gradient, means[simd],
                                     squares[simd], weights[simd]);
        }
        for (size_t i = 0; i < COUNT; i++) {
            const long double g = gradient[i];
            mean[i] = 0.9L * mean[i] + 0.1L * g;
            square[i] = 0.999L * square[i] + 0.001L * g * g;
            weight[i] -= (long double)corrected * mean[i] / (sqrtl(square[i]) + epsilon);
        }
    }
    for (qf_simd simd = QF_SIMD_PORTABLE; simd <= qf_simd_best(); simd++) {
        for (size_t i = 0; i < COUNT; i++) {
            assert_true(fabsl(weight[i] - weights[simd][i]) < 1e-14L);
        }
    }
    if (qf_simd_best() == QF_SIMD_AVX512) {
        assert_memory_equal(weights[1], weights[2], sizeof weights[1]);
        assert_memory_equal(squares[1], squares[2], sizeof squares[1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_small_shape), cmocka_unit_test(test_wide_shapes),
        cmocka_unit_test(test_logistic),          cmocka_unit_test(test_squares),
        cmocka_unit_test(test_nan_goes_through),  cmocka_unit_test(test_adam),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
