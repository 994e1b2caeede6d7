#include "federated/member.h"

#include "ckks/packed.h"
#include "crypto/bytes.h"

#include <stdio.h>
#include <string.h>

static void print_name(const char *kind, const unsigned char id[QF_ID_SIZE], const char *suffix,
                       char name[QF_MEMBER_NAME]) {
    char hex[2 * QF_ID_SIZE + 1];
    qf_hex_print(id, QF_ID_SIZE, hex);
    snprintf(name, QF_MEMBER_NAME, "%s-%s%s", kind, hex, suffix);
}

void qf_offer_file_name(const unsigned char seed[QF_SEED_SIZE], char name[QF_MEMBER_NAME]) {
    print_name("offer", seed, ".qf", name);
}

static qf_status damaged(const qf_state *state, const char *name, qf_error *error) {
    return qf_fail(error, QF_DATA, "%s/%s: damaged", state->path, name);
}

/* ---- Between offer and acceptance: magic, the offer's statement, the share ---- */

static const char offered_magic[8] = "qf-offr1";
enum { OFFERED_SHARE = sizeof offered_magic + QF_HASH_SIZE };

qf_status qf_offered_save(const qf_state *state, const qf_ckks *ckks,
                          const unsigned char seed[QF_SEED_SIZE],
                          const unsigned char statement[QF_HASH_SIZE], const qf_secret_share *share,
                          qf_error *error) {
    char name[QF_MEMBER_NAME];
    qf_secret file;
    QF_TRY(qf_secret_new(OFFERED_SHARE + qf_secret_share_size(ckks), &file, error));
    memcpy(file.data, offered_magic, sizeof offered_magic);
    memcpy(file.data + sizeof offered_magic, statement, QF_HASH_SIZE);
    qf_secret_share_pack(ckks, share, file.data + OFFERED_SHARE);
    print_name("offered", seed, "", name);
    const qf_status status = qf_state_write(state, name, file.data, file.length, error);
    qf_secret_free(&file);
    return status;
}

qf_status qf_offered_load(const qf_state *state, const qf_ckks *ckks,
                          const unsigned char seed[QF_SEED_SIZE],
                          unsigned char statement[QF_HASH_SIZE], qf_secret_share *share,
                          bool *found, qf_error *error) {
    char name[QF_MEMBER_NAME];
    qf_secret file;
    *share = (qf_secret_share){0};
    print_name("offered", seed, "", name);
    qf_status status = qf_state_read(state, name, &file, found, error);
    if (status == QF_OK && *found) {
        if (file.length < OFFERED_SHARE ||
            memcmp(file.data, offered_magic, sizeof offered_magic) != 0 ||
            qf_secret_share_unpack(ckks, file.data + OFFERED_SHARE, file.length - OFFERED_SHARE,
                                   share, error) != QF_OK) {
            status = damaged(state, name, error);
        } else {
            memcpy(statement, file.data + sizeof offered_magic, QF_HASH_SIZE);
        }
    }
    qf_secret_free(&file);
    return status;
}

qf_status qf_offered_remove(const qf_state *state, const unsigned char seed[QF_SEED_SIZE],
                            qf_error *error) {
    char name[QF_MEMBER_NAME];
    print_name("offered", seed, "", name);
    return qf_state_remove(state, name, error);
}

/* ---- A part of a joint key: magic, its name, terms, flooding key, number of identities, these,
 * the share ---- */

static const char key_magic[8] = "qf-part1";
enum {
    KEY_AT = sizeof key_magic,
    TERMS_AT = KEY_AT + QF_ID_SIZE,
    FLOOD_AT = TERMS_AT + QF_TERMS_SIZE,
    COUNT_AT = FLOOD_AT + QF_FLOOD_KEY,
    IDENTITIES_AT = COUNT_AT + 4,
    IDENTITY = 4 + 2 * QF_CURVE_KEY
};

void qf_member_key_free(qf_member_key *key) {
    qf_roster_free(&key->roster);
    qf_secret_free(&key->flood);
    qf_secret_free(&key->packed);
    *key = (qf_member_key){0};
}

static void pack_key(const qf_member_key *key, unsigned char *to) {
    memcpy(to, key_magic, sizeof key_magic);
    memcpy(to + KEY_AT, key->key.bytes, QF_ID_SIZE);
    qf_terms_pack(&key->terms, to + TERMS_AT);
    memcpy(to + FLOOD_AT, key->flood.data, QF_FLOOD_KEY);
    qf_put_u32(to + COUNT_AT, (uint32_t)key->roster.count);
    unsigned char *at = to + IDENTITIES_AT;
    for (size_t i = 0; i < key->roster.count; i++, at += IDENTITY) {
        const qf_identity *identity = &key->roster.identities[i];
        qf_put_u32(at, identity->party);
        memcpy(at + 4, identity->signing, QF_CURVE_KEY);
        memcpy(at + 4 + QF_CURVE_KEY, identity->agreement, QF_CURVE_KEY);
    }
    memcpy(at, key->packed.data, key->packed.length);
}

qf_status qf_member_key_save(const qf_state *state, const qf_member_key *key, qf_error *error) {
    char name[QF_MEMBER_NAME];
    qf_secret file;
    QF_TRY(qf_secret_new(IDENTITIES_AT + key->roster.count * IDENTITY + key->packed.length, &file,
                         error));
    pack_key(key, file.data);
    print_name("key", key->key.bytes, "", name);
    const qf_status status = qf_state_write(state, name, file.data, file.length, error);
    qf_secret_free(&file);
    return status;
}

static qf_status unpack_roster(const unsigned char *at, size_t count, qf_roster *roster,
                               qf_error *error) {
    for (size_t i = 0; i < count; i++, at += IDENTITY) {
        qf_identity identity = {.party = qf_get_u32(at)};
        memcpy(identity.signing, at + 4, QF_CURVE_KEY);
        memcpy(identity.agreement, at + 4 + QF_CURVE_KEY, QF_CURVE_KEY);
        QF_TRY(qf_roster_add(roster, &identity, error));
    }
    return QF_OK;
}

/* The roster must be that of the terms, which the key's seed binds. */
static qf_status unpack_key(const qf_secret *file, const qf_id *id, qf_member_key *key, bool *whole,
                            qf_error *error) {
    const unsigned char *data = file->data;
    *whole = false;
    if (file->length < IDENTITIES_AT || memcmp(data, key_magic, sizeof key_magic) != 0 ||
        memcmp(data + KEY_AT, id->bytes, QF_ID_SIZE) != 0) {
        return QF_OK;
    }
    const size_t count = qf_get_u32(data + COUNT_AT), rest = file->length - IDENTITIES_AT;
    if (count > QF_MAX_PARTY || count * IDENTITY > rest) return QF_OK;
    key->key = *id;
    QF_TRY(qf_terms_unpack(data + TERMS_AT, &key->terms, error));
    QF_TRY(unpack_roster(data + IDENTITIES_AT, count, &key->roster, error));
    QF_TRY(qf_secret_new(QF_FLOOD_KEY, &key->flood, error));
    memcpy(key->flood.data, data + FLOOD_AT, QF_FLOOD_KEY);
    QF_TRY(qf_secret_new(rest - count * IDENTITY, &key->packed, error));
    memcpy(key->packed.data, data + IDENTITIES_AT + count * IDENTITY, key->packed.length);
    qf_id digest;
    QF_TRY(qf_roster_digest(&key->roster, digest.bytes, error));
    *whole = qf_id_equal(&digest, &key->terms.roster);
    return QF_OK;
}

qf_status qf_member_key_load(const qf_state *state, const qf_id *id, qf_member_key *key,
                             bool *found, qf_error *error) {
    char name[QF_MEMBER_NAME];
    bool whole = true;
    qf_secret file;
    *key = (qf_member_key){0};
    print_name("key", id->bytes, "", name);
    qf_status status = qf_state_read(state, name, &file, found, error);
    if (status == QF_OK && *found) {
        status = unpack_key(&file, id, key, &whole, error);
        if (status == QF_MISMATCH || status == QF_DATA || !whole)
            status = damaged(state, name, error);
        if (status != QF_OK) qf_member_key_free(key);
    }
    qf_secret_free(&file);
    return status;
}

qf_status qf_member_key_share(const qf_ckks *ckks, const qf_member_key *key, qf_secret_share *share,
                              qf_error *error) {
    return qf_secret_share_unpack(ckks, key->packed.data, key->packed.length, share, error);
}
