/* Ciphertexts and shares as bytes, and the identity of a ciphertext. */
#ifndef QF_CKKS_PACKED_H
#define QF_CKKS_PACKED_H

#include "ckks/bits.h"
#include "ckks/threshold.h"

/* The body: c1 (or its seed, 32 bytes), then of c0 the coefficients in use; residues packed. */
size_t qf_ciphertext_body_size(const qf_ckks *ckks, const qf_ciphertext *ciphertext);
void qf_ciphertext_pack(const qf_ckks *ckks, const qf_ciphertext *ciphertext, unsigned char *to);
/* The ciphertext's other fields are set, and checked here: QF_DATA for fields out of range, a body
 * of another size, residues that are not below their primes, and a transparent ciphertext, whose
 * c1 is zero modulo a prime, so that c0 shows the message. c0 and c1 are made; free the ciphertext
 * on success only. */
qf_status qf_ciphertext_unpack(const qf_ckks *ckks, const unsigned char *body, size_t size,
                               qf_ciphertext *ciphertext, qf_error *error);

/* QF_DATA when a row is zero: what it is added to would be open. */
qf_status qf_poly_check_opaque(const qf_poly *poly, const char *what, qf_error *error);

/* SHA-256 of the parameters, the key's identity, the bounds and the body: one name for one
 * ciphertext. */
qf_status qf_ciphertext_identify(const qf_ckks *ckks, const qf_ciphertext *ciphertext, qf_id *id,
                                 qf_error *error);

/* A share of a key, to be sealed or kept in a state file of its owner; the bytes are as secret as
 * the share, and the caller wipes them. */
size_t qf_secret_share_size(const qf_ckks *ckks);
void qf_secret_share_pack(const qf_ckks *ckks, const qf_secret_share *share, unsigned char *to);
/* QF_DATA for what is no share, QF_MISMATCH for one in another ring. */
qf_status qf_secret_share_unpack(const qf_ckks *ckks, const unsigned char *from, size_t size,
                                 qf_secret_share *share, qf_error *error);

#endif
