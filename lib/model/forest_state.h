/* What models made of trees share: a forest as their state. */
#ifndef QF_MODEL_FOREST_STATE_H
#define QF_MODEL_FOREST_STATE_H

#include "learn/forest.h"
#include "model/model.h"

/* Makes model->state an empty forest and returns it, or NULL without memory. */
qf_forest *qf_forest_state_new(qf_model *model, qf_error *error);

/* The functions of a kind whose state is a forest. */
qf_status qf_forest_state_predict(const qf_model *model, const double *rows, size_t count,
                                  const qf_run *run, double *probabilities, qf_error *error);
qf_status qf_forest_state_encode(const qf_model *model, qf_arrays *arrays, qf_error *error);
qf_status qf_forest_state_decode(qf_model *model, const qf_arrays *arrays, qf_error *error);
void qf_forest_state_free(void *state);

/* A parameter's whole number, or `otherwise` where it is a word. */
size_t qf_parameter_count_or(const qf_model *model, const char *name, size_t otherwise);

#endif
