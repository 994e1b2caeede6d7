#include "data/audit.h"

#include "base/number.h"
#include "data/column.h"
#include "data/correlation.h"
#include "data/row_set.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double collinear = 0.999, clustered = 6, more_than_pairs = 4, sparse = 1.05;
static const double collinear_budget = 8589934592.0; /* multiplications, about 5 s */
enum { MOST_NAME = 200, LEAST_STEPS = 8 };

static const char *const kind_names[QF_AUDIT_KINDS] = {
    "dropped",  "leak",        "identifier",  "order",           "few-rows",
    "constant", "duplicate",   "collinear",   "duplicate-rows",  "conflict",
    "time",     "best-column", "shared-rows", "shared-features", "shared-parents",
};

static const char *const severity_names[QF_AUDIT_SEVERITIES] = {"info", "warning", "error"};

void qf_audit_free(qf_audit *audit) {
    for (size_t i = 0; i < audit->count; i++) {
        free(audit->findings[i].column);
        free(audit->findings[i].text);
    }
    free(audit->findings);
    *audit = (qf_audit){0};
}

size_t qf_audit_count(const qf_audit *audit, qf_audit_severity severity) {
    size_t count = 0;
    for (size_t i = 0; i < audit->count; i++) count += audit->findings[i].severity == severity;
    return count;
}

static int min_width(size_t width, size_t most) {
    return (int)(width < most ? width : most);
}

qf_status qf_audit_print(const qf_audit *audit, const qf_table *table, qf_bytes *out,
                         qf_error *error) {
    size_t kind_width = 0, column_width = 0;
    for (size_t i = 0; i < audit->count; i++) {
        const size_t kind = strlen(kind_names[audit->findings[i].kind]);
        const size_t column = strlen(audit->findings[i].column);
        if (kind > kind_width) kind_width = kind;
        if (column > column_width) column_width = column;
    }
    for (size_t i = 0; i < audit->count; i++) {
        const qf_audit_finding *f = &audit->findings[i];
        const size_t start = out->length;
        QF_TRY(qf_bytes_print(out, error, "%-7s  %-*s  %-*s%s%s", severity_names[f->severity],
                              (int)kind_width, kind_names[f->kind], min_width(column_width, 40),
                              f->column, column_width ? "  " : "", f->text));
        /* A name may hold anything, line ends too. */
        for (size_t j = start; j < out->length; j++) {
            if (out->data[j] < ' ' || out->data[j] == 127) out->data[j] = '?';
        }
        QF_TRY(qf_bytes_append(out, "\n", 1, error));
    }
    const size_t errors = qf_audit_count(audit, QF_AUDIT_ERROR);
    const size_t warnings = qf_audit_count(audit, QF_AUDIT_WARNING);
    return qf_bytes_print(out, error, "%zu error%s, %zu warning%s in %zu rows and %zu columns\n",
                          errors, errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s",
                          table->rows, table->columns);
}

/* Adds a finding; kind, severity, column and value come in `what`. */
__attribute__((format(printf, 4, 5))) static qf_status
add(qf_audit *audit, qf_audit_finding what, qf_error *error, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    QF_TRY(qf_grow_array(&audit->findings, &audit->capacity, audit->count + 1,
                         sizeof *audit->findings, error));
    what.column = qf_copy_text(what.column ? what.column : "", error);
    what.text = qf_copy_text(text, error);
    if (!what.column || !what.text) {
        free(what.column);
        free(what.text);
        return QF_MEMORY;
    }
    audit->findings[audit->count++] = what;
    return QF_OK;
}

/* What a column is by itself. */
typedef struct facts {
    bool constant, identifier, time;
    double value; /* of the first row */
    double auc;   /* NaN where it was not asked for */
    uint64_t hash;
    size_t duplicate_of; /* an earlier column, or table->columns */
    size_t steps;        /* of a column that never falls: how often it rises */
} facts;

typedef struct work {
    const qf_table *table;
    const uint8_t *fold; /* NULL: labels are not looked at */
    facts *facts;        /* [columns] */
} work;

/* Distinct whole numbers without many gaps, or any distinct numbers in equal steps. */
static bool is_identifier(const qf_cell *cells, size_t rows) {
    if (rows < 3) return false;
    const double least = cells[0].value, range = cells[rows - 1].value - least;
    bool whole = range <= sparse * (double)rows && fabs(least) < 9007199254740992.0;
    bool steps = isfinite(range);
    for (size_t i = 0; i < rows && (whole || steps); i++) {
        const double value = cells[i].value;
        if (i > 0 && value == cells[i - 1].value) return false;
        whole = whole && value == floor(value);
        const double expected = range * ((double)i / (double)(rows - 1));
        steps = steps && fabs(value - least - expected) <= 1e-9 * range;
    }
    return whole || steps;
}

static void read_in_order(const qf_table *table, size_t column, facts *f) {
    uint64_t hash = 0x9e3779b97f4a7c15u;
    bool falls = false;
    double before = table->values[column];
    for (size_t r = 0; r < table->rows; r++) {
        const double value = table->values[r * table->columns + column] + 0.0;
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        hash = (hash ^ bits) * 0xff51afd7ed558ccdu;
        hash ^= hash >> 32;
        falls = falls || value < before;
        f->steps += value > before;
        before = value;
    }
    f->hash = hash;
    f->time = !falls && f->steps >= LEAST_STEPS && f->steps + 1 < table->rows;
}

static qf_status look_at(void *context, size_t column, qf_error *error) {
    const work *w = context;
    const qf_table *table = w->table;
    facts *f = &w->facts[column];
    *f = (facts){.value = table->values[column] + 0.0, .auc = NAN, .duplicate_of = table->columns};
    read_in_order(table, column, f);
    qf_cell *cells = qf_new_array(2 * table->rows, sizeof *cells, error);
    if (!cells) return QF_MEMORY;
    qf_column_sort(table, column, cells, cells + table->rows);
    f->constant = cells[0].value == cells[table->rows - 1].value;
    f->identifier = is_identifier(cells, table->rows);
    if (w->fold) f->auc = qf_column_leak_auc(cells, table->rows, table->labels, w->fold);
    free(cells);
    return QF_OK;
}

static bool columns_equal(const qf_table *table, size_t a, size_t b) {
    const double *row = table->values;
    for (size_t r = 0; r < table->rows; r++, row += table->columns) {
        if (row[a] != row[b]) return false;
    }
    return true;
}

typedef struct hashed {
    uint64_t hash;
    size_t column;
} hashed;

static int by_hash(const void *a, const void *b) {
    const hashed *x = a, *y = b;
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    return x->column < y->column ? -1 : x->column > y->column;
}

static qf_status find_duplicates(const qf_table *table, facts *all, qf_error *error) {
    hashed *order = qf_new_array(table->columns, sizeof *order, error);
    if (!order) return QF_MEMORY;
    for (size_t c = 0; c < table->columns; c++) order[c] = (hashed){all[c].hash, c};
    qsort(order, table->columns, sizeof *order, by_hash);
    for (size_t i = 1, start = 0; i < table->columns; i++) {
        if (order[i].hash != order[start].hash) start = i;
        const size_t column = order[i].column;
        for (size_t j = start; j < i && !all[column].constant; j++) {
            const size_t earlier = order[j].column;
            if (all[earlier].duplicate_of < table->columns ||
                !columns_equal(table, earlier, column)) {
                continue;
            }
            all[column].duplicate_of = earlier;
            break;
        }
    }
    free(order);
    return QF_OK;
}

/* The facts of every column; the caller frees. */
static qf_status find_facts(const qf_table *table, const uint8_t *fold, const qf_run *run,
                            facts **found, qf_error *error) {
    *found = qf_new_array(table->columns, sizeof **found, error);
    if (!*found) return QF_MEMORY;
    work w = {table, fold, *found};
    QF_TRY(qf_parallel_progress(run, "columns audited", table->columns, look_at, &w, error));
    return find_duplicates(table, *found, error);
}

static qf_status report_leaks(const qf_table *table, const facts *all, qf_audit *audit,
                              qf_error *error) {
    for (size_t c = 0; c < table->columns; c++) {
        if (!(all[c].auc >= QF_AUDIT_LEAK_AUC)) continue;
        QF_TRY(add(audit,
                   (qf_audit_finding){.kind = QF_AUDIT_LEAK,
                                      .severity = QF_AUDIT_ERROR,
                                      .column = table->names[c],
                                      .value = all[c].auc},
                   error, "this column alone gives the label away: AUC %.3f%s", all[c].auc,
                   all[c].identifier ? " (it numbers the rows)" : ""));
    }
    return QF_OK;
}

static qf_status report_identifiers(const qf_table *table, const facts *all, qf_audit *audit,
                                    qf_error *error) {
    for (size_t c = 0; c < table->columns; c++) {
        if (!all[c].identifier) continue;
        qf_audit_finding f = {.kind = QF_AUDIT_IDENTIFIER,
                              .severity = QF_AUDIT_WARNING,
                              .column = table->names[c],
                              .value = all[c].auc};
        if (isnan(all[c].auc)) {
            QF_TRY(add(audit, f, error, "numbers the rows and says nothing about new ones"));
        } else {
            QF_TRY(add(audit, f, error,
                       "numbers the rows and says nothing about new ones: AUC %.3f", all[c].auc));
        }
    }
    return QF_OK;
}

/* The runs test of Wald and Wolfowitz (1940) on the labels in the order of the rows. Its normal law
 * fails where fraud is rare: of 20 in 20,000 rows, two that meet by chance are 2 runs less and z
 * -7. So a few runs more or less are never a finding. */
static qf_status report_order(const qf_table *table, qf_audit *audit, qf_error *error) {
    size_t counts[2], runs = 1;
    qf_table_count_classes(table, counts);
    for (size_t r = 1; r < table->rows; r++) runs += table->labels[r] != table->labels[r - 1];
    const double n = (double)table->rows;
    const double expected = 2 * (double)counts[0] * (double)counts[1] / n + 1;
    const double variance = (expected - 1) * (expected - 2) / (n - 1);
    const double z = variance > 0 ? ((double)runs - expected) / sqrt(variance) : 0;
    if (fabs(z) <= clustered || fabs((double)runs - expected) <= more_than_pairs) return QF_OK;
    return add(audit,
               (qf_audit_finding){.kind = QF_AUDIT_ORDER, .severity = QF_AUDIT_WARNING, .value = z},
               error, "the rows are %s by label: %zu runs where chance has %.0f (z = %.0f)",
               runs == 2 ? "sorted"
               : z < 0   ? "clustered"
                         : "alternating",
               runs, expected, z);
}

static qf_status report_useless(const qf_table *table, const facts *all, qf_audit *audit,
                                qf_error *error) {
    for (size_t c = 0; c < table->columns; c++) {
        qf_audit_finding f = {.severity = QF_AUDIT_WARNING, .column = table->names[c]};
        if (all[c].constant) {
            char text[QF_NUMBER_TEXT];
            qf_print_double(text, all[c].value);
            f.kind = QF_AUDIT_CONSTANT;
            f.value = all[c].value;
            QF_TRY(add(audit, f, error, "always %s", text));
        } else if (all[c].duplicate_of < table->columns) {
            f.kind = QF_AUDIT_DUPLICATE_COLUMN;
            QF_TRY(add(audit, f, error, "equals \"%.*s\"", MOST_NAME,
                       table->names[all[c].duplicate_of]));
        }
    }
    return QF_OK;
}

static qf_status report_time(const qf_table *table, const facts *all, qf_audit *audit,
                             qf_error *error) {
    for (size_t c = 0; c < table->columns; c++) {
        if (!all[c].time) continue;
        QF_TRY(add(audit,
                   (qf_audit_finding){.kind = QF_AUDIT_TIME,
                                      .column = table->names[c],
                                      .value = (double)all[c].steps},
                   error, "never falls and repeats, like a time: consider splitting by it"));
    }
    return QF_OK;
}

static qf_status report_best(const qf_table *table, const facts *all, qf_audit *audit,
                             qf_error *error) {
    size_t best = table->columns;
    for (size_t c = 0; c < table->columns; c++) {
        if (all[c].identifier || isnan(all[c].auc)) continue;
        if (best == table->columns || all[c].auc > all[best].auc) best = c;
    }
    if (best == table->columns) return QF_OK;
    return add(audit,
               (qf_audit_finding){
                   .kind = QF_AUDIT_BEST, .column = table->names[best], .value = all[best].auc},
               error, "tells most of all real columns: AUC %.3f", all[best].auc);
}

/* For each column its first earlier partner, so that a block of collinear columns makes no more
 * lines than it has columns. */
static qf_status report_pairs(const qf_table *table, const size_t *columns, size_t count,
                              const double *matrix, qf_audit *audit, qf_error *error) {
    for (size_t b = 1; b < count; b++) {
        size_t a = 0;
        while (a < b && !(fabs(matrix[b * count + a]) >= collinear)) a++;
        if (a == b) continue;
        const double r = matrix[b * count + a];
        QF_TRY(add(audit,
                   (qf_audit_finding){
                       .kind = QF_AUDIT_COLLINEAR, .column = table->names[columns[b]], .value = r},
                   error, "collinear with \"%.*s\": r = %.4f", MOST_NAME, table->names[columns[a]],
                   r));
    }
    return QF_OK;
}

static qf_status report_collinear(const qf_table *table, const facts *all, const qf_run *run,
                                  qf_audit *audit, qf_error *error) {
    size_t *columns = qf_new_array(table->columns, sizeof *columns, error);
    if (!columns) return QF_MEMORY;
    size_t count = 0;
    for (size_t c = 0; c < table->columns; c++) {
        if (!all[c].constant && all[c].duplicate_of == table->columns) columns[count++] = c;
    }
    qf_status status = QF_OK;
    double *matrix = NULL;
    if (count > QF_AUDIT_MOST_COLLINEAR) {
        status = add(audit, (qf_audit_finding){.kind = QF_AUDIT_COLLINEAR}, error,
                     "%zu columns: not searched for collinear pairs (at most %d are)", count,
                     QF_AUDIT_MOST_COLLINEAR);
    } else if ((matrix = qf_new_array(count * count, sizeof *matrix, error))) {
        const double cost = (double)count * (double)count / 2 * (double)table->rows;
        const size_t step = (size_t)ceil(cost / collinear_budget);
        status = qf_correlation_matrix(table, columns, count, step ? step : 1, run, matrix, error);
        if (status == QF_OK) status = report_pairs(table, columns, count, matrix, audit, error);
    } else {
        status = QF_MEMORY;
    }
    free(matrix);
    free(columns);
    return status;
}

/* Which columns count when rows are compared: not identifiers, unless there is nothing else. */
static bool *comparable(const qf_table *table, const facts *all, qf_error *error) {
    bool *counts = qf_new_array(table->columns, sizeof *counts, error);
    size_t some = 0;
    for (size_t c = 0; counts && c < table->columns; c++) {
        counts[c] = !all[c].identifier;
        some += counts[c];
    }
    for (size_t c = 0; counts && !some && c < table->columns; c++) counts[c] = true;
    return counts;
}

/* keep[r]: no earlier row has the same features and label. conflicts counts the rows whose
 * features stand under both labels. */
static qf_status find_copies(const qf_table *table, const bool *counts, bool *keep,
                             size_t *conflicts, qf_error *error) {
    size_t *group = qf_new_array(table->rows, sizeof *group, error), groups;
    unsigned char *labels = qf_new_array(table->rows, 1, error); /* bits, of a group */
    const qf_status status = group && labels
                                 ? qf_table_group_identical(table, counts, group, &groups, error)
                                 : QF_MEMORY;
    for (size_t r = 0; status == QF_OK && r < table->rows; r++) {
        const unsigned char bit = table->labels[r] ? 2 : 1;
        keep[r] = !(labels[group[r]] & bit);
        labels[group[r]] |= bit;
    }
    *conflicts = 0;
    for (size_t r = 0; status == QF_OK && r < table->rows; r++) {
        *conflicts += labels[group[r]] == 3;
    }
    free(group);
    free(labels);
    return status;
}

static qf_status report_rows(const qf_table *table, const facts *all, qf_audit *audit,
                             qf_error *error) {
    bool *counts = comparable(table, all, error);
    bool *keep = qf_new_array(table->rows, sizeof *keep, error);
    size_t conflicts = 0, copies = 0;
    qf_status status =
        counts && keep ? find_copies(table, counts, keep, &conflicts, error) : QF_MEMORY;
    for (size_t r = 0; status == QF_OK && r < table->rows; r++) copies += !keep[r];
    if (status == QF_OK && copies) {
        status = add(audit,
                     (qf_audit_finding){.kind = QF_AUDIT_DUPLICATE_ROWS,
                                        .severity = QF_AUDIT_WARNING,
                                        .value = (double)copies},
                     error, "%zu row%s an earlier one's features and label", copies,
                     copies == 1 ? " repeats" : "s repeat");
    }
    if (status == QF_OK && conflicts) {
        status = add(audit,
                     (qf_audit_finding){.kind = QF_AUDIT_CONFLICT,
                                        .severity = QF_AUDIT_WARNING,
                                        .value = (double)conflicts},
                     error, "%zu rows have equal features but both labels", conflicts);
    }
    free(counts);
    free(keep);
    return status;
}

static qf_status report_all(const qf_table *table, const facts *all, const qf_run *run,
                            qf_audit *audit, qf_error *error) {
    QF_TRY(report_leaks(table, all, audit, error));
    QF_TRY(report_identifiers(table, all, audit, error));
    QF_TRY(report_order(table, audit, error));
    QF_TRY(report_rows(table, all, audit, error));
    QF_TRY(report_useless(table, all, audit, error));
    QF_TRY(report_collinear(table, all, run, audit, error));
    QF_TRY(report_time(table, all, audit, error));
    return report_best(table, all, audit, error);
}

qf_status qf_audit_table(const qf_table *table, const qf_run *run, qf_audit *audit,
                         qf_error *error) {
    QF_TRY(qf_table_require_classes(table, 1, error));
    size_t counts[2];
    qf_table_count_classes(table, counts);
    const size_t rare = counts[0] < counts[1] ? counts[0] : counts[1];
    uint8_t *fold = NULL;
    if (rare < QF_COLUMN_FOLDS) {
        QF_TRY(add(audit,
                   (qf_audit_finding){
                       .kind = QF_AUDIT_FEW, .severity = QF_AUDIT_WARNING, .value = (double)rare},
                   error, "label %d has too few rows (%zu) to look for leaks", counts[1] == rare,
                   rare));
    } else {
        fold = qf_new_array(table->rows, sizeof *fold, error);
        if (!fold) return QF_MEMORY;
    }
    facts *all = NULL;
    qf_status status = fold ? qf_column_folds(table, fold, error) : QF_OK;
    if (status == QF_OK) status = find_facts(table, fold, run, &all, error);
    if (status == QF_OK) status = report_all(table, all, run, audit, error);
    free(all);
    free(fold);
    return status;
}

static size_t count_parents(const qf_table *table, const qf_row_set *others) {
    size_t count = 0;
    for (size_t r = 0; r < table->rows; r++) {
        const qf_origin origin = table->origins[r];
        count += origin.neighbour >= 0 && (qf_row_set_holds(others, origin.row) ||
                                           qf_row_set_holds(others, origin.neighbour));
    }
    return count;
}

/* rows: original rows of `table` that are rows of `other`; parents: synthetic rows of either made
 * from an original row of the other. */
static qf_status count_origins(const qf_table *table, const qf_table *other, size_t *rows,
                               size_t *parents, qf_error *error) {
    qf_row_set mine = {0}, theirs = {0};
    qf_status status = qf_row_set_originals(&mine, table, error);
    if (status == QF_OK) status = qf_row_set_originals(&theirs, other, error);
    for (size_t r = 0; status == QF_OK && r < table->rows; r++) {
        const qf_origin origin = table->origins[r];
        *rows += origin.neighbour < 0 && qf_row_set_holds(&theirs, origin.row);
    }
    if (status == QF_OK) *parents = count_parents(table, &theirs) + count_parents(other, &mine);
    free(mine.rows);
    free(theirs.rows);
    return status;
}

static qf_status report_shared(qf_audit *audit, qf_audit_kind kind, qf_audit_severity severity,
                               size_t count, const char *what, qf_error *error) {
    if (count == 0) return QF_OK;
    return add(audit,
               (qf_audit_finding){.kind = kind, .severity = severity, .value = (double)count},
               error, "%zu %s", count, what);
}

qf_status qf_audit_pair(const qf_table *table, const qf_table *other, bool one_origin,
                        const qf_run *run, qf_audit *audit, qf_error *error) {
    QF_TRY(qf_table_check_columns(table->columns, (const char *const *)table->names, other, error));
    size_t rows = 0, parents = 0, equal = 0;
    if (one_origin) QF_TRY(count_origins(table, other, &rows, &parents, error));
    bool *counts = NULL;
    facts *all = NULL;
    qf_status status = QF_OK;
    if (table->rows && other->rows) {
        status = find_facts(table, NULL, run, &all, error);
        if (status == QF_OK && !(counts = comparable(table, all, error))) status = QF_MEMORY;
        if (status == QF_OK) status = qf_table_count_shared(table, other, counts, &equal, error);
    }
    free(all);
    free(counts);
    QF_TRY(status);
    QF_TRY(report_shared(audit, QF_AUDIT_SHARED_ROWS, QF_AUDIT_ERROR, rows,
                         "rows are in the other table as well", error));
    QF_TRY(report_shared(audit, QF_AUDIT_SHARED_PARENTS, QF_AUDIT_ERROR, parents,
                         "synthetic rows were made from rows of the other table", error));
    return report_shared(audit, QF_AUDIT_SHARED_FEATURES, QF_AUDIT_WARNING, equal,
                         "rows have the same features as a row of the other table", error);
}

/* Drops identifiers and, unless they are all that is asked for, constant and repeated columns. */
static qf_status fix_columns(qf_table *table, bool identifiers_only, const qf_run *run,
                             qf_audit *audit, qf_error *error) {
    facts *all = NULL;
    bool *keep = qf_new_array(table->columns, sizeof *keep, error);
    qf_status status = keep ? find_facts(table, NULL, run, &all, error) : QF_MEMORY;
    bool changed = false;
    for (size_t c = 0; status == QF_OK && c < table->columns; c++) {
        const facts *f = &all[c];
        const bool useful = !f->constant && f->duplicate_of == table->columns;
        keep[c] = !f->identifier && (useful || identifiers_only);
        if (keep[c]) continue;
        changed = true;
        status = add(audit, (qf_audit_finding){.kind = QF_AUDIT_DROPPED, .column = table->names[c]},
                     error, "dropped, %s",
                     f->identifier ? "it numbers the rows"
                     : f->constant ? "it is constant"
                                   : "it equals an earlier column");
    }
    if (status == QF_OK && changed) status = qf_table_keep_columns(table, keep, error);
    free(all);
    free(keep);
    return status;
}

static void keep_rows(qf_table *table, const bool *keep) {
    size_t kept = 0;
    for (size_t r = 0; r < table->rows; r++) {
        if (keep[r]) qf_table_move_row(table, r, kept++);
    }
    table->rows = kept;
}

static qf_status fix_rows(qf_table *table, size_t *dropped, qf_error *error) {
    bool *keep = qf_new_array(table->rows, sizeof *keep, error);
    const size_t before = table->rows;
    size_t conflicts;
    const qf_status status = keep ? find_copies(table, NULL, keep, &conflicts, error) : QF_MEMORY;
    if (status == QF_OK) keep_rows(table, keep);
    *dropped += before - table->rows;
    free(keep);
    return status;
}

static qf_status require_rows(const qf_table *table, qf_error *error) {
    return table->rows ? QF_OK : qf_fail(error, QF_DATA, "the table has no rows");
}

qf_status qf_audit_drop_identifiers(qf_table *table, const qf_run *run, qf_audit *audit,
                                    qf_error *error) {
    QF_TRY(require_rows(table, error));
    return fix_columns(table, true, run, audit, error);
}

static double fraud_share(const qf_table *table) {
    size_t counts[2];
    qf_table_count_classes(table, counts);
    return (double)counts[1] / (double)table->rows;
}

/* Where one class repeats more than the other, the rows left no longer have the data's prevalence.
 */
static qf_status report_dropped(qf_audit *audit, size_t dropped, double before, double after,
                                qf_error *error) {
    if (dropped == 0) return QF_OK;
    const bool shifted = fabs(after - before) > 0.1 * fmin(before, after);
    return add(audit,
               (qf_audit_finding){.kind = QF_AUDIT_DROPPED,
                                  .severity = shifted ? QF_AUDIT_WARNING : QF_AUDIT_INFO,
                                  .value = (double)dropped},
               error,
               "%zu rows dropped, they repeat an earlier one's features and label; fraud was %.2f "
               "%% of the rows and is %.2f %% of those left",
               dropped, 100 * before, 100 * after);
}

qf_status qf_audit_fix(qf_table *table, const qf_run *run, qf_audit *audit, qf_error *error) {
    QF_TRY(require_rows(table, error));
    const double share = fraud_share(table);
    size_t dropped = 0, before;
    /* Columns may number the rows once copies are gone, so they are looked at again. */
    do {
        before = table->rows;
        QF_TRY(fix_columns(table, false, run, audit, error));
        QF_TRY(fix_rows(table, &dropped, error));
    } while (table->rows < before);
    return report_dropped(audit, dropped, share, fraud_share(table), error);
}
