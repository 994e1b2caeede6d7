/* What this processor can do at best: what times are measured against. */
#ifndef QF_TESTS_MACHINE_H
#define QF_TESTS_MACHINE_H

#include "base/run.h"

#include <time.h>

/* Seconds of a clock. */
double machine_now(clockid_t clock);

/* Multiply-adds a second in double precision, in registers, at a SIMD level. */
double machine_multiply_adds(qf_simd simd);
/* Square roots with a division behind each, as Adam takes one of each for a weight, a second. */
double machine_roots(qf_simd simd);

#endif
