/* Keys that no one holds: shares, all sets of three of ten, what a set too few knows, the attack on
 * answers without flooding, and what must be refused. */
#include "ckks/coefficients.h"
#include "ckks/evaluate.h"
#include "ckks/noise.h"
#include "ckks/packed.h"
#include "ckks_kit.h"

#include <math.h>

enum { PARTIES = 10, THRESHOLD = 3, COUNT = 100 };

static const qf_flooding flooding = {.decryptions = 1000, .statistical_bits = 40};

typedef struct committee {
    qf_ckks ckks;
    qf_sampler sampler;
    qf_member_secret secrets[PARTIES];
    qf_member_public members[PARTIES];
    qf_secret_share shares[PARTIES]; /* of the joint key */
    qf_public_key key;
} committee;

static int open_committee(void **state) {
    committee *c = calloc(1, sizeof *c);
    unsigned char seed[QF_SEED_SIZE];
    c->ckks = context_at("rounds", qf_simd_best());
    ASSERT_OK(qf_sampler_secret(&c->sampler, &error));
    ASSERT_OK(qf_sample_seed(seed, &error));
    for (unsigned i = 0; i < PARTIES; i++) {
        qf_secret_share dealt[PARTIES];
        ASSERT_OK(qf_member_make(&c->ckks, seed, i + 1, &c->sampler, &c->secrets[i], &c->members[i],
                                 &error));
        ASSERT_OK(qf_member_deal(&c->ckks, &c->secrets[i], THRESHOLD, PARTIES, &c->sampler, dealt,
                                 &error));
        for (unsigned j = 0; j < PARTIES; j++) {
            ASSERT_OK(qf_secret_share_add(&c->ckks, &c->shares[j], &dealt[j], &error));
            qf_secret_share_free(&dealt[j]);
        }
    }
    ASSERT_OK(qf_public_key_join(&c->ckks, c->members, PARTIES, &c->key, &error));
    *state = c;
    return 0;
}

static int close_committee(void **state) {
    committee *c = *state;
    for (unsigned i = 0; i < PARTIES; i++) {
        qf_member_secret_free(&c->secrets[i]);
        qf_member_public_free(&c->members[i]);
        qf_secret_share_free(&c->shares[i]);
    }
    qf_public_key_free(&c->key);
    qf_sampler_free(&c->sampler);
    qf_ckks_free(&c->ckks);
    free(c);
    return 0;
}

/* The least scale for sums of this weight, and the flooding that goes with it. */
static unsigned scale_bits_for(const committee *c, double weight) {
    qf_budget budget;
    ASSERT_OK(
        qf_threshold_budget(&c->ckks, PARTIES, THRESHOLD, weight, &flooding, &budget, &error));
    return budget.scale_bits;
}

static qf_ciphertext encrypt(committee *c, const int64_t *integers, size_t count, int64_t limit,
                             unsigned scale_bits) {
    qf_plaintext p;
    qf_ciphertext x;
    ASSERT_OK(qf_coefficients_encode(&c->ckks, integers, count, limit, scale_bits, &p, &error));
    ASSERT_OK(qf_encrypt(&c->ckks, &c->key, &p, &c->sampler, &x, &error));
    qf_plaintext_free(&p);
    return x;
}

/* The secret that all members' secrets sum up to, row 0, as small numbers. */
static void joint_secret(const committee *c, const uint64_t *row, int64_t *to) {
    const qf_ntt *ntt = &c->ckks.ntt[0];
    uint64_t *sum = aligned_alloc(64, c->ckks.n * sizeof *sum);
    memset(sum, 0, c->ckks.n * sizeof *sum);
    if (row) {
        memcpy(sum, row, c->ckks.n * sizeof *sum);
    } else {
        for (unsigned i = 0; i < PARTIES; i++) {
            ntt->form->add(&ntt->modulus, c->ckks.n, sum, c->secrets[i].s.residues, sum);
        }
    }
    ntt->form->inverse(ntt, sum);
    for (size_t i = 0; i < c->ckks.n; i++) to[i] = qf_mod_centred(&ntt->modulus, sum[i]);
    free(sum);
}

/* Any three shares give the secret, of all members together. */
static void test_reconstruction(void **state) {
    committee *c = *state;
    const unsigned sets[][THRESHOLD] = {{1, 2, 3}, {8, 9, 10}, {2, 5, 9}};
    int64_t *expected = malloc(c->ckks.n * sizeof *expected), *found = malloc(c->ckks.n * 8);
    joint_secret(c, NULL, expected);
    for (size_t i = 0; i < c->ckks.n; i++) assert_true(llabs(expected[i]) <= PARTIES);
    for (size_t s = 0; s < 3; s++) {
        const qf_modulus *m = qf_ckks_modulus(&c->ckks, 0);
        const qf_ring_form *form = c->ckks.ntt[0].form;
        uint64_t *sum = aligned_alloc(64, c->ckks.n * sizeof *sum);
        memset(sum, 0, c->ckks.n * sizeof *sum);
        for (size_t i = 0; i < THRESHOLD; i++) {
            const uint64_t lambda = qf_lagrange_at_zero(m, sets[s], THRESHOLD, i);
            form->scale_add(m, c->ckks.n, form->prepare(m, lambda),
                            c->shares[sets[s][i] - 1].share.residues, sum);
        }
        joint_secret(c, sum, found);
        assert_memory_equal(found, expected, c->ckks.n * sizeof *found);
        free(sum);
    }
    free(expected);
    free(found);
}

/* Two shares of three: whatever the secret, each pair of cells is as frequent. Secrets are the
 * evaluations of a polynomial that is 1 or 0. */
static void test_too_few_shares(void **state) {
    committee *c = *state;
    enum { CELLS = 8, DEALS = 40 };
    double seen[2][CELLS * CELLS] = {{0}};
    const uint64_t p = qf_ckks_modulus(&c->ckks, 1)->value;
    qf_member_secret secret = {.party = 1};
    ASSERT_OK(qf_poly_new(&secret.s, c->ckks.n, c->ckks.all_primes, &error));
    for (size_t one = 0; one < 2; one++) {
        for (size_t i = 0; i < 2 * c->ckks.n; i++) secret.s.residues[i] = one;
        for (size_t deal = 0; deal < DEALS; deal++) {
            qf_secret_share shares[PARTIES];
            ASSERT_OK(
                qf_member_deal(&c->ckks, &secret, THRESHOLD, PARTIES, &c->sampler, shares, &error));
            for (size_t i = 0; i < c->ckks.n; i++) {
                const uint64_t a = qf_poly_row(&shares[1].share, 1)[i];
                const uint64_t b = qf_poly_row(&shares[6].share, 1)[i];
                const size_t x = (size_t)((qf_wide)a * CELLS / p);
                seen[one][x * CELLS + (size_t)((qf_wide)b * CELLS / p)]++;
            }
            for (unsigned i = 0; i < PARTIES; i++) qf_secret_share_free(&shares[i]);
        }
    }
    qf_member_secret_free(&secret);
    const double cells = CELLS * CELLS, expected = (double)DEALS * 4096 / cells;
    for (size_t one = 0; one < 2; one++) {
        double chi = 0;
        for (size_t i = 0; i < CELLS * CELLS; i++) {
            chi += (seen[one][i] - expected) * (seen[one][i] - expected) / expected;
        }
        assert_true(chi < cells + 6 * sqrt(2 * cells));
    }
}

static void test_all_sets(void **state) {
    committee *c = *state;
    const int64_t limit = 1 << 20;
    int64_t first[COUNT], second[COUNT], expected[COUNT], found[COUNT];
    random_integers(first, COUNT, limit, 1);
    random_integers(second, COUNT, limit, 2);
    const unsigned scale_bits = scale_bits_for(c, 3 + 5);
    qf_ciphertext x = encrypt(c, first, COUNT, limit, scale_bits);
    qf_ciphertext y = encrypt(c, second, COUNT, limit, scale_bits);
    ASSERT_OK(qf_ciphertext_multiply_integer(&c->ckks, &x, 3, &error));
    ASSERT_OK(qf_ciphertext_add_multiple(&c->ckks, &x, &y, -5, &error));
    for (size_t i = 0; i < COUNT; i++) expected[i] = 3 * first[i] - 5 * second[i];
    size_t sets = 0;
    for (unsigned i = 1; i <= PARTIES; i++) {
        for (unsigned j = i + 1; j <= PARTIES; j++) {
            for (unsigned k = j + 1; k <= PARTIES; k++, sets++) {
                const unsigned set[] = {i, j, k};
                qf_partial partials[THRESHOLD];
                for (size_t t = 0; t < THRESHOLD; t++) {
                    /* In another order than the set's. */
                    ASSERT_OK(qf_partial_decrypt(&c->ckks, &c->shares[set[(t + 1) % 3] - 1], set,
                                                 &x, &flooding, &c->sampler, &partials[t], &error));
                }
                memset(found, 0, sizeof found);
                ASSERT_OK(qf_partials_combine(&c->ckks, &x, partials, THRESHOLD, found, &error));
                assert_memory_equal(found, expected, sizeof found);
                for (size_t t = 0; t < THRESHOLD; t++) qf_partial_free(&partials[t]);
            }
        }
    }
    assert_int_equal(sets, 120);
    qf_ciphertext_free(&x);
    qf_ciphertext_free(&y);
}

/* Li and Micciancio: who sees c1 s exactly divides by c1. The answers' sum is that, once without
 * flooding (made here by hand) and once as the library gives it. */
static void attack(const committee *c, const qf_ciphertext *x, const uint64_t *sum,
                   int64_t *guess) {
    const qf_ntt *ntt = &c->ckks.ntt[0];
    const qf_modulus *m = &ntt->modulus;
    uint64_t *quotient = aligned_alloc(64, c->ckks.n * sizeof *quotient);
    memcpy(quotient, sum, c->ckks.n * sizeof *quotient);
    ntt->form->forward(ntt, quotient);
    for (size_t i = 0; i < c->ckks.n; i++) {
        const uint64_t c1 = x->c1.residues[i];
        assert_true(c1 != 0);
        quotient[i] = qf_mod_multiply(m, quotient[i], qf_mod_inverse(m, c1));
    }
    joint_secret(c, quotient, guess);
    free(quotient);
}

static void test_key_recovery(void **state) {
    committee *c = *state;
    const size_t n = c->ckks.n;
    const qf_modulus *m = qf_ckks_modulus(&c->ckks, 0);
    const qf_ntt *ntt = &c->ckks.ntt[0];
    const unsigned set[] = {1, 4, 10};
    int64_t *integers = calloc(n, sizeof *integers), *guess = malloc(n * sizeof *guess);
    int64_t *secret = malloc(n * sizeof *secret);
    qf_ciphertext x = encrypt(c, integers, n, 1000, scale_bits_for(c, 1));
    joint_secret(c, NULL, secret);

    uint64_t *sum = aligned_alloc(64, n * sizeof *sum), *flooded = aligned_alloc(64, n * 8);
    memset(sum, 0, n * sizeof *sum);
    memset(flooded, 0, n * sizeof *sum);
    for (size_t i = 0; i < THRESHOLD; i++) {
        const qf_secret_share *share = &c->shares[set[i] - 1];
        uint64_t *bare = aligned_alloc(64, n * sizeof *bare);
        const uint64_t lambda = qf_lagrange_at_zero(m, set, THRESHOLD, i);
        ntt->form->scale(m, n, ntt->form->prepare(m, lambda), share->share.residues, bare);
        ntt->form->multiply(m, n, bare, x.c1.residues, bare);
        ntt->form->inverse(ntt, bare);
        ntt->form->add(m, n, sum, bare, sum);
        qf_partial partial;
        ASSERT_OK(
            qf_partial_decrypt(&c->ckks, share, set, &x, &flooding, &c->sampler, &partial, &error));
        ntt->form->add(m, n, flooded, partial.d.residues, flooded);
        qf_partial_free(&partial);
        free(bare);
    }
    attack(c, &x, sum, guess);
    assert_memory_equal(guess, secret, n * sizeof *guess);
    /* Against flooding the guess is as far from the secret as any residue. */
    attack(c, &x, flooded, guess);
    size_t near = 0;
    for (size_t i = 0; i < n; i++) near += llabs(guess[i] - secret[i]) < (int64_t)(m->value / 8);
    assert_true(fabs((double)near - (double)n / 4) < 6 * sqrt((double)n * 3 / 16));

    /* The stronger attack knows the message and the noise's size: what is left of the noise after
     * the flooding is not seen in it. The sum less the exact c1 s is the flooding alone. */
    double squares = 0;
    for (size_t i = 0; i < n; i++) {
        const uint64_t f = qf_mod_subtract(m, flooded[i], sum[i]);
        const double value = (double)qf_mod_centred(m, f);
        squares += value * value;
    }
    /* Wider than the first prime: uniform modulo it. */
    const double uniform = (double)m->value * (double)m->value / 12;
    assert_true(fabs(squares / (double)n / uniform - 1) < 0.1);
    free(sum);
    free(flooded);
    free(integers);
    free(guess);
    free(secret);
    qf_ciphertext_free(&x);
}

/* Flooding has the width that its formula says, and grows with noise, decryptions and bits. */
static void test_flooding(void **state) {
    committee *c = *state;
    const double needed = exp2(40) * sqrt(1.05 * 1000 * 4096) * 50;
    const unsigned bits = qf_flood_bits(4096, 50, &flooding);
    assert_true(ldexp(sqrt(4.0 / 3), (int)bits) >= needed);
    assert_true(ldexp(sqrt(4.0 / 3), (int)bits - 1) < needed);
    const qf_flooding more = {.decryptions = 4000, .statistical_bits = 50};
    assert_int_equal(qf_flood_bits(4096, 50, &more), bits + 11);
    assert_int_equal(qf_flood_bits(4096, 100, &flooding), bits + 1);
    assert_true(qf_flood_bound(10, 1) == 4 * 1024);
    assert_true(qf_flood_bound(10, 200) < 4 * 1024 * 200);

    qf_budget budget;
    ASSERT_OK(qf_threshold_budget(&c->ckks, PARTIES, THRESHOLD, 10, &flooding, &budget, &error));
    const double noise =
        QF_NOISE_TAIL * budget.deviation + qf_flood_bound(budget.flood_bits, THRESHOLD);
    assert_true(noise < ldexp(0.5, (int)budget.scale_bits));
    assert_true(noise >= ldexp(0.25, (int)budget.scale_bits));
    /* The largest sum that the budget allows comes back, the next power of two does not fit. */
    const int64_t limit = (int64_t)(budget.sum / 10);
    int64_t integers[COUNT], found[COUNT];
    random_integers(integers, COUNT, limit, 8);
    integers[0] = limit;
    integers[1] = -limit;
    qf_ciphertext x = encrypt(c, integers, COUNT, limit, budget.scale_bits);
    ASSERT_OK(qf_ciphertext_multiply_integer(&c->ckks, &x, 10, &error));
    const unsigned set[] = {1, 2, 3};
    qf_partial partials[THRESHOLD];
    for (size_t i = 0; i < THRESHOLD; i++) {
        ASSERT_OK(qf_partial_decrypt(&c->ckks, &c->shares[i], set, &x, &flooding, &c->sampler,
                                     &partials[i], &error));
        assert_true(partials[i].flood_bits == budget.flood_bits);
    }
    ASSERT_OK(qf_partials_combine(&c->ckks, &x, partials, THRESHOLD, found, &error));
    for (size_t i = 0; i < COUNT; i++) assert_int_equal(found[i], 10 * integers[i]);
    for (size_t i = 0; i < THRESHOLD; i++) qf_partial_free(&partials[i]);
    ASSERT_STATUS(qf_ciphertext_multiply_integer(&c->ckks, &x, 2, &error), QF_DATA);
    qf_ciphertext_free(&x);

    const qf_flooding too_much = {.decryptions = 1e6, .statistical_bits = 80};
    ASSERT_STATUS(qf_threshold_budget(&c->ckks, PARTIES, THRESHOLD, 10, &too_much, &budget, &error),
                  QF_DATA);
}

static void test_refused(void **state) {
    committee *c = *state;
    const qf_ckks *ckks = &c->ckks;
    int64_t integers[COUNT] = {5}, found[COUNT];
    const unsigned scale_bits = scale_bits_for(c, 4), set[] = {2, 3, 7}, other[] = {2, 3, 8};
    const unsigned unsorted[] = {3, 2, 7}, doubled[] = {2, 2, 7}, beyond[] = {2, 3, 11};
    qf_ciphertext x = encrypt(c, integers, COUNT, 100, scale_bits);
    qf_ciphertext y = encrypt(c, integers, COUNT, 100, scale_bits);
    qf_partial p[4], q;
    const qf_secret_share *share = &c->shares[1];
    const unsigned *const bad_sets[] = {unsorted, doubled, beyond};
    for (size_t i = 0; i < 3; i++) {
        ASSERT_STATUS(
            qf_partial_decrypt(ckks, share, bad_sets[i], &x, &flooding, &c->sampler, &q, &error),
            QF_USAGE);
    }
    ASSERT_STATUS(
        qf_partial_decrypt(ckks, &c->shares[0], set, &x, &flooding, &c->sampler, &q, &error),
        QF_USAGE);
    /* A share that lacks a member's. */
    qf_secret_share part = *share;
    part.summed = PARTIES - 1;
    ASSERT_STATUS(qf_partial_decrypt(ckks, &part, set, &x, &flooding, &c->sampler, &q, &error),
                  QF_MISMATCH);
    /* Noise that is said to be small, so that flooding would be. */
    qf_ciphertext modest = x;
    modest.deviation = qf_noise_public(ckks, PARTIES) / 2;
    ASSERT_STATUS(qf_partial_decrypt(ckks, share, set, &modest, &flooding, &c->sampler, &q, &error),
                  QF_DATA);
    /* A scale that the flooding reaches. */
    qf_ciphertext low = encrypt(c, integers, COUNT, 100, scale_bits - 4);
    ASSERT_STATUS(qf_partial_decrypt(ckks, share, set, &low, &flooding, &c->sampler, &q, &error),
                  QF_DATA);
    qf_ciphertext_free(&low);

    for (size_t i = 0; i < 3; i++) {
        ASSERT_OK(qf_partial_decrypt(ckks, &c->shares[set[i] - 1], set, &x, &flooding, &c->sampler,
                                     &p[i], &error));
    }
    ASSERT_OK(qf_partials_combine(ckks, &x, p, 3, found, &error));
    assert_int_equal(found[0], 5);
    ASSERT_STATUS(qf_partials_combine(ckks, &x, p, 2, found, &error), QF_MISMATCH);
    ASSERT_STATUS(qf_partials_combine(ckks, &y, p, 3, found, &error), QF_MISMATCH);
    ASSERT_STATUS(qf_partials_combine(ckks, &x, p, 0, found, &error), QF_MISMATCH);
    p[3] = p[2];
    p[2] = p[1];
    ASSERT_STATUS(qf_partials_combine(ckks, &x, p, 3, found, &error), QF_MISMATCH);
    p[2] = p[3];
    ASSERT_STATUS(qf_partials_combine(ckks, &x, p, 4, found, &error), QF_MISMATCH);
    ASSERT_OK(
        qf_partial_decrypt(ckks, &c->shares[1], other, &x, &flooding, &c->sampler, &q, &error));
    qf_partial mixed[] = {q, p[1], p[2]};
    ASSERT_STATUS(qf_partials_combine(ckks, &x, mixed, 3, found, &error), QF_MISMATCH);
    qf_partial_free(&q);
    /* Flooding that is said to be wider than there is room for. */
    p[0].flood_bits = scale_bits;
    ASSERT_STATUS(qf_partials_combine(ckks, &x, p, 3, found, &error), QF_DATA);
    for (size_t i = 0; i < 3; i++) qf_partial_free(&p[i]);

    qf_public_key key;
    ASSERT_STATUS(qf_public_key_join(ckks, c->members + 1, PARTIES - 1, &key, &error), QF_MISMATCH);
    qf_member_public members[PARTIES];
    memcpy(members, c->members, sizeof members);
    members[4] = members[5];
    ASSERT_STATUS(qf_public_key_join(ckks, members, PARTIES, &key, &error), QF_MISMATCH);
    members[4] = c->members[4];
    members[4].seed[0] ^= 1;
    ASSERT_STATUS(qf_public_key_join(ckks, members, PARTIES, &key, &error), QF_MISMATCH);
    members[4] = c->members[9];
    members[9] = c->members[4];
    ASSERT_OK(qf_public_key_join(ckks, members, PARTIES, &key, &error)); /* any order */
    assert_true(qf_id_equal(&key.id, &c->key.id));
    qf_public_key_free(&key);

    qf_secret_share dealt[PARTIES];
    ASSERT_STATUS(qf_member_deal(ckks, &c->secrets[0], 11, PARTIES, &c->sampler, dealt, &error),
                  QF_USAGE);
    ASSERT_STATUS(qf_member_deal(ckks, &c->secrets[0], 0, PARTIES, &c->sampler, dealt, &error),
                  QF_USAGE);
    ASSERT_OK(qf_member_deal(ckks, &c->secrets[0], 3, PARTIES, &c->sampler, dealt, &error));
    ASSERT_STATUS(qf_secret_share_add(ckks, &c->shares[0], &dealt[1], &error), QF_MISMATCH);
    ASSERT_STATUS(qf_secret_share_add(ckks, &c->shares[0], &dealt[0], &error), QF_MISMATCH);
    for (size_t i = 0; i < PARTIES; i++) qf_secret_share_free(&dealt[i]);
    qf_ciphertext_free(&x);
    qf_ciphertext_free(&y);
}

/* t = 1 and t = n, and a committee of one. */
static void test_extremes(void **state) {
    (void)state;
    static const unsigned shapes[][2] = {{1, 1}, {1, 4}, {4, 4}};
    for (size_t s = 0; s < 3; s++) {
        const unsigned threshold = shapes[s][0], parties = shapes[s][1];
        qf_ckks ckks = context_at("rounds", qf_simd_best());
        qf_sampler sampler = sampler_of((unsigned char)s);
        const unsigned char seed[QF_SEED_SIZE] = {9};
        qf_member_secret secrets[4];
        qf_member_public members[4];
        qf_secret_share shares[4] = {0}, dealt[4];
        for (unsigned i = 0; i < parties; i++) {
            ASSERT_OK(
                qf_member_make(&ckks, seed, i + 1, &sampler, &secrets[i], &members[i], &error));
            ASSERT_OK(
                qf_member_deal(&ckks, &secrets[i], threshold, parties, &sampler, dealt, &error));
            for (unsigned j = 0; j < parties; j++) {
                ASSERT_OK(qf_secret_share_add(&ckks, &shares[j], &dealt[j], &error));
                qf_secret_share_free(&dealt[j]);
            }
        }
        qf_public_key key;
        ASSERT_OK(qf_public_key_join(&ckks, members, parties, &key, &error));
        int64_t integers[COUNT], found[COUNT];
        random_integers(integers, COUNT, 1000000, s);
        qf_budget budget;
        ASSERT_OK(qf_threshold_budget(&ckks, parties, threshold, 1, &flooding, &budget, &error));
        qf_plaintext p;
        qf_ciphertext x;
        ASSERT_OK(
            qf_coefficients_encode(&ckks, integers, COUNT, 1000000, budget.scale_bits, &p, &error));
        ASSERT_OK(qf_encrypt(&ckks, &key, &p, &sampler, &x, &error));
        const unsigned set[] = {1, 2, 3, 4};
        qf_partial partials[4];
        for (unsigned i = 0; i < threshold; i++) {
            ASSERT_OK(qf_partial_decrypt(&ckks, &shares[i], set, &x, &flooding, &sampler,
                                         &partials[i], &error));
        }
        ASSERT_OK(qf_partials_combine(&ckks, &x, partials, threshold, found, &error));
        assert_memory_equal(found, integers, sizeof found);
        for (unsigned i = 0; i < threshold; i++) qf_partial_free(&partials[i]);
        for (unsigned i = 0; i < parties; i++) {
            qf_member_secret_free(&secrets[i]);
            qf_member_public_free(&members[i]);
            qf_secret_share_free(&shares[i]);
        }
        qf_plaintext_free(&p);
        qf_ciphertext_free(&x);
        qf_public_key_free(&key);
        qf_sampler_free(&sampler);
        qf_ckks_free(&ckks);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_reconstruction, open_committee, close_committee),
        cmocka_unit_test_setup_teardown(test_too_few_shares, open_committee, close_committee),
        cmocka_unit_test_setup_teardown(test_all_sets, open_committee, close_committee),
        cmocka_unit_test_setup_teardown(test_key_recovery, open_committee, close_committee),
        cmocka_unit_test_setup_teardown(test_flooding, open_committee, close_committee),
        cmocka_unit_test_setup_teardown(test_refused, open_committee, close_committee),
        cmocka_unit_test(test_extremes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
