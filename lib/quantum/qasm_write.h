/* Circuits as OpenQASM 2 or 3, for other programs and for hardware; qf_qasm_read reads them back.
 *
 * Gates that the language's own file of its version lacks come with a definition, so that every
 * reader finds all it needs; a global phase may differ. Qubit w is wire w, and outputs are named in
 * comments. Where all outputs are <Z> of a wire each, those wires are measured, output k into bit
 * k; where they are Z strings or probabilities, all wires they need, in order. Outputs with X or Y
 * need other bases than the one that is measured: nothing is then measured. */
#ifndef QF_QUANTUM_QASM_WRITE_H
#define QF_QUANTUM_QASM_WRITE_H

#include "base/memory.h"
#include "quantum/circuit.h"

typedef struct qf_qasm_write_options {
    int version; /* 2 or 3 */
    /* Values that take the places of inputs and weights, NULL: OpenQASM 3 inputs x0, x1 ... and
     * w0, w1 ... Numbers have 17 digits, which are all of a double. */
    const double *inputs, *weights;
} qf_qasm_write_options;

/* Appends the program. QF_USAGE for a version that is not there, and for inputs or weights without
 * values in version 2, which has no parameters; QF_DATA for a circuit that starts with amplitudes
 * and for an angle that has no finite value. */
qf_status qf_qasm_write(const qf_circuit *circuit, const qf_qasm_write_options *options,
                        qf_bytes *text, qf_error *error);

#endif
