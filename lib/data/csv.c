#include "data/csv.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/utf8.h"

#include <csv.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 1 << 18, SLACK = 8 };

/* One record as libcsv saw it: the fields' bytes one after the other. */
typedef struct record {
    qf_bytes text;
    size_t *ends; /* [fields], where each field ends in the text */
    size_t fields, capacity;
    bool complete;
    qf_status status; /* of the callbacks, which cannot return one */
    qf_error *error;
} record;

struct qf_csv_reader {
    qf_csv_source source;
    char *buffer;       /* [room + SLACK] */
    size_t room;        /* SLACK zero bytes follow buffer[stop - 1] */
    size_t start, stop; /* the text not yet parsed */
    size_t whole;       /* the end of the last line that lies whole in the buffer */
    bool ended;         /* the source has no more */
    bool after_return;  /* the last byte parsed was CR: a LF now belongs to it */
    size_t line;        /* of buffer[start], from 1 */
    size_t record_line; /* where the record of `parsed` begins */
    struct csv_parser parser;
    record parsed;
    bool pending; /* `parsed` holds the first row of a file without a header */
    char **names; /* [fields] */
    size_t fields, target;
    bool target_named; /* by the user */
    double *row;       /* [fields] */
    size_t rows;
};

/* ---- Text ---- */

static bool is_end(char c) {
    return c == '\n' || c == '\r';
}

static qf_status fill(qf_csv_reader *reader, qf_error *error) {
    const size_t held = reader->stop - reader->start;
    if (held > QF_CSV_MAX_RECORD) {
        return qf_fail(error, QF_DATA, "line %zu: longer than %d bytes", reader->line,
                       QF_CSV_MAX_RECORD);
    }
    if (reader->stop == reader->room && reader->start > 0) {
        memmove(reader->buffer, reader->buffer + reader->start, held);
        reader->start = reader->whole = 0;
        reader->stop = held;
    }
    if (reader->stop == reader->room) {
        size_t capacity = reader->room + SLACK;
        QF_TRY(qf_grow_array(&reader->buffer, &capacity, capacity + 1, 1, error));
        reader->room = capacity - SLACK;
    }
    size_t length = 0;
    QF_TRY(reader->source.read(reader->source.context, reader->buffer + reader->stop,
                               reader->room - reader->stop, &length, error));
    if (length == 0) {
        reader->ended = true;
        /* The last line may lack its end; there is room for one byte. */
        if (held && !is_end(reader->buffer[reader->stop - 1])) {
            reader->buffer[reader->stop] = '\n';
            length = 1;
        }
    }
    const size_t before = reader->stop;
    reader->stop += length;
    memset(reader->buffer + reader->stop, 0, SLACK);
    size_t at = reader->stop;
    while (at > before && !is_end(reader->buffer[at - 1])) at--;
    if (at > before) reader->whole = at;
    return QF_OK;
}

/* Sees to it that a whole line starts at `start`; *more is false at the end of the text. */
static qf_status find_line(qf_csv_reader *reader, bool *more, qf_error *error) {
    for (;;) {
        if (reader->after_return && reader->start < reader->stop) {
            if (reader->buffer[reader->start] == '\n') reader->start++;
            reader->after_return = false;
        }
        *more = reader->start < reader->whole;
        if (*more || reader->ended) return QF_OK;
        QF_TRY(fill(reader, error));
    }
}

/* Steps over a line whose end (LF or CR) lies before `after`. */
static void leave_line(qf_csv_reader *reader, size_t after) {
    reader->after_return = reader->buffer[after - 1] == '\r';
    reader->start = after;
    reader->line++;
}

/* ---- Any line: libcsv ---- */

static void take_field(void *field, size_t length, void *context) {
    record *parsed = context;
    if (parsed->status != QF_OK) return;
    parsed->status = qf_grow_array(&parsed->ends, &parsed->capacity, parsed->fields + 1,
                                   sizeof *parsed->ends, parsed->error);
    if (parsed->status != QF_OK) return;
    parsed->status = qf_bytes_append(&parsed->text, field, length, parsed->error);
    parsed->ends[parsed->fields++] = parsed->text.length;
}

static void take_record(int end, void *context) {
    (void)end;
    ((record *)context)->complete = true;
}

static const char *get_field(const record *parsed, size_t field, size_t *length) {
    const size_t begin = field ? parsed->ends[field - 1] : 0;
    *length = parsed->ends[field] - begin;
    return (const char *)parsed->text.data + begin;
}

static bool is_blank_line(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (text[i] != ' ' && text[i] != '\t' && !is_end(text[i])) return false;
    }
    return true;
}

/* Text that is no CSV, in the field that follows those parsed; the header's fields have no names
 * yet. */
static qf_status refuse_text(const qf_csv_reader *reader, size_t line, const char *what,
                             qf_error *error) {
    const size_t field = reader->parsed.fields;
    if (!reader->names) {
        return qf_fail(error, QF_DATA, "line %zu, column %zu: %s", line, field + 1, what);
    }
    if (field >= reader->fields) {
        return qf_fail(error, QF_DATA, "row %zu (line %zu), column %zu of %zu: %s",
                       reader->rows + 1, line, field + 1, reader->fields, what);
    }
    return qf_fail(error, QF_DATA, "row %zu (line %zu), column \"%.64s\": %s", reader->rows + 1,
                   line, reader->names[field], what);
}

/* Passes one line to libcsv. */
static qf_status feed_line(qf_csv_reader *reader, qf_error *error) {
    const char *text = reader->buffer + reader->start;
    size_t length = 0;
    while (!is_end(text[length++])) continue;
    const size_t readable = strnlen(text, length);
    record *parsed = &reader->parsed;
    parsed->error = error;
    const size_t done = csv_parse(&reader->parser, text, readable, take_field, take_record, parsed);
    QF_TRY(parsed->status);
    if (done != readable) {
        if (csv_error(&reader->parser) != CSV_EPARSE) {
            return qf_fail(error, QF_MEMORY, "out of memory for a field");
        }
        return refuse_text(reader, reader->line, "a quote inside a field", error);
    }
    if (readable != length) {
        return refuse_text(reader, reader->line, "a NUL byte: not a text file", error);
    }
    leave_line(reader, reader->start + length);
    return QF_OK;
}

/* The next record that is not blank into reader->parsed; its `complete` is false at the end. */
static qf_status parse_record(qf_csv_reader *reader, qf_error *error) {
    record *parsed = &reader->parsed;
    parsed->text.length = parsed->fields = 0;
    parsed->complete = false;
    size_t length = 0;
    bool inside = false; /* a quoted field that goes on over lines */
    for (;;) {
        bool more;
        QF_TRY(find_line(reader, &more, error));
        if (!more) break;
        if (!inside) reader->record_line = reader->line;
        const size_t start = reader->start;
        QF_TRY(feed_line(reader, error));
        if (parsed->complete) return QF_OK;
        inside = inside || !is_blank_line(reader->buffer + start, reader->start - start);
        length = inside ? length + reader->start - start : 0;
        if (length > QF_CSV_MAX_RECORD) {
            return qf_fail(error, QF_DATA, "line %zu: a quoted field longer than %d bytes",
                           reader->record_line, QF_CSV_MAX_RECORD);
        }
    }
    if (!inside) return QF_OK;
    return refuse_text(reader, reader->record_line, "a quote is not closed", error);
}

/* ---- Names ---- */

static qf_status name_column(qf_csv_reader *reader, size_t column, bool header, bool *unnamed,
                             qf_error *error) {
    char made[48];
    size_t length;
    const char *name = get_field(&reader->parsed, column, &length);
    if (!header || length == 0) {
        if (header && !*unnamed) {
            length = (size_t)snprintf(made, sizeof made, "unnamed");
            *unnamed = true;
        } else {
            length = (size_t)snprintf(made, sizeof made, "%s_%zu", header ? "unnamed" : "column",
                                      column + 1);
        }
        name = made;
    }
    reader->names[column] = qf_new_array(length + 1, 1, error);
    if (!reader->names[column]) return QF_MEMORY;
    memcpy(reader->names[column], name, length);
    if (qf_utf8_is_printable(reader->names[column])) return QF_OK;
    return qf_fail(error, QF_DATA, "header, column %zu: the name is not printable UTF-8",
                   column + 1);
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static qf_status check_names_differ(const qf_csv_reader *reader, qf_error *error) {
    char **sorted = qf_copy_array(reader->names, reader->fields, sizeof *sorted, error);
    if (!sorted) return QF_MEMORY;
    qsort(sorted, reader->fields, sizeof *sorted, compare_names);
    const char *twice = NULL;
    for (size_t f = 1; f < reader->fields && !twice; f++) {
        if (strcmp(sorted[f - 1], sorted[f]) == 0) twice = sorted[f];
    }
    free(sorted);
    if (!twice) return QF_OK;
    double number;
    const bool numeric = qf_parse_double(twice, strlen(twice), &number) == QF_NUMBER_VALID;
    return qf_fail(error, QF_DATA, "header: the name \"%.64s\" occurs twice%s", twice,
                   numeric ? " (a file without a header needs --no-header)" : "");
}

static qf_status find_target(qf_csv_reader *reader, const char *target, qf_error *error) {
    reader->target = reader->fields - 1;
    reader->target_named = target;
    if (!target) return QF_OK;
    for (size_t f = 0; f < reader->fields; f++) {
        if (strcmp(reader->names[f], target) != 0) continue;
        reader->target = f;
        return QF_OK;
    }
    return qf_fail(error, QF_DATA, "no column is called \"%.64s\"", target);
}

bool qf_csv_header_is_row_like(const qf_csv_reader *reader) {
    double number = 0;
    for (size_t f = 0; f < reader->fields; f++) {
        const char *name = reader->names[f];
        if (qf_parse_double(name, strlen(name), &number) != QF_NUMBER_VALID) return false;
        if (f == reader->target && number != 0 && number != 1) return false;
    }
    return true;
}

static qf_status read_names(qf_csv_reader *reader, const qf_csv_options *options, qf_error *error) {
    QF_TRY(parse_record(reader, error));
    if (!reader->parsed.complete) return qf_fail(error, QF_DATA, "the file is empty");
    reader->fields = reader->parsed.fields;
    if (reader->fields < 2) {
        size_t length;
        const char *text = get_field(&reader->parsed, 0, &length);
        const char *other = memchr(text, ';', length)    ? ", not semicolons"
                            : memchr(text, '\t', length) ? ", not tabs"
                                                         : "";
        return qf_fail(
            error, QF_DATA,
            "line %zu: one column: a feature and a label are needed, separated by commas%s",
            reader->record_line, other);
    }
    if (reader->fields - 1 > QF_TABLE_MAX_COLUMNS) {
        return qf_fail(error, QF_DATA, "line %zu: %zu feature columns, the limit is %d",
                       reader->record_line, reader->fields - 1, QF_TABLE_MAX_COLUMNS);
    }
    reader->names = qf_new_array(reader->fields, sizeof *reader->names, error);
    reader->row = qf_new_array(reader->fields, sizeof *reader->row, error);
    if (!reader->names || !reader->row) return QF_MEMORY;
    bool unnamed = false;
    for (size_t f = 0; f < reader->fields; f++) {
        QF_TRY(name_column(reader, f, !options->no_header, &unnamed, error));
    }
    QF_TRY(check_names_differ(reader, error));
    reader->pending = options->no_header;
    return find_target(reader, options->target, error);
}

static qf_status skip_byte_order_mark(qf_csv_reader *reader, qf_error *error) {
    while (reader->stop < 3 && !reader->ended) QF_TRY(fill(reader, error));
    if (reader->stop >= 3 && memcmp(reader->buffer, "\xef\xbb\xbf", 3) == 0) reader->start = 3;
    return QF_OK;
}

qf_status qf_csv_open(qf_csv_source source, const qf_csv_options *options, qf_csv_reader **reader,
                      qf_error *error) {
    *reader = NULL;
    qf_csv_reader *opened = qf_new_array(1, sizeof *opened, error);
    if (!opened) return QF_MEMORY;
    csv_init(&opened->parser, CSV_STRICT | CSV_STRICT_FINI);
    csv_set_blk_size(&opened->parser, 4096);
    opened->source = source;
    opened->line = 1;
    opened->room = FIRST_ROOM;
    opened->buffer = qf_new_array(opened->room + SLACK, 1, error);
    qf_status status = opened->buffer ? skip_byte_order_mark(opened, error) : QF_MEMORY;
    if (status == QF_OK) status = read_names(opened, options, error);
    if (status != QF_OK) {
        qf_csv_close(opened);
        return status;
    }
    *reader = opened;
    return QF_OK;
}

void qf_csv_close(qf_csv_reader *reader) {
    if (!reader) return;
    for (size_t f = 0; reader->names && f < reader->fields; f++) free(reader->names[f]);
    free(reader->names);
    free(reader->row);
    free(reader->parsed.text.data);
    free(reader->parsed.ends);
    free(reader->buffer);
    csv_free(&reader->parser);
    free(reader);
}

qf_status qf_csv_table(const qf_csv_reader *reader, qf_table *table, qf_error *error) {
    const size_t columns = reader->fields - 1;
    const char **names = qf_new_array(columns, sizeof *names, error);
    if (!names) return QF_MEMORY;
    for (size_t c = 0; c < columns; c++) names[c] = reader->names[c + (c >= reader->target)];
    const qf_status status =
        qf_table_init(table, columns, names, reader->names[reader->target], error);
    free(names);
    return status;
}

/* ---- Rows ---- */

static bool is_digit(char c) {
    return (unsigned char)(c - '0') < 10;
}

/* A number at `at`, where text that ends in a line end begins; NULL when it is none. */
static const char *parse_number(const char *at, double *value) {
    static const double power[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const char *const begin = at;
    const bool negative = *at == '-';
    at += negative;
    const char *const digits = at;
    uint64_t mantissa = 0;
    while (is_digit(*at)) mantissa = mantissa * 10 + (uint64_t)(*at++ - '0');
    size_t length = (size_t)(at - digits), decimals = 0;
    if (length && *at == '.') {
        const char *const point = at++;
        while (is_digit(*at)) mantissa = mantissa * 10 + (uint64_t)(*at++ - '0');
        decimals = (size_t)(at - point) - 1;
        length += decimals;
    }
    if (length - 1 < 15 && (*at == ',' || is_end(*at))) {
        /* Both are exact in a double, so that the quotient is rounded once. */
        const double magnitude = (double)mantissa / power[decimals];
        *value = negative ? -magnitude : magnitude;
        return at;
    }
    while (is_digit(*at) || *at == '.' || *at == '-' || *at == '+' || (*at | 0x20) == 'e') at++;
    const bool valid = qf_parse_double(begin, (size_t)(at - begin), value) == QF_NUMBER_VALID;
    return valid ? at : NULL;
}

/* The line at `start` into reader->row if it is nothing but the right number of numbers, with the
 * end of the line in *after; the bytes behind the text make it safe to look ahead. */
static bool parse_plain_line(const qf_csv_reader *reader, size_t *after) {
    const char *at = reader->buffer + reader->start;
    double *row = reader->row;
    const size_t last = reader->fields - 1;
    for (size_t f = 0; f < last; f++) {
        while (f + 4 <= last && memcmp(at, "0,0,0,0,", 8) == 0) { /* most of a table of counts */
            memset(row + f, 0, 4 * sizeof *row);
            f += 4;
            at += 8;
        }
        if (f == last) break;
        if (is_digit(at[0]) && at[1] == ',') {
            row[f] = at[0] - '0';
        } else {
            at = parse_number(at, &row[f]);
            if (!at || *at != ',') return false;
            at--;
        }
        at += 2;
    }
    at = parse_number(at, &row[last]);
    if (!at || !is_end(*at)) return false;
    *after = (size_t)(at + 1 - reader->buffer);
    return true;
}

/* A short, printable copy of a cell for a message. */
static const char *quote_cell(const char *text, size_t length, char quoted[32]) {
    const size_t shown = length < 24 ? length : 24;
    for (size_t i = 0; i < shown; i++) {
        quoted[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i];
    }
    memcpy(quoted + shown, shown < length ? "..." : "", shown < length ? 4 : 1);
    return quoted;
}

static qf_status refuse_cell(const qf_csv_reader *reader, size_t field, const char *what,
                             qf_error *error) {
    size_t length;
    const char *text = get_field(&reader->parsed, field, &length);
    char quoted[32];
    return qf_fail(error, QF_DATA, "row %zu (line %zu), column \"%.64s\": %s%s%s%s",
                   reader->rows + 1, reader->record_line, reader->names[field], what,
                   length ? ": \"" : "", quote_cell(text, length, quoted), length ? "\"" : "");
}

/* The row of reader->parsed into reader->row. */
static qf_status convert_record(qf_csv_reader *reader, qf_error *error) {
    const record *parsed = &reader->parsed;
    if (parsed->fields != reader->fields) {
        return qf_fail(error, QF_DATA, "row %zu (line %zu): expected %zu fields, got %zu",
                       reader->rows + 1, reader->record_line, reader->fields, parsed->fields);
    }
    for (size_t f = 0; f < reader->fields; f++) {
        size_t length;
        const char *text = get_field(parsed, f, &length);
        switch (qf_parse_double(text, length, &reader->row[f])) {
        case QF_NUMBER_VALID:
            break;
        case QF_NUMBER_EMPTY:
            return refuse_cell(reader, f, "empty cell", error);
        case QF_NUMBER_MALFORMED:
            return refuse_cell(reader, f, "not a number", error);
        case QF_NUMBER_NOT_FINITE:
            return refuse_cell(reader, f, "not a finite number", error);
        }
    }
    const double label = reader->row[reader->target];
    if (label == 0 || label == 1) return QF_OK;
    const char *what =
        reader->target_named
            ? "the label must be 0 or 1"
            : "the label, which is the last column unless --target names it, must be "
              "0 or 1";
    return refuse_cell(reader, reader->target, what, error);
}

/* The next row into reader->row; *more is false at the end. */
static qf_status read_row(qf_csv_reader *reader, bool *more, qf_error *error) {
    if (!reader->pending) {
        QF_TRY(find_line(reader, more, error));
        if (!*more) return QF_OK;
        size_t after;
        if (parse_plain_line(reader, &after)) {
            const double label = reader->row[reader->target];
            if (label == 0 || label == 1) {
                leave_line(reader, after);
                return QF_OK;
            }
        }
        QF_TRY(parse_record(reader, error));
    }
    reader->pending = false;
    *more = reader->parsed.complete;
    return *more ? convert_record(reader, error) : QF_OK;
}

static void store_row(qf_csv_reader *reader, qf_table *table) {
    const size_t target = reader->target, columns = table->columns;
    double *values = table->values + table->rows * columns;
    memcpy(values, reader->row, target * sizeof *values);
    memcpy(values + target, reader->row + target + 1, (columns - target) * sizeof *values);
    table->labels[table->rows] = reader->row[target] == 1;
    table->origins[table->rows] = (qf_origin){(int64_t)reader->rows, -1};
    table->rows++;
    reader->rows++;
}

qf_status qf_csv_read(qf_csv_reader *reader, size_t most, qf_table *table, qf_error *error) {
    if (table->columns != reader->fields - 1) {
        return qf_fail(error, QF_INTERNAL, "the table is not one of this file");
    }
    QF_TRY(qf_table_reserve(table, most, error));
    table->rows = 0;
    while (table->rows < most) {
        bool more;
        QF_TRY(read_row(reader, &more, error));
        if (!more) break;
        store_row(reader, table);
    }
    if (reader->rows == 0 && most > 0) {
        return qf_fail(error, QF_DATA, "the file has a header and no rows");
    }
    return QF_OK;
}

/* ---- Writing ---- */

/* Appends a cell and what follows it, a comma or a line feed. */
static qf_status print_text(qf_bytes *text, const char *cell, char end, qf_error *error) {
    const size_t length = strlen(cell);
    const bool blank = length == 0 || strchr(" \t", cell[0]) || strchr(" \t", cell[length - 1]);
    if (!blank && !strpbrk(cell, ",\"\r\n")) {
        QF_TRY(qf_bytes_append(text, cell, length, error));
        return qf_bytes_append(text, &end, 1, error);
    }
    QF_TRY(qf_bytes_append(text, "\"", 1, error));
    for (const char *at = cell; *at; at++) {
        if (*at == '"') QF_TRY(qf_bytes_append(text, at, 1, error));
        QF_TRY(qf_bytes_append(text, at, 1, error));
    }
    QF_TRY(qf_bytes_append(text, "\"", 1, error));
    return qf_bytes_append(text, &end, 1, error);
}

qf_status qf_csv_print_names(qf_bytes *text, const char *const *names, size_t count,
                             qf_error *error) {
    for (size_t c = 0; c < count; c++) {
        QF_TRY(print_text(text, names[c], c + 1 < count ? ',' : '\n', error));
    }
    return QF_OK;
}

qf_status qf_csv_print_row(qf_bytes *text, const double *values, size_t count, qf_error *error) {
    const size_t most = count * QF_NUMBER_TEXT;
    QF_TRY(qf_grow_array(&text->data, &text->capacity, text->length + most + 1, 1, error));
    char *at = (char *)text->data + text->length;
    for (size_t c = 0; c < count; c++) {
        at += qf_print_double(at, values[c]);
        *at++ = c + 1 < count ? ',' : '\n';
    }
    *at = 0;
    text->length = (size_t)(at - (char *)text->data);
    return QF_OK;
}

static qf_status describe_field(qf_bytes *cell, const qf_field *field, qf_error *error) {
    char number[QF_NUMBER_TEXT];
    switch (field->kind) {
    case QF_FIELD_TEXT:
        return qf_bytes_append(cell, field->text, strlen(field->text), error);
    case QF_FIELD_INTEGER:
        return qf_bytes_print(cell, error, "%lld", (long long)field->integer);
    case QF_FIELD_REAL:
        if (!isfinite(field->real)) return QF_OK;
        return qf_bytes_append(cell, number, qf_print_double(number, field->real), error);
    case QF_FIELD_REALS:
    case QF_FIELD_TEXTS:
        break;
    }
    for (size_t i = 0; i < field->count; i++) {
        if (field->kind == QF_FIELD_REALS) qf_print_double(number, field->reals[i]);
        QF_TRY(qf_bytes_print(cell, error, "%s%s", i ? " " : "",
                              field->kind == QF_FIELD_REALS ? number : field->texts[i]));
    }
    return QF_OK;
}

/* A field that is missing (NULL) or undefined is an empty cell, without quotes. */
static qf_status print_field(qf_bytes *text, const qf_field *field, char end, qf_error *error) {
    qf_bytes cell = {0};
    qf_status status = field ? describe_field(&cell, field, error) : QF_OK;
    if (status == QF_OK) {
        status = cell.length ? print_text(text, (const char *)cell.data, end, error)
                             : qf_bytes_append(text, &end, 1, error);
    }
    free(cell.data);
    return status;
}

/* The names of all fields in order of first appearance; they stay the records'. */
static qf_status collect_names(const qf_record *records, size_t count, const char ***names,
                               size_t *width, qf_error *error) {
    size_t capacity = 0;
    *names = NULL;
    *width = 0;
    for (size_t r = 0; r < count; r++) {
        for (size_t f = 0; f < records[r].count; f++) {
            const char *name = records[r].fields[f].name;
            size_t at = 0;
            while (at < *width && strcmp((*names)[at], name) != 0) at++;
            if (at < *width) continue;
            QF_TRY(qf_grow_array(names, &capacity, *width + 1, sizeof **names, error));
            (*names)[(*width)++] = name;
        }
    }
    return QF_OK;
}

qf_status qf_csv_print_records(qf_bytes *text, const qf_record *records, size_t count,
                               qf_error *error) {
    const char **names;
    size_t width;
    qf_status status = collect_names(records, count, &names, &width, error);
    if (status == QF_OK && width) status = qf_csv_print_names(text, names, width, error);
    for (size_t r = 0; status == QF_OK && r < count; r++) {
        for (size_t c = 0; status == QF_OK && c < width; c++) {
            status = print_field(text, qf_record_find(&records[r], names[c]),
                                 c + 1 < width ? ',' : '\n', error);
        }
    }
    free(names);
    return status;
}
