#include "ckks/packed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

static size_t c1_size(const qf_ckks *ckks, const qf_ciphertext *c) {
    return c->seeded ? QF_SEED_SIZE : qf_poly_packed_size(ckks, ckks->n, c->level + 1);
}

static size_t used_of(const qf_ckks *ckks, const qf_ciphertext *c) {
    return c->packing == QF_SLOTS ? ckks->n : c->count;
}

size_t qf_ciphertext_body_size(const qf_ckks *ckks, const qf_ciphertext *c) {
    return c1_size(ckks, c) + qf_poly_packed_size(ckks, used_of(ckks, c), c->level + 1);
}

void qf_ciphertext_pack(const qf_ckks *ckks, const qf_ciphertext *c, unsigned char *to) {
    if (c->seeded) {
        memcpy(to, c->seed, QF_SEED_SIZE);
    } else {
        qf_poly_pack(ckks, &c->c1, ckks->n, to);
    }
    qf_poly_pack(ckks, &c->c0, used_of(ckks, c), to + c1_size(ckks, c));
}

static qf_status check_fields(const qf_ckks *ckks, const qf_ciphertext *c, qf_error *error) {
    const size_t most = c->packing == QF_SLOTS ? ckks->n / 2 : ckks->n;
    if (c->level >= ckks->primes) return qf_fail(error, QF_DATA, "no level %zu", c->level);
    if (c->count < 1 || c->count > most) {
        return qf_fail(error, QF_DATA, "a ciphertext of %zu values, not 1 to %zu", c->count, most);
    }
    if (c->parties < 1 || c->parties > 1000000) {
        return qf_fail(error, QF_DATA, "a key of %u parties", c->parties);
    }
    int exponent;
    const bool power = c->scale > 0 && frexp(c->scale, &exponent) == 0.5;
    if (!(c->scale >= 1 && isfinite(c->scale)) || (c->packing == QF_COEFFICIENTS && !power)) {
        return qf_fail(error, QF_DATA, "a scale of %g", c->scale);
    }
    if (!(c->magnitude > 0 && c->deviation > 0 && isfinite(c->magnitude + c->deviation))) {
        return qf_fail(error, QF_DATA, "a ciphertext without bounds");
    }
    return qf_ciphertext_check(ckks, c, error);
}

qf_status qf_poly_check_opaque(const qf_poly *poly, const char *what, qf_error *error) {
    for (size_t i = 0; i < poly->primes; i++) {
        uint64_t all = 0;
        for (size_t j = 0; j < poly->n; j++) all |= qf_poly_row(poly, i)[j];
        if (all == 0) return qf_fail(error, QF_DATA, "%s is zero: it hides nothing", what);
    }
    return QF_OK;
}

static qf_status unpack(const qf_ckks *ckks, const unsigned char *body, size_t size,
                        qf_ciphertext *c, qf_error *error) {
    QF_TRY(check_fields(ckks, c, error));
    if (size != qf_ciphertext_body_size(ckks, c)) {
        return qf_fail(error, QF_DATA, "a ciphertext's body has %zu bytes, expected %zu", size,
                       qf_ciphertext_body_size(ckks, c));
    }
    QF_TRY(qf_poly_new(&c->c0, ckks->n, c->level + 1, error));
    QF_TRY(qf_poly_new(&c->c1, ckks->n, c->level + 1, error));
    if (c->seeded) {
        memcpy(c->seed, body, QF_SEED_SIZE);
        QF_TRY(qf_expand(ckks, c->seed, 0, &c->c1, error));
    } else {
        QF_TRY(qf_poly_unpack(ckks, body, ckks->n, &c->c1, error));
        QF_TRY(qf_poly_check_opaque(&c->c1, "a ciphertext's c1", error));
    }
    return qf_poly_unpack(ckks, body + c1_size(ckks, c), used_of(ckks, c), &c->c0, error);
}

qf_status qf_ciphertext_unpack(const qf_ckks *ckks, const unsigned char *body, size_t size,
                               qf_ciphertext *c, qf_error *error) {
    c->c0 = c->c1 = (qf_poly){0};
    const qf_status status = unpack(ckks, body, size, c, error);
    if (status != QF_OK) qf_ciphertext_free(c);
    return status;
}

qf_status qf_ciphertext_identify(const qf_ckks *ckks, const qf_ciphertext *c, qf_id *id,
                                 qf_error *error) {
    qf_bytes bytes = {0};
    const size_t size = qf_ciphertext_body_size(ckks, c);
    qf_status status =
        qf_bytes_print(&bytes, error,
                       "qf ckks ciphertext %s level %zu count %zu scale %a magnitude %a deviation "
                       "%a parties %u seeded %d ",
                       qf_packing_names[c->packing], c->level, c->count, c->scale, c->magnitude,
                       c->deviation, c->parties, c->seeded);
    if (status == QF_OK) status = qf_bytes_append(&bytes, ckks->id.bytes, QF_ID_SIZE, error);
    if (status == QF_OK) status = qf_bytes_append(&bytes, c->key.bytes, QF_ID_SIZE, error);
    if (status == QF_OK) {
        status = qf_grow_array(&bytes.data, &bytes.capacity, bytes.length + size, 1, error);
    }
    if (status == QF_OK) {
        qf_ciphertext_pack(ckks, c, bytes.data + bytes.length);
        SHA256(bytes.data, bytes.length + size, id->bytes);
    }
    free(bytes.data);
    return status;
}

/* ---- Shares ---- */

static const unsigned char share_mark[8] = {'q', 'f', 's', 'h', 'a', 'r', 'e', '1'};
enum { SHARE_FIELDS = 4, SHARE_START = 8 + QF_ID_SIZE + 4 * SHARE_FIELDS };

size_t qf_secret_share_size(const qf_ckks *ckks) {
    return SHARE_START + qf_poly_packed_size(ckks, ckks->n, ckks->primes);
}

void qf_secret_share_pack(const qf_ckks *ckks, const qf_secret_share *share, unsigned char *to) {
    const unsigned fields[] = {share->party, share->threshold, share->parties, share->summed};
    memcpy(to, share_mark, sizeof share_mark);
    memcpy(to + 8, ckks->id.bytes, QF_ID_SIZE);
    for (size_t i = 0; i < SHARE_FIELDS; i++) {
        for (size_t j = 0; j < 4; j++) {
            to[8 + QF_ID_SIZE + 4 * i + j] = (unsigned char)(fields[i] >> (8 * j));
        }
    }
    qf_poly_pack(ckks, &share->share, ckks->n, to + SHARE_START);
}

static qf_status unpack_fields(const unsigned char *from, qf_secret_share *share, qf_error *error) {
    unsigned fields[SHARE_FIELDS] = {0};
    for (size_t i = 0; i < SHARE_FIELDS; i++) {
        for (size_t j = 0; j < 4; j++) fields[i] |= (unsigned)from[4 * i + j] << (8 * j);
    }
    *share = (qf_secret_share){
        .party = fields[0], .threshold = fields[1], .parties = fields[2], .summed = fields[3]};
    if (share->parties < 1 || share->parties > QF_MAX_PARTIES || share->party < 1 ||
        share->party > share->parties || share->threshold < 1 ||
        share->threshold > share->parties || share->summed < 1 || share->summed > share->parties) {
        return qf_fail(error, QF_DATA, "a share for party %u, %u of %u, of %u members",
                       share->party, share->threshold, share->parties, share->summed);
    }
    return QF_OK;
}

qf_status qf_secret_share_unpack(const qf_ckks *ckks, const unsigned char *from, size_t size,
                                 qf_secret_share *share, qf_error *error) {
    *share = (qf_secret_share){0};
    if (size != qf_secret_share_size(ckks) || memcmp(from, share_mark, sizeof share_mark) != 0) {
        return qf_fail(error, QF_DATA, "no share of a key, or one of another ring");
    }
    if (memcmp(from + 8, ckks->id.bytes, QF_ID_SIZE) != 0) {
        return qf_fail(error, QF_MISMATCH, "a share of a key in another ring");
    }
    QF_TRY(unpack_fields(from + 8 + QF_ID_SIZE, share, error));
    QF_TRY(qf_poly_new(&share->share, ckks->n, ckks->primes, error));
    const qf_status status =
        qf_poly_unpack(ckks, from + SHARE_START, ckks->n, &share->share, error);
    if (status != QF_OK) qf_secret_share_free(share);
    return status;
}
