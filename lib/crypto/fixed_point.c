#include "crypto/fixed_point.h"

#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool is_real(qf_array_type type) {
    return type == QF_F32 || type == QF_F64;
}

int64_t qf_fixed_limit(const qf_sharing *sharing) {
    return (int64_t)((sharing->prime - 1) / 2 / sharing->summands_limit);
}

static double load_real(const qf_array *array, size_t i) {
    return array->type == QF_F32 ? (double)((const float *)array->data)[i]
                                 : ((const double *)array->data)[i];
}

static int64_t load_integer(const qf_array *array, size_t i) {
    switch (array->type) {
    case QF_U8:
        return ((const uint8_t *)array->data)[i];
    case QF_I8:
        return ((const int8_t *)array->data)[i];
    case QF_I16:
        return ((const int16_t *)array->data)[i];
    case QF_I32:
        return ((const int32_t *)array->data)[i];
    default:
        return ((const int64_t *)array->data)[i];
    }
}

static qf_status fail_range(const qf_sharing *sharing, const qf_array *array, size_t i,
                            qf_error *error) {
    const bool real = is_real(array->type);
    const double scale = real ? ldexp(1, (int)sharing->fraction_bits) : 1;
    char value[QF_NUMBER_TEXT], limit[QF_NUMBER_TEXT], bits[48] = "";
    qf_print_double(value, real ? load_real(array, i) : (double)load_integer(array, i));
    qf_print_double(limit, (double)qf_fixed_limit(sharing) / scale);
    if (real) snprintf(bits, sizeof bits, " with %u fraction bits", sharing->fraction_bits);
    return qf_fail(error, QF_DATA,
                   "array \"%s\": %s at row %zu, column %zu is outside -%s .. %s, what the prime "
                   "%llu holds%s in sums of up to %llu",
                   array->name, value, i / array->columns + 1, i % array->columns + 1, limit, limit,
                   (unsigned long long)sharing->prime, bits,
                   (unsigned long long)sharing->summands_limit);
}

qf_status qf_fixed_encode(const qf_sharing *sharing, const qf_array *array, uint64_t *elements,
                          qf_error *error) {
    const qf_prime_field field = qf_field_of(sharing->prime);
    const double scale = ldexp(1, (int)sharing->fraction_bits);
    const int64_t limit = qf_fixed_limit(sharing);
    for (size_t i = 0; i < array->rows * array->columns; i++) {
        int64_t value;
        if (is_real(array->type)) {
            const double scaled = load_real(array, i) * scale;
            if (!(fabs(scaled) < 0x1p62)) return fail_range(sharing, array, i, error);
            value = llrint(scaled);
        } else {
            value = load_integer(array, i);
        }
        if (value < -limit || value > limit) return fail_range(sharing, array, i, error);
        elements[i] = qf_field_from_signed(&field, value);
    }
    return QF_OK;
}

static bool store_integer(qf_array *array, size_t i, int64_t value) {
    static const int64_t least[] = {[QF_U8] = 0,
                                    [QF_I8] = INT8_MIN,
                                    [QF_I16] = INT16_MIN,
                                    [QF_I32] = INT32_MIN,
                                    [QF_I64] = INT64_MIN};
    static const int64_t greatest[] = {[QF_U8] = UINT8_MAX,
                                       [QF_I8] = INT8_MAX,
                                       [QF_I16] = INT16_MAX,
                                       [QF_I32] = INT32_MAX,
                                       [QF_I64] = INT64_MAX};
    if (value < least[array->type] || value > greatest[array->type]) return false;
    switch (array->type) {
    case QF_U8:
        ((uint8_t *)array->data)[i] = (uint8_t)value;
        break;
    case QF_I8:
        ((int8_t *)array->data)[i] = (int8_t)value;
        break;
    case QF_I16:
        ((int16_t *)array->data)[i] = (int16_t)value;
        break;
    case QF_I32:
        ((int32_t *)array->data)[i] = (int32_t)value;
        break;
    default:
        ((int64_t *)array->data)[i] = value;
    }
    return true;
}

qf_status qf_fixed_decode(const qf_sharing *sharing, const uint64_t *elements, size_t summands,
                          double divisor, qf_array *array, qf_error *error) {
    const qf_prime_field field = qf_field_of(sharing->prime);
    const double unit = ldexp(1, -(int)sharing->fraction_bits);
    const int64_t limit = qf_fixed_limit(sharing) * (int64_t)summands;
    for (size_t i = 0; i < array->rows * array->columns; i++) {
        const int64_t value = qf_field_to_signed(&field, elements[i]);
        bool fits = value >= -limit && value <= limit;
        if (array->type == QF_F32) {
            ((float *)array->data)[i] = (float)((double)value * unit / divisor);
        } else if (array->type == QF_F64) {
            ((double *)array->data)[i] = (double)value * unit / divisor;
        } else {
            fits = fits && store_integer(array, i, value);
        }
        if (!fits) {
            return qf_fail(error, QF_DATA, "array \"%s\": element %zu is out of range", array->name,
                           i + 1);
        }
    }
    return QF_OK;
}
