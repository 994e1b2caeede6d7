/* Keys that no one holds: t of n parties decrypt together, without a dealer.
 *
 * Party i draws a ternary secret s_i and publishes b_i = -a s_i + e_i for a polynomial a that a
 * public seed expands to; the joint key is s = sum s_i, the public key b = sum b_i (Asharov et al.
 * 2012, eprint 2011/613; Mouchet et al. 2021, eprint 2020/304). Each s_i is shared by Shamir's
 * scheme over every prime of the ring, evaluation by evaluation, at the points 1 .. n; the sum of
 * the shares that a party received is its share S_i of s (Mouchet, Bertrand and Hubaux 2023, eprint
 * 2022/780). Of fewer than t shares every value of the secret is equally likely.
 *
 * To decrypt, a set T of exactly t parties is fixed first. Party i answers d_i = (lambda_i S_i) c1
 * + f_i, its Lagrange coefficient for T multiplied into its share and so never into the flooding
 * f_i. The sum of c0 and all d_i is the message with its scale, the ciphertext's noise e and the
 * flooding, which rounding takes away: exact integers, and nothing else for who combines.
 *
 * Flooding. Given the other answers and the integers, d_i is f_i + e and something known: e would
 * tell of the key (Li and Micciancio 2021, eprint 2020/1533), f_i must hide it. f_i is a sum of
 * four uniform numbers of -2^k .. 2^k - 1 a coefficient, deviation F = 2^k sqrt(4/3), drawn and
 * added in integers: a rounded Gaussian of doubles would show the low bits of e. With I the Fisher
 * information of such a sum, I F^2 < 1.05, a shift by e changes its distribution by a squared
 * Hellinger distance of at most I e^2 / 8, D decryptions of N coefficients together by a
 * statistical distance of at most sqrt(1.05 D) |e| / (2 F), |e| the Euclidean norm of all noise of
 * one. |e| is taken to be below 2 sqrt(N) deviation, twice what is expected. So
 *
 *     F >= 2^sigma sqrt(1.05 D N) deviation
 *
 * keeps what D decryptions together tell beyond the integers below 2^-sigma, whoever the other t -
 * 1 members of the set are. The same ciphertext must not be answered with fresh flooding again, nor
 * for another set: the caller keeps the journal. */
#ifndef QF_CKKS_THRESHOLD_H
#define QF_CKKS_THRESHOLD_H

#include "ckks/encrypt.h"

enum { QF_MAX_PARTIES = 255 };

/* All zero-initialised, each with its function to free it. */

/* One party's own secret, from which it deals shares and which it then forgets. */
typedef struct qf_member_secret {
    unsigned party;
    qf_poly s; /* evaluations, over all primes */
} qf_member_secret;

/* What it publishes. */
typedef struct qf_member_public {
    unsigned party;
    unsigned char seed[QF_SEED_SIZE];
    qf_poly b;
} qf_member_public;

/* A share at point `party` of one member's secret, or of the joint one. */
typedef struct qf_secret_share {
    unsigned party, threshold, parties;
    unsigned summed; /* members whose shares are in it: all `parties` in a share of the joint key */
    qf_poly share;   /* evaluations, over the ciphertexts' primes */
} qf_secret_share;

/* One party's answer for a ciphertext and a set. */
typedef struct qf_partial {
    unsigned party;
    unsigned threshold;
    unsigned set[QF_MAX_PARTIES]; /* [threshold], ascending */
    unsigned flood_bits;          /* k */
    size_t count;
    qf_id ciphertext;
    qf_poly d; /* coefficients, of which `count` exist, at the ciphertext's level */
} qf_partial;

void qf_member_secret_free(qf_member_secret *secret);
void qf_member_public_free(qf_member_public *member);
void qf_secret_share_free(qf_secret_share *share);
void qf_partial_free(qf_partial *partial);

/* ---- Key generation ---- */

qf_status qf_member_make(const qf_ckks *ckks, const unsigned char seed[QF_SEED_SIZE],
                         unsigned party, qf_sampler *sampler, qf_member_secret *secret,
                         qf_member_public *member, qf_error *error);
/* shares[parties], share i for party i + 1. 1 <= threshold <= parties <= QF_MAX_PARTIES, or
 * QF_USAGE. */
qf_status qf_member_deal(const qf_ckks *ckks, const qf_member_secret *secret, unsigned threshold,
                         unsigned parties, qf_sampler *sampler, qf_secret_share *shares,
                         qf_error *error);
/* sum += share; a zeroed sum becomes a copy. QF_MISMATCH for another receiver, threshold or number
 * of parties. That each member's share comes once is the caller's to see to. */
qf_status qf_secret_share_add(const qf_ckks *ckks, qf_secret_share *sum,
                              const qf_secret_share *share, qf_error *error);
/* The public key of all members, in any order. QF_MISMATCH unless they are the parties 1 .. count,
 * each once, with one seed. */
qf_status qf_public_key_join(const qf_ckks *ckks, const qf_member_public *members, size_t count,
                             qf_public_key *key, qf_error *error);

/* ---- Decryption ---- */

typedef struct qf_flooding {
    double decryptions;      /* D: ciphertexts that this key will ever answer for, at most */
    double statistical_bits; /* sigma */
} qf_flooding;

/* k for a noise deviation at degree n. */
unsigned qf_flood_bits(size_t n, double deviation, const qf_flooding *flooding);
/* What the flooding of t parties adds up to at most: the lesser of 4 t 2^k, which it never exceeds,
 * and ten deviations. */
double qf_flood_bound(unsigned flood_bits, unsigned threshold);

/* What a key's parameters have room for. */
typedef struct qf_budget {
    double deviation;    /* of the noise of a sum */
    unsigned flood_bits; /* k */
    unsigned scale_bits; /* the least scale that rounds noise and flooding away */
    double sum;          /* integers up to this in size come back exact */
} qf_budget;

/* For sums of ciphertexts, fresh under a key of `parties`, with factors whose sizes add up to
 * `weight`. QF_DATA when nothing is left for the message. */
qf_status qf_threshold_budget(const qf_ckks *ckks, unsigned parties, unsigned threshold,
                              double weight, const qf_flooding *flooding, qf_budget *budget,
                              qf_error *error);

/* Where a party stands in a set. QF_USAGE unless set[threshold] are parties 1 .. parties,
 * ascending, and this one among them. */
qf_status qf_set_index(const unsigned *set, unsigned threshold, unsigned parties, unsigned party,
                       size_t *index, qf_error *error);

/* set[threshold]: the parties that will answer, ascending, the share's among them. QF_USAGE for
 * another set; QF_MISMATCH for slots, whose noise would be given away, a share that is not of the
 * whole key, or a ciphertext of another number of parties; QF_DATA when noise and flooding may
 * reach half the scale, or the ciphertext claims less noise than a fresh one has. More it may have
 * than it claims: that the bound is right is the caller's to know, by adding up contributions whose
 * bounds it has compared with what fresh ones have. */
qf_status qf_partial_decrypt(const qf_ckks *ckks, const qf_secret_share *share, const unsigned *set,
                             const qf_ciphertext *ciphertext, const qf_flooding *flooding,
                             qf_sampler *sampler, qf_partial *partial, qf_error *error);
/* The answers of the whole set, in any order; integers[ciphertext count], exact. QF_MISMATCH for
 * answers for another ciphertext or set, a missing or doubled party. */
qf_status qf_partials_combine(const qf_ckks *ckks, const qf_ciphertext *ciphertext,
                              const qf_partial *partials, size_t count, int64_t *integers,
                              qf_error *error);

/* 1 / product over j != i of (1 - x_i / x_j), modulo m: the Lagrange coefficient at 0 of
 * set[index].
 */
uint64_t qf_lagrange_at_zero(const qf_modulus *m, const unsigned *set, size_t count, size_t index);

#endif
