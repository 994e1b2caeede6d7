#include "data/row_set.h"

#include "base/memory.h"

#include <stdlib.h>

static int compare_rows(const void *a, const void *b) {
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void sort(qf_row_set *set) {
    if (set->count == 0) return; /* there may be no array */
    qsort(set->rows, set->count, sizeof *set->rows, compare_rows);
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (kept == 0 || set->rows[i] != set->rows[kept - 1]) set->rows[kept++] = set->rows[i];
    }
    set->count = kept;
}

qf_status qf_row_set_originals(qf_row_set *set, const qf_table *table, qf_error *error) {
    *set = (qf_row_set){.rows = qf_new_array(table->rows, sizeof *set->rows, error)};
    if (!set->rows) return QF_MEMORY;
    for (size_t r = 0; r < table->rows; r++) {
        const qf_origin *origin = &table->origins[r];
        if (origin->neighbour < 0) set->rows[set->count++] = origin->row;
    }
    sort(set);
    return QF_OK;
}

qf_status qf_row_set_parents(qf_row_set *set, const qf_table *table, qf_error *error) {
    *set = (qf_row_set){.rows = qf_new_array(table->rows, 2 * sizeof *set->rows, error)};
    if (!set->rows) return QF_MEMORY;
    for (size_t r = 0; r < table->rows; r++) {
        const qf_origin *origin = &table->origins[r];
        if (origin->neighbour < 0) continue;
        set->rows[set->count++] = origin->row;
        set->rows[set->count++] = origin->neighbour;
    }
    sort(set);
    return QF_OK;
}

qf_status qf_row_set_add(qf_row_set *set, const qf_row_set *more, qf_error *error) {
    size_t capacity = set->count;
    QF_TRY(
        qf_grow_array(&set->rows, &capacity, set->count + more->count, sizeof *set->rows, error));
    for (size_t i = 0; i < more->count; i++) set->rows[set->count + i] = more->rows[i];
    set->count += more->count;
    sort(set);
    return QF_OK;
}

bool qf_row_set_holds(const qf_row_set *set, int64_t row) {
    return set->count > 0 && bsearch(&row, set->rows, set->count, sizeof row, compare_rows) != NULL;
}
