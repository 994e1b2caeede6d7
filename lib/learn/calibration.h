/* What is done to a model's probabilities once it is fitted: for another share of fraud than it was
 * trained with, and so that they become the rates that are observed. */
#ifndef QF_LEARN_CALIBRATION_H
#define QF_LEARN_CALIBRATION_H

#include "base/array.h"

#include <stdbool.h>

/* ---- Another share of fraud (the prior) ----
 *
 * With a share s of fraud among its training rows a model says p; the same rows of either class,
 * but a share t, make the odds p / (1 - p) larger by the factor (t / (1 - t)) / (s / (1 - s)):
 * Saerens, Latinne and Decaestecker 2002, "Adjusting the outputs of a classifier to new a priori
 * probabilities", equation 2.4; Elkan 2001, "The foundations of cost-sensitive learning",
 * theorem 2. The factor of a weight w of fraud rows is that of s = w n1 / (n0 + w n1). */

/* The factor; both shares lie strictly between 0 and 1. */
double qf_prior_factor(double trained, double wanted);
/* Multiplies the odds of probabilities[count] by a factor > 0; 0, 1 and the order stay. */
void qf_prior_correct(double factor, double *probabilities, size_t count);

/* ---- Calibration ---- */

typedef enum qf_calibration_method {
    QF_CALIBRATE_NONE,
    /* 1 / (1 + exp(slope p + offset)), the most likely one of targets (n1 + 1) / (n1 + 2) for fraud
     * and 1 / (n0 + 2) for legitimate rows (Platt 1999), by the Newton method of Lin, Lin and Weng
     * 2007, "A note on Platt's probabilistic outputs for support vector machines", algorithm 1.
     * scikit-learn's sigmoid calibration where a classifier has probabilities alone. */
    QF_CALIBRATE_PLATT,
    /* The rising function of least squared error, by pooling adjacent violators; straight lines
     * between the scores that were seen and level beyond them, as scikit-learn does it. */
    QF_CALIBRATE_ISOTONIC,
} qf_calibration_method;

/* none, platt, isotonic; NULL-terminated. */
extern const char *const qf_calibration_names[];

/* Zero-initialised it changes nothing. Free with qf_calibration_free. */
typedef struct qf_calibration {
    qf_calibration_method method;
    double slope, offset;     /* Platt's */
    double *inputs, *outputs; /* [count] of the isotonic function, inputs ascending, outputs never
                               * falling, in [0, 1] */
    size_t count;
} qf_calibration;

void qf_calibration_free(qf_calibration *calibration);

/* Fits on rows that the model was not fitted on. QF_DATA unless both classes are there.
 * O(count log count). */
qf_status qf_calibration_fit(qf_calibration *calibration, qf_calibration_method method,
                             const double *probabilities, const uint8_t *labels, size_t count,
                             qf_error *error);
/* Replaces probabilities[count]. */
void qf_calibration_apply(const qf_calibration *calibration, double *probabilities, size_t count);

/* What was fitted as array "calibration" (f64, [1][2] or [count][2]), and back for the method that
 * is set: QF_DATA for an array that is none such. */
qf_status qf_calibration_encode(const qf_calibration *calibration, qf_arrays *arrays,
                                qf_error *error);
qf_status qf_calibration_decode(qf_calibration *calibration, const qf_arrays *arrays,
                                qf_error *error);

#endif
