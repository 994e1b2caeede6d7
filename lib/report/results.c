#include "report/results.h"

#include "base/number.h"
#include "base/student.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An empty result with the record's names. */
static qf_result name_result(const qf_record *record) {
    return (qf_result){.model = qf_record_text(record, "model"),
                       .variant = qf_record_text(record, "variant"),
                       .protocol = qf_record_text(record, "protocol"),
                       .data_digest = qf_record_text(record, "data_digest")};
}

static bool has_names(const qf_result *a, const qf_result *b) {
    return strcmp(a->model, b->model) == 0 && strcmp(a->variant, b->variant) == 0 &&
           strcmp(a->protocol, b->protocol) == 0;
}

/* The result of these names and data, or NULL. */
static const qf_result *find_result(const qf_results *results, const qf_result *like) {
    for (size_t i = 0; i < results->count; i++) {
        const qf_result *r = &results->items[i];
        if (has_names(r, like) && strcmp(r->data_digest, like->data_digest) == 0) return r;
    }
    return NULL;
}

/* The only result of these names, of whatever data, or NULL. */
static const qf_result *find_only(const qf_results *results, const qf_result *like) {
    const qf_result *found = NULL;
    for (size_t i = 0; i < results->count; i++) {
        if (!has_names(&results->items[i], like)) continue;
        if (found) return NULL;
        found = &results->items[i];
    }
    return found;
}

const qf_result *qf_results_trained(const qf_results *results, size_t index,
                                    const qf_results *training) {
    const qf_result *result = &results->items[index], *same = find_result(training, result);
    return same || !find_only(results, result) ? same : find_only(training, result);
}

/* As it was written; "" where there is none. */
static qf_status print_seed(const qf_record *run, qf_bytes *text, qf_error *error) {
    const qf_field *seed = qf_record_find(run, "seed");
    if (seed && seed->kind == QF_FIELD_INTEGER) {
        return qf_bytes_print(text, error, "%lld", (long long)seed->integer);
    }
    return qf_bytes_print(text, error, "%s", qf_record_text(run, "seed"));
}

static qf_status check_seed(const qf_result *result, const qf_record *record, qf_error *error) {
    qf_bytes seed = {0}, other = {0};
    qf_status status = print_seed(record, &seed, error);
    for (size_t i = 0; status == QF_OK && i < result->count; i++) {
        other.length = 0;
        status = print_seed(result->runs[i], &other, error);
        if (status != QF_OK || strcmp((char *)seed.data, (char *)other.data) != 0) continue;
        status = qf_fail(error, QF_MISMATCH,
                         "two results of model %s, variant %s, protocol %s, seed %s: score one of "
                         "them with another --variant",
                         result->model, *result->variant ? result->variant : "(none)",
                         *result->protocol ? result->protocol : "(none)",
                         *seed.data ? (char *)seed.data : "(none)");
    }
    free(seed.data);
    free(other.data);
    return status;
}

qf_status qf_results_group(const qf_record *records, size_t count, qf_results *results,
                           qf_error *error) {
    *results = (qf_results){0};
    for (size_t r = 0; r < count; r++) {
        const qf_result named = name_result(&records[r]), *found = find_result(results, &named);
        const size_t i = found ? (size_t)(found - results->items) : results->count;
        if (!found) {
            QF_TRY(qf_grow_array(&results->items, &results->capacity, i + 1, sizeof *results->items,
                                 error));
            results->items[results->count++] = named;
        }
        qf_result *result = &results->items[i];
        QF_TRY(check_seed(result, &records[r], error));
        QF_TRY(qf_grow_array(&result->runs, &result->capacity, result->count + 1,
                             sizeof *result->runs, error));
        result->runs[result->count++] = &records[r];
    }
    return QF_OK;
}

void qf_results_free(qf_results *results) {
    for (size_t i = 0; i < results->count; i++) free(results->items[i].runs);
    free(results->items);
    *results = (qf_results){0};
}

bool qf_result_is_flagged(const qf_result *result) {
    for (size_t i = 0; i < result->count; i++) {
        if (*qf_record_text(result->runs[i], "violations")) return true;
    }
    return false;
}

void qf_metric_words(const char *field, char words[QF_METRIC_WORDS]) {
    static const char *const acronyms[][2] = {{"pr_auc", "PR-AUC"},
                                              {"roc_auc", "ROC-AUC"},
                                              {"mcc", "MCC"},
                                              {"f1", "F1"},
                                              {"f2", "F2"},
                                              {"f1_weighted", "weighted F1"},
                                              {"brier", "Brier score"},
                                              {"ece", "calibration error"}};
    for (size_t i = 0; i < sizeof acronyms / sizeof *acronyms; i++) {
        if (strcmp(field, acronyms[i][0]) == 0) field = acronyms[i][1];
    }
    snprintf(words, QF_METRIC_WORDS, "%s", field);
    for (char *c = words; *c; c++) {
        if (*c == '_') *c = ' ';
    }
}

/* Test rows for each training row. Synthetic rows count in neither part: they say nothing new, and
 * a test part that holds some would seem larger than it is. */
static double test_ratio(const qf_record *run) {
    const double tested = qf_record_number(run, "n_test_original");
    const double trained = qf_record_number(run, "n_train_original");
    if (tested > 0 && trained > 0) return tested / trained;
    return qf_record_number(run, "n_test") / qf_record_number(run, "n_train");
}

/* Runs on one test part differ by the training alone; their spread says nothing of other rows. */
static bool share_test_part(const qf_result *result) {
    for (size_t i = 0; i < result->count; i++) {
        const char *rows = qf_record_text(result->runs[i], "test_rows");
        for (size_t j = 0; *rows && j < i; j++) {
            if (strcmp(qf_record_text(result->runs[j], "test_rows"), rows) == 0) return true;
        }
    }
    return false;
}

qf_summary qf_result_summary(const qf_result *result, const char *metric) {
    qf_summary summary = {.mean = NAN, .half_width = NAN};
    double sum = 0, squares = 0, shares = 0;
    for (size_t i = 0; i < result->count; i++) {
        const qf_record *run = result->runs[i];
        const double value = qf_record_number(run, metric);
        if (isnan(value)) continue;
        sum += value;
        shares += test_ratio(run);
        summary.count++;
    }
    if (summary.count == 0) return summary;
    const double n = (double)summary.count;
    summary.mean = sum / n;
    if (summary.count < 3 || share_test_part(result)) return summary;
    for (size_t i = 0; i < result->count; i++) {
        const double distance = qf_record_number(result->runs[i], metric) - summary.mean;
        if (!isnan(distance)) squares += distance * distance;
    }
    const double variance = squares / (n - 1) * (1 / n + shares / n);
    summary.half_width = qf_student_critical(0.95, summary.count - 1) * sqrt(variance);
    return summary;
}

static qf_status find_violation(qf_violations *list, const char *code, size_t length,
                                qf_violation **found, qf_error *error) {
    char name[sizeof list->items->code];
    if (length >= sizeof name) return qf_fail(error, QF_DATA, "a violation's code is too long");
    memcpy(name, code, length);
    name[length] = 0;
    size_t i = 0;
    while (i < list->count && strcmp(list->items[i].code, name) != 0) i++;
    if (i == list->count) {
        QF_TRY(qf_grow_array(&list->items, &list->capacity, i + 1, sizeof *list->items, error));
        list->items[list->count++] = (qf_violation){.last_run = SIZE_MAX};
        memcpy(list->items[i].code, name, sizeof name);
    }
    *found = &list->items[i];
    return QF_OK;
}

/* One entry of a run's list, "code", "code:count" or "code:name". Names are those of the first run
 * that has the code. */
static qf_status merge_violation(qf_violations *list, size_t run, char *entry, qf_error *error) {
    const size_t length = strcspn(entry, ":");
    const char *detail = entry[length] ? entry + length + 1 : NULL;
    qf_violation *violation = NULL;
    QF_TRY(find_violation(list, entry, length, &violation, error));
    if (violation->last_run != run) violation->runs++;
    violation->last_run = run;
    if (!detail) return QF_OK;
    const bool name = length > 5 && strncmp(entry + length - 5, "-kept", 5) == 0;
    int64_t count;
    if (!name && qf_parse_int64(detail, 0, INT64_MAX, &count)) {
        if (!violation->counted || count < violation->least) violation->least = count;
        if (!violation->counted || count > violation->greatest) violation->greatest = count;
        violation->counted = true;
        return QF_OK;
    }
    if (violation->runs > 1) return QF_OK;
    return qf_bytes_print(&violation->names, error, "%s%s", violation->names.length ? ", " : "",
                          detail);
}

qf_status qf_result_violations(const qf_result *result, qf_violations *violations,
                               qf_error *error) {
    *violations = (qf_violations){0};
    qf_status status = QF_OK;
    for (size_t i = 0; status == QF_OK && i < result->count; i++) {
        char *list = qf_copy_text(qf_record_text(result->runs[i], "violations"), error);
        if (!list) return QF_MEMORY;
        for (char *entry = list, *next; status == QF_OK && *entry; entry = next) {
            const size_t length = strcspn(entry, ";");
            next = entry + length + (entry[length] == ';');
            entry[length] = 0;
            status = merge_violation(violations, i, entry, error);
        }
        free(list);
    }
    return status;
}

void qf_violations_free(qf_violations *violations) {
    for (size_t i = 0; i < violations->count; i++) free(violations->items[i].names.data);
    free(violations->items);
    *violations = (qf_violations){0};
}

qf_status qf_violation_print(const qf_violation *violation, size_t runs, qf_bytes *out,
                             qf_error *error) {
    QF_TRY(qf_bytes_print(out, error, "%s", violation->code));
    const char *separator = ": ";
    if (violation->names.length) {
        QF_TRY(qf_bytes_print(out, error, ": %s", (char *)violation->names.data));
        separator = ", ";
    }
    if (violation->counted) {
        QF_TRY(qf_bytes_print(out, error, ": %lld", (long long)violation->least));
        if (violation->greatest != violation->least) {
            QF_TRY(qf_bytes_print(out, error, " to %lld", (long long)violation->greatest));
        }
        QF_TRY(qf_bytes_print(out, error, violation->greatest == 1 ? " row" : " rows"));
        separator = ", ";
    }
    if (violation->runs == runs) return QF_OK;
    return qf_bytes_print(out, error, "%s%zu of %zu runs", separator, violation->runs, runs);
}

const char *qf_violation_explain(const char *code) {
    static const struct {
        const char *code, *sentence;
    } table[] = {
        {"unknown-origin",
         "The scores do not say which commands made them: nothing about this number can be proven."},
        {"different-data",
         "Test and training rows come from different sources: whether they share rows is unknown."},
        {"no-split",
         "Test or training rows were never split off: the model may have been trained on "
         "what it was tested on."},
        {"ungrouped-split", "Rows of equal features may stand on both sides of the split."},
        {"resampled-before-split",
         "SMOTE or undersampling ran before the split: the test part holds made rows, or neighbours "
         "of training rows."},
        {"resampled-test",
         "The test part was resampled: its share of fraud is not that of the data."},
        {"scaled-before-split",
         "Scaling was fitted before the split: training knew the range of the test rows."},
        {"scaled-on-test", "Scaling was fitted on test rows."},
        {"scaled-unlike-training",
         "Test rows were not scaled as the training rows were: the model sees other units."},
        {"reduced-before-split",
         "The reduction to fewer columns was fitted before the split: it knew the test rows."},
        {"reduced-on-test", "The reduction to fewer columns was fitted on test rows."},
        {"reduced-unlike-training",
         "Test rows were not reduced as the training rows were: the model sees other columns."},
        {"not-audited",
         "The data was not audited: identifiers and leaks may be among the features."},
        {"identifier-kept", "A column that only numbers the rows was kept as a feature."},
        {"leak-kept", "A column that by itself gives the label away was kept as a feature."},
        {"trained-on-test-rows", "Test rows were among the training rows."},
        {"trained-on-parents",
         "SMOTE made training rows from test rows, or both from the same rows."},
        {"selected-on-test-rows",
         "Parameters, calibration or threshold were chosen by test rows: the number is the best of "
         "many on these very rows, and new rows will not reach it."},
        {"synthetic-in-test",
         "Test rows are synthetic: the number measures the resampler, too, and not real data alone."},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(code, table[i].code) == 0) return table[i].sentence;
    }
    return "A rule that this version of qf-report does not know.";
}
