/* Published vectors as hexadecimal text. */
#ifndef QF_TESTS_HEX_H
#define QF_TESTS_HEX_H

#include "crypto/bytes.h"

#include <stdlib.h>
#include <string.h>

/* Bytes of a vector; at least one byte of room, so that an empty one has an address. */
typedef struct hex {
    unsigned char bytes[128];
    size_t length;
} hex;

static inline hex unhex(const char *text) {
    hex h = {.length = strlen(text) / 2};
    if (h.length > sizeof h.bytes || !qf_hex_parse(text, h.bytes, h.length)) abort();
    return h;
}

#endif
