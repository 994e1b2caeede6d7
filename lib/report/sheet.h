/* Small CSV files of text, whole in memory: published numbers, timings. */
#ifndef QF_REPORT_SHEET_H
#define QF_REPORT_SHEET_H

#include "base/error.h"

#include <stddef.h>

/* Free with qf_sheet_free. */
typedef struct qf_sheet {
    size_t rows, columns;
    char **cells; /* [1 + rows][columns], the header first */
    size_t cell_count, capacity;
} qf_sheet;

/* Parses RFC 4180 text with a header; blank lines are skipped. QF_DATA when there is no header or a
 * row has another number of cells; zero bytes end a cell. Free in either case. */
qf_status qf_sheet_parse(const char *text, size_t length, qf_sheet *sheet, qf_error *error);
void qf_sheet_free(qf_sheet *sheet);

/* The index of a column, or sheet->columns. */
size_t qf_sheet_find(const qf_sheet *sheet, const char *name);
/* A cell, "" outside the sheet. */
const char *qf_sheet_cell(const qf_sheet *sheet, size_t row, size_t column);

#endif
