/* make speed: what a forward and a backward of the quantum layer take, by the processor's clock,
 * the shortest of many, at the SIMD level of QF_SIMD. One thread. */
#include "base/memory.h"
#include "base/pad.h"
#include "quantum/builtin.h"
#include "quantum/layer.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

typedef struct speed_case {
    const char *ansatz;
    size_t wires, layers, batch;
    qf_precision precision;
    size_t repeats;
} speed_case;

static double *numbers(size_t count, double scale, qf_error *error) {
    double *made = qf_new_array(count, sizeof *made, error);
    for (size_t i = 0; made && i < count; i++) made[i] = scale * (double)(i % 97);
    return made;
}

static qf_status measure(const speed_case *s, const qf_run *run, double *shortest,
                         qf_error *error) {
    qf_circuit c;
    qf_quantum_layer *layer = NULL;
    const qf_recipe recipe = {.ansatz = s->ansatz, .wires = s->wires, .layers = s->layers};
    const qf_layer_options options = {.precision = s->precision, .simd = run->simd};
    QF_TRY(qf_builtin_build(&recipe, &c, error));
    double *weights = numbers(c.weights, 0.1, error);
    double *inputs = numbers(s->batch * qf_pad(c.inputs), 0.01, error);
    double *outputs = numbers(s->batch * qf_pad(c.outputs), 1, error);
    double *of_outputs = numbers(s->batch * qf_pad(c.outputs), 0.1, error);
    double *of_inputs = numbers(s->batch * qf_pad(c.inputs), 1, error);
    double *of_weights = numbers(c.weights, 1, error);
    qf_status status = weights && inputs && outputs && of_outputs && of_inputs && of_weights
                           ? qf_quantum_layer_new(&c, &options, &layer, error)
                           : QF_MEMORY;
    *shortest = 1e9;
    for (size_t i = 0; i < s->repeats && status == QF_OK; i++) {
        const double start = now();
        status = qf_quantum_layer_forward(layer, weights, inputs, s->batch, outputs, run, error);
        if (status == QF_OK) {
            status = qf_quantum_layer_backward(layer, weights, inputs, s->batch, of_outputs,
                                               of_inputs, of_weights, run, error);
        }
        const double taken = now() - start;
        *shortest = taken < *shortest ? taken : *shortest;
    }
    qf_quantum_layer_free(layer);
    free(weights);
    free(inputs);
    free(outputs);
    free(of_outputs);
    free(of_inputs);
    free(of_weights);
    qf_circuit_free(&c);
    return status;
}

int main(void) {
    static const speed_case cases[] = {
        {"short", 4, 0, 25, QF_DOUBLE, 20000}, {"long", 4, 0, 25, QF_DOUBLE, 20000},
        {"long", 4, 0, 25, QF_SINGLE, 20000},  {"long", 4, 0, 2000, QF_DOUBLE, 500},
        {"long", 10, 0, 25, QF_DOUBLE, 200},   {"strong", 10, 3, 1, QF_DOUBLE, 2000},
        {"strong", 16, 3, 1, QF_DOUBLE, 20},   {"strong", 20, 3, 1, QF_DOUBLE, 3},
    };
    qf_error error;
    qf_run run = qf_run_default();
    qf_status status = qf_simd_choose(getenv("QF_SIMD"), &run.simd, &error);
    printf("%-8s %5s %6s %5s %-9s %14s %14s\n", "circuit", "wires", "layers", "batch", "precision",
           "us a batch", "ns a sample");
    for (size_t i = 0; i < sizeof cases / sizeof *cases && status == QF_OK; i++) {
        const speed_case *s = &cases[i];
        double seconds;
        status = measure(s, &run, &seconds, &error);
        if (status != QF_OK) break;
        printf("%-8s %5zu %6zu %5zu %-9s %14.2f %14.1f\n", s->ansatz, s->wires,
               s->layers ? s->layers : 1, s->batch, s->precision == QF_DOUBLE ? "double" : "single",
               seconds * 1e6, seconds * 1e9 / (double)s->batch);
    }
    if (status != QF_OK) fprintf(stderr, "quantum_speed: error: %s\n", error.message);
    return status;
}
