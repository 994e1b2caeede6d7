#include "model/tune.h"

#include "base/memory.h"
#include "learn/folds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Trials ---- */

static qf_status new_trials(qf_trials *trials, size_t count, qf_error *error) {
    *trials = (qf_trials){.count = count};
    trials->fitted = qf_new_array(count, sizeof *trials->fitted, error);
    trials->judging = qf_new_array(count, sizeof *trials->judging, error);
    return trials->fitted && trials->judging ? QF_OK : QF_MEMORY;
}

void qf_trials_free(qf_trials *trials) {
    for (size_t i = 0; trials->owned && i < 2 * trials->count; i++) {
        qf_table_free(&trials->owned[i]);
    }
    free(trials->owned);
    free(trials->fitted);
    free(trials->judging);
    *trials = (qf_trials){0};
}

/* The rows whose bit is `wanted` in bits[rows]. */
static qf_status select_rows(const qf_table *table, const uint8_t *bits, size_t bit, bool wanted,
                             qf_table *selected, qf_error *error) {
    size_t *indices = qf_new_array(table->rows, sizeof *indices, error), count = 0;
    if (!indices) return QF_MEMORY;
    for (size_t r = 0; r < table->rows; r++) {
        if ((bits[r] >> bit & 1) == wanted) indices[count++] = r;
    }
    const qf_status status = qf_table_select_rows(table, indices, count, selected, error);
    free(indices);
    return status;
}

static qf_status make_fold(qf_trials *trials, const qf_table *table, const qf_folds *folds,
                           size_t fold, qf_error *error) {
    qf_table *fitted = &trials->owned[2 * fold], *judging = fitted + 1;
    trials->fitted[fold] = fitted;
    trials->judging[fold] = judging;
    QF_TRY(select_rows(table, folds->apart, fold, false, fitted, error));
    QF_TRY(select_rows(table, folds->held_out, fold, true, judging, error));
    qf_status status = qf_table_require_classes(fitted, 1, error);
    if (status != QF_OK) qf_error_context(error, "the rows to fit to");
    if (status == QF_OK) {
        status = qf_table_require_classes(judging, 1, error);
        if (status != QF_OK) qf_error_context(error, "the rows to judge by");
    }
    return status == QF_OK ? QF_OK
                           : qf_error_context(error, "fold %zu of %zu", fold + 1, folds->count);
}

qf_status qf_trials_of_folds(qf_trials *trials, const qf_table *table, size_t folds, uint64_t seed,
                             qf_error *error) {
    qf_folds parts = {0};
    qf_status status = new_trials(trials, folds, error);
    if (status == QF_OK) {
        trials->owned = qf_new_array(2 * folds, sizeof *trials->owned, error);
        status = trials->owned ? qf_folds_init(&parts, table, folds, seed, error) : QF_MEMORY;
    }
    for (size_t f = 0; status == QF_OK && f < folds; f++) {
        status = make_fold(trials, table, &parts, f, error);
    }
    qf_folds_free(&parts);
    if (status != QF_OK) qf_trials_free(trials);
    return status;
}

qf_status qf_trials_of_tables(qf_trials *trials, const qf_table *table, const qf_table *validation,
                              qf_error *error) {
    QF_TRY(qf_table_require_classes(table, 1, error));
    qf_status status = qf_table_check_columns(table->columns, (const char *const *)table->names,
                                              validation, error);
    if (status == QF_OK) status = qf_table_require_classes(validation, 1, error);
    if (status != QF_OK) return qf_error_context(error, "the rows to judge by");
    status = new_trials(trials, 1, error);
    if (status == QF_OK) {
        trials->fitted[0] = table;
        trials->judging[0] = validation;
    } else {
        qf_trials_free(trials);
    }
    return status;
}

/* Work on a trial, by a run of its own. */
typedef qf_status trial_task(void *context, size_t index, const qf_run *run, qf_error *error);

typedef struct tasks {
    trial_task *task;
    void *context;
    size_t first;
    qf_run run; /* of each task */
} tasks;

static qf_status do_task(void *context, size_t index, qf_error *error) {
    const tasks *t = context;
    return t->task(t->context, t->first + index, &t->run, error);
}

/* While there are as many tasks left as threads, a thread works on a task; the last few tasks, as
 * many as there are left, share the threads. */
static qf_status do_tasks(const qf_run *run, const char *what, size_t count, trial_task *task,
                          void *context, qf_error *error) {
    const size_t rest = count % run->threads;
    tasks t = {task, context, 0, {.threads = 1, .simd = run->simd}};
    QF_TRY(qf_parallel_progress(run, what, count - rest, do_task, &t, error));
    if (rest == 0) return QF_OK;
    t.first = count - rest;
    t.run.threads = run->threads / rest;
    return qf_parallel_progress(run, what, rest, do_task, &t, error);
}

/* ---- Tuning ---- */

/* The rows of a trial. */
typedef enum role { FITTED, JUDGING } role;

/* By role. */
typedef double judgment[2];

typedef struct tuning {
    const qf_fitting *fitting;
    const qf_grids *grids;
    const qf_metric *metric;
    const qf_trials *trials;
    size_t swept;        /* the grid that one fit gives all values of, or grids->count */
    judgment *judgments; /* [points][trials] */
} tuning;

/* A fit within tuning: all points that differ in the swept grid alone, from this one on. */
typedef struct trial {
    const tuning *tuning;
    size_t index, point;
} trial;

static qf_status judge(const trial *t, size_t point, const qf_table *table, role rows,
                       const double *probabilities, double threshold, qf_error *error) {
    const tuning *u = t->tuning;
    const qf_scores scores = {.count = table->rows,
                              .probabilities = (double *)probabilities,
                              .labels = table->labels,
                              .threshold = threshold};
    const qf_metrics_options options = qf_metrics_options_default(&scores);
    double *value = &u->judgments[point * u->trials->count + t->index][rows];
    QF_TRY(qf_metric_value(&scores, &options, u->metric, value, error));
    if (isfinite(*value)) return QF_OK;
    qf_bytes settings = {0};
    qf_status status = qf_grids_print(u->grids, point, &settings, error);
    if (status == QF_OK) {
        status = qf_fail(error, QF_DATA, "%s is not defined for %s", u->metric->name,
                         (const char *)settings.data);
    }
    free(settings.data);
    return status;
}

static const qf_table *table_of(const trial *t, role rows) {
    const qf_trials *trials = t->tuning->trials;
    return rows == FITTED ? trials->fitted[t->index] : trials->judging[t->index];
}

/* A sweep's tables are the roles in order. */
static qf_status visit(void *listener, size_t value, size_t table, const double *probabilities,
                       double threshold, qf_error *error) {
    const trial *t = listener;
    const tuning *u = t->tuning;
    const qf_grid *grid = &u->grids->items[u->swept];
    const size_t point = t->point + grid->ascending[value] * qf_grids_stride(u->grids, u->swept);
    return judge(t, point, table_of(t, (role)table), (role)table, probabilities, threshold, error);
}

static qf_status sweep(trial *t, const qf_fitting *fitting, const qf_run *run, qf_error *error) {
    const tuning *u = t->tuning;
    const qf_grid *grid = &u->grids->items[u->swept];
    const qf_table *const tables[] = {table_of(t, FITTED), table_of(t, JUDGING)};
    double *values = qf_new_array(grid->count, sizeof *values, error);
    if (!values) return QF_MEMORY;
    for (size_t i = 0; i < grid->count; i++) values[i] = grid->values[grid->ascending[i]];
    const qf_sweep wanted = {grid->parameter->name, values,       grid->count, tables, 2,
                             .visit = visit,        .listener = t};
    const qf_status status = qf_model_sweep(fitting, tables[0], &wanted, run, error);
    free(values);
    return status;
}

static qf_status judge_model(const trial *t, const qf_model *model, role rows, const qf_run *run,
                             qf_error *error) {
    const qf_table *table = table_of(t, rows);
    double *probabilities = qf_new_array(table->rows, sizeof *probabilities, error);
    if (!probabilities) return QF_MEMORY;
    qf_status status = qf_model_probabilities(model, table, run, probabilities, error);
    if (status == QF_OK) {
        status = judge(t, t->point, table, rows, probabilities, model->threshold, error);
    }
    free(probabilities);
    return status;
}

static qf_status fit(const trial *t, const qf_fitting *fitting, const qf_run *run,
                     qf_error *error) {
    qf_model model;
    QF_TRY(qf_model_fit(fitting, table_of(t, FITTED), run, &model, error));
    qf_status status = judge_model(t, &model, FITTED, run, error);
    if (status == QF_OK) status = judge_model(t, &model, JUDGING, run, error);
    qf_model_free(&model);
    return status;
}

/* The first point of a combination of all grids but the swept one. */
static size_t first_point(const tuning *u, size_t combination) {
    if (u->swept == u->grids->count) return combination;
    const size_t stride = qf_grids_stride(u->grids, u->swept);
    return combination / stride * stride * u->grids->items[u->swept].count + combination % stride;
}

/* Trials of one combination come one after another: they take about the same time. */
static qf_status tune_trial(void *context, size_t index, const qf_run *run, qf_error *error) {
    const tuning *u = context;
    trial t = {u, index % u->trials->count, first_point(u, index / u->trials->count)};
    qf_record parameters = {0};
    qf_fitting fitting = *u->fitting;
    fitting.parameters = &parameters;
    qf_status status = qf_record_copy(u->fitting->parameters, &parameters, error);
    if (status == QF_OK) status = qf_grids_set(u->grids, t.point, &parameters, error);
    if (status == QF_OK) {
        status = u->swept < u->grids->count ? sweep(&t, &fitting, run, error)
                                            : fit(&t, &fitting, run, error);
    }
    qf_record_free(&parameters);
    return status;
}

/* Mean and population deviation over trials. */
static void summarise(const judgment *judgments, size_t count, role rows, double *mean,
                      double *sd) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) sum += judgments[i][rows];
    *mean = sum / (double)count;
    for (size_t i = 0; i < count; i++) squares += pow(judgments[i][rows] - *mean, 2);
    *sd = sqrt(squares / (double)count);
}

static void choose(qf_tuned *tuned, const qf_metric *metric) {
    const double sign = metric->lower_is_better ? -1 : 1;
    double best = -INFINITY, least_gap = INFINITY;
    for (size_t i = 0; i < tuned->count; i++) {
        best = fmax(best, sign * tuned->points[i].validation_mean);
    }
    const double same = 1e-12 * fmax(1, fabs(best));
    for (size_t i = 0; i < tuned->count; i++) {
        const qf_tuned_point *p = &tuned->points[i];
        const double gap = fabs(p->training_mean - p->validation_mean);
        if (sign * p->validation_mean < best - same || !(gap < least_gap - same)) continue;
        least_gap = gap;
        tuned->chosen = i;
    }
}

static size_t swept_grid(const qf_grids *grids) {
    const char *swept = grids->kind->swept;
    for (size_t g = 0; swept && g < grids->count; g++) {
        const qf_grid *grid = &grids->items[g];
        if (grid->numeric && strcmp(grid->parameter->name, swept) == 0) return g;
    }
    return grids->count;
}

qf_status qf_tune(const qf_fitting *fitting, const qf_grids *grids, const qf_metric *metric,
                  const qf_trials *trials, const qf_run *run, qf_tuned *tuned, qf_error *error) {
    *tuned = (qf_tuned){.count = grids->points};
    tuning u = {fitting, grids, metric, trials, .swept = swept_grid(grids)};
    const size_t swept = u.swept < grids->count ? grids->items[u.swept].count : 1;
    tuned->points = qf_new_array(grids->points, sizeof *tuned->points, error);
    u.judgments = qf_new_array(grids->points, trials->count * sizeof *u.judgments, error);
    qf_status status = QF_MEMORY;
    if (tuned->points && u.judgments) {
        status = do_tasks(run, "tuning: fits", grids->points / swept * trials->count, tune_trial,
                          &u, error);
    }
    for (size_t i = 0; status == QF_OK && i < grids->points; i++) {
        qf_tuned_point *p = &tuned->points[i];
        const judgment *j = &u.judgments[i * trials->count];
        summarise(j, trials->count, FITTED, &p->training_mean, &p->training_sd);
        summarise(j, trials->count, JUDGING, &p->validation_mean, &p->validation_sd);
    }
    free(u.judgments);
    if (status == QF_OK) {
        choose(tuned, metric);
    } else {
        qf_tuned_free(tuned);
    }
    return status;
}

void qf_tuned_free(qf_tuned *tuned) {
    free(tuned->points);
    *tuned = (qf_tuned){0};
}

qf_status qf_tuned_curve(const qf_tuned *tuned, const qf_grids *grids, size_t grid,
                         qf_record *record, qf_error *error) {
    enum { VALUE, TRAINING, TRAINING_SD, VALIDATION, VALIDATION_SD, CURVES };
    static const char *const names[CURVES] = {"values", "training_mean", "training_sd",
                                              "validation_mean", "validation_sd"};
    const qf_grid *g = &grids->items[grid];
    const size_t stride = qf_grids_stride(grids, grid),
                 now = qf_grids_index(grids, grid, tuned->chosen);
    double *curves = qf_new_array(g->count, CURVES * sizeof *curves, error);
    if (!curves) return QF_MEMORY;
    for (size_t i = 0; i < g->count; i++) {
        const size_t index = g->ascending[i];
        const qf_tuned_point *p = &tuned->points[tuned->chosen + index * stride - now * stride];
        curves[VALUE * g->count + i] = g->values[index];
        curves[TRAINING * g->count + i] = p->training_mean;
        curves[TRAINING_SD * g->count + i] = p->training_sd;
        curves[VALIDATION * g->count + i] = p->validation_mean;
        curves[VALIDATION_SD * g->count + i] = p->validation_sd;
    }
    qf_status status = qf_record_set_text(record, "parameter", g->parameter->name, error);
    for (size_t c = 0; status == QF_OK && c < CURVES; c++) {
        status = qf_record_set_reals(record, names[c], curves + c * g->count, g->count, error);
    }
    free(curves);
    return status == QF_OK ? qf_record_set_real(record, "chosen", g->values[now], error) : status;
}

/* ---- What fits say of rows that they have not seen ---- */

typedef struct predicting {
    const qf_fitting *fitting;
    const qf_trials *trials;
    double prior;
    double *probabilities; /* of all judging rows */
} predicting;

double qf_model_trained_share(const qf_model *model, const qf_table *table) {
    size_t counts[2];
    qf_table_count_classes(table, counts);
    const double legitimate = model->class_weights[0] * (double)counts[0];
    const double frauds = model->class_weights[1] * (double)counts[1];
    return frauds / (legitimate + frauds);
}

static qf_status predict_trial(void *context, size_t index, const qf_run *run, qf_error *error) {
    const predicting *p = context;
    const qf_table *fitted = p->trials->fitted[index], *judging = p->trials->judging[index];
    double *probabilities = p->probabilities;
    for (size_t i = 0; i < index; i++) probabilities += p->trials->judging[i]->rows;
    qf_model model;
    QF_TRY(qf_model_fit(p->fitting, fitted, run, &model, error));
    if (!isnan(p->prior)) {
        model.odds_factor = qf_prior_factor(qf_model_trained_share(&model, fitted), p->prior);
    }
    const qf_status status = qf_model_probabilities(&model, judging, run, probabilities, error);
    qf_model_free(&model);
    return status;
}

qf_status qf_trials_predict(const qf_fitting *fitting, const qf_trials *trials, double prior,
                            const qf_run *run, qf_scores *scores, qf_error *error) {
    scores->count = 0;
    for (size_t t = 0; t < trials->count; t++) {
        const qf_table *rows = trials->judging[t];
        QF_TRY(qf_scores_reserve(scores, scores->count + rows->rows, error));
        memcpy(scores->labels + scores->count, rows->labels, rows->rows);
        memcpy(scores->origins + scores->count, rows->origins, rows->rows * sizeof *rows->origins);
        memset(scores->seen + scores->count, 0, rows->rows);
        scores->count += rows->rows;
    }
    predicting p = {fitting, trials, prior, scores->probabilities};
    return do_tasks(run, "predicting held-out rows", trials->count, predict_trial, &p, error);
}
