/* Rank-coded columns: what trees are grown on.
 *
 * Each value is replaced by its rank among the column's distinct values, in one, two or four bytes,
 * column after column. Splits on ranks are exact splits on values, in a fraction of the memory, and
 * small integers can be counted where doubles would have to be sorted. */
#ifndef QF_LEARN_RANKS_H
#define QF_LEARN_RANKS_H

#include "base/run.h"
#include "data/table.h"

typedef struct qf_rank_column {
    void *codes;       /* [rows] of uint8_t, uint16_t or uint32_t as `bytes` says */
    double *values;    /* [distinct], ascending: values[code]; -0 is 0 */
    uint32_t distinct; /* at least 1 */
    uint32_t mode;     /* the code that occurs most often; the lowest of several */
    unsigned bytes;    /* 1, 2 or 4 */
    uint64_t *others;  /* a bit for each row: its code is not the mode; NULL unless at most half of
                        * the rows are such */
} qf_rank_column;

/* Free with qf_ranks_free. */
typedef struct qf_ranks {
    size_t rows, columns;
    uint32_t most_distinct; /* over all columns */
    qf_rank_column *items;  /* [columns] */
} qf_ranks;

/* At most this many rows can be coded. */
enum { QF_RANKS_MAX_ROWS = 1 << 30 };

/* Codes all columns of a table with at least one row, by counting where they hold small integers,
 * else by a radix sort: O(rows * columns) time, 96 bytes a row of scratch for each thread. QF_DATA
 * beyond QF_RANKS_MAX_ROWS. */
qf_status qf_ranks_init(qf_ranks *ranks, const qf_table *table, const qf_run *run, qf_error *error);
void qf_ranks_free(qf_ranks *ranks);

static inline uint32_t qf_rank_code(const qf_rank_column *column, size_t row) {
    if (column->bytes == 1) return ((const uint8_t *)column->codes)[row];
    if (column->bytes == 2) return ((const uint16_t *)column->codes)[row];
    return ((const uint32_t *)column->codes)[row];
}

/* The midpoint of two codes' values, left < right; never the right one, whatever the rounding. */
double qf_rank_threshold(const qf_rank_column *column, uint32_t left, uint32_t right);

#endif
