/* Expressibility and entanglement: see diagnose.h. */
#include "base/memory.h"
#include "quantum/diagnose.h"
#include "quantum/point.h"

#include <math.h>
#include <stdlib.h>

enum { CHUNK = 50 }; /* pairs a task, which share an engine */

typedef struct sample {
    const qf_circuit *circuit;
    uint64_t seed;
    qf_simd simd;
    size_t pairs;
    double *fidelities;    /* [pairs] */
    double *entanglements; /* [2 * pairs] */
} sample;

double qf_meyer_wallach(const double complex *amplitudes, size_t wires) {
    const size_t states = (size_t)1 << wires;
    double purities = 0;
    for (size_t wire = 0; wire < wires; wire++) {
        const size_t bit = states >> (wire + 1);
        double zero = 0, one = 0;
        double complex cross = 0;
        for (size_t i = 0; i < states; i++) {
            if (i & bit) continue;
            const double complex a = amplitudes[i], b = amplitudes[i | bit];
            zero += creal(a) * creal(a) + cimag(a) * cimag(a);
            one += creal(b) * creal(b) + cimag(b) * cimag(b);
            cross += a * conj(b);
        }
        purities += zero * zero + one * one +
                    2 * (creal(cross) * creal(cross) + cimag(cross) * cimag(cross));
    }
    return 2 * (1 - purities / (double)wires);
}

/* The logarithm of the chance that two Haar-random states have a fidelity in low .. high, which is
 * (1 - low)^m - (1 - high)^m for m = 2^wires - 1. */
static double log_haar(double low, double high, size_t wires) {
    const double power = (double)(((size_t)1 << wires) - 1), start = log1p(-low);
    return power * start + log1p(-exp(power * (log1p(-high) - start)));
}

double qf_haar_divergence(const double *fidelities, size_t count, size_t wires) {
    size_t filled[QF_FIDELITY_BINS] = {0};
    for (size_t i = 0; i < count; i++) {
        const double place = fmin(fmax(fidelities[i], 0) * QF_FIDELITY_BINS, QF_FIDELITY_BINS - 1);
        filled[(size_t)place]++;
    }
    double divergence = 0;
    for (size_t bin = 0; bin < QF_FIDELITY_BINS; bin++) {
        if (filled[bin] == 0) continue;
        const double share = (double)filled[bin] / (double)count, width = 1.0 / QF_FIDELITY_BINS;
        const double high = bin + 1 == QF_FIDELITY_BINS ? 1 : (double)(bin + 1) * width;
        divergence += share * (log(share) - log_haar((double)bin * width, high, wires));
    }
    return divergence;
}

static double fidelity(const double complex *a, const double complex *b, size_t states) {
    double complex product = 0;
    for (size_t i = 0; i < states; i++) product += conj(a[i]) * b[i];
    return creal(product) * creal(product) + cimag(product) * cimag(product);
}

static qf_status draw_state(const sample *s, qf_statevector *engine, qf_random *random,
                            qf_point *point, double complex *state, qf_error *error) {
    const qf_run run = {.threads = 1, .simd = s->simd};
    const bool fixed = s->circuit->weights > 0;
    qf_point_draw(s->circuit, random, !fixed, point);
    if (fixed && s->circuit->start == QF_START_AMPLITUDES) point->inputs[0] = 1;
    QF_TRY(qf_statevector_state(engine, point->weights, point->inputs, state, &run, error));
    double length = 0;
    for (size_t i = 0; i >> s->circuit->wires == 0; i++) length += cabs(state[i]);
    if (isfinite(length)) return QF_OK;
    return qf_fail(error, QF_DATA, "at random weights an angle is not a finite number");
}

static qf_status draw_pairs(const sample *s, size_t first, qf_statevector *engine, qf_point *point,
                            double complex *states, qf_error *error) {
    const size_t wires = s->circuit->wires, size = (size_t)1 << wires;
    for (size_t i = first; i < first + CHUNK && i < s->pairs; i++) {
        qf_random random = qf_random_stream(s->seed, "states", i);
        for (size_t k = 0; k < 2; k++) {
            QF_TRY(draw_state(s, engine, &random, point, states + k * size, error));
            s->entanglements[2 * i + k] = qf_meyer_wallach(states + k * size, wires);
        }
        s->fidelities[i] = fidelity(states, states + size, size);
    }
    return QF_OK;
}

static qf_status draw_chunk(void *context, size_t index, qf_error *error) {
    const sample *s = context;
    qf_statevector *engine = NULL;
    qf_point point;
    double complex *states = qf_new_array((size_t)2 << s->circuit->wires, sizeof *states, error);
    if (!states) return QF_MEMORY;
    qf_status status = qf_point_new(s->circuit, &point, error);
    if (status == QF_OK) {
        status = qf_statevector_new(s->circuit, QF_DOUBLE, s->simd, 0, &engine, error);
    }
    if (status == QF_OK) status = draw_pairs(s, index * CHUNK, engine, &point, states, error);
    qf_statevector_free(engine);
    qf_point_free(&point);
    free(states);
    return status;
}

static void summarise(const sample *s, qf_state_spread *spread) {
    const double count = 2 * (double)s->pairs;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < 2 * s->pairs; i++) sum += s->entanglements[i];
    for (size_t i = 0; i < 2 * s->pairs; i++) {
        const double distance = s->entanglements[i] - sum / count;
        squares += distance * distance;
    }
    spread->entanglement = sum / count;
    spread->entanglement_error = sqrt(squares / (count - 1) / count);
    spread->expressibility = qf_haar_divergence(s->fidelities, s->pairs, s->circuit->wires);
}

qf_status qf_diagnose_states(const qf_circuit *circuit, size_t pairs, uint64_t seed,
                             const qf_run *run, qf_state_spread *spread, qf_error *error) {
    double *values = qf_new_array(pairs, 3 * sizeof *values, error);
    if (!values) return QF_MEMORY;
    sample s = {circuit, seed, run->simd, pairs, values, values + pairs};
    const qf_status status =
        qf_parallel_progress(run, "states", (pairs + CHUNK - 1) / CHUNK, draw_chunk, &s, error);
    if (status == QF_OK) summarise(&s, spread);
    free(values);
    return status;
}
