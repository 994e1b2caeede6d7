/* Decision trees on rows of real weights, one after another on the same rows: what boosting grows.
 *
 * Columns are sorted once. A list holds the rows that do not have the column's mode, by code and
 * class, and is cut along with the nodes (Shafer, Agrawal and Mehta 1996, "SPRINT"); the mode's
 * weight is what the others leave of the node's, so that a cell that holds it costs nothing.
 * Weights are added up as 62-bit fractions: exact, hence the same in any order, and columns that
 * cut rows alike tie. */
#ifndef QF_LEARN_PRESORTED_H
#define QF_LEARN_PRESORTED_H

#include "learn/tree.h"

typedef struct qf_presorted qf_presorted;

/* Sorts the columns: O(rows * columns) time, 12 bytes a cell that does not have its column's mode,
 * 28 with max_depth > 1. Keeps the pointers that it is given; free with qf_presorted_free. */
qf_status qf_presorted_new(const qf_ranks *ranks, const uint8_t *labels, size_t max_depth,
                           const qf_run *run, qf_presorted **presorted, qf_error *error);
void qf_presorted_free(qf_presorted *presorted);

/* Grows a tree of at most max_depth splits above a leaf, level by level: a node of both classes is
 * split as in qf_tree_grow, by weight; one whose Gini impurity is at most 2^-52 is a leaf, as in
 * scikit-learn. weights[rows] are greater than 0 and sum to 1 within a millionth; one below 2^-62
 * counts as that. leaves[rows] gets the leaf where each row ends. The leaves' values are left at 0
 * for the caller to set, and the tree has no `weights`. The same for any number of threads.
 *
 * Cost: O(cells that do not have their column's mode) a level. Free with qf_tree_free. */
qf_status qf_presorted_grow(qf_presorted *presorted, const double *weights, qf_tree *tree,
                            uint32_t *leaves, qf_error *error);

#endif
