/* Figures of a report, as SVG inside the page: colours come from the page's style sheet, so they
 * follow light and dark; nothing is told by colour alone. Written here, not by gnuplot, because a
 * figure that is part of the page needs no child process, scales with it, shows its numbers under
 * the pointer and is the same bytes everywhere. */
#ifndef QF_REPORT_FIGURES_H
#define QF_REPORT_FIGURES_H

#include "report/page.h"
#include "report/results.h"
#include "report/sheet.h"

/* What a reader calls a result: model, and variant, protocol and data where results differ in them.
 */
void qf_result_name(qf_page *page, const qf_results *results, size_t index);
/* The same as a table's cell. */
void qf_grid_add_result(const qf_page *page, qf_grid *grid, const qf_results *results,
                        size_t index);
/* The same as a label above its marks, with a sign where the protocol was violated. */
void qf_draw_result_name(qf_page *page, double x, double y, const qf_results *results,
                         size_t index);
/* The text of a drawing: every result's mean of a metric. */
void qf_describe_results(qf_page *page, const qf_results *results, const char *metric);

/* Accuracy and PR-AUC of every result: runs, mean, interval, published value (may be NULL). */
void qf_figure_overview(qf_page *page, const qf_results *results, const qf_sheet *published);

#endif
