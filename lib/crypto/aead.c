#include "crypto/aead.h"

#include "crypto/secret.h"

static int feed(EVP_CIPHER_CTX *context, unsigned char *out, qf_span in) {
    int length;
    return in.length == 0 || EVP_CipherUpdate(context, out, &length, in.data, (int)in.length) == 1;
}

qf_status qf_aead_seal(const unsigned char key[QF_AEAD_KEY],
                       const unsigned char nonce[QF_AEAD_NONCE], qf_span associated, qf_span plain,
                       unsigned char *sealed, qf_error *error) {
    if (plain.length > QF_AEAD_MAX || associated.length > QF_AEAD_MAX) {
        return qf_fail(error, QF_INTERNAL, "too much for one sealing");
    }
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int length;
    const int done =
        context && EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce, 1) == 1 &&
        feed(context, NULL, associated) && feed(context, sealed, plain) &&
        EVP_CipherFinal_ex(context, sealed + plain.length, &length) == 1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, QF_AEAD_TAG, sealed + plain.length) ==
            1;
    EVP_CIPHER_CTX_free(context);
    return done ? QF_OK : qf_fail(error, QF_INTERNAL, "AES-256-GCM failed");
}

qf_status qf_aead_open(const unsigned char key[QF_AEAD_KEY],
                       const unsigned char nonce[QF_AEAD_NONCE], qf_span associated, qf_span sealed,
                       unsigned char *plain, qf_error *error) {
    if (sealed.length < QF_AEAD_TAG || sealed.length > QF_AEAD_MAX ||
        associated.length > QF_AEAD_MAX) {
        return qf_fail(error, QF_REFUSED, "a sealed piece has an impossible length");
    }
    const qf_span text = {sealed.data, sealed.length - QF_AEAD_TAG};
    unsigned char *tag = (unsigned char *)(size_t)sealed.data + text.length; /* only read */
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int length;
    const int begun = context &&
                      EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce, 0) == 1 &&
                      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, QF_AEAD_TAG, tag) == 1 &&
                      feed(context, NULL, associated) && feed(context, plain, text);
    const int right = begun && EVP_CipherFinal_ex(context, plain + text.length, &length) == 1;
    EVP_CIPHER_CTX_free(context);
    if (right) return QF_OK;
    qf_secret_wipe(plain, text.length);
    if (!begun) return qf_fail(error, QF_INTERNAL, "AES-256-GCM failed");
    return qf_fail(error, QF_REFUSED, "authentication failed");
}
