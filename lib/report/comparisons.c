#include "report/comparisons.h"

#include "report/axes.h"
#include "report/results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool qf_is_comparison(const qf_record *record) {
    return *qf_record_text(record, "first") && *qf_record_text(record, "second") &&
           *qf_record_text(record, "verdict");
}

static double number(const qf_record *record, const char *name) {
    return qf_record_number(record, name);
}

/* First less second, in the metric's own units: the record's differences are gains, which for a
 * loss have the other sign. */
typedef struct comparison {
    const qf_record *record;
    const char *first, *second, *verdict;
    char metric[QF_METRIC_WORDS];
    double difference, low, high; /* low and high NaN without an interval */
} comparison;

static comparison read_comparison(const qf_record *r) {
    comparison c = {.record = r,
                    .first = qf_record_text(r, "first"),
                    .second = qf_record_text(r, "second"),
                    .verdict = qf_record_text(r, "verdict"),
                    .difference = number(r, "first_mean") - number(r, "second_mean"),
                    .low = number(r, "low"),
                    .high = number(r, "high")};
    qf_metric_words(qf_record_text(r, "metric"), c.metric);
    if (c.difference * number(r, "difference") < 0) {
        c.low = -number(r, "high");
        c.high = -number(r, "low");
    }
    return c;
}

/* "undecided; 4 splits would show a true difference of 0.0312 four times in five". */
static void print_verdict(const comparison *c, char text[192]) {
    const double splits = number(c->record, "splits"), family = number(c->record, "family");
    const double detectable = number(c->record, "detectable");
    if (strcmp(c->verdict, "non-inferior") == 0) {
        snprintf(text, 192, "non-inferior within %g", number(c->record, "margin"));
    } else if (strcmp(c->verdict, "undecided") == 0) {
        /* The interval is of one comparison, the verdict of one among others. */
        char among[64] = "";
        if (family > 1 && (c->low > 0 || c->high < 0)) {
            snprintf(among, sizeof among, " as one of %.0f comparisons", family);
        }
        snprintf(text, 192,
                 "undecided%s; %.0f splits would show a true difference of %.4f four times in five",
                 among, splits, detectable);
    } else {
        snprintf(text, 192, "%.40s", c->verdict);
    }
}

static void write_sentence(qf_page *page, const qf_record *record) {
    const comparison c = read_comparison(record);
    char amount[160], verdict[192];
    if (c.difference == 0) {
        snprintf(amount, sizeof amount, "as much %s as", c.metric);
    } else {
        snprintf(amount, sizeof amount, "%.4f %s %s than", fabs(c.difference),
                 c.difference < 0 ? "less" : "more", c.metric);
    }
    print_verdict(&c, verdict);
    qf_page_paragraph(page,
                      "%s has %s %s (95 %% interval of the difference %.4f to %.4f, %.0f splits): "
                      "%s.",
                      c.first, amount, c.second, c.low, c.high, number(record, "splits"), verdict);
}

/* Of too few splits for an interval there is one thing to say of all; a page's table has the
 * differences, which text gets here. */
static void write_undecided(qf_page *page, const qf_record *records, size_t count) {
    static const qf_grid_column columns[] = {{"First", NULL, false},
                                             {"Second", NULL, false},
                                             {"Metric", NULL, false},
                                             {"Splits", NULL, true},
                                             {"Difference", NULL, true}};
    qf_grid grid = {
        .columns = columns, .column_count = sizeof columns / sizeof *columns, .error = page->error};
    for (size_t i = 0; i < count; i++) {
        const comparison c = read_comparison(&records[i]);
        if (!isnan(c.low)) continue;
        qf_grid_add(&grid, "%s", c.first);
        qf_grid_add(&grid, "%s", c.second);
        qf_grid_add(&grid, "%s", c.metric);
        qf_grid_add(&grid, "%.0f", number(c.record, "splits"));
        qf_grid_add(&grid, "%+.4f", number(c.record, "difference"));
    }
    if (grid.cell_count > 0) {
        qf_page_paragraph(page, "Undecided, as an interval takes three splits%s",
                          page->format == QF_PAGE_TEXT ? "; by how much the first is better:"
                                                       : ": the table has the differences.");
        if (page->format == QF_PAGE_TEXT) qf_page_grid(page, &grid);
    }
    qf_grid_free(&grid);
}

static void write_table(qf_page *page, const qf_record *records, size_t count) {
    static const qf_grid_column columns[] = {
        {"First", NULL, false},
        {"Second", NULL, false},
        {"Metric", NULL, false},
        {"First", "mean over splits", true},
        {"Second", "mean over splits", true},
        {"Difference", "by how much the first is better", true},
        {"95 % interval", "of the mean difference, corrected for overlapping test parts", true},
        {"p", "of no difference, Holm's over the family", true},
        {"Splits", NULL, true},
        {"Verdict", NULL, false},
    };
    qf_grid grid = {
        .columns = columns, .column_count = sizeof columns / sizeof *columns, .error = page->error};
    for (size_t i = 0; i < count; i++) {
        const qf_record *r = &records[i];
        const comparison c = read_comparison(r);
        qf_grid_add(&grid, "%s", c.first);
        qf_grid_add(&grid, "%s", c.second);
        qf_grid_add(&grid, "%s", c.metric);
        qf_grid_add(&grid, "%.4f", number(r, "first_mean"));
        qf_grid_add(&grid, "%.4f", number(r, "second_mean"));
        qf_grid_add(&grid, "%+.4f", number(r, "difference"));
        if (isnan(number(r, "low"))) {
            qf_grid_add(&grid, "%s", "");
            qf_grid_add(&grid, "%s", "");
        } else {
            qf_grid_add(&grid, "%+.4f to %+.4f", number(r, "low"), number(r, "high"));
            qf_grid_add(&grid, "%.3g", number(r, "p_different"));
        }
        qf_grid_add(&grid, "%.0f", number(r, "splits"));
        qf_grid_add(&grid, "%s", c.verdict);
    }
    qf_page_grid(page, &grid);
    qf_grid_free(&grid);
}

enum { LEFT = QF_DRAWING_MARGIN, TOP = 4, ROW = 44 };

static void draw_interval(qf_page *page, const qf_plot *p, const qf_record *record, double top) {
    const comparison c = read_comparison(record);
    const double y = top + 29, margin = qf_plot_x(p, -number(record, "margin"));
    qf_draw_label_begin(page, "halo", LEFT, top + 13, "start");
    qf_page_escape(page, c.first);
    qf_page_raw(page, " against ");
    qf_page_escape(page, c.second);
    qf_page_raw(page, ", ");
    qf_page_escape(page, c.metric);
    qf_draw_label_end(page);
    qf_draw_label(page, "halo title", QF_DRAWING_WIDTH, top + 13, "end", c.verdict);
    qf_draw_line(page, "margin", margin, y - 9, margin, y + 9);
    if (!isnan(number(record, "low"))) {
        qf_draw_line(page, "interval", qf_plot_x(p, number(record, "low")), y,
                     qf_plot_x(p, number(record, "high")), y);
    }
    qf_page_raw(page,
                "<circle class=\"mean\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"><title>%+.4f</title>"
                "</circle>\n",
                qf_plot_x(p, number(record, "difference")), y, number(record, "difference"));
}

static void draw_intervals(qf_page *page, const qf_record *records, size_t count) {
    qf_plot p = {LEFT, TOP, QF_DRAWING_WIDTH - 2 * LEFT, (double)count * ROW, 0, 0, 0, 1, false};
    for (size_t i = 0; i < count; i++) {
        static const char *const ends[] = {"low", "high", "difference"};
        for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
            qf_widen(number(&records[i], ends[k]), &p.x_from, &p.x_to);
        }
        qf_widen(-number(&records[i], "margin"), &p.x_from, &p.x_to);
    }
    const double step = qf_nice_step(&p.x_from, &p.x_to, 5);
    qf_figure_begin(page);
    qf_drawing_begin(page, QF_DRAWING_WIDTH, p.top + p.height + 42,
                     "Intervals of the differences between models");
    qf_draw_x_ticks(page, &p, step);
    qf_draw_x_title(page, &p, "by how much the first is better");
    qf_draw_line(page, "axis", qf_plot_x(&p, 0), p.top, qf_plot_x(&p, 0), p.top + p.height);
    for (size_t i = 0; i < count; i++) {
        draw_interval(page, &p, &records[i], p.top + (double)i * ROW);
    }
    qf_drawing_end(page);
    qf_figure_end(page,
                  "Right of 0, the first is better. Dot and bar: the mean difference and its "
                  "95 %% interval; short stroke: the margin. A bar wholly right of 0 says "
                  "superior, wholly right of the stroke non-inferior, wholly left of 0 "
                  "inferior, unless the family of comparisons as a whole says less.");
}

/* ---- What the quantum layer adds ---- */

/* A twin of a net is called "twin-" and what stands in the circuit's place. With "only" it is the
 * dense layers that do not learn, which says nothing about the circuit. */
static const char *twin_of(const qf_record *record) {
    static const char prefix[] = "twin-";
    const char *second = qf_record_text(record, "second");
    if (strncmp(second, prefix, sizeof prefix - 1) != 0) return NULL;
    second += sizeof prefix - 1;
    return strcmp(second, "only") == 0 ? NULL : second;
}

static const char *twin_in_words(const char *twin) {
    static const char *const words[][2] = {{"none", "no layer in its place"},
                                           {"dense", "a dense layer of about as many weights"},
                                           {"cosine", "cosines"},
                                           {"product", "the circuit without entanglement"},
                                           {"frozen", "the circuit untrained"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(twin, words[i][0]) == 0) return words[i][1];
    }
    return twin;
}

enum { SUPERIOR, NON_INFERIOR, INFERIOR, UNDECIDED, VERDICTS };
static const char *const verdicts[VERDICTS] = {"superior", "non-inferior", "inferior", "undecided"};
static const char *const relations[VERDICTS] = {"superior to", "not inferior to", "inferior to",
                                                "undecided against"};

static bool has_verdict(const qf_record *record, size_t verdict) {
    return strcmp(qf_record_text(record, "verdict"), verdicts[verdict]) == 0;
}

/* "hybrid-small is superior to cosines, the circuit untrained and undecided against ...". */
static qf_status add_net(const qf_record *records, size_t count, const char *net, qf_bytes *text,
                         qf_error *error) {
    const char *separator = " is ";
    QF_TRY(qf_bytes_print(text, error, "%s", net));
    for (size_t v = 0; v < VERDICTS; v++) {
        const char *before = relations[v];
        for (size_t i = 0; i < count; i++) {
            const char *twin = twin_of(&records[i]);
            if (!twin || strcmp(qf_record_text(&records[i], "first"), net) != 0 ||
                !has_verdict(&records[i], v)) {
                continue;
            }
            QF_TRY(qf_bytes_print(text, error, "%s%s %s", separator, before, twin_in_words(twin)));
            separator = "";
            before = ",";
        }
        if (!*separator) separator = " and ";
    }
    return QF_OK;
}

/* Whether no record before this one is of the same net. */
static bool is_first_of_net(const qf_record *records, size_t index) {
    const char *net = qf_record_text(&records[index], "first");
    for (size_t i = 0; i < index; i++) {
        if (twin_of(&records[i]) && strcmp(qf_record_text(&records[i], "first"), net) == 0) {
            return false;
        }
    }
    return true;
}

static const char *conclude(const size_t found[VERDICTS], size_t all) {
    if (found[SUPERIOR] == all) return "The quantum layer adds something over every twin";
    if (found[SUPERIOR] > 0 && found[INFERIOR] > 0) {
        return "The quantum layer is better than some of its twins and worse than others";
    }
    if (found[SUPERIOR] > 0) return "The quantum layer adds something over some of its twins only";
    if (found[INFERIOR] > 0) {
        return "Nothing shows that the quantum layer adds anything over its twins, and it is worse "
               "than some";
    }
    if (found[UNDECIDED] > 0)
        return "Nothing shows that the quantum layer adds anything over its twins";
    return "The quantum layer is as good as its twins, and nothing shows that it adds anything";
}

/* One sentence over all comparisons of nets with their twins, by their verdicts. */
static qf_status print_conclusion(const qf_record *records, size_t count, qf_bytes *text,
                                  qf_error *error) {
    size_t found[VERDICTS] = {0}, all = 0;
    const qf_record *any = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!twin_of(&records[i])) continue;
        any = &records[i];
        all++;
        for (size_t v = 0; v < VERDICTS; v++) found[v] += has_verdict(any, v);
    }
    if (!any) return QF_OK;
    char metric[QF_METRIC_WORDS];
    qf_metric_words(qf_record_text(any, "metric"), metric);
    const double splits = number(any, "splits");
    QF_TRY(qf_bytes_print(text, error, "%s (%s, %.0f split%s): ", conclude(found, all), metric,
                          splits, splits == 1 ? "" : "s"));
    const char *before = "";
    for (size_t i = 0; i < count; i++) {
        if (!twin_of(&records[i]) || !is_first_of_net(records, i)) continue;
        QF_TRY(qf_bytes_print(text, error, "%s", before));
        QF_TRY(add_net(records, count, qf_record_text(&records[i], "first"), text, error));
        before = "; ";
    }
    return QF_OK;
}

static void write_conclusion(qf_page *page, const qf_record *records, size_t count) {
    qf_bytes text = {0};
    if (page->status == QF_OK) {
        page->status = print_conclusion(records, count, &text, page->error);
    }
    if (text.length) qf_page_paragraph(page, "%s.", (const char *)text.data);
    free(text.data);
}

void qf_write_comparisons(qf_page *page, const qf_record *records, size_t count) {
    if (count == 0) return;
    write_conclusion(page, records, count);
    for (size_t i = 0; i < count; i++) {
        if (!isnan(number(&records[i], "low"))) write_sentence(page, &records[i]);
    }
    write_undecided(page, records, count);
    if (page->format == QF_PAGE_HTML) draw_intervals(page, records, count);
    if (page->format != QF_PAGE_TEXT) write_table(page, records, count);
}
