/* Streams of records (metrics, receipts): writing a list of them, reading a concatenation of
 * streams. */
#ifndef QF_STREAM_RECORDS_H
#define QF_STREAM_RECORDS_H

#include "stream/reader.h"
#include "stream/writer.h"

/* All records of one stream and how it came about. Zero-initialise; free with
 * qf_record_streams_free. */
typedef struct qf_record_stream {
    qf_record *records; /* [count] */
    size_t count, capacity;
    qf_provenance *provenance;
    qf_origins origins;
    qf_digest digest; /* the stream's name */
} qf_record_stream;

typedef struct qf_record_streams {
    qf_record_stream *items;
    size_t count, capacity;
} qf_record_streams;

/* Reads every stream of an input, each of the given type, and adds them. On failure what was read
 * stays and is freed with the rest. */
qf_status qf_record_streams_read(qf_session *session, const char *path, const char *type,
                                 qf_record_streams *streams, qf_error *error);
void qf_record_streams_free(qf_record_streams *streams);

/* One stream of `count` records to an open file; `name` is for messages. */
qf_status qf_records_write_file(qf_session *session, int fd, const char *name, const char *type,
                                const qf_record *records, size_t count, qf_error *error);
/* The same to standard output. */
qf_status qf_records_write(qf_session *session, const char *type, const qf_record *records,
                           size_t count, qf_error *error);

#endif
