/* Rows of kernel values that several solvers share: a row is made once for as long as it is kept,
 * and the least recently used one makes room. What is kept changes no result. */
#ifndef QF_LEARN_KERNEL_ROWS_H
#define QF_LEARN_KERNEL_ROWS_H

#include "base/error.h"

#include <stddef.h>

/* Where the values come from: a kernel of points, a matrix, a simulated circuit. Its functions are
 * called from several threads at once. */
typedef struct qf_kernel_source {
    size_t count;   /* rows */
    size_t stride;  /* numbers that a row of values takes, at least count */
    size_t scratch; /* numbers that making a row needs */
    void *context;
    /* values[stride]: K(i, j) for all j, the same values for the same i */
    void (*row)(void *context, size_t i, double *scratch, float *values);
    double (*self)(void *context, size_t i); /* K(i, i) */
} qf_kernel_source;

typedef struct qf_kernel_rows qf_kernel_rows;

/* Keeps as many rows as `bytes` hold, and at least two for each of the solvers that run at once.
 * The source must outlive it. Free with qf_kernel_rows_free. */
qf_status qf_kernel_rows_new(const qf_kernel_source *source, size_t bytes, size_t solvers,
                             qf_kernel_rows **rows, qf_error *error);
void qf_kernel_rows_free(qf_kernel_rows *rows);

/* The values of row i, made with the caller's scratch[source->scratch] where they are not kept, and
 * readable up to the next multiple of 8. They stay until given back; a solver holds two rows at
 * most. From any thread. */
const float *qf_kernel_rows_take(qf_kernel_rows *rows, size_t i, double *scratch);
void qf_kernel_rows_give_back(qf_kernel_rows *rows, size_t i);

#endif
