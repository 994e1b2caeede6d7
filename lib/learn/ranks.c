#include "learn/ranks.h"

#include "base/memory.h"
#include "data/column.h"

#include <stdlib.h>

static void set_code(const qf_rank_column *column, size_t row, uint32_t code) {
    if (column->bytes == 1) {
        ((uint8_t *)column->codes)[row] = (uint8_t)code;
    } else if (column->bytes == 2) {
        ((uint16_t *)column->codes)[row] = (uint16_t)code;
    } else {
        ((uint32_t *)column->codes)[row] = code;
    }
}

/* `most` rows have the mode. */
static qf_status mark_others(qf_rank_column *column, const qf_cell *sorted, size_t rows,
                             size_t most, qf_error *error) {
    if (most < rows - most) return QF_OK;
    column->others = qf_new_array(rows / 64 + 1, sizeof *column->others, error);
    if (!column->others) return QF_MEMORY;
    const double mode = column->values[column->mode];
    for (size_t i = 0; i < rows; i++) {
        const size_t row = sorted[i].row;
        if (sorted[i].value != mode) column->others[row >> 6] |= (uint64_t)1 << (row & 63);
    }
    return QF_OK;
}

static qf_status code_column(qf_rank_column *column, const qf_cell *sorted, size_t rows,
                             qf_error *error) {
    column->distinct = 1;
    for (size_t i = 1; i < rows; i++) column->distinct += sorted[i].value != sorted[i - 1].value;
    column->bytes = column->distinct <= 1u << 8 ? 1 : column->distinct <= 1u << 16 ? 2 : 4;
    column->values = qf_new_array(column->distinct, sizeof *column->values, error);
    column->codes = qf_new_array(rows, column->bytes, error);
    if (!column->values || !column->codes) return QF_MEMORY;
    uint32_t code = 0;
    size_t most = 0, run_start = 0;
    for (size_t i = 0; i < rows; i++) {
        set_code(column, sorted[i].row, code);
        if (i + 1 < rows && sorted[i + 1].value == sorted[i].value) continue;
        column->values[code] = sorted[i].value;
        if (i + 1 - run_start > most) {
            most = i + 1 - run_start;
            column->mode = code;
        }
        run_start = i + 1;
        code++;
    }
    return mark_others(column, sorted, rows, most, error);
}

typedef struct coding {
    qf_ranks *ranks;
    const qf_table *table;
} coding;

static qf_status code_task(void *context, size_t index, qf_error *error) {
    const coding *c = context;
    const size_t rows = c->table->rows;
    qf_cell *cells = qf_new_array(2 * rows, sizeof *cells, error);
    if (!cells) return QF_MEMORY;
    qf_column_sort(c->table, index, cells, cells + rows);
    const qf_status status = code_column(&c->ranks->items[index], cells, rows, error);
    free(cells);
    return status;
}

qf_status qf_ranks_init(qf_ranks *ranks, const qf_table *table, const qf_run *run,
                        qf_error *error) {
    *ranks = (qf_ranks){.rows = table->rows, .columns = table->columns};
    if (table->rows > QF_RANKS_MAX_ROWS) {
        return qf_fail(error, QF_DATA, "%zu rows, trees take at most %d", table->rows,
                       QF_RANKS_MAX_ROWS);
    }
    ranks->items = qf_new_array(table->columns, sizeof *ranks->items, error);
    if (!ranks->items) return QF_MEMORY;
    coding context = {ranks, table};
    const qf_status status = qf_parallel(run, table->columns, code_task, &context, error);
    if (status != QF_OK) {
        qf_ranks_free(ranks);
        return status;
    }
    for (size_t c = 0; c < ranks->columns; c++) {
        const uint32_t distinct = ranks->items[c].distinct;
        if (distinct > ranks->most_distinct) ranks->most_distinct = distinct;
    }
    return QF_OK;
}

double qf_rank_threshold(const qf_rank_column *column, uint32_t left, uint32_t right) {
    const double a = column->values[left], b = column->values[right], middle = a / 2 + b / 2;
    return middle < b ? middle : a;
}

void qf_ranks_free(qf_ranks *ranks) {
    for (size_t c = 0; ranks->items && c < ranks->columns; c++) {
        free(ranks->items[c].codes);
        free(ranks->items[c].values);
        free(ranks->items[c].others);
    }
    free(ranks->items);
    *ranks = (qf_ranks){0};
}
