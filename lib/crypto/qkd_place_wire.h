/* Where a party of a QKD link keeps what it has, and how a link begins. */
#ifndef QF_CRYPTO_QKD_PLACE_WIRE_H
#define QF_CRYPTO_QKD_PLACE_WIRE_H

#include "crypto/qkd_link.h"
#include "stream/session.h"

/* A party's directory and number. Set .state.directory to -1 to initialise; close the state. */
typedef struct qf_qkd_place {
    qf_state state; /* not open for a peer elsewhere */
    uint32_t party;
} qf_qkd_place;

qf_status qf_qkd_place_open(qf_qkd_place *place, const char *path, qf_error *error);

/* Gives a pair its first secret: the one in the key stream `from`, or a new one where that is NULL;
 * to the party at `own`, to the peer if its directory is open, and to INTO/link.qf, to be carried
 * to it, if `into` is not NULL. */
qf_status qf_qkd_enrol(qf_session *session, qf_qkd_place *own, qf_qkd_place *peer, const char *from,
                       const char *into, qf_error *error);

#endif
