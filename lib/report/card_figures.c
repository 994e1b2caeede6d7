#include "report/card_figures.h"

#include "report/figures.h"
#include "report/published.h"

#include <math.h>
#include <stdio.h>

/* The lists of a curve; NULL where the run has none. */
static const qf_field *find_curve(const qf_record *run, const char *x_name, const char *y_name,
                                  const qf_field **y) {
    const qf_field *x = qf_record_find(run, x_name);
    *y = qf_record_find(run, y_name);
    if (!x || !*y || x->kind != QF_FIELD_REALS || (*y)->kind != QF_FIELD_REALS ||
        x->count != (*y)->count || x->count == 0) {
        return NULL;
    }
    return x;
}

/* Precision at a recall: that of the first point of the curve which reaches it, as in average
 * precision. NaN without a curve. */
static double precision_at(const qf_record *run, double recall) {
    const qf_field *y, *x = find_curve(run, "pr_recall", "pr_precision", &y);
    for (size_t i = 0; x && i < x->count; i++) {
        if (x->reals[i] >= recall - 1e-12) return y->reals[i];
    }
    return NAN;
}

/* The share of frauds among a share of the rows, straight between the points: the expected value
 * where scores tie. NaN without a curve. */
static double gain_at(const qf_record *run, double alerts) {
    const qf_field *y, *x = find_curve(run, "gains_alerts", "gains_recall", &y);
    double last_x = 0, last_y = 0;
    for (size_t i = 0; x && i < x->count; i++) {
        if (x->reals[i] >= alerts) {
            const double step = x->reals[i] - last_x;
            return step > 0 ? last_y + (y->reals[i] - last_y) * (alerts - last_x) / step : last_y;
        }
        last_x = x->reals[i];
        last_y = y->reals[i];
    }
    return x ? last_y : NAN;
}

/* A curve of a run, both axes from 0 to 1. */
typedef double (*curve_at)(const qf_record *run, double x);

enum { CURVE_STEPS = 100 };

typedef struct spread {
    double mean, least, greatest; /* NaN without a curve */
} spread;

static spread spread_at(const qf_result *result, curve_at curve, double x) {
    spread s = {.least = INFINITY, .greatest = -INFINITY};
    size_t count = 0;
    for (size_t i = 0; i < result->count; i++) {
        const double y = curve(result->runs[i], x);
        if (isnan(y)) continue;
        s.mean += y;
        s.least = fmin(s.least, y);
        s.greatest = fmax(s.greatest, y);
        count++;
    }
    s.mean = count ? s.mean / (double)count : NAN;
    return s;
}

static void draw_mean(qf_page *page, const qf_plot *plot, const qf_result *result, curve_at curve,
                      const char *class) {
    qf_pen pen = qf_pen_begin(page, plot, class);
    for (int k = 0; k <= CURVE_STEPS; k++) {
        const double x = (double)k / CURVE_STEPS;
        qf_pen_move(&pen, x, spread_at(result, curve, x).mean);
    }
    qf_pen_end(&pen);
}

/* From the least to the greatest of the seeds. */
static void draw_band(qf_page *page, const qf_plot *plot, const qf_result *result, curve_at curve) {
    if (result->count < 2) return;
    qf_pen pen = qf_pen_begin(page, plot, "band");
    for (int k = 0; k < 2 * (CURVE_STEPS + 1); k++) {
        const bool back = k > CURVE_STEPS;
        const double x = (double)(back ? 2 * CURVE_STEPS + 1 - k : k) / CURVE_STEPS;
        const spread s = spread_at(result, curve, x);
        qf_pen_move(&pen, x, back ? s.least : s.greatest);
    }
    qf_pen_end(&pen);
}

void qf_draw_precision(qf_page *page, const qf_plot *plot, const qf_result *result,
                       const char *class) {
    draw_mean(page, plot, result, precision_at, class);
}

/* ---- The squares of a card ---- */

static const qf_plot square = {44, 10, 210, 210, 0, 1, 0, 1, false};

/* All cards show the other results' curves, which are written once. */
static void define_curves(qf_page *page, const qf_results *results) {
    qf_page_raw(page,
                "<svg width=\"0\" height=\"0\" class=\"hidden\" aria-hidden=\"true\"><defs>\n");
    for (size_t i = 0; i < results->count; i++) {
        qf_page_raw(page, "<g id=\"curve-%zu\">", i);
        draw_mean(page, &square, &results->items[i], precision_at, "");
        qf_page_raw(page, "</g>\n");
    }
    qf_page_raw(page, "</defs></svg>\n");
}

static void begin_square(qf_page *page, const char *what, const char *x_title,
                         const char *y_title) {
    qf_page_raw(page, "<figure>");
    qf_drawing_begin(page, 270, 262, what);
    qf_draw_x_ticks(page, &square, 0.5);
    qf_draw_y_ticks(page, &square, 0.5);
    qf_draw_x_title(page, &square, x_title);
    qf_draw_y_title(page, &square, y_title);
}

/* What chance gives. */
static void draw_base(qf_page *page, double y_from, double y_to) {
    if (isnan(y_from)) return;
    qf_draw_line(page, "base", qf_plot_x(&square, 0), qf_plot_y(&square, y_from),
                 qf_plot_x(&square, 1), qf_plot_y(&square, y_to));
}

/* Where the model's threshold or the alerts lie. */
static void draw_point(qf_page *page, const char *what, double x, double y) {
    if (isnan(x) || isnan(y)) return;
    qf_page_raw(page,
                "<circle class=\"mean\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"><title>%s: %.4f, "
                "%.4f</title></circle>\n",
                qf_plot_x(&square, x), qf_plot_y(&square, y), what, x, y);
}

static void draw_precision_card(qf_page *page, const qf_results *results, size_t index) {
    const qf_result *result = &results->items[index];
    const double area = qf_result_summary(result, "pr_auc").mean;
    const double base = qf_result_summary(result, "prevalence_test").mean;
    begin_square(page, "Precision-recall curve", "recall", "precision");
    draw_base(page, base, base);
    for (size_t i = 0; i < results->count; i++) {
        if (i != index) qf_page_raw(page, "<use class=\"other\" href=\"#curve-%zu\"/>", i);
    }
    draw_band(page, &square, result, precision_at);
    qf_page_raw(page, "<use class=\"curve\" href=\"#curve-%zu\"/>\n", index);
    draw_point(page, "recall and precision at the threshold",
               qf_result_summary(result, "recall").mean,
               qf_result_summary(result, "precision").mean);
    qf_drawing_end(page);
    qf_page_raw(page, "<figcaption>Precision and recall; ");
    if (!isnan(area)) qf_page_raw(page, "PR-AUC %.3f, ", area);
    qf_page_raw(page, "dot: at the threshold, dashed: the share of fraud</figcaption></figure>\n");
}

static void draw_gains_card(qf_page *page, const qf_result *result) {
    if (isnan(spread_at(result, gain_at, 0.5).mean)) return;
    const double alerts = qf_result_summary(result, "alert_rate").mean;
    const double found = qf_result_summary(result, "recall_at_alert").mean;
    const double cost = qf_result_summary(result, "expected_cost").mean;
    begin_square(page, "Gains curve", "share of rows looked into", "share of fraud found");
    draw_base(page, 0, 1);
    draw_band(page, &square, result, gain_at);
    draw_mean(page, &square, result, gain_at, "curve");
    draw_point(page, "alerts and recall", alerts, found);
    qf_drawing_end(page);
    qf_page_raw(page, "<figcaption>Gains; ");
    if (!isnan(alerts) && !isnan(found)) {
        qf_page_raw(page, "dot: %.3g\xc2\xa0%% of the rows hold %.1f\xc2\xa0%% of the fraud, ",
                    100 * alerts, 100 * found);
    }
    qf_page_raw(page, "dashed: looking at random");
    if (!isnan(cost)) {
        qf_page_raw(page,
                    ". Expected cost of a row at the threshold: %.3f, where a false alarm costs %g "
                    "and a missed fraud %g",
                    cost, qf_record_number(result->runs[0], "cost_fp"),
                    qf_record_number(result->runs[0], "cost_fn"));
    }
    qf_page_raw(page, "</figcaption></figure>\n");
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

static void draw_calibration_card(qf_page *page, const qf_result *result) {
    double rows[BINS] = {0}, mean[BINS] = {0}, rate[BINS] = {0}, total = 0;
    for (size_t i = 0; i < result->count; i++) add_bins(result->runs[i], rows, mean, rate);
    for (size_t b = 0; b < BINS; b++) total += rows[b];
    begin_square(page, "Calibration", "predicted probability", "share of fraud");
    draw_base(page, 0, 1);
    for (size_t b = 0; b < BINS; b++) {
        if (!(rows[b] > 0)) continue;
        qf_page_raw(page,
                    "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"><title>%.0f rows: "
                    "predicted %.3f, fraud %.3f</title></circle>\n",
                    qf_plot_x(&square, mean[b] / rows[b]), qf_plot_y(&square, rate[b] / rows[b]),
                    2.5 + 10 * sqrt(rows[b] / total), rows[b], mean[b] / rows[b],
                    rate[b] / rows[b]);
    }
    qf_drawing_end(page);
    const double error = qf_result_summary(result, "ece").mean;
    qf_page_raw(page, "<figcaption>Calibration; ");
    if (!isnan(error)) qf_page_raw(page, "expected error %.3f, ", error);
    qf_page_raw(page,
                "dots on the dashed line are right; area: share of the rows"
                "</figcaption></figure>\n");
}

/* In the order of qf_confusion_columns. */
enum { TN, FP, FN, TP };

static void confusion_cell(qf_page *page, const double counts[QF_CONFUSION], size_t cell,
                           int decimals) {
    static const size_t others[] = {[TN] = FP, [FP] = TN, [FN] = TP, [TP] = FN};
    const double count = counts[cell], all = count + counts[others[cell]];
    qf_page_raw(page, "<td%s>%.*f", cell == FP || cell == FN ? " class=\"wrong\"" : "", decimals,
                count);
    /* The test rows may have one class alone. */
    if (all > 0) qf_page_raw(page, "<small>%.1f %%</small>", 100 * count / all);
    qf_page_raw(page, "</td>");
}

static void draw_matrix(qf_page *page, const double counts[QF_CONFUSION], int decimals) {
    qf_page_raw(page,
                "<table class=\"confusion\"><thead><tr><td></td><th scope=\"col\">called "
                "legitimate</th><th scope=\"col\">called fraud</th></tr></thead><tbody><tr><th "
                "scope=\"row\">legitimate</th>");
    confusion_cell(page, counts, TN, decimals);
    confusion_cell(page, counts, FP, decimals);
    qf_page_raw(page, "</tr><tr><th scope=\"row\">fraud</th>");
    confusion_cell(page, counts, FN, decimals);
    confusion_cell(page, counts, TP, decimals);
    qf_page_raw(page, "</tr></tbody></table>\n");
}

static void draw_confusion(qf_page *page, const qf_result *result, const qf_sheet *published) {
    const bool several = result->count > 1;
    double counts[QF_CONFUSION];
    for (size_t k = 0; k < QF_CONFUSION; k++) {
        counts[k] = qf_result_summary(result, qf_confusion_columns[k]).mean;
    }
    qf_page_raw(page, "<figure>");
    draw_matrix(page, counts, several);
    const bool theirs = qf_published_confusion(published, result->runs[0], counts);
    if (theirs) draw_matrix(page, counts, 0);
    qf_page_raw(page,
                "<figcaption>%s of the test rows, and their share of the row%s"
                "</figcaption></figure>\n",
                several ? "Mean number over seeds" : "Number",
                theirs ? "; beneath: as published" : "");
}

static void write_card(qf_page *page, const qf_results *results, size_t index,
                       const qf_sheet *published) {
    const qf_result *result = &results->items[index];
    qf_page_raw(page, "<section class=\"card\"><h3>");
    qf_result_name(page, results, index);
    qf_page_raw(page, qf_result_is_flagged(result)
                          ? " <span class=\"badge\">\xe2\x9a\xa0 violated protocol</span></h3>"
                          : "</h3>");
    qf_page_raw(page, "<div class=\"panels\">\n");
    draw_precision_card(page, results, index);
    draw_gains_card(page, result);
    draw_calibration_card(page, result);
    draw_confusion(page, result, published);
    qf_page_raw(page, "</div></section>\n");
}

void qf_write_cards(qf_page *page, const qf_results *results, const qf_sheet *published) {
    qf_page_heading(page, "Model by model");
    qf_page_paragraph(page,
                      "Blue: this model, mean over seeds, with the range of the seeds; grey: "
                      "the others.");
    define_curves(page, results);
    for (size_t i = 0; i < results->count; i++) write_card(page, results, i, published);
}
