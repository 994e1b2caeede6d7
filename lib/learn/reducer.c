#include "learn/reducer.h"

#include "base/memory.h"
#include "data/column.h"
#include "learn/importance.h"
#include "learn/principal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const qf_reduction_names[QF_REDUCTIONS + 1] = {"pca", "anova", "mutual-information",
                                                           "forest", NULL};

void qf_reducer_free(qf_reducer *reducer) {
    for (size_t c = 0; reducer->names && c < reducer->columns; c++) free(reducer->names[c]);
    free(reducer->names);
    free(reducer->target);
    free(reducer->scores);
    free(reducer->selected);
    free(reducer->mean);
    free(reducer->components);
    *reducer = (qf_reducer){0};
}

static qf_status copy_names(qf_reducer *reducer, const qf_table *like, qf_error *error) {
    reducer->target = qf_copy_text(like->target, error);
    reducer->names = qf_new_array(like->columns, sizeof *reducer->names, error);
    if (!reducer->target || !reducer->names) return QF_MEMORY;
    for (size_t c = 0; c < like->columns; c++) {
        reducer->names[c] = qf_copy_text(like->names[c], error);
        if (!reducer->names[c]) return QF_MEMORY;
    }
    return QF_OK;
}

qf_status qf_reducer_init(qf_reducer *reducer, qf_reduction by, size_t kept, const qf_table *like,
                          qf_error *error) {
    *reducer = (qf_reducer){.by = by, .columns = like->columns, .kept = kept};
    if (kept < 1 || kept > like->columns) {
        return qf_fail(error, QF_USAGE, "%zu columns cannot be reduced to %zu", like->columns,
                       kept);
    }
    const qf_status status = copy_names(reducer, like, error);
    if (status != QF_OK) qf_reducer_free(reducer);
    return status;
}

/* Between the classes over within them, both divided by their degrees of freedom; infinite where a
 * column that varies does not within a class. */
static double anova_f(const qf_table *table, size_t column) {
    double mean[2] = {0}, within = 0;
    size_t counts[2] = {0};
    for (size_t r = 0; r < table->rows; r++) {
        const double value = table->values[r * table->columns + column];
        const uint8_t label = table->labels[r];
        counts[label]++;
        const double distance = value - mean[label];
        mean[label] += distance / (double)counts[label];
        within += distance * (value - mean[label]);
    }
    const double n0 = (double)counts[0], n1 = (double)counts[1], n = n0 + n1;
    const double between = n0 * n1 / n * (mean[0] - mean[1]) * (mean[0] - mean[1]);
    return between == 0 ? 0 : between / (within / (n - 2));
}

typedef struct scoring {
    qf_reducer *reducer;
    const qf_table *table;
} scoring;

static qf_status score_column(void *context, size_t column, qf_error *error) {
    const scoring *s = context;
    const size_t rows = s->table->rows;
    double *score = &s->reducer->scores[column];
    if (s->reducer->by == QF_REDUCE_ANOVA) {
        *score = anova_f(s->table, column);
        return QF_OK;
    }
    qf_cell *cells = qf_new_array(rows, 2 * sizeof *cells, error);
    if (!cells) return QF_MEMORY;
    qf_column_sort(s->table, column, cells, cells + rows);
    *score = qf_column_mutual_information(cells, rows, s->table->labels);
    free(cells);
    return QF_OK;
}

static qf_status score_columns(qf_reducer *reducer, const qf_table *table, uint64_t seed,
                               const qf_run *run, qf_error *error) {
    if (reducer->by == QF_REDUCE_FOREST) {
        return qf_forest_importance(table, seed, run, reducer->scores, error);
    }
    scoring s = {reducer, table};
    return qf_parallel(run, reducer->columns, score_column, &s, error);
}

typedef struct scored_column {
    double score;
    int64_t column;
} scored_column;

static int by_score(const void *a, const void *b) {
    const scored_column *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    return (x->column > y->column) - (x->column < y->column);
}

static int by_number(const void *a, const void *b) {
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static qf_status select_columns(qf_reducer *reducer, qf_error *error) {
    scored_column *order = qf_new_array(reducer->columns, sizeof *order, error);
    if (!order) return QF_MEMORY;
    for (size_t c = 0; c < reducer->columns; c++) {
        order[c] = (scored_column){reducer->scores[c], (int64_t)c};
    }
    qsort(order, reducer->columns, sizeof *order, by_score);
    for (size_t i = 0; i < reducer->kept; i++) reducer->selected[i] = order[i].column;
    qsort(reducer->selected, reducer->kept, sizeof *reducer->selected, by_number);
    free(order);
    return QF_OK;
}

static qf_status allocate(qf_reducer *reducer, qf_error *error) {
    const size_t columns = reducer->columns, kept = reducer->kept;
    const bool pca = reducer->by == QF_REDUCE_PCA;
    reducer->scores = qf_new_array(pca ? kept : columns, sizeof(double), error);
    if (pca) {
        reducer->mean = qf_new_array(columns, sizeof(double), error);
        reducer->components = qf_new_array(kept * columns, sizeof(double), error);
        return reducer->scores && reducer->mean && reducer->components ? QF_OK : QF_MEMORY;
    }
    reducer->selected = qf_new_array(kept, sizeof *reducer->selected, error);
    return reducer->scores && reducer->selected ? QF_OK : QF_MEMORY;
}

qf_status qf_reducer_fit(qf_reducer *reducer, const qf_table *table, uint64_t seed,
                         const qf_run *run, qf_error *error) {
    QF_TRY(allocate(reducer, error));
    if (reducer->by == QF_REDUCE_PCA) {
        return qf_principal_components(table, reducer->kept, run, reducer->mean, reducer->scores,
                                       reducer->components, error);
    }
    QF_TRY(qf_table_require_classes(table, 2, error));
    QF_TRY(score_columns(reducer, table, seed, run, error));
    return select_columns(reducer, error);
}

static qf_status new_table(const qf_reducer *reducer, qf_table *table, qf_error *error) {
    char(*numbered)[32] = qf_new_array(reducer->kept, sizeof *numbered, error);
    const char **names = qf_new_array(reducer->kept, sizeof *names, error);
    qf_status status = numbered && names ? QF_OK : QF_MEMORY;
    for (size_t i = 0; status == QF_OK && i < reducer->kept; i++) {
        snprintf(numbered[i], sizeof *numbered, "pc_%zu", i + 1);
        names[i] = reducer->selected ? reducer->names[reducer->selected[i]] : numbered[i];
    }
    if (status == QF_OK) {
        status = qf_table_init(table, reducer->kept, names, reducer->target, error);
    }
    free(numbered);
    free(names);
    return status;
}

static qf_status reduce_row(const qf_reducer *reducer, const double *row, double *to,
                            qf_error *error) {
    for (size_t i = 0; i < reducer->kept; i++) {
        if (reducer->selected) {
            to[i] = row[reducer->selected[i]];
            continue;
        }
        const double *component = reducer->components + i * reducer->columns;
        double sum = 0;
        for (size_t c = 0; c < reducer->columns; c++) {
            sum += component[c] * (row[c] - reducer->mean[c]);
        }
        if (!isfinite(sum)) return qf_fail(error, QF_DATA, "component %zu is not finite", i + 1);
        to[i] = sum;
    }
    return QF_OK;
}

qf_status qf_reducer_map(const qf_reducer *reducer, const qf_table *table, qf_table *reduced,
                         qf_error *error) {
    QF_TRY(qf_table_check_columns(reducer->columns, (const char *const *)reducer->names, table,
                                  error));
    QF_TRY(new_table(reducer, reduced, error));
    qf_status status = qf_table_reserve(reduced, table->rows, error);
    for (size_t r = 0; status == QF_OK && r < table->rows; r++) {
        status = reduce_row(reducer, table->values + r * table->columns,
                            reduced->values + r * reduced->columns, error);
        if (status != QF_OK) qf_error_context(error, "row %lld", (long long)table->origins[r].row);
        reduced->labels[r] = table->labels[r];
        reduced->origins[r] = table->origins[r];
    }
    reduced->rows = table->rows;
    if (status != QF_OK) qf_table_free(reduced);
    return status;
}

qf_status qf_reducer_encode(const qf_reducer *reducer, qf_arrays *arrays, qf_error *error) {
    const size_t columns = reducer->columns, kept = reducer->kept;
    if (reducer->selected) {
        QF_TRY(qf_arrays_add(arrays, "scores", QF_F64, columns, 1, reducer->scores, error));
        return qf_arrays_add(arrays, "selected", QF_I64, kept, 1, reducer->selected, error);
    }
    QF_TRY(qf_arrays_add(arrays, "scores", QF_F64, kept, 1, reducer->scores, error));
    QF_TRY(qf_arrays_add(arrays, "mean", QF_F64, columns, 1, reducer->mean, error));
    return qf_arrays_add(arrays, "components", QF_F64, kept, columns, reducer->components, error);
}

static qf_status copy_finite(const qf_arrays *arrays, const char *name, size_t rows, size_t columns,
                             double *to, qf_error *error) {
    const qf_array *array;
    QF_TRY(qf_arrays_find(arrays, name, QF_F64, rows, columns, &array, error));
    memcpy(to, array->data, rows * columns * sizeof *to);
    for (size_t i = 0; i < rows * columns; i++) {
        if (!isfinite(to[i])) return qf_fail(error, QF_DATA, "array \"%s\" is not finite", name);
    }
    return QF_OK;
}

qf_status qf_reducer_decode(qf_reducer *reducer, const qf_arrays *arrays, qf_error *error) {
    const size_t columns = reducer->columns, kept = reducer->kept;
    const qf_array *array;
    const bool pca = reducer->by == QF_REDUCE_PCA;
    QF_TRY(qf_arrays_find(arrays, "scores", QF_F64, pca ? kept : columns, 1, &array, error));
    QF_TRY(allocate(reducer, error));
    memcpy(reducer->scores, array->data, array->rows * sizeof *reducer->scores);
    if (pca) {
        QF_TRY(copy_finite(arrays, "mean", columns, 1, reducer->mean, error));
        return copy_finite(arrays, "components", kept, columns, reducer->components, error);
    }
    QF_TRY(qf_arrays_find(arrays, "selected", QF_I64, kept, 1, &array, error));
    memcpy(reducer->selected, array->data, kept * sizeof *reducer->selected);
    for (size_t i = 0; i < kept; i++) {
        const int64_t column = reducer->selected[i];
        if (column > (i ? reducer->selected[i - 1] : -1) && column < (int64_t)columns) continue;
        return qf_fail(error, QF_DATA, "array \"selected\" holds no ascending columns");
    }
    return QF_OK;
}
