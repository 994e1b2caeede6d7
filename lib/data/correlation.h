/* Pearson correlations between columns. */
#ifndef QF_DATA_CORRELATION_H
#define QF_DATA_CORRELATION_H

#include "base/run.h"
#include "data/table.h"

/* matrix[count][count] of the correlations between `columns` (table->columns means the label), in
 * -1 .. 1, symmetric, 1 on the diagonal; NaN in the row and column of one that is constant. Every
 * `step`-th row counts, 1 for all. O(count^2 rows / step); the table is read a block of columns at
 * a time. */
qf_status qf_correlation_matrix(const qf_table *table, const size_t *columns, size_t count,
                                size_t step, const qf_run *run, double *matrix, qf_error *error);

#endif
