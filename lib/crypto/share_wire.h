/* Shares as streams of type share: header and records of the secret in the clear, the layout of its
 * arrays, then the elements. */
#ifndef QF_CRYPTO_SHARE_WIRE_H
#define QF_CRYPTO_SHARE_WIRE_H

#include "crypto/contents_wire.h"
#include "crypto/share.h"
#include "crypto/state.h"

/* Writes DIRECTORY/share-1.qf ... of mode 0600: all of them, or on failure none. */
qf_status qf_shares_write_files(qf_session *session, const qf_state *directory,
                                const qf_share *shares, size_t count, qf_error *error);
/* One share to an open file. */
qf_status qf_share_write(qf_session *session, int fd, const char *name, const qf_share *share,
                         qf_error *error);

/* Zero-initialise; free with qf_shares_free. */
typedef struct qf_shares {
    qf_share *items;
    size_t count, capacity;
} qf_shares;

/* Adds every share of an input. On failure what was read stays and is freed with the rest. */
qf_status qf_shares_read(qf_session *session, const char *path, qf_shares *shares, qf_error *error);
void qf_shares_free(qf_shares *shares);

#endif
