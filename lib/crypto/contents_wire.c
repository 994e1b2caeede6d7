#include "crypto/contents_wire.h"

#include "crypto/secret.h"

#include <stdlib.h>
#include <string.h>

void qf_contents_source_free(qf_contents_source *source) {
    qf_provenance_release(source->provenance);
    qf_origins_free(&source->origins);
    *source = (qf_contents_source){0};
}

static qf_status take(const qf_message *message, qf_contents *contents, size_t *received,
                      qf_error *error) {
    if (message->kind == QF_MESSAGE_ARRAY) {
        return qf_message_add_array(message, &contents->arrays, received, error);
    }
    qf_record record;
    QF_TRY(qf_message_record(message, &record, error));
    const qf_status status = qf_contents_add_record(contents, &record, error);
    qf_record_free(&record);
    return status;
}

static qf_status take_all(qf_reader *reader, qf_contents *contents, size_t *received,
                          qf_error *error) {
    for (;;) {
        qf_message message;
        QF_TRY(qf_reader_next(reader, &message, error));
        if (message.kind == QF_MESSAGE_END) return QF_OK;
        if (take(&message, contents, received, error) != QF_OK) {
            return qf_error_context(error, "%s", reader->name);
        }
    }
}

/* An array that did not arrive whole has less data than its shape says. */
static void drop_incomplete(qf_array *array, size_t received) {
    if (array->data) qf_secret_wipe(array->data, received * qf_array_type_size(array->type));
    free(array->data);
    array->data = NULL;
}

qf_status qf_contents_read_rest(qf_reader *reader, qf_contents *contents, qf_error *error) {
    size_t received = 0;
    const qf_status status = take_all(reader, contents, &received, error);
    const size_t count = contents->arrays.count;
    qf_array *last = count ? &contents->arrays.items[count - 1] : NULL;
    if (!last || received == last->rows * last->columns) return status;
    drop_incomplete(last, received);
    QF_TRY(status);
    return qf_fail(error, QF_DATA, "%s: array \"%s\" is incomplete", reader->name, last->name);
}

static qf_status expect_type(const qf_reader *reader, const char *const *types, qf_error *error) {
    for (size_t i = 0; types[i]; i++) {
        if (strcmp(reader->type, types[i]) == 0) return QF_OK;
    }
    return qf_fail(error, QF_DATA, "%s: expected a %s%s%s stream, got a %s stream", reader->name,
                   types[0], types[1] ? " or " : "", types[1] ? types[1] : "", reader->type);
}

static qf_status read_open(qf_reader *reader, const char *const *types, qf_contents *contents,
                           qf_contents_source *source, qf_error *error) {
    QF_TRY(expect_type(reader, types, error));
    contents->type = qf_copy_text(reader->type, error);
    if (!contents->type) return QF_MEMORY;
    QF_TRY(qf_record_copy(&reader->schema, &contents->schema, error));
    QF_TRY(qf_record_copy(&reader->parameters, &contents->parameters, error));
    source->provenance = qf_provenance_share(reader->provenance);
    QF_TRY(qf_contents_read_rest(reader, contents, error));
    for (size_t i = 0; i < reader->origins.count; i++) {
        QF_TRY(qf_origins_add(&source->origins, &reader->origins.digests[i], error));
    }
    return qf_reader_expect_end(reader, error);
}

qf_status qf_contents_read(const char *path, const char *const *types, qf_contents *contents,
                           qf_contents_source *source, qf_error *error) {
    qf_session apart = {0};
    qf_reader reader;
    *contents = (qf_contents){0};
    *source = (qf_contents_source){0};
    qf_status status = qf_reader_open(&reader, &apart, path, types[1] ? NULL : types[0], error);
    if (status == QF_OK) status = read_open(&reader, types, contents, source, error);
    qf_reader_close(&reader);
    qf_session_free(&apart);
    return status;
}

qf_status qf_contents_source_enter(const qf_contents_source *source, const char *type,
                                   const qf_digest *name, qf_session *session, qf_error *error) {
    size_t index;
    QF_TRY(qf_session_enter(session, type, source->provenance, &index, error));
    return qf_session_complete(session, index, name, &source->origins, error);
}

static qf_status write_rest(qf_writer *writer, const qf_contents *contents, qf_error *error) {
    for (size_t i = 0; i < contents->record_count; i++) {
        QF_TRY(qf_writer_record(writer, &contents->records[i], error));
    }
    QF_TRY(qf_writer_arrays(writer, &contents->arrays, error));
    return qf_writer_close(writer, error);
}

qf_status qf_contents_write(qf_session *session, int fd, const char *name,
                            const qf_contents *contents, qf_error *error) {
    qf_writer writer = {0};
    qf_status status = qf_writer_open(&writer, session, fd, name, contents->type, &contents->schema,
                                      &contents->parameters, error);
    if (status == QF_OK) status = write_rest(&writer, contents, error);
    qf_writer_free(&writer);
    return status;
}
