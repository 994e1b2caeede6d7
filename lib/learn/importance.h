/* How much columns matter to a random forest. */
#ifndef QF_LEARN_IMPORTANCE_H
#define QF_LEARN_IMPORTANCE_H

#include "base/run.h"
#include "data/table.h"

/* importance[columns]: by how much splits on the column lower the Gini impurity, each weighed by
 * the rows that it parts, summed over a tree's nodes to 1 in all and averaged over 100 trees grown
 * as by qf_forest_fit with scikit-learn's defaults (its feature_importances_; Breiman et al. 1984,
 * section 5.3.4). It prefers columns of many values. The same for any number of threads. */
qf_status qf_forest_importance(const qf_table *table, uint64_t seed, const qf_run *run,
                               double *importance, qf_error *error);

#endif
