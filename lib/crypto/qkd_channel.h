/* The messages of a QKD session on a pair of descriptors, and their transcript, which the parties
 * authenticate at the end: until then nothing that came in is more than a claim. */
#ifndef QF_CRYPTO_QKD_CHANNEL_H
#define QF_CRYPTO_QKD_CHANNEL_H

#include "base/memory.h"

#include <stdbool.h>
#include <stdint.h>

/* In the order of their coming. */
typedef enum qf_qkd_message {
    QF_QKD_HELLO = 1, /* Alice, then Bob: who and how */
    QF_QKD_QUBITS,    /* Alice: the photons; not part of the transcript */
    QF_QKD_CLICKS,    /* Bob: which arrived, measured in which basis */
    QF_QKD_SIFT,      /* Alice: her bases, the order for Cascade, her bits of the sample */
    QF_QKD_SAMPLE,    /* Bob: his bits of the sample */
    QF_QKD_ASK,       /* Bob: blocks whose parities he wants; none at the end */
    QF_QKD_PARITIES,  /* Alice: the parities */
    QF_QKD_VERIFY,    /* Alice: a matrix and the hash of her bits */
    QF_QKD_VERDICT,   /* Bob: whether his hash is the same */
    QF_QKD_AMPLIFY,   /* Alice: the matrix that makes the key */
    QF_QKD_TAG,       /* Alice, then Bob: of the transcript; not part of it */
    QF_QKD_MESSAGES
} qf_qkd_message;

enum { QF_QKD_HEADER = 5, QF_QKD_MAX_MESSAGE = 1 << 24 };

/* Zero-initialise all but the descriptors; free with qf_qkd_channel_free. */
typedef struct qf_qkd_channel {
    int in, out;
    bool ended;          /* a message was awaited and the other party was gone */
    qf_bytes transcript; /* type, length and content of every message of both directions */
    qf_bytes received;   /* the last message */
} qf_qkd_channel;

qf_status qf_qkd_send(qf_qkd_channel *channel, qf_qkd_message type, const void *data, size_t length,
                      qf_error *error);
/* Receives a message of this type into channel->received. QF_DATA for another, or one of another
 * length than `length` (QF_QKD_ANY: any), or none. */
#define QF_QKD_ANY ((size_t)-1)
qf_status qf_qkd_receive(qf_qkd_channel *channel, qf_qkd_message type, size_t length,
                         qf_error *error);
void qf_qkd_channel_free(qf_qkd_channel *channel);

/* A message of any type, header and content, as a wire-tapper gets it; *more is false at the end.
 */
qf_status qf_qkd_read_message(int in, qf_bytes *message, bool *more, qf_error *error);

#endif
