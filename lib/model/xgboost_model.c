/* Gradient-boosted trees by XGBoost. */
#include "learn/xgboost.h"
#include "model/forest_state.h"
#include "model/forest_sweep.h"

static const char *const methods[] = {"exact", "hist", "approx", NULL};

static const qf_parameter parameters[] = {
    {.name = "rounds",
     .kind = QF_PARAMETER_INTEGER,
     .initial = "300",
     .minimum = 1,
     .maximum = 100000,
     .help = "trees"},
    {.name = "eta",
     .kind = QF_PARAMETER_REAL,
     .initial = "0.1",
     .minimum = 1e-6,
     .maximum = 1,
     .help = "what a tree's leaves are multiplied by"},
    {.name = "depth",
     .kind = QF_PARAMETER_INTEGER,
     .initial = "6",
     .minimum = 1,
     .maximum = 30,
     .help = "splits above a leaf at most"},
    {.name = "method",
     .kind = QF_PARAMETER_WORD,
     .initial = "exact",
     .words = methods,
     .help = "XGBoost's tree_method: exact tries all thresholds; hist and approx those between 256 "
             "bins, made once or for each tree"},
    {.name = "lambda",
     .kind = QF_PARAMETER_REAL,
     .initial = "1",
     .minimum = 0,
     .maximum = 1e6,
     .help = "L2 penalty of a leaf's value"},
    {.name = "subsample",
     .kind = QF_PARAMETER_REAL,
     .initial = "1",
     .minimum = 0.01,
     .maximum = 1,
     .help = "share of the rows drawn for each tree"},
    {.name = "columns",
     .kind = QF_PARAMETER_REAL,
     .initial = "1",
     .minimum = 0.001,
     .maximum = 1,
     .help = "share of the columns drawn for each tree"},
    {.name = "min_child_weight",
     .kind = QF_PARAMETER_REAL,
     .initial = "1",
     .minimum = 0,
     .maximum = 1e9,
     .help = "least sum of second derivatives, p (1 - p) a row, in a leaf"},
};

static qf_status boost(qf_model *model, const qf_table *table, size_t rounds, const qf_run *run,
                       qf_error *error) {
    const qf_record *p = &model->parameters;
    const qf_xgboost_options options = {
        .rounds = rounds,
        .eta = qf_record_number(p, "eta"),
        .depth = (size_t)qf_record_number(p, "depth"),
        .method = qf_record_text(p, "method"),
        .lambda = qf_record_number(p, "lambda"),
        .subsample = qf_record_number(p, "subsample"),
        .columns = qf_record_number(p, "columns"),
        .min_child_weight = qf_record_number(p, "min_child_weight"),
        .class_weights = {model->class_weights[0], model->class_weights[1]},
        .seed = model->seed};
    char version[QF_XGBOOST_VERSION];
    qf_forest *forest = qf_forest_state_new(model, error);
    if (!forest) return QF_MEMORY;
    QF_TRY(qf_xgboost_fit(table, &options, run, forest, version, error));
    QF_TRY(qf_record_set_text(&model->facts, "xgboost", version, error));
    return qf_record_set_integer(&model->facts, "nodes", (int64_t)forest->roots[forest->trees],
                                 error);
}

static qf_status fit(qf_model *model, const qf_table *table, const qf_run *run, qf_error *error) {
    return boost(model, table, (size_t)qf_record_number(&model->parameters, "rounds"), run, error);
}

static qf_status predict(const qf_model *model, const double *rows, size_t count, const qf_run *run,
                         double *probabilities, qf_error *error) {
    (void)run;
    (void)error;
    const qf_forest *forest = model->state;
    for (size_t r = 0; r < count; r++) probabilities[r] = 0;
    qf_forest_add(forest, 0, forest->trees, rows, count, probabilities);
    qf_xgboost_finish(probabilities, count, probabilities);
    return QF_OK;
}

static void finish(const void *context, size_t trees, const double *sums, size_t count,
                   double *probabilities) {
    (void)context;
    (void)trees;
    qf_xgboost_finish(sums, count, probabilities);
}

static qf_status sweep(qf_model *model, const qf_table *table, const qf_sweep *swept,
                       const qf_run *run, qf_error *error) {
    QF_TRY(boost(model, table, (size_t)swept->values[swept->count - 1], run, error));
    return qf_forest_sweep(model->state, finish, NULL, model->threshold, swept, run, error);
}

static qf_status decode(qf_model *model, const qf_arrays *arrays, qf_error *error) {
    qf_forest *forest = qf_forest_state_new(model, error);
    return forest ? qf_xgboost_decode(forest, model->columns, arrays, error) : QF_MEMORY;
}

extern const qf_model_kind qf_model_kind_xgboost;
const qf_model_kind qf_model_kind_xgboost = {
    .name = "xgboost",
    .summary = "gradient-boosted trees by XGBoost, grown in one thread",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof *parameters,
    .fit = fit,
    .predict = predict,
    .encode = qf_forest_state_encode,
    .decode = decode,
    .free = qf_forest_state_free,
    .swept = "rounds",
    .sweep = sweep,
};
