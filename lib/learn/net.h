/* Nets: stacks of layers that are trained by mini-batches. Dense layers are here; another module
 * may put layers of its own between them (a quantum circuit). */
#ifndef QF_LEARN_NET_H
#define QF_LEARN_NET_H

#include "base/random.h"
#include "learn/dense.h"
#include "learn/trainable.h"

#include <stdbool.h>

/* What a layer that is not dense does. Batches are [rows][qf_pad(inputs or outputs)] doubles,
 * padding zero. Called by one thread at a time for one net. */
typedef struct qf_foreign_layer {
    size_t inputs, outputs;
    size_t weights; /* numbers */
    const void *context;
    /* Sets outputs of the rows. */
    qf_status (*forward)(const void *context, qf_simd simd, const double *weights,
                         const double *inputs, size_t rows, double *outputs, qf_error *error);
    /* Sets the weights' gradient (summed over the rows) and, unless NULL, the gradients by the
     * inputs, from the gradients by the outputs. */
    qf_status (*backward)(const void *context, qf_simd simd, const double *weights,
                          const double *inputs, const double *output_gradients, size_t rows,
                          double *gradient, double *input_gradients, qf_error *error);
} qf_foreign_layer;

typedef struct qf_layer {
    size_t inputs, outputs;
    qf_activation activation;        /* of a dense layer */
    const qf_foreign_layer *foreign; /* NULL for a dense layer; the caller's */
    size_t offset, size;             /* of its weights among the net's, padding included */
    bool frozen;                     /* training leaves its weights as they are */
} qf_layer;

/* The last layer gives logits: one (of fraud) or two (of legitimate and fraud). */
typedef struct qf_net {
    qf_layer *layers; /* [count] */
    size_t count, capacity;
    size_t inputs;   /* of the first layer */
    size_t size;     /* of all weights */
    double *weights; /* [size], of qf_net_new_weights */
} qf_net;

/* An empty net of `inputs`; layers are added from the first to the last, each taking what the one
 * before gives. Free with qf_net_free. */
qf_net qf_net_empty(size_t inputs);
void qf_net_free(qf_net *net);
qf_status qf_net_add_dense(qf_net *net, size_t outputs, qf_activation activation, qf_error *error);
/* QF_INTERNAL unless it takes as many inputs as there are. */
qf_status qf_net_add_foreign(qf_net *net, const qf_foreign_layer *layer, qf_error *error);
/* Weights of zeros, once all layers are there. */
qf_status qf_net_new_weights(qf_net *net, qf_error *error);

/* How a dense layer begins: uniform in +-bound (Glorot and Bengio 2010), sqrt(6 / (inputs +
 * outputs)), or sqrt(2 / ...) where it takes or gives logistic outputs, as scikit-learn has it; its
 * biases likewise or zero. Draws weight after weight, input after input of each output's. */
void qf_net_glorot(const qf_net *net, size_t layer, bool biases, qf_random *random);

/* Appends every layer's weights as views, "weights_0" ([outputs][inputs]), "biases_0" ([outputs])
 * ..., a foreign layer's as "weights_1" alone. */
qf_status qf_net_trainable(const qf_net *net, qf_trainables *list, qf_error *error);

/* The memory of passing batches of up to `rows` rows; free with qf_net_pass_free. */
typedef struct qf_net_pass {
    size_t rows;
    double *inputs;     /* [rows][qf_pad(net->inputs)] */
    double **outputs;   /* [layers][rows][qf_pad(outputs)] */
    double **gradients; /* the same, by the outputs; NULL where only forward passes are made */
} qf_net_pass;
qf_status qf_net_pass_init(qf_net_pass *pass, const qf_net *net, size_t rows, bool backward,
                           qf_error *error);
void qf_net_pass_free(qf_net_pass *pass, const qf_net *net);

/* From pass->inputs to pass->outputs[last]. */
qf_status qf_net_forward(const qf_net *net, qf_simd simd, size_t rows, qf_net_pass *pass,
                         qf_error *error);
/* From pass->gradients[last] to gradient[net->size] of all weights; of frozen layers it is 0. */
qf_status qf_net_backward(const qf_net *net, qf_simd simd, size_t rows, qf_net_pass *pass,
                          double *gradient, qf_error *error);

/* Fraud probabilities of rows[count][net->inputs], not padded. QF_DATA where sums overflow. */
qf_status qf_net_predict(const qf_net *net, qf_simd simd, const double *rows, size_t count,
                         double *probabilities, qf_error *error);

/* Probabilities of fraud from the last layer's outputs of a pass. */
void qf_net_probabilities(const qf_net *net, qf_simd simd, size_t rows, const qf_net_pass *pass,
                          double *probabilities);

#endif
