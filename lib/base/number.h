/* Numbers: as text by strict parsing and shortest printing, whatever the locale; as sort keys. */
#ifndef QF_BASE_NUMBER_H
#define QF_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef enum qf_number_kind {
    QF_NUMBER_VALID,
    QF_NUMBER_EMPTY,      /* nothing but blanks */
    QF_NUMBER_MALFORMED,  /* not a decimal number */
    QF_NUMBER_NOT_FINITE, /* nan, inf, or beyond the range of a double */
} qf_number_kind;

/* Parses all of text[0..length) as a decimal number (sign, digits, point, exponent; blanks around
 * it allowed; no hexadecimal), correctly rounded. *value is set only when valid. */
qf_number_kind qf_parse_double(const char *text, size_t length, double *value);

/* Parses all of text as a decimal integer in minimum..maximum; false otherwise. */
bool qf_parse_int64(const char *text, int64_t minimum, int64_t maximum, int64_t *value);
bool qf_parse_uint64(const char *text, uint64_t *value);

/* Room for any number printed below, with its terminating zero. */
enum { QF_NUMBER_TEXT = 32 };

/* The shortest decimal that parses back to the same double ("3", "0.1", "1e+300"), about 50 ns for
 * a magnitude of 1e-5 .. 1e15; outside, by printf, a few powers of two get one digit more than they
 * need. Returns the length; "nan" or "inf" for a value that is not finite. */
size_t qf_print_double(char text[QF_NUMBER_TEXT], double value);
/* Whether a finite number has no fraction. */
static inline bool qf_is_whole(double value) {
    const double large = 0x1p53; /* from here on no double has one */
    return value <= -large || value >= large || value == (double)(int64_t)value;
}

/* A key that orders as the number does, and back; -0 counts as 0. NaN has no place. */
static inline uint64_t qf_order_key(double value) {
    const double plain = value + 0.0;
    uint64_t bits;
    memcpy(&bits, &plain, sizeof bits);
    return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}
static inline double qf_order_value(uint64_t key) {
    const uint64_t bits = key >> 63 ? key ^ (uint64_t)1 << 63 : ~key;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
