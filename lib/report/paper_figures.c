#include "report/paper_figures.h"

#include "report/axes.h"
#include "report/card_figures.h"
#include "report/figures.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_number(qf_grid *grid, int decimals, double value) {
    if (isnan(value)) {
        qf_grid_add(grid, "%s", "");
    } else {
        qf_grid_add(grid, "%.*f", decimals, value);
    }
}

static double mean_of(const qf_result *result, const char *metric) {
    return result ? qf_result_summary(result, metric).mean : NAN;
}

/* ---- Training and test ---- */

enum { LEFT = QF_DRAWING_MARGIN, PLOT_WIDTH = 320, TOP = 26, BAR = 11, PAIR_ROW = 50 };

static const char *const paired_metrics[][2] = {{"accuracy", "Accuracy"},
                                                {"f1_weighted", "F1, weighted by class"}};

static void draw_bar(qf_page *page, const qf_plot *p, const char *class, double value, double y,
                     const char *part) {
    if (isnan(value)) return;
    char text[32];
    qf_page_raw(page,
                "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\">"
                "<title>%s: %.4f</title></rect>",
                class, p->left, y, fmax(qf_plot_x(p, value) - p->left, 0), BAR, part, value);
    snprintf(text, sizeof text, "%.3f", value);
    qf_draw_label(page, "halo", QF_DRAWING_WIDTH, y + BAR - 1.5, "end", text);
}

static void draw_pairs(qf_page *page, const qf_results *results, const qf_results *training,
                       const char *metric, const char *title) {
    const qf_plot p = {LEFT, TOP, PLOT_WIDTH, PAIR_ROW * (double)results->count, 0, 1, 0, 1, false};
    qf_drawing_begin(page, QF_DRAWING_WIDTH, p.top + p.height + 24, title);
    qf_describe_results(page, results, metric);
    qf_draw_label(page, "title", LEFT, 14, "start", title);
    qf_draw_x_ticks(page, &p, 0.2);
    for (size_t i = 0; i < results->count; i++) {
        const double top = TOP + PAIR_ROW * (double)i;
        qf_draw_result_name(page, LEFT, top + 13, results, i);
        draw_bar(page, &p, "bar training",
                 mean_of(qf_results_trained(results, i, training), metric), top + 19, "training");
        draw_bar(page, &p, "bar", mean_of(&results->items[i], metric), top + 19 + BAR + 2, "test");
    }
    qf_drawing_end(page);
}

static void write_pairs_table(qf_page *page, const qf_results *results,
                              const qf_results *training) {
    static const qf_grid_column columns[] = {{"Model", NULL, false},
                                             {"Accuracy, training", NULL, true},
                                             {"Accuracy, test", NULL, true},
                                             {"Weighted F1, training", NULL, true},
                                             {"Weighted F1, test", NULL, true}};
    qf_grid grid = {
        .columns = columns, .column_count = sizeof columns / sizeof *columns, .error = page->error};
    for (size_t i = 0; i < results->count; i++) {
        const qf_result *test = &results->items[i],
                        *trained = qf_results_trained(results, i, training);
        qf_grid_add_result(page, &grid, results, i);
        for (size_t k = 0; k < 2; k++) {
            add_number(&grid, 4, mean_of(trained, paired_metrics[k][0]));
            add_number(&grid, 4, mean_of(test, paired_metrics[k][0]));
        }
    }
    qf_page_grid(page, &grid);
    qf_grid_free(&grid);
}

void qf_write_training_and_test(qf_page *page, const qf_results *results,
                                const qf_results *training) {
    if (page->format == QF_PAGE_TEXT || training->count == 0) return;
    qf_page_heading(page, "Training and test");
    if (page->format == QF_PAGE_MARKDOWN) {
        write_pairs_table(page, results, training);
        return;
    }
    qf_figure_begin(page);
    for (size_t k = 0; k < 2; k++) {
        draw_pairs(page, results, training, paired_metrics[k][0], paired_metrics[k][1]);
    }
    qf_figure_end(page,
                  "Mean over seeds. Upper, pale bar: the rows trained on; lower, solid bar: "
                  "the test rows. The further apart, the more a model has learnt by heart.");
}

/* ---- All precision-recall curves ---- */

enum { MOST_CURVES = QF_SERIES };

/* The results by falling area; returns how many are listed. */
static size_t order_by_area(const qf_results *results, size_t order[MOST_CURVES]) {
    size_t count = 0;
    for (size_t i = 0; i < results->count; i++) {
        const double area = mean_of(&results->items[i], "pr_auc");
        if (isnan(area)) continue;
        size_t place = count;
        while (place > 0 && mean_of(&results->items[order[place - 1]], "pr_auc") < area) place--;
        if (place == MOST_CURVES) continue;
        if (count < MOST_CURVES) count++;
        memmove(order + place + 1, order + place, (count - 1 - place) * sizeof *order);
        order[place] = i;
    }
    return count;
}

static void write_legend(qf_page *page, const qf_results *results, const size_t order[],
                         size_t count) {
    qf_page_raw(page, "<ul class=\"legend\">\n");
    for (size_t i = 0; i < count; i++) {
        char class[QF_SERIES_CLASS];
        qf_print_series(i, class);
        qf_page_raw(page, "<li><svg width=\"34\" height=\"8\" aria-hidden=\"true\">");
        qf_draw_line(page, class, 0, 4, 34, 4);
        qf_page_raw(page, "</svg>%s",
                    qf_result_is_flagged(&results->items[order[i]]) ? "\xe2\x9a\xa0 " : "");
        qf_result_name(page, results, order[i]);
        qf_page_raw(page, " <b>%.3f</b></li>\n", mean_of(&results->items[order[i]], "pr_auc"));
    }
    qf_page_raw(page, "</ul>\n");
}

void qf_write_all_curves(qf_page *page, const qf_results *results) {
    size_t order[MOST_CURVES];
    const size_t count = page->format == QF_PAGE_HTML ? order_by_area(results, order) : 0;
    if (count == 0) return;
    const qf_plot p = {44, 10, 346, 346, 0, 1, 0, 1, false};
    char only[64] = "";
    qf_page_heading(page, "Precision and recall");
    qf_figure_begin(page);
    qf_drawing_begin(page, QF_DRAWING_WIDTH, 394, "Precision-recall curves of all models");
    qf_describe_results(page, results, "pr_auc");
    qf_draw_x_ticks(page, &p, 0.2);
    qf_draw_y_ticks(page, &p, 0.2);
    qf_draw_x_title(page, &p, "recall");
    qf_draw_y_title(page, &p, "precision");
    for (size_t i = count; i-- > 0;) {
        char class[QF_SERIES_CLASS];
        qf_print_series(i, class);
        qf_draw_precision(page, &p, &results->items[order[i]], class);
    }
    qf_drawing_end(page);
    write_legend(page, results, order, count);
    if (count < results->count) snprintf(only, sizeof only, " The %zu largest areas.", count);
    qf_figure_end(page,
                  "Further up and right is better. Mean over seeds, by falling PR-AUC (average "
                  "precision). A model that guesses has the share of fraud as its precision "
                  "everywhere.%s",
                  only);
}

/* ---- False alarms and missed frauds ---- */

enum { STACK_ROW = 40, STACK = 14 };

static void draw_part(qf_page *page, const qf_plot *p, const char *class, double from, double count,
                      double y, const char *what) {
    if (!(count > 0)) return;
    const double left = qf_plot_x(p, from);
    qf_page_raw(page,
                "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\"><title>%s: "
                "%.1f</title></rect>",
                class, left, y, qf_plot_x(p, from + count) - left, STACK, what, count);
}

static void draw_stack(qf_page *page, const qf_plot *p, const qf_results *results, size_t i) {
    const double fn = mean_of(&results->items[i], "fn"), fp = mean_of(&results->items[i], "fp");
    const double top = p->top + STACK_ROW * (double)i;
    char text[64];
    qf_draw_result_name(page, LEFT, top + 13, results, i);
    if (isnan(fn) || isnan(fp)) return;
    snprintf(text, sizeof text, "%.0f + %.0f", fn, fp);
    qf_draw_label(page, "halo", QF_DRAWING_WIDTH, top + 13, "end", text);
    draw_part(page, p, "bar missed", 0, fn, top + 19, "missed frauds");
    draw_part(page, p, "bar", fn, fp, top + 19, "false alarms");
}

static void draw_stacks(qf_page *page, const qf_results *results) {
    qf_plot p = {
        LEFT, 2,    QF_DRAWING_WIDTH - 2 * LEFT, STACK_ROW * (double)results->count, 0, 0, 0,
        1,    false};
    for (size_t i = 0; i < results->count; i++) {
        qf_widen(mean_of(&results->items[i], "fp") + mean_of(&results->items[i], "fn"), &p.x_from,
                 &p.x_to);
    }
    if (!(p.x_to > 0)) p.x_to = 1;
    const double step = qf_nice_step(&p.x_from, &p.x_to, 6);
    qf_drawing_begin(page, QF_DRAWING_WIDTH, p.top + p.height + 24,
                     "Missed frauds and false alarms of every model");
    qf_drawing_begin_text(page);
    for (size_t i = 0; i < results->count; i++) {
        qf_result_name(page, results, i);
        qf_page_raw(page, " %.0f missed, %.0f false alarms; ", mean_of(&results->items[i], "fn"),
                    mean_of(&results->items[i], "fp"));
    }
    qf_drawing_end_text(page);
    qf_draw_x_ticks(page, &p, step);
    for (size_t i = 0; i < results->count; i++) draw_stack(page, &p, results, i);
    qf_drawing_end(page);
}

static void write_stacks_table(qf_page *page, const qf_results *results) {
    static const qf_grid_column columns[] = {
        {"Model", NULL, false}, {"Missed frauds", NULL, true}, {"False alarms", NULL, true}};
    qf_grid grid = {
        .columns = columns, .column_count = sizeof columns / sizeof *columns, .error = page->error};
    for (size_t i = 0; i < results->count; i++) {
        qf_grid_add_result(page, &grid, results, i);
        add_number(&grid, 1, mean_of(&results->items[i], "fn"));
        add_number(&grid, 1, mean_of(&results->items[i], "fp"));
    }
    qf_page_grid(page, &grid);
    qf_grid_free(&grid);
}

void qf_write_false_values(qf_page *page, const qf_results *results) {
    if (page->format == QF_PAGE_TEXT) return;
    qf_page_heading(page, "Missed frauds and false alarms");
    if (page->format == QF_PAGE_MARKDOWN) {
        write_stacks_table(page, results);
        return;
    }
    qf_figure_begin(page);
    draw_stacks(page, results);
    qf_figure_end(page,
                  "Shorter is better. Test rows called wrongly at the model's threshold, mean "
                  "over seeds. On the left, orange, and first of the two numbers: frauds that "
                  "are missed; behind them, blue: false alarms.");
}

/* ---- Correlations ---- */

enum { CELL = 35, NAMES = 80, HEAD = 66, LONGEST_NAME = 11 };

/* Square, its last row the label's. */
typedef struct matrix {
    const qf_record **rows;
    size_t count;
} matrix;

static qf_status list_rows(const qf_record *records, size_t count, matrix *m, qf_error *error) {
    m->rows = qf_new_array(count, sizeof *m->rows, error);
    if (!m->rows) return QF_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const qf_field *row = qf_record_find(&records[i], "correlations");
        if (row && row->kind == QF_FIELD_REALS) m->rows[m->count++] = &records[i];
    }
    for (size_t i = 0; i < m->count; i++) {
        if (qf_record_find(m->rows[i], "correlations")->count != m->count) {
            return qf_fail(error, QF_DATA, "the profile's correlations are no square");
        }
    }
    return QF_OK;
}

/* A name that has its place beside the matrix; a longer one is cut, and whole under the pointer. */
static void draw_name(qf_page *page, const char *name, const char *place) {
    qf_page_raw(page, "<text %s>", place);
    if (strlen(name) > LONGEST_NAME) {
        char head[LONGEST_NAME];
        size_t length = LONGEST_NAME - 1;
        while (length > 0 && ((unsigned char)name[length] & 0xc0) == 0x80) length--;
        snprintf(head, sizeof head, "%.*s", (int)length, name);
        qf_page_escape(page, head);
        qf_page_raw(page, "\xe2\x80\xa6<title>");
        qf_page_escape(page, name);
        qf_page_raw(page, "</title>");
    } else {
        qf_page_escape(page, name);
    }
    qf_page_raw(page, "</text>\n");
}

/* The rows' names stand in a drawing of their own, which stays when a phone scrolls the matrix. */
static void draw_row_names(qf_page *page, const matrix *m) {
    const double height = HEAD + CELL * (double)m->count;
    qf_page_raw(page,
                "<svg class=\"names\" viewBox=\"0 0 %d %.0f\" width=\"%d\" aria-hidden=\"true\">\n",
                NAMES, height, NAMES);
    for (size_t i = 0; i < m->count; i++) {
        char place[64];
        snprintf(place, sizeof place, "x=\"%d\" y=\"%.0f\" text-anchor=\"end\"", NAMES - 5,
                 HEAD + CELL * ((double)i + 0.5) + 4);
        draw_name(page, qf_record_text(m->rows[i], "name"), place);
    }
    qf_page_raw(page, "</svg>\n");
}

static void draw_row(qf_page *page, const matrix *m, size_t i) {
    const qf_field *row = qf_record_find(m->rows[i], "correlations");
    const double y = HEAD + CELL * (double)i;
    for (size_t j = 0; j < m->count; j++) {
        const double value = row->reals[j], x = CELL * (double)j;
        if (isnan(value)) continue;
        /* Four fifths of the colour at most, so that the number on it can be read. */
        qf_page_raw(page,
                    "<rect class=\"%s\" fill-opacity=\"%.2f\" x=\"%.0f\" y=\"%.0f\" width=\"%d\" "
                    "height=\"%d\"/><text x=\"%.0f\" y=\"%.0f\">%.2f</text>\n",
                    value < 0 ? "negative" : "positive", 0.8 * fmin(fabs(value), 1), x, y, CELL - 1,
                    CELL - 1, x + CELL / 2.0, y + CELL / 2.0 + 4, fabs(value) < 0.005 ? 0 : value);
    }
}

static void draw_matrix(qf_page *page, const matrix *m) {
    const double size = CELL * (double)m->count, width = size + HEAD / 2.0;
    qf_page_raw(page, "<figure><div class=\"wide heat\">\n");
    draw_row_names(page, m);
    qf_drawing_begin(page, width, HEAD + size, "Correlations of the columns and the label");
    qf_drawing_begin_text(page);
    const qf_record *label = m->rows[m->count - 1];
    const qf_field *with_label = qf_record_find(label, "correlations");
    qf_page_raw(page, "With ");
    qf_page_escape(page, qf_record_text(label, "name"));
    for (size_t i = 0; i + 1 < m->count; i++) {
        qf_page_raw(page, i ? ", " : ": ");
        qf_page_escape(page, qf_record_text(m->rows[i], "name"));
        qf_page_raw(page, " %.2f", with_label->reals[i]);
    }
    qf_drawing_end_text(page);
    for (size_t i = 0; i < m->count; i++) {
        char place[64];
        snprintf(place, sizeof place, "transform=\"translate(%.0f %d) rotate(-55)\"",
                 CELL * ((double)i + 0.5) + 3, HEAD - 6);
        draw_name(page, qf_record_text(m->rows[i], "name"), place);
    }
    for (size_t i = 0; i < m->count; i++) draw_row(page, m, i);
    qf_drawing_end(page);
    qf_figure_end(page,
                  "Pearson's correlation of the %zu columns that correlate most with the label, "
                  "which is the last row and column. The stronger the colour, the stronger the "
                  "correlation. Blue: both rise together; orange, with a minus: one falls as the "
                  "other rises.",
                  m->count - 1);
}

/* A terminal shows the first few. */
static void write_correlation_list(qf_page *page, const matrix *m) {
    const size_t most = page->format == QF_PAGE_TEXT ? 10 : SIZE_MAX;
    const qf_record *label = m->rows[m->count - 1];
    qf_bytes list = {0};
    qf_status status = page->status;
    for (size_t i = 0; status == QF_OK && i + 1 < m->count && i < most; i++) {
        status = qf_bytes_print(&list, page->error, "%s%s %.2f", i ? ", " : "",
                                qf_record_text(m->rows[i], "name"),
                                qf_record_find(label, "correlations")->reals[i]);
    }
    if (page->status == QF_OK) page->status = status;
    if (status == QF_OK && list.length) {
        qf_page_paragraph(page, "Largest correlations with %s: %s.", qf_record_text(label, "name"),
                          (const char *)list.data);
    }
    free(list.data);
}

void qf_write_correlations(qf_page *page, const qf_record *records, size_t count) {
    matrix m = {0};
    if (page->status != QF_OK || count == 0) return;
    page->status = list_rows(records, count, &m, page->error);
    if (page->status == QF_OK && m.count > 0) {
        qf_page_heading(page, "Correlations");
        if (page->format == QF_PAGE_HTML) {
            draw_matrix(page, &m);
        } else {
            write_correlation_list(page, &m);
        }
    }
    free(m.rows);
}
