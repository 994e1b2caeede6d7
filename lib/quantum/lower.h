/* Circuits in the few kinds of steps that the engines know: turns of one wire, CNOT and SWAP.
 *
 * Up to a global phase, which no measurement sees, every gate is a product of these; the rest is
 * textbook (Barenco et al. 1995; controlled turns by half turns about a conjugated axis). Turns
 * about the same wire merge later, and CNOT and SWAP cost nothing in either engine. */
#ifndef QF_QUANTUM_LOWER_H
#define QF_QUANTUM_LOWER_H

#include "quantum/circuit.h"

typedef enum qf_step_kind {
    QF_STEP_FIXED, /* a Clifford gate of one wire: X Y Z H S SDG SX SXDG */
    QF_STEP_TURN,  /* exp(-i angle/2 axis), angle = scale * angles[slot] + offset */
    QF_STEP_CNOT,
    QF_STEP_SWAP,
    QF_STEP_NOISE, /* a wire's noise: of qf_noise_lower alone */
} qf_step_kind;

typedef enum qf_axis { QF_AXIS_X, QF_AXIS_Y, QF_AXIS_Z } qf_axis;

#define QF_NO_SLOT ((size_t)-1)

typedef struct qf_step {
    qf_step_kind kind;
    qf_gate_kind gate; /* of QF_STEP_FIXED */
    qf_axis axis;
    size_t wire, control; /* control: of CNOT, or the other wire of SWAP */
    size_t slot;          /* the number of an angle of the circuit, or QF_NO_SLOT: offset alone */
    double scale, offset;
    bool varies; /* the angle depends on an input */
} qf_step;

/* Zero-initialise, free(items). */
typedef struct qf_steps {
    size_t count, capacity;
    qf_step *items;
} qf_steps;

/* Appends the steps of one gate of the circuit, or of all. */
qf_status qf_gate_lower(const qf_circuit *circuit, const qf_gate *gate, qf_steps *steps,
                        qf_error *error);
qf_status qf_circuit_lower(const qf_circuit *circuit, qf_steps *steps, qf_error *error);

/* Turns a vector of X, Y and Z as the step, a turn by `angle` or fixed, turns a state's Bloch
 * vector; or back. */
void qf_step_rotate(const qf_step *step, double angle, bool back, double vector[3]);

#endif
