#include "learn/ranks.h"

#include "base/memory.h"
#include "data/column.h"

#include <stdlib.h>
#include <string.h>

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
static qf_status mark_others(qf_rank_column *column, size_t rows, size_t most, qf_error *error) {
    if (most < rows - most) return QF_OK;
    column->others = qf_new_array(rows / 64 + 1, sizeof *column->others, error);
    if (!column->others) return QF_MEMORY;
    for (size_t r = 0; r < rows; r++) {
        const uint64_t differs = qf_rank_code(column, r) != column->mode;
        column->others[r >> 6] |= differs << (r & 63);
    }
    return QF_OK;
}

static qf_status make_column(qf_rank_column *column, size_t rows, uint32_t distinct,
                             qf_error *error) {
    column->distinct = distinct;
    column->bytes = distinct <= 1u << 8 ? 1 : distinct <= 1u << 16 ? 2 : 4;
    column->values = qf_new_array(distinct, sizeof *column->values, error);
    column->codes = qf_new_array(rows, column->bytes, error);
    return column->values && column->codes ? QF_OK : QF_MEMORY;
}

/* The working memory of a task. */
typedef struct scratch {
    double *values; /* [GROUP][rows] columns of the table */
    qf_cell *cells; /* [2][rows] for sorting */
    uint32_t *bins; /* [SPAN] for counting; zero between uses */
} scratch;

/* Columns that a task takes: as many as lie in a cache line of the table. SPAN: of small integers.
 */
enum { GROUP = 8, SPAN = 1 << 16 };

static qf_status code_by_sorting(qf_rank_column *column, const double *values, size_t rows,
                                 const scratch *s, qf_error *error) {
    qf_cell *sorted = s->cells;
    for (size_t r = 0; r < rows; r++) sorted[r] = (qf_cell){values[r] + 0.0, r}; /* -0 becomes 0 */
    qf_cells_sort(sorted, rows, sorted + rows);
    uint32_t distinct = 1;
    for (size_t i = 1; i < rows; i++) distinct += sorted[i].value != sorted[i - 1].value;
    QF_TRY(make_column(column, rows, distinct, error));
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
    return mark_others(column, rows, most, error);
}

/* Whether all values are whole and lie in lowest .. lowest + span - 1, span at most SPAN. */
static bool are_small_integers(const double *values, size_t rows, int32_t *lowest, size_t *span) {
    int32_t low = INT32_MAX, high = INT32_MIN;
    for (size_t r = 0; r < rows; r++) {
        if (!(values[r] >= -1e9 && values[r] <= 1e9)) return false;
        const int32_t value = (int32_t)values[r];
        if (value != values[r]) return false;
        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    *lowest = low;
    *span = (size_t)((int64_t)high - low + 1);
    return *span <= SPAN;
}

/* Bins are numbers of rows, then codes. */
static qf_status code_by_counting(qf_rank_column *column, const double *values, size_t rows,
                                  int32_t lowest, size_t span, const scratch *s, qf_error *error) {
    uint32_t *bins = s->bins, distinct = 0, most = 0, code = 0;
    for (size_t r = 0; r < rows; r++) bins[(int32_t)values[r] - lowest]++;
    for (size_t b = 0; b < span; b++) distinct += bins[b] > 0;
    QF_TRY(make_column(column, rows, distinct, error));
    for (size_t b = 0; b < span; b++) {
        if (bins[b] == 0) continue;
        if (bins[b] > most) {
            most = bins[b];
            column->mode = code;
        }
        column->values[code] = (double)b + lowest;
        bins[b] = code++;
    }
    for (size_t r = 0; r < rows; r++) set_code(column, r, bins[(int32_t)values[r] - lowest]);
    memset(bins, 0, span * sizeof *bins);
    return mark_others(column, rows, most, error);
}

typedef struct coding {
    qf_ranks *ranks;
    const qf_table *table;
    size_t groups, tasks;
} coding;

/* Rows lie too far apart for the processor to guess. */
static void gather_group(const qf_table *table, size_t first, size_t count, double *values) {
    enum { AHEAD = 32 };
    for (size_t r = 0; r < table->rows; r++) {
        const double *row = table->values + r * table->columns + first;
        if (r + AHEAD < table->rows) __builtin_prefetch(row + AHEAD * table->columns);
        for (size_t c = 0; c < count; c++) values[c * table->rows + r] = row[c];
    }
}

static qf_status code_group(const coding *k, size_t first, size_t count, const scratch *s,
                            qf_error *error) {
    const size_t rows = k->table->rows;
    gather_group(k->table, first, count, s->values);
    for (size_t c = 0; c < count; c++) {
        qf_rank_column *column = &k->ranks->items[first + c];
        const double *values = s->values + c * rows;
        int32_t lowest;
        size_t span;
        if (are_small_integers(values, rows, &lowest, &span) && span / 8 <= rows) {
            QF_TRY(code_by_counting(column, values, rows, lowest, span, s, error));
        } else {
            QF_TRY(code_by_sorting(column, values, rows, s, error));
        }
    }
    return QF_OK;
}

static qf_status code_task(void *context, size_t index, qf_error *error) {
    const coding *k = context;
    const size_t rows = k->table->rows, columns = k->table->columns;
    const scratch s = {.values = qf_new_array(rows, GROUP * sizeof *s.values, error),
                       .cells = qf_new_array(rows, 2 * sizeof *s.cells, error),
                       .bins = qf_new_array(SPAN, sizeof *s.bins, error)};
    qf_status status = s.values && s.cells && s.bins ? QF_OK : QF_MEMORY;
    for (size_t g = index; status == QF_OK && g < k->groups; g += k->tasks) {
        const size_t rest = columns - g * GROUP;
        status = code_group(k, g * GROUP, rest < GROUP ? rest : GROUP, &s, error);
    }
    free(s.values);
    free(s.cells);
    free(s.bins);
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
    /* Tasks are few, because each brings its scratch: memory not yet touched is dear. */
    coding context = {ranks, table, .groups = (table->columns + GROUP - 1) / GROUP, .tasks = 1};
    if (run->threads > 1) context.tasks = 2 * run->threads;
    const qf_status status = qf_parallel(run, context.tasks, code_task, &context, error);
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
