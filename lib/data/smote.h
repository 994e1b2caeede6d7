/* SMOTE: synthetic rows of the minority class (Chawla et al. 2002), by the definition of
 * imbalanced-learn.
 *
 * A synthetic row is x + gap (y - x) for a minority row x drawn uniformly, one of its k nearest
 * minority rows y drawn uniformly (Euclidean, ties to the lower row), and a gap uniform in [0, 1).
 * The minority is the class with fewer rows (fraud where they are equal). */
#ifndef QF_DATA_SMOTE_H
#define QF_DATA_SMOTE_H

#include "base/run.h"
#include "data/table.h"

typedef struct qf_smote_options {
    double ratio;      /* of minority to majority rows afterwards, in (0, 1] */
    size_t neighbours; /* k, at least 1 */
    bool round;        /* columns of whole numbers stay whole: synthetic values are rounded */
    uint64_t seed;     /* substream "smote" */
} qf_smote_options;

typedef struct qf_smote_report {
    size_t added;              /* rows appended; 0 when the ratio was there already */
    size_t fractional_columns; /* columns of whole numbers whose synthetic values are not */
} qf_smote_report;

/* Appends the synthetic rows after the table's own; their origins are their parents' rows. QF_DATA
 * when a class is missing, the minority has no more than k rows, or a minority row is synthetic
 * already (its parents would be unknown). The same rows for any threads and SIMD level. */
qf_status qf_smote(qf_table *table, const qf_smote_options *options, const qf_run *run,
                   qf_smote_report *report, qf_error *error);

#endif
