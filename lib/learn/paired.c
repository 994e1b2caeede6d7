#include "learn/paired.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void qf_paired_model_free(qf_paired_model *model) {
    for (size_t i = 0; i < model->count; i++) qf_scores_free(&model->runs[i].scores);
    free(model->runs);
    free(model->name);
    *model = (qf_paired_model){0};
}

/* One split: both models' first run there, and the metric over all their runs. */
typedef struct split {
    const qf_paired_run *first, *second;
    size_t pairs; /* of runs, in the order given */
    double first_sum, second_sum;
    double squares; /* of the pairs' differences */
} split;

typedef struct comparison {
    const qf_paired_options *options;
    const qf_paired_model *first, *second;
    const double *first_values, *second_values; /* the metric of each run */
    split *splits;
    double *differences;
    size_t count;
} comparison;

static split *find_split(comparison *c, const char *test_rows) {
    for (size_t i = 0; i < c->count; i++) {
        if (strcmp(c->splits[i].first->test_rows, test_rows) == 0) return &c->splits[i];
    }
    return NULL;
}

static qf_status refuse(const qf_paired_model *model, const qf_paired_model *other,
                        const qf_paired_run *run, qf_error *error) {
    return qf_fail(
        error, QF_MISMATCH,
        "%s: its run %zu has a test part on which %s has not as many runs: compare models "
        "on the same splits",
        model->name, (size_t)(run - model->runs) + 1, other->name);
}

/* The n-th run of the model on a test part, n from 0, or NULL. */
static const qf_paired_run *find_run(const qf_paired_model *model, const char *test_rows,
                                     size_t n) {
    for (size_t i = 0; i < model->count; i++) {
        if (strcmp(model->runs[i].test_rows, test_rows) == 0 && n-- == 0) return &model->runs[i];
    }
    return NULL;
}

static qf_status pair_runs(comparison *c, qf_error *error) {
    for (size_t i = 0; i < c->first->count; i++) {
        const qf_paired_run *first = &c->first->runs[i];
        split *s = find_split(c, first->test_rows);
        if (!s) {
            s = &c->splits[c->count++];
            *s = (split){.first = first, .second = find_run(c->second, first->test_rows, 0)};
        }
        const qf_paired_run *second = find_run(c->second, first->test_rows, s->pairs++);
        if (!second) return refuse(c->first, c->second, first, error);
        const double a = c->first_values[i], b = c->second_values[second - c->second->runs];
        s->first_sum += a;
        s->second_sum += b;
        s->squares += (a - b) * (a - b);
    }
    for (size_t i = 0; i < c->second->count; i++) {
        const qf_paired_run *second = &c->second->runs[i];
        const split *s = find_split(c, second->test_rows);
        if (!s || find_run(c->second, second->test_rows, s->pairs)) {
            return refuse(c->second, c->first, second, error);
        }
    }
    return QF_OK;
}

/* Test rows for each training row, over the splits. */
static double test_ratio(const comparison *c) {
    double sum = 0;
    for (size_t i = 0; i < c->count; i++) {
        const qf_paired_run *run = c->splits[i].first;
        double original = 0;
        for (size_t r = 0; r < run->scores.count; r++)
            original += run->scores.origins[r].neighbour < 0;
        sum += original / run->trained_count;
    }
    return sum / (double)c->count;
}

/* The pooled deviation of the pairs' differences within splits. */
static double deviation_within(const comparison *c) {
    double squares = 0, freedom = 0;
    for (size_t i = 0; i < c->count; i++) {
        const split *s = &c->splits[i];
        const double pairs = (double)s->pairs;
        squares += fmax(s->squares - pairs * c->differences[i] * c->differences[i], 0);
        freedom += pairs - 1;
    }
    return freedom > 0 ? sqrt(squares / freedom) : NAN;
}

static qf_status set_splits(const comparison *c, const qf_run *run, qf_record *record,
                            qf_error *error) {
    enum { ONLY_FIRST, ONLY_SECOND, MCNEMAR, LOW, HIGH, LISTS };
    static const char *const names[LISTS] = {"only_first", "only_second", "mcnemar_p",
                                             "bootstrap_low", "bootstrap_high"};
    const qf_paired_options *o = c->options;
    const qf_bootstrap bootstrap = {o->metric, o->how, o->replicates, o->seed};
    double *lists = qf_new_array(c->count, LISTS * sizeof *lists, error);
    if (!lists) return QF_MEMORY;
    qf_status status = QF_OK;
    for (size_t i = 0; status == QF_OK && i < c->count; i++) {
        const qf_scores *first = &c->splits[i].first->scores,
                        *second = &c->splits[i].second->scores;
        size_t only_first, only_second;
        qf_count_discordant(first, second, &only_first, &only_second);
        lists[ONLY_FIRST * c->count + i] = (double)only_first;
        lists[ONLY_SECOND * c->count + i] = (double)only_second;
        lists[MCNEMAR * c->count + i] = qf_mcnemar_exact(only_first, only_second);
        if (o->replicates == 0) continue;
        double interval[2];
        status = qf_bootstrap_difference(first, second, &bootstrap, run, interval, error);
        lists[LOW * c->count + i] = interval[0];
        lists[HIGH * c->count + i] = interval[1];
    }
    const size_t shown = o->replicates > 0 ? LISTS : LOW;
    for (size_t l = 0; status == QF_OK && l < shown; l++) {
        status = qf_record_set_reals(record, names[l], lists + l * c->count, c->count, error);
    }
    free(lists);
    return status;
}

static qf_status set_difference(const comparison *c, const qf_difference *d, qf_record *record,
                                qf_error *error) {
    double first = 0, second = 0;
    for (size_t i = 0; i < c->count; i++) {
        first += c->splits[i].first_sum / (double)c->splits[i].pairs / (double)c->count;
        second += c->splits[i].second_sum / (double)c->splits[i].pairs / (double)c->count;
    }
    const struct {
        const char *name;
        double value;
    } values[] = {{"margin", c->options->margin},
                  {"first_mean", first},
                  {"second_mean", second},
                  {"difference", d->mean},
                  {"low", d->mean - d->half_width},
                  {"high", d->mean + d->half_width},
                  {"detectable", d->detectable},
                  {"deviation_splits", d->deviation},
                  {"deviation_initialisations", deviation_within(c)}};
    QF_TRY(qf_record_set_text(record, "first", c->first->name, error));
    QF_TRY(qf_record_set_text(record, "second", c->second->name, error));
    QF_TRY(qf_record_set_text(record, "metric", c->options->metric->name, error));
    QF_TRY(qf_record_set_integer(record, "splits", (int64_t)d->splits, error));
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        QF_TRY(qf_record_set_real(record, values[i].name, values[i].value, error));
    }
    return qf_record_set_reals(record, "split_differences", c->differences, c->count, error);
}

static qf_status compare_paired(comparison *c, const qf_run *run, qf_difference *d,
                                qf_record *record, qf_error *error) {
    QF_TRY(pair_runs(c, error));
    for (size_t i = 0; i < c->count; i++) {
        const split *s = &c->splits[i];
        const double gain = (s->first_sum - s->second_sum) / (double)s->pairs;
        c->differences[i] = c->options->metric->lower_is_better ? -gain : gain;
        if (!isnan(c->differences[i])) continue;
        return qf_fail(error, QF_DATA, "%s is not defined on the test part of run %zu of %s",
                       c->options->metric->name, (size_t)(s->first - c->first->runs) + 1,
                       c->first->name);
    }
    *d = qf_compare_splits(c->differences, c->count, test_ratio(c), c->options->margin);
    QF_TRY(set_difference(c, d, record, error));
    return set_splits(c, run, record, error);
}

static qf_status compare_two(comparison *c, const qf_run *run, qf_difference *d, qf_record *record,
                             qf_error *error) {
    c->splits = qf_new_array(c->first->count, sizeof *c->splits, error);
    c->differences = qf_new_array(c->first->count, sizeof *c->differences, error);
    qf_status status = c->splits && c->differences ? QF_OK : QF_MEMORY;
    if (status == QF_OK) status = compare_paired(c, run, d, record, error);
    free(c->splits);
    free(c->differences);
    return status;
}

/* The metric of every run of a model, or NULL. */
static double *measure(const qf_paired_model *model, const qf_paired_options *o, qf_error *error) {
    double *values = qf_new_array(model->count, sizeof *values, error);
    qf_status status = values ? QF_OK : QF_MEMORY;
    for (size_t i = 0; status == QF_OK && i < model->count; i++) {
        const qf_scores *scores = &model->runs[i].scores;
        qf_metrics_options how = o->how;
        how.threshold = scores->threshold;
        status = qf_metric_value(scores, &how, o->metric, &values[i], error);
    }
    if (status == QF_OK) return values;
    free(values);
    return NULL;
}

/* Adjusts both kinds of p for the family and gives the verdicts. */
static qf_status conclude(qf_difference *differences, size_t count, qf_record *records,
                          qf_verdict *verdicts, qf_error *error) {
    double *p = qf_new_array(count, 2 * sizeof *p, error);
    if (!p) return QF_MEMORY;
    for (size_t i = 0; i < count; i++) {
        p[i] = differences[i].p_different;
        p[count + i] = differences[i].p_worse;
    }
    qf_status status = qf_holm(p, count, error);
    if (status == QF_OK) status = qf_holm(p + count, count, error);
    for (size_t i = 0; status == QF_OK && i < count; i++) {
        differences[i].p_different = p[i];
        differences[i].p_worse = p[count + i];
        verdicts[i] = qf_difference_verdict(&differences[i]);
        status = qf_record_set_real(&records[i], "p_different", p[i], error);
        if (status == QF_OK)
            status = qf_record_set_real(&records[i], "p_worse", p[count + i], error);
        if (status == QF_OK) {
            status = qf_record_set_integer(&records[i], "family", (int64_t)count, error);
        }
        if (status == QF_OK) {
            status =
                qf_record_set_text(&records[i], "verdict", qf_verdict_name(verdicts[i]), error);
        }
    }
    free(p);
    return status;
}

/* Both models' metrics, and their comparison. */
static qf_status compare_measured(const qf_paired_model *first, const qf_paired_model *second,
                                  const qf_paired_options *options, const qf_run *run,
                                  qf_difference *difference, qf_record *record, qf_error *error) {
    double *first_values = measure(first, options, error);
    double *second_values = first_values ? measure(second, options, error) : NULL;
    comparison c = {.options = options,
                    .first = first,
                    .second = second,
                    .first_values = first_values,
                    .second_values = second_values};
    const qf_status status =
        second_values ? compare_two(&c, run, difference, record, error) : error->status;
    free(first_values);
    free(second_values);
    return status;
}

size_t qf_paired_comparisons(size_t models, bool in_pairs) {
    return in_pairs ? models / 2 : models - 1;
}

qf_status qf_compare_models(const qf_paired_model *models, size_t count,
                            const qf_paired_options *options, const qf_run *run, qf_record *records,
                            qf_verdict *verdicts, qf_error *error) {
    const size_t comparisons = qf_paired_comparisons(count, options->in_pairs);
    qf_difference *differences = qf_new_array(comparisons, sizeof *differences, error);
    qf_status status = differences ? QF_OK : QF_MEMORY;
    for (size_t i = 0; status == QF_OK && i < comparisons; i++) {
        const qf_paired_model *first = &models[options->in_pairs ? 2 * i : 0];
        const qf_paired_model *second = &models[options->in_pairs ? 2 * i + 1 : i + 1];
        status = compare_measured(first, second, options, run, &differences[i], &records[i], error);
    }
    if (status == QF_OK) status = conclude(differences, comparisons, records, verdicts, error);
    free(differences);
    return status;
}
