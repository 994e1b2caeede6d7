/* Logistic regression with an L2 penalty, by Newton's method with conjugate gradients. */
#ifndef QF_LEARN_LOGISTIC_H
#define QF_LEARN_LOGISTIC_H

#include "base/run.h"
#include "data/table.h"

typedef struct qf_logistic_options {
    double cost; /* C: the penalty is |coefficients|^2 / (2 C) beside the sum of the rows' losses */
    double class_weights[2];
    double tolerance;  /* ends when no entry of the gradient is larger */
    size_t iterations; /* Newton steps at most */
    bool precondition; /* conjugate gradients in the metric of the Hessian's diagonal: the same
                        * optimum, far sooner where columns have unlike scales; scikit-learn goes
                        * without */
} qf_logistic_options;

/* How a fit ended: Newton steps taken, the greatest absolute entry of the gradient. */
typedef struct qf_logistic_end {
    size_t steps;
    double gradient;
} qf_logistic_end;

/* Called after each Newton step, numbered from 1, when the coefficients are those of that step;
 * *stop ends the fit. */
typedef qf_status qf_logistic_visit(void *listener, size_t step, bool *stop, qf_error *error);

/* Minimises over coefficients[columns + 1], from where they are, of which the last is the
 * intercept, which is not penalised: the sum over rows of weight * log(1 + exp(-(2 y - 1)(x .
 * coefficients + intercept))) plus the penalty. Each step solves for the direction by conjugate
 * gradients until the residual's sum of absolute values is min(0.5, sqrt(g)) g, g being that sum of
 * the gradient, or 200 times (Nash and Nocedal 1991; Dembo, Eisenstat and Steihaug 1982), and goes
 * along it as the strong Wolfe conditions allow (Nocedal and Wright 2006, algorithms 3.5 and 3.6).
 * It ends before the tolerance is met where rounding lets no step lower the loss. The rows are kept
 * sparse about the most frequent value of each column. One thread. QF_DATA where sums of the
 * columns' squares overflow, without the metric those of their fourth powers. */
qf_status qf_logistic_fit(const qf_table *table, const qf_logistic_options *options,
                          double *coefficients, qf_logistic_end *end, qf_logistic_visit *visit,
                          void *listener, qf_error *error);

#endif
