/* Streams in and out of seals. */
#ifndef QF_CRYPTO_SEAL_WIRE_H
#define QF_CRYPTO_SEAL_WIRE_H

#include "crypto/seal.h"
#include "stream/reader.h"
#include "stream/writer.h"

/* Reads and verifies an input of one or more streams of any type, and keeps its bytes as they came.
 * In a session of its own: the sealed stream says nothing about what is in it. */
qf_status qf_stream_bytes_read(const char *path, qf_secret *bytes, qf_error *error);

/* A sealed stream to an open file; `name` is for messages. */
qf_status qf_sealed_write(qf_session *session, int fd, const char *name, const qf_sealed *sealed,
                          qf_error *error);
/* Reads one. QF_DATA for what is no sealed stream; QF_REFUSED for one that is cut off or altered:
 * damage and attack look the same. The caller frees sealed->bytes. */
qf_status qf_sealed_read(qf_session *session, const char *path, qf_sealed *sealed, qf_error *error);

#endif
