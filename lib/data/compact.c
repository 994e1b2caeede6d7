#include "data/compact.h"

#include "base/memory.h"
#include "base/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* From the smallest on. */
static const qf_array_type candidates[] = {QF_U8, QF_I8, QF_I16, QF_F32, QF_I32, QF_F64};
enum { CANDIDATES = sizeof candidates / sizeof *candidates };

static bool is_whole_within(double value, double least, double most) {
    return value >= least && value <= most && qf_is_whole(value);
}

static bool holds(qf_array_type type, double value) {
    switch (type) {
    case QF_U8:
        return is_whole_within(value, 0, UINT8_MAX);
    case QF_I8:
        return is_whole_within(value, INT8_MIN, INT8_MAX);
    case QF_I16:
        return is_whole_within(value, INT16_MIN, INT16_MAX);
    case QF_I32:
        return is_whole_within(value, INT32_MIN, INT32_MAX);
    case QF_F32:
        return (double)(float)value == value;
    default:
        return true;
    }
}

static void put(qf_array_type type, void *data, size_t at, double value) {
    switch (type) {
    case QF_U8:
        ((uint8_t *)data)[at] = (uint8_t)value;
        break;
    case QF_I8:
        ((int8_t *)data)[at] = (int8_t)value;
        break;
    case QF_I16:
        ((int16_t *)data)[at] = (int16_t)value;
        break;
    case QF_I32:
        ((int32_t *)data)[at] = (int32_t)value;
        break;
    case QF_F32:
        ((float *)data)[at] = (float)value;
        break;
    default:
        ((double *)data)[at] = value;
    }
}

static double get(qf_array_type type, const void *data, size_t at) {
    switch (type) {
    case QF_U8:
        return ((const uint8_t *)data)[at];
    case QF_I8:
        return ((const int8_t *)data)[at];
    case QF_I16:
        return ((const int16_t *)data)[at];
    case QF_I32:
        return ((const int32_t *)data)[at];
    case QF_F32:
        return ((const float *)data)[at];
    default:
        return ((const double *)data)[at];
    }
}

static uint8_t smallest_type(const double *column, size_t rows, size_t columns) {
    size_t candidate = 0;
    for (size_t r = 0; r < rows; r++) {
        if (holds(candidates[candidate], column[r * columns])) continue;
        candidate++; /* and from the first row again */
        r = (size_t)-1;
    }
    return (uint8_t)candidates[candidate];
}

/* The columns of a type, in order, to list; returns their number. */
static size_t columns_of(qf_array_type type, const uint8_t *types, size_t columns, size_t *list) {
    size_t count = 0;
    for (size_t c = 0; c < columns; c++) {
        if (types[c] == type) list[count++] = c;
    }
    return count;
}

static void name_array(char name[16], qf_array_type type) {
    snprintf(name, 16, "rows_%s", qf_array_type_name(type));
}

static qf_status encode_type(qf_array_type type, const size_t *list, size_t count,
                             const double *values, size_t rows, size_t columns, qf_arrays *arrays,
                             qf_error *error) {
    void *data = qf_new_array(rows * count, qf_array_type_size(type), error);
    if (!data) return QF_MEMORY;
    for (size_t r = 0; r < rows; r++) {
        const double *row = values + r * columns;
        for (size_t i = 0; i < count; i++) put(type, data, r * count + i, row[list[i]]);
    }
    char name[16];
    name_array(name, type);
    const qf_status status = qf_arrays_add(arrays, name, type, rows, count, data, error);
    free(data);
    return status;
}

qf_status qf_compact_encode(const double *values, size_t rows, size_t columns, qf_arrays *arrays,
                            qf_error *error) {
    uint8_t *types = qf_new_array(columns, sizeof *types, error);
    size_t *list = qf_new_array(columns, sizeof *list, error);
    qf_status status = types && list ? QF_OK : QF_MEMORY;
    if (status == QF_OK) {
        for (size_t c = 0; c < columns; c++) types[c] = smallest_type(values + c, rows, columns);
        status = qf_arrays_add(arrays, "types", QF_U8, columns, 1, types, error);
    }
    for (size_t i = 0; status == QF_OK && i < CANDIDATES; i++) {
        const size_t count = columns_of(candidates[i], types, columns, list);
        if (count == 0) continue;
        status = encode_type(candidates[i], list, count, values, rows, columns, arrays, error);
    }
    free(types);
    free(list);
    return status;
}

/* Finds the array of a type; the first one found says how many rows there are. */
static qf_status find_rows(qf_array_type type, size_t count, const qf_arrays *arrays, size_t *rows,
                           const qf_array **found, qf_error *error) {
    char name[16];
    name_array(name, type);
    QF_TRY(qf_arrays_find(arrays, name, type, *rows, count, found, error));
    *rows = (*found)->rows;
    return QF_OK;
}

static qf_status decode_type(const qf_array *array, const size_t *list, size_t columns,
                             double *values, qf_error *error) {
    for (size_t r = 0; r < array->rows; r++) {
        for (size_t i = 0; i < array->columns; i++) {
            const double value = get(array->type, array->data, r * array->columns + i);
            if (!isfinite(value)) {
                return qf_fail(error, QF_DATA, "array \"%s\" is not finite", array->name);
            }
            values[r * columns + list[i]] = value;
        }
    }
    return QF_OK;
}

static qf_status decode_with(const qf_arrays *arrays, const uint8_t *types, size_t columns,
                             size_t *list, double **values, size_t *rows, qf_error *error) {
    const qf_array *found[CANDIDATES] = {0};
    size_t seen = 0;
    *rows = QF_ANY;
    for (size_t i = 0; i < CANDIDATES; i++) {
        const size_t count = columns_of(candidates[i], types, columns, list);
        seen += count;
        if (count == 0) continue;
        QF_TRY(find_rows(candidates[i], count, arrays, rows, &found[i], error));
    }
    if (seen != columns) return qf_fail(error, QF_DATA, "array \"types\" names no type of rows");
    *values = qf_new_array(*rows, columns * sizeof **values, error);
    if (!*values) return QF_MEMORY;
    for (size_t i = 0; i < CANDIDATES; i++) {
        if (!found[i]) continue;
        columns_of(candidates[i], types, columns, list);
        QF_TRY(decode_type(found[i], list, columns, *values, error));
    }
    return QF_OK;
}

qf_status qf_compact_decode(const qf_arrays *arrays, size_t columns, double **values, size_t *rows,
                            qf_error *error) {
    const qf_array *types;
    *values = NULL;
    QF_TRY(qf_arrays_find(arrays, "types", QF_U8, columns, 1, &types, error));
    size_t *list = qf_new_array(columns, sizeof *list, error);
    if (!list) return QF_MEMORY;
    const qf_status status = decode_with(arrays, types->data, columns, list, values, rows, error);
    free(list);
    if (status == QF_OK) return QF_OK;
    free(*values);
    *values = NULL;
    return status;
}
