/* What all figures draw with: drawings with their text alternatives, a plot area with its scales,
 * lines, labels, ticks. Drawings are at most QF_DRAWING_WIDTH wide, so that a phone shows them with
 * letters that can be read; a wider page sets them side by side. */
#ifndef QF_REPORT_AXES_H
#define QF_REPORT_AXES_H

#include "report/page.h"

#include <stdbool.h>

/* The margin is room for half of a tick's number, such as 0.9985. */
enum { QF_DRAWING_WIDTH = 400, QF_DRAWING_MARGIN = 22 };

/* The part of a figure where data is drawn: values from..to on either axis. */
typedef struct qf_plot {
    double left, top, width, height;
    double x_from, x_to, y_from, y_to;
    bool x_logarithmic; /* then 0 < x_from */
} qf_plot;

double qf_plot_x(const qf_plot *plot, double x);
double qf_plot_y(const qf_plot *plot, double y);

/* A figure is one or several drawings and a caption that says what to see. */
void qf_figure_begin(qf_page *page);
__attribute__((format(printf, 2, 3))) void qf_figure_end(qf_page *page, const char *caption, ...);

/* A drawing of this size; the title is its text alternative. What is written between begin_text and
 * end_text tells its numbers to who cannot see it, and comes first. */
void qf_drawing_begin(qf_page *page, double width, double height, const char *title);
void qf_drawing_begin_text(qf_page *page);
void qf_drawing_end_text(qf_page *page);
void qf_drawing_end(qf_page *page);

void qf_draw_line(qf_page *page, const char *class, double x1, double y1, double x2, double y2);
void qf_draw_label(qf_page *page, const char *class, double x, double y, const char *anchor,
                   const char *text);
/* Begins a label whose text is written next, escaped; qf_draw_label_end ends it. */
void qf_draw_label_begin(qf_page *page, const char *class, double x, double y, const char *anchor);
void qf_draw_label_end(qf_page *page);

/* A path through points in turn, in data units; points that are not finite are left out. */
typedef struct qf_pen {
    qf_page *page;
    const qf_plot *plot;
    bool down;
} qf_pen;
qf_pen qf_pen_begin(qf_page *page, const qf_plot *plot, const char *class);
void qf_pen_move(qf_pen *pen, double x, double y);
void qf_pen_end(qf_pen *pen);

/* The class of a line among several, colour and dashes by its place: no two of QF_SERIES are alike.
 */
enum { QF_SERIES = 16, QF_SERIES_CLASS = 32 };
void qf_print_series(size_t place, char class[QF_SERIES_CLASS]);

/* Widens from..to until it holds the value, unless that is not finite. */
void qf_widen(double value, double *from, double *to);
/* Widens from..to to multiples of a step of 1, 2 or 5 times a power of ten that gives at most
 * `most` intervals; returns the step. */
double qf_nice_step(double *from, double *to, int most);
/* Decimals that tell multiples of a step apart. */
int qf_step_decimals(double step);
/* Grid lines and numbers beneath; on a logarithmic axis at powers of ten, whatever the step. */
void qf_draw_x_ticks(qf_page *page, const qf_plot *plot, double step);
void qf_draw_y_ticks(qf_page *page, const qf_plot *plot, double step);
/* What the axes show. */
void qf_draw_x_title(qf_page *page, const qf_plot *plot, const char *title);
void qf_draw_y_title(qf_page *page, const qf_plot *plot, const char *title);

#endif
