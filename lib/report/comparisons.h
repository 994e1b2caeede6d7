/* What qf-compare found, in words, in a table and as intervals. */
#ifndef QF_REPORT_COMPARISONS_H
#define QF_REPORT_COMPARISONS_H

#include "base/record.h"
#include "report/page.h"

/* Whether a record is one of qf-compare's. */
bool qf_is_comparison(const qf_record *record);
/* Where nets are compared with their twins ("twin-..." second), one sentence of conclusion from all
 * of these verdicts: what the quantum layer adds. Then a sentence a comparison; but for text, a
 * table and (HTML) a figure of the intervals. */
void qf_write_comparisons(qf_page *page, const qf_record *records, size_t count);

#endif
