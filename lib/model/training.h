/* Training: everything from a table to a model that says and calls fraud as it should. What is
 * chosen from data is chosen by rows that the judged fits have not seen. */
#ifndef QF_MODEL_TRAINING_H
#define QF_MODEL_TRAINING_H

#include "learn/threshold.h"
#include "model/tune.h"

typedef struct qf_training {
    qf_fitting fitting;      /* the parameters where no grid sets them */
    const qf_grids *grids;   /* of the kind; without points nothing is tuned */
    const qf_metric *metric; /* to tune by */
    size_t folds;            /* 2 to QF_FOLDS_MAX, of the training table; unless there is */
    qf_table *validation;    /* a table to choose by, or NULL; its synthetic rows are dropped */
    enum { QF_PRIOR_TRAINED, QF_PRIOR_ORIGINAL, QF_PRIOR_SHARE } prior;
    double prior_share; /* of QF_PRIOR_SHARE: the share of fraud to expect, in (0, 1) */
    qf_calibration_method calibration;
    qf_threshold_rule threshold;
} qf_training;

/* Whether anything is chosen by rows, so that folds or a validation table have a use. */
bool qf_training_chooses(const qf_training *training);

/* In this order:
 *
 *   1. the grids' best point is chosen (tune.h),
 *   2. the model is fitted to all rows of the table,
 *   3. probabilities are corrected to the prior: that share, or the share among the table's rows
 * that are not synthetic,
 *   4. they are calibrated,
 *   5. the threshold is chosen,
 *
 * 4 and 5 by the original rows of the table, with the probabilities, corrected as the model's, that
 * fits to the other folds give them, or by the validation table and the model itself. Where the
 * table has synthetic rows, folds have another share of fraud than the table, since synthetic rows
 * stay away from their parents' folds: probabilities are corrected for that, too.
 *
 * Adds to the facts, where it was done: setting (what was tuned, "a=1,b=2"), tuned_by, tuned_folds,
 * tuned_points, training_mean, training_sd, validation_mean, validation_sd; trained_share, prior;
 * calibration; threshold_by, threshold_value, threshold_alerts (see qf_threshold), threshold_rows;
 * and the model remembers the validation table's rows.
 *
 * `tuned`, unless NULL, gets the whole tuning (qf_tuned_free). */
qf_status qf_train(const qf_training *training, const qf_table *table, const qf_run *run,
                   qf_model *model, qf_tuned *tuned, qf_error *error);

#endif
