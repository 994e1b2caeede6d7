/* SHA-256 (FIPS 180-4), and HKDF with it (RFC 5869). OpenSSL does the work. */
#ifndef QF_CRYPTO_HASH_H
#define QF_CRYPTO_HASH_H

#include "base/error.h"

#include <stddef.h>

#include <openssl/evp.h>

enum { QF_HASH_SIZE = 32 };

/* A hash being made. Zero-initialise; qf_hash_free on every path. */
typedef struct qf_hash {
    EVP_MD_CTX *context;
} qf_hash;

qf_status qf_hash_begin(qf_hash *hash, qf_error *error);
qf_status qf_hash_add(qf_hash *hash, const void *data, size_t length, qf_error *error);
qf_status qf_hash_end(qf_hash *hash, unsigned char digest[QF_HASH_SIZE], qf_error *error);
void qf_hash_free(qf_hash *hash);

/* The hash of one piece. */
qf_status qf_hash_bytes(const void *data, size_t length, unsigned char digest[QF_HASH_SIZE],
                        qf_error *error);

/* Bytes that are named by lengths, as HKDF takes them. */
typedef struct qf_span {
    const void *data;
    size_t length;
} qf_span;

/* Extract and expand: `length` <= 8160 bytes of key from `key`, which has the entropy, `salt`,
 * which is public and fresh, and `info`, which says what the key is for. */
qf_status qf_hkdf(qf_span key, qf_span salt, qf_span info, unsigned char *out, size_t length,
                  qf_error *error);

#endif
