#define _XOPEN_SOURCE 700 /* realpath */
#include "base/file.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

qf_status qf_write_all(int fd, const void *data, size_t length, const char *name, qf_error *error) {
    const char *at = data;
    while (length) {
        const ssize_t written = write(fd, at, length);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return qf_fail(error, QF_IO, "%s: %s", name, strerror(errno));
        at += written;
        length -= (size_t)written;
    }
    return QF_OK;
}

qf_status qf_read_some(int fd, void *data, size_t length, const char *name, size_t *got,
                       qf_error *error) {
    for (;;) {
        const ssize_t count = read(fd, data, length);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return qf_fail(error, QF_IO, "%s: %s", name, strerror(errno));
        *got = (size_t)count;
        return QF_OK;
    }
}

const char *qf_base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

qf_status qf_open_input(const char *path, int *fd, qf_error *error) {
    if (!path || strcmp(path, "-") == 0) {
        *fd = STDIN_FILENO;
        return QF_OK;
    }
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0) return qf_fail(error, QF_NO_INPUT, "%s: %s", path, strerror(errno));
    return QF_OK;
}

/* Whether a device, a pipe or a directory is there: a file renamed to its name would take its
 * place. */
static bool is_special(const char *path) {
    struct stat there;
    return stat(path, &there) == 0 && !S_ISREG(there.st_mode);
}

static qf_status open_temporary(qf_output_file *file, qf_error *error) {
    const size_t room = strlen(file->path) + sizeof ".XXXXXX";
    file->temporary = qf_new_array(room, 1, error);
    if (!file->temporary) return QF_MEMORY;
    snprintf(file->temporary, room, "%s.XXXXXX", file->path);
    file->fd = mkstemp(file->temporary);
    if (file->fd < 0) {
        free(file->temporary);
        file->temporary = NULL;
        return QF_OK;
    }
    /* mkstemp makes a private file; an output has the mode that the user's umask says. */
    const mode_t mask = umask(0);
    umask(mask);
    fchmod(file->fd, 0666 & ~mask);
    return QF_OK;
}

qf_status qf_output_file_open(qf_output_file *file, const char *path, qf_error *error) {
    *file = (qf_output_file){.path = realpath(path, NULL), .fd = -1};
    if (!file->path) file->path = qf_copy_text(path, error);
    qf_status status = file->path ? QF_OK : QF_MEMORY;
    if (status == QF_OK && is_special(path)) {
        file->fd = open(path, O_WRONLY | O_CLOEXEC);
    } else if (status == QF_OK) {
        status = open_temporary(file, error);
    }
    if (status == QF_OK && file->fd < 0) {
        status = qf_fail(error, QF_CANNOT_CREATE, "%s: %s", path, strerror(errno));
    }
    if (status != QF_OK) qf_output_file_discard(file);
    return status;
}

qf_status qf_output_file_commit(qf_output_file *file, qf_error *error) {
    qf_status status = QF_OK;
    if (fsync(file->fd) != 0 && errno != EINVAL) {
        status = qf_fail(error, QF_IO, "%s: %s", file->path, strerror(errno));
    }
    if (close(file->fd) != 0 && status == QF_OK) {
        status = qf_fail(error, QF_IO, "%s: %s", file->path, strerror(errno));
    }
    file->fd = -1;
    if (status == QF_OK && file->temporary && rename(file->temporary, file->path) != 0) {
        status = qf_fail(error, QF_CANNOT_CREATE, "%s: %s", file->path, strerror(errno));
    }
    if (status == QF_OK) {
        free(file->temporary);
        file->temporary = NULL;
    }
    qf_output_file_discard(file);
    return status;
}

void qf_output_file_discard(qf_output_file *file) {
    if (file->path && file->fd >= 0) close(file->fd);
    if (file->temporary) unlink(file->temporary);
    free(file->temporary);
    free(file->path);
    *file = (qf_output_file){.fd = -1};
}

void qf_output_file_withdraw(const char *path) {
    if (!is_special(path)) unlink(path);
}

qf_status qf_open_spill(int *fd, qf_error *error) {
    const char *directory = getenv("TMPDIR");
    if (!directory || !*directory) directory = "/tmp";
    qf_bytes path = {0};
    QF_TRY(qf_bytes_print(&path, error, "%s/qf-XXXXXX", directory));
    *fd = mkstemp((char *)path.data);
    const int reason = errno;
    if (*fd >= 0) unlink((char *)path.data);
    free(path.data);
    if (*fd >= 0) return QF_OK;
    return qf_fail(error, QF_CANNOT_CREATE, "no temporary file in %s: %s", directory,
                   strerror(reason));
}
