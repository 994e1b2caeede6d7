/* Tuning curves: a score against the value that was swept. */
#ifndef QF_REPORT_TUNING_FIGURES_H
#define QF_REPORT_TUNING_FIGURES_H

#include "base/record.h"
#include "report/page.h"

/* A section of one small chart a record of qf-train-classic --curve (as text and Markdown: a line
 * each); nothing without records. */
void qf_write_tuning(qf_page *page, const qf_record *records, size_t count);

#endif
