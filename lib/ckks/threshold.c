#include "ckks/threshold.h"

#include "base/memory.h"
#include "ckks/noise.h"
#include "ckks/packed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void qf_member_secret_free(qf_member_secret *secret) {
    qf_poly_wipe(&secret->s);
    *secret = (qf_member_secret){0};
}

void qf_member_public_free(qf_member_public *member) {
    qf_poly_free(&member->b);
    *member = (qf_member_public){0};
}

void qf_secret_share_free(qf_secret_share *share) {
    qf_poly_wipe(&share->share);
    *share = (qf_secret_share){0};
}

void qf_partial_free(qf_partial *partial) {
    qf_poly_wipe(&partial->d);
    *partial = (qf_partial){0};
}

/* ---- Key generation ---- */

static qf_status make_member(const qf_ckks *ckks, qf_sampler *sampler, qf_member_secret *secret,
                             qf_member_public *member, const qf_poly *a, qf_error *error) {
    QF_TRY(qf_poly_new(&secret->s, ckks->n, ckks->all_primes, error));
    QF_TRY(qf_poly_new(&member->b, ckks->n, ckks->all_primes, error));
    QF_TRY(qf_expand(ckks, member->seed, 0, a, error));
    QF_TRY(qf_secret_poly(ckks, sampler, &secret->s, error));
    return qf_mask_secret(ckks, a, &secret->s, sampler, &member->b, error);
}

qf_status qf_member_make(const qf_ckks *ckks, const unsigned char seed[QF_SEED_SIZE],
                         unsigned party, qf_sampler *sampler, qf_member_secret *secret,
                         qf_member_public *member, qf_error *error) {
    qf_poly a;
    *secret = (qf_member_secret){.party = party};
    *member = (qf_member_public){.party = party};
    memcpy(member->seed, seed, QF_SEED_SIZE);
    QF_TRY(qf_poly_new(&a, ckks->n, ckks->all_primes, error));
    const qf_status status = make_member(ckks, sampler, secret, member, &a, error);
    qf_poly_free(&a);
    if (status != QF_OK) {
        qf_member_secret_free(secret);
        qf_member_public_free(member);
    }
    return status;
}

static qf_status new_shares(const qf_ckks *ckks, unsigned threshold, unsigned parties,
                            qf_secret_share *shares, qf_error *error) {
    for (unsigned i = 0; i < parties; i++) {
        shares[i] = (qf_secret_share){
            .party = i + 1, .threshold = threshold, .parties = parties, .summed = 1};
        QF_TRY(qf_poly_new(&shares[i].share, ckks->n, ckks->primes, error));
    }
    return QF_OK;
}

/* Horner's rule at every party's point, the highest coefficient first: share = share x + next. */
static void step_shares(const qf_ckks *ckks, const qf_poly *next, unsigned parties,
                        const qf_secret_share *shares) {
    for (unsigned i = 0; i < parties; i++) {
        for (size_t j = 0; j < ckks->primes; j++) {
            const qf_modulus *m = qf_ckks_modulus(ckks, j);
            const qf_ring_form *form = ckks->ntt[j].form;
            uint64_t *row = qf_poly_row(&shares[i].share, j);
            form->scale(m, ckks->n, form->prepare(m, shares[i].party), row, row);
            form->add(m, ckks->n, row, qf_poly_row(next, j), row);
        }
    }
}

static qf_status deal(const qf_ckks *ckks, const qf_member_secret *secret, unsigned threshold,
                      unsigned parties, qf_sampler *sampler, const qf_poly *coefficient,
                      const qf_secret_share *shares, qf_error *error) {
    for (unsigned degree = threshold - 1; degree > 0; degree--) {
        for (size_t j = 0; j < ckks->primes; j++) {
            QF_TRY(qf_sample_uniform(sampler, qf_ckks_modulus(ckks, j), ckks->n,
                                     qf_poly_row(coefficient, j), error));
        }
        step_shares(ckks, coefficient, parties, shares);
    }
    step_shares(ckks, &secret->s, parties, shares);
    return QF_OK;
}

qf_status qf_member_deal(const qf_ckks *ckks, const qf_member_secret *secret, unsigned threshold,
                         unsigned parties, qf_sampler *sampler, qf_secret_share *shares,
                         qf_error *error) {
    if (threshold < 1 || threshold > parties || parties > QF_MAX_PARTIES) {
        return qf_fail(error, QF_USAGE, "a threshold of %u of %u parties; at most %d", threshold,
                       parties, QF_MAX_PARTIES);
    }
    qf_poly coefficient;
    memset(shares, 0, parties * sizeof *shares);
    QF_TRY(qf_poly_new(&coefficient, ckks->n, ckks->primes, error));
    qf_status status = new_shares(ckks, threshold, parties, shares, error);
    if (status == QF_OK) {
        status = deal(ckks, secret, threshold, parties, sampler, &coefficient, shares, error);
    }
    qf_poly_wipe(&coefficient);
    for (unsigned i = 0; status != QF_OK && i < parties; i++) qf_secret_share_free(&shares[i]);
    return status;
}

qf_status qf_secret_share_add(const qf_ckks *ckks, qf_secret_share *sum,
                              const qf_secret_share *share, qf_error *error) {
    if (sum->summed == 0) {
        *sum = *share;
        return qf_poly_copy(&share->share, &sum->share, error);
    }
    if (sum->party != share->party || sum->threshold != share->threshold ||
        sum->parties != share->parties || sum->share.n != share->share.n ||
        sum->share.primes != share->share.primes) {
        return qf_fail(error, QF_MISMATCH,
                       "a share for party %u, %u of %u, meets one for party %u, %u of %u",
                       share->party, share->threshold, share->parties, sum->party, sum->threshold,
                       sum->parties);
    }
    if (sum->summed + share->summed > sum->parties) {
        return qf_fail(error, QF_MISMATCH, "more shares than the %u parties", sum->parties);
    }
    qf_poly_add(ckks, &share->share, &sum->share);
    sum->summed += share->summed;
    return QF_OK;
}

static qf_status check_members(const qf_member_public *members, size_t count, qf_error *error) {
    bool seen[QF_MAX_PARTIES + 1] = {false};
    if (count < 1 || count > QF_MAX_PARTIES) {
        return qf_fail(error, QF_MISMATCH, "%zu parties, not 1 to %d", count, QF_MAX_PARTIES);
    }
    for (size_t i = 0; i < count; i++) {
        const unsigned party = members[i].party;
        if (party < 1 || party > count) {
            return qf_fail(error, QF_MISMATCH, "party %u is not one of 1 to %zu", party, count);
        }
        if (seen[party]) return qf_fail(error, QF_MISMATCH, "party %u comes twice", party);
        if (memcmp(members[i].seed, members[0].seed, QF_SEED_SIZE) != 0) {
            return qf_fail(error, QF_MISMATCH, "party %u has another common seed", party);
        }
        seen[party] = true;
    }
    return QF_OK;
}

static qf_status join(const qf_ckks *ckks, const qf_member_public *members, size_t count,
                      qf_public_key *key, qf_error *error) {
    memcpy(key->seed, members[0].seed, QF_SEED_SIZE);
    QF_TRY(qf_poly_new(&key->a, ckks->n, ckks->all_primes, error));
    QF_TRY(qf_poly_new(&key->b, ckks->n, ckks->all_primes, error));
    QF_TRY(qf_expand(ckks, key->seed, 0, &key->a, error));
    for (size_t i = 0; i < count; i++) qf_poly_add(ckks, &members[i].b, &key->b);
    return qf_public_key_identify(ckks, key, error);
}

qf_status qf_public_key_join(const qf_ckks *ckks, const qf_member_public *members, size_t count,
                             qf_public_key *key, qf_error *error) {
    QF_TRY(check_members(members, count, error));
    *key = (qf_public_key){.parties = (unsigned)count};
    const qf_status status = join(ckks, members, count, key, error);
    if (status != QF_OK) qf_public_key_free(key);
    return status;
}

/* ---- Flooding ---- */

unsigned qf_flood_bits(size_t n, double deviation, const qf_flooding *flooding) {
    const double most_fisher = 1.05,
                 needed = exp2(flooding->statistical_bits) *
                          sqrt(most_fisher * flooding->decryptions * (double)n) * deviation;
    const double bits = ceil(log2(needed / sqrt(QF_FLOOD_TERMS / 3.0)));
    return bits > 0 ? (unsigned)bits : 0;
}

double qf_flood_bound(unsigned flood_bits, unsigned threshold) {
    const double each = ldexp(1, (int)flood_bits);
    const double most = QF_FLOOD_TERMS * (double)threshold * each;
    const double likely = QF_NOISE_TAIL * sqrt(QF_FLOOD_TERMS / 3.0 * threshold) * each;
    return most < likely ? most : likely;
}

qf_status qf_threshold_budget(const qf_ckks *ckks, unsigned parties, unsigned threshold,
                              double weight, const qf_flooding *flooding, qf_budget *budget,
                              qf_error *error) {
    const double log_q = ckks->log_q[ckks->primes - 1];
    budget->deviation = weight * qf_noise_public(ckks, parties);
    budget->flood_bits = qf_flood_bits(ckks->n, budget->deviation, flooding);
    const double noise =
        QF_NOISE_TAIL * budget->deviation + qf_flood_bound(budget->flood_bits, threshold);
    budget->scale_bits = (unsigned)floor(log2(noise)) + 2;
    budget->sum = floor(exp2(log_q - 1 - budget->scale_bits)) - 1;
    if (budget->flood_bits > QF_FLOOD_MAX_BITS || !(budget->sum >= 1)) {
        return qf_fail(error, QF_DATA,
                       "the parameters have no room: noise and flooding take 2^%.1f of 2^%.1f",
                       log2(noise) + 1, log_q - 1);
    }
    return QF_OK;
}

/* ---- Decryption ---- */

uint64_t qf_lagrange_at_zero(const qf_modulus *m, const unsigned *set, size_t count, size_t index) {
    uint64_t numerator = 1, denominator = 1;
    for (size_t j = 0; j < count; j++) {
        if (j == index) continue;
        numerator = qf_mod_multiply(m, numerator, set[j]);
        denominator = qf_mod_multiply(m, denominator, qf_mod_subtract(m, set[j], set[index]));
    }
    return qf_mod_multiply(m, numerator, qf_mod_inverse(m, denominator));
}

qf_status qf_set_index(const unsigned *set, unsigned threshold, unsigned parties, unsigned party,
                       size_t *index, qf_error *error) {
    *index = threshold;
    for (size_t i = 0; i < threshold; i++) {
        if (set[i] < 1 || set[i] > parties || (i && set[i] <= set[i - 1])) {
            return qf_fail(error, QF_USAGE, "a set is %u of the parties 1 to %u, ascending",
                           threshold, parties);
        }
        if (set[i] == party) *index = i;
    }
    if (*index < threshold) return QF_OK;
    return qf_fail(error, QF_USAGE, "party %u is not in the set", party);
}

/* Noise and flooding must stay below half a unit, the message with them below half the modulus. */
static qf_status check_room(const qf_ckks *ckks, const qf_ciphertext *c, unsigned flood_bits,
                            unsigned threshold, qf_error *error) {
    QF_TRY(qf_ciphertext_check(ckks, c, error));
    const double flood = qf_flood_bound(flood_bits, threshold);
    const double noise = QF_NOISE_TAIL * c->deviation + flood;
    if (!(noise < c->scale / 2) || !(log2(c->magnitude + noise) < ckks->log_q[c->level] - 1) ||
        flood_bits > QF_FLOOD_MAX_BITS) {
        return qf_fail(error, QF_DATA,
                       "noise and flooding may reach 2^%.1f, half a unit is 2^%.1f, the modulus "
                       "holds 2^%.1f",
                       log2(noise), log2(c->scale) - 1, ckks->log_q[c->level] - 1);
    }
    return QF_OK;
}

static qf_status check_request(const qf_ckks *ckks, const qf_secret_share *share,
                               const qf_ciphertext *c, unsigned flood_bits, qf_error *error) {
    if (c->packing != QF_COEFFICIENTS) {
        return qf_fail(error, QF_MISMATCH, "slots are not decrypted together: their noise tells");
    }
    if (share->summed != share->parties || c->parties != share->parties) {
        return qf_fail(error, QF_MISMATCH,
                       "a share of %u of %u members meets a ciphertext of %u parties",
                       share->summed, share->parties, c->parties);
    }
    if (share->share.n != ckks->n || share->share.primes != ckks->primes) {
        return qf_fail(error, QF_MISMATCH, "the share is of another ring");
    }
    /* The bound sizes the flooding, and who sent the ciphertext wrote it. */
    const double least = qf_noise_public(ckks, c->parties);
    if (!(c->deviation >= least * (1 - 1e-12))) {
        return qf_fail(error, QF_DATA, "a noise of 2^%.1f is less than encryption makes, 2^%.1f",
                       log2(c->deviation), log2(least));
    }
    return check_room(ckks, c, flood_bits, share->threshold, error);
}

/* d += (lambda S) c1, as coefficients. */
static void answer_row(const qf_ckks *ckks, size_t i, const qf_secret_share *share,
                       const unsigned *set, size_t index, const qf_ciphertext *c, uint64_t *work,
                       uint64_t *d) {
    const qf_ntt *ntt = &ckks->ntt[i];
    const qf_modulus *m = &ntt->modulus;
    const uint64_t lambda = qf_lagrange_at_zero(m, set, share->threshold, index);
    ntt->form->scale(m, ckks->n, ntt->form->prepare(m, lambda), qf_poly_row(&share->share, i),
                     work);
    ntt->form->multiply(m, ckks->n, work, qf_poly_row(&c->c1, i), work);
    ntt->form->inverse(ntt, work);
    ntt->form->add(m, qf_ciphertext_padded(c), d, work, d);
}

static qf_status answer(const qf_ckks *ckks, const qf_secret_share *share, const unsigned *set,
                        size_t index, const qf_ciphertext *c, qf_sampler *sampler,
                        qf_partial *partial, qf_error *error) {
    const qf_modulus *moduli[QF_CKKS_MAX_PRIMES];
    for (size_t i = 0; i <= c->level; i++) moduli[i] = qf_ckks_modulus(ckks, i);
    QF_TRY(qf_ciphertext_identify(ckks, c, &partial->ciphertext, error));
    QF_TRY(qf_poly_new(&partial->d, ckks->n, c->level + 1, error));
    QF_TRY(qf_sample_flood(sampler, partial->flood_bits, moduli, c->level + 1,
                           qf_ciphertext_padded(c), partial->d.residues, ckks->n, error));
    uint64_t *work = qf_new_lines(ckks->n * sizeof *work, error);
    if (!work) return QF_MEMORY;
    for (size_t i = 0; i <= c->level; i++) {
        uint64_t *row = qf_poly_row(&partial->d, i);
        answer_row(ckks, i, share, set, index, c, work, row);
        memset(row + c->count, 0, (ckks->n - c->count) * sizeof *row);
    }
    qf_wipe_free(work, ckks->n * sizeof *work);
    return QF_OK;
}

qf_status qf_partial_decrypt(const qf_ckks *ckks, const qf_secret_share *share, const unsigned *set,
                             const qf_ciphertext *c, const qf_flooding *flooding,
                             qf_sampler *sampler, qf_partial *partial, qf_error *error) {
    size_t index;
    QF_TRY(qf_set_index(set, share->threshold, share->parties, share->party, &index, error));
    *partial = (qf_partial){.party = share->party,
                            .threshold = share->threshold,
                            .flood_bits = qf_flood_bits(ckks->n, c->deviation, flooding),
                            .count = c->count};
    memcpy(partial->set, set, share->threshold * sizeof *set);
    QF_TRY(check_request(ckks, share, c, partial->flood_bits, error));
    const qf_status status = answer(ckks, share, set, index, c, sampler, partial, error);
    if (status != QF_OK) qf_partial_free(partial);
    return status;
}

/* Whether what the parties say that they flooded with can be rounded away. */
static qf_status check_flooding(const qf_ckks *ckks, const qf_ciphertext *c,
                                const qf_partial *partials, size_t count, qf_error *error) {
    unsigned flood_bits = 0;
    for (size_t i = 0; i < count; i++) {
        if (partials[i].flood_bits > flood_bits) flood_bits = partials[i].flood_bits;
    }
    return check_room(ckks, c, flood_bits, (unsigned)count, error);
}

static qf_status check_partials(const qf_ckks *ckks, const qf_ciphertext *c,
                                const qf_partial *partials, size_t count, qf_error *error) {
    qf_id id;
    QF_TRY(qf_ciphertext_identify(ckks, c, &id, error));
    bool seen[QF_MAX_PARTIES + 1] = {false};
    for (size_t i = 0; i < count; i++) {
        const qf_partial *p = &partials[i];
        if (!qf_id_equal(&p->ciphertext, &id) || p->count != c->count ||
            p->d.primes != c->level + 1 || p->d.n != ckks->n) {
            return qf_fail(error, QF_MISMATCH, "party %u answered for another ciphertext",
                           p->party);
        }
        if (p->threshold != count) {
            return qf_fail(error, QF_MISMATCH, "%zu answers for a set of %u", count, p->threshold);
        }
        if (memcmp(p->set, partials[0].set, count * sizeof *p->set) != 0) {
            return qf_fail(error, QF_MISMATCH, "party %u answered for another set", p->party);
        }
        if (p->party > QF_MAX_PARTIES || seen[p->party]) {
            return qf_fail(error, QF_MISMATCH, "party %u answers twice", p->party);
        }
        seen[p->party] = true;
    }
    for (size_t i = 0; i < count; i++) {
        const unsigned party = partials[0].set[i];
        if (party > QF_MAX_PARTIES || !seen[party]) {
            return qf_fail(error, QF_MISMATCH, "party %u has not answered", party);
        }
    }
    return QF_OK;
}

qf_status qf_partials_combine(const qf_ckks *ckks, const qf_ciphertext *c,
                              const qf_partial *partials, size_t count, int64_t *integers,
                              qf_error *error) {
    if (count == 0 || c->packing != QF_COEFFICIENTS) {
        return qf_fail(error, QF_MISMATCH, "no answers, or none for coefficients");
    }
    QF_TRY(check_partials(ckks, c, partials, count, error));
    QF_TRY(check_flooding(ckks, c, partials, count, error));
    qf_poly phase;
    QF_TRY(qf_poly_copy(&c->c0, &phase, error));
    for (size_t i = 0; i < count; i++) qf_poly_add(ckks, &partials[i].d, &phase);
    const qf_status status =
        qf_round_phase(ckks, &phase, c->level + 1, c->scale, c->count, integers, error);
    qf_poly_free(&phase);
    return status;
}
