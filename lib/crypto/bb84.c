#include "crypto/bb84.h"

#include "base/memory.h"
#include "base/random.h"
#include "crypto/bytes.h"
#include "crypto/cascade.h"
#include "crypto/qkd_channel.h"
#include "crypto/toeplitz.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A party's session as it goes on. */
typedef struct session {
    const qf_bb84_party *party;
    qf_bb84_result *result;
    qf_qkd_channel channel;
    qf_random chance; /* of published secrets */
    bool alice;
    size_t pulses, keys;
    unsigned slot;
    qf_secret photons; /* [pulses], Alice's as qubits, Bob's as bits of QF_QUBIT_* */
    qf_secret raw;     /* [result->raw], bytes of 0 or 1 */
    qf_secret sample;  /* [result->sample], the same */
    uint64_t order_seed;
} session;

size_t qf_bb84_wanted(size_t keys) {
    return 8 * (QF_LINK_SECRET + keys * QF_POOL_KEY);
}

void qf_bb84_result_free(qf_bb84_result *result) {
    qf_secret_free(&result->key);
}

qf_status qf_bb84_print(const qf_bb84_result *result, qf_bytes *text, qf_error *error) {
    const qf_bb84_result *r = result;
    QF_TRY(qf_bytes_print(text, error, "photons %zu\nclicks %zu\nsifted %zu\n", r->pulses,
                          r->clicks, r->sifted));
    if (r->sample == 0) return QF_OK;
    QF_TRY(qf_bytes_print(text, error, "sample %zu\nsample_errors %zu\nerror_rate %.6f\n",
                          r->sample, r->sample_errors,
                          (double)r->sample_errors / (double)r->sample));
    QF_TRY(qf_bytes_print(text, error, "raw %zu\ncorrected %zu\nleaked %zu\nfinal %zu\n", r->raw,
                          r->corrected, r->leaked, r->final));
    if (r->final == 0) return QF_OK;
    return qf_bytes_print(text, error, "security %.3g\n", r->security);
}

/* Secret or at least unforeseeable bytes. */
static qf_status draw(session *s, void *data, size_t length, qf_error *error) {
    if (!s->party->published) return qf_secret_random(data, length, error);
    unsigned char *bytes = data;
    for (size_t i = 0; i < length; i++) bytes[i] = (unsigned char)(qf_random_u64(&s->chance) >> 56);
    return QF_OK;
}

static const unsigned char *content(const session *s) {
    return s->channel.received.data + QF_QKD_HEADER;
}

static void put_bit(unsigned char *packed, size_t i, unsigned bit) {
    packed[i / 8] |= (unsigned char)((bit & 1) << (i % 8));
}

static unsigned char get_bit(const unsigned char *packed, size_t i) {
    return packed[i / 8] >> (i % 8) & 1;
}

static size_t packed_size(size_t bits) {
    return (bits + 7) / 8;
}

/* Sends bytes of 0 or 1 packed. */
static qf_status send_bits(session *s, qf_qkd_message type, const unsigned char *bits, size_t count,
                           qf_error *error) {
    unsigned char *packed = qf_new_array(packed_size(count), 1, error);
    if (!packed) return QF_MEMORY;
    for (size_t i = 0; i < count; i++) put_bit(packed, i, bits[i]);
    const qf_status status = qf_qkd_send(&s->channel, type, packed, packed_size(count), error);
    free(packed);
    return status;
}

/* ---- Hello ---- */

enum { NONCE = 16, HELLO = 4 + 4 + 4 + NONCE + 8 + 8 + 3 * 8 };

static void put_real(unsigned char *to, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    qf_put_u64(to, bits);
}

/* Who, to whom, which slots are filled, a nonce, and how. */
static qf_status send_hello(session *s, uint32_t slots, qf_error *error) {
    const qf_bb84_party *p = s->party;
    unsigned char hello[HELLO];
    qf_put_u32(hello, p->own);
    qf_put_u32(hello + 4, p->peer);
    qf_put_u32(hello + 8, slots);
    QF_TRY(draw(s, hello + 12, NONCE, error));
    qf_put_u64(hello + 28, s->pulses);
    qf_put_u64(hello + 36, s->keys);
    put_real(hello + 44, p->security.tolerated);
    put_real(hello + 52, p->security.secrecy);
    put_real(hello + 60, p->security.correctness);
    return qf_qkd_send(&s->channel, QF_QKD_HELLO, hello, sizeof hello, error);
}

static qf_status receive_hello(session *s, uint32_t *slots, qf_error *error) {
    const qf_bb84_party *p = s->party;
    unsigned char security[3 * 8];
    QF_TRY(qf_qkd_receive(&s->channel, QF_QKD_HELLO, HELLO, error));
    const unsigned char *hello = content(s);
    if (qf_get_u32(hello) != p->peer || qf_get_u32(hello + 4) != p->own) {
        return qf_fail(
            error, QF_MISMATCH,
            "party %u wants a key with party %u, but this is party %u expecting party %u",
            qf_get_u32(hello), qf_get_u32(hello + 4), p->own, p->peer);
    }
    *slots = qf_get_u32(hello + 8);
    const uint64_t pulses = qf_get_u64(hello + 28), keys = qf_get_u64(hello + 36);
    put_real(security, p->security.tolerated);
    put_real(security + 8, p->security.secrecy);
    put_real(security + 16, p->security.correctness);
    if (memcmp(hello + 44, security, sizeof security) != 0) {
        return qf_fail(error, QF_MISMATCH, "party %u wants another tolerance or security", p->peer);
    }
    if (pulses < 1 || pulses > QF_BB84_MAX_PULSES || keys < 1 || keys > QF_BB84_MAX_KEYS) {
        return qf_fail(error, QF_DATA, "the other party's hello asks for too much");
    }
    if (s->alice && (pulses != s->pulses || keys != s->keys)) {
        return qf_fail(error, QF_DATA, "the other party's hello is not an answer to this one's");
    }
    s->pulses = (size_t)pulses;
    s->keys = (size_t)keys;
    return QF_OK;
}

/* Both say which secrets they have left, and take the first that both have. */
static qf_status greet(session *s, qf_error *error) {
    const qf_bb84_party *p = s->party;
    uint32_t own = 1, other = 0;
    if (p->state) QF_TRY(qf_link_slots(p->state, p->peer, &own, error));
    if (s->alice) QF_TRY(send_hello(s, own, error));
    QF_TRY(receive_hello(s, &other, error));
    if (!s->alice) QF_TRY(send_hello(s, own, error));
    const uint32_t common = own & other;
    if (!common) {
        return qf_fail(error, QF_REFUSED,
                       "no secret is left to authenticate a session with party %u: enrol again",
                       p->peer);
    }
    while (!(common >> s->slot & 1)) s->slot++;
    s->result->pulses = s->pulses;
    return qf_secret_new(s->pulses, &s->photons, error);
}

/* ---- Photons and sifting ---- */

static qf_status send_photons(session *s, qf_error *error) {
    QF_TRY(draw(s, s->photons.data, s->pulses, error));
    for (size_t i = 0; i < s->pulses; i++) s->photons.data[i] &= QF_QUBIT_BIT | QF_QUBIT_Z;
    return qf_qkd_send(&s->channel, QF_QKD_QUBITS, s->photons.data, s->pulses, error);
}

/* Bob measures, and says which photons clicked and in which basis: two packed lists. */
static qf_status measure_photons(session *s, unsigned char *work, qf_error *error) {
    const size_t n = s->pulses, packed = packed_size(n);
    unsigned char *bases = work, *clicked = work + n, *bits = work + 2 * n;
    unsigned char *message = work + 3 * n;
    QF_TRY(draw(s, bases, n, error));
    for (size_t i = 0; i < n; i++) bases[i] &= 1;
    QF_TRY(qf_qkd_receive(&s->channel, QF_QKD_QUBITS, n, error));
    qf_random random = qf_random_stream(s->party->seed, "quantum channel", 0);
    qf_qubits_measure(&random, &s->party->channel, content(s), bases, n, clicked, bits);
    for (size_t i = 0; i < n; i++) {
        put_bit(message, i, clicked[i]);
        put_bit(message + packed, i, bases[i] & clicked[i]);
        s->photons.data[i] = (unsigned char)(bits[i] | (bases[i] ? QF_QUBIT_Z : 0));
    }
    return qf_qkd_send(&s->channel, QF_QKD_CLICKS, message, 2 * packed, error);
}

static qf_status receive_photons(session *s, qf_error *error) {
    qf_secret work;
    QF_TRY(qf_secret_new(3 * s->pulses + 2 * packed_size(s->pulses), &work, error));
    const qf_status status = measure_photons(s, work.data, error);
    qf_secret_free(&work);
    return status;
}

/* Keeps the bits whose photon clicked and was prepared and measured in one basis. `clicks` is Bob's
 * message, `bases` Alice's packed bases. */
static qf_status sift(session *s, const unsigned char *clicks, const unsigned char *bases,
                      qf_error *error) {
    const unsigned char *other = clicks + packed_size(s->pulses);
    qf_bb84_result *r = s->result;
    QF_TRY(qf_secret_new(s->pulses, &s->raw, error));
    QF_TRY(qf_secret_new(s->pulses, &s->sample, error));
    for (size_t i = 0; i < s->pulses; i++) {
        if (!get_bit(clicks, i)) continue;
        r->clicks++;
        const unsigned char z = get_bit(bases, i);
        if (z != get_bit(other, i)) continue;
        const unsigned char bit = s->photons.data[i] & QF_QUBIT_BIT;
        if (z) {
            s->sample.data[r->sample++] = bit;
        } else {
            s->raw.data[r->raw++] = bit;
        }
    }
    r->sifted = r->raw + r->sample;
    if (r->raw > 0 && r->sample > 0) return QF_OK;
    return qf_fail(error, QF_REFUSED,
                   "of %zu photons, %zu were measured in the right basis: no key", s->pulses,
                   r->sifted);
}

/* Alice's bases of what clicked, a seed, and her bits of the sample. */
static qf_status alice_sifts(session *s, qf_error *error) {
    const size_t packed = packed_size(s->pulses);
    unsigned char seed[8];
    QF_TRY(qf_qkd_receive(&s->channel, QF_QKD_CLICKS, 2 * packed, error));
    QF_TRY(draw(s, seed, sizeof seed, error));
    s->order_seed = qf_get_u64(seed);
    qf_bytes message = {0};
    unsigned char *bases = qf_new_array(packed, 1, error);
    if (!bases) return QF_MEMORY;
    for (size_t i = 0; i < s->pulses; i++) {
        put_bit(bases, i, get_bit(content(s), i) && s->photons.data[i] & QF_QUBIT_Z);
    }
    qf_status status = sift(s, content(s), bases, error);
    if (status == QF_OK) status = qf_bytes_append(&message, bases, packed, error);
    if (status == QF_OK) status = qf_bytes_append(&message, seed, sizeof seed, error);
    if (status == QF_OK) {
        memset(bases, 0, packed);
        for (size_t i = 0; i < s->result->sample; i++) put_bit(bases, i, s->sample.data[i]);
        status = qf_bytes_append(&message, bases, packed_size(s->result->sample), error);
    }
    if (status == QF_OK) {
        status = qf_qkd_send(&s->channel, QF_QKD_SIFT, message.data, message.length, error);
    }
    free(message.data);
    free(bases);
    return status;
}

/* The bits of the sample in which the two differ, from the other party's packed bits. */
static void compare_samples(session *s, const unsigned char *other) {
    for (size_t i = 0; i < s->result->sample; i++) {
        s->result->sample_errors += s->sample.data[i] ^ get_bit(other, i);
    }
}

static qf_status bob_sifts(session *s, const unsigned char *clicks, qf_error *error) {
    const size_t packed = packed_size(s->pulses);
    QF_TRY(qf_qkd_receive(&s->channel, QF_QKD_SIFT, QF_QKD_ANY, error));
    const size_t length = s->channel.received.length - QF_QKD_HEADER;
    if (length < packed + 8) return qf_fail(error, QF_DATA, "the other party's sift is too short");
    QF_TRY(sift(s, clicks, content(s), error));
    s->order_seed = qf_get_u64(content(s) + packed);
    if (length != packed + 8 + packed_size(s->result->sample)) {
        return qf_fail(error, QF_DATA, "the other party's sample has another length");
    }
    compare_samples(s, content(s) + packed + 8);
    return send_bits(s, QF_QKD_SAMPLE, s->sample.data, s->result->sample, error);
}

static qf_status sift_as_bob(session *s, qf_error *error) {
    /* His own message, from the end of the transcript. */
    const size_t length = 2 * packed_size(s->pulses);
    const qf_bytes *transcript = &s->channel.transcript;
    unsigned char *clicks =
        qf_copy_array(transcript->data + transcript->length - length, length, 1, error);
    if (!clicks) return QF_MEMORY;
    const qf_status status = bob_sifts(s, clicks, error);
    free(clicks);
    return status;
}

/* ---- The key's length ---- */

static double secret_bits(const session *s) {
    return qf_qkd_key_length(s->result->raw, s->result->sample, (double)s->result->leaked,
                             &s->party->security);
}

static qf_status judge_sample(const session *s, qf_error *error) {
    const qf_bb84_result *r = s->result;
    const double rate = (double)r->sample_errors / (double)r->sample;
    if (rate > s->party->security.tolerated) {
        return qf_fail(error, QF_REFUSED,
                       "error rate %.4f of %zu bits, above the tolerated %.4f: no key (someone "
                       "listens, or the channel is bad)",
                       rate, r->sample, s->party->security.tolerated);
    }
    const double bits = secret_bits(s);
    if (bits >= (double)qf_bb84_wanted(s->keys)) return QF_OK;
    return qf_fail(
        error, QF_REFUSED,
        "%zu sifted bits leave %.0f secret ones before error correction, %zu are needed: "
        "no key",
        r->sifted, floor(bits > 0 ? bits : 0), qf_bb84_wanted(s->keys));
}

static qf_status count_leak(session *s, size_t parities, qf_error *error) {
    s->result->leaked += parities;
    if (secret_bits(s) >= (double)qf_bb84_wanted(s->keys)) return QF_OK;
    return qf_fail(error, QF_REFUSED, "error correction disclosed %zu of %zu bits: no key",
                   s->result->leaked, s->result->raw);
}

/* ---- Error correction ---- */

enum { BLOCK = 12 };

static qf_status ask(void *context, const qf_cascade_block *blocks, size_t count,
                     unsigned char *parities, qf_error *error) {
    session *s = context;
    QF_TRY(count_leak(s, count, error));
    unsigned char *message = qf_new_array(count, BLOCK, error);
    if (!message) return QF_MEMORY;
    for (size_t i = 0; i < count; i++) {
        qf_put_u32(message + BLOCK * i, blocks[i].pass);
        qf_put_u32(message + BLOCK * i + 4, blocks[i].begin);
        qf_put_u32(message + BLOCK * i + 8, blocks[i].end);
    }
    qf_status status = qf_qkd_send(&s->channel, QF_QKD_ASK, message, BLOCK * count, error);
    free(message);
    if (status == QF_OK) {
        status = qf_qkd_receive(&s->channel, QF_QKD_PARITIES, packed_size(count), error);
    }
    for (size_t i = 0; i < count && status == QF_OK; i++) parities[i] = get_bit(content(s), i);
    return status;
}

static qf_status answer(session *s, const qf_cascade_order *order, size_t count, qf_error *error) {
    QF_TRY(count_leak(s, count, error));
    unsigned char *parities = qf_new_array(count, 1, error);
    if (!parities) return QF_MEMORY;
    qf_status status = QF_OK;
    for (size_t i = 0; i < count && status == QF_OK; i++) {
        const unsigned char *from = content(s) + BLOCK * i;
        const qf_cascade_block block = {qf_get_u32(from), qf_get_u32(from + 4),
                                        qf_get_u32(from + 8)};
        if (block.pass >= QF_CASCADE_PASSES || block.begin >= block.end || block.end > order->n) {
            status = qf_fail(error, QF_DATA, "the other party asks for an impossible block");
        } else {
            parities[i] = qf_cascade_parity(order, s->raw.data, block);
        }
    }
    if (status == QF_OK) status = send_bits(s, QF_QKD_PARITIES, parities, count, error);
    free(parities);
    return status;
}

/* Until Bob asks for nothing. */
static qf_status answer_all(session *s, const qf_cascade_order *order, qf_error *error) {
    for (;;) {
        QF_TRY(qf_qkd_receive(&s->channel, QF_QKD_ASK, QF_QKD_ANY, error));
        const size_t length = s->channel.received.length - QF_QKD_HEADER;
        if (length == 0) return QF_OK;
        if (length % BLOCK) return qf_fail(error, QF_DATA, "the other party's ask is malformed");
        QF_TRY(answer(s, order, length / BLOCK, error));
    }
}

static qf_status reconcile(session *s, qf_error *error) {
    qf_cascade_order order;
    QF_TRY(qf_cascade_order_new(s->result->raw, s->order_seed, &order, error));
    qf_status status;
    if (s->alice) {
        status = answer_all(s, &order, error);
    } else {
        /* A sample without errors says only that the rate is small. */
        const double least = 1 / (double)s->result->sample;
        const double rate = (double)s->result->sample_errors / (double)s->result->sample;
        status = qf_cascade_correct(&order, s->raw.data, rate > least ? rate : least, ask, s,
                                    &s->result->corrected, error);
        if (status == QF_OK) status = qf_qkd_send(&s->channel, QF_QKD_ASK, "", 0, error);
    }
    qf_cascade_order_free(&order);
    return status;
}

/* ---- Verification and privacy amplification ---- */

/* Bits of the hash that finds keys that differ: log2(1 / epsilon_cor), which the key's length
 * leaves out. */
static size_t hash_bits(const session *s) {
    return (size_t)ceil(log2(1 / s->party->security.correctness));
}

static qf_status alice_verifies(session *s, qf_error *error) {
    const size_t rows = hash_bits(s), size = qf_toeplitz_bytes(rows, s->result->raw);
    unsigned char *message = qf_new_array(size + packed_size(rows), 1, error);
    if (!message) return QF_MEMORY;
    qf_status status = draw(s, message, size, error);
    if (status == QF_OK) {
        status =
            qf_toeplitz_hash(s->raw.data, s->result->raw, message, rows, message + size, error);
    }
    if (status == QF_OK) {
        status = qf_qkd_send(&s->channel, QF_QKD_VERIFY, message, size + packed_size(rows), error);
    }
    free(message);
    QF_TRY(status);
    return qf_qkd_receive(&s->channel, QF_QKD_VERDICT, 1, error);
}

static qf_status bob_verifies(session *s, qf_error *error) {
    const size_t rows = hash_bits(s), size = qf_toeplitz_bytes(rows, s->result->raw);
    unsigned char own[QF_HASH_SIZE] = {0};
    if (packed_size(rows) > sizeof own) return qf_fail(error, QF_USAGE, "correctness is too small");
    QF_TRY(qf_qkd_receive(&s->channel, QF_QKD_VERIFY, size + packed_size(rows), error));
    QF_TRY(qf_toeplitz_hash(s->raw.data, s->result->raw, content(s), rows, own, error));
    const unsigned char same = qf_secret_equal(own, content(s) + size, packed_size(rows));
    return qf_qkd_send(&s->channel, QF_QKD_VERDICT, &same, 1, error);
}

static qf_status verify(session *s, qf_error *error) {
    QF_TRY(s->alice ? alice_verifies(s, error) : bob_verifies(s, error));
    const qf_bytes *transcript = &s->channel.transcript;
    if (transcript->data[transcript->length - 1] == 1) return QF_OK;
    return qf_fail(error, QF_REFUSED, "error correction left errors: no key; try again");
}

static qf_status amplify(session *s, qf_error *error) {
    const size_t rows = qf_bb84_wanted(s->keys), size = qf_toeplitz_bytes(rows, s->result->raw);
    qf_bb84_result *r = s->result;
    QF_TRY(qf_secret_new(rows / 8, &r->key, error));
    if (!s->alice) {
        QF_TRY(qf_qkd_receive(&s->channel, QF_QKD_AMPLIFY, size, error));
        QF_TRY(qf_toeplitz_hash(s->raw.data, r->raw, content(s), rows, r->key.data, error));
        return QF_OK;
    }
    unsigned char *matrix = qf_new_array(size, 1, error);
    if (!matrix) return QF_MEMORY;
    qf_status status = draw(s, matrix, size, error);
    if (status == QF_OK) status = qf_qkd_send(&s->channel, QF_QKD_AMPLIFY, matrix, size, error);
    if (status == QF_OK) {
        status = qf_toeplitz_hash(s->raw.data, r->raw, matrix, rows, r->key.data, error);
    }
    free(matrix);
    return status;
}

/* ---- Authentication ---- */

static qf_status check_tag(session *s, const unsigned char secret[QF_LINK_SECRET], qf_span message,
                           qf_error *error) {
    unsigned char expected[QF_LINK_TAG];
    QF_TRY(qf_link_tag(secret, s->alice ? 1 : 0, message, expected, error));
    QF_TRY(qf_qkd_receive(&s->channel, QF_QKD_TAG, sizeof expected, error));
    if (qf_secret_equal(expected, content(s), sizeof expected)) return QF_OK;
    return qf_fail(
        error, QF_REFUSED,
        "the other party's tag is wrong: a message was forged, replayed or lost; no key");
}

/* Alice's tag goes first; Bob answers with his once hers is right. */
static qf_status exchange_tags(session *s, const unsigned char secret[QF_LINK_SECRET],
                               qf_error *error) {
    const qf_span message = {s->channel.transcript.data, s->channel.transcript.length};
    unsigned char own[QF_LINK_TAG];
    if (!s->alice) QF_TRY(check_tag(s, secret, message, error));
    QF_TRY(qf_link_tag(secret, s->alice ? 0 : 1, message, own, error));
    QF_TRY(qf_qkd_send(&s->channel, QF_QKD_TAG, own, sizeof own, error));
    return s->alice ? check_tag(s, secret, message, error) : QF_OK;
}

static qf_status authenticate(session *s, qf_error *error) {
    const qf_bb84_party *p = s->party;
    qf_bb84_result *r = s->result;
    const qf_bytes *transcript = &s->channel.transcript;
    unsigned char secret[QF_LINK_SECRET];
    if (p->state) {
        QF_TRY(qf_link_spend(p->state, p->peer, s->slot, secret, error));
    } else {
        memcpy(secret, p->experiment_secret, sizeof secret);
    }
    qf_status status = exchange_tags(s, secret, error);
    qf_secret_wipe(secret, sizeof secret);
    if (status == QF_OK && p->state) {
        status = qf_link_refill(p->state, p->peer, s->slot, r->key.data, error);
    }
    QF_TRY(status);
    r->final = 8 * r->key.length;
    r->security = p->security.secrecy + p->security.correctness +
                  2 * qf_link_forgery_bound(transcript->length);
    return qf_hash_bytes(transcript->data, transcript->length, r->session, error);
}

/* ---- The session ---- */

static qf_status run_alice(session *s, qf_error *error) {
    QF_TRY(send_photons(s, error));
    QF_TRY(alice_sifts(s, error));
    QF_TRY(qf_qkd_receive(&s->channel, QF_QKD_SAMPLE, packed_size(s->result->sample), error));
    compare_samples(s, content(s));
    return QF_OK;
}

static qf_status run_bob(session *s, qf_error *error) {
    QF_TRY(receive_photons(s, error));
    return sift_as_bob(s, error);
}

static qf_status run(const qf_bb84_party *party, bool alice, qf_bb84_result *result,
                     qf_error *error) {
    *result = (qf_bb84_result){0};
    session s = {.party = party,
                 .result = result,
                 .channel = {.in = party->in, .out = party->out},
                 .chance = qf_random_stream(party->seed, alice ? "alice" : "bob", 0),
                 .alice = alice,
                 .pulses = party->pulses,
                 .keys = party->keys};
    qf_status status = greet(&s, error);
    const bool greeted = status == QF_OK;
    if (greeted) status = alice ? run_alice(&s, error) : run_bob(&s, error);
    if (status == QF_OK) status = judge_sample(&s, error);
    if (status == QF_OK) status = reconcile(&s, error);
    if (status == QF_OK) status = verify(&s, error);
    if (status == QF_OK) status = amplify(&s, error);
    if (status == QF_OK) status = authenticate(&s, error);
    if (status != QF_OK) qf_secret_free(&result->key);
    if (status == QF_DATA && greeted) status = error->status = QF_REFUSED;
    result->left_alone = s.channel.ended || status == QF_IO;
    qf_secret_free(&s.photons);
    qf_secret_free(&s.raw);
    qf_secret_free(&s.sample);
    qf_qkd_channel_free(&s.channel);
    return status;
}

qf_status qf_bb84_alice(const qf_bb84_party *party, qf_bb84_result *result, qf_error *error) {
    return run(party, true, result, error);
}

qf_status qf_bb84_bob(const qf_bb84_party *party, qf_bb84_result *result, qf_error *error) {
    return run(party, false, result, error);
}

/* A UUID from the session's name, as ETSI's key_ID: public, and the same at both ends. */
static qf_status name_key(const qf_bb84_result *result, size_t i, char id[QF_KEY_ID],
                          qf_error *error) {
    unsigned char named[QF_HASH_SIZE + 4], digest[QF_HASH_SIZE];
    char hex[2 * QF_HASH_SIZE + 1];
    memcpy(named, result->session, QF_HASH_SIZE);
    qf_put_u32(named + QF_HASH_SIZE, (uint32_t)i);
    QF_TRY(qf_hash_bytes(named, sizeof named, digest, error));
    qf_hex_print(digest, sizeof digest, hex);
    snprintf(id, QF_KEY_ID, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
             hex + 20);
    return QF_OK;
}

qf_status qf_bb84_keep(const qf_bb84_party *party, bool alice, const qf_bb84_result *result,
                       qf_error *error) {
    const size_t count = (result->key.length - QF_LINK_SECRET) / QF_POOL_KEY;
    qf_secret room;
    QF_TRY(qf_secret_new(count * sizeof(qf_pool_key), &room, error));
    qf_pool_key *keys = (qf_pool_key *)(void *)room.data;
    qf_status status = QF_OK;
    for (size_t i = 0; i < count && status == QF_OK; i++) {
        keys[i].peer = party->peer;
        keys[i].outgoing = alice == (i % 2 == 0);
        memcpy(keys[i].key, result->key.data + QF_LINK_SECRET + i * QF_POOL_KEY, QF_POOL_KEY);
        status = name_key(result, i, keys[i].id, error);
    }
    if (status == QF_OK) status = qf_pool_add(party->state, keys, count, error);
    qf_secret_free(&room);
    return status;
}
