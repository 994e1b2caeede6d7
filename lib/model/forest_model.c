/* A random forest. */
#include "model/forest_state.h"
#include "model/forest_sweep.h"

#include <math.h>
#include <string.h>

static const char *const shares[] = {"sqrt", "log2", "all", NULL};

static const qf_parameter parameters[] = {
    {.name = "trees",
     .kind = QF_PARAMETER_INTEGER,
     .initial = "300",
     .minimum = 1,
     .maximum = 100000,
     .help = "trees"},
    {.name = "features",
     .kind = QF_PARAMETER_INTEGER,
     .initial = "sqrt",
     .minimum = 1,
     .maximum = QF_TABLE_MAX_COLUMNS,
     .words = shares,
     .help = "columns drawn for each split, or the square root or binary logarithm of their "
             "number, rounded down"},
    QF_TREE_DEPTH,
    QF_TREE_MIN_SPLIT,
    QF_TREE_MIN_LEAF,
    {.name = "smoothing",
     .kind = QF_PARAMETER_REAL,
     .initial = "1",
     .minimum = 0,
     .maximum = 1e6,
     .help =
         "rows with the parent's share of fraud that a leaf's probability counts as well; 0: as "
         "in scikit-learn"},
};

static size_t features_drawn(const qf_model *model) {
    const char *word = qf_record_text(&model->parameters, "features");
    const double columns = (double)model->columns;
    double count = columns;
    if (strcmp(word, "sqrt") == 0) count = floor(sqrt(columns));
    if (strcmp(word, "log2") == 0) count = fmax(1, floor(log2(columns)));
    return qf_parameter_count_or(model, "features", (size_t)count);
}

static qf_forest_options options_of(const qf_model *model) {
    qf_forest_options options = {.trees = qf_parameter_count_or(model, "trees", 0),
                                 .smoothing = qf_record_number(&model->parameters, "smoothing"),
                                 .tree = qf_tree_options_of(model)};
    options.tree.features = features_drawn(model);
    return options;
}

static qf_status fit(qf_model *model, const qf_table *table, const qf_run *run, qf_error *error) {
    const qf_forest_options options = options_of(model);
    qf_forest *forest = qf_forest_state_new(model, error);
    if (!forest) return QF_MEMORY;
    QF_TRY(qf_forest_fit(table, &options, model->seed, run, forest, error));
    QF_TRY(qf_record_set_integer(&model->facts, "trees", (int64_t)forest->trees, error));
    return qf_record_set_integer(&model->facts, "nodes", (int64_t)forest->roots[forest->trees],
                                 error);
}

static void finish(const void *context, size_t trees, const double *sums, size_t count,
                   double *probabilities) {
    (void)context;
    for (size_t r = 0; r < count; r++) probabilities[r] = sums[r] / (double)trees;
}

static qf_status sweep(qf_model *model, const qf_table *table, const qf_sweep *swept,
                       const qf_run *run, qf_error *error) {
    qf_forest_options options = options_of(model);
    options.trees = (size_t)swept->values[swept->count - 1];
    qf_forest *forest = qf_forest_state_new(model, error);
    if (!forest) return QF_MEMORY;
    QF_TRY(qf_forest_fit(table, &options, model->seed, run, forest, error));
    return qf_forest_sweep(forest, finish, NULL, model->threshold, swept, run, error);
}

extern const qf_model_kind qf_model_kind_forest;
const qf_model_kind qf_model_kind_forest = {
    .name = "forest",
    .summary = "a random forest of exact Gini trees on bootstrap rows",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof *parameters,
    .fit = fit,
    .predict = qf_forest_state_predict,
    .encode = qf_forest_state_encode,
    .decode = qf_forest_state_decode,
    .free = qf_forest_state_free,
    .swept = "trees",
    .sweep = sweep,
};
