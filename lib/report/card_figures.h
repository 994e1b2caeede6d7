/* A card for each result: precision-recall curve, gains, calibration, confusion matrix. */
#ifndef QF_REPORT_CARD_FIGURES_H
#define QF_REPORT_CARD_FIGURES_H

#include "report/axes.h"
#include "report/results.h"
#include "report/sheet.h"

/* The mean over seeds of the precision at each recall, as a path of this class. */
void qf_draw_precision(qf_page *page, const qf_plot *plot, const qf_result *result,
                       const char *class);

/* A section of a card for each result, with published confusion matrices (NULL: none) beside ours.
 */
void qf_write_cards(qf_page *page, const qf_results *results, const qf_sheet *published);

#endif
