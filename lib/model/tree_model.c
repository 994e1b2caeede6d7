/* One decision tree, pruned. */
#include "base/memory.h"
#include "learn/prune.h"
#include "model/forest_state.h"

#include <stdlib.h>
#include <string.h>

/* As in the paper, whose alpha is chosen by three folds. */
enum { FOLDS = 3 };

static const char *const automatic[] = {"auto", NULL};

static const qf_parameter parameters[] = {
    {.name = "alpha",
     .kind = QF_PARAMETER_REAL,
     .initial = "auto",
     .minimum = 0,
     .maximum = 1,
     .words = automatic,
     .help = "cost-complexity alpha of pruning; 0: not pruned; auto: the one of best accuracy in "
             "stratified 3-fold cross-validation, the smaller tree on ties"},
    QF_TREE_DEPTH,
    QF_TREE_MIN_SPLIT,
    QF_TREE_MIN_LEAF,
};

static qf_status grow(const qf_table *table, const qf_ranks *ranks, const qf_tree_options *options,
                      qf_tree *tree, qf_error *error) {
    qf_tree_grower *grower;
    QF_TRY(qf_tree_grower_new(ranks, table->labels, options, &grower, error));
    const qf_status status = qf_tree_grow(grower, NULL, NULL, tree, error);
    qf_tree_grower_free(grower);
    return status;
}

static qf_status grow_and_prune(const qf_table *table, const qf_ranks *ranks,
                                const qf_tree_options *options, double alpha, qf_tree *tree,
                                qf_error *error) {
    QF_TRY(grow(table, ranks, options, tree, error));
    if (alpha == 0) return QF_OK;
    qf_pruning pruning;
    QF_TRY(qf_pruning_init(&pruning, tree, error));
    const qf_status status = qf_tree_prune(tree, &pruning, alpha, error);
    qf_pruning_free(&pruning);
    return status;
}

static qf_status choose_and_prune(const qf_table *table, const qf_ranks *ranks,
                                  const qf_tree_options *options, uint64_t seed, const qf_run *run,
                                  qf_tree *tree, double *alpha, qf_error *error) {
    qf_folds folds;
    QF_TRY(qf_folds_init(&folds, table, FOLDS, seed, error));
    const qf_status status =
        qf_tree_cross_validate(table, ranks, options, &folds, run, tree, alpha, error);
    qf_folds_free(&folds);
    return status;
}

static qf_status finish(qf_model *model, const qf_tree *tree, double alpha, qf_error *error) {
    size_t depth;
    QF_TRY(qf_tree_depth(tree, &depth, error));
    QF_TRY(qf_record_set_real(&model->facts, "alpha", alpha, error));
    QF_TRY(qf_record_set_integer(&model->facts, "leaves", (int64_t)qf_tree_leaves(tree), error));
    QF_TRY(qf_record_set_integer(&model->facts, "depth", (int64_t)depth, error));
    qf_forest *forest = qf_forest_state_new(model, error);
    return forest ? qf_forest_init(forest, model->columns, tree, 1, error) : QF_MEMORY;
}

static qf_status fit(qf_model *model, const qf_table *table, const qf_run *run, qf_error *error) {
    const qf_tree_options options = qf_tree_options_of(model);
    const bool choose = strcmp(qf_record_text(&model->parameters, "alpha"), "auto") == 0;
    double alpha = choose ? 0 : qf_record_number(&model->parameters, "alpha");
    qf_ranks ranks;
    QF_TRY(qf_ranks_init(&ranks, table, run, error));
    qf_tree tree = {0};
    qf_status status =
        choose ? choose_and_prune(table, &ranks, &options, model->seed, run, &tree, &alpha, error)
               : grow_and_prune(table, &ranks, &options, alpha, &tree, error);
    qf_ranks_free(&ranks);
    if (status == QF_OK) status = finish(model, &tree, alpha, error);
    qf_tree_free(&tree);
    return status;
}

/* One grown tree shows every alpha: as it rises, the node where a row ends climbs to the root. */
typedef struct climb {
    const qf_tree *tree;
    const qf_pruning *pruning;
    const qf_sweep *sweep;
    double threshold;
    size_t **nodes; /* [tables][rows] where each row ends */
    double **probabilities;
} climb;

static qf_status start_climb(const climb *c, qf_error *error) {
    for (size_t t = 0; t < c->sweep->table_count; t++) {
        const qf_table *table = c->sweep->tables[t];
        c->nodes[t] = qf_new_array(table->rows, sizeof *c->nodes[t], error);
        c->probabilities[t] = qf_new_array(table->rows, sizeof *c->probabilities[t], error);
        if (!c->nodes[t] || !c->probabilities[t]) return QF_MEMORY;
        for (size_t r = 0; r < table->rows; r++) {
            c->nodes[t][r] = qf_tree_leaf(c->tree->nodes, table->values + r * table->columns);
        }
    }
    return QF_OK;
}

static qf_status visit_alpha(const climb *c, size_t value, qf_error *error) {
    const double alpha = c->sweep->values[value];
    const qf_pruning *pruning = c->pruning;
    for (size_t t = 0; t < c->sweep->table_count; t++) {
        for (size_t r = 0; r < c->sweep->tables[t]->rows; r++) {
            size_t node = c->nodes[t][r];
            /* With 0 nothing is pruned, not even what gains nothing. */
            while (alpha > 0 && node > 0 && pruning->collapse[pruning->parent[node]] <= alpha) {
                node = pruning->parent[node];
            }
            c->nodes[t][r] = node;
            c->probabilities[t][r] = qf_tree_share(c->tree, node);
        }
        QF_TRY(c->sweep->visit(c->sweep->listener, value, t, c->probabilities[t], c->threshold,
                               error));
    }
    return QF_OK;
}

static qf_status climb_tree(const climb *c, qf_error *error) {
    QF_TRY(start_climb(c, error));
    for (size_t v = 0; v < c->sweep->count; v++) QF_TRY(visit_alpha(c, v, error));
    return QF_OK;
}

static qf_status sweep_tree(const qf_tree *tree, const qf_sweep *swept, double threshold,
                            qf_error *error) {
    qf_pruning pruning;
    QF_TRY(qf_pruning_init(&pruning, tree, error));
    const climb c = {.tree = tree,
                     .pruning = &pruning,
                     .sweep = swept,
                     .threshold = threshold,
                     .nodes = qf_new_array(swept->table_count, sizeof *c.nodes, error),
                     .probabilities =
                         qf_new_array(swept->table_count, sizeof *c.probabilities, error)};
    const bool complete = c.nodes && c.probabilities;
    const qf_status status = complete ? climb_tree(&c, error) : QF_MEMORY;
    for (size_t t = 0; complete && t < swept->table_count; t++) {
        free(c.nodes[t]);
        free(c.probabilities[t]);
    }
    free(c.nodes);
    free(c.probabilities);
    qf_pruning_free(&pruning);
    return status;
}

static qf_status sweep(qf_model *model, const qf_table *table, const qf_sweep *swept,
                       const qf_run *run, qf_error *error) {
    const qf_tree_options options = qf_tree_options_of(model);
    qf_ranks ranks;
    QF_TRY(qf_ranks_init(&ranks, table, run, error));
    qf_tree tree = {0};
    qf_status status = grow(table, &ranks, &options, &tree, error);
    qf_ranks_free(&ranks);
    if (status == QF_OK) status = sweep_tree(&tree, swept, model->threshold, error);
    qf_tree_free(&tree);
    return status;
}

extern const qf_model_kind qf_model_kind_tree;
const qf_model_kind qf_model_kind_tree = {
    .name = "tree",
    .summary = "a decision tree with exact Gini splits, pruned by cost and complexity",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof *parameters,
    .fit = fit,
    .predict = qf_forest_state_predict,
    .encode = qf_forest_state_encode,
    .decode = qf_forest_state_decode,
    .free = qf_forest_state_free,
    .swept = "alpha",
    .sweep = sweep,
};
