/* A session: one run of a tool, as its streams see it. Readers enter their inputs here, writers
 * take the provenance from here, so that no tool can forget it. */
#ifndef QF_STREAM_SESSION_H
#define QF_STREAM_SESSION_H

#include "stream/provenance.h"

enum { QF_DIGEST_SIZE = 32, QF_STREAM_VERSION = 2, QF_MAX_ORIGINS = 1024 };

typedef struct qf_digest {
    unsigned char bytes[QF_DIGEST_SIZE]; /* SHA-256 */
} qf_digest;

/* Lower-case hexadecimal with its terminating zero. */
void qf_digest_print(const qf_digest *digest, char text[2 * QF_DIGEST_SIZE + 1]);

/* A set of digests in ascending order: the foreign files or seeded generators where data came from.
 * Rows of equal identity are the same row only within one origin. */
typedef struct qf_origins {
    qf_digest *digests;
    size_t count, capacity;
} qf_origins;

qf_status qf_origins_add(qf_origins *origins, const qf_digest *digest, qf_error *error);
bool qf_origins_equal(const qf_origins *a, const qf_origins *b);
void qf_origins_free(qf_origins *origins);

/* One input of the run: a stream, or a foreign file. */
typedef struct qf_input {
    char *type; /* the stream's type, or "file"; "circuit" for OpenQASM, too */
    bool complete;
    qf_digest digest;   /* of the whole input, once complete */
    qf_origins origins; /* once complete */
} qf_input;

typedef struct qf_session {
    qf_provenance self; /* its inputs are those of the streams opened for reading so far */
    qf_input *inputs;   /* [input_count], streams and files in the order of opening */
    size_t input_count, input_capacity;
} qf_session;

void qf_session_free(qf_session *session);
/* Adds a machine-readable fact to this run's provenance; before a writer is opened. */
__attribute__((format(printf, 3, 4))) qf_status
qf_session_note(qf_session *session, qf_error *error, const char *format, ...);
/* Enters an input and returns its number by *index. `provenance` (shared) may be NULL. */
qf_status qf_session_enter(qf_session *session, const char *type, qf_provenance *provenance,
                           size_t *index, qf_error *error);
/* Completes an input: its digest and origins; an input without origins is its own. */
qf_status qf_session_complete(qf_session *session, size_t index, const qf_digest *digest,
                              const qf_origins *origins, qf_error *error);
/* Enters a foreign file whose bytes have this digest. */
qf_status qf_session_add_file(qf_session *session, const qf_digest *digest, qf_error *error);

#endif
