#include "data/audit_rows.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Open addressing over rows of `table`; a slot holds a row number plus one. */
typedef struct row_set {
    const qf_table *table;
    const bool *counts;
    size_t *slots;
    size_t size; /* a power of two */
} row_set;

static qf_status row_set_init(row_set *set, const qf_table *table, const bool *counts,
                              qf_error *error) {
    *set = (row_set){.table = table, .counts = counts, .size = 16};
    while (set->size < 2 * table->rows) set->size *= 2;
    set->slots = qf_new_array(set->size, sizeof *set->slots, error);
    return set->slots ? QF_OK : QF_MEMORY;
}

static uint64_t hash_row(const row_set *set, const double *row) {
    uint64_t hash = 0x9e3779b97f4a7c15u;
    for (size_t c = 0; c < set->table->columns; c++) {
        if (!set->counts[c]) continue;
        const double value = row[c] + 0.0; /* -0 becomes 0 */
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        hash = (hash ^ bits) * 0xff51afd7ed558ccdu;
        hash ^= hash >> 32;
    }
    return hash;
}

static bool equal(const row_set *set, const double *a, const double *b) {
    for (size_t c = 0; c < set->table->columns; c++) {
        if (set->counts[c] && a[c] != b[c]) return false;
    }
    return true;
}

/* The slot that holds an equal row, or the free one where it belongs. */
static size_t *find(const row_set *set, const double *row) {
    const qf_table *t = set->table;
    size_t slot = (size_t)hash_row(set, row) & (set->size - 1);
    while (set->slots[slot] && !equal(set, row, t->values + (set->slots[slot] - 1) * t->columns)) {
        slot = (slot + 1) & (set->size - 1);
    }
    return &set->slots[slot];
}

qf_status qf_audit_rows_first(const qf_table *table, const bool *counts, size_t *first,
                              qf_error *error) {
    row_set set;
    QF_TRY(row_set_init(&set, table, counts, error));
    for (size_t r = 0; r < table->rows; r++) {
        size_t *slot = find(&set, table->values + r * table->columns);
        if (!*slot) *slot = r + 1;
        first[r] = *slot - 1;
    }
    free(set.slots);
    return QF_OK;
}

qf_status qf_audit_rows_shared(const qf_table *table, const qf_table *other, const bool *counts,
                               size_t *shared, qf_error *error) {
    row_set set;
    QF_TRY(row_set_init(&set, other, counts, error));
    for (size_t r = 0; r < other->rows; r++) {
        size_t *slot = find(&set, other->values + r * other->columns);
        if (!*slot) *slot = r + 1;
    }
    *shared = 0;
    for (size_t r = 0; r < table->rows; r++) {
        *shared += *find(&set, table->values + r * table->columns) != 0;
    }
    free(set.slots);
    return QF_OK;
}

typedef struct identities {
    int64_t *rows; /* [count], ascending */
    size_t count;
} identities;

static int by_row(const void *a, const void *b) {
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static qf_status collect(const qf_table *table, identities *found, qf_error *error) {
    found->rows = qf_new_array(table->rows, sizeof *found->rows, error);
    if (!found->rows) return QF_MEMORY;
    for (size_t r = 0; r < table->rows; r++) {
        if (table->origins[r].neighbour < 0) found->rows[found->count++] = table->origins[r].row;
    }
    qsort(found->rows, found->count, sizeof *found->rows, by_row);
    return QF_OK;
}

static bool holds(const identities *set, int64_t row) {
    return bsearch(&row, set->rows, set->count, sizeof row, by_row) != NULL;
}

static size_t count_parents(const qf_table *table, const identities *other) {
    size_t count = 0;
    for (size_t r = 0; r < table->rows; r++) {
        const qf_origin origin = table->origins[r];
        if (origin.neighbour < 0) continue;
        count += holds(other, origin.row) || holds(other, origin.neighbour);
    }
    return count;
}

qf_status qf_audit_rows_origins(const qf_table *table, const qf_table *other, size_t *rows,
                                size_t *parents, qf_error *error) {
    identities mine = {0}, theirs = {0};
    qf_status status = collect(table, &mine, error);
    if (status == QF_OK) status = collect(other, &theirs, error);
    *rows = *parents = 0;
    if (status == QF_OK) {
        for (size_t i = 0; i < mine.count; i++) *rows += holds(&theirs, mine.rows[i]);
        *parents = count_parents(table, &theirs) + count_parents(other, &mine);
    }
    free(mine.rows);
    free(theirs.rows);
    return status;
}
