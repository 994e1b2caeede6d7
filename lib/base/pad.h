/* Padding to whole vectors, of whatever level. */
#ifndef QF_BASE_PAD_H
#define QF_BASE_PAD_H

#include <stddef.h>

enum { QF_PAD = 8 };

/* `count` rounded up to a multiple of QF_PAD, the doubles of the widest vector. */
static inline size_t qf_pad(size_t count) {
    return (count + QF_PAD - 1) / QF_PAD * QF_PAD;
}

#endif
