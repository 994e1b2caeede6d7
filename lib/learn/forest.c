#include "learn/forest.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct planting {
    const qf_table *table;
    const qf_ranks *ranks;
    const qf_forest_options *options;
    uint64_t seed;
    size_t batch; /* trees a task */
    qf_tree *trees;
} planting;

static void smooth_leaves(qf_tree *tree, double smoothing) {
    for (size_t i = 0; i < tree->count; i++) {
        const qf_tree_node *parent = &tree->nodes[i];
        for (int32_t c = 0; parent->feature >= 0 && c < 2; c++) {
            qf_tree_node *child = &tree->nodes[parent->left + c];
            const uint32_t *weights = tree->weights[parent->left + c];
            if (child->feature >= 0) continue;
            const double above =
                tree->weights[i][1] / ((double)tree->weights[i][0] + tree->weights[i][1]);
            const double share =
                (weights[1] + smoothing * above) / ((double)weights[0] + weights[1] + smoothing);
            child->value = qf_weighted_share(share, tree->class_weights);
        }
    }
}

static qf_status plant_tree(const planting *p, qf_tree_grower *grower, size_t index,
                            uint32_t *weights, qf_error *error) {
    const size_t rows = p->table->rows;
    qf_random random = qf_random_stream(p->seed, "forest", index);
    memset(weights, 0, rows * sizeof *weights);
    for (size_t i = 0; i < rows; i++) weights[qf_random_below(&random, rows)]++;
    qf_tree *tree = &p->trees[index];
    QF_TRY(qf_tree_grow(grower, weights, &random, tree, error));
    smooth_leaves(tree, p->options->smoothing);
    free(tree->weights); /* only smoothing and pruning need them */
    tree->weights = NULL;
    return QF_OK;
}

static qf_status plant_batch(void *context, size_t index, qf_error *error) {
    const planting *p = context;
    uint32_t *weights = qf_new_array(p->table->rows, sizeof *weights, error);
    if (!weights) return QF_MEMORY;
    qf_tree_grower *grower = NULL;
    qf_status status =
        qf_tree_grower_new(p->ranks, p->table->labels, &p->options->tree, &grower, error);
    const size_t first = index * p->batch, rest = p->options->trees - first;
    for (size_t i = 0; status == QF_OK && i < p->batch && i < rest; i++) {
        status = plant_tree(p, grower, first + i, weights, error);
    }
    qf_tree_grower_free(grower);
    free(weights);
    return status;
}

static void free_trees(qf_tree *trees, size_t count) {
    for (size_t i = 0; trees && i < count; i++) qf_tree_free(&trees[i]);
    free(trees);
}

qf_status qf_forest_fit(const qf_table *table, const qf_forest_options *options, uint64_t seed,
                        const qf_run *run, qf_forest *forest, qf_error *error) {
    qf_ranks ranks;
    QF_TRY(qf_ranks_init(&ranks, table, run, error));
    planting p = {table, &ranks, options, seed, 1, NULL};
    /* Trees of one task share their working memory; the cut has no influence on them. */
    while (p.batch < 8 && options->trees / (2 * p.batch) >= 8 * run->threads) p.batch *= 2;
    p.trees = qf_new_array(options->trees, sizeof *p.trees, error);
    qf_status status = p.trees ? QF_OK : QF_MEMORY;
    if (status == QF_OK) {
        const size_t tasks = (options->trees + p.batch - 1) / p.batch;
        status = qf_parallel_progress(run, "growing trees", tasks, plant_batch, &p, error);
    }
    qf_ranks_free(&ranks);
    if (status == QF_OK) {
        status = qf_forest_init(forest, table->columns, p.trees, options->trees, error);
    }
    free_trees(p.trees, options->trees);
    return status;
}

static qf_status allocate(qf_forest *forest, size_t nodes, qf_error *error) {
    forest->roots = qf_new_array(forest->trees + 1, sizeof *forest->roots, error);
    forest->nodes = qf_new_array(nodes, sizeof *forest->nodes, error);
    if (forest->roots && forest->nodes) return QF_OK;
    qf_forest_free(forest);
    return QF_MEMORY;
}

qf_status qf_forest_init(qf_forest *forest, size_t columns, const qf_tree *trees, size_t count,
                         qf_error *error) {
    *forest = (qf_forest){.trees = count, .columns = columns};
    size_t nodes = 0;
    for (size_t i = 0; i < count; i++) nodes += trees[i].count;
    QF_TRY(allocate(forest, nodes, error));
    for (size_t i = 0; i < count; i++) {
        memcpy(forest->nodes + forest->roots[i], trees[i].nodes,
               trees[i].count * sizeof *forest->nodes);
        forest->roots[i + 1] = forest->roots[i] + trees[i].count;
    }
    return QF_OK;
}

void qf_forest_free(qf_forest *forest) {
    free(forest->roots);
    free(forest->nodes);
    *forest = (qf_forest){0};
}

/* Rows that walk down a tree together: their loads overlap, where one row alone would wait for
 * each. */
enum { LANES = 8 };

static void add_lanes(const qf_forest *forest, const qf_tree_node *nodes, const double *rows,
                      double *sums) {
    const size_t columns = forest->columns;
    size_t at[LANES] = {0};
    size_t moving;
    do {
        moving = 0;
#pragma GCC unroll 8
        for (size_t lane = 0; lane < LANES; lane++) {
            /* Without a branch: a row in its leaf looks at any column and stays. */
            const qf_tree_node *n = &nodes[at[lane]];
            const size_t inner = n->feature >= 0;
            const double value = rows[lane * columns + ((size_t)n->feature & (0 - inner))];
            const size_t next = (size_t)n->left + !(value <= n->value);
            at[lane] = inner ? next : at[lane];
            moving |= inner;
        }
    } while (moving);
    for (size_t lane = 0; lane < LANES; lane++) {
        sums[lane] = qf_forest_sum(forest, sums[lane], nodes[at[lane]].value);
    }
}

void qf_forest_add(const qf_forest *forest, size_t first, size_t end, const double *rows,
                   size_t count, double *sums) {
    for (size_t t = first; t < end; t++) {
        const qf_tree_node *nodes = forest->nodes + forest->roots[t];
        size_t r = 0;
        for (; r + LANES <= count; r += LANES) {
            add_lanes(forest, nodes, rows + r * forest->columns, sums + r);
        }
        for (; r < count; r++) {
            const size_t leaf = qf_tree_leaf(nodes, rows + r * forest->columns);
            sums[r] = qf_forest_sum(forest, sums[r], nodes[leaf].value);
        }
    }
}

void qf_forest_predict(const qf_forest *forest, const double *rows, size_t count,
                       double *probabilities) {
    for (size_t r = 0; r < count; r++) probabilities[r] = 0;
    qf_forest_add(forest, 0, forest->trees, rows, count, probabilities);
    for (size_t r = 0; r < count; r++) probabilities[r] /= (double)forest->trees;
}

qf_status qf_forest_encode(const qf_forest *forest, qf_arrays *arrays, qf_error *error) {
    const size_t count = forest->roots[forest->trees];
    int64_t *roots = qf_new_array(forest->trees + 1, sizeof *roots, error);
    int32_t *links = qf_new_array(count, 2 * sizeof *links, error);
    double *values = qf_new_array(count, sizeof *values, error);
    qf_status status = roots && links && values ? QF_OK : QF_MEMORY;
    if (status == QF_OK) {
        for (size_t t = 0; t <= forest->trees; t++) roots[t] = (int64_t)forest->roots[t];
        for (size_t i = 0; i < count; i++) {
            links[i] = forest->nodes[i].feature;
            links[count + i] = forest->nodes[i].left;
            values[i] = forest->nodes[i].value;
        }
        status = qf_arrays_add(arrays, "roots", QF_I64, forest->trees + 1, 1, roots, error);
    }
    if (status == QF_OK) {
        status = qf_arrays_add(arrays, "feature", QF_I32, count, 1, links, error);
    }
    if (status == QF_OK) {
        status = qf_arrays_add(arrays, "left", QF_I32, count, 1, links + count, error);
    }
    if (status == QF_OK) status = qf_arrays_add(arrays, "value", QF_F64, count, 1, values, error);
    free(roots);
    free(links);
    free(values);
    return status;
}

static qf_status check_tree(const qf_forest *forest, size_t tree, double lowest, double highest,
                            qf_error *error) {
    const qf_tree_node *nodes = forest->nodes + forest->roots[tree];
    const size_t count = forest->roots[tree + 1] - forest->roots[tree];
    for (size_t i = 0; i < count; i++) {
        const qf_tree_node *n = &nodes[i];
        const bool leaf =
            n->feature == -1 && n->left == 0 && n->value >= lowest && n->value <= highest;
        const bool inner = n->feature >= 0 && (size_t)n->feature < forest->columns &&
                           isfinite(n->value) && n->left > 0 && (size_t)n->left > i &&
                           (size_t)n->left + 1 < count;
        if (!leaf && !inner) {
            return qf_fail(error, QF_DATA, "tree %zu: node %zu is not valid", tree + 1, i);
        }
    }
    return QF_OK;
}

static qf_status fill(qf_forest *forest, const int64_t *roots, const qf_array *feature,
                      const qf_array *left, const qf_array *value, qf_error *error) {
    const size_t count = feature->rows;
    if (roots[0] != 0 || (uint64_t)roots[forest->trees] != count) {
        return qf_fail(error, QF_DATA, "the trees do not add up to %zu nodes", count);
    }
    for (size_t t = 0; t < forest->trees; t++) {
        if (roots[t + 1] <= roots[t] || (uint64_t)roots[t + 1] > count) {
            return qf_fail(error, QF_DATA, "tree %zu has no nodes", t + 1);
        }
        forest->roots[t + 1] = (size_t)roots[t + 1];
    }
    for (size_t i = 0; i < count; i++) {
        forest->nodes[i] =
            (qf_tree_node){((const double *)value->data)[i], ((const int32_t *)feature->data)[i],
                           ((const int32_t *)left->data)[i]};
    }
    return QF_OK;
}

qf_status qf_forest_decode(qf_forest *forest, size_t columns, double lowest, double highest,
                           const qf_arrays *arrays, qf_error *error) {
    const qf_array *roots, *feature, *left, *value;
    QF_TRY(qf_arrays_find(arrays, "roots", QF_I64, QF_ANY, 1, &roots, error));
    QF_TRY(qf_arrays_find(arrays, "feature", QF_I32, QF_ANY, 1, &feature, error));
    QF_TRY(qf_arrays_find(arrays, "left", QF_I32, feature->rows, 1, &left, error));
    QF_TRY(qf_arrays_find(arrays, "value", QF_F64, feature->rows, 1, &value, error));
    if (roots->rows < 2) return qf_fail(error, QF_DATA, "array \"roots\" names no tree");
    *forest = (qf_forest){.trees = roots->rows - 1, .columns = columns};
    QF_TRY(allocate(forest, feature->rows, error));
    qf_status status = fill(forest, roots->data, feature, left, value, error);
    for (size_t t = 0; status == QF_OK && t < forest->trees; t++) {
        status = check_tree(forest, t, lowest, highest, error);
    }
    if (status != QF_OK) qf_forest_free(forest);
    return status;
}
