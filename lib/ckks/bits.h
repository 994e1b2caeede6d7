/* Residues packed into as many bits as their prime has, the lowest first: what a stream, a digest
 * and a state file hold. A row of `count` residues takes ceil(count bits / 8) bytes; the last bits
 * are zero. */
#ifndef QF_CKKS_BITS_H
#define QF_CKKS_BITS_H

#include "base/memory.h"
#include "ckks/poly.h"

size_t qf_bits_size(size_t count, unsigned bits);
void qf_bits_pack(const uint64_t *values, size_t count, unsigned bits, unsigned char *to);
/* Total: QF_DATA for a residue that is not below the prime, or bits after the last that are not
 * zero. Which residue it is does not show in the time taken. */
qf_status qf_bits_unpack(const unsigned char *from, size_t count, const qf_modulus *m, uint64_t *to,
                         qf_error *error);

/* The first `count` residues of every row of a polynomial, row after row. */
size_t qf_poly_packed_size(const qf_ckks *ckks, size_t count, size_t rows);
void qf_poly_pack(const qf_ckks *ckks, const qf_poly *poly, size_t count, unsigned char *to);
qf_status qf_poly_unpack(const qf_ckks *ckks, const unsigned char *from, size_t count,
                         const qf_poly *poly, qf_error *error);

#endif
