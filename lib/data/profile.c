#include "data/profile.h"

#include "base/memory.h"
#include "data/column.h"
#include "data/correlation.h"

#include <math.h>
#include <stdlib.h>

typedef struct work {
    const qf_table *table;
    qf_column_profile *profiles;
} work;

static double quantile(const qf_cell *cells, size_t rows, double share) {
    const double place = share * (double)(rows - 1);
    const size_t low = (size_t)place;
    const double t = place - (double)low;
    return t > 0 ? cells[low].value * (1 - t) + cells[low + 1].value * t : cells[low].value;
}

/* In order of value. */
static void count_values(const qf_cell *cells, size_t rows, qf_column_profile *p) {
    size_t zeros = 0;
    p->whole = true;
    for (size_t i = 0; i < rows; i++) {
        const double value = cells[i].value;
        p->distinct += i == 0 || value != cells[i - 1].value;
        p->whole = p->whole && value == floor(value);
        zeros += value == 0;
    }
    p->zero_share = (double)zeros / (double)rows;
    p->minimum = cells[0].value;
    p->lower_quartile = quantile(cells, rows, 0.25);
    p->median = quantile(cells, rows, 0.5);
    p->upper_quartile = quantile(cells, rows, 0.75);
    p->maximum = cells[rows - 1].value;
}

/* Values are divided by a power of two, so that none of their powers overflows, and counted from
 * the least, so that an offset common to all takes no digits from what varies. */
static void measure_moments(const qf_table *table, const qf_cell *cells, qf_column_profile *p) {
    int exponent;
    frexp(fmax(fabs(p->minimum), fabs(p->maximum)), &exponent);
    const double n = (double)table->rows, scale = ldexp(1, exponent - 1);
    const double least = p->minimum / scale;
    p->mean = p->minimum;
    p->deviation = 0;
    p->skewness = p->correlation = NAN;
    if (p->distinct == 1) return;
    double sum = 0, labels = 0, squares = 0, cubes = 0, products = 0;
    for (size_t i = 0; i < table->rows; i++) {
        sum += cells[i].value / scale - least;
        labels += table->labels[i];
    }
    const double mean = sum / n, share = labels / n;
    for (size_t i = 0; i < table->rows; i++) {
        const double d = cells[i].value / scale - least - mean;
        squares += d * d;
        cubes += d * d * d;
        products += d * (table->labels[cells[i].row] - share);
    }
    const double variance = squares / n;
    p->mean = scale * (least + mean);
    p->deviation = scale * sqrt(variance);
    if (variance > 0) p->skewness = cubes / n / (variance * sqrt(variance));
    const double norm = sqrt(squares * n * share * (1 - share));
    if (norm > 0) p->correlation = fmax(-1, fmin(1, products / norm));
}

static qf_status profile_column(void *context, size_t column, qf_error *error) {
    const work *w = context;
    const size_t rows = w->table->rows;
    qf_cell *cells = qf_new_array(2 * rows, sizeof *cells, error);
    if (!cells) return QF_MEMORY;
    qf_column_profile *p = &w->profiles[column];
    *p = (qf_column_profile){0};
    qf_column_sort(w->table, column, cells, cells + rows);
    count_values(cells, rows, p);
    measure_moments(w->table, cells, p);
    p->auc = qf_column_auc(cells, rows, w->table->labels);
    free(cells);
    return QF_OK;
}

qf_status qf_profile_columns(const qf_table *table, const qf_run *run, qf_column_profile *profiles,
                             qf_error *error) {
    if (table->rows == 0) return qf_fail(error, QF_DATA, "the table has no rows");
    work w = {table, profiles};
    return qf_parallel_progress(run, "columns profiled", table->columns, profile_column, &w, error);
}

void qf_profile_free(qf_profile *profile) {
    for (size_t i = 0; i < profile->count; i++) qf_record_free(&profile->records[i]);
    free(profile->records);
    *profile = (qf_profile){0};
}

/* A new record at the end, named for what it is about. */
static qf_status add(qf_profile *profile, const char *kind, const char *key, const char *name,
                     qf_record **added, qf_error *error) {
    QF_TRY(qf_grow_array(&profile->records, &profile->capacity, profile->count + 1,
                         sizeof *profile->records, error));
    *added = &profile->records[profile->count++];
    **added = (qf_record){0};
    QF_TRY(qf_record_set_text(*added, "record", kind, error));
    return qf_record_set_text(*added, key, name, error);
}

static qf_status add_table(const qf_table *table, qf_profile *profile, qf_error *error) {
    size_t counts[2];
    qf_table_count_classes(table, counts);
    qf_record *r;
    QF_TRY(add(profile, "table", "target", table->target, &r, error));
    QF_TRY(qf_record_set_integer(r, "rows", (int64_t)table->rows, error));
    QF_TRY(qf_record_set_integer(r, "columns", (int64_t)table->columns, error));
    QF_TRY(qf_record_set_integer(r, "legitimate", (int64_t)counts[0], error));
    QF_TRY(qf_record_set_integer(r, "fraud", (int64_t)counts[1], error));
    return qf_record_set_real(r, "fraud_share", (double)counts[1] / (double)table->rows, error);
}

static qf_status add_column(const char *name, const qf_column_profile *p, qf_profile *profile,
                            qf_error *error) {
    const struct {
        const char *name;
        double value;
    } reals[] = {
        {"minimum", p->minimum},
        {"lower_quartile", p->lower_quartile},
        {"median", p->median},
        {"upper_quartile", p->upper_quartile},
        {"maximum", p->maximum},
        {"mean", p->mean},
        {"deviation", p->deviation},
        {"skewness", p->skewness},
        {"auc", p->auc},
        {"correlation", p->correlation},
    };
    qf_record *r;
    QF_TRY(add(profile, "column", "name", name, &r, error));
    QF_TRY(qf_record_set_integer(r, "distinct", (int64_t)p->distinct, error));
    QF_TRY(qf_record_set_real(r, "zero_share", p->zero_share, error));
    QF_TRY(qf_record_set_integer(r, "whole", p->whole, error));
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
        QF_TRY(qf_record_set_real(r, reals[i].name, reals[i].value, error));
    }
    return QF_OK;
}

typedef struct ranked {
    double correlation;
    size_t column;
} ranked;

static int by_correlation(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    if (x->correlation != y->correlation) return x->correlation > y->correlation ? -1 : 1;
    return x->column < y->column ? -1 : x->column > y->column;
}

/* The columns of the matrix, the label last; *count is 0 when none varies with the label. */
static qf_status choose(const qf_table *table, const qf_column_profile *profiles, size_t most,
                        size_t **columns, size_t *count, qf_error *error) {
    ranked *order = qf_new_array(table->columns, sizeof *order, error);
    *columns = qf_new_array(table->columns + 1, sizeof **columns, error);
    size_t found = 0;
    for (size_t c = 0; order && c < table->columns; c++) {
        if (!isnan(profiles[c].correlation)) order[found++] = (ranked){profiles[c].correlation, c};
    }
    const bool complete = order && *columns;
    if (complete) {
        qsort(order, found, sizeof *order, by_correlation);
        *count = found < most ? found : most;
        for (size_t i = 0; i < *count; i++) (*columns)[i] = order[i].column;
        if (*count) (*columns)[(*count)++] = table->columns;
    }
    free(order);
    return complete ? QF_OK : QF_MEMORY;
}

static qf_status add_matrix(const qf_table *table, const size_t *columns, size_t count,
                            const double *matrix, qf_profile *profile, qf_error *error) {
    for (size_t i = 0; i < count; i++) {
        const bool label = columns[i] == table->columns;
        const double *row = matrix + i * count;
        qf_record *r;
        QF_TRY(add(profile, "correlation", "name", label ? table->target : table->names[columns[i]],
                   &r, error));
        QF_TRY(qf_record_set_real(r, "correlation", row[count - 1], error));
        QF_TRY(qf_record_set_reals(r, "correlations", row, count, error));
    }
    return QF_OK;
}

static qf_status add_correlations(const qf_table *table, const qf_column_profile *profiles,
                                  size_t most, const qf_run *run, qf_profile *profile,
                                  qf_error *error) {
    size_t *columns = NULL, count = 0;
    qf_status status = choose(table, profiles, most, &columns, &count, error);
    double *matrix = NULL;
    if (status == QF_OK && count) {
        matrix = qf_new_array(count * count, sizeof *matrix, error);
        status = matrix ? qf_correlation_matrix(table, columns, count, 1, run, matrix, error)
                        : QF_MEMORY;
        if (status == QF_OK) {
            status = add_matrix(table, columns, count, matrix, profile, error);
        }
    }
    free(matrix);
    free(columns);
    return status;
}

qf_status qf_profile_table(const qf_table *table, size_t correlations, const qf_run *run,
                           qf_profile *profile, qf_error *error) {
    qf_column_profile *profiles = qf_new_array(table->columns, sizeof *profiles, error);
    if (!profiles) return QF_MEMORY;
    qf_status status = qf_profile_columns(table, run, profiles, error);
    if (status == QF_OK) status = add_table(table, profile, error);
    for (size_t c = 0; status == QF_OK && c < table->columns; c++) {
        status = add_column(table->names[c], &profiles[c], profile, error);
    }
    if (status == QF_OK) {
        status = add_correlations(table, profiles, correlations, run, profile, error);
    }
    free(profiles);
    return status;
}
