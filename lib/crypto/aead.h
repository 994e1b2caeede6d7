/* Authenticated encryption: AES-256-GCM (NIST SP 800-38D), by OpenSSL. */
#ifndef QF_CRYPTO_AEAD_H
#define QF_CRYPTO_AEAD_H

#include "crypto/hash.h"

enum { QF_AEAD_KEY = 32, QF_AEAD_NONCE = 12, QF_AEAD_TAG = 16, QF_AEAD_MAX = 1 << 30 };

/* Encrypts plain.length <= QF_AEAD_MAX bytes into `sealed`, which has room for the tag after them,
 * and authenticates `associated` with them. A key must never meet a nonce twice: that gives away
 * the sum of both texts and the key of the tags. */
qf_status qf_aead_seal(const unsigned char key[QF_AEAD_KEY],
                       const unsigned char nonce[QF_AEAD_NONCE], qf_span associated, qf_span plain,
                       unsigned char *sealed, qf_error *error);

/* The reverse, into sealed.length - QF_AEAD_TAG bytes of `plain`. QF_REFUSED, with `plain` wiped,
 * unless key, nonce, associated data and every bit are those of the sealing. */
qf_status qf_aead_open(const unsigned char key[QF_AEAD_KEY],
                       const unsigned char nonce[QF_AEAD_NONCE], qf_span associated, qf_span sealed,
                       unsigned char *plain, qf_error *error);

#endif
