/* Primes p = 1 modulo 2N, which the ring of degree N needs, and their roots of unity. Those over 50
 * bits are 1 modulo 2^32 too, and so are cheaper to multiply by where there is no 64-bit product of
 * vectors; of 60 bits there are millions of them, and no attack on ring-LWE is known to depend on
 * a prime's form. */
#ifndef QF_CKKS_PRIMES_H
#define QF_CKKS_PRIMES_H

#include "base/error.h"
#include "ckks/modulus.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether x is prime: Miller and Rabin with the first twelve primes as bases, which errs for no
 * x < 2^64 (Sorenson and Webster 2015, arXiv 1509.00864). */
bool qf_is_prime(uint64_t x);

/* *prime: the largest of them below 2^bits, for degree n, that is not among taken[count]. QF_DATA
 * when there is none above 2^(bits-1). */
qf_status qf_find_prime(size_t n, unsigned bits, const uint64_t *taken, size_t count,
                        uint64_t *prime, qf_error *error);

/* The smallest primitive 2n-th root of unity, n a power of two that 2n divides p - 1. */
uint64_t qf_find_root(const qf_modulus *m, size_t n);

#endif
