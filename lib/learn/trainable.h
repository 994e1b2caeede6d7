/* Trainable arrays: the numbers that a fit adjusts, whatever the model, as views into its state.
 * What stores models, starts one from another or adds up those of many clients needs no more. */
#ifndef QF_LEARN_TRAINABLE_H
#define QF_LEARN_TRAINABLE_H

#include "base/array.h"

#include <stdbool.h>

typedef struct qf_trainable {
    char name[32];        /* as in a stream; unique in its list */
    size_t rows, columns; /* columns is 1 for a vector */
    size_t stride;        /* numbers from a row to the next, at least columns: rows may be padded */
    double *values;       /* the model's own */
    bool frozen;          /* drawn with the others, but the fit leaves it as it is */
} qf_trainable;

/* Zero-initialise; free with qf_trainables_free, which leaves the values alone. Valid as long as
 * the model's state is. */
typedef struct qf_trainables {
    qf_trainable *items; /* [count], in a fixed order */
    size_t count, capacity;
} qf_trainables;

void qf_trainables_free(qf_trainables *list);
/* Appends a copy of the view. */
qf_status qf_trainables_add(qf_trainables *list, const qf_trainable *view, qf_error *error);

/* Appends every array (f64 [rows][columns], without padding); and sets every array from those of
 * its name: QF_DATA unless all are there, in shape and finite, and then nothing is certain of the
 * values. */
qf_status qf_trainables_encode(const qf_trainables *list, qf_arrays *arrays, qf_error *error);
qf_status qf_trainables_decode(const qf_trainables *list, const qf_arrays *arrays, qf_error *error);

/* Sets every array of `to` from the one in the same place of `from`. QF_MISMATCH, naming the first
 * that differs, unless names and shapes are the same; then nothing is set. */
qf_status qf_trainables_copy(const qf_trainables *from, const qf_trainables *to, qf_error *error);

#endif
