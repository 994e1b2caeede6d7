#include "ckks/ntt.h"

#include <stdbool.h>
#include <string.h>

#pragma GCC optimize("O3")

/* One 64-bit word at a time. Forward: numbers are below 4p, a product below 2p; inverse: all are
 * below 2p. */
#define FORM portable
#define FORM_NAME "portable"
#define LANES 1
#define OP static inline __attribute__((always_inline))

typedef uint64_t vec;
typedef qf_factor factor;
typedef struct ring {
    qf_modulus m;
    uint64_t p, twice;
} ring;

OP ring load_ring(const qf_modulus *m) {
    return (ring){.m = *m, .p = m->value, .twice = 2 * m->value};
}

static qf_factor prepare(const qf_modulus *m, uint64_t w) {
    return (qf_factor){w, (uint64_t)(((qf_wide)w << 64) / m->value)};
}

OP vec enter(const ring *r, const uint64_t *from) {
    (void)r;
    return *from;
}

OP void leave(const ring *r, uint64_t *to, vec x) {
    *to = qf_subtract_once(qf_subtract_once(x, r->twice), r->p);
}

OP factor splat(uint64_t w, uint64_t quotient) {
    return (factor){w, quotient};
}

OP void tame(const ring *r, vec *x) {
    (void)r, (void)x;
}

/* Below 2p for any x. */
OP vec times(const ring *r, vec x, const factor *w) {
    const uint64_t q = (uint64_t)((qf_wide)x * w->quotient >> 64);
    return x * w->factor - q * r->p;
}

OP vec product(const ring *r, vec a, vec b) {
    return qf_mod_multiply(&r->m, a, b);
}

OP vec difference(const ring *r, vec a, vec b) {
    return a - b + r->p;
}

OP void forward_cross(const ring *r, vec *u, vec *v, const factor *w) {
    const vec a = qf_subtract_once(*u, r->twice), b = times(r, *v, w);
    *u = a + b;
    *v = a - b + r->twice;
}

OP void inverse_cross(const ring *r, vec *u, vec *v, const factor *w) {
    const vec from = *u - *v + r->twice;
    *u = qf_subtract_once(*u + *v, r->twice);
    *v = times(r, from, w);
}

static void lift(const qf_modulus *from, const qf_modulus *m, size_t count, const uint64_t *a,
                 uint64_t *to) {
    const uint64_t half = (from->value - 1) / 2, back = qf_mod_reduce(m, half);
    for (size_t i = 0; i < count; i++) {
        to[i] = qf_mod_subtract(m, qf_mod_reduce(m, qf_mod_add(from, a[i], half)), back);
    }
}

static void residues(const qf_modulus *m, size_t count, const int64_t *a, uint64_t *to) {
    const uint64_t offset = qf_offset_62(m);
    for (size_t i = 0; i < count; i++) to[i] = qf_mod_reduce(m, (uint64_t)a[i] + offset);
}

#include "ckks/ntt_kernels.h"
