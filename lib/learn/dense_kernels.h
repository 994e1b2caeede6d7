/* The kernels of dense layers for one level: included by dense_portable.c, dense_avx2.c and
 * dense_avx512.c, which set the level (see base/lanes.h), its name DENSE and the blocks of ROWS
 * rows by VECTORS vectors of outputs whose sums fit its registers. */
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

/* NaN stays. */
QF_INLINE void lanes_relu(qf_lanes *v) {
    const qf_lanes zero = {0};
    const qf_int_lanes negative = *v < zero, kept = ~negative;
    qf_lanes_choose(v, &kept, &zero);
}

QF_INLINE void activate(qf_activation activation, qf_lanes *v) {
    if (activation == QF_RELU) lanes_relu(v);
    if (activation == QF_TANH) lanes_tanh(v);
    if (activation == QF_LOGISTIC) lanes_logistic(v);
}

/* A product of matrices: to[r][c] += the sum over i of left[r * left_row + i * left_step] times
 * right[i * right_row + c], for i from 0 to count - 1 in this order at whatever level. */
typedef struct product {
    size_t count;
    const double *left;
    size_t left_row, left_step;
    const double *right;
    size_t right_row;
    double *to;
    size_t to_row;
} product;

/* `s` rows and `v` vectors of columns from (row, column) on, both known when this is compiled. */
QF_INLINE void multiply_block(const product *p, size_t s, size_t v, size_t row, size_t column) {
    const double *left = p->left + row * p->left_row, *right = p->right + column;
    double *to = p->to + row * p->to_row + column;
    qf_lanes sums[ROWS][VECTORS];
    UNROLL for (size_t r = 0; r < s; r++) {
        UNROLL for (size_t c = 0; c < v; c++) {
            qf_lanes_load(&sums[r][c], to + r * p->to_row + c * QF_LANES);
        }
    }
    for (size_t i = 0; i < p->count; i++, left += p->left_step, right += p->right_row) {
        qf_lanes x[VECTORS];
        UNROLL for (size_t c = 0; c < v; c++) qf_lanes_load(&x[c], right + c * QF_LANES);
        UNROLL for (size_t r = 0; r < s; r++) {
            const double factor = left[r * p->left_row];
            UNROLL for (size_t c = 0; c < v; c++) sums[r][c] += x[c] * factor;
        }
    }
    UNROLL for (size_t r = 0; r < s; r++) {
        UNROLL for (size_t c = 0; c < v; c++) {
            qf_lanes_store(to + r * p->to_row + c * QF_LANES, &sums[r][c]);
        }
    }
}

QF_INLINE void multiply_rows(const product *p, size_t rows, size_t v, size_t column) {
    size_t r = 0;
    for (; r + ROWS <= rows; r += ROWS) multiply_block(p, ROWS, v, r, column);
    for (; r + 2 <= rows; r += 2) multiply_block(p, 2, v, r, column);
    if (r < rows) multiply_block(p, 1, v, r, column);
}

/* All columns, rounded up to whole vectors. */
static void multiply(const product *p, size_t rows, size_t columns) {
    size_t c = 0;
    for (; c + (VECTORS - 1) * QF_LANES < columns; c += VECTORS * QF_LANES) {
        multiply_rows(p, rows, VECTORS, c);
    }
    if (VECTORS > 2 && c + QF_LANES < columns) {
        multiply_rows(p, rows, 2, c);
    } else if (c < columns) {
        multiply_rows(p, rows, 1, c);
    }
}

/* Adds weights . inputs for all rows. The weights are turned, a tile at a time, so that the lanes
 * of a vector are outputs. */
static void add_products(size_t inputs, size_t outputs, const double *weights, const double *from,
                         size_t rows, double *to) {
    enum { TILE = 128, ACROSS = VECTORS * QF_LANES };
    const size_t width = qf_pad(inputs), outputs_width = qf_pad(outputs);
    double turned[TILE * ACROSS];
    for (size_t o = 0; o < outputs; o += ACROSS) {
        const size_t across = outputs - o < ACROSS ? outputs - o : ACROSS;
        for (size_t i = 0; i < inputs; i += TILE) {
            const size_t count = inputs - i < TILE ? inputs - i : TILE;
            memset(turned, 0, count * ACROSS * sizeof *turned);
            for (size_t a = 0; a < across; a++) {
                const double *row = weights + (o + a) * width + i;
                for (size_t k = 0; k < count; k++) turned[k * ACROSS + a] = row[k];
            }
            const product p = {count, from + i, width, 1, turned, ACROSS, to + o, outputs_width};
            multiply(&p, rows, across);
        }
    }
}

static void forward(size_t inputs, size_t outputs, qf_activation activation, const double *weights,
                    const double *from, size_t rows, double *to) {
    const size_t width = qf_pad(inputs), outputs_width = qf_pad(outputs);
    const double *biases = weights + outputs * width;
    for (size_t r = 0; r < rows; r++) {
        memcpy(to + r * outputs_width, biases, outputs_width * sizeof *to);
    }
    add_products(inputs, outputs, weights, from, rows, to);
    for (size_t r = 0; activation != QF_IDENTITY && r < rows; r++) {
        double *row = to + r * outputs_width;
        for (size_t o = 0; o < outputs; o += QF_LANES) {
            qf_lanes v;
            qf_lanes_load(&v, row + o);
            activate(activation, &v);
            qf_lanes_store(row + o, &v);
        }
        for (size_t o = outputs; o < outputs_width; o++) row[o] = 0;
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

static void weights_back(size_t inputs, size_t outputs, const double *from, const double *gradients,
                         size_t rows, double *gradient) {
    const size_t width = qf_pad(inputs), outputs_width = qf_pad(outputs);
    const product p = {rows, gradients, 1, outputs_width, from, width, gradient, width};
    memset(gradient, 0, qf_dense_size(inputs, outputs) * sizeof *gradient);
    multiply(&p, outputs, width);
    double *biases = gradient + outputs * width;
    for (size_t o = 0; o < outputs_width; o += QF_LANES) {
        qf_lanes sum = {0}, g;
        for (size_t r = 0; r < rows; r++) {
            qf_lanes_load(&g, gradients + r * outputs_width + o);
            sum += g;
        }
        qf_lanes_store(biases + o, &sum);
    }
}

static void inputs_back(size_t inputs, size_t outputs, const double *weights,
                        const double *gradients, size_t rows, double *input_gradients) {
    const size_t width = qf_pad(inputs);
    const product p = {outputs, gradients, qf_pad(outputs), 1,
                       weights, width,     input_gradients, width};
    memset(input_gradients, 0, rows * width * sizeof *input_gradients);
    multiply(&p, rows, width);
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
