#include "crypto/qkd_channel.h"

#include "base/file.h"
#include "crypto/bytes.h"
#include "crypto/secret.h"

#include <stdlib.h>

static const char *const names[QF_QKD_MESSAGES] = {
    [QF_QKD_HELLO] = "hello",       [QF_QKD_QUBITS] = "qubits", [QF_QKD_CLICKS] = "clicks",
    [QF_QKD_SIFT] = "sift",         [QF_QKD_SAMPLE] = "sample", [QF_QKD_ASK] = "ask",
    [QF_QKD_PARITIES] = "parities", [QF_QKD_VERIFY] = "verify", [QF_QKD_VERDICT] = "verdict",
    [QF_QKD_AMPLIFY] = "amplify",   [QF_QKD_TAG] = "tag",
};

static qf_status remember(qf_qkd_channel *channel, qf_qkd_message type, const void *data,
                          size_t length, qf_error *error) {
    unsigned char header[QF_QKD_HEADER] = {(unsigned char)type};
    if (type == QF_QKD_QUBITS || type == QF_QKD_TAG) return QF_OK;
    qf_put_u32(header + 1, (uint32_t)length);
    QF_TRY(qf_bytes_append(&channel->transcript, header, sizeof header, error));
    return qf_bytes_append(&channel->transcript, data, length, error);
}

qf_status qf_qkd_send(qf_qkd_channel *channel, qf_qkd_message type, const void *data, size_t length,
                      qf_error *error) {
    static const char name[] = "the other party";
    unsigned char header[QF_QKD_HEADER] = {(unsigned char)type};
    if (length > QF_QKD_MAX_MESSAGE) return qf_fail(error, QF_INTERNAL, "a message is too long");
    qf_put_u32(header + 1, (uint32_t)length);
    QF_TRY(remember(channel, type, data, length, error));
    QF_TRY(qf_write_all(channel->out, header, sizeof header, name, error));
    return qf_write_all(channel->out, data, length, name, error);
}

/* Exactly `length` bytes, appended; *got says how many there were before the end. */
static qf_status read_exactly(int in, size_t length, qf_bytes *to, size_t *got, qf_error *error) {
    QF_TRY(qf_grow_array(&to->data, &to->capacity, to->length + length + 1, 1, error));
    size_t some = 1;
    for (*got = 0; *got < length && some > 0; *got += some) {
        QF_TRY(qf_read_some(in, to->data + to->length, length - *got, "the other party", &some,
                            error));
        to->length += some;
    }
    return QF_OK;
}

qf_status qf_qkd_read_message(int in, qf_bytes *message, bool *more, qf_error *error) {
    size_t got;
    message->length = 0;
    QF_TRY(read_exactly(in, QF_QKD_HEADER, message, &got, error));
    *more = got == QF_QKD_HEADER;
    if (!*more) return QF_OK;
    const uint32_t length = qf_get_u32(message->data + 1);
    if (length > QF_QKD_MAX_MESSAGE) return qf_fail(error, QF_DATA, "a message is too long");
    QF_TRY(read_exactly(in, length, message, &got, error));
    *more = got == length;
    return QF_OK;
}

qf_status qf_qkd_receive(qf_qkd_channel *channel, qf_qkd_message type, size_t length,
                         qf_error *error) {
    qf_bytes *received = &channel->received;
    bool more;
    QF_TRY(qf_qkd_read_message(channel->in, received, &more, error));
    channel->ended = !more;
    if (!more) {
        return qf_fail(error, QF_DATA, "the other party ended the session before its %s",
                       names[type]);
    }
    const size_t content = received->length - QF_QKD_HEADER;
    if (received->data[0] != type || (length != QF_QKD_ANY && content != length)) {
        return qf_fail(error, QF_DATA, "expected the other party's %s, got something else",
                       names[type]);
    }
    return remember(channel, type, received->data + QF_QKD_HEADER, content, error);
}

void qf_qkd_channel_free(qf_qkd_channel *channel) {
    free(channel->transcript.data);
    free(channel->received.data);
    channel->transcript = channel->received = (qf_bytes){0};
}
