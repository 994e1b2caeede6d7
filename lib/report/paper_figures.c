#include "report/paper_figures.h"

#include "report/axes.h"
#include "report/figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LABELS = 190, PANEL = 360, GAP = 90, BAR = 11, ROW = 34 };

/* The result of the other list that has this one's names, or NULL. */
static const qf_result *find_result(const qf_results *list, const qf_result *like) {
    for (size_t i = 0; i < list->count; i++) {
        const qf_result *r = &list->items[i];
        if (strcmp(r->model, like->model) == 0 && strcmp(r->variant, like->variant) == 0 &&
            strcmp(r->protocol, like->protocol) == 0 &&
            strcmp(r->data_digest, like->data_digest) == 0) {
            return r;
        }
    }
    return NULL;
}

static void draw_bar(qf_page *page, const qf_plot *p, const char *class, double value, double y,
                     const char *what) {
    if (isnan(value)) return;
    qf_page_raw(page,
                "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\">"
                "<title>%s: %.4f</title></rect>",
                class, p->left, y, fmax(qf_plot_x(p, value) - p->left, 0), BAR, what, value);
}

static void draw_pair(qf_page *page, const qf_plot *p, const qf_result *test,
                      const qf_result *training, const char *metric, double y) {
    const double tested = qf_result_summary(test, metric).mean;
    const double trained = training ? qf_result_summary(training, metric).mean : NAN;
    char text[64] = "";
    draw_bar(page, p, "bar training", trained, y, "training");
    draw_bar(page, p, "bar", tested, y + BAR + 2, "test");
    if (!isnan(trained)) snprintf(text, sizeof text, "%.3f", trained);
    qf_draw_label(page, "soft small", p->left + p->width + 6, y + BAR - 1, "start", text);
    snprintf(text, sizeof text, "%.3f", tested);
    qf_draw_label(page, "small", p->left + p->width + 6, y + 2 * BAR + 2, "start", text);
}

void qf_figure_training_and_test(qf_page *page, const qf_results *results,
                                 const qf_results *training) {
    static const char *const metrics[][2] = {{"accuracy", "Accuracy"},
                                             {"f1_weighted", "F1, weighted by class"}};
    const double height = 26 + (double)results->count * ROW;
    qf_figure_begin(page, LABELS + 2 * (PANEL + GAP), height + 34,
                    "Bars: accuracy and weighted F1 of every model on training and test rows");
    for (size_t k = 0; k < 2; k++) {
        qf_plot p = {LABELS + (double)k * (PANEL + GAP), 26, PANEL, height - 26, 0, 1, 0, 1};
        qf_draw_label(page, "", p.left, 14, "start", metrics[k][1]);
        qf_draw_x_ticks(page, &p, 0.2);
        for (size_t i = 0; i < results->count; i++) {
            const qf_result *test = &results->items[i];
            draw_pair(page, &p, test, find_result(training, test), metrics[k][0],
                      30 + (double)i * ROW);
        }
    }
    for (size_t i = 0; i < results->count; i++) {
        qf_page_raw(page, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", LABELS - 14,
                    30 + (double)i * ROW + BAR + 5);
        qf_result_name(page, results, i);
        qf_page_raw(page, "</text>\n");
    }
    qf_figure_end(page,
                  "Mean over seeds. Pale: the rows trained on, solid: the test rows; the "
                  "further apart, the more a model has learnt by heart.");
}

/* ---- All precision-recall curves ---- */

enum { SERIES = 8 };

/* The results by falling area. */
static size_t order_by_area(const qf_results *results, size_t order[], size_t most) {
    size_t count = 0;
    for (size_t i = 0; i < results->count && count < most; i++) {
        const double area = qf_result_summary(&results->items[i], "pr_auc").mean;
        if (isnan(area)) continue;
        size_t place = count++;
        for (; place > 0; place--) {
            const double other =
                qf_result_summary(&results->items[order[place - 1]], "pr_auc").mean;
            if (other >= area) break;
            order[place] = order[place - 1];
        }
        order[place] = i;
    }
    return count;
}

static void draw_legend(qf_page *page, const qf_results *results, size_t index, size_t place,
                        double x, double y) {
    const qf_summary area = qf_result_summary(&results->items[index], "pr_auc");
    qf_page_raw(page,
                "<line class=\"series s%zu%s\" x1=\"%.0f\" y1=\"%.1f\" x2=\"%.0f\" y2=\"%.1f\"/>",
                place % SERIES, place >= SERIES ? " dashed" : "", x, y - 4, x + 28, y - 4);
    qf_page_raw(page, "<text x=\"%.0f\" y=\"%.1f\">", x + 36, y);
    qf_result_name(page, results, index);
    qf_page_raw(page, " %.3f</text>\n", area.mean);
}

void qf_figure_all_curves(qf_page *page, const qf_results *results) {
    enum { MOST = 2 * SERIES };
    size_t order[MOST];
    const size_t count = order_by_area(results, order, MOST);
    const qf_plot p = {50, 12, 520, 400, 0, 1, 0, 1};
    qf_figure_begin(page, 860, 460, "Precision-recall curves of all models, with their areas");
    qf_draw_x_ticks(page, &p, 0.2);
    qf_draw_y_ticks(page, &p, 0.2);
    qf_draw_label(page, "soft", p.left + p.width / 2, 452, "middle", "recall");
    qf_page_raw(page,
                "<text class=\"soft\" transform=\"translate(12 212) rotate(-90)\" "
                "text-anchor=\"middle\">precision</text>\n");
    const qf_plot *from = &qf_curve_plot;
    for (size_t i = count; i-- > 0;) {
        qf_page_raw(page,
                    "<use class=\"series s%zu%s\" href=\"#curve-%zu\" transform=\"translate(%.2f "
                    "%.2f) scale(%.4f %.4f)\"/>",
                    i % SERIES, i >= SERIES ? " dashed" : "", order[i],
                    p.left - from->left * p.width / from->width,
                    p.top - from->top * p.height / from->height, p.width / from->width,
                    p.height / from->height);
    }
    for (size_t i = 0; i < count; i++) {
        draw_legend(page, results, order[i], i, 596, 26 + 22 * (double)i);
    }
    qf_figure_end(page,
                  "Mean over seeds, by falling PR-AUC (average precision). A model that "
                  "guesses has the share of fraud as its precision everywhere.");
}

/* ---- False alarms and missed frauds ---- */

static void draw_part(qf_page *page, const qf_plot *p, const char *class, double from, double count,
                      double y, const char *what) {
    const double left = qf_plot_x(p, from), width = qf_plot_x(p, from + count) - left;
    qf_page_raw(page,
                "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"18\"><title>%s: "
                "%.1f</title></rect>",
                class, left, y, width, what, count);
}

void qf_figure_false_values(qf_page *page, const qf_results *results) {
    qf_plot p = {LABELS, 8, 560, (double)results->count * 26, 0, 0, 0, 1};
    for (size_t i = 0; i < results->count; i++) {
        const qf_result *r = &results->items[i];
        p.x_to = fmax(p.x_to, qf_result_summary(r, "fp").mean + qf_result_summary(r, "fn").mean);
    }
    if (!(p.x_to > 0)) p.x_to = 1;
    const double step = qf_nice_step(&p.x_from, &p.x_to, 6);
    qf_figure_begin(page, LABELS + 700, p.height + 40,
                    "Stacked bars: false alarms and missed frauds of every model");
    qf_draw_x_ticks(page, &p, step);
    for (size_t i = 0; i < results->count; i++) {
        const qf_result *r = &results->items[i];
        const double fp = qf_result_summary(r, "fp").mean, fn = qf_result_summary(r, "fn").mean;
        const double y = 12 + 26 * (double)i;
        char text[64];
        draw_part(page, &p, "bar missed", 0, fn, y, "missed frauds");
        draw_part(page, &p, "bar", fn, fp, y, "false alarms");
        snprintf(text, sizeof text, "%.0f + %.0f", fn, fp);
        qf_draw_label(page, "small", qf_plot_x(&p, fn + fp) + 6, y + 13, "start", text);
        qf_page_raw(page, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", LABELS - 14, y + 13);
        qf_result_name(page, results, i);
        qf_page_raw(page, "</text>\n");
    }
    qf_figure_end(
        page,
        "Test rows that are called wrongly, mean over seeds: missed frauds on the left (first number), "
        "false alarms behind them (second).");
}

/* ---- Correlations ---- */

enum { CELL = 27, MOST_CELLS = 64 };

static size_t list_correlations(const qf_record *records, size_t count,
                                const qf_record *list[MOST_CELLS]) {
    size_t found = 0;
    for (size_t i = 0; i < count && found < MOST_CELLS; i++) {
        const qf_field *row = qf_record_find(&records[i], "correlations");
        if (row && row->kind == QF_FIELD_REALS) list[found++] = &records[i];
    }
    return found;
}

static void draw_cell(qf_page *page, const qf_record *row, const qf_record *column, double value,
                      double x, double y) {
    qf_page_raw(page,
                "<rect class=\"%s\" fill-opacity=\"%.2f\" x=\"%.0f\" y=\"%.0f\" width=\"%d\" "
                "height=\"%d\"><title>",
                value < 0 ? "negative" : "positive", fmin(fabs(value), 1), x, y, CELL - 1,
                CELL - 1);
    qf_page_escape(page, qf_record_text(row, "name"));
    qf_page_raw(page, ", ");
    qf_page_escape(page, qf_record_text(column, "name"));
    qf_page_raw(page,
                ": %.4f</title></rect><text class=\"tiny%s\" x=\"%.1f\" y=\"%.1f\" "
                "text-anchor=\"middle\">%.2f</text>\n",
                value, fabs(value) > 0.6 ? " inverse" : "", x + CELL / 2.0, y + CELL / 2.0 + 3,
                value);
}

void qf_figure_correlations(qf_page *page, const qf_record *records, size_t count) {
    const qf_record *list[MOST_CELLS];
    const size_t cells = list_correlations(records, count, list);
    if (cells == 0) return;
    const double left = 96, top = 74, size = (double)cells * CELL;
    qf_page_heading(page, "Correlations");
    qf_page_raw(page, "<div class=\"wide\">");
    qf_figure_begin(page, left + size + 8, top + size + 8,
                    "Heatmap: correlations of the columns that correlate most with fraud");
    for (size_t i = 0; i < cells; i++) {
        const char *name = qf_record_text(list[i], "name");
        const qf_field *row = qf_record_find(list[i], "correlations");
        const double y = top + (double)i * CELL;
        qf_draw_label(page, "small", left - 6, y + CELL / 2.0 + 4, "end", name);
        qf_page_raw(page, "<text class=\"small\" transform=\"translate(%.1f %.0f) rotate(-60)\">",
                    left + (double)i * CELL + CELL / 2.0 + 3, top - 6);
        qf_page_escape(page, name);
        qf_page_raw(page, "</text>\n");
        for (size_t j = 0; j < cells && j < row->count; j++) {
            draw_cell(page, list[i], list[j], row->reals[j], left + (double)j * CELL, y);
        }
    }
    qf_figure_end(page,
                  "Pearson's correlation of the columns with the largest signed correlation "
                  "with the label, which is the last row. Blue: rising together; orange: one "
                  "falls as the other rises.");
    qf_page_raw(page, "</div>");
}
