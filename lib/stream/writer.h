/* Writing a stream: header, records, trailer (format: qf-stream(5)). */
#ifndef QF_STREAM_WRITER_H
#define QF_STREAM_WRITER_H

#include "stream/session.h"

#include <openssl/evp.h>

typedef struct qf_writer {
    qf_session *session;
    int fd;
    const char *name; /* of the output, for messages */
    EVP_MD_CTX *digest_context;
    qf_bytes buffer;
    double *scratch; /* for the columns of a block */
    size_t scratch_capacity;
    uint64_t records;
    qf_digest digest; /* the stream's name, once closed */
} qf_writer;

/* Writes the header, with the provenance of the session: its tool and the inputs opened so far.
 * `schema` says what the records hold, `parameters` how they were made; NULL is empty.
 * Zero-initialise the writer; free with qf_writer_free on every path. Refuses a terminal
 * (QF_USAGE). */
qf_status qf_writer_open(qf_writer *writer, qf_session *session, int fd, const char *name,
                         const char *type, const qf_record *schema, const qf_record *parameters,
                         qf_error *error);

/* One column of a block: `data` + i * stride bytes is row i's value, of type QF_F64, QF_I64 or
 * QF_U8. It is written as the narrowest of i8, i16, i32, i64, f64 that holds every value exactly.
 */
typedef struct qf_column {
    qf_array_type type;
    const void *data;
    size_t stride;
} qf_column;

qf_status qf_writer_rows(qf_writer *writer, size_t rows, const qf_column *columns, size_t count,
                         qf_error *error);
/* In pieces of at most 2^20 elements, so that no reader needs a huge buffer. */
qf_status qf_writer_array(qf_writer *writer, const qf_array *array, qf_error *error);
qf_status qf_writer_arrays(qf_writer *writer, const qf_arrays *arrays, qf_error *error);
qf_status qf_writer_record(qf_writer *writer, const qf_record *record, qf_error *error);

/* Writes the trailer: only now is the stream valid. QF_INTERNAL while an input has not been read to
 * its end. */
qf_status qf_writer_close(qf_writer *writer, qf_error *error);
void qf_writer_free(qf_writer *writer);

/* A whole stream that has only arrays, as of qf_reader_arrays. */
qf_status qf_arrays_write(qf_session *session, int fd, const char *name, const char *type,
                          const qf_record *schema, const qf_record *parameters,
                          const qf_arrays *arrays, qf_error *error);

#endif
