#include "crypto/seal.h"

#include "base/memory.h"
#include "crypto/bytes.h"
#include "crypto/paper_ecb.h"

#include <stdlib.h>
#include <string.h>

const char *const qf_link_names[QF_LINKS + 1] = {"x25519", "qkd", NULL};

/* Label, link and mode, sender, receiver, round: what a key's info and a chunk's associated data
 * begin with. */
enum { LABEL = 14, CONTEXT = LABEL + 2 + 4 + 4 + 8, ASSOCIATED = CONTEXT + 8 + 1 };
enum { INFO = CONTEXT + (3 * QF_CURVE_KEY > QF_KEY_ID ? 3 * QF_CURVE_KEY : QF_KEY_ID) };

static void put_context(const qf_sealed *sealed, unsigned char context[CONTEXT]) {
    static const char label[LABEL] = "qf seal 1";
    memcpy(context, label, LABEL);
    context[LABEL] = (unsigned char)sealed->link;
    context[LABEL + 1] = sealed->paper_ecb;
    qf_put_u32(context + LABEL + 2, sealed->sender);
    qf_put_u32(context + LABEL + 6, sealed->receiver);
    qf_put_u64(context + LABEL + 10, sealed->round);
}

static qf_status derive(const qf_sealed *sealed, qf_span secret, qf_span names,
                        unsigned char key[QF_AEAD_KEY], qf_error *error) {
    unsigned char info[INFO] = {0};
    put_context(sealed, info);
    memcpy(info + CONTEXT, names.data, names.length);
    return qf_hkdf(secret, (qf_span){sealed->salt, sizeof sealed->salt},
                   (qf_span){info, CONTEXT + names.length}, key, QF_AEAD_KEY, error);
}

static qf_status derive_from_pool(const qf_sealed *sealed, const qf_pool_key *pool,
                                  unsigned char key[QF_AEAD_KEY], qf_error *error) {
    return derive(sealed, (qf_span){pool->key, sizeof pool->key},
                  (qf_span){sealed->key_id, sizeof sealed->key_id}, key, error);
}

/* `first` and `second` agree on the two secrets: at the sender the ephemeral and its own private
 * key, with the receiver's; at the receiver its own with the ephemeral and the sender's. */
typedef struct agreement {
    const unsigned char *private_key[2], *public_key[2];
    const unsigned char *sender, *receiver; /* public keys */
} agreement;

static qf_status derive_from_agreement(const qf_sealed *sealed, const agreement *a,
                                       unsigned char key[QF_AEAD_KEY], qf_error *error) {
    unsigned char names[3 * QF_CURVE_KEY];
    memcpy(names, sealed->ephemeral, QF_CURVE_KEY);
    memcpy(names + QF_CURVE_KEY, a->sender, QF_CURVE_KEY);
    memcpy(names + 2 * (size_t)QF_CURVE_KEY, a->receiver, QF_CURVE_KEY);
    qf_secret shared;
    QF_TRY(qf_secret_new(2 * QF_CURVE_KEY, &shared, error));
    qf_status status = QF_OK;
    for (int i = 0; i < 2 && status == QF_OK; i++) {
        status = qf_agree(a->private_key[i], a->public_key[i],
                          shared.data + (size_t)i * QF_CURVE_KEY, error);
    }
    if (status == QF_OK) {
        status = derive(sealed, (qf_span){shared.data, shared.length},
                        (qf_span){names, sizeof names}, key, error);
    }
    qf_secret_free(&shared);
    return status;
}

/* ---- Keys, at both ends ---- */

static const unsigned char *own_agreement_key(const qf_own_identity *own) {
    return own->keys.data + QF_CURVE_KEY;
}

static qf_status sender_agreement(const qf_own_identity *own, const qf_identity *receiver,
                                  qf_sealed *sealed, unsigned char key[QF_AEAD_KEY],
                                  qf_error *error) {
    unsigned char ephemeral[QF_CURVE_KEY];
    QF_TRY(qf_secret_random(ephemeral, sizeof ephemeral, error));
    qf_status status = qf_curve_public(QF_X25519, ephemeral, sealed->ephemeral, error);
    if (status == QF_OK) {
        const agreement a = {.private_key = {ephemeral, own_agreement_key(own)},
                             .public_key = {receiver->agreement, receiver->agreement},
                             .sender = own->identity.agreement,
                             .receiver = receiver->agreement};
        status = derive_from_agreement(sealed, &a, key, error);
    }
    qf_secret_wipe(ephemeral, sizeof ephemeral);
    return status;
}

static qf_status sender_key(qf_state *state, const qf_own_identity *own,
                            const qf_identity *receiver, qf_sealed *sealed,
                            unsigned char key[QF_AEAD_KEY], qf_error *error) {
    QF_TRY(qf_secret_random(sealed->salt, sizeof sealed->salt, error));
    if (sealed->link == QF_LINK_X25519) {
        return sender_agreement(own, receiver, sealed, key, error);
    }
    qf_pool_key pool;
    QF_TRY(qf_pool_take(state, sealed->receiver, NULL, &pool, error));
    memcpy(sealed->key_id, pool.id, sizeof sealed->key_id);
    const qf_status status = derive_from_pool(sealed, &pool, key, error);
    qf_secret_wipe(&pool, sizeof pool);
    return status;
}

static qf_status receiver_key(qf_state *state, const qf_own_identity *own,
                              const qf_identity *sender, const qf_sealed *sealed,
                              unsigned char key[QF_AEAD_KEY], qf_error *error) {
    if (sealed->link == QF_LINK_X25519) {
        const agreement a = {.private_key = {own_agreement_key(own), own_agreement_key(own)},
                             .public_key = {sealed->ephemeral, sender->agreement},
                             .sender = sender->agreement,
                             .receiver = own->identity.agreement};
        return derive_from_agreement(sealed, &a, key, error);
    }
    qf_pool_key pool;
    QF_TRY(qf_pool_look(state, sealed->sender, sealed->key_id, &pool, error));
    const qf_status status = derive_from_pool(sealed, &pool, key, error);
    qf_secret_wipe(&pool, sizeof pool);
    return status;
}

/* ---- Chunks ---- */

typedef struct chunk {
    unsigned char nonce[QF_AEAD_NONCE], associated[ASSOCIATED];
} chunk;

static chunk chunk_of(const qf_sealed *sealed, uint64_t number, bool last) {
    chunk c = {0};
    qf_put_u64(c.nonce, number);
    put_context(sealed, c.associated);
    qf_put_u64(c.associated + CONTEXT, number);
    c.associated[CONTEXT + 8] = last;
    return c;
}

static qf_status seal_chunks(const unsigned char key[QF_AEAD_KEY], qf_span plain, qf_sealed *sealed,
                             qf_error *error) {
    const unsigned char *from = plain.data;
    size_t left = plain.length;
    for (uint64_t number = 0;; number++) {
        const bool last = left <= QF_SEAL_CHUNK;
        const size_t length = last ? left : QF_SEAL_CHUNK;
        const chunk c = chunk_of(sealed, number, last);
        QF_TRY(qf_aead_seal(key, c.nonce, (qf_span){c.associated, ASSOCIATED},
                            (qf_span){from, length}, sealed->bytes + sealed->length, error));
        sealed->length += length + QF_AEAD_TAG;
        from += length;
        left -= length;
        if (last) return QF_OK;
    }
}

static qf_status open_chunks(const unsigned char key[QF_AEAD_KEY], const qf_sealed *sealed,
                             qf_secret *plain, qf_error *error) {
    enum { WHOLE = QF_SEAL_CHUNK + QF_AEAD_TAG };
    const unsigned char *from = sealed->bytes;
    size_t left = sealed->length, made = 0;
    for (uint64_t number = 0;; number++) {
        const bool last = left <= WHOLE;
        const size_t length = last ? left : WHOLE;
        const chunk c = chunk_of(sealed, number, last);
        if (qf_aead_open(key, c.nonce, (qf_span){c.associated, ASSOCIATED}, (qf_span){from, length},
                         plain->data + made, error) != QF_OK) {
            return qf_error_context(error, "chunk %llu", (unsigned long long)number);
        }
        made += length - QF_AEAD_TAG;
        from += length;
        left -= length;
        if (last) break;
    }
    plain->length = made;
    return QF_OK;
}

size_t qf_sealed_length(size_t plain) {
    const size_t chunks = plain ? (plain + QF_SEAL_CHUNK - 1) / QF_SEAL_CHUNK : 1;
    return plain + chunks * QF_AEAD_TAG;
}

qf_status qf_seal(qf_state *state, const qf_own_identity *own, const qf_identity *receiver,
                  qf_span plain, qf_sealed *sealed, qf_error *error) {
    /* AES-ECB pads with a block at most, which takes no more than a tag. */
    const size_t room = qf_sealed_length(plain.length);
    sealed->sender = own->identity.party;
    sealed->bytes = qf_new_array(room, 1, error);
    if (!sealed->bytes) return QF_MEMORY;
    unsigned char key[QF_AEAD_KEY];
    qf_status status = sender_key(state, own, receiver, sealed, key, error);
    if (status == QF_OK && sealed->paper_ecb) {
        status = qf_paper_ecb_encrypt(key, plain, sealed->bytes, &sealed->length, error);
    } else if (status == QF_OK) {
        status = seal_chunks(key, plain, sealed, error);
    }
    qf_secret_wipe(key, sizeof key);
    return status;
}

static qf_status open_into(const qf_sealed *sealed, const unsigned char key[QF_AEAD_KEY],
                           qf_secret *plain, qf_error *error) {
    if (sealed->paper_ecb) {
        return qf_paper_ecb_decrypt(key, (qf_span){sealed->bytes, sealed->length}, plain->data,
                                    &plain->length, error);
    }
    return open_chunks(key, sealed, plain, error);
}

qf_status qf_seal_look(qf_state *state, const qf_own_identity *own, const qf_identity *sender,
                       const qf_sealed *sealed, qf_secret *plain, qf_error *error) {
    *plain = (qf_secret){0};
    if (sealed->receiver != own->identity.party) {
        return qf_fail(error, QF_REFUSED, "sealed for party %u, not for party %u", sealed->receiver,
                       own->identity.party);
    }
    unsigned char key[QF_AEAD_KEY];
    qf_status status = receiver_key(state, own, sender, sealed, key, error);
    if (status == QF_OK) status = qf_secret_new(sealed->length, plain, error);
    if (status == QF_OK) status = open_into(sealed, key, plain, error);
    qf_secret_wipe(key, sizeof key);
    if (status != QF_OK) qf_secret_free(plain);
    return status;
}

static qf_status take_key(qf_state *state, const qf_sealed *sealed, qf_error *error) {
    qf_pool_key spent;
    const qf_status status = qf_pool_take(state, sealed->sender, sealed->key_id, &spent, error);
    qf_secret_wipe(&spent, sizeof spent);
    return status;
}

qf_status qf_seal_spend(qf_state *state, const qf_sealed *sealed, qf_error *error) {
    if (sealed->link != QF_LINK_QKD) return QF_OK;
    const qf_status status = take_key(state, sealed, error);
    return status == QF_REFUSED ? QF_OK : status;
}

/* The key is spent by a message that was right, before anyone sees it. */
qf_status qf_seal_open(qf_state *state, const qf_own_identity *own, const qf_identity *sender,
                       const qf_sealed *sealed, qf_secret *plain, qf_error *error) {
    qf_status status = qf_seal_look(state, own, sender, sealed, plain, error);
    if (status == QF_OK && sealed->link == QF_LINK_QKD) {
        status = take_key(state, sealed, error);
        if (status != QF_OK) qf_secret_free(plain);
    }
    return status;
}
