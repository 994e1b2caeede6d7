/* The state-vector engine: any circuit, exactly, with adjoint gradients (Jones and Gacon 2020).
 *
 * Turns of a wire between entangling gates are one pass over the state, whose gradient needs three
 * sums whatever the number of angles (sweep.h); CNOT and SWAP take no pass. With at most
 * QF_LANE_WIRES wires the samples of a batch lie side by side in SIMD lanes, with more the
 * amplitudes do. Threads share the samples, from QF_SHARED_WIRES wires on the amplitudes.
 *
 * Batches are rows padded as a net's (base/pad.h): inputs [batch][qf_pad(inputs)] and so on; what
 * is padding is not read, and written as zero.
 *
 * Cost a sample: forward 16 2^n flops a pass (and a pass over memory), backward 44 2^n. Memory: two
 * states a thread, 16 or 8 bytes an amplitude, and up to 64 MiB of states kept for backward. */
#ifndef QF_QUANTUM_STATEVECTOR_H
#define QF_QUANTUM_STATEVECTOR_H

#include "base/run.h"
#include "quantum/circuit.h"
#include "quantum/sweep.h"

enum { QF_LANE_WIRES = 7, QF_SHARED_WIRES = 16 };

typedef struct qf_statevector qf_statevector;

/* Prepares a circuit, which stays the caller's and must outlive the engine. memory_limit: bytes
 * that its states may take, 0: three quarters of the machine's memory. QF_MEMORY with the number of
 * bytes when they would take more. */
qf_status qf_statevector_new(const qf_circuit *circuit, qf_precision precision, qf_simd simd,
                             size_t memory_limit, qf_statevector **engine, qf_error *error);
void qf_statevector_free(qf_statevector *engine);

/* Outputs of a batch from inputs and weights[weights]. QF_DATA for inputs that
 * are not finite, or all zero where they are amplitudes. */
qf_status qf_statevector_forward(qf_statevector *engine, const double *weights,
                                 const double *inputs, size_t batch, double *outputs,
                                 const qf_run *run, qf_error *error);

/* From gradients with respect to the outputs, those with respect to inputs
 * (NULL: not wanted) and weights, [weights], summed over the batch (NULL: not
 * wanted). After a forward of the same weights and batch, whose states it uses up. */
qf_status qf_statevector_backward(qf_statevector *engine, const double *weights,
                                  const double *inputs, size_t batch,
                                  const double *output_gradients, double *input_gradients,
                                  double *weight_gradients, const qf_run *run, qf_error *error);

/* The states after the circuit of a batch, amplitudes[batch][2^wires] by basis state. QF_DATA as
 * above. What forward kept for backward is gone. */
qf_status qf_statevector_states(qf_statevector *engine, const double *weights, const double *inputs,
                                size_t batch, double complex *amplitudes, const qf_run *run,
                                qf_error *error);

/* The same of one sample. */
static inline qf_status qf_statevector_state(qf_statevector *engine, const double *weights,
                                             const double *inputs, double complex *amplitudes,
                                             const qf_run *run, qf_error *error) {
    return qf_statevector_states(engine, weights, inputs, 1, amplitudes, run, error);
}

#endif
