/* The gates that OpenQASM's own files define, by name. */
#ifndef QF_QUANTUM_QASM_GATES_H
#define QF_QUANTUM_QASM_GATES_H

#include "quantum/circuit.h"

/* Where a gate is defined. qelib1.inc is that of the language's paper (Cross et al. 2017,
 * arXiv:1707.03429), stdgates.inc that of OpenQASM 3.0's specification. A gate of neither is
 * common: many programs take it for a part of these files. */
enum {
    QF_QASM_BUILTIN2 = 1, /* without any file */
    QF_QASM_BUILTIN3 = 2,
    QF_QASM_QELIB1 = 4,
    QF_QASM_STDGATES = 8,
};

typedef struct qf_qasm_gate {
    const char *name;
    qf_gate_kind kind;      /* QF_GATE_KINDS: only what the definition says */
    unsigned sets;          /* QF_QASM_* */
    const char *definition; /* in gates of both files; NULL where one of them has the gate's kind
                             * under this or another name in either version */
} qf_qasm_gate;

/* The gate at `index`, NULL past the last; definitions use earlier ones. */
const qf_qasm_gate *qf_qasm_gate_at(size_t index);
/* How to write a kind for one of the given sets; else one with a definition. */
const qf_qasm_gate *qf_qasm_gate_of(qf_gate_kind kind, unsigned sets);

#endif
