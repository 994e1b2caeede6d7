/* The profile: what a table holds, column by column. */
#ifndef QF_DATA_PROFILE_H
#define QF_DATA_PROFILE_H

#include "base/record.h"
#include "base/run.h"
#include "data/table.h"

/* Of one column. What is not defined (a constant column's skewness and correlation, an AUC where
 * the label has one value) is NaN. */
typedef struct qf_column_profile {
    size_t distinct;
    double zero_share;
    bool whole; /* all values are whole numbers */
    double minimum, lower_quartile, median, upper_quartile, maximum; /* linear interpolation */
    double mean, deviation, skewness; /* of the population: divided by the number of rows */
    double auc;                       /* of the values as a score for fraud */
    double correlation;               /* Pearson's, with the label */
} qf_column_profile;

/* profiles[columns]; QF_DATA without rows. A column is sorted at a time: O(rows * columns) and 32
 * bytes a row and thread. */
qf_status qf_profile_columns(const qf_table *table, const qf_run *run, qf_column_profile *profiles,
                             qf_error *error);

/* Zero-initialise; free with qf_profile_free. */
typedef struct qf_profile {
    qf_record *records; /* [count] */
    size_t count, capacity;
} qf_profile;

void qf_profile_free(qf_profile *profile);

/* The profile as records, told apart by the field "record":
 *   table        target, rows, columns, legitimate, fraud, fraud_share
 *   column       name and the fields of qf_column_profile, for each column in order; whole is 0 or
 *                1
 *   correlation  name, correlation (with the label), correlations: a row of the matrix, whose
 *                columns are the correlation records in order. These are the `correlations` columns
 *                (fewer where fewer vary) that have the largest signed correlation with the label,
 *                largest first, and the label itself, last; none for 0 or one class. */
qf_status qf_profile_table(const qf_table *table, size_t correlations, const qf_run *run,
                           qf_profile *profile, qf_error *error);

#endif
