/* Decision trees: CART (Breiman, Friedman, Olshen and Stone 1984) for two classes, exact Gini
 * splits, with the definitions of scikit-learn's DecisionTreeClassifier. */
#ifndef QF_LEARN_TREE_H
#define QF_LEARN_TREE_H

#include "base/random.h"
#include "learn/ranks.h"

/* A row goes to node `left` when its feature is <= value and to left + 1 otherwise. A leaf has
 * feature -1, and its value is the probability of fraud. */
typedef struct qf_tree_node {
    double value;
    int32_t feature;
    int32_t left; /* greater than the node's own index; 0 in a leaf */
} qf_tree_node;

/* Node 0 is the root. Free with qf_tree_free. */
typedef struct qf_tree {
    size_t count, capacity;
    qf_tree_node *nodes; /* [count] */
    uint32_t (
        *weights)[2]; /* [count] training rows of each class in each node, as often as drawn */
    size_t weights_capacity; /* of weights */
    double class_weights[2]; /* what a row of each class weighs beyond that */
} qf_tree;

typedef struct qf_tree_options {
    size_t max_depth; /* of leaves; the root has depth 0 */
    size_t min_split; /* a node of fewer rows is a leaf; rows, not weights, as in scikit-learn */
    size_t min_leaf;  /* rows on each side of a split, at least 1 */
    size_t features;  /* columns drawn for each split, constant ones counted, and on until one that
                       * is not constant was found; at least 1 */
    double class_weights[2]; /* of a legitimate and of a fraud row, greater than 0; as
                              * scikit-learn's class_weight */
} qf_tree_options;

/* Any depth, leaves of any size, all features, classes of weight 1. */
qf_tree_options qf_tree_options_default(void);

/* The working memory of growing, for any number of trees one after another: 28 bytes a row and as
 * many a distinct value of the column that has most. Keeps the pointers that it is given; free with
 * qf_tree_grower_free. */
typedef struct qf_tree_grower qf_tree_grower;
qf_status qf_tree_grower_new(const qf_ranks *ranks, const uint8_t *labels,
                             const qf_tree_options *options, qf_tree_grower **grower,
                             qf_error *error);
void qf_tree_grower_free(qf_tree_grower *grower);

/* Grows a tree on the rows with weights[row] > 0 (NULL: all rows, weight 1); weights are whole
 * numbers such as bootstrap counts, below 2^31 each and 2^32 in all. A node is split as long as it
 * has both classes and a column that varies, at the midpoint of the two neighbouring values in the
 * node that leave the least Gini impurity, even where that gains nothing. Ties go to the lowest
 * feature, then the lowest threshold; products of counts are exact below 2^53 (nodes of 200,000
 * rows), so equal impurities compare equal (with class weights: those of equal counts). `random`
 * draws the features; NULL takes all.
 *
 * Cost: a node of m rows costs O(m) a feature where the column has few distinct values, else O(m)
 * and a pass over a bitmap of them; nothing is sorted but what fits a few cache lines. */
qf_status qf_tree_grow(qf_tree_grower *grower, const uint32_t *weights, qf_random *random,
                       qf_tree *tree, qf_error *error);
void qf_tree_free(qf_tree *tree);

/* The Gini impurity that a split leaves: its left side of n = a + b, its right of m = c + d. The
 * impurity of n is 2 a b / n^2; weighted by n and halved, a b / n. Symmetric in its sides bit for
 * bit. */
static inline double qf_gini_left(double a, double b, double n, double c, double d, double m) {
    return (a * b * m + c * d * n) / (n * m);
}

/* The share of fraud where rows have class weights, from the share without. */
static inline double qf_weighted_share(double share, const double class_weights[2]) {
    const double fraud = class_weights[1] * share;
    return fraud / (class_weights[0] * (1 - share) + fraud);
}

/* A node's share of fraud by weight: the value of a leaf. Without class weights no bit differs from
 * the share of rows: 1 - x + x is 1 for every double x of 0 to 1. */
static inline double qf_tree_share(const qf_tree *tree, size_t node) {
    const double a = tree->weights[node][0], b = tree->weights[node][1];
    return qf_weighted_share(b / (a + b), tree->class_weights);
}

/* The leaf where a row ends. */
static inline size_t qf_tree_leaf(const qf_tree_node *nodes, const double *row) {
    size_t i = 0;
    while (nodes[i].feature >= 0) {
        i = (size_t)nodes[i].left + !(row[nodes[i].feature] <= nodes[i].value);
    }
    return i;
}

/* The depth of the deepest leaf, 0 for a root alone. */
qf_status qf_tree_depth(const qf_tree *tree, size_t *depth, qf_error *error);
size_t qf_tree_leaves(const qf_tree *tree);

#endif
