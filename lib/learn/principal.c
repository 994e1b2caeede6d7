#include "learn/principal.h"

#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The matrix becomes the orthogonal Q of Q^T A Q tridiagonal: diagonal d, and e below it from
 * e[1] on. */
static void tridiagonalise(double *a, size_t n, double *d, double *e) {
    for (size_t i = n - 1; i > 0; i--) {
        double *row = a + i * n, scale = 0, h = 0;
        for (size_t k = 0; k < i; k++) scale += fabs(row[k]);
        d[i] = 0;
        if (i == 1 || scale == 0) {
            e[i] = row[i - 1];
            continue;
        }
        for (size_t k = 0; k < i; k++) {
            row[k] /= scale;
            h += row[k] * row[k];
        }
        const double f = row[i - 1], g = f >= 0 ? -sqrt(h) : sqrt(h);
        e[i] = scale * g;
        h -= f * g;
        row[i - 1] = f - g;
        /* p = A u / h, then A -= u q^T + q u^T with q = p - (u^T p / 2 h) u. */
        double product = 0;
        for (size_t j = 0; j < i; j++) {
            double sum = 0;
            for (size_t k = 0; k <= j; k++) sum += a[j * n + k] * row[k];
            for (size_t k = j + 1; k < i; k++) sum += a[k * n + j] * row[k];
            e[j] = sum / h;
            product += e[j] * row[j];
        }
        for (size_t j = 0; j < i; j++) {
            e[j] -= product / (2 * h) * row[j];
            for (size_t k = 0; k <= j; k++) a[j * n + k] -= row[j] * e[k] + e[j] * row[k];
        }
        d[i] = h;
    }
}

/* Multiplies the reflections that the rows hold; d becomes the diagonal. `g` holds n numbers. */
static void accumulate(double *a, size_t n, double *d, double *g) {
    for (size_t i = 0; i < n; i++) {
        double *row = a + i * n;
        if (i > 0 && d[i] != 0) {
            memset(g, 0, i * sizeof *g);
            for (size_t k = 0; k < i; k++) {
                for (size_t j = 0; j < i; j++) g[j] += row[k] * a[k * n + j];
            }
            for (size_t k = 0; k < i; k++) {
                const double share = row[k] / d[i];
                for (size_t j = 0; j < i; j++) a[k * n + j] -= g[j] * share;
            }
        }
        d[i] = row[i];
        row[i] = 1;
        for (size_t k = 0; k < i; k++) a[k * n + i] = row[k] = 0;
    }
}

/* One implicit QL step on the block from `first` to `last`; v[i] is the i-th vector. */
static void ql_step(size_t first, size_t last, double *d, double *e, double *v, size_t n) {
    double g = (d[first + 1] - d[first]) / (2 * e[first]), r = hypot(g, 1);
    g = d[last] - d[first] + e[first] / (g + copysign(r, g));
    double s = 1, c = 1, p = 0;
    for (size_t i = last; i-- > first;) {
        const double f = s * e[i], b = c * e[i];
        r = hypot(f, g);
        e[i + 1] = r;
        if (r == 0) {
            d[i + 1] -= p;
            e[last] = 0;
            return;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        double *low = v + i * n, *high = low + n;
        for (size_t k = 0; k < n; k++) {
            const double t = high[k];
            high[k] = s * low[k] + c * t;
            low[k] = c * low[k] - s * t;
        }
    }
    d[first] -= p;
    e[first] = g;
    e[last] = 0;
}

static qf_status diagonalise(double *d, double *e, double *v, size_t n, qf_error *error) {
    enum { MAX_STEPS = 60 };
    for (size_t i = 1; i < n; i++) e[i - 1] = e[i];
    e[n - 1] = 0;
    for (size_t i = 0; i < n; i++) {
        for (int step = 0;; step++) {
            size_t last = i;
            while (last + 1 < n &&
                   fabs(e[last]) > DBL_EPSILON * (fabs(d[last]) + fabs(d[last + 1]))) {
                last++;
            }
            if (last == i) break;
            if (step == MAX_STEPS) {
                return qf_fail(error, QF_DATA, "the principal components do not converge");
            }
            ql_step(i, last, d, e, v, n);
        }
    }
    return QF_OK;
}

typedef struct eigenvalue {
    double value;
    size_t place;
} eigenvalue;

static int compare_eigenvalues(const void *a, const void *b) {
    const eigenvalue *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? 1 : -1;
    return (x->place > y->place) - (x->place < y->place);
}

/* Rows of `from` by descending eigenvalue, each with the sign that makes its largest entry
 * positive. */
static qf_status order(const double *d, const double *from, size_t n, double *eigenvalues,
                       double *vectors, qf_error *error) {
    eigenvalue *sorted = qf_new_array(n, sizeof *sorted, error);
    if (!sorted) return QF_MEMORY;
    for (size_t i = 0; i < n; i++) sorted[i] = (eigenvalue){d[i], i};
    qsort(sorted, n, sizeof *sorted, compare_eigenvalues);
    for (size_t i = 0; i < n; i++) {
        const double *vector = from + sorted[i].place * n;
        size_t largest = 0;
        for (size_t k = 1; k < n; k++) {
            if (fabs(vector[k]) > fabs(vector[largest])) largest = k;
        }
        const double sign = vector[largest] < 0 ? -1 : 1;
        for (size_t k = 0; k < n; k++) vectors[i * n + k] = sign * vector[k];
        eigenvalues[i] = sorted[i].value;
    }
    free(sorted);
    return QF_OK;
}

static void transpose(const double *from, size_t n, double *to) {
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) to[j * n + i] = from[i * n + j];
    }
}

qf_status qf_symmetric_eigen(double *matrix, size_t n, double *eigenvalues, double *vectors,
                             qf_error *error) {
    double *d = qf_new_array(3 * n, sizeof *d, error);
    if (!d) return QF_MEMORY;
    double *e = d + n;
    tridiagonalise(matrix, n, d, e);
    accumulate(matrix, n, d, d + 2 * n);
    transpose(matrix, n, vectors);
    qf_status status = diagonalise(d, e, vectors, n, error);
    memcpy(matrix, vectors, n * n * sizeof *matrix);
    if (status == QF_OK) status = order(d, matrix, n, eigenvalues, vectors, error);
    free(d);
    return status;
}

/* A task's columns of the covariance matrix: enough to reuse a row, few enough for the cache. */
enum { STRIPE = 16 };

typedef struct covariance {
    const qf_table *table;
    const double *mean;
    double *matrix; /* [columns][columns] */
} covariance;

/* Rows of the matrix from index * STRIPE on, from the diagonal to the right. */
static qf_status sum_stripe(void *context, size_t index, qf_error *error) {
    const covariance *c = context;
    const size_t columns = c->table->columns, first = index * STRIPE;
    const size_t rest = columns - first, count = rest < STRIPE ? rest : STRIPE;
    double *centred = qf_new_array(columns, sizeof *centred, error);
    if (!centred) return QF_MEMORY;
    for (size_t r = 0; r < c->table->rows; r++) {
        const double *row = c->table->values + r * columns;
        for (size_t j = first; j < columns; j++) centred[j] = row[j] - c->mean[j];
        for (size_t i = first; i < first + count; i++) {
            if (centred[i] == 0) continue;
            double *sums = c->matrix + i * columns;
            for (size_t j = i; j < columns; j++) sums[j] += centred[i] * centred[j];
        }
    }
    free(centred);
    return QF_OK;
}

static qf_status fill_covariance(const covariance *c, const qf_run *run, qf_error *error) {
    const size_t columns = c->table->columns;
    QF_TRY(qf_parallel(run, (columns + STRIPE - 1) / STRIPE, sum_stripe, (void *)c, error));
    for (size_t i = 0; i < columns; i++) {
        for (size_t j = i; j < columns; j++) {
            const double value = c->matrix[i * columns + j] / (double)(c->table->rows - 1);
            if (!isfinite(value)) {
                return qf_fail(
                    error, QF_DATA,
                    "columns \"%s\" and \"%s\": values too large for a covariance; scale them first",
                    c->table->names[i], c->table->names[j]);
            }
            c->matrix[i * columns + j] = c->matrix[j * columns + i] = value;
        }
    }
    return QF_OK;
}

/* A running mean, which cannot overflow where the values do not. */
static void set_mean(const qf_table *table, double *mean) {
    for (size_t j = 0; j < table->columns; j++) mean[j] = 0;
    for (size_t r = 0; r < table->rows; r++) {
        const double *row = table->values + r * table->columns, n = (double)(r + 1);
        for (size_t j = 0; j < table->columns; j++) mean[j] += row[j] / n - mean[j] / n;
    }
}

qf_status qf_principal_components(const qf_table *table, size_t count, const qf_run *run,
                                  double *mean, double *variances, double *components,
                                  qf_error *error) {
    const size_t n = table->columns;
    if (table->rows < 2) return qf_fail(error, QF_DATA, "principal components need two rows");
    if (n > QF_PRINCIPAL_MAX_COLUMNS) {
        return qf_fail(error, QF_DATA, "%zu columns, principal components take %d at most", n,
                       QF_PRINCIPAL_MAX_COLUMNS);
    }
    double *matrix = qf_new_array(n * n, sizeof *matrix, error);
    double *vectors = qf_new_array(n * n, sizeof *vectors, error);
    double *values = qf_new_array(n, sizeof *values, error);
    qf_status status = matrix && vectors && values ? QF_OK : QF_MEMORY;
    set_mean(table, mean);
    const covariance c = {table, mean, matrix};
    if (status == QF_OK) status = fill_covariance(&c, run, error);
    if (status == QF_OK) status = qf_symmetric_eigen(matrix, n, values, vectors, error);
    for (size_t i = 0; status == QF_OK && i < count; i++) variances[i] = fmax(values[i], 0);
    if (status == QF_OK) memcpy(components, vectors, count * n * sizeof *components);
    free(matrix);
    free(vectors);
    free(values);
    return status;
}
