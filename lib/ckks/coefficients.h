/* Integers in the coefficients of a plaintext, and reals on a public grid of them.
 *
 * A real v becomes round(v 2^g), ties to even, which must lie within -limit .. limit. Ciphertexts
 * hold the integers times a scale 2^s, with the noise below half of it, so that sums of integer
 * multiples come back exact, for every party the same. */
#ifndef QF_CKKS_COEFFICIENTS_H
#define QF_CKKS_COEFFICIENTS_H

#include "ckks/ciphertext.h"

typedef struct qf_grid {
    unsigned bits; /* g, 0 .. 60: steps of 2^-g */
    int64_t limit; /* 1 .. 2^61: of the integers, that is 2^-g limit of the reals */
} qf_grid;

/* QF_DATA for a value that leaves the grid's range or is not a number; the error gives its place,
 * counted from 1. */
qf_status qf_grid_integers(const qf_grid *grid, const double *values, size_t count,
                           int64_t *integers, qf_error *error);
/* The real of an integer, or of a sum of them divided by a positive integer; correctly rounded
 * twice, hence the same for all. */
double qf_grid_real(const qf_grid *grid, int64_t sum, int64_t divisor);

/* integers[count], 1 <= count <= N, each at most `limit` in size, limit being public; the scale is
 * 2^scale_bits. QF_DATA for a value beyond the limit. */
qf_status qf_coefficients_encode(const qf_ckks *ckks, const int64_t *integers, size_t count,
                                 int64_t limit, unsigned scale_bits, qf_plaintext *plaintext,
                                 qf_error *error);

#endif
