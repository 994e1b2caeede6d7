/* Reducers: fewer columns, fitted on some rows and applied to any.
 *
 *   pca                 the first principal components of the centred columns, as new columns
 *                       pc_1, pc_2 ...: scale first, or the largest unit wins
 *   anova               the columns with the largest F of a one-way analysis of variance between
 * the classes mutual-information  those that tell most of the label (see
 * qf_column_mutual_information) forest              those that lower the impurity most in a forest
 * of 100 trees
 *
 * A selection keeps the columns in their order; equal scores go to the first column, and a constant
 * column scores 0. */
#ifndef QF_LEARN_REDUCER_H
#define QF_LEARN_REDUCER_H

#include "base/array.h"
#include "base/run.h"
#include "data/table.h"

typedef enum qf_reduction {
    QF_REDUCE_PCA,
    QF_REDUCE_ANOVA,
    QF_REDUCE_MUTUAL_INFORMATION,
    QF_REDUCE_FOREST,
    QF_REDUCTIONS
} qf_reduction;
/* "pca", "anova", "mutual-information", "forest"; NULL-terminated. */
extern const char *const qf_reduction_names[QF_REDUCTIONS + 1];

typedef struct qf_reducer {
    qf_reduction by;
    size_t columns, kept;
    char **names; /* [columns] that it takes */
    char *target;
    double *scores;     /* pca: variances [kept]; else the score of each column [columns] */
    int64_t *selected;  /* [kept] ascending; NULL for pca */
    double *mean;       /* [columns] of pca */
    double *components; /* [kept][columns] of pca */
} qf_reducer;

/* A reducer without state. Free with qf_reducer_free. QF_USAGE unless 1 <= kept <= columns. */
qf_status qf_reducer_init(qf_reducer *reducer, qf_reduction by, size_t kept, const qf_table *like,
                          qf_error *error);
void qf_reducer_free(qf_reducer *reducer);

/* Fits an initialised reducer on a table of its columns. QF_DATA without rows of both classes, of
 * which pca takes no notice. The seed is the forest's. The same for any number of threads. */
qf_status qf_reducer_fit(qf_reducer *reducer, const qf_table *table, uint64_t seed,
                         const qf_run *run, qf_error *error);

/* A new table of the reduced rows. QF_MISMATCH unless `table` has the reducer's columns; QF_DATA
 * where a component of a row would not be finite. */
qf_status qf_reducer_map(const qf_reducer *reducer, const qf_table *table, qf_table *reduced,
                         qf_error *error);

/* The state as arrays "scores" and "selected", or "scores", "mean" and "components". */
qf_status qf_reducer_encode(const qf_reducer *reducer, qf_arrays *arrays, qf_error *error);
/* The state of an initialised reducer from arrays that may say anything. QF_DATA. */
qf_status qf_reducer_decode(qf_reducer *reducer, const qf_arrays *arrays, qf_error *error);

#endif
