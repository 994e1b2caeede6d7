/* Nets: gradients against differences of the loss, optimisers against their formulas, whole
 * trainings against scikit-learn's (tests/oracle/mlp.py), storing. */
#include "base/memory.h"
#include "base/pad.h"
#include "learn/net_training.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mlp_oracle.h"
#include "tree_tables.h"

static qf_run run_at(qf_simd simd) {
    return (qf_run){.threads = 1, .simd = simd};
}

/* A dense layer's weights [outputs][inputs] and biases [outputs] without padding, and back. */
static void dense_read(const qf_net *net, size_t layer, double *weights, double *biases) {
    const qf_layer *l = &net->layers[layer];
    const double *from = net->weights + l->offset;
    const size_t width = qf_pad(l->inputs);
    for (size_t o = 0; o < l->outputs; o++) {
        memcpy(weights + o * l->inputs, from + o * width, l->inputs * sizeof *weights);
    }
    memcpy(biases, from + l->outputs * width, l->outputs * sizeof *biases);
}

static void dense_write(const qf_net *net, size_t layer, const double *weights,
                        const double *biases) {
    const qf_layer *l = &net->layers[layer];
    double *to = net->weights + l->offset;
    const size_t width = qf_pad(l->inputs);
    for (size_t o = 0; o < l->outputs; o++) {
        memcpy(to + o * width, weights + o * l->inputs, l->inputs * sizeof *weights);
    }
    memcpy(to + l->outputs * width, biases, l->outputs * sizeof *biases);
}

static qf_table normal_table(uint64_t seed, size_t rows, size_t columns) {
    qf_table table = make_table(rows, columns);
    qf_random random = qf_random_stream(seed, "test", 0);
    for (size_t r = 0; r < rows; r++) {
        double sum = 0, *x = table.values + r * columns;
        for (size_t c = 0; c < columns; c++) sum += x[c] = qf_random_normal(&random);
        table.labels[r] = sum + qf_random_normal(&random) > 0;
    }
    return table;
}

/* ---- A layer that is not dense: output j is a[j] cos(b[j] x[j]) ---- */

enum { WAVES = 3 };

static qf_status waves_forward(const void *context, qf_simd simd, const double *weights,
                               const double *inputs, size_t rows, double *outputs,
                               qf_error *error) {
    (void)context;
    (void)simd;
    (void)error;
    for (size_t r = 0; r < rows; r++) {
        for (size_t j = 0; j < WAVES; j++) {
            const double x = inputs[r * qf_pad(WAVES) + j];
            outputs[r * qf_pad(WAVES) + j] = weights[j] * cos(weights[WAVES + j] * x);
        }
    }
    return QF_OK;
}

static qf_status waves_backward(const void *context, qf_simd simd, const double *weights,
                                const double *inputs, const double *output_gradients, size_t rows,
                                double *gradient, double *input_gradients, qf_error *error) {
    (void)context;
    (void)simd;
    (void)error;
    memset(gradient, 0, 2 * WAVES * sizeof *gradient);
    for (size_t r = 0; r < rows; r++) {
        for (size_t j = 0; j < WAVES; j++) {
            const size_t i = r * qf_pad(WAVES) + j;
            const double a = weights[j], b = weights[WAVES + j], g = output_gradients[i];
            gradient[j] += g * cos(b * inputs[i]);
            gradient[WAVES + j] -= g * a * sin(b * inputs[i]) * inputs[i];
            if (input_gradients) input_gradients[i] = -g * a * sin(b * inputs[i]) * b;
        }
    }
    return QF_OK;
}

static const qf_foreign_layer waves = {WAVES, WAVES,         2 * WAVES,
                                       NULL,  waves_forward, waves_backward};

/* ---- Nets ---- */

static void add_dense(qf_net *net, size_t outputs, qf_activation activation) {
    qf_error error;
    assert_int_equal(qf_net_add_dense(net, outputs, activation, &error), QF_OK);
}

/* All numbers that are not padding are normal ones, small enough for logits that saturate nothing.
 */
static void fill_weights(qf_net *net, uint64_t seed) {
    qf_error error;
    qf_random random = qf_random_stream(seed, "test", 1);
    free(net->weights);
    assert_int_equal(qf_net_new_weights(net, &error), QF_OK);
    for (size_t i = 0; i < net->count; i++) {
        const qf_layer *l = &net->layers[i];
        if (l->foreign) {
            for (size_t w = 0; w < l->foreign->weights; w++) {
                net->weights[l->offset + w] = qf_random_normal(&random);
            }
            continue;
        }
        double weights[400], biases[20];
        for (size_t w = 0; w < l->inputs * l->outputs; w++)
            weights[w] = 0.4 * qf_random_normal(&random);
        for (size_t o = 0; o < l->outputs; o++) biases[o] = 0.4 * qf_random_normal(&random);
        dense_write(net, i, weights, biases);
    }
}

/* Whether a net's number is a weight that the penalty sees, and whether it is padding. */
typedef enum place { PENALISED, FREE, PADDING } place;

static place place_of(const qf_net *net, size_t index) {
    size_t i = 0;
    while (index >= net->layers[i].offset + net->layers[i].size) i++;
    const qf_layer *l = &net->layers[i];
    const size_t own = index - l->offset, width = qf_pad(l->inputs), biases = l->outputs * width;
    if (l->foreign) return own < l->foreign->weights ? FREE : PADDING;
    if (own < biases) return own % width < l->inputs ? PENALISED : PADDING;
    return own - biases < l->outputs ? FREE : PADDING;
}

/* What training minimises, by the definition: the batch's weighted losses over its rows, and the
 * penalty. */
static double objective(const qf_net *net, const qf_table *table, const qf_net_options *options) {
    double *p = malloc(table->rows * sizeof *p), sum = 0;
    qf_error error;
    assert_int_equal(qf_net_predict(net, qf_simd_best(), table->values, table->rows, p, &error),
                     QF_OK);
    for (size_t r = 0; r < table->rows; r++) {
        const uint8_t label = table->labels[r];
        sum -= options->class_weights[label] * log(label ? p[r] : 1 - p[r]);
    }
    for (size_t w = 0; w < net->size; w++) {
        const double weight = place_of(net, w) == PENALISED ? net->weights[w] : 0;
        sum += options->l2 / 2 * weight * weight;
    }
    free(p);
    return sum / (double)table->rows;
}

/* One step of plain descent at rate 1 shows the gradient. */
static void check_gradient(qf_net *net, const qf_net_options *given, const qf_table *table) {
    const qf_run run = run_at(qf_simd_best());
    qf_net_options options = *given;
    qf_error error;
    options.optimiser = QF_SGD;
    options.rate = 1;
    options.epochs = 1;
    options.batch = table->rows;
    double *before = malloc(net->size * sizeof *before), *moved = malloc(net->size * sizeof *moved);
    memcpy(before, net->weights, net->size * sizeof *before);
    assert_int_equal(qf_net_train(net, table, &options, &run, NULL, &error), QF_OK);
    memcpy(moved, net->weights, net->size * sizeof *moved);
    memcpy(net->weights, before, net->size * sizeof *before);
    for (size_t w = 0; w < net->size; w++) {
        const double h = 1e-5, gradient = before[w] - moved[w];
        if (place_of(net, w) == PADDING) {
            assert_true(before[w] == 0 && moved[w] == 0);
            continue;
        }
        net->weights[w] = before[w] + h;
        const double above = objective(net, table, &options);
        net->weights[w] = before[w] - h;
        const double below = objective(net, table, &options);
        net->weights[w] = before[w];
        const double expected = (above - below) / (2 * h);
        if (fabs(gradient - expected) < 1e-8) continue;
        fail_msg("weight %zu: gradient %.10g, differences %.10g", w, gradient, expected);
    }
    free(before);
    free(moved);
}

static void test_gradients(void **state) {
    (void)state;
    qf_table table = normal_table(1, 13, 5);
    static const qf_net_options options[] = {{.class_weights = {1, 1}},
                                             {.class_weights = {0.5, 3}, .l2 = 0.7}};
    for (size_t i = 0; i < 2; i++) {
        for (int activation = QF_IDENTITY; activation < QF_ACTIVATIONS; activation++) {
            for (size_t logits = 1; logits <= 2; logits++) {
                qf_net net = qf_net_empty(5);
                add_dense(&net, 9, (qf_activation)activation);
                add_dense(&net, 3, (qf_activation)activation);
                add_dense(&net, logits, QF_IDENTITY);
                fill_weights(&net, 2 + i);
                check_gradient(&net, &options[i], &table);
                qf_net_free(&net);
            }
        }
    }
    qf_table_free(&table);
}

/* Between dense layers, and as the first. */
static void test_gradients_of_a_foreign_layer(void **state) {
    (void)state;
    const qf_net_options options = {.class_weights = {0.5, 3}, .l2 = 0.7};
    for (size_t before = 0; before < 2; before++) {
        const size_t columns = before ? 5 : WAVES;
        qf_table table = normal_table(1, 11, columns);
        qf_net net = qf_net_empty(columns);
        qf_error error;
        if (before) add_dense(&net, WAVES, QF_TANH);
        assert_int_equal(qf_net_add_foreign(&net, &waves, &error), QF_OK);
        add_dense(&net, 4, QF_TANH);
        add_dense(&net, 2, QF_IDENTITY);
        fill_weights(&net, 4);
        check_gradient(&net, &options, &table);
        qf_net_free(&net);
        qf_table_free(&table);
    }
    qf_net net = qf_net_empty(WAVES + 1);
    qf_error error;
    assert_int_equal(qf_net_add_foreign(&net, &waves, &error), QF_INTERNAL);
    qf_net_free(&net);
}

static void test_frozen_layers_stay(void **state) {
    (void)state;
    qf_table table = normal_table(1, 40, 5);
    const qf_run run = run_at(qf_simd_best());
    qf_net net = qf_net_empty(5);
    qf_error error;
    for (size_t i = 0; i < 3; i++) add_dense(&net, i < 2 ? 6 : 1, i < 2 ? QF_TANH : QF_IDENTITY);
    fill_weights(&net, 1);
    net.layers[1].frozen = true;
    double before[600];
    assert_in_range(net.size, 1, 600);
    memcpy(before, net.weights, net.size * sizeof *before);
    const qf_net_options options = {
        .rate = 0.01, .epsilon = 1e-8, .l2 = 1, .batch = 7, .epochs = 3, .class_weights = {1, 1}};
    assert_int_equal(qf_net_train(&net, &table, &options, &run, NULL, &error), QF_OK);
    for (size_t i = 0; i < 3; i++) {
        const qf_layer *l = &net.layers[i];
        const bool same = memcmp(before + l->offset, net.weights + l->offset, l->size * 8) == 0;
        assert_true(same == l->frozen);
    }
    qf_net_free(&net);
    qf_table_free(&table);
}

/* ---- Training ---- */

/* A net of no hidden layer, trained by the formulas alone. */
static void train_plainly(const qf_table *table, const qf_net_options *o, double *weights) {
    const size_t columns = table->columns, n = columns + 1, rows = table->rows;
    const size_t batches = (rows + o->batch - 1) / o->batch * o->epochs;
    double mean[8] = {0}, square[8] = {0};
    size_t *order = malloc(rows * sizeof *order), t = 0;
    for (size_t e = 0; e < o->epochs; e++) {
        qf_random random = qf_random_stream(o->seed, "batches", e);
        for (size_t r = 0; r < rows; r++) order[r] = r;
        qf_random_shuffle(&random, order, rows);
        for (size_t first = 0; first < rows; first += o->batch, t++) {
            const size_t count = rows - first < o->batch ? rows - first : o->batch;
            double gradient[8] = {0};
            for (size_t r = first; r < first + count; r++) {
                const double *x = table->values + order[r] * columns;
                const uint8_t label = table->labels[order[r]];
                double z = weights[columns];
                for (size_t c = 0; c < columns; c++) z += weights[c] * x[c];
                const double slope = o->class_weights[label] * (1 / (1 + exp(-z)) - label);
                for (size_t c = 0; c < n; c++) gradient[c] += slope * (c < columns ? x[c] : 1);
            }
            const double pi = acos(-1), share = (double)t / (double)batches;
            const double rate =
                o->schedule == QF_COSINE ? o->rate / 2 * (1 + cos(pi * share)) : o->rate;
            for (size_t c = 0; c < n; c++) {
                const double penalty = c < columns ? o->l2 * weights[c] : 0;
                const double g = (gradient[c] + penalty) / (double)count;
                mean[c] = 0.9 * mean[c] + 0.1 * g;
                square[c] = 0.999 * square[c] + 0.001 * g * g;
                const double steps = (double)t + 1;
                const double unbiased = sqrt(1 - pow(0.999, steps)) / (1 - pow(0.9, steps));
                weights[c] -= o->optimiser == QF_SGD
                                  ? rate * g
                                  : rate * unbiased * mean[c] / (sqrt(square[c]) + o->epsilon);
            }
        }
    }
    free(order);
}

static void test_optimisers_and_schedules(void **state) {
    (void)state;
    qf_table table = normal_table(5, 50, 4);
    for (size_t i = 0; i < 4; i++) {
        const qf_net_options options = {.optimiser = i & 1 ? QF_SGD : QF_ADAM,
                                        .rate = 0.1,
                                        .epsilon = 1e-8,
                                        .schedule = i & 2 ? QF_COSINE : QF_CONSTANT,
                                        .l2 = 0.3,
                                        .batch = 8,
                                        .epochs = 5,
                                        .class_weights = {0.75, 2},
                                        .seed = 9};
        for (qf_simd simd = QF_SIMD_PORTABLE; simd <= qf_simd_best(); simd++) {
            const qf_run run = run_at(simd);
            qf_net net = qf_net_empty(4);
            qf_error error;
            double expected[5], found[5];
            add_dense(&net, 1, QF_IDENTITY);
            fill_weights(&net, 1);
            dense_read(&net, 0, expected, expected + 4);
            train_plainly(&table, &options, expected);
            assert_int_equal(qf_net_train(&net, &table, &options, &run, NULL, &error), QF_OK);
            dense_read(&net, 0, found, found + 4);
            for (size_t w = 0; w < 5; w++) assert_true(fabs(found[w] - expected[w]) < 1e-12);
            qf_net_free(&net);
        }
    }
    qf_table_free(&table);
}

static void compare(const struct mlp_case *k, const char *what, size_t i, double found,
                    double expected) {
    if (fabs(found - expected) <= 1e-10) return;
    fail_msg("%s, %s %zu: %.14g, expected %.14g", k->name, what, i, found, expected);
}

/* The table that is in the oracle's order once an epoch has shuffled it. */
static qf_table oracle_table(uint64_t seed) {
    size_t order[ORACLE_ROWS];
    qf_random random = qf_random_stream(seed, "batches", 0);
    qf_table table = make_table(ORACLE_ROWS, ORACLE_COLUMNS);
    for (size_t r = 0; r < ORACLE_ROWS; r++) order[r] = r;
    qf_random_shuffle(&random, order, ORACLE_ROWS);
    for (size_t r = 0; r < ORACLE_ROWS; r++) {
        memcpy(table.values + order[r] * ORACLE_COLUMNS, oracle_rows + r * ORACLE_COLUMNS,
               ORACLE_COLUMNS * sizeof(double));
        table.labels[order[r]] = oracle_labels[r];
    }
    return table;
}

static void check_case(const struct mlp_case *k, qf_simd simd) {
    const qf_run run = run_at(simd);
    const qf_net_options options = {.optimiser = k->optimiser,
                                    .rate = k->rate,
                                    .epsilon = 1e-8,
                                    .l2 = k->l2,
                                    .batch = k->batch,
                                    .epochs = 1,
                                    .class_weights = {1, 1},
                                    .seed = 3};
    qf_table table = oracle_table(options.seed);
    qf_net net = qf_net_empty(ORACLE_COLUMNS);
    qf_error error;
    for (size_t i = 0; i < k->layers; i++) add_dense(&net, k->hidden[i], k->activation);
    add_dense(&net, 1, QF_IDENTITY);
    assert_int_equal(qf_net_new_weights(&net, &error), QF_OK);
    const double *given = k->before;
    for (size_t i = 0; i < net.count; i++) {
        const size_t weights = net.layers[i].inputs * net.layers[i].outputs;
        dense_write(&net, i, given, given + weights);
        given += weights + net.layers[i].outputs;
    }
    assert_int_equal(qf_net_train(&net, &table, &options, &run, NULL, &error), QF_OK);
    const double *expected = k->after;
    for (size_t i = 0; i < net.count; i++) {
        const size_t weights = net.layers[i].inputs * net.layers[i].outputs;
        double found[400];
        dense_read(&net, i, found, found + weights);
        for (size_t w = 0; w < weights + net.layers[i].outputs; w++) {
            compare(k, "weight", w, found[w], *expected++);
        }
    }
    double probabilities[ORACLE_ROWS];
    assert_int_equal(qf_net_predict(&net, simd, oracle_rows, ORACLE_ROWS, probabilities, &error),
                     QF_OK);
    for (size_t r = 0; r < ORACLE_ROWS; r++) {
        compare(k, "row", r, probabilities[r], k->probabilities[r]);
    }
    qf_net_free(&net);
    qf_table_free(&table);
}

static void test_scikit_learn(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof mlp_cases / sizeof *mlp_cases; i++) {
        for (qf_simd simd = QF_SIMD_PORTABLE; simd <= qf_simd_best(); simd++) {
            check_case(&mlp_cases[i], simd);
        }
    }
}

/* The AVX levels to the bit; the portable one, which rounds each product, to 1e-9 after 400 steps.
 */
static void test_levels(void **state) {
    (void)state;
    qf_table table = normal_table(6, 200, 11);
    qf_net nets[QF_SIMD_AVX512 + 1] = {0};
    const qf_net_options options = {.rate = 0.01,
                                    .epsilon = 1e-8,
                                    .l2 = 1e-4,
                                    .batch = 10,
                                    .epochs = 20,
                                    .class_weights = {1, 2}};
    for (qf_simd simd = QF_SIMD_PORTABLE; simd <= qf_simd_best(); simd++) {
        const qf_run run = run_at(simd);
        qf_net *net = &nets[simd];
        qf_error error;
        *net = qf_net_empty(11);
        add_dense(net, 10, QF_TANH);
        add_dense(net, 10, QF_LOGISTIC);
        add_dense(net, 1, QF_IDENTITY);
        fill_weights(net, 1);
        assert_int_equal(qf_net_train(net, &table, &options, &run, NULL, &error), QF_OK);
        for (size_t w = 0; w < net->size; w++) {
            assert_true(fabs(net->weights[w] - nets[0].weights[w]) < 1e-9);
        }
    }
    if (qf_simd_best() == QF_SIMD_AVX512) {
        assert_memory_equal(nets[1].weights, nets[2].weights, nets[1].size * sizeof(double));
    }
    for (size_t i = 0; i <= QF_SIMD_AVX512; i++) qf_net_free(&nets[i]);
    qf_table_free(&table);
}

/* ---- What an epoch tells ---- */

typedef struct told {
    size_t epochs, stop_at;
    double loss, accuracy, norms[2], dead[2];
} told;

static qf_status note(void *listener, const qf_epoch *epoch, bool *stop, qf_error *error) {
    (void)error;
    told *t = listener;
    assert_int_equal(epoch->epoch, ++t->epochs);
    t->loss = epoch->loss;
    t->accuracy = epoch->accuracy;
    memcpy(t->norms, epoch->gradient_norms, sizeof t->norms);
    memcpy(t->dead, epoch->dead_units, sizeof t->dead);
    *stop = epoch->epoch == t->stop_at;
    return QF_OK;
}

static void test_epochs(void **state) {
    (void)state;
    qf_table table = normal_table(1, 30, 5);
    const qf_run run = run_at(qf_simd_best());
    qf_net net = qf_net_empty(5);
    qf_error error;
    add_dense(&net, 4, QF_RELU);
    add_dense(&net, 1, QF_IDENTITY);
    fill_weights(&net, 1);
    /* Unit 2 never fires. */
    net.weights[4 * qf_pad(5) + 2] = -1e6;
    qf_net_options options = {
        .optimiser = QF_SGD, .rate = 1e-300, .batch = 30, .epochs = 9, .class_weights = {1, 3}};
    told t = {.stop_at = 4};
    assert_int_equal(
        qf_net_train(&net, &table, &options, &run, &(qf_epoch_listener){note, &t, NULL, 0}, &error),
        QF_OK);
    assert_int_equal(t.epochs, 4);
    size_t counts[2], right = 0;
    double p[30];
    qf_table_count_classes(&table, counts);
    assert_int_equal(qf_net_predict(&net, run.simd, table.values, 30, p, &error), QF_OK);
    for (size_t r = 0; r < 30; r++) right += (p[r] > 0.5) == table.labels[r];
    const double weight = (double)counts[0] + 3 * (double)counts[1];
    assert_true(fabs(t.loss - objective(&net, &table, &options) * 30 / weight) < 1e-12);
    assert_true(fabs(t.accuracy - (double)right / 30) < 1e-12);
    assert_true(t.norms[0] > 0 && t.norms[1] > 0);
    assert_true(t.dead[0] == 0.25 && isnan(t.dead[1]));
    qf_net_free(&net);
    qf_table_free(&table);
}

/* Whether it is seen by the loss or, of the last step, by the weights alone. */
static qf_net small_net(void) {
    qf_net net = qf_net_empty(5);
    qf_error error;
    add_dense(&net, WAVES, QF_RELU);
    assert_int_equal(qf_net_add_foreign(&net, &waves, &error), QF_OK);
    add_dense(&net, 2, QF_IDENTITY);
    return net;
}

/* ---- Taking up what was kept ---- */

enum { KEPT_EPOCHS = 5 };

/* Keeps a copy after every epoch. */
typedef struct shelf {
    qf_arrays kept[KEPT_EPOCHS];
    size_t count;
} shelf;

static bool always(void *context) {
    (void)context;
    return true;
}

static qf_status put(void *context, const qf_arrays *arrays, qf_error *error) {
    shelf *s = context;
    qf_arrays *copy = &s->kept[s->count++];
    for (size_t i = 0; i < arrays->count; i++) {
        const qf_array *a = &arrays->items[i];
        QF_TRY(qf_arrays_add(copy, a->name, a->type, a->rows, a->columns, a->data, error));
    }
    return QF_OK;
}

static qf_status remember_loss(void *listener, const qf_epoch *epoch, bool *stop, qf_error *error) {
    (void)stop;
    (void)error;
    ((double *)listener)[epoch->epoch - 1] = epoch->loss;
    return QF_OK;
}

/* Trains a net of seed 4's weights, or one that goes on from `kept`; losses of all epochs. */
static qf_status train_kept(const qf_arrays *kept, shelf *s, qf_net *net,
                            double losses[KEPT_EPOCHS], qf_error *error) {
    const qf_net_options options = {.optimiser = QF_ADAM,
                                    .rate = 0.01,
                                    .epsilon = 1e-7,
                                    .schedule = QF_COSINE,
                                    .batch = 7,
                                    .epochs = KEPT_EPOCHS,
                                    .class_weights = {1, 2},
                                    .seed = 8};
    const qf_keeper keeper = {kept, always, put, s};
    qf_run run = run_at(qf_simd_best());
    qf_table table = normal_table(6, 40, 5);
    const qf_epoch_listener listener = {remember_loss, losses, losses, KEPT_EPOCHS};
    run.keeper = &keeper;
    fill_weights(net, kept ? 5 : 4);
    const qf_status status = qf_net_train(net, &table, &options, &run, &listener, error);
    qf_table_free(&table);
    return status;
}

static void test_what_was_kept_goes_on(void **state) {
    (void)state;
    shelf first = {0};
    qf_net whole = small_net();
    qf_error error;
    double losses[KEPT_EPOCHS] = {0};
    assert_int_equal(train_kept(NULL, &first, &whole, losses, &error), QF_OK);
    assert_int_equal(first.count, KEPT_EPOCHS - 1); /* after the last there is nothing to go on */
    for (size_t i = 0; i < first.count; i++) {
        shelf again = {0};
        qf_net net = small_net();
        double taken_up[KEPT_EPOCHS] = {0};
        assert_int_equal(train_kept(&first.kept[i], &again, &net, taken_up, &error), QF_OK);
        assert_int_equal(again.count, KEPT_EPOCHS - 2 - i);
        assert_memory_equal(net.weights, whole.weights, net.size * sizeof(double));
        assert_memory_equal(taken_up, losses, sizeof losses);
        for (size_t k = 0; k < again.count; k++) qf_arrays_free(&again.kept[k]);
        qf_net_free(&net);
    }
    for (size_t i = 0; i < first.count; i++) qf_arrays_free(&first.kept[i]);
    qf_net_free(&whole);
}

static void test_what_cannot_have_been_kept(void **state) {
    (void)state;
    shelf s = {0}, none = {0};
    qf_net net = small_net();
    qf_error error;
    double losses[KEPT_EPOCHS] = {0};
    assert_int_equal(train_kept(NULL, &s, &net, losses, &error), QF_OK);
    qf_arrays *kept = &s.kept[1];
    for (size_t i = 0; i < kept->count; i++) {
        qf_array *array = &kept->items[i];
        array->columns--;
        assert_int_equal(train_kept(kept, &none, &net, losses, &error), QF_DATA);
        array->columns++;
        array->type = QF_I64;
        assert_int_equal(train_kept(kept, &none, &net, losses, &error), QF_DATA);
        array->type = QF_F64;
        array->name[0]++;
        assert_int_equal(train_kept(kept, &none, &net, losses, &error), QF_DATA);
        array->name[0]--;
    }
    const double epochs[] = {0, -1, 1.5, KEPT_EPOCHS, 1e300, NAN};
    for (size_t i = 0; i < sizeof epochs / sizeof *epochs; i++) {
        *(double *)kept->items[0].data = epochs[i];
        assert_int_equal(train_kept(kept, &none, &net, losses, &error), QF_DATA);
        assert_string_equal(error.message, "what was kept: no number of epochs from 1 to below 5");
    }
    for (size_t i = 0; i < s.count; i++) qf_arrays_free(&s.kept[i]);
    qf_net_free(&net);
}

static void test_divergence_is_told(void **state) {
    (void)state;
    qf_table table = normal_table(1, 30, 5);
    const qf_run run = run_at(qf_simd_best());
    for (size_t i = 0; i < 6; i++) {
        const qf_activation activation = (qf_activation)(i % 3);
        qf_net net = qf_net_empty(5);
        qf_error error;
        add_dense(&net, 4, activation);
        add_dense(&net, 1, QF_IDENTITY);
        fill_weights(&net, 1);
        const qf_net_options options = {.optimiser = QF_SGD,
                                        .rate = 1e305,
                                        .l2 = 1e300,
                                        .batch = 30,
                                        .epochs = i < 3 ? 1 : 9,
                                        .class_weights = {1, 1}};
        assert_int_equal(qf_net_train(&net, &table, &options, &run, NULL, &error), QF_DATA);
        assert_string_equal(error.message,
                            "the net diverged in epoch 1: a smaller rate or scaled "
                            "columns help");
        qf_net_free(&net);
    }
    qf_table_free(&table);
}

static void test_rows_too_large_to_predict(void **state) {
    (void)state;
    qf_net net = qf_net_empty(2);
    qf_error error;
    const double weights[] = {2, 0, 0, 2}, difference[] = {1, -1}, biases[] = {0, 0};
    const double rows[] = {1, 1, 1e308, 1e308, 1e308, 1};
    double p[3];
    add_dense(&net, 2, QF_IDENTITY);
    add_dense(&net, 1, QF_IDENTITY);
    assert_int_equal(qf_net_new_weights(&net, &error), QF_OK);
    dense_write(&net, 0, weights, biases);
    dense_write(&net, 1, difference, biases);
    assert_int_equal(qf_net_predict(&net, qf_simd_best(), rows, 1, p, &error), QF_OK);
    assert_true(p[0] == 0.5);
    assert_int_equal(qf_net_predict(&net, qf_simd_best(), rows, 2, p, &error), QF_DATA);
    assert_string_equal(error.message, "a row is too large for the weights of this net");
    assert_int_equal(qf_net_predict(&net, qf_simd_best(), rows + 4, 1, p, &error), QF_OK);
    assert_true(p[0] == 1);
    qf_net_free(&net);
}

/* ---- Beginning and storing ---- */

static void test_glorot(void **state) {
    (void)state;
    qf_net net = qf_net_empty(20);
    qf_error error;
    add_dense(&net, 20, QF_TANH);
    add_dense(&net, 20, QF_LOGISTIC);
    add_dense(&net, 20, QF_IDENTITY);
    assert_int_equal(qf_net_new_weights(&net, &error), QF_OK);
    for (size_t i = 0; i < 3; i++) {
        qf_random random = qf_random_stream(1, "test", i);
        const double bound = sqrt((i == 0 ? 6 : 2) / 40.0);
        double weights[400], biases[20], most = 0, mean = 0;
        qf_net_glorot(&net, i, i < 2, &random);
        dense_read(&net, i, weights, biases);
        for (size_t w = 0; w < 400; w++) {
            most = fmax(most, fabs(weights[w]));
            mean += weights[w] / 400;
        }
        assert_true(most < bound && most > 0.98 * bound);
        assert_true(fabs(mean) < 4 * bound / sqrt(3 * 400.0));
        for (size_t o = 0; o < 20; o++) {
            assert_true(i < 2 ? biases[o] != 0 && fabs(biases[o]) < bound : biases[o] == 0);
        }
    }
    qf_net_free(&net);
}

static qf_status decode(const qf_net *net, const qf_arrays *arrays, qf_error *error) {
    qf_trainables list = {0};
    assert_int_equal(qf_net_trainable(net, &list, error), QF_OK);
    const qf_status status = qf_trainables_decode(&list, arrays, error);
    qf_trainables_free(&list);
    return status;
}

static void test_storing(void **state) {
    (void)state;
    static const char *const names[] = {"weights_0", "biases_0", "weights_1", "weights_2",
                                        "biases_2"};
    qf_net net = small_net(), copy = small_net();
    qf_arrays arrays = {0};
    qf_trainables list = {0};
    qf_error error;
    fill_weights(&net, 1);
    fill_weights(&copy, 2);
    assert_int_equal(qf_net_trainable(&net, &list, &error), QF_OK);
    assert_int_equal(qf_trainables_encode(&list, &arrays, &error), QF_OK);
    qf_trainables_free(&list);
    assert_int_equal(arrays.count, 5);
    for (size_t i = 0; i < 5; i++) assert_string_equal(arrays.items[i].name, names[i]);
    assert_int_equal(decode(&copy, &arrays, &error), QF_OK);
    assert_memory_equal(net.weights, copy.weights, net.size * sizeof(double));
    for (size_t i = 0; i < 5; i++) {
        qf_array *array = &arrays.items[i];
        double *values = array->data, first = values[0];
        values[0] = i % 2 ? NAN : INFINITY;
        assert_int_equal(decode(&copy, &arrays, &error), QF_DATA);
        values[0] = first;
        array->rows--;
        assert_int_equal(decode(&copy, &arrays, &error), QF_DATA);
        array->rows++;
        array->type = QF_I64;
        assert_int_equal(decode(&copy, &arrays, &error), QF_DATA);
        array->type = QF_F64;
        array->name[0]++;
        assert_int_equal(decode(&copy, &arrays, &error), QF_DATA);
        array->name[0]--;
    }
    assert_int_equal(decode(&copy, &arrays, &error), QF_OK);
    qf_arrays_free(&arrays);
    qf_net_free(&net);
    qf_net_free(&copy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradients),
        cmocka_unit_test(test_gradients_of_a_foreign_layer),
        cmocka_unit_test(test_frozen_layers_stay),
        cmocka_unit_test(test_optimisers_and_schedules),
        cmocka_unit_test(test_scikit_learn),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_epochs),
        cmocka_unit_test(test_what_was_kept_goes_on),
        cmocka_unit_test(test_what_cannot_have_been_kept),
        cmocka_unit_test(test_divergence_is_told),
        cmocka_unit_test(test_rows_too_large_to_predict),
        cmocka_unit_test(test_glorot),
        cmocka_unit_test(test_storing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
