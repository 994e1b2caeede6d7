#include "quantum/lower.h"

#include "base/memory.h"

#include <math.h>

static const double half_turn = 3.14159265358979323846;

typedef struct lowering {
    const qf_circuit *circuit;
    const qf_gate *gate; /* the one being lowered */
    qf_steps *steps;
    qf_error *error;
    qf_status status;
} lowering;

static void append(lowering *l, qf_step step) {
    qf_steps *steps = l->steps;
    if (l->status == QF_OK) {
        l->status = qf_grow_array(&steps->items, &steps->capacity, steps->count + 1,
                                  sizeof *steps->items, l->error);
    }
    if (l->status == QF_OK) steps->items[steps->count++] = step;
}

static void fixed(lowering *l, qf_gate_kind gate, size_t wire) {
    append(l, (qf_step){.kind = QF_STEP_FIXED, .gate = gate, .wire = wire});
}

/* By scale times the gate's angle of this number. */
static void turn(lowering *l, qf_axis axis, size_t wire, size_t angle, double scale) {
    append(l, (qf_step){.kind = QF_STEP_TURN,
                        .axis = axis,
                        .wire = wire,
                        .slot = l->gate->first_angle + angle,
                        .scale = scale,
                        .varies = qf_angle_varies(l->circuit, &l->gate->angles[angle])});
}

static void constant_turn(lowering *l, qf_axis axis, size_t wire, double angle) {
    append(
        l,
        (qf_step){
            .kind = QF_STEP_TURN, .axis = axis, .wire = wire, .slot = QF_NO_SLOT, .offset = angle});
}

static void cnot(lowering *l, size_t control, size_t wire) {
    append(l, (qf_step){.kind = QF_STEP_CNOT, .control = control, .wire = wire});
}

/* exp(-i scale * angle/2 Z Z) */
static void turn_zz(lowering *l, size_t a, size_t b, size_t angle, double scale) {
    cnot(l, a, b);
    turn(l, QF_AXIS_Z, b, angle, scale);
    cnot(l, a, b);
}

/* diag(1, 1, 1, exp(i scale * angle)) */
static void controlled_phase(lowering *l, size_t a, size_t b, size_t angle, double scale) {
    turn(l, QF_AXIS_Z, a, angle, scale / 2);
    turn(l, QF_AXIS_Z, b, angle, scale / 2);
    turn_zz(l, a, b, angle, -scale / 2);
}

static void controlled_turn(lowering *l, qf_axis axis, size_t control, size_t wire) {
    static const qf_gate_kind to_z[] = {QF_GATE_H, QF_GATE_SX, QF_GATE_I};
    static const qf_gate_kind from_z[] = {QF_GATE_H, QF_GATE_SXDG, QF_GATE_I};
    turn(l, axis, wire, 0, 0.5);
    if (axis != QF_AXIS_Z) fixed(l, to_z[axis], wire);
    turn_zz(l, control, wire, 0, -0.5);
    if (axis != QF_AXIS_Z) fixed(l, from_z[axis], wire);
}

static void controlled_z(lowering *l, size_t a, size_t b) {
    constant_turn(l, QF_AXIS_Z, a, half_turn / 2);
    constant_turn(l, QF_AXIS_Z, b, half_turn / 2);
    cnot(l, a, b);
    constant_turn(l, QF_AXIS_Z, b, -half_turn / 2);
    cnot(l, a, b);
}

static void controlled_h(lowering *l, size_t control, size_t wire) {
    fixed(l, QF_GATE_S, wire);
    fixed(l, QF_GATE_H, wire);
    constant_turn(l, QF_AXIS_Z, wire, half_turn / 4);
    cnot(l, control, wire);
    constant_turn(l, QF_AXIS_Z, wire, -half_turn / 4);
    fixed(l, QF_GATE_H, wire);
    fixed(l, QF_GATE_SDG, wire);
}

/* U(theta, phi, lambda) = P(phi) RY(theta) P(lambda) with a phase gamma: angles 0 to 3. */
static void controlled_u(lowering *l, size_t control, size_t wire) {
    turn(l, QF_AXIS_Z, control, 3, 1);
    turn(l, QF_AXIS_Z, control, 2, 0.5);
    turn(l, QF_AXIS_Z, control, 1, 0.5);
    turn(l, QF_AXIS_Z, wire, 2, 0.5);
    turn(l, QF_AXIS_Z, wire, 1, -0.5);
    cnot(l, control, wire);
    turn(l, QF_AXIS_Z, wire, 2, -0.5);
    turn(l, QF_AXIS_Z, wire, 1, -0.5);
    turn(l, QF_AXIS_Y, wire, 0, -0.5);
    cnot(l, control, wire);
    turn(l, QF_AXIS_Y, wire, 0, 0.5);
    turn(l, QF_AXIS_Z, wire, 1, 1);
}

/* The parity phases of a doubly controlled Z (Nielsen and Chuang, Figure 4.9, rearranged), between
 * two H. */
static void toffoli(lowering *l, size_t a, size_t b, size_t c) {
    const double eighth = half_turn / 4;
    fixed(l, QF_GATE_H, c);
    constant_turn(l, QF_AXIS_Z, a, eighth);
    constant_turn(l, QF_AXIS_Z, b, eighth);
    constant_turn(l, QF_AXIS_Z, c, eighth);
    cnot(l, a, b);
    constant_turn(l, QF_AXIS_Z, b, -eighth);
    cnot(l, b, c);
    constant_turn(l, QF_AXIS_Z, c, eighth);
    cnot(l, a, b);
    cnot(l, b, c);
    constant_turn(l, QF_AXIS_Z, c, -eighth);
    cnot(l, a, b);
    cnot(l, b, c);
    constant_turn(l, QF_AXIS_Z, c, -eighth);
    cnot(l, a, b);
    cnot(l, b, c);
    fixed(l, QF_GATE_H, c);
}

/* Between bases in which the gate is exp(-i angle/2 X X), which a CNOT makes a turn of one wire. */
static void turn_pair(lowering *l, qf_gate_kind kind, size_t a, size_t b) {
    const bool y = kind == QF_GATE_RYY;
    if (y) fixed(l, QF_GATE_SDG, a);
    if (y) fixed(l, QF_GATE_SDG, b);
    cnot(l, a, b);
    turn(l, QF_AXIS_X, a, 0, 1);
    cnot(l, a, b);
    if (y) fixed(l, QF_GATE_S, a);
    if (y) fixed(l, QF_GATE_S, b);
}

static void lower_one_wire(lowering *l, const qf_gate *gate) {
    const size_t wire = gate->wires[0];
    switch (gate->kind) {
    case QF_GATE_I:
        break;
    case QF_GATE_T:
        constant_turn(l, QF_AXIS_Z, wire, half_turn / 4);
        break;
    case QF_GATE_TDG:
        constant_turn(l, QF_AXIS_Z, wire, -half_turn / 4);
        break;
    case QF_GATE_RX:
        turn(l, QF_AXIS_X, wire, 0, 1);
        break;
    case QF_GATE_RY:
        turn(l, QF_AXIS_Y, wire, 0, 1);
        break;
    case QF_GATE_RZ:
    case QF_GATE_P:
        turn(l, QF_AXIS_Z, wire, 0, 1);
        break;
    case QF_GATE_U:
        turn(l, QF_AXIS_Z, wire, 2, 1);
        turn(l, QF_AXIS_Y, wire, 0, 1);
        turn(l, QF_AXIS_Z, wire, 1, 1);
        break;
    default:
        fixed(l, gate->kind, wire);
    }
}

static void lower_more_wires(lowering *l, const qf_gate *gate) {
    const size_t a = gate->wires[0], b = gate->wires[1], c = gate->wires[2];
    switch (gate->kind) {
    case QF_GATE_CNOT:
        cnot(l, a, b);
        break;
    case QF_GATE_CY:
        fixed(l, QF_GATE_SDG, b);
        cnot(l, a, b);
        fixed(l, QF_GATE_S, b);
        break;
    case QF_GATE_CZ:
        controlled_z(l, a, b);
        break;
    case QF_GATE_CH:
        controlled_h(l, a, b);
        break;
    case QF_GATE_SWAP:
        append(l, (qf_step){.kind = QF_STEP_SWAP, .control = a, .wire = b});
        break;
    case QF_GATE_CP:
        controlled_phase(l, a, b, 0, 1);
        break;
    case QF_GATE_CRX:
        controlled_turn(l, QF_AXIS_X, a, b);
        break;
    case QF_GATE_CRY:
        controlled_turn(l, QF_AXIS_Y, a, b);
        break;
    case QF_GATE_CRZ:
        controlled_turn(l, QF_AXIS_Z, a, b);
        break;
    case QF_GATE_CU:
        controlled_u(l, a, b);
        break;
    case QF_GATE_RZZ:
        turn_zz(l, a, b, 0, 1);
        break;
    case QF_GATE_CCX:
        toffoli(l, a, b, c);
        break;
    case QF_GATE_CSWAP:
        cnot(l, c, b);
        toffoli(l, a, b, c);
        cnot(l, c, b);
        break;
    default: /* RXX, RYY */
        turn_pair(l, gate->kind, a, b);
    }
}

qf_status qf_gate_lower(const qf_circuit *circuit, const qf_gate *gate, qf_steps *steps,
                        qf_error *error) {
    lowering l = {.circuit = circuit, .gate = gate, .steps = steps, .error = error};
    if (qf_gate_form_of(gate->kind)->wires == 1) {
        lower_one_wire(&l, gate);
    } else {
        lower_more_wires(&l, gate);
    }
    return l.status;
}

qf_status qf_circuit_lower(const qf_circuit *circuit, qf_steps *steps, qf_error *error) {
    for (size_t g = 0; g < circuit->gate_count; g++) {
        QF_TRY(qf_gate_lower(circuit, &circuit->gates[g], steps, error));
    }
    return QF_OK;
}

static void rotate(qf_axis axis, double cosine, double sine, double vector[3]) {
    double *b = &vector[(axis + 1) % 3], *c = &vector[(axis + 2) % 3];
    const double turned = cosine * *b - sine * *c;
    *c = cosine * *c + sine * *b;
    *b = turned;
}

void qf_step_rotate(const qf_step *step, double angle, bool back, double vector[3]) {
    static const struct {
        qf_axis axis;
        double cosine, sine;
    } fixed_turns[QF_GATE_KINDS] = {
        [QF_GATE_I] = {QF_AXIS_X, 1, 0},  [QF_GATE_X] = {QF_AXIS_X, -1, 0},
        [QF_GATE_Y] = {QF_AXIS_Y, -1, 0}, [QF_GATE_Z] = {QF_AXIS_Z, -1, 0},
        [QF_GATE_S] = {QF_AXIS_Z, 0, 1},  [QF_GATE_SDG] = {QF_AXIS_Z, 0, -1},
        [QF_GATE_SX] = {QF_AXIS_X, 0, 1}, [QF_GATE_SXDG] = {QF_AXIS_X, 0, -1},
    };
    const double sign = back ? -1 : 1;
    if (step->kind == QF_STEP_TURN) {
        rotate(step->axis, cos(angle), sign * sin(angle), vector);
    } else if (step->gate == QF_GATE_H) { /* half a turn about X + Z */
        const double x = vector[0];
        vector[0] = vector[2];
        vector[1] = -vector[1];
        vector[2] = x;
    } else {
        rotate(fixed_turns[step->gate].axis, fixed_turns[step->gate].cosine,
               sign * fixed_turns[step->gate].sine, vector);
    }
}
