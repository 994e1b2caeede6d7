#include "federated/digest.h"

#include "crypto/bytes.h"

#include <string.h>

static void add(qf_digester *digester, const void *data, size_t length) {
    if (digester->status != QF_OK) return;
    digester->status = qf_hash_add(&digester->hash, data, length, digester->error);
}

void qf_digest_begin(qf_digester *digester, const char *label, qf_error *error) {
    *digester = (qf_digester){.error = error};
    digester->status = qf_hash_begin(&digester->hash, error);
    qf_digest_text(digester, label);
}

void qf_digest_number(qf_digester *digester, uint64_t number) {
    unsigned char bytes[8];
    qf_put_u64(bytes, number);
    add(digester, bytes, sizeof bytes);
}

void qf_digest_real(qf_digester *digester, double real) {
    uint64_t bits;
    memcpy(&bits, &real, sizeof bits);
    qf_digest_number(digester, bits);
}

void qf_digest_text(qf_digester *digester, const char *text) {
    const size_t length = strlen(text);
    qf_digest_number(digester, length);
    add(digester, text, length);
}

void qf_digest_id(qf_digester *digester, const qf_id *id) {
    add(digester, id->bytes, QF_ID_SIZE);
}

static void add_field(qf_digester *digester, const qf_field *field) {
    qf_digest_text(digester, field->name);
    qf_digest_number(digester, field->kind);
    switch (field->kind) {
    case QF_FIELD_TEXT:
        qf_digest_text(digester, field->text);
        break;
    case QF_FIELD_INTEGER:
        qf_digest_number(digester, (uint64_t)field->integer);
        break;
    case QF_FIELD_REAL:
        qf_digest_real(digester, field->real);
        break;
    case QF_FIELD_REALS:
        qf_digest_number(digester, field->count);
        for (size_t i = 0; i < field->count; i++) qf_digest_real(digester, field->reals[i]);
        break;
    case QF_FIELD_TEXTS:
        qf_digest_number(digester, field->count);
        for (size_t i = 0; i < field->count; i++) qf_digest_text(digester, field->texts[i]);
        break;
    }
}

void qf_digest_record(qf_digester *digester, const qf_record *record) {
    qf_digest_number(digester, record->count);
    for (size_t i = 0; i < record->count; i++) add_field(digester, &record->fields[i]);
}

qf_status qf_digest_end(qf_digester *digester, qf_id *id) {
    if (digester->status == QF_OK) {
        digester->status = qf_hash_end(&digester->hash, id->bytes, digester->error);
    }
    qf_hash_free(&digester->hash);
    return digester->status;
}
