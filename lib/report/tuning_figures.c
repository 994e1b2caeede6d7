#include "report/tuning_figures.h"

#include "base/number.h"
#include "report/axes.h"

#include <math.h>
#include <stdio.h>

/* The lists of a curve, all of one length. */
typedef struct tuning_curve {
    const double *values, *training, *training_sd, *validation, *validation_sd;
    size_t count;
    double chosen;
} tuning_curve;

static bool read_list(const qf_record *record, const char *name, tuning_curve *curve,
                      const double **list) {
    const qf_field *field = qf_record_find(record, name);
    if (!field || field->kind != QF_FIELD_REALS || field->count == 0) return false;
    if (curve->count > 0 && field->count != curve->count) return false;
    curve->count = field->count;
    *list = field->reals;
    return true;
}

static bool read_curve(const qf_record *record, tuning_curve *curve) {
    *curve = (tuning_curve){.chosen = qf_record_number(record, "chosen")};
    return read_list(record, "values", curve, &curve->values) &&
           read_list(record, "training_mean", curve, &curve->training) &&
           read_list(record, "training_sd", curve, &curve->training_sd) &&
           read_list(record, "validation_mean", curve, &curve->validation) &&
           read_list(record, "validation_sd", curve, &curve->validation_sd);
}

static void widen(double value, double *from, double *to) {
    if (!isfinite(value)) return;
    *from = fmin(*from, value);
    *to = fmax(*to, value);
}

static qf_plot make_plot(const tuning_curve *c, double *x_step, double *y_step) {
    qf_plot p = {50, 28, 250, 150, c->values[0], c->values[c->count - 1], INFINITY, -INFINITY};
    for (size_t i = 0; i < c->count; i++) {
        widen(c->training[i], &p.y_from, &p.y_to);
        widen(c->validation[i] - c->validation_sd[i], &p.y_from, &p.y_to);
        widen(c->validation[i] + c->validation_sd[i], &p.y_from, &p.y_to);
    }
    if (p.y_from > p.y_to) p.y_from = 0, p.y_to = 1;
    *x_step = qf_nice_step(&p.x_from, &p.x_to, 4);
    *y_step = qf_nice_step(&p.y_from, &p.y_to, 4);
    return p;
}

static void draw_curve(qf_page *page, const qf_plot *p, const tuning_curve *c, const double *means,
                       const char *class) {
    qf_page_raw(page, "<path class=\"%s\" d=\"", class);
    const char *pen = "M";
    for (size_t i = 0; i < c->count; i++) {
        if (!isfinite(means[i])) continue;
        qf_page_raw(page, "%s%.1f %.1f", pen, qf_plot_x(p, c->values[i]), qf_plot_y(p, means[i]));
        pen = "L";
    }
    qf_page_raw(page, "\"/>\n");
}

static void draw_spread(qf_page *page, const qf_plot *p, const tuning_curve *c) {
    qf_page_raw(page, "<path class=\"band\" d=\"");
    const char *pen = "M";
    for (size_t k = 0; k < 2 * c->count; k++) {
        const size_t i = k < c->count ? k : 2 * c->count - 1 - k;
        const double sign = k < c->count ? 1 : -1;
        const double y = c->validation[i] + sign * c->validation_sd[i];
        if (!isfinite(y)) continue;
        qf_page_raw(page, "%s%.1f %.1f", pen, qf_plot_x(p, c->values[i]), qf_plot_y(p, y));
        pen = "L";
    }
    qf_page_raw(page, "\"/>\n");
}

/* The score at the chosen value. */
static double chosen_score(const tuning_curve *c) {
    for (size_t i = 0; i < c->count; i++) {
        if (c->values[i] == c->chosen) return c->validation[i];
    }
    return NAN;
}

static void draw_chart(qf_page *page, const qf_record *record, const tuning_curve *c) {
    double x_step, y_step;
    const qf_plot p = make_plot(c, &x_step, &y_step);
    char text[QF_NUMBER_TEXT], alternative[200];
    const char *model = qf_record_text(record, "model"),
               *name = qf_record_text(record, "parameter");
    snprintf(alternative, sizeof alternative, "%.40s of %.40s against its %.40s",
             qf_record_text(record, "metric"), model, name);
    qf_figure_begin(page, 320, 216, alternative);
    qf_draw_label(page, "", p.left, 14, "start", model);
    qf_draw_x_ticks(page, &p, x_step);
    qf_draw_y_ticks(page, &p, y_step);
    qf_draw_label(page, "soft", p.left + p.width / 2, 212, "middle", name);
    draw_spread(page, &p, c);
    draw_curve(page, &p, c, c->training, "other strong");
    draw_curve(page, &p, c, c->validation, "curve");
    if (isfinite(c->chosen)) {
        const double x = qf_plot_x(&p, c->chosen);
        qf_draw_line(page, "base", x, p.top, x, p.top + p.height);
    }
    qf_print_double(text, c->chosen);
    qf_figure_end(page, "%.40s; chosen: %.40s %s, %.4f", qf_record_text(record, "metric"), name,
                  text, chosen_score(c));
}

static void write_line(qf_page *page, const qf_record *record, const tuning_curve *c) {
    char text[QF_NUMBER_TEXT];
    qf_print_double(text, c->chosen);
    qf_page_paragraph(page, "%s: %s %s of %zu values, %s %.4f.", qf_record_text(record, "model"),
                      qf_record_text(record, "parameter"), text, c->count,
                      qf_record_text(record, "metric"), chosen_score(c));
}

void qf_write_tuning(qf_page *page, const qf_record *records, size_t count) {
    const bool html = page->format == QF_PAGE_HTML;
    if (count == 0) return;
    qf_page_heading(page, "Tuning");
    if (html) {
        qf_page_paragraph(page,
                          "The score of every value that was tried: blue, rows that the fit "
                          "has not seen, with a deviation over the folds; grey, the rows "
                          "fitted to; dashed, what was chosen.");
        qf_page_raw(page, "<div class=\"panels\">\n");
    }
    for (size_t i = 0; i < count; i++) {
        tuning_curve curve;
        if (!read_curve(&records[i], &curve)) continue;
        if (html) {
            draw_chart(page, &records[i], &curve);
        } else {
            write_line(page, &records[i], &curve);
        }
    }
    if (html) qf_page_raw(page, "</div>\n");
}
