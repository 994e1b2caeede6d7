/* Folds of a training table for cross-validation inside a fit. */
#ifndef QF_LEARN_FOLDS_H
#define QF_LEARN_FOLDS_H

#include "data/table.h"

enum { QF_FOLDS_MAX = 8 };

/* Free with qf_folds_free. */
typedef struct qf_folds {
    size_t count;
    uint8_t *apart;    /* [rows] bit f: the row is not used to fit for fold f */
    uint8_t *held_out; /* [rows] bit f: the row judges the fit for fold f */
} qf_folds;

/* Stratified folds, 2 to QF_FOLDS_MAX of them: rows of equal features stay together, groups of
 * either class are shuffled by the seed and dealt to the fold that has the fewest rows of it.
 * Synthetic rows judge nothing, and are kept apart wherever a parent is held out, so that no fit
 * has seen a neighbour of the rows that judge it. */
qf_status qf_folds_init(qf_folds *folds, const qf_table *table, size_t count, uint64_t seed,
                        qf_error *error);
void qf_folds_free(qf_folds *folds);

#endif
