/* The observables of a noisy circuit, carried back through all steps that no input enters: what the
 * feature engine makes its matrix of. All 4^n strings, whatever the observables need; for few
 * wires. */
#ifndef QF_QUANTUM_HEISENBERG_H
#define QF_QUANTUM_HEISENBERG_H

#include "quantum/transfer.h"

typedef struct qf_heisenberg qf_heisenberg;

/* The steps, none of which varies, are taken over in either case; the circuit stays the caller's.
 * Every measurement is a Pauli string. */
qf_status qf_heisenberg_new(const qf_circuit *circuit, const qf_noise *noise, qf_steps *steps,
                            qf_simd simd, qf_heisenberg **heisenberg, qf_error *error);
void qf_heisenberg_free(qf_heisenberg *heisenberg);

/* The observables at the steps' beginning, values[4^n][lanes], lanes being the measurements filled
 * up to whole fours; they stay the object's. */
const double *qf_heisenberg_forward(qf_heisenberg *heisenberg, const double *weights);
/* Adds to the weights' gradient from those by the values, which are used up; after a forward. */
void qf_heisenberg_backward(qf_heisenberg *heisenberg, double *gradients, double *weight_gradients);

#endif
