/* Random forests (Breiman 2001) with scikit-learn's definitions: bootstrap rows, features drawn at
 * each split, leaf probabilities averaged. Leaves of few rows say nearly all 0 or 1, which ranks
 * poorly, so a leaf's probability is drawn to its parent's as if `smoothing` more rows with the
 * parent's share of fraud lay in it (Ferri, Flach and Hernandez-Orallo 2003, "Improving the AUC of
 * probabilistic estimation trees"); 0 is scikit-learn's forest. Class weights are the trees': they
 * weigh the rows of smoothing as well. */
#ifndef QF_LEARN_FOREST_H
#define QF_LEARN_FOREST_H

#include "base/array.h"
#include "learn/tree.h"

/* Trees one after another; a single tree is a forest of one. Free with qf_forest_free. */
typedef struct qf_forest {
    size_t trees, columns;
    size_t *roots;       /* [trees + 1] where each begins in nodes, and the end */
    qf_tree_node *nodes; /* `left` counts from the tree's root */
    bool single;         /* sums of leaves are rounded to single precision after each tree */
} qf_forest;

typedef struct qf_forest_options {
    size_t trees;
    double smoothing; /* rows, 0 or more */
    qf_tree_options tree;
} qf_forest_options;

/* Tree i draws from the substream "forest" i of the seed: first its rows, then its features, so the
 * forest is the same for any number of threads and its first k trees are the forest of k. */
qf_status qf_forest_fit(const qf_table *table, const qf_forest_options *options, uint64_t seed,
                        const qf_run *run, qf_forest *forest, qf_error *error);
/* A forest of copies of these trees. */
qf_status qf_forest_init(qf_forest *forest, size_t columns, const qf_tree *trees, size_t count,
                         qf_error *error);
void qf_forest_free(qf_forest *forest);

/* A sum of leaves and one leaf more. */
static inline double qf_forest_sum(const qf_forest *forest, double sum, double leaf) {
    return forest->single ? (double)(float)(sum + leaf) : sum + leaf;
}

/* Adds to sums[count] the values of the leaves where rows[count][columns] end in trees first to
 * end - 1, tree after tree. */
void qf_forest_add(const qf_forest *forest, size_t first, size_t end, const double *rows,
                   size_t count, double *sums);
/* The mean of the trees' probabilities. */
void qf_forest_predict(const qf_forest *forest, const double *rows, size_t count,
                       double *probabilities);

/* As arrays "roots" (i64), "feature" and "left" (i32) and "value" (f64). Decoding is total: QF_DATA
 * unless every child stands behind its parent within its tree, every feature is a column, every
 * threshold finite and every leaf's value in `lowest` to `highest`. */
qf_status qf_forest_encode(const qf_forest *forest, qf_arrays *arrays, qf_error *error);
qf_status qf_forest_decode(qf_forest *forest, size_t columns, double lowest, double highest,
                           const qf_arrays *arrays, qf_error *error);

#endif
