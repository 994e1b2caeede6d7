/* The density-matrix engine: any circuit of few wires with noise, exactly, with exact gradients.
 *
 * States are vectors of Pauli expectation values (transfer.h), four samples side by side. Backward
 * the observables go back through the transposed steps and meet the states of every turn; those
 * come from checkpoints, sqrt(turns) of them, so that nothing is inverted and memory stays small.
 *
 * Batches are rows padded as a net's, as in statevector.h. Cost a sample: 4 4^n flops a step
 * forward, about 4 times that backward. Memory: 32 4^n bytes times 2 sqrt(turns) + 3 a thread. */
#ifndef QF_QUANTUM_DENSITY_H
#define QF_QUANTUM_DENSITY_H

#include "base/run.h"
#include "quantum/noise.h"

enum { QF_DENSITY_WIRES = 12 };

typedef struct qf_density qf_density;

/* Prepares a circuit; it and the noise stay the caller's and must outlive the engine.
 * memory_limit: bytes that a thread's states may take, 0: three quarters of the machine's memory.
 * QF_MEMORY when they would take more, QF_MISMATCH for more than QF_DENSITY_WIRES wires. */
qf_status qf_density_new(const qf_circuit *circuit, const qf_noise *noise, qf_simd simd,
                         size_t memory_limit, qf_density **engine, qf_error *error);
void qf_density_free(qf_density *engine);

/* As qf_statevector_forward and _backward, but that backward needs no forward before it. */
qf_status qf_density_forward(const qf_density *engine, const double *weights, const double *inputs,
                             size_t batch, double *outputs, const qf_run *run, qf_error *error);
qf_status qf_density_backward(const qf_density *engine, const double *weights, const double *inputs,
                              size_t batch, const double *output_gradients, double *input_gradients,
                              double *weight_gradients, const qf_run *run, qf_error *error);

#endif
