#include "base/number.h"

#include <errno.h>
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
    /* Clinger's fast path: an exact integer times or over an exact power rounds once. */
    if (digits > 19 || mantissa > (UINT64_C(1) << 53) || scale < -22 || scale > 22) {
        return parse_slowly(text, length, value);
    }
    const double integer = (double)mantissa;
    const double parsed = scale < 0 ? integer / exact_power[-scale] : integer * exact_power[scale];
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

size_t qf_print_double(char text[QF_NUMBER_TEXT], double value) {
    if (value > -1e15 && value < 1e15 && value == (double)(int64_t)value) {
        if (value == 0 && signbit(value)) return (size_t)snprintf(text, QF_NUMBER_TEXT, "-0");
        return print_integer(text, (int64_t)value);
    }
    int length = 0;
    for (int precision = 15; precision <= 17; precision++) {
        length = snprintf(text, QF_NUMBER_TEXT, "%.*g", precision, value);
        if (strtod(text, NULL) == value) break;
    }
    return (size_t)length;
}
