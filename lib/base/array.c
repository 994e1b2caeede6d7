#include "base/array.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    size_t size;
} types[QF_ARRAY_TYPES] = {
    [QF_U8] = {"u8", 1},   [QF_I8] = {"i8", 1},   [QF_I16] = {"i16", 2}, [QF_I32] = {"i32", 4},
    [QF_I64] = {"i64", 8}, [QF_F32] = {"f32", 4}, [QF_F64] = {"f64", 8},
};

size_t qf_array_type_size(qf_array_type type) {
    return types[type].size;
}

const char *qf_array_type_name(qf_array_type type) {
    return types[type].name;
}

void qf_arrays_free(qf_arrays *arrays) {
    for (size_t i = 0; i < arrays->count; i++) free(arrays->items[i].data);
    free(arrays->items);
    *arrays = (qf_arrays){0};
}

qf_status qf_arrays_add(qf_arrays *arrays, const char *name, qf_array_type type, size_t rows,
                        size_t columns, const void *data, qf_error *error) {
    QF_TRY(qf_grow_array(&arrays->items, &arrays->capacity, arrays->count + 1,
                         sizeof *arrays->items, error));
    qf_array *array = &arrays->items[arrays->count];
    *array = (qf_array){.type = type, .rows = rows, .columns = columns};
    const int length = snprintf(array->name, sizeof array->name, "%s", name);
    if (length < 0 || (size_t)length >= sizeof array->name) {
        return qf_fail(error, QF_DATA, "array name \"%.40s\" is too long", name);
    }
    array->data = qf_copy_array(data, rows * columns, types[type].size, error);
    if (!array->data) return QF_MEMORY;
    arrays->count++;
    return QF_OK;
}

qf_status qf_arrays_find(const qf_arrays *arrays, const char *name, qf_array_type type, size_t rows,
                         size_t columns, const qf_array **found, qf_error *error) {
    for (size_t i = 0; i < arrays->count; i++) {
        const qf_array *array = &arrays->items[i];
        if (strcmp(array->name, name) != 0) continue;
        if (array->type != type) {
            return qf_fail(error, QF_DATA, "array \"%s\" has type %s, expected %s", name,
                           types[array->type].name, types[type].name);
        }
        if ((rows != QF_ANY && array->rows != rows) ||
            (columns != QF_ANY && array->columns != columns)) {
            return qf_fail(error, QF_DATA, "array \"%s\" has unexpected shape %zu x %zu", name,
                           array->rows, array->columns);
        }
        *found = array;
        return QF_OK;
    }
    return qf_fail(error, QF_DATA, "array \"%s\" is missing", name);
}
