#include "report/figures.h"

#include "report/axes.h"
#include "report/published.h"

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

void qf_grid_add_result(const qf_page *page, qf_grid *grid, const qf_results *results,
                        size_t index) {
    qf_bytes name = {0};
    qf_page plain = {QF_PAGE_TEXT, false, &name, page->error, page->status};
    qf_result_name(&plain, results, index);
    if (grid->status == QF_OK) grid->status = plain.status;
    if (plain.status == QF_OK) qf_grid_add(grid, "%s", (const char *)name.data);
    free(name.data);
}

void qf_draw_result_name(qf_page *page, double x, double y, const qf_results *results,
                         size_t index) {
    const bool flagged = qf_result_is_flagged(&results->items[index]);
    qf_draw_label_begin(page, flagged ? "halo flag" : "halo", x, y, "start");
    if (flagged) qf_page_raw(page, "\xe2\x9a\xa0 ");
    qf_result_name(page, results, index);
    qf_draw_label_end(page);
}

void qf_describe_results(qf_page *page, const qf_results *results, const char *metric) {
    qf_drawing_begin_text(page);
    for (size_t i = 0; i < results->count; i++) {
        const qf_summary s = qf_result_summary(&results->items[i], metric);
        if (s.count == 0) continue;
        qf_result_name(page, results, i);
        qf_page_raw(page, " %.4f; ", s.mean);
    }
    qf_drawing_end_text(page);
}

typedef struct overview {
    const qf_results *results;
    const qf_sheet *published;
    const char *metric, *title, *published_column; /* NULL: none published */
} overview;

static double published_of(const overview *o, size_t i, double ours) {
    if (!o->published_column) return NAN;
    return qf_published_nearest(o->published, o->results->items[i].runs[0], o->published_column,
                                ours);
}

/* The range that holds every run, interval and published value. */
static void find_range(const overview *o, double *from, double *to) {
    *from = 1;
    *to = 0;
    for (size_t i = 0; i < o->results->count; i++) {
        const qf_result *result = &o->results->items[i];
        const qf_summary s = qf_result_summary(result, o->metric);
        for (size_t r = 0; r < result->count; r++) {
            qf_widen(qf_record_number(result->runs[r], o->metric), from, to);
        }
        if (s.count == 0) continue;
        qf_widen(published_of(o, i, s.mean), from, to);
        if (isnan(s.half_width)) continue;
        qf_widen(fmax(s.mean - s.half_width, 0), from, to);
        qf_widen(fmin(s.mean + s.half_width, 1), from, to);
    }
    if (*from > *to) *from = 0, *to = 1;
}

static void draw_marks(qf_page *page, const overview *o, size_t i, const qf_plot *p, double y) {
    const qf_result *result = &o->results->items[i];
    const qf_summary s = qf_result_summary(result, o->metric);
    const double theirs = published_of(o, i, s.mean);
    for (size_t r = 0; r < result->count; r++) {
        const double value = qf_record_number(result->runs[r], o->metric);
        if (isnan(value)) continue;
        qf_page_raw(page, "<circle class=\"run\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>",
                    qf_plot_x(p, value), y + 10);
    }
    if (!isnan(s.half_width)) {
        qf_draw_line(page, "interval", qf_plot_x(p, fmax(s.mean - s.half_width, 0)), y,
                     qf_plot_x(p, fmin(s.mean + s.half_width, 1)), y);
    }
    if (!isnan(theirs)) {
        qf_page_raw(page, "<path class=\"published\" d=\"M%.1f %.1fl8 8l-8 8l-8 -8z\"/>",
                    qf_plot_x(p, theirs), y - 8);
    }
    qf_page_raw(page, "<circle class=\"mean\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>",
                qf_plot_x(p, s.mean), y);
}

enum { LEFT = QF_DRAWING_MARGIN, PLOT_WIDTH = 320, TOP = 26, ROW = 42 };

static void draw_result(qf_page *page, const overview *o, size_t i, const qf_plot *p) {
    const qf_summary s = qf_result_summary(&o->results->items[i], o->metric);
    const double top = TOP + ROW * (double)i, y = top + 27;
    qf_draw_result_name(page, LEFT, top + 13, o->results, i);
    if (s.count == 0) return;
    qf_page_raw(page, "<g%s><title>",
                qf_result_is_flagged(&o->results->items[i]) ? " class=\"flagged\"" : "");
    qf_result_name(page, o->results, i);
    qf_page_raw(page, ": %.4f", s.mean);
    if (!isnan(s.half_width)) qf_page_raw(page, " \xc2\xb1 %.4f", s.half_width);
    const double theirs = published_of(o, i, s.mean);
    if (!isnan(theirs)) qf_page_raw(page, ", published %.3f", theirs);
    qf_page_raw(page, "</title>");
    draw_marks(page, o, i, p, y);
    char text[32];
    snprintf(text, sizeof text, "%.3f", s.mean);
    qf_draw_label(page, "", QF_DRAWING_WIDTH, y + 4, "end", text);
    qf_page_raw(page, "</g>\n");
}

static void draw_overview(qf_page *page, const overview *o) {
    qf_plot p = {.left = LEFT,
                 .top = TOP,
                 .width = PLOT_WIDTH,
                 .height = ROW * (double)o->results->count,
                 .y_to = 1};
    find_range(o, &p.x_from, &p.x_to);
    const double step = qf_nice_step(&p.x_from, &p.x_to, 5);
    qf_drawing_begin(page, QF_DRAWING_WIDTH, p.top + p.height + 24, o->title);
    qf_describe_results(page, o->results, o->metric);
    qf_draw_label(page, "title", LEFT, 14, "start", o->title);
    qf_draw_x_ticks(page, &p, step);
    for (size_t i = 0; i < o->results->count; i++) draw_result(page, o, i, &p);
    qf_drawing_end(page);
}

static bool any_flagged(const qf_results *results) {
    for (size_t i = 0; i < results->count; i++) {
        if (qf_result_is_flagged(&results->items[i])) return true;
    }
    return false;
}

void qf_figure_overview(qf_page *page, const qf_results *results, const qf_sheet *published) {
    const overview accuracy = {results, published, "accuracy", "Accuracy", "accuracy"};
    const overview area = {results, published, "pr_auc", "PR-AUC (average precision)", NULL};
    qf_figure_begin(page);
    draw_overview(page, &accuracy);
    draw_overview(page, &area);
    qf_figure_end(
        page,
        "Further right is better. Dot: mean over seeds; bar: 95 %% interval (three seeds or more); "
        "small circles: the seeds%s%s. The axes do not begin at 0.",
        published ? "; diamond: the published value nearest to ours" : "",
        any_flagged(results)
            ? "; hollow with \xe2\x9a\xa0: the protocol was violated, see the table"
            : "");
}
