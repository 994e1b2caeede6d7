#include "report/axes.h"

#include "base/number.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

double qf_plot_x(const qf_plot *p, double x) {
    const double share = p->x_logarithmic ? log(x / p->x_from) / log(p->x_to / p->x_from)
                                          : (x - p->x_from) / (p->x_to - p->x_from);
    return p->left + share * p->width;
}

double qf_plot_y(const qf_plot *p, double y) {
    return p->top + p->height - (y - p->y_from) / (p->y_to - p->y_from) * p->height;
}

void qf_figure_begin(qf_page *page) {
    qf_page_raw(page, "<figure><div class=\"panels\">\n");
}

void qf_figure_end(qf_page *page, const char *caption, ...) {
    char text[800];
    va_list arguments;
    va_start(arguments, caption);
    vsnprintf(text, sizeof text, caption, arguments);
    va_end(arguments);
    qf_page_raw(page, "</div><figcaption>");
    qf_page_escape(page, text);
    qf_page_raw(page, "</figcaption></figure>\n");
}

void qf_drawing_begin(qf_page *page, double width, double height, const char *title) {
    qf_page_raw(page, "<svg viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" role=\"img\"><title>", width,
                height, width);
    qf_page_escape(page, title);
    qf_page_raw(page, "</title>\n");
}

void qf_drawing_begin_text(qf_page *page) {
    qf_page_raw(page, "<desc>");
}

void qf_drawing_end_text(qf_page *page) {
    qf_page_raw(page, "</desc>\n");
}

void qf_drawing_end(qf_page *page) {
    qf_page_raw(page, "</svg>\n");
}

void qf_draw_line(qf_page *page, const char *class, double x1, double y1, double x2, double y2) {
    qf_page_raw(page, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", class,
                x1, y1, x2, y2);
}

void qf_draw_label_begin(qf_page *page, const char *class, double x, double y, const char *anchor) {
    qf_page_raw(page, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", class, x, y,
                anchor);
}

void qf_draw_label_end(qf_page *page) {
    qf_page_raw(page, "</text>\n");
}

void qf_draw_label(qf_page *page, const char *class, double x, double y, const char *anchor,
                   const char *text) {
    qf_draw_label_begin(page, class, x, y, anchor);
    qf_page_escape(page, text);
    qf_draw_label_end(page);
}

qf_pen qf_pen_begin(qf_page *page, const qf_plot *plot, const char *class) {
    qf_page_raw(page, "<path class=\"%s\" d=\"", class);
    return (qf_pen){page, plot, false};
}

void qf_pen_move(qf_pen *pen, double x, double y) {
    if (!isfinite(x) || !isfinite(y)) return;
    qf_page_raw(pen->page, "%s%.1f %.1f", pen->down ? "L" : "M", qf_plot_x(pen->plot, x),
                qf_plot_y(pen->plot, y));
    pen->down = true;
}

void qf_pen_end(qf_pen *pen) {
    qf_page_raw(pen->page, "\"/>\n");
}

void qf_print_series(size_t place, char class[QF_SERIES_CLASS]) {
    enum { COLOURS = 8, DASHES = 4 };
    snprintf(class, QF_SERIES_CLASS, "series s%zu d%zu", place % COLOURS,
             (place + place / COLOURS) % DASHES);
}

void qf_widen(double value, double *from, double *to) {
    if (!isfinite(value)) return;
    *from = fmin(*from, value);
    *to = fmax(*to, value);
}

double qf_nice_step(double *from, double *to, int most) {
    static const double multiples[] = {1, 2, 5};
    const double range = *to - *from;
    double step = range > 0 ? pow(10, floor(log10(range / most))) : 0.001;
    for (size_t i = 0; range / step > most; i++) {
        step *= multiples[(i + 1) % 3] / multiples[i % 3] * (i % 3 == 2 ? 10 : 1);
    }
    *from = step * floor(*from / step + 1e-9);
    *to = step * ceil(*to / step - 1e-9);
    if (*to - *from < step / 2) *to = *from + step;
    return step;
}

int qf_step_decimals(double step) {
    const double places = -floor(log10(step) + 1e-9);
    return places > 0 ? (int)places : 0;
}

static int count_ticks(double from, double to, double step) {
    return (int)floor((to - from) / step + 1e-6);
}

/* The i-th tick, without the rounding that would print as -0. */
static double tick_value(double from, double step, int i) {
    const double value = from + i * step;
    return fabs(value) < step * 1e-6 ? 0 : value;
}

static void draw_x_tick(qf_page *page, const qf_plot *p, double value, const char *text) {
    const double x = qf_plot_x(p, value);
    qf_draw_line(page, "grid", x, p->top, x, p->top + p->height);
    qf_draw_label(page, "soft", x, p->top + p->height + 16, "middle", text);
}

void qf_draw_x_ticks(qf_page *page, const qf_plot *p, double step) {
    char text[QF_NUMBER_TEXT];
    if (p->x_logarithmic) {
        const int last = (int)floor(log10(p->x_to) + 1e-9);
        for (int power = (int)ceil(log10(p->x_from) - 1e-9); power <= last; power++) {
            snprintf(text, sizeof text, "%g", pow(10, power));
            draw_x_tick(page, p, pow(10, power), text);
        }
        return;
    }
    for (int i = 0; i <= count_ticks(p->x_from, p->x_to, step); i++) {
        const double value = tick_value(p->x_from, step, i);
        snprintf(text, sizeof text, "%.*f", qf_step_decimals(step), value);
        draw_x_tick(page, p, value, text);
    }
}

void qf_draw_y_ticks(qf_page *page, const qf_plot *p, double step) {
    for (int i = 0; i <= count_ticks(p->y_from, p->y_to, step); i++) {
        const double value = tick_value(p->y_from, step, i), y = qf_plot_y(p, value);
        char text[QF_NUMBER_TEXT];
        snprintf(text, sizeof text, "%.*f", qf_step_decimals(step), value);
        qf_draw_line(page, "grid", p->left, y, p->left + p->width, y);
        qf_draw_label(page, "soft", p->left - 6, y + 4, "end", text);
    }
}

void qf_draw_x_title(qf_page *page, const qf_plot *p, const char *title) {
    qf_draw_label(page, "soft", p->left + p->width / 2, p->top + p->height + 34, "middle", title);
}

void qf_draw_y_title(qf_page *page, const qf_plot *p, const char *title) {
    qf_page_raw(page,
                "<text class=\"soft\" transform=\"translate(10 %.1f) rotate(-90)\" "
                "text-anchor=\"middle\">",
                p->top + p->height / 2);
    qf_page_escape(page, title);
    qf_draw_label_end(page);
}
