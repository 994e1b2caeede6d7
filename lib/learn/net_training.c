#include "learn/net_training.h"

#include "base/memory.h"
#include "base/pad.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct trainer {
    qf_net *net;
    const qf_table *table;
    const qf_net_options *options;
    const qf_run *run;
    const qf_epoch_listener *listener;
    qf_net_pass pass;
    double *gradient, *mean, *square; /* [net->size] */
    size_t *order;                    /* [rows] */
    double *probabilities;            /* [batch] */
    uint8_t *alive;                   /* of each layer's units, one behind the other */
    size_t batches, done;             /* in all, so far */
    double correction[2];             /* beta^t of Adam */
    qf_epoch epoch;
    double weight; /* of the epoch's rows so far */
} trainer;

static void free_trainer(trainer *t) {
    qf_net_pass_free(&t->pass, t->net);
    free(t->gradient);
    free(t->order);
    free(t->probabilities);
    free(t->alive);
    free(t->epoch.gradient_norms);
}

static size_t count_units(const qf_net *net) {
    size_t units = 0;
    for (size_t i = 0; i < net->count; i++) units += net->layers[i].outputs;
    return units;
}

static qf_status init_trainer(trainer *t, qf_error *error) {
    const size_t rows = t->table->rows, size = t->net->size, layers = t->net->count;
    const size_t batch = t->options->batch < rows ? t->options->batch : rows;
    t->batches = (rows + batch - 1) / batch * t->options->epochs;
    t->gradient = qf_new_lines(3 * size * sizeof *t->gradient, error);
    t->order = qf_new_array(rows, sizeof *t->order, error);
    t->probabilities = qf_new_array(batch, sizeof *t->probabilities, error);
    t->alive = qf_new_array(count_units(t->net), 1, error);
    t->epoch.gradient_norms = qf_new_array(2 * layers, sizeof(double), error);
    if (!t->gradient || !t->order || !t->probabilities || !t->alive || !t->epoch.gradient_norms) {
        return QF_MEMORY;
    }
    t->mean = t->gradient + size;
    t->square = t->mean + size;
    t->epoch.dead_units = t->epoch.gradient_norms + layers;
    return qf_net_pass_init(&t->pass, t->net, batch, true, error);
}

/* The rate of the next step. */
static double next_rate(const trainer *t) {
    const double pi = 3.14159265358979323846, rate = t->options->rate;
    if (t->options->schedule == QF_CONSTANT) return rate;
    return rate * (1 + cos(pi * (double)t->done / (double)t->batches)) / 2;
}

/* Adds up the batch's losses and sets the gradients by the logits. */
static void judge_batch(trainer *t, const size_t *rows, size_t count) {
    const size_t last = t->net->count - 1, width = qf_pad(t->net->layers[last].outputs);
    const bool two = t->net->layers[last].outputs == 2;
    double *gradients = t->pass.gradients[last];
    memset(gradients, 0, count * width * sizeof *gradients);
    qf_net_probabilities(t->net, t->run->simd, count, &t->pass, t->probabilities);
    for (size_t r = 0; r < count; r++) {
        const uint8_t label = t->table->labels[rows[r]];
        const double weight = t->options->class_weights[label], p = t->probabilities[r];
        const double slope = weight * (p - label) / (double)count;
        gradients[r * width + (two ? 1 : 0)] = slope;
        if (two) gradients[r * width] = -slope;
        const double chance = label ? p : 1 - p;
        t->epoch.loss -= weight * log(chance < 1e-300 ? 1e-300 : chance); /* NaN stays */
        t->epoch.accuracy += (p > 0.5) == label;
        t->weight += weight;
    }
}

static void add_l2(trainer *t, size_t count) {
    const double l2 = t->options->l2 / (double)count;
    for (size_t i = 0; l2 > 0 && i < t->net->count; i++) {
        const qf_layer *l = &t->net->layers[i];
        if (l->foreign || l->frozen) continue;
        const size_t end = l->offset + l->outputs * qf_pad(l->inputs);
        for (size_t w = l->offset; w < end; w++) t->gradient[w] += l2 * t->net->weights[w];
    }
}

static void take_step(trainer *t) {
    const double rate = next_rate(t);
    const size_t size = t->net->size;
    t->done++;
    if (t->options->optimiser == QF_SGD) {
        for (size_t w = 0; w < size; w++) t->net->weights[w] -= rate * t->gradient[w];
        return;
    }
    t->correction[0] *= 0.9;
    t->correction[1] *= 0.999;
    const double corrected = rate * sqrt(1 - t->correction[1]) / (1 - t->correction[0]);
    qf_dense_for(t->run->simd)
        ->adam(size, corrected, t->options->epsilon, t->gradient, t->mean, t->square,
               t->net->weights);
}

static bool is_alive(const double *outputs, size_t width, size_t count) {
    for (size_t r = 0; r < count; r++) {
        if (outputs[r * width] > 0) return true;
    }
    return false;
}

static void note_units(trainer *t, size_t count) {
    uint8_t *alive = t->alive;
    for (size_t i = 0; i < t->net->count; i++) {
        const qf_layer *l = &t->net->layers[i];
        for (size_t u = 0; l->activation == QF_RELU && u < l->outputs; u++) {
            if (!alive[u]) alive[u] = is_alive(t->pass.outputs[i] + u, qf_pad(l->outputs), count);
        }
        alive += l->outputs;
    }
}

static void note_gradients(trainer *t) {
    const qf_dense *dense = qf_dense_for(t->run->simd);
    for (size_t i = 0; i < t->net->count; i++) {
        const qf_layer *l = &t->net->layers[i];
        t->epoch.gradient_norms[i] += sqrt(dense->squares(t->gradient + l->offset, l->size));
    }
}

/* Copies the batch's rows, which lie anywhere in the table: those that come AHEAD, of the next
 * batch too, are fetched while one is copied. `left`: rows of the epoch from the batch's first on.
 */
static void gather(const trainer *t, const size_t *rows, size_t count, size_t left) {
    enum { AHEAD = 24, LINE = 8 /* doubles of a cache line */ };
    const size_t columns = t->table->columns, width = qf_pad(columns);
    for (size_t r = 0; r < count; r++) {
        const double *values = t->table->values;
        const double *ahead = values + rows[r + AHEAD < left ? r + AHEAD : r] * columns;
        for (size_t c = 0; c < columns; c += LINE) __builtin_prefetch(ahead + c);
        memcpy(t->pass.inputs + r * width, values + rows[r] * columns, columns * sizeof(double));
    }
}

static qf_status train_batch(trainer *t, const size_t *rows, size_t count, size_t left,
                             qf_error *error) {
    gather(t, rows, count, left);
    QF_TRY(qf_net_forward(t->net, t->run->simd, count, &t->pass, error));
    judge_batch(t, rows, count);
    note_units(t, count);
    QF_TRY(qf_net_backward(t->net, t->run->simd, count, &t->pass, t->gradient, error));
    note_gradients(t);
    add_l2(t, count);
    take_step(t);
    return QF_OK;
}

/* Sums become means. */
static qf_status finish_epoch(trainer *t, qf_error *error) {
    const uint8_t *alive = t->alive;
    const double batches = (double)t->batches / (double)t->options->epochs;
    t->epoch.loss /= t->weight;
    t->epoch.accuracy /= (double)t->table->rows;
    for (size_t i = 0; i < t->net->count; i++) {
        const qf_layer *l = &t->net->layers[i];
        size_t dead = 0;
        for (size_t u = 0; u < l->outputs; u++) dead += !alive[u];
        const bool relu = !l->foreign && l->activation == QF_RELU;
        t->epoch.dead_units[i] = relu ? (double)dead / (double)l->outputs : NAN;
        t->epoch.gradient_norms[i] /= batches;
        alive += l->outputs;
    }
    const double squares = qf_dense_for(t->run->simd)->squares(t->net->weights, t->net->size);
    if (isfinite(t->epoch.loss) && isfinite(squares)) return QF_OK;
    return qf_fail(error, QF_DATA,
                   "the net diverged in epoch %zu: a smaller rate or scaled columns help",
                   t->epoch.epoch);
}

static void begin_epoch(trainer *t) {
    qf_random random = qf_random_stream(t->options->seed, "batches", t->epoch.epoch);
    for (size_t r = 0; r < t->table->rows; r++) t->order[r] = r;
    qf_random_shuffle(&random, t->order, t->table->rows);
    t->epoch.loss = t->epoch.accuracy = t->weight = 0;
    memset(t->epoch.gradient_norms, 0, t->net->count * sizeof(double));
    memset(t->alive, 0, count_units(t->net));
    t->epoch.epoch++;
}

static qf_status train_epoch(trainer *t, qf_error *error) {
    const size_t rows = t->table->rows, batch = t->pass.rows;
    begin_epoch(t);
    for (size_t first = 0; first < rows; first += batch) {
        const size_t count = rows - first < batch ? rows - first : batch;
        QF_TRY(train_batch(t, t->order + first, count, rows - first, error));
        if (t->run->progress) {
            t->run->progress(t->run->listener, "training: batches", t->done, t->batches);
        }
    }
    return finish_epoch(t, error);
}

/* ---- Going on later ---- */

/* What a training is between two epochs: named arrays of one row. The order of rows comes from the
 * seed and the epoch's number, so that no generator is among it. */
enum { PARTS = 5 };
typedef struct part {
    const char *name;
    double *values;
    size_t count;
} part;

static void list_parts(trainer *t, double *epochs, part parts[PARTS]) {
    const size_t size = t->net->size;
    parts[0] = (part){"epochs", epochs, 1};
    parts[1] = (part){"corrections", t->correction, 2};
    parts[2] = (part){"weights", t->net->weights, size};
    parts[3] = (part){"moments", t->mean, 2 * size};
    parts[4] = (part){"memory", t->listener->memory, t->listener->memory_size};
}

static qf_status keep(trainer *t, qf_error *error) {
    const qf_keeper *keeper = t->run->keeper;
    if (!keeper || !keeper->due(keeper->context)) return QF_OK;
    double epochs = (double)t->epoch.epoch;
    part parts[PARTS];
    qf_arrays arrays = {0};
    qf_status status = QF_OK;
    list_parts(t, &epochs, parts);
    for (size_t i = 0; status == QF_OK && i < PARTS; i++) {
        status = qf_arrays_add(&arrays, parts[i].name, QF_F64, 1, parts[i].count, parts[i].values,
                               error);
    }
    if (status == QF_OK) status = keeper->keep(keeper->context, &arrays, error);
    qf_arrays_free(&arrays);
    return status;
}

static qf_status set_parts(trainer *t, const qf_arrays *kept, qf_error *error) {
    double epochs;
    part parts[PARTS];
    list_parts(t, &epochs, parts);
    for (size_t i = 0; i < PARTS; i++) {
        const qf_array *array;
        QF_TRY(qf_arrays_find(kept, parts[i].name, QF_F64, 1, parts[i].count, &array, error));
        if (parts[i].count > 0)
            memcpy(parts[i].values, array->data, parts[i].count * sizeof(double));
    }
    if (!(epochs >= 1 && epochs < (double)t->options->epochs && epochs == floor(epochs))) {
        return qf_fail(error, QF_DATA, "no number of epochs from 1 to below %zu",
                       t->options->epochs);
    }
    t->epoch.epoch = (size_t)epochs;
    t->done = t->batches / t->options->epochs * t->epoch.epoch;
    return QF_OK;
}

static qf_status take_up(trainer *t, qf_error *error) {
    const qf_arrays *kept = t->run->keeper ? t->run->keeper->kept : NULL;
    if (!kept || set_parts(t, kept, error) == QF_OK) return QF_OK;
    return qf_error_context(error, "what was kept");
}

static qf_status train(trainer *t, qf_error *error) {
    const qf_epoch_listener *listener = t->listener;
    QF_TRY(init_trainer(t, error));
    QF_TRY(take_up(t, error));
    for (bool stop = false; !stop && t->epoch.epoch < t->options->epochs;) {
        QF_TRY(train_epoch(t, error));
        if (listener->visit) QF_TRY(listener->visit(listener->listener, &t->epoch, &stop, error));
        if (!stop && t->epoch.epoch < t->options->epochs) QF_TRY(keep(t, error));
    }
    return QF_OK;
}

qf_status qf_net_train(qf_net *net, const qf_table *table, const qf_net_options *options,
                       const qf_run *run, const qf_epoch_listener *listener, qf_error *error) {
    static const qf_epoch_listener nobody = {0};
    trainer t = {.net = net,
                 .table = table,
                 .options = options,
                 .run = run,
                 .listener = listener ? listener : &nobody,
                 .correction = {1, 1}};
    const qf_status status = train(&t, error);
    free_trainer(&t);
    return status;
}
