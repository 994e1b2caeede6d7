#include "ckks/keys.h"

#include "base/memory.h"
#include "ckks/bits.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/sha.h>

void qf_secret_key_free(qf_secret_key *key) {
    qf_poly_wipe(&key->s);
    *key = (qf_secret_key){0};
}

void qf_public_key_free(qf_public_key *key) {
    qf_poly_free(&key->a);
    qf_poly_free(&key->b);
    *key = (qf_public_key){0};
}

static void free_switch_key(qf_switch_key *key) {
    for (size_t i = 0; i < QF_CKKS_MAX_PRIMES; i++) {
        qf_poly_free(&key->a[i]);
        qf_poly_free(&key->b[i]);
    }
}

void qf_relinearisation_key_free(qf_relinearisation_key *key) {
    free_switch_key(&key->from_square);
    *key = (qf_relinearisation_key){0};
}

void qf_rotation_key_free(qf_rotation_key *key) {
    free_switch_key(&key->from_turned);
    free(key->source);
    *key = (qf_rotation_key){0};
}

qf_status qf_expand(const qf_ckks *ckks, const unsigned char seed[QF_SEED_SIZE], uint64_t number,
                    const qf_poly *poly, qf_error *error) {
    for (size_t i = 0; i < poly->primes; i++) {
        qf_sampler sampler;
        QF_TRY(qf_sampler_seeded(&sampler, seed, number * (QF_CKKS_MAX_PRIMES + 1) + i, error));
        const qf_status status = qf_sample_uniform(&sampler, qf_ckks_modulus(ckks, i), poly->n,
                                                   qf_poly_row(poly, i), error);
        qf_sampler_free(&sampler);
        if (status != QF_OK) return status;
    }
    return QF_OK;
}

typedef qf_status draw_small(qf_sampler *sampler, size_t n, int32_t *to, qf_error *error);

static qf_status small_poly(const qf_ckks *ckks, draw_small *draw, qf_sampler *sampler,
                            const qf_poly *poly, qf_error *error) {
    int32_t *small = qf_new_lines(poly->n * sizeof *small, error);
    if (!small) return QF_MEMORY;
    const qf_status status = draw(sampler, poly->n, small, error);
    for (size_t i = 0; status == QF_OK && i < poly->primes; i++) {
        const qf_ntt *ntt = &ckks->ntt[i];
        ntt->form->small_residues(&ntt->modulus, poly->n, small, qf_poly_row(poly, i));
        ntt->form->forward(ntt, qf_poly_row(poly, i));
    }
    qf_wipe_free(small, poly->n * sizeof *small);
    return status;
}

qf_status qf_secret_poly(const qf_ckks *ckks, qf_sampler *sampler, const qf_poly *poly,
                         qf_error *error) {
    return small_poly(ckks, qf_sample_ternary, sampler, poly, error);
}

qf_status qf_error_poly(const qf_ckks *ckks, qf_sampler *sampler, const qf_poly *poly,
                        qf_error *error) {
    return small_poly(ckks, qf_sample_errors, sampler, poly, error);
}

qf_status qf_mask_secret(const qf_ckks *ckks, const qf_poly *a, const qf_poly *s,
                         qf_sampler *sampler, const qf_poly *b, qf_error *error) {
    qf_poly product;
    QF_TRY(qf_poly_new(&product, b->n, b->primes, error));
    const qf_status status = qf_error_poly(ckks, sampler, b, error);
    for (size_t i = 0; status == QF_OK && i < b->primes; i++) {
        const qf_modulus *m = qf_ckks_modulus(ckks, i);
        const qf_ring_form *form = ckks->ntt[i].form;
        uint64_t *row = qf_poly_row(b, i), *work = qf_poly_row(&product, i);
        form->multiply(m, b->n, qf_poly_row(a, i), qf_poly_row(s, i), work);
        form->subtract(m, b->n, row, work, row);
    }
    qf_poly_wipe(&product);
    return status;
}

qf_status qf_public_key_identify(const qf_ckks *ckks, qf_public_key *key, qf_error *error) {
    char start[32];
    qf_bytes bytes = {0};
    const int length = snprintf(start, sizeof start, "qf ckks key %u ", key->parties);
    const size_t size = qf_poly_packed_size(ckks, ckks->n, key->b.primes);
    qf_status status = qf_bytes_append(&bytes, start, (size_t)length, error);
    if (status == QF_OK) status = qf_bytes_append(&bytes, ckks->id.bytes, QF_ID_SIZE, error);
    if (status == QF_OK) status = qf_bytes_append(&bytes, key->seed, QF_SEED_SIZE, error);
    const size_t before = bytes.length;
    if (status == QF_OK) {
        status = qf_grow_array(&bytes.data, &bytes.capacity, before + size, 1, error);
    }
    if (status == QF_OK) {
        qf_poly_pack(ckks, &key->b, ckks->n, bytes.data + before);
        SHA256(bytes.data, before + size, key->id.bytes);
    }
    free(bytes.data);
    return status;
}

static qf_status make_pair(const qf_ckks *ckks, qf_sampler *sampler, qf_secret_key *secret,
                           qf_public_key *public_key, qf_error *error) {
    QF_TRY(qf_poly_new(&secret->s, ckks->n, ckks->all_primes, error));
    QF_TRY(qf_poly_new(&public_key->a, ckks->n, ckks->all_primes, error));
    QF_TRY(qf_poly_new(&public_key->b, ckks->n, ckks->all_primes, error));
    QF_TRY(qf_sample_seed(public_key->seed, error));
    QF_TRY(qf_expand(ckks, public_key->seed, 0, &public_key->a, error));
    QF_TRY(qf_secret_poly(ckks, sampler, &secret->s, error));
    QF_TRY(qf_mask_secret(ckks, &public_key->a, &secret->s, sampler, &public_key->b, error));
    public_key->parties = 1;
    QF_TRY(qf_public_key_identify(ckks, public_key, error));
    secret->id = public_key->id;
    return QF_OK;
}

qf_status qf_key_pair(const qf_ckks *ckks, qf_sampler *sampler, qf_secret_key *secret,
                      qf_public_key *public_key, qf_error *error) {
    *secret = (qf_secret_key){0};
    *public_key = (qf_public_key){0};
    const qf_status status = make_pair(ckks, sampler, secret, public_key, error);
    if (status != QF_OK) {
        qf_secret_key_free(secret);
        qf_public_key_free(public_key);
    }
    return status;
}

/* The switching key from `from` (evaluations over the ciphertexts' primes at least). */
static qf_status make_switch_key(const qf_ckks *ckks, const qf_secret_key *secret,
                                 const qf_poly *from, qf_sampler *sampler, qf_switch_key *key,
                                 qf_error *error) {
    if (ckks->all_primes == ckks->primes) {
        return qf_fail(error, QF_USAGE, "these parameters have no special prime to switch keys");
    }
    const uint64_t special = qf_ckks_modulus(ckks, ckks->primes)->value;
    QF_TRY(qf_sample_seed(key->seed, error));
    for (size_t i = 0; i < ckks->primes; i++, key->digits++) {
        QF_TRY(qf_poly_new(&key->a[i], ckks->n, ckks->all_primes, error));
        QF_TRY(qf_poly_new(&key->b[i], ckks->n, ckks->all_primes, error));
        QF_TRY(qf_expand(ckks, key->seed, i, &key->a[i], error));
        QF_TRY(qf_mask_secret(ckks, &key->a[i], &secret->s, sampler, &key->b[i], error));
        const qf_ntt *ntt = &ckks->ntt[i];
        const qf_modulus *m = &ntt->modulus;
        ntt->form->scale_add(m, ckks->n, ntt->form->prepare(m, qf_mod_reduce(m, special)),
                             qf_poly_row(from, i), qf_poly_row(&key->b[i], i));
    }
    return QF_OK;
}

qf_status qf_relinearisation_key_make(const qf_ckks *ckks, const qf_secret_key *secret,
                                      qf_sampler *sampler, qf_relinearisation_key *key,
                                      qf_error *error) {
    qf_poly square;
    *key = (qf_relinearisation_key){.id = secret->id};
    QF_TRY(qf_poly_new(&square, ckks->n, ckks->primes, error));
    for (size_t i = 0; i < ckks->primes; i++) {
        const uint64_t *s = qf_poly_row(&secret->s, i);
        ckks->ntt[i].form->multiply(qf_ckks_modulus(ckks, i), ckks->n, s, s,
                                    qf_poly_row(&square, i));
    }
    const qf_status status =
        make_switch_key(ckks, secret, &square, sampler, &key->from_square, error);
    qf_poly_wipe(&square);
    if (status != QF_OK) qf_relinearisation_key_free(key);
    return status;
}

/* Evaluation i is at psi^(2 r(i) + 1); m(X^element) there is m at the power times element. */
void qf_turn_sources(size_t n, size_t element, uint32_t *source) {
    for (size_t i = 0; i < n; i++) {
        const size_t power = (2 * qf_reverse_bits(i, n) + 1) * element % (2 * n);
        source[i] = (uint32_t)qf_reverse_bits(power / 2, n);
    }
}

static qf_status make_rotation_key(const qf_ckks *ckks, const qf_secret_key *secret,
                                   qf_sampler *sampler, qf_rotation_key *key, const qf_poly *turned,
                                   qf_error *error) {
    key->source = qf_new_array(ckks->n, sizeof *key->source, error);
    if (!key->source) return QF_MEMORY;
    qf_turn_sources(ckks->n, key->element, key->source);
    for (size_t i = 0; i < ckks->primes; i++) {
        const uint64_t *from = qf_poly_row(&secret->s, i);
        uint64_t *to = qf_poly_row(turned, i);
        for (size_t j = 0; j < ckks->n; j++) to[j] = from[key->source[j]];
    }
    return make_switch_key(ckks, secret, turned, sampler, &key->from_turned, error);
}

qf_status qf_rotation_key_make(const qf_ckks *ckks, const qf_secret_key *secret, size_t steps,
                               qf_sampler *sampler, qf_rotation_key *key, qf_error *error) {
    *key = (qf_rotation_key){.steps = steps, .element = 1, .id = secret->id};
    if (steps < 1 || steps >= ckks->n / 2) {
        return qf_fail(error, QF_USAGE, "rotations are by 1 to %zu steps, not %zu", ckks->n / 2 - 1,
                       steps);
    }
    for (size_t i = 0; i < steps; i++) key->element = key->element * 5 % (2 * ckks->n);
    qf_poly turned;
    QF_TRY(qf_poly_new(&turned, ckks->n, ckks->primes, error));
    const qf_status status = make_rotation_key(ckks, secret, sampler, key, &turned, error);
    qf_poly_wipe(&turned);
    if (status != QF_OK) qf_rotation_key_free(key);
    return status;
}
