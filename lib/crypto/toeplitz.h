/* Hashing by random Toeplitz matrices over the field of two elements, a 2-universal family
 * (Mansour, Nisan and Tiwari 1993): for privacy amplification, and to find keys that differ. In a
 * time that depends on the lengths alone. */
#ifndef QF_CRYPTO_TOEPLITZ_H
#define QF_CRYPTO_TOEPLITZ_H

#include "base/error.h"

#include <stddef.h>

/* The bytes of a matrix of `rows` by `columns`: its first column and row, rows + columns - 1 bits.
 */
size_t qf_toeplitz_bytes(size_t rows, size_t columns);

/* out[i] = sum over j of matrix[i + j] bits[n - 1 - j], modulo 2, for i < rows. `bits` has n bytes
 * of 0 or 1, `matrix` packed bits, the lowest first; `out` gets packed bits, (rows + 7) / 8 bytes.
 * Costs rows * n / 64 steps. */
qf_status qf_toeplitz_hash(const unsigned char *bits, size_t n, const unsigned char *matrix,
                           size_t rows, unsigned char *out, qf_error *error);

#endif
