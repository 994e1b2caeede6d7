/* Published numbers: a sheet with the column "model", metrics in percent, confusion matrices as
 * numbers of rows, and further columns that say what a row is. */
#ifndef QF_REPORT_PUBLISHED_H
#define QF_REPORT_PUBLISHED_H

#include "base/record.h"
#include "report/sheet.h"

#include <stdbool.h>

/* Whether a row is of a record: of its model, and each further column that is also a text of the
 * record says the same. */
bool qf_published_is_of(const qf_sheet *published, size_t row, const qf_record *record);
/* The columns of a confusion matrix: "tn", "fp", "fn", "tp". */
enum { QF_CONFUSION = 4 };
extern const char *const qf_confusion_columns[QF_CONFUSION];
/* The confusion matrix of the first row that is of the record and has one, numbers of rows; false
 * without one, or where the sheet is NULL. */
bool qf_published_confusion(const qf_sheet *published, const qf_record *record,
                            double counts[QF_CONFUSION]);

/* A cell as a share of 1; NaN where it is empty or no number, or outside the sheet. */
double qf_published_share(const qf_sheet *published, size_t row, size_t column);
/* Of the rows that are of the record, the share nearest to ours; NaN without one, or where the
 * sheet is NULL. */
double qf_published_nearest(const qf_sheet *published, const qf_record *record, const char *column,
                            double ours);

#endif
