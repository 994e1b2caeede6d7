/* Sealing: bytes for one party's eyes, in chunks of AES-256-GCM.
 *
 * Every message has a key of its own, so that a nonce, which is the chunk's number, never meets a
 * key twice: HKDF-SHA256 of a fresh 256-bit salt with a key of the pair's pool, handed out once
 * (link qkd), or with two X25519 secrets (link x25519): of a fresh key pair and the receiver's, and
 * of the sender's and the receiver's, as in RFC 9180's AuthEncap. What the key is for (link,
 * sender, receiver, round, all public keys or the key_ID) is HKDF's info; link, sender, receiver,
 * round, chunk number and a mark of the last chunk are every chunk's associated data. So what is
 * opened came from the sender, whole, in order, for this receiver and round.
 *
 * With link x25519, whoever steals the receiver's private key can read what was sealed for it
 * before, and can pretend to the receiver to be anyone; there is no forward secrecy against that. A
 * sealed message of link x25519 can be replayed within its round; one of link qkd opens once.
 * Lengths are not hidden. */
#ifndef QF_CRYPTO_SEAL_H
#define QF_CRYPTO_SEAL_H

#include "crypto/aead.h"
#include "crypto/identity.h"
#include "crypto/key_pool.h"

typedef enum qf_link { QF_LINK_X25519, QF_LINK_QKD, QF_LINKS } qf_link;
extern const char *const qf_link_names[QF_LINKS + 1]; /* ends with NULL */

enum { QF_SEAL_CHUNK = 1 << 16, QF_SEAL_SALT = 32 };

/* A sealed message. Zero-initialise; free(sealed.bytes). */
typedef struct qf_sealed {
    qf_link link;
    bool paper_ecb; /* AES-256-ECB without authentication: what the paper did, insecure */
    uint32_t sender, receiver;
    uint64_t round;
    char key_id[QF_KEY_ID];                /* link qkd */
    unsigned char ephemeral[QF_CURVE_KEY]; /* link x25519 */
    unsigned char salt[QF_SEAL_SALT];
    unsigned char *bytes; /* [length]: chunks of QF_SEAL_CHUNK bytes, the last one shorter, and
                           * their tags */
    size_t length;
} qf_sealed;

/* Seals for sealed->receiver: link, paper_ecb, receiver and round are the caller's, the rest is
 * made. `receiver` is its identity, NULL for link qkd, which takes a key from the pool in `state`.
 */
qf_status qf_seal(qf_state *state, const qf_own_identity *own, const qf_identity *receiver,
                  qf_span plain, qf_sealed *sealed, qf_error *error);

/* What qf_seal makes of so many bytes, not with paper_ecb. */
size_t qf_sealed_length(size_t plain);

/* Opens the whole message or nothing: *plain is empty on failure; the caller frees. `sender` is its
 * identity, NULL for link qkd. QF_REFUSED for another receiver, a key used before, and any bit that
 * is not as it was sealed (not of paper_ecb). */
qf_status qf_seal_open(qf_state *state, const qf_own_identity *own, const qf_identity *sender,
                       const qf_sealed *sealed, qf_secret *plain, qf_error *error);
/* The two steps of it, for who must put what was opened on the disk before its key is gone: opens,
 * and the key of link qkd stays; takes that key from the pool, unless that was done before. */
qf_status qf_seal_look(qf_state *state, const qf_own_identity *own, const qf_identity *sender,
                       const qf_sealed *sealed, qf_secret *plain, qf_error *error);
qf_status qf_seal_spend(qf_state *state, const qf_sealed *sealed, qf_error *error);

#endif
