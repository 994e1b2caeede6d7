/* Support vector machines: C-SVC by sequential minimal optimisation (Platt 1998) with the working
 * set of Fan, Chen and Lin 2005, "Working set selection using second order information", algorithm
 * 2, as in libsvm. A step is one pair of rows, so that a limit of steps is scikit-learn's max_iter.
 *
 * The decision for z is the sum of coefficients[i] K(x_i, z) plus the bias; positive means fraud. A
 * fraud row's coefficient lies in 0 .. cost[1], a legitimate row's in -cost[0] .. 0. */
#ifndef QF_LEARN_SVM_H
#define QF_LEARN_SVM_H

#include "base/run.h"

#include <stddef.h>
#include <stdint.h>

/* Where kernel values of the rows come from: a kernel of points, a matrix, a simulated circuit. */
typedef struct qf_svm_source {
    size_t stride; /* numbers that a row of values takes, at least the number of rows */
    void *context;
    void (*row)(void *context, size_t i, float *values); /* values[stride]: K(i, j) for all j */
    double (*self)(void *context, size_t i);             /* K(i, i) */
} qf_svm_source;

typedef struct qf_svm_problem {
    const qf_svm_source *source;
    const uint8_t *labels; /* [count], of both classes */
    size_t count;
    double cost[2];   /* C of a legitimate and of a fraud row, above 0 */
    double tolerance; /* of the optimality conditions; libsvm's is 0.001 */
    qf_simd simd;     /* changes no result */
    size_t cache;     /* bytes for rows of kernel values; two rows at least are kept */
} qf_svm_problem;

/* Steps after which the solution is shown; the last is the limit. SIZE_MAX: no limit. */
typedef struct qf_svm_stops {
    const size_t *steps; /* [count], ascending, at least one */
    size_t count;
    /* Gets coefficients[count] and bias as they are then, or as they were at the optimum
     * when that came before. */
    qf_status (*visit)(void *listener, size_t stop, const double *coefficients, double bias,
                       qf_error *error);
    void *listener;
} qf_svm_stops;

/* Solves and shows all stops; *steps is the number of steps taken. O(count) a step beside two rows
 * of the source where the cache lacks them. */
qf_status qf_svm_solve(const qf_svm_problem *problem, const qf_svm_stops *stops, size_t *steps,
                       qf_error *error);

#endif
