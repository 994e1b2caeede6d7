/* The kernels of dense layers for one level: included by dense_portable.c, dense_avx2.c and
 * dense_avx512.c, which set the level (see base/lanes.h), its name DENSE and the blocks whose sums
 * fit its registers: forward ROWS rows by OUTPUTS outputs, summed in PIECES vectors one after the
 * other; backward MOST outputs or 4 rows by VECTORS vectors of inputs.
 *
 * Such blocks are what counts: a number that is loaded meets all of a block's other side. Their
 * sizes are known when they are compiled, so that the sums are registers. */
#include "base/lanes.h"

enum {
    MOST = 6,
    SUMS = 24,   /* at most, of a block backward */
    OUTPUTS = 4, /* of a block forward: as many as qf_lanes_sum_four takes */
};

/* Of the loops over a block. */
#define UNROLL _Pragma("GCC unroll 8")

/* Calls BLOCK(n) for n of 1 to MOST, which it then knows. */
#define KNOW(n, BLOCK)                                                                             \
    switch (n) {                                                                                   \
    case 1:                                                                                        \
        BLOCK(1);                                                                                  \
        break;                                                                                     \
    case 2:                                                                                        \
        BLOCK(2);                                                                                  \
        break;                                                                                     \
    case 3:                                                                                        \
        BLOCK(3);                                                                                  \
        break;                                                                                     \
    case 4:                                                                                        \
        BLOCK(4);                                                                                  \
        break;                                                                                     \
    case 5:                                                                                        \
        BLOCK(5);                                                                                  \
        break;                                                                                     \
    default:                                                                                       \
        BLOCK(6);                                                                                  \
        break;                                                                                     \
    }

/* beta of Adam, as everywhere. */
#define FIRST_DECAY 0.9
#define SECOND_DECAY 0.999

/* The size of the next block where `left` are left: two halves in place of a whole and a rest. */
static inline size_t block_of(size_t left, size_t most) {
    if (left <= most) return left;
    return left < 2 * most ? (left + 1) / 2 : most;
}

/* ---- Activations: NaN goes through, so that a net that has diverged can be told ---- */

/* 1 / (1 + e^-x), and tanh x = 2 / (1 + e^-2x) - 1 to 2e-16 absolutely. */
QF_INLINE void lanes_logistic(qf_lanes *v) {
    qf_lanes e = -*v;
    qf_lanes_exp(&e);
    *v = 1 / (1 + e);
}

QF_INLINE void lanes_tanh(qf_lanes *v) {
    *v *= 2;
    lanes_logistic(v);
    *v = 2 * *v - 1;
}

QF_INLINE void activate(qf_activation activation, double *values) {
    qf_lanes v;
    const qf_lanes zero = {0};
    qf_lanes_load(&v, values);
    const qf_int_lanes negative = v < zero, kept = ~negative;
    if (activation == QF_RELU) qf_lanes_choose(&v, &kept, &zero);
    if (activation == QF_TANH) lanes_tanh(&v);
    if (activation == QF_LOGISTIC) lanes_logistic(&v);
    qf_lanes_store(values, &v);
}

enum { PACKED_ROWS = 64 };

/* Columns beyond whole vectors, of many rows side by side: few of a vector's lanes are idle. */
QF_INLINE void activate_tails(qf_activation activation, size_t columns, size_t width, size_t rows,
                              double *values) {
    double packed[PACKED_ROWS * QF_LANES] = {0};
    size_t count = 0;
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++) packed[count++] = values[r * width + c];
    }
    for (size_t i = 0; i < count; i += QF_LANES) activate(activation, packed + i);
    count = 0;
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++) values[r * width + c] = packed[count++];
    }
}

QF_INLINE void activate_rows(qf_activation activation, size_t outputs, size_t rows,
                             double *values) {
    const size_t width = qf_pad(outputs), tail = outputs % QF_LANES, whole = outputs - tail;
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < whole; c += QF_LANES) activate(activation, values + r * width + c);
    }
    for (size_t r = 0; tail > 0 && r < rows; r += PACKED_ROWS) {
        const size_t count = rows - r < PACKED_ROWS ? rows - r : PACKED_ROWS;
        activate_tails(activation, tail, width, count, values + r * width + whole);
    }
}

static void activation_back(size_t outputs, qf_activation activation, const double *values,
                            size_t rows, double *gradients) {
    if (activation == QF_IDENTITY) return;
    for (size_t i = 0; i < rows * qf_pad(outputs); i += QF_LANES) {
        qf_lanes v, g;
        const qf_lanes zero = {0};
        qf_lanes_load(&v, values + i);
        qf_lanes_load(&g, gradients + i);
        const qf_int_lanes positive = v > zero;
        if (activation == QF_RELU) qf_lanes_choose(&g, &positive, &zero);
        if (activation == QF_TANH) g *= 1 - v * v;
        if (activation == QF_LOGISTIC) g *= v * (1 - v);
        qf_lanes_store(gradients + i, &g);
    }
}

static void logistic(double *values, size_t count) {
    for (size_t i = 0; i < count; i += QF_LANES) activate(QF_LOGISTIC, values + i);
}

/* ---- Forward ---- */

/* `s` rows by `o` outputs. Each piece of the sums has a pass of its own: that many fit registers.
 */
QF_INLINE void multiply_block(size_t s, size_t o, size_t width, const double *weights,
                              const double *biases, const double *from, size_t outputs_width,
                              double *to) {
    double sums[MOST][OUTPUTS], piece[OUTPUTS];
    UNROLL for (size_t k = 0; k < PIECES; k++) {
        qf_lanes products[MOST][OUTPUTS] = {{{0}}};
        for (size_t i = k * QF_LANES; i < width; i += PIECES * QF_LANES) {
            qf_lanes x[MOST], w;
            UNROLL for (size_t r = 0; r < s; r++) qf_lanes_load(&x[r], from + r * width + i);
            UNROLL for (size_t c = 0; c < o; c++) {
                qf_lanes_load(&w, weights + c * width + i);
                UNROLL for (size_t r = 0; r < s; r++) products[r][c] += x[r] * w;
            }
        }
        UNROLL for (size_t r = 0; r < s; r++) {
            qf_lanes_sum_four(products[r], k == 0 ? sums[r] : piece);
            UNROLL for (size_t c = 0; k > 0 && c < OUTPUTS; c++) sums[r][c] += piece[c];
        }
    }
    UNROLL for (size_t r = 0; r < s; r++) {
        UNROLL for (size_t c = 0; c < o; c++) to[r * outputs_width + c] = sums[r][c] + biases[c];
    }
}

/* All outputs of `s` rows. */
QF_INLINE void multiply_rows(size_t s, size_t inputs, size_t outputs, const double *weights,
                             const double *from, double *to) {
    const size_t width = qf_pad(inputs), outputs_width = qf_pad(outputs);
    const double *biases = weights + outputs * width;
    for (size_t c = 0, o; c < outputs; c += o) {
        o = outputs - c < OUTPUTS ? outputs - c : OUTPUTS;
#define BLOCK(n)                                                                                   \
    multiply_block(s, n, width, weights + c * width, biases + c, from, outputs_width, to + c)
        if (o == 1) BLOCK(1);
        if (o == 2) BLOCK(2);
        if (o == 3) BLOCK(3);
        if (o == OUTPUTS) BLOCK(OUTPUTS);
#undef BLOCK
    }
    for (size_t r = 0; r < s; r++) {
        for (size_t c = outputs; c < outputs_width; c++) to[r * outputs_width + c] = 0;
    }
}

static void forward(size_t inputs, size_t outputs, qf_activation activation, const double *weights,
                    const double *from, size_t rows, double *to) {
    const size_t width = qf_pad(inputs), outputs_width = qf_pad(outputs);
    for (size_t r = 0, s; r < rows; r += s) {
        s = block_of(rows - r, ROWS);
#define BLOCK(n)                                                                                   \
    multiply_rows(n, inputs, outputs, weights, from + r * width, to + r * outputs_width)
        KNOW(s, BLOCK)
#undef BLOCK
    }
    if (activation == QF_RELU) activate_rows(QF_RELU, outputs, rows, to);
    if (activation == QF_TANH) activate_rows(QF_TANH, outputs, rows, to);
    if (activation == QF_LOGISTIC) activate_rows(QF_LOGISTIC, outputs, rows, to);
}

/* ---- Backward ---- */

/* A block of the weights' gradient: `o` outputs by `v` vectors of inputs, over all rows. */
QF_INLINE void outer_block(size_t o, size_t v, size_t width, size_t outputs_width,
                           const double *from, const double *gradients, size_t rows,
                           double *gradient) {
    qf_lanes sums[SUMS] = {{0}};
    for (size_t r = 0; r < rows; r++) {
        qf_lanes x[4];
        UNROLL for (size_t i = 0; i < v; i++) qf_lanes_load(&x[i], from + r * width + i * QF_LANES);
        UNROLL for (size_t c = 0; c < o; c++) {
            const double g = gradients[r * outputs_width + c];
            UNROLL for (size_t i = 0; i < v; i++) sums[c * v + i] += x[i] * g;
        }
    }
    UNROLL for (size_t c = 0; c < o; c++) {
        UNROLL for (size_t i = 0; i < v; i++) {
            qf_lanes_store(gradient + c * width + i * QF_LANES, &sums[c * v + i]);
        }
    }
}

QF_INLINE void outer_rows(size_t v, size_t inputs, size_t outputs, const double *from,
                          const double *gradients, size_t rows, double *gradient) {
    const size_t width = qf_pad(inputs), outputs_width = qf_pad(outputs);
    for (size_t c = 0, o; c < outputs; c += o) {
        o = block_of(outputs - c, MOST);
#define BLOCK(n)                                                                                   \
    outer_block(n, v, width, outputs_width, from, gradients + c, rows, gradient + c * width)
        KNOW(o, BLOCK)
#undef BLOCK
    }
}

static void weights_back(size_t inputs, size_t outputs, const double *from, const double *gradients,
                         size_t rows, double *gradient) {
    const size_t width = qf_pad(inputs), outputs_width = qf_pad(outputs);
    size_t i = 0;
    for (; i + VECTORS * QF_LANES <= width; i += VECTORS * QF_LANES) {
        outer_rows(VECTORS, inputs, outputs, from + i, gradients, rows, gradient + i);
    }
    for (; i + 2 * QF_LANES <= width; i += 2 * QF_LANES) {
        outer_rows(2, inputs, outputs, from + i, gradients, rows, gradient + i);
    }
    for (; i < width; i += QF_LANES) {
        outer_rows(1, inputs, outputs, from + i, gradients, rows, gradient + i);
    }
    double *biases = gradient + outputs * width;
    for (size_t c = 0; c < outputs_width; c += QF_LANES) {
        qf_lanes sum = {0}, g;
        for (size_t r = 0; r < rows; r++) {
            qf_lanes_load(&g, gradients + r * outputs_width + c);
            sum += g;
        }
        qf_lanes_store(biases + c, &sum);
    }
}

/* `s` rows by `v` vectors of inputs, over all outputs. */
QF_INLINE void back_block(size_t s, size_t v, size_t inputs, size_t outputs, const double *weights,
                          const double *gradients, double *to) {
    const size_t width = qf_pad(inputs), outputs_width = qf_pad(outputs);
    qf_lanes sums[16] = {{0}};
    for (size_t c = 0; c < outputs; c++) {
        qf_lanes w[4];
        UNROLL for (size_t i = 0; i < v; i++) {
            qf_lanes_load(&w[i], weights + c * width + i * QF_LANES);
        }
        UNROLL for (size_t r = 0; r < s; r++) {
            const double g = gradients[r * outputs_width + c];
            UNROLL for (size_t i = 0; i < v; i++) sums[r * v + i] += w[i] * g;
        }
    }
    UNROLL for (size_t r = 0; r < s; r++) {
        UNROLL for (size_t i = 0; i < v; i++) {
            qf_lanes_store(to + r * width + i * QF_LANES, &sums[r * v + i]);
        }
    }
}

QF_INLINE void back_rows(size_t s, size_t inputs, size_t outputs, const double *weights,
                         const double *gradients, double *to) {
    const size_t width = qf_pad(inputs);
    size_t i = 0;
    for (; i + 2 * QF_LANES <= width; i += 2 * QF_LANES) {
        back_block(s, 2, inputs, outputs, weights + i, gradients, to + i);
    }
    for (; i < width; i += QF_LANES) {
        back_block(s, 1, inputs, outputs, weights + i, gradients, to + i);
    }
}

static void inputs_back(size_t inputs, size_t outputs, const double *weights,
                        const double *gradients, size_t rows, double *input_gradients) {
    const size_t width = qf_pad(inputs), outputs_width = qf_pad(outputs);
    size_t r = 0;
    for (; r + 4 <= rows; r += 4) {
        back_rows(4, inputs, outputs, weights, gradients + r * outputs_width,
                  input_gradients + r * width);
    }
    for (; r < rows; r++) {
        back_rows(1, inputs, outputs, weights, gradients + r * outputs_width,
                  input_gradients + r * width);
    }
}

/* ---- The step ---- */

/* In 4 times eight lanes, so that no sum waits for the one before. */
static double squares(const double *values, size_t count) {
    enum { CHAINS = 4, PARTS = QF_PAD / QF_LANES };
    qf_lanes sums[CHAINS][PARTS] = {{{0}}};
    double eight[QF_PAD], all = 0;
    for (size_t i = 0; i < count; i += CHAINS * QF_PAD) {
        const size_t left = (count - i) / QF_PAD;
        UNROLL for (size_t k = 0; k < CHAINS; k++) {
            if (k >= left) break;
            UNROLL for (size_t p = 0; p < PARTS; p++) {
                qf_lanes v;
                qf_lanes_load(&v, values + i + k * QF_PAD + p * QF_LANES);
                sums[k][p] += v * v;
            }
        }
    }
    for (size_t p = 0; p < PARTS; p++) {
        const qf_lanes sum = (sums[0][p] + sums[1][p]) + (sums[2][p] + sums[3][p]);
        qf_lanes_store(eight + p * QF_LANES, &sum);
    }
    for (size_t l = 0; l < QF_PAD; l++) all += eight[l];
    return all;
}

static void adam(size_t count, double rate, double epsilon, const double *gradient, double *mean,
                 double *square, double *weights) {
    for (size_t i = 0; i < count; i++) {
        const double g = gradient[i];
        mean[i] = FIRST_DECAY * mean[i] + (1 - FIRST_DECAY) * g;
        square[i] = SECOND_DECAY * square[i] + (1 - SECOND_DECAY) * g * g;
        weights[i] -= rate * mean[i] / (__builtin_sqrt(square[i]) + epsilon);
    }
}

const qf_dense DENSE = {forward,  activation_back, weights_back, inputs_back,
                        logistic, squares,         adam};
