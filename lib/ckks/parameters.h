/* Parameter sets of CKKS and the context that is made from one: primes, transforms, constants.
 *
 * The ring is Z[X] / (X^N + 1). A ciphertext at level l is over Q_l, the product of the primes
 * 0 .. l; rescaling drops the last. The special prime, where there is one, only serves to switch
 * keys (relinearisation, rotation). Primes are the largest of their bits that qf_find_prime finds,
 * in the order of the set, none twice. */
#ifndef QF_CKKS_PARAMETERS_H
#define QF_CKKS_PARAMETERS_H

#include "ckks/embedding.h"
#include "ckks/ntt.h"

#include <stdbool.h>

enum { QF_CKKS_MIN_N = 1024, QF_CKKS_MAX_N = 32768, QF_CKKS_MAX_PRIMES = 15, QF_ID_SIZE = 32 };

typedef struct qf_ckks_parameters {
    size_t n;                          /* N, a power of two */
    size_t primes;                     /* of the ciphertexts, at least 1 */
    unsigned bits[QF_CKKS_MAX_PRIMES]; /* of each */
    unsigned special_bits;             /* 0: no special prime */
    unsigned scale_bits;               /* the usual scale is 2 to this */
} qf_ckks_parameters;

/* SHA-256 that names a parameter set, a key, a ciphertext. */
typedef struct qf_id {
    unsigned char bytes[QF_ID_SIZE];
} qf_id;

bool qf_id_equal(const qf_id *a, const qf_id *b);

/* "paper": N = 8192, 60-40-40 and a special prime of 60 bits, scale 2^40, for slots (as TenSEAL and
 * SEAL have it); "rounds": N = 4096, 50-50, for exact sums of integers. QF_USAGE for another name.
 */
qf_status qf_ckks_parameters_named(const char *name, qf_ckks_parameters *parameters,
                                   qf_error *error);

/* The most bits of all primes together, the special one too, at which a uniform ternary secret and
 * errors of deviation 3.19 give 128 bits against the known classical attacks; 0 for an N without an
 * entry. Source: Bossuat et al., "Security Guidelines for Implementing Homomorphic Encryption",
 * eprint 2024/463, table 5.2. */
unsigned qf_ckks_security_limit(size_t n);

typedef struct qf_ckks {
    qf_ckks_parameters parameters;
    qf_simd simd;
    size_t n, primes, all_primes; /* all_primes: with the special one, which is the last */
    qf_ntt ntt[QF_CKKS_MAX_PRIMES + 1];
    double log_q[QF_CKKS_MAX_PRIMES]; /* log2 Q_l */
    /* inverse_of[i][j]: 1 / q_i modulo q_j, i != j: of rescaling and of leaving the special prime
     */
    uint64_t inverse_of[QF_CKKS_MAX_PRIMES + 1][QF_CKKS_MAX_PRIMES + 1];
    qf_embedding embedding;
    qf_id id; /* of N, the primes and the scale */
} qf_ckks;

/* QF_DATA for parameters that are out of range, that no primes fit, or that are above the limit of
 * security. Free with qf_ckks_free, which does nothing on a zeroed one. The context holds nothing
 * secret and is not changed by its use: threads may share it. */
qf_status qf_ckks_init(qf_ckks *ckks, const qf_ckks_parameters *parameters, qf_simd simd,
                       qf_error *error);
void qf_ckks_free(qf_ckks *ckks);

static inline const qf_modulus *qf_ckks_modulus(const qf_ckks *ckks, size_t prime) {
    return &ckks->ntt[prime].modulus;
}

#endif
