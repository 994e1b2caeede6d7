/* Arrays as elements of a field: reals in fixed point, integers as they are. Rounding and the check
 * of the range are the only steps with a secret that are not in constant time. */
#ifndef QF_CRYPTO_FIXED_POINT_H
#define QF_CRYPTO_FIXED_POINT_H

#include "base/array.h"
#include "crypto/share.h"

/* The greatest magnitude of one secret's element: sums of the stated number of them do not wrap. */
int64_t qf_fixed_limit(const qf_sharing *sharing);
/* One element a value, row by row. QF_DATA, with the array's name, for a value that does not fit.
 */
qf_status qf_fixed_encode(const qf_sharing *sharing, const qf_array *array, uint64_t *elements,
                          qf_error *error);
/* Back into array->data; reals are divided by `divisor`. QF_DATA where an element is out of range:
 * with shares that were not altered it never is. */
qf_status qf_fixed_decode(const qf_sharing *sharing, const uint64_t *elements, size_t summands,
                          double divisor, qf_array *array, qf_error *error);

#endif
