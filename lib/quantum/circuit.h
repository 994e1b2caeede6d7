/* A circuit as data: gates on wires with constant, input or weight angles, and what is measured.
 *
 * Wires count from 0; wire 0 is the most significant bit of a basis state's number. Rotations are
 * exp(-i angle/2 P); angles are in radians. `inputs` are the features of a sample, `weights` what
 * training changes; either may be used many times or never. */
#ifndef QF_QUANTUM_CIRCUIT_H
#define QF_QUANTUM_CIRCUIT_H

#include "base/memory.h"
#include "quantum/expression.h"

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    QF_MAX_WIRES = 40,      /* of a circuit; simulation ends sooner, for want of memory */
    QF_MAX_GATES = 1 << 20, /* of a circuit from a few options or from OpenQASM */
    QF_GATE_WIRES = 3,
    QF_GATE_ANGLES = 4,
    QF_GATE_STATES = 1 << QF_GATE_WIRES,
};

typedef enum qf_gate_kind {
    QF_GATE_I,
    QF_GATE_H,
    QF_GATE_X,
    QF_GATE_Y,
    QF_GATE_Z,
    QF_GATE_S,
    QF_GATE_SDG, /* S dagger */
    QF_GATE_T,
    QF_GATE_TDG,
    QF_GATE_SX, /* the root of X: H S H */
    QF_GATE_SXDG,
    QF_GATE_RX,
    QF_GATE_RY,
    QF_GATE_RZ,
    QF_GATE_P, /* diag(1, exp(i angle)) */
    QF_GATE_U, /* U(theta, phi, lambda) = P(phi) RY(theta) P(lambda), OpenQASM's U and u3 */
    QF_GATE_CNOT,
    QF_GATE_CY,
    QF_GATE_CZ,
    QF_GATE_CH,
    QF_GATE_SWAP,
    QF_GATE_CP,
    QF_GATE_CRX,
    QF_GATE_CRY,
    QF_GATE_CRZ,
    QF_GATE_CU,  /* controlled exp(i gamma) U(theta, phi, lambda); gamma is the fourth angle */
    QF_GATE_RXX, /* exp(-i angle/2 X X) */
    QF_GATE_RYY,
    QF_GATE_RZZ,
    QF_GATE_CCX,
    QF_GATE_CSWAP,
    QF_GATE_KINDS
} qf_gate_kind;

typedef struct qf_gate_form {
    const char *name;     /* "RX", as in drawings */
    size_t wires, angles; /* controls come first among the wires */
    size_t controls;
} qf_gate_form;
const qf_gate_form *qf_gate_form_of(qf_gate_kind kind);

/* The gate's unitary, matrix[rows][rows] for rows = 2^wires; its first wire is the most significant
 * bit. With its global phase. */
void qf_gate_matrix(qf_gate_kind kind, const double angles[QF_GATE_ANGLES],
                    double complex matrix[QF_GATE_STATES * QF_GATE_STATES]);

typedef enum qf_angle_source {
    QF_ANGLE_CONSTANT, /* offset alone */
    QF_ANGLE_INPUT,
    QF_ANGLE_WEIGHT,
    QF_ANGLE_TERM, /* of the circuit's expressions */
} qf_angle_source;

/* scale * parameter + offset */
typedef struct qf_angle {
    qf_angle_source source;
    size_t index; /* of the input, weight or term */
    double scale, offset;
} qf_angle;

qf_angle qf_angle_constant(double value);
qf_angle qf_angle_input(size_t input);
qf_angle qf_angle_weight(size_t weight);
qf_angle qf_angle_term(size_t term, double scale);

typedef struct qf_gate {
    qf_gate_kind kind;
    size_t wires[QF_GATE_WIRES];
    qf_angle angles[QF_GATE_ANGLES];
    size_t first_angle; /* the number of its first angle among all of the circuit */
    bool ideal;         /* no noise follows it */
} qf_gate;

typedef enum qf_measurement_kind {
    QF_MEASURE_PAULI,         /* the expectation value of a Pauli string: one output */
    QF_MEASURE_PROBABILITIES, /* of the basis states of k wires: 2^k outputs, in order; the lowest
                               * wire is the most significant bit */
} qf_measurement_kind;

/* Bit w stands for wire w. */
typedef struct qf_measurement {
    qf_measurement_kind kind;
    uint64_t x, z;  /* Pauli: wires with X or Y; wires with Z or Y */
    uint64_t wires; /* probabilities */
} qf_measurement;

typedef enum qf_start {
    QF_START_ZERO,       /* |0...0> */
    QF_START_AMPLITUDES, /* the inputs, padded with zeros to 2^wires and normalised; at least one
                          * is not zero */
} qf_start;

/* Made by qf_circuit_new, freed by qf_circuit_free; zeroed is empty. */
typedef struct qf_circuit {
    size_t wires, inputs, weights;
    qf_start start;
    size_t gate_count, gate_capacity;
    qf_gate *gates;
    size_t angle_count; /* of all gates together */
    qf_expressions expressions;
    size_t measurement_count, measurement_capacity;
    qf_measurement *measurements;
    size_t outputs; /* of all measurements together */
} qf_circuit;

/* An empty circuit. QF_USAGE for 0 or more than QF_MAX_WIRES wires. */
qf_status qf_circuit_new(qf_circuit *circuit, size_t wires, size_t inputs, size_t weights,
                         qf_error *error);
void qf_circuit_free(qf_circuit *circuit);

/* Appends a gate; wires[form.wires] are distinct, angles[form.angles] finite and of parameters that
 * are there: QF_DATA. */
qf_status qf_circuit_add(qf_circuit *circuit, qf_gate_kind kind, const size_t *wires,
                         const qf_angle *angles, qf_error *error);
/* Appends a term to the expressions; its operands, input or weight are there: QF_DATA. */
qf_status qf_circuit_add_term(qf_circuit *circuit, qf_term term, size_t *index, qf_error *error);

/* <Z> of a wire, of a Pauli string "XIZY" with a letter for each wire, and probabilities. */
qf_status qf_circuit_measure_z(qf_circuit *circuit, size_t wire, qf_error *error);
qf_status qf_circuit_measure_pauli(qf_circuit *circuit, const char *string, qf_error *error);
qf_status qf_circuit_measure_probabilities(qf_circuit *circuit, uint64_t wires, qf_error *error);
/* Measurements from text, in place of those that are there: "z:0,1,2", "pauli:XIZY,ZZII",
 * "pauli:XZ*" (XZZZ of four wires: the last letter for all further ones), "probs" (of all wires),
 * "probs:0,2". QF_USAGE. */
qf_status qf_circuit_measure_text(qf_circuit *circuit, const char *text, qf_error *error);
/* Appends the text that makes the circuit's measurements. QF_DATA for those that none makes:
 * expectation values beside probabilities, or several of these. */
qf_status qf_circuit_measure_print(const qf_circuit *circuit, qf_bytes *text, qf_error *error);

/* Every angle by its number: angles[angle_count]. */
void qf_circuit_angles(const qf_circuit *circuit, const qf_angle **angles);
/* Whether an angle depends on an input. */
bool qf_angle_varies(const qf_circuit *circuit, const qf_angle *angle);

/* The angles of all gates, in order, then the terms: values[qf_circuit_values(circuit)]. */
size_t qf_circuit_values(const qf_circuit *circuit);
void qf_circuit_evaluate(const qf_circuit *circuit, const double *inputs, const double *weights,
                         double *values);
/* The chain rule. gradients[qf_circuit_values(circuit)] holds those of the angles and is used up;
 * adds to those of inputs and weights; either may be NULL. */
void qf_circuit_backward(const qf_circuit *circuit, const double *values, double *gradients,
                         double *input_gradients, double *weight_gradients);

/* Whether two circuits have the same gates at the same angles; measurements do not count, wires do
 * as far as there are gates on them. */
bool qf_circuit_equal(const qf_circuit *a, const qf_circuit *b);

/* QF_DATA for inputs of a batch, rows padded, that are not finite or, where they are amplitudes,
 * all zero. */
qf_status qf_circuit_check_inputs(const qf_circuit *circuit, const double *inputs, size_t batch,
                                  qf_error *error);

/* The longest chain of gates that share a wire each with the next. */
size_t qf_circuit_depth(const qf_circuit *circuit);

#endif
