/* Tables as NumPy files. Both formats say the number of rows before the rows, so the rows wait in
 * unlinked files in $TMPDIR: memory stays constant.
 *
 * .npy: one array of doubles, [rows][columns + 1], the label last.
 * .npz: x, doubles [rows][columns]; y, bytes [rows]; origin, 64-bit integers [rows][2], the row and
 * neighbour of qf_origin; columns and target, texts. Stored, not compressed, with 64-bit sizes. */
#ifndef QF_DATA_NUMPY_H
#define QF_DATA_NUMPY_H

#include "base/error.h"
#include "data/table.h"

typedef enum qf_numpy_format { QF_NPY, QF_NPZ } qf_numpy_format;

typedef struct qf_numpy_writer qf_numpy_writer;

/* For tables of like's columns, which must stay until the writer is freed. */
qf_status qf_numpy_open(const qf_table *like, qf_numpy_format format, qf_numpy_writer **writer,
                        qf_error *error);
qf_status qf_numpy_add(qf_numpy_writer *writer, const qf_table *rows, qf_error *error);
/* Writes the whole file to `fd`, called `name` in messages. */
qf_status qf_numpy_finish(qf_numpy_writer *writer, int fd, const char *name, qf_error *error);
void qf_numpy_free(qf_numpy_writer *writer);

#endif
