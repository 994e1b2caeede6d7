/* A form for primes up to 60 bits on vectors of 64-bit words, out of products of 32 bits; with AVX2
 * for those alone that are 1 modulo 2^32 (QF_WIDE_STEP), which saves two products of nine. Before
 * it is included: LANES, `words` (the vector), and product_32(a, b)       of the low halves, 64
 * bits low_product(a, b)      the low 64 bits times_prime(q, p)      the same of q p
 *   low_difference(a, b, q, p)   of a b - q p
 *   subtract_once(x, m)    x - m, or x where that is negative as a signed number
 *
 * The upper word of a product is taken from three of its four partial products and is short by less
 * than 3. So a product with a prepared factor is below 3.5 p for x below 2^63 (half a p from the
 * quotient's own rounding), and is kept below 4p. Forward: numbers are below 8p < 2^63; inverse:
 * all are below 4p. */

typedef words vec;
typedef struct factor {
    words factor, quotient;
} factor;
typedef struct ring {
    words p, p_2, p_4, quotient;
    unsigned shift; /* bits - 2 */
} ring;

OP ring load_ring(const qf_modulus *m) {
    const words zero = {0}, p = zero + m->value;
    return (ring){p, p + p, (p + p) + (p + p), zero + m->quotient, m->bits - 2};
}

static qf_factor prepare(const qf_modulus *m, uint64_t w) {
    return (qf_factor){w, (uint64_t)(((qf_wide)w << 64) / m->value)};
}

OP vec enter(const ring *r, const uint64_t *from) {
    (void)r;
    words v;
    memcpy(&v, from, sizeof v);
    return v;
}

OP void leave(const ring *r, uint64_t *to, vec x) {
    x = subtract_once(subtract_once(subtract_once(x, r->p_4), r->p_2), r->p);
    memcpy(to, &x, sizeof x);
}

OP factor splat(uint64_t w, uint64_t quotient) {
    const words zero = {0};
    return (factor){zero + w, zero + quotient};
}

OP void tame(const ring *r, vec *x) {
    (void)r, (void)x;
}

/* The upper word of x y, short by less than 3. */
OP words upper(words x, words y) {
    const words x_high = x >> 32, y_high = y >> 32;
    return product_32(x_high, y_high) + (product_32(x_high, y) >> 32) +
           (product_32(x, y_high) >> 32);
}

OP vec times(const ring *r, vec x, const factor *w) {
    return low_difference(x, w->factor, upper(x, w->quotient), r->p);
}

/* As qf_mod_multiply; the remainder is below 4p: 1/2 + 1/4 + 3. */
OP vec product(const ring *r, vec a, vec b) {
    const words a_high = a >> 32, b_high = b >> 32, low = product_32(a, b);
    const words middle = product_32(a, b_high) + product_32(a_high, b) + (low >> 32);
    const words high = product_32(a_high, b_high) + (middle >> 32);
    const words bottom = (middle << 32) | (low & 0xffffffff);
    const words t = (high << (64 - r->shift)) | (bottom >> r->shift);
    const words remainder = bottom - times_prime(upper(t, r->quotient), r->p);
    return subtract_once(subtract_once(remainder, r->p_2), r->p);
}

OP vec difference(const ring *r, vec a, vec b) {
    return a - b + r->p;
}

OP void forward_cross(const ring *r, vec *u, vec *v, const factor *w) {
    const vec a = subtract_once(*u, r->p_4), b = times(r, *v, w);
    *u = a + b;
    *v = a - b + r->p_4;
}

OP void inverse_cross(const ring *r, vec *u, vec *v, const factor *w) {
    const vec from = *u - *v + r->p_4;
    *u = subtract_once(*u + *v, r->p_4);
    *v = times(r, from, w);
}

/* To a larger prime: what is above half of the smaller gets the difference of the two added. */
static void lift_up(const qf_modulus *from, const qf_modulus *m, size_t count, const uint64_t *a,
                    uint64_t *to) {
    const int64_t half = (int64_t)(from->value - 1) / 2;
    const uint64_t gap = m->value - from->value;
    for (size_t i = 0; i < count; i++) {
        to[i] = a[i] + (gap & (uint64_t) - (int64_t)((int64_t)a[i] > half));
    }
}

/* To a smaller: half is added before and taken off after. The quotient by m is short by less than
 * 4. */
static void lift(const qf_modulus *from, const qf_modulus *m, size_t count, const uint64_t *a,
                 uint64_t *to) {
    if (from->value <= m->value) {
        lift_up(from, m, count, a, to);
        return;
    }
    const uint64_t half_of_from = (from->value - 1) / 2;
    const words zero = {0}, half = zero + half_of_from, from_p = zero + from->value;
    const words p = zero + m->value, word = zero + m->word;
    const words back = zero + qf_mod_reduce(m, half_of_from);
    for (size_t i = 0; i < count; i += LANES) {
        words x;
        memcpy(&x, a + i, sizeof x);
        x = subtract_once(x + half, from_p);
        x -= low_product(upper(x, word), p);
        x = subtract_once(subtract_once(x, p + p), p);
        x = subtract_once(x + (p - back), p);
        memcpy(to + i, &x, sizeof x);
    }
}

static void residues(const qf_modulus *m, size_t count, const int64_t *a, uint64_t *to) {
    const words zero = {0}, p = zero + m->value, word = zero + m->word;
    const words offset = zero + qf_offset_62(m);
    for (size_t i = 0; i < count; i += LANES) {
        words x;
        memcpy(&x, a + i, sizeof x);
        x += offset;
        x -= low_product(upper(x, word), p);
        x = subtract_once(subtract_once(x, p + p), p);
        memcpy(to + i, &x, sizeof x);
    }
}
