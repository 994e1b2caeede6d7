#include "report/kernel_figures.h"

#include "report/axes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double mean_of(const qf_result *result, const char *field) {
    return qf_result_summary(result, field).mean;
}

static bool has_wires(const qf_result *result) {
    return !isnan(mean_of(result, "wires"));
}

/* ---- The table ---- */

static void add_number(qf_grid *grid, const char *format, double value) {
    char text[32] = "";
    if (!isnan(value)) snprintf(text, sizeof text, format, value);
    qf_grid_add(grid, "%s", text);
}

/* What tuning chose, "3 of 5 runs" where others chose otherwise. */
static void add_setting(qf_grid *grid, const qf_result *result) {
    const char *first = qf_record_text(result->runs[0], "setting");
    size_t same = 0;
    for (size_t i = 0; i < result->count; i++) {
        same += strcmp(qf_record_text(result->runs[i], "setting"), first) == 0;
    }
    if (same == result->count) {
        qf_grid_add(grid, "%s", first);
    } else {
        qf_grid_add(grid, "%s (%zu of %zu runs)", first, same, result->count);
    }
}

static void write_table(qf_page *page, const qf_results *results) {
    static const qf_grid_column columns[] = {
        {"Model", NULL, false},
        {"Wires", NULL, true},
        {"PR-AUC", "mean over seeds", true},
        {"Kernel, mean", "of the values between different training rows", true},
        {"Variance", "of the same values", true},
        {"Alignment", "centred, of the kernel with the labels of the training rows", true},
        {"Chosen", "in the training part", false}};
    qf_grid grid = {
        .columns = columns, .column_count = sizeof columns / sizeof *columns, .error = page->error};
    for (size_t i = 0; i < results->count; i++) {
        const qf_result *result = &results->items[i];
        if (!has_wires(result)) continue;
        qf_grid_add(&grid, "%s", result->model);
        add_number(&grid, "%.0f", mean_of(result, "wires"));
        add_number(&grid, "%.4f", mean_of(result, "pr_auc"));
        add_number(&grid, "%.3f", mean_of(result, "kernel_mean"));
        add_number(&grid, "%.2e", mean_of(result, "kernel_variance"));
        add_number(&grid, "%.3f", mean_of(result, "kernel_alignment"));
        add_setting(&grid, result);
    }
    qf_page_grid(page, &grid);
    qf_grid_free(&grid);
}

/* ---- The drawings ---- */

typedef struct chart {
    const char *field, *title;
    bool logarithmic; /* the decimal logarithm is shown */
} chart;

static const chart charts[] = {
    {"pr_auc", "PR-AUC", false},
    {"kernel_variance", "Variance of the kernel (log10)", true},
    {"kernel_alignment", "Kernel-target alignment", false},
};

typedef struct point {
    double wires, value;
} point;

static int compare_wires(const void *a, const void *b) {
    const double x = ((const point *)a)->wires, y = ((const point *)b)->wires;
    return (x > y) - (x < y);
}

/* Of a chart, the points of the model whose first result is `first`, by rising wires. */
static size_t find_points(const qf_results *results, size_t first, const chart *c, point *points) {
    size_t count = 0;
    for (size_t i = first; i < results->count; i++) {
        const qf_result *result = &results->items[i];
        if (strcmp(result->model, results->items[first].model) != 0) continue;
        const double value = mean_of(result, c->field);
        const point p = {mean_of(result, "wires"), c->logarithmic ? log10(value) : value};
        if (isfinite(p.wires) && isfinite(p.value)) points[count++] = p;
    }
    qsort(points, count, sizeof *points, compare_wires);
    return count;
}

/* The first result of each model that has wires; at most QF_SERIES. */
static size_t find_series(const qf_results *results, size_t series[QF_SERIES]) {
    size_t count = 0;
    for (size_t i = 0; i < results->count && count < QF_SERIES; i++) {
        bool known = !has_wires(&results->items[i]);
        for (size_t s = 0; s < count && !known; s++) {
            known = strcmp(results->items[series[s]].model, results->items[i].model) == 0;
        }
        if (!known) series[count++] = i;
    }
    return count;
}

static void describe(qf_page *page, const char *model, const point *points, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (i == 0) qf_page_escape(page, model);
        qf_page_raw(page, "%s%.0f wires %.4g", i ? ", " : ": ", points[i].wires, points[i].value);
    }
    if (count > 0) qf_page_raw(page, ". ");
}

static void draw_series(qf_page *page, const qf_plot *p, size_t place, const point *points,
                        size_t count) {
    char class[QF_SERIES_CLASS];
    qf_print_series(place, class);
    qf_pen pen = qf_pen_begin(page, p, class);
    for (size_t i = 0; i < count; i++) qf_pen_move(&pen, points[i].wires, points[i].value);
    qf_pen_end(&pen);
    for (size_t i = 0; i < count; i++) {
        qf_page_raw(page,
                    "<circle class=\"%s\" style=\"stroke-dasharray:none\" cx=\"%.1f\" cy=\"%.1f\" "
                    "r=\"3\"/>\n",
                    class, qf_plot_x(p, points[i].wires), qf_plot_y(p, points[i].value));
    }
}

static void draw_chart(qf_page *page, const qf_results *results, const size_t *series,
                       size_t series_count, const chart *c, point *points) {
    qf_plot p = {52, 28, 240, 170, INFINITY, -INFINITY, INFINITY, -INFINITY, false};
    for (size_t s = 0; s < series_count; s++) {
        const size_t count = find_points(results, series[s], c, points);
        for (size_t i = 0; i < count; i++) {
            qf_widen(points[i].wires, &p.x_from, &p.x_to);
            qf_widen(points[i].value, &p.y_from, &p.y_to);
        }
    }
    if (p.x_from > p.x_to) return;
    const double x_step = fmax(qf_nice_step(&p.x_from, &p.x_to, 6), 1);
    p.x_to = p.x_from + x_step * ceil((p.x_to - p.x_from) / x_step);
    const double y_step = qf_nice_step(&p.y_from, &p.y_to, 5);
    qf_drawing_begin(page, 310, 238, c->title);
    qf_drawing_begin_text(page);
    for (size_t s = 0; s < series_count; s++) {
        const size_t count = find_points(results, series[s], c, points);
        describe(page, results->items[series[s]].model, points, count);
    }
    qf_drawing_end_text(page);
    qf_draw_label(page, "title", p.left, 14, "start", c->title);
    qf_draw_x_ticks(page, &p, x_step);
    qf_draw_y_ticks(page, &p, y_step);
    qf_draw_x_title(page, &p, "wires");
    for (size_t s = 0; s < series_count; s++) {
        draw_series(page, &p, s, points, find_points(results, series[s], c, points));
    }
    qf_drawing_end(page);
}

static void write_legend(qf_page *page, const qf_results *results, const size_t *series,
                         size_t count) {
    qf_page_raw(page, "<ul class=\"legend\">\n");
    for (size_t s = 0; s < count; s++) {
        char class[QF_SERIES_CLASS];
        qf_print_series(s, class);
        qf_page_raw(page, "<li><svg width=\"34\" height=\"8\" aria-hidden=\"true\">");
        qf_draw_line(page, class, 0, 4, 34, 4);
        qf_page_raw(page, "</svg>");
        qf_page_escape(page, results->items[series[s]].model);
        qf_page_raw(page, "</li>\n");
    }
    qf_page_raw(page, "</ul>\n");
}

static void write_figure(qf_page *page, const qf_results *results) {
    size_t series[QF_SERIES];
    const size_t count = find_series(results, series);
    point *points = qf_new_array(results->count, sizeof *points, page->error);
    if (!points) {
        page->status = QF_MEMORY;
        return;
    }
    qf_figure_begin(page);
    for (size_t c = 0; c < sizeof charts / sizeof *charts; c++) {
        draw_chart(page, results, series, count, &charts[c], points);
    }
    write_legend(page, results, series, count);
    qf_figure_end(page,
                  "Means over seeds. A variance that falls by orders of magnitude as wires are "
                  "added is concentration: all rows look equally unlike, and nothing can be "
                  "learnt from that.");
    free(points);
}

void qf_write_kernels(qf_page *page, const qf_results *results) {
    bool quantum = false;
    for (size_t i = 0; i < results->count; i++) {
        quantum |=
            !isnan(mean_of(&results->items[i], "kernel_variance")) && has_wires(&results->items[i]);
    }
    if (!quantum || page->status != QF_OK) return;
    qf_page_heading(page, "Kernels by wires");
    write_table(page, results);
    if (page->format == QF_PAGE_HTML) write_figure(page, results);
}
