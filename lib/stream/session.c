#include "stream/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void qf_digest_print(const qf_digest *digest, char text[2 * QF_DIGEST_SIZE + 1]) {
    for (int i = 0; i < QF_DIGEST_SIZE; i++) snprintf(text + 2 * i, 3, "%02x", digest->bytes[i]);
}

qf_status qf_origins_add(qf_origins *origins, const qf_digest *digest, qf_error *error) {
    size_t place = 0;
    while (place < origins->count && memcmp(&origins->digests[place], digest, sizeof *digest) < 0) {
        place++;
    }
    if (place < origins->count && memcmp(&origins->digests[place], digest, sizeof *digest) == 0) {
        return QF_OK;
    }
    if (origins->count == QF_MAX_ORIGINS) {
        return qf_fail(error, QF_DATA, "more than %d origins", QF_MAX_ORIGINS);
    }
    QF_TRY(qf_grow_array(&origins->digests, &origins->capacity, origins->count + 1, sizeof *digest,
                         error));
    memmove(&origins->digests[place + 1], &origins->digests[place],
            (origins->count - place) * sizeof *digest);
    origins->digests[place] = *digest;
    origins->count++;
    return QF_OK;
}

bool qf_origins_equal(const qf_origins *a, const qf_origins *b) {
    if (a->count != b->count) return false;
    return a->count == 0 || memcmp(a->digests, b->digests, a->count * sizeof *a->digests) == 0;
}

void qf_origins_free(qf_origins *origins) {
    free(origins->digests);
    *origins = (qf_origins){0};
}

void qf_session_free(qf_session *session) {
    qf_provenance_clear(&session->self);
    for (size_t i = 0; i < session->input_count; i++) {
        free(session->inputs[i].type);
        qf_origins_free(&session->inputs[i].origins);
    }
    free(session->inputs);
    *session = (qf_session){0};
}

qf_status qf_session_note(qf_session *session, qf_error *error, const char *format, ...) {
    char note[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(note, sizeof note, format, arguments);
    va_end(arguments);
    qf_provenance *self = &session->self;
    size_t capacity = self->note_count;
    QF_TRY(
        qf_grow_array(&self->notes, &capacity, self->note_count + 1, sizeof *self->notes, error));
    self->notes[self->note_count] = qf_copy_text(note, error);
    if (!self->notes[self->note_count]) return QF_MEMORY;
    self->note_count++;
    return QF_OK;
}

qf_status qf_session_enter(qf_session *session, const char *type, qf_provenance *provenance,
                           size_t *index, qf_error *error) {
    QF_TRY(qf_grow_array(&session->inputs, &session->input_capacity, session->input_count + 1,
                         sizeof *session->inputs, error));
    char *copy = qf_copy_text(type, error);
    if (!copy) return QF_MEMORY;
    *index = session->input_count++;
    session->inputs[*index] = (qf_input){.type = copy};
    return provenance ? qf_provenance_add_input(&session->self, provenance, error) : QF_OK;
}

qf_status qf_session_complete(qf_session *session, size_t index, const qf_digest *digest,
                              const qf_origins *origins, qf_error *error) {
    qf_input *input = &session->inputs[index];
    input->digest = *digest;
    input->complete = true;
    if (!origins || origins->count == 0) return qf_origins_add(&input->origins, digest, error);
    for (size_t i = 0; i < origins->count; i++) {
        QF_TRY(qf_origins_add(&input->origins, &origins->digests[i], error));
    }
    return QF_OK;
}

qf_status qf_session_add_file(qf_session *session, const qf_digest *digest, qf_error *error) {
    size_t index;
    QF_TRY(qf_session_enter(session, "file", NULL, &index, error));
    return qf_session_complete(session, index, digest, NULL, error);
}
