#include "report/training_figures.h"

#include "base/number.h"
#include "report/axes.h"
#include "report/figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A list of a run's training: "epoch_loss" ...; NULL where it has none. */
static const qf_field *find_list(const qf_record *run, const char *name) {
    const qf_field *field = qf_record_find(run, name);
    return field && field->kind == QF_FIELD_REALS && field->count > 0 ? field : NULL;
}

static bool was_trained(const qf_result *result) {
    return find_list(result->runs[0], "epoch_loss") != NULL;
}

/* Of the runs that came so far, as training may end early: mean and range. */
typedef struct spread {
    double mean, least, greatest; /* NaN and infinite without any */
} spread;

static spread spread_at(const qf_result *result, const char *name, size_t epoch) {
    spread s = {0, INFINITY, -INFINITY};
    size_t count = 0;
    for (size_t i = 0; i < result->count; i++) {
        const qf_field *list = find_list(result->runs[i], name);
        if (!list || epoch >= list->count || !isfinite(list->reals[epoch])) continue;
        s.mean += list->reals[epoch];
        s.least = fmin(s.least, list->reals[epoch]);
        s.greatest = fmax(s.greatest, list->reals[epoch]);
        count++;
    }
    s.mean = count > 0 ? s.mean / (double)count : NAN;
    return s;
}

static size_t most_epochs(const qf_result *result) {
    size_t most = 0;
    for (size_t i = 0; i < result->count; i++) {
        const qf_field *list = find_list(result->runs[i], "epoch_loss");
        if (list && list->count > most) most = list->count;
    }
    return most;
}

/* Mean over runs of a list's last value. */
static double last_of(const qf_result *result, const char *name) {
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < result->count; i++) {
        const qf_field *list = find_list(result->runs[i], name);
        if (!list || !isfinite(list->reals[list->count - 1])) continue;
        sum += list->reals[list->count - 1];
        count++;
    }
    return count > 0 ? sum / (double)count : NAN;
}

/* ---- Angles ---- */

/* Of all runs, in the last epoch. */
static double largest_angle(const qf_result *result) {
    double largest = NAN;
    for (size_t i = 0; i < result->count; i++) {
        const qf_field *list = find_list(result->runs[i], "largest_angle");
        if (list) largest = fmax(largest, list->reals[list->count - 1]);
    }
    return largest;
}

static const qf_result *find_variant(const qf_results *results, const qf_result *like,
                                     const char *variant) {
    for (size_t i = 0; i < results->count; i++) {
        const qf_result *r = &results->items[i];
        if (strcmp(r->model, like->model) == 0 && strcmp(r->variant, variant) == 0 &&
            strcmp(r->protocol, like->protocol) == 0 &&
            strcmp(r->data_digest, like->data_digest) == 0) {
            return r;
        }
    }
    return NULL;
}

static void write_angles(qf_page *page, const qf_results *results) {
    for (size_t i = 0; i < results->count; i++) {
        const qf_result *published = &results->items[i];
        if (strcmp(published->variant, "published") != 0) continue;
        const qf_result *sound = find_variant(results, published, "sound");
        const double wrapped = last_of(published, "angles_beyond_pi");
        const double bounded = sound ? last_of(sound, "angles_beyond_pi") : NAN;
        if (isnan(wrapped) || isnan(bounded)) continue;
        qf_page_paragraph(
            page,
            "An angle beyond pi wraps, so that large values look like small ones. As published, "
            "%.1f %% of the angles that the circuit of %s is given lie beyond pi, the largest at "
            "%.1f; in the sound recipe %.1f %%, the largest at %.1f. Accuracy: %.4f and %.4f.",
            100 * wrapped, published->model, largest_angle(published), 100 * bounded,
            largest_angle(sound), qf_result_summary(published, "accuracy").mean,
            qf_result_summary(sound, "accuracy").mean);
    }
}

/* ---- The table of all ---- */

static void add_number(qf_grid *grid, int decimals, double value) {
    if (isnan(value)) {
        qf_grid_add(grid, "%s", "");
    } else {
        qf_grid_add(grid, "%.*f", decimals, value);
    }
}

static void write_table(qf_page *page, const qf_results *results) {
    static const qf_grid_column columns[] = {
        {"Model", NULL, false},
        {"Parameters", "that are trained and can make a difference", true},
        {"Epochs", NULL, true},
        {"Loss", "on the rows trained on, in the last epoch, mean over seeds", true},
        {"Accuracy", "on the rows trained on, in the last epoch", true},
        {"Validation loss", "on rows set aside", true},
        {"Angles beyond pi", "share of the circuit's inputs outside -pi to pi, last epoch", true},
        {"Largest angle", "of the same and all seeds, radians", true},
    };
    qf_grid grid = {
        .columns = columns, .column_count = sizeof columns / sizeof *columns, .error = page->error};
    for (size_t i = 0; i < results->count; i++) {
        const qf_result *r = &results->items[i];
        if (!was_trained(r)) continue;
        const double beyond = last_of(r, "angles_beyond_pi");
        qf_grid_add_result(page, &grid, results, i);
        add_number(&grid, 0, qf_record_number(r->runs[0], "live_parameters"));
        qf_grid_add(&grid, "%zu", most_epochs(r));
        add_number(&grid, 4, last_of(r, "epoch_loss"));
        add_number(&grid, 4, last_of(r, "epoch_accuracy"));
        add_number(&grid, 4, last_of(r, "validation_loss"));
        if (isnan(beyond)) {
            qf_grid_add(&grid, "%s", "");
        } else {
            qf_grid_add(&grid, "%.1f %%", 100 * beyond);
        }
        add_number(&grid, 1, largest_angle(r));
    }
    qf_page_grid(page, &grid);
    qf_grid_free(&grid);
}

/* ---- By epoch, beside what was published ---- */

/* Our list, and the published column of the same. */
typedef struct curve {
    const char *list, *column, *title;
} curve;

enum { TRAINING, VALIDATION, PARTS };
static const curve losses[PARTS] = {{"epoch_loss", "train_loss", "Loss, training"},
                                    {"validation_loss", "val_loss", "Loss, validation"}};
static const curve accuracies[PARTS] = {
    {"epoch_accuracy", "train_accuracy", "Accuracy, training"},
    {"validation_accuracy", "val_accuracy", "Accuracy, validation"}};

/* A published value, or NaN; epochs count from 0. */
static double published_at(const qf_sheet *sheet, const char *model, size_t epoch,
                           const char *column) {
    if (!sheet) return NAN;
    const size_t models = qf_sheet_find(sheet, "model"), epochs = qf_sheet_find(sheet, "epoch");
    for (size_t row = 0; row < sheet->rows; row++) {
        const char *number = qf_sheet_cell(sheet, row, epochs);
        const char *cell = qf_sheet_cell(sheet, row, qf_sheet_find(sheet, column));
        double at, value;
        if (strcmp(qf_sheet_cell(sheet, row, models), model) != 0 ||
            qf_parse_double(number, strlen(number), &at) != QF_NUMBER_VALID ||
            at != (double)epoch + 1) {
            continue;
        }
        return qf_parse_double(cell, strlen(cell), &value) == QF_NUMBER_VALID ? value : NAN;
    }
    return NAN;
}

static bool is_published(const qf_sheet *sheet, const qf_result *result) {
    return !isnan(published_at(sheet, result->model, 0, losses[TRAINING].column));
}

static void add_epoch(qf_grid *grid, const qf_result *result, const qf_sheet *sheet, size_t epoch,
                      const curve curves[PARTS]) {
    for (size_t k = 0; k < PARTS; k++) {
        add_number(grid, 4, spread_at(result, curves[k].list, epoch).mean);
        add_number(grid, 4, published_at(sheet, result->model, epoch, curves[k].column));
    }
}

static void write_epochs(qf_page *page, const qf_results *results, const qf_sheet *sheet) {
    qf_grid_column columns[2 + 4 * PARTS] = {{"Model", NULL, false}, {"Epoch", NULL, true}};
    size_t count = 2;
    for (size_t k = 0; k < 2 * PARTS; k++) {
        const curve *c = k < PARTS ? &losses[k] : &accuracies[k - PARTS];
        columns[count++] = (qf_grid_column){c->title, NULL, true};
        columns[count++] = (qf_grid_column){"published", NULL, true};
    }
    qf_grid grid = {.columns = columns, .column_count = count, .error = page->error};
    for (size_t i = 0; i < results->count; i++) {
        const qf_result *r = &results->items[i];
        for (size_t e = 0; is_published(sheet, r) && e < most_epochs(r); e++) {
            qf_grid_add_result(page, &grid, results, i);
            qf_grid_add(&grid, "%zu", e + 1);
            add_epoch(&grid, r, sheet, e, losses);
            add_epoch(&grid, r, sheet, e, accuracies);
        }
    }
    if (grid.cell_count > 0) qf_page_grid(page, &grid);
    qf_grid_free(&grid);
}

/* ---- Curves ---- */

typedef struct chart {
    const qf_result *result;
    const qf_sheet *sheet;
    const curve *curves; /* [PARTS] */
    size_t epochs;
    qf_plot plot;
    double x_step, y_step;
} chart;

static void set_scales(chart *c) {
    c->plot = (qf_plot){62, 28, 242, 150, 1, (double)c->epochs, INFINITY, -INFINITY, false};
    for (size_t k = 0; k < PARTS; k++) {
        for (size_t e = 0; e < c->epochs; e++) {
            const spread s = spread_at(c->result, c->curves[k].list, e);
            qf_widen(s.least, &c->plot.y_from, &c->plot.y_to);
            qf_widen(s.greatest, &c->plot.y_from, &c->plot.y_to);
            qf_widen(published_at(c->sheet, c->result->model, e, c->curves[k].column),
                     &c->plot.y_from, &c->plot.y_to);
        }
    }
    /* Whole epochs, without an empty one at either end. */
    c->x_step = ceil((double)c->epochs / 6);
    c->y_step = qf_nice_step(&c->plot.y_from, &c->plot.y_to, 4);
}

static void draw_band(qf_page *page, const chart *c, const curve *which) {
    qf_pen pen = qf_pen_begin(page, &c->plot, "band");
    for (size_t k = 0; k < 2 * c->epochs; k++) {
        const bool back = k >= c->epochs;
        const size_t e = back ? 2 * c->epochs - 1 - k : k;
        const spread s = spread_at(c->result, which->list, e);
        qf_pen_move(&pen, (double)e + 1, back ? s.least : s.greatest);
    }
    qf_pen_end(&pen);
}

static void draw_lines(qf_page *page, const chart *c, size_t part) {
    const curve *which = &c->curves[part];
    const bool dashed = part == VALIDATION;
    qf_pen pen = qf_pen_begin(page, &c->plot, dashed ? "published d2" : "published");
    for (size_t e = 0; e < c->epochs; e++) {
        qf_pen_move(&pen, (double)e + 1,
                    published_at(c->sheet, c->result->model, e, which->column));
    }
    qf_pen_end(&pen);
    pen = qf_pen_begin(page, &c->plot, dashed ? "curve d2" : "curve");
    for (size_t e = 0; e < c->epochs; e++) {
        qf_pen_move(&pen, (double)e + 1, spread_at(c->result, which->list, e).mean);
    }
    qf_pen_end(&pen);
}

/* The last epoch's numbers, for who cannot see the lines. */
static void describe(qf_page *page, const chart *c) {
    qf_drawing_begin_text(page);
    for (size_t k = 0; k < PARTS; k++) {
        const double ours = spread_at(c->result, c->curves[k].list, c->epochs - 1).mean;
        const double theirs =
            published_at(c->sheet, c->result->model, c->epochs - 1, c->curves[k].column);
        if (!isnan(ours)) qf_page_raw(page, "%s, last epoch: %.4f", c->curves[k].title, ours);
        if (!isnan(theirs)) qf_page_raw(page, ", published %.4f", theirs);
        qf_page_raw(page, "; ");
    }
    qf_drawing_end_text(page);
}

static void draw_chart(qf_page *page, const qf_results *results, size_t index,
                       const qf_sheet *sheet, const curve curves[PARTS], const char *what) {
    chart c = {.result = &results->items[index], .sheet = sheet, .curves = curves};
    c.epochs = most_epochs(c.result);
    set_scales(&c);
    qf_page_raw(page, "<figure>");
    qf_drawing_begin(page, 320, 218, what);
    describe(page, &c);
    qf_draw_label_begin(page, "title", c.plot.left, 14, "start");
    qf_result_name(page, results, index);
    qf_draw_label_end(page);
    qf_draw_x_ticks(page, &c.plot, c.x_step);
    qf_draw_y_ticks(page, &c.plot, c.y_step);
    qf_draw_x_title(page, &c.plot, "epoch");
    qf_draw_y_title(page, &c.plot, what);
    for (size_t k = 0; k < PARTS; k++) draw_band(page, &c, &curves[k]);
    for (size_t k = 0; k < PARTS; k++) draw_lines(page, &c, k);
    qf_drawing_end(page);
    qf_page_raw(page, "</figure>\n");
}

static void draw_charts(qf_page *page, const qf_results *results, const qf_sheet *sheet) {
    bool any = false;
    for (size_t i = 0; i < results->count; i++) {
        const qf_result *r = &results->items[i];
        const bool judged = find_list(r->runs[0], "validation_loss") != NULL;
        if (most_epochs(r) < 2 || !(judged || is_published(sheet, r))) continue;
        if (!any) {
            qf_page_paragraph(page,
                              "By epoch. Blue, with a band for the range of the seeds: ours; "
                              "violet, without one: published. Whole lines: rows trained on; "
                              "dotted: rows set aside for validation.");
        }
        any = true;
        qf_page_raw(page, "<div class=\"panels\">\n");
        draw_chart(page, results, i, sheet, losses, "loss");
        draw_chart(page, results, i, sheet, accuracies, "accuracy");
        qf_page_raw(page, "</div>\n");
    }
}

void qf_write_trainings(qf_page *page, const qf_results *results, const qf_sheet *epochs) {
    size_t trained = 0;
    for (size_t i = 0; i < results->count; i++) trained += was_trained(&results->items[i]);
    if (trained == 0) return;
    if (page->format != QF_PAGE_TEXT) qf_page_heading(page, "How the nets were trained");
    write_angles(page, results);
    if (page->format == QF_PAGE_TEXT) return;
    write_table(page, results);
    if (page->format == QF_PAGE_MARKDOWN) write_epochs(page, results, epochs);
    if (page->format == QF_PAGE_HTML) draw_charts(page, results, epochs);
}
