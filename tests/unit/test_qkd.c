/* BB84: the length of its keys, its parts, and sessions with and without an enemy on the line. */
#include "crypto/bb84_simulation.h"
#include "crypto/cascade.h"
#include "crypto/qkd_rate.h"
#include "crypto/toeplitz.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

/* Rows worked out by hand: bits of each basis, error rate, disclosed, both epsilons; h of the rate,
 * mu, key. */
static void test_key_length(void **state) {
    (void)state;
    static const struct {
        size_t n, k;
        double rate, leaked, secrecy, correctness, entropy, length;
    } rows[] = {
        {2750, 2750, 0.03, 620, 1e-10, 1e-10, 0.1943918578, 263.638562},
        {2800, 2800, 0.03, 631, 1e-10, 1e-10, 0.1943918578, 278.448846},
        {100000, 100000, 0.01, 9372, 1e-9, 1e-12, 0.0807931359, 70574.988157},
        {10000000, 10000000, 0.10, 5440349, 1e-10, 1e-10, 0.4689955936, -200060.163435},
        {10000000, 10000000, 0.11, 5799025, 1e-10, 1e-10, 0.4999159582, -864576.451265},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const qf_qkd_security security = {rows[i].rate, rows[i].secrecy, rows[i].correctness};
        assert_true(fabs(qf_binary_entropy(rows[i].rate) - rows[i].entropy) < 1e-9);
        const double length = qf_qkd_key_length(rows[i].n, rows[i].k, rows[i].leaked, &security);
        assert_true(fabs(length - rows[i].length) < 1e-4);
    }
    assert_true(qf_binary_entropy(0) == 0 && qf_binary_entropy(0.5) == 1 &&
                qf_binary_entropy(0.9) == 1);
    /* 3 %, error correction at 1.16 of Shannon's limit: 256 bits take about 5.5 thousand sifted
     * ones. */
    const qf_qkd_security security = {0.03, 1e-10, 1e-10};
    size_t n = 100;
    while (qf_qkd_key_length(n, n, 1.16 * (double)n * qf_binary_entropy(0.03), &security) < 256)
        n++;
    assert_in_range(2 * n, 5400, 5600);
    /* 11 %: none, however many there are, even by error correction at the limit. */
    const qf_qkd_security much = {0.11, 1e-10, 1e-10};
    for (n = 1000; n <= (size_t)1 << 30; n *= 4) {
        assert_true(qf_qkd_key_length(n, n, (double)n * qf_binary_entropy(0.11), &much) < 0);
    }
    assert_true(qf_qkd_key_length(0, 10, 0, &security) < 0);
    assert_true(qf_qkd_key_length(10, 0, 0, &security) < 0);
}

/* Against the definition, bit by bit. */
static void test_toeplitz(void **state) {
    (void)state;
    qf_random random = qf_random_stream(1, "toeplitz", 0);
    for (size_t n = 1; n < 400; n += 1 + n / 3) {
        for (size_t rows = 1; rows < 200; rows += 1 + rows / 3) {
            unsigned char bits[400], matrix[80], out[32], expected[32] = {0};
            qf_error error;
            for (size_t i = 0; i < n; i++) bits[i] = (unsigned char)(qf_random_u64(&random) >> 63);
            for (size_t i = 0; i < qf_toeplitz_bytes(rows, n); i++) {
                matrix[i] = (unsigned char)(qf_random_u64(&random) >> 56);
            }
            for (size_t i = 0; i < rows; i++) {
                unsigned sum = 0;
                for (size_t j = 0; j < n; j++) {
                    sum ^= (matrix[(i + j) / 8] >> ((i + j) % 8) & 1) & bits[n - 1 - j];
                }
                expected[i / 8] |= (unsigned char)(sum << (i % 8));
            }
            assert_int_equal(qf_toeplitz_hash(bits, n, matrix, rows, out, &error), QF_OK);
            assert_memory_equal(out, expected, (rows + 7) / 8);
        }
    }
}

/* ---- Cascade ---- */

typedef struct reference {
    const qf_cascade_order *order;
    const unsigned char *bits;
    size_t asked;
} reference;

static qf_status answer(void *context, const qf_cascade_block *blocks, size_t count,
                        unsigned char *parities, qf_error *error) {
    (void)error;
    reference *r = context;
    for (size_t i = 0; i < count; i++) {
        assert_true(blocks[i].begin < blocks[i].end && blocks[i].end <= r->order->n);
        parities[i] = qf_cascade_parity(r->order, r->bits, blocks[i]);
    }
    r->asked += count;
    return QF_OK;
}

static void test_cascade(void **state) {
    (void)state;
    static const double rates[] = {0, 0.001, 0.01, 0.03, 0.05, 0.10};
    enum { N = 8000 };
    unsigned char *right = malloc(N), *wrong = malloc(N);
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        size_t asked = 0;
        for (uint64_t seed = 0; seed < 20; seed++) {
            qf_random random = qf_random_stream(seed, "test", r);
            qf_cascade_order order;
            qf_error error;
            size_t errors = 0, corrected = 0;
            for (size_t i = 0; i < N; i++) {
                right[i] = (unsigned char)(qf_random_u64(&random) >> 63);
                wrong[i] = right[i] ^ (qf_random_uniform(&random) < rates[r]);
                errors += right[i] != wrong[i];
            }
            assert_int_equal(qf_cascade_order_new(N, seed, &order, &error), QF_OK);
            reference alice = {.order = &order, .bits = right};
            assert_int_equal(qf_cascade_correct(&order, wrong, fmax(rates[r], 1.0 / N), answer,
                                                &alice, &corrected, &error),
                             QF_OK);
            assert_memory_equal(right, wrong, N);
            assert_int_equal(corrected, errors);
            asked += alice.asked;
            qf_cascade_order_free(&order);
        }
        const double mean = (double)asked / 20 / N, limit = qf_binary_entropy(rates[r]);
        assert_true(mean >= limit - 0.01);
        assert_true(mean <= 1.2 * limit + 0.006);
    }
    free(right);
    free(wrong);
}

/* Tiny strings, where blocks have one bit or two. */
static void test_cascade_small(void **state) {
    (void)state;
    for (size_t n = 1; n < 40; n++) {
        unsigned char right[40] = {0}, wrong[40] = {0};
        qf_cascade_order order;
        qf_error error;
        size_t corrected = 0;
        wrong[n / 2] = 1;
        assert_int_equal(qf_cascade_order_new(n, n, &order, &error), QF_OK);
        reference alice = {.order = &order, .bits = right};
        assert_int_equal(qf_cascade_correct(&order, wrong, 0.1, answer, &alice, &corrected, &error),
                         QF_OK);
        assert_memory_equal(right, wrong, n);
        qf_cascade_order_free(&order);
    }
}

/* ---- Sessions ---- */

/* Both parties with secrets from the seed: the same in every run. */
static void make_parties(qf_bb84_party *alice, qf_bb84_party *bob, uint64_t seed) {
    static const unsigned char secret[QF_LINK_SECRET] = {1, 2, 3};
    *alice = (qf_bb84_party){.own = 1,
                             .peer = 2,
                             .experiment_secret = secret,
                             .security = {0.05, 1e-10, 1e-10},
                             .pulses = 32768,
                             .keys = 2,
                             .channel = {.loss = 0.2, .misalignment = 0.02, .dark_counts = 1e-3},
                             .seed = seed,
                             .published = true};
    *bob = *alice;
    bob->own = 2;
    bob->peer = 1;
}

static void free_results(qf_bb84_result results[2]) {
    qf_bb84_result_free(&results[0]);
    qf_bb84_result_free(&results[1]);
}

static void test_session(void **state) {
    (void)state;
    qf_bb84_party alice, bob;
    qf_bb84_result r[2], again[2];
    qf_error error;
    make_parties(&alice, &bob, 1);
    assert_int_equal(qf_bb84_simulate(&alice, &bob, NULL, r, &error), QF_OK);
    assert_int_equal(r[0].key.length, QF_LINK_SECRET + 2 * QF_POOL_KEY);
    assert_memory_equal(r[0].key.data, r[1].key.data, r[0].key.length);
    assert_memory_equal(r[0].session, r[1].session, QF_HASH_SIZE);
    assert_int_equal(r[0].raw + r[0].sample, r[0].sifted);
    assert_int_equal(r[0].leaked, r[1].leaked);
    assert_int_equal(r[0].sample_errors, r[1].sample_errors);
    /* 0.8 of the photons and some dark counts arrive; half are in the same basis; 2 % are wrong. */
    const double clicks = 32768 * (0.8 + 0.2 * 1e-3);
    assert_true(fabs((double)r[1].clicks - clicks) < 4 * sqrt(clicks * 0.2));
    assert_true(fabs((double)r[1].sifted - clicks / 2) < 4 * sqrt(clicks / 4));
    const double expected = 0.02 * (double)r[1].sample;
    assert_true(fabs((double)r[1].sample_errors - expected) < 4 * sqrt(expected));
    assert_true(fabs(r[1].security - 2e-10) < 1e-19);
    assert_int_equal(qf_bb84_simulate(&alice, &bob, NULL, again, &error), QF_OK);
    assert_memory_equal(r[0].key.data, again[1].key.data, r[0].key.length);
    free_results(again);
    alice.published = bob.published = false;
    assert_int_equal(qf_bb84_simulate(&alice, &bob, NULL, again, &error), QF_OK);
    assert_memory_not_equal(r[0].key.data, again[0].key.data, r[0].key.length);
    assert_memory_equal(again[0].key.data, again[1].key.data, r[0].key.length);
    free_results(again);
    free_results(r);
}

static double error_rate(double fraction, uint64_t seed, qf_status expected, size_t *sample) {
    qf_bb84_party alice, bob;
    qf_bb84_result r[2];
    qf_error error;
    make_parties(&alice, &bob, seed);
    alice.channel = bob.channel = (qf_quantum_channel){0};
    qf_bb84_eve eve = {.fraction = fraction, .seed = seed};
    const qf_status status = qf_bb84_simulate(&alice, &bob, &eve, r, &error);
    assert_int_equal(status, expected);
    assert_int_equal(r[0].key.length == 0, expected != QF_OK);
    *sample = r[1].sample;
    const double rate = (double)r[1].sample_errors / (double)r[1].sample;
    free_results(r);
    return rate;
}

/* Intercept and resend shows as a quarter of what was intercepted, within three standard
 * deviations. */
static void test_eavesdropper(void **state) {
    (void)state;
    static const double fractions[] = {1, 0.6, 0.3};
    for (uint64_t seed = 0; seed < 3; seed++) {
        for (size_t i = 0; i < sizeof fractions / sizeof *fractions; i++) {
            const double expected = fractions[i] / 4;
            size_t sample;
            const double rate = error_rate(fractions[i], seed, QF_REFUSED, &sample);
            assert_true(fabs(rate - expected) <
                        3 * sqrt(expected * (1 - expected) / (double)sample));
        }
    }
    size_t sample;
    assert_true(error_rate(0, 1, QF_OK, &sample) == 0);
    /* A little is tolerated, as noise is: the key is short enough for that. */
    assert_true(fabs(error_rate(0.1, 1, QF_OK, &sample) - 0.025) < 0.005);
}

/* Whatever message of Alice's is altered: no key for anyone who knows better. */
static void test_forgeries(void **state) {
    (void)state;
    size_t keys = 0, messages = 0;
    for (size_t number = 1; number < 200; number += number < 12 ? 1 : 23) {
        qf_bb84_party alice, bob;
        qf_bb84_result r[2];
        qf_error error;
        make_parties(&alice, &bob, 1);
        alice.pulses = bob.pulses = 16384;
        alice.keys = bob.keys = 1;
        alice.channel.loss = bob.channel.loss = 0;
        qf_bb84_eve eve = {.forge = number};
        const qf_status status = qf_bb84_simulate(&alice, &bob, &eve, r, &error);
        messages += r[1].final == 0;
        if (number == 2) {
            assert_int_equal(status, QF_OK); /* photons: one more error among many */
        } else if (r[1].final == 0) {
            assert_true(status == QF_REFUSED || status == QF_DATA || status == QF_MISMATCH);
            assert_int_equal(r[0].key.length, 0);
            assert_int_equal(r[1].key.length, 0);
        }
        keys += status == QF_OK;
        free_results(r);
    }
    assert_in_range(messages, 12, 30);
    assert_true(keys >= 2); /* the photons, and numbers beyond the last message */
}

/* Bob's messages are as well guarded: Eve stands on the other side. */
static void test_wrong_secret(void **state) {
    (void)state;
    qf_bb84_party alice, bob;
    qf_bb84_result r[2];
    qf_error error;
    unsigned char other[QF_LINK_SECRET] = {1, 2, 4};
    make_parties(&alice, &bob, 1);
    bob.experiment_secret = other;
    assert_int_equal(qf_bb84_simulate(&alice, &bob, NULL, r, &error), QF_REFUSED);
    assert_non_null(strstr(error.message, "tag is wrong"));
    free_results(r);
    make_parties(&alice, &bob, 1);
    bob.peer = 3;
    assert_int_equal(qf_bb84_simulate(&alice, &bob, NULL, r, &error), QF_MISMATCH);
    make_parties(&alice, &bob, 1);
    bob.security.tolerated = 0.2;
    assert_int_equal(qf_bb84_simulate(&alice, &bob, NULL, r, &error), QF_MISMATCH);
    make_parties(&alice, &bob, 1);
    bob.channel.loss = 1;
    bob.channel.dark_counts = 0;
    assert_int_equal(qf_bb84_simulate(&alice, &bob, NULL, r, &error), QF_REFUSED);
    make_parties(&alice, &bob, 1);
    alice.pulses = 2000;
    assert_int_equal(qf_bb84_simulate(&alice, &bob, NULL, r, &error), QF_REFUSED);
    assert_non_null(strstr(error.message, "sifted bits leave"));
}

/* Enough errors to correct that what Cascade discloses leaves no key, though the sample is clean
 * enough. */
static void test_leak_limit(void **state) {
    (void)state;
    qf_bb84_party alice, bob;
    qf_bb84_result r[2];
    qf_error error;
    make_parties(&alice, &bob, 1);
    alice.security.tolerated = bob.security.tolerated = 0.11;
    bob.channel = (qf_quantum_channel){.misalignment = 0.1};
    alice.pulses = 300000;
    assert_int_equal(qf_bb84_simulate(&alice, &bob, NULL, r, &error), QF_REFUSED);
    assert_non_null(strstr(error.message, "error correction disclosed"));
    free_results(r);
}

/* Sessions of parties with states: secrets are spent and replaced, keys land in both pools. */
static void test_states(void **state) {
    (void)state;
    char directory[] = "/tmp/qf-qkd-XXXXXX", paths[2][32];
    unsigned char enrolment[QF_LINK_ENROLMENT] = {1};
    qf_state states[2];
    qf_error error;
    qf_bb84_party parties[2];
    qf_bb84_result r[2];
    uint32_t slots = 0;
    assert_non_null(mkdtemp(directory));
    make_parties(&parties[0], &parties[1], 1);
    for (int i = 0; i < 2; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/p%d", directory, i + 1);
        assert_int_equal(qf_state_open(&states[i], paths[i], true, &error), QF_OK);
        assert_int_equal(qf_link_enrol(&states[i], parties[i].peer, enrolment, &error), QF_OK);
        parties[i].state = &states[i];
        parties[i].published = false;
    }
    for (int session = 0; session < 10; session++) { /* more than there are slots */
        assert_int_equal(qf_bb84_simulate(&parties[0], &parties[1], NULL, r, &error), QF_OK);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(qf_bb84_keep(&parties[i], i == 0, &r[i], &error), QF_OK);
        }
        free_results(r);
    }
    qf_pool_key sent, received;
    assert_int_equal(qf_pool_take(&states[0], 2, NULL, &sent, &error), QF_OK);
    assert_int_equal(qf_pool_take(&states[1], 1, sent.id, &received, &error), QF_OK);
    assert_memory_equal(sent.key, received.key, QF_POOL_KEY);
    /* An enemy on the line costs a secret a session, until none is left. */
    qf_bb84_eve eve = {.forge = 3};
    for (int attempt = 0; attempt < QF_LINK_SLOTS; attempt++) {
        assert_int_equal(qf_link_slots(&states[0], 2, &slots, &error), QF_OK);
        assert_int_equal(__builtin_popcount(slots), QF_LINK_SLOTS - attempt);
        eve.forge = 4; /* a parity: the wrong bit is found by the hash or the tag */
        const qf_status status = qf_bb84_simulate(&parties[0], &parties[1], &eve, r, &error);
        assert_int_equal(status, QF_REFUSED);
        free_results(r);
        unsigned char secret[QF_LINK_SECRET];
        unsigned slot = 0;
        while (!(slots >> slot & 1)) slot++;
        /* Refused before any tag: nothing was spent; so spend it, as a refused tag would. */
        assert_int_equal(qf_link_spend(&states[0], 2, slot, secret, &error), QF_OK);
    }
    assert_int_equal(qf_bb84_simulate(&parties[0], &parties[1], NULL, r, &error), QF_REFUSED);
    assert_non_null(strstr(error.message, "enrol again"));
    for (int i = 0; i < 2; i++) qf_state_close(&states[i]);
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", directory);
    assert_int_equal(system(command), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key_length), cmocka_unit_test(test_toeplitz),
        cmocka_unit_test(test_cascade),    cmocka_unit_test(test_cascade_small),
        cmocka_unit_test(test_session),    cmocka_unit_test(test_eavesdropper),
        cmocka_unit_test(test_forgeries),  cmocka_unit_test(test_wrong_secret),
        cmocka_unit_test(test_leak_limit), cmocka_unit_test(test_states),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
