/* Circuits from OpenQASM 2 (Cross et al. 2017, arXiv:1707.03429) and 3 (Cross et al. 2022,
 * arXiv:2104.14722).
 *
 * Read: registers of qubits and bits; the gates of qelib1.inc and stdgates.inc, where the file is
 * included (no file is opened), U, CX and gphase; definitions of gates, which are expanded (one
 * that is word for word what qf_qasm_write puts out is that gate); barriers; constants; inputs of
 * type float or angle, both taken as real numbers; arithmetic and functions of these, of which
 * ceiling, floor and mod take constants alone; measurement at the end. Phases of the whole state
 * are dropped. All else is refused: control flow, reset, measurement before the end, modifiers,
 * timing, arrays, variables, subroutines, aliases, ranges of qubits, physical qubits; in OpenQASM 3
 * also a division of two integers with a rest, which the language would round.
 *
 * Wires are the qubits in the order of their declarations. Outputs are <Z> of the qubits whose
 * bits are kept, in the order of the bits; of all qubits where no bit is. */
#ifndef QF_QUANTUM_QASM_READ_H
#define QF_QUANTUM_QASM_READ_H

#include "quantum/circuit.h"

/* Of the names that a program declares; of gates, all definitions included, QF_MAX_GATES. */
enum { QF_QASM_MAX_NAMES = 1 << 16 };

typedef struct qf_qasm_read_options {
    const char *features; /* a pattern such as "x*" (fnmatch): inputs that match are the circuit's
                           * inputs, the rest its weights, each in the order of declaration. At
                           * least one matches where there are any: QF_USAGE. NULL: "x*", and none
                           * need match */
    const char *measure; /* outputs in place of the program's, as qf_circuit_measure_text: QF_USAGE;
                          * NULL: the program's */
} qf_qasm_read_options;

/* Reads text[length]; the caller frees the circuit. QF_DATA with line and column for what is wrong
 * or not read, and for what would grow beyond the limits here and in angles.h. Time and memory are
 * bounded by these and the length of the text, whatever stands in it. */
qf_status qf_qasm_read(const char *text, size_t length, const qf_qasm_read_options *options,
                       qf_circuit *circuit, qf_error *error);

#endif
