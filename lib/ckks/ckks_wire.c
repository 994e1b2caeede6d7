#include "ckks/ckks_wire.h"

#include "ckks/packed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Fields ---- */

static void print_hex(const unsigned char bytes[QF_ID_SIZE], char text[2 * QF_ID_SIZE + 1]) {
    qf_digest digest;
    memcpy(digest.bytes, bytes, QF_ID_SIZE);
    qf_digest_print(&digest, text);
}

static qf_status set_hex(qf_record *record, const char *name, const unsigned char bytes[QF_ID_SIZE],
                         qf_error *error) {
    char text[2 * QF_ID_SIZE + 1];
    print_hex(bytes, text);
    return qf_record_set_text(record, name, text, error);
}

static qf_status get_hex(const qf_record *record, const char *name, unsigned char to[QF_ID_SIZE],
                         qf_error *error) {
    const char *text = qf_record_text(record, name);
    if (strlen(text) == (size_t)2 * QF_ID_SIZE &&
        strspn(text, "0123456789abcdef") == strlen(text)) {
        for (size_t i = 0; i < QF_ID_SIZE; i++) {
            const char pair[] = {text[2 * i], text[2 * i + 1], 0};
            to[i] = (unsigned char)strtoul(pair, NULL, 16);
        }
        return QF_OK;
    }
    return qf_fail(error, QF_DATA, "\"%s\" is not 64 hexadecimal digits", name);
}

/* A whole number 0 .. most. */
static qf_status get_whole(const qf_record *record, const char *name, int64_t most, int64_t *value,
                           qf_error *error) {
    const qf_field *field = qf_record_find(record, name);
    if (field && field->kind == QF_FIELD_INTEGER && field->integer >= 0 && field->integer <= most) {
        *value = field->integer;
        return QF_OK;
    }
    return qf_fail(error, QF_DATA, "\"%s\" is not a whole number from 0 to %lld", name,
                   (long long)most);
}

static qf_status get_size(const qf_record *record, const char *name, size_t *value,
                          qf_error *error) {
    int64_t whole = 0;
    QF_TRY(get_whole(record, name, QF_CKKS_MAX_N, &whole, error));
    *value = (size_t)whole;
    return QF_OK;
}

static qf_status get_unsigned(const qf_record *record, const char *name, unsigned *value,
                              qf_error *error) {
    int64_t whole = 0;
    QF_TRY(get_whole(record, name, 1000000, &whole, error));
    *value = (unsigned)whole;
    return QF_OK;
}

/* ---- Lists of small numbers, as reals ---- */

static qf_status set_list(qf_record *record, const char *name, const unsigned *items, size_t count,
                          qf_error *error) {
    double reals[QF_MAX_PARTIES];
    for (size_t i = 0; i < count; i++) reals[i] = items[i];
    return qf_record_set_reals(record, name, reals, count, error);
}

static qf_status get_list(const qf_record *record, const char *name, size_t most, unsigned *items,
                          size_t *count, qf_error *error) {
    const qf_field *field = qf_record_find(record, name);
    const bool list = field && field->kind == QF_FIELD_REALS;
    if (!list || field->count < 1 || field->count > most) {
        return qf_fail(error, QF_DATA, "\"%s\" is not a list of 1 to %zu numbers", name, most);
    }
    for (size_t i = 0; i < field->count; i++) {
        const double real = field->reals[i];
        if (!(real >= 0 && real <= 1000 && real == floor(real))) {
            return qf_fail(error, QF_DATA, "\"%s\" has a number out of range", name);
        }
        items[i] = (unsigned)real;
    }
    *count = field->count;
    return QF_OK;
}

/* ---- Parameters ---- */

qf_status qf_ckks_describe(const qf_ckks *ckks, qf_record *record, qf_error *error) {
    const qf_ckks_parameters *p = &ckks->parameters;
    QF_TRY(qf_record_set_integer(record, "degree", (int64_t)p->n, error));
    QF_TRY(set_list(record, "bits", p->bits, p->primes, error));
    QF_TRY(qf_record_set_integer(record, "special_bits", p->special_bits, error));
    QF_TRY(qf_record_set_integer(record, "scale_bits", p->scale_bits, error));
    return set_hex(record, "ring", ckks->id.bytes, error);
}

static qf_status get_parameters(const qf_record *record, qf_ckks_parameters *p, qf_id *id,
                                qf_error *error) {
    *p = (qf_ckks_parameters){0};
    QF_TRY(get_size(record, "degree", &p->n, error));
    QF_TRY(get_list(record, "bits", QF_CKKS_MAX_PRIMES, p->bits, &p->primes, error));
    QF_TRY(get_unsigned(record, "special_bits", &p->special_bits, error));
    QF_TRY(get_unsigned(record, "scale_bits", &p->scale_bits, error));
    return get_hex(record, "ring", id->bytes, error);
}

qf_status qf_ckks_from_header(const qf_record *record, qf_simd simd, qf_ckks *ckks,
                              qf_error *error) {
    qf_ckks_parameters parameters;
    qf_id id;
    QF_TRY(get_parameters(record, &parameters, &id, error));
    QF_TRY(qf_ckks_init(ckks, &parameters, simd, error));
    if (qf_id_equal(&id, &ckks->id)) return QF_OK;
    qf_ckks_free(ckks);
    return qf_fail(error, QF_DATA, "the ring's digest is not that of its parameters");
}

qf_status qf_ckks_expect(const qf_ckks *ckks, const qf_record *record, qf_error *error) {
    qf_ckks_parameters parameters;
    qf_id id;
    QF_TRY(get_parameters(record, &parameters, &id, error));
    if (qf_id_equal(&id, &ckks->id)) return QF_OK;
    return qf_fail(error, QF_MISMATCH, "degree %zu with %zu primes, expected degree %zu with %zu",
                   parameters.n, parameters.primes, ckks->n, ckks->primes);
}

/* ---- Items: a record and its body ---- */

static qf_status write_item(qf_writer *writer, const qf_record *record, unsigned char *body,
                            size_t size, qf_error *error) {
    const qf_array array = {
        .name = "body", .type = QF_U8, .rows = size, .columns = 1, .data = body};
    QF_TRY(qf_writer_record(writer, record, error));
    return qf_writer_array(writer, &array, error);
}

/* All pieces of the one array. */
static qf_status read_body(qf_reader *reader, qf_arrays *arrays, qf_error *error) {
    size_t received = 0;
    do {
        qf_message message;
        QF_TRY(qf_reader_next(reader, &message, error));
        if (qf_message_add_array(&message, arrays, &received, error) != QF_OK) {
            return qf_error_context(error, "%s", reader->name);
        }
    } while (arrays->count == 1 && received < arrays->items[0].rows * arrays->items[0].columns);
    const qf_array *body;
    if (qf_arrays_find(arrays, "body", QF_U8, QF_ANY, 1, &body, error) == QF_OK) return QF_OK;
    return qf_error_context(error, "%s", reader->name);
}

static qf_status read_item(qf_reader *reader, qf_record *record, qf_arrays *arrays, bool *more,
                           qf_error *error) {
    qf_message message;
    QF_TRY(qf_reader_next(reader, &message, error));
    *more = message.kind != QF_MESSAGE_END;
    if (!*more) return QF_OK;
    if (qf_message_record(&message, record, error) != QF_OK) {
        return qf_error_context(error, "%s", reader->name);
    }
    return read_body(reader, arrays, error);
}

/* Reads an item and hands it to a decoder, which makes `item` or fails. */
typedef qf_status item_decoder(const qf_ckks *ckks, const qf_record *record,
                               const unsigned char *body, size_t size, void *item, qf_error *error);

static qf_status next_item(qf_reader *reader, const qf_ckks *ckks, item_decoder *decode, void *item,
                           bool *more, qf_error *error) {
    qf_record record = {0};
    qf_arrays arrays = {0};
    qf_status status = read_item(reader, &record, &arrays, more, error);
    if (status == QF_OK && *more) {
        status = decode(ckks, &record, arrays.items[0].data, arrays.items[0].rows, item, error);
        if (status != QF_OK) qf_error_context(error, "%s", reader->name);
    }
    qf_arrays_free(&arrays);
    qf_record_free(&record);
    return status;
}

/* ---- Ciphertexts ---- */

static qf_status describe_ciphertext(const qf_ciphertext *c, qf_record *r, qf_error *error) {
    QF_TRY(qf_record_set_text(r, "packing", qf_packing_names[c->packing], error));
    QF_TRY(qf_record_set_integer(r, "level", (int64_t)c->level, error));
    QF_TRY(qf_record_set_integer(r, "count", (int64_t)c->count, error));
    QF_TRY(qf_record_set_real(r, "scale", c->scale, error));
    QF_TRY(qf_record_set_real(r, "magnitude", c->magnitude, error));
    QF_TRY(qf_record_set_real(r, "deviation", c->deviation, error));
    QF_TRY(qf_record_set_integer(r, "parties", c->parties, error));
    QF_TRY(qf_record_set_integer(r, "seeded", c->seeded, error));
    return set_hex(r, "key", c->key.bytes, error);
}

static qf_status get_ciphertext(const qf_record *r, qf_ciphertext *c, qf_error *error) {
    int64_t seeded = 0;
    *c = (qf_ciphertext){0};
    const char *packing = qf_record_text(r, "packing");
    if (strcmp(packing, "coefficients") == 0) {
        c->packing = QF_COEFFICIENTS;
    } else if (strcmp(packing, "slots") != 0) {
        return qf_fail(error, QF_DATA, "unknown packing \"%.40s\"", packing);
    }
    QF_TRY(get_size(r, "level", &c->level, error));
    QF_TRY(get_size(r, "count", &c->count, error));
    QF_TRY(get_unsigned(r, "parties", &c->parties, error));
    QF_TRY(get_whole(r, "seeded", 1, &seeded, error));
    c->scale = qf_record_number(r, "scale");
    c->magnitude = qf_record_number(r, "magnitude");
    c->deviation = qf_record_number(r, "deviation");
    c->seeded = seeded == 1;
    return get_hex(r, "key", c->key.bytes, error);
}

qf_status qf_ciphertext_write(qf_writer *writer, const qf_ckks *ckks, const qf_ciphertext *c,
                              qf_error *error) {
    qf_record record = {0};
    const size_t size = qf_ciphertext_body_size(ckks, c);
    unsigned char *body = qf_new_array(size, 1, error);
    qf_status status = body ? describe_ciphertext(c, &record, error) : QF_MEMORY;
    if (status == QF_OK) {
        qf_ciphertext_pack(ckks, c, body);
        status = write_item(writer, &record, body, size, error);
    }
    free(body);
    qf_record_free(&record);
    return status;
}

static qf_status decode_ciphertext(const qf_ckks *ckks, const qf_record *record,
                                   const unsigned char *body, size_t size, void *item,
                                   qf_error *error) {
    qf_ciphertext *c = item;
    QF_TRY(get_ciphertext(record, c, error));
    return qf_ciphertext_unpack(ckks, body, size, c, error);
}

qf_status qf_ciphertext_next(qf_reader *reader, const qf_ckks *ckks, qf_ciphertext *ciphertext,
                             bool *more, qf_error *error) {
    return next_item(reader, ckks, decode_ciphertext, ciphertext, more, error);
}

/* ---- Keys ---- */

/* One polynomial as the body. */
static qf_status write_poly(qf_writer *writer, const qf_ckks *ckks, const qf_record *record,
                            const qf_poly *poly, size_t count, qf_error *error) {
    const size_t size = qf_poly_packed_size(ckks, count, poly->primes);
    unsigned char *body = qf_new_array(size, 1, error);
    if (!body) return QF_MEMORY;
    qf_poly_pack(ckks, poly, count, body);
    const qf_status status = write_item(writer, record, body, size, error);
    free(body);
    return status;
}

static qf_status read_poly(const qf_ckks *ckks, const unsigned char *body, size_t size,
                           size_t count, size_t rows, qf_poly *poly, qf_error *error) {
    const size_t expected = qf_poly_packed_size(ckks, count, rows);
    if (size != expected) {
        return qf_fail(error, QF_DATA, "a body has %zu bytes, expected %zu", size, expected);
    }
    QF_TRY(qf_poly_new(poly, ckks->n, rows, error));
    return qf_poly_unpack(ckks, body, count, poly, error);
}

qf_status qf_public_key_write(qf_writer *writer, const qf_ckks *ckks, const qf_public_key *key,
                              qf_error *error) {
    qf_record record = {0};
    qf_status status = qf_record_set_integer(&record, "parties", key->parties, error);
    if (status == QF_OK) status = set_hex(&record, "seed", key->seed, error);
    if (status == QF_OK) status = write_poly(writer, ckks, &record, &key->b, ckks->n, error);
    qf_record_free(&record);
    return status;
}

static qf_status fill_public_key(const qf_ckks *ckks, const qf_record *record,
                                 const unsigned char *body, size_t size, qf_public_key *key,
                                 qf_error *error) {
    QF_TRY(get_unsigned(record, "parties", &key->parties, error));
    if (key->parties < 1 || key->parties > QF_MAX_PARTIES) {
        return qf_fail(error, QF_DATA, "a key of %u parties", key->parties);
    }
    QF_TRY(get_hex(record, "seed", key->seed, error));
    QF_TRY(read_poly(ckks, body, size, ckks->n, ckks->all_primes, &key->b, error));
    QF_TRY(qf_poly_check_opaque(&key->b, "a public key", error));
    QF_TRY(qf_poly_new(&key->a, ckks->n, ckks->all_primes, error));
    QF_TRY(qf_expand(ckks, key->seed, 0, &key->a, error));
    return qf_public_key_identify(ckks, key, error);
}

static qf_status decode_public_key(const qf_ckks *ckks, const qf_record *record,
                                   const unsigned char *body, size_t size, void *item,
                                   qf_error *error) {
    qf_public_key *key = item;
    *key = (qf_public_key){0};
    const qf_status status = fill_public_key(ckks, record, body, size, key, error);
    if (status != QF_OK) qf_public_key_free(key);
    return status;
}

qf_status qf_public_key_next(qf_reader *reader, const qf_ckks *ckks, qf_public_key *key, bool *more,
                             qf_error *error) {
    return next_item(reader, ckks, decode_public_key, key, more, error);
}

qf_status qf_member_public_write(qf_writer *writer, const qf_ckks *ckks,
                                 const qf_member_public *member, qf_error *error) {
    qf_record record = {0};
    qf_status status = qf_record_set_integer(&record, "party", member->party, error);
    if (status == QF_OK) status = set_hex(&record, "seed", member->seed, error);
    if (status == QF_OK) status = write_poly(writer, ckks, &record, &member->b, ckks->n, error);
    qf_record_free(&record);
    return status;
}

static qf_status decode_member_public(const qf_ckks *ckks, const qf_record *record,
                                      const unsigned char *body, size_t size, void *item,
                                      qf_error *error) {
    qf_member_public *member = item;
    *member = (qf_member_public){0};
    QF_TRY(get_unsigned(record, "party", &member->party, error));
    if (member->party < 1 || member->party > QF_MAX_PARTIES) {
        return qf_fail(error, QF_DATA, "no party %u", member->party);
    }
    QF_TRY(get_hex(record, "seed", member->seed, error));
    qf_status status = read_poly(ckks, body, size, ckks->n, ckks->all_primes, &member->b, error);
    if (status == QF_OK) status = qf_poly_check_opaque(&member->b, "a part of a key", error);
    if (status != QF_OK) qf_member_public_free(member);
    return status;
}

qf_status qf_member_public_next(qf_reader *reader, const qf_ckks *ckks, qf_member_public *member,
                                bool *more, qf_error *error) {
    return next_item(reader, ckks, decode_member_public, member, more, error);
}

/* ---- Partial decryptions ---- */

static qf_status describe_partial(const qf_partial *p, qf_record *r, qf_error *error) {
    QF_TRY(qf_record_set_integer(r, "party", p->party, error));
    QF_TRY(set_list(r, "set", p->set, p->threshold, error));
    QF_TRY(qf_record_set_integer(r, "flood_bits", p->flood_bits, error));
    QF_TRY(qf_record_set_integer(r, "level", (int64_t)p->d.primes - 1, error));
    QF_TRY(qf_record_set_integer(r, "count", (int64_t)p->count, error));
    return set_hex(r, "ciphertext", p->ciphertext.bytes, error);
}

static qf_status get_partial(const qf_ckks *ckks, const qf_record *r, qf_partial *p, size_t *level,
                             qf_error *error) {
    size_t threshold = 0;
    bool member = false;
    QF_TRY(get_unsigned(r, "party", &p->party, error));
    QF_TRY(get_list(r, "set", QF_MAX_PARTIES, p->set, &threshold, error));
    QF_TRY(get_unsigned(r, "flood_bits", &p->flood_bits, error));
    QF_TRY(get_size(r, "level", level, error));
    QF_TRY(get_size(r, "count", &p->count, error));
    p->threshold = (unsigned)threshold;
    for (size_t i = 0; i < threshold; i++) {
        const bool ascending = i == 0 || p->set[i] > p->set[i - 1];
        if (!ascending || p->set[i] < 1 || p->set[i] > QF_MAX_PARTIES) {
            return qf_fail(error, QF_DATA, "a set that is not ascending");
        }
        member |= p->set[i] == p->party;
    }
    if (!member) return qf_fail(error, QF_DATA, "party %u is not in its set", p->party);
    if (*level >= ckks->primes || p->count < 1 || p->count > ckks->n) {
        return qf_fail(error, QF_DATA, "an answer of %zu values at level %zu", p->count, *level);
    }
    if (p->flood_bits > QF_FLOOD_MAX_BITS) {
        return qf_fail(error, QF_DATA, "flooding of 2^%u", p->flood_bits);
    }
    return get_hex(r, "ciphertext", p->ciphertext.bytes, error);
}

qf_status qf_partial_write(qf_writer *writer, const qf_ckks *ckks, const qf_partial *partial,
                           qf_error *error) {
    qf_record record = {0};
    qf_status status = describe_partial(partial, &record, error);
    if (status == QF_OK) {
        status = write_poly(writer, ckks, &record, &partial->d, partial->count, error);
    }
    qf_record_free(&record);
    return status;
}

static qf_status decode_partial(const qf_ckks *ckks, const qf_record *record,
                                const unsigned char *body, size_t size, void *item,
                                qf_error *error) {
    qf_partial *partial = item;
    size_t level = 0;
    *partial = (qf_partial){0};
    QF_TRY(get_partial(ckks, record, partial, &level, error));
    const qf_status status =
        read_poly(ckks, body, size, partial->count, level + 1, &partial->d, error);
    if (status != QF_OK) qf_partial_free(partial);
    return status;
}

qf_status qf_partial_next(qf_reader *reader, const qf_ckks *ckks, qf_partial *partial, bool *more,
                          qf_error *error) {
    return next_item(reader, ckks, decode_partial, partial, more, error);
}
