/* The kernels of qf_transfer_kernels for one SIMD level; a chunk is one vector of four doubles. */
#include "quantum/level.h"

typedef double four __attribute__((vector_size(8 * QF_TRANSFER_LANES), may_alias));

/* A number with two zero bits let in at a wire's place. */
INLINE size_t let_letter_in(size_t number, size_t wire) {
    const size_t below = ((size_t)1 << 2 * wire) - 1;
    return (number & ~below) << 2 | (number & below);
}

/* Vectors from one letter of a wire to the next. */
INLINE size_t letter_stride(const qf_transfer_shape *shape, size_t wire) {
    return ((size_t)1 << 2 * wire) * shape->chunks;
}

/* Vectors behind the last. */
INLINE size_t vectors(const qf_transfer_shape *shape) {
    return ((size_t)1 << 2 * shape->wires) * shape->chunks;
}

INLINE void turn_chunks(const qf_transfer_shape *shape, size_t chunks, size_t wire, qf_axis axis,
                        const four *cosines, const four *sines, four *values) {
    const size_t inner = (size_t)1 << 2 * wire, stride = inner * chunks, end = vectors(shape);
    const size_t b = (1 + (axis + 1) % 3) * stride, c = (1 + (axis + 2) % 3) * stride;
    for (size_t outer = 0; outer < end; outer += 4 * stride) {
        four *of_b = values + outer + b, *of_c = values + outer + c;
        for (size_t i = 0; i < inner; i++) {
            for (size_t k = 0; k < chunks; k++) {
                const size_t at = i * chunks + k;
                const four old = of_b[at];
                of_b[at] = cosines[k] * old - sines[k] * of_c[at];
                of_c[at] = cosines[k] * of_c[at] + sines[k] * old;
            }
        }
    }
}

static void transfer_turn(const qf_transfer_shape *shape, size_t wire, qf_axis axis,
                          const double *cosines, const double *sines, double *values) {
    if (shape->chunks == 1) {
        turn_chunks(shape, 1, wire, axis, (const four *)cosines, (const four *)sines,
                    (four *)values);
    } else {
        turn_chunks(shape, shape->chunks, wire, axis, (const four *)cosines, (const four *)sines,
                    (four *)values);
    }
}

INLINE void slope_chunks(const qf_transfer_shape *shape, size_t chunks, size_t wire, qf_axis axis,
                         const four *state, const four *gradients, four *sums) {
    const size_t inner = (size_t)1 << 2 * wire, stride = inner * chunks, end = vectors(shape);
    const size_t b = (1 + (axis + 1) % 3) * stride, c = (1 + (axis + 2) % 3) * stride;
    for (size_t k = 0; k < chunks; k++) {
        four sum = {0};
        for (size_t outer = 0; outer < end; outer += 4 * stride) {
            for (size_t i = 0; i < inner; i++) {
                const size_t at = outer + i * chunks + k;
                sum += gradients[at + c] * state[at + b] - gradients[at + b] * state[at + c];
            }
        }
        sums[k] += sum;
    }
}

static void transfer_slope(const qf_transfer_shape *shape, size_t wire, qf_axis axis,
                           const double *state, const double *gradients, double *sums) {
    if (shape->chunks == 1) {
        slope_chunks(shape, 1, wire, axis, (const four *)state, (const four *)gradients,
                     (four *)sums);
    } else {
        slope_chunks(shape, shape->chunks, wire, axis, (const four *)state, (const four *)gradients,
                     (four *)sums);
    }
}

static void transfer_rename(const qf_transfer_shape *shape, size_t wire, const qf_letter_map *map,
                            double *values) {
    const size_t stride = letter_stride(shape, wire), end = vectors(shape);
    for (size_t outer = 0; outer < end; outer += 4 * stride) {
        four *letters = (four *)values + outer + stride; /* X, Y, Z */
        for (size_t i = 0; i < stride; i++) {
            const four old[3] = {letters[i], letters[i + stride], letters[i + 2 * stride]};
            for (size_t a = 0; a < 3; a++)
                letters[i + a * stride] = map->sign[a] * old[map->from[a]];
        }
    }
}

/* Exchanges two strings' values on a pair of wires, with a sign. */
typedef struct exchange {
    unsigned char first[2], second[2];
    double sign;
} exchange;

INLINE void exchange_pairs(const qf_transfer_shape *shape, size_t a, size_t b,
                           const exchange exchanges[6], double *values) {
    const size_t low = a < b ? a : b, high = a < b ? b : a, chunks = shape->chunks;
    const size_t count = (size_t)1 << 2 * (shape->wires - 2);
    for (size_t i = 0; i < count; i++) {
        four *base = (four *)values + let_letter_in(let_letter_in(i, low), high) * chunks;
        for (size_t e = 0; e < 6; e++) {
            const exchange *x = &exchanges[e];
            four *one =
                base + (((size_t)x->first[0] << 2 * a) + ((size_t)x->first[1] << 2 * b)) * chunks;
            four *two =
                base + (((size_t)x->second[0] << 2 * a) + ((size_t)x->second[1] << 2 * b)) * chunks;
            for (size_t k = 0; k < chunks; k++) {
                const four old = one[k];
                one[k] = x->sign * two[k];
                two[k] = x->sign * old;
            }
        }
    }
}

/* C P C of control and target; II, IX, ZI and ZX stay. */
static void transfer_cnot(const qf_transfer_shape *shape, size_t control, size_t target,
                          double *values) {
    static const exchange exchanges[6] = {{{0, 2}, {3, 2}, 1}, {{0, 3}, {3, 3}, 1},
                                          {{1, 0}, {1, 1}, 1}, {{2, 0}, {2, 1}, 1},
                                          {{1, 2}, {2, 3}, 1}, {{1, 3}, {2, 2}, -1}};
    exchange_pairs(shape, control, target, exchanges, values);
}

static void transfer_swap(const qf_transfer_shape *shape, size_t a, size_t b, double *values) {
    static const exchange exchanges[6] = {{{0, 1}, {1, 0}, 1}, {{0, 2}, {2, 0}, 1},
                                          {{0, 3}, {3, 0}, 1}, {{1, 2}, {2, 1}, 1},
                                          {{1, 3}, {3, 1}, 1}, {{2, 3}, {3, 2}, 1}};
    exchange_pairs(shape, a, b, exchanges, values);
}

static void transfer_noise(const qf_transfer_shape *shape, size_t wire, const qf_bloch_map *map,
                           bool transposed, double *values) {
    const size_t stride = letter_stride(shape, wire), end = vectors(shape);
    const double to_one = transposed ? map->shift : 0, to_z = transposed ? 0 : map->shift;
    for (size_t outer = 0; outer < end; outer += 4 * stride) {
        four *one = (four *)values + outer, *x = one + stride, *y = x + stride, *z = y + stride;
        for (size_t i = 0; i < stride; i++) {
            x[i] *= map->scale[0];
            y[i] *= map->scale[1];
        }
        for (size_t i = 0; i < stride; i++) {
            const four old = z[i];
            z[i] = map->scale[2] * old + to_z * one[i];
            if (transposed) one[i] += to_one * old;
        }
    }
}

const qf_transfer_kernels JOIN(qf_transfer_kernels, LEVEL) = {
    transfer_turn, transfer_slope, transfer_rename, transfer_cnot, transfer_swap, transfer_noise,
};
