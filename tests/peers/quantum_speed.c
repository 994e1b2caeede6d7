/* make quantum-speed: what a forward and a backward of the quantum layer take, and an epoch of the
 * paper's hybrid nets, by the processor's clock, the shortest of many, at the SIMD level of
 * QF_SIMD; beside each its floor: its arithmetic alone at the rate at which this processor
 * multiplies and adds in registers.
 *
 *     quantum_speed                               that table, one thread
 *     quantum_speed CIRCUIT WIRES LAYERS THREADS  seconds of one sample's forward and backward (of
 *                                                 several threads on the wall), then the gradient
 *                                                 by each weight: for make peers
 *
 * In the second form weight w is 0.1 (w mod 97), input i 0.01 i, and output o counts 0.1 o. */
#include "base/memory.h"
#include "base/number.h"
#include "base/pad.h"
#include "data/synth.h"
#include "learn/net_training.h"
#include "machine.h"
#include "quantum/builtin.h"
#include "quantum/layer.h"
#include "quantum/lower.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct speed_case {
    const char *ansatz;
    size_t wires, layers, batch;
    qf_precision precision;
} speed_case;

/* A circuit with a batch for it. */
typedef struct bench {
    const speed_case *what;
    qf_circuit circuit;
    qf_quantum_layer *layer;
    double *weights, *inputs, *outputs, *of_outputs, *of_inputs, *of_weights;
} bench;

static double *numbers(size_t count, size_t period, double scale, qf_error *error) {
    double *made = qf_new_array(count, sizeof *made, error);
    for (size_t i = 0; made && i < count; i++) made[i] = scale * (double)(i % period);
    return made;
}

static void free_bench(bench *b) {
    qf_quantum_layer_free(b->layer);
    free(b->weights);
    free(b->inputs);
    free(b->outputs);
    free(b->of_outputs);
    free(b->of_inputs);
    free(b->of_weights);
    qf_circuit_free(&b->circuit);
}

static qf_status new_bench(const speed_case *s, const qf_run *run, bench *b, qf_error *error) {
    qf_circuit *c = &b->circuit;
    const qf_recipe recipe = {.ansatz = s->ansatz, .wires = s->wires, .layers = s->layers};
    const qf_layer_options options = {.precision = s->precision, .simd = run->simd};
    *b = (bench){.what = s};
    QF_TRY(qf_builtin_build(&recipe, c, error));
    b->weights = numbers(c->weights, 97, 0.1, error);
    b->inputs = numbers(s->batch * qf_pad(c->inputs), 97, 0.01, error);
    b->outputs = numbers(s->batch * qf_pad(c->outputs), 97, 1, error);
    b->of_outputs = numbers(s->batch * qf_pad(c->outputs), 97, 0.1, error);
    b->of_inputs = numbers(s->batch * qf_pad(c->inputs), 97, 1, error);
    b->of_weights = numbers(c->weights, 97, 1, error);
    const qf_status status =
        b->weights && b->inputs && b->outputs && b->of_outputs && b->of_inputs && b->of_weights
            ? qf_quantum_layer_new(c, &options, &b->layer, error)
            : QF_MEMORY;
    if (status != QF_OK) free_bench(b);
    return status;
}

/* Of one pass: the shortest of three at least and a third of a second of runs, each of so many
 * passes that the clock's own errors do not count. */
static qf_status measure(bench *b, const qf_run *run, clockid_t clock, double *shortest,
                         qf_error *error) {
    double all = 0;
    size_t passes = 1;
    *shortest = 1e9;
    for (size_t i = 0; i < 3 || all < 0.3 || *shortest == 1e9; i++) {
        const double start = machine_now(clock);
        for (size_t pass = 0; pass < passes; pass++) {
            QF_TRY(qf_quantum_layer_forward(b->layer, b->weights, b->inputs, b->what->batch,
                                            b->outputs, run, error));
            QF_TRY(qf_quantum_layer_backward(b->layer, b->weights, b->inputs, b->what->batch,
                                             b->of_outputs, b->of_inputs, b->of_weights, run,
                                             error));
        }
        const double taken = machine_now(clock) - start;
        all += taken;
        if (taken < 0.005) {
            passes *= 2;
        } else if (taken / (double)passes < *shortest) {
            *shortest = taken / (double)passes;
        }
    }
    return QF_OK;
}

/* ---- Floors, in multiply-adds ---- */

/* Turns of a wire that no other gate parts are one matrix. With an amplitude it costs, about one
 * axis, 4 forward, 8 backward (state and gradients) and 2 for the gradient; else 8, 16 and 6. */
static qf_status states_work(const qf_circuit *circuit, double *work, qf_error *error) {
    qf_steps steps = {0};
    unsigned *axes = qf_new_array(circuit->wires, sizeof *axes, error); /* since the last other */
    qf_status status = axes ? qf_circuit_lower(circuit, &steps, error) : QF_MEMORY;
    *work = 0;
    for (size_t i = 0; status == QF_OK && i < steps.count; i++) {
        const qf_step *step = &steps.items[i];
        if (step->kind == QF_STEP_TURN) {
            const unsigned before = axes[step->wire], now = before | 1U << step->axis;
            if (before == 0) *work += 14;
            if (before != now && before != 0 && (before & (before - 1)) == 0) *work += 16;
            axes[step->wire] = now;
        } else {
            axes[step->wire] = 0;
            if (step->kind != QF_STEP_FIXED) axes[step->control] = 0;
        }
    }
    for (size_t w = 0; w < circuit->wires; w++) *work *= 2;
    free(axes);
    free(steps.items);
    return status;
}

/* A sample forward and backward. The feature engine's matrix, once a batch, is not counted. */
static qf_status sample_work(const qf_circuit *circuit, const qf_quantum_layer *layer, double *work,
                             qf_error *error) {
    if (qf_quantum_layer_engine(layer) != QF_ENGINE_FEATURE) {
        return states_work(circuit, work, error);
    }
    *work = 3 * (double)circuit->outputs;
    for (size_t w = 0; w < circuit->wires; w++) *work *= 3;
    return QF_OK;
}

/* ---- Circuits ---- */

static qf_status print_circuit(const speed_case *s, const qf_run *run, double rate,
                               qf_error *error) {
    bench b;
    double seconds, work;
    QF_TRY(new_bench(s, run, &b, error));
    qf_status status = measure(&b, run, CLOCK_PROCESS_CPUTIME_ID, &seconds, error);
    if (status == QF_OK) status = sample_work(&b.circuit, b.layer, &work, error);
    if (status == QF_OK) {
        const bool is_double = s->precision == QF_DOUBLE;
        const double floor = (double)s->batch * work / (is_double ? rate : 2 * rate);
        printf("%-8s %5zu %6zu %5zu %-9s %12.2f %12.1f %12.2f %8.1f\n", s->ansatz, s->wires,
               s->layers ? s->layers : 1, s->batch, is_double ? "double" : "single", seconds * 1e6,
               seconds * 1e9 / (double)s->batch, floor * 1e6, seconds / floor);
    }
    free_bench(&b);
    return status;
}

static qf_status print_one(char **words, qf_run *run, qf_error *error) {
    uint64_t counts[3];
    for (size_t i = 0; i < 3; i++) {
        if (!qf_parse_uint64(words[1 + i], &counts[i]) || counts[i] == 0) {
            return qf_fail(error, QF_USAGE, "%s is no count", words[1 + i]);
        }
    }
    const speed_case s = {words[0], counts[0], counts[1], 1, QF_DOUBLE};
    run->threads = counts[2];
    bench b;
    double seconds;
    QF_TRY(new_bench(&s, run, &b, error));
    const clockid_t clock = run->threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC;
    const qf_status status = measure(&b, run, clock, &seconds, error);
    if (status == QF_OK) printf("%.9g\n", seconds);
    for (size_t w = 0; status == QF_OK && w < b.circuit.weights; w++) {
        printf("%.17g\n", b.of_weights[w]);
    }
    free_bench(&b);
    return status;
}

/* ---- Epochs ---- */

typedef struct epoch_case {
    const char *name, *ansatz;
    size_t sizes[6]; /* of the dense layers, then 0 */
} epoch_case;

enum {
    EPOCH_ROWS = 19238,
    EPOCH_COLUMNS = 113,
    EPOCH_BATCH = 25,
    EPOCH_BATCHES = (EPOCH_ROWS + EPOCH_BATCH - 1) / EPOCH_BATCH,
    EPOCHS = 12
};

typedef struct epoch_times {
    double before, shortest;
} epoch_times;

static qf_status note_epoch(void *listener, const qf_epoch *epoch, bool *stop, qf_error *error) {
    (void)epoch;
    (void)stop;
    (void)error;
    epoch_times *times = listener;
    const double now = machine_now(CLOCK_PROCESS_CPUTIME_ID), taken = now - times->before;
    times->before = now;
    times->shortest = taken < times->shortest ? taken : times->shortest;
    return QF_OK;
}

static qf_status make_table(const qf_run *run, qf_table *table, qf_error *error) {
    qf_synth *synth;
    const qf_synth_options options = {.rows = EPOCH_ROWS,
                                      .columns = EPOCH_COLUMNS - 1, /* besides the index */
                                      .fraud = 0.5,
                                      .noise = 1,
                                      .seed = 1};
    QF_TRY(qf_synth_new(&options, run, &synth, error));
    qf_status status = qf_synth_table(synth, table, error);
    if (status == QF_OK) {
        status = qf_synth_next(synth, EPOCH_ROWS, table, error);
        for (size_t i = 0; i < table->rows * table->columns; i++) table->values[i] /= EPOCH_ROWS;
        if (status != QF_OK) qf_table_free(table);
    }
    qf_synth_free(synth);
    return status;
}

static qf_status build_net(const epoch_case *e, const qf_foreign_layer *circuit, qf_net *net,
                           qf_error *error) {
    qf_random random = qf_random_stream(1, "speed", 0);
    for (size_t i = 0; e->sizes[i] > 0; i++) {
        QF_TRY(qf_net_add_dense(net, e->sizes[i], QF_RELU, error));
    }
    QF_TRY(qf_net_add_foreign(net, circuit, error));
    QF_TRY(qf_net_add_dense(net, 2, QF_IDENTITY, error));
    QF_TRY(qf_net_new_weights(net, error));
    for (size_t i = 0; i < net->count; i++) {
        if (!net->layers[i].foreign) qf_net_glorot(net, i, false, &random);
    }
    return QF_OK;
}

/* Multiply-adds of all rows and Adam's roots of all batches. */
static void epoch_work(const qf_net *net, double sample, double *work, double *roots) {
    *work = sample;
    *roots = 0;
    for (size_t i = 0; i < net->count; i++) {
        const qf_layer *l = &net->layers[i];
        if (!l->foreign) *work += (double)((i > 0 ? 3 : 2) * l->inputs * l->outputs);
        *roots += (double)(l->foreign ? l->foreign->weights : (l->inputs + 1) * l->outputs);
    }
    *work *= EPOCH_ROWS;
    *roots *= EPOCH_BATCHES;
}

static qf_status train(const epoch_case *e, const qf_table *table, bench *b, qf_net *net,
                       const qf_run *run, qf_error *error) {
    const qf_foreign_layer circuit = qf_quantum_layer_in_net(b->layer);
    const qf_net_options options = {.rate = 0.001,
                                    .epsilon = 1e-7,
                                    .batch = EPOCH_BATCH,
                                    .epochs = EPOCHS,
                                    .class_weights = {1, 1},
                                    .seed = 1};
    epoch_times times = {machine_now(CLOCK_PROCESS_CPUTIME_ID), 1e9};
    const qf_epoch_listener listener = {.visit = note_epoch, .listener = &times};
    double sample, work, roots;
    QF_TRY(build_net(e, &circuit, net, error));
    QF_TRY(qf_net_train(net, table, &options, run, &listener, error));
    QF_TRY(sample_work(&b->circuit, b->layer, &sample, error));
    epoch_work(net, sample, &work, &roots);
    const double floor = work / machine_multiply_adds(run->simd) + roots / machine_roots(run->simd);
    printf("%-14s %10.2f %10.2f %8.1f\n", e->name, times.shortest * 1e3, floor * 1e3,
           times.shortest / floor);
    return QF_OK;
}

static qf_status print_epoch(const epoch_case *e, const qf_table *table, const qf_run *run,
                             qf_error *error) {
    const speed_case s = {e->ansatz, 4, 0, 1, QF_DOUBLE};
    bench b;
    QF_TRY(new_bench(&s, run, &b, error));
    qf_net net = qf_net_empty(table->columns);
    const qf_status status = train(e, table, &b, &net, run, error);
    qf_net_free(&net);
    free_bench(&b);
    return status;
}

/* ---- The table ---- */

static qf_status print_all(const qf_run *run, qf_error *error) {
    static const speed_case circuits[] = {
        {"short", 4, 0, 25, QF_DOUBLE},  {"long", 4, 0, 25, QF_DOUBLE},
        {"long", 4, 0, 25, QF_SINGLE},   {"long", 4, 0, 2000, QF_DOUBLE},
        {"long", 10, 0, 25, QF_DOUBLE},  {"strong", 10, 3, 1, QF_DOUBLE},
        {"strong", 16, 3, 1, QF_DOUBLE}, {"strong", 20, 3, 1, QF_DOUBLE},
    };
    static const epoch_case epochs[] = {{"hybrid-small", "long", {4}},
                                        {"hybrid-large", "short", {113, 64, 32, 16, 4}}};
    const double rate = machine_multiply_adds(run->simd);
    printf("%s: %.1f multiply-adds a nanosecond\n\n", qf_simd_name(run->simd), rate * 1e-9);
    printf("%-8s %5s %6s %5s %-9s %12s %12s %12s %8s\n", "circuit", "wires", "layers", "batch",
           "precision", "us a batch", "ns a sample", "floor, us", "times");
    for (size_t i = 0; i < sizeof circuits / sizeof *circuits; i++) {
        QF_TRY(print_circuit(&circuits[i], run, rate, error));
    }
    printf("\n%-14s %10s %10s %8s\n", "an epoch", "ms", "floor, ms", "times");
    qf_table table;
    QF_TRY(make_table(run, &table, error));
    qf_status status = QF_OK;
    for (size_t i = 0; status == QF_OK && i < sizeof epochs / sizeof *epochs; i++) {
        status = print_epoch(&epochs[i], &table, run, error);
    }
    qf_table_free(&table);
    return status;
}

int main(int argc, char **argv) {
    qf_error error;
    qf_run run = qf_run_default();
    qf_status status = qf_simd_choose(getenv("QF_SIMD"), &run.simd, &error);
    if (status == QF_OK)
        status = argc == 5 ? print_one(argv + 1, &run, &error) : print_all(&run, &error);
    if (status != QF_OK) fprintf(stderr, "quantum_speed: error: %s\n", error.message);
    return status;
}
