#include "data/smote.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/random.h"
#include "data/neighbours.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The minority rows, gathered. */
typedef struct minority {
    uint8_t label;
    size_t count;
    size_t *rows;   /* [count], in the table */
    double *values; /* [count][columns] */
    bool *whole;    /* [columns], only whole numbers in the minority rows */
    qf_neighbour *neighbours;
} minority;

static void minority_free(minority *m) {
    free(m->rows);
    free(m->values);
    free(m->whole);
    free(m->neighbours);
}

static qf_status gather(const qf_table *table, minority *m, qf_error *error) {
    const size_t columns = table->columns;
    m->rows = qf_new_array(m->count, sizeof *m->rows, error);
    m->values = qf_new_array(m->count, columns * sizeof *m->values, error);
    m->whole = qf_new_array(columns, sizeof *m->whole, error);
    if (!m->rows || !m->values || !m->whole) return QF_MEMORY;
    for (size_t c = 0; c < columns; c++) m->whole[c] = true;
    size_t place = 0;
    for (size_t r = 0; r < table->rows; r++) {
        if (table->labels[r] != m->label) continue;
        if (table->origins[r].neighbour >= 0) {
            return qf_fail(error, QF_DATA,
                           "row %zu is synthetic already: SMOTE needs original minority rows",
                           r + 1);
        }
        const double *row = table->values + r * columns;
        for (size_t c = 0; c < columns; c++) m->whole[c] = m->whole[c] && qf_is_whole(row[c]);
        memcpy(m->values + place * columns, row, columns * sizeof *row);
        m->rows[place++] = r;
    }
    return QF_OK;
}

static qf_status find_neighbours(minority *m, size_t columns, size_t k, const qf_run *run,
                                 qf_error *error) {
    if (m->count <= k) {
        return qf_fail(error, QF_DATA,
                       "%zu rows with label %d, %zu neighbours need at least %zu; choose a smaller "
                       "--neighbours",
                       m->count, m->label, k, k + 1);
    }
    m->neighbours = qf_new_array(m->count, k * sizeof *m->neighbours, error);
    if (!m->neighbours) return QF_MEMORY;
    return qf_neighbours_find(m->values, m->count, m->values, m->count, columns, k, true, run,
                              m->neighbours, error);
}

/* The point between x and y; never beyond either, whatever the rounding. */
static double between(double x, double y, double gap) {
    const double value = x + gap * (y - x);
    const double low = x < y ? x : y, high = x < y ? y : x;
    return value < low ? low : value > high ? high : value;
}

static void synthesise(qf_table *table, const minority *m, size_t added, const qf_smote_options *o,
                       bool *fractional) {
    const size_t columns = table->columns, k = o->neighbours;
    qf_random random = qf_random_stream(o->seed, "smote", 0);
    for (size_t i = 0; i < added; i++, table->rows++) {
        const size_t draw = (size_t)qf_random_below(&random, m->count * k);
        const double gap = qf_random_uniform(&random);
        const size_t parent = draw / k, other = m->neighbours[draw].row;
        const double *x = m->values + parent * columns, *y = m->values + other * columns;
        double *row = table->values + table->rows * columns;
        for (size_t c = 0; c < columns; c++) {
            row[c] = between(x[c], y[c], gap);
            if (m->whole[c] && o->round) row[c] = rint(row[c]);
            if (m->whole[c] && !fractional[c]) fractional[c] = !qf_is_whole(row[c]);
        }
        table->labels[table->rows] = m->label;
        table->origins[table->rows] =
            (qf_origin){table->origins[m->rows[parent]].row, table->origins[m->rows[other]].row};
    }
}

qf_status qf_smote(qf_table *table, const qf_smote_options *options, const qf_run *run,
                   qf_smote_report *report, qf_error *error) {
    *report = (qf_smote_report){0};
    QF_TRY(qf_table_require_classes(table, 1, error));
    size_t counts[2];
    qf_table_count_classes(table, counts);
    minority m = {.label = counts[1] <= counts[0]};
    m.count = counts[m.label];
    const size_t wanted = (size_t)(options->ratio * (double)counts[!m.label]);
    if (wanted <= m.count) return QF_OK;
    report->added = wanted - m.count;
    bool *fractional = qf_new_array(table->columns, sizeof *fractional, error);
    qf_status status = fractional ? gather(table, &m, error) : QF_MEMORY;
    if (status == QF_OK) {
        status = find_neighbours(&m, table->columns, options->neighbours, run, error);
    }
    if (status == QF_OK) status = qf_table_reserve(table, table->rows + report->added, error);
    if (status == QF_OK) {
        synthesise(table, &m, report->added, options, fractional);
        for (size_t c = 0; c < table->columns; c++) report->fractional_columns += fractional[c];
    }
    free(fractional);
    minority_free(&m);
    return status;
}
