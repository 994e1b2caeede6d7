/* A source of keys that speaks ETSI GS QKD 014 (V1.1.1), over HTTPS with certificates on both
 * sides: the first party of a pair gets keys by "enc_keys", and the other gets the same ones, named
 * by their key_ID, by "dec_keys". */
#ifndef QF_CRYPTO_ETSI_H
#define QF_CRYPTO_ETSI_H

#include "crypto/key_pool.h"

enum { QF_ETSI_MAX_KEYS = 128 };

/* Where the key management entity is, and who asks. */
typedef struct qf_etsi_source {
    const char *url;         /* https://HOST:PORT */
    const char *certificate; /* files in PEM: of this party, */
    const char *private_key;
    const char *authority; /* and of whoever signs the entity's certificate */
} qf_etsi_source;

/* Gets `count` new keys to send with to the application `sae`. The keys' peer is the caller's to
 * set; the caller wipes them. QF_UNAVAILABLE where the entity cannot be reached or has no keys;
 * QF_REFUSED where either side does not accept the other's certificate; QF_DATA for an answer that
 * is not what the standard says, or keys of another size than 256 bits. */
qf_status qf_etsi_new_keys(const qf_etsi_source *source, const char *sae, size_t count,
                           qf_pool_key *keys, qf_error *error);
/* Gets the keys of these identifiers, which `sae` sends with. */
qf_status qf_etsi_keys_by_id(const qf_etsi_source *source, const char *sae, const char *const *ids,
                             size_t count, qf_pool_key *keys, qf_error *error);

#endif
