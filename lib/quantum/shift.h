/* The parameter-shift rule as a circuit: a copy in which every angle that is not constant has a
 * further weight, its shift, which is zero; and which shifts give the angle's gradient (Mitarai et
 * al. 2018; four terms for controlled turns: Anselmetti et al. 2021, equation 8). Turns by the
 * shifts are ideal: noise follows the gate, not its shift. */
#ifndef QF_QUANTUM_SHIFT_H
#define QF_QUANTUM_SHIFT_H

#include "quantum/circuit.h"

/* Adds factor times the outputs, where the shift's weight is `by`, to the gradient of the angle. */
typedef struct qf_shift {
    size_t angle;  /* its number among all of the circuit */
    size_t weight; /* counted behind the circuit's own */
    double by, factor;
} qf_shift;

/* Zero-initialise, free with qf_shifts_free. */
typedef struct qf_shifts {
    size_t weights, count, capacity;
    qf_shift *items;
} qf_shifts;

/* QF_MISMATCH for a circuit with CU, which has no such copy. */
qf_status qf_shifts_make(const qf_circuit *circuit, qf_circuit *shifted, qf_shifts *shifts,
                         qf_error *error);
void qf_shifts_free(qf_shifts *shifts);

/* A copy of a circuit without its measurements. */
qf_status qf_shift_copy(const qf_circuit *circuit, qf_circuit *copy, qf_error *error);

#endif
