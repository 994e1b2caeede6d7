/* What code for one level of instructions needs whatever its numbers are. */
#ifndef QF_QUANTUM_LEVEL_H
#define QF_QUANTUM_LEVEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))
#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)

/* A number with a zero bit let in at a place. */
INLINE size_t let_in(size_t number, unsigned place) {
    const size_t below = ((size_t)1 << place) - 1;
    return (number & ~below) << 1 | (number & below);
}

INLINE bool odd(size_t bits) {
    return __builtin_parityll(bits);
}

#endif
