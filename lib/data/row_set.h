/* Sets of original rows, by their number in the source. */
#ifndef QF_DATA_ROW_SET_H
#define QF_DATA_ROW_SET_H

#include "data/table.h"

typedef struct qf_row_set {
    int64_t *rows; /* [count], ascending without repetition; free() */
    size_t count;
} qf_row_set;

/* The original rows of a table, and the rows between which its synthetic ones lie. */
qf_status qf_row_set_originals(qf_row_set *set, const qf_table *table, qf_error *error);
qf_status qf_row_set_parents(qf_row_set *set, const qf_table *table, qf_error *error);
/* Adds those of another set. */
qf_status qf_row_set_add(qf_row_set *set, const qf_row_set *more, qf_error *error);
/* O(log count). */
bool qf_row_set_holds(const qf_row_set *set, int64_t row);

#endif
