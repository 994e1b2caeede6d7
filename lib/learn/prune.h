/* Minimal cost-complexity pruning (Breiman, Friedman, Olshen and Stone 1984, chapter 3), and its
 * strength chosen by cross-validation (section 3.4.2 and 11.5 there). */
#ifndef QF_LEARN_PRUNE_H
#define QF_LEARN_PRUNE_H

#include "learn/folds.h"
#include "learn/tree.h"

/* Let R(t) be the Gini impurity of node t times its share of the training weight, and R(T_t) the
 * sum of R over the leaves below t. The weakest link is the node with the least
 * (R(t) - R(T_t)) / (leaves below t - 1). Collapsing it again and again yields nested subtrees,
 * each the smallest of least cost from its own alpha up to the next. */
typedef struct qf_pruning {
    double *collapse; /* [nodes] the alpha from which on the node is a leaf, or lost with a branch
                       * that is one; 0 for leaves; never rises from a node to its children */
    size_t *parent;   /* [nodes] the root's is itself */
    double *alphas;   /* [count] 0, then ascending, where the subtree changes; alphas that differ by
                       * rounding alone (1e-12 of themselves) are one. At the last the root is left.
                       * scikit-learn's ccp_alphas without repetitions */
    size_t count;
} qf_pruning;

/* The whole sequence, by a heap: O(nodes (depth + log nodes)). Free with qf_pruning_free. */
qf_status qf_pruning_init(qf_pruning *pruning, const qf_tree *tree, qf_error *error);
void qf_pruning_free(qf_pruning *pruning);

/* Cuts in place every branch that collapses at or below alpha; nodes keep their order. With alpha 0
 * that is what does not lower the impurity. */
qf_status qf_tree_prune(qf_tree *tree, const qf_pruning *pruning, double alpha, qf_error *error);

/* Grows the tree on all rows, and one a fold on the rows not held out there, and prunes the first
 * at the alpha whose pruned trees are right most often on the held-out rows, whatever their classes
 * weigh. Candidates are the geometric means of neighbouring alphas of the full tree's sequence;
 * ties go to the larger. Each fold's tree is grown once, and one walk of a row through it judges
 * all candidates. */
qf_status qf_tree_cross_validate(const qf_table *table, const qf_ranks *ranks,
                                 const qf_tree_options *options, const qf_folds *folds,
                                 const qf_run *run, qf_tree *tree, double *alpha, qf_error *error);

#endif
