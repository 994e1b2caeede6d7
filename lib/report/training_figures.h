/* How nets were trained: loss and accuracy by epoch, and the diagnostics that explain failures. */
#ifndef QF_REPORT_TRAINING_FIGURES_H
#define QF_REPORT_TRAINING_FIGURES_H

#include "report/page.h"
#include "report/results.h"
#include "report/sheet.h"

/* A section on the results whose runs have the field "epoch_loss"; nothing without any. In all
 * formats a sentence for each model that has the variants "published" and "sound" and angles: how
 * many of these lie beyond pi, and how far; but for text a table of all. `epochs` are published
 * losses and accuracies (NULL: none): columns model, epoch, train_loss, train_accuracy, val_loss,
 * val_accuracy; the results that are published or have validation rows get curves (HTML), the
 * published ones a table (Markdown). */
void qf_write_trainings(qf_page *page, const qf_results *results, const qf_sheet *epochs);

#endif
