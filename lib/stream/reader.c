#include "stream/reader.h"

#include "base/file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

enum { READ_SIZE = 1 << 18, MAX_ARRAY_ELEMENTS_LOG2 = 40 };

/* How every stream begins: a map of five, its first key and the key's length. */
static const unsigned char magic[] = "\x85\xa9qf-stream";
enum { MAGIC_SIZE = sizeof magic - 1 };

static qf_status fail_at(const qf_reader *reader, qf_error *error) {
    return qf_error_context(error, "%s: byte %llu", reader->name,
                            (unsigned long long)reader->offset);
}

/* Reads more bytes behind those that are there; at_end_of_file when there are none. */
static qf_status fill(qf_reader *reader, qf_error *error) {
    if (reader->start > 0) {
        memmove(reader->buffer, reader->buffer + reader->start, reader->filled - reader->start);
        reader->filled -= reader->start;
        reader->start = 0;
    }
    QF_TRY(qf_grow_array(&reader->buffer, &reader->capacity, reader->filled + READ_SIZE, 1, error));
    size_t got;
    QF_TRY(qf_read_some(reader->fd, reader->buffer + reader->filled,
                        reader->capacity - reader->filled, reader->name, &got, error));
    reader->filled += got;
    reader->at_end_of_file = got == 0;
    return QF_OK;
}

/* Makes sure that the next object is whole in the buffer and returns its length; *length 0 means
 * that the input ended exactly before it. */
static qf_status await_object(qf_reader *reader, size_t *length, qf_error *error) {
    for (;;) {
        const size_t available = reader->filled - reader->start;
        if (qf_measure_object(reader->buffer + reader->start, available, QF_MAX_RECORD_SIZE, length,
                              error) != QF_OK) {
            return fail_at(reader, error);
        }
        if (*length) return QF_OK;
        if (reader->at_end_of_file) {
            if (available == 0) return QF_OK;
            return qf_fail(error, QF_DATA, "%s: byte %llu: the stream is cut off inside a record",
                           reader->name, (unsigned long long)(reader->offset + available));
        }
        QF_TRY(fill(reader, error));
    }
}

/* Parses the next `length` bytes; strings and binaries point into the buffer. */
static qf_status parse(qf_reader *reader, size_t length, qf_error *error) {
    size_t at = 0;
    msgpack_unpacked_destroy(&reader->unpacked);
    msgpack_unpacked_init(&reader->unpacked);
    const msgpack_unpack_return result = msgpack_unpack_next(
        &reader->unpacked, (const char *)reader->buffer + reader->start, length, &at);
    if (result == MSGPACK_UNPACK_NOMEM_ERROR) return qf_fail(error, QF_MEMORY, "out of memory");
    if (result == MSGPACK_UNPACK_SUCCESS && at == length) return QF_OK;
    qf_fail(error, QF_DATA, "not a msgpack object");
    return fail_at(reader, error);
}

static qf_status consume(qf_reader *reader, size_t length, size_t hashed, qf_error *error) {
    if (!EVP_DigestUpdate(reader->digest_context, reader->buffer + reader->start, hashed)) {
        return qf_fail(error, QF_INTERNAL, "SHA-256 failed");
    }
    if (reader->tap) {
        QF_TRY(reader->tap(reader->tap_context, reader->buffer + reader->start, length, error));
    }
    reader->start += length;
    reader->offset += length;
    return QF_OK;
}

static void free_stream(qf_reader *reader) {
    free(reader->type);
    reader->type = NULL;
    qf_record_free(&reader->schema);
    qf_record_free(&reader->parameters);
    qf_provenance_release(reader->provenance);
    reader->provenance = NULL;
    qf_origins_free(&reader->origins);
    qf_arrays_free(&reader->viewed);
    for (size_t i = 0; i < reader->trailer_input_count; i++) {
        free(reader->trailer_inputs[i].type);
        qf_origins_free(&reader->trailer_inputs[i].origins);
    }
    free(reader->trailer_inputs);
    reader->trailer_inputs = NULL;
    reader->trailer_input_count = 0;
}

static qf_status decode_header(qf_reader *reader, qf_error *error) {
    const msgpack_object *header = &reader->unpacked.data, *found;
    uint64_t version;
    QF_TRY(qf_unpack_find(header, "qf-stream", MSGPACK_OBJECT_POSITIVE_INTEGER, &found, error));
    QF_TRY(qf_unpack_unsigned(found, &version, error));
    if (version != QF_STREAM_VERSION) {
        return qf_fail(error, QF_DATA, "stream version %llu, this program reads version %d",
                       (unsigned long long)version, QF_STREAM_VERSION);
    }
    QF_TRY(qf_unpack_find(header, "type", MSGPACK_OBJECT_STR, &found, error));
    QF_TRY(qf_unpack_text(found, &reader->type, error));
    QF_TRY(qf_unpack_find(header, "schema", MSGPACK_OBJECT_MAP, &found, error));
    QF_TRY(qf_unpack_record(found, &reader->schema, error));
    QF_TRY(qf_unpack_find(header, "parameters", MSGPACK_OBJECT_MAP, &found, error));
    QF_TRY(qf_unpack_record(found, &reader->parameters, error));
    QF_TRY(qf_unpack_find(header, "provenance", MSGPACK_OBJECT_ARRAY, &found, error));
    return qf_unpack_provenance(found, &reader->provenance, error);
}

/* Whether the buffer begins as a stream does; fewer bytes than the magic are compared as far as
 * they go. */
static qf_status sees_magic(qf_reader *reader, bool *seen, qf_error *error) {
    while (reader->filled - reader->start < MAGIC_SIZE && !reader->at_end_of_file) {
        QF_TRY(fill(reader, error));
    }
    size_t available = reader->filled - reader->start;
    if (available > MAGIC_SIZE) available = MAGIC_SIZE;
    *seen = available > 0 && memcmp(reader->buffer + reader->start, magic, available) == 0;
    return QF_OK;
}

static qf_status expect_magic(qf_reader *reader, const char *expected, qf_error *error) {
    const char *type = expected ? expected : "qf";
    bool seen;
    QF_TRY(sees_magic(reader, &seen, error));
    if (seen) return QF_OK;
    if (reader->filled == reader->start) {
        return qf_fail(error, QF_DATA, "%s: empty, expected a %s stream", reader->name, type);
    }
    return qf_fail(error, QF_DATA, "%s: byte %llu: not a qf stream, expected a %s stream%s",
                   reader->name, (unsigned long long)reader->offset, type,
                   reader->offset ? "" : " (CSV goes through qf-import)");
}

static qf_status start_digest(qf_reader *reader, qf_error *error) {
    if (EVP_DigestInit_ex(reader->digest_context, EVP_sha256(), NULL)) return QF_OK;
    return qf_fail(error, QF_INTERNAL, "SHA-256 is not available");
}

static qf_status finish_digest(qf_reader *reader, qf_error *error) {
    if (EVP_DigestFinal_ex(reader->digest_context, reader->digest.bytes, NULL)) return QF_OK;
    return qf_fail(error, QF_INTERNAL, "SHA-256 failed");
}

static qf_status read_header(qf_reader *reader, const char *expected, qf_error *error) {
    free_stream(reader);
    reader->records = 0;
    QF_TRY(start_digest(reader, error));
    size_t length;
    QF_TRY(expect_magic(reader, expected, error));
    QF_TRY(await_object(reader, &length, error));
    QF_TRY(parse(reader, length, error));
    if (decode_header(reader, error) != QF_OK) {
        return qf_error_context(error, "%s: header", reader->name);
    }
    if (expected && strcmp(expected, reader->type) != 0) {
        return qf_fail(error, QF_DATA, "%s: expected a %s stream, got a %s stream", reader->name,
                       expected, reader->type);
    }
    QF_TRY(consume(reader, length, length, error));
    return qf_session_enter(reader->session, reader->type, reader->provenance, &reader->input,
                            error);
}

/* Up to the first byte. */
static qf_status open_input(qf_reader *reader, qf_session *session, const char *path,
                            const char *type, qf_error *error) {
    const bool standard = !path || strcmp(path, "-") == 0;
    *reader = (qf_reader){
        .session = session, .name = standard ? "standard input" : qf_base_name(path), .fd = -1};
    msgpack_unpacked_init(&reader->unpacked);
    QF_TRY(qf_open_input(path, &reader->fd, error));
    reader->owns_fd = !standard;
    if (isatty(reader->fd)) {
        return qf_fail(error, QF_USAGE, "%s is a terminal, expected a %s stream", reader->name,
                       type ? type : "qf");
    }
    reader->digest_context = EVP_MD_CTX_new();
    return reader->digest_context ? QF_OK : qf_fail(error, QF_MEMORY, "out of memory");
}

qf_status qf_reader_open(qf_reader *reader, qf_session *session, const char *path, const char *type,
                         qf_error *error) {
    QF_TRY(open_input(reader, session, path, type, error));
    return read_header(reader, type, error);
}

qf_status qf_reader_open_tapped(qf_reader *reader, qf_session *session, const char *path,
                                const char *type, qf_tap *tap, void *tap_context, qf_error *error) {
    QF_TRY(open_input(reader, session, path, type, error));
    reader->tap = tap;
    reader->tap_context = tap_context;
    return read_header(reader, type, error);
}

qf_status qf_reader_open_any(qf_reader *reader, qf_session *session, const char *path,
                             const char *type, bool *is_stream, qf_error *error) {
    QF_TRY(open_input(reader, session, path, type, error));
    QF_TRY(sees_magic(reader, is_stream, error));
    return *is_stream ? read_header(reader, NULL, error) : QF_OK;
}

qf_status qf_reader_foreign(qf_reader *reader, const char *type, size_t limit, qf_bytes *bytes,
                            qf_error *error) {
    QF_TRY(start_digest(reader, error));
    while (reader->filled > reader->start || !reader->at_end_of_file) {
        const size_t length = reader->filled - reader->start;
        if (length > limit - bytes->length) {
            return qf_fail(error, QF_DATA, "%s: more than %zu bytes", reader->name, limit);
        }
        QF_TRY(qf_bytes_append(bytes, reader->buffer + reader->start, length, error));
        QF_TRY(consume(reader, length, length, error));
        QF_TRY(fill(reader, error));
    }
    QF_TRY(finish_digest(reader, error));
    QF_TRY(qf_session_enter(reader->session, type, NULL, &reader->input, error));
    return qf_session_complete(reader->session, reader->input, &reader->digest, NULL, error);
}

void qf_reader_close(qf_reader *reader) {
    free_stream(reader);
    msgpack_unpacked_destroy(&reader->unpacked);
    EVP_MD_CTX_free(reader->digest_context);
    /* Shares and keys pass through here, too. */
    if (reader->buffer) OPENSSL_cleanse(reader->buffer, reader->capacity);
    free(reader->buffer);
    if (reader->owns_fd) close(reader->fd);
    *reader = (qf_reader){.fd = -1};
}

static qf_status decode_digest(const msgpack_object *object, qf_digest *digest, qf_error *error) {
    if (object->type != MSGPACK_OBJECT_BIN || object->via.bin.size != QF_DIGEST_SIZE) {
        return qf_fail(error, QF_DATA, "a digest is malformed");
    }
    memcpy(digest->bytes, object->via.bin.ptr, QF_DIGEST_SIZE);
    return QF_OK;
}

static qf_status decode_origins(const msgpack_object *map, qf_origins *origins, qf_error *error) {
    const msgpack_object *list;
    QF_TRY(qf_unpack_find(map, "origins", MSGPACK_OBJECT_ARRAY, &list, error));
    for (uint32_t i = 0; i < list->via.array.size; i++) {
        qf_digest digest;
        QF_TRY(decode_digest(&list->via.array.ptr[i], &digest, error));
        QF_TRY(qf_origins_add(origins, &digest, error));
    }
    return QF_OK;
}

static qf_status decode_inputs(qf_reader *reader, const msgpack_object *list, qf_error *error) {
    reader->trailer_inputs =
        qf_new_array(list->via.array.size, sizeof *reader->trailer_inputs, error);
    if (!reader->trailer_inputs) return QF_MEMORY;
    for (uint32_t i = 0; i < list->via.array.size; i++) {
        const msgpack_object *object = &list->via.array.ptr[i], *found;
        qf_input *input = &reader->trailer_inputs[reader->trailer_input_count++];
        QF_TRY(qf_unpack_find(object, "type", MSGPACK_OBJECT_STR, &found, error));
        QF_TRY(qf_unpack_text(found, &input->type, error));
        QF_TRY(qf_unpack_find(object, "sha256", MSGPACK_OBJECT_BIN, &found, error));
        QF_TRY(decode_digest(found, &input->digest, error));
        QF_TRY(decode_origins(object, &input->origins, error));
        input->complete = true;
    }
    return QF_OK;
}

/* The trailer's digest is its last bytes, and covers everything before them. */
static qf_status check_trailer(qf_reader *reader, size_t length, qf_error *error) {
    const msgpack_object *trailer = &reader->unpacked.data, *found;
    uint64_t records;
    QF_TRY(qf_unpack_find(trailer, "records", MSGPACK_OBJECT_POSITIVE_INTEGER, &found, error));
    QF_TRY(qf_unpack_unsigned(found, &records, error));
    if (records != reader->records) {
        return qf_fail(error, QF_DATA, "the trailer counts %llu records, %llu came",
                       (unsigned long long)records, (unsigned long long)reader->records);
    }
    QF_TRY(qf_unpack_find(trailer, "inputs", MSGPACK_OBJECT_ARRAY, &found, error));
    QF_TRY(decode_inputs(reader, found, error));
    QF_TRY(decode_origins(trailer, &reader->origins, error));
    qf_digest claimed;
    QF_TRY(qf_unpack_find(trailer, "sha256", MSGPACK_OBJECT_BIN, &found, error));
    QF_TRY(decode_digest(found, &claimed, error));
    const unsigned char *object = reader->buffer + reader->start;
    if ((const unsigned char *)found->via.bin.ptr != object + length - QF_DIGEST_SIZE) {
        return qf_fail(error, QF_DATA, "the digest is not at the trailer's end");
    }
    QF_TRY(consume(reader, length, length - QF_DIGEST_SIZE, error));
    QF_TRY(finish_digest(reader, error));
    if (memcmp(&claimed, &reader->digest, sizeof claimed) != 0) {
        return qf_fail(error, QF_DATA, "the stream was altered: its SHA-256 is not the trailer's");
    }
    return qf_session_complete(reader->session, reader->input, &reader->digest, &reader->origins,
                               error);
}

/* A column's type and bytes, of exactly the block's length. */
static qf_status find_column(const qf_message *message, size_t c, qf_array_type *type,
                             const unsigned char **bytes, qf_error *error) {
    if (c >= message->columns) return qf_fail(error, QF_DATA, "a block lacks column %zu", c + 1);
    const msgpack_object *cell = &message->body->via.array.ptr[2].via.array.ptr[c];
    if (cell->type != MSGPACK_OBJECT_ARRAY || cell->via.array.size != 2 ||
        cell->via.array.ptr[1].type != MSGPACK_OBJECT_BIN) {
        return qf_fail(error, QF_DATA, "column %zu of a block is malformed", c + 1);
    }
    QF_TRY(qf_unpack_type(&cell->via.array.ptr[0], type, error));
    const msgpack_object_bin *bin = &cell->via.array.ptr[1].via.bin;
    if (bin->size != message->rows * qf_array_type_size(*type)) {
        return qf_fail(error, QF_DATA, "column %zu of a block has the wrong length", c + 1);
    }
    *bytes = (const unsigned char *)bin->ptr;
    return QF_OK;
}

/* Every column has the block's length: whoever allocates by rows and columns then allocates no more
 * than a small multiple of what has arrived. */
static qf_status check_block(const qf_message *message, qf_error *error) {
    qf_array_type type;
    const unsigned char *bytes;
    for (size_t c = 0; c < message->columns; c++) {
        QF_TRY(find_column(message, c, &type, &bytes, error));
    }
    if (message->columns == 0) return qf_fail(error, QF_DATA, "a block without columns");
    return QF_OK;
}

/* The outer shape of a record; what its parts hold is checked by the qf_message functions. */
static qf_status classify(qf_reader *reader, qf_message *message, qf_error *error) {
    const msgpack_object *body = &reader->unpacked.data;
    const uint32_t size = body->type == MSGPACK_OBJECT_ARRAY ? body->via.array.size : 0;
    const msgpack_object *items = size ? body->via.array.ptr : NULL;
    *message = (qf_message){.body = body};
    if (size == 3 && qf_unpack_is(&items[0], "rows") &&
        items[1].type == MSGPACK_OBJECT_POSITIVE_INTEGER && items[1].via.u64 <= UINT32_MAX &&
        items[2].type == MSGPACK_OBJECT_ARRAY) {
        message->kind = QF_MESSAGE_ROWS;
        message->rows = (size_t)items[1].via.u64;
        message->columns = items[2].via.array.size;
        return check_block(message, error);
    } else if (size == 7 && qf_unpack_is(&items[0], "array")) {
        message->kind = QF_MESSAGE_ARRAY;
    } else if (size == 2 && qf_unpack_is(&items[0], "record") &&
               items[1].type == MSGPACK_OBJECT_MAP) {
        message->kind = QF_MESSAGE_RECORD;
    } else {
        return qf_fail(error, QF_DATA, "neither a record nor a trailer");
    }
    return QF_OK;
}

qf_status qf_reader_next(qf_reader *reader, qf_message *message, qf_error *error) {
    size_t length;
    QF_TRY(await_object(reader, &length, error));
    if (length == 0) {
        return qf_fail(error, QF_DATA,
                       "%s: byte %llu: the %s stream has no trailer: it was cut off or its writer "
                       "failed",
                       reader->name, (unsigned long long)reader->offset, reader->type);
    }
    QF_TRY(parse(reader, length, error));
    if (reader->unpacked.data.type == MSGPACK_OBJECT_MAP) {
        *message = (qf_message){.kind = QF_MESSAGE_END};
        if (check_trailer(reader, length, error) == QF_OK) return QF_OK;
        return qf_error_context(error, "%s: trailer", reader->name);
    }
    if (classify(reader, message, error) != QF_OK) return fail_at(reader, error);
    reader->records++;
    return consume(reader, length, length, error);
}

static qf_status at_end(qf_reader *reader, bool *end, qf_error *error) {
    if (reader->filled == reader->start && !reader->at_end_of_file) QF_TRY(fill(reader, error));
    *end = reader->filled == reader->start;
    return QF_OK;
}

qf_status qf_reader_next_stream(qf_reader *reader, const char *type, bool *more, qf_error *error) {
    bool end;
    QF_TRY(at_end(reader, &end, error));
    *more = !end;
    return end ? QF_OK : read_header(reader, type, error);
}

qf_status qf_reader_expect_end(qf_reader *reader, qf_error *error) {
    bool end;
    QF_TRY(at_end(reader, &end, error));
    if (end) return QF_OK;
    return qf_fail(error, QF_DATA, "%s: byte %llu: more follows the stream's end", reader->name,
                   (unsigned long long)reader->offset);
}

/* Value i of a little-endian array of a known type; the type is constant in each caller's loop, so
 * that compilers make it one load. */
static inline int64_t load_integer(const unsigned char *from, size_t size) {
    uint64_t value = 0;
    for (size_t b = 0; b < size; b++) value |= (uint64_t)from[b] << (8 * b);
    const unsigned shift = 64 - 8 * (unsigned)size;
    return (int64_t)(value << shift) >> shift; /* sign-extended */
}

#define LOAD_ALL(size, store)                                                                      \
    for (size_t r = 0; r < rows; r++, from += (size), place += stride) {                           \
        const int64_t bits = load_integer(from, size);                                             \
        store;                                                                                     \
    }

static bool load_reals(const unsigned char *from, qf_array_type type, size_t rows, char *place,
                       size_t stride) {
    bool finite = true;
    double value;
#define STORE_REAL value = (double)bits, memcpy(place, &value, sizeof value)
    switch (type) {
    case QF_I8:
        LOAD_ALL(1, STORE_REAL) break;
    case QF_I16:
        LOAD_ALL(2, STORE_REAL) break;
    case QF_I32:
        LOAD_ALL(4, STORE_REAL) break;
    case QF_I64:
        LOAD_ALL(8, STORE_REAL) break;
    default:
        LOAD_ALL(8, memcpy(&value, &bits, sizeof value); finite = finite && isfinite(value);
                 memcpy(place, &value, sizeof value))
    }
#undef STORE_REAL
    return finite;
}

qf_status qf_message_reals(const qf_message *message, size_t c, double *to, size_t stride,
                           qf_error *error) {
    qf_array_type type;
    const unsigned char *from;
    QF_TRY(find_column(message, c, &type, &from, error));
    if (type == QF_U8 || type == QF_F32) {
        return qf_fail(error, QF_DATA, "column %zu has type %s", c + 1, qf_array_type_name(type));
    }
    if (load_reals(from, type, message->rows, (char *)to, stride)) return QF_OK;
    return qf_fail(error, QF_DATA, "column %zu has a value that is not finite", c + 1);
}

qf_status qf_message_integers(const qf_message *message, size_t c, int64_t minimum, int64_t maximum,
                              int64_t *to, size_t stride, qf_error *error) {
    qf_array_type type;
    const unsigned char *from;
    QF_TRY(find_column(message, c, &type, &from, error));
    if (type < QF_I8 || type > QF_I64) {
        return qf_fail(error, QF_DATA, "column %zu has type %s, expected an integer", c + 1,
                       qf_array_type_name(type));
    }
    const size_t rows = message->rows;
    char *place = (char *)to;
    int64_t least = INT64_MAX, greatest = INT64_MIN;
#define STORE_INTEGER                                                                              \
    if (bits < least) least = bits;                                                                \
    if (bits > greatest) greatest = bits;                                                          \
    memcpy(place, &bits, sizeof bits)
    switch (type) {
    case QF_I8:
        LOAD_ALL(1, STORE_INTEGER) break;
    case QF_I16:
        LOAD_ALL(2, STORE_INTEGER) break;
    case QF_I32:
        LOAD_ALL(4, STORE_INTEGER) break;
    default:
        LOAD_ALL(8, STORE_INTEGER)
    }
#undef STORE_INTEGER
    if (rows == 0 || (least >= minimum && greatest <= maximum)) return QF_OK;
    return qf_fail(error, QF_DATA, "column %zu holds %lld", c + 1,
                   (long long)(least < minimum ? least : greatest));
}

qf_status qf_message_record(const qf_message *message, qf_record *record, qf_error *error) {
    if (message->kind != QF_MESSAGE_RECORD) return qf_fail(error, QF_DATA, "expected a record");
    return qf_unpack_record(&message->body->via.array.ptr[1], record, error);
}

/* Starts a new array from its first piece: shape and name, no data yet. */
static qf_status start_array(const msgpack_object *items, qf_arrays *arrays, qf_error *error) {
    uint64_t rows, columns;
    qf_array_type type;
    char *name;
    QF_TRY(qf_unpack_type(&items[2], &type, error));
    QF_TRY(qf_unpack_unsigned(&items[3], &rows, error));
    QF_TRY(qf_unpack_unsigned(&items[4], &columns, error));
    const uint64_t limit = UINT64_C(1) << MAX_ARRAY_ELEMENTS_LOG2;
    if (rows > limit || columns > limit || (columns && rows > limit / columns)) {
        return qf_fail(error, QF_DATA, "an array has an impossible shape");
    }
    QF_TRY(qf_unpack_text(&items[1], &name, error));
    const qf_status status = qf_arrays_add(arrays, name, type, 0, 0, NULL, error);
    free(name);
    QF_TRY(status);
    arrays->items[arrays->count - 1].rows = (size_t)rows;
    arrays->items[arrays->count - 1].columns = (size_t)columns;
    return QF_OK;
}

qf_status qf_message_add_array(const qf_message *message, qf_arrays *arrays, size_t *received,
                               qf_error *error) {
    if (message->kind != QF_MESSAGE_ARRAY) return qf_fail(error, QF_DATA, "expected an array");
    const msgpack_object *items = message->body->via.array.ptr;
    uint64_t first;
    QF_TRY(qf_unpack_unsigned(&items[5], &first, error));
    if (items[6].type != MSGPACK_OBJECT_BIN) return qf_fail(error, QF_DATA, "an array lacks data");
    const qf_array *last = arrays->count ? &arrays->items[arrays->count - 1] : NULL;
    if (!last || *received == last->rows * last->columns) {
        if (first != 0) return qf_fail(error, QF_DATA, "an array lacks its first piece");
        QF_TRY(start_array(items, arrays, error));
        *received = 0;
    }
    qf_array *array = &arrays->items[arrays->count - 1];
    const size_t size = qf_array_type_size(array->type), bytes = items[6].via.bin.size;
    if (first != *received || bytes % size ||
        bytes / size > array->rows * array->columns - *received) {
        return qf_fail(error, QF_DATA, "a piece of array \"%s\" does not fit", array->name);
    }
    if (bytes == 0) return QF_OK;
    char *grown = realloc(array->data, *received * size + bytes);
    if (!grown) return qf_fail(error, QF_MEMORY, "out of memory for array \"%s\"", array->name);
    memcpy(grown + *received * size, items[6].via.bin.ptr, bytes);
    array->data = grown;
    *received += bytes / size;
    return QF_OK;
}

qf_status qf_reader_name(const qf_reader *reader, qf_status status, qf_error *error) {
    return status == QF_OK ? QF_OK : qf_error_context(error, "%s", reader->name);
}

qf_status qf_reader_arrays(qf_reader *reader, qf_arrays *arrays, qf_error *error) {
    size_t received = 0;
    for (;;) {
        qf_message message;
        QF_TRY(qf_reader_next(reader, &message, error));
        if (message.kind == QF_MESSAGE_END) break;
        if (qf_message_add_array(&message, arrays, &received, error) != QF_OK) {
            return qf_error_context(error, "%s", reader->name);
        }
    }
    if (arrays->count == 0) return QF_OK;
    const qf_array *last = &arrays->items[arrays->count - 1];
    if (received == last->rows * last->columns) return QF_OK;
    return qf_fail(error, QF_DATA, "%s: array \"%s\" is incomplete", reader->name, last->name);
}
