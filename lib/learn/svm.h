/* Support vector machines: C-SVC by sequential minimal optimisation (Platt 1998) with the working
 * set of Fan, Chen and Lin 2005, "Working set selection using second order information", algorithm
 * 2, as in libsvm. A step is one pair of rows, so that a limit of steps is scikit-learn's max_iter.
 *
 * The decision for z is the sum of coefficients[i] K(x_i, z) plus the bias; positive means fraud. A
 * fraud row's coefficient lies in 0 .. cost[1], a legitimate row's in -cost[0] .. 0. */
#ifndef QF_LEARN_SVM_H
#define QF_LEARN_SVM_H

#include "base/run.h"
#include "learn/kernel_rows.h"

#include <stddef.h>
#include <stdint.h>

typedef struct qf_svm_problem {
    const qf_kernel_source *source;
    qf_kernel_rows *rows;    /* of that source; several problems may share them */
    const uint8_t *labels;   /* [source->count] */
    const uint8_t *left_out; /* [source->count], not 0: the row has no part in the fit but gets its
                              * decisions; what is left has both classes */
    double cost[2];          /* C of a legitimate and of a fraud row, above 0 */
    double tolerance;        /* of the optimality conditions; libsvm's is 0.001 */
    qf_simd simd;            /* changes no result */
} qf_svm_problem;

/* A solution, in the order of the rows. */
typedef struct qf_svm_solution {
    const double *coefficients; /* [source->count], 0 for rows left out */
    const double *decisions;    /* [source->count], with the bias */
    double bias;
} qf_svm_solution;

/* Steps after which the solution is shown; the last is the limit. SIZE_MAX: no limit. */
typedef struct qf_svm_stops {
    const size_t *steps; /* [count], ascending, at least one */
    size_t count;
    /* Gets the solution as it is then, or as it was at the optimum when that came before. */
    qf_status (*visit)(void *listener, size_t stop, const qf_svm_solution *solution,
                       qf_error *error);
    void *listener;
} qf_svm_stops;

/* Solves and shows all stops; *steps is the number of steps taken. O(source->count) a step beside
 * two rows of the source where they are not kept. */
qf_status qf_svm_solve(const qf_svm_problem *problem, const qf_svm_stops *stops, size_t *steps,
                       qf_error *error);

#endif
