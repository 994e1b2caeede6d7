#include "learn/net.h"

#include "base/memory.h"
#include "base/pad.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

qf_net qf_net_empty(size_t inputs) {
    return (qf_net){.inputs = inputs};
}

void qf_net_free(qf_net *net) {
    free(net->layers);
    free(net->weights);
    *net = (qf_net){0};
}

static size_t last_outputs(const qf_net *net) {
    return net->count > 0 ? net->layers[net->count - 1].outputs : net->inputs;
}

static qf_status add_layer(qf_net *net, qf_layer layer, qf_error *error) {
    QF_TRY(qf_grow_array(&net->layers, &net->capacity, net->count + 1, sizeof *net->layers, error));
    layer.offset = net->size;
    net->size += layer.size;
    net->layers[net->count++] = layer;
    return QF_OK;
}

qf_status qf_net_add_dense(qf_net *net, size_t outputs, qf_activation activation, qf_error *error) {
    const size_t inputs = last_outputs(net);
    return add_layer(net,
                     (qf_layer){.inputs = inputs,
                                .outputs = outputs,
                                .activation = activation,
                                .size = qf_dense_size(inputs, outputs)},
                     error);
}

qf_status qf_net_add_foreign(qf_net *net, const qf_foreign_layer *layer, qf_error *error) {
    if (layer->inputs != last_outputs(net)) {
        return qf_fail(error, QF_INTERNAL, "a layer of %zu inputs behind %zu outputs",
                       layer->inputs, last_outputs(net));
    }
    return add_layer(net,
                     (qf_layer){.inputs = layer->inputs,
                                .outputs = layer->outputs,
                                .foreign = layer,
                                .size = qf_pad(layer->weights)},
                     error);
}

qf_status qf_net_new_weights(qf_net *net, qf_error *error) {
    net->weights = qf_new_lines(net->size * sizeof *net->weights, error);
    return net->weights ? QF_OK : QF_MEMORY;
}

void qf_net_glorot(const qf_net *net, size_t layer, bool biases, qf_random *random) {
    const qf_layer *l = &net->layers[layer];
    const bool logistic = l->activation == QF_LOGISTIC ||
                          (layer > 0 && net->layers[layer - 1].activation == QF_LOGISTIC);
    const double factor = logistic ? 2 : 6;
    const double bound = sqrt(factor / (double)(l->inputs + l->outputs));
    double *weights = net->weights + l->offset;
    const size_t width = qf_pad(l->inputs);
    for (size_t o = 0; o < l->outputs; o++) {
        for (size_t i = 0; i < l->inputs; i++) {
            weights[o * width + i] = bound * (2 * qf_random_uniform(random) - 1);
        }
    }
    for (size_t o = 0; biases && o < l->outputs; o++) {
        weights[l->outputs * width + o] = bound * (2 * qf_random_uniform(random) - 1);
    }
}

/* ---- The weights as arrays ---- */

/* A layer's array, `stride` numbers from a row to the next. */
static qf_status add_view(qf_trainables *list, const qf_net *net, size_t layer, const char *kind,
                          qf_trainable view, qf_error *error) {
    snprintf(view.name, sizeof view.name, "%s_%zu", kind, layer);
    view.frozen = net->layers[layer].frozen;
    return qf_trainables_add(list, &view, error);
}

qf_status qf_net_trainable(const qf_net *net, qf_trainables *list, qf_error *error) {
    for (size_t i = 0; i < net->count; i++) {
        const qf_layer *l = &net->layers[i];
        const size_t width = qf_pad(l->inputs);
        double *own = net->weights + l->offset;
        qf_trainable weights = {.rows = l->outputs, .columns = l->inputs, .stride = width};
        qf_trainable biases = {.rows = l->outputs, .columns = 1, .stride = 1};
        if (l->foreign)
            weights = (qf_trainable){.rows = l->foreign->weights, .columns = 1, .stride = 1};
        weights.values = own;
        biases.values = own + l->outputs * width;
        QF_TRY(add_view(list, net, i, "weights", weights, error));
        if (!l->foreign) QF_TRY(add_view(list, net, i, "biases", biases, error));
    }
    return QF_OK;
}

/* ---- Passes ---- */

static qf_status new_batches(const qf_net *net, size_t rows, double ***batches, qf_error *error) {
    *batches = qf_new_array(net->count, sizeof **batches, error);
    if (!*batches) return QF_MEMORY;
    for (size_t i = 0; i < net->count; i++) {
        (*batches)[i] = qf_new_lines(rows * qf_pad(net->layers[i].outputs) * sizeof(double), error);
        if (!(*batches)[i]) return QF_MEMORY;
    }
    return QF_OK;
}

qf_status qf_net_pass_init(qf_net_pass *pass, const qf_net *net, size_t rows, bool backward,
                           qf_error *error) {
    *pass = (qf_net_pass){.rows = rows};
    pass->inputs = qf_new_lines(rows * qf_pad(net->inputs) * sizeof *pass->inputs, error);
    if (!pass->inputs) return QF_MEMORY;
    qf_status status = new_batches(net, rows, &pass->outputs, error);
    if (status == QF_OK && backward) status = new_batches(net, rows, &pass->gradients, error);
    if (status != QF_OK) qf_net_pass_free(pass, net);
    return status;
}

void qf_net_pass_free(qf_net_pass *pass, const qf_net *net) {
    for (size_t i = 0; i < net->count; i++) {
        if (pass->outputs) free(pass->outputs[i]);
        if (pass->gradients) free(pass->gradients[i]);
    }
    free(pass->outputs);
    free(pass->gradients);
    free(pass->inputs);
    *pass = (qf_net_pass){0};
}

qf_status qf_net_forward(const qf_net *net, qf_simd simd, size_t rows, qf_net_pass *pass,
                         qf_error *error) {
    const qf_dense *dense = qf_dense_for(simd);
    const double *from = pass->inputs;
    for (size_t i = 0; i < net->count; i++) {
        const qf_layer *l = &net->layers[i];
        const double *weights = net->weights + l->offset;
        if (l->foreign) {
            QF_TRY(l->foreign->forward(l->foreign->context, simd, weights, from, rows,
                                       pass->outputs[i], error));
        } else {
            dense->forward(l->inputs, l->outputs, l->activation, weights, from, rows,
                           pass->outputs[i]);
        }
        from = pass->outputs[i];
    }
    return QF_OK;
}

qf_status qf_net_backward(const qf_net *net, qf_simd simd, size_t rows, qf_net_pass *pass,
                          double *gradient, qf_error *error) {
    const qf_dense *dense = qf_dense_for(simd);
    for (size_t i = net->count; i-- > 0;) {
        const qf_layer *l = &net->layers[i];
        const double *weights = net->weights + l->offset;
        const double *from = i > 0 ? pass->outputs[i - 1] : pass->inputs;
        double *by_inputs = i > 0 ? pass->gradients[i - 1] : NULL, *own = gradient + l->offset;
        if (l->foreign) {
            QF_TRY(l->foreign->backward(l->foreign->context, simd, weights, from,
                                        pass->gradients[i], rows, own, by_inputs, error));
        } else {
            dense->activation_back(l->outputs, l->activation, pass->outputs[i], rows,
                                   pass->gradients[i]);
            dense->weights_back(l->inputs, l->outputs, from, pass->gradients[i], rows, own);
            if (by_inputs) {
                dense->inputs_back(l->inputs, l->outputs, weights, pass->gradients[i], rows,
                                   by_inputs);
            }
        }
        if (l->frozen) memset(own, 0, l->size * sizeof *own);
    }
    return QF_OK;
}

void qf_net_probabilities(const qf_net *net, qf_simd simd, size_t rows, const qf_net_pass *pass,
                          double *probabilities) {
    const qf_layer *last = &net->layers[net->count - 1];
    const double *logits = pass->outputs[net->count - 1];
    const size_t width = qf_pad(last->outputs);
    double chunk[64];
    for (size_t first = 0; first < rows; first += 64) {
        const size_t count = rows - first < 64 ? rows - first : 64;
        memset(chunk, 0, sizeof chunk);
        for (size_t r = 0; r < count; r++) {
            const double *row = logits + (first + r) * width;
            chunk[r] = last->outputs == 1 ? row[0] : row[1] - row[0];
        }
        qf_dense_for(simd)->logistic(chunk, qf_pad(count));
        memcpy(probabilities + first, chunk, count * sizeof *chunk);
    }
}

qf_status qf_net_predict(const qf_net *net, qf_simd simd, const double *rows, size_t count,
                         double *probabilities, qf_error *error) {
    enum { CHUNK = 64 };
    qf_net_pass pass;
    QF_TRY(qf_net_pass_init(&pass, net, CHUNK, false, error));
    const size_t width = qf_pad(net->inputs);
    qf_status status = QF_OK;
    for (size_t first = 0; status == QF_OK && first < count; first += CHUNK) {
        const size_t taken = count - first < CHUNK ? count - first : CHUNK;
        for (size_t r = 0; r < taken; r++) {
            memcpy(pass.inputs + r * width, rows + (first + r) * net->inputs,
                   net->inputs * sizeof *rows);
        }
        status = qf_net_forward(net, simd, taken, &pass, error);
        if (status != QF_OK) break;
        qf_net_probabilities(net, simd, taken, &pass, probabilities + first);
        for (size_t r = first; status == QF_OK && r < first + taken; r++) {
            if (!isnan(probabilities[r])) continue;
            status = qf_fail(error, QF_DATA, "a row is too large for the weights of this net");
        }
    }
    qf_net_pass_free(&pass, net);
    return status;
}
