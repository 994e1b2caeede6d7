/* Finite shots for circuits of few wires: outcomes drawn from the exact chances of an inner layer,
 * noise and misreading included.
 *
 * Measurements that commute wire by wire share their shots: each group of them has `shots` of its
 * own, and one outcome gives a value of every member: unbiased, of variance (1 - <P>^2) / shots, or
 * p (1 - p) / shots of a probability, and correlated within the group. The chances of a group's
 * outcomes come from the expectation values of all products of its letters, by a Walsh-Hadamard
 * transform; the number of each outcome is then drawn by halves (binomials), so that the cost does
 * not grow with the shots.
 *
 * Gradients are estimated as hardware would: by parameter shift (Mitarai et al. 2018; four terms
 * for controlled turns, Anselmetti et al. 2021), each shifted circuit with shots of its own. They
 * are unbiased for given gradients by the outputs; where these come from outputs that were
 * estimated, too, by other shots, a loss's gradient is only if they are linear in them. Cost: two
 * or four batches for each angle that is not constant. */
#ifndef QF_QUANTUM_SHOTS_H
#define QF_QUANTUM_SHOTS_H

#include "quantum/groups.h"
#include "quantum/layer.h"

typedef struct qf_shots qf_shots;

/* Options as of a layer; options->shots > 0. The circuit stays the caller's. QF_MISMATCH for a
 * group of more than QF_SHOTS_WIRES wires. */
enum { QF_SHOTS_WIRES = 8 };
qf_status qf_shots_new(const qf_circuit *circuit, const qf_layer_options *options,
                       qf_shots **engine, qf_error *error);
void qf_shots_free(qf_shots *engine);
/* Of the inner layers. */
qf_engine qf_shots_engine(const qf_shots *engine);

/* As those of a layer. Keys[batch] of the rows. */
qf_status qf_shots_forward(qf_shots *engine, const double *weights, const double *inputs,
                           size_t batch, const uint64_t *keys, double *outputs, const qf_run *run,
                           qf_error *error);
qf_status qf_shots_backward(qf_shots *engine, const double *weights, const double *inputs,
                            size_t batch, const uint64_t *keys, const double *output_gradients,
                            double *input_gradients, double *weight_gradients, const qf_run *run,
                            qf_error *error);

#endif
