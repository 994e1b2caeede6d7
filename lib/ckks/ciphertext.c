#include "ckks/ciphertext.h"

#include <math.h>
#include <stdlib.h>

const char *const qf_packing_names[] = {"slots", "coefficients", NULL};

void qf_plaintext_free(qf_plaintext *plaintext) {
    qf_wipe_free(plaintext->coefficients, plaintext->n * sizeof *plaintext->coefficients);
    *plaintext = (qf_plaintext){0};
}

void qf_ciphertext_free(qf_ciphertext *ciphertext) {
    qf_poly_free(&ciphertext->c0);
    qf_poly_free(&ciphertext->c1);
    *ciphertext = (qf_ciphertext){0};
}

qf_status qf_ciphertext_copy(const qf_ciphertext *from, qf_ciphertext *to, qf_error *error) {
    *to = *from;
    to->c0 = to->c1 = (qf_poly){0};
    qf_status status = qf_poly_copy(&from->c0, &to->c0, error);
    if (status == QF_OK) status = qf_poly_copy(&from->c1, &to->c1, error);
    if (status != QF_OK) qf_ciphertext_free(to);
    return status;
}

size_t qf_ciphertext_used(const qf_ciphertext *ciphertext) {
    return ciphertext->packing == QF_SLOTS ? ciphertext->c0.n : ciphertext->count;
}

size_t qf_ciphertext_padded(const qf_ciphertext *ciphertext) {
    return (qf_ciphertext_used(ciphertext) + 15) / 16 * 16;
}

qf_status qf_ciphertext_check(const qf_ckks *ckks, const qf_ciphertext *c, qf_error *error) {
    const double noise = QF_NOISE_TAIL * c->deviation;
    if (!(log2(c->magnitude + noise) < ckks->log_q[c->level] - 1)) {
        return qf_fail(error, QF_DATA,
                       "the message may outgrow its modulus: 2^%.1f of 2^%.1f, at level %zu",
                       log2(c->magnitude + noise), ckks->log_q[c->level] - 1, c->level);
    }
    if (c->packing == QF_COEFFICIENTS && !(noise < c->scale / 2)) {
        return qf_fail(error, QF_DATA, "the noise may reach 2^%.1f, half a unit is 2^%.1f",
                       log2(noise), log2(c->scale) - 1);
    }
    const double in_slot = QF_SLOT_TAIL * sqrt((double)ckks->n) * c->deviation;
    if (c->packing == QF_SLOTS && !(in_slot < c->magnitude)) {
        return qf_fail(error, QF_DATA, "the noise may cover the message: 2^%.1f of 2^%.1f",
                       log2(in_slot), log2(c->magnitude));
    }
    return QF_OK;
}

qf_status qf_ciphertext_match(const qf_ciphertext *a, const qf_ciphertext *b, qf_error *error) {
    if (!qf_id_equal(&a->key, &b->key)) {
        return qf_fail(error, QF_MISMATCH, "the ciphertexts are under different keys");
    }
    if (a->packing != b->packing) {
        return qf_fail(error, QF_MISMATCH, "one ciphertext has slots, the other coefficients");
    }
    if (a->count != b->count) {
        return qf_fail(error, QF_MISMATCH, "one ciphertext holds %zu values, the other %zu",
                       a->count, b->count);
    }
    if (a->level != b->level) {
        return qf_fail(error, QF_MISMATCH, "one ciphertext is at level %zu, the other at %zu",
                       a->level, b->level);
    }
    if (fabs(a->scale - b->scale) > 1e-12 * fabs(a->scale)) {
        return qf_fail(error, QF_MISMATCH, "one ciphertext has scale %.17g, the other %.17g",
                       a->scale, b->scale);
    }
    return QF_OK;
}
