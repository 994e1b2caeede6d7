/* Records as CSV. */
#ifndef QF_REPORT_CSV_REPORT_H
#define QF_REPORT_CSV_REPORT_H

#include "base/memory.h"
#include "base/record.h"
#include "report/sheet.h"

/* The columns of metrics.csv, NULL-terminated. */
extern const char *const qf_metrics_columns[];

/* Appends a header and a row a record. What is missing or not defined is an empty cell; a list is
 * joined by ';'. Numbers read back the same; a text that a spreadsheet would take for a formula has
 * an apostrophe before it. */
qf_status qf_records_csv(const qf_record *records, size_t count, const char *const *columns,
                         size_t column_count, qf_bytes *out, qf_error *error);

/* The same of columns joined by commas: fields, and published_NAME, the share of 1 that stands
 * under NAME in the row of the published numbers (may be NULL) that is of the record (see
 * published.h); without such a row, empty. QF_USAGE for an empty name or a NAME that is not
 * published, QF_MISMATCH where several rows are of a record. */
qf_status qf_records_csv_of(const qf_record *records, size_t count, const char *columns,
                            const qf_sheet *published, qf_bytes *out, qf_error *error);

/* The names of all fields in order of appearance; they belong to the records, free the list, on
 * failure too. */
qf_status qf_records_columns(const qf_record *records, size_t count, const char ***columns,
                             size_t *column_count, qf_error *error);

/* Appends a field's value as text, lists joined by ';'. */
qf_status qf_field_print(const qf_field *field, qf_bytes *out, qf_error *error);

#endif
