/* Shamir's secret sharing (Communications of the ACM 22, 1979): a secret is the value at 0 of a
 * random polynomial of degree t - 1, party i holds its value at i; t values give the polynomial,
 * and t - 1 are independent of the secret. Sums of shares are shares of the sum. */
#ifndef QF_CRYPTO_SHAMIR_H
#define QF_CRYPTO_SHAMIR_H

#include "crypto/prime_field.h"

enum { QF_MAX_SHARES = 1000 };

/* Shares `count` elements, each by a polynomial of its own: shares[i][j] is the value of polynomial
 * j at i + 1, for i < parties < prime. 1 <= threshold <= parties. Costs count * parties * threshold
 * multiplications. */
qf_status qf_shamir_split(const qf_prime_field *field, size_t threshold, size_t parties,
                          const uint64_t *secrets, size_t count, uint64_t *const *shares,
                          qf_error *error);

/* Lagrange's coefficients: the value at x of the polynomial of degree below `count` that has the
 * value v[i] at points[i] is the sum of weights[i] v[i]. Points are distinct, not 0, and public. */
void qf_shamir_weights(const qf_prime_field *field, const uint32_t *points, size_t count,
                       uint64_t x, uint64_t *weights);
/* out[j] = sum over i of weights[i] shares[i][j]. */
void qf_shamir_combine(const qf_prime_field *field, const uint64_t *weights,
                       const uint64_t *const *shares, size_t threshold, size_t count,
                       uint64_t *out);

#endif
