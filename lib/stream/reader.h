/* Reading a stream. A reader is total: whatever the bytes are, it ends with a message or an error,
 * and allocates no more than a small multiple of what has arrived. */
#ifndef QF_STREAM_READER_H
#define QF_STREAM_READER_H

#include "stream/session.h"

#include <openssl/evp.h>

/* No record is longer: a writer's blocks are far smaller. */
enum { QF_MAX_RECORD_SIZE = 1 << 28 };

typedef enum qf_message_kind {
    QF_MESSAGE_ROWS,
    QF_MESSAGE_ARRAY,
    QF_MESSAGE_RECORD,
    QF_MESSAGE_END /* the trailer came and all is as it should be */
} qf_message_kind;

/* A record as it stands in the reader's buffer; valid until the next call on the reader. */
typedef struct qf_message {
    qf_message_kind kind;
    const msgpack_object *body; /* the record's list, checked for its outer shape */
    size_t rows, columns;       /* of a block of rows */
} qf_message;

/* Is given every byte of the streams read, in order and once. */
typedef qf_status qf_tap(void *context, const unsigned char *data, size_t length, qf_error *error);

typedef struct qf_reader {
    qf_session *session;
    qf_tap *tap; /* or NULL */
    void *tap_context;
    const char *name; /* of the input, for messages */
    int fd;
    bool owns_fd, at_end_of_file;
    unsigned char *buffer;
    size_t start, filled, capacity; /* unread bytes are buffer[start..filled) */
    uint64_t offset;                /* of buffer[start] in the input */
    EVP_MD_CTX *digest_context;
    msgpack_unpacked unpacked;
    size_t input; /* number in the session */
    uint64_t records;
    /* Of the stream being read: */
    char *type;
    qf_record schema, parameters;
    qf_provenance *provenance;
    qf_arrays viewed;       /* of qf_view_message: the array whose pieces are coming, */
    size_t viewed_elements; /* and how many have come */
    /* Once its end was met: */
    qf_digest digest;
    qf_origins origins;
    qf_input *trailer_inputs; /* what the trailer says that the stream was made from */
    size_t trailer_input_count;
} qf_reader;

/* Opens the input and reads the first header. `path` is a file, NULL or "-" for standard input;
 * `type` is the type that is expected, NULL for any. Free with qf_reader_close on every path.
 * QF_NO_INPUT, QF_IO; QF_DATA for anything that is not a stream of that type and version. */
qf_status qf_reader_open(qf_reader *reader, qf_session *session, const char *path, const char *type,
                         qf_error *error);
/* The same for an input that may also be foreign: where it does not begin as a stream, *is_stream
 * is false, nothing has been entered in the session, and qf_reader_foreign reads it. `type` is for
 * messages. */
qf_status qf_reader_open_any(qf_reader *reader, qf_session *session, const char *path,
                             const char *type, bool *is_stream, qf_error *error);
/* Appends all bytes of a foreign input, which enters the session as this type. QF_DATA for more
 * than `limit` bytes. */
qf_status qf_reader_foreign(qf_reader *reader, const char *type, size_t limit, qf_bytes *bytes,
                            qf_error *error);
/* The same for who wants the bytes as well, as they came: what was tapped is a valid input once its
 * last QF_MESSAGE_END was met. */
qf_status qf_reader_open_tapped(qf_reader *reader, qf_session *session, const char *path,
                                const char *type, qf_tap *tap, void *tap_context, qf_error *error);
/* The next record, or QF_MESSAGE_END once the trailer has been verified. QF_DATA for a stream that
 * is cut, altered or malformed. */
qf_status qf_reader_next(qf_reader *reader, qf_message *message, qf_error *error);
/* After QF_MESSAGE_END: goes on to the next stream of a concatenation; *more is false at the end of
 * the input. */
qf_status qf_reader_next_stream(qf_reader *reader, const char *type, bool *more, qf_error *error);
/* After QF_MESSAGE_END: QF_DATA unless the input ends here too. */
qf_status qf_reader_expect_end(qf_reader *reader, qf_error *error);
void qf_reader_close(qf_reader *reader);

/* Puts the input's name before an error that the reader did not make itself; returns `status`. */
qf_status qf_reader_name(const qf_reader *reader, qf_status status, qf_error *error);

/* Column `c` of a block of rows, value i to `to` + i * stride bytes. Reals must be finite and
 * integers whole numbers in minimum..maximum. */
qf_status qf_message_reals(const qf_message *message, size_t c, double *to, size_t stride,
                           qf_error *error);
qf_status qf_message_integers(const qf_message *message, size_t c, int64_t minimum, int64_t maximum,
                              int64_t *to, size_t stride, qf_error *error);
/* A record's fields; the caller frees. */
qf_status qf_message_record(const qf_message *message, qf_record *record, qf_error *error);
/* Adds a piece to the arrays received so far: pieces of an array come in order, one array after
 * another. */
qf_status qf_message_add_array(const qf_message *message, qf_arrays *arrays, size_t *received,
                               qf_error *error);

/* Reads the rest of a stream that has only arrays, and its end. The caller frees. */
qf_status qf_reader_arrays(qf_reader *reader, qf_arrays *arrays, qf_error *error);

#endif
