#include "quantum/shift.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

static const double quarter_turn = 1.57079632679489661923;

void qf_shifts_free(qf_shifts *shifts) {
    free(shifts->items);
    *shifts = (qf_shifts){0};
}

/* An empty circuit with room for further weights, whose angles may be those of `like`. */
static qf_status begin(const qf_circuit *like, size_t further, qf_circuit *circuit,
                       qf_error *error) {
    size_t index;
    QF_TRY(qf_circuit_new(circuit, like->wires, like->inputs, like->weights + further, error));
    circuit->start = like->start;
    for (size_t i = 0; i < like->expressions.count; i++) {
        QF_TRY(qf_circuit_add_term(circuit, like->expressions.items[i], &index, error));
    }
    return QF_OK;
}

static qf_status add(qf_circuit *circuit, qf_gate_kind kind, const size_t *wires,
                     const qf_angle *angles, bool ideal, qf_error *error) {
    QF_TRY(qf_circuit_add(circuit, kind, wires, angles, error));
    circuit->gates[circuit->gate_count - 1].ideal = ideal;
    return QF_OK;
}

qf_status qf_shift_copy(const qf_circuit *circuit, qf_circuit *copy, qf_error *error) {
    QF_TRY(begin(circuit, 0, copy, error));
    for (size_t g = 0; g < circuit->gate_count; g++) {
        const qf_gate *gate = &circuit->gates[g];
        QF_TRY(add(copy, gate->kind, gate->wires, gate->angles, gate->ideal, error));
    }
    return QF_OK;
}

static qf_status note(qf_shifts *shifts, qf_shift shift, qf_error *error) {
    QF_TRY(qf_grow_array(&shifts->items, &shifts->capacity, shifts->count + 1,
                         sizeof *shifts->items, error));
    shifts->items[shifts->count++] = shift;
    return QF_OK;
}

/* The rule of an angle whose shift is the next weight. Outputs have the frequency 1 in the angle,
 * and in that of a controlled turn 1/2, too. */
static qf_status note_rule(qf_gate_kind kind, size_t angle, qf_shifts *shifts, qf_error *error) {
    const bool half = kind == QF_GATE_CRX || kind == QF_GATE_CRY || kind == QF_GATE_CRZ;
    const double near = half ? (sqrt(2) + 1) / (4 * sqrt(2)) : 0.5;
    const double far = (sqrt(2) - 1) / (4 * sqrt(2));
    const size_t weight = shifts->weights++;
    QF_TRY(note(shifts, (qf_shift){angle, weight, quarter_turn, near}, error));
    QF_TRY(note(shifts, (qf_shift){angle, weight, -quarter_turn, -near}, error));
    if (!half) return QF_OK;
    QF_TRY(note(shifts, (qf_shift){angle, weight, 3 * quarter_turn, -far}, error));
    return note(shifts, (qf_shift){angle, weight, -3 * quarter_turn, far}, error);
}

/* A gate of one angle, and the same gate again by the shift: their angles add up. */
static qf_status add_shifted(const qf_circuit *from, const qf_gate *gate, qf_gate_kind kind,
                             size_t angle, bool last, qf_circuit *to, qf_shifts *shifts,
                             qf_error *error) {
    const qf_angle *own = &gate->angles[angle];
    const bool constant = own->source == QF_ANGLE_CONSTANT;
    QF_TRY(add(to, kind, gate->wires, own, gate->ideal || !last || !constant, error));
    if (constant) return QF_OK;
    const qf_angle by = qf_angle_weight(from->weights + shifts->weights);
    QF_TRY(note_rule(kind, gate->first_angle + angle, shifts, error));
    return add(to, kind, gate->wires, &by, gate->ideal || !last, error);
}

static qf_status add_gate(const qf_circuit *from, const qf_gate *gate, qf_circuit *to,
                          qf_shifts *shifts, qf_error *error) {
    const size_t angles = qf_gate_form_of(gate->kind)->angles;
    if (gate->kind == QF_GATE_CU) {
        return qf_fail(error, QF_MISMATCH,
                       "gradients by shots: the circuit has a CU gate, which "
                       "cannot be shifted");
    }
    if (gate->kind == QF_GATE_U) { /* RZ(phi) RY(theta) RZ(lambda) and a phase */
        QF_TRY(add_shifted(from, gate, QF_GATE_RZ, 2, false, to, shifts, error));
        QF_TRY(add_shifted(from, gate, QF_GATE_RY, 0, false, to, shifts, error));
        return add_shifted(from, gate, QF_GATE_RZ, 1, true, to, shifts, error);
    }
    if (angles == 1) return add_shifted(from, gate, gate->kind, 0, true, to, shifts, error);
    return add(to, gate->kind, gate->wires, gate->angles, gate->ideal, error);
}

static size_t angles_that_vary(const qf_circuit *circuit) {
    size_t count = 0;
    for (size_t g = 0; g < circuit->gate_count; g++) {
        const size_t angles = qf_gate_form_of(circuit->gates[g].kind)->angles;
        for (size_t a = 0; a < angles; a++) {
            count += circuit->gates[g].angles[a].source != QF_ANGLE_CONSTANT;
        }
    }
    return count;
}

qf_status qf_shifts_make(const qf_circuit *circuit, qf_circuit *shifted, qf_shifts *shifts,
                         qf_error *error) {
    *shifts = (qf_shifts){0};
    QF_TRY(begin(circuit, angles_that_vary(circuit), shifted, error));
    for (size_t g = 0; g < circuit->gate_count; g++) {
        QF_TRY(add_gate(circuit, &circuit->gates[g], shifted, shifts, error));
    }
    return QF_OK;
}
