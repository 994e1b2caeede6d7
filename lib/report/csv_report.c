#include "report/csv_report.h"

#include "base/number.h"
#include "report/published.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const qf_metrics_columns[] = {
    "model",
    "variant",
    "protocol",
    "seed",
    "accuracy",
    "precision_weighted",
    "recall_weighted",
    "f1_weighted",
    "precision",
    "recall",
    "f1",
    "f2",
    "mcc",
    "balanced_accuracy",
    "pr_auc",
    "roc_auc",
    "brier",
    "log_loss",
    "recall_at_alert",
    "alert_rate",
    "threshold",
    "prevalence_test",
    "n_train",
    "n_test",
    "tn",
    "fp",
    "fn",
    "tp",
    "violations",
    "data_digest",
    NULL,
};

static qf_status print_real(double value, qf_bytes *out, qf_error *error) {
    if (!isfinite(value)) return QF_OK;
    char text[QF_NUMBER_TEXT];
    return qf_bytes_append(out, text, qf_print_double(text, value), error);
}

qf_status qf_field_print(const qf_field *field, qf_bytes *out, qf_error *error) {
    switch (field->kind) {
    case QF_FIELD_TEXT:
        return qf_bytes_print(out, error, "%s", field->text);
    case QF_FIELD_INTEGER:
        return qf_bytes_print(out, error, "%lld", (long long)field->integer);
    case QF_FIELD_REAL:
        return print_real(field->real, out, error);
    case QF_FIELD_REALS:
    case QF_FIELD_TEXTS:
        break;
    }
    for (size_t i = 0; i < field->count; i++) {
        if (i) QF_TRY(qf_bytes_append(out, ";", 1, error));
        QF_TRY(field->kind == QF_FIELD_REALS ? print_real(field->reals[i], out, error)
                                             : qf_bytes_print(out, error, "%s", field->texts[i]));
    }
    return QF_OK;
}

static qf_status print_cell(const char *text, size_t length, qf_bytes *out, qf_error *error) {
    bool quoted = false;
    for (size_t i = 0; i < length; i++) quoted |= strchr(",\"\r\n", text[i]) != NULL;
    quoted |= length > 0 && (text[0] == ' ' || text[length - 1] == ' ');
    if (!quoted) return qf_bytes_append(out, text, length, error);
    QF_TRY(qf_bytes_append(out, "\"", 1, error));
    for (size_t i = 0; i < length; i++) {
        QF_TRY(qf_bytes_append(out, text + i, 1, error));
        if (text[i] == '"') QF_TRY(qf_bytes_append(out, "\"", 1, error));
    }
    return qf_bytes_append(out, "\"", 1, error);
}

static qf_status print_field(const qf_field *field, qf_bytes *cell, qf_bytes *out,
                             qf_error *error) {
    cell->length = 0;
    if (!field) return QF_OK;
    /* A spreadsheet would run a text that begins like a formula; an apostrophe makes it a text. */
    const bool formula =
        field->kind == QF_FIELD_TEXT && *field->text && strchr("=+-@\t\r", *field->text);
    if (formula) QF_TRY(qf_bytes_append(cell, "'", 1, error));
    QF_TRY(qf_field_print(field, cell, error));
    return cell->length ? print_cell((char *)cell->data, cell->length, out, error) : QF_OK;
}

static qf_status print_rows(const qf_record *records, size_t count, const char *const *columns,
                            size_t column_count, qf_bytes *cell, qf_bytes *out, qf_error *error) {
    for (size_t c = 0; c < column_count; c++) {
        if (c) QF_TRY(qf_bytes_append(out, ",", 1, error));
        QF_TRY(print_cell(columns[c], strlen(columns[c]), out, error));
    }
    QF_TRY(qf_bytes_append(out, "\n", 1, error));
    for (size_t r = 0; r < count; r++) {
        for (size_t c = 0; c < column_count; c++) {
            if (c) QF_TRY(qf_bytes_append(out, ",", 1, error));
            QF_TRY(print_field(qf_record_find(&records[r], columns[c]), cell, out, error));
        }
        QF_TRY(qf_bytes_append(out, "\n", 1, error));
    }
    return QF_OK;
}

qf_status qf_records_csv(const qf_record *records, size_t count, const char *const *columns,
                         size_t column_count, qf_bytes *out, qf_error *error) {
    qf_bytes cell = {0};
    const qf_status status = print_rows(records, count, columns, column_count, &cell, out, error);
    free(cell.data);
    return status;
}

static const char published_prefix[] = "published_";

/* The sheet's column behind a "published_NAME", or NULL for any other name. */
static const char *published_column(const char *name) {
    const size_t length = strlen(published_prefix);
    return strncmp(name, published_prefix, length) == 0 ? name + length : NULL;
}

/* Sets published_NAME of a record, where a row of the sheet is of it. */
static qf_status add_published(qf_record *record, const char *name, const qf_sheet *sheet,
                               qf_error *error) {
    const size_t column = qf_sheet_find(sheet, published_column(name));
    size_t found = 0;
    double share = NAN;
    for (size_t row = 0; row < sheet->rows; row++) {
        if (!qf_published_is_of(sheet, row, record)) continue;
        share = qf_published_share(sheet, row, column);
        found++;
    }
    if (found <= 1) return qf_record_set_real(record, name, share, error);
    return qf_fail(error, QF_MISMATCH,
                   "%s: %zu published rows are of model %s: give its metrics a label that is a "
                   "column there",
                   name, found, qf_record_text(record, "model"));
}

/* Cuts the list at its commas: *count names in *names. */
static qf_status split_list(char *list, const char ***names, size_t *count, qf_error *error) {
    size_t capacity = 0;
    for (char *name = list; name; (*count)++) {
        char *comma = strchr(name, ',');
        if (comma) *comma++ = 0;
        if (!*name) return qf_fail(error, QF_USAGE, "--columns: a name is empty");
        QF_TRY(qf_grow_array(names, &capacity, *count + 1, sizeof **names, error));
        (*names)[*count] = name;
        name = comma;
    }
    return QF_OK;
}

/* Fields may be missing anywhere; what is published is known before. */
static qf_status check_published(const char *const *names, size_t count, const qf_sheet *published,
                                 qf_error *error) {
    for (size_t c = 0; c < count; c++) {
        const char *column = published_column(names[c]);
        if (column && !published) {
            return qf_fail(error, QF_USAGE, "--columns: \"%s\" needs --published", names[c]);
        }
        if (column && qf_sheet_find(published, column) == published->columns) {
            return qf_fail(error, QF_USAGE,
                           "--columns: the published numbers have no column \"%s\"", column);
        }
    }
    return QF_OK;
}

static qf_status copy_with_published(const qf_record *from, qf_record *to, const char *const *names,
                                     size_t count, const qf_sheet *published, qf_error *error) {
    QF_TRY(qf_record_copy(from, to, error));
    for (size_t c = 0; c < count; c++) {
        if (published_column(names[c])) QF_TRY(add_published(to, names[c], published, error));
    }
    return QF_OK;
}

qf_status qf_records_csv_of(const qf_record *records, size_t count, const char *columns,
                            const qf_sheet *published, qf_bytes *out, qf_error *error) {
    const char **names = NULL;
    size_t name_count = 0;
    char *list = qf_copy_text(columns, error);
    qf_record *copies = qf_new_array(count, sizeof *copies, error);
    qf_status status = list && copies ? split_list(list, &names, &name_count, error) : QF_MEMORY;
    if (status == QF_OK) status = check_published(names, name_count, published, error);
    for (size_t i = 0; status == QF_OK && i < count; i++) {
        status = copy_with_published(&records[i], &copies[i], names, name_count, published, error);
    }
    if (status == QF_OK) status = qf_records_csv(copies, count, names, name_count, out, error);
    for (size_t i = 0; copies && i < count; i++) qf_record_free(&copies[i]);
    free(copies);
    free(names);
    free(list);
    return status;
}

qf_status qf_records_columns(const qf_record *records, size_t count, const char ***columns,
                             size_t *column_count, qf_error *error) {
    size_t capacity = 0;
    *columns = NULL;
    *column_count = 0;
    for (size_t r = 0; r < count; r++) {
        /* Records of one kind have their fields in one order: look first where it should be. */
        for (size_t f = 0; f < records[r].count; f++) {
            const char *name = records[r].fields[f].name;
            if (f < *column_count && strcmp((*columns)[f], name) == 0) continue;
            size_t c = 0;
            while (c < *column_count && strcmp((*columns)[c], name) != 0) c++;
            if (c < *column_count) continue;
            QF_TRY(qf_grow_array(columns, &capacity, c + 1, sizeof **columns, error));
            (*columns)[(*column_count)++] = name;
        }
    }
    return QF_OK;
}
