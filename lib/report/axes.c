#include "report/axes.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

double qf_plot_x(const qf_plot *p, double x) {
    return p->left + (x - p->x_from) / (p->x_to - p->x_from) * p->width;
}

double qf_plot_y(const qf_plot *p, double y) {
    return p->top + p->height - (y - p->y_from) / (p->y_to - p->y_from) * p->height;
}

void qf_figure_begin(qf_page *page, double width, double height, const char *alternative) {
    qf_page_raw(page,
                "<figure><svg viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" role=\"img\" "
                "aria-label=\"",
                width, height, width);
    qf_page_escape(page, alternative);
    qf_page_raw(page, "\">\n");
}

void qf_figure_end(qf_page *page, const char *caption, ...) {
    char text[600];
    va_list arguments;
    va_start(arguments, caption);
    vsnprintf(text, sizeof text, caption, arguments);
    va_end(arguments);
    qf_page_raw(page, "</svg><figcaption>");
    qf_page_escape(page, text);
    qf_page_raw(page, "</figcaption></figure>\n");
}

void qf_draw_line(qf_page *page, const char *class, double x1, double y1, double x2, double y2) {
    qf_page_raw(page, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", class,
                x1, y1, x2, y2);
}

void qf_draw_label(qf_page *page, const char *class, double x, double y, const char *anchor,
                   const char *text) {
    qf_page_raw(page, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", class, x, y,
                anchor);
    qf_page_escape(page, text);
    qf_page_raw(page, "</text>");
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
    return (int)lround((to - from) / step);
}

void qf_draw_x_ticks(qf_page *page, const qf_plot *p, double step) {
    for (int i = 0; i <= count_ticks(p->x_from, p->x_to, step); i++) {
        const double value = p->x_from + i * step, x = qf_plot_x(p, value);
        char text[32];
        snprintf(text, sizeof text, "%.*f", qf_step_decimals(step), value);
        qf_draw_line(page, "grid", x, p->top, x, p->top + p->height);
        qf_draw_label(page, "soft", x, p->top + p->height + 16, "middle", text);
    }
}

void qf_draw_y_ticks(qf_page *page, const qf_plot *p, double step) {
    for (int i = 0; i <= count_ticks(p->y_from, p->y_to, step); i++) {
        const double value = p->y_from + i * step, y = qf_plot_y(p, value);
        char text[32];
        snprintf(text, sizeof text, "%.*f", qf_step_decimals(step), value);
        qf_draw_line(page, "grid", p->left, y, p->left + p->width, y);
        qf_draw_label(page, "soft", p->left - 6, y + 4, "end", text);
    }
}
