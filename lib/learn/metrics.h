/* Metrics of scored rows (design 6). The definitions are scikit-learn 1.2's unless stated here, and
 * are tested against it to 1e-12.
 *
 * A row is called fraud when its probability is greater than the threshold. "Weighted" is the mean
 * of both classes, weighted by their numbers of rows. Undefined is NaN, never a guess: precision,
 * recall, f1, f2, pr_auc and recall_at_alert without a fraud row, and roc_auc, mcc and
 * balanced_accuracy without rows of both classes. A ratio whose denominator is zero although both
 * classes are there (the precision of a model that raises no alert) is 0, as in scikit-learn. */
#ifndef QF_LEARN_METRICS_H
#define QF_LEARN_METRICS_H

#include "base/record.h"
#include "learn/scores.h"

#include <stdbool.h>

enum {
    QF_CALIBRATION_BINS = 15, /* of equal width; the last holds probability 1 */
    QF_CURVE_POINTS = 201,    /* at most, of each curve */
};

typedef struct qf_metrics_options {
    double threshold;        /* in [0, 1] */
    double alert_rate;       /* in (0, 1]: the share of rows that somebody can look into */
    double cost_fp, cost_fn; /* of a false alarm and of a missed fraud, 0 or more, in any unit */
} qf_metrics_options;
/* The model's threshold, 5 % of the rows, and a missed fraud as dear as ten false alarms. */
qf_metrics_options qf_metrics_options_default(const qf_scores *scores);
/* Sets both costs from "FP,FN"; false unless that is what the text holds. */
bool qf_costs_parse(const char *text, qf_metrics_options *options);

/* Sets the fields of `metrics`:
 *
 *   accuracy precision_weighted recall_weighted f1_weighted; precision recall f1 f2 (of fraud);
 *   mcc balanced_accuracy; tn fp fn tp; threshold; n_test; prevalence_test (share of fraud rows)
 *   pr_auc            average precision: sum over blocks of equal scores, from the highest, of the
 *                     gain in recall times the precision at the block's end (no interpolation)
 *   pr_auc_trapezoid  the area under straight lines from (recall 0, precision 1) through the same
 *                     points; too high for bad models, it stands beside published values only
 *   roc_auc           the chance that a fraud row scores above a legitimate one, ties by half
 *   brier             mean squared difference of probability and label
 *   log_loss          natural logarithms, probabilities clipped to [2^-52, 1 - 2^-52]
 *   ece               expected calibration error: over bins, the share of rows times the distance
 *                     of mean probability and fraud rate
 *   recall_at_alert   the share of frauds found when the alert_rate * n_test rows with the highest
 *                     scores are looked into: its expected value where the cut falls inside a block
 *                     of equal scores (any of them may come first) or inside a row
 *   expected_cost     (cost_fp fp + cost_fn fn) / n_test, beside the two costs
 *   roc_fpr roc_tpr, pr_recall pr_precision: the curves at the ends of blocks, from the highest
 *                     score, thinned to steps of about 0.01 and 0.005 of their axes
 *   gains_alerts gains_recall: the share of rows looked into, highest scores first, and the share
 *                     of frauds found there; likewise
 *   calibration_mean calibration_rate calibration_rows: of the bins that hold rows
 *
 * QF_DATA when there are no rows. O(n). */
qf_status qf_metrics_compute(const qf_scores *scores, const qf_metrics_options *options,
                             qf_record *metrics, qf_error *error);

/* One of the numbers above. */
typedef struct qf_metric {
    const char *name;
    int group;            /* of what is computed together */
    bool lower_is_better; /* brier, log_loss, ece, expected_cost */
} qf_metric;
/* QF_USAGE, listing the names, when there is none such: those that judge a model, no counts. */
qf_status qf_metric_find(const char *name, const qf_metric **metric, qf_error *error);

/* The same value as qf_metrics_compute's, without the curves: O(n) for a decision's metrics, for
 * ranking as qf_ranking_init. */
qf_status qf_metric_value(const qf_scores *scores, const qf_metrics_options *options,
                          const qf_metric *metric, double *value, qf_error *error);

#endif
