/* Tables on streams. Type "table"; schema: columns (feature names), target; rows of the features,
 * the label, and the origin's row and neighbour. Blocks have qf_table_block_rows() rows whatever
 * the pipe did. */
#ifndef QF_DATA_TABLE_WIRE_H
#define QF_DATA_TABLE_WIRE_H

#include "data/spill.h"
#include "stream/reader.h"
#include "stream/writer.h"

/* Rows of a full block: about 2^16 cells, at least 16 rows and at most 8192. */
size_t qf_table_block_rows(size_t columns);

/* The table without rows that a stream's schema describes: a table's, or that of what was fitted to
 * one. QF_DATA for a malformed one, or unprintable names. */
qf_status qf_table_schema_decode(const qf_record *schema, qf_table *table, qf_error *error);

typedef struct qf_table_reader {
    qf_reader reader;
    qf_table block; /* names and target of the stream; next fills its rows */
} qf_table_reader;

/* Zero-copy is not attempted: a block is decoded into `block`, whose rows are replaced by each
 * next. Reads the first table of the input (see qf_reader_open); close on every path. */
qf_status qf_table_reader_open(qf_table_reader *reader, qf_session *session, const char *path,
                               qf_error *error);
/* The next block, or *more false once the trailer has been verified. */
qf_status qf_table_reader_next(qf_table_reader *reader, bool *more, qf_error *error);
/* As qf_reader_next_stream: the next table of a concatenation. */
qf_status qf_table_reader_next_table(qf_table_reader *reader, bool *more, qf_error *error);
void qf_table_reader_close(qf_table_reader *reader);

/* Reads all tables of an input into one. Concatenated tables need equal columns and one origin
 * (QF_MISMATCH), so that a row's identity stays unique. The caller frees the table. `origins`,
 * unless NULL, gets the origins (free). */
qf_status qf_table_read(qf_session *session, const char *path, qf_table *table, qf_origins *origins,
                        qf_error *error);

/* As qf_table_read, but to a spill, which is opened here and sealed, from a reader just opened. The
 * caller closes the spill whatever is returned. */
qf_status qf_table_reader_spill(qf_table_reader *reader, qf_spill *spill, qf_error *error);

typedef struct qf_table_writer {
    qf_writer writer;
    qf_table pending; /* rows that do not fill a block yet; a writer of new rows makes them here */
} qf_table_writer;

/* Opens for tables of like's columns. */
qf_status qf_table_writer_open(qf_table_writer *writer, qf_session *session, int fd,
                               const char *name, const qf_table *like, qf_error *error);
/* Any number of rows at a time; `rows` may be the reader's block. */
qf_status qf_table_writer_write(qf_table_writer *writer, const qf_table *rows, qf_error *error);
/* After rows were appended to `pending`, qf_table_block_rows() in all at most: writes them when
 * they fill a block. */
qf_status qf_table_writer_settle(qf_table_writer *writer, qf_error *error);
qf_status qf_table_writer_close(qf_table_writer *writer, qf_error *error);
void qf_table_writer_free(qf_table_writer *writer);

/* A whole table to standard output: open, write, close. */
qf_status qf_table_write(qf_session *session, const qf_table *table, qf_error *error);

#endif
