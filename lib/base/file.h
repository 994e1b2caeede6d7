/* Files: whole writes, and outputs that appear complete or not at all. */
#ifndef QF_BASE_FILE_H
#define QF_BASE_FILE_H

#include "base/error.h"

#include <stddef.h>

/* Writes all bytes, whatever write() takes at a time; QF_IO with `name` in the message. */
qf_status qf_write_all(int fd, const void *data, size_t length, const char *name, qf_error *error);
/* Reads up to `length` bytes; *got is 0 only at the end. */
qf_status qf_read_some(int fd, void *data, size_t length, const char *name, size_t *got,
                       qf_error *error);

/* The part of a path after its last slash. */
const char *qf_base_name(const char *path);

/* Opens a file for reading; "-" and NULL are standard input. QF_NO_INPUT. */
qf_status qf_open_input(const char *path, int *fd, qf_error *error);

/* A file that is written under a temporary name beside `path` (where that is a link, beside what it
 * points to) and renamed when it is complete. A device or a pipe is written as it is. */
typedef struct qf_output_file {
    char *path, *temporary; /* temporary: NULL for a device or a pipe */
    int fd;
} qf_output_file;

qf_status qf_output_file_open(qf_output_file *file, const char *path, qf_error *error);
/* Flushes to the disk, renames, frees. On failure nothing is left behind. */
qf_status qf_output_file_commit(qf_output_file *file, qf_error *error);
/* Removes the temporary file, frees. Does nothing on a zeroed or committed file. */
void qf_output_file_discard(qf_output_file *file);
/* Removes a committed file, for a tool that fails later. */
void qf_output_file_withdraw(const char *path);

/* An unlinked read-write file in $TMPDIR (or /tmp), gone when its descriptor is closed. */
qf_status qf_open_spill(int *fd, qf_error *error);

#endif
