#include "data/scale.h"

#include "base/memory.h"
#include "base/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const qf_scale_names[QF_SCALE_KINDS + 1] = {
    "none", "standard", "min-max", "log-standard", "log-min-max", "quantile", NULL,
};

static bool is_affine(qf_scale_kind kind) {
    return kind != QF_SCALE_NONE && kind != QF_SCALE_QUANTILE;
}

static bool is_logarithmic(qf_scale_kind kind) {
    return kind == QF_SCALE_LOG_STANDARD || kind == QF_SCALE_LOG_MIN_MAX;
}

static double signed_log(double x) {
    return copysign(log1p(fabs(x)), x);
}

qf_status qf_scaler_init(qf_scaler *scaler, qf_scale_kind kind, double clip, const qf_table *like,
                         qf_error *error) {
    *scaler = (qf_scaler){.kind = kind, .clip = clip};
    if (!(clip >= 0 && isfinite(clip))) {
        return qf_fail(error, QF_USAGE, "values are clipped to a limit greater than 0");
    }
    scaler->names = qf_new_array(like->columns, sizeof *scaler->names, error);
    scaler->target = scaler->names ? qf_copy_text(like->target, error) : NULL;
    bool complete = scaler->target != NULL;
    for (size_t c = 0; complete && c < like->columns; c++) {
        scaler->names[c] = qf_copy_text(like->names[c], error);
        complete = scaler->names[c] != NULL;
        scaler->columns = c + 1;
    }
    if (complete) return QF_OK;
    qf_scaler_free(scaler);
    return QF_MEMORY;
}

void qf_scaler_free(qf_scaler *scaler) {
    for (size_t c = 0; c < scaler->columns; c++) free(scaler->names[c]);
    free(scaler->names);
    free(scaler->target);
    free(scaler->shift);
    free(scaler->divisor);
    free(scaler->quantiles);
    *scaler = (qf_scaler){0};
}

/* What is known of a column while it is fitted. */
typedef struct moments {
    double least, greatest;
    double unit;         /* a power of two: values / unit lie in -1 .. 1 */
    double mean;         /* of values / unit */
    double sum, squares; /* of the deviations from it */
} moments;

/* Calls `add` for every column of every block, the values f(x) in place of x. */
typedef void add_values(moments *m, const double *values, size_t rows);

static qf_status each_column(const qf_scaler *scaler, qf_spill *spill, moments *columns,
                             add_values *add, qf_error *error) {
    const bool logarithmic = is_logarithmic(scaler->kind);
    double *mapped = qf_new_array(spill->block_rows, sizeof *mapped, error);
    if (!mapped) return QF_MEMORY;
    qf_status status = QF_OK;
    for (size_t b = 0; status == QF_OK && b < qf_spill_blocks(spill); b++) {
        const double *block;
        size_t rows;
        status = qf_spill_read_block(spill, b, &block, &rows, error);
        for (size_t c = 0; status == QF_OK && c < spill->columns; c++) {
            const double *values = block + c * spill->block_rows;
            for (size_t r = 0; logarithmic && r < rows; r++) mapped[r] = signed_log(values[r]);
            add(&columns[c], logarithmic ? mapped : values, rows);
        }
    }
    free(mapped);
    return status;
}

static void add_range(moments *m, const double *values, size_t rows) {
    for (size_t r = 0; r < rows; r++) {
        if (values[r] < m->least) m->least = values[r];
        if (values[r] > m->greatest) m->greatest = values[r];
    }
}

static void add_mean(moments *m, const double *values, size_t rows) {
    double sum = 0;
    for (size_t r = 0; r < rows; r++) sum += values[r] / m->unit;
    m->sum += sum;
}

static void add_deviations(moments *m, const double *values, size_t rows) {
    double sum = 0, squares = 0;
    for (size_t r = 0; r < rows; r++) {
        const double d = values[r] / m->unit - m->mean;
        sum += d;
        squares += d * d;
    }
    m->sum += sum;
    m->squares += squares;
}

static qf_status check_range(const qf_scaler *scaler, size_t c, double least, double greatest,
                             qf_error *error) {
    if (isfinite(greatest - least)) return QF_OK;
    return qf_fail(error, QF_DATA, "column \"%s\": values from %g to %g are too far apart to scale",
                   scaler->names[c], least, greatest);
}

/* The mean as shift and the deviation as divisor. */
static qf_status fit_standard(qf_scaler *scaler, qf_spill *spill, moments *columns,
                              qf_error *error) {
    const double rows = (double)spill->rows;
    for (size_t c = 0; c < scaler->columns; c++) {
        int exponent;
        moments *m = &columns[c];
        (void)frexp(fmax(fabs(m->least), fabs(m->greatest)), &exponent);
        m->unit = ldexp(1, exponent > 1023 ? 1023 : exponent < -1021 ? -1021 : exponent);
    }
    QF_TRY(each_column(scaler, spill, columns, add_mean, error));
    for (size_t c = 0; c < scaler->columns; c++) {
        columns[c].mean = columns[c].sum / rows;
        columns[c].sum = 0;
    }
    QF_TRY(each_column(scaler, spill, columns, add_deviations, error));
    for (size_t c = 0; c < scaler->columns; c++) {
        const moments *m = &columns[c];
        if (scaler->divisor[c] == 0) continue;
        const double correction = m->sum / rows;
        scaler->shift[c] = (m->mean + correction) * m->unit;
        scaler->divisor[c] = sqrt(m->squares / rows - correction * correction) * m->unit;
        if (!(scaler->divisor[c] > 0)) scaler->divisor[c] = m->greatest - m->least;
    }
    return QF_OK;
}

static qf_status fit_affine(qf_scaler *scaler, qf_spill *spill, moments *columns, qf_error *error) {
    for (size_t c = 0; c < scaler->columns; c++) {
        columns[c] = (moments){.least = INFINITY, .greatest = -INFINITY};
    }
    QF_TRY(each_column(scaler, spill, columns, add_range, error));
    for (size_t c = 0; c < scaler->columns; c++) {
        const moments *m = &columns[c];
        QF_TRY(check_range(scaler, c, m->least, m->greatest, error));
        scaler->shift[c] = m->least;
        scaler->divisor[c] = m->greatest - m->least;
    }
    if (scaler->kind == QF_SCALE_MIN_MAX || scaler->kind == QF_SCALE_LOG_MIN_MAX) return QF_OK;
    return fit_standard(scaler, spill, columns, error);
}

/* Radix sort by bytes, least significant first, skipping bytes that are all equal. */
static void sort(double *values, size_t count, uint64_t *keys) {
    uint64_t *from = keys, *to = (uint64_t *)(void *)values;
    for (size_t i = 0; i < count; i++) keys[i] = qf_order_key(values[i]);
    for (int shift = 0; shift < 64; shift += 8) {
        size_t starts[256] = {0}, sum = 0;
        for (size_t i = 0; i < count; i++) starts[from[i] >> shift & 255]++;
        if (starts[from[0] >> shift & 255] == count) continue;
        for (int d = 0; d < 256; d++) {
            const size_t size = starts[d];
            starts[d] = sum;
            sum += size;
        }
        for (size_t i = 0; i < count; i++) to[starts[from[i] >> shift & 255]++] = from[i];
        uint64_t *const swap = from;
        from = to;
        to = swap;
    }
    for (size_t i = 0; i < count; i++) values[i] = qf_order_value(from[i]);
}

/* Reference quantiles of sorted values. */
static void take_quantiles(const double *sorted, size_t count, double *quantiles,
                           size_t references) {
    const size_t steps = references > 1 ? references - 1 : 1;
    for (size_t q = 0; q < references; q++) {
        const size_t place = q * (count - 1); /* in steps; whole places are met exactly */
        const double t = (double)(place % steps) / (double)steps, *low = sorted + place / steps;
        const double value = t > 0 ? low[0] + (low[1] - low[0]) * t : low[0];
        quantiles[q] = q && value < quantiles[q - 1] ? quantiles[q - 1] : value;
    }
}

static qf_status fit_quantiles(qf_scaler *scaler, qf_spill *spill, double *values, uint64_t *keys,
                               size_t together, qf_error *error) {
    const size_t rows = spill->rows;
    for (size_t first = 0; first < scaler->columns; first += together) {
        const size_t left = scaler->columns - first, count = left < together ? left : together;
        QF_TRY(qf_spill_read_columns(spill, first, count, values, error));
        for (size_t c = 0; c < count; c++) {
            double *column = values + c * rows;
            sort(column, rows, keys);
            QF_TRY(check_range(scaler, first + c, column[0], column[rows - 1], error));
            take_quantiles(column, rows, scaler->quantiles + (first + c) * scaler->references,
                           scaler->references);
        }
    }
    return QF_OK;
}

static qf_status fit_quantile(qf_scaler *scaler, qf_spill *spill, qf_error *error) {
    enum { CELLS = 1 << 21 };
    const size_t fitting = CELLS / spill->rows ? CELLS / spill->rows : 1;
    const size_t together = fitting < scaler->columns ? fitting : scaler->columns;
    scaler->references = spill->rows < QF_SCALE_REFERENCES ? spill->rows : QF_SCALE_REFERENCES;
    scaler->quantiles =
        qf_new_array(scaler->columns, scaler->references * sizeof *scaler->quantiles, error);
    if (!scaler->quantiles) return QF_MEMORY;
    double *values = qf_new_array(together, spill->rows * sizeof *values, error);
    uint64_t *keys = values ? qf_new_array(spill->rows, sizeof *keys, error) : NULL;
    const qf_status status =
        keys ? fit_quantiles(scaler, spill, values, keys, together, error) : QF_MEMORY;
    free(keys);
    free(values);
    return status;
}

static qf_status new_affine(qf_scaler *scaler, qf_error *error) {
    scaler->shift = qf_new_array(scaler->columns, sizeof *scaler->shift, error);
    scaler->divisor =
        scaler->shift ? qf_new_array(scaler->columns, sizeof *scaler->divisor, error) : NULL;
    return scaler->divisor ? QF_OK : QF_MEMORY;
}

qf_status qf_scaler_fit(qf_scaler *scaler, qf_spill *spill, qf_error *error) {
    if (spill->rows == 0) return qf_fail(error, QF_DATA, "the table has no rows");
    if (scaler->kind == QF_SCALE_NONE) return QF_OK;
    if (scaler->kind == QF_SCALE_QUANTILE) return fit_quantile(scaler, spill, error);
    QF_TRY(new_affine(scaler, error));
    moments *columns = qf_new_array(scaler->columns, sizeof *columns, error);
    if (!columns) return QF_MEMORY;
    const qf_status status = fit_affine(scaler, spill, columns, error);
    free(columns);
    return status;
}

/* The number of references below x (or, if `equal`, not above it). */
static size_t count_below(const double *quantiles, size_t references, double x, bool equal) {
    size_t low = 0, high = references;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (quantiles[middle] < x || (equal && quantiles[middle] == x)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static double rank(const double *quantiles, size_t references, double x) {
    const double least = quantiles[0], greatest = quantiles[references - 1];
    if (x <= least || least == greatest) return 0;
    if (x >= greatest) return 1;
    const double step = 1 / (double)(references - 1);
    const size_t above = count_below(quantiles, references, x, false);
    if (quantiles[above] == x) {
        const size_t beyond = count_below(quantiles, references, x, true);
        return 0.5 * (double)(above + beyond - 1) * step;
    }
    const double low = quantiles[above - 1], high = quantiles[above];
    return ((double)(above - 1) + (x - low) / (high - low)) * step;
}

static void scale_row(const qf_scaler *scaler, double *row) {
    const size_t columns = scaler->columns;
    if (is_logarithmic(scaler->kind)) {
        for (size_t c = 0; c < columns; c++) row[c] = signed_log(row[c]);
    }
    for (size_t c = 0; is_affine(scaler->kind) && c < columns; c++) {
        const double divisor = scaler->divisor[c];
        row[c] = divisor > 0 ? (row[c] - scaler->shift[c]) / divisor : 0;
    }
    for (size_t c = 0; scaler->kind == QF_SCALE_QUANTILE && c < columns; c++) {
        row[c] = rank(scaler->quantiles + c * scaler->references, scaler->references, row[c]);
    }
    for (size_t c = 0; scaler->clip > 0 && c < columns; c++) {
        const double low = row[c] < -scaler->clip ? -scaler->clip : row[c];
        row[c] = low > scaler->clip ? scaler->clip : low;
    }
}

qf_status qf_scaler_apply(const qf_scaler *scaler, qf_table *rows, qf_error *error) {
    QF_TRY(
        qf_table_check_columns(scaler->columns, (const char *const *)scaler->names, rows, error));
    for (size_t r = 0; r < rows->rows; r++) {
        double *row = rows->values + r * rows->columns;
        scale_row(scaler, row);
        for (size_t c = 0; c < rows->columns; c++) {
            if (isfinite(row[c])) continue;
            return qf_fail(error, QF_DATA,
                           "row %lld, column \"%s\": too far from the fitted rows to scale",
                           (long long)rows->origins[r].row, rows->names[c]);
        }
    }
    return QF_OK;
}

qf_status qf_scaler_encode(const qf_scaler *scaler, qf_arrays *arrays, qf_error *error) {
    const size_t columns = scaler->columns;
    if (scaler->kind == QF_SCALE_QUANTILE) {
        return qf_arrays_add(arrays, "quantiles", QF_F64, columns, scaler->references,
                             scaler->quantiles, error);
    }
    if (!is_affine(scaler->kind)) return QF_OK;
    QF_TRY(qf_arrays_add(arrays, "shift", QF_F64, columns, 1, scaler->shift, error));
    return qf_arrays_add(arrays, "divisor", QF_F64, columns, 1, scaler->divisor, error);
}

static qf_status decode_affine(qf_scaler *scaler, const qf_arrays *arrays, qf_error *error) {
    const qf_array *shift, *divisor;
    const size_t columns = scaler->columns;
    QF_TRY(qf_arrays_find(arrays, "shift", QF_F64, columns, 1, &shift, error));
    QF_TRY(qf_arrays_find(arrays, "divisor", QF_F64, columns, 1, &divisor, error));
    QF_TRY(new_affine(scaler, error));
    memcpy(scaler->shift, shift->data, columns * sizeof *scaler->shift);
    memcpy(scaler->divisor, divisor->data, columns * sizeof *scaler->divisor);
    for (size_t c = 0; c < columns; c++) {
        const double least = scaler->shift[c], width = scaler->divisor[c];
        if (isfinite(least) && isfinite(width) && width >= 0) continue;
        return qf_fail(error, QF_DATA, "column \"%s\": no map", scaler->names[c]);
    }
    return QF_OK;
}

static qf_status decode_quantiles(qf_scaler *scaler, const qf_arrays *arrays, qf_error *error) {
    const qf_array *quantiles;
    QF_TRY(qf_arrays_find(arrays, "quantiles", QF_F64, scaler->columns, QF_ANY, &quantiles, error));
    const size_t references = quantiles->columns;
    if (references == 0) return qf_fail(error, QF_DATA, "no quantiles");
    for (size_t c = 0; c < scaler->columns; c++) {
        const double *q = (const double *)quantiles->data + c * references;
        bool ascending = isfinite(q[0]) && isfinite(q[references - 1] - q[0]);
        for (size_t i = 1; i < references; i++) ascending = ascending && q[i] >= q[i - 1];
        if (!ascending) {
            return qf_fail(error, QF_DATA, "column \"%s\": quantiles do not ascend",
                           scaler->names[c]);
        }
    }
    scaler->references = references;
    scaler->quantiles = qf_copy_array(quantiles->data, scaler->columns * references,
                                      sizeof *scaler->quantiles, error);
    return scaler->quantiles ? QF_OK : QF_MEMORY;
}

qf_status qf_scaler_decode(qf_scaler *scaler, const qf_arrays *arrays, qf_error *error) {
    const size_t expected = is_affine(scaler->kind) ? 2 : scaler->kind == QF_SCALE_QUANTILE;
    if (arrays->count != expected) {
        return qf_fail(error, QF_DATA, "%zu arrays, a scaler of kind %s has %zu", arrays->count,
                       qf_scale_names[scaler->kind], expected);
    }
    if (scaler->kind == QF_SCALE_NONE) return QF_OK;
    if (is_affine(scaler->kind)) return decode_affine(scaler, arrays, error);
    return decode_quantiles(scaler, arrays, error);
}
