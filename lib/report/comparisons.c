#include "report/comparisons.h"

#include "report/axes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool qf_is_comparison(const qf_record *record) {
    return *qf_record_text(record, "first") && *qf_record_text(record, "second") &&
           *qf_record_text(record, "verdict");
}

static double number(const qf_record *record, const char *name) {
    return qf_record_number(record, name);
}

/* "PR-AUC" for pr_auc; other names as they are, '_' as a blank. */
static void print_metric(const qf_record *record, char name[64]) {
    const char *metric = qf_record_text(record, "metric");
    snprintf(name, 64, "%s",
             strcmp(metric, "pr_auc") == 0    ? "PR-AUC"
             : strcmp(metric, "roc_auc") == 0 ? "ROC-AUC"
             : strcmp(metric, "mcc") == 0     ? "MCC"
                                              : metric);
    for (char *c = name; *c; c++) {
        if (*c == '_') *c = ' ';
    }
}

static void write_sentence(qf_page *page, const qf_record *r) {
    char metric[64], interval[128] = "fewer than three splits, so no interval", rest[128] = "";
    const double difference = number(r, "difference"), low = number(r, "low");
    const char *verdict = qf_record_text(r, "verdict");
    print_metric(r, metric);
    if (!isnan(low)) {
        snprintf(interval, sizeof interval, "95 %% interval %+.4f to %+.4f, %.0f splits", low,
                 number(r, "high"), number(r, "splits"));
    }
    if (strcmp(verdict, "non-inferior") == 0) {
        snprintf(rest, sizeof rest, " within %g", number(r, "margin"));
    } else if (strcmp(verdict, "undecided") == 0 && !isnan(number(r, "detectable"))) {
        snprintf(rest, sizeof rest,
                 "; so many splits would find a true difference of %.4f four times in five",
                 number(r, "detectable"));
    }
    qf_page_paragraph(page, "%s against %s: %s %s by %.4f (%s): %s%s.", qf_record_text(r, "first"),
                      qf_record_text(r, "second"), metric, difference < 0 ? "worse" : "better",
                      fabs(difference), interval, verdict, rest);
}

static void write_table(qf_page *page, const qf_record *records, size_t count) {
    static const qf_grid_column columns[] = {
        {"First", NULL, false},
        {"Second", NULL, false},
        {"Metric", NULL, false},
        {"First", "mean over splits", true},
        {"Second", "mean over splits", true},
        {"Difference", "by how much the first is better", true},
        {"95 % interval", "of the mean difference, corrected for overlapping test parts", true},
        {"p", "of no difference, Holm's over the family", true},
        {"Splits", NULL, true},
        {"Verdict", NULL, false},
    };
    qf_grid grid = {
        .columns = columns, .column_count = sizeof columns / sizeof *columns, .error = page->error};
    for (size_t i = 0; i < count; i++) {
        const qf_record *r = &records[i];
        char metric[64];
        print_metric(r, metric);
        qf_grid_add(&grid, "%s", qf_record_text(r, "first"));
        qf_grid_add(&grid, "%s", qf_record_text(r, "second"));
        qf_grid_add(&grid, "%s", metric);
        qf_grid_add(&grid, "%.4f", number(r, "first_mean"));
        qf_grid_add(&grid, "%.4f", number(r, "second_mean"));
        qf_grid_add(&grid, "%+.4f", number(r, "difference"));
        if (isnan(number(r, "low"))) {
            qf_grid_add(&grid, "%s", "");
            qf_grid_add(&grid, "%s", "");
        } else {
            qf_grid_add(&grid, "%+.4f to %+.4f", number(r, "low"), number(r, "high"));
            qf_grid_add(&grid, "%.3g", number(r, "p_different"));
        }
        qf_grid_add(&grid, "%.0f", number(r, "splits"));
        qf_grid_add(&grid, "%s", qf_record_text(r, "verdict"));
    }
    qf_page_grid(page, &grid);
    qf_grid_free(&grid);
}

static void draw_interval(qf_page *page, const qf_plot *p, const qf_record *r, double y) {
    char name[128];
    snprintf(name, sizeof name, "%.50s, %.40s", qf_record_text(r, "second"),
             qf_record_text(r, "metric"));
    qf_draw_label(page, "", p->left - 12, y + 4, "end", name);
    if (!isnan(number(r, "low"))) {
        qf_draw_line(page, "interval", qf_plot_x(p, number(r, "low")), y,
                     qf_plot_x(p, number(r, "high")), y);
    }
    const double margin = qf_plot_x(p, -number(r, "margin"));
    qf_draw_line(page, "margin", margin, y - 9, margin, y + 9);
    qf_page_raw(page, "<circle class=\"mean\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>",
                qf_plot_x(p, number(r, "difference")), y);
    qf_draw_label(page, "small", p->left + p->width + 8, y + 4, "start",
                  qf_record_text(r, "verdict"));
}

static void draw_intervals(qf_page *page, const qf_record *records, size_t count) {
    enum { ROW = 26 };
    qf_plot p = {250, 8, 440, (double)count * ROW, 0, 0, 0, 1};
    for (size_t i = 0; i < count; i++) {
        const double ends[] = {number(&records[i], "low"), number(&records[i], "high"),
                               number(&records[i], "difference"), -number(&records[i], "margin")};
        for (size_t k = 0; k < 4; k++) {
            if (isnan(ends[k])) continue;
            p.x_from = fmin(p.x_from, ends[k]);
            p.x_to = fmax(p.x_to, ends[k]);
        }
    }
    const double step = qf_nice_step(&p.x_from, &p.x_to, 6);
    qf_figure_begin(page, 800, p.height + 40, "Intervals of the differences between models");
    qf_draw_x_ticks(page, &p, step);
    qf_draw_line(page, "axis", qf_plot_x(&p, 0), p.top, qf_plot_x(&p, 0), p.top + p.height);
    for (size_t i = 0; i < count; i++) {
        draw_interval(page, &p, &records[i], p.top + ((double)i + 0.5) * ROW);
    }
    qf_figure_end(page,
                  "Dot and bar: by how much %.60s is better than each of the others, with its "
                  "95 %% interval; right of 0 is in its favour. Short stroke: the margin of "
                  "being not inferior.",
                  qf_record_text(&records[0], "first"));
}

void qf_write_comparisons(qf_page *page, const qf_record *records, size_t count) {
    if (count == 0) return;
    if (page->format != QF_PAGE_TEXT) write_table(page, records, count);
    if (page->format == QF_PAGE_HTML) draw_intervals(page, records, count);
    for (size_t i = 0; i < count; i++) write_sentence(page, &records[i]);
}
