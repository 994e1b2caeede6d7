#include "federated/federated_wire.h"

#include <string.h>

void qf_joint_key_free(qf_joint_key *key) {
    qf_public_key_free(&key->key);
    qf_ckks_free(&key->ckks);
    *key = (qf_joint_key){0};
}

qf_status qf_joint_key_write(qf_session *session, int fd, const char *name, const qf_joint_key *key,
                             qf_error *error) {
    qf_writer writer = {0};
    qf_record header = {0};
    qf_status status = qf_ckks_describe(&key->ckks, &header, error);
    if (status == QF_OK) status = qf_terms_describe(&key->terms, &header, error);
    if (status == QF_OK) {
        status = qf_writer_open(&writer, session, fd, name, "public-key", NULL, &header, error);
    }
    if (status == QF_OK) status = qf_public_key_write(&writer, &key->ckks, &key->key, error);
    if (status == QF_OK) status = qf_writer_close(&writer, error);
    qf_writer_free(&writer);
    qf_record_free(&header);
    return status;
}

/* A key's seed is that of its terms, so that others do not pass for them. */
static qf_status check(const qf_joint_key *key, bool more, qf_error *error) {
    unsigned char seed[QF_SEED_SIZE];
    if (!more) return qf_fail(error, QF_DATA, "no key follows");
    if (key->key.parties != key->terms.parties) {
        return qf_fail(error, QF_DATA, "a key of %u parties, with terms of %u", key->key.parties,
                       key->terms.parties);
    }
    QF_TRY(qf_terms_seed(&key->ckks, &key->terms, seed, error));
    if (memcmp(seed, key->key.seed, sizeof seed) == 0) return QF_OK;
    return qf_fail(error, QF_DATA, "the key was made on other terms");
}

/* The stream has a key, and nothing behind it. */
static qf_status read_key(qf_reader *reader, qf_joint_key *key, qf_error *error) {
    bool more = false;
    qf_message message;
    QF_TRY(qf_public_key_next(reader, &key->ckks, &key->key, &more, error));
    if (check(key, more, error) != QF_OK) return qf_error_context(error, "%s", reader->name);
    QF_TRY(qf_reader_next(reader, &message, error));
    if (message.kind == QF_MESSAGE_END) return qf_reader_expect_end(reader, error);
    return qf_fail(error, QF_DATA, "%s: expected one key", reader->name);
}

static qf_status read_terms(const qf_reader *reader, qf_simd simd, qf_joint_key *key,
                            qf_error *error) {
    qf_status status = qf_terms_parse(&reader->parameters, &key->terms, error);
    if (status == QF_OK) {
        status = qf_ckks_from_header(&reader->parameters, simd, &key->ckks, error);
    }
    if (status == QF_OK) status = qf_terms_plan(&key->ckks, &key->terms, &key->plan, error);
    return status == QF_OK ? QF_OK : qf_error_context(error, "%s", reader->name);
}

qf_status qf_joint_key_read(qf_session *session, const char *path, qf_simd simd, qf_joint_key *key,
                            qf_error *error) {
    qf_reader reader;
    *key = (qf_joint_key){0};
    qf_status status = qf_reader_open(&reader, session, path, "public-key", error);
    if (status == QF_OK) status = read_terms(&reader, simd, key, error);
    if (status == QF_OK) status = read_key(&reader, key, error);
    qf_reader_close(&reader);
    if (status != QF_OK) qf_joint_key_free(key);
    return status;
}
