/* Primes p = 1 modulo 2N, which the ring of degree N needs, and their roots of unity. */
#ifndef QF_CKKS_PRIMES_H
#define QF_CKKS_PRIMES_H

#include "base/error.h"
#include "ckks/modulus.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether x is prime: Miller and Rabin with the first twelve primes as bases, which errs for no
 * x < 2^64 (Sorenson and Webster 2015, arXiv 1509.00864). */
bool qf_is_prime(uint64_t x);

/* The largest primes below 2^bits that are 1 modulo 2n and not among taken[count]; *prime gets one.
 * QF_DATA when there is none above 2^(bits-1). */
qf_status qf_find_prime(size_t n, unsigned bits, const uint64_t *taken, size_t count,
                        uint64_t *prime, qf_error *error);

/* The smallest primitive 2n-th root of unity, n a power of two that 2n divides p - 1. */
uint64_t qf_find_root(const qf_modulus *m, size_t n);

#endif
