#include "data/correlation.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

enum { BLOCK = 32, CHUNK = 128 };

/* A column becomes (x / scale - least) - mean, divided by its norm. The scale is a power of two, so
 * that no square overflows; what is common to all values is taken off before digits are lost. */
typedef struct moments {
    double scale, least, mean, norm; /* norm 0: constant */
} moments;

static double deviation(moments m, double x) {
    return x / m.scale - m.least - m.mean;
}

typedef struct work {
    const qf_table *table;
    const size_t *columns;
    size_t count, step, blocks;
    moments *moments;
    double *matrix;
} work;

static double cell(const work *w, size_t i, size_t row) {
    const qf_table *t = w->table;
    return w->columns[i] == t->columns ? t->labels[row]
                                       : t->values[row * t->columns + w->columns[i]];
}

static qf_status measure(void *context, size_t i, qf_error *error) {
    (void)error;
    const work *w = context;
    double least = INFINITY, most = -INFINITY, sum = 0, squares = 0, rows = 0;
    for (size_t r = 0; r < w->table->rows; r += w->step) {
        least = fmin(least, cell(w, i, r));
        most = fmax(most, cell(w, i, r));
    }
    if (!(most > least)) return QF_OK;
    int exponent;
    (void)frexp(fmax(fabs(least), fabs(most)), &exponent);
    moments m = {.scale = ldexp(1, exponent - 1)};
    m.least = least / m.scale;
    for (size_t r = 0; r < w->table->rows; r += w->step, rows++) sum += deviation(m, cell(w, i, r));
    m.mean = sum / rows;
    for (size_t r = 0; r < w->table->rows; r += w->step) {
        const double d = deviation(m, cell(w, i, r));
        squares += d * d;
    }
    m.norm = sqrt(squares);
    w->moments[i] = m;
    return QF_OK;
}

/* Standardised cells of `rows` rows from `first` (in steps) and a block of columns. */
static void gather(const work *w, size_t block, size_t first, size_t rows,
                   double cells[CHUNK][BLOCK]) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t j = 0; j < BLOCK; j++) {
            const size_t i = block * BLOCK + j;
            if (i >= w->count || w->moments[i].norm == 0) {
                cells[r][j] = 0;
                continue;
            }
            const moments m = w->moments[i];
            cells[r][j] = deviation(m, cell(w, i, (first + r) * w->step)) / m.norm;
        }
    }
}

static void store(const work *w, size_t a, size_t b, double sum) {
    if (a >= w->count || b >= w->count) return;
    double r = a == b ? 1 : fmax(-1, fmin(1, sum));
    if (w->moments[a].norm == 0 || w->moments[b].norm == 0) r = NAN;
    w->matrix[a * w->count + b] = w->matrix[b * w->count + a] = r;
}

static qf_status correlate(void *context, size_t task, qf_error *error) {
    (void)error;
    const work *w = context;
    const size_t left = task / w->blocks, right = task % w->blocks;
    if (left > right) return QF_OK;
    double x[CHUNK][BLOCK], y[CHUNK][BLOCK], sums[BLOCK][BLOCK] = {{0}};
    const size_t used = (w->table->rows + w->step - 1) / w->step;
    for (size_t first = 0; first < used; first += CHUNK) {
        const size_t rows = used - first < CHUNK ? used - first : CHUNK;
        gather(w, left, first, rows, x);
        gather(w, right, first, rows, y);
        for (size_t i = 0; i < BLOCK; i++) {
            double row_sums[BLOCK] = {0};
            for (size_t r = 0; r < rows; r++) {
                for (size_t j = 0; j < BLOCK; j++) row_sums[j] += x[r][i] * y[r][j];
            }
            for (size_t j = 0; j < BLOCK; j++) sums[i][j] += row_sums[j];
        }
    }
    for (size_t i = 0; i < BLOCK; i++) {
        for (size_t j = 0; j < BLOCK; j++) {
            if (left < right || i <= j) store(w, left * BLOCK + i, right * BLOCK + j, sums[i][j]);
        }
    }
    return QF_OK;
}

qf_status qf_correlation_matrix(const qf_table *table, const size_t *columns, size_t count,
                                size_t step, const qf_run *run, double *matrix, qf_error *error) {
    work w = {.table = table,
              .columns = columns,
              .count = count,
              .step = step,
              .blocks = (count + BLOCK - 1) / BLOCK,
              .moments = qf_new_array(count, sizeof(moments), error),
              .matrix = matrix};
    if (!w.moments) return QF_MEMORY;
    qf_status status = qf_parallel(run, count, measure, &w, error);
    if (status == QF_OK) status = qf_parallel(run, w.blocks * w.blocks, correlate, &w, error);
    free(w.moments);
    return status;
}
