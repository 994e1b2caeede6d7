#include "crypto/qkd_link.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The file: magic, which slots are filled (a byte each), the slots. */
static const char magic[8] = "qf-link1";
enum { FILLED_AT = sizeof magic, SLOTS_AT = FILLED_AT + QF_LINK_SLOTS };
enum { FILE_SIZE = SLOTS_AT + QF_LINK_ENROLMENT };

static void file_name(uint32_t peer, char name[32]) {
    snprintf(name, 32, "link-%u", peer);
}

static qf_status load(const qf_state *state, uint32_t peer, qf_secret *file, qf_error *error) {
    char name[32];
    bool found;
    file_name(peer, name);
    QF_TRY(qf_state_read(state, name, file, &found, error));
    if (!found) {
        return qf_fail(error, QF_NO_INPUT, "%s: not enrolled with party %u (qf-qkd enrol)",
                       state->path, peer);
    }
    if (file->length == FILE_SIZE && memcmp(file->data, magic, sizeof magic) == 0) return QF_OK;
    qf_secret_free(file);
    return qf_fail(error, QF_DATA, "%s/%s: not what authenticates a link", state->path, name);
}

static qf_status store(const qf_state *state, uint32_t peer, const qf_secret *file,
                       qf_error *error) {
    char name[32];
    file_name(peer, name);
    return qf_state_write(state, name, file->data, file->length, error);
}

qf_status qf_link_enrol(qf_state *state, uint32_t peer,
                        const unsigned char secret[QF_LINK_ENROLMENT], qf_error *error) {
    qf_secret file;
    QF_TRY(qf_secret_new(FILE_SIZE, &file, error));
    memcpy(file.data, magic, sizeof magic);
    memset(file.data + FILLED_AT, 1, QF_LINK_SLOTS);
    memcpy(file.data + SLOTS_AT, secret, QF_LINK_ENROLMENT);
    qf_status status = qf_state_lock(state, error);
    if (status == QF_OK) status = store(state, peer, &file, error);
    qf_state_unlock(state);
    qf_secret_free(&file);
    return status;
}

qf_status qf_link_slots(const qf_state *state, uint32_t peer, uint32_t *slots, qf_error *error) {
    qf_secret file;
    QF_TRY(load(state, peer, &file, error));
    *slots = 0;
    for (unsigned s = 0; s < QF_LINK_SLOTS; s++) {
        *slots |= (uint32_t)(file.data[FILLED_AT + s] == 1) << s;
    }
    qf_secret_free(&file);
    return QF_OK;
}

/* Takes the secret out of a slot (`fill` false), or puts one in. */
static qf_status exchange_locked(const qf_state *state, uint32_t peer, unsigned slot, bool fill,
                                 unsigned char secret[QF_LINK_SECRET], qf_error *error) {
    qf_secret file;
    QF_TRY(load(state, peer, &file, error));
    unsigned char *place = file.data + SLOTS_AT + (size_t)slot * QF_LINK_SECRET;
    qf_status status = QF_OK;
    if (file.data[FILLED_AT + slot] == fill) {
        status =
            qf_fail(error, QF_REFUSED, "a secret of the link to party %u was used before", peer);
    } else if (fill) {
        memcpy(place, secret, QF_LINK_SECRET);
    } else {
        memcpy(secret, place, QF_LINK_SECRET);
        qf_secret_wipe(place, QF_LINK_SECRET);
    }
    file.data[FILLED_AT + slot] = fill;
    if (status == QF_OK) status = store(state, peer, &file, error);
    qf_secret_free(&file);
    return status;
}

static qf_status exchange(qf_state *state, uint32_t peer, unsigned slot, bool fill,
                          unsigned char secret[QF_LINK_SECRET], qf_error *error) {
    if (slot >= QF_LINK_SLOTS) return qf_fail(error, QF_REFUSED, "no secret of that number");
    QF_TRY(qf_state_lock(state, error));
    const qf_status status = exchange_locked(state, peer, slot, fill, secret, error);
    qf_state_unlock(state);
    return status;
}

qf_status qf_link_spend(qf_state *state, uint32_t peer, unsigned slot,
                        unsigned char secret[QF_LINK_SECRET], qf_error *error) {
    return exchange(state, peer, slot, false, secret, error);
}

qf_status qf_link_refill(qf_state *state, uint32_t peer, unsigned slot,
                         const unsigned char secret[QF_LINK_SECRET], qf_error *error) {
    unsigned char copy[QF_LINK_SECRET];
    memcpy(copy, secret, sizeof copy);
    const qf_status status = exchange(state, peer, slot, true, copy, error);
    qf_secret_wipe(copy, sizeof copy);
    return status;
}

qf_status qf_link_tag(const unsigned char secret[QF_LINK_SECRET], unsigned side, qf_span message,
                      unsigned char tag[QF_LINK_TAG], qf_error *error) {
    unsigned char key[2 * QF_LINK_TAG]; /* r and the pad, as OpenSSL's Poly1305 takes them */
    memcpy(key, secret, QF_LINK_TAG);
    memcpy(key + QF_LINK_TAG, secret + (1 + (size_t)side) * QF_LINK_TAG, QF_LINK_TAG);
    EVP_MAC *kind = EVP_MAC_fetch(NULL, "POLY1305", NULL);
    EVP_MAC_CTX *context = kind ? EVP_MAC_CTX_new(kind) : NULL;
    size_t length = 0;
    const int done = context && EVP_MAC_init(context, key, sizeof key, NULL) == 1 &&
                     EVP_MAC_update(context, message.data, message.length) == 1 &&
                     EVP_MAC_final(context, tag, &length, QF_LINK_TAG) == 1;
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(kind);
    qf_secret_wipe(key, sizeof key);
    return done ? QF_OK : qf_fail(error, QF_INTERNAL, "Poly1305 failed");
}

double qf_link_forgery_bound(size_t length) {
    return 8 * ceil((double)length / 16) / 0x1p106;
}
