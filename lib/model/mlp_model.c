/* A multi-layer perceptron. */
#include "base/memory.h"
#include "base/number.h"
#include "model/net_parameters.h"
#include "model/sizes.h"

#include <stdlib.h>
#include <string.h>

static const qf_parameter parameters[] = {
    {.name = "layers",
     .kind = QF_PARAMETER_SIZES,
     .initial = "10-10",
     .minimum = 1,
     .maximum = 4096,
     .help = "units of the hidden layers, from the first to the last",
     .structural = true},
    {.name = "activation",
     .kind = QF_PARAMETER_WORD,
     .initial = "tanh",
     .words = qf_activation_names,
     .help = "of the hidden layers",
     .structural = true},
    QF_NET_PARAMETERS("100", "200", "0.001"),
    {.name = "l2",
     .kind = QF_PARAMETER_REAL,
     .initial = "0.0001",
     .minimum = 0,
     .maximum = 1e6,
     .help = "the penalty on squared weights, scikit-learn's alpha"},
};

/* A net of the parameters' shape, weights zero. */
static qf_status build(const qf_model *model, qf_net *net, qf_error *error) {
    size_t sizes[QF_SIZES_MAX], count;
    const char *word = qf_record_text(&model->parameters, "activation");
    qf_activation activation = QF_IDENTITY;
    while (strcmp(word, qf_activation_names[activation]) != 0) activation++;
    if (!qf_sizes_parse(qf_record_text(&model->parameters, "layers"), sizes, &count)) {
        return qf_fail(error, QF_DATA, "no sizes of layers");
    }
    *net = qf_net_empty(model->columns);
    for (size_t i = 0; i < count; i++) {
        QF_TRY(qf_net_add_dense(net, sizes[i], activation, error));
    }
    QF_TRY(qf_net_add_dense(net, 1, QF_IDENTITY, error));
    return qf_net_new_weights(net, error);
}

static void free_net(void *state) {
    qf_net_free(state);
    free(state);
}

static qf_status new_net(qf_model *model, qf_error *error) {
    model->state = qf_new_array(1, sizeof(qf_net), error);
    return model->state ? build(model, model->state, error) : QF_MEMORY;
}

/* Weights and biases begin as scikit-learn's do. */
static qf_status begin(qf_model *model, const qf_run *run, qf_error *error) {
    (void)run;
    QF_TRY(new_net(model, error));
    const qf_net *net = model->state;
    for (size_t i = 0; i < net->count; i++) {
        qf_random random = qf_random_stream(model->seed, "initialisation", i);
        qf_net_glorot(net, i, true, &random);
    }
    return QF_OK;
}

static qf_status trainable(const qf_model *model, qf_trainables *list, qf_error *error) {
    return qf_net_trainable(model->state, list, error);
}

static qf_net_options options_of(const qf_model *model) {
    qf_net_options options = qf_net_options_of(model, 1e-8);
    options.l2 = qf_record_number(&model->parameters, "l2");
    return options;
}

/* Of the last epoch. */
enum { LOSS, ACCURACY, HISTORY };

static qf_status note_epoch(void *listener, const qf_epoch *epoch, bool *stop, qf_error *error) {
    (void)stop;
    (void)error;
    double *last = listener;
    last[LOSS] = epoch->loss;
    last[ACCURACY] = epoch->accuracy;
    return QF_OK;
}

static qf_status fit(qf_model *model, const qf_table *table, const qf_run *run, qf_error *error) {
    const qf_net_options options = options_of(model);
    double last[HISTORY] = {0};
    const qf_epoch_listener listener = {note_epoch, last, last, HISTORY};
    QF_TRY(qf_net_train(model->state, table, &options, run, &listener, error));
    QF_TRY(qf_record_set_real(&model->facts, "loss", last[LOSS], error));
    return qf_record_set_real(&model->facts, "training_accuracy", last[ACCURACY], error);
}

static qf_status predict(const qf_model *model, const double *rows, size_t count, const qf_run *run,
                         double *probabilities, qf_error *error) {
    return qf_net_predict(model->state, run->simd, rows, count, probabilities, error);
}

/* ---- Sweeping: one training to the last epoch, looked at on the way ---- */

typedef struct looks {
    const qf_model *model;
    const qf_sweep *sweep;
    const qf_run *run;
    size_t next, end; /* values */
} looks;

static qf_status look(void *listener, const qf_epoch *epoch, bool *stop, qf_error *error) {
    looks *l = listener;
    for (; l->next < l->end && l->sweep->values[l->next] == (double)epoch->epoch; l->next++) {
        QF_TRY(qf_model_show(l->model, l->sweep, l->next, l->run, error));
    }
    *stop = l->next == l->end;
    return QF_OK;
}

/* Trains to the value before `end`, looking from `next` on. */
static qf_status train_and_look(const qf_model *model, const qf_table *table, looks *l,
                                qf_error *error) {
    qf_net_options options = options_of(model);
    const qf_epoch_listener listener = {look, l, NULL, 0};
    options.epochs = (size_t)l->sweep->values[l->end - 1];
    return qf_net_train(model->state, table, &options, l->run, &listener, error);
}

/* A schedule that ends at the last epoch differs from value to value. */
static qf_status sweep(qf_model *model, const qf_table *table, const qf_sweep *sweep,
                       const qf_run *run, qf_error *error) {
    looks l = {model, sweep, run, 0, sweep->count};
    if (options_of(model).schedule == QF_CONSTANT) return train_and_look(model, table, &l, error);
    const qf_net *net = model->state;
    double *first = qf_copy_array(net->weights, net->size, sizeof *first, error);
    qf_status status = first ? QF_OK : QF_MEMORY;
    for (size_t i = 0; status == QF_OK && i < sweep->count; i++) {
        l.end = i + 1;
        memcpy(net->weights, first, net->size * sizeof *first);
        status = train_and_look(model, table, &l, error);
    }
    free(first);
    return status;
}

static qf_status decode(qf_model *model, const qf_arrays *arrays, qf_error *error) {
    (void)arrays;
    return new_net(model, error);
}

extern const qf_model_kind qf_model_kind_mlp;
const qf_model_kind qf_model_kind_mlp = {
    .name = "mlp",
    .summary = "a multi-layer perceptron, trained by mini-batches",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof *parameters,
    .fit = fit,
    .predict = predict,
    .decode = decode,
    .free = free_net,
    .begin = begin,
    .trainable = trainable,
    .resumes = true,
    .swept = "epochs",
    .sweep = sweep,
};
