#include "learn/threshold.h"

#include "base/number.h"
#include "learn/metrics.h"
#include "learn/ranking.h"

#include <math.h>
#include <string.h>

qf_status qf_threshold_parse(const char *text, qf_threshold_rule *rule, qf_error *error) {
    static const char cost[] = "cost:", rate[] = "alert-rate:";
    *rule = (qf_threshold_rule){.kind = QF_THRESHOLD_FIXED};
    if (strcmp(text, "fixed") == 0) return QF_OK;
    if (strcmp(text, "f1") == 0 || strcmp(text, "mcc") == 0) {
        rule->kind = *text == 'f' ? QF_THRESHOLD_F1 : QF_THRESHOLD_MCC;
        return QF_OK;
    }
    if (strncmp(text, cost, strlen(cost)) == 0) {
        rule->kind = QF_THRESHOLD_COST;
        qf_metrics_options costs;
        const bool valid = qf_costs_parse(text + strlen(cost), &costs);
        rule->false_positive = valid ? costs.cost_fp : 0;
        rule->false_negative = valid ? costs.cost_fn : 0;
        if (rule->false_positive + rule->false_negative > 0) return QF_OK;
        return qf_fail(error, QF_USAGE,
                       "\"%s\": expected two costs, 0 or more and not both 0: cost:FP,FN", text);
    }
    if (strncmp(text, rate, strlen(rate)) == 0) {
        rule->kind = QF_THRESHOLD_ALERT_RATE;
        const char *number = text + strlen(rate);
        if (qf_parse_double(number, strlen(number), &rule->alert_rate) == QF_NUMBER_VALID &&
            rule->alert_rate > 0 && rule->alert_rate <= 1) {
            return QF_OK;
        }
        return qf_fail(error, QF_USAGE, "\"%s\": expected a share above 0, to 1: alert-rate:R",
                       text);
    }
    return qf_fail(error, QF_USAGE, "\"%s\": expected fixed, f1, mcc, cost:FP,FN or alert-rate:R",
                   text);
}

qf_status qf_threshold_print(const qf_threshold_rule *rule, qf_bytes *text, qf_error *error) {
    static const char *const words[] = {[QF_THRESHOLD_FIXED] = "fixed",
                                        [QF_THRESHOLD_F1] = "f1",
                                        [QF_THRESHOLD_MCC] = "mcc",
                                        [QF_THRESHOLD_COST] = "cost:",
                                        [QF_THRESHOLD_ALERT_RATE] = "alert-rate:"};
    char number[QF_NUMBER_TEXT], second[QF_NUMBER_TEXT];
    QF_TRY(qf_bytes_print(text, error, "%s", words[rule->kind]));
    if (rule->kind == QF_THRESHOLD_COST) {
        qf_print_double(number, rule->false_positive);
        qf_print_double(second, rule->false_negative);
        return qf_bytes_print(text, error, "%s,%s", number, second);
    }
    if (rule->kind != QF_THRESHOLD_ALERT_RATE) return QF_OK;
    qf_print_double(number, rule->alert_rate);
    return qf_bytes_print(text, error, "%s", number);
}

/* How good it is to call the first `alerts` rows fraud, of which `found` are. */
static double judge(const qf_threshold_rule *rule, const qf_ranking *r, size_t alerts,
                    size_t found) {
    const double tp = (double)found, fp = (double)(alerts - found);
    const double fn = (double)(r->frauds - found), tn = (double)r->rows - tp - fp - fn;
    switch (rule->kind) {
    case QF_THRESHOLD_F1:
        return 2 * tp / (2 * tp + fp + fn);
    case QF_THRESHOLD_MCC: {
        const double root = sqrt((tp + fp) * (tp + fn)) * sqrt((tn + fp) * (tn + fn));
        return root > 0 ? (tp * tn - fp * fn) / root : 0;
    }
    case QF_THRESHOLD_COST:
        return -(rule->false_positive * fp + rule->false_negative * fn) / (double)r->rows;
    case QF_THRESHOLD_ALERT_RATE: {
        const double rate = (double)alerts / (double)r->rows;
        return rate <= rule->alert_rate ? rate : -1;
    }
    case QF_THRESHOLD_FIXED:
        break;
    }
    return 0;
}

/* Halfway between: low <= t < high, unless both are the same. */
static double between(double low, double high) {
    const double middle = low + (high - low) / 2;
    return middle < high ? middle : low;
}

static void choose(const qf_threshold_rule *rule, const qf_ranking *r, qf_threshold *chosen) {
    double above = 1;
    for (size_t b = 0; b <= r->count; b++) {
        const qf_ranking_block *next = b < r->count ? &r->blocks[b] : NULL;
        const double score = next ? next->score : 0;
        const size_t alerts = next ? next->rows_above : r->rows;
        const double value = judge(rule, r, alerts, next ? next->frauds_above : r->frauds);
        /* No threshold is below probability 0. */
        const bool possible = next || above > 0;
        if (possible && (b == 0 || value > chosen->value)) {
            *chosen = (qf_threshold){between(score, above), value, alerts};
        }
        above = score;
    }
    if (rule->kind == QF_THRESHOLD_COST) chosen->value = 0 - chosen->value;
}

qf_status qf_threshold_choose(const qf_threshold_rule *rule, const qf_scores *scores,
                              qf_threshold *chosen, qf_error *error) {
    qf_ranking ranking;
    QF_TRY(qf_ranking_init(&ranking, scores, error));
    qf_status status = QF_OK;
    if (ranking.frauds == 0 || ranking.frauds == ranking.rows) {
        status = qf_fail(error, QF_DATA, "no rows with label %d to choose a threshold with",
                         ranking.frauds == 0);
    } else {
        choose(rule, &ranking, chosen);
    }
    qf_ranking_free(&ranking);
    return status;
}
