#include "quantum/heisenberg.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct qf_heisenberg {
    const qf_circuit *circuit;
    qf_transfer transfer;
    qf_observables observables;
    double *inputs;          /* [inputs] zeros: no step here depends on them */
    double *values;          /* [qf_circuit_values] of angles and terms */
    double *angles, *slopes; /* [angles][lanes]; slopes: and room for the terms' */
    double *vector;          /* [strings][lanes] */
    double *tape;            /* [turns] vectors, before a turn is passed */
};

static size_t lanes_of(const qf_heisenberg *h) {
    return h->transfer.shape.chunks * QF_TRANSFER_LANES;
}

static qf_status prepare(qf_heisenberg *h, const qf_noise *noise, qf_steps *steps, qf_simd simd,
                         qf_error *error) {
    const qf_circuit *c = h->circuit;
    const size_t chunks = (c->outputs + QF_TRANSFER_LANES - 1) / QF_TRANSFER_LANES;
    QF_TRY(qf_transfer_make(c->wires, chunks, noise, steps, simd, &h->transfer, error));
    QF_TRY(qf_noise_observables(c, noise, &h->observables, error));
    const size_t vector = qf_transfer_size(&h->transfer) * sizeof(double);
    h->inputs = qf_new_array(c->inputs, sizeof *h->inputs, error);
    h->values = qf_new_array(qf_circuit_values(c), sizeof *h->values, error);
    h->angles = qf_new_array(c->angle_count * lanes_of(h), sizeof *h->angles, error);
    h->slopes =
        qf_new_array(c->angle_count * lanes_of(h) + qf_circuit_values(c), sizeof *h->slopes, error);
    h->vector = qf_new_lines(vector, error);
    h->tape = qf_new_lines((h->transfer.turns + 1) * vector, error);
    const bool complete = h->inputs && h->values && h->angles && h->slopes && h->vector && h->tape;
    return complete ? QF_OK : QF_MEMORY;
}

qf_status qf_heisenberg_new(const qf_circuit *circuit, const qf_noise *noise, qf_steps *steps,
                            qf_simd simd, qf_heisenberg **heisenberg, qf_error *error) {
    *heisenberg = qf_new_array(1, sizeof **heisenberg, error);
    if (!*heisenberg) return QF_MEMORY;
    (*heisenberg)->circuit = circuit;
    const qf_status status = prepare(*heisenberg, noise, steps, simd, error);
    if (status != QF_OK) {
        qf_heisenberg_free(*heisenberg);
        *heisenberg = NULL;
    }
    return status;
}

void qf_heisenberg_free(qf_heisenberg *h) {
    if (!h) return;
    qf_transfer_free(&h->transfer);
    free(h->observables.items);
    free(h->inputs);
    free(h->values);
    free(h->angles);
    free(h->slopes);
    free(h->vector);
    free(h->tape);
    free(h);
}

static bool is_turn(const qf_heisenberg *h, size_t turn, size_t step) {
    return turn < h->transfer.turns && h->transfer.turn_places[turn] == step;
}

const double *qf_heisenberg_forward(qf_heisenberg *h, const double *weights) {
    const qf_circuit *c = h->circuit;
    const size_t lanes = lanes_of(h), size = qf_transfer_size(&h->transfer);
    qf_circuit_evaluate(c, h->inputs, weights, h->values);
    for (size_t i = 0; i < c->angle_count * lanes; i++) h->angles[i] = h->values[i / lanes];
    memset(h->vector, 0, size * sizeof *h->vector);
    for (size_t i = 0; i < h->observables.count; i++) {
        const qf_observable_term *term = &h->observables.items[i];
        h->vector[term->string * lanes + term->output] += term->factor;
    }
    size_t turn = h->transfer.turns;
    for (size_t step = h->transfer.steps.count; step-- > 0;) {
        if (turn > 0 && is_turn(h, turn - 1, step)) {
            memcpy(h->tape + --turn * size, h->vector, size * sizeof *h->vector);
        }
        qf_transfer_step(&h->transfer, step, true, h->angles, h->vector);
    }
    return h->vector;
}

/* The chain rule runs from the circuit's beginning to its end, and the transpose of a transposed
 * step is the step: gradients travel as states do. */
void qf_heisenberg_backward(qf_heisenberg *h, double *gradients, double *weight_gradients) {
    const qf_circuit *c = h->circuit;
    const size_t lanes = lanes_of(h), size = qf_transfer_size(&h->transfer);
    memset(h->slopes, 0, c->angle_count * lanes * sizeof *h->slopes);
    size_t turn = 0;
    for (size_t step = 0; step < h->transfer.steps.count; step++) {
        qf_transfer_step(&h->transfer, step, false, h->angles, gradients);
        if (!is_turn(h, turn, step)) continue;
        qf_transfer_slope(&h->transfer, step, gradients, h->tape + turn++ * size, h->slopes);
    }
    for (size_t a = 0; a < c->angle_count; a++) {
        double sum = 0;
        for (size_t l = 0; l < lanes; l++) sum += h->slopes[a * lanes + l];
        h->slopes[a] = sum;
    }
    qf_circuit_backward(c, h->values, h->slopes, NULL, weight_gradients);
}
