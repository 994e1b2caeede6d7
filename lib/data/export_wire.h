/* Streams in the formats of other programs. */
#ifndef QF_DATA_EXPORT_WIRE_H
#define QF_DATA_EXPORT_WIRE_H

#include "stream/session.h"

typedef enum qf_export_format {
    QF_EXPORT_CSV,   /* rows (a table without its origins) or records */
    QF_EXPORT_JSONL, /* anything, as qf_view_message prints it */
    QF_EXPORT_NPY,   /* tables; see data/numpy.h */
    QF_EXPORT_NPZ,
} qf_export_format;

/* csv, jsonl, npy, npz; NULL-terminated. */
extern const char *const qf_export_formats[];

/* Reads all streams of an input, which must be of one type and, where they have rows, of the same
 * columns (QF_MISMATCH; NumPy files take one table), and writes them to `fd`, called `name` in
 * messages. Rows are written as they come, in constant memory; records (few) at the end, since
 * their fields may differ. NumPy files are refused to a terminal (QF_USAGE). */
qf_status qf_export(qf_session *session, const char *path, qf_export_format format, int fd,
                    const char *name, qf_error *error);

#endif
