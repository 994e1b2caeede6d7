#include "quantum/point.h"

#include "base/memory.h"
#include "base/pad.h"

#include <math.h>
#include <stdlib.h>

void qf_point_free(qf_point *point) {
    free(point->inputs);
    free(point->weights);
    free(point->outputs);
    free(point->output_gradients);
    free(point->gradients);
    *point = (qf_point){0};
}

qf_status qf_point_new(const qf_circuit *c, qf_point *p, qf_error *error) {
    *p = (qf_point){.inputs = qf_new_array(qf_pad(c->inputs), sizeof(double), error),
                    .weights = qf_new_array(c->weights, sizeof(double), error),
                    .outputs = qf_new_array(qf_pad(c->outputs), sizeof(double), error),
                    .output_gradients = qf_new_array(qf_pad(c->outputs), sizeof(double), error),
                    .gradients = qf_new_array(c->weights, sizeof(double), error)};
    if (p->inputs && p->weights && p->outputs && p->output_gradients && p->gradients) return QF_OK;
    qf_point_free(p);
    return QF_MEMORY;
}

void qf_point_draw(const qf_circuit *circuit, qf_random *random, bool inputs, qf_point *point) {
    const double turn = 6.28318530717958647693;
    for (size_t i = 0; inputs && i < circuit->inputs; i++) {
        point->inputs[i] = turn * qf_random_uniform(random);
    }
    for (size_t i = 0; i < circuit->weights; i++) {
        point->weights[i] = turn * qf_random_uniform(random);
    }
}

qf_status qf_point_check(const qf_circuit *circuit, const qf_point *point, qf_error *error) {
    bool finite = true;
    for (size_t i = 0; i < circuit->outputs; i++) finite &= isfinite(point->outputs[i]) != 0;
    for (size_t i = 0; i < circuit->weights; i++) finite &= isfinite(point->gradients[i]) != 0;
    if (finite) return QF_OK;
    return qf_fail(error, QF_DATA, "at random weights and inputs an angle is not a finite number");
}

qf_status qf_point_differentiate(qf_statevector *engine, qf_point *p, const qf_run *run,
                                 qf_error *error) {
    QF_TRY(qf_statevector_forward(engine, p->weights, p->inputs, 1, p->outputs, run, error));
    return qf_statevector_backward(engine, p->weights, p->inputs, 1, p->output_gradients, NULL,
                                   p->gradients, run, error);
}
