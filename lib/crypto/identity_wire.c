#include "crypto/identity_wire.h"

#include "base/file.h"
#include "crypto/bytes.h"
#include "stream/records.h"

#include <math.h>

static qf_status set_bytes(qf_record *record, const char *name, const unsigned char *bytes,
                           size_t length, qf_error *error) {
    char text[2 * QF_SIGNATURE + 1];
    qf_hex_print(bytes, length, text);
    return qf_record_set_text(record, name, text, error);
}

static qf_status describe(const qf_identity *identity, qf_record *record, qf_error *error) {
    QF_TRY(qf_record_set_integer(record, "party", identity->party, error));
    QF_TRY(set_bytes(record, "ed25519", identity->signing, QF_CURVE_KEY, error));
    QF_TRY(set_bytes(record, "x25519", identity->agreement, QF_CURVE_KEY, error));
    return set_bytes(record, "signature", identity->signature, QF_SIGNATURE, error);
}

qf_status qf_identity_write(qf_session *session, const qf_identity *identity, qf_error *error) {
    qf_record record = {0};
    qf_status status = describe(identity, &record, error);
    if (status == QF_OK) status = qf_records_write(session, "identity", &record, 1, error);
    qf_record_free(&record);
    return status;
}

static qf_status parse(const qf_record *record, qf_identity *identity, qf_error *error) {
    const double party = qf_record_number(record, "party");
    if (!(party >= 1 && party <= QF_MAX_PARTY && party == floor(party))) {
        return qf_fail(error, QF_DATA, "an identity without the number of its party");
    }
    identity->party = (uint32_t)party;
    if (!qf_hex_parse(qf_record_text(record, "ed25519"), identity->signing, QF_CURVE_KEY) ||
        !qf_hex_parse(qf_record_text(record, "x25519"), identity->agreement, QF_CURVE_KEY) ||
        !qf_hex_parse(qf_record_text(record, "signature"), identity->signature, QF_SIGNATURE)) {
        return qf_fail(error, QF_DATA, "identity of party %u: a key is malformed", identity->party);
    }
    return qf_identity_check(identity, error);
}

static qf_status add_stream(const qf_record_stream *stream, qf_roster *roster, qf_error *error) {
    for (size_t i = 0; i < stream->count; i++) {
        qf_identity identity;
        QF_TRY(parse(&stream->records[i], &identity, error));
        QF_TRY(qf_roster_add(roster, &identity, error));
    }
    return QF_OK;
}

qf_status qf_roster_read(qf_session *session, const char *path, qf_roster *roster,
                         qf_error *error) {
    qf_record_streams streams = {0};
    qf_status status = qf_record_streams_read(session, path, "identity", &streams, error);
    for (size_t i = 0; status == QF_OK && i < streams.count; i++) {
        status = add_stream(&streams.items[i], roster, error);
        if (status != QF_OK)
            qf_error_context(error, "%s", path ? qf_base_name(path) : "standard input");
    }
    qf_record_streams_free(&streams);
    return status;
}
