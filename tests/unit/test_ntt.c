/* Primes, residues and the transform: every form against evaluation in O(N^2), against each other,
 * and on the residues at the edges. */
#include "ckks/ntt.h"

#include "base/memory.h"
#include "base/random.h"
#include "ckks/primes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const unsigned all_bits[] = {20, 30, 36, 40, 44, 45, 49, 50, 51, 55, 59, 60};
enum { SIZES_OF_PRIMES = sizeof all_bits / sizeof *all_bits };

static uint64_t slow_multiply(uint64_t a, uint64_t b, uint64_t p) {
    return (uint64_t)((qf_wide)a * b % p);
}

static uint64_t prime_of(size_t n, unsigned bits) {
    qf_error error = {0};
    uint64_t prime = 0;
    assert_int_equal(qf_find_prime(n, bits, NULL, 0, &prime, &error), QF_OK);
    return prime;
}

static uint64_t *lines(size_t n) {
    qf_error error;
    uint64_t *values = qf_new_lines(n * sizeof *values, &error);
    assert_non_null(values);
    return values;
}

/* Random residues, or a pattern of those at the edges. */
static void fill(uint64_t *values, size_t n, uint64_t p, unsigned pattern) {
    qf_random random = qf_random_stream(n + p, "ntt", pattern);
    for (size_t i = 0; i < n; i++) {
        const uint64_t edges[] = {0, p - 1, p / 2, p / 2 + 1, 1};
        switch (pattern) {
        case 0:
            values[i] = qf_random_below(&random, p);
            break;
        case 1:
            values[i] = p - 1;
            break;
        case 2:
            values[i] = i % 2 ? p - 1 : 0;
            break;
        case 3:
            values[i] = i == n - 1 ? p - 1 : 0;
            break;
        default:
            values[i] = edges[qf_random_below(&random, 5)];
        }
    }
}
enum { PATTERNS = 5 };

static void test_primality(void **state) {
    (void)state;
    static const struct {
        uint64_t x;
        bool prime;
    } cases[] = {{0, false},
                 {1, false},
                 {2, true},
                 {37, true},
                 {41, true},
                 {1763, false},
                 {3215031751, false},          /* pseudoprime to 2, 3, 5, 7 */
                 {3825123056546413051, false}, /* to the first nine */
                 {18446744073709551557u, true},
                 {18446744073709551556u, false},
                 {1000000007, true},
                 {(uint64_t)1000003 * 1000033, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(qf_is_prime(cases[i].x), cases[i].prime);
    }
    size_t found = 0;
    for (uint64_t x = 2; x < 20000; x++) {
        bool prime = true;
        for (uint64_t d = 2; d * d <= x && prime; d++) prime = x % d != 0;
        assert_int_equal(qf_is_prime(x), prime);
        found += prime;
    }
    assert_int_equal(found, 2262);
}

static void test_find_primes(void **state) {
    (void)state;
    qf_error error = {0};
    uint64_t taken[6];
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(qf_find_prime(8192, 40, taken, i, &taken[i], &error), QF_OK);
        assert_true(qf_is_prime(taken[i]));
        assert_int_equal(taken[i] % 16384, 1);
        assert_true(taken[i] >> 39 == 1);
        if (i) assert_true(taken[i] < taken[i - 1]);
    }
    assert_int_equal(qf_find_prime(8192, 61, NULL, 0, taken, &error), QF_DATA);
    assert_int_equal(qf_find_prime(8192, 19, NULL, 0, taken, &error), QF_DATA);
    /* 2^20: only so many numbers are 1 modulo 65536, and no prime more. */
    size_t count = 0;
    while (count < 6 && qf_find_prime(32768, 20, taken, count, &taken[count], &error) == QF_OK) {
        count++;
    }
    assert_true(count < 6);
}

static void test_residues(void **state) {
    (void)state;
    for (size_t b = 0; b < SIZES_OF_PRIMES; b++) {
        const uint64_t p = prime_of(1024, all_bits[b]);
        const qf_modulus m = qf_modulus_of(p);
        qf_random random = qf_random_stream(p, "residues", 0);
        uint64_t edges[1000] = {0, 1, p - 1, p - 2, p / 2, p / 2 + 1};
        for (size_t i = 6; i < 1000; i++) edges[i] = qf_random_below(&random, p);
        for (size_t i = 0; i < 1000; i++) {
            const uint64_t a = edges[i], c = edges[(i * 7 + 3) % 1000];
            assert_int_equal(qf_mod_multiply(&m, a, c), slow_multiply(a, c, p));
            assert_int_equal(qf_mod_add(&m, a, c), (a + c) % p);
            assert_int_equal(qf_mod_subtract(&m, a, c), (a + p - c) % p);
            if (a) assert_int_equal(slow_multiply(a, qf_mod_inverse(&m, a), p), 1);
            const int64_t centred = qf_mod_centred(&m, a);
            assert_true(centred <= (int64_t)(p / 2) && centred >= -(int64_t)(p / 2));
            assert_int_equal(qf_mod_signed(&m, centred), a);
            assert_int_equal(qf_mod_signed_any(&m, centred), a);
            const uint64_t word = qf_random_u64(&random);
            assert_int_equal(qf_mod_reduce(&m, word), word % p);
            const int64_t any = (int64_t)word / 2;
            const int64_t expected = (int64_t)((__int128)any % (__int128)p);
            assert_int_equal(qf_mod_signed_any(&m, any),
                             expected < 0 ? expected + (int64_t)p : expected);
        }
        assert_int_equal(qf_mod_reduce(&m, UINT64_MAX), UINT64_MAX % p);
    }
}

/* Entry i is a(psi^(2 r(i) + 1)), by Horner's rule. */
static void evaluate(const qf_modulus *m, size_t n, const uint64_t *a, uint64_t *to) {
    const uint64_t psi = qf_find_root(m, n), p = m->value;
    for (size_t i = 0; i < n; i++) {
        const uint64_t at = qf_mod_power(m, psi, 2 * qf_reverse_bits(i, n) + 1);
        uint64_t sum = 0;
        for (size_t k = n; k-- > 0;) sum = (slow_multiply(sum, at, p) + a[k]) % p;
        to[i] = sum;
    }
}

static void test_root(void **state) {
    (void)state;
    const qf_modulus m = qf_modulus_of(prime_of(64, 20));
    const uint64_t root = qf_find_root(&m, 64);
    assert_int_equal(qf_mod_power(&m, root, 64), m.value - 1);
    for (uint64_t x = 1; x < root; x++) assert_true(qf_mod_power(&m, x, 64) != m.value - 1);
}

static void each_form(size_t n, unsigned bits, void (*check)(const qf_ntt *ntt)) {
    for (qf_simd simd = QF_SIMD_PORTABLE; simd <= qf_simd_best(); simd++) {
        qf_error error = {0};
        qf_ntt ntt;
        assert_int_equal(qf_ntt_init(&ntt, n, prime_of(n, bits), simd, &error), QF_OK);
        check(&ntt);
        qf_ntt_free(&ntt);
    }
}

static void check_evaluation(const qf_ntt *ntt) {
    uint64_t *values = lines(ntt->n), *expected = lines(ntt->n), *back = lines(ntt->n);
    for (unsigned pattern = 0; pattern < PATTERNS; pattern++) {
        fill(values, ntt->n, ntt->modulus.value, pattern);
        memcpy(back, values, ntt->n * sizeof *values);
        evaluate(&ntt->modulus, ntt->n, values, expected);
        ntt->form->forward(ntt, values);
        assert_memory_equal(values, expected, ntt->n * sizeof *values);
        ntt->form->inverse(ntt, values);
        assert_memory_equal(values, back, ntt->n * sizeof *values);
    }
    free(values);
    free(expected);
    free(back);
}

static void test_evaluation(void **state) {
    (void)state;
    for (size_t n = QF_NTT_MIN; n <= 512; n *= 2) {
        for (size_t b = 0; b < SIZES_OF_PRIMES; b++) each_form(n, all_bits[b], check_evaluation);
    }
    each_form(1024, 50, check_evaluation);
    each_form(1024, 60, check_evaluation);
}

/* All sizes: forms agree, and the inverse takes it back. */
static void test_forms_agree(void **state) {
    (void)state;
    for (size_t n = 1024; n <= QF_NTT_MAX; n *= 2) {
        for (size_t b = 1; b < SIZES_OF_PRIMES; b++) {
            const uint64_t p = prime_of(n, all_bits[b]);
            uint64_t *values = lines(n), *first = lines(n), *back = lines(n);
            for (unsigned pattern = 0; pattern < PATTERNS; pattern++) {
                for (qf_simd simd = QF_SIMD_PORTABLE; simd <= qf_simd_best(); simd++) {
                    qf_error error = {0};
                    qf_ntt ntt;
                    assert_int_equal(qf_ntt_init(&ntt, n, p, simd, &error), QF_OK);
                    fill(values, n, p, pattern);
                    memcpy(back, values, n * sizeof *values);
                    ntt.form->forward(&ntt, values);
                    if (simd == QF_SIMD_PORTABLE) memcpy(first, values, n * sizeof *values);
                    assert_memory_equal(values, first, n * sizeof *values);
                    ntt.form->inverse(&ntt, values);
                    assert_memory_equal(values, back, n * sizeof *values);
                    /* An inverse of the edges, which the forward transform does not give. */
                    ntt.form->inverse(&ntt, values);
                    ntt.form->forward(&ntt, values);
                    assert_memory_equal(values, back, n * sizeof *values);
                    qf_ntt_free(&ntt);
                }
            }
            free(values);
            free(first);
            free(back);
        }
    }
}

/* Negacyclic product, coefficient by coefficient. */
static void check_product(const qf_ntt *ntt) {
    const size_t n = ntt->n;
    const uint64_t p = ntt->modulus.value;
    uint64_t *a = lines(n), *b = lines(n), *expected = lines(n);
    fill(a, n, p, 0);
    fill(b, n, p, 4);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            const uint64_t term = slow_multiply(a[i], b[j], p);
            const size_t at = (i + j) % n;
            expected[at] = (expected[at] + (i + j < n ? term : (p - term) % p)) % p;
        }
    }
    ntt->form->forward(ntt, a);
    ntt->form->forward(ntt, b);
    ntt->form->multiply(&ntt->modulus, n, a, b, a);
    ntt->form->inverse(ntt, a);
    assert_memory_equal(a, expected, n * sizeof *a);
    free(a);
    free(b);
    free(expected);
}

static void test_product(void **state) {
    (void)state;
    for (size_t b = 0; b < SIZES_OF_PRIMES; b++) each_form(256, all_bits[b], check_product);
}

static void check_numbers(const qf_ntt *ntt) {
    const qf_ring_form *form = ntt->form;
    const qf_modulus *m = &ntt->modulus;
    const uint64_t p = m->value;
    enum { COUNT = 256 };
    uint64_t *a = lines(COUNT), *b = lines(COUNT), *c = lines(COUNT), *to = lines(COUNT);
    for (unsigned pattern = 0; pattern < PATTERNS * PATTERNS; pattern++) {
        fill(a, COUNT, p, pattern % PATTERNS);
        fill(b, COUNT, p, pattern / PATTERNS);
        fill(c, COUNT, p, 4);
        form->multiply(m, COUNT, a, b, to);
        for (size_t i = 0; i < COUNT; i++) assert_int_equal(to[i], slow_multiply(a[i], b[i], p));
        memcpy(to, c, COUNT * sizeof *to);
        form->multiply_add(m, COUNT, a, b, to);
        for (size_t i = 0; i < COUNT; i++) {
            assert_int_equal(to[i], (slow_multiply(a[i], b[i], p) + c[i]) % p);
        }
        form->add(m, COUNT, a, b, to);
        for (size_t i = 0; i < COUNT; i++) assert_int_equal(to[i], (a[i] + b[i]) % p);
        form->subtract(m, COUNT, a, b, to);
        for (size_t i = 0; i < COUNT; i++) assert_int_equal(to[i], (a[i] + p - b[i]) % p);
        const qf_factor factor = form->prepare(m, b[pattern]);
        form->scale(m, COUNT, factor, a, to);
        for (size_t i = 0; i < COUNT; i++) {
            assert_int_equal(to[i], slow_multiply(a[i], b[pattern], p));
        }
        memcpy(to, c, COUNT * sizeof *to);
        form->scale_add(m, COUNT, factor, a, to);
        for (size_t i = 0; i < COUNT; i++) {
            assert_int_equal(to[i], (slow_multiply(a[i], b[pattern], p) + c[i]) % p);
        }
        form->scale_difference(m, COUNT, factor, a, c, to);
        for (size_t i = 0; i < COUNT; i++) {
            assert_int_equal(to[i], slow_multiply((a[i] + p - c[i]) % p, b[pattern], p));
        }
        for (size_t f = 0; f < SIZES_OF_PRIMES; f++) {
            const qf_modulus from = qf_modulus_of(prime_of(512, all_bits[f]));
            fill(b, COUNT, from.value, pattern % PATTERNS);
            form->lift(&from, m, COUNT, b, to);
            for (size_t i = 0; i < COUNT; i++) {
                assert_int_equal(to[i], qf_mod_signed_any(m, qf_mod_centred(&from, b[i])));
            }
        }
    }
    int32_t small[COUNT];
    for (size_t i = 0; i < COUNT; i++) small[i] = (int32_t)i * 991 - 126000;
    form->small_residues(m, COUNT, small, to);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(to[i], small[i] < 0 ? p - (uint64_t)-small[i] : (uint64_t)small[i]);
    }
    int64_t large[COUNT] = {(int64_t)1 << 62, -((int64_t)1 << 62), 0, -1, 1};
    qf_random random = qf_random_stream(p, "large", 0);
    for (size_t i = 5; i < COUNT; i++) large[i] = (int64_t)qf_random_u64(&random) / 2;
    form->residues(m, COUNT, large, to);
    for (size_t i = 0; i < COUNT; i++) {
        const int64_t rest = large[i] % (int64_t)p;
        assert_int_equal(to[i], rest < 0 ? rest + (int64_t)p : rest);
    }
    free(a);
    free(b);
    free(c);
    free(to);
}

static void test_numbers(void **state) {
    (void)state;
    for (size_t b = 0; b < SIZES_OF_PRIMES; b++) each_form(256, all_bits[b], check_numbers);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_primality),  cmocka_unit_test(test_find_primes),
        cmocka_unit_test(test_residues),   cmocka_unit_test(test_root),
        cmocka_unit_test(test_evaluation), cmocka_unit_test(test_forms_agree),
        cmocka_unit_test(test_product),    cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
