#include "quantum/layer.h"

#include "base/memory.h"
#include "quantum/feature.h"
#include "quantum/statevector.h"

#include <stdlib.h>

const char *const qf_engine_names[] = {"auto", "feature", "statevector", NULL};

/* One of both engines is there. */
struct qf_quantum_layer {
    const qf_circuit *circuit;
    qf_feature *feature;
    qf_statevector *statevector;
};

static qf_status choose(qf_quantum_layer *layer, const qf_layer_options *options, qf_error *error) {
    const qf_circuit *circuit = layer->circuit;
    const bool small = circuit->wires <= QF_AUTO_WIRES;
    if (options->engine == QF_ENGINE_FEATURE || (options->engine == QF_ENGINE_AUTO && small)) {
        const qf_status status =
            qf_feature_new(circuit, options->precision, options->simd, &layer->feature, error);
        if (options->engine == QF_ENGINE_FEATURE || status != QF_MISMATCH) return status;
    }
    return qf_statevector_new(circuit, options->precision, options->simd, options->memory_limit,
                              &layer->statevector, error);
}

qf_status qf_quantum_layer_new(const qf_circuit *circuit, const qf_layer_options *options,
                               qf_quantum_layer **layer, qf_error *error) {
    *layer = qf_new_array(1, sizeof **layer, error);
    if (!*layer) return QF_MEMORY;
    (*layer)->circuit = circuit;
    const qf_status status = choose(*layer, options, error);
    if (status != QF_OK) {
        qf_quantum_layer_free(*layer);
        *layer = NULL;
    }
    return status;
}

void qf_quantum_layer_free(qf_quantum_layer *layer) {
    if (!layer) return;
    qf_feature_free(layer->feature);
    qf_statevector_free(layer->statevector);
    free(layer);
}

qf_engine qf_quantum_layer_engine(const qf_quantum_layer *layer) {
    return layer->feature ? QF_ENGINE_FEATURE : QF_ENGINE_STATEVECTOR;
}

qf_status qf_quantum_layer_forward(qf_quantum_layer *layer, const double *weights,
                                   const double *inputs, size_t batch, double *outputs,
                                   const qf_run *run, qf_error *error) {
    if (layer->feature) {
        return qf_feature_forward(layer->feature, weights, inputs, batch, outputs, run, error);
    }
    return qf_statevector_forward(layer->statevector, weights, inputs, batch, outputs, run, error);
}

qf_status qf_quantum_layer_backward(qf_quantum_layer *layer, const double *weights,
                                    const double *inputs, size_t batch,
                                    const double *output_gradients, double *input_gradients,
                                    double *weight_gradients, const qf_run *run, qf_error *error) {
    if (layer->feature) {
        return qf_feature_backward(layer->feature, batch, output_gradients, input_gradients,
                                   weight_gradients, run, error);
    }
    return qf_statevector_backward(layer->statevector, weights, inputs, batch, output_gradients,
                                   input_gradients, weight_gradients, run, error);
}

/* ---- In a net, whose context is the layer, which the net does not know to change ---- */

static qf_status net_forward(const void *context, qf_simd simd, const double *weights,
                             const double *inputs, size_t rows, double *outputs, qf_error *error) {
    const qf_run run = {.threads = 1, .simd = simd};
    return qf_quantum_layer_forward((qf_quantum_layer *)context, weights, inputs, rows, outputs,
                                    &run, error);
}

static qf_status net_backward(const void *context, qf_simd simd, const double *weights,
                              const double *inputs, const double *output_gradients, size_t rows,
                              double *gradient, double *input_gradients, qf_error *error) {
    const qf_run run = {.threads = 1, .simd = simd};
    return qf_quantum_layer_backward((qf_quantum_layer *)context, weights, inputs, rows,
                                     output_gradients, input_gradients, gradient, &run, error);
}

qf_foreign_layer qf_quantum_layer_in_net(qf_quantum_layer *layer) {
    return (qf_foreign_layer){.inputs = layer->circuit->inputs,
                              .outputs = layer->circuit->outputs,
                              .weights = layer->circuit->weights,
                              .context = layer,
                              .forward = net_forward,
                              .backward = net_backward};
}
