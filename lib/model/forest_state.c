#include "model/forest_state.h"

#include "base/memory.h"

#include <stdlib.h>

qf_forest *qf_forest_state_new(qf_model *model, qf_error *error) {
    model->state = qf_new_array(1, sizeof(qf_forest), error);
    return model->state;
}

qf_status qf_forest_state_predict(const qf_model *model, const double *rows, size_t count,
                                  const qf_run *run, double *probabilities, qf_error *error) {
    (void)run;
    (void)error;
    qf_forest_predict(model->state, rows, count, probabilities);
    return QF_OK;
}

qf_status qf_forest_state_encode(const qf_model *model, qf_arrays *arrays, qf_error *error) {
    return qf_forest_encode(model->state, arrays, error);
}

qf_status qf_forest_state_decode(qf_model *model, const qf_arrays *arrays, qf_error *error) {
    qf_forest *forest = qf_forest_state_new(model, error);
    return forest ? qf_forest_decode(forest, model->columns, 0, 1, arrays, error) : QF_MEMORY;
}

void qf_forest_state_free(void *state) {
    qf_forest_free(state);
    free(state);
}

size_t qf_parameter_count_or(const qf_model *model, const char *name, size_t otherwise) {
    const qf_field *field = qf_record_find(&model->parameters, name);
    return field && field->kind == QF_FIELD_INTEGER ? (size_t)field->integer : otherwise;
}

const char *const qf_tree_unlimited[] = {"unlimited", NULL};

qf_tree_options qf_tree_options_of(const qf_model *model) {
    qf_tree_options options = qf_tree_options_default();
    options.max_depth = qf_parameter_count_or(model, "depth", options.max_depth);
    options.min_split = qf_parameter_count_or(model, "min_split", options.min_split);
    options.min_leaf = qf_parameter_count_or(model, "min_leaf", options.min_leaf);
    options.class_weights[0] = model->class_weights[0];
    options.class_weights[1] = model->class_weights[1];
    return options;
}
