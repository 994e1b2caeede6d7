#include "learn/metrics.h"

#include "base/memory.h"
#include "base/number.h"
#include "learn/ranking.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double ratio(double numerator, double denominator) {
    return denominator > 0 ? numerator / denominator : 0;
}

typedef struct named_value {
    const char *name;
    double value;
} named_value;

static qf_status set_reals(qf_record *metrics, const named_value *values, size_t count,
                           qf_error *error) {
    for (size_t i = 0; i < count; i++) {
        QF_TRY(qf_record_set_real(metrics, values[i].name, values[i].value, error));
    }
    return QF_OK;
}

static qf_status set_decisions(const qf_scores *scores, const qf_metrics_options *options,
                               qf_record *metrics, qf_error *error) {
    const double threshold = options->threshold;
    size_t cells[2][2] = {{0}}; /* [label][called fraud] */
    for (size_t i = 0; i < scores->count; i++) {
        cells[scores->labels[i]][scores->probabilities[i] > threshold]++;
    }
    const double tn = (double)cells[0][0], fp = (double)cells[0][1];
    const double fn = (double)cells[1][0], tp = (double)cells[1][1];
    const double n = tn + fp + fn + tp, frauds = fn + tp, legitimate = tn + fp;
    const double with_fraud = frauds > 0 ? 1 : NAN, with_both = legitimate > 0 ? with_fraud : NAN;
    const double precision = ratio(tp, tp + fp), negative_precision = ratio(tn, tn + fn);
    const double f1 = ratio(2 * tp, 2 * tp + fp + fn),
                 negative_f1 = ratio(2 * tn, 2 * tn + fp + fn);
    const double root = sqrt((tp + fp) * frauds) * sqrt(legitimate * (tn + fn));
    const named_value values[] = {
        {"accuracy", (tn + tp) / n},
        {"precision_weighted", (legitimate * negative_precision + frauds * precision) / n},
        {"recall_weighted", (tn + tp) / n},
        {"f1_weighted", (legitimate * negative_f1 + frauds * f1) / n},
        {"precision", with_fraud * precision},
        {"recall", with_fraud * ratio(tp, frauds)},
        {"f1", with_fraud * f1},
        {"f2", with_fraud * ratio(5 * tp, 5 * tp + 4 * fn + fp)},
        {"mcc", with_both * ratio(tp * tn - fp * fn, root)},
        {"balanced_accuracy", with_both * (ratio(tp, frauds) + ratio(tn, legitimate)) / 2},
        {"threshold", threshold},
        {"expected_cost", (options->cost_fp * fp + options->cost_fn * fn) / n},
        {"cost_fp", options->cost_fp},
        {"cost_fn", options->cost_fn},
        {"prevalence_test", frauds / n},
    };
    QF_TRY(set_reals(metrics, values, sizeof values / sizeof *values, error));
    static const char *const names[2][2] = {{"tn", "fp"}, {"fn", "tp"}};
    for (int i = 0; i < 4; i++) {
        QF_TRY(qf_record_set_integer(metrics, names[i / 2][i % 2], (int64_t)cells[i / 2][i % 2],
                                     error));
    }
    return qf_record_set_integer(metrics, "n_test", (int64_t)scores->count, error);
}

/* Frauds expected among the `budget` rows of the highest scores. */
static double frauds_within(const qf_ranking *r, double budget) {
    double found = 0;
    for (size_t b = 0; b < r->count && budget > 0; b++) {
        const double rows = (double)r->blocks[b].rows, taken = fmin(budget, rows);
        found += taken / rows * (double)r->blocks[b].frauds;
        budget -= rows;
    }
    return found;
}

static qf_status set_ranking(const qf_ranking *r, double alert_rate, qf_record *metrics,
                             qf_error *error) {
    const double frauds = (double)r->frauds, legitimate = (double)(r->rows - r->frauds);
    double pairs = 0, steps = 0, trapezoids = 0, previous = 1;
    for (size_t b = 0; b < r->count; b++) {
        const qf_ranking_block *k = &r->blocks[b];
        const double in = (double)k->frauds, negatives = (double)(k->rows - k->frauds);
        const double above = (double)k->frauds_above;
        const double precision = (above + in) / (double)(k->rows_above + k->rows);
        pairs += negatives * (above + in / 2);
        steps += in * precision;
        trapezoids += in * (precision + previous) / 2;
        previous = precision;
    }
    const bool with_fraud = frauds > 0, with_both = with_fraud && legitimate > 0;
    const named_value values[] = {
        {"pr_auc", with_fraud ? steps / frauds : NAN},
        {"pr_auc_trapezoid", with_fraud ? trapezoids / frauds : NAN},
        {"roc_auc", with_both ? pairs / (frauds * legitimate) : NAN},
        {"recall_at_alert",
         with_fraud ? frauds_within(r, alert_rate * (double)r->rows) / frauds : NAN},
        {"alert_rate", alert_rate},
    };
    return set_reals(metrics, values, sizeof values / sizeof *values, error);
}

/* The first point of a curve in each cell of a grid; the end has a cell of its own. */
typedef struct curve {
    double x[QF_CURVE_POINTS], y[QF_CURVE_POINTS];
    size_t count;
    long cell;
} curve;

static void add_point(curve *c, double x, double y, long cell) {
    if (c->count > 0 && cell == c->cell) return;
    c->x[c->count] = x;
    c->y[c->count++] = y;
    c->cell = cell;
}

static qf_status set_curve(const curve *c, const char *x, const char *y, qf_record *metrics,
                           qf_error *error) {
    QF_TRY(qf_record_set_reals(metrics, x, c->x, c->count, error));
    return qf_record_set_reals(metrics, y, c->y, c->count, error);
}

static qf_status set_curves(const qf_ranking *r, qf_record *metrics, qf_error *error) {
    const double frauds = (double)r->frauds, legitimate = (double)(r->rows - r->frauds);
    curve roc = {0}, pr = {0}, gains = {0};
    for (size_t b = 0; b < r->count && frauds > 0; b++) {
        const qf_ranking_block *k = &r->blocks[b];
        const double found = (double)(k->frauds_above + k->frauds);
        const double alerts = (double)(k->rows_above + k->rows);
        const double recall = found / frauds;
        const double share = alerts / (double)r->rows;
        if (found > 0) add_point(&pr, recall, found / alerts, (long)(200 * recall));
        add_point(&gains, share, recall, (long)(100 * share) + (long)(100 * recall));
        if (legitimate == 0) continue;
        const double false_rate = (alerts - found) / legitimate;
        add_point(&roc, false_rate, recall, (long)(100 * false_rate) + (long)(100 * recall));
    }
    QF_TRY(set_curve(&pr, "pr_recall", "pr_precision", metrics, error));
    QF_TRY(set_curve(&gains, "gains_alerts", "gains_recall", metrics, error));
    return set_curve(&roc, "roc_fpr", "roc_tpr", metrics, error);
}

static qf_status set_probabilities(const qf_scores *scores, qf_record *metrics, qf_error *error) {
    double squares = 0, surprise = 0, ece = 0;
    double mean[QF_CALIBRATION_BINS] = {0}, rate[QF_CALIBRATION_BINS] = {0};
    double rows[QF_CALIBRATION_BINS] = {0};
    for (size_t i = 0; i < scores->count; i++) {
        const double p = scores->probabilities[i], y = scores->labels[i];
        const double clipped = fmin(fmax(p, DBL_EPSILON), 1 - DBL_EPSILON);
        squares += (p - y) * (p - y);
        surprise -= y > 0 ? log(clipped) : log(1 - clipped);
        const int bin = (int)fmin(p * QF_CALIBRATION_BINS, QF_CALIBRATION_BINS - 1);
        mean[bin] += p;
        rate[bin] += y;
        rows[bin]++;
    }
    size_t filled = 0;
    const double n = (double)scores->count;
    for (size_t b = 0; b < QF_CALIBRATION_BINS; b++) {
        if (rows[b] == 0) continue;
        ece += fabs(mean[b] - rate[b]) / n;
        mean[filled] = mean[b] / rows[b];
        rate[filled] = rate[b] / rows[b];
        rows[filled++] = rows[b];
    }
    const named_value values[] = {{"brier", squares / n}, {"log_loss", surprise / n}, {"ece", ece}};
    QF_TRY(set_reals(metrics, values, sizeof values / sizeof *values, error));
    QF_TRY(qf_record_set_reals(metrics, "calibration_mean", mean, filled, error));
    QF_TRY(qf_record_set_reals(metrics, "calibration_rate", rate, filled, error));
    return qf_record_set_reals(metrics, "calibration_rows", rows, filled, error);
}

qf_metrics_options qf_metrics_options_default(const qf_scores *scores) {
    return (qf_metrics_options){scores->threshold, .alert_rate = 0.05, .cost_fp = 1, .cost_fn = 10};
}

bool qf_costs_parse(const char *text, qf_metrics_options *options) {
    const char *comma = strchr(text, ',');
    double fp, fn;
    if (!comma || qf_parse_double(text, (size_t)(comma - text), &fp) != QF_NUMBER_VALID ||
        qf_parse_double(comma + 1, strlen(comma + 1), &fn) != QF_NUMBER_VALID || fp < 0 || fn < 0) {
        return false;
    }
    options->cost_fp = fp;
    options->cost_fn = fn;
    return true;
}

enum { DECISIONS, PROBABILITIES, RANKING };

static const qf_metric all_metrics[] = {
    {"accuracy", DECISIONS, false},
    {"precision_weighted", DECISIONS, false},
    {"recall_weighted", DECISIONS, false},
    {"f1_weighted", DECISIONS, false},
    {"precision", DECISIONS, false},
    {"recall", DECISIONS, false},
    {"f1", DECISIONS, false},
    {"f2", DECISIONS, false},
    {"mcc", DECISIONS, false},
    {"balanced_accuracy", DECISIONS, false},
    {"expected_cost", DECISIONS, true},
    {"pr_auc", RANKING, false},
    {"pr_auc_trapezoid", RANKING, false},
    {"roc_auc", RANKING, false},
    {"recall_at_alert", RANKING, false},
    {"brier", PROBABILITIES, true},
    {"log_loss", PROBABILITIES, true},
    {"ece", PROBABILITIES, true},
};
enum { METRICS = sizeof all_metrics / sizeof *all_metrics };

qf_status qf_metric_find(const char *name, const qf_metric **metric, qf_error *error) {
    for (size_t i = 0; i < METRICS; i++) {
        if (strcmp(all_metrics[i].name, name) != 0) continue;
        *metric = &all_metrics[i];
        return QF_OK;
    }
    qf_bytes names = {0};
    for (size_t i = 0; i < METRICS; i++) {
        QF_TRY(qf_bytes_print(&names, error, "%s%s", i ? ", " : "", all_metrics[i].name));
    }
    qf_fail(error, QF_USAGE, "no metric \"%s\": expected one of %s", name, (char *)names.data);
    free(names.data);
    return QF_USAGE;
}

/* What is computed together, into the record. */
static qf_status set_group(const qf_scores *scores, const qf_metrics_options *options, int group,
                           qf_record *metrics, qf_error *error) {
    if (group == DECISIONS) return set_decisions(scores, options, metrics, error);
    if (group == PROBABILITIES) return set_probabilities(scores, metrics, error);
    qf_ranking r;
    QF_TRY(qf_ranking_init(&r, scores, error));
    qf_status status = set_ranking(&r, options->alert_rate, metrics, error);
    qf_ranking_free(&r);
    return status;
}

qf_status qf_metric_value(const qf_scores *scores, const qf_metrics_options *options,
                          const qf_metric *metric, double *value, qf_error *error) {
    if (scores->count == 0) return qf_fail(error, QF_DATA, "no rows to score");
    qf_record record = {0};
    const qf_status status = set_group(scores, options, metric->group, &record, error);
    *value = qf_record_number(&record, metric->name);
    qf_record_free(&record);
    return status;
}

qf_status qf_metrics_compute(const qf_scores *scores, const qf_metrics_options *options,
                             qf_record *metrics, qf_error *error) {
    if (scores->count == 0) return qf_fail(error, QF_DATA, "no rows to score");
    QF_TRY(set_decisions(scores, options, metrics, error));
    QF_TRY(set_probabilities(scores, metrics, error));
    qf_ranking r;
    QF_TRY(qf_ranking_init(&r, scores, error));
    qf_status status = set_ranking(&r, options->alert_rate, metrics, error);
    if (status == QF_OK) status = set_curves(&r, metrics, error);
    qf_ranking_free(&r);
    return status;
}
