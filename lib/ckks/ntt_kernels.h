/* The loops of a form, over vectors of LANES numbers. Before it is included: FORM (the name's end),
 * FORM_NAME, LANES (1, 4 or 8), the types `vec`, `factor` (a vector of factors with their
 * quotients) and `ring` (the modulus in vectors), and of the form's own:
 *   load_ring     the modulus in vectors
 *   prepare       a constant factor with its quotient
 *   enter, leave  between residues in memory and the numbers that the loops work on
 *   splat         one factor in all lanes
 *   spread_K      loads LANES / K factors, each for K neighbouring lanes
 *   halves_K      exchanges blocks of K lanes: (u, v) pair up numbers K apart, and back
 *   tame          makes the numbers' bound small again
 *   forward_cross, inverse_cross   butterflies
 *   times         factor times number
 *   product       of two numbers in 0 .. p-1, in 0 .. p-1
 *   difference    of two numbers in 0 .. p-1, as a factor of times
 * Bounds of the numbers are the form's own matter and stand there. */

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)

OP vec get(const uint64_t *from) {
    vec v;
    memcpy(&v, from, sizeof v);
    return v;
}

OP void put(uint64_t *to, vec v) {
    memcpy(to, &v, sizeof v);
}

OP vec first_get(const ring *r, const uint64_t *from, bool first) {
    return first ? enter(r, from) : get(from);
}

/* ---- Forward ---- */

OP void forward_two(const ring *r, const qf_ntt *ntt, uint64_t *x) {
    const size_t t = ntt->n / 2;
    const factor w = splat(ntt->roots[1], ntt->root_quotients[1]);
    for (size_t j = 0; j < t; j += LANES) {
        vec u = enter(r, x + j), v = enter(r, x + t + j);
        forward_cross(r, &u, &v, &w);
        put(x + j, u);
        put(x + t + j, v);
    }
}

/* Two levels at once: m groups of four quarters. */
OP void forward_four(const ring *r, const qf_ntt *ntt, uint64_t *x, size_t m, bool first,
                     bool taming) {
    const size_t quarter = ntt->n / m / 4;
    for (size_t i = 0; i < m; i++, x += 4 * quarter) {
        const factor w1 = splat(ntt->roots[m + i], ntt->root_quotients[m + i]);
        const factor w2 = splat(ntt->roots[2 * (m + i)], ntt->root_quotients[2 * (m + i)]);
        const factor w3 = splat(ntt->roots[2 * (m + i) + 1], ntt->root_quotients[2 * (m + i) + 1]);
        for (size_t j = 0; j < quarter; j += LANES) {
            uint64_t *at = x + j;
            vec x0 = first_get(r, at, first), x1 = first_get(r, at + quarter, first);
            vec x2 = first_get(r, at + 2 * quarter, first);
            vec x3 = first_get(r, at + 3 * quarter, first);
            if (taming) {
                tame(r, &x0);
                tame(r, &x1);
            }
            forward_cross(r, &x0, &x2, &w1);
            forward_cross(r, &x1, &x3, &w1);
            forward_cross(r, &x0, &x1, &w2);
            forward_cross(r, &x2, &x3, &w3);
            put(at, x0);
            put(at + quarter, x1);
            put(at + 2 * quarter, x2);
            put(at + 3 * quarter, x3);
        }
    }
}

/* The last levels, within pairs of vectors. */
OP void forward_last(const ring *r, const qf_ntt *ntt, uint64_t *x) {
    const size_t blocks = ntt->n / (2 * LANES);
    for (size_t i = 0; i < blocks; i++, x += 2 * LANES) {
        vec u = get(x), v = get(x + LANES);
        factor w = splat(ntt->roots[blocks + i], ntt->root_quotients[blocks + i]);
        tame(r, &u);
        forward_cross(r, &u, &v, &w);
#if LANES >= 8
        halves_4(&u, &v);
        w = spread_4(ntt->roots + 2 * (blocks + i), ntt->root_quotients + 2 * (blocks + i));
        forward_cross(r, &u, &v, &w);
#endif
#if LANES >= 4
        const size_t two = LANES / 2 * (blocks + i), one = LANES * (blocks + i);
        halves_2(&u, &v);
        w = spread_2(ntt->roots + two, ntt->root_quotients + two);
        forward_cross(r, &u, &v, &w);
        halves_1(&u, &v);
        w = spread_1(ntt->roots + one, ntt->root_quotients + one);
        forward_cross(r, &u, &v, &w);
        halves_1(&u, &v);
        halves_2(&u, &v);
#endif
#if LANES >= 8
        halves_4(&u, &v);
#endif
        leave(r, x, u);
        leave(r, x + LANES, v);
    }
}

static void JOIN(forward, FORM)(const qf_ntt *ntt, uint64_t *x) {
    const ring r = load_ring(&ntt->modulus);
    const size_t pairs = ntt->n / (2 * LANES);
    size_t m = 4;
    if (__builtin_ctzll(pairs) % 2) {
        forward_two(&r, ntt, x);
        m = 2;
    } else {
        forward_four(&r, ntt, x, 1, true, false);
    }
    for (; m < pairs; m *= 4) {
        /* Every second time, and not right after a first pass of two levels. */
        if (__builtin_ctzll(m) & 2) {
            forward_four(&r, ntt, x, m, false, false);
        } else {
            forward_four(&r, ntt, x, m, false, true);
        }
    }
    forward_last(&r, ntt, x);
}

/* ---- Inverse ---- */

/* The first levels, within pairs of vectors. */
OP void inverse_first(const ring *r, const qf_ntt *ntt, uint64_t *x) {
    const size_t blocks = ntt->n / (2 * LANES);
    for (size_t i = 0; i < blocks; i++, x += 2 * LANES) {
        vec u = enter(r, x), v = enter(r, x + LANES);
        factor w;
#if LANES >= 8
        halves_4(&u, &v);
#endif
#if LANES >= 4
        const size_t two = LANES / 2 * (blocks + i), one = LANES * (blocks + i);
        halves_2(&u, &v);
        halves_1(&u, &v);
        w = spread_1(ntt->inverses + one, ntt->inverse_quotients + one);
        inverse_cross(r, &u, &v, &w);
        halves_1(&u, &v);
        w = spread_2(ntt->inverses + two, ntt->inverse_quotients + two);
        inverse_cross(r, &u, &v, &w);
        tame(r, &u);
        halves_2(&u, &v);
#endif
#if LANES >= 8
        w = spread_4(ntt->inverses + 2 * (blocks + i), ntt->inverse_quotients + 2 * (blocks + i));
        inverse_cross(r, &u, &v, &w);
        halves_4(&u, &v);
#endif
        w = splat(ntt->inverses[blocks + i], ntt->inverse_quotients[blocks + i]);
        inverse_cross(r, &u, &v, &w);
        tame(r, &u);
        put(x, u);
        put(x + LANES, v);
    }
}

OP void inverse_four(const ring *r, const qf_ntt *ntt, uint64_t *x, size_t m, bool last) {
    const size_t quarter = ntt->n / m / 4;
    const factor share = splat(ntt->inverses[0], ntt->inverse_quotients[0]);
    for (size_t i = 0; i < m; i++, x += 4 * quarter) {
        const size_t two = 2 * (m + i);
        const factor w1 = splat(ntt->inverses[m + i], ntt->inverse_quotients[m + i]);
        const factor w2 = splat(ntt->inverses[two], ntt->inverse_quotients[two]);
        const factor w3 = splat(ntt->inverses[two + 1], ntt->inverse_quotients[two + 1]);
        for (size_t j = 0; j < quarter; j += LANES) {
            uint64_t *at = x + j;
            vec x0 = get(at), x1 = get(at + quarter);
            vec x2 = get(at + 2 * quarter), x3 = get(at + 3 * quarter);
            inverse_cross(r, &x0, &x1, &w2);
            inverse_cross(r, &x2, &x3, &w3);
            inverse_cross(r, &x0, &x2, &w1);
            inverse_cross(r, &x1, &x3, &w1);
            if (last) {
                leave(r, at, times(r, x0, &share));
                leave(r, at + quarter, times(r, x1, &share));
                leave(r, at + 2 * quarter, x2);
                leave(r, at + 3 * quarter, x3);
            } else {
                tame(r, &x0);
                tame(r, &x1);
                put(at, x0);
                put(at + quarter, x1);
                put(at + 2 * quarter, x2);
                put(at + 3 * quarter, x3);
            }
        }
    }
}

OP void inverse_two(const ring *r, const qf_ntt *ntt, uint64_t *x) {
    const size_t t = ntt->n / 2;
    const factor share = splat(ntt->inverses[0], ntt->inverse_quotients[0]);
    const factor w = splat(ntt->inverses[1], ntt->inverse_quotients[1]);
    for (size_t j = 0; j < t; j += LANES) {
        vec u = get(x + j), v = get(x + t + j);
        inverse_cross(r, &u, &v, &w);
        leave(r, x + j, times(r, u, &share));
        leave(r, x + t + j, v);
    }
}

static void JOIN(inverse, FORM)(const qf_ntt *ntt, uint64_t *x) {
    const ring r = load_ring(&ntt->modulus);
    inverse_first(&r, ntt, x);
    size_t m = ntt->n / (2 * LANES) / 4;
    for (; m > 1; m /= 4) inverse_four(&r, ntt, x, m, false);
    if (m == 1) {
        inverse_four(&r, ntt, x, 1, true);
    } else {
        inverse_two(&r, ntt, x);
    }
}

/* ---- Number by number ---- */

static void JOIN(multiply, FORM)(const qf_modulus *m, size_t count, const uint64_t *a,
                                 const uint64_t *b, uint64_t *to) {
    const ring r = load_ring(m);
    for (size_t i = 0; i < count; i += LANES) {
        leave(&r, to + i, product(&r, enter(&r, a + i), enter(&r, b + i)));
    }
}

static void JOIN(multiply_add, FORM)(const qf_modulus *m, size_t count, const uint64_t *a,
                                     const uint64_t *b, uint64_t *to) {
    const ring r = load_ring(m);
    for (size_t i = 0; i < count; i += LANES) {
        const vec sum = enter(&r, to + i) + product(&r, enter(&r, a + i), enter(&r, b + i));
        leave(&r, to + i, sum);
    }
}

static void JOIN(scale, FORM)(const qf_modulus *m, size_t count, qf_factor by, const uint64_t *a,
                              uint64_t *to) {
    const ring r = load_ring(m);
    const factor w = splat(by.factor, by.quotient);
    for (size_t i = 0; i < count; i += LANES) leave(&r, to + i, times(&r, enter(&r, a + i), &w));
}

static void JOIN(scale_add, FORM)(const qf_modulus *m, size_t count, qf_factor by,
                                  const uint64_t *a, uint64_t *to) {
    const ring r = load_ring(m);
    const factor w = splat(by.factor, by.quotient);
    for (size_t i = 0; i < count; i += LANES) {
        leave(&r, to + i, enter(&r, to + i) + times(&r, enter(&r, a + i), &w));
    }
}

static void JOIN(scale_difference, FORM)(const qf_modulus *m, size_t count, qf_factor by,
                                         const uint64_t *a, const uint64_t *b, uint64_t *to) {
    const ring r = load_ring(m);
    const factor w = splat(by.factor, by.quotient);
    for (size_t i = 0; i < count; i += LANES) {
        leave(&r, to + i, times(&r, difference(&r, enter(&r, a + i), enter(&r, b + i)), &w));
    }
}

/* Written so that the compiler makes vectors of them: a difference's sign becomes a mask. */
static void JOIN(add, FORM)(const qf_modulus *m, size_t count, const uint64_t *a, const uint64_t *b,
                            uint64_t *to) {
    const int64_t p = (int64_t)m->value;
    for (size_t i = 0; i < count; i++) {
        const int64_t sum = (int64_t)(a[i] + b[i]) - p;
        to[i] = (uint64_t)(sum + (p & -(int64_t)(sum < 0)));
    }
}

static void JOIN(subtract, FORM)(const qf_modulus *m, size_t count, const uint64_t *a,
                                 const uint64_t *b, uint64_t *to) {
    const int64_t p = (int64_t)m->value;
    for (size_t i = 0; i < count; i++) {
        const int64_t difference = (int64_t)(a[i] - b[i]);
        to[i] = (uint64_t)(difference + (p & -(int64_t)(difference < 0)));
    }
}

static void JOIN(small_residues, FORM)(const qf_modulus *m, size_t count, const int32_t *a,
                                       uint64_t *to) {
    const int64_t p = (int64_t)m->value;
    for (size_t i = 0; i < count; i++) {
        const int64_t value = a[i];
        to[i] = (uint64_t)(value + (p & -(int64_t)(value < 0)));
    }
}

extern const qf_ring_form JOIN(qf_ring, FORM);
const qf_ring_form JOIN(qf_ring, FORM) = {
    .name = FORM_NAME,
    .prepare = prepare,
    .forward = JOIN(forward, FORM),
    .inverse = JOIN(inverse, FORM),
    .multiply = JOIN(multiply, FORM),
    .multiply_add = JOIN(multiply_add, FORM),
    .scale = JOIN(scale, FORM),
    .scale_add = JOIN(scale_add, FORM),
    .scale_difference = JOIN(scale_difference, FORM),
    .add = JOIN(add, FORM),
    .subtract = JOIN(subtract, FORM),
    .lift = lift,
    .residues = residues,
    .small_residues = JOIN(small_residues, FORM),
};
