/* Tuning curves: a score against the value that was swept. */
#ifndef QF_REPORT_TUNING_FIGURES_H
#define QF_REPORT_TUNING_FIGURES_H

#include "base/record.h"
#include "report/page.h"

/* A section of the records of qf-train-classic --curve: a small chart for each model, parameter and
 * metric, of the first seed with the others thinly behind it; as text and Markdown a line a record.
 * Nothing without records. QF_DATA where a record's lists do not fit together. */
void qf_write_tuning(qf_page *page, const qf_record *records, size_t count);

#endif
