/* Choosing a model's parameters, and what its fits say of rows that they have not seen.
 *
 * All is done over trials: fits to some rows, each judged by others. They run in parallel, and
 * results do not depend on how many threads there are. */
#ifndef QF_MODEL_TUNE_H
#define QF_MODEL_TUNE_H

#include "learn/metrics.h"
#include "model/grid.h"

/* For each trial the rows to fit to and those to judge by. Free with qf_trials_free. */
typedef struct qf_trials {
    size_t count;
    const qf_table **fitted, **judging; /* [count] */
    qf_table *owned;                    /* [2 count] the tables of folds, or NULL */
} qf_trials;

/* One trial a fold (learn/folds.h), 2 to QF_FOLDS_MAX of them. Synthetic rows judge nothing.
 * QF_DATA where either side of a fold lacks a class. */
qf_status qf_trials_of_folds(qf_trials *trials, const qf_table *table, size_t folds, uint64_t seed,
                             qf_error *error);
/* One trial: all of `table` judged by `validation`; both stay the caller's. QF_DATA where one lacks
 * a class, QF_MISMATCH where their columns differ. */
qf_status qf_trials_of_tables(qf_trials *trials, const qf_table *table, const qf_table *validation,
                              qf_error *error);
void qf_trials_free(qf_trials *trials);

/* A metric of one point of the grids, over trials: by the rows fitted to and by the others. */
typedef struct qf_tuned_point {
    double training_mean, training_sd;     /* population deviations, 0 for one trial, as in */
    double validation_mean, validation_sd; /* scikit-learn's cv_results_ */
} qf_tuned_point;

typedef struct qf_tuned {
    qf_tuned_point *points; /* [count], numbered as in qf_grids */
    size_t count, chosen;
} qf_tuned;

/* Judges every point of the grids, set into fitting->parameters, by every trial, with the kind's
 * own probabilities and threshold. The chosen point has the best mean over the trials' judging
 * rows; of equal ones (to 1e-12 of themselves) that whose training score is nearest, then the
 * earliest. Where the kind sweeps the parameter of a grid of numbers, one fit a trial and
 * combination of the others gives all its values. QF_DATA where the metric is not defined. */
qf_status qf_tune(const qf_fitting *fitting, const qf_grids *grids, const qf_metric *metric,
                  const qf_trials *trials, const qf_run *run, qf_tuned *tuned, qf_error *error);
void qf_tuned_free(qf_tuned *tuned);

/* Sets, of a grid of numbers, the scores of its values where the other grids have what was chosen:
 * parameter; values, training_mean, training_sd, validation_mean, validation_sd by rising value;
 * chosen. */
qf_status qf_tuned_curve(const qf_tuned *tuned, const qf_grids *grids, size_t grid,
                         qf_record *record, qf_error *error);

/* Replaces scores by the probabilities, labels and origins of all judging rows, trial after trial,
 * each by the fit that has not seen them. With `prior` (a share of fraud) not NaN, each fit's
 * probabilities are corrected from its own share of fraud to that one. */
qf_status qf_trials_predict(const qf_fitting *fitting, const qf_trials *trials, double prior,
                            const qf_run *run, qf_scores *scores, qf_error *error);

/* The share of fraud that a fit has seen, class weights counted. */
double qf_model_trained_share(const qf_model *model, const qf_table *table);

#endif
