#include "crypto/seal_wire.h"

#include "base/number.h"
#include "crypto/bytes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- What is to be sealed ---- */

typedef struct collection {
    qf_secret room;
    size_t filled;
} collection;

static qf_status collect(void *context, const unsigned char *data, size_t length, qf_error *error) {
    collection *c = context;
    if (length > c->room.length - c->filled) {
        qf_secret larger;
        QF_TRY(qf_secret_new(2 * (c->filled + length), &larger, error));
        if (c->filled) memcpy(larger.data, c->room.data, c->filled);
        qf_secret_free(&c->room);
        c->room = larger;
    }
    memcpy(c->room.data + c->filled, data, length);
    c->filled += length;
    return QF_OK;
}

static qf_status verify(qf_reader *reader, qf_error *error) {
    for (bool more = true; more;) {
        qf_message message = {.kind = QF_MESSAGE_ROWS};
        while (message.kind != QF_MESSAGE_END) QF_TRY(qf_reader_next(reader, &message, error));
        QF_TRY(qf_reader_next_stream(reader, NULL, &more, error));
    }
    return QF_OK;
}

qf_status qf_stream_bytes_read(const char *path, qf_secret *bytes, qf_error *error) {
    qf_session apart = {0};
    qf_reader reader;
    collection c = {0};
    *bytes = (qf_secret){0};
    qf_status status = qf_reader_open_tapped(&reader, &apart, path, NULL, collect, &c, error);
    if (status == QF_OK) status = verify(&reader, error);
    if (status == QF_OK) status = qf_secret_new(c.filled, bytes, error);
    if (status == QF_OK) memcpy(bytes->data, c.room.data, c.filled);
    qf_secret_free(&c.room);
    qf_reader_close(&reader);
    qf_session_free(&apart);
    return status;
}

/* ---- Sealed streams ---- */

static const char *const modes[] = {"aes-256-gcm", "paper-aes-256-ecb"};

static qf_status set_hex(qf_record *record, const char *name, const unsigned char *bytes,
                         qf_error *error) {
    char text[2 * QF_CURVE_KEY + 1];
    qf_hex_print(bytes, QF_CURVE_KEY, text);
    return qf_record_set_text(record, name, text, error);
}

static qf_status describe(const qf_sealed *sealed, qf_record *parameters, qf_error *error) {
    char round[24];
    snprintf(round, sizeof round, "%llu", (unsigned long long)sealed->round);
    QF_TRY(qf_record_set_text(parameters, "mode", modes[sealed->paper_ecb], error));
    QF_TRY(qf_record_set_text(parameters, "link", qf_link_names[sealed->link], error));
    QF_TRY(qf_record_set_integer(parameters, "sender", sealed->sender, error));
    QF_TRY(qf_record_set_integer(parameters, "receiver", sealed->receiver, error));
    QF_TRY(qf_record_set_text(parameters, "round", round, error));
    QF_TRY(set_hex(parameters, "salt", sealed->salt, error));
    if (sealed->link == QF_LINK_X25519) {
        return set_hex(parameters, "ephemeral", sealed->ephemeral, error);
    }
    return qf_record_set_text(parameters, "key_ID", sealed->key_id, error);
}

qf_status qf_sealed_write(qf_session *session, int fd, const char *name, const qf_sealed *sealed,
                          qf_error *error) {
    qf_writer writer = {0};
    qf_record parameters = {0};
    const qf_array chunks = {.name = "chunks",
                             .type = QF_U8,
                             .rows = sealed->length,
                             .columns = 1,
                             .data = sealed->bytes};
    qf_status status = describe(sealed, &parameters, error);
    if (status == QF_OK) {
        status = qf_writer_open(&writer, session, fd, name, "sealed", NULL, &parameters, error);
    }
    if (status == QF_OK) status = qf_writer_array(&writer, &chunks, error);
    if (status == QF_OK) status = qf_writer_close(&writer, error);
    qf_writer_free(&writer);
    qf_record_free(&parameters);
    return status;
}

static bool read_party(const qf_record *parameters, const char *name, uint32_t *party) {
    const double number = qf_record_number(parameters, name);
    if (!(number >= 1 && number <= QF_MAX_PARTY && number == floor(number))) return false;
    *party = (uint32_t)number;
    return true;
}

static bool read_key_source(const qf_record *parameters, qf_sealed *sealed) {
    if (sealed->link == QF_LINK_X25519) {
        return qf_hex_parse(qf_record_text(parameters, "ephemeral"), sealed->ephemeral,
                            QF_CURVE_KEY);
    }
    const char *id = qf_record_text(parameters, "key_ID");
    if (!qf_key_id_valid(id)) return false;
    memcpy(sealed->key_id, id, strlen(id));
    return true;
}

static qf_status parse(const qf_record *parameters, qf_sealed *sealed, qf_error *error) {
    const char *link = qf_record_text(parameters, "link");
    const char *mode = qf_record_text(parameters, "mode");
    int l = 0;
    while (l < QF_LINKS && strcmp(link, qf_link_names[l]) != 0) l++;
    sealed->link = (qf_link)l;
    sealed->paper_ecb = strcmp(mode, modes[1]) == 0;
    if (l == QF_LINKS || (!sealed->paper_ecb && strcmp(mode, modes[0]) != 0) ||
        !read_party(parameters, "sender", &sealed->sender) ||
        !read_party(parameters, "receiver", &sealed->receiver) ||
        !qf_parse_uint64(qf_record_text(parameters, "round"), &sealed->round) ||
        !qf_hex_parse(qf_record_text(parameters, "salt"), sealed->salt, QF_SEAL_SALT) ||
        !read_key_source(parameters, sealed)) {
        return qf_fail(error, QF_DATA, "the header of a sealed stream is malformed");
    }
    return QF_OK;
}

static qf_status read_chunks(qf_reader *reader, qf_sealed *sealed, qf_error *error) {
    qf_arrays arrays = {0};
    const qf_array *chunks;
    qf_status status = qf_reader_arrays(reader, &arrays, error);
    if (status == QF_OK) status = qf_reader_expect_end(reader, error);
    if (status == QF_OK) {
        status = qf_arrays_find(&arrays, "chunks", QF_U8, QF_ANY, 1, &chunks, error);
    }
    if (status == QF_OK) {
        sealed->length = chunks->rows;
        sealed->bytes = qf_copy_array(chunks->data, chunks->rows, 1, error);
        if (!sealed->bytes) status = QF_MEMORY;
    }
    qf_arrays_free(&arrays);
    return status;
}

qf_status qf_sealed_read(qf_session *session, const char *path, qf_sealed *sealed,
                         qf_error *error) {
    qf_reader reader;
    *sealed = (qf_sealed){0};
    qf_status status = qf_reader_open(&reader, session, path, "sealed", error);
    if (status == QF_OK) {
        status = parse(&reader.parameters, sealed, error);
        if (status != QF_OK) qf_error_context(error, "%s", reader.name);
        if (status == QF_OK) status = read_chunks(&reader, sealed, error);
        if (status == QF_DATA) status = error->status = QF_REFUSED;
    }
    qf_reader_close(&reader);
    return status;
}
