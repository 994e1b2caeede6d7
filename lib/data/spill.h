/* A table in an unlinked temporary file, for work that reads it more than once: rows go in as they
 * come and come out by blocks of rows or by columns. Memory: one block. */
#ifndef QF_DATA_SPILL_H
#define QF_DATA_SPILL_H

#include "data/table.h"

/* A block is stored as its columns one after another, then origins, then labels. */
typedef struct qf_spill {
    int fd;
    size_t rows, columns;
    size_t block_rows;                        /* of all blocks but the last one */
    size_t filled;                            /* rows in the block below, before qf_spill_seal */
    size_t origins_at, labels_at, block_size; /* bytes */
    unsigned char *block;
} qf_spill;

/* QF_CANNOT_CREATE. Free with qf_spill_close, which also takes a zeroed one. */
qf_status qf_spill_open(qf_spill *spill, size_t columns, size_t block_rows, qf_error *error);
void qf_spill_close(qf_spill *spill);

/* Appends the rows of a table of that many columns. QF_IO when the disk is full. */
qf_status qf_spill_append(qf_spill *spill, const qf_table *rows, qf_error *error);
/* Ends the appending; only then may rows be read. */
qf_status qf_spill_seal(qf_spill *spill, qf_error *error);

size_t qf_spill_blocks(const qf_spill *spill);
/* Reads block b: *rows values of column c from (*values)[c * spill->block_rows] on, valid until the
 * next call. */
qf_status qf_spill_read_block(qf_spill *spill, size_t b, const double **values, size_t *rows,
                              qf_error *error);
/* Replaces the table's rows by those of block b. */
qf_status qf_spill_read_rows(qf_spill *spill, size_t b, qf_table *table, qf_error *error);
/* Reads `count` columns whole to values[count][spill->rows]. */
qf_status qf_spill_read_columns(qf_spill *spill, size_t first, size_t count, double *values,
                                qf_error *error);

#endif
