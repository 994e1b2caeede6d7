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

/* How far a tree grows: three rows of a kind's table of parameters, and what they say, with all
 * features and the model's class weights. */
extern const char *const qf_tree_unlimited[];
#define QF_TREE_DEPTH                                                                              \
    {                                                                                              \
        .name = "depth", .kind = QF_PARAMETER_INTEGER, .initial = "unlimited", .minimum = 1,       \
        .maximum = 1e6, .words = qf_tree_unlimited, .help = "splits above a leaf at most"          \
    }
#define QF_TREE_MIN_SPLIT                                                                          \
    {                                                                                              \
        .name = "min_split", .kind = QF_PARAMETER_INTEGER, .initial = "2", .minimum = 2,           \
        .maximum = 1e9, .help = "rows that a node needs to be split"                               \
    }
#define QF_TREE_MIN_LEAF                                                                           \
    {                                                                                              \
        .name = "min_leaf", .kind = QF_PARAMETER_INTEGER, .initial = "1", .minimum = 1,            \
        .maximum = 1e9, .help = "rows of a leaf at least"                                          \
    }
qf_tree_options qf_tree_options_of(const qf_model *model);

/* A parameter's whole number, or `otherwise` where it is a word. */
size_t qf_parameter_count_or(const qf_model *model, const char *name, size_t otherwise);

#endif
