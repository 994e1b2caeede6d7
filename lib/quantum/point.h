/* A random place at which a circuit is looked at: inputs, weights, and the gradient there. */
#ifndef QF_QUANTUM_POINT_H
#define QF_QUANTUM_POINT_H

#include "base/random.h"
#include "quantum/statevector.h"

/* Arrays of the circuit's sizes, inputs and outputs padded (base/pad.h), zero at first. Free with
 * qf_point_free. */
typedef struct qf_point {
    double *inputs, *weights, *outputs, *output_gradients, *gradients;
} qf_point;

qf_status qf_point_new(const qf_circuit *circuit, qf_point *point, qf_error *error);
void qf_point_free(qf_point *point);

/* Draws weights, and inputs if so asked, uniformly from [0, 2 pi). */
void qf_point_draw(const qf_circuit *circuit, qf_random *random, bool inputs, qf_point *point);

/* QF_DATA unless outputs and gradients are finite numbers: expressions of angles have domains. */
qf_status qf_point_check(const qf_circuit *circuit, const qf_point *point, qf_error *error);

/* Outputs, and gradients[weights] from output_gradients. */
qf_status qf_point_differentiate(qf_statevector *engine, qf_point *point, const qf_run *run,
                                 qf_error *error);

#endif
