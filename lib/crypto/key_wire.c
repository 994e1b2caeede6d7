#include "crypto/key_wire.h"

#include "crypto/contents_wire.h"

#include <string.h>

qf_status qf_key_write_file(qf_session *session, const qf_state *directory, const char *name,
                            const char *id, const unsigned char *key, size_t length,
                            qf_error *error) {
    qf_contents contents = {.type = qf_copy_text("key", error)};
    qf_state_file file = {.fd = -1};
    qf_status status = contents.type ? QF_OK : QF_MEMORY;
    if (status == QF_OK) status = qf_record_set_text(&contents.parameters, "key_ID", id, error);
    if (status == QF_OK) {
        status = qf_arrays_add(&contents.arrays, "key", QF_U8, length, 1, key, error);
    }
    if (status == QF_OK) status = qf_state_file_open(&file, directory, name, error);
    if (status == QF_OK) status = qf_contents_write(session, file.fd, name, &contents, error);
    if (status == QF_OK) status = qf_state_file_commit(&file, error);
    qf_state_file_discard(&file);
    qf_contents_free(&contents);
    return status;
}

qf_status qf_key_read(const char *path, size_t length, qf_secret *key, qf_error *error) {
    static const char *const types[] = {"key", NULL};
    qf_contents contents;
    qf_contents_source source;
    const qf_array *array;
    *key = (qf_secret){0};
    qf_status status = qf_contents_read(path, types, &contents, &source, error);
    if (status == QF_OK) {
        status = qf_arrays_find(&contents.arrays, "key", QF_U8, length, 1, &array, error);
    }
    if (status == QF_OK) status = qf_secret_new(length, key, error);
    if (status == QF_OK) memcpy(key->data, array->data, length);
    qf_contents_free(&contents);
    qf_contents_source_free(&source);
    return status;
}
