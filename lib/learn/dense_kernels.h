/* The kernels of dense layers for one level: included by dense_portable.c, dense_avx2.c and
 * dense_avx512.c, which set the level (see base/lanes.h), its name DENSE and the blocks of ROWS
 * rows by OUTPUTS outputs whose sums fit its registers. */
#include "base/lanes.h"

/* Of the loops over a block, so that its sums are registers. */
#define UNROLL _Pragma("GCC unroll 4")

/* beta of Adam, as everywhere. */
#define FIRST_DECAY 0.9
#define SECOND_DECAY 0.999

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

QF_INLINE void lanes_relu(qf_lanes *v) {
    const qf_lanes zero = {0};
    const qf_int_lanes positive = *v > zero;
    qf_lanes_choose(v, &positive, &zero);
}

QF_INLINE void activate(qf_activation activation, qf_lanes *v) {
    if (activation == QF_RELU) lanes_relu(v);
    if (activation == QF_TANH) lanes_tanh(v);
    if (activation == QF_LOGISTIC) lanes_logistic(v);
}

QF_INLINE double sum_lanes(const qf_lanes *v) {
    double sums[QF_LANES];
    memcpy(sums, v, sizeof sums);
    for (size_t half = QF_LANES / 2; half > 0; half /= 2) {
        for (size_t i = 0; i < half; i++) sums[i] += sums[i + half];
    }
    return sums[0];
}

/* `s` rows by `o` outputs of the product, both known when this is compiled: each input that is
 * loaded meets all of them. */
QF_INLINE void multiply_block(size_t s, size_t o, size_t width, const double *weights,
                              const double *from, size_t outputs_width, double *to) {
    qf_lanes sums[4][4] = {{{0}}};
    for (size_t i = 0; i < width; i += QF_LANES) {
        qf_lanes x[4], w;
        UNROLL for (size_t r = 0; r < s; r++) qf_lanes_load(&x[r], from + r * width + i);
        UNROLL for (size_t c = 0; c < o; c++) {
            qf_lanes_load(&w, weights + c * width + i);
            UNROLL for (size_t r = 0; r < s; r++) sums[r][c] += x[r] * w;
        }
    }
    UNROLL for (size_t r = 0; r < s; r++) {
        UNROLL for (size_t c = 0; c < o; c++) to[r * outputs_width + c] = sum_lanes(&sums[r][c]);
    }
}

/* All outputs of `s` rows, `o` at a time. */
QF_INLINE void multiply_rows(size_t s, size_t o, size_t width, size_t outputs,
                             const double *weights, const double *from, double *to) {
    const size_t outputs_width = qf_pad(outputs);
    size_t c = 0;
    for (; c + o <= outputs; c += o) {
        multiply_block(s, o, width, weights + c * width, from, outputs_width, to + c);
    }
    for (; c < outputs; c++) {
        multiply_block(s, 1, width, weights + c * width, from, outputs_width, to + c);
    }
}

static void forward(size_t inputs, size_t outputs, qf_activation activation, const double *weights,
                    const double *from, size_t rows, double *to) {
    const size_t width = qf_pad(inputs), outputs_width = qf_pad(outputs);
    const double *biases = weights + outputs * width;
    size_t r = 0;
    for (; r + ROWS <= rows; r += ROWS) {
        multiply_rows(ROWS, OUTPUTS, width, outputs, weights, from + r * width,
                      to + r * outputs_width);
    }
    for (; r < rows; r++) {
        multiply_rows(1, OUTPUTS, width, outputs, weights, from + r * width,
                      to + r * outputs_width);
    }
    for (r = 0; r < rows; r++) {
        double *row = to + r * outputs_width;
        for (size_t c = outputs; c < outputs_width; c++) row[c] = 0;
        for (size_t c = 0; c < outputs_width; c += QF_LANES) {
            qf_lanes v, bias;
            qf_lanes_load(&v, row + c);
            qf_lanes_load(&bias, biases + c);
            v += bias;
            activate(activation, &v);
            qf_lanes_store(row + c, &v);
        }
        for (size_t c = outputs; c < outputs_width; c++) row[c] = 0;
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

/* A block of the weights' gradient: `o` outputs by `v` vectors of inputs, over all rows. */
QF_INLINE void outer_block(size_t o, size_t v, size_t width, size_t outputs_width,
                           const double *from, const double *gradients, size_t rows,
                           double *gradient) {
    qf_lanes sums[4][4] = {{{0}}};
    for (size_t r = 0; r < rows; r++) {
        qf_lanes x[4];
        UNROLL for (size_t i = 0; i < v; i++) qf_lanes_load(&x[i], from + r * width + i * QF_LANES);
        UNROLL for (size_t c = 0; c < o; c++) {
            const double g = gradients[r * outputs_width + c];
            UNROLL for (size_t i = 0; i < v; i++) sums[c][i] += x[i] * g;
        }
    }
    UNROLL for (size_t c = 0; c < o; c++) {
        UNROLL for (size_t i = 0; i < v; i++) {
            qf_lanes_store(gradient + c * width + i * QF_LANES, &sums[c][i]);
        }
    }
}

QF_INLINE void outer_rows(size_t o, size_t v, size_t width, size_t outputs_width,
                          const double *from, const double *gradients, size_t rows,
                          double *gradient) {
    size_t i = 0;
    for (; i + v * QF_LANES <= width; i += v * QF_LANES) {
        outer_block(o, v, width, outputs_width, from + i, gradients, rows, gradient + i);
    }
    for (; i < width; i += QF_LANES) {
        outer_block(o, 1, width, outputs_width, from + i, gradients, rows, gradient + i);
    }
}

static void weights_back(size_t inputs, size_t outputs, const double *from, const double *gradients,
                         size_t rows, double *gradient) {
    const size_t width = qf_pad(inputs), outputs_width = qf_pad(outputs);
    size_t c = 0;
    for (; c + OUTPUTS <= outputs; c += OUTPUTS) {
        outer_rows(OUTPUTS, ROWS, width, outputs_width, from, gradients + c, rows,
                   gradient + c * width);
    }
    for (; c < outputs; c++) {
        outer_rows(1, ROWS, width, outputs_width, from, gradients + c, rows, gradient + c * width);
    }
    double *biases = gradient + outputs * width;
    for (c = 0; c < outputs_width; c += QF_LANES) {
        qf_lanes sum = {0}, g;
        for (size_t r = 0; r < rows; r++) {
            qf_lanes_load(&g, gradients + r * outputs_width + c);
            sum += g;
        }
        qf_lanes_store(biases + c, &sum);
    }
}

static void inputs_back(size_t inputs, size_t outputs, const double *weights,
                        const double *gradients, size_t rows, double *input_gradients) {
    const size_t width = qf_pad(inputs), outputs_width = qf_pad(outputs);
    for (size_t r = 0; r < rows; r++) {
        for (size_t i = 0; i < width; i += QF_LANES) {
            qf_lanes sum = {0}, w;
            for (size_t c = 0; c < outputs; c++) {
                qf_lanes_load(&w, weights + c * width + i);
                sum += w * gradients[r * outputs_width + c];
            }
            qf_lanes_store(input_gradients + r * width + i, &sum);
        }
    }
}

static void logistic(double *values, size_t count) {
    for (size_t i = 0; i < count; i += QF_LANES) {
        qf_lanes v;
        qf_lanes_load(&v, values + i);
        lanes_logistic(&v);
        qf_lanes_store(values + i, &v);
    }
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

const qf_dense DENSE = {forward, activation_back, weights_back, inputs_back, logistic, adam};
