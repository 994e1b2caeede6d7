/* Why the numbers of a whole experiment are higher than new rows would give. */
#ifndef QF_REPORT_REASONS_H
#define QF_REPORT_REASONS_H

#include "report/page.h"
#include "report/results.h"

/* A paragraph that says in words what was done to all results before training and test rows were
 * parted, from their violations: columns kept that give the label away, resampling, scaling.
 * Nothing unless all results have such a violation. */
void qf_write_reasons(qf_page *page, const qf_results *results);

#endif
