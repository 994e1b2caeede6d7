#include "learn/trainable.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void qf_trainables_free(qf_trainables *list) {
    free(list->items);
    *list = (qf_trainables){0};
}

qf_status qf_trainables_add(qf_trainables *list, const qf_trainable *view, qf_error *error) {
    QF_TRY(
        qf_grow_array(&list->items, &list->capacity, list->count + 1, sizeof *list->items, error));
    list->items[list->count++] = *view;
    return QF_OK;
}

qf_status qf_trainables_encode(const qf_trainables *list, qf_arrays *arrays, qf_error *error) {
    for (size_t i = 0; i < list->count; i++) {
        const qf_trainable *t = &list->items[i];
        double *plain = qf_new_array(t->rows * t->columns, sizeof *plain, error);
        if (!plain) return QF_MEMORY;
        for (size_t r = 0; r < t->rows; r++) {
            memcpy(plain + r * t->columns, t->values + r * t->stride, t->columns * sizeof *plain);
        }
        const qf_status status =
            qf_arrays_add(arrays, t->name, QF_F64, t->rows, t->columns, plain, error);
        free(plain);
        QF_TRY(status);
    }
    return QF_OK;
}

qf_status qf_trainables_decode(const qf_trainables *list, const qf_arrays *arrays,
                               qf_error *error) {
    for (size_t i = 0; i < list->count; i++) {
        const qf_trainable *t = &list->items[i];
        const qf_array *array;
        QF_TRY(qf_arrays_find(arrays, t->name, QF_F64, t->rows, t->columns, &array, error));
        const double *plain = array->data;
        for (size_t k = 0; k < t->rows * t->columns; k++) {
            if (isfinite(plain[k])) continue;
            return qf_fail(error, QF_DATA, "array \"%s\" is not finite", t->name);
        }
        for (size_t r = 0; r < t->rows; r++) {
            memcpy(t->values + r * t->stride, plain + r * t->columns, t->columns * sizeof *plain);
        }
    }
    return QF_OK;
}

qf_status qf_trainables_copy(const qf_trainables *from, const qf_trainables *to, qf_error *error) {
    if (from->count != to->count) {
        return qf_fail(error, QF_MISMATCH, "%zu arrays of weights, expected %zu", from->count,
                       to->count);
    }
    for (size_t i = 0; i < to->count; i++) {
        const qf_trainable *a = &from->items[i], *b = &to->items[i];
        if (strcmp(a->name, b->name) == 0 && a->rows == b->rows && a->columns == b->columns) {
            continue;
        }
        return qf_fail(error, QF_MISMATCH,
                       "array \"%s\" of %zu x %zu, expected \"%s\" of %zu x %zu", a->name, a->rows,
                       a->columns, b->name, b->rows, b->columns);
    }
    for (size_t i = 0; i < to->count; i++) {
        const qf_trainable *a = &from->items[i], *b = &to->items[i];
        for (size_t r = 0; r < b->rows; r++) {
            memcpy(b->values + r * b->stride, a->values + r * a->stride,
                   b->columns * sizeof *b->values);
        }
    }
    return QF_OK;
}
