#include "report/circuits.h"

#include "data/rank_correlation.h"
#include "report/circuit_figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool qf_is_diagnosis(const qf_record *record) {
    return qf_record_find(record, "expressibility") != NULL;
}

bool qf_is_sweep(const qf_record *record) {
    return qf_record_find(record, "sweep_wires");
}

/* The diagnosis of a circuit called CIRCUIT-LAYERS, or NULL. */
static const qf_record *find_diagnosis(const qf_record *diagnoses, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++) {
        char own[256];
        if (qf_is_sweep(&diagnoses[i])) continue;
        snprintf(own, sizeof own, "%.200s-%.0f", qf_record_text(&diagnoses[i], "circuit"),
                 qf_record_number(&diagnoses[i], "layers"));
        if (strcmp(own, name) == 0) return &diagnoses[i];
    }
    return NULL;
}

qf_status qf_circuit_scores_join(const qf_record *diagnoses, size_t diagnosis_count,
                                 const qf_record *comparisons, size_t count,
                                 qf_circuit_scores *scores, qf_error *error) {
    const char *metric = count > 0 ? qf_record_text(&comparisons[0], "metric") : "";
    *scores = (qf_circuit_scores){.items = qf_new_array(count, sizeof *scores->items, error)};
    if (!scores->items) return QF_MEMORY;
    qf_metric_words(metric, scores->metric);
    for (size_t i = 0; i < count; i++) {
        const qf_record *c = &comparisons[i];
        const char *name = qf_record_text(c, "first");
        const qf_record *d = find_diagnosis(diagnoses, diagnosis_count, name);
        if (!d) return qf_fail(error, QF_MISMATCH, "no diagnosis of the circuit \"%s\"", name);
        if (strcmp(qf_record_text(c, "metric"), metric) != 0) {
            return qf_fail(error, QF_MISMATCH, "circuits are compared by one metric, not by %s too",
                           qf_record_text(c, "metric"));
        }
        const double score = qf_record_number(c, "first_mean"),
                     twin = qf_record_number(c, "second_mean"),
                     gain = qf_record_number(c, "difference");
        scores->lower_is_better |= (score - twin) * gain < 0;
        scores->items[scores->count++] =
            (qf_circuit_score){.comparison = c,
                               .diagnosis = d,
                               .circuit = qf_record_text(d, "circuit"),
                               .depth = (size_t)qf_record_number(d, "layers"),
                               .score = score,
                               .twin = twin,
                               .gain = gain};
    }
    return QF_OK;
}

/* ---- Does any circuit beat its twin? ---- */

static size_t count_verdicts(const qf_circuit_scores *s, const char *verdict) {
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++) {
        count += strcmp(qf_record_text(s->items[i].comparison, "verdict"), verdict) == 0;
    }
    return count;
}

/* Names of those with the verdict, the first ten. */
static void print_names(const qf_circuit_scores *s, const char *verdict, char text[300]) {
    size_t shown = 0, length = 0;
    *text = 0;
    for (size_t i = 0; i < s->count && shown < 10; i++) {
        const qf_record *c = s->items[i].comparison;
        if (strcmp(qf_record_text(c, "verdict"), verdict) != 0) continue;
        length += (size_t)snprintf(text + length, 300 - length, "%s%.24s", shown++ ? ", " : "",
                                   qf_record_text(c, "first"));
    }
    if (count_verdicts(s, verdict) > shown) snprintf(text + length, 300 - length, " ...");
}

static const qf_circuit_score *find_best(const qf_circuit_scores *s, bool by_gain) {
    const qf_circuit_score *best = &s->items[0];
    for (size_t i = 1; i < s->count; i++) {
        const qf_circuit_score *item = &s->items[i];
        const bool higher = by_gain ? item->gain > best->gain : item->score > best->score;
        const bool lower = !by_gain && item->score < best->score;
        if (s->lower_is_better && !by_gain ? lower : higher) best = item;
    }
    return best;
}

static void print_interval(const qf_circuit_score *item, char text[64]) {
    const double low = qf_record_number(item->comparison, "low"),
                 high = qf_record_number(item->comparison, "high");
    *text = 0;
    if (!isnan(low)) snprintf(text, 64, ", 95 %% interval %+.4f to %+.4f", low, high);
}

static int compare_doubles(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median over pairs of a number of the comparison, NaN where none is defined. */
static double median(const qf_circuit_scores *s, const char *field, qf_page *page) {
    double *values = qf_new_array(s->count, sizeof *values, page->error);
    if (!values) {
        page->status = QF_MEMORY;
        return NAN;
    }
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++) {
        const double value = qf_record_number(s->items[i].comparison, field);
        if (!isnan(value)) values[count++] = value;
    }
    qsort(values, count, sizeof *values, compare_doubles);
    const double middle = count > 0 ? (values[count / 2] + values[(count - 1) / 2]) / 2 : NAN;
    free(values);
    return middle;
}

static void write_verdicts(qf_page *page, const qf_circuit_scores *s) {
    const size_t superior = count_verdicts(s, "superior"), inferior = count_verdicts(s, "inferior");
    const double margin = qf_record_number(s->items[0].comparison, "margin");
    const double splits = qf_record_number(s->items[0].comparison, "splits");
    const double detectable = median(s, "detectable", page);
    char better[300], worse[300];
    print_names(s, "superior", better);
    print_names(s, "inferior", worse);
    if (splits < 3) {
        qf_page_paragraph(page, "No verdict: an interval takes three splits, and there %s %.0f.",
                          splits == 1 ? "is" : "are", splits);
        return;
    }
    qf_page_paragraph(
        page,
        "Of %zu circuits, each against its dense twin of about as many live weights on "
        "%.0f splits, %zu beat%s the twin%s%s, %zu %s worse%s%s, %zu %s not worse by "
        "%g, %zu stay undecided. All are one family (Holm); for one pair alone these "
        "splits show a true difference of %.4f %s four times in five (median).",
        s->count, splits, superior, superior == 1 ? "s" : "", superior ? ": " : "", better,
        inferior, inferior == 1 ? "is" : "are", inferior ? ": " : "", worse,
        count_verdicts(s, "non-inferior"), count_verdicts(s, "non-inferior") == 1 ? "is" : "are",
        margin, count_verdicts(s, "undecided"), detectable, s->metric);
}

/* The twin has a hidden unit at least: with a bias, and a weight and a bias an output. */
static void write_smallest_twins(qf_page *page, const qf_circuit_scores *s) {
    size_t fewer = 0;
    double least = 0;
    for (size_t i = 0; i < s->count; i++) {
        const qf_record *d = s->items[i].diagnosis;
        const double smallest =
            qf_record_number(d, "inputs") + 1 + 2 * qf_record_number(d, "outputs");
        if (!(qf_record_number(d, "live") < smallest)) continue;
        fewer++;
        least = fmax(least, smallest);
    }
    if (fewer == 0) return;
    qf_page_paragraph(
        page,
        "%zu %s fewer live weights than the smallest twin, one hidden unit with %.0f: "
        "there the twin has more.",
        fewer, fewer == 1 ? "circuit has" : "circuits have", least);
}

static void write_best(qf_page *page, const qf_circuit_scores *s) {
    const qf_circuit_score *best = find_best(s, false), *gain = find_best(s, true);
    char interval[64];
    size_t ahead = 0;
    for (size_t i = 0; i < s->count; i++) ahead += s->items[i].gain > 0;
    print_interval(gain, interval);
    qf_page_paragraph(page,
                      "%zu of %zu are ahead of their twins on average, and the median gain is "
                      "%+.4f. The best %s is that of %s: %.4f, its twin's %.4f. The largest gain "
                      "is %s's: %+.4f (by itself%s).",
                      ahead, s->count, median(s, "difference", page), s->metric,
                      qf_record_text(best->comparison, "first"), best->score, best->twin,
                      qf_record_text(gain->comparison, "first"), gain->gain,
                      *interval ? interval : ", without an interval");
}

/* A circuit that no weight moves gives every row the same score. */
static void write_blind(qf_page *page, const qf_circuit_scores *s) {
    for (size_t i = 0; i < s->count; i++) {
        const qf_circuit_score *item = &s->items[i];
        if (qf_record_number(item->diagnosis, "jacobian_rank") != 0) continue;
        qf_page_paragraph(page,
                          "No weight of %s moves what is measured: it cannot learn (%s %.4f).",
                          qf_record_text(item->comparison, "first"), s->metric, item->score);
    }
}

/* ---- What predicts the score? ---- */

static const struct predictor {
    const char *field, *name, *meaning;
} predictors[] = {
    {"expressibility", "Divergence from Haar", "less is more expressive"},
    {"entanglement", "Entanglement", "mean of Meyer and Wallach's measure"},
    {"jacobian_rank", "Independent weights", "rank of the Jacobian of the outputs"},
};
enum { PREDICTORS = sizeof predictors / sizeof *predictors };

/* Rank correlations over all circuits and among those of one depth. */
typedef struct prediction {
    qf_rank_correlation all, equal_depth;
} prediction;

typedef struct paired_columns {
    double *x, *y;
    size_t *depth, *circuit;
} paired_columns;

static size_t fill_columns(const qf_circuit_scores *s, const char *field, bool gain,
                           paired_columns *c) {
    size_t circuits = 0;
    for (size_t i = 0; i < s->count; i++) {
        size_t same = 0;
        while (strcmp(s->items[same].circuit, s->items[i].circuit) != 0) same++;
        c->x[i] = qf_record_number(s->items[i].diagnosis, field);
        c->y[i] = gain ? s->items[i].gain : s->items[i].score;
        c->depth[i] = s->items[i].depth;
        c->circuit[i] = same < i ? c->circuit[same] : circuits++;
    }
    return circuits;
}

/* Circuits of one name at several depths are a cluster. */
static qf_status predict(const qf_circuit_scores *s, const char *field, bool gain, prediction *p,
                         qf_error *error) {
    double *numbers = qf_new_array(s->count, 2 * sizeof *numbers, error);
    size_t *indices = qf_new_array(s->count, 2 * sizeof *indices, error);
    qf_status status = numbers && indices ? QF_OK : QF_MEMORY;
    if (status == QF_OK) {
        paired_columns c = {numbers, numbers + s->count, indices, indices + s->count};
        qf_ranked_items items = {.count = s->count, .x = c.x, .y = c.y, .cluster = c.circuit};
        items.clusters = fill_columns(s, field, gain, &c);
        status = qf_correlate_ranks(&items, 1, &p->all, error);
        items.stratum = c.depth;
        if (status == QF_OK) status = qf_correlate_ranks(&items, 1, &p->equal_depth, error);
    }
    free(numbers);
    free(indices);
    return status;
}

static bool is_clear(const qf_rank_correlation *r) {
    return r->low > 0 || r->high < 0;
}

static void print_correlation(const qf_rank_correlation *r, char text[64]) {
    if (isnan(r->value)) {
        snprintf(text, 64, "not defined");
    } else if (isnan(r->low)) {
        snprintf(text, 64, "%+.2f", r->value);
    } else {
        snprintf(text, 64, "%+.2f (%+.2f to %+.2f)", r->value, r->low, r->high);
    }
}

static const char *conclude(const prediction *p, bool larger_is_better) {
    if (isnan(p->all.low)) return "an interval takes eight circuits";
    if (is_clear(&p->equal_depth)) {
        return (p->equal_depth.value > 0) == larger_is_better
                   ? "it predicts it: the larger, the better"
                   : "it predicts it: the larger, the worse";
    }
    return is_clear(&p->all)
               ? "it goes with it over the depths, but not among circuits of one depth"
               : "it does not predict it";
}

/* "-0.20 (-0.42 to +0.01), at equal depth -0.10 (-0.31 to +0.13): it does not predict it" */
static void print_prediction(qf_page *page, const qf_circuit_scores *s, const char *field,
                             bool gain, char text[256]) {
    prediction p;
    char all[64], equal[64];
    if (page->status == QF_OK) page->status = predict(s, field, gain, &p, page->error);
    if (page->status != QF_OK) return;
    print_correlation(&p.all, all);
    print_correlation(&p.equal_depth, equal);
    snprintf(text, 256, "%s, at equal depth %s: %s", all, equal,
             conclude(&p, gain || !s->lower_is_better));
}

static void write_predictions(qf_page *page, const qf_circuit_scores *s) {
    qf_page_paragraph(page,
                      "Spearman's rank correlations, with 95 %% intervals of a bootstrap that "
                      "draws circuits with all their depths, each interval by itself, not "
                      "adjusted for how many there are:");
    for (size_t k = 0; k < PREDICTORS; k++) {
        char score[256] = "", gain[256] = "";
        print_prediction(page, s, predictors[k].field, false, score);
        print_prediction(page, s, predictors[k].field, true, gain);
        qf_page_paragraph(page, "%s (%s) with %s: %s. With the gain over the twin: %s.",
                          predictors[k].name, predictors[k].meaning, s->metric, score, gain);
    }
}

/* ---- Tables ---- */

enum { MOST_DEPTHS = 8 };

/* The depths that occur, ascending, at most MOST_DEPTHS. */
static size_t find_depths(const qf_circuit_scores *s, size_t depths[MOST_DEPTHS]) {
    size_t count = 0;
    for (size_t last = 0; count < MOST_DEPTHS;) {
        size_t next = SIZE_MAX;
        for (size_t i = 0; i < s->count; i++) {
            if (s->items[i].depth > last && s->items[i].depth < next) next = s->items[i].depth;
        }
        if (next == SIZE_MAX) break;
        depths[count++] = last = next;
    }
    return count;
}

static const qf_circuit_score *find_item(const qf_circuit_scores *s, const char *circuit,
                                         size_t depth) {
    for (size_t i = 0; i < s->count; i++) {
        if (s->items[i].depth == depth && strcmp(s->items[i].circuit, circuit) == 0) {
            return &s->items[i];
        }
    }
    return NULL;
}

static bool is_first(const qf_circuit_scores *s, size_t index) {
    for (size_t i = 0; i < index; i++) {
        if (strcmp(s->items[i].circuit, s->items[index].circuit) == 0) return false;
    }
    return true;
}

/* A row a circuit, a column a depth. */
static void write_depths(qf_page *page, const qf_circuit_scores *s) {
    size_t depths[MOST_DEPTHS];
    const size_t count = find_depths(s, depths);
    char titles[MOST_DEPTHS][32];
    qf_grid_column columns[MOST_DEPTHS + 1] = {{"Circuit", NULL, false}};
    for (size_t d = 0; d < count; d++) {
        snprintf(titles[d], sizeof titles[d], "depth %zu", depths[d]);
        columns[d + 1] = (qf_grid_column){titles[d], NULL, true};
    }
    qf_grid grid = {.columns = columns, .column_count = count + 1, .error = page->error};
    for (size_t i = 0; i < s->count; i++) {
        if (!is_first(s, i)) continue;
        qf_grid_add(&grid, "%s", s->items[i].circuit);
        for (size_t d = 0; d < count; d++) {
            const qf_circuit_score *item = find_item(s, s->items[i].circuit, depths[d]);
            if (item) {
                qf_grid_add(&grid, "%.4f %+.4f", item->score, item->gain);
            } else {
                qf_grid_add(&grid, "%s", "");
            }
        }
    }
    qf_page_paragraph(page, "%s, and by how much it is better than its twin's:", s->metric);
    qf_page_grid(page, &grid);
    qf_grid_free(&grid);
}

static void add_row(qf_grid *grid, const qf_circuit_score *item) {
    const qf_record *c = item->comparison, *d = item->diagnosis;
    qf_grid_add(grid, "%s", item->circuit);
    qf_grid_add(grid, "%zu", item->depth);
    qf_grid_add(grid, "%.0f", qf_record_number(d, "live"));
    qf_grid_add(grid, "%.0f", qf_record_number(d, "jacobian_rank"));
    qf_grid_add(grid, "%.4f", qf_record_number(d, "expressibility"));
    qf_grid_add(grid, "%.3f", fabs(qf_record_number(d, "entanglement")));
    qf_grid_add(grid, "%.4f", item->score);
    qf_grid_add(grid, "%.4f", item->twin);
    qf_grid_add(grid, "%+.4f", item->gain);
    if (isnan(qf_record_number(c, "low"))) {
        qf_grid_add(grid, "%s", "");
        qf_grid_add(grid, "%s", "");
    } else {
        qf_grid_add(grid, "%+.4f to %+.4f", qf_record_number(c, "low"),
                    qf_record_number(c, "high"));
        qf_grid_add(grid, "%.3g", qf_record_number(c, "p_different"));
    }
    qf_grid_add(grid, "%s", qf_record_text(c, "verdict"));
}

static void write_all(qf_page *page, const qf_circuit_scores *s) {
    const qf_grid_column columns[] = {
        {"Circuit", NULL, false},
        {"Depth", "layers", true},
        {"Live", "weights with an effect on an output", true},
        {"Independent", "rank of the Jacobian of the outputs in the weights", true},
        {"Divergence", "of fidelities from Haar-random states; less is more expressive", true},
        {"Entanglement", "mean of Meyer and Wallach's measure", true},
        {s->metric, "mean over splits", true},
        {"Twin", "the same of the dense twin", true},
        {"Gain", "by how much the circuit is better", true},
        {"95 % interval", "of the mean gain, corrected for overlapping test parts", true},
        {"p", "of no difference, Holm's over the family", true},
        {"Verdict", NULL, false},
    };
    qf_grid grid = {
        .columns = columns, .column_count = sizeof columns / sizeof *columns, .error = page->error};
    for (size_t i = 0; i < s->count; i++) add_row(&grid, &s->items[i]);
    qf_page_grid(page, &grid);
    qf_grid_free(&grid);
}

/* A number of the record, with nothing where it lacks one. */
static void add_number(qf_grid *grid, const qf_record *record, const char *name, int decimals) {
    const double value = qf_record_number(record, name);
    if (isnan(value)) {
        qf_grid_add(grid, "%s", "");
    } else {
        qf_grid_add(grid, "%.*f", decimals, fabs(value));
    }
}

static const char *name_of(const qf_record *diagnosis) {
    const char *name = qf_record_text(diagnosis, "circuit");
    return *name ? name : "(a file's)";
}

/* Circuits by themselves. */
static void write_diagnoses(qf_page *page, const qf_record *diagnoses, size_t count) {
    static const qf_grid_column columns[] = {
        {"Circuit", NULL, false},
        {"Depth", "layers", true},
        {"Wires", NULL, true},
        {"Weights", NULL, true},
        {"Live", "weights with an effect on an output", true},
        {"Independent", "rank of the Jacobian of the outputs in the weights", true},
        {"Divergence", "of fidelities from Haar-random states; less is more expressive", true},
        {"Entanglement", "mean of Meyer and Wallach's measure", true}};
    qf_grid grid = {
        .columns = columns, .column_count = sizeof columns / sizeof *columns, .error = page->error};
    for (size_t i = 0; i < count; i++) {
        const qf_record *d = &diagnoses[i];
        qf_grid_add(&grid, "%s", name_of(d));
        add_number(&grid, d, "layers", 0);
        add_number(&grid, d, "wires", 0);
        add_number(&grid, d, "weights", 0);
        add_number(&grid, d, "live", 0);
        add_number(&grid, d, "jacobian_rank", 0);
        add_number(&grid, d, "expressibility", 4);
        add_number(&grid, d, "entanglement", 3);
    }
    qf_page_grid(page, &grid);
    qf_grid_free(&grid);
}

/* ---- Gradients, and drawings ---- */

static void add_sweep(qf_grid *grid, const qf_record *d) {
    const qf_field *wires = qf_record_find(d, "sweep_wires");
    const double slope = qf_record_number(d, "gradient_slope");
    if (wires->kind != QF_FIELD_REALS || wires->count == 0) return;
    qf_grid_add(grid, "%s", qf_record_text(d, "circuit"));
    qf_grid_add(grid, "%.0f", qf_record_number(d, "layers"));
    qf_grid_add(grid, "%s", qf_record_text(d, "observable"));
    qf_grid_add(grid, "%.0f to %.0f", wires->reals[0], wires->reals[wires->count - 1]);
    qf_grid_add(grid, "%.3f", exp2(slope));
    qf_grid_add(grid, "%+.3f", slope);
    qf_grid_add(grid, "%.3f", qf_record_number(d, "gradient_slope_error"));
}

static void write_sweeps(qf_page *page, const qf_record *diagnoses, size_t count) {
    static const qf_grid_column columns[] = {
        {"Circuit", NULL, false},
        {"Depth", "layers", true},
        {"Measured", "on the wires of the diagnosis; on all where it has a factor for each", false},
        {"Wires", "from the least to the most", false},
        {"Factor", "by which each further wire multiplies the variance", true},
        {"Slope", "of the binary logarithm of the variance", true},
        {"Error", "standard error of the slope", true}};
    qf_grid grid = {
        .columns = columns, .column_count = sizeof columns / sizeof *columns, .error = page->error};
    for (size_t i = 0; i < count; i++) {
        if (qf_is_sweep(&diagnoses[i])) add_sweep(&grid, &diagnoses[i]);
    }
    if (grid.cell_count > 0) {
        qf_page_heading(page, "Gradients of wider circuits");
        qf_page_paragraph(page,
                          "By what factor each further wire changes the variance of a "
                          "gradient. A slope, its binary logarithm, that stays below 0 "
                          "is a barren plateau:");
        qf_page_grid(page, &grid);
        if (page->format == QF_PAGE_HTML) qf_draw_sweeps(page, diagnoses, count);
    }
    qf_grid_free(&grid);
}

static void write_own_drawings(qf_page *page, const qf_record *diagnoses, size_t count) {
    if (page->format == QF_PAGE_TEXT) return;
    qf_page_heading(page, "The circuits");
    for (size_t i = 0; i < count; i++) {
        const char *drawing = qf_record_text(&diagnoses[i], "drawing");
        if (*drawing) qf_page_block(page, name_of(&diagnoses[i]), drawing);
    }
}

/* Each circuit at its least depth, folded away. */
static void write_drawings(qf_page *page, const qf_circuit_scores *s) {
    if (page->format == QF_PAGE_TEXT) return;
    qf_page_heading(page, "The circuits");
    for (size_t i = 0; i < s->count; i++) {
        const char *drawing = qf_record_text(s->items[i].diagnosis, "drawing");
        if (!is_first(s, i) || !*drawing) continue;
        qf_page_block(page, qf_record_text(s->items[i].comparison, "first"), drawing);
    }
}

static void write_scores(qf_page *page, const qf_circuit_scores *s) {
    const bool html = page->format == QF_PAGE_HTML;
    qf_page_heading(page, "Does a circuit beat its twin?");
    write_verdicts(page, s);
    write_smallest_twins(page, s);
    write_best(page, s);
    write_blind(page, s);
    if (html) qf_draw_circuit_scores(page, s);
    if (page->format == QF_PAGE_TEXT) write_depths(page, s);
    qf_page_heading(page, "What predicts the score?");
    write_predictions(page, s);
    if (html) qf_draw_predictors(page, s);
}

void qf_write_circuits(qf_page *page, const qf_record *diagnoses, size_t diagnosis_count,
                       const qf_record *comparisons, size_t count) {
    qf_circuit_scores scores = {0};
    if (page->status == QF_OK) {
        page->status = qf_circuit_scores_join(diagnoses, diagnosis_count, comparisons, count,
                                              &scores, page->error);
    }
    if (page->status == QF_OK && scores.count > 0) write_scores(page, &scores);
    if (page->status == QF_OK && count == 0) write_diagnoses(page, diagnoses, diagnosis_count);
    write_sweeps(page, diagnoses, diagnosis_count);
    if (page->format != QF_PAGE_TEXT && scores.count > 0) {
        qf_page_heading(page, "All circuits");
        write_all(page, &scores);
        write_drawings(page, &scores);
    }
    if (count == 0) write_own_drawings(page, diagnoses, diagnosis_count);
    free(scores.items);
}
