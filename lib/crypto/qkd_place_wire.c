#include "crypto/qkd_place_wire.h"

#include "crypto/identity.h"
#include "crypto/key_wire.h"

qf_status qf_qkd_place_open(qf_qkd_place *place, const char *path, qf_error *error) {
    qf_own_identity own = {0};
    qf_status status = qf_state_open(&place->state, path, false, error);
    if (status == QF_OK) status = qf_identity_load(&place->state, &own, error);
    place->party = own.identity.party;
    qf_own_identity_free(&own);
    return status;
}

static qf_status first_secret(const char *from, qf_secret *secret, qf_error *error) {
    if (from) return qf_key_read(from, QF_LINK_ENROLMENT, secret, error);
    QF_TRY(qf_secret_new(QF_LINK_ENROLMENT, secret, error));
    return qf_secret_random(secret->data, secret->length, error);
}

static qf_status write_courier(qf_session *session, const char *into, const qf_secret *secret,
                               qf_error *error) {
    qf_state directory;
    qf_status status = qf_state_open(&directory, into, true, error);
    if (status == QF_OK) {
        status = qf_key_write_file(session, &directory, "link.qf", "enrolment", secret->data,
                                   secret->length, error);
    }
    qf_state_close(&directory);
    return status;
}

qf_status qf_qkd_enrol(qf_session *session, qf_qkd_place *own, qf_qkd_place *peer, const char *from,
                       const char *into, qf_error *error) {
    qf_secret secret = {0};
    qf_status status = QF_OK;
    if (own->party == peer->party) {
        return qf_fail(error, QF_MISMATCH, "party %u cannot share a secret with itself",
                       own->party);
    }
    status = first_secret(from, &secret, error);
    if (status == QF_OK && into) status = write_courier(session, into, &secret, error);
    if (status == QF_OK) status = qf_link_enrol(&own->state, peer->party, secret.data, error);
    if (status == QF_OK && peer->state.directory >= 0) {
        status = qf_link_enrol(&peer->state, own->party, secret.data, error);
    }
    qf_secret_free(&secret);
    return status;
}
