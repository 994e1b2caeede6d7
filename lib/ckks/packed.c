#include "ckks/packed.h"

#include "ckks/keys.h"

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

static qf_status check_opaque(const qf_poly *c1, qf_error *error) {
    for (size_t i = 0; i < c1->primes; i++) {
        uint64_t all = 0;
        for (size_t j = 0; j < c1->n; j++) all |= qf_poly_row(c1, i)[j];
        if (all == 0) return qf_fail(error, QF_DATA, "a transparent ciphertext");
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
        QF_TRY(check_opaque(&c->c1, error));
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
