#include "ckks/encrypt.h"

#include "base/memory.h"
#include "ckks/noise.h"
#include "ckks/slots.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC optimize("O3")

/* ---- Encryption ---- */

/* What one encryption draws, [N] each, and room to work; all wiped. */
typedef struct draws {
    size_t n;
    int32_t *ternary, *error0, *error1;
    uint64_t *row, *message;
    uint64_t *rest0, *rest1; /* b u + e0 and a u + e1 modulo the special prime, as coefficients */
} draws;

static size_t draws_size(size_t n) {
    return n * (3 * sizeof(int32_t) + 4 * sizeof(uint64_t));
}

static qf_status new_draws(size_t n, draws *d, qf_error *error) {
    *d = (draws){.n = n, .row = qf_new_lines(draws_size(n), error)};
    if (!d->row) return QF_MEMORY;
    d->message = d->row + n;
    d->rest0 = d->message + n;
    d->rest1 = d->rest0 + n;
    d->ternary = (int32_t *)(d->rest1 + n);
    d->error0 = d->ternary + n;
    d->error1 = d->error0 + n;
    return QF_OK;
}

static void free_draws(draws *d) {
    qf_wipe_free(d->row, draws_size(d->n));
}

static qf_status start_ciphertext(const qf_ckks *ckks, const qf_plaintext *plaintext,
                                  const qf_id *key, unsigned parties, double deviation,
                                  qf_ciphertext *c, qf_error *error) {
    *c = (qf_ciphertext){.packing = plaintext->packing,
                         .level = ckks->primes - 1,
                         .count = plaintext->count,
                         .scale = plaintext->scale,
                         .magnitude = plaintext->magnitude,
                         .deviation = deviation,
                         .parties = parties,
                         .key = *key};
    if (plaintext->n != ckks->n) return qf_fail(error, QF_MISMATCH, "a plaintext of another ring");
    if (c->packing == QF_SLOTS) c->deviation = hypot(deviation, qf_noise_encoding());
    QF_TRY(qf_poly_new(&c->c0, ckks->n, ckks->primes, error));
    QF_TRY(qf_poly_new(&c->c1, ckks->n, ckks->primes, error));
    return qf_ciphertext_check(ckks, c, error);
}

/* The key's parts times u, modulo the special prime, with the errors: what division by that prime
 * leaves over. */
static void compute_rests(const qf_ckks *ckks, const qf_public_key *key, const draws *d) {
    const qf_ntt *ntt = &ckks->ntt[ckks->primes];
    const qf_modulus *m = &ntt->modulus;
    const qf_ring_form *form = ntt->form;
    const size_t n = ckks->n;
    form->small_residues(m, n, d->ternary, d->row);
    form->forward(ntt, d->row);
    form->multiply(m, n, qf_poly_row(&key->b, ckks->primes), d->row, d->rest0);
    form->multiply(m, n, qf_poly_row(&key->a, ckks->primes), d->row, d->rest1);
    form->inverse(ntt, d->rest0);
    form->inverse(ntt, d->rest1);
    form->small_residues(m, n, d->error0, d->row);
    form->add(m, n, d->rest0, d->row, d->rest0);
    form->small_residues(m, n, d->error1, d->row);
    form->add(m, n, d->rest1, d->row, d->rest1);
}

/* The row that an error adds to, as coefficients; with a special prime, less the rest. work[n]. */
static void error_row(const qf_ckks *ckks, const qf_ntt *ntt, const int32_t *errors,
                      const uint64_t *rest, uint64_t *work, uint64_t *row) {
    const qf_modulus *m = &ntt->modulus;
    ntt->form->small_residues(m, ntt->n, errors, row);
    if (ckks->all_primes == ckks->primes) return;
    ntt->form->lift(qf_ckks_modulus(ckks, ckks->primes), m, ntt->n, rest, work);
    ntt->form->subtract(m, ntt->n, row, work, row);
}

/* Divides the row of prime i by the special prime, where there is one. */
static void leave_special(const qf_ckks *ckks, size_t i, uint64_t *row) {
    if (ckks->all_primes == ckks->primes) return;
    const qf_ntt *ntt = &ckks->ntt[i];
    const uint64_t inverse = ckks->inverse_of[ckks->primes][i];
    const qf_factor by = ntt->form->prepare(&ntt->modulus, inverse);
    ntt->form->scale(&ntt->modulus, ckks->n, by, row, row);
}

/* row += the message in slots, times `factor`, or in coefficients, times its scale. work[n]. */
static void add_message(const qf_ntt *ntt, const qf_plaintext *p, uint64_t factor, size_t used,
                        uint64_t *work, uint64_t *row) {
    const qf_modulus *m = &ntt->modulus;
    if (p->packing == QF_COEFFICIENTS) {
        factor = qf_mod_power_of_two(m, (unsigned)ilogb(p->scale));
    }
    ntt->form->residues(m, used, p->coefficients, work);
    ntt->form->scale_add(m, used, ntt->form->prepare(m, factor), work, row);
}

static void encrypt_row(const qf_ckks *ckks, size_t i, const qf_public_key *key,
                        const qf_plaintext *plaintext, const draws *d, const qf_ciphertext *c) {
    const qf_ntt *ntt = &ckks->ntt[i];
    const qf_modulus *m = &ntt->modulus;
    const qf_ring_form *form = ntt->form;
    const size_t n = ckks->n, used = qf_ciphertext_padded(c);
    uint64_t *c0 = qf_poly_row(&c->c0, i), *c1 = qf_poly_row(&c->c1, i);
    form->small_residues(m, n, d->ternary, d->row);
    form->forward(ntt, d->row);

    error_row(ckks, ntt, d->error1, d->rest1, d->message, c1);
    form->forward(ntt, c1);
    form->multiply_add(m, n, qf_poly_row(&key->a, i), d->row, c1);
    leave_special(ckks, i, c1);

    error_row(ckks, ntt, d->error0, d->rest0, d->message, c0);
    if (c->packing == QF_SLOTS) {
        uint64_t special = 1;
        if (ckks->all_primes > ckks->primes) {
            special = qf_mod_reduce(m, qf_ckks_modulus(ckks, ckks->primes)->value);
        }
        add_message(ntt, plaintext, special, n, d->message, c0);
        form->forward(ntt, c0);
        form->multiply_add(m, n, qf_poly_row(&key->b, i), d->row, c0);
        leave_special(ckks, i, c0);
    } else {
        form->multiply(m, n, qf_poly_row(&key->b, i), d->row, d->row);
        form->inverse(ntt, d->row);
        form->add(m, used, c0, d->row, c0);
        leave_special(ckks, i, c0);
        add_message(ntt, plaintext, 1, used, d->message, c0);
    }
}

/* Beyond the values there is nothing but noise; it is not kept. */
static void cut_unused(const qf_ciphertext *c) {
    const size_t used = qf_ciphertext_used(c);
    for (size_t i = 0; i < c->c0.primes; i++) {
        memset(qf_poly_row(&c->c0, i) + used, 0, (c->c0.n - used) * sizeof *c->c0.residues);
    }
}

qf_status qf_encrypt(const qf_ckks *ckks, const qf_public_key *key, const qf_plaintext *plaintext,
                     qf_sampler *sampler, qf_ciphertext *c, qf_error *error) {
    draws d = {0};
    qf_status status = start_ciphertext(ckks, plaintext, &key->id, key->parties,
                                        qf_noise_public(ckks, key->parties), c, error);
    if (status == QF_OK) status = new_draws(ckks->n, &d, error);
    if (status == QF_OK) status = qf_sample_ternary(sampler, ckks->n, d.ternary, error);
    if (status == QF_OK) status = qf_sample_errors(sampler, ckks->n, d.error0, error);
    if (status == QF_OK) status = qf_sample_errors(sampler, ckks->n, d.error1, error);
    if (status == QF_OK && ckks->all_primes > ckks->primes) compute_rests(ckks, key, &d);
    for (size_t i = 0; status == QF_OK && i < ckks->primes; i++) {
        encrypt_row(ckks, i, key, plaintext, &d, c);
    }
    free_draws(&d);
    if (status == QF_OK) {
        cut_unused(c);
    } else {
        qf_ciphertext_free(c);
    }
    return status;
}

/* c0 = e + m - c1 s */
static void seeded_row(const qf_ntt *ntt, const uint64_t *s, const qf_plaintext *plaintext,
                       const draws *d, const qf_ciphertext *c, size_t i) {
    const qf_modulus *m = &ntt->modulus;
    const qf_ring_form *form = ntt->form;
    uint64_t *c0 = qf_poly_row(&c->c0, i);
    form->small_residues(m, ntt->n, d->error0, c0);
    add_message(ntt, plaintext, 1, ntt->n, d->message, c0);
    form->multiply(m, ntt->n, qf_poly_row(&c->c1, i), s, d->row);
    if (c->packing == QF_SLOTS) {
        form->forward(ntt, c0);
    } else {
        form->inverse(ntt, d->row);
    }
    form->subtract(m, ntt->n, c0, d->row, c0);
}

qf_status qf_encrypt_seeded(const qf_ckks *ckks, const qf_secret_key *key,
                            const qf_plaintext *plaintext, qf_sampler *sampler, qf_ciphertext *c,
                            qf_error *error) {
    draws d = {0};
    qf_status status = start_ciphertext(ckks, plaintext, &key->id, 1, qf_noise_secret(), c, error);
    if (status == QF_OK) status = new_draws(ckks->n, &d, error);
    if (status == QF_OK) status = qf_sample_seed(c->seed, error);
    if (status == QF_OK) status = qf_expand(ckks, c->seed, 0, &c->c1, error);
    if (status == QF_OK) status = qf_sample_errors(sampler, ckks->n, d.error0, error);
    for (size_t i = 0; status == QF_OK && i < ckks->primes; i++) {
        seeded_row(&ckks->ntt[i], qf_poly_row(&key->s, i), plaintext, &d, c, i);
    }
    free_draws(&d);
    c->seeded = true;
    if (status == QF_OK) {
        cut_unused(c);
    } else {
        qf_ciphertext_free(c);
    }
    return status;
}

/* ---- Decryption ---- */

size_t qf_primes_needed(const qf_ckks *ckks, size_t level, double log_bound) {
    size_t primes = 1;
    while (primes <= level && log_bound + 1 >= ckks->log_q[primes - 1]) primes++;
    return primes;
}

/* phase = c0 + c1 s as coefficients, on its rows. */
static void compute_phase(const qf_ckks *ckks, const qf_secret_key *key, const qf_ciphertext *c,
                          const qf_poly *phase) {
    for (size_t i = 0; i < phase->primes; i++) {
        const qf_ntt *ntt = &ckks->ntt[i];
        const qf_modulus *m = &ntt->modulus;
        uint64_t *row = qf_poly_row(phase, i);
        const uint64_t *c0 = qf_poly_row(&c->c0, i);
        ntt->form->multiply(m, ckks->n, qf_poly_row(&c->c1, i), qf_poly_row(&key->s, i), row);
        if (c->packing == QF_SLOTS) ntt->form->add(m, ckks->n, row, c0, row);
        ntt->form->inverse(ntt, row);
        if (c->packing == QF_COEFFICIENTS) {
            ntt->form->add(m, qf_ciphertext_padded(c), row, c0, row);
        }
    }
}

static qf_status open_phase(const qf_ckks *ckks, const qf_secret_key *key, const qf_ciphertext *c,
                            qf_packing packing, qf_poly *phase, qf_error *error) {
    if (!qf_id_equal(&key->id, &c->key)) {
        return qf_fail(error, QF_MISMATCH, "the ciphertext is under another key");
    }
    if (c->packing != packing) {
        return qf_fail(error, QF_MISMATCH, "expected %s, the ciphertext holds %s",
                       qf_packing_names[packing], qf_packing_names[c->packing]);
    }
    QF_TRY(qf_ciphertext_check(ckks, c, error));
    const double bound = log2(c->magnitude + QF_NOISE_TAIL * c->deviation);
    QF_TRY(qf_poly_new(phase, ckks->n, qf_primes_needed(ckks, c->level, bound), error));
    compute_phase(ckks, key, c, phase);
    return QF_OK;
}

/* Digits of coefficient `at` in the mixed radix q_0, q_0 q_1, ..., each in -q/2 .. q/2: the
 * representative nearest to zero is their sum (Garner 1959). */
static void centred_digits(const qf_ckks *ckks, const qf_poly *phase, size_t primes, size_t at,
                           int64_t digits[]) {
    for (size_t i = 0; i < primes; i++) {
        const qf_modulus *m = qf_ckks_modulus(ckks, i);
        uint64_t rest = qf_poly_row(phase, i)[at];
        for (size_t j = 0; j < i; j++) {
            rest = qf_mod_subtract(m, rest, qf_mod_signed_any(m, digits[j]));
            rest = qf_mod_multiply(m, rest, ckks->inverse_of[j][i]);
        }
        digits[i] = qf_mod_centred(m, rest);
    }
}

static double centred_real(const qf_ckks *ckks, const qf_poly *phase, size_t at) {
    int64_t digits[QF_CKKS_MAX_PRIMES];
    centred_digits(ckks, phase, phase->primes, at, digits);
    double sum = 0;
    for (size_t i = phase->primes; i-- > 0;) {
        sum = sum * (double)qf_ckks_modulus(ckks, i)->value + (double)digits[i];
    }
    return sum;
}

qf_status qf_decrypt_slots(const qf_ckks *ckks, const qf_secret_key *key, const qf_ciphertext *c,
                           double *values, qf_error *error) {
    qf_poly phase;
    QF_TRY(open_phase(ckks, key, c, QF_SLOTS, &phase, error));
    double *coefficients = qf_new_lines(ckks->n * sizeof *coefficients, error);
    if (coefficients && phase.primes == 1) {
        const qf_modulus *m = qf_ckks_modulus(ckks, 0);
        for (size_t i = 0; i < ckks->n; i++) {
            coefficients[i] = (double)qf_mod_centred(m, phase.residues[i]);
        }
    } else if (coefficients) {
        for (size_t i = 0; i < ckks->n; i++) coefficients[i] = centred_real(ckks, &phase, i);
    }
    if (coefficients) qf_slots_decode(ckks, coefficients, c->scale, c->count, values);
    qf_wipe_free(coefficients, ckks->n * sizeof *coefficients);
    qf_poly_wipe(&phase);
    return coefficients ? QF_OK : QF_MEMORY;
}

qf_status qf_round_phase(const qf_ckks *ckks, const qf_poly *phase, size_t primes, double scale,
                         size_t count, int64_t *integers, qf_error *error) {
    const unsigned shift = (unsigned)ilogb(scale);
    if (ckks->log_q[primes - 1] > 126) {
        return qf_fail(error, QF_DATA, "integers are decoded from at most 126 bits");
    }
    for (size_t at = 0; at < count; at++) {
        int64_t digits[QF_CKKS_MAX_PRIMES];
        centred_digits(ckks, phase, primes, at, digits);
        __int128 sum = 0;
        for (size_t i = primes; i-- > 0;) {
            sum = sum * (__int128)qf_ckks_modulus(ckks, i)->value + digits[i];
        }
        const __int128 rounded = (sum + ((__int128)1 << shift >> 1)) >> shift;
        integers[at] = (int64_t)rounded;
        if (integers[at] != rounded) {
            return qf_fail(error, QF_DATA, "integer %zu of the result does not fit 64 bits",
                           at + 1);
        }
    }
    return QF_OK;
}

qf_status qf_decrypt_integers(const qf_ckks *ckks, const qf_secret_key *key, const qf_ciphertext *c,
                              int64_t *integers, qf_error *error) {
    qf_poly phase;
    QF_TRY(open_phase(ckks, key, c, QF_COEFFICIENTS, &phase, error));
    const qf_status status =
        qf_round_phase(ckks, &phase, phase.primes, c->scale, c->count, integers, error);
    qf_poly_wipe(&phase);
    return status;
}
