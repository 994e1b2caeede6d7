/* The gates' names, sizes and unitaries. */
#include "quantum/circuit.h"

#include <math.h>
#include <string.h>

static const qf_gate_form forms[QF_GATE_KINDS] = {
    [QF_GATE_I] = {"I", 1, 0, 0},         [QF_GATE_H] = {"H", 1, 0, 0},
    [QF_GATE_X] = {"X", 1, 0, 0},         [QF_GATE_Y] = {"Y", 1, 0, 0},
    [QF_GATE_Z] = {"Z", 1, 0, 0},         [QF_GATE_S] = {"S", 1, 0, 0},
    [QF_GATE_SDG] = {"SDG", 1, 0, 0},     [QF_GATE_T] = {"T", 1, 0, 0},
    [QF_GATE_TDG] = {"TDG", 1, 0, 0},     [QF_GATE_SX] = {"SX", 1, 0, 0},
    [QF_GATE_SXDG] = {"SXDG", 1, 0, 0},   [QF_GATE_RX] = {"RX", 1, 1, 0},
    [QF_GATE_RY] = {"RY", 1, 1, 0},       [QF_GATE_RZ] = {"RZ", 1, 1, 0},
    [QF_GATE_P] = {"P", 1, 1, 0},         [QF_GATE_U] = {"U", 1, 3, 0},
    [QF_GATE_CNOT] = {"CNOT", 2, 0, 1},   [QF_GATE_CY] = {"CY", 2, 0, 1},
    [QF_GATE_CZ] = {"CZ", 2, 0, 1},       [QF_GATE_CH] = {"CH", 2, 0, 1},
    [QF_GATE_SWAP] = {"SWAP", 2, 0, 0},   [QF_GATE_CP] = {"CP", 2, 1, 1},
    [QF_GATE_CRX] = {"CRX", 2, 1, 1},     [QF_GATE_CRY] = {"CRY", 2, 1, 1},
    [QF_GATE_CRZ] = {"CRZ", 2, 1, 1},     [QF_GATE_CU] = {"CU", 2, 4, 1},
    [QF_GATE_RXX] = {"RXX", 2, 1, 0},     [QF_GATE_RYY] = {"RYY", 2, 1, 0},
    [QF_GATE_RZZ] = {"RZZ", 2, 1, 0},     [QF_GATE_CCX] = {"CCX", 3, 0, 2},
    [QF_GATE_CSWAP] = {"CSWAP", 3, 0, 1},
};

const qf_gate_form *qf_gate_form_of(qf_gate_kind kind) {
    return &forms[kind];
}

/* What a gate does to the wires that are no controls, as a gate of its own. */
static qf_gate_kind without_controls(qf_gate_kind kind) {
    switch (kind) {
    case QF_GATE_CNOT:
    case QF_GATE_CCX:
        return QF_GATE_X;
    case QF_GATE_CY:
        return QF_GATE_Y;
    case QF_GATE_CZ:
        return QF_GATE_Z;
    case QF_GATE_CH:
        return QF_GATE_H;
    case QF_GATE_CP:
        return QF_GATE_P;
    case QF_GATE_CRX:
        return QF_GATE_RX;
    case QF_GATE_CRY:
        return QF_GATE_RY;
    case QF_GATE_CRZ:
        return QF_GATE_RZ;
    case QF_GATE_CU:
        return QF_GATE_U;
    case QF_GATE_CSWAP:
        return QF_GATE_SWAP;
    default:
        return kind;
    }
}

static void one_wire(qf_gate_kind kind, const double *angles, double complex m[4]) {
    static const double half_turn = 3.14159265358979323846;
    const double angle = angles[0], c = cos(angle / 2), s = sin(angle / 2), root = sqrt(0.5);
    const double complex phase = cexp(I * angle), half = cexp(I * angle / 2);
    const double complex minus = (1 - I) / 2, plus = (1 + I) / 2;
    const double complex eighth = cexp(I * half_turn / 4);
    const double complex matrices[][4] = {
        [QF_GATE_I] = {1, 0, 0, 1},
        [QF_GATE_H] = {root, root, root, -root},
        [QF_GATE_X] = {0, 1, 1, 0},
        [QF_GATE_Y] = {0, -I, I, 0},
        [QF_GATE_Z] = {1, 0, 0, -1},
        [QF_GATE_S] = {1, 0, 0, I},
        [QF_GATE_SDG] = {1, 0, 0, -I},
        [QF_GATE_T] = {1, 0, 0, eighth},
        [QF_GATE_TDG] = {1, 0, 0, conj(eighth)},
        [QF_GATE_SX] = {plus, minus, minus, plus},
        [QF_GATE_SXDG] = {minus, plus, plus, minus},
        [QF_GATE_RX] = {c, -I * s, -I * s, c},
        [QF_GATE_RY] = {c, -s, s, c},
        [QF_GATE_RZ] = {conj(half), 0, 0, half},
        [QF_GATE_P] = {1, 0, 0, phase},
    };
    if (kind == QF_GATE_U) {
        const double complex left = cexp(I * angles[1]), right = cexp(I * angles[2]);
        m[0] = c;
        m[1] = -right * s;
        m[2] = left * s;
        m[3] = left * right * c;
    } else {
        memcpy(m, matrices[kind], sizeof matrices[kind]);
    }
}

/* cos(angle/2) - i sin(angle/2) P P, which has entries on both diagonals. */
static void two_wires(qf_gate_kind kind, double angle, double complex m[16]) {
    const double complex c = cos(angle / 2), s = -I * sin(angle / 2);
    memset(m, 0, 16 * sizeof *m);
    for (size_t i = 0; i < 4; i++) {
        const bool equal = i == 0 || i == 3;
        if (kind == QF_GATE_SWAP) {
            m[i * 4 + (equal ? i : 3 - i)] = 1;
        } else if (kind == QF_GATE_RZZ) {
            m[i * 4 + i] = equal ? c + s : c - s;
        } else {
            m[i * 4 + i] = c;
            m[i * 4 + 3 - i] = kind == QF_GATE_RYY && equal ? -s : s;
        }
    }
}

void qf_gate_matrix(qf_gate_kind kind, const double angles[QF_GATE_ANGLES],
                    double complex matrix[QF_GATE_STATES * QF_GATE_STATES]) {
    const qf_gate_form *form = &forms[kind];
    const size_t rows = (size_t)1 << form->wires, inner = rows >> form->controls;
    const qf_gate_kind base = without_controls(kind);
    double complex m[16];
    if (inner == 2) {
        one_wire(base, angles, m);
    } else {
        two_wires(base, angles[0], m);
    }
    const double complex phase = kind == QF_GATE_CU ? cexp(I * angles[3]) : 1;
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < rows; j++) {
            const size_t first = rows - inner; /* all controls are 1 from here on */
            matrix[i * rows + j] =
                i >= first && j >= first ? phase * m[(i - first) * inner + j - first] : (i == j);
        }
    }
}
