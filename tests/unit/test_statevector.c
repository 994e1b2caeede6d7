/* The state-vector engine against a slow reference: random circuits of 1 to 10 wires, every SIMD
 * level, both precisions; gradients by parameter shift; the same bytes for any threads. */
#include "base/pad.h"
#include "base/random.h"
#include "quantum/builtin.h"
#include "quantum/statevector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dense.h"
#include "random_circuit.h"

static double *random_numbers(qf_random *random, size_t count, double scale) {
    double *numbers = malloc((count + 1) * sizeof *numbers);
    for (size_t i = 0; i < count; i++) numbers[i] = scale * qf_random_normal(random);
    return numbers;
}

static double worst(const double *a, const double *b, size_t count) {
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        const double difference = fabs(a[i] - b[i]);
        if (!(difference <= most)) most = difference;
    }
    return most;
}

/* A batch through the engine. */
typedef struct results {
    double *outputs, *input_gradients, *weight_gradients;
} results;

static void results_free(results *r) {
    free(r->outputs);
    free(r->input_gradients);
    free(r->weight_gradients);
}

static results run_engine(const qf_circuit *c, qf_precision precision, qf_simd simd, size_t threads,
                          const double *weights, const double *inputs, size_t batch,
                          const double *output_gradients) {
    qf_error error;
    qf_statevector *engine;
    const qf_run run = {.threads = threads, .simd = simd};
    results r = {calloc(batch * qf_pad(c->outputs), sizeof(double)),
                 calloc(batch * qf_pad(c->inputs), sizeof(double)),
                 calloc(c->weights + 1, sizeof(double))};
    assert_int_equal(qf_statevector_new(c, precision, simd, 0, &engine, &error), QF_OK);
    assert_int_equal(
        qf_statevector_forward(engine, weights, inputs, batch, r.outputs, &run, &error), QF_OK);
    assert_int_equal(qf_statevector_backward(engine, weights, inputs, batch, output_gradients,
                                             r.input_gradients, r.weight_gradients, &run, &error),
                     QF_OK);
    /* Again, from states that the first call has used up. */
    double *again = calloc(c->weights + 1, sizeof *again);
    assert_int_equal(qf_statevector_backward(engine, weights, inputs, batch, output_gradients, NULL,
                                             again, &run, &error),
                     QF_OK);
    assert_memory_equal(again, r.weight_gradients, c->weights * sizeof *again);
    free(again);
    qf_statevector_free(engine);
    return r;
}

static results run_reference(const qf_circuit *c, const double *weights, const double *inputs,
                             size_t batch, const double *output_gradients) {
    results r = {calloc(batch * qf_pad(c->outputs), sizeof(double)),
                 calloc(batch * qf_pad(c->inputs), sizeof(double)),
                 calloc(c->weights + 1, sizeof(double))};
    for (size_t i = 0; i < batch; i++) {
        const double *x = inputs + i * qf_pad(c->inputs),
                     *g = output_gradients + i * qf_pad(c->outputs);
        dense_outputs(c, x, weights, r.outputs + i * qf_pad(c->outputs));
        dense_gradients(c, x, weights, g, r.input_gradients + i * qf_pad(c->inputs),
                        r.weight_gradients);
    }
    return r;
}

static void compare(const qf_circuit *c, const results *got, const results *expected, size_t batch,
                    double tolerance) {
    assert_true(worst(got->outputs, expected->outputs, batch * qf_pad(c->outputs)) <= tolerance);
    assert_true(worst(got->input_gradients, expected->input_gradients, batch * c->inputs) <=
                tolerance);
    assert_true(worst(got->weight_gradients, expected->weight_gradients, c->weights) <= tolerance);
}

static void random_circuits(void **state) {
    (void)state;
    for (size_t trial = 0; trial < 60; trial++) {
        qf_random random = qf_random_stream(trial, "test", 0);
        const size_t wires = 1 + trial % 10, batch = wires > 7 ? 2 : 1 + trial % 19;
        const size_t gates = wires > 7 ? 25 : 40;
        qf_circuit c;
        random_circuit(&random, wires, gates, &c);
        double *weights = random_numbers(&random, c.weights, 2);
        double *inputs = random_numbers(&random, batch * qf_pad(c.inputs), 2);
        double *gradients = random_numbers(&random, batch * qf_pad(c.outputs), 1);
        results expected = run_reference(&c, weights, inputs, batch, gradients);
        for (qf_simd simd = QF_SIMD_PORTABLE; simd <= qf_simd_best(); simd++) {
            results exact = run_engine(&c, QF_DOUBLE, simd, 1, weights, inputs, batch, gradients);
            compare(&c, &exact, &expected, batch, 1e-11);
            results threads = run_engine(&c, QF_DOUBLE, simd, 3, weights, inputs, batch, gradients);
            compare(&c, &threads, &exact, batch, 0);
            results single = run_engine(&c, QF_SINGLE, simd, 1, weights, inputs, batch, gradients);
            compare(&c, &single, &expected, batch, 2e-3);
            results_free(&exact);
            results_free(&threads);
            results_free(&single);
        }
        results_free(&expected);
        free(weights);
        free(inputs);
        free(gradients);
        qf_circuit_free(&c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_circuits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
