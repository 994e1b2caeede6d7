#include "ckks/coefficients.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

qf_status qf_grid_integers(const qf_grid *grid, const double *values, size_t count,
                           int64_t *integers, qf_error *error) {
    const double steps = ldexp(1, (int)grid->bits);
    for (size_t i = 0; i < count; i++) {
        const double scaled = rint(values[i] * steps);
        if (!(fabs(scaled) <= (double)grid->limit)) {
            return qf_fail(error, QF_DATA, "value %zu is %g, beyond the grid's range of %g", i + 1,
                           values[i], ldexp((double)grid->limit, -(int)grid->bits));
        }
        integers[i] = (int64_t)scaled;
    }
    return QF_OK;
}

double qf_grid_real(const qf_grid *grid, int64_t sum, int64_t divisor) {
    return ldexp((double)sum / (double)divisor, -(int)grid->bits);
}

static qf_status check(const qf_ckks *ckks, const int64_t *integers, size_t count, int64_t limit,
                       unsigned scale_bits, qf_error *error) {
    if (count == 0 || count > ckks->n) {
        return qf_fail(error, QF_DATA, "expected 1 to %zu values for the coefficients, not %zu",
                       ckks->n, count);
    }
    if (limit < 1 || limit > (int64_t)1 << 61) {
        return qf_fail(error, QF_DATA, "a limit of %lld is not within 1 .. 2^61", (long long)limit);
    }
    if (!(log2((double)limit) + scale_bits < ckks->log_q[ckks->primes - 1] - 1)) {
        return qf_fail(error, QF_DATA, "integers up to %lld at a scale of 2^%u outgrow the modulus",
                       (long long)limit, scale_bits);
    }
    for (size_t i = 0; i < count; i++) {
        if (integers[i] > limit || integers[i] < -limit) {
            return qf_fail(error, QF_DATA, "integer %zu is %lld, beyond %lld", i + 1,
                           (long long)integers[i], (long long)limit);
        }
    }
    return QF_OK;
}

qf_status qf_coefficients_encode(const qf_ckks *ckks, const int64_t *integers, size_t count,
                                 int64_t limit, unsigned scale_bits, qf_plaintext *plaintext,
                                 qf_error *error) {
    QF_TRY(check(ckks, integers, count, limit, scale_bits, error));
    *plaintext = (qf_plaintext){.packing = QF_COEFFICIENTS,
                                .n = ckks->n,
                                .count = count,
                                .scale = ldexp(1, (int)scale_bits),
                                .magnitude = ldexp((double)limit, (int)scale_bits)};
    plaintext->coefficients = qf_new_lines(ckks->n * sizeof *plaintext->coefficients, error);
    if (!plaintext->coefficients) return QF_MEMORY;
    memcpy(plaintext->coefficients, integers, count * sizeof *integers);
    return QF_OK;
}
