#include "report/noise_figures.h"

#include "base/number.h"
#include "report/axes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ACCURACY, PR_AUC, METRICS };
static const char *const fields[METRICS] = {"accuracy", "pr_auc"};
static const char *const words[METRICS] = {"accuracy", "PR-AUC"};

/* What may be lost of a metric where noise counts as harmless. */
static const double harmless = 0.01;

/* One setting: means over its records. */
typedef struct point {
    const char *noise;
    bool trained; /* with the noise */
    double strength, means[METRICS];
    size_t runs;
} point;

typedef struct points {
    point *items; /* [count], in order of noise as it first appears, training, strength */
    size_t count;
    double exact[METRICS]; /* without noise; NaN: not known */
} points;

/* ---- From records ---- */

static bool read_strength(const qf_record *record, double *strength) {
    const qf_field *field = qf_record_find(record, "strength");
    if (field && field->kind == QF_FIELD_TEXT) {
        return qf_parse_double(field->text, strlen(field->text), strength) == QF_NUMBER_VALID;
    }
    *strength = qf_record_number(record, "strength");
    return isfinite(*strength);
}

static qf_status read_record(const qf_record *record, point *p, qf_error *error) {
    const char *training = qf_record_text(record, "training");
    *p = (point){.noise = qf_record_text(record, "noise"), .runs = 1};
    p->trained = strcmp(training, "with") == 0;
    if (!*p->noise || !read_strength(record, &p->strength) ||
        (!p->trained && strcmp(training, "without") != 0)) {
        return qf_fail(error, QF_DATA,
                       "metrics under noise lack a label: noise, strength, training");
    }
    for (size_t m = 0; m < METRICS; m++) p->means[m] = qf_record_number(record, fields[m]);
    return QF_OK;
}

static bool is_exact(const point *p) {
    return strcmp(p->noise, "none") == 0;
}

static bool same_setting(const point *a, const point *b) {
    return strcmp(a->noise, b->noise) == 0 && a->trained == b->trained &&
           a->strength == b->strength;
}

/* The number of the first point of this noise. */
static size_t first_of(const points *all, const char *noise) {
    size_t i = 0;
    while (i < all->count && strcmp(all->items[i].noise, noise) != 0) i++;
    return i;
}

static bool comes_before(const points *all, const point *a, const point *b) {
    const size_t of_a = first_of(all, a->noise), of_b = first_of(all, b->noise);
    if (of_a != of_b) return of_a < of_b;
    if (a->trained != b->trained) return b->trained;
    return a->strength < b->strength;
}

/* Sums become means; insertion keeps the order of noises. */
static void add_point(points *all, const point *p) {
    for (size_t i = 0; i < all->count; i++) {
        point *known = &all->items[i];
        if (!same_setting(known, p)) continue;
        for (size_t m = 0; m < METRICS; m++) {
            known->means[m] += (p->means[m] - known->means[m]) / (double)(known->runs + 1);
        }
        known->runs++;
        return;
    }
    size_t place = all->count;
    while (place > 0 && comes_before(all, p, &all->items[place - 1])) {
        all->items[place] = all->items[place - 1];
        place--;
    }
    all->items[place] = *p;
    all->count++;
}

static qf_status read_points(const qf_record *records, size_t count, points *all, qf_error *error) {
    *all = (points){.items = qf_new_array(count, sizeof *all->items, error), .exact = {NAN, NAN}};
    if (!all->items) return QF_MEMORY;
    for (size_t i = 0; i < count; i++) {
        point p;
        QF_TRY(read_record(&records[i], &p, error));
        add_point(all, &p);
    }
    const size_t exact = first_of(all, "none");
    if (exact < all->count) {
        memcpy(all->exact, all->items[exact].means, sizeof all->exact);
    }
    return QF_OK;
}

/* The points from `first` on that are of its noise and training. */
static size_t series_end(const points *all, size_t first) {
    size_t end = first;
    while (end < all->count && strcmp(all->items[end].noise, all->items[first].noise) == 0 &&
           all->items[end].trained == all->items[first].trained) {
        end++;
    }
    return end;
}

static size_t noise_end(const points *all, size_t first) {
    size_t end = first;
    while (end < all->count && strcmp(all->items[end].noise, all->items[first].noise) == 0) end++;
    return end;
}

/* ---- Tables ---- */

static const char *training_word(const point *p) {
    return p->trained ? "with this noise" : "without noise";
}

/* The last strength before the first that costs more of a metric, or, where the noise is shots, of
 * which more help, the least from which on all are harmless. */
static void add_harmless(const points *all, size_t first, size_t end, size_t metric,
                         qf_grid *grid) {
    char text[QF_NUMBER_TEXT];
    const bool shots = strcmp(all->items[first].noise, "shots") == 0;
    const double least = all->exact[metric] - harmless;
    size_t fine = 0;
    while (fine < end - first) {
        const point *p = &all->items[shots ? end - 1 - fine : first + fine];
        if (!(p->means[metric] >= least)) break;
        fine++;
    }
    if (fine == 0) {
        qf_grid_add(grid, "none tried");
        return;
    }
    qf_print_double(text, all->items[shots ? end - fine : first + fine - 1].strength);
    qf_grid_add(grid, "%s %s", shots ? "from" : "up to", text);
}

static void write_summary(qf_page *page, const points *all) {
    static const qf_grid_column columns[] = {
        {"Noise", NULL, false},
        {"Trained", NULL, false},
        {"Accuracy kept", "strengths that cost at most 0.01", false},
        {"PR-AUC kept", "strengths that cost at most 0.01", false},
        {"Worst", "the strongest noise, the fewest shots", true},
        {"Accuracy", "at the worst", true},
        {"PR-AUC", "at the worst", true}};
    qf_grid grid = {
        .columns = columns, .column_count = sizeof columns / sizeof *columns, .error = page->error};
    for (size_t first = 0, end; first < all->count; first = end) {
        end = series_end(all, first);
        if (is_exact(&all->items[first])) continue;
        const bool shots = strcmp(all->items[first].noise, "shots") == 0;
        const point *worst = &all->items[shots ? first : end - 1];
        char text[QF_NUMBER_TEXT];
        qf_print_double(text, worst->strength);
        qf_grid_add(&grid, "%s", worst->noise);
        qf_grid_add(&grid, "%s", training_word(worst));
        for (size_t m = 0; m < METRICS; m++) add_harmless(all, first, end, m, &grid);
        qf_grid_add(&grid, "%s", text);
        qf_grid_add(&grid, "%.4f", worst->means[ACCURACY]);
        qf_grid_add(&grid, "%.4f", worst->means[PR_AUC]);
    }
    qf_page_grid(page, &grid);
    qf_grid_free(&grid);
}

static void write_values(qf_page *page, const points *all) {
    static const qf_grid_column columns[] = {{"Noise", NULL, false},   {"Trained", NULL, false},
                                             {"Strength", NULL, true}, {"Accuracy", NULL, true},
                                             {"PR-AUC", NULL, true},   {"Runs", NULL, true}};
    qf_grid grid = {
        .columns = columns, .column_count = sizeof columns / sizeof *columns, .error = page->error};
    for (size_t i = 0; i < all->count; i++) {
        const point *p = &all->items[i];
        char text[QF_NUMBER_TEXT];
        qf_print_double(text, p->strength);
        qf_grid_add(&grid, "%s", p->noise);
        qf_grid_add(&grid, "%s", training_word(p));
        qf_grid_add(&grid, "%s", text);
        for (size_t m = 0; m < METRICS; m++) qf_grid_add(&grid, "%.4f", p->means[m]);
        qf_grid_add(&grid, "%zu", p->runs);
    }
    qf_page_grid(page, &grid);
    qf_grid_free(&grid);
}

/* ---- Charts ---- */

static void describe(qf_page *page, const points *all, size_t first, size_t end, size_t metric) {
    qf_drawing_begin_text(page);
    for (size_t i = first; i < end; i++) {
        const point *p = &all->items[i];
        char text[QF_NUMBER_TEXT];
        qf_print_double(text, p->strength);
        qf_page_raw(page, "%s, trained %s: %.4f; ", text, training_word(p), p->means[metric]);
    }
    qf_drawing_end_text(page);
}

static void draw_series(qf_page *page, const qf_plot *plot, const points *all, size_t first,
                        size_t metric) {
    const size_t end = series_end(all, first);
    qf_pen pen = qf_pen_begin(page, plot, all->items[first].trained ? "series s1 d1" : "series s0");
    for (size_t i = first; i < end; i++) {
        qf_pen_move(&pen, all->items[i].strength, all->items[i].means[metric]);
    }
    qf_pen_end(&pen);
}

/* All charts of a metric have one scale, so that noises can be compared. */
static qf_plot make_plot(const points *all, size_t first, size_t end, size_t metric,
                         double *y_step) {
    qf_plot p = {62, 28, 242, 150, INFINITY, -INFINITY, INFINITY, -INFINITY, true};
    for (size_t i = first; i < end; i++) {
        qf_widen(all->items[i].strength, &p.x_from, &p.x_to);
        if (!(all->items[i].strength > 0)) p.x_logarithmic = false;
    }
    for (size_t i = 0; i < all->count; i++) {
        qf_widen(all->items[i].means[metric], &p.y_from, &p.y_to);
    }
    if (p.y_from > p.y_to) p.y_from = 0, p.y_to = 1;
    *y_step = qf_nice_step(&p.y_from, &p.y_to, 4);
    return p;
}

static void draw_noise(qf_page *page, const points *all, size_t first, size_t metric) {
    const char *noise = all->items[first].noise;
    const size_t end = noise_end(all, first);
    double y_step, x_step = 1;
    char title[256];
    qf_plot plot = make_plot(all, first, end, metric, &y_step);
    if (!plot.x_logarithmic) x_step = qf_nice_step(&plot.x_from, &plot.x_to, 4);
    snprintf(title, sizeof title, "%s against %.100s", words[metric], noise);
    qf_page_raw(page, "<figure>");
    qf_drawing_begin(page, 320, 218, title);
    describe(page, all, first, end, metric);
    qf_draw_label(page, "title", plot.left, 14, "start", noise);
    qf_draw_x_ticks(page, &plot, x_step);
    qf_draw_y_ticks(page, &plot, y_step);
    qf_draw_x_title(page, &plot, strcmp(noise, "shots") == 0 ? "shots" : "strength");
    qf_draw_y_title(page, &plot, words[metric]);
    if (isfinite(all->exact[metric])) {
        const double y = qf_plot_y(&plot, all->exact[metric]);
        qf_draw_line(page, "base", plot.left, y, plot.left + plot.width, y);
    }
    for (size_t i = first; i < end; i = series_end(all, i)) {
        draw_series(page, &plot, all, i, metric);
    }
    qf_drawing_end(page);
    qf_page_raw(page, "</figure>\n");
}

static void draw_all(qf_page *page, const points *all) {
    for (size_t metric = 0; metric < METRICS; metric++) {
        qf_page_raw(page, "<div class=\"panels\">\n");
        for (size_t first = 0; first < all->count; first = noise_end(all, first)) {
            if (!is_exact(&all->items[first])) draw_noise(page, all, first, metric);
        }
        qf_page_raw(page, "</div>\n");
    }
}

static void write_section(qf_page *page, const points *all) {
    const bool html = page->format == QF_PAGE_HTML;
    qf_page_heading(page, "Noise and shots");
    qf_page_paragraph(
        page,
        "What is left of the net when its circuit runs with noise behind every gate, "
        "or with finite shots: means over the seeds; kept: less by at most 0.01 than "
        "without noise (accuracy %.4f, PR-AUC %.4f). Where accuracy is lost and PR-AUC "
        "kept, rows keep their order, and a threshold of its own would help.",
        all->exact[ACCURACY], all->exact[PR_AUC]);
    write_summary(page, all);
    if (html) {
        qf_page_paragraph(page,
                          "Solid: trained without noise, predicting with it; dashed: trained with "
                          "the same noise; level line: no noise at all.");
        draw_all(page, all);
    }
    if (html) qf_page_raw(page, "<details><summary>All strengths</summary>\n");
    if (page->format != QF_PAGE_TEXT) write_values(page, all);
    if (html) qf_page_raw(page, "</details>\n");
}

void qf_write_noise(qf_page *page, const qf_record *records, size_t count) {
    points all;
    if (count == 0 || page->status != QF_OK) return;
    page->status = read_points(records, count, &all, page->error);
    if (page->status == QF_OK) write_section(page, &all);
    free(all.items);
}
