/* Encryption and decryption. */
#ifndef QF_CKKS_ENCRYPT_H
#define QF_CKKS_ENCRYPT_H

#include "ckks/keys.h"

/* With the public key: c0 = b u + e0 + m, c1 = a u + e1, u ternary (Lyubashevsky, Peikert and
 * Regev 2010). Where there is a special prime, zero is encrypted over all primes and divided by it,
 * which leaves little but the rounding's noise, as SEAL does. At the highest level. QF_DATA when
 * message and noise do not fit. */
qf_status qf_encrypt(const qf_ckks *ckks, const qf_public_key *key, const qf_plaintext *plaintext,
                     qf_sampler *sampler, qf_ciphertext *ciphertext, qf_error *error);
/* With the secret key: c1 is expanded from a fresh public seed, c0 = -c1 s + e + m; half the bytes
 * and less noise. */
qf_status qf_encrypt_seeded(const qf_ckks *ckks, const qf_secret_key *key,
                            const qf_plaintext *plaintext, qf_sampler *sampler,
                            qf_ciphertext *ciphertext, qf_error *error);

/* values[count] of slots. What CKKS returns has the noise in it, which tells of the key: it is for
 * the key's owner alone (Li and Micciancio 2021, eprint 2020/1533); to others give the answer of
 * threshold.h. Reads as few primes as the message's bound needs. QF_MISMATCH for another key's
 * ciphertext or another packing, QF_DATA when the bounds say that the message may be lost. */
qf_status qf_decrypt_slots(const qf_ckks *ckks, const qf_secret_key *key,
                           const qf_ciphertext *ciphertext, double *values, qf_error *error);
/* integers[count] of coefficients, exact. */
qf_status qf_decrypt_integers(const qf_ckks *ckks, const qf_secret_key *key,
                              const qf_ciphertext *ciphertext, int64_t *integers, qf_error *error);

/* ---- Parts, for threshold.h ---- */

/* The primes that a polynomial with coefficients up to 2^log_bound needs: Q_(result - 1) / 2 is
 * above; the level's all at most. */
size_t qf_primes_needed(const qf_ckks *ckks, size_t level, double log_bound);
/* The integers nearest to phase / scale, of the first `count` coefficients of phase (residues over
 * rows 0 .. primes - 1). QF_DATA where one does not fit 64 bits. */
qf_status qf_round_phase(const qf_ckks *ckks, const qf_poly *phase, size_t primes, double scale,
                         size_t count, int64_t *integers, qf_error *error);

#endif
