#include "model/sizes.h"

enum { MOST = 4096 };

bool qf_sizes_parse(const char *text, size_t sizes[QF_SIZES_MAX], size_t *count) {
    for (*count = 0; *count < QF_SIZES_MAX; text++) {
        size_t size = 0;
        while (*text >= '0' && *text <= '9' && size <= MOST) {
            size = 10 * size + (size_t)(*text++ - '0');
        }
        if (size < 1 || size > MOST) return false;
        sizes[(*count)++] = size;
        if (*text == 0) return true;
        if (*text != '-') return false;
    }
    return false;
}
