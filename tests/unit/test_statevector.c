/* The state-vector engine against a slow reference: random circuits of 1 to 10 wires, every SIMD
 * level, both precisions; gradients by parameter shift; the same bytes for any threads. */
#include "quantum/builtin.h"
#include "quantum/statevector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "batches.h"
#include "random_circuit.h"

/* With some inputs and weights, three Pauli strings and probabilities. */
static void random_circuit(qf_random *random, size_t wires, size_t gates, qf_circuit *c) {
    qf_error error;
    assert_int_equal(qf_circuit_new(c, wires, 1 + wires, gates / 2 + 1, &error), QF_OK);
    for (size_t i = 0; i < gates; i++) random_gate(random, c, true);
    random_strings(random, 3, c);
    const uint64_t all = ((uint64_t)1 << wires) - 1;
    const uint64_t some = qf_random_u64(random) & all;
    assert_int_equal(qf_circuit_measure_probabilities(c, some ? some : all, &error), QF_OK);
}

static results run_engine(const problem *p, qf_precision precision, qf_simd simd, size_t threads) {
    const qf_circuit *c = p->circuit;
    qf_error error;
    qf_statevector *engine;
    const qf_run run = {.threads = threads, .simd = simd};
    results r = results_new(c, p->batch);
    assert_int_equal(qf_statevector_new(c, precision, simd, 0, &engine, &error), QF_OK);
    assert_int_equal(
        qf_statevector_forward(engine, p->weights, p->inputs, p->batch, r.outputs, &run, &error),
        QF_OK);
    assert_int_equal(qf_statevector_backward(engine, p->weights, p->inputs, p->batch,
                                             p->output_gradients, r.input_gradients,
                                             r.weight_gradients, &run, &error),
                     QF_OK);
    /* Again, from states that the first call has used up. */
    double *again = calloc(c->weights + 1, sizeof *again);
    assert_int_equal(qf_statevector_backward(engine, p->weights, p->inputs, p->batch,
                                             p->output_gradients, NULL, again, &run, &error),
                     QF_OK);
    assert_memory_equal(again, r.weight_gradients, c->weights * sizeof *again);
    free(again);
    qf_statevector_free(engine);
    return r;
}

static void random_circuits(void **state) {
    (void)state;
    for (size_t trial = 0; trial < 60; trial++) {
        qf_random random = qf_random_stream(trial, "test", 0);
        const size_t wires = 1 + trial % 10;
        const size_t batch = wires <= 7 ? 1 + trial % 19 : trial < 50 ? 2 : 9; /* 9: some tasks */
        qf_circuit c;
        random_circuit(&random, wires, wires > 7 ? 25 : 40, &c);
        problem p = problem_new(&c, batch, &random);
        check_engine(&p, run_engine);
        problem_free(&p);
        qf_circuit_free(&c);
    }
}

/* Wires enough that threads share the amplitudes. */
static void shared_amplitudes(void **state) {
    (void)state;
    qf_random random = qf_random_stream(9, "test", 0);
    qf_circuit c;
    random_circuit(&random, QF_SHARED_WIRES, 9, &c);
    problem p = problem_new(&c, 1, &random);
    check_engine(&p, run_engine);
    problem_free(&p);
    qf_circuit_free(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_circuits),
        cmocka_unit_test(shared_amplitudes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
