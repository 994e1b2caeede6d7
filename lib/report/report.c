#include "report/report.h"

#include "base/number.h"
#include "report/card_figures.h"
#include "report/circuits.h"
#include "report/comparisons.h"
#include "report/csv_report.h"
#include "report/figures.h"
#include "report/kernel_figures.h"
#include "report/noise_figures.h"
#include "report/page.h"
#include "report/paper_figures.h"
#include "report/published.h"
#include "report/reasons.h"
#include "report/results.h"
#include "report/training_figures.h"
#include "report/tuning_figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct metric {
    const char *field, *title, *meaning;
    bool in_text; /* shown where a line has 100 places */
} metric;

static const metric metrics[] = {
    {"accuracy", "Accuracy", "share of test rows called right", true},
    {"pr_auc", "PR-AUC", "average precision; a model that guesses has the share of fraud", true},
    {"roc_auc", "ROC-AUC", "chance that a fraud row scores above a legitimate one", false},
    {"mcc", "MCC", "Matthews correlation of label and call, -1 to 1", true},
    {"f1", "F1", "harmonic mean of precision and recall of fraud", true},
    {"precision", "Precision", "share of fraud among the rows called fraud", false},
    {"recall", "Recall", "share of the fraud rows called fraud", false},
    {"recall_at_alert", "Recall at alert",
     "share of the frauds found when only the rows with the highest scores are looked into", false},
    {"brier", "Brier", "mean squared error of the probability; less is better", false},
    {"ece", "ECE", "expected calibration error over 15 bins; less is better", false},
};
/* Names, runs, metrics and what training rows have more. */
enum { METRICS = sizeof metrics / sizeof *metrics, NAMES = 4, MAX_COLUMNS = NAMES + METRICS + 2 };

/* Which of the texts that name a result differ between results, and so need a column. */
typedef struct shown {
    bool variant, protocol, data;
} shown;

static shown find_shown(const qf_results *results) {
    shown s = {0};
    for (size_t i = 0; i < results->count; i++) {
        const qf_result *a = &results->items[0], *b = &results->items[i];
        s.variant |= strcmp(a->variant, b->variant) != 0;
        s.protocol |= strcmp(a->protocol, b->protocol) != 0;
        s.data |= strcmp(a->data_digest, b->data_digest) != 0;
    }
    return s;
}

static size_t name_columns(shown s, qf_grid_column columns[NAMES]) {
    size_t count = 0;
    columns[count++] = (qf_grid_column){.title = "Model"};
    if (s.variant) columns[count++] = (qf_grid_column){.title = "Variant"};
    if (s.protocol) columns[count++] = (qf_grid_column){.title = "Protocol"};
    if (s.data) columns[count++] = (qf_grid_column){.title = "Data"};
    return count;
}

static void add_names(qf_grid *grid, shown s, const qf_result *result) {
    qf_grid_add(grid, "%s", result->model);
    if (s.variant) qf_grid_add(grid, "%s", result->variant);
    if (s.protocol) qf_grid_add(grid, "%s", result->protocol);
    if (s.data) qf_grid_add(grid, "%.8s", result->data_digest);
}

static void add_summary(qf_grid *grid, const qf_result *result, const char *field) {
    const qf_summary s = qf_result_summary(result, field);
    if (isnan(s.mean)) {
        qf_grid_add(grid, "%s", "");
    } else if (isnan(s.half_width)) {
        qf_grid_add(grid, "%.4f", s.mean);
    } else {
        qf_grid_add(grid, "%.4f \xc2\xb1 %.4f", s.mean, s.half_width);
    }
}

/* Explains a code where it first stands in the table; further rows list such codes in one line. */
static qf_status add_violation(qf_grid *grid, const qf_violation *violation, size_t runs,
                               qf_bytes *explained, qf_bytes *others, qf_error *error) {
    qf_bytes head = {0}, mark = {0};
    qf_status status = qf_bytes_print(&mark, error, ";%s;", violation->code);
    if (status == QF_OK) status = qf_violation_print(violation, runs, &head, error);
    if (status == QF_OK && explained->data && strstr((char *)explained->data, (char *)mark.data)) {
        status = qf_bytes_print(others, error, "%s%s", others->length ? "; " : "", head.data);
    } else if (status == QF_OK) {
        qf_grid_add_note(grid, (char *)head.data, qf_violation_explain(violation->code));
        status = qf_bytes_append(explained, mark.data, mark.length, error);
    }
    free(head.data);
    free(mark.data);
    return status;
}

static void add_violations(qf_grid *grid, const qf_result *result, qf_bytes *explained) {
    if (grid->status != QF_OK) return;
    qf_violations list;
    qf_bytes others = {0};
    qf_status status = qf_result_violations(result, &list, grid->error);
    for (size_t i = 0; status == QF_OK && i < list.count; i++) {
        status =
            add_violation(grid, &list.items[i], result->count, explained, &others, grid->error);
    }
    if (status == QF_OK && others.length) qf_grid_add_note(grid, (char *)others.data, "");
    if (grid->status == QF_OK) grid->status = status;
    qf_violations_free(&list);
    free(others.data);
}

static void add_overfit(qf_grid *grid, const qf_results *results, size_t index,
                        const qf_results *training) {
    const qf_result *trained = qf_results_trained(results, index, training);
    if (trained) {
        qf_grid_add(grid, "%+.4f",
                    qf_result_summary(trained, "accuracy").mean -
                        qf_result_summary(&results->items[index], "accuracy").mean);
    } else {
        qf_grid_add(grid, "%s", "");
    }
}

static void write_results(qf_page *page, const qf_results *results, const qf_results *training) {
    const bool overfit = page->format != QF_PAGE_TEXT && training->count > 0;
    qf_grid_column columns[MAX_COLUMNS];
    const shown s = find_shown(results);
    size_t count = name_columns(s, columns);
    columns[count++] = (qf_grid_column){"Seeds", "runs", true};
    for (size_t m = 0; m < METRICS; m++) {
        if (page->format == QF_PAGE_TEXT && !metrics[m].in_text) continue;
        columns[count++] = (qf_grid_column){metrics[m].title, metrics[m].meaning, true};
    }
    if (overfit) {
        columns[count++] = (qf_grid_column){
            "Overfit", "accuracy on the rows trained on, less that on the test rows", true};
    }
    qf_grid grid = {.columns = columns, .column_count = count, .error = page->error};
    qf_bytes explained = {0};
    for (size_t i = 0; i < results->count; i++) {
        const qf_result *result = &results->items[i];
        add_names(&grid, s, result);
        qf_grid_add(&grid, "%zu", result->count);
        for (size_t m = 0; m < METRICS; m++) {
            if (page->format == QF_PAGE_TEXT && !metrics[m].in_text) continue;
            add_summary(&grid, result, metrics[m].field);
        }
        if (overfit) add_overfit(&grid, results, i, training);
        add_violations(&grid, result, &explained);
    }
    qf_page_grid(page, &grid);
    qf_grid_free(&grid);
    free(explained.data);
}

/* "20", or "20 to 30" where runs differ. */
static void print_range(const qf_report *report, const char *field, double factor, int decimals,
                        char text[64]) {
    double least = INFINITY, greatest = -INFINITY;
    for (size_t i = 0; i < report->count; i++) {
        const double value = factor * qf_record_number(&report->records[i], field);
        least = fmin(least, value);
        greatest = fmax(greatest, value);
    }
    if (greatest - least < pow(10, -decimals)) {
        snprintf(text, 64, "%.*f", decimals, least);
    } else {
        snprintf(text, 64, "%.*f to %.*f", decimals, least, decimals, greatest);
    }
}

/* With fewer, a recall's standard error is above 9 points. */
static const double FEW_FRAUD = 30;

static double fewest_fraud(const qf_report *report) {
    double fewest = INFINITY;
    for (size_t i = 0; i < report->count; i++) {
        const qf_record *r = &report->records[i];
        const double fraud = qf_record_number(r, "tp") + qf_record_number(r, "fn");
        fewest = fmin(fewest, fraud);
    }
    return fewest;
}

/* Protocol, data and what is proven, in a sentence or two. */
static void write_subject(qf_page *page, const qf_report *report, const qf_results *results) {
    const qf_result *first = &results->items[0];
    const shown s = find_shown(results);
    bool flagged = false;
    for (size_t i = 0; i < report->count; i++) {
        flagged |= *qf_record_text(&report->records[i], "violations") != 0;
    }
    char rows[64], fraud[64], digest[16] = "several", protocol[64] = "";
    print_range(report, "n_test", 1, 0, rows);
    print_range(report, "prevalence_test", 100, 1, fraud);
    if (!s.data) snprintf(digest, sizeof digest, "%.12s", first->data_digest);
    if (!s.protocol && *first->protocol) {
        snprintf(protocol, sizeof protocol, "Protocol %.40s. ", first->protocol);
    }
    qf_page_paragraph(page, "%sData %s, %s test rows, %s %% of them fraud. %s", protocol, digest,
                      rows, fraud,
                      flagged ? "The provenance proves violations; each stands beneath its number."
                              : "The provenance proves no violation of the protocol.");
    const double fewest = fewest_fraud(report);
    if (fewest < FEW_FRAUD) {
        qf_page_paragraph(page,
                          "Only %.0f fraud rows are in a test part: the numbers of the fraud class "
                          "rest on them, and accuracy says little.",
                          fewest);
    }
}

static const struct {
    const char *column, *field, *title;
} published_metrics[] = {
    {"accuracy", "accuracy", "Accuracy"},
    {"precision", "precision_weighted", "Precision"},
    {"recall", "recall_weighted", "Recall"},
    {"f1", "f1_weighted", "F1"},
};
enum { PUBLISHED = sizeof published_metrics / sizeof *published_metrics };

static bool is_description(const char *column) {
    for (size_t m = 0; m < PUBLISHED; m++) {
        if (strcmp(column, published_metrics[m].column) == 0) return false;
    }
    for (size_t k = 0; k < QF_CONFUSION; k++) {
        if (strcmp(column, qf_confusion_columns[k]) == 0) return false;
    }
    return strcmp(column, "model") != 0;
}

/* The cells of a row, or the header with row = SIZE_MAX, that say what is published. */
static qf_status describe_row(const qf_sheet *sheet, size_t row, qf_bytes *text, qf_error *error) {
    QF_TRY(qf_bytes_append(text, "", 0, error));
    for (size_t c = 0; c < sheet->columns; c++) {
        if (!is_description(sheet->cells[c])) continue;
        const char *cell = row == SIZE_MAX ? sheet->cells[c] : qf_sheet_cell(sheet, row, c);
        if (*cell) QF_TRY(qf_bytes_print(text, error, "%s%s", text->length ? ", " : "", cell));
    }
    for (size_t i = 0; i < text->length; i++) {
        if (text->data[i] == '_') text->data[i] = ' ';
    }
    return QF_OK;
}

static void add_description(qf_grid *grid, const qf_sheet *sheet, size_t row) {
    qf_bytes text = {0};
    const qf_status status = describe_row(sheet, row, &text, grid->error);
    if (status == QF_OK) qf_grid_add(grid, "%s", (char *)text.data);
    if (grid->status == QF_OK) grid->status = status;
    free(text.data);
}

/* In text, where a line has 100 places, the first and last. */
static bool is_shown(const qf_page *page, size_t index) {
    return page->format != QF_PAGE_TEXT || index == 0 || index + 1 == PUBLISHED;
}

/* From the least to the greatest of the seeds. */
static void add_range(qf_grid *grid, const qf_result *result, const char *field) {
    double least = INFINITY, greatest = -INFINITY;
    for (size_t i = 0; i < result->count; i++) {
        const double value = qf_record_number(result->runs[i], field);
        least = fmin(least, value);
        greatest = fmax(greatest, value);
    }
    if (result->count > 1) {
        qf_grid_add(grid, "%.4f to %.4f", least, greatest);
    } else {
        qf_grid_add(grid, "%s", "");
    }
}

static void add_theirs(qf_grid *grid, double share) {
    char number[QF_NUMBER_TEXT] = "";
    if (!isnan(share)) qf_print_double(number, share);
    qf_grid_add(grid, "%s", number);
}

static void add_published(qf_page *page, qf_grid *grid, const qf_sheet *sheet,
                          const qf_result *result, shown s) {
    for (size_t row = 0; row < sheet->rows; row++) {
        if (!qf_published_is_of(sheet, row, result->runs[0])) continue;
        add_names(grid, s, result);
        add_description(grid, sheet, row);
        for (size_t m = 0; m < PUBLISHED; m++) {
            if (!is_shown(page, m)) continue;
            const size_t column = qf_sheet_find(sheet, published_metrics[m].column);
            qf_grid_add(grid, "%.4f", qf_result_summary(result, published_metrics[m].field).mean);
            if (m == 0) add_range(grid, result, published_metrics[m].field);
            add_theirs(grid, qf_published_share(sheet, row, column));
        }
    }
}

static void write_published(qf_page *page, const qf_results *results, const qf_sheet *sheet) {
    qf_grid_column columns[NAMES + 2 + 2 * PUBLISHED];
    const shown s = find_shown(results);
    qf_bytes title = {0};
    if (page->status == QF_OK) page->status = describe_row(sheet, SIZE_MAX, &title, page->error);
    size_t count = name_columns(s, columns);
    columns[count++] = (qf_grid_column){.title = (const char *)title.data};
    for (size_t m = 0; m < PUBLISHED; m++) {
        if (!is_shown(page, m)) continue;
        columns[count++] = (qf_grid_column){published_metrics[m].title, "mean over seeds", true};
        if (m == 0)
            columns[count++] = (qf_grid_column){"range", "of the seeds, least to greatest", true};
        columns[count++] = (qf_grid_column){"published", NULL, true};
    }
    qf_grid grid = {
        .columns = columns, .column_count = count, .error = page->error, .status = page->status};
    for (size_t i = 0; i < results->count; i++) {
        add_published(page, &grid, sheet, &results->items[i], s);
    }
    if (grid.cell_count > 0) {
        qf_page_heading(page, "Beside the published numbers");
        qf_page_paragraph(page,
                          "Precision, recall and F1 are weighted by class here, as "
                          "published. The published values come from one split each.");
    }
    if (grid.cell_count > 0 || grid.status != QF_OK) qf_page_grid(page, &grid);
    qf_grid_free(&grid);
    free(title.data);
}

/* In HTML they stand on the models' cards. */
static void write_confusion(qf_page *page, const qf_results *results, const qf_sheet *sheet) {
    static const char *const titles[] = {"Legitimate", "False alarms", "Missed frauds", "Frauds"};
    qf_grid_column columns[1 + 2 * QF_CONFUSION] = {{.title = "Model"}};
    size_t count = 1;
    for (size_t k = 0; k < QF_CONFUSION; k++) {
        columns[count++] = (qf_grid_column){titles[k], "called so, mean over seeds", true};
        columns[count++] = (qf_grid_column){"published", NULL, true};
    }
    qf_grid grid = {.columns = columns, .column_count = count, .error = page->error};
    for (size_t i = 0; i < results->count; i++) {
        const qf_result *result = &results->items[i];
        double theirs[QF_CONFUSION];
        if (!qf_published_confusion(sheet, result->runs[0], theirs)) continue;
        qf_grid_add_result(page, &grid, results, i);
        for (size_t k = 0; k < QF_CONFUSION; k++) {
            qf_grid_add(&grid, "%.1f", qf_result_summary(result, qf_confusion_columns[k]).mean);
            qf_grid_add(&grid, "%.0f", theirs[k]);
        }
    }
    if (grid.cell_count > 0 || grid.status != QF_OK) qf_page_grid(page, &grid);
    qf_grid_free(&grid);
}

/* Mean seconds of a result's step; NaN where it was not timed. */
static double mean_seconds(const qf_sheet *t, const qf_result *result, const char *step) {
    const size_t keys[] = {qf_sheet_find(t, "model"), qf_sheet_find(t, "variant"),
                           qf_sheet_find(t, "protocol"), qf_sheet_find(t, "step")};
    const char *const wanted[] = {result->model, result->variant, result->protocol, step};
    const size_t seconds = qf_sheet_find(t, "seconds");
    double sum = 0;
    size_t count = 0;
    for (size_t row = 0; row < t->rows; row++) {
        bool found = true;
        for (size_t k = 0; k < 4; k++) {
            found &= strcmp(qf_sheet_cell(t, row, keys[k]), wanted[k]) == 0;
        }
        const char *text = qf_sheet_cell(t, row, seconds);
        double value;
        if (!found || qf_parse_double(text, strlen(text), &value) != QF_NUMBER_VALID) continue;
        sum += value;
        count++;
    }
    return count ? sum / (double)count : NAN;
}

enum { MAX_STEPS = 8 };

static size_t find_steps(const qf_sheet *t, const char *steps[MAX_STEPS]) {
    const size_t column = qf_sheet_find(t, "step");
    size_t count = 0;
    for (size_t row = 0; row < t->rows; row++) {
        size_t i = 0;
        while (i < count && strcmp(steps[i], qf_sheet_cell(t, row, column)) != 0) i++;
        if (i == count && count < MAX_STEPS) steps[count++] = qf_sheet_cell(t, row, column);
    }
    return count;
}

static void write_timings(qf_page *page, const qf_results *results, const qf_sheet *timings) {
    qf_grid_column columns[NAMES + MAX_STEPS];
    const char *steps[MAX_STEPS];
    const shown s = find_shown(results);
    size_t count = name_columns(s, columns);
    const size_t step_count = find_steps(timings, steps);
    for (size_t i = 0; i < step_count; i++) {
        columns[count++] = (qf_grid_column){steps[i], "seconds, mean over seeds", true};
    }
    qf_grid grid = {.columns = columns, .column_count = count, .error = page->error};
    for (size_t i = 0; i < results->count; i++) {
        add_names(&grid, s, &results->items[i]);
        for (size_t k = 0; k < step_count; k++) {
            const double seconds = mean_seconds(timings, &results->items[i], steps[k]);
            if (isnan(seconds)) {
                qf_grid_add(&grid, "%s", "");
            } else {
                qf_grid_add(&grid, "%.3f s", seconds);
            }
        }
    }
    qf_page_heading(page, "Time");
    qf_page_paragraph(page,
                      "Wall time of the whole command, mean over seeds: reading its input and "
                      "starting included, one thread, beside other jobs.");
    qf_page_grid(page, &grid);
    qf_grid_free(&grid);
}

static void write_method(qf_page *page, const qf_results *results) {
    const qf_record *run = results->items[0].runs[0];
    const double rate = qf_record_number(run, "alert_rate");
    qf_page_heading(page, "How the numbers were made");
    qf_page_paragraph(page,
                      "A row is called fraud when its probability is greater than the model's "
                      "threshold. PR-AUC is average precision: the sum over recall steps of the "
                      "precision reached, tied scores taken together; a model that guesses has "
                      "the share of fraud.");
    if (!isnan(rate)) {
        qf_page_paragraph(page,
                          "Recall at alert: the share of frauds among the %.4g %% of rows "
                          "with the highest scores, the expected value where scores tie.",
                          100 * rate);
    }
    qf_page_paragraph(
        page,
        "\xc2\xb1 is half of a 95 %% interval over seeds: Student's t with one "
        "degree of freedom less than seeds, the variance corrected for test parts "
        "that overlap (Nadeau and Bengio 2003). With fewer than three seeds, or where "
        "two have the same test rows, there is none. Intervals of two models may overlap although one is better on "
        "every seed: differences need a paired test.");
    qf_page_paragraph(page,
                      "Violations are what the recorded commands and row identities prove: "
                      "every row keeps its number in the original file through every step. "
                      "Without an entry nothing was found.");
}

static void write_commands(qf_page *page, const qf_report *report, const qf_results *results) {
    if (!report->commands) return;
    qf_page_heading(page, "Provenance");
    qf_page_paragraph(page,
                      "The commands behind the first run of each result, the last command "
                      "first, what it read indented beneath. Other runs differ in their seeds.");
    for (size_t i = 0; i < results->count; i++) {
        qf_bytes name = {0};
        qf_page title = {QF_PAGE_TEXT, false, &name, page->error, QF_OK};
        qf_result_name(&title, results, i);
        if (page->status == QF_OK) page->status = title.status;
        const size_t first = (size_t)(results->items[i].runs[0] - report->records);
        if (page->status == QF_OK) {
            qf_page_block(page, (const char *)name.data, report->commands[first]);
        }
        free(name.data);
    }
}

static void write_comparisons(qf_page *page, const qf_report *report) {
    if (report->comparison_count == 0) return;
    qf_page_heading(page, "Which is better");
    qf_write_comparisons(page, report->comparisons, report->comparison_count);
}

/* What a line says of intervals where the table is all there is. */
static void write_note(qf_page *page, const qf_results *results) {
    bool intervals = false;
    for (size_t i = 0; i < results->count; i++) {
        intervals |= !isnan(qf_result_summary(&results->items[i], "accuracy").half_width);
    }
    qf_page_paragraph(page, "%s",
                      intervals ? "\xc2\xb1: half of a 95 % interval over seeds, corrected for "
                                  "overlapping test parts."
                                : "No intervals: they take three seeds, each with a split of its "
                                  "own.");
}

static void write_audit(qf_page *page, const qf_report *report) {
    if (!report->audit) return;
    qf_page_heading(page, "What the audit found");
    qf_page_block(page, NULL, report->audit);
}

static void write_models(qf_page *page, const qf_report *report, const qf_results *results,
                         const qf_results *training) {
    const bool text = page->format == QF_PAGE_TEXT, html = page->format == QF_PAGE_HTML;
    write_subject(page, report, results);
    write_results(page, results, training);
    qf_write_reasons(page, results);
    if (html) qf_figure_overview(page, results, report->published);
    if (report->published) write_published(page, results, report->published);
    if (page->format == QF_PAGE_MARKDOWN) write_confusion(page, results, report->published);
    write_comparisons(page, report);
    qf_write_kernels(page, results);
    qf_write_trainings(page, results, report->epochs);
    qf_write_training_and_test(page, results, training);
    qf_write_all_curves(page, results);
    qf_write_false_values(page, results);
    qf_write_tuning(page, report->curves, report->curve_count);
    qf_write_noise(page, report->noise, report->noise_count);
    qf_write_correlations(page, report->profile, report->profile_count);
    if (html) qf_write_cards(page, results, report->published);
    if (report->timings && !text) write_timings(page, results, report->timings);
    write_audit(page, report);
    if (text) {
        write_note(page, results);
        return;
    }
    write_method(page, results);
    write_commands(page, report, results);
}

static bool same_fields(const qf_record *a, const qf_record *b) {
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->fields[i].name, b->fields[i].name) != 0) return false;
    }
    return true;
}

static void add_value(qf_grid *grid, const qf_field *field) {
    if (field->kind == QF_FIELD_REALS || field->kind == QF_FIELD_TEXTS) {
        qf_grid_add(grid, "[%zu values]", field->count);
        return;
    }
    qf_bytes text = {0};
    qf_status status = qf_bytes_append(&text, "", 0, grid->error);
    if (status == QF_OK && field->kind == QF_FIELD_REAL && isfinite(field->real)) {
        status = qf_bytes_print(&text, grid->error, "%.6g", field->real);
    } else if (status == QF_OK) {
        status = qf_field_print(field, &text, grid->error);
    }
    if (status == QF_OK) qf_grid_add(grid, "%s", (char *)text.data);
    if (grid->status == QF_OK) grid->status = status;
    free(text.data);
}

/* Records of the same fields that follow each other are a table. */
static void write_others(qf_page *page, const qf_report *report) {
    for (size_t from = 0, to; from < report->count && page->status == QF_OK; from = to) {
        const qf_record *first = &report->records[from];
        for (to = from + 1; to < report->count && same_fields(first, &report->records[to]);) to++;
        if (first->count == 0) continue;
        qf_grid_column *columns = qf_new_array(first->count, sizeof *columns, page->error);
        if (!columns) {
            page->status = QF_MEMORY;
            return;
        }
        for (size_t c = 0; c < first->count; c++) {
            const qf_field_kind kind = first->fields[c].kind;
            columns[c] = (qf_grid_column){first->fields[c].name, NULL,
                                          kind == QF_FIELD_INTEGER || kind == QF_FIELD_REAL};
        }
        qf_grid grid = {.columns = columns, .column_count = first->count, .error = page->error};
        for (size_t r = from; r < to; r++) {
            const qf_record *record = &report->records[r];
            for (size_t c = 0; c < record->count; c++) add_value(&grid, &record->fields[c]);
        }
        qf_page_grid(page, &grid);
        qf_grid_free(&grid);
        free(columns);
    }
}

static qf_status write_csv(const qf_report *report, bool models, qf_bytes *out, qf_error *error) {
    if (report->columns) {
        return qf_records_csv_of(report->records, report->count, report->columns, report->published,
                                 out, error);
    }
    if (models) {
        size_t count = 0;
        while (qf_metrics_columns[count]) count++;
        return qf_records_csv(report->records, report->count, qf_metrics_columns, count, out,
                              error);
    }
    const char **columns;
    size_t count;
    qf_status status = qf_records_columns(report->records, report->count, &columns, &count, error);
    if (status == QF_OK) {
        status = qf_records_csv(report->records, report->count, columns, count, out, error);
    }
    free(columns);
    return status;
}

/* Whether all records are of models, or all comparisons; QF_MISMATCH for a mixture. */
static qf_status find_kind(const qf_report *report, bool *models, bool *comparisons,
                           qf_error *error) {
    size_t of_models = 0, of_comparisons = 0;
    for (size_t i = 0; i < report->count; i++) {
        of_models += *qf_record_text(&report->records[i], "model") != 0;
        of_comparisons += qf_is_comparison(&report->records[i]);
    }
    *models = of_models > 0;
    *comparisons = !*models && of_comparisons > 0 && of_comparisons == report->count;
    if (report->circuit_count > 0 && !*comparisons) {
        return qf_fail(error, QF_MISMATCH,
                       "diagnoses of circuits go with comparisons of circuits and their twins");
    }
    if (of_models == 0 || of_models == report->count) return QF_OK;
    return qf_fail(error, QF_MISMATCH,
                   "metrics of models and other records do not go into one report");
}

static bool is_training(const qf_record *record) {
    return strcmp(qf_record_text(record, "part"), "train") == 0;
}

static void write_circuits(qf_page *page, const qf_report *report) {
    qf_write_circuits(page, report->circuits, report->circuit_count, report->records,
                      report->count);
    write_audit(page, report);
}

static bool are_diagnoses(const qf_report *report) {
    for (size_t i = 0; i < report->count; i++) {
        if (!qf_is_diagnosis(&report->records[i])) return false;
    }
    return report->count > 0;
}

static qf_status write_page(const qf_report *report, const qf_report *training, bool models,
                            bool comparisons, qf_page *page) {
    qf_results results = {0}, trained = {0};
    const bool diagnoses = are_diagnoses(report);
    qf_status status = QF_OK;
    if (models) status = qf_results_group(report->records, report->count, &results, page->error);
    if (status == QF_OK && models) {
        status = qf_results_group(training->records, training->count, &trained, page->error);
    }
    if (status == QF_OK) {
        qf_page_begin(page, report->title ? report->title
                            : models      ? "Fraud detection: results"
                            : comparisons ? "Which is better"
                            : diagnoses   ? "Quantum circuits"
                                          : "qf report");
        if (models) {
            write_models(page, report, &results, &trained);
        } else if (report->circuit_count > 0) {
            write_circuits(page, report);
        } else if (comparisons) {
            qf_write_comparisons(page, report->records, report->count);
        } else if (diagnoses) {
            qf_write_circuits(page, report->records, report->count, NULL, 0);
        } else {
            write_others(page, report);
        }
        qf_page_end(page);
        status = page->status;
    }
    qf_results_free(&results);
    qf_results_free(&trained);
    return status;
}

static qf_status write_parts(const qf_report *report, const qf_report *training,
                             qf_report_format format, qf_bytes *out, qf_error *error) {
    bool models, comparisons;
    QF_TRY(find_kind(report, &models, &comparisons, error));
    if (format == QF_REPORT_CSV) return write_csv(report, models, out, error);
    static const qf_page_format formats[] = {[QF_REPORT_TEXT] = QF_PAGE_TEXT,
                                             [QF_REPORT_MARKDOWN] = QF_PAGE_MARKDOWN,
                                             [QF_REPORT_HTML] = QF_PAGE_HTML};
    qf_page page = {formats[format], report->colour, out, error, QF_OK};
    return write_page(report, training, models, comparisons, &page);
}

qf_status qf_report_write(const qf_report *report, qf_report_format format, qf_bytes *out,
                          qf_error *error) {
    /* Both lists borrow the records: test rows first, training rows behind them. */
    qf_record *records = qf_new_array(report->count, sizeof *records, error);
    const char **commands = qf_new_array(report->count, sizeof *commands, error);
    qf_report test = *report, training = *report;
    qf_status status = records && commands ? QF_OK : QF_MEMORY;
    size_t filled = 0;
    for (int part = 0; status == QF_OK && part < 2; part++) {
        for (size_t i = 0; i < report->count; i++) {
            if (is_training(&report->records[i]) != (part == 1)) continue;
            if (report->commands) commands[filled] = report->commands[i];
            records[filled++] = report->records[i];
        }
        if (part == 0) test.count = filled;
    }
    test.records = records;
    test.commands = report->commands ? commands : NULL;
    training.records = records ? records + test.count : NULL;
    training.count = report->count - test.count;
    if (status == QF_OK && test.count == 0 && report->count > 0) {
        status =
            qf_fail(error, QF_MISMATCH, "all metrics are of rows trained on: nothing to report");
    }
    if (status == QF_OK) status = write_parts(&test, &training, format, out, error);
    free(records);
    free(commands);
    return status;
}
