/* What is said to take a time that does not depend on secrets. Under valgrind (make valgrind)
 * secrets are marked as undefined: a branch or an address that depends on one is an error there.
 * Without it, this only runs the code. */
#include "ckks/coefficients.h"
#include "ckks/packed.h"
#include "crypto/prime_field.h"
#include "crypto/shamir.h"
#include "crypto/toeplitz.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <valgrind/memcheck.h>

static void test_shamir(void **state) {
    (void)state;
    static const uint64_t primes[] = {QF_PRIME_61, QF_PRIME_PAPER};
    for (size_t p = 0; p < 2; p++) {
        const qf_prime_field f = qf_field_of(primes[p]);
        uint64_t secrets[4] = {0, 1, primes[p] - 1, 12345}, got[4], rows[5][4], weights[3];
        uint64_t *shares[5];
        const uint64_t expected[4] = {0, 1, primes[p] - 1, 12345};
        const uint32_t points[] = {2, 5, 1};
        qf_error error;
        for (size_t i = 0; i < 5; i++) shares[i] = rows[i];
        VALGRIND_MAKE_MEM_UNDEFINED(secrets, sizeof secrets);
        assert_int_equal(qf_shamir_split(&f, 3, 5, secrets, 4, shares, &error), QF_OK);
        const uint64_t *values[] = {shares[1], shares[4], shares[0]};
        qf_shamir_weights(&f, points, 3, 0, weights);
        qf_shamir_combine(&f, weights, values, 3, 4, got);
        int64_t number = qf_field_to_signed(&f, got[2]);
        uint64_t back = qf_field_from_signed(&f, number);
        uint64_t inverse = qf_field_invert(&f, got[3]);
        inverse = qf_field_subtract(&f, qf_field_multiply(&f, inverse, got[3]), 1);
        VALGRIND_MAKE_MEM_DEFINED(got, sizeof got);
        VALGRIND_MAKE_MEM_DEFINED(&number, sizeof number);
        VALGRIND_MAKE_MEM_DEFINED(&back, sizeof back);
        VALGRIND_MAKE_MEM_DEFINED(&inverse, sizeof inverse);
        assert_memory_equal(got, expected, sizeof got);
        assert_int_equal(number, -1);
        assert_true(back == primes[p] - 1);
        assert_true(inverse == 0);
    }
}

static void test_privacy_amplification(void **state) {
    (void)state;
    unsigned char bits[300], matrix[64], key[16];
    qf_error error;
    for (size_t i = 0; i < sizeof bits; i++) bits[i] = i % 3 == 0;
    memset(matrix, 0x5a, sizeof matrix);
    VALGRIND_MAKE_MEM_UNDEFINED(bits, sizeof bits);
    assert_int_equal(qf_toeplitz_hash(bits, sizeof bits, matrix, 128, key, &error), QF_OK);
}

static void test_comparison(void **state) {
    (void)state;
    unsigned char a[32] = {1}, b[32] = {1};
    VALGRIND_MAKE_MEM_UNDEFINED(a, sizeof a);
    bool equal = qf_secret_equal(a, b, sizeof a);
    VALGRIND_MAKE_MEM_DEFINED(&equal, sizeof equal);
    assert_true(equal);
}

static void hide(const qf_poly *poly) {
    VALGRIND_MAKE_MEM_UNDEFINED(poly->residues, poly->primes * poly->n * sizeof *poly->residues);
}

static void show(const qf_poly *poly) {
    VALGRIND_MAKE_MEM_DEFINED(poly->residues, poly->primes * poly->n * sizeof *poly->residues);
}

/* A ciphertext of a few numbers under the key of one member. */
static qf_ciphertext encrypt_some(const qf_ckks *ckks, const qf_member_public *member,
                                  qf_sampler *sampler) {
    static const int64_t integers[] = {5, -6, 7};
    qf_error error;
    qf_public_key key;
    qf_plaintext plain;
    qf_ciphertext ciphertext;
    assert_int_equal(qf_public_key_join(ckks, member, 1, &key, &error), QF_OK);
    assert_int_equal(qf_coefficients_encode(ckks, integers, 3, 7, 70, &plain, &error), QF_OK);
    assert_int_equal(qf_encrypt(ckks, &key, &plain, sampler, &ciphertext, &error), QF_OK);
    qf_plaintext_free(&plain);
    qf_public_key_free(&key);
    return ciphertext;
}

/* Dealing shares of a secret, packing one, and answering with it. */
static void threshold_at(qf_simd simd) {
    const unsigned char seed[QF_SEED_SIZE] = {3};
    const unsigned set[] = {1};
    const qf_flooding flooding = {.decryptions = 100, .statistical_bits = 40};
    qf_error error;
    qf_ckks_parameters parameters;
    qf_ckks ckks;
    qf_sampler sampler;
    qf_member_secret secret;
    qf_member_public member;
    qf_secret_share share = {0}, sum = {0};
    qf_partial partial;
    assert_int_equal(qf_ckks_parameters_named("rounds", &parameters, &error), QF_OK);
    assert_int_equal(qf_ckks_init(&ckks, &parameters, simd, &error), QF_OK);
    assert_int_equal(qf_sampler_seeded(&sampler, seed, 1, &error), QF_OK);
    assert_int_equal(qf_member_make(&ckks, seed, 1, &sampler, &secret, &member, &error), QF_OK);
    qf_ciphertext ciphertext = encrypt_some(&ckks, &member, &sampler);
    hide(&secret.s);
    assert_int_equal(qf_member_deal(&ckks, &secret, 1, 1, &sampler, &share, &error), QF_OK);
    assert_int_equal(qf_secret_share_add(&ckks, &sum, &share, &error), QF_OK);
    unsigned char *packed = malloc(qf_secret_share_size(&ckks));
    qf_secret_share_pack(&ckks, &sum, packed);
    assert_int_equal(
        qf_partial_decrypt(&ckks, &sum, set, &ciphertext, &flooding, &sampler, &partial, &error),
        QF_OK);
    int64_t integers[3];
    show(&partial.d);
    assert_int_equal(qf_partials_combine(&ckks, &ciphertext, &partial, 1, integers, &error), QF_OK);
    assert_true(integers[0] == 5 && integers[1] == -6 && integers[2] == 7);
    free(packed);
    qf_partial_free(&partial);
    qf_ciphertext_free(&ciphertext);
    qf_secret_share_free(&share);
    qf_secret_share_free(&sum);
    qf_member_public_free(&member);
    qf_member_secret_free(&secret);
    qf_sampler_free(&sampler);
    qf_ckks_free(&ckks);
}

static void test_threshold(void **state) {
    (void)state;
    for (qf_simd simd = QF_SIMD_PORTABLE; simd <= qf_simd_best(); simd++) threshold_at(simd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shamir),
        cmocka_unit_test(test_privacy_amplification),
        cmocka_unit_test(test_comparison),
        cmocka_unit_test(test_threshold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
