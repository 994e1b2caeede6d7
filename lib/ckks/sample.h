/* Random polynomials. A sampler is a key stream, AES-256 in counter mode: its seed comes from
 * OpenSSL's private generator for what is secret, or is a public seed that everybody expands to
 * the same polynomial (then two streams of one seed differ by their number).
 *
 * Errors are centred binomial, the number of ones among 21 bits less that among 21 others: variance
 * 10.5, deviation 3.24, at most 21 in size. Rather than a discrete Gaussian of deviation 3.2,
 * because it takes no table and no comparison, so that it is in constant time by its form; SEAL
 * does the same, and the security estimates depend on the deviation, not on the shape. */
#ifndef QF_CKKS_SAMPLE_H
#define QF_CKKS_SAMPLE_H

#include "base/error.h"
#include "ckks/modulus.h"

#include <stddef.h>

#include <openssl/evp.h>

enum { QF_SEED_SIZE = 32, QF_ERROR_BITS = 21 };

/* Variances of a coefficient. */
#define QF_ERROR_VARIANCE 10.5
#define QF_TERNARY_VARIANCE (2.0 / 3)

typedef struct qf_sampler {
    EVP_CIPHER_CTX *cipher;
} qf_sampler;

/* A fresh secret stream, for keys, encryption and flooding. QF_UNAVAILABLE when OpenSSL has no
 * entropy. */
qf_status qf_sampler_secret(qf_sampler *sampler, qf_error *error);
/* Stream `number` of a seed: public polynomials, and tests. */
qf_status qf_sampler_seeded(qf_sampler *sampler, const unsigned char seed[QF_SEED_SIZE],
                            uint64_t number, qf_error *error);
/* Wipes the stream's state. */
void qf_sampler_free(qf_sampler *sampler);

/* 32 secret bytes to be published as a seed. */
qf_status qf_sample_seed(unsigned char seed[QF_SEED_SIZE], qf_error *error);

/* The following count n numbers, a multiple of 16. Time depends on rejected draws alone, which say
 * nothing of those that are kept. */

/* Uniform in 0 .. p-1: `bits` low bits of each word of the stream, little-endian, that are below p.
 */
qf_status qf_sample_uniform(qf_sampler *sampler, const qf_modulus *m, size_t n, uint64_t *to,
                            qf_error *error);
/* Uniform in -1, 0, 1: five digits of each byte below 3^5. */
qf_status qf_sample_ternary(qf_sampler *sampler, size_t n, int32_t *to, qf_error *error);
/* Centred binomial, as above. */
qf_status qf_sample_errors(qf_sampler *sampler, size_t n, int32_t *to, qf_error *error);

/* Flooding noise: the sum of QF_FLOOD_TERMS uniform numbers of -2^bits .. 2^bits - 1, bits <= 120,
 * as residues; the same numbers for each of `rows` moduli, rows of `to` being `stride` apart. */
enum { QF_FLOOD_TERMS = 4, QF_FLOOD_MAX_BITS = 120 };
qf_status qf_sample_flood(qf_sampler *sampler, unsigned bits, const qf_modulus *const *moduli,
                          size_t rows, size_t n, uint64_t *to, size_t stride, qf_error *error);

#endif
