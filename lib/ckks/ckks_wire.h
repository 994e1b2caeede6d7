/* Keys and ciphertexts in streams (qf-stream(5)).
 *
 * The header's parameters carry the parameter set, by which a reader makes the context; every item
 * is a record of its fields and an array "body" of bytes:
 *   ciphertext   packing, level, count, scale, magnitude, deviation, parties, seeded, key; body: c1
 * or its seed, c0 (packed.h) public-key   parties, seed; body: b key-part     party, seed; body: b
 *   partial      party, set, flood_bits, level, count, ciphertext; body: d
 * A stream may have several ciphertexts: the pieces of something longer. Decoders are total: every
 * residue is below its prime, bounds are sound, nothing is transparent, or QF_DATA. Secrets have no
 * stream here. */
#ifndef QF_CKKS_CKKS_WIRE_H
#define QF_CKKS_CKKS_WIRE_H

#include "ckks/threshold.h"
#include "stream/reader.h"
#include "stream/writer.h"

/* Sets the fields of a parameter set: degree, bits, special_bits, scale_bits, ring (the digest). */
qf_status qf_ckks_describe(const qf_ckks *ckks, qf_record *parameters, qf_error *error);
/* The context that a header describes; the caller frees it on success. QF_DATA for a set that is
 * refused, or whose primes are not the ones that this library finds. */
qf_status qf_ckks_from_header(const qf_record *parameters, qf_simd simd, qf_ckks *ckks,
                              qf_error *error);
/* QF_MISMATCH unless a header describes this context. */
qf_status qf_ckks_expect(const qf_ckks *ckks, const qf_record *parameters, qf_error *error);

qf_status qf_ciphertext_write(qf_writer *writer, const qf_ckks *ckks,
                              const qf_ciphertext *ciphertext, qf_error *error);
qf_status qf_public_key_write(qf_writer *writer, const qf_ckks *ckks, const qf_public_key *key,
                              qf_error *error);
qf_status qf_member_public_write(qf_writer *writer, const qf_ckks *ckks,
                                 const qf_member_public *member, qf_error *error);
qf_status qf_partial_write(qf_writer *writer, const qf_ckks *ckks, const qf_partial *partial,
                           qf_error *error);

/* The next item of a stream of that type; *more is false, and nothing made, at its end. The caller
 * frees what was made. */
qf_status qf_ciphertext_next(qf_reader *reader, const qf_ckks *ckks, qf_ciphertext *ciphertext,
                             bool *more, qf_error *error);
qf_status qf_public_key_next(qf_reader *reader, const qf_ckks *ckks, qf_public_key *key, bool *more,
                             qf_error *error);
qf_status qf_member_public_next(qf_reader *reader, const qf_ckks *ckks, qf_member_public *member,
                                bool *more, qf_error *error);
qf_status qf_partial_next(qf_reader *reader, const qf_ckks *ckks, qf_partial *partial, bool *more,
                          qf_error *error);

#endif
