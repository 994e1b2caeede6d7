#include "data/directions.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE = 256, ITERATIONS = 2, WIDTH = QF_DIRECTIONS };

/* ---- Kernels, compiled once for each SIMD level ---- */

static inline __attribute__((always_inline)) void project(const double *row, const double *mean,
                                                          const double *axes, size_t columns,
                                                          double coordinates[WIDTH],
                                                          double *square) {
    double sum[WIDTH] = {0}, length = 0;
    for (size_t c = 0; c < columns; c++) {
        const double value = row[c] - mean[c];
        length += value * value;
        for (size_t k = 0; k < WIDTH; k++) sum[k] += value * axes[c * WIDTH + k];
    }
    memcpy(coordinates, sum, sizeof sum);
    *square = length;
}

/* Adds (row - mean) times its coordinates: over all rows, the covariance times the axes. */
static inline __attribute__((always_inline)) void
multiply(const double *row, const double *mean, const double *axes, size_t columns, double *next) {
    double coordinates[WIDTH], square;
    project(row, mean, axes, columns, coordinates, &square);
    for (size_t c = 0; c < columns; c++) {
        const double value = row[c] - mean[c];
        for (size_t k = 0; k < WIDTH; k++) next[c * WIDTH + k] += value * coordinates[k];
    }
}

typedef struct kernels {
    void (*project)(const double *row, const double *mean, const double *axes, size_t columns,
                    double coordinates[WIDTH], double *square);
    void (*multiply)(const double *row, const double *mean, const double *axes, size_t columns,
                     double *next);
} kernels;

#define DEFINE_KERNELS(level, attributes)                                                          \
    attributes static void project_##level(const double *row, const double *mean,                  \
                                           const double *axes, size_t columns,                     \
                                           double coordinates[WIDTH], double *square) {            \
        project(row, mean, axes, columns, coordinates, square);                                    \
    }                                                                                              \
    attributes static void multiply_##level(const double *row, const double *mean,                 \
                                            const double *axes, size_t columns, double *next) {    \
        multiply(row, mean, axes, columns, next);                                                  \
    }                                                                                              \
    static const kernels kernels_##level = {project_##level, multiply_##level};
DEFINE_KERNELS(portable, )
#if defined(__x86_64__)
DEFINE_KERNELS(avx2, __attribute__((target("avx2,fma"), optimize("O3,fp-contract=fast"))))
DEFINE_KERNELS(avx512, __attribute__((target("avx512f,avx512dq,avx512vl,fma"),
                                      optimize("O3,fp-contract=fast"))))
#endif

/* ---- Orthogonal iteration ---- */

/* Sums of row[k] * row[j] over the rows of the axes: the products of axis k with every axis. */
static void multiply_axes(const double *axes, size_t columns, size_t k, double product[WIDTH]) {
    memset(product, 0, WIDTH * sizeof *product);
    for (size_t c = 0; c < columns; c++, axes += WIDTH) {
        for (size_t j = 0; j < WIDTH; j++) product[j] += axes[k] * axes[j];
    }
}

/* Modified Gram-Schmidt: each axis is taken out of all that follow, then made a unit vector. One of
 * which next to nothing is left becomes zero. */
static void orthogonalise(double *axes, size_t columns) {
    double before[WIDTH] = {0};
    for (size_t c = 0; c < columns; c++) {
        for (size_t j = 0; j < WIDTH; j++) before[j] += axes[c * WIDTH + j] * axes[c * WIDTH + j];
    }
    for (size_t k = 0; k < WIDTH; k++) {
        double product[WIDTH];
        multiply_axes(axes, columns, k, product);
        const double square = product[k];
        const bool nothing = square <= 1e-20 * before[k];
        for (size_t j = 0; j < WIDTH; j++) product[j] = nothing || j <= k ? 0 : product[j] / square;
        for (size_t c = 0; c < columns; c++) {
            double *row = axes + c * WIDTH;
            const double value = row[k];
            for (size_t j = 0; j < WIDTH; j++) row[j] -= value * product[j];
            row[k] = nothing ? 0 : value / sqrt(square);
        }
    }
}

static void find_mean(const qf_points *points, size_t step, double *mean) {
    const size_t sampled = (points->count + step - 1) / step;
    for (size_t i = 0; i < points->count; i += step) {
        const double *row = qf_point(points, i);
        for (size_t c = 0; c < points->columns; c++) mean[c] += row[c] / (double)sampled;
    }
}

qf_status qf_directions_find(qf_directions *directions, const qf_points *points, size_t most,
                             qf_simd simd, qf_error *error) {
    const size_t columns = points->columns;
    *directions = (qf_directions){.columns = columns, .count = most < columns ? most : columns};
    directions->mean = qf_new_array(columns, sizeof *directions->mean, error);
    directions->axes = qf_new_array(columns, WIDTH * sizeof *directions->axes, error);
    double *next = qf_new_array(columns, WIDTH * sizeof *next, error);
    if (!directions->mean || !directions->axes || !next) {
        free(next);
        return QF_MEMORY;
    }
    const kernels *kernel = QF_FOR_SIMD(simd, kernels);
    const size_t step = (points->count + SAMPLE - 1) / SAMPLE;
    find_mean(points, step, directions->mean);
    qf_random random = qf_random_stream(1, "directions", 0); /* a start like any other */
    for (size_t c = 0; c < columns; c++) {
        for (size_t k = 0; k < directions->count; k++) {
            directions->axes[c * WIDTH + k] = qf_random_uniform(&random) - 0.5;
        }
    }
    for (size_t iteration = 0; iteration < ITERATIONS; iteration++) {
        memset(next, 0, columns * WIDTH * sizeof *next);
        for (size_t i = 0; i < points->count; i += step) {
            kernel->multiply(qf_point(points, i), directions->mean, directions->axes, columns,
                             next);
        }
        memcpy(directions->axes, next, columns * WIDTH * sizeof *next);
        orthogonalise(directions->axes, columns);
    }
    orthogonalise(directions->axes, columns); /* twice is enough (Giraud et al. 2005) */
    free(next);
    return QF_OK;
}

void qf_directions_free(qf_directions *directions) {
    free(directions->mean);
    free(directions->axes);
    *directions = (qf_directions){0};
}

void qf_directions_project(const qf_directions *directions, const double *row, qf_simd simd,
                           double coordinates[QF_DIRECTIONS], double *square) {
    QF_FOR_SIMD(simd, kernels)
        ->project(row, directions->mean, directions->axes, directions->columns, coordinates,
                  square);
}
