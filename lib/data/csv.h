/* CSV to tables, streaming: memory is one buffer of text and the block that the caller asks for.
 *
 * What is accepted: comma-separated records of RFC 4180 with LF, CRLF or CR ends, a UTF-8 byte
 * order mark, blank lines (skipped), quoted fields, blanks around unquoted fields. Every cell is a
 * finite decimal number and every label 0 or 1. Anything else is QF_DATA with the row (data rows
 * counted from 1), the line in the file and the column.
 *
 * Cost: a line of unquoted numbers is read in place, about 2 ns a byte; any other line, with its
 * quotes, blanks and mistakes, goes through libcsv, about 8 ns a byte. Both give the same table,
 * however the reads cut the text. */
#ifndef QF_DATA_CSV_H
#define QF_DATA_CSV_H

#include "base/error.h"
#include "base/memory.h"
#include "base/record.h"
#include "data/table.h"

#include <stdbool.h>
#include <stddef.h>

/* Where the text comes from. `read` stores up to `room` bytes and their number, 0 at the end. Every
 * byte passes once, in order, so this is also the place to hash the input. */
typedef struct qf_csv_source {
    qf_status (*read)(void *context, void *buffer, size_t room, size_t *length, qf_error *error);
    void *context;
} qf_csv_source;

typedef struct qf_csv_options {
    const char *target; /* the label's column; NULL: the last one */
    bool no_header;     /* the columns are called column_1, column_2 ... */
} qf_csv_options;

/* A record (a header line, say) longer than this is refused. */
enum { QF_CSV_MAX_RECORD = 1 << 24 };

typedef struct qf_csv_reader qf_csv_reader;

/* Reads the header, or the first row where there is none. An empty name becomes "unnamed" (the
 * index that pandas writes), further ones "unnamed_N" for column N. QF_DATA for an empty file,
 * fewer than two columns, names that repeat or are no printable UTF-8, a target that is not there.
 * Close the reader with qf_csv_close. */
qf_status qf_csv_open(qf_csv_source source, const qf_csv_options *options, qf_csv_reader **reader,
                      qf_error *error);
void qf_csv_close(qf_csv_reader *reader);

/* Whether the header reads like a row: every name is a number and the target's is 0 or 1. */
bool qf_csv_header_is_row_like(const qf_csv_reader *reader);

/* An empty table of the file's columns, for qf_csv_read; the caller frees it. */
qf_status qf_csv_table(const qf_csv_reader *reader, qf_table *table, qf_error *error);

/* Replaces the table's rows by the next `most` rows at most; none are left when table->rows is 0.
 * Row r of the file gets the origin {r, -1}, r from 0. QF_DATA also when the file has no rows. */
qf_status qf_csv_read(qf_csv_reader *reader, size_t most, qf_table *table, qf_error *error);

/* ---- Writing: each appends whole lines, which the reader above reads back the same ---- */

/* A header line; names that need it are quoted. */
qf_status qf_csv_print_names(qf_bytes *text, const char *const *names, size_t count,
                             qf_error *error);
/* A line of numbers in the fewest digits that round-trip. */
qf_status qf_csv_print_row(qf_bytes *text, const double *values, size_t count, qf_error *error);
/* A header and a line a record. The columns are the records' fields in order of first appearance;
 * a missing field or a number that is not defined is an empty cell, a list is one cell with blanks
 * between its items. */
qf_status qf_csv_print_records(qf_bytes *text, const qf_record *records, size_t count,
                               qf_error *error);

#endif
