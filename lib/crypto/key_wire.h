/* A key as a stream of type key: its key_ID and an array of bytes. It is secret: such streams go
 * into files of mode 0600, never to standard output. */
#ifndef QF_CRYPTO_KEY_WIRE_H
#define QF_CRYPTO_KEY_WIRE_H

#include "crypto/state.h"
#include "stream/session.h"

/* Writes DIRECTORY/NAME. */
qf_status qf_key_write_file(qf_session *session, const qf_state *directory, const char *name,
                            const char *id, const unsigned char *key, size_t length,
                            qf_error *error);
/* Reads a key of exactly `length` bytes, in a session of its own. The caller frees *key. */
qf_status qf_key_read(const char *path, size_t length, qf_secret *key, qf_error *error);

#endif
