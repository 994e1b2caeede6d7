/* Signatures (Ed25519, RFC 8032) and key agreement (X25519, RFC 7748), by OpenSSL. */
#ifndef QF_CRYPTO_CURVE25519_H
#define QF_CRYPTO_CURVE25519_H

#include "crypto/hash.h"

enum { QF_CURVE_KEY = 32, QF_SIGNATURE = 64 };

typedef enum qf_curve { QF_ED25519, QF_X25519 } qf_curve;

/* The public key of a private one (32 random bytes). */
qf_status qf_curve_public(qf_curve curve, const unsigned char private_key[QF_CURVE_KEY],
                          unsigned char public_key[QF_CURVE_KEY], qf_error *error);

qf_status qf_sign(const unsigned char private_key[QF_CURVE_KEY], qf_span message,
                  unsigned char signature[QF_SIGNATURE], qf_error *error);
/* QF_REFUSED unless the private key signed exactly this message. */
qf_status qf_verify(const unsigned char public_key[QF_CURVE_KEY], qf_span message,
                    const unsigned char signature[QF_SIGNATURE], qf_error *error);

/* The shared secret; to be hashed with HKDF before use. QF_REFUSED for a public key of small order,
 * with which every secret would be the same. */
qf_status qf_agree(const unsigned char private_key[QF_CURVE_KEY],
                   const unsigned char public_key[QF_CURVE_KEY], unsigned char shared[QF_CURVE_KEY],
                   qf_error *error);

#endif
