/* Noise and shots: engines against PennyLane's mixed states, against each other and against a slow
 * reference; trajectories and shots within four standard errors of what is exact. */
#include "base/memory.h"
#include "quantum/builtin.h"
#include "quantum/layer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "batches.h"
#include "noise_oracle.h"
#include "random_circuit.h"

static qf_noise noise_of(const char *text) {
    qf_noise noise;
    qf_error error;
    assert_int_equal(qf_noise_parse(text, &noise, &error), QF_OK);
    return noise;
}

static results run_layer(const problem *p, const qf_layer_options *options, size_t threads) {
    qf_error error;
    qf_quantum_layer *layer;
    const qf_run run = {.threads = threads, .simd = options->simd};
    results r = results_new(p->circuit, p->batch);
    assert_int_equal(qf_quantum_layer_new(p->circuit, options, &layer, &error), QF_OK);
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

/* ---- The oracle ---- */

static void oracle_circuit(const struct oracle_noise *o, qf_circuit *c) {
    qf_error error;
    assert_int_equal(qf_circuit_new(c, o->wires, o->inputs, o->weights, &error), QF_OK);
    for (size_t g = 0; g < o->gate_count; g++) {
        const qf_gate *gate = &o->gates[g];
        assert_int_equal(qf_circuit_add(c, gate->kind, gate->wires, gate->angles, &error), QF_OK);
    }
    for (size_t i = 0; i < 4 && o->strings[i]; i++) {
        assert_int_equal(qf_circuit_measure_pauli(c, o->strings[i], &error), QF_OK);
    }
    if (o->probabilities) {
        assert_int_equal(qf_circuit_measure_probabilities(c, o->probabilities, &error), QF_OK);
    }
}

/* Five copies of the oracle's sample, so that groups are not full. */
static problem oracle_problem(const struct oracle_noise *o, const qf_circuit *c) {
    enum { COPIES = 5 };
    problem p = {c, COPIES, calloc(o->weights, sizeof(double)),
                 calloc(COPIES * qf_pad(o->inputs), sizeof(double)),
                 calloc(COPIES * qf_pad(c->outputs), sizeof(double))};
    for (size_t w = 0; w < o->weights; w++) p.weights[w] = 0.3 + 0.17 * (double)w;
    for (size_t r = 0; r < COPIES; r++) {
        double *inputs = p.inputs + r * qf_pad(o->inputs);
        double *factors = p.output_gradients + r * qf_pad(c->outputs);
        for (size_t i = 0; i < o->inputs; i++) inputs[i] = 0.4 + 0.31 * (double)i;
        for (size_t i = 0; i < c->outputs; i++) factors[i] = 0.7 - 0.4 * (double)i;
    }
    return p;
}

static void check_oracle(const struct oracle_noise *o, const problem *p, const results *r) {
    const qf_circuit *c = p->circuit;
    for (size_t row = 0; row < p->batch; row++) {
        const double *outputs = r->outputs + row * qf_pad(c->outputs);
        const double *by_inputs = r->input_gradients + row * qf_pad(c->inputs);
        assert_true(farthest(outputs, o->outputs, c->outputs) <= 1e-10);
        assert_true(farthest(by_inputs, o->by_inputs, c->inputs) <= 1e-10);
    }
    for (size_t w = 0; w < c->weights; w++) {
        const double expected = (double)p->batch * o->by_weights[w];
        assert_true(fabs(r->weight_gradients[w] - expected) <= 1e-10);
    }
}

static void oracle(void **state) {
    (void)state;
    size_t by_features = 0;
    for (size_t i = 0; i < sizeof oracle_noise / sizeof *oracle_noise; i++) {
        const struct oracle_noise *o = &oracle_noise[i];
        qf_circuit c;
        oracle_circuit(o, &c);
        problem p = oracle_problem(o, &c);
        qf_layer_options options = {.noise = noise_of(o->noise)};
        options.noise.at_end = o->at_end;
        for (options.simd = QF_SIMD_PORTABLE; options.simd <= qf_simd_best(); options.simd++) {
            options.engine = QF_ENGINE_DENSITY;
            results density = run_layer(&p, &options, 2);
            check_oracle(o, &p, &density);
            options.engine = QF_ENGINE_AUTO;
            results automatic = run_layer(&p, &options, 1);
            check_oracle(o, &p, &automatic);
            by_features += difference(&c, &automatic, &density) > 0;
            results_free(&density);
            results_free(&automatic);
        }
        problem_free(&p);
        qf_circuit_free(&c);
    }
    assert_true(by_features >= 6);
}

/* ---- Engines against each other ---- */

/* All gates, without noise: the reference knows none. */
static void density_without_noise(void **state) {
    (void)state;
    for (size_t trial = 0; trial < 24; trial++) {
        qf_random random = qf_random_stream(trial, "test", 0);
        const size_t wires = 1 + trial % 5;
        qf_error error;
        qf_circuit c;
        assert_int_equal(qf_circuit_new(&c, wires, wires, 5, &error), QF_OK);
        if (trial % 4 == 3) c.start = QF_START_AMPLITUDES;
        for (size_t i = 0; i < 30; i++) random_gate(&random, &c, c.start == QF_START_ZERO);
        random_strings(&random, 3, &c);
        assert_int_equal(qf_circuit_measure_probabilities(&c, 1, &error), QF_OK);
        problem p = problem_new(&c, 1 + trial % 6, &random);
        const qf_layer_options exact = {.engine = QF_ENGINE_STATEVECTOR, .simd = qf_simd_best()};
        const qf_layer_options options = {.engine = QF_ENGINE_DENSITY, .simd = qf_simd_best()};
        results expected = c.start == QF_START_ZERO ? run_reference(&p) : run_layer(&p, &exact, 1);
        results density = run_layer(&p, &options, 1);
        assert_true(difference(&c, &density, &expected) <= 1e-11);
        results_free(&expected);
        results_free(&density);
        problem_free(&p);
        qf_circuit_free(&c);
    }
}

/* Gradients of noisy states that begin as amplitudes, by finite differences. */
static void noisy_amplitudes(void **state) {
    (void)state;
    const double step = 1e-5;
    qf_random random = qf_random_stream(4, "test", 0);
    qf_error error;
    qf_circuit c;
    assert_int_equal(qf_circuit_new(&c, 2, 3, 4, &error), QF_OK);
    c.start = QF_START_AMPLITUDES;
    for (size_t i = 0; i < 12; i++) random_gate(&random, &c, false);
    random_strings(&random, 2, &c);
    problem p = problem_new(&c, 1, &random);
    const qf_layer_options options = {.engine = QF_ENGINE_DENSITY,
                                      .noise = noise_of("amplitude-damping:0.1,bit-flip:0.05")};
    results exact = run_layer(&p, &options, 1);
    for (size_t i = 0; i < 3; i++) {
        double sums[2];
        for (size_t side = 0; side < 2; side++) {
            p.inputs[i] += side ? -2 * step : step;
            results r = run_layer(&p, &options, 1);
            sums[side] =
                r.outputs[0] * p.output_gradients[0] + r.outputs[1] * p.output_gradients[1];
            results_free(&r);
        }
        p.inputs[i] += step;
        const double slope = (sums[0] - sums[1]) / (2 * step);
        assert_true(fabs(slope - exact.input_gradients[i]) <= 1e-8);
    }
    results_free(&exact);
    problem_free(&p);
    qf_circuit_free(&c);
}

/* Embeddings with gates before and behind the inputs' turns, more outputs than a vector has lanes.
 */
static void features(void **state) {
    (void)state;
    static const char *const noises[] = {
        "amplitude-damping:0.3", "depolarising:0.05,readout:0.1/0.2",
        "bit-flip:0.1,amplitude-damping:0.1,phase-damping:0.2,readout@0:0.3", "readout:0.25"};
    for (size_t trial = 0; trial < 24; trial++) {
        qf_random random = qf_random_stream(trial, "test", 0);
        const size_t wires = 1 + trial % 4;
        qf_error error;
        qf_circuit c;
        assert_int_equal(qf_circuit_new(&c, wires, wires, 6, &error), QF_OK);
        for (size_t w = 0; w < wires; w++) {
            const qf_angle constant = qf_angle_constant(0.7), input = qf_angle_input(w);
            const size_t wire[] = {w};
            if (trial % 3) qf_circuit_add(&c, QF_GATE_H, wire, NULL, &error);
            if (trial % 3 == 2) qf_circuit_add(&c, QF_GATE_RY, wire, &constant, &error);
            const qf_gate_kind kind = trial % 2 ? QF_GATE_RZ : QF_GATE_RX;
            assert_int_equal(qf_circuit_add(&c, kind, wire, &input, &error), QF_OK);
        }
        for (size_t i = 0; i < 20; i++) random_gate(&random, &c, false);
        random_strings(&random, 1 + trial % 11, &c);
        problem p = problem_new(&c, 1 + trial % 21, &random);
        qf_layer_options options = {.noise = noise_of(noises[trial % 4]), .simd = qf_simd_best()};
        options.noise.at_end = trial % 5 == 4;
        options.engine = QF_ENGINE_FEATURE;
        results feature = run_layer(&p, &options, 2);
        options.engine = QF_ENGINE_DENSITY;
        results density = run_layer(&p, &options, 1);
        assert_true(difference(&c, &feature, &density) <= 1e-11);
        options.engine = QF_ENGINE_FEATURE;
        options.precision = QF_SINGLE;
        results single = run_layer(&p, &options, 1);
        assert_true(difference(&c, &single, &density) <= 2e-3);
        results_free(&feature);
        results_free(&density);
        results_free(&single);
        problem_free(&p);
        qf_circuit_free(&c);
    }
}

/* ---- Chance ---- */

/* The means of an output over many rows that are the same but for their chance. */
typedef struct sampled {
    double mean, deviation; /* of one row */
} sampled;

static sampled describe(const double *values, size_t count, size_t stride) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) sum += values[i * stride];
    for (size_t i = 0; i < count; i++) {
        squares += pow(values[i * stride] - sum / (double)count, 2);
    }
    return (sampled){sum / (double)count, sqrt(squares / (double)(count - 1))};
}

static void check_mean(const double *values, size_t count, size_t stride, double expected) {
    const sampled s = describe(values, count, stride);
    assert_true(fabs(s.mean - expected) <= 4 * s.deviation / sqrt((double)count) + 1e-12);
}

static void chance_circuit(size_t wires, qf_circuit *c) {
    qf_error error;
    qf_random random = qf_random_stream(11, "test", 0);
    assert_int_equal(qf_circuit_new(c, wires, wires, 6, &error), QF_OK);
    for (size_t w = 0; w < wires; w++) {
        const qf_angle input = qf_angle_input(w);
        assert_int_equal(qf_circuit_add(c, QF_GATE_RX, &w, &input, &error), QF_OK);
    }
    for (size_t i = 0; i < 20; i++) random_gate(&random, c, false);
    const char *const strings[] = {"ZII", "IZZ", "XIY"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(qf_circuit_measure_pauli(c, strings[i], &error), QF_OK);
    }
    assert_int_equal(qf_circuit_measure_probabilities(c, 5, &error), QF_OK);
}

static problem same_rows(const qf_circuit *c, size_t rows) {
    qf_random random = qf_random_stream(3, "test", 0);
    problem p = problem_new(c, rows, &random);
    for (size_t r = 1; r < rows; r++) {
        memcpy(p.inputs + r * qf_pad(c->inputs), p.inputs, c->inputs * sizeof(double));
    }
    return p;
}

static double *forward(const problem *p, const qf_layer_options *options, size_t threads,
                       const uint64_t *keys) {
    qf_error error;
    qf_quantum_layer *layer;
    const qf_run run = {.threads = threads, .simd = qf_simd_best()};
    double *outputs = calloc(p->batch * qf_pad(p->circuit->outputs), sizeof *outputs);
    assert_int_equal(qf_quantum_layer_new(p->circuit, options, &layer, &error), QF_OK);
    qf_quantum_layer_keys(layer, keys);
    assert_int_equal(
        qf_quantum_layer_forward(layer, p->weights, p->inputs, p->batch, outputs, &run, &error),
        QF_OK);
    qf_quantum_layer_free(layer);
    return outputs;
}

static void check_chance(const char *noise, qf_engine engine, size_t shots, size_t rows) {
    qf_circuit c;
    chance_circuit(3, &c);
    problem p = same_rows(&c, rows);
    qf_layer_options options = {.noise = noise_of(noise), .engine = QF_ENGINE_DENSITY};
    const size_t width = qf_pad(c.outputs);
    double *exact = forward(&p, &options, 1, NULL);
    options.engine = engine;
    options.shots = shots;
    options.seed = 7;
    double *one = forward(&p, &options, 1, NULL), *three = forward(&p, &options, 3, NULL);
    assert_memory_equal(one, three, rows * width * sizeof *one);
    for (size_t o = 0; o < c.outputs; o++) check_mean(one + o, rows, width, exact[o]);
    options.seed = 8;
    double *other = forward(&p, &options, 1, NULL);
    assert_true(memcmp(one, other, rows * width * sizeof *one) != 0);
    free(exact);
    free(one);
    free(three);
    free(other);
    problem_free(&p);
    qf_circuit_free(&c);
}

static void trajectories(void **state) {
    (void)state;
    check_chance("bit-flip:0.1,phase-flip:0.05,readout:0.02/0.1", QF_ENGINE_TRAJECTORIES, 0, 20);
    check_chance("depolarising:0.1", QF_ENGINE_TRAJECTORIES, 0, 20);
    check_chance("amplitude-damping:0.2,phase-damping:0.1", QF_ENGINE_TRAJECTORIES, 0, 20);
    check_chance("amplitude-damping:0.2,depolarising:0.02,readout:0.1", QF_ENGINE_TRAJECTORIES, 20,
                 800);
}

static void shots(void **state) {
    (void)state;
    check_chance("amplitude-damping:0.2,readout:0.02/0.1", QF_ENGINE_AUTO, 16, 4000);
    check_chance("none", QF_ENGINE_AUTO, 100, 4000);
    check_chance("none", QF_ENGINE_STATEVECTOR, 1000, 1000);
    check_chance("readout:0.2", QF_ENGINE_TRAJECTORIES, 50, 2000);
}

/* N shots of an observable whose square is 1 have the variance (1 - mean^2) / N, and strings that
 * share shots vary together. */
static void shot_variance(void **state) {
    (void)state;
    enum { ROWS = 20000, SHOTS = 64 };
    qf_error error;
    qf_circuit c;
    const qf_angle angle = qf_angle_constant(0.8);
    const size_t wires[] = {0, 1};
    assert_int_equal(qf_circuit_new(&c, 2, 1, 0, &error), QF_OK);
    qf_circuit_add(&c, QF_GATE_RY, wires, &angle, &error);
    qf_circuit_add(&c, QF_GATE_CNOT, wires, NULL, &error);
    assert_int_equal(qf_circuit_measure_text(&c, "z:0,1", &error), QF_OK);
    problem p = same_rows(&c, ROWS);
    const qf_layer_options options = {.shots = SHOTS};
    double *outputs = forward(&p, &options, 1, NULL);
    const sampled s = describe(outputs, ROWS, qf_pad(2));
    const double expected = sqrt((1 - pow(cos(0.8), 2)) / SHOTS);
    assert_true(fabs(s.deviation / expected - 1) < 4 / sqrt(2.0 * ROWS));
    for (size_t r = 0; r < ROWS; r++) { /* 00 or 11: always the same */
        assert_true(outputs[r * qf_pad(2)] == outputs[r * qf_pad(2) + 1]);
    }
    free(outputs);
    problem_free(&p);
    qf_circuit_free(&c);
}

/* Rows keep their chance in whatever company. */
static void keys(void **state) {
    (void)state;
    enum { ROWS = 9 };
    qf_circuit c;
    chance_circuit(3, &c);
    problem p = same_rows(&c, ROWS);
    const uint64_t forth[ROWS] = {1, 2, 3, 4, 5, 6, 7, 8, 9},
                   back[ROWS] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    const size_t width = qf_pad(c.outputs);
    for (size_t engine = 0; engine < 2; engine++) {
        const qf_layer_options options = {.shots = 40,
                                          .noise = noise_of("depolarising:0.1"),
                                          .engine =
                                              engine ? QF_ENGINE_TRAJECTORIES : QF_ENGINE_AUTO};
        double *a = forward(&p, &options, 1, forth), *b = forward(&p, &options, 1, back);
        for (size_t r = 0; r < ROWS; r++) {
            assert_memory_equal(a + r * width, b + (ROWS - 1 - r) * width, width * sizeof *a);
        }
        free(a);
        free(b);
    }
    problem_free(&p);
    qf_circuit_free(&c);
}

/* Parameter shift by shots is unbiased, for all kinds of angles. */
static void shot_gradients(void **state) {
    (void)state;
    enum { REPEATS = 400 };
    for (size_t trial = 0; trial < 3; trial++) {
        qf_error error;
        qf_random random = qf_random_stream(trial, "gradients", 0);
        qf_circuit c;
        assert_int_equal(qf_circuit_new(&c, 2, 2, 4, &error), QF_OK);
        for (size_t w = 0; w < 2; w++) {
            const qf_angle input = qf_angle_input(w);
            qf_circuit_add(&c, QF_GATE_RX, &w, &input, &error);
        }
        while (c.gate_count < 16) {
            random_gate(&random, &c, trial == 2);
            if (c.gates[c.gate_count - 1].kind != QF_GATE_CU) continue;
            c.angle_count -= 4;
            c.gate_count--;
        }
        random_strings(&random, 3, &c);
        problem p = problem_new(&c, 1, &random);
        qf_layer_options options = {.noise = noise_of("amplitude-damping:0.1,readout:0.05")};
        results exact = run_layer(&p, &options, 1);
        double *gradients = calloc(REPEATS * 6, sizeof *gradients);
        options.shots = 32;
        for (size_t i = 0; i < REPEATS; i++) {
            options.seed = i;
            results r = run_layer(&p, &options, 1);
            memcpy(gradients + i * 6, r.weight_gradients, 4 * sizeof *gradients);
            memcpy(gradients + i * 6 + 4, r.input_gradients, 2 * sizeof *gradients);
            results_free(&r);
        }
        for (size_t w = 0; w < 4; w++) {
            check_mean(gradients + w, REPEATS, 6, exact.weight_gradients[w]);
        }
        for (size_t i = 0; i < 2; i++) {
            check_mean(gradients + 4 + i, REPEATS, 6, exact.input_gradients[i]);
        }
        free(gradients);
        results_free(&exact);
        problem_free(&p);
        qf_circuit_free(&c);
    }
}

/* Counts against the binomial's chances: chi-square within 5 deviations of its mean. */
static void binomials(void **state) {
    (void)state;
    enum { DRAWS = 100000 };
    static const struct {
        uint64_t trials;
        double chance;
    } cases[] = {{1, 0.3},    {20, 0.1},      {30, 0.5},   {50, 0.9},
                 {200, 0.25}, {16384, 0.003}, {1000, 0.02}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const double n = (double)cases[i].trials, p = cases[i].chance;
        qf_random random = qf_random_stream(i, "binomial", 0);
        size_t *counts = calloc(cases[i].trials + 1, sizeof *counts);
        for (size_t k = 0; k < DRAWS; k++) {
            const uint64_t drawn = qf_random_binomial(&random, cases[i].trials, p);
            assert_true(drawn <= cases[i].trials);
            counts[drawn]++;
        }
        double square = 0, cells = -1;
        for (size_t cell = 0; cell <= cases[i].trials; cell++) {
            const double k = (double)cell;
            const double expected = DRAWS * exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) +
                                                k * log(p) + (n - k) * log1p(-p));
            if (expected < 5) continue;
            square += pow((double)counts[cell] - expected, 2) / expected;
            cells++;
        }
        assert_true(square < cells + 5 * sqrt(2 * cells) + 5);
        free(counts);
    }
    qf_random random = qf_random_stream(1, "binomial", 0);
    assert_int_equal(qf_random_binomial(&random, 100, 0), 0);
    assert_int_equal(qf_random_binomial(&random, 100, 1), 100);
    assert_int_equal(qf_random_binomial(&random, 0, 0.5), 0);
}

/* ---- Text, and what cannot be ---- */

static void refused(const char *text, const char *message) {
    qf_noise noise;
    qf_error error;
    assert_int_equal(qf_noise_parse(text, &noise, &error), QF_USAGE);
    assert_string_equal(error.message, message);
}

static void text(void **state) {
    (void)state;
    assert_true(qf_noise_is_none(&(qf_noise){0}));
    const qf_noise none = noise_of("none"), zero = noise_of("bit-flip:0,readout:0");
    assert_true(qf_noise_is_none(&none) && qf_noise_is_none(&zero));
    const qf_noise n =
        noise_of("amplitude-damping:0.1,bit-flip:1e-3,readout:0.01/0.03,readout@2:1");
    assert_int_equal(n.channel_count, 2);
    assert_int_equal(n.channels[0].kind, QF_AMPLITUDE_DAMPING);
    assert_true(n.channels[1].strength == 0.001 && n.misread[1][1] == 0.03 && n.misread[2][0] == 1);
    const qf_noise own = noise_of("readout@2:1,readout:0.25"), far = noise_of("readout@39:0.1");
    qf_error error;
    assert_true(own.misread[2][0] == 1 && own.misread[3][1] == 0.25);
    assert_int_equal(qf_noise_check(&own, 4, &error), QF_OK);
    assert_int_equal(qf_noise_check(&far, 4, &error), QF_USAGE);
    assert_string_equal(error.message, "noise of wire 39: the circuit has 4 wires");
    refused("", "expected NAME:STRENGTH, got \"\"");
    refused("bit-flip:0.1,", "expected NAME:STRENGTH, got \"\"");
    refused("bit-flip", "expected NAME:STRENGTH, got \"bit-flip\"");
    refused("bit-flip:1.5", "expected a number from 0 to 1, got \"1.5\"");
    refused("bit-flip:x", "expected a number from 0 to 1, got \"x\"");
    refused("bit-flip:0.1,bit-flip:0.1", "bit-flip stands twice");
    refused("readout:0.1/", "expected a number from 0 to 1, got \"\"");
    refused("readout@1:0.1,readout@1:0.2", "a readout stands twice");
    refused("readout:0.1,readout:0.1", "a readout stands twice");
    refused("readout@40:0.1", "expected a wire from 0 to 39, got \"40\"");
    refused("snow:0.1",
            "there is no noise \"snow\": expected bit-flip, phase-flip, depolarising, "
            "amplitude-damping, phase-damping or readout");
}

/* Kraus operators add up to 1, and do to the Bloch vector what the map says. */
static void kraus(void **state) {
    (void)state;
    for (qf_channel_kind kind = 0; kind < QF_CHANNELS; kind++) {
        const qf_noise noise = {.channel_count = 1, .channels = {{kind, 0.37}}};
        const qf_bloch_map map = qf_noise_map(&noise);
        double complex k[QF_KRAUS][4], paulis[4][4];
        const size_t count = qf_channel_kraus(&noise.channels[0], k);
        for (size_t i = 0; i < 4; i++) dense_pauli("IXYZ"[i], paulis[i]);
        for (size_t to = 0; to < 4; to++) {
            for (size_t from = 0; from < 4; from++) {
                double complex trace = 0; /* tr(P_to sum K P_from K') / 2 */
                for (size_t o = 0; o < count; o++) {
                    double complex a[4], b[4], d[4];
                    const double complex dagger[4] = {conj(k[o][0]), conj(k[o][2]), conj(k[o][1]),
                                                      conj(k[o][3])};
                    dense_multiply(k[o], paulis[from], a);
                    dense_multiply(a, dagger, b);
                    dense_multiply(paulis[to], b, d);
                    trace += (d[0] + d[3]) / 2;
                }
                const double diagonal = to == 0 ? 1 : map.scale[to - 1];
                const double expected = to == from             ? diagonal
                                        : to == 3 && from == 0 ? map.shift
                                                               : 0;
                assert_true(cabs(trace - expected) < 1e-14);
            }
        }
    }
}

static void cannot_be(void **state) {
    (void)state;
    qf_error error;
    qf_circuit c;
    qf_quantum_layer *layer;
    const qf_recipe recipe = {.ansatz = "strong", .wires = 9};
    assert_int_equal(qf_builtin_build(&recipe, &c, &error), QF_OK);
    qf_layer_options options = {.noise = noise_of("bit-flip:0.1"), .engine = QF_ENGINE_STATEVECTOR};
    assert_int_equal(qf_quantum_layer_new(&c, &options, &layer, &error), QF_MISMATCH);
    assert_string_equal(error.message,
                        "the engine statevector knows no noise: density and trajectories do");
    options.engine = QF_ENGINE_DENSITY;
    options.memory_limit = 1000000;
    assert_int_equal(qf_quantum_layer_new(&c, &options, &layer, &error), QF_MEMORY);
    options.engine = QF_ENGINE_AUTO;
    options.memory_limit = 0;
    assert_int_equal(qf_quantum_layer_new(&c, &options, &layer, &error), QF_OK);
    assert_int_equal(qf_quantum_layer_engine(layer), QF_ENGINE_TRAJECTORIES);
    qf_quantum_layer_free(layer);
    options.noise = noise_of("readout@9:0.1");
    assert_int_equal(qf_quantum_layer_new(&c, &options, &layer, &error), QF_USAGE);
    assert_string_equal(error.message, "noise of wire 9: the circuit has 9 wires");
    /* The last wire that there can be is not all of them. */
    options.noise = noise_of("readout:0.1,readout@39:0.2");
    assert_int_equal(qf_quantum_layer_new(&c, &options, &layer, &error), QF_USAGE);
    assert_string_equal(error.message, "noise of wire 39: the circuit has 9 wires");
    qf_circuit_free(&c);
}

/* Where an angle is no number, there are no chances to draw from. */
static void outside_the_domain(void **state) {
    (void)state;
    static const qf_engine engines[] = {QF_ENGINE_STATEVECTOR, QF_ENGINE_DENSITY,
                                        QF_ENGINE_TRAJECTORIES};
    qf_error error;
    qf_circuit c;
    size_t term;
    const qf_run run = {.threads = 1, .simd = qf_simd_best()};
    double inputs[64] = {1}, outputs[64];
    inputs[qf_pad(1)] = -1;
    qf_circuit_new(&c, 1, 1, 0, &error);
    qf_circuit_add_term(&c, (qf_term){.operation = QF_TERM_INPUT}, &term, &error);
    qf_circuit_add_term(&c, (qf_term){.operation = QF_TERM_LOG, .left = term}, &term, &error);
    const qf_angle angle = qf_angle_term(term, 1);
    qf_circuit_add(&c, QF_GATE_RX, &(size_t){0}, &angle, &error);
    qf_circuit_measure_z(&c, 0, &error);
    for (size_t i = 0; i < sizeof engines / sizeof *engines; i++) {
        qf_layer_options options = {.engine = engines[i], .shots = 10, .simd = run.simd};
        qf_quantum_layer *layer;
        assert_int_equal(qf_quantum_layer_new(&c, &options, &layer, &error), QF_OK);
        assert_int_equal(qf_quantum_layer_forward(layer, NULL, inputs, 1, outputs, &run, &error),
                         QF_OK);
        assert_int_equal(qf_quantum_layer_forward(layer, NULL, inputs, 2, outputs, &run, &error),
                         QF_DATA);
        assert_string_equal(error.message, "row 1: an angle is not a finite number");
        qf_quantum_layer_free(layer);
    }
    qf_circuit_free(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oracle),
        cmocka_unit_test(density_without_noise),
        cmocka_unit_test(noisy_amplitudes),
        cmocka_unit_test(features),
        cmocka_unit_test(trajectories),
        cmocka_unit_test(shots),
        cmocka_unit_test(shot_variance),
        cmocka_unit_test(keys),
        cmocka_unit_test(shot_gradients),
        cmocka_unit_test(binomials),
        cmocka_unit_test(text),
        cmocka_unit_test(kraus),
        cmocka_unit_test(outside_the_domain),
        cmocka_unit_test(cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
