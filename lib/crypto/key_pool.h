/* The pool of keys that a party has in common with others, made by BB84 or fetched from a source
 * that speaks ETSI GS QKD 014, whose names the fields have: key_ID and key. A key is handed out
 * once, and its bytes are gone from the pool then. One party of the two is its sender, so that both
 * never take the same key for messages in opposite directions. */
#ifndef QF_CRYPTO_KEY_POOL_H
#define QF_CRYPTO_KEY_POOL_H

#include "crypto/state.h"

#include <stdint.h>

enum { QF_POOL_KEY = 32, QF_KEY_ID = 64 };

typedef struct qf_pool_key {
    char id[QF_KEY_ID]; /* 1 to 63 printable ASCII characters */
    uint32_t peer;      /* the other party */
    bool outgoing;      /* this party sends with it, the other receives */
    bool used;
    unsigned char key[QF_POOL_KEY]; /* zeros once used */
} qf_pool_key;

/* Whether a text can be a key_ID. */
bool qf_key_id_valid(const char *id);

/* Adds keys. QF_MISMATCH for an identifier that was there before. */
qf_status qf_pool_add(qf_state *state, const qf_pool_key *keys, size_t count, qf_error *error);
/* Hands out a key of the pair: the oldest for sending where `id` is NULL, else that one, for
 * receiving. It is marked used, on the disk, before it is given. QF_REFUSED where there is none, or
 * it was used. The caller wipes *key. */
qf_status qf_pool_take(qf_state *state, uint32_t peer, const char *id, qf_pool_key *key,
                       qf_error *error);
/* The same key for receiving without handing it out: to see whether a message is worth it. */
qf_status qf_pool_look(qf_state *state, uint32_t peer, const char *id, qf_pool_key *key,
                       qf_error *error);
/* All keys in the order of their coming, without their bytes. The caller frees. */
qf_status qf_pool_list(qf_state *state, qf_pool_key **keys, size_t *count, qf_error *error);

#endif
