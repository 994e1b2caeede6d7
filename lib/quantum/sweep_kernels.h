/* The kernels of sweep.h for one precision and SIMD level: sweep_portable.c, sweep_avx2.c and
 * sweep_avx512.c include this for each REAL. */
#include "quantum/reals.h"

static void NAME(fill)(const double complex *matrices, size_t stride, unsigned lane_row,
                       bool inverse, void *coefficients) {
    REAL *to = coefficients;
    for (unsigned parity = 0; parity < 2; parity++, to += 4 * LANES) {
        for (unsigned l = 0; l < LANES; l++) {
            const double complex *m = matrices + l * stride;
            const unsigned value = parity ^ odd(l & lane_row);
            const double complex stay = m[3 * value];
            const double complex come = m[inverse ? 2 - value : 1 + value];
            to[l] = (REAL)creal(stay);
            to[LANES + l] = (REAL)(inverse ? -cimag(stay) : cimag(stay));
            to[2 * LANES + l] = (REAL)creal(come);
            to[3 * LANES + l] = (REAL)(inverse ? -cimag(come) : cimag(come));
        }
    }
}

/* Two blocks at a time, by their numbers; shuffled when `order` says so. */
#define MIX(state, p, q, cp, cq, SHUFFLE)                                                          \
    do {                                                                                           \
        V *at_p = (V *)(state) + 2 * (p), *at_q = (V *)(state) + 2 * (q);                          \
        const V pr = at_p[0], pi = at_p[1], qr = at_q[0], qi = at_q[1];                            \
        const V pr_s = SHUFFLE(pr), pi_s = SHUFFLE(pi), qr_s = SHUFFLE(qr), qi_s = SHUFFLE(qi);    \
        at_p[0] = (cp)[0] * pr - (cp)[1] * pi + (cp)[2] * qr_s - (cp)[3] * qi_s;                   \
        at_p[1] = (cp)[0] * pi + (cp)[1] * pr + (cp)[2] * qi_s + (cp)[3] * qr_s;                   \
        at_q[0] = (cq)[0] * qr - (cq)[1] * qi + (cq)[2] * pr_s - (cq)[3] * pi_s;                   \
        at_q[1] = (cq)[0] * qi + (cq)[1] * qr + (cq)[2] * pi_s + (cq)[3] * pr_s;                   \
    } while (0)

#define MIX_INSIDE(state, p, c)                                                                    \
    do {                                                                                           \
        V *at = (V *)(state) + 2 * (p);                                                            \
        const V r = at[0], i = at[1], r_s = EXCHANGED(r), i_s = EXCHANGED(i);                      \
        at[0] = (c)[0] * r - (c)[1] * i + (c)[2] * r_s - (c)[3] * i_s;                             \
        at[1] = (c)[0] * i + (c)[1] * r + (c)[2] * i_s + (c)[3] * r_s;                             \
    } while (0)

#define MIX_DIAGONAL(state, p, c)                                                                  \
    do {                                                                                           \
        V *at = (V *)(state) + 2 * (p);                                                            \
        const V r = at[0], i = at[1];                                                              \
        at[0] = (c)[0] * r - (c)[1] * i;                                                           \
        at[1] = (c)[0] * i + (c)[1] * r;                                                           \
    } while (0)

/* Adds to the sums of X, Y and Z what blocks p and q of ket and bra hold. */
#define GATHER(ket, bra, p, q, SHUFFLE)                                                            \
    do {                                                                                           \
        const V *kp = (const V *)(ket) + 2 * (p), *kq = (const V *)(ket) + 2 * (q);                \
        const V *bp = (const V *)(bra) + 2 * (p), *bq = (const V *)(bra) + 2 * (q);                \
        const V kq_r = SHUFFLE(kq[0]), kq_i = SHUFFLE(kq[1]);                                      \
        const V bq_r = SHUFFLE(bq[0]), bq_i = SHUFFLE(bq[1]);                                      \
        x += kp[1] * bq_r - kp[0] * bq_i + kq_i * bp[0] - kq_r * bp[1];                            \
        y += kp[0] * bq_r + kp[1] * bq_i - kq_r * bp[0] - kq_i * bp[1];                            \
        z += kp[1] * bp[0] - kp[0] * bp[1] - kq_i * bq_r + kq_r * bq_i;                            \
    } while (0)

#define EXCHANGED(v) NAME(exchange)(v, order)
#define STAYING(v) (v)

/* Calls BODY(p, q) for the pairs of items first .. last-1, all of them of one parity. */
#define EACH_ODD(BODY)                                                                             \
    for (size_t item = first; item < last; item++) {                                               \
        const size_t base = let_in(item, pass->low);                                               \
        const size_t p = base ^ (odd(base & pass->row.block) ? pass->flip.block : 0);              \
        const size_t q = p ^ pass->flip.block;                                                     \
        BODY;                                                                                      \
    }
#define EACH_EVEN(PARITY, FROM, TO, BODY)                                                          \
    for (size_t item = (FROM); item < (TO); item++) {                                              \
        size_t p;                                                                                  \
        if (pass->row.block) {                                                                     \
            p = let_in(let_in(item & (pass->items / 2 - 1), pass->low), pass->high);               \
            if (odd(p & pass->row.block) != (PARITY)) p ^= (size_t)1 << second;                    \
        } else {                                                                                   \
            p = let_in(item, pass->low);                                                           \
        }                                                                                          \
        const size_t q = p ^ pass->flip.block;                                                     \
        BODY;                                                                                      \
    }

/* The bit that gives a block its parity, and the items before which the parity is even. */
INLINE unsigned NAME(second_bit)(const qf_pass *pass) {
    return pass->flip.block >> pass->high == 1 ? pass->low : pass->high;
}
INLINE size_t NAME(even_end)(const qf_pass *pass, size_t first, size_t last) {
    const size_t end = pass->row.block ? pass->items / 2 : pass->items;
    return end < first ? first : end < last ? end : last;
}

static void NAME(apply)(const qf_pass *pass, const void *coefficients, void *state, size_t first,
                        size_t last) {
    const V *from = coefficients;
    const V even[4] = {from[0], from[1], from[2], from[3]};
    const V uneven[4] = {from[4], from[5], from[6], from[7]};
    const W order = NAME(order_of)(pass->flip.lane);
    if (pass->kind == QF_PASS_DIAGONAL) {
        for (size_t p = first; p < last; p++) {
            const V *c = from + (odd(p & pass->row.block) ? 4 : 0);
            MIX_DIAGONAL(state, p, c);
        }
    } else if (pass->kind == QF_PASS_INSIDE) {
        for (size_t p = first; p < last; p++) {
            const V *c = from + (odd(p & pass->row.block) ? 4 : 0);
            MIX_INSIDE(state, p, c);
        }
    } else if (pass->kind == QF_PASS_ODD) {
        if (pass->flip.lane) {
            EACH_ODD(MIX(state, p, q, even, uneven, EXCHANGED))
        } else {
            EACH_ODD(MIX(state, p, q, even, uneven, STAYING))
        }
    } else {
        const size_t middle = NAME(even_end)(pass, first, last);
        const unsigned second = NAME(second_bit)(pass);
        EACH_EVEN(0, first, middle, MIX(state, p, q, even, even, EXCHANGED))
        EACH_EVEN(1, middle, last, MIX(state, p, q, uneven, uneven, EXCHANGED))
    }
}

/* The blocks' own parity turns the signs of Y and Z; the lanes' parity is left to the caller. */
static void NAME(retreat)(const qf_pass *pass, const void *coefficients, void *ket, void *bra,
                          void *sums, size_t first, size_t last) {
    const V *from = coefficients;
    const V even[4] = {from[0], from[1], from[2], from[3]};
    const V uneven[4] = {from[4], from[5], from[6], from[7]};
    const W order = NAME(order_of)(pass->flip.lane);
    V x = {0}, y = {0}, z = {0};
    if (pass->kind == QF_PASS_DIAGONAL || pass->kind == QF_PASS_INSIDE) {
        for (size_t p = first; p < last; p++) {
            const bool parity = odd(p & pass->row.block);
            const V *c = from + (parity ? 4 : 0), *k = (const V *)ket + 2 * p;
            const V *b = (const V *)bra + 2 * p;
            const REAL sign = parity ? -1 : 1;
            z += sign * (k[1] * b[0] - k[0] * b[1]);
            if (pass->kind == QF_PASS_DIAGONAL) {
                MIX_DIAGONAL(ket, p, c);
                MIX_DIAGONAL(bra, p, c);
                continue;
            }
            const V b_r = EXCHANGED(b[0]), b_i = EXCHANGED(b[1]);
            x += k[1] * b_r - k[0] * b_i;
            y += sign * (k[0] * b_r + k[1] * b_i);
            MIX_INSIDE(ket, p, c);
            MIX_INSIDE(bra, p, c);
        }
    } else if (pass->kind == QF_PASS_ODD) {
        if (pass->flip.lane) {
            EACH_ODD(GATHER(ket, bra, p, q, EXCHANGED); MIX(ket, p, q, even, uneven, EXCHANGED);
                     MIX(bra, p, q, even, uneven, EXCHANGED))
        } else {
            EACH_ODD(GATHER(ket, bra, p, q, STAYING); MIX(ket, p, q, even, uneven, STAYING);
                     MIX(bra, p, q, even, uneven, STAYING))
        }
    } else {
        const size_t middle = NAME(even_end)(pass, first, last);
        const unsigned second = NAME(second_bit)(pass);
        EACH_EVEN(0, first, middle, GATHER(ket, bra, p, q, EXCHANGED);
                  MIX(ket, p, q, even, even, EXCHANGED); MIX(bra, p, q, even, even, EXCHANGED))
        y = -y; /* from here on with the other sign */
        z = -z;
        EACH_EVEN(1, middle, last, GATHER(ket, bra, p, q, EXCHANGED);
                  MIX(ket, p, q, uneven, uneven, EXCHANGED);
                  MIX(bra, p, q, uneven, uneven, EXCHANGED))
        y = -y;
        z = -z;
    }
    V *to = sums;
    to[0] = x;
    to[1] = y;
    to[2] = z;
}

/* What a string makes of block p, but for signs of lanes: i^quarters times the partner. */
#define PARTNER(string, state, p, re, im)                                                          \
    const size_t partner = (p) ^ (string)->flip.block;                                             \
    const V *at = (const V *)(state) + 2 * partner;                                                \
    const W order = NAME(order_of)((string)->flip.lane);                                           \
    const V got_r = EXCHANGED(at[0]), got_i = EXCHANGED(at[1]);                                    \
    const REAL sign = (odd(partner & (string)->row.block) ? -1 : 1) *                              \
                      ((string)->quarters & 2 ? (REAL)-1 : (REAL)1);                               \
    const V re = sign * ((string)->quarters & 1 ? -got_i : got_r);                                 \
    const V im = sign * ((string)->quarters & 1 ? got_r : got_i)

static void NAME(measure)(const qf_string *strings, size_t count, const void *state, void *sums,
                          size_t first, size_t last) {
    V *to = sums;
    memset(sums, 0, count * sizeof *to);
    for (size_t p = first; p < last; p++) {
        const V r = ((const V *)state)[2 * p], i = ((const V *)state)[2 * p + 1];
        const V density = r * r + i * i;
        for (size_t s = 0; s < count; s++) {
            const qf_string *string = &strings[s];
            if ((string->flip.block | string->flip.lane) == 0) {
                const REAL sign = odd(p & string->row.block) ? -1 : 1;
                to[s] += sign * density;
            } else {
                PARTNER(string, state, p, re, im);
                to[s] += r * re + i * im;
            }
        }
    }
}

static void NAME(project)(const qf_string *strings, size_t count, const void *factors,
                          const void *ket, void *bra, size_t first, size_t last) {
    const V *weights = factors;
    for (size_t p = first; p < last; p++) {
        const V *from = (const V *)ket + 2 * p;
        V diagonal = {0}, sum_r = {0}, sum_i = {0};
        for (size_t s = 0; s < count; s++) {
            const qf_string *string = &strings[s];
            if ((string->flip.block | string->flip.lane) == 0) {
                const REAL sign = odd(p & string->row.block) ? -1 : 1;
                diagonal += sign * weights[s];
            } else {
                PARTNER(string, ket, p, re, im);
                sum_r += weights[s] * re;
                sum_i += weights[s] * im;
            }
        }
        ((V *)bra)[2 * p] = sum_r + diagonal * from[0];
        ((V *)bra)[2 * p + 1] = sum_i + diagonal * from[1];
    }
}

const qf_kernels EXPORTED(qf_kernels) = {LANES,         sizeof(REAL),  NAME(fill),   NAME(apply),
                                         NAME(retreat), NAME(measure), NAME(project)};

#undef MIX
#undef MIX_INSIDE
#undef MIX_DIAGONAL
#undef GATHER
#undef EXCHANGED
#undef STAYING
#undef EACH_ODD
#undef EACH_EVEN
#undef PARTNER
#include "quantum/reals_end.h"
