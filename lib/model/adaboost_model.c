/* AdaBoost. */
#include "base/memory.h"
#include "learn/boosting.h"
#include "model/forest_state.h"
#include "model/forest_sweep.h"

#include <stdlib.h>
#include <string.h>

static const char *const algorithms[] = {"samme.r", "samme", NULL};

static const qf_parameter parameters[] = {
    {.name = "estimators",
     .kind = QF_PARAMETER_INTEGER,
     .initial = "400",
     .minimum = 1,
     .maximum = 100000,
     .help = "trees at most; fitting stops early when one is right for all rows"},
    {.name = "depth",
     .kind = QF_PARAMETER_INTEGER,
     .initial = "1",
     .minimum = 1,
     .maximum = 1e6,
     .help = "splits above a leaf of a tree at most; 1: stumps"},
    {.name = "rate",
     .kind = QF_PARAMETER_REAL,
     .initial = "1",
     .minimum = 1e-6,
     .maximum = QF_BOOSTING_MAX_RATE,
     .help = "how strongly a tree changes the rows' weights"},
    {.name = "algorithm",
     .kind = QF_PARAMETER_WORD,
     .initial = "samme.r",
     .words = algorithms,
     .help = "samme.r: trees vote by the log-odds of their leaves; samme: for a class"},
};

static qf_boosting_options options_of(const qf_model *model) {
    const char *algorithm = qf_record_text(&model->parameters, "algorithm");
    return (qf_boosting_options){
        .algorithm = strcmp(algorithm, "samme") == 0 ? QF_SAMME : QF_SAMME_R,
        .estimators = qf_parameter_count_or(model, "estimators", 0),
        .depth = qf_parameter_count_or(model, "depth", 0),
        .rate = qf_record_number(&model->parameters, "rate"),
        .class_weights = {model->class_weights[0], model->class_weights[1]}};
}

static qf_status fit_with(qf_model *model, const qf_boosting_options *options,
                          const qf_table *table, const qf_run *run, qf_error *error) {
    qf_boosting *boosting = qf_new_array(1, sizeof *boosting, error);
    if (!boosting) return QF_MEMORY;
    model->state = boosting;
    return qf_boosting_fit(table, options, run, boosting, error);
}

static qf_status fit(qf_model *model, const qf_table *table, const qf_run *run, qf_error *error) {
    const qf_boosting_options options = options_of(model);
    QF_TRY(fit_with(model, &options, table, run, error));
    const qf_boosting *boosting = model->state;
    return qf_record_set_integer(&model->facts, "estimators", (int64_t)boosting->forest.trees,
                                 error);
}

static void finish(const void *state, size_t trees, const double *sums, size_t count,
                   double *probabilities) {
    qf_boosting_finish(state, trees, sums, count, probabilities);
}

static qf_status sweep(qf_model *model, const qf_table *table, const qf_sweep *swept,
                       const qf_run *run, qf_error *error) {
    qf_boosting_options options = options_of(model);
    options.estimators = (size_t)swept->values[swept->count - 1];
    QF_TRY(fit_with(model, &options, table, run, error));
    const qf_boosting *boosting = model->state;
    return qf_forest_sweep(&boosting->forest, finish, boosting, model->threshold, swept, run,
                           error);
}

static qf_status predict(const qf_model *model, const double *rows, size_t count, const qf_run *run,
                         double *probabilities, qf_error *error) {
    (void)run;
    (void)error;
    qf_boosting_predict(model->state, rows, count, probabilities);
    return QF_OK;
}

static qf_status encode(const qf_model *model, qf_arrays *arrays, qf_error *error) {
    return qf_boosting_encode(model->state, arrays, error);
}

static qf_status decode(qf_model *model, const qf_arrays *arrays, qf_error *error) {
    qf_boosting *boosting = qf_new_array(1, sizeof *boosting, error);
    if (!boosting) return QF_MEMORY;
    model->state = boosting;
    return qf_boosting_decode(boosting, model->columns, arrays, error);
}

static void free_state(void *state) {
    qf_boosting_free(state);
    free(state);
}

extern const qf_model_kind qf_model_kind_adaboost;
const qf_model_kind qf_model_kind_adaboost = {
    .name = "adaboost",
    .summary = "boosted decision trees with exact Gini splits (AdaBoost)",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof *parameters,
    .fit = fit,
    .predict = predict,
    .encode = encode,
    .decode = decode,
    .free = free_state,
    .swept = "estimators",
    .sweep = sweep,
};
