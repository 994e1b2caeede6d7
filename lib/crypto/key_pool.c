#include "crypto/key_pool.h"

#include "base/memory.h"
#include "crypto/bytes.h"

#include <stdlib.h>
#include <string.h>

/* The file: magic, then an entry a key: identifier, peer, flags, the key. */
static const char file_name[] = "keys";
static const char magic[8] = "qf-keys1";
enum { OUTGOING = 1, USED = 2, PEER_AT = QF_KEY_ID, FLAGS_AT = PEER_AT + 4, KEY_AT = FLAGS_AT + 4 };
enum { ENTRY = KEY_AT + QF_POOL_KEY };

bool qf_key_id_valid(const char *id) {
    const size_t length = strlen(id);
    if (length < 1 || length >= QF_KEY_ID) return false;
    for (size_t i = 0; i < length; i++) {
        if (id[i] <= ' ' || id[i] > '~') return false;
    }
    return true;
}

static void put_entry(unsigned char *entry, const qf_pool_key *key) {
    memset(entry, 0, ENTRY);
    memcpy(entry, key->id, strlen(key->id));
    qf_put_u32(entry + PEER_AT, key->peer);
    qf_put_u32(entry + FLAGS_AT, (key->outgoing ? OUTGOING : 0) | (key->used ? USED : 0));
    memcpy(entry + KEY_AT, key->key, QF_POOL_KEY);
}

static void get_entry(const unsigned char *entry, qf_pool_key *key) {
    memcpy(key->id, entry, QF_KEY_ID);
    key->id[QF_KEY_ID - 1] = 0;
    key->peer = qf_get_u32(entry + PEER_AT);
    key->outgoing = qf_get_u32(entry + FLAGS_AT) & OUTGOING;
    key->used = qf_get_u32(entry + FLAGS_AT) & USED;
    memcpy(key->key, entry + KEY_AT, QF_POOL_KEY);
}

/* The file with room for `more` entries behind those that are there. */
static qf_status load(const qf_state *state, size_t more, qf_secret *file, size_t *count,
                      qf_error *error) {
    qf_secret content;
    bool found;
    QF_TRY(qf_state_read(state, file_name, &content, &found, error));
    const size_t length = found ? content.length : sizeof magic;
    qf_status status = QF_OK;
    if (found && (length < sizeof magic || memcmp(content.data, magic, sizeof magic) != 0 ||
                  (length - sizeof magic) % ENTRY != 0)) {
        status = qf_fail(error, QF_DATA, "%s/%s: not a pool of keys", state->path, file_name);
    }
    if (status == QF_OK) status = qf_secret_new(length + more * ENTRY, file, error);
    if (status == QF_OK) {
        memcpy(file->data, found ? content.data : (const unsigned char *)magic, length);
        *count = (length - sizeof magic) / ENTRY;
    }
    qf_secret_free(&content);
    return status;
}

static unsigned char *entry_at(const qf_secret *file, size_t i) {
    return file->data + sizeof magic + i * ENTRY;
}

static qf_status append(const qf_secret *file, size_t count, const qf_pool_key *key,
                        qf_error *error) {
    if (!qf_key_id_valid(key->id)) return qf_fail(error, QF_DATA, "a key_ID is malformed");
    for (size_t i = 0; i < count; i++) {
        if (strcmp((const char *)entry_at(file, i), key->id) != 0) continue;
        return qf_fail(error, QF_MISMATCH, "key %s is in the pool already", key->id);
    }
    put_entry(entry_at(file, count), key);
    return QF_OK;
}

static qf_status add_locked(const qf_state *state, const qf_pool_key *keys, size_t more,
                            qf_error *error) {
    qf_secret file = {0};
    size_t count = 0;
    qf_status status = load(state, more, &file, &count, error);
    for (size_t i = 0; i < more && status == QF_OK; i++) {
        status = append(&file, count + i, &keys[i], error);
    }
    if (status == QF_OK) status = qf_state_write(state, file_name, file.data, file.length, error);
    qf_secret_free(&file);
    return status;
}

qf_status qf_pool_add(qf_state *state, const qf_pool_key *keys, size_t count, qf_error *error) {
    QF_TRY(qf_state_lock(state, error));
    const qf_status status = add_locked(state, keys, count, error);
    qf_state_unlock(state);
    return status;
}

static qf_status find(const qf_secret *file, size_t count, uint32_t peer, const char *id,
                      size_t *found, qf_pool_key *key, qf_error *error) {
    for (size_t i = 0; i < count; i++) {
        get_entry(entry_at(file, i), key);
        if (key->peer != peer || key->outgoing != !id) continue;
        if (id ? strcmp(key->id, id) != 0 : key->used) continue;
        *found = i;
        if (!key->used) return QF_OK;
        return qf_fail(error, QF_REFUSED, "key %s was handed out before", key->id);
    }
    qf_secret_wipe(key, sizeof *key);
    if (id) return qf_fail(error, QF_REFUSED, "no key %.63s from party %u", id, peer);
    return qf_fail(error, QF_REFUSED, "no key left for party %u: make some with qf-qkd", peer);
}

static qf_status hand_out_locked(const qf_state *state, uint32_t peer, const char *id, bool spend,
                                 qf_pool_key *key, qf_error *error) {
    qf_secret file = {0};
    size_t count = 0, i = 0;
    qf_status status = load(state, 0, &file, &count, error);
    if (status == QF_OK) status = find(&file, count, peer, id, &i, key, error);
    if (status == QF_OK && spend) {
        qf_pool_key spent = *key;
        spent.used = true;
        qf_secret_wipe(spent.key, sizeof spent.key);
        put_entry(entry_at(&file, i), &spent);
        status = qf_state_write(state, file_name, file.data, file.length, error);
        if (status != QF_OK) qf_secret_wipe(key, sizeof *key);
    }
    qf_secret_free(&file);
    return status;
}

static qf_status hand_out(qf_state *state, uint32_t peer, const char *id, bool spend,
                          qf_pool_key *key, qf_error *error) {
    *key = (qf_pool_key){0};
    QF_TRY(qf_state_lock(state, error));
    const qf_status status = hand_out_locked(state, peer, id, spend, key, error);
    qf_state_unlock(state);
    return status;
}

qf_status qf_pool_take(qf_state *state, uint32_t peer, const char *id, qf_pool_key *key,
                       qf_error *error) {
    return hand_out(state, peer, id, true, key, error);
}

qf_status qf_pool_look(qf_state *state, uint32_t peer, const char *id, qf_pool_key *key,
                       qf_error *error) {
    return hand_out(state, peer, id, false, key, error);
}

qf_status qf_pool_list(qf_state *state, qf_pool_key **keys, size_t *count, qf_error *error) {
    qf_secret file;
    QF_TRY(load(state, 0, &file, count, error));
    *keys = qf_new_array(*count, sizeof **keys, error);
    for (size_t i = 0; *keys && i < *count; i++) {
        get_entry(entry_at(&file, i), &(*keys)[i]);
        qf_secret_wipe((*keys)[i].key, QF_POOL_KEY);
    }
    qf_secret_free(&file);
    return *keys ? QF_OK : QF_MEMORY;
}
