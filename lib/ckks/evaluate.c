#include "ckks/evaluate.h"

#include "base/memory.h"
#include "ckks/key_switch.h"
#include "ckks/noise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const int64_t most_factor = (int64_t)1 << 50;

/* Bounds of a result, before it is made: takes them when they are sound, refuses otherwise. */
static qf_status take_bounds(const qf_ckks *ckks, qf_ciphertext *c, double scale, double magnitude,
                             double deviation, qf_error *error) {
    qf_ciphertext after = *c;
    after.scale = scale;
    after.magnitude = magnitude;
    after.deviation = deviation;
    QF_TRY(qf_ciphertext_check(ckks, &after, error));
    *c = after;
    c->seeded = false; /* every operation but an addition of plain numbers changes c1 */
    return QF_OK;
}

static qf_status check_packing(const qf_ciphertext *c, qf_error *error) {
    if (c->packing == QF_SLOTS) return QF_OK;
    return qf_fail(error, QF_MISMATCH, "this is done on slots, the ciphertext holds coefficients");
}

static qf_status check_factor(int64_t factor, qf_error *error) {
    if (factor != 0 && factor >= -most_factor && factor <= most_factor) return QF_OK;
    return qf_fail(error, QF_DATA, "a factor of %lld is not within 1 .. 2^50 in size",
                   (long long)factor);
}

qf_status qf_ciphertext_add(const qf_ckks *ckks, qf_ciphertext *a, const qf_ciphertext *b,
                            qf_error *error) {
    QF_TRY(qf_ciphertext_match(a, b, error));
    QF_TRY(take_bounds(ckks, a, a->scale, a->magnitude + b->magnitude, a->deviation + b->deviation,
                       error));
    const size_t used = qf_ciphertext_padded(a);
    for (size_t i = 0; i <= a->level; i++) {
        const qf_modulus *m = qf_ckks_modulus(ckks, i);
        const qf_ring_form *form = ckks->ntt[i].form;
        uint64_t *row0 = qf_poly_row(&a->c0, i), *row1 = qf_poly_row(&a->c1, i);
        form->add(m, used, row0, qf_poly_row(&b->c0, i), row0);
        form->add(m, ckks->n, row1, qf_poly_row(&b->c1, i), row1);
    }
    return QF_OK;
}

qf_status qf_ciphertext_add_multiple(const qf_ckks *ckks, qf_ciphertext *a, const qf_ciphertext *b,
                                     int64_t factor, qf_error *error) {
    const double size = fabs((double)factor);
    QF_TRY(qf_ciphertext_match(a, b, error));
    QF_TRY(check_factor(factor, error));
    QF_TRY(take_bounds(ckks, a, a->scale, a->magnitude + size * b->magnitude,
                       a->deviation + size * b->deviation, error));
    const size_t used = qf_ciphertext_padded(a);
    for (size_t i = 0; i <= a->level; i++) {
        const qf_modulus *m = qf_ckks_modulus(ckks, i);
        const qf_ring_form *form = ckks->ntt[i].form;
        const qf_factor by = form->prepare(m, qf_mod_signed_any(m, factor));
        form->scale_add(m, used, by, qf_poly_row(&b->c0, i), qf_poly_row(&a->c0, i));
        form->scale_add(m, ckks->n, by, qf_poly_row(&b->c1, i), qf_poly_row(&a->c1, i));
    }
    return QF_OK;
}

qf_status qf_ciphertext_multiply_integer(const qf_ckks *ckks, qf_ciphertext *a, int64_t factor,
                                         qf_error *error) {
    const double size = fabs((double)factor);
    QF_TRY(check_factor(factor, error));
    QF_TRY(take_bounds(ckks, a, a->scale, size * a->magnitude, size * a->deviation, error));
    const size_t used = qf_ciphertext_padded(a);
    for (size_t i = 0; i <= a->level; i++) {
        const qf_modulus *m = qf_ckks_modulus(ckks, i);
        const qf_ring_form *form = ckks->ntt[i].form;
        const qf_factor by = form->prepare(m, qf_mod_signed_any(m, factor));
        uint64_t *row0 = qf_poly_row(&a->c0, i), *row1 = qf_poly_row(&a->c1, i);
        form->scale(m, used, by, row0, row0);
        form->scale(m, ckks->n, by, row1, row1);
    }
    return QF_OK;
}

static qf_status match_plain(const qf_ciphertext *a, const qf_plaintext *b, qf_error *error) {
    if (b->packing == a->packing && b->n == a->c0.n && b->count == a->count) return QF_OK;
    return qf_fail(error, QF_MISMATCH, "the plain values do not fit the ciphertext: %zu %s, %zu %s",
                   b->count, qf_packing_names[b->packing], a->count, qf_packing_names[a->packing]);
}

/* Row of a plaintext as c0 of its packing has it: with the scale. work[n]. */
static void plain_row(const qf_ntt *ntt, const qf_plaintext *plaintext, uint64_t *work) {
    const qf_modulus *m = &ntt->modulus;
    ntt->form->residues(m, ntt->n, plaintext->coefficients, work);
    if (plaintext->packing == QF_SLOTS) {
        ntt->form->forward(ntt, work);
        return;
    }
    const uint64_t scale = qf_mod_power_of_two(m, (unsigned)ilogb(plaintext->scale));
    ntt->form->scale(m, ntt->n, ntt->form->prepare(m, scale), work, work);
}

qf_status qf_ciphertext_add_plain(const qf_ckks *ckks, qf_ciphertext *a, const qf_plaintext *b,
                                  qf_error *error) {
    QF_TRY(match_plain(a, b, error));
    if (fabs(a->scale - b->scale) > 1e-12 * fabs(a->scale)) {
        return qf_fail(error, QF_MISMATCH, "the plain values have scale %.17g, not %.17g", b->scale,
                       a->scale);
    }
    uint64_t *work = qf_new_lines(ckks->n * sizeof *work, error);
    if (!work) return QF_MEMORY;
    const double rounding = b->packing == QF_SLOTS ? qf_noise_encoding() : 0;
    const bool seeded = a->seeded;
    const qf_status status =
        take_bounds(ckks, a, a->scale, a->magnitude + b->magnitude, a->deviation + rounding, error);
    for (size_t i = 0; status == QF_OK && i <= a->level; i++) {
        uint64_t *row = qf_poly_row(&a->c0, i);
        plain_row(&ckks->ntt[i], b, work);
        ckks->ntt[i].form->add(qf_ckks_modulus(ckks, i), qf_ciphertext_padded(a), row, work, row);
    }
    a->seeded = seeded;
    qf_wipe_free(work, ckks->n * sizeof *work);
    return status;
}

/* ---- Slots ---- */

qf_status qf_ciphertext_multiply_real(const qf_ckks *ckks, qf_ciphertext *a, double factor,
                                      double scale, qf_error *error) {
    const double rounded = rint(factor * scale), size = fabs(rounded);
    QF_TRY(check_packing(a, error));
    if (!(scale >= 1 && size >= 1 && size < 0x1p62)) {
        return qf_fail(error, QF_DATA, "a factor of %g at a scale of %g is not within 62 bits",
                       factor, scale);
    }
    /* What is multiplied is the factor rounded to the scale. */
    const double wrong = fabs(rounded - factor * scale) * a->magnitude / sqrt((double)ckks->n);
    QF_TRY(take_bounds(ckks, a, a->scale * scale, size * a->magnitude, size * a->deviation + wrong,
                       error));
    for (size_t i = 0; i <= a->level; i++) {
        const qf_modulus *m = qf_ckks_modulus(ckks, i);
        const qf_ring_form *form = ckks->ntt[i].form;
        const qf_factor by = form->prepare(m, qf_mod_signed_any(m, (int64_t)rounded));
        uint64_t *row0 = qf_poly_row(&a->c0, i), *row1 = qf_poly_row(&a->c1, i);
        form->scale(m, ckks->n, by, row0, row0);
        form->scale(m, ckks->n, by, row1, row1);
    }
    return QF_OK;
}

qf_status qf_ciphertext_multiply_plain(const qf_ckks *ckks, qf_ciphertext *a, const qf_plaintext *b,
                                       qf_error *error) {
    QF_TRY(check_packing(a, error));
    QF_TRY(match_plain(a, b, error));
    uint64_t *work = qf_new_lines(ckks->n * sizeof *work, error);
    if (!work) return QF_MEMORY;
    const double noise =
        qf_noise_product(ckks->n, a->magnitude, a->deviation, b->magnitude, qf_noise_encoding());
    const qf_status status =
        take_bounds(ckks, a, a->scale * b->scale, a->magnitude * b->magnitude, noise, error);
    for (size_t i = 0; status == QF_OK && i <= a->level; i++) {
        const qf_modulus *m = qf_ckks_modulus(ckks, i);
        const qf_ring_form *form = ckks->ntt[i].form;
        uint64_t *row0 = qf_poly_row(&a->c0, i), *row1 = qf_poly_row(&a->c1, i);
        plain_row(&ckks->ntt[i], b, work);
        form->multiply(m, ckks->n, row0, work, row0);
        form->multiply(m, ckks->n, row1, work, row1);
    }
    qf_wipe_free(work, ckks->n * sizeof *work);
    return status;
}

/* (c0, c1) becomes the part of the product that is linear in s; d gets what goes with s^2. */
static void multiply_rows(const qf_ckks *ckks, qf_ciphertext *a, const qf_ciphertext *b,
                          const qf_poly *d) {
    for (size_t i = 0; i <= a->level; i++) {
        const qf_modulus *m = qf_ckks_modulus(ckks, i);
        const qf_ring_form *form = ckks->ntt[i].form;
        uint64_t *a0 = qf_poly_row(&a->c0, i), *a1 = qf_poly_row(&a->c1, i);
        uint64_t *square = qf_poly_row(d, i);
        const uint64_t *b0 = qf_poly_row(&b->c0, i), *b1 = qf_poly_row(&b->c1, i);
        /* a and b may be one. */
        form->multiply(m, ckks->n, a0, b1, square);
        form->multiply_add(m, ckks->n, a1, b0, square);
        form->multiply(m, ckks->n, a0, b0, a0);
        form->multiply(m, ckks->n, a1, b1, a1);
        for (size_t j = 0; j < ckks->n; j++) {
            const uint64_t linear = square[j];
            square[j] = a1[j];
            a1[j] = linear;
        }
    }
}

qf_status qf_ciphertext_multiply(const qf_ckks *ckks, qf_ciphertext *a, const qf_ciphertext *b,
                                 const qf_relinearisation_key *key, qf_error *error) {
    QF_TRY(check_packing(a, error));
    if (!qf_id_equal(&a->key, &b->key) || !qf_id_equal(&a->key, &key->id)) {
        return qf_fail(error, QF_MISMATCH, "the factors and the relinearisation key differ in key");
    }
    if (b->packing != a->packing || b->level != a->level || b->count != a->count) {
        return qf_fail(error, QF_MISMATCH, "the factors differ in packing, level or count");
    }
    qf_poly d;
    QF_TRY(qf_poly_new(&d, ckks->n, a->level + 1, error));
    const double noise =
        qf_noise_product(ckks->n, a->magnitude, a->deviation, b->magnitude, b->deviation) +
        qf_noise_key_switch(ckks, a->level, a->parties);
    qf_status status =
        take_bounds(ckks, a, a->scale * b->scale, a->magnitude * b->magnitude, noise, error);
    if (status == QF_OK) {
        multiply_rows(ckks, a, b, &d);
        status = qf_key_switch(ckks, &key->from_square, &d, &a->c0, &a->c1, error);
    }
    qf_poly_free(&d);
    return status;
}

qf_status qf_ciphertext_rescale(const qf_ckks *ckks, qf_ciphertext *a, qf_error *error) {
    QF_TRY(check_packing(a, error));
    if (a->level == 0) return qf_fail(error, QF_DATA, "no prime is left to rescale by");
    uint64_t *work = qf_new_lines(ckks->n * sizeof *work, error);
    if (!work) return QF_MEMORY;
    const size_t last = a->level;
    const double q = (double)qf_ckks_modulus(ckks, last)->value;
    const double noise = hypot(a->deviation / q, qf_noise_rounding(ckks->n, a->parties));
    a->level--;
    const qf_status status = take_bounds(ckks, a, a->scale / q, a->magnitude / q, noise, error);
    if (status == QF_OK) {
        qf_poly_divide(ckks, last, qf_poly_row(&a->c0, last), &a->c0, last, work);
        qf_poly_divide(ckks, last, qf_poly_row(&a->c1, last), &a->c1, last, work);
        a->c0.primes = a->c1.primes = last;
    } else {
        a->level++;
    }
    free(work);
    return status;
}

qf_status qf_ciphertext_rotate(const qf_ckks *ckks, qf_ciphertext *a, const qf_rotation_key *key,
                               qf_error *error) {
    QF_TRY(check_packing(a, error));
    if (!qf_id_equal(&a->key, &key->id)) {
        return qf_fail(error, QF_MISMATCH, "the rotation key is another key's");
    }
    const double noise = a->deviation + qf_noise_key_switch(ckks, a->level, a->parties);
    qf_poly c0 = {0}, c1 = {0}, d = {0};
    qf_status status = qf_poly_new(&c0, ckks->n, a->level + 1, error);
    if (status == QF_OK) status = qf_poly_new(&c1, ckks->n, a->level + 1, error);
    if (status == QF_OK) status = qf_poly_new(&d, ckks->n, a->level + 1, error);
    if (status == QF_OK) {
        for (size_t i = 0; i <= a->level; i++) {
            const uint64_t *from0 = qf_poly_row(&a->c0, i), *from1 = qf_poly_row(&a->c1, i);
            uint64_t *to0 = qf_poly_row(&c0, i), *to1 = qf_poly_row(&d, i);
            for (size_t j = 0; j < ckks->n; j++) {
                to0[j] = from0[key->source[j]];
                to1[j] = from1[key->source[j]];
            }
        }
        status = qf_key_switch(ckks, &key->from_turned, &d, &c0, &c1, error);
    }
    if (status == QF_OK) status = take_bounds(ckks, a, a->scale, a->magnitude, noise, error);
    if (status == QF_OK) {
        const qf_poly old0 = a->c0, old1 = a->c1;
        a->c0 = c0;
        a->c1 = c1;
        a->count = ckks->n / 2;
        c0 = old0;
        c1 = old1;
    }
    qf_poly_free(&c0);
    qf_poly_free(&c1);
    qf_poly_free(&d);
    return status;
}

qf_status qf_ciphertext_drop(const qf_ckks *ckks, qf_ciphertext *a, size_t level, qf_error *error) {
    if (level > a->level) {
        return qf_fail(error, QF_MISMATCH, "the ciphertext is at level %zu, below %zu", a->level,
                       level);
    }
    const size_t old = a->level;
    const bool seeded = a->seeded;
    a->level = level;
    const qf_status status = take_bounds(ckks, a, a->scale, a->magnitude, a->deviation, error);
    a->seeded = seeded;
    if (status == QF_OK) {
        a->c0.primes = a->c1.primes = level + 1;
    } else {
        a->level = old;
    }
    return status;
}
