#include "crypto/hash.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

static qf_status failed(qf_error *error) {
    return qf_fail(error, QF_INTERNAL, "SHA-256 failed");
}

qf_status qf_hash_begin(qf_hash *hash, qf_error *error) {
    if (!hash->context) hash->context = EVP_MD_CTX_new();
    if (!hash->context) return qf_fail(error, QF_MEMORY, "out of memory");
    return EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL) ? QF_OK : failed(error);
}

qf_status qf_hash_add(qf_hash *hash, const void *data, size_t length, qf_error *error) {
    return EVP_DigestUpdate(hash->context, data, length) ? QF_OK : failed(error);
}

qf_status qf_hash_end(qf_hash *hash, unsigned char digest[QF_HASH_SIZE], qf_error *error) {
    return EVP_DigestFinal_ex(hash->context, digest, NULL) ? QF_OK : failed(error);
}

void qf_hash_free(qf_hash *hash) {
    EVP_MD_CTX_free(hash->context); /* wipes its state */
    *hash = (qf_hash){0};
}

qf_status qf_hash_bytes(const void *data, size_t length, unsigned char digest[QF_HASH_SIZE],
                        qf_error *error) {
    return EVP_Digest(data, length, digest, NULL, EVP_sha256(), NULL) ? QF_OK : failed(error);
}

/* OpenSSL takes parameters that it does not change by pointers to what is not constant. */
static OSSL_PARAM octets(const char *name, qf_span span) {
    static const unsigned char none[1];
    return OSSL_PARAM_construct_octet_string(
        name, span.length ? (void *)(size_t)span.data : (void *)(size_t)none, span.length);
}

qf_status qf_hkdf(qf_span key, qf_span salt, qf_span info, unsigned char *out, size_t length,
                  qf_error *error) {
    char digest[] = "SHA256";
    EVP_KDF *kind = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *context = kind ? EVP_KDF_CTX_new(kind) : NULL;
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        octets(OSSL_KDF_PARAM_KEY, key), octets(OSSL_KDF_PARAM_SALT, salt),
        octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
    const int made = context ? EVP_KDF_derive(context, out, length, parameters) : 0;
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kind);
    return made > 0 ? QF_OK : qf_fail(error, QF_INTERNAL, "HKDF failed");
}
