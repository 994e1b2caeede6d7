#include "learn/importance.h"

#include "base/memory.h"
#include "learn/tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TREES = 100 };

typedef struct trial {
    const qf_table *table;
    const qf_ranks *ranks;
    qf_tree_options options;
    uint64_t seed;
    double *shares; /* [TREES][columns] */
} trial;

/* Gini impurity times weight. */
static double impurity(const uint32_t weights[2]) {
    const double a = weights[0], b = weights[1];
    return 2 * a * b / (a + b);
}

static void add_up(const qf_tree *tree, double *shares, size_t columns) {
    double all = 0;
    for (size_t i = 0; i < tree->count; i++) {
        const qf_tree_node *node = &tree->nodes[i];
        if (node->feature < 0) continue;
        const double gain = impurity(tree->weights[i]) - impurity(tree->weights[node->left]) -
                            impurity(tree->weights[node->left + 1]);
        shares[node->feature] += gain;
        all += gain;
    }
    for (size_t c = 0; all > 0 && c < columns; c++) shares[c] /= all;
}

static qf_status grow(void *context, size_t index, qf_error *error) {
    const trial *t = context;
    const size_t rows = t->table->rows, columns = t->table->columns;
    uint32_t *weights = qf_new_array(rows, sizeof *weights, error);
    qf_tree_grower *grower = NULL;
    qf_tree tree = {0};
    qf_random random = qf_random_stream(t->seed, "importance", index);
    qf_status status = weights ? QF_OK : QF_MEMORY;
    for (size_t i = 0; status == QF_OK && i < rows; i++) {
        weights[qf_random_below(&random, rows)]++;
    }
    if (status == QF_OK) {
        status = qf_tree_grower_new(t->ranks, t->table->labels, &t->options, &grower, error);
    }
    if (status == QF_OK) status = qf_tree_grow(grower, weights, &random, &tree, error);
    if (status == QF_OK) add_up(&tree, t->shares + index * columns, columns);
    qf_tree_free(&tree);
    qf_tree_grower_free(grower);
    free(weights);
    return status;
}

qf_status qf_forest_importance(const qf_table *table, uint64_t seed, const qf_run *run,
                               double *importance, qf_error *error) {
    qf_ranks ranks;
    QF_TRY(qf_ranks_init(&ranks, table, run, error));
    trial t = {table, &ranks, qf_tree_options_default(), seed, NULL};
    t.options.features = (size_t)fmax(1, floor(sqrt((double)table->columns)));
    t.shares = qf_new_array(TREES * table->columns, sizeof *t.shares, error);
    qf_status status = t.shares ? QF_OK : QF_MEMORY;
    if (status == QF_OK) {
        status = qf_parallel_progress(run, "growing trees", TREES, grow, &t, error);
    }
    memset(importance, 0, table->columns * sizeof *importance);
    for (size_t i = 0; status == QF_OK && i < TREES * table->columns; i++) {
        importance[i % table->columns] += t.shares[i] / TREES;
    }
    free(t.shares);
    qf_ranks_free(&ranks);
    return status;
}
