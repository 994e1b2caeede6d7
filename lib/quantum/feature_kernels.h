/* The kernels of feature_sweep.h for one precision and SIMD level: feature_portable.c,
 * feature_avx2.c and feature_avx512.c include this for each REAL. */
#include "quantum/reals.h"

#define UNROLL _Pragma("GCC unroll 16")

/* a where the mask's bits are set, else b. */
INLINE V NAME(choose)(W mask, V a, V b) {
    return (V)(((W)a & mask) | ((W)b & ~mask));
}

/* Sine and cosine of |x| <= SINE_RANGE: x less the nearest multiple of pi/2, which is taken off in
 * three parts whose products are exact, then series on +-pi/4 (Cephes, fdlibm); absolute errors
 * below 2e-16, 1e-7 in single precision. */
#define SINE_RANGE (EXACT ? 1e5 : 5e3)
INLINE void NAME(sine_cosine)(V x, V *sine, V *cosine) {
    static const double doubles[] = {0x1.8p52, 1.57079632673412561417e+00,
                                     6.07710050630396597660e-11, 2.02226624879595063154e-21};
    static const double floats[] = {0x1.8p23, 1.5703125, 4.837512969970703125e-4,
                                    7.549789948768648e-8};
    static const double fine_sine[] = {1.58969099521155010221e-10, -2.50507602534068634195e-08,
                                       2.75573137070700676789e-06, -1.98412698298579493134e-04,
                                       8.33333333332248946124e-03, -1.66666666666666324348e-01};
    static const double fine_cosine[] = {-1.13596475577881948265e-11, 2.08757232129817482790e-09,
                                         -2.75573143513906633035e-07, 2.48015872894767294178e-05,
                                         -1.38888888888741095749e-03, 4.16666666666666019037e-02};
    static const double short_sine[] = {-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1};
    static const double short_cosine[] = {2.443315711809948e-5, -1.388731625493765e-3,
                                          4.166664568298827e-2};
    const double *constants = EXACT ? doubles : floats;
    const double *sines = EXACT ? fine_sine : short_sine;
    const double *cosines = EXACT ? fine_cosine : short_cosine;
    const size_t terms = EXACT ? 6 : 3;
    const V shifted = x * (REAL)0.63661977236758134308 + (REAL)constants[0];
    const V turns = shifted - (REAL)constants[0];
    const W quadrant = (W)shifted;
    V r = x - turns * (REAL)constants[1];
    r = r - turns * (REAL)constants[2];
    r = r - turns * (REAL)constants[3];
    const V square = r * r;
    V s = square * 0 + (REAL)sines[0], c = square * 0 + (REAL)cosines[0];
    UNROLL for (size_t i = 1; i < terms; i++) {
        s = s * square + (REAL)sines[i];
        c = c * square + (REAL)cosines[i];
    }
    s = r + r * square * s;
    c = 1 - square * (REAL)0.5 + square * square * c;
    const W odd_turn = -(quadrant & 1);
    const int top = 8 * sizeof(REAL) - 2; /* bit 1 of the quadrant to the sign's place */
    const W sine_sign = (quadrant & 2) << top, cosine_sign = ((quadrant + 1) & 2) << top;
    *sine = (V)((W)NAME(choose)(odd_turn, c, s) ^ sine_sign);
    *cosine = (V)((W)NAME(choose)(odd_turn, s, c) ^ cosine_sign);
}

/* Angles of a group of samples, those beyond the batch 0; false for an input that is not finite. */
INLINE bool NAME(load_angles)(const qf_feature_shape *shape, const double *inputs, size_t count,
                              V *cosines, V *sines) {
    REAL angles[QF_PAULI_WIRES][LANES];
    bool near = true;
    memset(angles, 0, sizeof angles);
    for (size_t w = 0; w < shape->wires; w++) {
        const double *from = inputs + shape->input[w];
        for (size_t i = 0; i < count; i++) {
            const double angle = shape->scale[w] * from[i * shape->input_stride] + shape->offset[w];
            near &= fabs(angle) <= SINE_RANGE;
            angles[w][i] = (REAL)angle;
        }
    }
    for (size_t w = 0; w < shape->wires; w++) {
        V x;
        memcpy(&x, angles[w], sizeof x);
        NAME(sine_cosine)(x, &sines[w], &cosines[w]);
    }
    if (near) return true;
    for (size_t w = 0; w < shape->wires; w++) {
        const double *from = inputs + shape->input[w];
        for (size_t i = 0; i < count; i++) {
            const double angle = shape->scale[w] * from[i * shape->input_stride] + shape->offset[w];
            if (!isfinite(angle)) return false;
            sines[w][i] = (REAL)sin(angle);
            cosines[w][i] = (REAL)cos(angle);
        }
    }
    return true;
}

/* The products of (1, cos, sin) over some wires, the first the most significant. */
INLINE void NAME(multiply_out)(const V *cosines, const V *sines, size_t wires, V *features) {
    size_t count = 1;
    features[0] = (V){0} + 1;
    for (size_t w = 0; w < wires; w++) {
        for (size_t i = count; i-- > 0;) {
            const V before = features[i];
            features[3 * i] = before;
            features[3 * i + 1] = before * cosines[w];
            features[3 * i + 2] = before * sines[w];
        }
        count *= 3;
    }
}

/* What forward leaves of a group of samples for backward. */
typedef struct NAME(parts) {
    V *cosines, *sines; /* [wires] */
    V *left, *right;    /* [lefts], [rights]: features */
    V *middle;          /* [lefts][outputs]: the matrix times right; later gradients times left */
} NAME(parts);

INLINE NAME(parts) NAME(parts_of)(const qf_feature_shape *shape, void *kept) {
    NAME(parts) p = {.cosines = kept};
    p.sines = p.cosines + shape->wires;
    p.left = p.sines + shape->wires;
    p.right = p.left + shape->lefts;
    p.middle = p.right + shape->rights;
    return p;
}

/* The same for all shapes; the compiler unrolls it where the numbers are known. */
INLINE void NAME(forward_group)(const REAL *matrix, NAME(parts) p, size_t lefts, size_t rights,
                                size_t outputs, size_t lanes, V *results) {
    V left[QF_FEATURE_HALF], right[QF_FEATURE_HALF]; /* in registers where they are few */
    UNROLL for (size_t a = 0; a < lefts; a++) left[a] = p.left[a];
    UNROLL for (size_t b = 0; b < rights; b++) right[b] = p.right[b];
    for (size_t o = 0; o < outputs; o++) results[o] = (V){0};
    for (size_t a = 0; a < lefts; a++) {
        const REAL *row = matrix + a * rights * lanes;
        UNROLL for (size_t o = 0; o < outputs; o++) {
            V sum = (V){0} + row[o];
            UNROLL for (size_t b = 1; b < rights; b++) sum += row[b * lanes + o] * right[b];
            p.middle[a * outputs + o] = sum;
            results[o] += left[a] * sum;
        }
    }
}

static bool NAME(forward)(const qf_feature_shape *shape, const void *matrix, const double *inputs,
                          size_t count, void *kept, double *outputs) {
    const NAME(parts) p = NAME(parts_of)(shape, kept);
    V results[QF_FEATURE_OUTPUTS];
    if (!NAME(load_angles)(shape, inputs, count, p.cosines, p.sines)) return false;
    const size_t left = shape->left_wires;
    if (shape->usual) {
        NAME(multiply_out)(p.cosines, p.sines, 2, p.left);
        NAME(multiply_out)(p.cosines + 2, p.sines + 2, 2, p.right);
        NAME(forward_group)(matrix, p, 9, 9, 3, QF_PAULI_LANES, results);
    } else {
        NAME(multiply_out)(p.cosines, p.sines, left, p.left);
        NAME(multiply_out)(p.cosines + left, p.sines + left, shape->wires - left, p.right);
        NAME(forward_group)
        (matrix, p, shape->lefts, shape->rights, shape->outputs, shape->lanes, results);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t o = 0; o < shape->outputs; o++) {
            outputs[i * shape->output_stride + o] = (double)results[o][i];
        }
    }
    return true;
}

/* From gradients of features, changed on the way, to those of the wires' angles. */
INLINE void NAME(divide_out)(const V *cosines, const V *sines, size_t wires, size_t count,
                             const V *features, V *gradients, V *angle_gradients) {
    for (size_t w = wires; w-- > 0;) {
        V of_cosine = {0}, of_sine = {0};
        count /= 3;
        /* features[i] of the first count stand for those of the wires before; see multiply_out */
        size_t stride = 1;
        for (size_t later = w + 1; later < wires; later++) stride *= 3;
        for (size_t i = 0; i < count; i++) {
            of_cosine += features[3 * i * stride] * gradients[3 * i + 1];
            of_sine += features[3 * i * stride] * gradients[3 * i + 2];
            gradients[i] = gradients[3 * i] + cosines[w] * gradients[3 * i + 1] +
                           sines[w] * gradients[3 * i + 2];
        }
        angle_gradients[w] = of_sine * cosines[w] - of_cosine * sines[w];
    }
}

INLINE void NAME(backward_group)(const REAL *matrix, NAME(parts) p, size_t lefts, size_t rights,
                                 size_t outputs, size_t lanes, const V *gradients, V *of_left,
                                 V *of_right) {
    UNROLL for (size_t b = 0; b < rights; b++) of_right[b] = (V){0};
    for (size_t a = 0; a < lefts; a++) {
        const REAL *row = matrix + a * rights * lanes;
        V sum = {0};
        UNROLL for (size_t o = 0; o < outputs; o++) {
            const V weight = gradients[o] * p.left[a];
            sum += gradients[o] * p.middle[a * outputs + o];
            p.middle[a * outputs + o] = weight;
            UNROLL for (size_t b = 1; b < rights; b++) of_right[b] += row[b * lanes + o] * weight;
        }
        of_left[a] = sum;
    }
}

static void NAME(backward)(const qf_feature_shape *shape, const void *matrix,
                           const double *output_gradients, size_t count, void *kept,
                           double *input_gradients) {
    const NAME(parts) p = NAME(parts_of)(shape, kept);
    V gradients[QF_FEATURE_OUTPUTS], of_left[QF_FEATURE_HALF], of_right[QF_FEATURE_HALF];
    V angles[QF_PAULI_WIRES];
    for (size_t o = 0; o < shape->outputs; o++) {
        V v = {0};
        for (size_t i = 0; i < count; i++) {
            v[i] = (REAL)output_gradients[i * shape->output_stride + o];
        }
        gradients[o] = v;
    }
    const size_t left = shape->left_wires, right = shape->wires - left;
    if (shape->usual) {
        NAME(backward_group)(matrix, p, 9, 9, 3, QF_PAULI_LANES, gradients, of_left, of_right);
        NAME(divide_out)(p.cosines, p.sines, 2, 9, p.left, of_left, angles);
        NAME(divide_out)(p.cosines + 2, p.sines + 2, 2, 9, p.right, of_right, angles + 2);
    } else {
        NAME(backward_group)
        (matrix, p, shape->lefts, shape->rights, shape->outputs, shape->lanes, gradients, of_left,
         of_right);
        NAME(divide_out)(p.cosines, p.sines, left, shape->lefts, p.left, of_left, angles);
        NAME(divide_out)
        (p.cosines + left, p.sines + left, right, shape->rights, p.right, of_right, angles + left);
    }
    if (!input_gradients) return;
    for (size_t w = 0; w < shape->wires; w++) {
        for (size_t i = 0; i < count; i++) {
            input_gradients[i * shape->input_stride + shape->input[w]] +=
                shape->scale[w] * (double)angles[w][i];
        }
    }
}

/* Sums over the lanes of LANES vectors, vector i's in lane i. */
INLINE V NAME(sum_lanes)(V *vectors) {
    UNROLL for (unsigned step = 1; step < LANES; step *= 2) {
        const W order = NAME(order_of)(step);
        W upper = {0};
        for (size_t l = 0; l < LANES; l++) upper[l] = l & step ? -1 : 0;
        UNROLL for (size_t i = 0; i < LANES; i += 2 * step) {
            const V a = vectors[i], b = vectors[i + step];
            vectors[i] =
                NAME(choose)(upper, b, a) + NAME(exchange)(NAME(choose)(upper, a, b), order);
        }
    }
    return vectors[0];
}

/* What `tile` outputs' gradients and left feature a have with each right one, summed over groups
 * and added to the sums so far, unless these are fresh. */
INLINE void NAME(gather_tile)(const qf_feature_shape *shape, char *kept, size_t groups, size_t a,
                              size_t rights, size_t first, size_t tile, bool fresh, V *sums) {
    V sum[3 * 9];
    V *to = sums + a * rights * shape->outputs + first;
    UNROLL for (size_t t = 0; t < tile; t++) {
        UNROLL for (size_t b = 0; b < rights; b++) {
            sum[t * rights + b] = fresh ? (V){0} : to[b * shape->outputs + t];
        }
    }
    for (size_t g = 0; g < groups; g++) {
        const NAME(parts) p = NAME(parts_of)(shape, kept + g * shape->kept_vectors * sizeof(V));
        UNROLL for (size_t t = 0; t < tile; t++) {
            const V weight = p.middle[a * shape->outputs + first + t];
            sum[t * rights] += weight;
            UNROLL for (size_t b = 1; b < rights; b++) sum[t * rights + b] += weight * p.right[b];
        }
    }
    UNROLL for (size_t t = 0; t < tile; t++) {
        UNROLL for (size_t b = 0; b < rights; b++) {
            to[b * shape->outputs + t] = sum[t * rights + b];
        }
    }
}

static void NAME(gather)(const qf_feature_shape *shape, void *kept, size_t groups, bool fresh,
                         void *sums) {
    for (size_t a = 0; a < shape->lefts; a++) {
        for (size_t o = 0; o < shape->outputs;) {
            if (shape->usual && TILE == 3) {
                NAME(gather_tile)(shape, kept, groups, a, 9, 0, 3, fresh, sums);
                o += 3;
            } else if (shape->usual) {
                NAME(gather_tile)(shape, kept, groups, a, 9, o++, 1, fresh, sums);
            } else {
                NAME(gather_tile)(shape, kept, groups, a, shape->rights, o++, 1, fresh, sums);
            }
        }
    }
}

static void NAME(total)(const qf_feature_shape *shape, void *sums, double *gradient) {
    const size_t count = shape->lefts * shape->rights * shape->outputs;
    for (size_t i = 0; i < count; i += LANES) {
        const V total = NAME(sum_lanes)((V *)sums + i);
        for (size_t l = 0; l < LANES; l++) gradient[i + l] = (double)total[l];
    }
}

const qf_feature_kernels EXPORTED(qf_feature_kernels) = {
    LANES, sizeof(REAL), NAME(forward), NAME(backward), NAME(gather), NAME(total),
};

#undef UNROLL
#undef SINE_RANGE
#include "quantum/reals_end.h"
