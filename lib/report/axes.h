/* What all figures draw with: a plot area with its scales, lines, labels, ticks. */
#ifndef QF_REPORT_AXES_H
#define QF_REPORT_AXES_H

#include "report/page.h"

/* The part of a figure where data is drawn: values from..to on either axis. */
typedef struct qf_plot {
    double left, top, width, height;
    double x_from, x_to, y_from, y_to;
} qf_plot;

double qf_plot_x(const qf_plot *plot, double x);
double qf_plot_y(const qf_plot *plot, double y);

/* Begins a figure of this size with its text alternative, ends it with its caption. */
void qf_figure_begin(qf_page *page, double width, double height, const char *alternative);
__attribute__((format(printf, 2, 3))) void qf_figure_end(qf_page *page, const char *caption, ...);

void qf_draw_line(qf_page *page, const char *class, double x1, double y1, double x2, double y2);
void qf_draw_label(qf_page *page, const char *class, double x, double y, const char *anchor,
                   const char *text);

/* Widens from..to to multiples of a step of 1, 2 or 5 times a power of ten that gives at most
 * `most` intervals; returns the step. */
double qf_nice_step(double *from, double *to, int most);
/* Decimals that tell multiples of a step apart. */
int qf_step_decimals(double step);
void qf_draw_x_ticks(qf_page *page, const qf_plot *plot, double step);
void qf_draw_y_ticks(qf_page *page, const qf_plot *plot, double step);

#endif
