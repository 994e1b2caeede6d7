/* Operations on ciphertexts. The first ciphertext becomes the result; on failure it is unchanged
 * but for its bounds having been looked at. QF_MISMATCH: keys, packings, levels, scales or counts
 * differ; QF_DATA: the message would be lost, by growing out of its modulus or into the noise. */
#ifndef QF_CKKS_EVALUATE_H
#define QF_CKKS_EVALUATE_H

#include "ckks/keys.h"

/* a += b; a += factor b. */
qf_status qf_ciphertext_add(const qf_ckks *ckks, qf_ciphertext *a, const qf_ciphertext *b,
                            qf_error *error);
qf_status qf_ciphertext_add_multiple(const qf_ckks *ckks, qf_ciphertext *a, const qf_ciphertext *b,
                                     int64_t factor, qf_error *error);
qf_status qf_ciphertext_add_plain(const qf_ckks *ckks, qf_ciphertext *a, const qf_plaintext *b,
                                  qf_error *error);
/* a *= factor, -2^50 .. 2^50 and not 0; the scale stays. */
qf_status qf_ciphertext_multiply_integer(const qf_ckks *ckks, qf_ciphertext *a, int64_t factor,
                                         qf_error *error);

/* Slots only. Scales multiply. */
qf_status qf_ciphertext_multiply_real(const qf_ckks *ckks, qf_ciphertext *a, double factor,
                                      double scale, qf_error *error);
qf_status qf_ciphertext_multiply_plain(const qf_ckks *ckks, qf_ciphertext *a, const qf_plaintext *b,
                                       qf_error *error);
qf_status qf_ciphertext_multiply(const qf_ckks *ckks, qf_ciphertext *a, const qf_ciphertext *b,
                                 const qf_relinearisation_key *key, qf_error *error);
/* Divides by the level's last prime, message and noise alike, and goes down a level. */
qf_status qf_ciphertext_rescale(const qf_ckks *ckks, qf_ciphertext *a, qf_error *error);
/* Slot j becomes what slot j + steps was, modulo N/2; all N/2 slots count then. */
qf_status qf_ciphertext_rotate(const qf_ckks *ckks, qf_ciphertext *a, const qf_rotation_key *key,
                               qf_error *error);

/* Both packings: forgets residues down to a level; message and noise stay. */
qf_status qf_ciphertext_drop(const qf_ckks *ckks, qf_ciphertext *a, size_t level, qf_error *error);

#endif
