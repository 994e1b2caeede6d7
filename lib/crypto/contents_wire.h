/* What a stream holds, read whole and written. Secrets pass through here: what was read is wiped by
 * qf_contents_free, but copies that growing buffers left behind are not. */
#ifndef QF_CRYPTO_CONTENTS_WIRE_H
#define QF_CRYPTO_CONTENTS_WIRE_H

#include "crypto/contents.h"
#include "stream/reader.h"
#include "stream/writer.h"

/* Where a secret came from, apart from its digest: a digest would let anyone confirm a guess. */
typedef struct qf_contents_source {
    qf_provenance *provenance; /* a share, NULL for none */
    qf_origins origins;        /* none where the secret itself is the origin */
} qf_contents_source;
void qf_contents_source_free(qf_contents_source *source);

/* Reads an input of one stream of records and arrays, of one of the types (NULL-terminated), in a
 * session of its own: it enters no provenance. The caller frees both results, on failure too. */
qf_status qf_contents_read(const char *path, const char *const *types, qf_contents *contents,
                           qf_contents_source *source, qf_error *error);
/* Reads the records and arrays of an open stream to its end. */
qf_status qf_contents_read_rest(qf_reader *reader, qf_contents *contents, qf_error *error);

/* Enters the source into a session, named by a digest that gives nothing away. */
qf_status qf_contents_source_enter(const qf_contents_source *source, const char *type,
                                   const qf_digest *name, qf_session *session, qf_error *error);

/* One stream to an open file; `name` is for messages. */
qf_status qf_contents_write(qf_session *session, int fd, const char *name,
                            const qf_contents *contents, qf_error *error);

#endif
