/* Expectation values as functions of weights alone: Pauli strings carried backward through a
 * circuit (the Heisenberg picture), for few wires.
 *
 * Clifford gates rename strings; a turn by an angle mixes pairs of strings that differ in one
 * letter: b' = cos b + sin c and c' = cos c - sin b. Which strings can occur, and which of them
 * matter, is known before any numbers: a turn that mixes none of those has no gradient, whatever
 * the weights. Values live on a tape, and the gradient goes back over it.
 *
 * A value is `lanes` doubles, one for each measurement, filled up with zeros. Cost: 4 flops a pair
 * and lane forward, 6 backward; at most 4^n / 4 pairs a turn. */
#ifndef QF_QUANTUM_PAULI_H
#define QF_QUANTUM_PAULI_H

#include "quantum/lower.h"

enum { QF_PAULI_WIRES = 6, QF_PAULI_LANES = 4 };

/* Bit w of x: X or Y on wire w; of z: Z or Y. */
typedef struct qf_pauli {
    unsigned x, z;
} qf_pauli;

/* What a turn mixes: values at two places of the tape, of the strings `b` and `c`. */
typedef struct qf_pauli_pair {
    unsigned from_b, from_c, b, c;
} qf_pauli_pair;

/* Pairs of which the same is asked. Their results take the tape's next places: b, then c, of pair
 * after pair. */
typedef struct qf_pauli_run {
    bool to_b, to_c;           /* which of both results are needed */
    double sign;               /* of the sine */
    size_t pair, pairs, place; /* the first pair, how many, the first place */
} qf_pauli_run;

/* Part of a turn's angle: scale * weights[weight]. */
typedef struct qf_pauli_part {
    size_t turn, weight;
    double scale;
} qf_pauli_part;

/* A string that the measurements have become: sign times the value at a place. */
typedef struct qf_pauli_end {
    qf_pauli string;
    size_t number, place;
    double sign;
} qf_pauli_end;

/* Zeroed is empty; free with qf_pauli_program_free. Turns are in the tape's order: the circuit's
 * last comes first. */
typedef struct qf_pauli_program {
    size_t wires, lanes;
    size_t measurements;
    size_t
        *starts; /* [measurements] places of the tape that begin as 1 in the measurement's lane */
    size_t turns;
    size_t *first_runs; /* [turns + 1] */
    double *offsets;    /* [turns], the constant parts of their angles */
    size_t run_count, run_capacity, pair_count, pair_capacity, part_count, part_capacity;
    qf_pauli_run *runs;
    qf_pauli_pair *pairs;
    qf_pauli_part *parts;
    size_t end_count;
    qf_pauli_end *ends;
    size_t
        places; /* of the tape; place 0 holds zeros, and the tape begins as zeros but for starts */
    size_t strings; /* that have numbers */
} qf_pauli_program;

/* Carries a circuit's measurements back through steps, none of which depends on an input. `matters`
 * says which strings will be used in the end. QF_MISMATCH for more than QF_PAULI_WIRES wires,
 * probabilities, or angles that are expressions. */
typedef bool qf_pauli_matters(const void *context, qf_pauli string);
qf_status qf_pauli_program_make(const qf_circuit *circuit, const qf_steps *steps,
                                qf_pauli_matters *matters, const void *context,
                                qf_pauli_program *program, qf_error *error);
void qf_pauli_program_free(qf_pauli_program *program);

#endif
