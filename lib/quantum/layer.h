/* A circuit as a layer: outputs of batches, and gradients from the outputs' to those of inputs and
 * weights, by whichever engine suits the circuit. */
#ifndef QF_QUANTUM_LAYER_H
#define QF_QUANTUM_LAYER_H

#include "learn/net.h"
#include "quantum/circuit.h"
#include "quantum/noise.h"
#include "quantum/sweep.h"

typedef enum qf_engine {
    QF_ENGINE_AUTO, /* features up to QF_AUTO_WIRES wires where the circuit allows it */
    QF_ENGINE_FEATURE,
    QF_ENGINE_STATEVECTOR,
    QF_ENGINE_DENSITY,      /* with noise, where features do not serve and wires are few */
    QF_ENGINE_TRAJECTORIES, /* with noise, else; no gradients */
} qf_engine;
/* "auto", "feature" and so on; NULL-terminated. */
extern const char *const qf_engine_names[];

enum {
    QF_AUTO_WIRES = 5,         /* beyond, the matrix costs as much as a small batch of states */
    QF_AUTO_DENSITY_WIRES = 8, /* beyond, trajectories are cheaper */
};

typedef struct qf_layer_options {
    qf_engine engine;
    qf_precision precision;
    qf_simd simd;
    size_t memory_limit; /* bytes of states; 0: three quarters of the machine's memory */
    qf_noise noise;
    size_t shots;  /* by which outputs are estimated; 0: exact, or means over QF_TRAJECTORIES */
    uint64_t seed; /* of shots and trajectories */
} qf_layer_options;

typedef struct qf_quantum_layer qf_quantum_layer;

/* Prepares a circuit, which stays the caller's and must outlive the layer. QF_MISMATCH when an
 * engine is asked for that cannot do it, QF_MEMORY with the number of bytes when the states
 * would take too many. */
qf_status qf_quantum_layer_new(const qf_circuit *circuit, const qf_layer_options *options,
                               qf_quantum_layer **layer, qf_error *error);
void qf_quantum_layer_free(qf_quantum_layer *layer);
/* Whose chance the rows of the following forward calls have, one key after the other: the same row,
 * key and seed give the same shots, whatever comes before or beside it. NULL, to begin with: keys
 * come from the weights, the row's inputs and its place in the batch, so that the steps of a
 * training differ, and one that is taken up again does as it would have. */
void qf_quantum_layer_keys(qf_quantum_layer *layer, const uint64_t *keys);
/* The engine that was chosen. */
qf_engine qf_quantum_layer_engine(const qf_quantum_layer *layer);

/* Batches are rows padded as a net's (base/pad.h); what is padding is not read, and written as
 * zero. Both work by run->threads threads; a layer does one call at a time. QF_DATA for an input
 * that is not finite. */
qf_status qf_quantum_layer_forward(qf_quantum_layer *layer, const double *weights,
                                   const double *inputs, size_t batch, double *outputs,
                                   const qf_run *run, qf_error *error);
/* Once after a forward of the same weights and batch. Sets gradients with respect to the inputs
 * (unless NULL) and the weights[weights], summed over the batch (unless NULL), from those with
 * respect to the outputs. */
qf_status qf_quantum_layer_backward(qf_quantum_layer *layer, const double *weights,
                                    const double *inputs, size_t batch,
                                    const double *output_gradients, double *input_gradients,
                                    double *weight_gradients, const qf_run *run, qf_error *error);

/* The layer between a net's dense ones, which must not outlive it; one thread. */
qf_foreign_layer qf_quantum_layer_in_net(qf_quantum_layer *layer);

#endif
