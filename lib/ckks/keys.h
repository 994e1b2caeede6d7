/* Keys. Secret, public and evaluation keys are types apart: nothing public has a place for a
 * secret. Secret keys are wiped when they are freed.
 *
 * All polynomials are evaluations. A key's identity is the digest of the parameters and of its
 * public key; secret and evaluation keys carry it too. */
#ifndef QF_CKKS_KEYS_H
#define QF_CKKS_KEYS_H

#include "ckks/ciphertext.h"

/* Each type: zero-initialise, free with its function. */

typedef struct qf_secret_key {
    qf_poly s; /* uniform ternary; over all primes */
    qf_id id;
} qf_secret_key;

typedef struct qf_public_key {
    unsigned char seed[QF_SEED_SIZE]; /* that a expands to */
    qf_poly a, b;                     /* b = -a s + e, over all primes */
    unsigned parties;                 /* whose secrets sum up to s */
    qf_id id;
} qf_public_key;

/* From t to s: digit i is b_i = -a_i s + e_i + P t in residue i alone, over all primes; one
 * special prime P, digits the residues (Gentry, Halevi and Smart 2012, eprint 2012/099, as RNS
 * libraries have it). */
typedef struct qf_switch_key {
    size_t digits;
    qf_poly a[QF_CKKS_MAX_PRIMES], b[QF_CKKS_MAX_PRIMES];
    unsigned char seed[QF_SEED_SIZE]; /* that every a_i expands to */
} qf_switch_key;

typedef struct qf_relinearisation_key {
    qf_switch_key from_square; /* t = s^2 */
    qf_id id;
} qf_relinearisation_key;

typedef struct qf_rotation_key {
    size_t steps, element;     /* X to X^element, element = 5^steps modulo 2N */
    uint32_t *source;          /* [N]: evaluation i comes from source[i] */
    qf_switch_key from_turned; /* t = s(X^element) */
    qf_id id;
} qf_rotation_key;

void qf_secret_key_free(qf_secret_key *key);
void qf_public_key_free(qf_public_key *key);
void qf_relinearisation_key_free(qf_relinearisation_key *key);
void qf_rotation_key_free(qf_rotation_key *key);

/* Samplers are secret ones (qf_sampler_secret), except in tests. */
qf_status qf_key_pair(const qf_ckks *ckks, qf_sampler *sampler, qf_secret_key *secret,
                      qf_public_key *public_key, qf_error *error);
/* QF_USAGE where the parameters have no special prime. */
qf_status qf_relinearisation_key_make(const qf_ckks *ckks, const qf_secret_key *secret,
                                      qf_sampler *sampler, qf_relinearisation_key *key,
                                      qf_error *error);
/* For rotations that take slot j + steps to slot j; 1 <= steps < N/2. */
qf_status qf_rotation_key_make(const qf_ckks *ckks, const qf_secret_key *secret, size_t steps,
                               qf_sampler *sampler, qf_rotation_key *key, qf_error *error);

/* ---- Parts, for threshold.h and the wire ---- */

/* The polynomial that everybody expands a public seed to: stream `number` of it, each prime its
 * own. Rows 0 .. poly->primes - 1. */
qf_status qf_expand(const qf_ckks *ckks, const unsigned char seed[QF_SEED_SIZE], uint64_t number,
                    const qf_poly *poly, qf_error *error);
/* Ternary, or error, polynomials as evaluations on all rows of poly. */
qf_status qf_secret_poly(const qf_ckks *ckks, qf_sampler *sampler, const qf_poly *poly,
                         qf_error *error);
qf_status qf_error_poly(const qf_ckks *ckks, qf_sampler *sampler, const qf_poly *poly,
                        qf_error *error);
/* b = -a s + e on the rows of b. */
qf_status qf_mask_secret(const qf_ckks *ckks, const qf_poly *a, const qf_poly *s,
                         qf_sampler *sampler, const qf_poly *b, qf_error *error);
/* Where evaluation i of m(X^element) stands among those of m. source[N]. */
void qf_turn_sources(size_t n, size_t element, uint32_t *source);
/* Sets the identity from what the key holds. */
qf_status qf_public_key_identify(const qf_ckks *ckks, qf_public_key *key, qf_error *error);

#endif
