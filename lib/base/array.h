/* Named, typed arrays: the parts of a model or scaler between memory and stream. */
#ifndef QF_BASE_ARRAY_H
#define QF_BASE_ARRAY_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

typedef enum qf_array_type {
    QF_U8,
    QF_I8,
    QF_I16,
    QF_I32,
    QF_I64,
    QF_F32,
    QF_F64,
    QF_ARRAY_TYPES
} qf_array_type;

size_t qf_array_type_size(qf_array_type type);
/* "u8", "i32", "f64" ... as in a stream. */
const char *qf_array_type_name(qf_array_type type);

typedef struct qf_array {
    char name[32];
    qf_array_type type;
    size_t rows, columns; /* columns is 1 for a vector */
    void *data;           /* [rows][columns] of the type, owned */
} qf_array;

/* Zero-initialise; free with qf_arrays_free. Names are unique by convention of the encoder. */
typedef struct qf_arrays {
    size_t count, capacity;
    qf_array *items;
} qf_arrays;

void qf_arrays_free(qf_arrays *arrays);

/* Appends a copy of data. */
qf_status qf_arrays_add(qf_arrays *arrays, const char *name, qf_array_type type, size_t rows,
                        size_t columns, const void *data, qf_error *error);

/* Finds an array of this name, type and shape; pass QF_ANY for a dimension that may be anything.
 * QF_DATA when there is none such: decoders trust nothing that a stream says. */
#define QF_ANY ((size_t)-1)
qf_status qf_arrays_find(const qf_arrays *arrays, const char *name, qf_array_type type, size_t rows,
                         size_t columns, const qf_array **found, qf_error *error);

#endif
