/* Student's t distribution with a whole number of degrees of freedom. */
#ifndef QF_BASE_STUDENT_H
#define QF_BASE_STUDENT_H

#include <stddef.h>

/* P(|T| <= |t|) for `freedom` >= 1: Abramowitz and Stegun 26.7.3 and 26.7.4, O(freedom); to about
 * 1e-15 absolutely. */
double qf_student_within(double t, size_t freedom);
/* The t that |T| exceeds with the chance 1 - within, for `within` in (0, 1); by bisection. */
double qf_student_critical(double within, size_t freedom);

#endif
