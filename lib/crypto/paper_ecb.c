#include "crypto/paper_ecb.h"

static int run(const unsigned char key[QF_AEAD_KEY], qf_span in, unsigned char *out, size_t *length,
               int encrypt) {
    if (in.length > QF_AEAD_MAX) return 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int most = 0, rest = 0;
    const int done = context &&
                     EVP_CipherInit_ex(context, EVP_aes_256_ecb(), NULL, key, NULL, encrypt) == 1 &&
                     EVP_CipherUpdate(context, out, &most, in.data, (int)in.length) == 1 &&
                     EVP_CipherFinal_ex(context, out + most, &rest) == 1;
    EVP_CIPHER_CTX_free(context);
    *length = (size_t)most + (size_t)rest;
    return done;
}

qf_status qf_paper_ecb_encrypt(const unsigned char key[QF_AEAD_KEY], qf_span plain,
                               unsigned char *out, size_t *length, qf_error *error) {
    return run(key, plain, out, length, 1) ? QF_OK
                                           : qf_fail(error, QF_INTERNAL, "AES-256-ECB failed");
}

qf_status qf_paper_ecb_decrypt(const unsigned char key[QF_AEAD_KEY], qf_span sealed,
                               unsigned char *out, size_t *length, qf_error *error) {
    return run(key, sealed, out, length, 0)
               ? QF_OK
               : qf_fail(error, QF_REFUSED, "the padding is wrong: another key, or altered");
}
