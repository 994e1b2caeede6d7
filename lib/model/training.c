#include "model/training.h"

#include "base/number.h"

#include <math.h>
#include <stdlib.h>

bool qf_training_chooses(const qf_training *training) {
    return training->grids->points > 0 || training->calibration != QF_CALIBRATE_NONE ||
           training->threshold.kind != QF_THRESHOLD_FIXED;
}

/* Counts of the rows that are not synthetic, by label. */
static void count_original(const qf_table *table, size_t counts[2]) {
    counts[0] = counts[1] = 0;
    for (size_t r = 0; r < table->rows; r++) {
        if (table->origins[r].neighbour < 0) counts[table->labels[r]]++;
    }
}

static qf_status drop_synthetic(qf_table *table, qf_error *error) {
    size_t *kept = qf_new_array(table->rows, sizeof *kept, error), count = 0;
    if (!kept) return QF_MEMORY;
    for (size_t r = 0; r < table->rows; r++) {
        if (table->origins[r].neighbour < 0) kept[count++] = r;
    }
    qf_table original;
    const qf_status status = qf_table_select_rows(table, kept, count, &original, error);
    free(kept);
    QF_TRY(status);
    qf_table_free(table);
    *table = original;
    return QF_OK;
}

static qf_status make_trials(const qf_training *training, const qf_table *table, qf_trials *trials,
                             qf_error *error) {
    QF_TRY(qf_table_require_classes(table, 1, error));
    if (!training->validation) {
        return qf_trials_of_folds(trials, table, training->folds, training->fitting.seed, error);
    }
    QF_TRY(drop_synthetic(training->validation, error));
    return qf_trials_of_tables(trials, table, training->validation, error);
}

static qf_status tell_tuning(const qf_training *training, const qf_trials *trials,
                             const qf_tuned *tuned, qf_record *facts, qf_error *error) {
    const qf_tuned_point *p = &tuned->points[tuned->chosen];
    qf_bytes setting = {0};
    qf_status status = qf_grids_print(training->grids, tuned->chosen, &setting, error);
    if (status == QF_OK) {
        status = qf_record_set_text(facts, "setting", (const char *)setting.data, error);
    }
    free(setting.data);
    QF_TRY(status);
    QF_TRY(qf_record_set_text(facts, "tuned_by", training->metric->name, error));
    QF_TRY(qf_record_set_integer(facts, "tuned_folds", (int64_t)trials->count, error));
    QF_TRY(qf_record_set_integer(facts, "tuned_points", (int64_t)tuned->count, error));
    QF_TRY(qf_record_set_real(facts, "training_mean", p->training_mean, error));
    QF_TRY(qf_record_set_real(facts, "training_sd", p->training_sd, error));
    QF_TRY(qf_record_set_real(facts, "validation_mean", p->validation_mean, error));
    return qf_record_set_real(facts, "validation_sd", p->validation_sd, error);
}

static qf_status set_prior(const qf_training *training, const qf_table *table, qf_model *model,
                           qf_error *error) {
    if (training->prior == QF_PRIOR_TRAINED) return QF_OK;
    const double trained = qf_model_trained_share(model, table);
    double wanted = training->prior_share;
    if (training->prior == QF_PRIOR_ORIGINAL) {
        size_t counts[2];
        count_original(table, counts);
        if (counts[0] == 0 || counts[1] == 0) {
            return qf_fail(error, QF_DATA,
                           "the prior: no original rows with label %d among the training rows",
                           counts[0] > 0);
        }
        wanted = (double)counts[1] / (double)(counts[0] + counts[1]);
    }
    model->odds_factor = qf_prior_factor(trained, wanted);
    QF_TRY(qf_record_set_real(&model->facts, "trained_share", trained, error));
    return qf_record_set_real(&model->facts, "prior", wanted, error);
}

/* The share of fraud to which folds are corrected, or NaN. */
static double prior_of_folds(const qf_model *model, const qf_table *table) {
    size_t counts[2];
    count_original(table, counts);
    const double prior = qf_record_number(&model->facts, "prior");
    const bool synthetic = counts[0] + counts[1] < table->rows;
    return isnan(prior) && synthetic ? qf_model_trained_share(model, table) : prior;
}

/* Rows that the judged fit has not seen, with the model's probabilities but for calibration. */
static qf_status judge_rows(const qf_training *training, const qf_fitting *fitting,
                            const qf_table *table, const qf_trials *trials, const qf_run *run,
                            const qf_model *model, qf_scores *scores, qf_error *error) {
    if (training->validation) {
        return qf_model_predict(model, training->validation, run, scores, error);
    }
    return qf_trials_predict(fitting, trials, prior_of_folds(model, table), run, scores, error);
}

static qf_status set_calibration(const qf_training *training, qf_scores *scores, qf_model *model,
                                 qf_error *error) {
    if (training->calibration == QF_CALIBRATE_NONE) return QF_OK;
    QF_TRY(qf_calibration_fit(&model->calibration, training->calibration, scores->probabilities,
                              scores->labels, scores->count, error));
    qf_calibration_apply(&model->calibration, scores->probabilities, scores->count);
    return qf_record_set_text(&model->facts, "calibration",
                              qf_calibration_names[training->calibration], error);
}

static qf_status set_threshold(const qf_training *training, const qf_scores *scores,
                               qf_model *model, qf_error *error) {
    const qf_threshold_rule *rule = &training->threshold;
    if (rule->kind == QF_THRESHOLD_FIXED) return QF_OK;
    qf_threshold chosen;
    QF_TRY(qf_threshold_choose(rule, scores, &chosen, error));
    model->threshold = chosen.threshold;
    qf_bytes name = {0};
    qf_status status = qf_threshold_print(rule, &name, error);
    if (status == QF_OK) {
        status = qf_record_set_text(&model->facts, "threshold_by", (const char *)name.data, error);
    }
    free(name.data);
    QF_TRY(status);
    QF_TRY(qf_record_set_real(&model->facts, "threshold_value", chosen.value, error));
    QF_TRY(qf_record_set_integer(&model->facts, "threshold_alerts", (int64_t)chosen.alerts, error));
    return qf_record_set_integer(&model->facts, "threshold_rows", (int64_t)scores->count, error);
}

/* What follows the fit. */
static qf_status complete(const qf_training *training, const qf_fitting *fitting,
                          const qf_table *table, const qf_trials *trials, const qf_run *run,
                          qf_model *model, qf_error *error) {
    QF_TRY(set_prior(training, table, model, error));
    qf_scores scores = {0};
    qf_status status = QF_OK;
    if (training->calibration != QF_CALIBRATE_NONE ||
        training->threshold.kind != QF_THRESHOLD_FIXED) {
        status = judge_rows(training, fitting, table, trials, run, model, &scores, error);
        if (status == QF_OK) status = set_calibration(training, &scores, model, error);
        if (status == QF_OK) status = set_threshold(training, &scores, model, error);
    }
    qf_scores_free(&scores);
    if (status != QF_OK || !training->validation) return status;
    return qf_model_remember_choice(model, training->validation, error);
}

/* `parameters` are those of the training and get what is chosen. */
static qf_status train(const qf_training *training, qf_record *parameters, const qf_table *table,
                       const qf_trials *trials, const qf_run *run, qf_model *model, qf_tuned *tuned,
                       qf_error *error) {
    qf_fitting chosen = training->fitting;
    const qf_fitting *fitting = &chosen;
    chosen.parameters = parameters;
    const bool tunes = training->grids->points > 0;
    if (tunes) {
        QF_TRY(qf_tune(fitting, training->grids, training->metric, trials, run, tuned, error));
        QF_TRY(qf_grids_set(training->grids, tuned->chosen, parameters, error));
    }
    QF_TRY(qf_model_fit(fitting, table, run, model, error));
    qf_status status = complete(training, fitting, table, trials, run, model, error);
    if (status == QF_OK && tunes) {
        status = tell_tuning(training, trials, tuned, &model->facts, error);
    }
    if (status != QF_OK) qf_model_free(model);
    return status;
}

qf_status qf_train(const qf_training *training, const qf_table *table, const qf_run *run,
                   qf_model *model, qf_tuned *tuned, qf_error *error) {
    qf_trials trials = {0};
    qf_record parameters = {0};
    qf_tuned own = {0};
    qf_status status = qf_record_copy(training->fitting.parameters, &parameters, error);
    if (status == QF_OK && qf_training_chooses(training)) {
        status = make_trials(training, table, &trials, error);
    }
    if (status == QF_OK) {
        status = train(training, &parameters, table, &trials, run, model, &own, error);
    }
    qf_trials_free(&trials);
    qf_record_free(&parameters);
    if (tuned && status == QF_OK) {
        *tuned = own;
    } else {
        qf_tuned_free(&own);
    }
    return status;
}
