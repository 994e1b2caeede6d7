/* What noise and finite shots cost a quantum network: scores against strength. */
#ifndef QF_REPORT_NOISE_FIGURES_H
#define QF_REPORT_NOISE_FIGURES_H

#include "base/record.h"
#include "report/page.h"

/* A section of metrics that carry the labels "noise" (a channel, "readout", "shots", or "none": the
 * exact circuit), "strength" and "training" ("without" or "with" that noise): means over the
 * records of one setting; a table of how much each noise may be, and, in HTML, a chart for each
 * noise and metric, as text and Markdown all values. Nothing without records. QF_DATA for a record
 * without these labels. */
void qf_write_noise(qf_page *page, const qf_record *records, size_t count);

#endif
