/* Who a party is: a number, an Ed25519 key that it signs with, an X25519 key that others agree on
 * secrets with. The roster of all parties' identities must reach each of them unaltered: everything
 * else is authenticated by it. */
#ifndef QF_CRYPTO_IDENTITY_H
#define QF_CRYPTO_IDENTITY_H

#include "crypto/curve25519.h"
#include "crypto/state.h"

#include <stdint.h>

enum { QF_MAX_PARTY = 1000000 };

typedef struct qf_identity {
    uint32_t party; /* 1 .. QF_MAX_PARTY */
    unsigned char signing[QF_CURVE_KEY];
    unsigned char agreement[QF_CURVE_KEY];
    unsigned char signature[QF_SIGNATURE]; /* of all of the above, by the signing key */
} qf_identity;

/* A party's own identity. Zero-initialise; free with qf_own_identity_free. */
typedef struct qf_own_identity {
    qf_identity identity;
    qf_secret keys; /* the private signing key, then the private agreement key */
} qf_own_identity;

/* Makes the identity of a party in its state directory, or loads the one that is there. QF_REFUSED
 * where the directory is another party's. */
qf_status qf_identity_make(qf_state *state, uint32_t party, qf_own_identity *own, qf_error *error);
/* QF_NO_INPUT where there is none. */
qf_status qf_identity_load(const qf_state *state, qf_own_identity *own, qf_error *error);
void qf_own_identity_free(qf_own_identity *own);

/* QF_REFUSED unless the identity's own key signed it. */
qf_status qf_identity_check(const qf_identity *identity, qf_error *error);

/* Signs a digest for a purpose: `label`, of up to 15 characters, keeps a statement from being taken
 * for one of another kind. Ed25519 is deterministic: the same statement has the same signature. */
qf_status qf_identity_sign(const qf_own_identity *own, const char *label,
                           const unsigned char digest[QF_HASH_SIZE],
                           unsigned char signature[QF_SIGNATURE], qf_error *error);
/* QF_REFUSED unless this identity signed exactly that. */
qf_status qf_identity_verify(const qf_identity *identity, const char *label,
                             const unsigned char digest[QF_HASH_SIZE],
                             const unsigned char signature[QF_SIGNATURE], qf_error *error);

/* Zero-initialise; free with qf_roster_free. */
typedef struct qf_roster {
    qf_identity *identities;
    size_t count, capacity;
} qf_roster;

/* QF_MISMATCH for a number or a key that is there already. */
qf_status qf_roster_add(qf_roster *roster, const qf_identity *identity, qf_error *error);
/* QF_MISMATCH where the party is not in the roster. */
qf_status qf_roster_find(const qf_roster *roster, uint32_t party, const qf_identity **identity,
                         qf_error *error);
/* QF_MISMATCH unless the roster has this party with exactly these keys. */
qf_status qf_roster_expect(const qf_roster *roster, const qf_identity *own, qf_error *error);
/* A copy into an empty roster. */
qf_status qf_roster_copy(const qf_roster *from, qf_roster *to, qf_error *error);
/* In the order of their numbers. */
void qf_roster_sort(qf_roster *roster);
/* SHA-256 over numbers and keys in that order: whoever has it has the roster, wherever it comes
 * from. The identities' own signatures are not in it: they were checked when the roster was read.
 */
qf_status qf_roster_digest(const qf_roster *roster, unsigned char digest[QF_HASH_SIZE],
                           qf_error *error);
void qf_roster_free(qf_roster *roster);

#endif
