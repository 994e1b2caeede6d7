/* Figures of a report, as SVG inside the page: colours come from the page's style sheet, so they
 * follow light and dark; nothing is told by colour alone. Written here, not by gnuplot, because a
 * figure that is part of the page needs no child process, scales with it, shows its numbers under
 * the pointer and is the same bytes everywhere. */
#ifndef QF_REPORT_FIGURES_H
#define QF_REPORT_FIGURES_H

#include "report/axes.h"
#include "report/results.h"
#include "report/sheet.h"

/* The published value of a model's metric nearest to `ours`, as a share of 1, or NaN. The sheet
 * has the columns "model" and metrics in percent. */
double qf_published_value(const qf_sheet *published, const char *model, const char *column,
                          double ours);

/* Accuracy and PR-AUC of every result: runs, mean, interval, published value (may be NULL). */
void qf_figure_overview(qf_page *page, const qf_results *results, const qf_sheet *published);

/* Where the curves below are drawn. */
extern const qf_plot qf_curve_plot;
/* Curves that the cards refer to; once, before the first card. */
void qf_figure_define_curves(qf_page *page, const qf_results *results);
/* One result's card: precision-recall curve, calibration, confusion matrix. */
void qf_figure_card(qf_page *page, const qf_results *results, size_t index);

/* What a reader calls a result: model, and variant and protocol where results differ in them. */
void qf_result_name(qf_page *page, const qf_results *results, size_t index);

#endif
