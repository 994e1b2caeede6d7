/* Identities as streams: one record each; a roster is their concatenation. */
#ifndef QF_CRYPTO_IDENTITY_WIRE_H
#define QF_CRYPTO_IDENTITY_WIRE_H

#include "crypto/identity.h"
#include "stream/session.h"

/* One identity stream to standard output. */
qf_status qf_identity_write(qf_session *session, const qf_identity *identity, qf_error *error);
/* Adds every identity of an input; QF_REFUSED where a signature is wrong, QF_MISMATCH for doubles.
 */
qf_status qf_roster_read(qf_session *session, const char *path, qf_roster *roster, qf_error *error);

#endif
