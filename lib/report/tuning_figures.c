#include "report/tuning_figures.h"

#include "base/number.h"
#include "report/axes.h"
#include "report/results.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The lists of a curve, all of one length, by rising value. */
typedef struct tuning_curve {
    const double *values, *training, *training_sd, *validation, *validation_sd;
    size_t count;
    double chosen;
} tuning_curve;

static qf_status read_list(const qf_record *record, const char *name, tuning_curve *curve,
                           const double **list, qf_error *error) {
    const qf_field *field = qf_record_find(record, name);
    if (!field || field->kind != QF_FIELD_REALS || field->count == 0 ||
        (curve->count > 0 && field->count != curve->count)) {
        return qf_fail(error, QF_DATA, "a tuning curve's \"%s\" is missing or of another length",
                       name);
    }
    curve->count = field->count;
    *list = field->reals;
    return QF_OK;
}

static qf_status read_curve(const qf_record *record, tuning_curve *curve, qf_error *error) {
    *curve = (tuning_curve){.chosen = qf_record_number(record, "chosen")};
    QF_TRY(read_list(record, "values", curve, &curve->values, error));
    QF_TRY(read_list(record, "training_mean", curve, &curve->training, error));
    QF_TRY(read_list(record, "training_sd", curve, &curve->training_sd, error));
    QF_TRY(read_list(record, "validation_mean", curve, &curve->validation, error));
    QF_TRY(read_list(record, "validation_sd", curve, &curve->validation_sd, error));
    for (size_t i = 0; i < curve->count; i++) {
        if (isfinite(curve->values[i]) && !(i && curve->values[i] <= curve->values[i - 1]))
            continue;
        return qf_fail(error, QF_DATA, "a tuning curve's \"values\" do not rise");
    }
    return QF_OK;
}

/* Of one model, parameter and metric: a chart shows all seeds. */
static bool is_same_sweep(const qf_record *a, const qf_record *b) {
    static const char *const names[] = {"model", "parameter", "metric"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        if (strcmp(qf_record_text(a, names[k]), qf_record_text(b, names[k])) != 0) return false;
    }
    return true;
}

/* Values that grow by factors: the last step is far longer than the first. */
static bool is_geometric(const tuning_curve *c) {
    return c->count > 2 && c->values[0] > 0 &&
           c->values[c->count - 1] - c->values[c->count - 2] > 20 * (c->values[1] - c->values[0]);
}

static void widen_plot(qf_plot *p, const tuning_curve *c) {
    qf_widen(c->values[0], &p->x_from, &p->x_to);
    qf_widen(c->values[c->count - 1], &p->x_from, &p->x_to);
    for (size_t i = 0; i < c->count; i++) {
        qf_widen(c->training[i] - c->training_sd[i], &p->y_from, &p->y_to);
        qf_widen(c->training[i] + c->training_sd[i], &p->y_from, &p->y_to);
        qf_widen(c->validation[i] - c->validation_sd[i], &p->y_from, &p->y_to);
        qf_widen(c->validation[i] + c->validation_sd[i], &p->y_from, &p->y_to);
    }
}

static void draw_curve(qf_page *page, const qf_plot *p, const tuning_curve *c, const double *means,
                       const char *class) {
    qf_pen pen = qf_pen_begin(page, p, class);
    for (size_t i = 0; i < c->count; i++) qf_pen_move(&pen, c->values[i], means[i]);
    qf_pen_end(&pen);
}

static void draw_spread(qf_page *page, const qf_plot *p, const tuning_curve *c, const double *means,
                        const double *deviations, const char *class) {
    qf_pen pen = qf_pen_begin(page, p, class);
    for (size_t k = 0; k < 2 * c->count; k++) {
        const bool back = k >= c->count;
        const size_t i = back ? 2 * c->count - 1 - k : k;
        qf_pen_move(&pen, c->values[i], means[i] + (back ? -1 : 1) * deviations[i]);
    }
    qf_pen_end(&pen);
}

/* The score at the chosen value. */
static double chosen_score(const tuning_curve *c) {
    for (size_t i = 0; i < c->count; i++) {
        if (c->values[i] == c->chosen) return c->validation[i];
    }
    return NAN;
}

static void draw_chosen(qf_page *page, const qf_plot *p, const tuning_curve *c) {
    const double score = chosen_score(c), x = qf_plot_x(p, c->chosen);
    if (isnan(score)) return;
    qf_draw_line(page, "base", x, p->top, x, p->top + p->height);
    qf_page_raw(page, "<circle class=\"mean\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>\n", x,
                qf_plot_y(p, score));
}

/* The records of records[from..count) that are of the first one's sweep. */
typedef struct sweep {
    const qf_record *records;
    size_t from, count;
} sweep;

/* The next record of the sweep after i, or the count. */
static size_t next_of(const sweep *s, size_t i) {
    while (++i < s->count && !is_same_sweep(&s->records[s->from], &s->records[i])) continue;
    return i;
}

static qf_plot make_plot(qf_page *page, const sweep *s, double *x_step, double *y_step) {
    qf_plot p = {62, 28, 242, 150, INFINITY, -INFINITY, INFINITY, -INFINITY, false};
    tuning_curve c;
    for (size_t i = s->from; i < s->count && page->status == QF_OK; i = next_of(s, i)) {
        page->status = read_curve(&s->records[i], &c, page->error);
        if (page->status != QF_OK) break;
        if (i == s->from) p.x_logarithmic = is_geometric(&c);
        widen_plot(&p, &c);
    }
    if (p.x_from <= 0) p.x_logarithmic = false;
    if (p.y_from > p.y_to) p.y_from = 0, p.y_to = 1;
    *x_step = p.x_logarithmic ? 1 : qf_nice_step(&p.x_from, &p.x_to, 4);
    *y_step = qf_nice_step(&p.y_from, &p.y_to, 4);
    return p;
}

enum { CHOSEN_TEXT = 512 };

static void print_chosen(const qf_record *record, const tuning_curve *c, char text[CHOSEN_TEXT]) {
    char value[QF_NUMBER_TEXT], metric[QF_METRIC_WORDS];
    qf_print_double(value, c->chosen);
    qf_metric_words(qf_record_text(record, "metric"), metric);
    snprintf(text, CHOSEN_TEXT, "%.60s %s, %s %.4f", qf_record_text(record, "parameter"), value,
             metric, chosen_score(c));
}

static void draw_seeds(qf_page *page, const qf_plot *p, const sweep *s) {
    tuning_curve c;
    for (size_t i = next_of(s, s->from); i < s->count; i = next_of(s, i)) {
        page->status = read_curve(&s->records[i], &c, page->error);
        if (page->status != QF_OK) return;
        draw_curve(page, p, &c, c.training, "other");
        draw_curve(page, p, &c, c.validation, "curve thin");
    }
}

static void write_other_choices(qf_page *page, const sweep *s) {
    const char *before = "; other seeds: ";
    for (size_t i = next_of(s, s->from); i < s->count; i = next_of(s, i)) {
        char value[QF_NUMBER_TEXT];
        qf_print_double(value, qf_record_number(&s->records[i], "chosen"));
        qf_page_raw(page, "%s%s", before, value);
        before = ", ";
    }
}

static void draw_sweep(qf_page *page, const sweep *s) {
    const qf_record *first = &s->records[s->from];
    double x_step, y_step;
    char text[CHOSEN_TEXT], metric[QF_METRIC_WORDS];
    const qf_plot p = make_plot(page, s, &x_step, &y_step);
    tuning_curve c;
    if (page->status == QF_OK) page->status = read_curve(first, &c, page->error);
    if (page->status != QF_OK) return;
    qf_metric_words(qf_record_text(first, "metric"), metric);
    snprintf(text, sizeof text, "%.40s of %.40s against its %.40s", metric,
             qf_record_text(first, "model"), qf_record_text(first, "parameter"));
    qf_page_raw(page, "<figure>");
    qf_drawing_begin(page, 320, 218, text);
    qf_draw_label(page, "title", p.left, 14, "start", qf_record_text(first, "model"));
    qf_draw_x_ticks(page, &p, x_step);
    qf_draw_y_ticks(page, &p, y_step);
    qf_draw_x_title(page, &p, qf_record_text(first, "parameter"));
    qf_draw_y_title(page, &p, metric);
    draw_spread(page, &p, &c, c.training, c.training_sd, "band fitted");
    draw_spread(page, &p, &c, c.validation, c.validation_sd, "band");
    draw_seeds(page, &p, s);
    draw_curve(page, &p, &c, c.training, "other strong");
    draw_curve(page, &p, &c, c.validation, "curve");
    draw_chosen(page, &p, &c);
    qf_drawing_end(page);
    print_chosen(first, &c, text);
    qf_page_raw(page, "<figcaption>Chosen: ");
    qf_page_escape(page, text);
    write_other_choices(page, s);
    qf_page_raw(page, "</figcaption></figure>\n");
}

static void write_line(qf_page *page, const qf_record *record) {
    tuning_curve c;
    char text[CHOSEN_TEXT];
    page->status = read_curve(record, &c, page->error);
    if (page->status != QF_OK) return;
    print_chosen(record, &c, text);
    char seed[24];
    const qf_field *field = qf_record_find(record, "seed");
    if (field && field->kind == QF_FIELD_INTEGER) {
        snprintf(seed, sizeof seed, "%lld", (long long)field->integer);
    } else {
        snprintf(seed, sizeof seed, "%s", qf_record_text(record, "seed"));
    }
    qf_page_paragraph(page, "%s, seed %s: %s, of %zu values.", qf_record_text(record, "model"),
                      seed, text, c.count);
}

static bool is_first(const qf_record *records, size_t index) {
    for (size_t i = 0; i < index; i++) {
        if (is_same_sweep(&records[i], &records[index])) return false;
    }
    return true;
}

void qf_write_tuning(qf_page *page, const qf_record *records, size_t count) {
    const bool html = page->format == QF_PAGE_HTML;
    if (count == 0) return;
    qf_page_heading(page, "Tuning");
    if (html) {
        qf_page_paragraph(page,
                          "The score of every value that was tried. Blue: rows that the fit has "
                          "not seen; grey: the rows fitted to; bands: a deviation of the folds "
                          "either way; thin: further seeds. Dot: what was chosen.");
        qf_page_raw(page, "<div class=\"panels\">\n");
    }
    for (size_t i = 0; i < count && page->status == QF_OK; i++) {
        const sweep s = {records, i, count};
        if (!html) {
            write_line(page, &records[i]);
        } else if (is_first(records, i)) {
            draw_sweep(page, &s);
        }
    }
    if (html) qf_page_raw(page, "</div>\n");
}
