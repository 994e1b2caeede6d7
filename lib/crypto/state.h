/* A party's state directory: what it keeps to itself. The directory has mode 0700 and its files
 * mode 0600; one that others may read, or that another user owns, is refused. Files appear whole,
 * by rename, after they are on the disk. What a replaced file held may still be on the disk's
 * blocks: where that matters, keep the directory on an encrypted disk. */
#ifndef QF_CRYPTO_STATE_H
#define QF_CRYPTO_STATE_H

#include "crypto/secret.h"

/* An open directory. Set .directory to -1 to initialise; close on every path. */
typedef struct qf_state {
    const char *path; /* for messages; not owned */
    int directory;
    unsigned locks; /* how often it was locked and not unlocked */
} qf_state;

/* With `create`, makes the directory if it is not there. QF_NO_INPUT, QF_CANNOT_CREATE; QF_REFUSED
 * where others may read or write it. */
qf_status qf_state_open(qf_state *state, const char *path, bool create, qf_error *error);
void qf_state_close(qf_state *state);

/* Waits until no other process has the lock: around every read that a write follows. Who has it may
 * lock again, and then unlocks as often. Closing unlocks too. */
qf_status qf_state_lock(qf_state *state, qf_error *error);
void qf_state_unlock(qf_state *state);

/* A file's content; *found is false, and the content empty, where there is none. QF_REFUSED for a
 * file that others may read, QF_DATA for one over 2^30 bytes. The caller frees. */
qf_status qf_state_read(const qf_state *state, const char *name, qf_secret *content, bool *found,
                        qf_error *error);
/* Replaces or makes a file. */
qf_status qf_state_write(const qf_state *state, const char *name, const void *data, size_t length,
                         qf_error *error);

/* Removes a file, and returns when that is on the disk; does nothing where there is none. */
qf_status qf_state_remove(const qf_state *state, const char *name, qf_error *error);
/* Returns when what the file holds is on the disk, whoever wrote it. */
qf_status qf_state_flush(const qf_state *state, const char *name, qf_error *error);

/* A file being written: its descriptor is open, nothing is there under its name before the commit.
 * Set .fd to -1 to initialise; discard on every path. */
typedef struct qf_state_file {
    const qf_state *state;
    char *name, *temporary;
    int fd;
} qf_state_file;

qf_status qf_state_file_open(qf_state_file *file, const qf_state *state, const char *name,
                             qf_error *error);
qf_status qf_state_file_commit(qf_state_file *file, qf_error *error);
/* Removes what was written. Does nothing on a committed file. */
void qf_state_file_discard(qf_state_file *file);

/* Adds a line to a journal; when it returns, the line is on the disk. `line` has no newline. A line
 * that a crash cut short was never answered for, and is removed first; so is what was written of a
 * line that did not fit the disk. Locked by the caller. */
qf_status qf_state_append(const qf_state *state, const char *name, const char *line,
                          qf_error *error);

#endif
