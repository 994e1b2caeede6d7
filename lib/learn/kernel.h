/* Kernels for support vector machines: rows of K(x, z) for one x and many z. */
#ifndef QF_LEARN_KERNEL_H
#define QF_LEARN_KERNEL_H

#include "base/run.h"

#include <stddef.h>

typedef enum qf_kernel_kind {
    QF_KERNEL_RBF,    /* exp(-gamma |x - z|^2) */
    QF_KERNEL_LINEAR, /* x . z */
} qf_kernel_kind;

enum { QF_KERNEL_TILE = 256 };

/* A kernel and the points z, in tiles of QF_KERNEL_TILE of them, each column after column, so that
 * a row of values is made by vectors that stay in the first cache. Of rbf, which sees distances
 * alone, points are kept less a `shift`: where that is the value that most points have in a column,
 * most cells are 0, and a column where x is 0 costs nothing. */
typedef struct qf_kernel {
    qf_kernel_kind kind;
    double gamma; /* of rbf, above 0 */
    size_t count, columns;
    const double *shift; /* [columns], the caller's */
    double *values;      /* [stride / QF_KERNEL_TILE][columns][QF_KERNEL_TILE] */
    double *norms;       /* [stride], |z - shift|^2 */
    size_t stride;       /* count, rounded up to whole tiles; what is beyond count is 0 */
} qf_kernel;

/* Takes rows[count][columns]. QF_DATA where a number is so large that its square is not finite, for
 * the linear kernel not a float.
 * Free with qf_kernel_free. */
qf_status qf_kernel_init(qf_kernel *kernel, qf_kernel_kind kind, double gamma, const double *shift,
                         const double *rows, size_t count, size_t columns, qf_error *error);
void qf_kernel_free(qf_kernel *kernel);

/* values[stride] = K(x, z) for all points, of which those beyond count mean nothing; `work` holds
 * qf_kernel_work(kernel) numbers. Sums run over the columns in order and exp is a polynomial
 * (relative error below 2e-11), both without fused operations: the same bytes at every SIMD level.
 * An x that is far beyond all points has rbf values of 0. O(count * columns where x differs from
 * the shift). */
void qf_kernel_row(const qf_kernel *kernel, qf_simd simd, const double *x, double *work,
                   float *values);
static inline size_t qf_kernel_work(const qf_kernel *kernel) {
    return 2 * kernel->columns;
}
/* K(x, x). */
double qf_kernel_self(const qf_kernel *kernel, const double *x);

/* The value that most rows have in each column, the least of several: shift[columns] for rbf. */
qf_status qf_kernel_shift(const double *rows, size_t count, size_t columns, double *shift,
                          qf_error *error);

/* The sum of weights[count] * values[count], by eight partial sums: the same at every level. */
double qf_kernel_sum(const double *weights, const float *values, size_t count);

#endif
