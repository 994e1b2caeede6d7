/* The figures of the paper for any results: training against test, precision-recall curves of all
 * models, false alarms and missed fraud, correlations. Each is a section: in HTML a figure, in
 * Markdown a table, as text nothing that the results' table does not say. */
#ifndef QF_REPORT_PAPER_FIGURES_H
#define QF_REPORT_PAPER_FIGURES_H

#include "report/page.h"
#include "report/results.h"

/* Accuracy and weighted F1 of the training and the test part, the paper's Figures 3 and 4.
 * `training` holds results of the same names; where it lacks one there is no bar, where it is empty
 * no section. */
void qf_write_training_and_test(qf_page *page, const qf_results *results,
                                const qf_results *training);
/* All precision-recall curves in one chart, areas in the legend: Figure 5. HTML alone. */
void qf_write_all_curves(qf_page *page, const qf_results *results);
/* Numbers of false alarms and missed frauds, one behind the other: Figure 6. */
void qf_write_false_values(qf_page *page, const qf_results *results);
/* The matrix of a qf-profile's records "correlation" (see data/profile.h), as text and Markdown
 * the correlations with the label; nothing where there are none. Figure 1. */
void qf_write_correlations(qf_page *page, const qf_record *records, size_t count);

#endif
