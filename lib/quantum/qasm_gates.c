#include "quantum/qasm_gates.h"

enum {
    BOTH = QF_QASM_QELIB1 | QF_QASM_STDGATES,
    OLD = QF_QASM_QELIB1,
    NEW = QF_QASM_STDGATES,
};

/* Definitions hold up to a global phase, which no program that is read here can see. cu3 is the
 * controlled u3 of today, not that of 2017, which lacks a phase on the control. */
static const qf_qasm_gate gates[] = {
    {"U", QF_GATE_U, QF_QASM_BUILTIN2 | QF_QASM_BUILTIN3, NULL},
    {"cx", QF_GATE_CNOT, BOTH, NULL},
    {"CX", QF_GATE_CNOT, QF_QASM_BUILTIN2 | NEW, NULL},
    {"id", QF_GATE_I, BOTH, NULL},
    {"x", QF_GATE_X, BOTH, NULL},
    {"y", QF_GATE_Y, BOTH, NULL},
    {"z", QF_GATE_Z, BOTH, NULL},
    {"h", QF_GATE_H, BOTH, NULL},
    {"s", QF_GATE_S, BOTH, NULL},
    {"sdg", QF_GATE_SDG, BOTH, NULL},
    {"t", QF_GATE_T, BOTH, NULL},
    {"tdg", QF_GATE_TDG, BOTH, NULL},
    {"rx", QF_GATE_RX, BOTH, NULL},
    {"ry", QF_GATE_RY, BOTH, NULL},
    {"rz", QF_GATE_RZ, BOTH, NULL},
    {"p", QF_GATE_P, NEW, NULL},
    {"phase", QF_GATE_P, NEW, NULL},
    {"u1", QF_GATE_P, BOTH, NULL},
    {"u3", QF_GATE_U, BOTH, NULL},
    {"u", QF_GATE_U, 0, NULL},
    {"cy", QF_GATE_CY, BOTH, NULL},
    {"cz", QF_GATE_CZ, BOTH, NULL},
    {"ch", QF_GATE_CH, BOTH, NULL},
    {"cp", QF_GATE_CP, NEW, NULL},
    {"cphase", QF_GATE_CP, NEW, NULL},
    {"cu1", QF_GATE_CP, OLD, NULL},
    {"crz", QF_GATE_CRZ, BOTH, NULL},
    {"ccx", QF_GATE_CCX, BOTH, NULL},
    {"sx", QF_GATE_SX, NEW, "gate sx a { h a; s a; h a; }"},
    {"sxdg", QF_GATE_SXDG, 0, "gate sxdg a { h a; sdg a; h a; }"},
    {"swap", QF_GATE_SWAP, NEW, "gate swap a, b { cx a, b; cx b, a; cx a, b; }"},
    {"crx", QF_GATE_CRX, NEW,
     "gate crx(theta) a, b { u1(pi/2) b; cx a, b; u3(-theta/2, 0, 0) b; cx a, b; "
     "u3(theta/2, -pi/2, 0) b; }"},
    {"cry", QF_GATE_CRY, NEW,
     "gate cry(theta) a, b { ry(theta/2) b; cx a, b; ry(-theta/2) b; cx a, b; }"},
    {"cu", QF_GATE_CU, NEW,
     "gate cu(theta, phi, lambda, gamma) a, b { u1(gamma) a; u1((lambda+phi)/2) a; "
     "u1((lambda-phi)/2) b; cx a, b; u3(-theta/2, 0, -(phi+lambda)/2) b; cx a, b; "
     "u3(theta/2, phi, 0) b; }"},
    {"rxx", QF_GATE_RXX, 0,
     "gate rxx(theta) a, b { h a; h b; cx a, b; rz(theta) b; cx a, b; h b; h a; }"},
    {"ryy", QF_GATE_RYY, 0,
     "gate ryy(theta) a, b { rx(pi/2) a; rx(pi/2) b; cx a, b; rz(theta) b; cx a, b; "
     "rx(-pi/2) a; rx(-pi/2) b; }"},
    {"rzz", QF_GATE_RZZ, 0, "gate rzz(theta) a, b { cx a, b; rz(theta) b; cx a, b; }"},
    {"cswap", QF_GATE_CSWAP, NEW, "gate cswap a, b, c { cx c, b; ccx a, b, c; cx c, b; }"},
    {"u0", QF_GATE_KINDS, 0, "gate u0(gamma) a { id a; }"},
    {"u2", QF_GATE_KINDS, BOTH, "gate u2(phi, lambda) a { U(pi/2, phi, lambda) a; }"},
    {"cu3", QF_GATE_KINDS, OLD,
     "gate cu3(theta, phi, lambda) a, b { cu(theta, phi, lambda, 0) a, b; }"},
    {"csx", QF_GATE_KINDS, 0, "gate csx a, b { h b; cp(pi/2) a, b; h b; }"},
    {"rccx", QF_GATE_KINDS, 0,
     "gate rccx a, b, c { u2(0, pi) c; u1(pi/4) c; cx b, c; u1(-pi/4) c; cx a, c; u1(pi/4) c; "
     "cx b, c; u1(-pi/4) c; u2(0, pi) c; }"},
    {"rc3x", QF_GATE_KINDS, 0,
     "gate rc3x a, b, c, d { u2(0, pi) d; u1(pi/4) d; cx c, d; u1(-pi/4) d; u2(0, pi) d; cx a, d; "
     "u1(pi/4) d; cx b, d; u1(-pi/4) d; cx a, d; u1(pi/4) d; cx b, d; u1(-pi/4) d; u2(0, pi) d; "
     "u1(pi/4) d; cx c, d; u1(-pi/4) d; u2(0, pi) d; }"},
    {"c3x", QF_GATE_KINDS, 0,
     "gate c3x a, b, c, d { h d; u1(pi/8) a; u1(pi/8) b; u1(pi/8) c; u1(pi/8) d; cx a, b; "
     "u1(-pi/8) b; cx a, b; cx b, c; u1(-pi/8) c; cx a, c; u1(pi/8) c; cx b, c; u1(-pi/8) c; "
     "cx a, c; cx c, d; u1(-pi/8) d; cx b, d; u1(pi/8) d; cx c, d; u1(-pi/8) d; cx a, d; "
     "u1(pi/8) d; cx c, d; u1(-pi/8) d; cx b, d; u1(pi/8) d; cx c, d; u1(-pi/8) d; cx a, d; h d; "
     "}"},
    {"c3sqrtx", QF_GATE_KINDS, 0,
     "gate c3sqrtx a, b, c, d { h d; cp(pi/8) a, d; cx a, b; cp(-pi/8) b, d; cx a, b; "
     "cp(pi/8) b, d; cx b, c; cp(-pi/8) c, d; cx a, c; cp(pi/8) c, d; cx b, c; cp(-pi/8) c, d; "
     "cx a, c; cp(pi/8) c, d; h d; }"},
    {"c4x", QF_GATE_KINDS, 0,
     "gate c4x a, b, c, d, e { h e; cp(pi/2) d, e; h e; c3x a, b, c, d; h e; cp(-pi/2) d, e; h e; "
     "c3x a, b, c, d; c3sqrtx a, b, c, e; }"},
};

const qf_qasm_gate *qf_qasm_gate_at(size_t index) {
    return index < sizeof gates / sizeof *gates ? &gates[index] : NULL;
}

const qf_qasm_gate *qf_qasm_gate_of(qf_gate_kind kind, unsigned sets) {
    const qf_qasm_gate *found = NULL;
    for (size_t i = 0; i < sizeof gates / sizeof *gates; i++) {
        if (gates[i].kind != kind) continue;
        if (gates[i].sets & sets) return &gates[i];
        if (gates[i].definition) found = &gates[i];
    }
    return found;
}
