/* Reals in the slots of a plaintext. */
#ifndef QF_CKKS_SLOTS_H
#define QF_CKKS_SLOTS_H

#include "ckks/ciphertext.h"

/* values[count], count <= N/2, each at most `limit` in size: limit is public and bounds what the
 * ciphertext says of itself. Coefficients are rounded to the nearest integer, ties to even. QF_DATA
 * for a value beyond the limit or not a number (the error names it), and when scale * limit is 2^62
 * or more. */
qf_status qf_slots_encode(const qf_ckks *ckks, const double *values, size_t count, double limit,
                          double scale, qf_plaintext *plaintext, qf_error *error);

/* values[count] of coefficients [N], which are lost. */
void qf_slots_decode(const qf_ckks *ckks, double *coefficients, double scale, size_t count,
                     double *values);

#endif
