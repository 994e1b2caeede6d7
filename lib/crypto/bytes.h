/* Numbers as little-endian bytes, and bytes as hexadecimal text. */
#ifndef QF_CRYPTO_BYTES_H
#define QF_CRYPTO_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline void qf_put_u32(unsigned char *to, uint32_t value) {
    for (int b = 0; b < 4; b++) to[b] = (unsigned char)(value >> (8 * b));
}
static inline uint32_t qf_get_u32(const unsigned char *from) {
    uint32_t value = 0;
    for (int b = 0; b < 4; b++) value |= (uint32_t)from[b] << (8 * b);
    return value;
}
static inline void qf_put_u64(unsigned char *to, uint64_t value) {
    for (int b = 0; b < 8; b++) to[b] = (unsigned char)(value >> (8 * b));
}
static inline uint64_t qf_get_u64(const unsigned char *from) {
    uint64_t value = 0;
    for (int b = 0; b < 8; b++) value |= (uint64_t)from[b] << (8 * b);
    return value;
}

/* Lower-case digits and a terminating zero: 2 * length + 1 characters. Of what is public alone: its
 * look-ups depend on the bytes. */
void qf_hex_print(const unsigned char *bytes, size_t length, char *text);
/* All of text, exactly 2 * length digits; false otherwise. */
bool qf_hex_parse(const char *text, unsigned char *bytes, size_t length);

#endif
