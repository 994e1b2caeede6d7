/* Rows as arrays, each column in the smallest type that holds all its values: most columns of
 * tables are small whole numbers. */
#ifndef QF_DATA_COMPACT_H
#define QF_DATA_COMPACT_H

#include "base/array.h"

/* Adds "types" (u8 [columns], numbers of qf_array_type) and, for each type that occurs, "rows_TYPE"
 * [rows][columns of that type], with the columns in order. Exact, but -0 may become 0. */
qf_status qf_compact_encode(const double *values, size_t rows, size_t columns, qf_arrays *arrays,
                            qf_error *error);

/* values[rows][columns], which the caller frees. Total: QF_DATA unless all arrays have one number
 * of rows and finite values. */
qf_status qf_compact_decode(const qf_arrays *arrays, size_t columns, double **values, size_t *rows,
                            qf_error *error);

#endif
