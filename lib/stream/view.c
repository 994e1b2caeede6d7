#include "stream/view.h"

#include "base/json.h"
#include "base/number.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* Text of any origin on a line of its own: what a terminal would obey becomes U+FFFD. */
static qf_status view_text(const char *before, const char *text, qf_bytes *out, qf_error *error) {
    QF_TRY(qf_bytes_print(out, error, "%s", before));
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        const size_t length = qf_utf8_length(at);
        const bool shown = length > 0 && !qf_utf8_is_control(at);
        QF_TRY(qf_bytes_append(out, shown ? (const char *)at : "\xef\xbf\xbd", shown ? length : 3,
                               error));
        at += length ? length : 1;
    }
    return QF_OK;
}

static qf_status view_record(const char *title, const qf_record *record, qf_bytes *out,
                             qf_error *error) {
    if (record->count == 0) return QF_OK;
    QF_TRY(qf_bytes_print(out, error, "%s: ", title));
    QF_TRY(qf_json_record(out, record, error));
    return qf_bytes_print(out, error, "\n");
}

qf_status qf_view_header(const qf_reader *reader, qf_bytes *out, qf_error *error) {
    QF_TRY(view_text("type: ", reader->type, out, error));
    QF_TRY(qf_bytes_print(out, error, "\n"));
    QF_TRY(view_record("schema", &reader->schema, out, error));
    QF_TRY(view_record("parameters", &reader->parameters, out, error));
    QF_TRY(qf_bytes_print(out, error, "provenance:\n"));
    return qf_view_provenance(reader->provenance, out, error);
}

static qf_status view_run(const qf_provenance *run, int depth, qf_bytes *out, qf_error *error) {
    QF_TRY(qf_bytes_print(out, error, "%*s", 2 * depth, ""));
    QF_TRY(view_text("", run->tool, out, error));
    QF_TRY(view_text(" ", run->version, out, error));
    for (size_t i = 0; i < run->argument_count; i++) {
        QF_TRY(view_text(" ", run->arguments[i], out, error));
    }
    if (!run->seeded) return QF_OK;
    return qf_bytes_print(out, error, " (seed %llu)", (unsigned long long)run->seed);
}

/* What several runs read is shown in full beneath the first of them. */
static qf_status view_runs(qf_provenance *run, int depth, qf_provenance_list *shown, qf_bytes *out,
                           qf_error *error) {
    QF_TRY(view_run(run, depth, out, error));
    if (run->input_count > 0 && qf_provenance_listed(shown, run)) {
        return qf_bytes_print(out, error, " (as above)\n");
    }
    QF_TRY(qf_provenance_enter(shown, run, error));
    QF_TRY(qf_bytes_print(out, error, "\n"));
    for (size_t i = 0; i < run->note_count; i++) {
        QF_TRY(qf_bytes_print(out, error, "%*s", 2 * depth + 2, ""));
        QF_TRY(view_text("- ", run->notes[i], out, error));
        QF_TRY(qf_bytes_print(out, error, "\n"));
    }
    for (size_t i = 0; i < run->input_count; i++) {
        QF_TRY(view_runs(run->inputs[i], depth + 1, shown, out, error));
    }
    return QF_OK;
}

qf_status qf_view_provenance(qf_provenance *run, qf_bytes *out, qf_error *error) {
    qf_provenance_list shown = {0};
    const qf_status status = view_runs(run, 1, &shown, out, error);
    free(shown.runs);
    return status;
}

static qf_status json_list(char *const *texts, size_t count, qf_bytes *out, qf_error *error) {
    QF_TRY(qf_bytes_print(out, error, "["));
    for (size_t i = 0; i < count; i++) {
        if (i) QF_TRY(qf_bytes_print(out, error, ","));
        QF_TRY(qf_json_text(out, texts[i], error));
    }
    return qf_bytes_print(out, error, "]");
}

/* What several runs read stands in full in the first of them, and by its number in the others. */
static qf_status json_run(qf_provenance *run, qf_provenance_list *shown, qf_bytes *out,
                          qf_error *error) {
    if (qf_provenance_listed(shown, run)) {
        return qf_bytes_print(out, error, "{\"run\":%zu}", run->place + 1);
    }
    QF_TRY(qf_provenance_enter(shown, run, error));
    QF_TRY(qf_bytes_print(out, error, "{\"tool\":"));
    QF_TRY(qf_json_text(out, run->tool, error));
    QF_TRY(qf_bytes_print(out, error, ",\"version\":"));
    QF_TRY(qf_json_text(out, run->version, error));
    QF_TRY(qf_bytes_print(out, error, ",\"run\":%zu,\"arguments\":", run->place + 1));
    QF_TRY(json_list(run->arguments, run->argument_count, out, error));
    if (run->seeded) {
        QF_TRY(qf_bytes_print(out, error, ",\"seed\":%llu", (unsigned long long)run->seed));
    }
    QF_TRY(qf_bytes_print(out, error, ",\"notes\":"));
    QF_TRY(json_list(run->notes, run->note_count, out, error));
    QF_TRY(qf_bytes_print(out, error, ",\"inputs\":["));
    for (size_t i = 0; i < run->input_count; i++) {
        if (i) QF_TRY(qf_bytes_print(out, error, ","));
        QF_TRY(json_run(run->inputs[i], shown, out, error));
    }
    return qf_bytes_print(out, error, "]}");
}

qf_status qf_view_provenance_json(qf_provenance *run, qf_bytes *out, qf_error *error) {
    qf_provenance_list shown = {0};
    const qf_status status = json_run(run, &shown, out, error);
    free(shown.runs);
    return status;
}

/* The name of a block's column: from the schema's list, then its target, then what every row stream
 * carries. */
static const char *column_name(const qf_reader *reader, size_t c) {
    const qf_field *columns = qf_record_find(&reader->schema, "columns");
    const qf_field *target = qf_record_find(&reader->schema, "target");
    const char *own[3];
    size_t count = 0;
    if (columns && columns->kind == QF_FIELD_TEXTS) {
        if (c < columns->count) return columns->texts[c];
        c -= columns->count;
    }
    if (target && target->kind == QF_FIELD_TEXT) own[count++] = target->text;
    own[count++] = "@row";
    own[count++] = "@neighbour";
    return c < count ? own[c] : "@more";
}

static qf_status view_rows(const qf_reader *reader, const qf_message *message, qf_bytes *out,
                           qf_error *error) {
    const size_t columns = message->columns, rows = message->rows;
    double *values = qf_new_array(columns, rows * sizeof *values, error);
    if (!values) return QF_MEMORY;
    qf_status status = QF_OK;
    for (size_t c = 0; status == QF_OK && c < columns; c++) {
        status = qf_message_reals(message, c, values + c, columns * sizeof *values, error);
    }
    for (size_t r = 0; out && status == QF_OK && r < rows; r++) {
        for (size_t c = 0; status == QF_OK && c < columns; c++) {
            status = qf_bytes_append(out, c ? "," : "{", 1, error);
            if (status == QF_OK) status = qf_json_text(out, column_name(reader, c), error);
            if (status == QF_OK) status = qf_bytes_append(out, ":", 1, error);
            if (status == QF_OK) status = qf_json_real(out, values[r * columns + c], error);
        }
        if (status == QF_OK) status = qf_bytes_append(out, "}\n", 2, error);
    }
    free(values);
    return status;
}

/* A piece as a vector; pieces before it are kept until the array is whole, to check that they fit.
 */
static qf_status view_array(qf_reader *reader, const qf_message *message, qf_bytes *out,
                            qf_error *error) {
    qf_arrays *arrays = &reader->viewed;
    const size_t before = arrays->count ? reader->viewed_elements : 0;
    QF_TRY(qf_message_add_array(message, arrays, &reader->viewed_elements, error));
    qf_array *array = &arrays->items[0];
    qf_status status = QF_OK;
    if (out) {
        qf_array piece = *array;
        piece.data = (char *)array->data + before * qf_array_type_size(array->type);
        piece.rows = reader->viewed_elements - before;
        piece.columns = 1;
        status = qf_json_array(out, &piece, error);
        if (status == QF_OK) status = qf_bytes_append(out, "\n", 1, error);
    }
    if (reader->viewed_elements == array->rows * array->columns) qf_arrays_free(arrays);
    return status;
}

static qf_status view_fields(const qf_message *message, qf_bytes *out, qf_error *error) {
    qf_record record;
    QF_TRY(qf_message_record(message, &record, error));
    qf_status status = out ? qf_json_record(out, &record, error) : QF_OK;
    if (out && status == QF_OK) status = qf_bytes_append(out, "\n", 1, error);
    qf_record_free(&record);
    return status;
}

qf_status qf_view_message(qf_reader *reader, const qf_message *message, qf_bytes *out,
                          qf_error *error) {
    qf_status status = QF_OK;
    switch (message->kind) {
    case QF_MESSAGE_ROWS:
        status = view_rows(reader, message, out, error);
        break;
    case QF_MESSAGE_ARRAY:
        status = view_array(reader, message, out, error);
        break;
    case QF_MESSAGE_RECORD:
        status = view_fields(message, out, error);
        break;
    case QF_MESSAGE_END:
        if (reader->viewed.count == 0) break;
        status =
            qf_fail(error, QF_DATA, "array \"%s\" is incomplete", reader->viewed.items[0].name);
        break;
    }
    if (status == QF_OK) return QF_OK;
    return qf_error_context(error, "%s: record %llu", reader->name,
                            (unsigned long long)reader->records);
}

qf_status qf_view_trailer(const qf_reader *reader, qf_bytes *out, qf_error *error) {
    char text[2 * QF_DIGEST_SIZE + 1];
    qf_digest_print(&reader->digest, text);
    QF_TRY(qf_bytes_print(out, error, "records: %llu\nsha256: %s\n",
                          (unsigned long long)reader->records, text));
    for (size_t i = 0; i < reader->trailer_input_count; i++) {
        qf_digest_print(&reader->trailer_inputs[i].digest, text);
        QF_TRY(view_text("input: ", reader->trailer_inputs[i].type, out, error));
        QF_TRY(qf_bytes_print(out, error, " %s\n", text));
    }
    for (size_t i = 0; i < reader->origins.count; i++) {
        qf_digest_print(&reader->origins.digests[i], text);
        QF_TRY(qf_bytes_print(out, error, "origin: %s\n", text));
    }
    return QF_OK;
}
