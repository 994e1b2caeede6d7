#include "ckks/slots.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC optimize("O3")

static qf_status check(const qf_ckks *ckks, const double *values, size_t count, double limit,
                       double scale, qf_error *error) {
    if (count == 0 || count > ckks->n / 2) {
        return qf_fail(error, QF_DATA, "expected 1 to %zu values for the slots, not %zu",
                       ckks->n / 2, count);
    }
    if (!(limit > 0 && scale >= 1 && scale * limit < 0x1p62)) {
        return qf_fail(error, QF_DATA, "values up to %g at a scale of %g need 62 bits or more",
                       limit, scale);
    }
    for (size_t i = 0; i < count; i++) {
        if (!(fabs(values[i]) <= limit)) {
            return qf_fail(error, QF_DATA, "value %zu is %g, beyond %g", i + 1, values[i], limit);
        }
    }
    return QF_OK;
}

/* Adding 1.5 2^52 rounds what is below 2^51 and leaves it, plus 2^51, in the low 52 bits; what is
 * above has few bits left to round. */
static void round_all(const double *from, size_t n, double most, int64_t *to) {
    const int64_t low_52 = ((int64_t)1 << 52) - 1, middle = (int64_t)1 << 51;
    if (most < 0x1p51) {
        for (size_t i = 0; i < n; i++) {
            const double sum = from[i] + 0x1.8p52;
            int64_t bits;
            memcpy(&bits, &sum, sizeof bits);
            to[i] = (bits & low_52) - middle;
        }
    } else {
        for (size_t i = 0; i < n; i++) to[i] = llrint(from[i]);
    }
}

qf_status qf_slots_encode(const qf_ckks *ckks, const double *values, size_t count, double limit,
                          double scale, qf_plaintext *plaintext, qf_error *error) {
    QF_TRY(check(ckks, values, count, limit, scale, error));
    *plaintext = (qf_plaintext){.packing = QF_SLOTS,
                                .n = ckks->n,
                                .count = count,
                                .scale = scale,
                                .magnitude = scale * limit};
    plaintext->coefficients = qf_new_lines(ckks->n * sizeof *plaintext->coefficients, error);
    double *coefficients = qf_new_lines(ckks->n * sizeof *coefficients, error);
    if (!plaintext->coefficients || !coefficients) {
        qf_plaintext_free(plaintext);
        free(coefficients);
        return QF_MEMORY;
    }
    qf_embed(&ckks->embedding, values, count, scale, coefficients);
    round_all(coefficients, ckks->n, plaintext->magnitude * 1.001, plaintext->coefficients);
    qf_wipe_free(coefficients, ckks->n * sizeof *coefficients);
    return QF_OK;
}

void qf_slots_decode(const qf_ckks *ckks, double *coefficients, double scale, size_t count,
                     double *values) {
    qf_embed_back(&ckks->embedding, coefficients, scale, count, values);
}
