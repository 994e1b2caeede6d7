/* AES-256 in ECB mode, which the paper used and which protects little: equal blocks stay equal, and
 * nothing is authenticated. For the paper protocol alone. */
#ifndef QF_CRYPTO_PAPER_ECB_H
#define QF_CRYPTO_PAPER_ECB_H

#include "crypto/aead.h"

/* Into at most plain.length + 16 bytes (PKCS #7 padding). */
qf_status qf_paper_ecb_encrypt(const unsigned char key[QF_AEAD_KEY], qf_span plain,
                               unsigned char *out, size_t *length, qf_error *error);
/* Into at most sealed.length bytes. QF_REFUSED where the padding is wrong: the only damage that
 * shows.
 */
qf_status qf_paper_ecb_decrypt(const unsigned char key[QF_AEAD_KEY], qf_span sealed,
                               unsigned char *out, size_t *length, qf_error *error);

#endif
