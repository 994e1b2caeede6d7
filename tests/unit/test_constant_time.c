/* What is said to take a time that does not depend on secrets. Under valgrind (make valgrind)
 * secrets are marked as undefined: a branch or an address that depends on one is an error there.
 * Without it, this only runs the code. */
#include "crypto/prime_field.h"
#include "crypto/shamir.h"
#include "crypto/toeplitz.h"

#include <setjmp.h>
#include <stdarg.h>
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shamir),
        cmocka_unit_test(test_privacy_amplification),
        cmocka_unit_test(test_comparison),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
