/* Scalers: column by column maps, fitted on some rows and applied to any.
 *
 * With f(x) = x, or sign(x) log(1 + |x|) for the log kinds, a value x becomes
 *   standard, log-standard  (f(x) - mean) / deviation, the population's (divided by n)
 *   min-max, log-min-max    (f(x) - least) / (greatest - least), 0 .. 1 over the fitted rows
 *   quantile                its rank among the fitted rows, 0 .. 1
 *   none                    x
 * and is then clipped to -clip .. clip, if clip > 0. A column that was constant in the fitted rows
 * becomes 0, except by kind none.
 *
 * Quantile is scikit-learn's QuantileTransformer with uniform output: min(1000, n) reference
 * quantiles of all rows by linear interpolation (Hyndman and Fan 1996, type 7); between references
 * a value is interpolated, on references that are equal it gets the mean of the first and last of
 * their ranks, and beyond them 0 or 1.
 *
 * Nothing here depends on the SIMD level, the threads, or how the rows came in blocks. */
#ifndef QF_DATA_SCALE_H
#define QF_DATA_SCALE_H

#include "base/array.h"
#include "data/spill.h"

typedef enum qf_scale_kind {
    QF_SCALE_NONE,
    QF_SCALE_STANDARD,
    QF_SCALE_MIN_MAX,
    QF_SCALE_LOG_STANDARD,
    QF_SCALE_LOG_MIN_MAX,
    QF_SCALE_QUANTILE
} qf_scale_kind;

enum { QF_SCALE_KINDS = QF_SCALE_QUANTILE + 1, QF_SCALE_REFERENCES = 1000 };

/* "none", "standard", "min-max" ...; NULL-terminated, in the order above. */
extern const char *const qf_scale_names[QF_SCALE_KINDS + 1];

typedef struct qf_scaler {
    qf_scale_kind kind;
    double clip; /* 0: none */
    size_t columns;
    char **names; /* [columns] */
    char *target;
    double *shift,
        *divisor; /* [columns], of the affine kinds; divisor 0: the column was constant */
    size_t references;
    double *quantiles; /* [columns][references], ascending, of kind quantile */
} qf_scaler;

/* A scaler without state, for columns like the table's. QF_USAGE unless clip >= 0. Free with
 * qf_scaler_free. */
qf_status qf_scaler_init(qf_scaler *scaler, qf_scale_kind kind, double clip, const qf_table *like,
                         qf_error *error);
void qf_scaler_free(qf_scaler *scaler);

/* Fits an initialised scaler on the rows of a sealed spill of its columns. QF_DATA for no rows and
 * for a column whose range no double can hold. Two passes, O(columns) of memory; quantile: one pass
 * for every 2^21 cells at most (a whole column at least), which are sorted in O(rows), with 16
 * bytes a row. Sums are of values scaled by a power of two, block after block, the variance in a
 * second pass with the correction of Chan, Golub and LeVeque (1983). */
qf_status qf_scaler_fit(qf_scaler *scaler, qf_spill *spill, qf_error *error);

/* Scales rows in place. QF_MISMATCH unless they have the scaler's columns; QF_DATA, naming row and
 * column, where a scaled value would not be finite. */
qf_status qf_scaler_apply(const qf_scaler *scaler, qf_table *rows, qf_error *error);

/* The state as arrays: "shift" and "divisor" [columns], or "quantiles" [columns][references]. */
qf_status qf_scaler_encode(const qf_scaler *scaler, qf_arrays *arrays, qf_error *error);
/* The state of an initialised scaler from arrays that may say anything. QF_DATA. */
qf_status qf_scaler_decode(qf_scaler *scaler, const qf_arrays *arrays, qf_error *error);

#endif
