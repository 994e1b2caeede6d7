/* One column looked at alone: its values in order, and how far they give the label away. */
#ifndef QF_DATA_COLUMN_H
#define QF_DATA_COLUMN_H

#include "data/table.h"

typedef struct qf_cell {
    double value;
    size_t row;
} qf_cell;

/* A column's cells in ascending order of value, equal values in order of row; -0 becomes 0.
 * `scratch` has room for as many. Radix sort, O(rows). */
void qf_column_sort(const qf_table *table, size_t column, qf_cell *cells, qf_cell *scratch);
/* The same of cells filled by the caller, none with -0, in the order that equal values shall keep.
 */
void qf_cells_sort(qf_cell *cells, size_t count, qf_cell *scratch);

/* The share of pairs of a fraud and a legitimate row in which the fraud's value is greater, equal
 * ones counting half: the ROC-AUC of the column as a score. NaN where a class is missing. */
double qf_column_auc(const qf_cell *cells, size_t rows, const uint8_t *labels);

enum { QF_COLUMN_FOLDS = 5, QF_COLUMN_BINS = 64 };

/* Deals the rows to folds, each class by itself in a shuffled order that depends on the labels
 * alone: fold[rows]. */
qf_status qf_column_folds(const qf_table *table, uint8_t *fold, qf_error *error);

/* The cross-validated AUC that the column reaches alone, mean over folds, in 0 .. 1; each class
 * needs QF_COLUMN_FOLDS rows. Two predictors are tried and the better one counts:
 *  - the fraud rate, smoothed by one row of the overall rate, of the bin in which a value lies,
 *    fitted on the other folds. There are at most 64 bins of about equal size (rows / 10 where
 *    that is less); equal values are never parted, and a frequent one has a bin of its own;
 *  - the value itself, ascending or descending as the other folds say. It has no bins to dilute a
 *    rare class: of 50 rows sorted by class, the bin with the boundary costs 0.03.
 * O(rows). */
double qf_column_leak_auc(const qf_cell *cells, size_t rows, const uint8_t *labels,
                          const uint8_t *fold);

/* The mutual information of the column and the label in nats, by the plug-in estimate over the bins
 * above less its expected excess, (bins - 1) / (2 rows) (Miller and Madow 1955); 0 at least. Only
 * the order of the values counts. O(rows). */
double qf_column_mutual_information(const qf_cell *cells, size_t rows, const uint8_t *labels);

#endif
