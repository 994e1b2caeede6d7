#include "quantum/layer.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/pad.h"
#include "base/random.h"
#include "quantum/density.h"
#include "quantum/feature.h"
#include "quantum/shots.h"
#include "quantum/statevector.h"
#include "quantum/trajectories.h"

#include <stdlib.h>

const char *const qf_engine_names[] = {"auto",    "feature",      "statevector",
                                       "density", "trajectories", NULL};

/* One of the engines is there. */
struct qf_quantum_layer {
    const qf_circuit *circuit;
    qf_noise noise;
    qf_feature *feature;
    qf_statevector *statevector;
    qf_density *density;
    qf_trajectories *trajectories;
    qf_shots *shots;
    const uint64_t *keys; /* of the next rows, or NULL */
    uint64_t *row_keys;   /* of the batch at hand */
    size_t row_capacity;
};

/* Shots, and noise of many wires. */
static bool needs_trajectories(const qf_quantum_layer *layer, const qf_layer_options *options) {
    const bool few = layer->circuit->wires <= QF_AUTO_DENSITY_WIRES;
    const bool random = options->shots > 0 || !qf_noise_is_none(&layer->noise);
    if (options->engine == QF_ENGINE_AUTO) return random && !few;
    return options->engine == QF_ENGINE_TRAJECTORIES;
}

static qf_status choose(qf_quantum_layer *layer, const qf_layer_options *options, qf_error *error) {
    const qf_circuit *circuit = layer->circuit;
    const bool small = circuit->wires <= QF_AUTO_WIRES, any = options->engine == QF_ENGINE_AUTO;
    const qf_noise *noise = qf_noise_is_none(&layer->noise) ? NULL : &layer->noise;
    if (needs_trajectories(layer, options)) {
        return qf_trajectories_new(circuit, &layer->noise, options->shots, options->seed,
                                   options->memory_limit, &layer->trajectories, error);
    }
    if (options->shots > 0) return qf_shots_new(circuit, options, &layer->shots, error);
    if (options->engine == QF_ENGINE_FEATURE || (any && small)) {
        const qf_status status = qf_feature_new(circuit, noise, options->precision, options->simd,
                                                &layer->feature, error);
        if (!any || status != QF_MISMATCH) return status;
    }
    if (options->engine == QF_ENGINE_DENSITY || (any && noise)) {
        return qf_density_new(circuit, &layer->noise, options->simd, options->memory_limit,
                              &layer->density, error);
    }
    if (noise) {
        return qf_fail(error, QF_MISMATCH,
                       "the engine statevector knows no noise: density and trajectories do");
    }
    return qf_statevector_new(circuit, options->precision, options->simd, options->memory_limit,
                              &layer->statevector, error);
}

qf_status qf_quantum_layer_new(const qf_circuit *circuit, const qf_layer_options *options,
                               qf_quantum_layer **layer, qf_error *error) {
    *layer = qf_new_array(1, sizeof **layer, error);
    if (!*layer) return QF_MEMORY;
    (*layer)->circuit = circuit;
    (*layer)->noise = options->noise;
    qf_status status = qf_noise_check(&options->noise, circuit->wires, error);
    if (status == QF_OK) status = choose(*layer, options, error);
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
    qf_density_free(layer->density);
    qf_trajectories_free(layer->trajectories);
    qf_shots_free(layer->shots);
    free(layer->row_keys);
    free(layer);
}

qf_engine qf_quantum_layer_engine(const qf_quantum_layer *layer) {
    if (layer->shots) return qf_shots_engine(layer->shots);
    if (layer->trajectories) return QF_ENGINE_TRAJECTORIES;
    if (layer->density) return QF_ENGINE_DENSITY;
    return layer->feature ? QF_ENGINE_FEATURE : QF_ENGINE_STATEVECTOR;
}

void qf_quantum_layer_keys(qf_quantum_layer *layer, const uint64_t *keys) {
    layer->keys = keys;
}

static uint64_t hash_of(uint64_t hash, const double *values, size_t count) {
    for (size_t i = 0; i < count; i++) hash = qf_random_mix(hash, qf_order_key(values[i]));
    return hash;
}

/* Keys of the batch's rows. */
static qf_status take_keys(qf_quantum_layer *layer, const double *weights, const double *inputs,
                           size_t batch, qf_error *error) {
    const qf_circuit *c = layer->circuit;
    const uint64_t step = hash_of(0, weights, c->weights);
    QF_TRY(qf_grow_array(&layer->row_keys, &layer->row_capacity, batch, sizeof *layer->row_keys,
                         error));
    for (size_t r = 0; r < batch; r++) {
        const double *row = inputs + r * qf_pad(c->inputs);
        layer->row_keys[r] =
            layer->keys ? *layer->keys++ : hash_of(qf_random_mix(step, r), row, c->inputs);
    }
    return QF_OK;
}

/* ---- Batches ---- */

qf_status qf_quantum_layer_forward(qf_quantum_layer *layer, const double *weights,
                                   const double *inputs, size_t batch, double *outputs,
                                   const qf_run *run, qf_error *error) {
    if (layer->feature) {
        return qf_feature_forward(layer->feature, weights, inputs, batch, outputs, run, error);
    }
    if (layer->statevector) {
        return qf_statevector_forward(layer->statevector, weights, inputs, batch, outputs, run,
                                      error);
    }
    if (layer->density) {
        return qf_density_forward(layer->density, weights, inputs, batch, outputs, run, error);
    }
    QF_TRY(take_keys(layer, weights, inputs, batch, error));
    if (layer->shots) {
        return qf_shots_forward(layer->shots, weights, inputs, batch, layer->row_keys, outputs, run,
                                error);
    }
    return qf_trajectories_forward(layer->trajectories, weights, inputs, batch, layer->row_keys,
                                   outputs, run, error);
}

qf_status qf_quantum_layer_backward(qf_quantum_layer *layer, const double *weights,
                                    const double *inputs, size_t batch,
                                    const double *output_gradients, double *input_gradients,
                                    double *weight_gradients, const qf_run *run, qf_error *error) {
    if (layer->feature) {
        return qf_feature_backward(layer->feature, batch, output_gradients, input_gradients,
                                   weight_gradients, run, error);
    }
    if (layer->statevector) {
        return qf_statevector_backward(layer->statevector, weights, inputs, batch, output_gradients,
                                       input_gradients, weight_gradients, run, error);
    }
    if (layer->density) {
        return qf_density_backward(layer->density, weights, inputs, batch, output_gradients,
                                   input_gradients, weight_gradients, run, error);
    }
    if (layer->shots) {
        return qf_shots_backward(layer->shots, weights, inputs, batch, layer->row_keys,
                                 output_gradients, input_gradients, weight_gradients, run, error);
    }
    return qf_fail(error, QF_MISMATCH,
                   "trajectories give no gradients: with noise or shots, circuits of at most %d "
                   "wires can be trained",
                   QF_AUTO_DENSITY_WIRES);
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
