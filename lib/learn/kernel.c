#include "learn/kernel.h"

#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { TILE = QF_KERNEL_TILE, VECTOR = 8 };

/* No square root of a double's range: sums of squares stay finite below it. */
static const double most = 1e150;

static qf_status fill(qf_kernel *k, const double *rows, qf_error *error) {
    for (size_t r = 0; r < k->count; r++) {
        for (size_t c = 0; c < k->columns; c++) {
            const double value = rows[r * k->columns + c] - k->shift[c];
            if (!(fabs(value) < most)) {
                return qf_fail(
                    error, QF_DATA,
                    "row %zu, column %zu: too large for a kernel; scale the columns first", r + 1,
                    c + 1);
            }
            k->values[(r / TILE * k->columns + c) * TILE + r % TILE] = value;
            k->norms[r] += value * value;
        }
        /* No product of two rows is greater than both norms, and products are floats. */
        if (k->kind == QF_KERNEL_LINEAR && k->norms[r] > (double)FLT_MAX) {
            return qf_fail(error, QF_DATA,
                           "row %zu: too large for a linear kernel; scale the columns first",
                           r + 1);
        }
    }
    return QF_OK;
}

qf_status qf_kernel_init(qf_kernel *kernel, qf_kernel_kind kind, double gamma, const double *shift,
                         const double *rows, size_t count, size_t columns, qf_error *error) {
    const size_t stride = (count + TILE - 1) / TILE * TILE;
    *kernel = (qf_kernel){.kind = kind,
                          .gamma = gamma,
                          .count = count,
                          .columns = columns,
                          .shift = shift,
                          .stride = stride};
    kernel->values = qf_new_array(columns * stride, sizeof *kernel->values, error);
    kernel->norms = qf_new_array(stride, sizeof *kernel->norms, error);
    if (!kernel->values || !kernel->norms) {
        qf_kernel_free(kernel);
        return QF_MEMORY;
    }
    const qf_status status = fill(kernel, rows, error);
    if (status != QF_OK) qf_kernel_free(kernel);
    return status;
}

void qf_kernel_free(qf_kernel *kernel) {
    free(kernel->values);
    free(kernel->norms);
    *kernel = (qf_kernel){0};
}

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Where x differs from the shift. */
typedef struct sparse_point {
    size_t count;
    double norm;
    double *values, *columns; /* [count], the columns as numbers */
} sparse_point;

/* sums[j] = x . z_j for a tile, column after column; four at a time halve the traffic. */
ALWAYS_INLINE void multiply(const sparse_point *x, const double *tile, double *sums) {
    size_t i = 0;
    for (size_t j = 0; j < TILE; j++) sums[j] = 0;
    for (; i + 4 <= x->count; i += 4) {
        const double *a = tile + (size_t)x->columns[i] * TILE,
                     *b = tile + (size_t)x->columns[i + 1] * TILE,
                     *c = tile + (size_t)x->columns[i + 2] * TILE,
                     *d = tile + (size_t)x->columns[i + 3] * TILE;
        const double *v = x->values + i;
        for (size_t j = 0; j < TILE; j++) {
            sums[j] = sums[j] + v[0] * a[j] + v[1] * b[j] + v[2] * c[j] + v[3] * d[j];
        }
    }
    for (; i < x->count; i++) {
        const double *a = tile + (size_t)x->columns[i] * TILE;
        for (size_t j = 0; j < TILE; j++) sums[j] += x->values[i] * a[j];
    }
}

/* |x - z_j|^2 from x . z_j: never negative, and `most` where it is not finite. */
ALWAYS_INLINE void distances(double norm, const double *norms, double *sums) {
    for (size_t j = 0; j < TILE; j++) {
        const double d = norm + norms[j] - 2 * sums[j];
        const double bounded = d < most ? d : most;
        sums[j] = bounded > 0 ? bounded : 0;
    }
}

/* values[j] = exp(-gamma work[j]) for a tile. exp(y) = 2^n e^r with |r| <= ln 2 / 2; n comes as
 * the low bits of a large double, and e^r from its series to r^10. */
ALWAYS_INLINE void exponentials(double gamma, const double *work, float *values) {
    const double magic = 0x1.8p52, log2e = 1.4426950408889634074;
    const double high = 6.93147180369123816490e-01, low = 1.90821492927058770002e-10;
    double whole[TILE], power[TILE];
    int64_t bits[TILE];
    for (size_t j = 0; j < TILE; j++) {
        const double y = -gamma * work[j];
        const double t = (y > -700 ? y : -700) * log2e + magic;
        const double n = t - magic, r = (y > -700 ? y : -700) - n * high - n * low;
        double p = 1 / 3628800.0;
        p = p * r + 1 / 362880.0;
        p = p * r + 1 / 40320.0;
        p = p * r + 1 / 5040.0;
        p = p * r + 1 / 720.0;
        p = p * r + 1 / 120.0;
        p = p * r + 1 / 24.0;
        p = p * r + 1 / 6.0;
        p = p * r + 0.5;
        p = p * r + 1;
        power[j] = p * r + 1;
        whole[j] = t;
    }
    memcpy(bits, whole, sizeof bits);
    for (size_t j = 0; j < TILE; j++) bits[j] = (int64_t)((uint64_t)(bits[j] + 1023) << 52);
    memcpy(whole, bits, sizeof whole);
    for (size_t j = 0; j < TILE; j++) values[j] = (float)(power[j] * whole[j]);
}

ALWAYS_INLINE void make_row(const qf_kernel *k, const sparse_point *x, float *values) {
    double sums[TILE];
    for (size_t first = 0; first < k->stride; first += TILE) {
        multiply(x, k->values + first * k->columns, sums);
        if (k->kind == QF_KERNEL_RBF) {
            distances(x->norm, k->norms + first, sums);
            exponentials(k->gamma, sums, values + first);
        } else {
            for (size_t j = 0; j < TILE; j++) values[first + j] = (float)sums[j];
        }
    }
}

typedef void row_maker(const qf_kernel *k, const sparse_point *x, float *values);

#define DEFINE_ROW(level, attributes)                                                              \
    attributes static void make_row_##level(const qf_kernel *k, const sparse_point *x,             \
                                            float *values) {                                       \
        make_row(k, x, values);                                                                    \
    }
DEFINE_ROW(portable, )
#if defined(__x86_64__)
DEFINE_ROW(avx2, __attribute__((target("avx2"), optimize("O3"))))
DEFINE_ROW(avx512, __attribute__((target("avx512f,avx512dq,avx512vl,prefer-vector-width=512"),
                                  optimize("O3"))))
#endif

void qf_kernel_row(const qf_kernel *kernel, qf_simd simd, const double *x, double *work,
                   float *values) {
    sparse_point point = {.values = work, .columns = work + kernel->columns};
    for (size_t c = 0; c < kernel->columns; c++) {
        const double value = x[c] - kernel->shift[c];
        point.norm += value * value;
        if (value == 0) continue;
        point.columns[point.count] = (double)c;
        point.values[point.count++] = value;
    }
    row_maker *maker = QF_FOR_SIMD(simd, make_row);
    maker(kernel, &point, values);
}

double qf_kernel_self(const qf_kernel *kernel, const double *x) {
    if (kernel->kind == QF_KERNEL_RBF) return 1;
    double norm = 0;
    for (size_t c = 0; c < kernel->columns; c++) {
        const double value = x[c] - kernel->shift[c];
        norm += value * value;
    }
    return norm;
}

static int compare_values(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double most_frequent(const double *sorted, size_t count) {
    size_t longest = 0;
    double value = 0;
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i; end < count && sorted[end] == sorted[i];) end++;
        if (end - i > longest) {
            longest = end - i;
            value = sorted[i];
        }
    }
    return value;
}

qf_status qf_kernel_shift(const double *rows, size_t count, size_t columns, double *shift,
                          qf_error *error) {
    double *values = qf_new_array(count, sizeof *values, error);
    if (!values) return QF_MEMORY;
    for (size_t c = 0; c < columns; c++) {
        for (size_t r = 0; r < count; r++) values[r] = rows[r * columns + c];
        qsort(values, count, sizeof *values, compare_values);
        shift[c] = most_frequent(values, count);
    }
    free(values);
    return QF_OK;
}

double qf_kernel_sum(const double *weights, const float *values, size_t count) {
    double sums[VECTOR] = {0}, all = 0;
    size_t i = 0;
    for (; i + VECTOR <= count; i += VECTOR) {
        for (size_t l = 0; l < VECTOR; l++) sums[l] += weights[i + l] * (double)values[i + l];
    }
    for (size_t l = 0; i < count; i++, l++) sums[l] += weights[i] * (double)values[i];
    for (size_t l = 0; l < VECTOR; l++) all += sums[l];
    return all;
}
