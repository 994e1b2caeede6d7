/* The circuits of the paper and of the literature as layers: known properties (weights without
 * effect, ranks), both engines against each other, a net with a layer between, what is refused. */
#include "learn/net.h"
#include "quantum/builtin.h"
#include "quantum/layer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "batches.h"
#include "circuits_oracle.h"

static const qf_layer_options by_feature = {.engine = QF_ENGINE_FEATURE};
static const qf_layer_options by_states = {.engine = QF_ENGINE_STATEVECTOR};

static qf_layer_options at_best(qf_layer_options options) {
    options.simd = qf_simd_best();
    return options;
}

static results run_layer(const problem *p, qf_layer_options options) {
    const qf_run run = qf_run_default();
    qf_error error;
    qf_quantum_layer *layer;
    results r = results_new(p->circuit, p->batch);
    options = at_best(options);
    assert_int_equal(qf_quantum_layer_new(p->circuit, &options, &layer, &error), QF_OK);
    assert_int_equal(
        qf_quantum_layer_forward(layer, p->weights, p->inputs, p->batch, r.outputs, &run, &error),
        QF_OK);
    assert_int_equal(qf_quantum_layer_backward(layer, p->weights, p->inputs, p->batch,
                                               p->output_gradients, r.input_gradients,
                                               r.weight_gradients, &run, &error),
                     QF_OK);
    qf_quantum_layer_free(layer);
    return r;
}

static void build(const qf_recipe *recipe, qf_circuit *c) {
    qf_error error;
    if (qf_builtin_build(recipe, c, &error) != QF_OK) fail_msg("%s", error.message);
}

static void built_in_circuits(void **state) {
    (void)state;
    const char *const maps[] = {"rx", "ry", "rz"};
    for (size_t i = 0; qf_ansatz_at(i); i++) {
        qf_random random = qf_random_stream(i, "test", 0);
        const size_t wires = 4 + i % 2;
        const size_t layers = qf_ansatz_at(i)->layers ? 2 : 0;
        qf_circuit c;
        build(&(qf_recipe){.ansatz = qf_ansatz_at(i)->name,
                           .feature_map = maps[i % 3],
                           .wires = wires,
                           .layers = layers},
              &c);
        problem p = problem_new(&c, 5, &random);
        results expected = run_reference(&p);
        results feature = run_layer(&p, by_feature), states = run_layer(&p, by_states);
        assert_true(difference(&c, &states, &expected) <= 1e-11);
        assert_true(difference(&c, &feature, &states) <= 1e-11);
        results_free(&expected);
        results_free(&feature);
        results_free(&states);
        problem_free(&p);
        qf_circuit_free(&c);
    }
}

static void published_definitions(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof oracle_circuits / sizeof *oracle_circuits; i++) {
        qf_random random = qf_random_stream(0, "test", 0);
        qf_circuit c;
        build(&(qf_recipe){.ansatz = oracle_circuits[i].ansatz,
                           .feature_map = oracle_circuits[i].feature_map,
                           .paulis = oracle_circuits[i].paulis,
                           .wires = oracle_circuits[i].wires,
                           .layers = oracle_circuits[i].layers,
                           .map_layers = oracle_circuits[i].map_layers},
              &c);
        problem p = problem_new(&c, 1, &random);
        for (size_t k = 0; k < c.inputs; k++) p.inputs[k] = 0.4 + 0.31 * (double)k;
        for (size_t k = 0; k < c.weights; k++) p.weights[k] = 0.3 + 0.17 * (double)k;
        results r = run_layer(&p, (qf_layer_options){0});
        assert_int_equal(c.outputs, c.wires);
        assert_true(farthest(r.outputs, oracle_circuits[i].outputs, c.outputs) <= 1e-12);
        results_free(&r);
        problem_free(&p);
        qf_circuit_free(&c);
    }
}

/* How many weights the layers of Sim et al. take (their Table 1), n wires and L layers. */
static void numbers_of_weights(void **state) {
    (void)state;
    const size_t n = 4, layers = 3;
    const size_t of_sim[] = {2 * n,         2 * n,     3 * n - 1, 3 * n - 1, n * n + 3 * n,
                             n * n + 3 * n, 5 * n - 1, 5 * n - 1, n,         n,
                             4 * n - 4,     4 * n - 4, 4 * n,     4 * n,     2 * n,
                             3 * n - 1,     3 * n - 1, 3 * n,     3 * n};
    const struct {
        const char *name;
        size_t weights;
    } others[] = {{"short", 21},
                  {"long", 33},
                  {"basic", n * layers},
                  {"strong", 3 * n * layers},
                  {"real-amplitudes", n * (layers + 1)},
                  {"efficient-su2", 2 * n * (layers + 1)},
                  {"two-local", n * (layers + 1)},
                  {"pauli-two-design", n * (layers + 1)}};
    for (size_t i = 0; i < 19; i++) {
        char name[16];
        qf_circuit c;
        snprintf(name, sizeof name, "sim%zu", i + 1);
        build(&(qf_recipe){.ansatz = name, .wires = n, .layers = layers}, &c);
        assert_int_equal(c.weights, of_sim[i] * layers + (i + 1 == 10 ? n : 0));
        qf_circuit_free(&c);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        qf_circuit c;
        build(&(qf_recipe){.ansatz = others[i].name, .wires = n, .layers = i < 2 ? 0 : layers}, &c);
        assert_int_equal(c.weights, others[i].weights);
        qf_circuit_free(&c);
    }
}

/* The rank of rows[count][width], by elimination with full pivoting. */
static size_t rank_of(double *rows, size_t count, size_t width) {
    size_t rank = 0;
    for (; rank < count && rank < width; rank++) {
        size_t row = rank, column = rank;
        for (size_t i = rank; i < count; i++) {
            for (size_t j = rank; j < width; j++) {
                if (fabs(rows[i * width + j]) <= fabs(rows[row * width + column])) continue;
                row = i;
                column = j;
            }
        }
        if (fabs(rows[row * width + column]) < 1e-9) break;
        for (size_t j = 0; j < width; j++) {
            const double old = rows[rank * width + j];
            rows[rank * width + j] = rows[row * width + j];
            rows[row * width + j] = old;
        }
        for (size_t i = 0; i < count; i++) {
            const double old = rows[i * width + rank];
            rows[i * width + rank] = rows[i * width + column];
            rows[i * width + column] = old;
        }
        for (size_t i = rank + 1; i < count; i++) {
            const double factor = rows[i * width + rank] / rows[rank * width + rank];
            for (size_t j = rank; j < width; j++) {
                rows[i * width + j] -= factor * rows[rank * width + j];
            }
        }
    }
    return rank;
}

/* The Jacobian of the outputs of some samples in the weights has the paper's rank, and five
 * weights have no effect: the last RZ and the one that no gate uses. */
static void paper_circuits(void **state) {
    (void)state;
    enum { SAMPLES = 30 };
    for (int is_long = 0; is_long < 2; is_long++) {
        for (int engine = 0; engine < 2; engine++) {
            qf_random random = qf_random_stream(5, "test", 0);
            qf_circuit c;
            build(&(qf_recipe){.ansatz = is_long ? "long" : "short", .wires = 4}, &c);
            assert_int_equal(c.outputs, 3);
            problem p = problem_new(&c, SAMPLES, &random);
            double *jacobian = calloc(SAMPLES * c.outputs * c.weights, sizeof *jacobian);
            double largest[33] = {0};
            for (size_t row = 0; row < SAMPLES * c.outputs; row++) {
                memset(p.output_gradients, 0, SAMPLES * qf_pad(c.outputs) * sizeof(double));
                p.output_gradients[row / c.outputs * qf_pad(c.outputs) + row % c.outputs] = 1;
                results r = run_layer(&p, engine ? by_feature : by_states);
                memcpy(jacobian + row * c.weights, r.weight_gradients, c.weights * sizeof(double));
                for (size_t i = 0; i < c.weights; i++) {
                    largest[i] = fmax(largest[i], fabs(r.weight_gradients[i]));
                }
                results_free(&r);
            }
            const size_t used = c.weights - 5;
            for (size_t i = 0; i < c.weights; i++) {
                assert_true(i < used ? largest[i] > 1e-6 : largest[i] < 1e-14);
            }
            assert_int_equal(rank_of(jacobian, SAMPLES * c.outputs, c.weights), is_long ? 19 : 10);
            free(jacobian);
            problem_free(&p);
            qf_circuit_free(&c);
        }
    }
}

/* Gradients by differences: of angles that are expressions, and of amplitudes. */
static void feature_maps(void **state) {
    (void)state;
    const double step = 1e-5;
    const char *const maps[] = {"z", "zz", "pauli", "iqp", "amplitude"};
    for (size_t m = 0; m < 5; m++) {
        qf_random random = qf_random_stream(m, "test", 0);
        qf_circuit c;
        build(&(qf_recipe){.ansatz = "basic",
                           .feature_map = maps[m],
                           .wires = 3,
                           .uploads = m == 1 ? 2 : 1,
                           .paulis = "Z,YX,XYZ"},
              &c);
        problem p = problem_new(&c, 1, &random);
        results r = run_layer(&p, (qf_layer_options){0}); /* whichever engine can */
        double *low = calloc(c.outputs, sizeof *low), *high = calloc(c.outputs, sizeof *high);
        dense_outputs(&c, p.inputs, p.weights, low);
        assert_true(farthest(r.outputs, low, c.outputs) <= 1e-12);
        for (size_t i = 0; i < c.inputs + c.weights; i++) {
            double *x = i < c.inputs ? &p.inputs[i] : &p.weights[i - c.inputs];
            const double at = *x;
            *x = at - step;
            dense_outputs(&c, p.inputs, p.weights, low);
            *x = at + step;
            dense_outputs(&c, p.inputs, p.weights, high);
            *x = at;
            double slope = 0;
            for (size_t o = 0; o < c.outputs; o++) {
                slope += p.output_gradients[o] * (high[o] - low[o]) / (2 * step);
            }
            const double got =
                i < c.inputs ? r.input_gradients[i] : r.weight_gradients[i - c.inputs];
            assert_true(fabs(got - slope) <= 1e-6 * (1 + fabs(slope)));
        }
        free(low);
        free(high);
        results_free(&r);
        problem_free(&p);
        qf_circuit_free(&c);
    }
}

/* A net with the layer in its middle: gradients of all weights by differences of the loss, the
 * first output. */
static void in_a_net(void **state) {
    (void)state;
    enum { ROWS = 3 };
    const double step = 1e-5;
    qf_error error;
    qf_circuit c;
    qf_quantum_layer *layer;
    build(&(qf_recipe){.ansatz = "long", .wires = 4}, &c);
    const qf_layer_options options = at_best((qf_layer_options){0});
    assert_int_equal(qf_quantum_layer_new(&c, &options, &layer, &error), QF_OK);
    assert_int_equal(qf_quantum_layer_engine(layer), QF_ENGINE_FEATURE);
    const qf_foreign_layer foreign = qf_quantum_layer_in_net(layer);
    qf_net net = qf_net_empty(5);
    qf_net_pass pass;
    assert_int_equal(qf_net_add_dense(&net, 4, QF_TANH, &error), QF_OK);
    assert_int_equal(qf_net_add_foreign(&net, &foreign, &error), QF_OK);
    assert_int_equal(qf_net_add_dense(&net, 1, QF_IDENTITY, &error), QF_OK);
    assert_int_equal(qf_net_new_weights(&net, &error), QF_OK);
    qf_random random = qf_random_stream(1, "test", 0);
    for (size_t i = 0; i < 3; i += 2) qf_net_glorot(&net, i, true, &random);
    for (size_t i = 0; i < c.weights; i++) {
        net.weights[net.layers[1].offset + i] = 6 * qf_random_uniform(&random);
    }
    assert_int_equal(qf_net_pass_init(&pass, &net, ROWS, true, &error), QF_OK);
    for (size_t row = 0; row < ROWS; row++) {
        for (size_t i = 0; i < 5; i++) {
            pass.inputs[row * qf_pad(5) + i] = qf_random_normal(&random);
        }
    }
    double *gradient = calloc(net.size, sizeof *gradient);
    assert_int_equal(qf_net_forward(&net, options.simd, ROWS, &pass, &error), QF_OK);
    for (size_t row = 0; row < ROWS; row++) pass.gradients[2][row * qf_pad(1)] = 1;
    assert_int_equal(qf_net_backward(&net, options.simd, ROWS, &pass, gradient, &error), QF_OK);
    for (size_t i = 0; i < net.size; i++) {
        double sums[2] = {0};
        const double at = net.weights[i];
        if (at == 0) continue; /* padding */
        for (int side = 0; side < 2; side++) {
            net.weights[i] = side ? at + step : at - step;
            assert_int_equal(qf_net_forward(&net, options.simd, ROWS, &pass, &error), QF_OK);
            for (size_t row = 0; row < ROWS; row++) sums[side] += pass.outputs[2][row * qf_pad(1)];
        }
        net.weights[i] = at;
        assert_true(fabs((sums[1] - sums[0]) / (2 * step) - gradient[i]) <= 1e-7);
    }
    free(gradient);
    qf_net_pass_free(&pass, &net);
    qf_net_free(&net);
    qf_quantum_layer_free(layer);
    qf_circuit_free(&c);
}

static void expect(qf_status status, qf_status expected, const qf_error *error,
                   const char *message) {
    assert_int_equal(status, expected);
    assert_string_equal(error->message, message);
}

static void refusals(void **state) {
    (void)state;
    qf_error error;
    qf_circuit c;
    qf_quantum_layer *layer;
    build(&(qf_recipe){.ansatz = "basic", .wires = 4, .uploads = 2}, &c);
    expect(qf_quantum_layer_new(&c, &by_feature, &layer, &error), QF_MISMATCH, &error,
           "the feature engine cannot run this circuit: a wire takes inputs twice");
    qf_circuit_free(&c);
    build(&(qf_recipe){.ansatz = "basic", .wires = 7}, &c);
    expect(qf_quantum_layer_new(&c, &by_feature, &layer, &error), QF_MISMATCH, &error,
           "the feature engine cannot run this circuit: it has more than 6 wires");
    qf_circuit_free(&c);
    build(&(qf_recipe){.ansatz = "basic", .wires = 28}, &c);
    qf_layer_options options = {.memory_limit = (size_t)1 << 30};
    expect(qf_quantum_layer_new(&c, &options, &layer, &error), QF_MEMORY, &error,
           "28 wires take 8589934592 bytes, and 1073741824 is the limit");
    options.precision = QF_SINGLE;
    expect(qf_quantum_layer_new(&c, &options, &layer, &error), QF_MEMORY, &error,
           "28 wires take 4294967296 bytes, and 1073741824 is the limit");
    qf_circuit_free(&c);
}

static void bad_inputs(void **state) {
    (void)state;
    const qf_run run = qf_run_default();
    for (int engine = QF_ENGINE_FEATURE; engine <= QF_ENGINE_STATEVECTOR; engine++) {
        qf_error error;
        qf_circuit c;
        qf_quantum_layer *layer;
        build(&(qf_recipe){.ansatz = "short", .wires = 4}, &c);
        const qf_layer_options options = at_best((qf_layer_options){.engine = (qf_engine)engine});
        assert_int_equal(qf_quantum_layer_new(&c, &options, &layer, &error), QF_OK);
        const double weights[21] = {0};
        double inputs[2 * QF_PAD] = {0}, outputs[2 * QF_PAD];
        inputs[QF_PAD + 2] = NAN;
        assert_int_equal(qf_quantum_layer_forward(layer, weights, inputs, 2, outputs, &run, &error),
                         QF_DATA);
        inputs[QF_PAD + 2] = 0;
        assert_int_equal(qf_quantum_layer_forward(layer, weights, inputs, 2, outputs, &run, &error),
                         QF_OK);
        qf_quantum_layer_free(layer);
        qf_circuit_free(&c);
    }
}

static void bad_circuits(void **state) {
    (void)state;
    qf_error error;
    qf_circuit c;
    const size_t twice[] = {1, 1}, beyond[] = {0, 2};
    const qf_angle input = qf_angle_input(3), infinite = qf_angle_constant(INFINITY);
    assert_int_equal(qf_circuit_new(&c, 2, 2, 2, &error), QF_OK);
    expect(qf_circuit_add(&c, QF_GATE_CNOT, twice, NULL, &error), QF_DATA, &error,
           "gate 0, CNOT: wire 1 stands twice");
    expect(qf_circuit_add(&c, QF_GATE_CZ, beyond, NULL, &error), QF_DATA, &error,
           "gate 0, CZ: wire 2, but there are 2 wires");
    expect(qf_circuit_add(&c, QF_GATE_RX, twice, &input, &error), QF_DATA, &error,
           "gate 0, RX: input 3, but there are 2");
    expect(qf_circuit_add(&c, QF_GATE_RX, twice, &infinite, &error), QF_DATA, &error,
           "gate 0, RX: the angle is not finite");
    expect(qf_circuit_measure_text(&c, "z:0,2", &error), QF_USAGE, &error,
           "measurement: \"2\" is not a wire from 0 to 1");
    expect(qf_circuit_measure_text(&c, "pauli:XZ,ZZZ", &error), QF_USAGE, &error,
           "\"ZZZ\" is not a Pauli string: expected 2 letters of I, X, Y and Z");
    expect(qf_circuit_measure_text(&c, "everything", &error), QF_USAGE, &error,
           "measurement: expected z:WIRES, pauli:STRINGS, probs or probs:WIRES, got "
           "\"everything\"");
    assert_int_equal(qf_circuit_measure_text(&c, "probs", &error), QF_OK);
    assert_int_equal(c.outputs, 4);
    qf_circuit_free(&c);
    expect(qf_builtin_build(&(qf_recipe){.ansatz = "sim20", .wires = 4}, &c, &error), QF_USAGE,
           &error, "there is no circuit \"sim20\"");
    expect(qf_builtin_build(&(qf_recipe){.ansatz = "short", .wires = 2}, &c, &error), QF_USAGE,
           &error, "short takes at least 3 wires, not 2");
    expect(qf_builtin_build(&(qf_recipe){.feature_map = "pauli", .paulis = "Z,ZZZ", .wires = 2}, &c,
                            &error),
           QF_USAGE, &error,
           "\"Z,ZZZ\": expected strings of 1 to 2 letters X, Y and Z with commas");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_in_circuits),  cmocka_unit_test(published_definitions),
        cmocka_unit_test(numbers_of_weights), cmocka_unit_test(paper_circuits),
        cmocka_unit_test(feature_maps),       cmocka_unit_test(in_a_net),
        cmocka_unit_test(refusals),           cmocka_unit_test(bad_inputs),
        cmocka_unit_test(bad_circuits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
