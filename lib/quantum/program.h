/* What the state-vector engine makes of a circuit once, before any numbers: blocks of turns that
 * merge into one unitary of one wire, each with the bits that stand for the wire at its place. */
#ifndef QF_QUANTUM_PROGRAM_H
#define QF_QUANTUM_PROGRAM_H

#include "quantum/lower.h"

/* Turns and Clifford gates of one wire in a row. Bit b of flip and row is bit b of an amplitude's
 * number. */
typedef struct qf_block {
    size_t first, count; /* of the program's factors */
    size_t flip, row;
    bool varies;   /* depends on an input */
    bool diagonal; /* whatever the angles */
} qf_block;

/* Zero-initialise; free with qf_program_free. */
typedef struct qf_program {
    size_t factor_count, block_count, block_capacity;
    qf_step *factors; /* QF_STEP_FIXED and QF_STEP_TURN */
    qf_block *blocks;
    size_t flips[QF_MAX_WIRES], rows[QF_MAX_WIRES]; /* of each wire, at the end */
} qf_program;

qf_status qf_program_make(const qf_circuit *circuit, qf_program *program, qf_error *error);
void qf_program_free(qf_program *program);

/* A block's unitary. angles[angle_count of the circuit] */
void qf_block_matrix(const qf_program *program, const qf_block *block, const double *angles,
                     double complex matrix[4]);

/* From sums = Im tr(P |ket><bra|) after the block, P = X, Y, Z, where bra is the gradient with
 * respect to the ket, adds the gradients with respect to its angles. sums is used up. */
void qf_block_backward(const qf_program *program, const qf_block *block, const double *angles,
                       double sums[3], double *angle_gradients);

#endif
