/* SMOTE: synthetic rows of the minority class (Chawla et al. 2002), by the definition of
 * imbalanced-learn.
 *
 * A synthetic row is x + gap (y - x) for a minority row x drawn uniformly, one of its k nearest
 * minority rows y drawn uniformly (Euclidean, ties to the lower row), and a gap uniform in [0, 1).
 * The minority is the class with fewer rows (fraud where they are equal).
 *
 * Neighbours are found once; rows are then made a block at a time, so that the resampled table need
 * not exist as a whole. */
#ifndef QF_DATA_SMOTE_H
#define QF_DATA_SMOTE_H

#include "base/run.h"
#include "data/neighbours.h"
#include "data/table.h"

typedef struct qf_smote_options {
    double ratio;      /* of minority to majority rows afterwards, in (0, 1] */
    size_t neighbours; /* k, at least 1 */
    bool round;        /* columns of whole numbers stay whole: synthetic values are rounded */
    uint64_t seed;     /* substream "smote", its index the synthetic row's number */
} qf_smote_options;

typedef struct qf_smote {
    size_t added; /* rows to make; 0 when the ratio is there already, then nothing below is set */
    size_t
        fractional_columns; /* columns of whole numbers that have synthetic values that are not */
    qf_smote_options options;
    const qf_table *table;
    uint8_t label;            /* of the minority */
    size_t minority;          /* its rows */
    size_t *rows;             /* [minority], in the table */
    qf_neighbour *neighbours; /* [minority][k] */
    bool *whole;              /* [columns], only whole numbers in the minority rows */
    size_t *watched;          /* [watched_count], columns of whole numbers that may cease to be */
    size_t watched_count;
} qf_smote;

/* Finds the neighbours; the table stays the caller's and is needed until the last row is made.
 * QF_DATA when a class is missing, the minority has no more than k rows, or a minority row is
 * synthetic already (its parents would be unknown). Free with qf_smote_free on every path. */
qf_status qf_smote_plan(qf_smote *smote, const qf_table *table, const qf_smote_options *options,
                        const qf_run *run, qf_error *error);
/* Appends synthetic rows first .. first + count - 1 of the `added` ones to a table of the same
 * columns (or the planned table itself); their origins are their parents' rows. A row is the same
 * in whatever block it is made, for any threads and SIMD level. */
qf_status qf_smote_append(qf_smote *smote, size_t first, size_t count, const qf_run *run,
                          qf_table *table, qf_error *error);
void qf_smote_free(qf_smote *smote);

#endif
