#include "crypto/identity.h"

#include "base/memory.h"
#include "crypto/bytes.h"

#include <stdlib.h>
#include <string.h>

/* The file: magic, party (4 bytes, little-endian), the private keys. */
static const char file_name[] = "identity";
static const char magic[8] = "qf-id-1";
enum { FILE_SIZE = sizeof magic + 4 + 2 * QF_CURVE_KEY };

/* What an identity signs of itself: a label, so that nothing else can be taken for it, and all
 * fields. */
enum { LABEL_SIZE = 16, STATEMENT_SIZE = LABEL_SIZE + 4 + 2 * QF_CURVE_KEY };

static void state_identity(const qf_identity *identity, unsigned char statement[STATEMENT_SIZE]) {
    static const char label[LABEL_SIZE] = "qf identity 1";
    memcpy(statement, label, sizeof label);
    qf_put_u32(statement + LABEL_SIZE, identity->party);
    memcpy(statement + LABEL_SIZE + 4, identity->signing, QF_CURVE_KEY);
    memcpy(statement + LABEL_SIZE + 4 + QF_CURVE_KEY, identity->agreement, QF_CURVE_KEY);
}

/* What a party signs: a label and a digest. */
enum { SIGNED_SIZE = LABEL_SIZE + QF_HASH_SIZE };

static void state_digest(const char *label, const unsigned char digest[QF_HASH_SIZE],
                         unsigned char statement[SIGNED_SIZE]) {
    memset(statement, 0, LABEL_SIZE);
    memcpy(statement, label, strnlen(label, LABEL_SIZE - 1));
    memcpy(statement + LABEL_SIZE, digest, QF_HASH_SIZE);
}

qf_status qf_identity_sign(const qf_own_identity *own, const char *label,
                           const unsigned char digest[QF_HASH_SIZE],
                           unsigned char signature[QF_SIGNATURE], qf_error *error) {
    unsigned char statement[SIGNED_SIZE];
    state_digest(label, digest, statement);
    return qf_sign(own->keys.data, (qf_span){statement, sizeof statement}, signature, error);
}

qf_status qf_identity_verify(const qf_identity *identity, const char *label,
                             const unsigned char digest[QF_HASH_SIZE],
                             const unsigned char signature[QF_SIGNATURE], qf_error *error) {
    unsigned char statement[SIGNED_SIZE];
    state_digest(label, digest, statement);
    return qf_verify(identity->signing, (qf_span){statement, sizeof statement}, signature, error);
}

/* The public half, from the private keys. */
static qf_status publish(uint32_t party, qf_own_identity *own, qf_error *error) {
    qf_identity *identity = &own->identity;
    unsigned char statement[STATEMENT_SIZE];
    identity->party = party;
    QF_TRY(qf_curve_public(QF_ED25519, own->keys.data, identity->signing, error));
    QF_TRY(qf_curve_public(QF_X25519, own->keys.data + QF_CURVE_KEY, identity->agreement, error));
    state_identity(identity, statement);
    return qf_sign(own->keys.data, (qf_span){statement, sizeof statement}, identity->signature,
                   error);
}

qf_status qf_identity_check(const qf_identity *identity, qf_error *error) {
    unsigned char statement[STATEMENT_SIZE];
    state_identity(identity, statement);
    if (qf_verify(identity->signing, (qf_span){statement, sizeof statement}, identity->signature,
                  error) == QF_OK) {
        return QF_OK;
    }
    return qf_error_context(error, "identity of party %u", identity->party);
}

static qf_status parse(const qf_state *state, const qf_secret *content, qf_own_identity *own,
                       qf_error *error) {
    if (content->length != FILE_SIZE || memcmp(content->data, magic, sizeof magic) != 0) {
        return qf_fail(error, QF_DATA, "%s/%s: not an identity", state->path, file_name);
    }
    const unsigned char *keys = content->data + sizeof magic + 4;
    QF_TRY(qf_secret_new(FILE_SIZE - sizeof magic - 4, &own->keys, error));
    memcpy(own->keys.data, keys, own->keys.length);
    return publish(qf_get_u32(content->data + sizeof magic), own, error);
}

static qf_status load(const qf_state *state, qf_own_identity *own, bool *found, qf_error *error) {
    qf_secret content;
    *own = (qf_own_identity){0};
    QF_TRY(qf_state_read(state, file_name, &content, found, error));
    const qf_status status = *found ? parse(state, &content, own, error) : QF_OK;
    qf_secret_free(&content);
    if (status != QF_OK) qf_own_identity_free(own);
    return status;
}

qf_status qf_identity_load(const qf_state *state, qf_own_identity *own, qf_error *error) {
    bool found;
    QF_TRY(load(state, own, &found, error));
    if (found) return QF_OK;
    return qf_fail(error, QF_NO_INPUT, "%s: no identity there (qf-keygen identity makes one)",
                   state->path);
}

static qf_status create(qf_state *state, uint32_t party, qf_own_identity *own, qf_error *error) {
    qf_secret file;
    QF_TRY(qf_secret_new(FILE_SIZE, &file, error));
    memcpy(file.data, magic, sizeof magic);
    qf_put_u32(file.data + sizeof magic, party);
    qf_status status = qf_secret_random(file.data + sizeof magic + 4, 2 * QF_CURVE_KEY, error);
    if (status == QF_OK) status = parse(state, &file, own, error);
    if (status == QF_OK) status = qf_state_write(state, file_name, file.data, FILE_SIZE, error);
    qf_secret_free(&file);
    return status;
}

qf_status qf_identity_make(qf_state *state, uint32_t party, qf_own_identity *own, qf_error *error) {
    bool found;
    QF_TRY(qf_state_lock(state, error));
    qf_status status = load(state, own, &found, error);
    if (status == QF_OK && !found) status = create(state, party, own, error);
    qf_state_unlock(state);
    if (status == QF_OK && own->identity.party != party) {
        status =
            qf_fail(error, QF_REFUSED, "%s belongs to party %u", state->path, own->identity.party);
    }
    if (status != QF_OK) qf_own_identity_free(own);
    return status;
}

void qf_own_identity_free(qf_own_identity *own) {
    qf_secret_free(&own->keys);
    *own = (qf_own_identity){0};
}

qf_status qf_roster_add(qf_roster *roster, const qf_identity *identity, qf_error *error) {
    for (size_t i = 0; i < roster->count; i++) {
        const qf_identity *other = &roster->identities[i];
        if (other->party == identity->party) {
            return qf_fail(error, QF_MISMATCH, "party %u is in the roster twice", other->party);
        }
        if (memcmp(other->signing, identity->signing, QF_CURVE_KEY) == 0 ||
            memcmp(other->agreement, identity->agreement, QF_CURVE_KEY) == 0) {
            return qf_fail(error, QF_MISMATCH, "parties %u and %u have the same key", other->party,
                           identity->party);
        }
    }
    QF_TRY(qf_grow_array(&roster->identities, &roster->capacity, roster->count + 1,
                         sizeof *identity, error));
    roster->identities[roster->count++] = *identity;
    return QF_OK;
}

qf_status qf_roster_find(const qf_roster *roster, uint32_t party, const qf_identity **identity,
                         qf_error *error) {
    for (size_t i = 0; i < roster->count; i++) {
        *identity = &roster->identities[i];
        if ((*identity)->party == party) return QF_OK;
    }
    return qf_fail(error, QF_MISMATCH, "party %u is not in the roster", party);
}

qf_status qf_roster_expect(const qf_roster *roster, const qf_identity *own, qf_error *error) {
    const qf_identity *listed = own;
    QF_TRY(qf_roster_find(roster, own->party, &listed, error));
    if (memcmp(listed->signing, own->signing, QF_CURVE_KEY) == 0 &&
        memcmp(listed->agreement, own->agreement, QF_CURVE_KEY) == 0) {
        return QF_OK;
    }
    return qf_fail(error, QF_MISMATCH, "the roster has other keys for party %u than its state",
                   own->party);
}

qf_status qf_roster_copy(const qf_roster *from, qf_roster *to, qf_error *error) {
    *to = (qf_roster){.count = from->count, .capacity = from->count};
    to->identities = qf_copy_array(from->identities, from->count, sizeof *from->identities, error);
    if (to->identities) return QF_OK;
    *to = (qf_roster){0};
    return QF_MEMORY;
}

static int compare_numbers(const void *a, const void *b) {
    const qf_identity *first = a, *second = b;
    return (first->party > second->party) - (first->party < second->party);
}

void qf_roster_sort(qf_roster *roster) {
    if (roster->count == 0) return;
    qsort(roster->identities, roster->count, sizeof *roster->identities, compare_numbers);
}

static qf_status hash_roster(qf_hash *hash, const qf_roster *sorted,
                             unsigned char digest[QF_HASH_SIZE], qf_error *error) {
    static const char label[LABEL_SIZE] = "qf roster 1";
    QF_TRY(qf_hash_begin(hash, error));
    QF_TRY(qf_hash_add(hash, label, sizeof label, error));
    for (size_t i = 0; i < sorted->count; i++) {
        unsigned char statement[STATEMENT_SIZE];
        state_identity(&sorted->identities[i], statement);
        QF_TRY(qf_hash_add(hash, statement, sizeof statement, error));
    }
    return qf_hash_end(hash, digest, error);
}

qf_status qf_roster_digest(const qf_roster *roster, unsigned char digest[QF_HASH_SIZE],
                           qf_error *error) {
    qf_roster sorted;
    qf_hash hash = {0};
    QF_TRY(qf_roster_copy(roster, &sorted, error));
    qf_roster_sort(&sorted);
    const qf_status status = hash_roster(&hash, &sorted, digest, error);
    qf_hash_free(&hash);
    qf_roster_free(&sorted);
    return status;
}

void qf_roster_free(qf_roster *roster) {
    free(roster->identities);
    *roster = (qf_roster){0};
}
