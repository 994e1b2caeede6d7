#include "base/number.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_word(const char *text, size_t length, const char *word) {
    if (length != strlen(word)) return false;
    for (size_t i = 0; i < length; i++) {
        if ((text[i] | 0x20) != word[i]) return false;
    }
    return true;
}

static bool names_a_non_number(const char *text, size_t length) {
    if (length && (*text == '+' || *text == '-')) text++, length--;
    return is_word(text, length, "nan") || is_word(text, length, "inf") ||
           is_word(text, length, "infinity");
}

/* Powers of ten that a double holds exactly. */
static const double exact_power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

__extension__ typedef unsigned __int128 wide;

/* 5^27 is the largest power of five below 2^64. */
enum { LARGEST_FIVE = 27 };

static uint64_t power_of_five(int exponent) {
    uint64_t power = 1;
    for (uint64_t base = 5; exponent; exponent >>= 1, base *= base) {
        if (exponent & 1) power *= base;
    }
    return power;
}

static int bit_length(wide value) {
    const uint64_t high = (uint64_t)(value >> 64), low = (uint64_t)value;
    if (high) return 128 - __builtin_clzll(high);
    return low ? 64 - __builtin_clzll(low) : 0;
}

/* value / 2^shift to the nearest integer, ties to even; `sticky` says that the true value lies
 * above `value` by less than one. shift is 1 to 127. */
static uint64_t shift_rounding(wide value, int shift, bool sticky) {
    const wide kept = value >> shift, half = (wide)1 << (shift - 1);
    const wide rest = value & ((half << 1) - 1);
    const bool up = rest > half || (rest == half && (sticky || (kept & 1)));
    return (uint64_t)(kept + up);
}

/* mantissa * 10^scale, correctly rounded, for |scale| <= LARGEST_FIVE: no result is subnormal. */
static double scale_decimal(uint64_t mantissa, int scale) {
    if (mantissa == 0) return 0;
    if (mantissa <= UINT64_C(1) << 53 && scale >= -22 && scale <= 22) {
        /* Clinger's fast path: an exact integer times or over an exact power rounds once. */
        const double integer = (double)mantissa;
        return scale < 0 ? integer / exact_power[-scale] : integer * exact_power[scale];
    }
    /* Every step but the last is exact in 128 bits. */
    wide value = mantissa;
    int exponent = scale;
    bool sticky = false;
    if (scale >= 0) {
        value *= power_of_five(scale);
    } else {
        const int normalise = __builtin_clzll(mantissa);
        const wide divisor = power_of_five(-scale);
        const wide dividend = (wide)(mantissa << normalise) << 64;
        value = dividend / divisor;
        sticky = value * divisor != dividend;
        exponent -= 64 + normalise;
    }
    const int shift = bit_length(value) - 53;
    if (shift <= 0) return ldexp((double)(uint64_t)value, exponent);
    return ldexp((double)shift_rounding(value, shift, sticky), exponent + shift);
}

/* Only what the fast path leaves: long mantissas and large exponents, a valid decimal by now. */
static qf_number_kind parse_slowly(const char *text, size_t length, double *value) {
    char stack[128];
    char *copy = length < sizeof stack ? stack : malloc(length + 1);
    if (!copy) return QF_NUMBER_MALFORMED;
    memcpy(copy, text, length);
    copy[length] = 0;
    const double parsed = strtod(copy, NULL); /* the tools never leave the C locale */
    if (copy != stack) free(copy);
    if (!isfinite(parsed)) return QF_NUMBER_NOT_FINITE;
    *value = parsed;
    return QF_NUMBER_VALID;
}

qf_number_kind qf_parse_double(const char *text, size_t length, double *value) {
    while (length && is_blank(text[0])) text++, length--;
    while (length && is_blank(text[length - 1])) length--;
    if (length == 0) return QF_NUMBER_EMPTY;

    const char *at = text, *const end = text + length;
    const bool negative = *at == '-';
    if (*at == '-' || *at == '+') at++;
    uint64_t mantissa = 0;
    int digits = 0, scale = 0;
    const char *const whole = at;
    while (at < end && is_digit(*at)) {
        if (digits < 19) mantissa = mantissa * 10 + (uint64_t)(*at - '0');
        digits += mantissa != 0;
        at++;
    }
    size_t seen = (size_t)(at - whole);
    if (at < end && *at == '.') {
        const char *const fraction = ++at;
        while (at < end && is_digit(*at)) {
            if (digits < 19) mantissa = mantissa * 10 + (uint64_t)(*at - '0');
            digits += mantissa != 0;
            at++;
        }
        scale = (int)(fraction - at);
        seen += (size_t)(at - fraction);
    }
    if (seen == 0) {
        return names_a_non_number(text, length) ? QF_NUMBER_NOT_FINITE : QF_NUMBER_MALFORMED;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        const bool down = at < end && *at == '-';
        if (at < end && (*at == '-' || *at == '+')) at++;
        if (at == end) return QF_NUMBER_MALFORMED;
        int exponent = 0;
        while (at < end && is_digit(*at)) {
            if (exponent < 100000) exponent = exponent * 10 + (*at - '0');
            at++;
        }
        scale += down ? -exponent : exponent;
    }
    if (at != end) return QF_NUMBER_MALFORMED;
    if (digits > 19 || scale < -LARGEST_FIVE || scale > LARGEST_FIVE) {
        return parse_slowly(text, length, value);
    }
    const double parsed = scale_decimal(mantissa, scale);
    *value = negative ? -parsed : parsed;
    return QF_NUMBER_VALID;
}

bool qf_parse_int64(const char *text, int64_t minimum, int64_t maximum, int64_t *value) {
    if (!is_digit(*text) && !(*text == '-' && is_digit(text[1]))) return false;
    char *end;
    errno = 0;
    const long long parsed = strtoll(text, &end, 10);
    if (errno || *end || parsed < minimum || parsed > maximum) return false;
    *value = parsed;
    return true;
}

bool qf_parse_uint64(const char *text, uint64_t *value) {
    if (!is_digit(*text)) return false;
    char *end;
    errno = 0;
    const unsigned long long parsed = strtoull(text, &end, 10);
    if (errno || *end) return false;
    *value = parsed;
    return true;
}

static size_t print_integer(char *text, int64_t value) {
    char reversed[20];
    size_t digits = 0, length = 0;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do {
        reversed[digits++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0) text[length++] = '-';
    while (digits) text[length++] = reversed[--digits];
    text[length] = 0;
    return length;
}

/* Writes `digits` with `decimals` of them behind the point, without trailing zeros. */
static size_t print_fixed(char *text, bool negative, uint64_t digits, int decimals) {
    char reversed[24]; /* 0.00001 and 17 digits make 22 */
    int count = 0;
    size_t length = 0;
    while (decimals && digits % 10 == 0) digits /= 10, decimals--;
    for (; digits || count <= decimals; digits /= 10) reversed[count++] = (char)('0' + digits % 10);
    if (negative) text[length++] = '-';
    while (count) {
        text[length++] = reversed[--count];
        if (count == decimals && count) text[length++] = '.';
    }
    text[length] = 0;
    return length;
}

/* A magnitude in 1e-5 .. 1e15 that is no integer: tries 15, 16 and 17 digits. The nearest decimal
 * of so many digits is the one to try; only at a power of two, where the gap below is half the gap
 * above, the next one up may be right in its place. 0 when none is found. */
static size_t print_decimal(char *text, bool negative, double magnitude) {
    int binary;
    const uint64_t mantissa = (uint64_t)ldexp(frexp(magnitude, &binary), 53);
    int whole = 1; /* digits before the point, at most 0 for 0.0... */
    while (magnitude >= exact_power[whole]) whole++;
    for (double bound = 1; whole > -4 && magnitude < bound; bound /= 10) whole--;
    for (int digits = 15; digits <= 17; digits++) {
        const int decimals = digits - whole;
        const int shift = 53 - binary - decimals;
        if (shift < 1 || decimals < 0) return 0;
        const wide scaled = (wide)mantissa * power_of_five(decimals);
        const uint64_t nearest = shift_rounding(scaled, shift, false);
        for (uint64_t next = nearest; next <= nearest + 1; next++) {
            if (scale_decimal(next, -decimals) == magnitude) {
                return print_fixed(text, negative, next, decimals);
            }
        }
    }
    return 0;
}

size_t qf_print_double(char text[QF_NUMBER_TEXT], double value) {
    const double magnitude = fabs(value);
    if (magnitude < 1e15 && value == (double)(int64_t)value) {
        if (value == 0 && signbit(value)) return (size_t)snprintf(text, QF_NUMBER_TEXT, "-0");
        return print_integer(text, (int64_t)value);
    }
    size_t length = 0;
    if (magnitude >= 1e-5 && magnitude < 1e15) length = print_decimal(text, value < 0, magnitude);
    /* Fewer than 15 digits identify only subnormal numbers; %g drops trailing zeros. */
    for (int digits = magnitude < DBL_MIN ? 1 : 15; length == 0 && digits <= 17; digits++) {
        const int printed = snprintf(text, QF_NUMBER_TEXT, "%.*g", digits, value);
        if (digits == 17 || strtod(text, NULL) == value) length = (size_t)printed;
    }
    return length;
}
