#include "quantum/shots.h"

#include "base/memory.h"
#include "base/pad.h"
#include "quantum/shift.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A group's circuit, which measures all products of its letters, and the layer that runs it. */
typedef struct inner {
    qf_circuit circuit;
    qf_quantum_layer *layer;
} inner;

struct qf_shots {
    const qf_circuit *circuit;
    qf_layer_options options; /* of the inner layers */
    size_t shots;
    qf_groups groups;
    inner *exact;   /* [groups] */
    inner *shifted; /* [groups] with the shifts as further weights; made by the first backward */
    qf_shifts shifts;
};

/* ---- Inner layers ---- */

static void inner_free(inner *layers, size_t count) {
    for (size_t g = 0; layers && g < count; g++) {
        qf_quantum_layer_free(layers[g].layer);
        qf_circuit_free(&layers[g].circuit);
    }
    free(layers);
}

/* The product of the group's letters whose bit is set, the first wire's the highest. */
static qf_status measure_product(const qf_group *group, size_t chosen, qf_circuit *circuit,
                                 qf_error *error) {
    char string[QF_MAX_WIRES + 1] = {0};
    memset(string, 'I', circuit->wires);
    for (size_t i = 0; i < group->wire_count; i++) {
        const size_t wire = group->wires[i];
        const bool x = group->x >> wire & 1, z = group->z >> wire & 1;
        if (chosen >> (group->wire_count - 1 - i) & 1) string[wire] = x ? z ? 'Y' : 'X' : 'Z';
    }
    return qf_circuit_measure_pauli(circuit, string, error);
}

/* `from` is the circuit, or the one with shifts. */
static qf_status inner_new(const qf_shots *e, const qf_circuit *from, inner **layers,
                           qf_error *error) {
    *layers = qf_new_array(e->groups.count, sizeof **layers, error);
    if (!*layers) return QF_MEMORY;
    for (size_t g = 0; g < e->groups.count; g++) {
        const qf_group *group = &e->groups.items[g];
        qf_circuit *c = &(*layers)[g].circuit;
        QF_TRY(qf_shift_copy(from, c, error));
        for (size_t chosen = 1; chosen < (size_t)1 << group->wire_count; chosen++) {
            QF_TRY(measure_product(group, chosen, c, error));
        }
        QF_TRY(qf_quantum_layer_new(c, &e->options, &(*layers)[g].layer, error));
    }
    return QF_OK;
}

static qf_status prepare(qf_shots *e, qf_error *error) {
    QF_TRY(qf_groups_make(e->circuit, &e->groups, error));
    for (size_t g = 0; g < e->groups.count; g++) {
        if (e->groups.items[g].wire_count <= QF_SHOTS_WIRES) continue;
        return qf_fail(error, QF_MISMATCH, "shots of more than %d wires need trajectories",
                       QF_SHOTS_WIRES);
    }
    return inner_new(e, e->circuit, &e->exact, error);
}

qf_status qf_shots_new(const qf_circuit *circuit, const qf_layer_options *options,
                       qf_shots **engine, qf_error *error) {
    *engine = qf_new_array(1, sizeof **engine, error);
    if (!*engine) return QF_MEMORY;
    (*engine)->circuit = circuit;
    (*engine)->options = *options;
    (*engine)->options.shots = 0;
    (*engine)->shots = options->shots;
    const qf_status status = prepare(*engine, error);
    if (status != QF_OK) {
        qf_shots_free(*engine);
        *engine = NULL;
    }
    return status;
}

void qf_shots_free(qf_shots *engine) {
    if (!engine) return;
    inner_free(engine->exact, engine->groups.count);
    inner_free(engine->shifted, engine->groups.count);
    qf_shifts_free(&engine->shifts);
    qf_groups_free(&engine->groups);
    free(engine);
}

qf_engine qf_shots_engine(const qf_shots *engine) {
    return qf_quantum_layer_engine(engine->exact[0].layer);
}

/* ---- Estimates ---- */

/* A batch whose outputs are estimated, by inner layers, with weights; `salt` tells the estimates of
 * a row apart. */
typedef struct estimate {
    const qf_shots *e;
    const inner *layers;
    const double *weights, *inputs;
    size_t batch;
    const uint64_t *keys;
    uint64_t salt;
} estimate;

/* From expectation values of all products but the empty one to chances. */
static void find_chances(size_t wires, const double *products, double *chances) {
    const size_t outcomes = (size_t)1 << wires;
    chances[0] = 1.0 / (double)outcomes;
    for (size_t k = 1; k < outcomes; k++) chances[k] = products[k - 1] / (double)outcomes;
    for (size_t bit = 1; bit < outcomes; bit *= 2) {
        for (size_t k = 0; k < outcomes; k++) {
            if (k & bit) continue;
            const double even = chances[k], odd = chances[k | bit];
            chances[k] = even + odd;
            chances[k | bit] = even - odd;
        }
    }
}

static qf_status estimate_group(const estimate *at, size_t g, double *outputs, const qf_run *run,
                                qf_error *error) {
    const qf_shots *e = at->e;
    const size_t wires = e->groups.items[g].wire_count, width = qf_pad(((size_t)1 << wires) - 1);
    double chances[1 << QF_SHOTS_WIRES], sums[2 << QF_SHOTS_WIRES];
    double *products = qf_new_lines(at->batch * width * sizeof *products, error);
    if (!products) return QF_MEMORY;
    qf_status status = qf_quantum_layer_forward(at->layers[g].layer, at->weights, at->inputs,
                                                at->batch, products, run, error);
    for (size_t r = 0; status == QF_OK && r < at->batch; r++) {
        qf_random random = qf_random_stream(
            e->options.seed, "shots", qf_random_mix(at->keys[r], at->salt * e->groups.count + g));
        find_chances(wires, products + r * width, chances);
        if (!isfinite(chances[0])) { /* the sum of all */
            status = qf_fail(error, QF_DATA, "row %zu: an angle is not a finite number", r);
            break;
        }
        qf_group_draw(wires, e->shots, &random, chances, sums);
        qf_group_outputs(e->circuit, &e->groups, g, chances,
                         outputs + r * qf_pad(e->circuit->outputs));
    }
    free(products);
    return status;
}

static qf_status estimate_all(const estimate *at, double *outputs, const qf_run *run,
                              qf_error *error) {
    memset(outputs, 0, at->batch * qf_pad(at->e->circuit->outputs) * sizeof *outputs);
    for (size_t g = 0; g < at->e->groups.count; g++) {
        QF_TRY(estimate_group(at, g, outputs, run, error));
    }
    return QF_OK;
}

qf_status qf_shots_forward(qf_shots *engine, const double *weights, const double *inputs,
                           size_t batch, const uint64_t *keys, double *outputs, const qf_run *run,
                           qf_error *error) {
    const estimate at = {engine, engine->exact, weights, inputs, batch, keys, 0};
    return estimate_all(&at, outputs, run, error);
}

/* ---- Gradients ---- */

/* Adds to slopes[batch][angles] what one shift contributes: factor times the shifted outputs times
 * the gradients by them. */
static qf_status add_shift(estimate *at, size_t number, const double *output_gradients,
                           double *weights, double *outputs, double *slopes, const qf_run *run,
                           qf_error *error) {
    const qf_circuit *c = at->e->circuit;
    const qf_shift *shift = &at->e->shifts.items[number];
    const size_t width = qf_pad(c->outputs);
    double *own = weights + c->weights + shift->weight;
    *own = shift->by;
    at->salt = number + 1;
    const qf_status status = estimate_all(at, outputs, run, error);
    *own = 0;
    for (size_t r = 0; status == QF_OK && r < at->batch; r++) {
        double sum = 0;
        for (size_t o = 0; o < c->outputs; o++) {
            sum += output_gradients[r * width + o] * outputs[r * width + o];
        }
        slopes[r * qf_circuit_values(c) + shift->angle] += shift->factor * sum;
    }
    return status;
}

/* From the slopes of angles to those of inputs and weights. */
static qf_status chain(const estimate *at, double *slopes, double *input_gradients,
                       double *weight_gradients, qf_error *error) {
    const qf_circuit *c = at->e->circuit;
    const size_t count = qf_circuit_values(c), width = qf_pad(c->inputs);
    double *values = qf_new_array(count, sizeof *values, error);
    if (!values) return QF_MEMORY;
    if (input_gradients) memset(input_gradients, 0, at->batch * width * sizeof *input_gradients);
    if (weight_gradients) memset(weight_gradients, 0, c->weights * sizeof *weight_gradients);
    for (size_t r = 0; r < at->batch; r++) {
        qf_circuit_evaluate(c, at->inputs + r * width, at->weights, values);
        qf_circuit_backward(c, values, slopes + r * count,
                            input_gradients ? input_gradients + r * width : NULL, weight_gradients);
    }
    free(values);
    return QF_OK;
}

static qf_status make_shifted(qf_shots *e, qf_error *error) {
    qf_circuit shifted = {0};
    if (e->shifted) return QF_OK;
    qf_status status = qf_shifts_make(e->circuit, &shifted, &e->shifts, error);
    if (status == QF_OK) status = inner_new(e, &shifted, &e->shifted, error);
    qf_circuit_free(&shifted);
    if (status != QF_OK) {
        inner_free(e->shifted, e->groups.count);
        e->shifted = NULL;
    }
    return status;
}

qf_status qf_shots_backward(qf_shots *engine, const double *weights, const double *inputs,
                            size_t batch, const uint64_t *keys, const double *output_gradients,
                            double *input_gradients, double *weight_gradients, const qf_run *run,
                            qf_error *error) {
    const qf_circuit *c = engine->circuit;
    QF_TRY(make_shifted(engine, error));
    estimate at = {engine, engine->shifted, NULL, inputs, batch, keys, 0};
    double *all = qf_new_array(c->weights + engine->shifts.weights, sizeof *all, error);
    double *outputs = qf_new_lines(batch * qf_pad(c->outputs) * sizeof *outputs, error);
    double *slopes = qf_new_array(batch * qf_circuit_values(c), sizeof *slopes, error);
    qf_status status = all && outputs && slopes ? QF_OK : QF_MEMORY;
    if (status == QF_OK) {
        memcpy(all, weights, c->weights * sizeof *all);
        at.weights = all;
    }
    for (size_t i = 0; status == QF_OK && i < engine->shifts.count; i++) {
        status = add_shift(&at, i, output_gradients, all, outputs, slopes, run, error);
    }
    if (status == QF_OK) status = chain(&at, slopes, input_gradients, weight_gradients, error);
    free(all);
    free(outputs);
    free(slopes);
    return status;
}
