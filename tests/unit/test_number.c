/* Numbers against the C library: strtod for parsing, printf for the number of digits. */
#include "base/number.h"
#include "base/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double any_finite(qf_random *random) {
    for (;;) {
        const uint64_t bits = qf_random_u64(random);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value)) return value;
    }
}

static void check_as_strtod(const char *text) {
    double value = 42;
    const qf_number_kind kind = qf_parse_double(text, strlen(text), &value);
    const double expected = strtod(text, NULL);
    const bool finite = isfinite(expected);
    if (kind != (finite ? QF_NUMBER_VALID : QF_NUMBER_NOT_FINITE)) fail_msg("%s", text);
    if (finite && bits_of(value) != bits_of(expected)) {
        fail_msg("%s: %.17g, strtod: %.17g", text, value, expected);
    }
}

static void test_parse_kinds(void **state) {
    (void)state;
    static const struct {
        const char *text;
        qf_number_kind kind;
    } cases[] = {
        {"", QF_NUMBER_EMPTY},           {"  \t", QF_NUMBER_EMPTY},
        {"1", QF_NUMBER_VALID},          {" 1\t", QF_NUMBER_VALID},
        {"+1.5e+3", QF_NUMBER_VALID},    {".5", QF_NUMBER_VALID},
        {"5.", QF_NUMBER_VALID},         {"1E5", QF_NUMBER_VALID},
        {"1e-400", QF_NUMBER_VALID},     {".", QF_NUMBER_MALFORMED},
        {"-", QF_NUMBER_MALFORMED},      {"+-1", QF_NUMBER_MALFORMED},
        {"1e", QF_NUMBER_MALFORMED},     {"1e+", QF_NUMBER_MALFORMED},
        {"1 2", QF_NUMBER_MALFORMED},    {"1,5", QF_NUMBER_MALFORMED},
        {"0x10", QF_NUMBER_MALFORMED},   {"1.2.3", QF_NUMBER_MALFORMED},
        {"abc", QF_NUMBER_MALFORMED},    {"nano", QF_NUMBER_MALFORMED},
        {"1e5.0", QF_NUMBER_MALFORMED},  {"NaN", QF_NUMBER_NOT_FINITE},
        {"-inf", QF_NUMBER_NOT_FINITE},  {"Infinity", QF_NUMBER_NOT_FINITE},
        {"1e309", QF_NUMBER_NOT_FINITE}, {"-1e99999999999", QF_NUMBER_NOT_FINITE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = 42;
        const qf_number_kind kind = qf_parse_double(cases[i].text, strlen(cases[i].text), &value);
        if (kind != cases[i].kind) fail_msg("\"%s\": kind %d", cases[i].text, (int)kind);
        assert_true((kind == QF_NUMBER_VALID) == (value != 42));
    }
    double value = 42;
    assert_int_equal(qf_parse_double("1\0002", 3, &value), QF_NUMBER_MALFORMED);
    assert_int_equal(qf_parse_double("123", 2, &value), QF_NUMBER_VALID);
    assert_true(value == 12);
}

static void test_parse_hard_cases(void **state) {
    (void)state;
    static const char *const cases[] = {
        "0",
        "0e25",
        "-0e-25",
        "-0",
        "0.0",
        "-0.0e5",
        "00000000000000000000000000001",
        "0.1",
        "0.3",
        "9007199254740993",
        "9007199254740992.5",
        "9007199254740993.00000000000000000000000000001",
        "18446744073709551615",
        "18446744073709551616",
        "9999999999999999999",
        "1e23",
        "8.5e22",
        "1e22",
        "1e27",
        "1e-27",
        "9999999999999999999e27",
        "9999999999999999999e-27",
        "1e28",
        /* exactly between two doubles, and one digit beside */
        "1.00000000000000011102230246251565404236316680908203125",
        "1.00000000000000011102230246251565404236316680908203124",
        "1.00000000000000011102230246251565404236316680908203126",
        "1125899906842624.125",
        "1125899906842624.375",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "4.9406564584124654e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1.7976931348623157e308",
        "6.02214076e23",
        "0.000000000000000000000000000000000000000000000000000000000000000000000000000000001",
        "123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
        "123456789012345678901234567890123456789012345678901234567890.5",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_as_strtod(cases[i]);
}

/* Doubles of any bits at 1 to 20 digits; decimals of 1 to 19 digits at any scale of the fast paths.
 */
static void test_parse_random(void **state) {
    (void)state;
    qf_random random = qf_random_stream(1, "parse", 0);
    for (int i = 0; i < 200000; i++) {
        char text[64];
        snprintf(text, sizeof text, "%.*e", i % 20, any_finite(&random));
        check_as_strtod(text);
        const uint64_t mantissa = qf_random_u64(&random) >> qf_random_below(&random, 64);
        const int scale = (int)qf_random_below(&random, 61) - 30;
        snprintf(text, sizeof text, "%llue%d", (unsigned long long)mantissa, scale);
        check_as_strtod(text);
    }
}

/* Midpoints of neighbouring doubles, the hardest to round, as far as 19 digits hold them. */
static void test_parse_midpoints(void **state) {
    (void)state;
    qf_random random = qf_random_stream(2, "midpoint", 0);
    for (int i = 0; i < 20000; i++) {
        const int decimals = (int)qf_random_below(&random, 5);
        const uint64_t odd = (UINT64_C(1) << 53 | qf_random_u64(&random) >> 11) | 1;
        uint64_t scaled = odd;
        int used = 0;
        while (used < decimals && scaled < UINT64_MAX / 5) scaled *= 5, used++;
        /* odd / 2^used = odd * 5^used / 10^used lies halfway. */
        char text[64];
        for (int beside = -1; beside <= 1; beside++) {
            snprintf(text, sizeof text, "%llue-%d",
                     (unsigned long long)(scaled + (uint64_t)(int64_t)beside), used);
            check_as_strtod(text);
        }
    }
}

/* Digits without sign, point, exponent and the zeros at both ends. */
static size_t count_digits(const char *text) {
    size_t count = 0, zeros = 0;
    for (; *text && *text != 'e'; text++) {
        if (*text < '0' || *text > '9') continue;
        if (*text == '0') {
            zeros += count > 0;
        } else {
            count += zeros + 1;
            zeros = 0;
        }
    }
    return count;
}

/* The fewest digits at which printf round-trips. */
static size_t fewest_digits(double value) {
    char text[64];
    for (int digits = 1; digits < 17; digits++) {
        snprintf(text, sizeof text, "%.*e", digits - 1, value);
        if (strtod(text, NULL) == value) return count_digits(text);
    }
    return 17;
}

static void check_print(double value) {
    char text[QF_NUMBER_TEXT];
    const size_t length = qf_print_double(text, value);
    assert_int_equal(length, strlen(text));
    assert_true(length < sizeof text);
    if (bits_of(strtod(text, NULL)) != bits_of(value)) fail_msg("%.17g printed as %s", value, text);
    if (count_digits(text) > fewest_digits(value)) fail_msg("%.17g: %s is long", value, text);
}

static void test_print_random(void **state) {
    (void)state;
    qf_random random = qf_random_stream(3, "print", 0);
    for (int i = 0; i < 20000; i++) {
        check_print(any_finite(&random));
        check_print(qf_random_normal(&random));
        check_print(qf_random_normal(&random) * 1e5);
        check_print((double)qf_random_below(&random, 1000000) / 1000);
        check_print(ldexp(1, (int)qf_random_below(&random, 80) - 20));
        check_print(ldexp(qf_random_uniform(&random), (int)qf_random_below(&random, 80) - 20));
    }
}

static void test_print_exact_text(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.0, "-0"},
        {3, "3"},
        {-12, "-12"},
        {0.1, "0.1"},
        {0.30000000000000004, "0.30000000000000004"},
        {-0.5, "-0.5"},
        {204712.166667, "204712.166667"},
        {123456789.125, "123456789.125"},
        {999999999999999, "999999999999999"},
        {1e15, "1e+15"},
        {1e300, "1e+300"},
        {0.00001, "0.00001"},
        {0.0001, "0.0001"},
        {1.2345678901234567e-05, "0.000012345678901234568"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {0x1p-14, "0.00006103515625"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[QF_NUMBER_TEXT];
        qf_print_double(text, cases[i].value);
        assert_string_equal(text, cases[i].text);
    }
}

static void test_parse_integers(void **state) {
    (void)state;
    int64_t value = 0;
    assert_true(qf_parse_int64("-12", -12, 12, &value));
    assert_int_equal(value, -12);
    assert_true(qf_parse_int64("-9223372036854775808", INT64_MIN, INT64_MAX, &value));
    assert_true(value == INT64_MIN);
    static const char *const wrong[] = {"",    "-",  "+1", " 1",  "1 ",
                                        "1.0", "13", "x",  "--1", "9223372036854775808"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (qf_parse_int64(wrong[i], -12, 12, &value)) fail_msg("\"%s\"", wrong[i]);
    }
    uint64_t natural = 0;
    assert_true(qf_parse_uint64("18446744073709551615", &natural));
    assert_true(natural == UINT64_MAX);
    assert_false(qf_parse_uint64("18446744073709551616", &natural));
    assert_false(qf_parse_uint64("-1", &natural));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_kinds),    cmocka_unit_test(test_parse_hard_cases),
        cmocka_unit_test(test_parse_random),   cmocka_unit_test(test_parse_midpoints),
        cmocka_unit_test(test_print_random),   cmocka_unit_test(test_print_exact_text),
        cmocka_unit_test(test_parse_integers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
