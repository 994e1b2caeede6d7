#include "crypto/bytes.h"

#include <string.h>

static const char digits[] = "0123456789abcdef";

void qf_hex_print(const unsigned char *bytes, size_t length, char *text) {
    for (size_t i = 0; i < length; i++) {
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 15];
    }
    *text = 0;
}

bool qf_hex_parse(const char *text, unsigned char *bytes, size_t length) {
    if (strlen(text) != 2 * length) return false;
    for (size_t i = 0; i < 2 * length; i++) {
        const char *digit = strchr(digits, text[i]);
        if (!digit) return false;
        const unsigned value = (unsigned)(digit - digits);
        bytes[i / 2] = (unsigned char)(i % 2 ? bytes[i / 2] | value : value << 4);
    }
    return true;
}
