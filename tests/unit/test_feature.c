/* The feature engine against the slow reference and the state-vector engine, on random circuits
 * that it can do, every SIMD level, both precisions; what it refuses. */
#include "quantum/builtin.h"
#include "quantum/feature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "batches.h"
#include "random_circuit.h"

/* Constant gates, a turn by an input on most wires, then anything by weights. */
static void feature_circuit(qf_random *random, size_t wires, qf_circuit *c) {
    static const qf_gate_kind before[] = {QF_GATE_H, QF_GATE_S, QF_GATE_T, QF_GATE_SX, QF_GATE_X};
    static const qf_gate_kind turns[] = {QF_GATE_RX, QF_GATE_RY, QF_GATE_RZ, QF_GATE_P};
    qf_error error;
    assert_int_equal(qf_circuit_new(c, wires, 1 + wires, 21, &error), QF_OK);
    for (size_t w = 0; w < wires; w++) {
        qf_angle angle = qf_angle_input(qf_random_below(random, c->inputs));
        angle.scale = qf_random_normal(random);
        angle.offset = qf_random_normal(random);
        for (uint64_t i = qf_random_below(random, 3); i > 0; i--) {
            qf_circuit_add(c, before[qf_random_below(random, 5)], &w, NULL, &error);
        }
        if (qf_random_below(random, 5) == 0) continue;
        qf_circuit_add(c, turns[qf_random_below(random, 4)], &w, &angle, &error);
    }
    for (size_t i = 0; i < 30; i++) random_gate(random, c, false);
    random_strings(random, 1 + qf_random_below(random, 6), c);
}

static results run_engine(const problem *p, qf_precision precision, qf_simd simd, size_t threads) {
    const qf_circuit *c = p->circuit;
    qf_error error;
    qf_feature *engine;
    const qf_run run = {.threads = threads, .simd = simd};
    results r = results_new(c, p->batch);
    assert_int_equal(qf_feature_new(c, NULL, precision, simd, &engine, &error), QF_OK);
    for (int twice = 0; twice < 2; twice++) { /* nothing is left of the first time */
        assert_int_equal(
            qf_feature_forward(engine, p->weights, p->inputs, p->batch, r.outputs, &run, &error),
            QF_OK);
        assert_int_equal(qf_feature_backward(engine, p->batch, p->output_gradients,
                                             r.input_gradients, r.weight_gradients, &run, &error),
                         QF_OK);
    }
    qf_feature_free(engine);
    return r;
}

static void random_circuits(void **state) {
    (void)state;
    for (size_t trial = 0; trial < 60; trial++) {
        qf_random random = qf_random_stream(trial, "test", 0);
        const size_t wires = 1 + trial % 6;
        qf_circuit c;
        feature_circuit(&random, wires, &c);
        problem p = problem_new(&c, 1 + trial % 37, &random);
        check_engine(&p, run_engine);
        problem_free(&p);
        qf_circuit_free(&c);
    }
}

/* More samples than a task takes. */
static void paper_circuits(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        qf_error error;
        qf_circuit c;
        qf_random random = qf_random_stream(3, "test", 0);
        const qf_recipe recipe = {.ansatz = i ? "long" : "short", .wires = 4};
        assert_int_equal(qf_builtin_build(&recipe, &c, &error), QF_OK);
        problem p = problem_new(&c, i ? 25 : 1100, &random);
        p.inputs[0] = 1e4; /* beyond single precision's range of sines, then double's */
        p.inputs[9] = -3e7;
        check_engine(&p, run_engine);
        problem_free(&p);
        qf_circuit_free(&c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_circuits),
        cmocka_unit_test(paper_circuits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
