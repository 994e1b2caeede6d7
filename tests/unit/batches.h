/* Batches through a quantum engine and through the slow reference, for tests. */
#ifndef QF_TESTS_BATCHES_H
#define QF_TESTS_BATCHES_H

#include "base/pad.h"
#include "base/random.h"
#include "base/run.h"
#include "quantum/sweep.h"

#include "dense.h"

/* What is made of a batch; rows padded. */
typedef struct results {
    size_t batch;
    double *outputs, *input_gradients, *weight_gradients;
} results;

static results results_new(const qf_circuit *c, size_t batch) {
    return (results){batch, calloc(batch * qf_pad(c->outputs) + 1, sizeof(double)),
                     calloc(batch * qf_pad(c->inputs) + 1, sizeof(double)),
                     calloc(c->weights + 1, sizeof(double))};
}

static void results_free(results *r) {
    free(r->outputs);
    free(r->input_gradients);
    free(r->weight_gradients);
}

/* Random numbers to go in. */
typedef struct problem {
    const qf_circuit *circuit;
    size_t batch;
    double *weights, *inputs, *output_gradients;
} problem;

static double *random_numbers(qf_random *random, size_t count, double scale) {
    double *numbers = malloc((count + 1) * sizeof *numbers);
    for (size_t i = 0; i < count; i++) numbers[i] = scale * qf_random_normal(random);
    return numbers;
}

static problem problem_new(const qf_circuit *c, size_t batch, qf_random *random) {
    return (problem){c, batch, random_numbers(random, c->weights, 2),
                     random_numbers(random, batch * qf_pad(c->inputs), 2),
                     random_numbers(random, batch * qf_pad(c->outputs), 1)};
}

static void problem_free(problem *p) {
    free(p->weights);
    free(p->inputs);
    free(p->output_gradients);
}

static results run_reference(const problem *p) {
    const qf_circuit *c = p->circuit;
    results r = results_new(c, p->batch);
    for (size_t i = 0; i < p->batch; i++) {
        const double *x = p->inputs + i * qf_pad(c->inputs);
        const double *g = p->output_gradients + i * qf_pad(c->outputs);
        dense_outputs(c, x, p->weights, r.outputs + i * qf_pad(c->outputs));
        dense_gradients(c, x, p->weights, g, r.input_gradients + i * qf_pad(c->inputs),
                        r.weight_gradients);
    }
    return r;
}

static double farthest(const double *a, const double *b, size_t count) {
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        const double difference = fabs(a[i] - b[i]);
        if (!(difference <= most)) most = difference;
    }
    return most;
}

/* The largest difference of two results, padding included. */
static double difference(const qf_circuit *c, const results *a, const results *b) {
    const double outputs = farthest(a->outputs, b->outputs, a->batch * qf_pad(c->outputs));
    const double inputs =
        farthest(a->input_gradients, b->input_gradients, a->batch * qf_pad(c->inputs));
    const double weights = farthest(a->weight_gradients, b->weight_gradients, c->weights);
    if (isnan(outputs) || isnan(inputs) || isnan(weights)) return NAN;
    return fmax(outputs, fmax(inputs, weights));
}

/* An engine against the reference, in both precisions and at every SIMD level; any number of
 * threads gives the same bytes. */
typedef results run_of_engine(const problem *p, qf_precision precision, qf_simd simd,
                              size_t threads);
static inline void check_engine(const problem *p, run_of_engine *run) {
    const qf_circuit *c = p->circuit;
    results expected = run_reference(p);
    for (qf_simd simd = QF_SIMD_PORTABLE; simd <= qf_simd_best(); simd++) {
        results exact = run(p, QF_DOUBLE, simd, 1);
        assert_true(difference(c, &exact, &expected) <= 1e-11);
        results threads = run(p, QF_DOUBLE, simd, 3);
        assert_true(difference(c, &threads, &exact) == 0);
        results single = run(p, QF_SINGLE, simd, 1);
        assert_true(difference(c, &single, &expected) <= 2e-3);
        results_free(&exact);
        results_free(&threads);
        results_free(&single);
    }
    results_free(&expected);
}

#endif
