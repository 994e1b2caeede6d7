/* Rows as a set, for the audit: equal features whatever the identifiers say. */
#ifndef QF_DATA_AUDIT_ROWS_H
#define QF_DATA_AUDIT_ROWS_H

#include "data/table.h"

/* first[r] is the first row whose counted columns equal row r's; counts[columns] says which do. 0
 * and -0 are equal. Expected O(rows * columns). */
qf_status qf_audit_rows_first(const qf_table *table, const bool *counts, size_t *first,
                              qf_error *error);
/* The number of rows of `table` that equal one of `other` in the counted columns. */
qf_status qf_audit_rows_shared(const qf_table *table, const qf_table *other, const bool *counts,
                               size_t *shared, qf_error *error);
/* rows: original rows of `table` that are rows of `other`; parents: synthetic rows of either made
 * from an original row of the other. Of one origin. */
qf_status qf_audit_rows_origins(const qf_table *table, const qf_table *other, size_t *rows,
                                size_t *parents, qf_error *error);

#endif
