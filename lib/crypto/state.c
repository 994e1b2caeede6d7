#define _DEFAULT_SOURCE /* flock */
#include "crypto/state.h"

#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_STATE_FILE = 1 << 30 };

static qf_status fail_file(const qf_state *state, const char *name, qf_status status,
                           const char *reason, qf_error *error) {
    return qf_fail(error, status, "%s/%s: %s", state->path, name, reason);
}

/* Nothing but the owner's own permissions, and the owner is this user. */
static const char *complaint(const struct stat *is) {
    if (is->st_uid != geteuid()) return "belongs to another user";
    return is->st_mode & 077 ? "others may read or write it (chmod go-rwx)" : NULL;
}

qf_status qf_state_open(qf_state *state, const char *path, bool create, qf_error *error) {
    *state = (qf_state){.path = path, .directory = -1};
    if (create && mkdir(path, 0700) != 0 && errno != EEXIST) {
        return qf_fail(error, QF_CANNOT_CREATE, "%s: %s", path, strerror(errno));
    }
    state->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat is;
    if (state->directory < 0 || fstat(state->directory, &is) != 0) {
        return qf_fail(error, QF_NO_INPUT, "%s: %s", path, strerror(errno));
    }
    const char *wrong = complaint(&is);
    return wrong ? qf_fail(error, QF_REFUSED, "%s: %s", path, wrong) : QF_OK;
}

void qf_state_close(qf_state *state) {
    if (state->directory >= 0) close(state->directory);
    state->directory = -1;
}

qf_status qf_state_lock(qf_state *state, qf_error *error) {
    while (state->locks == 0 && flock(state->directory, LOCK_EX) != 0) {
        if (errno == EINTR) continue;
        return qf_fail(error, QF_IO, "%s: cannot be locked: %s", state->path, strerror(errno));
    }
    state->locks++;
    return QF_OK;
}

void qf_state_unlock(qf_state *state) {
    if (--state->locks == 0) flock(state->directory, LOCK_UN);
}

static qf_status read_open(const qf_state *state, const char *name, int fd, qf_secret *content,
                           qf_error *error) {
    struct stat is;
    if (fstat(fd, &is) != 0) return fail_file(state, name, QF_IO, strerror(errno), error);
    const char *wrong = S_ISREG(is.st_mode) ? complaint(&is) : "not a regular file";
    if (wrong) return fail_file(state, name, QF_REFUSED, wrong, error);
    if (is.st_size > MAX_STATE_FILE) return fail_file(state, name, QF_DATA, "too large", error);
    QF_TRY(qf_secret_new((size_t)is.st_size, content, error));
    size_t filled = 0, got = 1;
    while (got > 0 && filled < content->length) {
        QF_TRY(
            qf_read_some(fd, content->data + filled, content->length - filled, name, &got, error));
        filled += got;
    }
    if (filled == content->length) return QF_OK;
    return fail_file(state, name, QF_IO, "changed while it was read", error);
}

qf_status qf_state_read(const qf_state *state, const char *name, qf_secret *content, bool *found,
                        qf_error *error) {
    *content = (qf_secret){0};
    *found = false;
    const int fd = openat(state->directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) return QF_OK;
    if (fd < 0) return fail_file(state, name, QF_NO_INPUT, strerror(errno), error);
    const qf_status status = read_open(state, name, fd, content, error);
    close(fd);
    if (status != QF_OK) qf_secret_free(content);
    *found = status == QF_OK;
    return status;
}

qf_status qf_state_file_open(qf_state_file *file, const qf_state *state, const char *name,
                             qf_error *error) {
    *file = (qf_state_file){.state = state, .fd = -1};
    qf_bytes temporary = {0};
    file->name = qf_copy_text(name, error);
    if (!file->name) return QF_MEMORY;
    QF_TRY(qf_bytes_print(&temporary, error, "%s.%ld.tmp", name, (long)getpid()));
    file->temporary = (char *)temporary.data;
    unlinkat(state->directory, file->temporary, 0); /* a crashed process may have had this number */
    file->fd = openat(state->directory, file->temporary,
                      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file->fd >= 0) return QF_OK;
    return fail_file(state, name, QF_CANNOT_CREATE, strerror(errno), error);
}

qf_status qf_state_file_commit(qf_state_file *file, qf_error *error) {
    const qf_state *state = file->state;
    const bool flushed = fsync(file->fd) == 0;
    const int reason = errno;
    const bool closed = close(file->fd) == 0;
    file->fd = -1;
    if (!flushed || !closed) {
        return fail_file(state, file->name, QF_IO, strerror(flushed ? errno : reason), error);
    }
    if (renameat(state->directory, file->temporary, state->directory, file->name) != 0) {
        return fail_file(state, file->name, QF_CANNOT_CREATE, strerror(errno), error);
    }
    free(file->temporary);
    file->temporary = NULL;
    if (fsync(state->directory) == 0) return QF_OK;
    return fail_file(state, file->name, QF_IO, strerror(errno), error);
}

void qf_state_file_discard(qf_state_file *file) {
    if (file->fd >= 0) close(file->fd);
    if (file->temporary) unlinkat(file->state->directory, file->temporary, 0);
    free(file->temporary);
    free(file->name);
    *file = (qf_state_file){.fd = -1};
}

qf_status qf_state_write(const qf_state *state, const char *name, const void *data, size_t length,
                         qf_error *error) {
    qf_state_file file;
    qf_status status = qf_state_file_open(&file, state, name, error);
    if (status == QF_OK) status = qf_write_all(file.fd, data, length, name, error);
    if (status == QF_OK) status = qf_state_file_commit(&file, error);
    qf_state_file_discard(&file);
    return status;
}

qf_status qf_state_remove(const qf_state *state, const char *name, qf_error *error) {
    if (unlinkat(state->directory, name, 0) != 0 && errno != ENOENT) {
        return fail_file(state, name, QF_IO, strerror(errno), error);
    }
    if (fsync(state->directory) == 0) return QF_OK;
    return fail_file(state, name, QF_IO, strerror(errno), error);
}

qf_status qf_state_flush(const qf_state *state, const char *name, qf_error *error) {
    const int fd = openat(state->directory, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    const bool flushed = fd >= 0 && fsync(fd) == 0 && fsync(state->directory) == 0;
    const int reason = errno;
    if (fd >= 0) close(fd);
    return flushed ? QF_OK : fail_file(state, name, QF_IO, strerror(reason), error);
}

/* The length of the whole lines at the beginning of a journal. */
static qf_status whole_lines(const qf_state *state, const char *name, off_t *length,
                             qf_error *error) {
    qf_secret content;
    bool found;
    QF_TRY(qf_state_read(state, name, &content, &found, error));
    size_t end = content.length;
    while (end > 0 && content.data[end - 1] != '\n') end--;
    *length = (off_t)end;
    qf_secret_free(&content);
    return QF_OK;
}

static qf_status append_open(const qf_state *state, const char *name, int fd, off_t end,
                             const char *line, qf_error *error) {
    qf_bytes text = {0};
    if (ftruncate(fd, end) != 0) return fail_file(state, name, QF_IO, strerror(errno), error);
    QF_TRY(qf_bytes_print(&text, error, "%s\n", line));
    qf_status status = qf_write_all(fd, text.data, text.length, name, error);
    free(text.data);
    if (status == QF_OK && (fsync(fd) != 0 || fsync(state->directory) != 0)) {
        status = fail_file(state, name, QF_IO, strerror(errno), error);
    }
    /* A line that may not be on the disk must not be found in memory by the next process. */
    if (status != QF_OK && ftruncate(fd, end) != 0) {
        qf_error_context(error, "the line cannot be taken back");
    }
    return status;
}

qf_status qf_state_append(const qf_state *state, const char *name, const char *line,
                          qf_error *error) {
    off_t end;
    QF_TRY(whole_lines(state, name, &end, error));
    const int fd = openat(state->directory, name,
                          O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) return fail_file(state, name, QF_CANNOT_CREATE, strerror(errno), error);
    const qf_status status = append_open(state, name, fd, end, line, error);
    close(fd);
    return status;
}
