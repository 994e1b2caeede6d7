/* Dense layers on mini-batches: what the nets spend their time in.
 *
 * Matrices are row after row, each padded with zeros to whole vectors (qf_pad): a batch of inputs
 * [rows][qf_pad(inputs)], weights [outputs][qf_pad(inputs)] followed by [qf_pad(outputs)] biases.
 * What is padding stays zero. Sums over inputs are taken in eight lanes on the AVX levels, other
 * sums in the order of their terms, with fused operations: these levels give equal bytes, the
 * portable one differs by rounding. A row's outputs depend on that row alone. NaN goes through
 * every function, so that a net that has diverged can be told. Matrices that begin at cache lines
 * (qf_new_lines) are read fastest. */
#ifndef QF_LEARN_DENSE_H
#define QF_LEARN_DENSE_H

#include "base/run.h"

#include <stddef.h>

typedef enum qf_activation {
    QF_IDENTITY,
    QF_RELU,
    QF_TANH,
    QF_LOGISTIC,
    QF_ACTIVATIONS
} qf_activation;
/* "identity", "relu", "tanh", "logistic"; NULL-terminated. */
extern const char *const qf_activation_names[QF_ACTIVATIONS + 1];

/* Numbers that the weights and biases take, padding included. */
size_t qf_dense_size(size_t inputs, size_t outputs);

/* The functions of a level. */
typedef struct qf_dense {
    /* outputs = activation(biases + weights . inputs) for each row. */
    void (*forward)(size_t inputs, size_t outputs, qf_activation activation, const double *weights,
                    const double *from, size_t rows, double *to);
    /* Turns gradients by the outputs into gradients before the activation, in place. */
    void (*activation_back)(size_t outputs, qf_activation activation,
                            const double *outputs_of_layer, size_t rows, double *gradients);
    /* Sets gradient[qf_dense_size] of the weights and biases from the gradients before the
     * activation. */
    void (*weights_back)(size_t inputs, size_t outputs, const double *from, const double *gradients,
                         size_t rows, double *gradient);
    /* Sets gradients by the inputs. */
    void (*inputs_back)(size_t inputs, size_t outputs, const double *weights,
                        const double *gradients, size_t rows, double *input_gradients);
    /* values[count] = 1 / (1 + exp(-values)), count of whole vectors. */
    void (*logistic)(double *values, size_t count);
    /* The sum of the squares of count values, of whole vectors. */
    double (*squares)(const double *values, size_t count);
    /* One step of Adam (Kingma and Ba 2015, algorithm 1, in the form at the end of its section 2)
     * for count weights, of whole vectors: rate is that of the step, corrected for its bias. */
    void (*adam)(size_t count, double rate, double epsilon, const double *gradient, double *mean,
                 double *square, double *weights);
} qf_dense;

const qf_dense *qf_dense_for(qf_simd simd);

#endif
