/* What the training tools share: options for tuning, class weights, priors, calibration and
 * thresholds, and the way from a table to a model stream. */
#ifndef QF_TRAINER_TRAINER_H
#define QF_TRAINER_TRAINER_H

#include "cli/cli.h"
#include "model/model.h"

/* Of qf_trainer_option_table; first member of a tool's own struct (see qf_tool.shared). */
typedef struct qf_trainer_options {
    qf_texts settings, grids;
    const char *init, *checkpoint, *metric, *validation, *curve, *class_weight, *prior, *threshold;
    double checkpoint_interval;
    int64_t folds;
    int calibration;
} qf_trainer_options;

enum { QF_TRAINER_OPTIONS = 13 };
extern const qf_option qf_trainer_option_table[QF_TRAINER_OPTIONS];
/* Paragraphs for a tool's description. */
#define QF_TRAINER_DESCRIPTION                                                                      \
    "Everything that is chosen from data is chosen within the table, by fits that are judged on "   \
    "rows that they have not seen: folds, in which rows of equal features stay together and no "    \
    "synthetic row is trained on beside a held-out parent, nor judges anything. The chosen "        \
    "parameters are then fitted to all rows. With --judge another table judges instead; "           \
    "where test rows are among it, qf-score reports it.\n\n"                                        \
    "What the model's probabilities go through, in this order: the correction to --prior, "         \
    "--calibrate, --threshold. A row is called fraud when its probability is then greater than "    \
    "the threshold. --tune judges probabilities and threshold as the model has them before all "    \
    "that.\n\n"                                                                                     \
    "With --init a fit begins from the weights of another model of the same structure, whose rows " \
    "count as trained on. With --checkpoint a training that was interrupted goes on when the same " \
    "command runs again, and ends with the same bytes as without a break."

/* Trains a model of this kind, its parameters the defaults, then the `named` settings (settings.h),
 * then those of --set, and writes it to standard output, and the curve to its file: both or none.
 */
qf_status qf_trainer_run(qf_cli *cli, const qf_model_kind *kind, const qf_trainer_options *options,
                         const qf_texts *named, qf_error *error);

#endif
