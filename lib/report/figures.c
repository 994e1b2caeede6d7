#include "report/figures.h"

#include "base/number.h"
#include "report/axes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool differ(const qf_results *results, size_t offset) {
    for (size_t i = 1; i < results->count; i++) {
        const char *a, *b;
        memcpy(&a, (const char *)&results->items[i] + offset, sizeof a);
        memcpy(&b, (const char *)&results->items[0] + offset, sizeof b);
        if (strcmp(a, b) != 0) return true;
    }
    return false;
}

void qf_result_name(qf_page *page, const qf_results *results, size_t index) {
    const qf_result *r = &results->items[index];
    const char *const parts[] = {
        r->model,
        differ(results, offsetof(qf_result, variant)) ? r->variant : "",
        differ(results, offsetof(qf_result, protocol)) ? r->protocol : "",
    };
    for (size_t i = 0; i < 3; i++) {
        if (!*parts[i]) continue;
        if (i) qf_page_raw(page, ", ");
        qf_page_escape(page, parts[i]);
    }
    if (!differ(results, offsetof(qf_result, data_digest))) return;
    qf_page_raw(page, ", data ");
    char digest[9];
    snprintf(digest, sizeof digest, "%s", r->data_digest);
    qf_page_escape(page, digest);
}

static bool is_flagged(const qf_result *result) {
    for (size_t i = 0; i < result->count; i++) {
        if (*qf_record_text(result->runs[i], "violations")) return true;
    }
    return false;
}

double qf_published_value(const qf_sheet *published, const char *model, const char *column,
                          double ours) {
    double nearest = NAN;
    if (!published) return NAN;
    const size_t models = qf_sheet_find(published, "model");
    const size_t values = qf_sheet_find(published, column);
    for (size_t row = 0; row < published->rows; row++) {
        const char *text = qf_sheet_cell(published, row, values);
        double percent;
        if (strcmp(qf_sheet_cell(published, row, models), model) != 0 ||
            qf_parse_double(text, strlen(text), &percent) != QF_NUMBER_VALID) {
            continue;
        }
        const double value = percent / 100;
        if (isnan(nearest) || fabs(value - ours) < fabs(nearest - ours)) nearest = value;
    }
    return nearest;
}

static void widen(double value, double *from, double *to) {
    if (isnan(value)) return;
    *from = fmin(*from, value);
    *to = fmax(*to, value);
}

typedef struct overview {
    const qf_results *results;
    const qf_sheet *published;
    const char *metric, *title, *published_column; /* NULL: none published */
} overview;

static double published_of(const overview *o, size_t i, double ours) {
    if (!o->published_column) return NAN;
    return qf_published_value(o->published, o->results->items[i].model, o->published_column, ours);
}

/* The range that holds every run, interval and published value. */
static void find_range(const overview *o, double *from, double *to) {
    *from = 1;
    *to = 0;
    for (size_t i = 0; i < o->results->count; i++) {
        const qf_result *result = &o->results->items[i];
        const qf_summary s = qf_result_summary(result, o->metric);
        for (size_t r = 0; r < result->count; r++) {
            widen(qf_record_number(result->runs[r], o->metric), from, to);
        }
        widen(published_of(o, i, s.mean), from, to);
        widen(fmax(s.mean - s.half_width, 0), from, to);
        widen(fmin(s.mean + s.half_width, 1), from, to);
    }
    if (*from > *to) *from = 0, *to = 1;
}

static void draw_result(qf_page *page, const overview *o, size_t i, const qf_plot *p, double y) {
    const qf_result *result = &o->results->items[i];
    const qf_summary s = qf_result_summary(result, o->metric);
    if (s.count == 0) return;
    qf_page_raw(page, "<g%s><title>", is_flagged(result) ? " class=\"flagged\"" : "");
    qf_result_name(page, o->results, i);
    qf_page_raw(page, ": %.4f", s.mean);
    if (!isnan(s.half_width)) qf_page_raw(page, " \xc2\xb1 %.4f", s.half_width);
    const double theirs = published_of(o, i, s.mean);
    if (!isnan(theirs)) qf_page_raw(page, ", published %.3f", theirs);
    qf_page_raw(page, "</title>");
    for (size_t r = 0; r < result->count; r++) {
        const double value = qf_record_number(result->runs[r], o->metric);
        if (isnan(value)) continue;
        qf_page_raw(page, "<circle class=\"run\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>",
                    qf_plot_x(p, value), y + 7);
    }
    if (!isnan(s.half_width)) {
        qf_draw_line(page, "interval", qf_plot_x(p, fmax(s.mean - s.half_width, 0)), y - 3,
                     qf_plot_x(p, fmin(s.mean + s.half_width, 1)), y - 3);
    }
    if (!isnan(theirs)) {
        qf_page_raw(page, "<path class=\"published\" d=\"M%.1f %.1fl8 8l-8 8l-8 -8z\"/>",
                    qf_plot_x(p, theirs), y - 11);
    }
    qf_page_raw(page, "<circle class=\"mean\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>",
                qf_plot_x(p, s.mean), y - 3);
    char text[32];
    snprintf(text, sizeof text, "%.3f", s.mean);
    qf_draw_label(page, "", p->left + p->width + 8, y + 1, "start", text);
    qf_page_raw(page, "</g>\n");
}

enum { ROW_HEIGHT = 34, LABEL_WIDTH = 190, PANEL_WIDTH = 390, PANEL_GAP = 72 };

void qf_figure_overview(qf_page *page, const qf_results *results, const qf_sheet *published) {
    const overview panels[] = {
        {results, published, "accuracy", "Accuracy", "accuracy"},
        {results, published, "pr_auc", "PR-AUC (average precision)", NULL},
    };
    const double height = (double)results->count * ROW_HEIGHT;
    qf_page_raw(page,
                "<figure><svg viewBox=\"0 0 %d %.0f\" width=\"%d\" role=\"img\" "
                "aria-label=\"Accuracy and PR-AUC of every model\">\n",
                LABEL_WIDTH + 2 * (PANEL_WIDTH + PANEL_GAP), height + 56,
                LABEL_WIDTH + 2 * (PANEL_WIDTH + PANEL_GAP));
    for (size_t i = 0; i < results->count; i++) {
        const double y = 26 + ((double)i + 0.5) * ROW_HEIGHT;
        qf_page_raw(page, "<g%s><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">",
                    is_flagged(&results->items[i]) ? " class=\"flagged\"" : "", LABEL_WIDTH - 14,
                    y + 4);
        if (is_flagged(&results->items[i])) qf_page_raw(page, "\xe2\x9a\xa0 ");
        qf_result_name(page, results, i);
        qf_page_raw(page, "</text></g>\n");
    }
    for (size_t k = 0; k < 2; k++) {
        qf_plot p = {.left = LABEL_WIDTH + (double)k * (PANEL_WIDTH + PANEL_GAP),
                     .top = 26,
                     .width = PANEL_WIDTH,
                     .height = height};
        find_range(&panels[k], &p.x_from, &p.x_to);
        const double step = qf_nice_step(&p.x_from, &p.x_to, 6);
        qf_draw_x_ticks(page, &p, step);
        qf_draw_label(page, "", p.left, 14, "start", panels[k].title);
        for (size_t i = 0; i < results->count; i++) {
            draw_result(page, &panels[k], i, &p, 26 + ((double)i + 0.5) * ROW_HEIGHT);
        }
    }
    qf_page_raw(page,
                "</svg><figcaption>Dot: mean over seeds; bar: 95 %% interval (three seeds or "
                "more); small circles: the seeds; %shollow with \xe2\x9a\xa0: the protocol was "
                "violated, see the table. The axes do not begin at 0.</figcaption></figure>\n",
                published ? "diamond: the published value nearest to ours; " : "");
}

/* Precision at a recall: that of the first point of the curve which reaches it, as in average
 * precision. NaN without a curve. */
static double precision_at(const qf_record *run, double recall) {
    const qf_field *x = qf_record_find(run, "pr_recall"), *y = qf_record_find(run, "pr_precision");
    if (!x || !y || x->kind != QF_FIELD_REALS || y->kind != QF_FIELD_REALS) return NAN;
    for (size_t i = 0; i < x->count && i < y->count; i++) {
        if (x->reals[i] >= recall - 1e-12) return y->reals[i];
    }
    return NAN;
}

enum { CURVE_STEPS = 100 };

typedef struct band {
    double mean, least, greatest;
} band;

static band precision_band(const qf_result *result, double recall) {
    band b = {.least = 1};
    size_t count = 0;
    for (size_t i = 0; i < result->count; i++) {
        const double precision = precision_at(result->runs[i], recall);
        if (isnan(precision)) continue;
        b.mean += precision;
        b.least = fmin(b.least, precision);
        b.greatest = fmax(b.greatest, precision);
        count++;
    }
    b.mean = count ? b.mean / (double)count : NAN;
    return b;
}

const qf_plot qf_curve_plot = {40, 10, 210, 210, 0, 1, 0, 1};

void qf_figure_define_curves(qf_page *page, const qf_results *results) {
    qf_page_raw(page,
                "<svg width=\"0\" height=\"0\" style=\"position:absolute\" "
                "aria-hidden=\"true\"><defs>\n");
    for (size_t i = 0; i < results->count; i++) {
        const char *pen = "M";
        qf_page_raw(page, "<path id=\"curve-%zu\" d=\"", i);
        for (int k = 0; k <= CURVE_STEPS; k++) {
            const double recall = (double)k / CURVE_STEPS;
            const band b = precision_band(&results->items[i], recall);
            if (isnan(b.mean)) continue;
            qf_page_raw(page, "%s%.1f %.1f", pen, qf_plot_x(&qf_curve_plot, recall),
                        qf_plot_y(&qf_curve_plot, b.mean));
            pen = "L";
        }
        qf_page_raw(page, "\"/>\n");
    }
    qf_page_raw(page, "</defs></svg>\n");
}

static void begin_square(qf_page *page, const char *what, const char *x_title,
                         const char *y_title) {
    qf_page_raw(page,
                "<figure><svg viewBox=\"0 0 270 262\" width=\"270\" role=\"img\" "
                "aria-label=\"%s\">",
                what);
    qf_draw_x_ticks(page, &qf_curve_plot, 0.5);
    qf_draw_y_ticks(page, &qf_curve_plot, 0.5);
    qf_draw_label(page, "soft", qf_curve_plot.left + qf_curve_plot.width / 2, 256, "middle",
                  x_title);
    qf_page_raw(page,
                "<text class=\"soft\" transform=\"translate(12 %.1f) rotate(-90)\" "
                "text-anchor=\"middle\">%s</text>\n",
                qf_curve_plot.top + qf_curve_plot.height / 2, y_title);
}

static void draw_band(qf_page *page, const qf_result *result) {
    if (result->count < 2) return;
    qf_page_raw(page, "<path class=\"band\" d=\"");
    const char *pen = "M";
    for (int k = 0; k < 2 * (CURVE_STEPS + 1); k++) {
        const bool back = k > CURVE_STEPS;
        const int step = back ? 2 * CURVE_STEPS + 1 - k : k;
        const double recall = (double)step / CURVE_STEPS;
        const band b = precision_band(result, recall);
        if (isnan(b.mean)) continue;
        qf_page_raw(page, "%s%.1f %.1f", pen, qf_plot_x(&qf_curve_plot, recall),
                    qf_plot_y(&qf_curve_plot, back ? b.least : b.greatest));
        pen = "L";
    }
    qf_page_raw(page, "\"/>\n");
}

static void draw_curves(qf_page *page, const qf_results *results, size_t index) {
    const qf_result *result = &results->items[index];
    const qf_summary area = qf_result_summary(result, "pr_auc");
    const qf_summary base = qf_result_summary(result, "prevalence_test");
    begin_square(page, "Precision-recall curve", "recall", "precision");
    if (!isnan(base.mean)) {
        const double y = qf_plot_y(&qf_curve_plot, base.mean);
        qf_draw_line(page, "base", qf_curve_plot.left, y, qf_curve_plot.left + qf_curve_plot.width,
                     y);
    }
    for (size_t i = 0; i < results->count; i++) {
        if (i != index) qf_page_raw(page, "<use class=\"other\" href=\"#curve-%zu\"/>", i);
    }
    draw_band(page, result);
    qf_page_raw(page, "<use class=\"curve\" href=\"#curve-%zu\"/></svg>", index);
    qf_page_raw(page, "<figcaption>Precision and recall; ");
    if (!isnan(area.mean)) qf_page_raw(page, "PR-AUC %.3f, ", area.mean);
    qf_page_raw(page, "dashed: the share of fraud</figcaption></figure>\n");
}

/* The share of frauds found among a share of the rows, the first run's curve. */
static void draw_gains(qf_page *page, const qf_result *result) {
    const qf_field *x = qf_record_find(result->runs[0], "gains_alerts");
    const qf_field *y = qf_record_find(result->runs[0], "gains_recall");
    if (!x || !y || x->kind != QF_FIELD_REALS || y->kind != QF_FIELD_REALS) return;
    begin_square(page, "Gains curve", "share of rows looked into", "share of fraud found");
    qf_draw_line(page, "base", qf_plot_x(&qf_curve_plot, 0), qf_plot_y(&qf_curve_plot, 0),
                 qf_plot_x(&qf_curve_plot, 1), qf_plot_y(&qf_curve_plot, 1));
    qf_page_raw(page, "<path class=\"curve\" d=\"M%.1f %.1f", qf_plot_x(&qf_curve_plot, 0),
                qf_plot_y(&qf_curve_plot, 0));
    for (size_t i = 0; i < x->count && i < y->count; i++) {
        qf_page_raw(page, "L%.1f %.1f", qf_plot_x(&qf_curve_plot, x->reals[i]),
                    qf_plot_y(&qf_curve_plot, y->reals[i]));
    }
    const qf_summary cost = qf_result_summary(result, "expected_cost");
    qf_page_raw(page, "\"/></svg><figcaption>Gains, the first seed; ");
    if (!isnan(cost.mean)) {
        qf_page_raw(page,
                    "expected cost a row %.3f, where a false alarm costs %g and a missed "
                    "fraud %g; ",
                    cost.mean, qf_record_number(result->runs[0], "cost_fp"),
                    qf_record_number(result->runs[0], "cost_fn"));
    }
    qf_page_raw(page, "dashed: looking at random</figcaption></figure>\n");
}

enum { BINS = 15 };

/* A run's calibration bins added into those which their mean probability names. */
static void add_bins(const qf_record *run, double rows[BINS], double mean[BINS],
                     double rate[BINS]) {
    const qf_field *m = qf_record_find(run, "calibration_mean");
    const qf_field *r = qf_record_find(run, "calibration_rate");
    const qf_field *n = qf_record_find(run, "calibration_rows");
    if (!m || !r || !n || m->kind != QF_FIELD_REALS || r->kind != QF_FIELD_REALS ||
        n->kind != QF_FIELD_REALS || m->count != r->count || m->count != n->count) {
        return;
    }
    for (size_t i = 0; i < m->count; i++) {
        if (!(m->reals[i] >= 0 && m->reals[i] <= 1)) continue;
        const size_t bin = (size_t)fmin(m->reals[i] * BINS, BINS - 1);
        rows[bin] += n->reals[i];
        mean[bin] += n->reals[i] * m->reals[i];
        rate[bin] += n->reals[i] * r->reals[i];
    }
}

static void draw_calibration(qf_page *page, const qf_result *result) {
    double rows[BINS] = {0}, mean[BINS] = {0}, rate[BINS] = {0}, total = 0;
    for (size_t i = 0; i < result->count; i++) add_bins(result->runs[i], rows, mean, rate);
    for (size_t b = 0; b < BINS; b++) total += rows[b];
    begin_square(page, "Calibration", "predicted probability", "share of fraud");
    qf_draw_line(page, "base", qf_plot_x(&qf_curve_plot, 0), qf_plot_y(&qf_curve_plot, 0),
                 qf_plot_x(&qf_curve_plot, 1), qf_plot_y(&qf_curve_plot, 1));
    for (size_t b = 0; b < BINS; b++) {
        if (!(rows[b] > 0)) continue;
        qf_page_raw(page,
                    "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"><title>%.0f rows: "
                    "predicted %.3f, fraud %.3f</title></circle>\n",
                    qf_plot_x(&qf_curve_plot, mean[b] / rows[b]),
                    qf_plot_y(&qf_curve_plot, rate[b] / rows[b]), 2.5 + 10 * sqrt(rows[b] / total),
                    rows[b], mean[b] / rows[b], rate[b] / rows[b]);
    }
    const qf_summary ece = qf_result_summary(result, "ece");
    qf_page_raw(page, "</svg><figcaption>Calibration; ");
    if (!isnan(ece.mean)) qf_page_raw(page, "expected error %.3f, ", ece.mean);
    qf_page_raw(page, "area of a dot: its share of rows</figcaption></figure>\n");
}

static void confusion_cell(qf_page *page, const qf_result *result, const char *cell,
                           const char *other, bool wrong) {
    const double count = qf_result_summary(result, cell).mean;
    const double rest = qf_result_summary(result, other).mean;
    qf_page_raw(page, "<td%s>%.*f", wrong ? " class=\"wrong\"" : "", result->count > 1 ? 1 : 0,
                count);
    /* The test rows may have one class alone. */
    if (count + rest > 0) qf_page_raw(page, "<small>%.1f %%</small>", 100 * count / (count + rest));
    qf_page_raw(page, "</td>");
}

static void draw_confusion(qf_page *page, const qf_result *result) {
    qf_page_raw(page,
                "<figure><table class=\"confusion\"><thead><tr><td></td><th scope=\"col\">called "
                "legitimate</th><th scope=\"col\">called fraud</th></tr></thead><tbody><tr><th "
                "scope=\"row\">legitimate</th>");
    confusion_cell(page, result, "tn", "fp", false);
    confusion_cell(page, result, "fp", "tn", true);
    qf_page_raw(page, "</tr><tr><th scope=\"row\">fraud</th>");
    confusion_cell(page, result, "fn", "tp", true);
    confusion_cell(page, result, "tp", "fn", false);
    qf_page_raw(page,
                "</tr></tbody></table><figcaption>%s of the test rows, and their share of the "
                "row</figcaption></figure>\n",
                result->count > 1 ? "Mean number over seeds" : "Number");
}

void qf_figure_card(qf_page *page, const qf_results *results, size_t index) {
    const qf_result *result = &results->items[index];
    qf_page_raw(page, "<section class=\"card\"><h3>");
    qf_result_name(page, results, index);
    qf_page_raw(page, is_flagged(result)
                          ? " <span class=\"badge\">\xe2\x9a\xa0 violated protocol</span></h3>"
                          : "</h3>");
    qf_page_raw(page, "<div class=\"panels\">\n");
    draw_curves(page, results, index);
    draw_gains(page, result);
    draw_calibration(page, result);
    draw_confusion(page, result);
    qf_page_raw(page, "</div></section>\n");
}
