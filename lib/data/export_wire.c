#include "data/export_wire.h"

#include "base/file.h"
#include "data/csv.h"
#include "data/numpy.h"
#include "data/table_wire.h"
#include "stream/view.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const qf_export_formats[] = {"csv", "jsonl", "npy", "npz", NULL};

typedef struct output {
    int fd;
    const char *name;
} output;

/* ---- Text ---- */

typedef struct text_export {
    qf_reader reader;
    qf_export_format format;
    output to;
    qf_bytes text;  /* waits to be written */
    char *header;   /* the header line of the rows, once written */
    size_t width;   /* columns of the rows that are exported */
    size_t columns; /* columns of the rows in the stream, 0 where it has none */
    qf_record *records;
    size_t count, capacity;
} text_export;

static qf_status print(text_export *e, qf_error *error) {
    const qf_status status =
        qf_write_all(e->to.fd, e->text.data, e->text.length, e->to.name, error);
    e->text.length = 0;
    return status;
}

/* The header line of a stream that has rows; concatenated streams must agree in it. */
static qf_status print_names(text_export *e, qf_error *error) {
    const qf_field *features = qf_record_find(&e->reader.schema, "columns");
    e->columns = 0;
    if (!features || features->kind != QF_FIELD_TEXTS) return QF_OK;
    const char *own[] = {qf_record_text(&e->reader.schema, "target"), "row", "neighbour"};
    e->columns = features->count + 3;
    e->width = strcmp(e->reader.type, "table") == 0 ? e->columns - 2 : e->columns;
    const char **names = qf_new_array(e->columns, sizeof *names, error);
    if (!names) return QF_MEMORY;
    for (size_t c = 0; c < e->columns; c++) {
        names[c] = c < features->count ? features->texts[c] : own[c - features->count];
    }
    const qf_status status = qf_csv_print_names(&e->text, names, e->width, error);
    free(names);
    QF_TRY(status);
    const char *line = (const char *)e->text.data;
    if (!e->header) {
        e->header = qf_copy_text(line, error);
        return e->header ? print(e, error) : QF_MEMORY;
    }
    e->text.length = 0;
    if (strcmp(e->header, line) == 0) return QF_OK;
    return qf_fail(error, QF_MISMATCH, "%s: the concatenated streams differ in their columns",
                   e->reader.name);
}

static qf_status print_rows(text_export *e, const qf_message *message, qf_error *error) {
    const size_t width = e->width;
    if (message->columns != e->columns) {
        return qf_fail(error, QF_DATA, "a block of %zu columns does not fit the header",
                       message->columns);
    }
    double *values = qf_new_array(message->rows, width * sizeof *values, error);
    if (!values) return QF_MEMORY;
    qf_status status = QF_OK;
    for (size_t c = 0; status == QF_OK && c < width; c++) {
        status = qf_message_reals(message, c, values + c, width * sizeof *values, error);
    }
    for (size_t r = 0; status == QF_OK && r < message->rows; r++) {
        status = qf_csv_print_row(&e->text, values + r * width, width, error);
    }
    free(values);
    return status;
}

static qf_status keep_record(text_export *e, const qf_message *message, qf_error *error) {
    QF_TRY(qf_grow_array(&e->records, &e->capacity, e->count + 1, sizeof *e->records, error));
    QF_TRY(qf_message_record(message, &e->records[e->count], error));
    e->count++;
    return QF_OK;
}

static qf_status print_message(text_export *e, const qf_message *message, qf_error *error) {
    if (e->format == QF_EXPORT_JSONL) {
        QF_TRY(qf_view_message(&e->reader, message, &e->text, error));
        return print(e, error);
    }
    if (message->kind == QF_MESSAGE_ARRAY) {
        return qf_fail(error, QF_DATA, "%s: a %s stream is not a table of rows: use --to jsonl",
                       e->reader.name, e->reader.type);
    }
    const qf_status status = message->kind == QF_MESSAGE_RECORD ? keep_record(e, message, error)
                                                                : print_rows(e, message, error);
    if (status == QF_OK) return print(e, error);
    return qf_error_context(error, "%s: record %llu", e->reader.name,
                            (unsigned long long)e->reader.records);
}

static qf_status print_streams(text_export *e, qf_error *error) {
    for (bool more = true; more;) {
        if (e->format == QF_EXPORT_CSV) QF_TRY(print_names(e, error));
        for (;;) {
            qf_message message;
            QF_TRY(qf_reader_next(&e->reader, &message, error));
            if (message.kind == QF_MESSAGE_END) break;
            QF_TRY(print_message(e, &message, error));
        }
        char *type = qf_copy_text(e->reader.type, error);
        if (!type) return QF_MEMORY;
        const qf_status status = qf_reader_next_stream(&e->reader, type, &more, error);
        free(type);
        QF_TRY(status);
    }
    QF_TRY(qf_csv_print_records(&e->text, e->records, e->count, error));
    return print(e, error);
}

static qf_status export_text(qf_session *session, const char *path, qf_export_format format,
                             output to, qf_error *error) {
    text_export e = {.format = format, .to = to};
    qf_status status = qf_reader_open(&e.reader, session, path, NULL, error);
    if (status == QF_OK) status = print_streams(&e, error);
    for (size_t i = 0; i < e.count; i++) qf_record_free(&e.records[i]);
    free(e.records);
    free(e.header);
    free(e.text.data);
    qf_reader_close(&e.reader);
    return status;
}

/* ---- NumPy ---- */

static qf_status copy_table(qf_table_reader *reader, qf_numpy_writer *writer, output to,
                            qf_error *error) {
    for (bool more = true; more;) {
        QF_TRY(qf_table_reader_next(reader, &more, error));
        QF_TRY(qf_numpy_add(writer, &reader->block, error));
    }
    QF_TRY(qf_reader_expect_end(&reader->reader, error));
    return qf_numpy_finish(writer, to.fd, to.name, error);
}

static qf_status export_numpy(qf_session *session, const char *path, qf_numpy_format format,
                              output to, qf_error *error) {
    if (isatty(to.fd)) {
        return qf_fail(error, QF_USAGE, "NumPy files are binary and %s is a terminal: redirect it",
                       to.name);
    }
    qf_table_reader reader;
    qf_numpy_writer *writer = NULL;
    qf_status status = qf_table_reader_open(&reader, session, path, error);
    if (status == QF_OK) status = qf_numpy_open(&reader.block, format, &writer, error);
    if (status == QF_OK) status = copy_table(&reader, writer, to, error);
    qf_numpy_free(writer);
    qf_table_reader_close(&reader);
    return status;
}

qf_status qf_export(qf_session *session, const char *path, qf_export_format format, int fd,
                    const char *name, qf_error *error) {
    const output to = {fd, name};
    if (format == QF_EXPORT_NPY) return export_numpy(session, path, QF_NPY, to, error);
    if (format == QF_EXPORT_NPZ) return export_numpy(session, path, QF_NPZ, to, error);
    return export_text(session, path, format, to, error);
}
