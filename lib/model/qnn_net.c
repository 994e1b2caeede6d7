#include "model/qnn_net.h"

#include "base/memory.h"
#include "base/pad.h"
#include "model/sizes.h"
#include "quantum/builtin.h"
#include "quantum/qasm_read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const qf_twin_names[QF_TWINS + 1] = {"full",    "none",   "dense", "cosine",
                                                 "product", "frozen", "only",  NULL};

static const char *text_or_null(const qf_model *model, const char *name, const char *null_word) {
    const char *text = qf_record_text(&model->parameters, name);
    return strcmp(text, null_word) == 0 ? NULL : text;
}

/* A parameter's number, or 0 where it is the word. */
static size_t count_or_zero(const qf_model *model, const char *name) {
    const qf_field *field = qf_record_find(&model->parameters, name);
    return field && field->kind == QF_FIELD_INTEGER ? (size_t)field->integer : 0;
}

/* Gates of several wires go; what is left keeps its weights. */
static void remove_entanglers(qf_circuit *circuit) {
    size_t kept = 0;
    circuit->angle_count = 0;
    for (size_t i = 0; i < circuit->gate_count; i++) {
        const qf_gate_form *form = qf_gate_form_of(circuit->gates[i].kind);
        if (form->wires > 1) continue;
        circuit->gates[kept] = circuit->gates[i];
        circuit->gates[kept++].first_angle = circuit->angle_count;
        circuit->angle_count += form->angles;
    }
    circuit->gate_count = kept;
}

static qf_status read_program(const qf_model *model, const char *program, qf_circuit *circuit,
                              qf_error *error) {
    const qf_qasm_read_options options = {.measure = text_or_null(model, "measure", "auto")};
    if (qf_qasm_read(program, strlen(program), &options, circuit, error) == QF_OK) return QF_OK;
    return qf_error_context(error, "program");
}

static qf_status make_circuit(const qf_model *model, size_t inputs, qf_circuit *circuit,
                              qf_error *error) {
    const char *program = text_or_null(model, "program", "none");
    if (program) return read_program(model, program, circuit, error);
    const qf_recipe recipe = {.ansatz = text_or_null(model, "circuit", "none"),
                              .feature_map = text_or_null(model, "map", "rx"),
                              .measure = text_or_null(model, "measure", "auto"),
                              .wires = inputs,
                              .layers = count_or_zero(model, "circuit_layers"),
                              .uploads = count_or_zero(model, "uploads"),
                              .seed = model->seed};
    return qf_builtin_build(&recipe, circuit, error);
}

static qf_status build_circuit(const qf_model *model, size_t inputs, qf_qnn *qnn, qf_error *error) {
    QF_TRY(make_circuit(model, inputs, &qnn->circuit, error));
    if (qnn->circuit.inputs != inputs) {
        return qf_fail(error, QF_USAGE,
                       "the circuit takes %zu inputs, the layer before it gives %zu",
                       qnn->circuit.inputs, inputs);
    }
    if (qnn->twin == QF_TWIN_PRODUCT) remove_entanglers(&qnn->circuit);
    QF_TRY(qf_quantum_layer_new(&qnn->circuit, &qnn->options, &qnn->quantum, error));
    qnn->foreign = qf_quantum_layer_in_net(qnn->quantum);
    return QF_OK;
}

/* ---- Cosines ---- */

static qf_status cosine_forward(const void *context, qf_simd simd, const double *weights,
                                const double *inputs, size_t rows, double *outputs,
                                qf_error *error) {
    (void)simd;
    (void)weights;
    (void)error;
    const size_t count = *(const size_t *)context, width = qf_pad(count);
    for (size_t r = 0; r < rows; r++) {
        for (size_t i = 0; i < width; i++) {
            outputs[r * width + i] = i < count ? cos(inputs[r * width + i]) : 0;
        }
    }
    return QF_OK;
}

static qf_status cosine_backward(const void *context, qf_simd simd, const double *weights,
                                 const double *inputs, const double *output_gradients, size_t rows,
                                 double *gradient, double *input_gradients, qf_error *error) {
    (void)simd;
    (void)weights;
    (void)gradient;
    (void)error;
    const size_t width = qf_pad(*(const size_t *)context);
    for (size_t i = 0; input_gradients && i < rows * width; i++) {
        input_gradients[i] = -sin(inputs[i]) * output_gradients[i];
    }
    return QF_OK;
}

/* ---- Live weights ---- */

enum { TRIALS = 3 }; /* a gradient that is zero at one random place is zero everywhere */

/* Marks the circuit's weights whose gradient is not zero for one random row. */
static qf_status mark_live(const qf_qnn *qnn, const qf_foreign_layer *layer, uint64_t trial,
                           double *memory, bool *live, qf_error *error) {
    const qf_circuit *c = &qnn->circuit;
    double *weights = memory, *gradient = weights + qf_pad(c->weights);
    double *inputs = gradient + qf_pad(c->weights), *outputs = inputs + qf_pad(c->inputs);
    double *by_outputs = outputs + qf_pad(c->outputs);
    qf_random random = qf_random_stream(1, "live parameters", trial);
    for (size_t w = 0; w < c->weights; w++) weights[w] = 3 * qf_random_normal(&random);
    for (size_t i = 0; i < c->inputs; i++) inputs[i] = qf_random_normal(&random);
    for (size_t o = 0; o < c->outputs; o++) by_outputs[o] = qf_random_normal(&random);
    QF_TRY(layer->forward(layer->context, qnn->options.simd, weights, inputs, 1, outputs, error));
    QF_TRY(layer->backward(layer->context, qnn->options.simd, weights, inputs, by_outputs, 1,
                           gradient, NULL, error));
    for (size_t w = 0; w < c->weights; w++) live[w] |= fabs(gradient[w]) > 1e-7;
    return QF_OK;
}

/* The circuit's weights whose gradient is not zero at random weights and inputs. */
static qf_status count_live_weights(const qf_qnn *qnn, size_t *count, qf_error *error) {
    const qf_circuit *c = &qnn->circuit;
    const size_t size = 2 * qf_pad(c->weights) + qf_pad(c->inputs) + 2 * qf_pad(c->outputs);
    double *memory = qf_new_array(size, sizeof *memory, error);
    bool *live = qf_new_array(c->weights, sizeof *live, error);
    qf_quantum_layer *exact = NULL; /* shots would move every gradient from zero */
    qf_layer_options options = qnn->options;
    options.shots = 0;
    qf_status status = memory && live ? QF_OK : QF_MEMORY;
    if (status == QF_OK) status = qf_quantum_layer_new(c, &options, &exact, error);
    for (uint64_t trial = 0; status == QF_OK && trial < TRIALS; trial++) {
        const qf_foreign_layer layer = qf_quantum_layer_in_net(exact);
        status = mark_live(qnn, &layer, trial, memory, live, error);
    }
    qf_quantum_layer_free(exact);
    *count = 0;
    for (size_t w = 0; status == QF_OK && w < c->weights; w++) *count += live[w];
    free(memory);
    free(live);
    return status;
}

/* ---- The stack ---- */

/* Units of a tanh layer from `inputs`, with a linear one to `outputs`, that have `weights` numbers
 * together, as nearly as can be. */
static size_t dense_units(size_t inputs, size_t outputs, size_t weights) {
    const double units = ((double)weights - (double)outputs) / (double)(inputs + 1 + outputs);
    return units > 1 ? (size_t)lround(units) : 1;
}

bool qf_qnn_has_circuit(const qf_qnn *qnn) {
    return qnn->twin != QF_TWIN_NONE && qnn->twin != QF_TWIN_COSINE && qnn->twin != QF_TWIN_DENSE;
}

/* In what stands in a circuit's place noise and shots would change nothing. */
static qf_status check_noise(const qf_qnn *qnn, qf_error *error) {
    const bool none = qnn->options.shots == 0 && qf_noise_is_none(&qnn->options.noise);
    if (none || qf_qnn_has_circuit(qnn)) return QF_OK;
    return qf_fail(error, QF_USAGE, "noise and shots need a circuit, and the twin \"%s\" has none",
                   qf_twin_names[qnn->twin]);
}

static qf_status add_twin(const qf_model *model, size_t inputs, qf_qnn *qnn, qf_error *error) {
    qf_net *net = &qnn->net;
    qnn->place = net->count;
    QF_TRY(check_noise(qnn, error));
    if (qnn->twin == QF_TWIN_NONE) return QF_OK;
    if (qnn->twin == QF_TWIN_COSINE) {
        qnn->width = inputs;
        qnn->foreign = (qf_foreign_layer){.inputs = inputs,
                                          .outputs = inputs,
                                          .context = &qnn->width,
                                          .forward = cosine_forward,
                                          .backward = cosine_backward};
        return qf_net_add_foreign(net, &qnn->foreign, error);
    }
    QF_TRY(build_circuit(model, inputs, qnn, error));
    if (qnn->twin != QF_TWIN_DENSE) return qf_net_add_foreign(net, &qnn->foreign, error);
    const size_t outputs = qnn->circuit.outputs;
    size_t live;
    QF_TRY(count_live_weights(qnn, &live, error));
    QF_TRY(qf_net_add_dense(net, dense_units(inputs, outputs, live), QF_TANH, error));
    return qf_net_add_dense(net, outputs, QF_IDENTITY, error);
}

static qf_status build(const qf_model *model, qf_qnn *qnn, qf_error *error) {
    size_t sizes[QF_SIZES_MAX], count;
    if (!qf_sizes_parse(qf_record_text(&model->parameters, "layers"), sizes, &count)) {
        return qf_fail(error, QF_DATA, "no sizes of layers");
    }
    for (size_t i = 0; i < count; i++) {
        QF_TRY(qf_net_add_dense(&qnn->net, sizes[i], QF_RELU, error));
    }
    QF_TRY(add_twin(model, sizes[count - 1], qnn, error));
    QF_TRY(qf_net_add_dense(&qnn->net, 2, QF_IDENTITY, error));
    for (size_t i = 0; i < qnn->net.count; i++) {
        qf_layer *layer = &qnn->net.layers[i];
        layer->frozen = layer->foreign ? qnn->twin == QF_TWIN_FROZEN : qnn->twin == QF_TWIN_ONLY;
    }
    return qf_net_new_weights(&qnn->net, error);
}

/* Noise and shots as the parameters say, with this seed. */
static qf_status set_noise(const qf_model *model, uint64_t seed, qf_layer_options *options,
                           qf_error *error) {
    const qf_record *p = &model->parameters;
    if (qf_noise_parse(qf_record_text(p, "noise"), &options->noise, error) != QF_OK) {
        return qf_error_context(error, "noise");
    }
    options->noise.at_end = strcmp(qf_record_text(p, "noise_at"), "end") == 0;
    options->shots = (size_t)qf_record_number(p, "shots");
    options->seed = seed;
    return QF_OK;
}

qf_status qf_qnn_build(const qf_model *model, qf_simd simd, qf_qnn *qnn, qf_error *error) {
    *qnn = (qf_qnn){.net = qf_net_empty(model->columns)};
    const char *twin = qf_record_text(&model->parameters, "quantum");
    while (strcmp(twin, qf_twin_names[qnn->twin]) != 0) qnn->twin++;
    const char *engine = qf_record_text(&model->parameters, "engine");
    while (strcmp(engine, qf_engine_names[qnn->options.engine]) != 0) qnn->options.engine++;
    qnn->options.precision = strcmp(qf_record_text(&model->parameters, "precision"), "single") == 0
                                 ? QF_SINGLE
                                 : QF_DOUBLE;
    qnn->options.simd = simd;
    qf_status status = set_noise(model, model->seed, &qnn->options, error);
    if (status == QF_OK) status = build(model, qnn, error);
    if (status != QF_OK) qf_qnn_free(qnn);
    return status;
}

void qf_qnn_free(qf_qnn *qnn) {
    qf_net_free(&qnn->net);
    if (qnn->quantum) qf_quantum_layer_free(qnn->quantum);
    qf_circuit_free(&qnn->circuit);
    *qnn = (qf_qnn){0};
}

qf_status qf_qnn_disturb(qf_model *model, uint64_t seed, qf_error *error) {
    qf_qnn *qnn = model->state;
    qf_layer_options options = qnn->options;
    qf_quantum_layer *disturbed;
    QF_TRY(set_noise(model, seed, &options, error));
    QF_TRY(qf_quantum_layer_new(&qnn->circuit, &options, &disturbed, error));
    qf_quantum_layer_free(qnn->quantum);
    qnn->options = options;
    qnn->quantum = disturbed;
    qnn->foreign = qf_quantum_layer_in_net(disturbed);
    return QF_OK;
}

bool qf_qnn_is_random(const qf_qnn *qnn) {
    if (!qf_qnn_has_circuit(qnn)) return false;
    return qnn->options.shots > 0 ||
           qf_quantum_layer_engine(qnn->quantum) == QF_ENGINE_TRAJECTORIES;
}

void qf_qnn_draw(qf_qnn *qnn, uint64_t seed) {
    const double turn = 6.28318530717958647692;
    qf_net *net = &qnn->net;
    for (size_t i = 0; i < net->count; i++) {
        /* The last layer has a substream of its own, whatever stands before it. */
        const bool last = i + 1 == net->count;
        const bool twin = i >= qnn->place && !last;
        qf_random random = qf_random_stream(seed, twin ? "initial twin" : "initial weights",
                                            last ? UINT64_MAX : i);
        if (!net->layers[i].foreign) {
            qf_net_glorot(net, i, false, &random);
            continue;
        }
        double *weights = net->weights + net->layers[i].offset;
        for (size_t w = 0; w < qnn->foreign.weights; w++) {
            weights[w] = turn * qf_random_uniform(&random);
        }
    }
}

qf_status qf_qnn_share(const qf_qnn *qnn, qf_qnn *copy, qf_error *error) {
    *copy = *qnn;
    copy->quantum = NULL;
    copy->net.layers =
        qf_copy_array(qnn->net.layers, qnn->net.count, sizeof *qnn->net.layers, error);
    if (!copy->net.layers) return QF_MEMORY;
    if (!qnn->quantum || qnn->twin == QF_TWIN_DENSE) return QF_OK;
    const qf_status status =
        qf_quantum_layer_new(&qnn->circuit, &qnn->options, &copy->quantum, error);
    if (status != QF_OK) {
        free(copy->net.layers);
        return status;
    }
    copy->foreign = qf_quantum_layer_in_net(copy->quantum);
    copy->net.layers[qnn->place].foreign = &copy->foreign;
    return QF_OK;
}

void qf_qnn_unshare(qf_qnn *copy) {
    free(copy->net.layers);
    if (copy->quantum) qf_quantum_layer_free(copy->quantum);
}

/* ---- The circuit by itself ---- */

qf_status qf_qnn_circuit(const qf_model *model, qf_circuit **circuit, const double **weights,
                         qf_error *error) {
    if (strcmp(model->kind->name, "qnn") != 0) {
        return qf_fail(error, QF_DATA, "a model of kind %s has no circuit", model->kind->name);
    }
    qf_qnn *qnn = model->state;
    if (!qnn->quantum || qnn->twin == QF_TWIN_DENSE) {
        return qf_fail(error, QF_DATA, "the twin \"%s\" has no circuit", qf_twin_names[qnn->twin]);
    }
    *circuit = &qnn->circuit;
    *weights = qnn->net.weights + qnn->net.layers[qnn->place].offset;
    return QF_OK;
}

qf_status qf_qnn_circuit_inputs(const qf_model *model, qf_simd simd, const double *rows,
                                size_t count, double *inputs, qf_error *error) {
    const qf_qnn *qnn = model->state;
    const size_t columns = model->columns, last = qnn->place - 1;
    qf_net before = qnn->net; /* the layers before the circuit */
    before.count = qnn->place;
    const size_t units = before.layers[last].outputs;
    qf_net_pass pass;
    QF_TRY(qf_net_pass_init(&pass, &before, count, false, error));
    for (size_t r = 0; r < count; r++) {
        memcpy(pass.inputs + r * qf_pad(columns), rows + r * columns, columns * sizeof *rows);
    }
    const qf_status status = qf_net_forward(&before, simd, count, &pass, error);
    for (size_t r = 0; status == QF_OK && r < count; r++) {
        memcpy(inputs + r * units, pass.outputs[last] + r * qf_pad(units), units * sizeof *inputs);
    }
    qf_net_pass_free(&pass, &before);
    return status;
}

qf_status qf_qnn_live_parameters(qf_qnn *qnn, size_t *count, qf_error *error) {
    *count = 0;
    for (size_t i = 0; i < qnn->net.count; i++) {
        const qf_layer *l = &qnn->net.layers[i];
        size_t live = 0;
        if (l->frozen) continue;
        if (!l->foreign) *count += (l->inputs + 1) * l->outputs;
        if (l->foreign && l->foreign->weights > 0) QF_TRY(count_live_weights(qnn, &live, error));
        *count += live;
    }
    return QF_OK;
}
