/* The table: what every data tool reads and writes.
 *
 * `rows` feature vectors of `columns` finite doubles, row after row, a 0/1 label each (1 is fraud),
 * and the identity of each row: where it came from in the imported file. Rows keep their identity
 * through every selection, so that a later tool can prove what a model was trained on. */
#ifndef QF_DATA_TABLE_H
#define QF_DATA_TABLE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An original row of the source, counted from 0 (neighbour = -1), or a synthetic row that lies
 * between the original rows `row` and `neighbour`. */
typedef struct qf_origin {
    int64_t row;
    int64_t neighbour;
} qf_origin;

typedef struct qf_table {
    size_t rows, columns;
    size_t capacity;    /* rows that fit into the arrays below */
    char **names;       /* [columns], unique, not empty */
    char *target;       /* the label's name */
    double *values;     /* [rows][columns], finite */
    uint8_t *labels;    /* [rows], 0 or 1 */
    qf_origin *origins; /* [rows] */
} qf_table;

/* An empty table; names and target are copied. Limits: 1 to QF_TABLE_MAX_COLUMNS columns. */
enum { QF_TABLE_MAX_COLUMNS = 65536 };
qf_status qf_table_init(qf_table *table, size_t columns, const char *const *names,
                        const char *target, qf_error *error);
void qf_table_free(qf_table *table);

/* Makes room for `rows` rows in all. */
qf_status qf_table_reserve(qf_table *table, size_t rows, qf_error *error);

/* Appends one row; `values` has table->columns numbers. */
qf_status qf_table_append(qf_table *table, const double *values, uint8_t label, qf_origin origin,
                          qf_error *error);
/* Appends all rows of `more`; QF_MISMATCH unless the columns have the same names in the same order.
 */
qf_status qf_table_append_table(qf_table *table, const qf_table *more, qf_error *error);

/* A new table of the rows at `indices`, in that order. */
qf_status qf_table_select_rows(const qf_table *table, const size_t *indices, size_t count,
                               qf_table *result, qf_error *error);
/* Puts a copy of row `from` in the place of row `to`. */
void qf_table_move_row(qf_table *table, size_t from, size_t to);
/* Drops in place every column with keep[column] false; QF_DATA when none would be left. */
qf_status qf_table_keep_columns(qf_table *table, const bool *keep, qf_error *error);

/* QF_MISMATCH, naming the first difference, unless both have the same columns in the same order. */
qf_status qf_table_check_columns(size_t columns, const char *const *expected, const qf_table *table,
                                 qf_error *error);
/* The index of a column, or table->columns. */
size_t qf_table_find_column(const qf_table *table, const char *name);

/* counts[0] legitimate and counts[1] fraud rows. */
void qf_table_count_classes(const qf_table *table, size_t counts[2]);
/* QF_DATA unless both classes have at least `least` rows. */
qf_status qf_table_require_classes(const qf_table *table, size_t least, qf_error *error);

/* group[i] is the same for rows whose counted columns are equal (0 and -0 are), numbered from 0 in
 * order of first appearance; *groups is their number. counts[columns] says which columns do count,
 * NULL: all. O(rows * columns) by hashing, equality checked in full. */
qf_status qf_table_group_identical(const qf_table *table, const bool *counts, size_t *group,
                                   size_t *groups, qf_error *error);
/* The number of rows of `table` that equal one of `other`, of the same columns, in those that
 * count. */
qf_status qf_table_count_shared(const qf_table *table, const qf_table *other, const bool *counts,
                                size_t *shared, qf_error *error);

#endif
