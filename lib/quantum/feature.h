/* The feature engine: circuits of few wires into which each input enters once, before all else.
 *
 * After one turn by an input's angle a wire's Bloch vector is linear in (1, cos, sin), so every
 * output is linear in the 3^n products of these over the wires. A batch turns the weights into the
 * matrix [3^n][outputs] once (pauli.h), a sample is one small product forward and two backward, and
 * the gradient of the matrix, summed over the batch, goes back to the weights once.
 *
 * Cost a sample: 2 * 3^n flops an output forward and 4 * 3^n backward, besides the sines. Threads
 * share the samples of large batches. */
#ifndef QF_QUANTUM_FEATURE_H
#define QF_QUANTUM_FEATURE_H

#include "base/run.h"
#include "quantum/circuit.h"
#include "quantum/noise.h"
#include "quantum/sweep.h"

typedef struct qf_feature qf_feature;

/* Prepares a circuit, which, like the noise (NULL: none), stays the caller's and must outlive the
 * engine. Channels act on the carried observables, and those before an input on the Bloch vector
 * that it turns, so that a sample costs what it does without noise; a batch's matrix costs about 10
 * flops for each of 4^n strings, steps and outputs. QF_MISMATCH, with the reason, for a circuit
 * that it cannot do: more than QF_PAULI_WIRES wires, an input that enters twice on a wire or behind
 * other wires or weights, angles by expressions, probabilities, amplitudes, more than
 * QF_FEATURE_OUTPUTS measurements. */
qf_status qf_feature_new(const qf_circuit *circuit, const qf_noise *noise, qf_precision precision,
                         qf_simd simd, qf_feature **engine, qf_error *error);
void qf_feature_free(qf_feature *engine);

/* As qf_statevector_forward and _backward: rows padded, what is padding written as zero. */
qf_status qf_feature_forward(qf_feature *engine, const double *weights, const double *inputs,
                             size_t batch, double *outputs, const qf_run *run, qf_error *error);
qf_status qf_feature_backward(qf_feature *engine, size_t batch, const double *output_gradients,
                              double *input_gradients, double *weight_gradients, const qf_run *run,
                              qf_error *error);

#endif
