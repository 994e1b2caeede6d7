/* A slow reference for quantum circuits, with nothing in common with the engines: every gate's
 * matrix built from Pauli matrices by definition, applied amplitude by amplitude, and gradients by
 * parameter shift (Mitarai et al. 2018; four terms for controlled turns: Anselmetti et al. 2021).
 */
#ifndef QF_TESTS_DENSE_H
#define QF_TESTS_DENSE_H

#include "quantum/circuit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double dense_pi = 3.14159265358979323846;

typedef double complex dense_matrix[64];

static void dense_pauli(char letter, double complex m[4]) {
    static const double complex all[4][4] = {
        {1, 0, 0, 1}, {0, 1, 1, 0}, {0, -I, I, 0}, {1, 0, 0, -1}};
    memcpy(m, all[strchr("IXYZ", letter) - "IXYZ"], 4 * sizeof *m);
}

/* exp(-i angle/2 P) for a string of one or two letters. */
static void dense_turn(const char *letters, double angle, double complex *m) {
    double complex a[4], b[4];
    const size_t rows = letters[1] ? 4 : 2;
    dense_pauli(letters[0], a);
    if (letters[1]) dense_pauli(letters[1], b);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < rows; j++) {
            const double complex p =
                rows == 2 ? a[i * 2 + j] : a[i / 2 * 2 + j / 2] * b[i % 2 * 2 + j % 2];
            m[i * rows + j] = (i == j) * cos(angle / 2) - I * sin(angle / 2) * p;
        }
    }
}

static void dense_multiply(const double complex a[4], const double complex b[4],
                           double complex m[4]) {
    for (size_t i = 0; i < 4; i++) m[i] = a[i / 2 * 2] * b[i % 2] + a[i / 2 * 2 + 1] * b[2 + i % 2];
}

/* |0...0><0...0| 1 + ... + |1...1><1...1| m */
static void dense_control(size_t controls, size_t inner, const double complex *m,
                          double complex *result) {
    const size_t rows = inner << controls, first = rows - inner;
    for (size_t i = 0; i < rows * rows; i++) result[i] = i / rows == i % rows;
    for (size_t i = 0; i < inner * inner; i++) {
        result[(first + i / inner) * rows + first + i % inner] = m[i];
    }
}

static void dense_gate(qf_gate_kind kind, const double *angles, double complex *m) {
    const double root = sqrt(0.5);
    const double complex h[4] = {root, root, root, -root};
    const double complex swap[16] = {1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1};
    const double complex phase[4] = {1, 0, 0, cexp(I * angles[0])};
    const double complex left[4] = {1, 0, 0, cexp(I * angles[1])};
    const double complex right[4] = {1, 0, 0, cexp(I * angles[2])};
    double complex a[16], b[16], s[4] = {1, 0, 0, I}, t[4] = {1, 0, 0, cexp(I * dense_pi / 4)};
    switch (kind) {
    case QF_GATE_I:
        dense_pauli('I', m);
        break;
    case QF_GATE_H:
        memcpy(m, h, sizeof h);
        break;
    case QF_GATE_X:
        dense_pauli('X', m);
        break;
    case QF_GATE_Y:
        dense_pauli('Y', m);
        break;
    case QF_GATE_Z:
        dense_pauli('Z', m);
        break;
    case QF_GATE_S:
    case QF_GATE_SDG:
        if (kind == QF_GATE_SDG) s[3] = -I;
        memcpy(m, s, sizeof s);
        break;
    case QF_GATE_T:
    case QF_GATE_TDG:
        if (kind == QF_GATE_TDG) t[3] = conj(t[3]);
        memcpy(m, t, sizeof t);
        break;
    case QF_GATE_SX:
    case QF_GATE_SXDG:
        if (kind == QF_GATE_SXDG) s[3] = -I;
        dense_multiply(h, s, a);
        dense_multiply(a, h, m);
        break;
    case QF_GATE_RX:
        dense_turn("X", angles[0], m);
        break;
    case QF_GATE_RY:
        dense_turn("Y", angles[0], m);
        break;
    case QF_GATE_RZ:
        dense_turn("Z", angles[0], m);
        break;
    case QF_GATE_P:
        memcpy(m, phase, sizeof phase);
        break;
    case QF_GATE_U:
        dense_turn("Y", angles[0], a);
        dense_multiply(left, a, b);
        dense_multiply(b, right, m);
        break;
    case QF_GATE_SWAP:
        memcpy(m, swap, sizeof swap);
        break;
    case QF_GATE_RXX:
        dense_turn("XX", angles[0], m);
        break;
    case QF_GATE_RYY:
        dense_turn("YY", angles[0], m);
        break;
    case QF_GATE_RZZ:
        dense_turn("ZZ", angles[0], m);
        break;
    case QF_GATE_CSWAP:
        dense_control(1, 4, swap, m);
        break;
    case QF_GATE_CCX:
        dense_pauli('X', a);
        dense_control(2, 2, a, m);
        break;
    default: {
        static const struct {
            qf_gate_kind of, inner;
        } controlled[] = {
            {QF_GATE_CNOT, QF_GATE_X}, {QF_GATE_CY, QF_GATE_Y},   {QF_GATE_CZ, QF_GATE_Z},
            {QF_GATE_CH, QF_GATE_H},   {QF_GATE_CP, QF_GATE_P},   {QF_GATE_CRX, QF_GATE_RX},
            {QF_GATE_CRY, QF_GATE_RY}, {QF_GATE_CRZ, QF_GATE_RZ}, {QF_GATE_CU, QF_GATE_U}};
        for (size_t i = 0; i < sizeof controlled / sizeof *controlled; i++) {
            if (controlled[i].of == kind) dense_gate(controlled[i].inner, angles, a);
        }
        for (size_t i = 0; i < 4 && kind == QF_GATE_CU; i++) a[i] *= cexp(I * angles[3]);
        dense_control(1, 2, a, m);
    }
    }
}

/* Applies a matrix to wires of a state[2^n], wire 0 the most significant bit. */
static void dense_apply(const double complex *m, const size_t *wires, size_t count, size_t n,
                        double complex *state) {
    const size_t states = (size_t)1 << n, rows = (size_t)1 << count;
    double complex *next = calloc(states, sizeof *next);
    for (size_t i = 0; i < states; i++) {
        size_t row = 0, rest = i;
        for (size_t w = 0; w < count; w++) {
            const size_t bit = (size_t)1 << (n - 1 - wires[w]);
            row = row * 2 + ((i & bit) != 0);
            rest &= ~bit;
        }
        for (size_t column = 0; column < rows; column++) {
            size_t j = rest;
            for (size_t w = 0; w < count; w++) {
                if (column >> (count - 1 - w) & 1) j |= (size_t)1 << (n - 1 - wires[w]);
            }
            next[i] += m[row * rows + column] * state[j];
        }
    }
    memcpy(state, next, states * sizeof *state);
    free(next);
}

static double dense_angle(const qf_circuit *c, const qf_angle *angle, const double *inputs,
                          const double *weights) {
    if (angle->source == QF_ANGLE_INPUT) return angle->scale * inputs[angle->index] + angle->offset;
    if (angle->source == QF_ANGLE_WEIGHT) {
        return angle->scale * weights[angle->index] + angle->offset;
    }
    if (angle->source == QF_ANGLE_CONSTANT) return angle->offset;
    double *terms = calloc(c->expressions.count, sizeof *terms);
    qf_expressions_evaluate(&c->expressions, inputs, weights, terms);
    const double value = angle->scale * terms[angle->index] + angle->offset;
    free(terms);
    return value;
}

/* Takes a state through the circuit, with `shift` added to one angle of one gate. */
static void dense_apply_gates(const qf_circuit *c, const double *inputs, const double *weights,
                              size_t gate, size_t which, double shift, double complex *state) {
    for (size_t g = 0; g < c->gate_count; g++) {
        const qf_gate *at = &c->gates[g];
        const qf_gate_form *form = qf_gate_form_of(at->kind);
        double angles[QF_GATE_ANGLES] = {0};
        for (size_t i = 0; i < form->angles; i++) {
            angles[i] = dense_angle(c, &at->angles[i], inputs, weights);
            if (g == gate && i == which) angles[i] += shift;
        }
        dense_matrix m;
        dense_gate(at->kind, angles, m);
        dense_apply(m, at->wires, form->wires, c->wires, state);
    }
}

/* The state after the circuit, so shifted. */
static inline void dense_run(const qf_circuit *c, const double *inputs, const double *weights,
                             size_t gate, size_t which, double shift, double complex *state) {
    double length = 0;
    memset(state, 0, ((size_t)1 << c->wires) * sizeof *state);
    state[0] = 1;
    if (c->start == QF_START_AMPLITUDES) {
        for (size_t i = 0; i < c->inputs; i++) length += inputs[i] * inputs[i];
        for (size_t i = 0; i < c->inputs; i++) state[i] = inputs[i] / sqrt(length);
    }
    dense_apply_gates(c, inputs, weights, gate, which, shift, state);
}

static void dense_measure(const qf_circuit *c, const double complex *state, double *outputs) {
    const size_t states = (size_t)1 << c->wires;
    double complex *moved = calloc(states, sizeof *moved);
    for (size_t m = 0; m < c->measurement_count; m++) {
        const qf_measurement *at = &c->measurements[m];
        if (at->kind == QF_MEASURE_PROBABILITIES) {
            size_t count = 1;
            for (uint64_t rest = at->wires; rest; rest &= rest - 1) count *= 2;
            memset(outputs, 0, count * sizeof *outputs);
            for (size_t i = 0; i < states; i++) {
                size_t number = 0;
                for (size_t w = 0; w < c->wires; w++) {
                    if (at->wires >> w & 1) number = number * 2 + (i >> (c->wires - 1 - w) & 1);
                }
                outputs[number] += creal(state[i] * conj(state[i]));
            }
            outputs += count;
            continue;
        }
        memcpy(moved, state, states * sizeof *moved);
        for (size_t w = 0; w < c->wires; w++) {
            double complex p[4];
            dense_pauli("IXZY"[(at->x >> w & 1) + 2 * (at->z >> w & 1)], p);
            dense_apply(p, &w, 1, c->wires, moved);
        }
        double complex sum = 0;
        for (size_t i = 0; i < states; i++) sum += conj(state[i]) * moved[i];
        *outputs++ = creal(sum);
    }
    free(moved);
}

static inline void dense_outputs(const qf_circuit *c, const double *inputs, const double *weights,
                                 double *outputs) {
    double complex *state = calloc((size_t)1 << c->wires, sizeof *state);
    dense_run(c, inputs, weights, 0, 0, 0, state);
    dense_measure(c, state, outputs);
    free(state);
}

/* The sum of output_gradients times outputs with one angle shifted. */
static double dense_shifted(const qf_circuit *c, const double *inputs, const double *weights,
                            const double *output_gradients, size_t gate, size_t which,
                            double shift) {
    double complex *state = calloc((size_t)1 << c->wires, sizeof *state);
    double *outputs = calloc(c->outputs, sizeof *outputs), sum = 0;
    dense_run(c, inputs, weights, gate, which, shift, state);
    dense_measure(c, state, outputs);
    for (size_t i = 0; i < c->outputs; i++) sum += output_gradients[i] * outputs[i];
    free(state);
    free(outputs);
    return sum;
}

static double dense_shift(const qf_circuit *c, const double *inputs, const double *weights,
                          const double *output_gradients, size_t gate, size_t which) {
    const qf_gate_kind kind = c->gates[gate].kind;
    const bool four = kind == QF_GATE_CRX || kind == QF_GATE_CRY || kind == QF_GATE_CRZ ||
                      (kind == QF_GATE_CU && which == 0);
#define AT(shift) dense_shifted(c, inputs, weights, output_gradients, gate, which, (shift)*dense_pi)
    const double near = AT(0.5) - AT(-0.5);
    if (!four) return near / 2;
    const double far = AT(1.5) - AT(-1.5), root = sqrt(2);
#undef AT
    return (root + 1) / (4 * root) * near - (root - 1) / (4 * root) * far;
}

/* Adds the gradients, for circuits whose angles use no expressions. */
static inline void dense_gradients(const qf_circuit *c, const double *inputs, const double *weights,
                                   const double *output_gradients, double *input_gradients,
                                   double *weight_gradients) {
    for (size_t g = 0; g < c->gate_count; g++) {
        const size_t angles = qf_gate_form_of(c->gates[g].kind)->angles;
        for (size_t i = 0; i < angles; i++) {
            const qf_angle *angle = &c->gates[g].angles[i];
            if (angle->source == QF_ANGLE_CONSTANT) continue;
            double *to = angle->source == QF_ANGLE_INPUT ? input_gradients : weight_gradients;
            to[angle->index] +=
                angle->scale * dense_shift(c, inputs, weights, output_gradients, g, i);
        }
    }
}

#endif
