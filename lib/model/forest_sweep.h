/* What models whose first trees are a model of their own share: all those models in one pass. */
#ifndef QF_MODEL_FOREST_SWEEP_H
#define QF_MODEL_FOREST_SWEEP_H

#include "learn/forest.h"
#include "model/model.h"

/* From sums[count] of the first `trees` trees' values to probabilities. */
typedef void qf_forest_finish(const void *context, size_t trees, const double *sums, size_t count,
                              double *probabilities);

/* Visits for each value of the sweep the probabilities of the first so many trees, or of all where
 * there are fewer: each tree sees each row once. */
qf_status qf_forest_sweep(const qf_forest *forest, qf_forest_finish *finish, const void *context,
                          double threshold, const qf_sweep *sweep, const qf_run *run,
                          qf_error *error);

#endif
