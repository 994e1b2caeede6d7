#include "crypto/curve25519.h"

static const int types[] = {[QF_ED25519] = EVP_PKEY_ED25519, [QF_X25519] = EVP_PKEY_X25519};

static qf_status failed(qf_error *error) {
    return qf_fail(error, QF_INTERNAL, "Curve25519 failed");
}

static EVP_PKEY *private_of(qf_curve curve, const unsigned char key[QF_CURVE_KEY]) {
    return EVP_PKEY_new_raw_private_key(types[curve], NULL, key, QF_CURVE_KEY);
}

static EVP_PKEY *public_of(qf_curve curve, const unsigned char key[QF_CURVE_KEY]) {
    return EVP_PKEY_new_raw_public_key(types[curve], NULL, key, QF_CURVE_KEY);
}

qf_status qf_curve_public(qf_curve curve, const unsigned char private_key[QF_CURVE_KEY],
                          unsigned char public_key[QF_CURVE_KEY], qf_error *error) {
    EVP_PKEY *key = private_of(curve, private_key);
    size_t length = QF_CURVE_KEY;
    const int done = key && EVP_PKEY_get_raw_public_key(key, public_key, &length) == 1;
    EVP_PKEY_free(key);
    return done ? QF_OK : failed(error);
}

qf_status qf_sign(const unsigned char private_key[QF_CURVE_KEY], qf_span message,
                  unsigned char signature[QF_SIGNATURE], qf_error *error) {
    EVP_PKEY *key = private_of(QF_ED25519, private_key);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t length = QF_SIGNATURE;
    const int done = key && context && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
                     EVP_DigestSign(context, signature, &length, message.data, message.length) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return done ? QF_OK : failed(error);
}

qf_status qf_verify(const unsigned char public_key[QF_CURVE_KEY], qf_span message,
                    const unsigned char signature[QF_SIGNATURE], qf_error *error) {
    EVP_PKEY *key = public_of(QF_ED25519, public_key);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const int ready = key && context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1;
    const int right = ready && EVP_DigestVerify(context, signature, QF_SIGNATURE, message.data,
                                                message.length) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    if (right) return QF_OK;
    return ready ? qf_fail(error, QF_REFUSED, "the signature is not right") : failed(error);
}

qf_status qf_agree(const unsigned char private_key[QF_CURVE_KEY],
                   const unsigned char public_key[QF_CURVE_KEY], unsigned char shared[QF_CURVE_KEY],
                   qf_error *error) {
    EVP_PKEY *own = private_of(QF_X25519, private_key), *other = public_of(QF_X25519, public_key);
    EVP_PKEY_CTX *context = own ? EVP_PKEY_CTX_new(own, NULL) : NULL;
    size_t length = QF_CURVE_KEY;
    const int ready = context && other && EVP_PKEY_derive_init(context) == 1 &&
                      EVP_PKEY_derive_set_peer(context, other) == 1;
    const int done = ready && EVP_PKEY_derive(context, shared, &length) == 1;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(other);
    EVP_PKEY_free(own);
    if (done) return QF_OK;
    if (!ready) return failed(error);
    return qf_fail(error, QF_REFUSED,
                   "a public key of small order: no secret can be agreed with it");
}
