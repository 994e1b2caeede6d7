#include "stream/records.h"

#include <stdlib.h>
#include <unistd.h>

void qf_record_streams_free(qf_record_streams *streams) {
    for (size_t i = 0; i < streams->count; i++) {
        qf_record_stream *stream = &streams->items[i];
        for (size_t j = 0; j < stream->count; j++) qf_record_free(&stream->records[j]);
        free(stream->records);
        qf_provenance_release(stream->provenance);
        qf_origins_free(&stream->origins);
    }
    free(streams->items);
    *streams = (qf_record_streams){0};
}

static qf_status read_stream(qf_reader *reader, qf_record_stream *stream, qf_error *error) {
    stream->provenance = qf_provenance_share(reader->provenance);
    for (;;) {
        qf_message message;
        QF_TRY(qf_reader_next(reader, &message, error));
        if (message.kind == QF_MESSAGE_END) break;
        QF_TRY(qf_grow_array(&stream->records, &stream->capacity, stream->count + 1,
                             sizeof *stream->records, error));
        if (qf_message_record(&message, &stream->records[stream->count], error) != QF_OK) {
            return qf_error_context(error, "%s: record %zu", reader->name, stream->count + 1);
        }
        stream->count++;
    }
    stream->digest = reader->digest;
    for (size_t i = 0; i < reader->origins.count; i++) {
        QF_TRY(qf_origins_add(&stream->origins, &reader->origins.digests[i], error));
    }
    return QF_OK;
}

qf_status qf_record_streams_read(qf_session *session, const char *path, const char *type,
                                 qf_record_streams *streams, qf_error *error) {
    qf_reader reader;
    bool more = true;
    qf_status status = qf_reader_open(&reader, session, path, type, error);
    while (status == QF_OK && more) {
        status = qf_grow_array(&streams->items, &streams->capacity, streams->count + 1,
                               sizeof *streams->items, error);
        if (status != QF_OK) break;
        qf_record_stream *stream = &streams->items[streams->count++];
        *stream = (qf_record_stream){0};
        status = read_stream(&reader, stream, error);
        if (status == QF_OK) status = qf_reader_next_stream(&reader, type, &more, error);
    }
    qf_reader_close(&reader);
    return status;
}

qf_status qf_records_write_file(qf_session *session, int fd, const char *name, const char *type,
                                const qf_record *records, size_t count, qf_error *error) {
    qf_writer writer;
    qf_status status = qf_writer_open(&writer, session, fd, name, type, NULL, NULL, error);
    for (size_t i = 0; status == QF_OK && i < count; i++) {
        status = qf_writer_record(&writer, &records[i], error);
    }
    if (status == QF_OK) status = qf_writer_close(&writer, error);
    qf_writer_free(&writer);
    return status;
}

qf_status qf_records_write(qf_session *session, const char *type, const qf_record *records,
                           size_t count, qf_error *error) {
    return qf_records_write_file(session, STDOUT_FILENO, "standard output", type, records, count,
                                 error);
}
