/* export_circuits DIRECTORY: circuits as OpenQASM for other programs to load, and what they give
 * here. NAME.2.qasm and NAME.3.qasm are bound, NAME.open.qasm has inputs; a line of JSON a circuit
 * goes to standard output: name, inputs, weights, Pauli strings (wire 0 first) and their values. */
#include "base/file.h"
#include "base/pad.h"
#include "quantum/builtin.h"
#include "quantum/qasm_gates.h"
#include "quantum/qasm_write.h"
#include "quantum/statevector.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../unit/random_circuit.h"

enum { WIRES = 5, OUTPUTS = 6, RANDOM = 40 };

static void check(qf_status status, const qf_error *error) {
    if (status == QF_OK) return;
    fprintf(stderr, "export_circuits: %s\n", error->message);
    exit(status);
}

static void write_file(const char *directory, const char *name, const char *form,
                       const qf_circuit *c, const qf_qasm_write_options *options) {
    qf_error error;
    qf_bytes text = {0};
    char path[400];
    snprintf(path, sizeof path, "%s/%s.%s.qasm", directory, name, form);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd < 0) exit(QF_CANNOT_CREATE);
    check(qf_qasm_write(c, options, &text, &error), &error);
    check(qf_write_all(fd, text.data, text.length, path, &error), &error);
    free(text.data);
    close(fd);
}

static void print_list(const char *name, const double *values, size_t count) {
    printf(", \"%s\": [", name);
    for (size_t i = 0; i < count; i++) printf("%s%.17g", i ? ", " : "", values[i]);
    printf("]");
}

static void print_strings(const qf_circuit *c) {
    printf(", \"strings\": [");
    for (size_t i = 0; i < c->measurement_count; i++) {
        printf("%s", i ? ", \"" : "\"");
        for (size_t w = 0; w < c->wires; w++) {
            const qf_measurement *m = &c->measurements[i];
            putchar("IXZY"[(m->x >> w & 1) + 2 * (m->z >> w & 1)]);
        }
        printf("\"");
    }
    printf("]");
}

/* Draws parameters and Pauli strings, writes the files and the line. */
static void export_circuit(const char *directory, const char *name, qf_circuit *c,
                           qf_random *random) {
    qf_error error;
    qf_statevector *engine;
    double outputs[8] = {0};
    double *inputs = calloc(qf_pad(c->inputs + 1), sizeof *inputs);
    double *weights = calloc(c->weights + 1, sizeof *weights);
    const qf_run run = qf_run_default();
    c->measurement_count = c->outputs = 0;
    random_strings(random, OUTPUTS, c);
    for (size_t i = 0; i < c->inputs; i++) inputs[i] = 2 * qf_random_normal(random);
    for (size_t i = 0; i < c->weights; i++) weights[i] = 3 * qf_random_normal(random);
    check(qf_statevector_new(c, QF_DOUBLE, run.simd, 0, &engine, &error), &error);
    check(qf_statevector_forward(engine, weights, inputs, 1, outputs, &run, &error), &error);
    write_file(directory, name, "2", c, &(qf_qasm_write_options){2, inputs, weights});
    write_file(directory, name, "3", c, &(qf_qasm_write_options){3, inputs, weights});
    write_file(directory, name, "open", c, &(qf_qasm_write_options){.version = 3});
    printf("{\"name\": \"%s\"", name);
    print_list("inputs", inputs, c->inputs);
    print_list("weights", weights, c->weights);
    print_strings(c);
    print_list("values", outputs, c->outputs);
    printf("}\n");
    qf_statevector_free(engine);
    qf_circuit_free(c);
    free(inputs);
    free(weights);
}

/* Every ansatz, and every feature map that OpenQASM can say, each with a partner. */
static void export_builtin(const char *directory, const char *ansatz, const char *map) {
    const qf_recipe recipe = {.ansatz = ansatz, .feature_map = map, .wires = WIRES, .seed = 1};
    qf_random random = qf_random_stream(1, ansatz, strlen(map));
    qf_error error;
    qf_circuit c;
    char name[100];
    snprintf(name, sizeof name, "%s-%s", map, ansatz);
    check(qf_builtin_build(&recipe, &c, &error), &error);
    export_circuit(directory, name, &c, &random);
}

/* Gates that the files of both versions have, and every program knows. */
static bool is_common(qf_gate_kind kind) {
    const unsigned old = QF_QASM_BUILTIN2 | QF_QASM_QELIB1;
    const unsigned now = QF_QASM_BUILTIN3 | QF_QASM_STDGATES;
    return kind != QF_GATE_U && kind != QF_GATE_CU && qf_qasm_gate_of(kind, old)->sets & old &&
           qf_qasm_gate_of(kind, now)->sets & now;
}

/* Every other one of common gates alone. */
static void export_random(const char *directory, size_t trial) {
    qf_random random = qf_random_stream(trial, "peers", 0);
    qf_error error;
    qf_circuit c;
    char name[100];
    snprintf(name, sizeof name, "random-%zu", trial);
    check(qf_circuit_new(&c, 1 + trial % WIRES, WIRES, 12, &error), &error);
    while (c.gate_count < 60) {
        random_gate(&random, &c, true);
        const qf_gate *last = &c.gates[c.gate_count - 1];
        if (trial % 2 == 0 || is_common(last->kind)) continue;
        c.angle_count = last->first_angle;
        c.gate_count--;
    }
    export_circuit(directory, name, &c, &random);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: export_circuits DIRECTORY\n");
        return 64;
    }
    for (size_t i = 0; qf_ansatz_at(i); i++) {
        export_builtin(argv[1], qf_ansatz_at(i)->name, "rx");
    }
    for (size_t i = 0; qf_feature_map_at(i); i++) {
        const char *map = qf_feature_map_at(i)->name;
        if (strcmp(map, "amplitude") != 0) export_builtin(argv[1], "basic", map);
    }
    for (size_t i = 0; i < RANDOM; i++) export_random(argv[1], i);
    return fflush(stdout) == 0 ? 0 : 74;
}
