#include "data/table.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

qf_status qf_table_init(qf_table *table, size_t columns, const char *const *names,
                        const char *target, qf_error *error) {
    *table = (qf_table){0};
    if (columns == 0) return qf_fail(error, QF_DATA, "a table needs at least one feature column");
    if (columns > QF_TABLE_MAX_COLUMNS) {
        return qf_fail(error, QF_DATA, "%zu columns, the limit is %d", columns,
                       QF_TABLE_MAX_COLUMNS);
    }
    table->names = qf_new_array(columns, sizeof *table->names, error);
    if (!table->names) return QF_MEMORY;
    table->columns = columns;
    table->target = qf_copy_text(target, error);
    bool complete = table->target != NULL;
    for (size_t c = 0; complete && c < columns; c++) {
        table->names[c] = qf_copy_text(names[c], error);
        complete = table->names[c] != NULL;
    }
    if (complete) return QF_OK;
    qf_table_free(table);
    return QF_MEMORY;
}

void qf_table_free(qf_table *table) {
    for (size_t c = 0; table->names && c < table->columns; c++) free(table->names[c]);
    free(table->names);
    free(table->target);
    free(table->values);
    free(table->labels);
    free(table->origins);
    *table = (qf_table){0};
}

qf_status qf_table_reserve(qf_table *table, size_t rows, qf_error *error) {
    if (rows <= table->capacity) return QF_OK;
    size_t cells = table->capacity, labels = table->capacity, origins = table->capacity;
    const size_t width = table->columns * sizeof *table->values;
    QF_TRY(qf_grow_array(&table->values, &cells, rows, width, error));
    QF_TRY(qf_grow_array(&table->labels, &labels, rows, sizeof *table->labels, error));
    QF_TRY(qf_grow_array(&table->origins, &origins, rows, sizeof *table->origins, error));
    table->capacity = cells;
    return QF_OK;
}

qf_status qf_table_append(qf_table *table, const double *values, uint8_t label, qf_origin origin,
                          qf_error *error) {
    QF_TRY(qf_table_reserve(table, table->rows + 1, error));
    memcpy(table->values + table->rows * table->columns, values, table->columns * sizeof *values);
    table->labels[table->rows] = label;
    table->origins[table->rows] = origin;
    table->rows++;
    return QF_OK;
}

qf_status qf_table_append_table(qf_table *table, const qf_table *more, qf_error *error) {
    QF_TRY(qf_table_check_columns(table->columns, (const char *const *)table->names, more, error));
    if (more->rows == 0) return QF_OK;
    QF_TRY(qf_table_reserve(table, table->rows + more->rows, error));
    memcpy(table->values + table->rows * table->columns, more->values,
           more->rows * more->columns * sizeof *more->values);
    memcpy(table->labels + table->rows, more->labels, more->rows * sizeof *more->labels);
    memcpy(table->origins + table->rows, more->origins, more->rows * sizeof *more->origins);
    table->rows += more->rows;
    return QF_OK;
}

qf_status qf_table_select_rows(const qf_table *table, const size_t *indices, size_t count,
                               qf_table *result, qf_error *error) {
    QF_TRY(qf_table_init(result, table->columns, (const char *const *)table->names, table->target,
                         error));
    if (qf_table_reserve(result, count, error) != QF_OK) {
        qf_table_free(result);
        return QF_MEMORY;
    }
    const size_t columns = table->columns;
    for (size_t i = 0; i < count; i++) {
        memcpy(result->values + i * columns, table->values + indices[i] * columns,
               columns * sizeof *table->values);
        result->labels[i] = table->labels[indices[i]];
        result->origins[i] = table->origins[indices[i]];
    }
    result->rows = count;
    return QF_OK;
}

void qf_table_move_row(qf_table *table, size_t from, size_t to) {
    const size_t columns = table->columns;
    memmove(table->values + to * columns, table->values + from * columns,
            columns * sizeof *table->values);
    table->labels[to] = table->labels[from];
    table->origins[to] = table->origins[from];
}

qf_status qf_table_keep_columns(qf_table *table, const bool *keep, qf_error *error) {
    size_t kept = 0;
    for (size_t c = 0; c < table->columns; c++) kept += keep[c];
    if (kept == 0) return qf_fail(error, QF_DATA, "no feature column would be left");
    double *to = table->values;
    for (size_t r = 0; r < table->rows; r++) {
        const double *from = table->values + r * table->columns;
        for (size_t c = 0; c < table->columns; c++) {
            if (keep[c]) *to++ = from[c];
        }
    }
    size_t place = 0;
    for (size_t c = 0; c < table->columns; c++) {
        if (keep[c]) {
            table->names[place++] = table->names[c];
        } else {
            free(table->names[c]);
        }
    }
    table->columns = kept;
    return QF_OK;
}

qf_status qf_table_check_columns(size_t columns, const char *const *expected, const qf_table *table,
                                 qf_error *error) {
    if (table->columns != columns) {
        return qf_fail(error, QF_MISMATCH, "expected %zu feature columns, got %zu", columns,
                       table->columns);
    }
    for (size_t c = 0; c < columns; c++) {
        if (strcmp(expected[c], table->names[c]) != 0) {
            return qf_fail(error, QF_MISMATCH, "column %zu: expected \"%s\", got \"%s\"", c + 1,
                           expected[c], table->names[c]);
        }
    }
    return QF_OK;
}

size_t qf_table_find_column(const qf_table *table, const char *name) {
    size_t c = 0;
    while (c < table->columns && strcmp(table->names[c], name) != 0) c++;
    return c;
}

void qf_table_count_classes(const qf_table *table, size_t counts[2]) {
    counts[0] = counts[1] = 0;
    for (size_t r = 0; r < table->rows; r++) counts[table->labels[r] != 0]++;
}

qf_status qf_table_require_classes(const qf_table *table, size_t least, qf_error *error) {
    size_t counts[2];
    qf_table_count_classes(table, counts);
    if (table->rows == 0) return qf_fail(error, QF_DATA, "the table has no rows");
    for (int label = 0; label < 2; label++) {
        if (counts[label] >= least) continue;
        return qf_fail(error, QF_DATA, "%zu rows with label %d, at least %zu needed", counts[label],
                       label, least);
    }
    return QF_OK;
}

/* Open addressing over rows of `table`; a slot holds a row number plus one. */
typedef struct row_index {
    const qf_table *table;
    const bool *counts; /* NULL: all columns */
    size_t *slots;
    size_t size; /* a power of two */
} row_index;

static qf_status row_index_init(row_index *index, const qf_table *table, const bool *counts,
                                qf_error *error) {
    *index = (row_index){.table = table, .counts = counts, .size = 16};
    while (index->size < 2 * table->rows) index->size *= 2;
    index->slots = qf_new_array(index->size, sizeof *index->slots, error);
    return index->slots ? QF_OK : QF_MEMORY;
}

static uint64_t hash_row(const row_index *index, const double *row) {
    uint64_t hash = 0x9e3779b97f4a7c15u;
    for (size_t c = 0; c < index->table->columns; c++) {
        if (index->counts && !index->counts[c]) continue;
        const double value = row[c] + 0.0; /* -0 becomes 0 */
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        hash = (hash ^ bits) * 0xff51afd7ed558ccdu;
        hash ^= hash >> 32;
    }
    return hash;
}

static bool rows_equal(const row_index *index, const double *a, const double *b) {
    for (size_t c = 0; c < index->table->columns; c++) {
        if ((!index->counts || index->counts[c]) && a[c] != b[c]) return false;
    }
    return true;
}

/* The slot that holds an equal row, or the free one where it belongs. */
static size_t *find_slot(const row_index *index, const double *row) {
    const qf_table *t = index->table;
    size_t slot = (size_t)hash_row(index, row) & (index->size - 1);
    while (index->slots[slot] &&
           !rows_equal(index, row, t->values + (index->slots[slot] - 1) * t->columns)) {
        slot = (slot + 1) & (index->size - 1);
    }
    return &index->slots[slot];
}

qf_status qf_table_group_identical(const qf_table *table, const bool *counts, size_t *group,
                                   size_t *groups, qf_error *error) {
    row_index index;
    QF_TRY(row_index_init(&index, table, counts, error));
    *groups = 0;
    for (size_t r = 0; r < table->rows; r++) {
        size_t *slot = find_slot(&index, table->values + r * table->columns);
        group[r] = *slot ? group[*slot - 1] : (*groups)++;
        if (!*slot) *slot = r + 1;
    }
    free(index.slots);
    return QF_OK;
}

qf_status qf_table_count_shared(const qf_table *table, const qf_table *other, const bool *counts,
                                size_t *shared, qf_error *error) {
    row_index index;
    QF_TRY(row_index_init(&index, other, counts, error));
    for (size_t r = 0; r < other->rows; r++) {
        size_t *slot = find_slot(&index, other->values + r * other->columns);
        if (!*slot) *slot = r + 1;
    }
    *shared = 0;
    for (size_t r = 0; r < table->rows; r++) {
        *shared += *find_slot(&index, table->values + r * table->columns) != 0;
    }
    free(index.slots);
    return QF_OK;
}
