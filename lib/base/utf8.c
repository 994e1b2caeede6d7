#include "base/utf8.h"

size_t qf_utf8_length(const unsigned char *text) {
    const unsigned char a = text[0];
    if (a < 0x80) return 1;
    if (a < 0xc2 || a > 0xf4) return 0;
    const size_t length = a < 0xe0 ? 2 : a < 0xf0 ? 3 : 4;
    const unsigned char least = a == 0xe0 ? 0xa0 : a == 0xf0 ? 0x90 : 0x80;
    const unsigned char greatest = a == 0xed ? 0x9f : a == 0xf4 ? 0x8f : 0xbf;
    if (text[1] < least || text[1] > greatest) return 0;
    for (size_t i = 2; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80) return 0;
    }
    return length;
}

bool qf_utf8_is_control(const unsigned char *text) {
    return *text < 0x20 || *text == 0x7f || (*text == 0xc2 && text[1] >= 0x80 && text[1] < 0xa0);
}

bool qf_utf8_is_printable(const char *text) {
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        const size_t length = qf_utf8_length(at);
        if (length == 0 || qf_utf8_is_control(at)) return false;
        at += length;
    }
    return true;
}
