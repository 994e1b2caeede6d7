/* The figures of the paper for any results: training against test, precision-recall curves of all
 * models, false alarms and missed fraud, correlations. */
#ifndef QF_REPORT_PAPER_FIGURES_H
#define QF_REPORT_PAPER_FIGURES_H

#include "report/page.h"
#include "report/results.h"

/* Accuracy and weighted F1 of the training and the test part, the paper's Figures 3 and 4.
 * `training` holds results of the same names; where it lacks one there is no bar. */
void qf_figure_training_and_test(qf_page *page, const qf_results *results,
                                 const qf_results *training);
/* All curves in one chart, with areas; after qf_figure_define_curves. Figure 5. */
void qf_figure_all_curves(qf_page *page, const qf_results *results);
/* Numbers of false alarms and missed frauds, one behind the other. Figure 6. */
void qf_figure_false_values(qf_page *page, const qf_results *results);
/* The matrix of a qf-profile's records "correlation"; nothing where there are none. Figure 1. */
void qf_figure_correlations(qf_page *page, const qf_record *records, size_t count);

#endif
