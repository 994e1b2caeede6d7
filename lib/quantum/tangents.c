/* Derivatives of a circuit's state: see diagnose.h. */
#include "base/memory.h"
#include "quantum/diagnose.h"
#include "quantum/lower.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct simulation {
    const qf_circuit *circuit;
    const double *values; /* of qf_circuit_evaluate */
    const double *slopes; /* [angle_count][weights] of angles by weights */
    qf_steps steps;
    double complex *states; /* [steps + 1][2^wires], before each step and at the end */
    double *tangents;       /* [weights][2 * 2^wires] */
} simulation;

static void apply_matrix(double complex *state, size_t wires, size_t wire,
                         const double complex *m) {
    const size_t states = (size_t)1 << wires, bit = states >> (wire + 1);
    for (size_t i = 0; i < states; i++) {
        if (i & bit) continue;
        const double complex a = state[i], b = state[i | bit];
        state[i] = m[0] * a + m[1] * b;
        state[i | bit] = m[2] * a + m[3] * b;
    }
}

/* Exchanges amplitudes whose bits of `first` and `second` say so: of a CNOT the target's where the
 * control is 1, of a SWAP both where they differ. */
static void exchange(double complex *state, size_t wires, const qf_step *step) {
    const size_t states = (size_t)1 << wires, own = states >> (step->wire + 1),
                 other = states >> (step->control + 1);
    for (size_t i = 0; i < states; i++) {
        if (!(i & other) || (i & own)) continue;
        const size_t partner = step->kind == QF_STEP_CNOT ? i | own : (i | own) & ~other;
        const double complex kept = state[i];
        state[i] = state[partner];
        state[partner] = kept;
    }
}

static void apply_step(const simulation *s, const qf_step *step, double complex *state) {
    static const qf_gate_kind turns[] = {QF_GATE_RX, QF_GATE_RY, QF_GATE_RZ};
    double complex matrix[QF_GATE_STATES * QF_GATE_STATES];
    double angles[QF_GATE_ANGLES] = {step->offset};
    if (step->kind == QF_STEP_CNOT || step->kind == QF_STEP_SWAP) {
        exchange(state, s->circuit->wires, step);
        return;
    }
    if (step->slot != QF_NO_SLOT) angles[0] += step->scale * s->values[step->slot];
    qf_gate_matrix(step->kind == QF_STEP_TURN ? turns[step->axis] : step->gate, angles, matrix);
    apply_matrix(state, s->circuit->wires, step->wire, matrix);
}

/* The derivative by one step's angle, carried to the end and added to each weight's tangent. */
static void add_derivative(simulation *s, size_t index, double complex *state) {
    static const qf_gate_kind axes[] = {QF_GATE_X, QF_GATE_Y, QF_GATE_Z};
    const qf_step *step = &s->steps.items[index];
    const size_t states = (size_t)1 << s->circuit->wires, weights = s->circuit->weights;
    const double *slopes = s->slopes + step->slot * weights, none[QF_GATE_ANGLES] = {0};
    double complex matrix[QF_GATE_STATES * QF_GATE_STATES];
    memcpy(state, s->states + (index + 1) * states, states * sizeof *state);
    qf_gate_matrix(axes[step->axis], none, matrix);
    apply_matrix(state, s->circuit->wires, step->wire, matrix);
    for (size_t i = index + 1; i < s->steps.count; i++) {
        apply_step(s, &s->steps.items[i], state);
    }
    for (size_t w = 0; w < weights; w++) {
        double *tangent = s->tangents + w * 2 * states;
        const double factor = step->scale * slopes[w] / 2; /* of -i state */
        for (size_t k = 0; factor != 0 && k < states; k++) {
            tangent[2 * k] += factor * cimag(state[k]);
            tangent[2 * k + 1] -= factor * creal(state[k]);
        }
    }
}

/* Takes the part along the final state away. */
static void project(const simulation *s, double *tangent) {
    const size_t states = (size_t)1 << s->circuit->wires;
    const double complex *state = s->states + s->steps.count * states;
    double complex product = 0;
    for (size_t k = 0; k < states; k++) {
        product += conj(state[k]) * (tangent[2 * k] + I * tangent[2 * k + 1]);
    }
    for (size_t k = 0; k < states; k++) {
        tangent[2 * k] -= creal(product * state[k]);
        tangent[2 * k + 1] -= cimag(product * state[k]);
    }
}

static qf_status start(const simulation *s, const double *inputs, qf_error *error) {
    double length = 0;
    s->states[0] = 1;
    if (s->circuit->start == QF_START_ZERO) return QF_OK;
    for (size_t i = 0; i < s->circuit->inputs; i++) length += inputs[i] * inputs[i];
    if (!(length > 0)) return qf_fail(error, QF_DATA, "amplitudes are all zero");
    for (size_t i = 0; i < s->circuit->inputs; i++) s->states[i] = inputs[i] / sqrt(length);
    return QF_OK;
}

static bool has_slope(const simulation *s, const qf_step *step) {
    if (step->kind != QF_STEP_TURN || step->slot == QF_NO_SLOT) return false;
    for (size_t w = 0; w < s->circuit->weights; w++) {
        if (s->slopes[step->slot * s->circuit->weights + w] != 0) return true;
    }
    return false;
}

static qf_status simulate(simulation *s, const double *inputs, qf_error *error) {
    const size_t states = (size_t)1 << s->circuit->wires;
    QF_TRY(qf_circuit_lower(s->circuit, &s->steps, error));
    s->states = qf_new_array(s->steps.count + 2, states * sizeof *s->states, error);
    if (!s->states) return QF_MEMORY;
    QF_TRY(start(s, inputs, error));
    for (size_t i = 0; i < s->steps.count; i++) {
        double complex *next = s->states + (i + 1) * states;
        memcpy(next, next - states, states * sizeof *next);
        apply_step(s, &s->steps.items[i], next);
    }
    double complex *work = s->states + (s->steps.count + 1) * states;
    for (size_t i = 0; i < s->steps.count; i++) {
        if (has_slope(s, &s->steps.items[i])) add_derivative(s, i, work);
    }
    for (size_t w = 0; w < s->circuit->weights; w++) project(s, s->tangents + w * 2 * states);
    return QF_OK;
}

/* The slopes of all angles by all weights, from the chain rule one angle at a time. */
static void find_slopes(const qf_circuit *c, const double *values, double *gradients,
                        double *slopes) {
    for (size_t angle = 0; angle < c->angle_count; angle++) {
        memset(gradients, 0, qf_circuit_values(c) * sizeof *gradients);
        gradients[angle] = 1;
        qf_circuit_backward(c, values, gradients, NULL, slopes + angle * c->weights);
    }
}

qf_status qf_state_tangents(const qf_circuit *c, const double *inputs, const double *weights,
                            double *tangents, qf_error *error) {
    if (c->wires > QF_FISHER_WIRES) {
        return qf_fail(error, QF_USAGE, "the quantum Fisher information of %zu wires: %d at most",
                       c->wires, QF_FISHER_WIRES);
    }
    const size_t count = qf_circuit_values(c);
    double *values = qf_new_array(count, 2 * sizeof *values, error);
    double *slopes = qf_new_array(c->angle_count, c->weights * sizeof *slopes, error);
    qf_status status = values && slopes ? QF_OK : QF_MEMORY;
    simulation s = {.circuit = c, .values = values, .slopes = slopes, .tangents = tangents};
    memset(tangents, 0, c->weights * sizeof *tangents * 2 << c->wires);
    if (status == QF_OK) {
        qf_circuit_evaluate(c, inputs, weights, values);
        find_slopes(c, values, values + count, slopes);
        status = simulate(&s, inputs, error);
    }
    free(s.steps.items);
    free(s.states);
    free(values);
    free(slopes);
    return status;
}
