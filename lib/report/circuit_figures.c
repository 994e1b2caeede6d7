#include "report/circuit_figures.h"

#include "report/axes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Circuits that cannot learn would press all others together: the scale leaves them out, and they
 * stand at its end. */
static bool is_blind(const qf_circuit_score *item) {
    return qf_record_number(item->diagnosis, "jacobian_rank") == 0;
}

static void find_score_range(const qf_circuit_scores *s, qf_plot *p) {
    p->y_from = INFINITY;
    p->y_to = -INFINITY;
    for (size_t i = 0; i < s->count; i++) {
        if (!is_blind(&s->items[i])) qf_widen(s->items[i].score, &p->y_from, &p->y_to);
        qf_widen(s->items[i].twin, &p->y_from, &p->y_to);
    }
    if (p->y_from > p->y_to) p->y_from = 0, p->y_to = 1;
}

static double inside(const qf_plot *p, double y) {
    return fmin(fmax(y, p->y_from), p->y_to);
}

/* ---- Scores by depth ---- */

static void draw_depths(qf_page *page, const qf_plot *p, const qf_circuit_scores *s,
                        const char *circuit, bool twin) {
    qf_pen pen = qf_pen_begin(page, p, twin ? "other strong" : "curve");
    for (size_t i = 0; i < s->count; i++) {
        const qf_circuit_score *item = &s->items[i];
        if (strcmp(item->circuit, circuit) != 0) continue;
        qf_pen_move(&pen, (double)item->depth, inside(p, twin ? item->twin : item->score));
    }
    qf_pen_end(&pen);
    for (size_t i = 0; i < s->count; i++) {
        const qf_circuit_score *item = &s->items[i];
        if (strcmp(item->circuit, circuit) != 0) continue;
        const double value = twin ? item->twin : item->score;
        qf_page_raw(page,
                    "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%d\"><title>%s%zu: "
                    "%.4f</title></circle>\n",
                    twin ? "run" : "mean", qf_plot_x(p, (double)item->depth),
                    qf_plot_y(p, inside(p, value)), twin ? 3 : 4, twin ? "twin, depth " : "depth ",
                    item->depth, value);
    }
}

static void draw_chart(qf_page *page, const qf_plot *p, double step, const qf_circuit_scores *s,
                       const char *circuit) {
    char title[128];
    snprintf(title, sizeof title, "%.40s of %.40s and of its twin by depth", s->metric, circuit);
    qf_page_raw(page, "<figure>");
    qf_drawing_begin(page, 180, 132, title);
    qf_draw_label(page, "title", p->left, 14, "start", circuit);
    qf_draw_x_ticks(page, p, 1);
    qf_draw_y_ticks(page, p, step);
    draw_depths(page, p, s, circuit, true);
    draw_depths(page, p, s, circuit, false);
    qf_drawing_end(page);
    qf_page_raw(page, "</figure>\n");
}

static bool is_first(const qf_circuit_scores *s, size_t index) {
    for (size_t i = 0; i < index; i++) {
        if (strcmp(s->items[i].circuit, s->items[index].circuit) == 0) return false;
    }
    return true;
}

void qf_draw_circuit_scores(qf_page *page, const qf_circuit_scores *s) {
    qf_plot p = {.left = 46, .top = 24, .width = 126, .height = 84, .x_from = 1, .x_to = 2};
    find_score_range(s, &p);
    for (size_t i = 0; i < s->count; i++) p.x_to = fmax(p.x_to, (double)s->items[i].depth);
    const double step = qf_nice_step(&p.y_from, &p.y_to, 4);
    qf_figure_begin(page);
    for (size_t i = 0; i < s->count; i++) {
        if (is_first(s, i)) draw_chart(page, &p, step, s, s->items[i].circuit);
    }
    qf_figure_end(
        page,
        "%s by depth, mean over splits, on one scale that does not begin at 0. Blue: the "
        "circuit; grey: its dense twin of about as many live weights. A circuit that cannot "
        "learn stands at the lower end, whatever its score.",
        s->metric);
}

/* ---- Scores against what circuits are like ---- */

static void draw_predictor(qf_page *page, const qf_circuit_scores *s, const char *field,
                           const char *name, bool logarithmic) {
    qf_plot p = {.left = 62, .top = 12, .width = 322, .height = 200, .x_from = INFINITY};
    double x_step = 1;
    char title[128];
    p.x_to = -INFINITY;
    p.x_logarithmic = logarithmic;
    find_score_range(s, &p);
    for (size_t i = 0; i < s->count; i++) {
        qf_widen(qf_record_number(s->items[i].diagnosis, field), &p.x_from, &p.x_to);
    }
    if (!(p.x_from > 0)) p.x_logarithmic = false;
    if (p.x_logarithmic) {
        p.x_from = pow(10, floor(log10(p.x_from)));
        p.x_to = pow(10, ceil(log10(p.x_to)));
    } else {
        x_step = qf_nice_step(&p.x_from, &p.x_to, 5);
    }
    if (p.x_logarithmic && p.x_to <= p.x_from) p.x_to = 10 * p.x_from;
    const double y_step = qf_nice_step(&p.y_from, &p.y_to, 5);
    snprintf(title, sizeof title, "%.40s against %.60s", s->metric, name);
    qf_drawing_begin(page, QF_DRAWING_WIDTH, 252, title);
    qf_draw_x_ticks(page, &p, x_step);
    qf_draw_y_ticks(page, &p, y_step);
    qf_draw_x_title(page, &p, name);
    qf_draw_y_title(page, &p, s->metric);
    for (size_t i = 0; i < s->count; i++) {
        const qf_circuit_score *item = &s->items[i];
        const double x = qf_record_number(item->diagnosis, field);
        if (!isfinite(x)) continue;
        qf_page_raw(page, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"><title>",
                    is_blind(item) ? "run" : "mean", qf_plot_x(&p, x),
                    qf_plot_y(&p, inside(&p, item->score)));
        qf_page_escape(page, qf_record_text(item->comparison, "first"));
        qf_page_raw(page, ": %.4f at %.4g</title></circle>\n", item->score, x);
    }
    qf_drawing_end(page);
}

void qf_draw_predictors(qf_page *page, const qf_circuit_scores *s) {
    qf_figure_begin(page);
    draw_predictor(page, s, "expressibility", "divergence from Haar: less is more expressive",
                   true);
    draw_predictor(page, s, "entanglement", "entanglement", false);
    qf_figure_end(page,
                  "%s of every circuit and depth, mean over splits, against what the circuit "
                  "is like before training. Hollow: circuits that cannot learn, at the end "
                  "of the scale.",
                  s->metric);
}

/* ---- Gradients over wires ---- */

typedef struct sweep {
    const double *wires, *variances;
    size_t count;
} sweep;

static qf_status read_sweep(const qf_record *record, sweep *s, qf_error *error) {
    const qf_field *wires = qf_record_find(record, "sweep_wires"),
                   *variances = qf_record_find(record, "sweep_variance");
    if (wires->kind != QF_FIELD_REALS || !variances || variances->kind != QF_FIELD_REALS ||
        wires->count == 0 || variances->count != wires->count) {
        return qf_fail(error, QF_DATA, "a circuit's lists over wires do not fit together");
    }
    *s = (sweep){wires->reals, variances->reals, wires->count};
    return QF_OK;
}

static void draw_sweep(qf_page *page, const qf_plot *p, const sweep *s, size_t number) {
    char class[32];
    snprintf(class, sizeof class, "series s%zu d%zu", number / 2 % 8, number % 2 * 2);
    qf_pen pen = qf_pen_begin(page, p, class);
    for (size_t i = 0; i < s->count; i++) qf_pen_move(&pen, s->wires[i], log2(s->variances[i]));
    qf_pen_end(&pen);
}

static void write_legend(qf_page *page, const qf_record *record, size_t number) {
    qf_page_raw(page,
                "<li><svg width=\"34\" height=\"10\" viewBox=\"0 0 34 10\" aria-hidden=\"true\">"
                "<path class=\"series s%zu d%zu\" d=\"M0 5L34 5\"/></svg>",
                number / 2 % 8, number % 2 * 2);
    qf_page_escape(page, qf_record_text(record, "circuit"));
    qf_page_raw(page, ", ");
    qf_page_escape(page, qf_record_text(record, "observable"));
    qf_page_raw(page, "</li>\n");
}

static void widen_sweeps(qf_page *page, const qf_record *diagnoses, size_t count, qf_plot *p) {
    for (size_t i = 0; i < count && page->status == QF_OK; i++) {
        sweep s;
        if (!qf_is_sweep(&diagnoses[i])) continue;
        page->status = read_sweep(&diagnoses[i], &s, page->error);
        for (size_t k = 0; page->status == QF_OK && k < s.count; k++) {
            qf_widen(s.wires[k], &p->x_from, &p->x_to);
            qf_widen(log2(s.variances[k]), &p->y_from, &p->y_to);
        }
    }
}

void qf_draw_sweeps(qf_page *page, const qf_record *diagnoses, size_t count) {
    qf_plot p = {62, 12, 322, 220, INFINITY, -INFINITY, INFINITY, -INFINITY, false};
    widen_sweeps(page, diagnoses, count, &p);
    if (page->status != QF_OK || p.y_from > p.y_to) return;
    const double x_step = qf_nice_step(&p.x_from, &p.x_to, 7);
    const double y_step = qf_nice_step(&p.y_from, &p.y_to, 6);
    qf_figure_begin(page);
    qf_drawing_begin(page, QF_DRAWING_WIDTH, 272, "Variance of gradients against wires");
    qf_draw_x_ticks(page, &p, x_step);
    qf_draw_y_ticks(page, &p, y_step);
    qf_draw_x_title(page, &p, "wires");
    qf_draw_y_title(page, &p, "binary logarithm of the variance");
    for (size_t i = 0, number = 0; i < count; i++) {
        sweep s;
        if (!qf_is_sweep(&diagnoses[i])) continue;
        page->status = read_sweep(&diagnoses[i], &s, page->error);
        if (page->status == QF_OK) draw_sweep(page, &p, &s, number++);
    }
    qf_drawing_end(page);
    qf_page_raw(page, "<ul class=\"legend\">\n");
    for (size_t i = 0, number = 0; i < count; i++) {
        if (qf_is_sweep(&diagnoses[i])) write_legend(page, &diagnoses[i], number++);
    }
    qf_page_raw(page, "</ul>\n");
    qf_figure_end(page,
                  "The variance of the first output's derivative by a weight, over random "
                  "weights and inputs. A line that keeps falling is a barren plateau: each "
                  "wire makes gradients smaller by the same factor (McClean et al. 2018).");
}
