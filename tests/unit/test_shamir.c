/* The field, Shamir's scheme, and shares of what streams hold. */
#include "crypto/fixed_point.h"
#include "crypto/share.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_field(void **state) {
    (void)state;
    static const uint64_t primes[] = {3, 11, QF_PRIME_PAPER, 2147483647, QF_PRIME_61};
    for (size_t p = 0; p < sizeof primes / sizeof *primes; p++) {
        const uint64_t prime = primes[p];
        const qf_prime_field f = qf_field_of(prime);
        uint64_t values[200];
        qf_error error;
        assert_int_equal(qf_field_random(&f, values, 200, &error), QF_OK);
        const uint64_t edges[] = {0, 1, 2, prime - 1, prime - 2, prime / 2, prime / 2 + 1};
        for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) values[i] = edges[i] % prime;
        for (size_t i = 0; i < 200; i++) {
            assert_true(values[i] < prime);
            for (size_t j = 0; j < 200; j++) {
                const uint64_t a = values[i], b = values[j];
                assert_true(qf_field_add(&f, a, b) ==
                            (uint64_t)(((unsigned __int128)a + b) % prime));
                assert_true(qf_field_subtract(&f, a, b) ==
                            (uint64_t)(((unsigned __int128)a + prime - b) % prime));
                assert_true(qf_field_multiply(&f, a, b) ==
                            (uint64_t)((unsigned __int128)a * b % prime));
            }
            const uint64_t inverse = qf_field_invert(&f, values[i]);
            assert_true(qf_field_multiply(&f, inverse, values[i]) == (values[i] != 0));
            assert_true(qf_field_from_signed(&f, qf_field_to_signed(&f, values[i])) == values[i]);
        }
        const int64_t half = (int64_t)((prime - 1) / 2);
        for (int64_t v = -half; v <= half; v += half / 3 + 1) {
            assert_true(qf_field_to_signed(&f, qf_field_from_signed(&f, v)) == v);
        }
    }
}

/* Shares `count` secrets among `parties`; the caller frees each row. */
static void split(const qf_prime_field *f, size_t threshold, size_t parties,
                  const uint64_t *secrets, size_t count, uint64_t **shares) {
    qf_error error;
    for (size_t i = 0; i < parties; i++) shares[i] = calloc(count, sizeof **shares);
    assert_int_equal(qf_shamir_split(f, threshold, parties, secrets, count, shares, &error), QF_OK);
}

static void test_every_subset(void **state) {
    (void)state;
    const qf_prime_field f = qf_field_of(QF_PRIME_61);
    enum { COUNT = 700 }; /* more than one batch */
    uint64_t secrets[COUNT], got[COUNT], *shares[10], weights[3];
    qf_error error;
    assert_int_equal(qf_field_random(&f, secrets, COUNT, &error), QF_OK);
    split(&f, 3, 10, secrets, COUNT, shares);
    size_t subsets = 0;
    for (uint32_t a = 0; a < 10; a++) {
        for (uint32_t b = a + 1; b < 10; b++) {
            for (uint32_t c = b + 1; c < 10; c++) {
                const uint32_t points[] = {c + 1, a + 1, b + 1};
                const uint64_t *values[] = {shares[c], shares[a], shares[b]};
                qf_shamir_weights(&f, points, 3, 0, weights);
                qf_shamir_combine(&f, weights, values, 3, COUNT, got);
                assert_memory_equal(got, secrets, sizeof secrets);
                subsets++;
            }
        }
    }
    assert_int_equal(subsets, 120);
    for (int i = 0; i < 10; i++) free(shares[i]);
    assert_int_equal(qf_shamir_split(&f, 11, 10, secrets, 1, shares, &error), QF_USAGE);
    assert_int_equal(qf_shamir_split(&f, 0, 10, secrets, 1, shares, &error), QF_USAGE);
}

/* Chi-squared of how often each pair of two parties' shares came, over 121 pairs; uniform: 120
 * +- 15.5. */
static double chi_squared(size_t threshold, uint64_t secret) {
    enum { DRAWS = 121 * 500 };
    const qf_prime_field f = qf_field_of(11);
    uint64_t *secrets = calloc(DRAWS, sizeof *secrets), *shares[3];
    double counts[121] = {0}, sum = 0;
    for (size_t i = 0; i < DRAWS; i++) secrets[i] = secret;
    split(&f, threshold, 3, secrets, DRAWS, shares);
    for (size_t i = 0; i < DRAWS; i++) counts[shares[0][i] * 11 + shares[2][i]]++;
    for (size_t c = 0; c < 121; c++) sum += (counts[c] - 500) * (counts[c] - 500) / 500;
    for (size_t i = 0; i < 3; i++) free(shares[i]);
    free(secrets);
    return sum;
}

/* Two of three shares have one distribution, the uniform one, whatever the secret; if two are
 * enough to recover it, they have not. Eight standard deviations: one run in 10^9 fails by chance.
 */
static void test_independence(void **state) {
    (void)state;
    for (uint64_t secret = 0; secret < 11; secret += 5) {
        assert_true(fabs(chi_squared(3, secret) - 120) < 8 * 15.5);
        assert_true(chi_squared(2, secret) > 10000);
    }
}

/* ---- Shares of models and keys ---- */

static const double weights[] = {0.5, -1.25, 1e-3, 123456.789, 0, -0.0000000001};
static const int64_t rows[] = {3, 5, 1000000};
static const uint8_t bytes[] = {0, 255, 7};

static qf_contents make_secret(const char *type, double scale) {
    qf_contents secret = {.type = strdup(type)};
    qf_error error;
    qf_record facts = {0};
    double scaled[6];
    const float single[] = {1.5f, -2.25f};
    for (size_t i = 0; i < 6; i++) scaled[i] = weights[i] * scale;
    qf_record_set_text(&secret.parameters, "kind", "test", &error);
    qf_record_set_real(&facts, "loss", scale, &error);
    qf_contents_add_record(&secret, &facts, &error);
    qf_record_free(&facts);
    qf_arrays_add(&secret.arrays, "weights", QF_F64, 2, 3, scaled, &error);
    qf_arrays_add(&secret.arrays, "rows", QF_I64, 3, 1, rows, &error);
    qf_arrays_add(&secret.arrays, "bytes", QF_U8, 3, 1, bytes, &error);
    qf_arrays_add(&secret.arrays, "single", QF_F32, 2, 1, single, &error);
    assert_int_equal(secret.arrays.count, 4);
    return secret;
}

static qf_sharing sharing_of(size_t threshold, size_t parties) {
    return (qf_sharing){.threshold = threshold,
                        .parties = parties,
                        .prime = QF_PRIME_61,
                        .fraction_bits = 32,
                        .summands_limit = 16};
}

static void make_shares(const qf_sharing *sharing, double scale, qf_share *shares) {
    qf_contents secret = make_secret("model", scale);
    qf_error error;
    memset(shares, 0, sharing->parties * sizeof *shares);
    assert_int_equal(qf_share_split(sharing, &secret, shares, &error), QF_OK);
    qf_contents_free(&secret);
}

static void free_shares(qf_share *shares, size_t count) {
    for (size_t i = 0; i < count; i++) qf_share_free(&shares[i]);
}

static void expect_secret(const qf_contents *got, double scale, bool integers) {
    const double *w = got->arrays.items[0].data;
    for (size_t i = 0; i < 6; i++) {
        assert_true(fabs(w[i] - weights[i] * scale) <= 0x1p-33 * fmax(1, scale));
    }
    assert_int_equal(got->arrays.items[1].rows, integers ? 3 : 0);
    if (integers) {
        assert_memory_equal(got->arrays.items[1].data, rows, sizeof rows);
        assert_memory_equal(got->arrays.items[2].data, bytes, sizeof bytes);
    }
    assert_string_equal(qf_record_text(&got->parameters, "kind"), "test");
}

/* The chosen shares, as they are, without owning them. */
static qf_status recover(const qf_share *shares, const char *which, qf_contents *got,
                         uint32_t *wrong, qf_error *error) {
    qf_share chosen[10];
    size_t count = 0;
    for (; which[count]; count++) chosen[count] = shares[which[count] - '1'];
    *got = (qf_contents){0};
    return qf_share_recover(chosen, count, false, got, wrong, error);
}

static void test_share_and_recover(void **state) {
    (void)state;
    const qf_sharing sharing = sharing_of(3, 5);
    qf_share shares[5];
    qf_contents got;
    qf_error error;
    uint32_t wrong = 0;
    make_shares(&sharing, 1, shares);
    static const char *const enough[] = {"123", "531", "245", "12345", "4321"};
    for (size_t i = 0; i < sizeof enough / sizeof *enough; i++) {
        assert_int_equal(recover(shares, enough[i], &got, &wrong, &error), QF_OK);
        assert_int_equal(wrong, 0);
        expect_secret(&got, 1, true);
        qf_contents_free(&got);
    }
    assert_int_equal(recover(shares, "12", &got, &wrong, &error), QF_MISMATCH);
    assert_string_equal(error.message, "3 shares are needed, got 2");
    assert_int_equal(recover(shares, "121", &got, &wrong, &error), QF_MISMATCH);
    qf_share other[5];
    make_shares(&sharing, 1, other);
    qf_share mixed[3] = {shares[0], shares[1], other[2]};
    assert_int_equal(qf_share_recover(mixed, 3, false, &got, &wrong, &error), QF_MISMATCH);
    free_shares(other, 5);
    free_shares(shares, 5);
}

static void test_wrong_share(void **state) {
    (void)state;
    const qf_sharing sharing = sharing_of(3, 5);
    qf_contents got;
    qf_error error;
    for (uint32_t bad = 1; bad <= 5; bad++) {
        qf_share shares[5];
        uint32_t wrong = 0;
        make_shares(&sharing, 1, shares);
        qf_share_elements(&shares[bad - 1])[bad] ^= 1;
        for (const char *which = "12345"; which; which = *which == '1' ? "5432" : NULL) {
            const bool there = strchr(which, (int)('0' + bad)) != NULL;
            assert_int_equal(recover(shares, which, &got, &wrong, &error), QF_OK);
            assert_int_equal(wrong, there ? bad : 0);
            expect_secret(&got, 1, true);
            qf_contents_free(&got);
        }
        const char three[] = {'1', '3', bad == 1 || bad == 3 ? '5' : (char)('0' + bad), 0};
        assert_int_equal(recover(shares, three, &got, &wrong, &error), QF_REFUSED);
        /* Two wrong ones are one too many. */
        qf_share_elements(&shares[bad % 5])[0] ^= 2;
        assert_int_equal(recover(shares, "12345", &got, &wrong, &error), QF_REFUSED);
        free_shares(shares, 5);
    }
}

static void test_sums(void **state) {
    (void)state;
    const qf_sharing sharing = sharing_of(2, 4);
    qf_share a[4], b[4], c[4];
    qf_contents got;
    qf_error error;
    uint32_t wrong = 0;
    make_shares(&sharing, 1, a);
    make_shares(&sharing, 2, b);
    make_shares(&sharing, 4, c);
    for (size_t i = 0; i < 4; i++) {
        /* In any order. */
        qf_share *first = i % 2 ? &a[i] : &c[i], *last = i % 2 ? &c[i] : &a[i];
        assert_int_equal(qf_share_add(&b[i], first, &error), QF_OK);
        assert_int_equal(qf_share_add(&b[i], first, &error), QF_MISMATCH); /* twice */
        assert_int_equal(qf_share_add(&b[i], last, &error), QF_OK);
    }
    assert_int_equal(qf_share_add(&b[0], &a[1], &error), QF_MISMATCH); /* another party's */
    assert_int_equal(recover(b, "24", &got, &wrong, &error), QF_OK);
    expect_secret(&got, 7, false);
    assert_int_equal(got.records[0].count, 0); /* they differed */
    qf_contents_free(&got);
    got = (qf_contents){0};
    assert_int_equal(qf_share_recover(b, 4, true, &got, &wrong, &error), QF_OK);
    expect_secret(&got, 7.0 / 3, false);
    qf_contents_free(&got);
    /* Nothing was committed to: it takes one share more to see a wrong one, and two to name it. */
    qf_share_elements(&b[2])[5] ^= 1;
    assert_int_equal(recover(b, "1342", &got, &wrong, &error), QF_OK);
    assert_int_equal(wrong, 3);
    expect_secret(&got, 7, false);
    qf_contents_free(&got);
    assert_int_equal(recover(b, "134", &got, &wrong, &error), QF_REFUSED);
    free_shares(a, 4);
    free_shares(b, 4);
    free_shares(c, 4);
}

static void test_sum_limit(void **state) {
    (void)state;
    qf_sharing sharing = sharing_of(1, 1);
    qf_share sum, other;
    qf_error error;
    sharing.summands_limit = 2;
    make_shares(&sharing, 1, &sum);
    for (int i = 0; i < 2; i++) {
        make_shares(&sharing, 1, &other);
        assert_int_equal(qf_share_add(&sum, &other, &error), i == 0 ? QF_OK : QF_MISMATCH);
        qf_share_free(&other);
    }
    qf_share_free(&sum);
    qf_contents key = make_secret("key", 1);
    qf_share keys[2] = {0};
    assert_int_equal(qf_share_split(&sharing, &key, &keys[0], &error), QF_OK);
    assert_int_equal(qf_share_split(&sharing, &key, &keys[1], &error), QF_OK);
    assert_int_equal(qf_share_add(&keys[0], &keys[1], &error), QF_MISMATCH);
    free_shares(keys, 2);
    qf_contents_free(&key);
}

/* The greatest value that fits does, the next does not: nothing wraps. */
static void test_range(void **state) {
    (void)state;
    qf_sharing sharing = sharing_of(1, 1);
    qf_error error;
    uint64_t element;
    sharing.fraction_bits = 0;
    for (int paper = 0; paper < 2; paper++) {
        sharing.prime = paper ? QF_PRIME_PAPER : QF_PRIME_61;
        const int64_t limit = qf_fixed_limit(&sharing);
        for (int sign = -1; sign <= 1; sign += 2) {
            int64_t value = sign * limit, back = 0;
            qf_array array = {
                .name = "weights", .type = QF_I64, .rows = 1, .columns = 1, .data = &value};
            assert_int_equal(qf_fixed_encode(&sharing, &array, &element, &error), QF_OK);
            array.data = &back;
            assert_int_equal(qf_fixed_decode(&sharing, &element, 1, 1, &array, &error), QF_OK);
            assert_true(back == sign * limit);
            value = sign * (limit + 1);
            array.data = &value;
            assert_int_equal(qf_fixed_encode(&sharing, &array, &element, &error), QF_DATA);
            assert_non_null(strstr(error.message, "array \"weights\""));
        }
    }
    static const double bad[] = {NAN, INFINITY, 1e300, -1e18};
    for (size_t i = 0; i < 4; i++) {
        double value = bad[i];
        const qf_array array = {
            .name = "w", .type = QF_F64, .rows = 1, .columns = 1, .data = &value};
        assert_int_equal(qf_fixed_encode(&sharing, &array, &element, &error), QF_DATA);
    }
    /* The paper's scale on the paper's prime: an ordinary weight does not fit. */
    sharing = (qf_sharing){1, 1, QF_PRIME_PAPER, 20, 1};
    double weight = 0.5;
    const qf_array array = {
        .name = "dense", .type = QF_F64, .rows = 1, .columns = 1, .data = &weight};
    assert_int_equal(qf_fixed_encode(&sharing, &array, &element, &error), QF_DATA);
    assert_string_equal(
        error.message,
        "array \"dense\": 0.5 at row 1, column 1 is outside -0.049938201904296875 .. "
        "0.049938201904296875, what the prime 104729 holds with 20 fraction bits in "
        "sums of up to 1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_field),        cmocka_unit_test(test_every_subset),
        cmocka_unit_test(test_independence), cmocka_unit_test(test_share_and_recover),
        cmocka_unit_test(test_wrong_share),  cmocka_unit_test(test_sums),
        cmocka_unit_test(test_sum_limit),    cmocka_unit_test(test_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
