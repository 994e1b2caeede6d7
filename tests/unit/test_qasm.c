/* OpenQASM in and out: round trips give the same unitary (up to a phase) and the same gates; the
 * gates of the language's files against matrices; gradients through expressions; what is refused,
 * and where; hostile and damaged programs. */
#include "base/pad.h"
#include "quantum/builtin.h"
#include "quantum/qasm_gates.h"
#include "quantum/qasm_read.h"
#include "quantum/qasm_write.h"
#include "quantum/statevector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dense.h"
#include "random_circuit.h"

static const qf_qasm_read_options plain = {0};

static void read_text(const char *text, qf_circuit *c) {
    qf_error error = {0};
    const qf_status status = qf_qasm_read(text, strlen(text), &plain, c, &error);
    if (status != QF_OK) print_error("%s\n%s\n", error.message, text);
    assert_int_equal(status, QF_OK);
}

/* ---- Unitaries ---- */

/* unitary[column][row] */
static double complex *unitary_of(const qf_circuit *c, const double *inputs,
                                  const double *weights) {
    const size_t states = (size_t)1 << c->wires;
    double complex *unitary = calloc(states * states, sizeof *unitary);
    for (size_t column = 0; column < states; column++) {
        unitary[column * states + column] = 1;
        dense_apply_gates(c, inputs, weights, 0, 0, 0, unitary + column * states);
    }
    return unitary;
}

/* The greatest difference of entries after the best common phase. */
static double distance(const double complex *a, const double complex *b, size_t entries) {
    double complex overlap = 0;
    double worst = 0;
    for (size_t i = 0; i < entries; i++) overlap += conj(a[i]) * b[i];
    if (cabs(overlap) < 0.5) return 2;
    const double complex phase = overlap / cabs(overlap);
    for (size_t i = 0; i < entries; i++) worst = fmax(worst, cabs(b[i] - phase * a[i]));
    return worst;
}

static double difference(const qf_circuit *a, const double *a_inputs, const double *a_weights,
                         const qf_circuit *b, const double *b_inputs, const double *b_weights) {
    assert_int_equal(a->wires, b->wires);
    double complex *u = unitary_of(a, a_inputs, a_weights), *v = unitary_of(b, b_inputs, b_weights);
    const double result = distance(u, v, (size_t)1 << 2 * a->wires);
    free(u);
    free(v);
    return result;
}

/* ---- Round trips ---- */

static void write_text(const qf_circuit *c, const qf_qasm_write_options *options, qf_bytes *text) {
    qf_error error = {0};
    *text = (qf_bytes){0};
    const qf_status status = qf_qasm_write(c, options, text, &error);
    if (status != QF_OK) print_error("%s\n", error.message);
    assert_int_equal(status, QF_OK);
}

static void check_same_gates(const qf_circuit *a, const qf_circuit *b) {
    assert_int_equal(a->gate_count, b->gate_count);
    for (size_t g = 0; g < a->gate_count; g++) {
        assert_int_equal(a->gates[g].kind, b->gates[g].kind);
        assert_memory_equal(a->gates[g].wires, b->gates[g].wires, sizeof a->gates[g].wires);
    }
}

static void round_trip(const qf_circuit *c, int version, const double *inputs,
                       const double *weights, bool bind_inputs, bool bind_weights) {
    const qf_qasm_write_options options = {version, bind_inputs ? inputs : NULL,
                                           bind_weights ? weights : NULL};
    qf_bytes text, again;
    qf_circuit back;
    write_text(c, &options, &text);
    read_text((const char *)text.data, &back);
    assert_int_equal(back.inputs, bind_inputs ? 0 : c->inputs);
    assert_int_equal(back.weights, bind_weights ? 0 : c->weights);
    check_same_gates(c, &back);
    assert_true(difference(c, inputs, weights, &back, inputs, weights) <= 1e-12);
    if (c->expressions.count == 0) { /* of which reading makes others that are worth the same */
        write_text(&back, &options, &again);
        assert_string_equal((const char *)again.data, (const char *)text.data);
        free(again.data);
    }
    qf_circuit_free(&back);
    free(text.data);
}

static void round_trips(const qf_circuit *c, qf_random *random) {
    double *inputs = calloc(c->inputs + 1, sizeof *inputs);
    double *weights = calloc(c->weights + 1, sizeof *weights);
    for (size_t i = 0; i < c->inputs; i++) inputs[i] = 3 * qf_random_normal(random);
    for (size_t i = 0; i < c->weights; i++) weights[i] = 3 * qf_random_normal(random);
    round_trip(c, 2, inputs, weights, true, true);
    for (unsigned i = 0; i < 4; i++) round_trip(c, 3, inputs, weights, i & 1, i >> 1);
    free(inputs);
    free(weights);
}

static void random_circuits(void **state) {
    (void)state;
    for (size_t trial = 0; trial < 60; trial++) {
        qf_random random = qf_random_stream(trial, "qasm", 0);
        qf_error error;
        qf_circuit c;
        const size_t wires = 1 + trial % 6;
        assert_int_equal(qf_circuit_new(&c, wires, 1 + wires, 12, &error), QF_OK);
        for (size_t i = 0; i < 40; i++) random_gate(&random, &c, true);
        for (size_t wire = 0; wire < wires; wire++) {
            assert_int_equal(qf_circuit_measure_z(&c, wire, &error), QF_OK);
        }
        round_trips(&c, &random);
        qf_circuit_free(&c);
    }
}

/* Feature maps have products of inputs. */
static void builtin_circuits(void **state) {
    (void)state;
    static const char *const names[][2] = {{"zz", "strong"}, {"pauli", "efficient-su2"},
                                           {"iqp", "sim14"}, {"z", "short"},
                                           {"rx", "long"},   {"zz", "real-amplitudes"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        qf_random random = qf_random_stream(i, "builtin", 0);
        const qf_recipe recipe = {.feature_map = names[i][0], .ansatz = names[i][1], .wires = 4};
        qf_error error;
        qf_circuit c;
        assert_int_equal(qf_builtin_build(&recipe, &c, &error), QF_OK);
        round_trips(&c, &random);
        qf_circuit_free(&c);
    }
}

/* Every operation, written and read. */
static void expressions(void **state) {
    (void)state;
    static const char *const angles[] = {"sin(x0)+cos(w0)*tan(w1/3)-arctan(x1)",
                                         "-(x0-w0)**2.0",
                                         "(-x0)**3.0*w0",
                                         "exp(-x0*x0)/(1+w0*w0)",
                                         "log(1+x0**2)**0.5*w1",
                                         "arcsin(sin(x0)/2)*arccos(cos(w0)/3)",
                                         "sqrt(x1*x1+w1*w1)-(x0-(w0-x1))",
                                         "2*w0-(x0+3)",
                                         "w0*w1*x0*x1",
                                         "w0/(w1*x0)/x1",
                                         "2**x0",
                                         "2**-x0*w0",
                                         "-2**2*x0*w0",
                                         "x0+x0*1-x0",
                                         "+0"};
    for (size_t i = 0; i + 1 < sizeof angles / sizeof *angles; i++) {
        qf_random random = qf_random_stream(i, "expressions", 0);
        char text[400];
        qf_circuit c;
        snprintf(text, sizeof text,
                 "input float x0; input angle[32] x1; input float[64] w0; input float w1;"
                 "qubit[2] q; U(%s, -(%s), 0.5*(%s)+1) q[0]; U(%s, 0, 0) q[1];",
                 angles[i], angles[i], angles[i], angles[i]);
        read_text(text, &c);
        round_trips(&c, &random);
        qf_circuit_free(&c);
    }
}

/* ---- Gates of the language's files ---- */

/* Reads "NAME(angles) q[0], ..." and compares with a matrix. */
static double check_gate(const char *version, const char *call, size_t wires,
                         const double complex *expected) {
    char text[400];
    qf_circuit c;
    snprintf(text, sizeof text, "OPENQASM %s qreg q[%zu]; %s", version, wires, call);
    read_text(text, &c);
    double complex *found = unitary_of(&c, NULL, NULL);
    const size_t states = (size_t)1 << wires;
    double complex *turned = calloc(states * states, sizeof *turned); /* columns first */
    for (size_t i = 0; i < states * states; i++) {
        turned[i % states * states + i / states] = expected[i];
    }
    const double result = distance(turned, found, states * states);
    free(found);
    free(turned);
    qf_circuit_free(&c);
    return result;
}

static const char *const heads[] = {"2.0; include \"qelib1.inc\";",
                                    "3.0; include \"stdgates.inc\";"};

/* Each name means the gate of the table, whose matrix is that of dense.h. */
static void native_gates(void **state) {
    (void)state;
    static const double angles[QF_GATE_ANGLES] = {0.3, -1.1, 2.7, 0.9};
    const qf_qasm_gate *gate;
    for (size_t i = 0; (gate = qf_qasm_gate_at(i)); i++) {
        if (gate->kind == QF_GATE_KINDS) continue;
        const qf_gate_form *form = qf_gate_form_of(gate->kind);
        static const char *const arguments[] = {"", "(0.3)", "", "(0.3, -1.1, 2.7)",
                                                "(0.3, -1.1, 2.7, 0.9)"};
        static const char *const qubits[] = {"", "q[0]", "q[0], q[1]", "q[0], q[1], q[2]"};
        dense_matrix m;
        char call[500];
        dense_gate(gate->kind, angles, m);
        for (size_t version = 0; version < 2; version++) {
            snprintf(call, sizeof call, "%s%s %s;", gate->name, arguments[form->angles],
                     qubits[form->wires]);
            assert_true(check_gate(heads[version], call, form->wires, m) <= 1e-14);
            if (!gate->definition) continue;
            /* By its definition, under a name that is not known. */
            snprintf(call, sizeof call, "gate my_%s my_%s%s %s;", gate->definition + 5, gate->name,
                     arguments[form->angles], qubits[form->wires]);
            assert_true(check_gate(heads[version], call, form->wires, m) <= 1e-14);
        }
    }
}

/* The identity on all but the last `inner` states. */
static double complex *controlled(size_t states, size_t inner, const double complex *m) {
    double complex *all = calloc(states * states, sizeof *all);
    for (size_t i = 0; i < states; i++) all[i * states + i] = 1;
    for (size_t i = 0; i < inner * inner; i++) {
        all[(states - inner + i / inner) * states + states - inner + i % inner] = m[i];
    }
    return all;
}

static void check_controlled(const char *call, size_t wires, size_t inner,
                             const double complex *m) {
    double complex *expected = controlled((size_t)1 << wires, inner, m);
    for (size_t v = 0; v < 2; v++)
        assert_true(check_gate(heads[v], call, wires, expected) <= 1e-13);
    free(expected);
}

/* Gates by definition alone; relative-phase Toffolis are permutations but for phases. */
static void defined_gates(void **state) {
    (void)state;
    static const double turn[] = {dense_pi / 2, 0.4, -0.8, 0};
    dense_matrix x, sx, u, one = {1, 0, 0, 1};
    dense_gate(QF_GATE_X, turn, x);
    dense_gate(QF_GATE_SX, turn, sx);
    dense_gate(QF_GATE_U, turn, u);
    check_controlled("u0(1) q[0];", 1, 2, one);
    check_controlled("u2(0.4, -0.8) q[0];", 1, 2, u);
    check_controlled("csx q[0], q[1];", 2, 2, sx);
    check_controlled("c3x q[0], q[1], q[2], q[3];", 4, 2, x);
    check_controlled("c3sqrtx q[0], q[1], q[2], q[3];", 4, 2, sx);
    check_controlled("c4x q[0], q[1], q[2], q[3], q[4];", 5, 2, x);
    double complex *cu3 = controlled(4, 2, u);
    assert_true(check_gate(heads[0], "cu3(pi/2, 0.4, -0.8) q[0], q[1];", 2, cu3) <= 1e-14);
    free(cu3);
    static const char *const toffolis[] = {"rccx q[0], q[1], q[2];",
                                           "rc3x q[0], q[1], q[2], q[3];"};
    for (size_t i = 0; i < 2; i++) {
        const size_t states = (size_t)8 << i;
        char text[200];
        qf_circuit c;
        snprintf(text, sizeof text, "OPENQASM %s qreg q[%zu]; %s", heads[0], 3 + i, toffolis[i]);
        read_text(text, &c);
        double complex *found = unitary_of(&c, NULL, NULL), *expected = controlled(states, 2, x);
        for (size_t k = 0; k < states * states; k++) {
            assert_true(fabs(cabs(found[k]) - cabs(expected[k])) <= 1e-14);
        }
        free(found);
        free(expected);
        qf_circuit_free(&c);
    }
}

/* ---- What programs mean ---- */

/* The angles of the first gate, which are constant. */
static void check_angle(const char *version, const char *angle, double expected) {
    char text[300];
    qf_circuit c;
    snprintf(text, sizeof text, "OPENQASM %s qreg q[1]; rx(%s) q;", version, angle);
    read_text(text, &c);
    assert_int_equal(c.gates[0].angles[0].source, QF_ANGLE_CONSTANT);
    assert_true(fabs(c.gates[0].angles[0].offset - expected) <= 1e-15 * fabs(expected));
    qf_circuit_free(&c);
}

static void arithmetic(void **state) {
    (void)state;
    check_angle(heads[0], "3/2", 1.5);
    check_angle(heads[0], "-2^2", -4);
    check_angle(heads[0], "2^3^2", 512);
    check_angle(heads[0], "1-2-3*4/6", -3);
    check_angle(heads[0], "+ln(exp(.5))", 0.5);
    check_angle(heads[0], "-(pi/4+1e-3)", -(dense_pi / 4 + 1e-3));
    check_angle(heads[1], "-2**2", -4);
    check_angle(heads[1], "2**3**2", 512);
    check_angle(heads[1], "2**-1", 0.5);
    check_angle(heads[1], "6/2", 3);
    check_angle(heads[1], "3/2.0", 1.5);
    check_angle(heads[1], "π+τ+ℇ", dense_pi * 3 + exp(1));
    check_angle(heads[1], "pow(2, 0.5)-mod(7.5, 2)+ceiling(0.2)-floor(-0.2)", sqrt(2) + 0.5);
    check_angle("3; const int[8] n = 3; const float half = n/2.0; include \"stdgates.inc\";",
                "half*n", 4.5);
}

static void registers_and_measurement(void **state) {
    (void)state;
    static const size_t wires[][2] = {{0, 0}, {1, 0}, {2, 0}, {0, 3}, {1, 4}, {2, 4}, {2, 3}};
    qf_circuit c;
    read_text(
        "OPENQASM 3.0; include \"stdgates.inc\"; qubit[3] a; qreg b[2]; bit[2] c; creg d[1];\n"
        "h a; cx a[0], b[0]; cx a[-2], b[1]; cx a[2], b[-1]; barrier a, b[1]; barrier;\n"
        "cz a[2], b[0]; gphase(pi/3);\n"
        "d[0] = measure a[1]; c[1] = measure b[0]; c[0] = measure a[0]; measure a[2];\n"
        "x b[1]; bit last = measure b[1];",
        &c);
    assert_int_equal(c.wires, 5);
    assert_int_equal(c.gate_count, 8);
    for (size_t g = 0; g < 7; g++) {
        assert_int_equal(c.gates[g].wires[0], wires[g][0]);
        if (g >= 3) assert_int_equal(c.gates[g].wires[1], wires[g][1]);
    }
    static const uint64_t order[] = {0, 3, 1, 4};
    assert_int_equal(c.outputs, 4);
    for (size_t i = 0; i < 4; i++) assert_int_equal(c.measurements[i].z, (uint64_t)1 << order[i]);
    qf_circuit_free(&c);
    read_text("OPENQASM 2.0; qreg q[3]; creg c[3]; CX q[0],q[1]; measure q -> c;", &c);
    assert_int_equal(c.outputs, 3);
    qf_circuit_free(&c);
    read_text("qubit[2] q; bit[2] c = measure q;", &c);
    assert_int_equal(c.outputs, 2);
    qf_circuit_free(&c);
    read_text("qubit[4] q;", &c);
    assert_int_equal(c.outputs, 4);
    qf_circuit_free(&c);
}

/* Z strings and probabilities measure what they need; X and Y measure nothing. */
static void written_measurement(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"z:2,0", "c[0] = measure q[2];\nc[1] = measure q[0];\n"},
        {"pauli:ZIZ,IZI", "c[0] = measure q[0];\nc[1] = measure q[1];\nc[2] = measure q[2];\n"},
        {"probs:1,2", "c[0] = measure q[1];\nc[1] = measure q[2];\n"},
        {"pauli:ZIX", "qubit[3] q;\nx q[0];\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const size_t wire = 0;
        const qf_qasm_write_options options = {.version = 3};
        qf_error error;
        qf_circuit c;
        qf_bytes text;
        assert_int_equal(qf_circuit_new(&c, 3, 0, 0, &error), QF_OK);
        assert_int_equal(qf_circuit_add(&c, QF_GATE_X, &wire, NULL, &error), QF_OK);
        assert_int_equal(qf_circuit_measure_text(&c, cases[i][0], &error), QF_OK);
        write_text(&c, &options, &text);
        const char *end = (const char *)text.data + text.length - strlen(cases[i][1]);
        assert_string_equal(end, cases[i][1]);
        qf_circuit_free(&c);
        free(text.data);
    }
}

/* What is measured, as text and back; and in place of what the program measures. */
static void measurement_texts(void **state) {
    (void)state;
    static const char text[] = "qubit[3] q; bit[2] c; c[0] = measure q[2]; c[1] = measure q[0];";
    static const char *const cases[][2] = {{NULL, "z:2,0"},
                                           {"z:1,1", "z:1,1"},
                                           {"pauli:IZI,IIZ", "z:1,2"},
                                           {"pauli:XYZ,III", "pauli:XYZ,III"},
                                           {"probs", "probs:0,1,2"},
                                           {"probs:2,0", "probs:0,2"}};
    qf_error error;
    qf_circuit c;
    qf_bytes printed = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const qf_qasm_read_options options = {.measure = cases[i][0]};
        assert_int_equal(qf_qasm_read(text, sizeof text - 1, &options, &c, &error), QF_OK);
        printed.length = 0;
        assert_int_equal(qf_circuit_measure_print(&c, &printed, &error), QF_OK);
        assert_string_equal((const char *)printed.data, cases[i][1]);
        qf_circuit_free(&c);
    }
    const qf_qasm_read_options wrong = {.measure = "z:3"};
    assert_int_equal(qf_qasm_read(text, sizeof text - 1, &wrong, &c, &error), QF_USAGE);
    read_text(text, &c);
    assert_int_equal(qf_circuit_measure_probabilities(&c, 1, &error), QF_OK);
    assert_int_equal(qf_circuit_measure_print(&c, &printed, &error), QF_DATA);
    qf_circuit_free(&c);
    free(printed.data);
}

static void features(void **state) {
    (void)state;
    static const char text[] =
        "input float amount; input float w; input angle x1; qubit q;"
        "U(amount, w, x1) q;";
    static const qf_angle_source sources[][3] = {{QF_ANGLE_WEIGHT, QF_ANGLE_WEIGHT, QF_ANGLE_INPUT},
                                                 {QF_ANGLE_INPUT, QF_ANGLE_WEIGHT, QF_ANGLE_WEIGHT},
                                                 {QF_ANGLE_INPUT, QF_ANGLE_INPUT, QF_ANGLE_INPUT}};
    static const char *const patterns[] = {NULL, "a*", "*"};
    qf_error error;
    qf_circuit c;
    for (size_t i = 0; i < 3; i++) {
        const qf_qasm_read_options options = {.features = patterns[i]};
        assert_int_equal(qf_qasm_read(text, sizeof text - 1, &options, &c, &error), QF_OK);
        for (size_t k = 0; k < 3; k++) {
            assert_int_equal(c.gates[0].angles[k].source, sources[i][k]);
        }
        qf_circuit_free(&c);
    }
    const qf_qasm_read_options none = {.features = "z*"};
    assert_int_equal(qf_qasm_read(text, sizeof text - 1, &none, &c, &error), QF_USAGE);
}

/* <Z> after RX is the cosine of its angle, here through a gate and expressions. */
static void gradients(void **state) {
    (void)state;
    static const double weights[] = {0.7, -1.3}, inputs[QF_PAD] = {0.4}, one[QF_PAD] = {1};
    qf_error error;
    qf_circuit c;
    qf_statevector *engine;
    double outputs[QF_PAD], of_inputs[QF_PAD] = {0}, of_weights[2] = {0};
    const qf_run run = {.threads = 1, .simd = QF_SIMD_PORTABLE};
    read_text(
        "include \"stdgates.inc\"; input float w0; input float w1; input float x0; qubit q;\n"
        "gate twice(a, b) q { rx(a*b/2) q; rx(a*b-0.5*(a*b)+sin(a)) q; }\n"
        "twice(w0*x0, w1**2/3) q;",
        &c);
    assert_int_equal(qf_statevector_new(&c, QF_DOUBLE, QF_SIMD_PORTABLE, 0, &engine, &error),
                     QF_OK);
    assert_int_equal(qf_statevector_forward(engine, weights, inputs, 1, outputs, &run, &error),
                     QF_OK);
    assert_int_equal(qf_statevector_backward(engine, weights, inputs, 1, one, of_inputs, of_weights,
                                             &run, &error),
                     QF_OK);
    const double a = 0.7 * 0.4, b = 1.3 * 1.3 / 3, angle = a * b + sin(a);
    const double of_a = -sin(angle) * (b + cos(a)), of_b = -sin(angle) * a;
    assert_true(fabs(outputs[0] - cos(angle)) <= 1e-14);
    assert_true(fabs(of_weights[0] - of_a * 0.4) <= 1e-14);
    assert_true(fabs(of_weights[1] - of_b * 2 * -1.3 / 3) <= 1e-14);
    assert_true(fabs(of_inputs[0] - of_a * 0.7) <= 1e-14);
    qf_statevector_free(engine);
    qf_circuit_free(&c);
}

/* ---- Refused ---- */

static void check_refused(const char *text, size_t length, const char *message) {
    qf_error error = {0};
    qf_circuit c;
    assert_int_equal(qf_qasm_read(text, length, &plain, &c, &error), QF_DATA);
    assert_null(c.gates);
    if (!strstr(error.message, message)) print_error("%s\n%s\n", message, error.message);
    assert_non_null(strstr(error.message, message));
}

static void refused(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"OPENQASM 4.0;", "line 1, column 10: expected version 2.0 or 3.0, got \"4.0\""},
        {"OPENQASM 2.0;\nqreg q[2];\n  h q;", "line 3, column 3: h is not defined: is the include"},
        {"qubit q;\nif (true) U(0,0,0) q;", "line 2, column 1: \"if\": control flow is not"},
        {"qubit q; for int i in [0:2] {}", "\"for\": control flow is not supported"},
        {"qubit q;\nreset q;", "line 2, column 1: \"reset\": reset is not supported"},
        {"qubit[2] q; measure q[0]; U(0,0,0) q[0];", "line 1, column 36: a gate after measurement"},
        {"qubit q; measure q; measure q;", "the qubit has been measured already"},
        {"qubit[2] q; bit c; c = measure q[0]; c = measure q[1];", "written already"},
        {"qubit[2] q; bit[3] c; c = measure q;", "2 qubits are measured into 3 bits"},
        {"qubit q; ctrl @ U(0,0,0) q;", "\"ctrl\": a gate modifier is not supported"},
        {"qubit q; inv @ U(0,0,0) q;", "\"inv\": a gate modifier is not supported"},
        {"qubit q; delay[100ns] q;", "\"delay\": timing is not supported"},
        {"qubit q; U(100ns,0,0) q;", "line 1, column 12: expected a decimal number"},
        {"array[float, 3] a;", "\"array\": an array is not supported"},
        {"float a = 1;", "\"float\": a variable (only inputs and constants are) is not"},
        {"input bool a;", "line 1, column 7: expected type float or angle"},
        {"def f() {}", "\"def\": a subroutine is not supported"},
        {"let a = q;", "\"let\": an alias is not supported"},
        {"#pragma x", "expected a statement, got \"#\""},
        {"qubit[3] q; U(0,0,0) q[0:1];", "ranges and sets are not supported"},
        {"U(0,0,0) $0;", "expected qubit, got \"$\""},
        {"OPENQASM 2.0; opaque g q;", "\"opaque\": a gate without definition is not supported"},
        {"OPENQASM 2.0; qubit q;", "there is no gate or statement \"qubit\""},
        {"include \"other.inc\";", "column 9: only qelib1.inc and stdgates.inc can be included"},
        {"gate g q { g q; }", "line 1, column 12: there is no gate or statement \"g\""},
        {"gate g q { measure q; }", "\"measure\" does not stand in a gate definition"},
        {"gate g q { U(0,0,0) q;", "expected \"}\", got the end"},
        {"gate g(a, a) q {}", "\"a\" is already defined"},
        {"input float x; gate g q { U(x,0,0) q; }", "does not see the input \"x\""},
        {"qubit r; gate g q { U(0,0,0) r; }", "there is no qubit \"r\" here"},
        {"qubit q; qubit q;", "column 16: \"q\" is already defined"},
        {"include \"stdgates.inc\"; gate h q {}", "\"h\" is already defined"},
        {"gate g q {} include \"stdgates.inc\";", "include comes before definitions"},
        {"qubit pi;", "\"pi\" is already defined"},
        {"qubit[41] q;", "expected an integer from 1 to 40"},
        {"qubit[40] q; qubit r;", "more than 40 qubits"},
        {"qubit[0] q;", "expected an integer from 1 to 40"},
        {"qubit[2.0] q;", "expected an integer from 1 to 40"},
        {"input float n; qubit[n] q;", "expected a constant"},
        {"qubit[2] q; U(0,0,0) q[2];", "expected an integer from -2 to 1"},
        {"qubit q; U(0,0,0) q[0];", "expected no index of what is no register"},
        {"qubit q; U(0,0) q;", "U takes 3 angles and 1 qubits, got 2 and 1"},
        {"include \"stdgates.inc\"; qubit[2] q; cx q[0], q[0];",
         "column 46: the qubit stands twice"},
        {"include \"stdgates.inc\"; qubit[2] q; qubit[3] r; cx q, r;", "registers of 2 and 3"},
        {"qubit q; U(3/2,0,0) q;", "column 13: a division of integers with a rest"},
        {"qubit q; U(1/0,0,0) q;", "column 13: the angle is not a finite number"},
        {"qubit q; U(log(0),0,0) q;", "column 12: the angle is not a finite number"},
        {"qubit q; U(1e999,0,0) q;", "beyond the range of a double"},
        {"qubit q; U(0x10,0,0) q;", "expected a decimal number"},
        {"qubit q; U(a,0,0) q;", "\"a\" is no constant, input or parameter"},
        {"qubit q; U(f(1),0,0) q;", "there is no function \"f\""},
        {"input float x; qubit q; U(floor(x),0,0) q;", "floor takes constants alone"},
        {"const int n = 1.5;", "the value is not of type int"},
        {"const uint n = -1;", "the value is not of type uint"},
        {"/* no end", "line 1, column 1: the comment has no end"},
        {"include \"no end", "the string has no end"},
        {"qubit \xff;", "line 1, column 7: unexpected byte 0xff"},
        {"qubit \xe2\x80\xae;", "unexpected byte 0xe2"},
        {"qubit ü\x01;", "line 1, column 8: unexpected byte 0x01"},
        {"", "line 1, column 1: there are no qubits"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_refused(cases[i][0], strlen(cases[i][0]), cases[i][1]);
    }
    check_refused("qubit q;\0U(0,0,0) q;", 20, "line 1, column 9: unexpected byte 0x00");
}

static void refused_to_write(void **state) {
    (void)state;
    static const double zero[] = {0};
    qf_error error;
    qf_circuit c;
    qf_bytes text = {0};
    read_text("input float x; input float w; qubit q; U(log(x), w, 0) q;", &c);
    assert_int_equal(qf_qasm_write(&c, &(qf_qasm_write_options){2, zero, NULL}, &text, &error),
                     QF_USAGE);
    assert_int_equal(qf_qasm_write(&c, &(qf_qasm_write_options){2, NULL, zero}, &text, &error),
                     QF_USAGE);
    assert_int_equal(qf_qasm_write(&c, &(qf_qasm_write_options){4, zero, zero}, &text, &error),
                     QF_USAGE);
    assert_int_equal(qf_qasm_write(&c, &(qf_qasm_write_options){3, zero, zero}, &text, &error),
                     QF_DATA); /* log(0) */
    c.start = QF_START_AMPLITUDES;
    assert_int_equal(qf_qasm_write(&c, &(qf_qasm_write_options){3, NULL, NULL}, &text, &error),
                     QF_DATA);
    free(text.data);
    qf_circuit_free(&c);
}

/* ---- Hostile ---- */

static void append(qf_bytes *text, const char *piece, size_t times) {
    qf_error error;
    for (size_t i = 0; i < times; i++) {
        assert_int_equal(qf_bytes_print(text, &error, "%s", piece), QF_OK);
    }
}

/* Definitions that each use the one before twice, from a first one with this body. */
static void check_doubling(const char *parameters, const char *body, const char *argument,
                           const char *message) {
    qf_bytes text = {0};
    qf_error error;
    qf_bytes_print(&text, &error, "qubit q; gate g0%s q { %s }\n", parameters, body);
    for (size_t i = 1; i < 64; i++) {
        qf_bytes_print(&text, &error, "gate g%zu%s q { g%zu%s q; g%zu%s q; }\n", i, parameters,
                       i - 1, argument, i - 1, argument);
    }
    qf_bytes_print(&text, &error, "g63%s q;", *argument ? "(1.0)" : "");
    if (message) {
        check_refused((const char *)text.data, text.length, message);
    } else {
        qf_circuit c;
        read_text((const char *)text.data, &c);
        assert_int_equal(c.gate_count, 0);
        qf_circuit_free(&c);
    }
    free(text.data);
}

static void hostile(void **state) {
    (void)state;
    qf_bytes text = {0};
    check_doubling("", "U(0,0,0) q;", "", "the circuit expands to too much");
    check_doubling("", "", "", NULL);
    check_doubling("(a)", "U(a,0,0) q;", "(a*a)", "the angles are too long");
    check_doubling("(a)", "U(a,0,0) q;", "(a+1)", "the circuit expands to too much");

    append(&text, "qubit q; U(", 1);
    append(&text, "(", 100000);
    check_refused((const char *)text.data, text.length, "200 levels of brackets and signs");
    text.length = 11;
    append(&text, "-", 100000);
    check_refused((const char *)text.data, text.length, "200 levels of brackets and signs");
    text.length = 11;
    append(&text, "2**", 100000);
    check_refused((const char *)text.data, text.length, "200 levels of brackets and signs");
    text.length = 0;
    append(&text, "input float x; qubit q; U(", 1);
    append(&text, "x*", 100000);
    check_refused((const char *)text.data, text.length, "the angle is too long");
    text.length = 0;
    append(&text, "qubit ", 1);
    append(&text, "q", 100000);
    check_refused((const char *)text.data, text.length, "a name has at most 255 bytes");
    text.length = 0;
    append(&text, "qubit[9999999999999999999999999999] q;", 1);
    check_refused((const char *)text.data, text.length, "expected an integer");
    text.length = 0;
    for (size_t i = 0; i <= QF_QASM_MAX_NAMES; i++) {
        qf_error error;
        qf_bytes_print(&text, &error, "input float x%zu;", i);
    }
    check_refused((const char *)text.data, text.length, "more than 65536 names");
    free(text.data);
}

/* What damaged programs still mean can be written and read. */
static void damaged(void **state) {
    (void)state;
    static const char whole[] =
        "OPENQASM 3.0; include \"stdgates.inc\"; input float x0; input angle w0;\n"
        "const int n = 2; qubit[n] q; bit[n] c; /* a */ gate g(a, b) q, r { rx(a**2/b) q; cx q, r;\n"
        "gphase(a); barrier q; } g(x0*pi, sin(w0)+1.5) q[0], q[1]; cu(1,-w0,x0,3e-1) q[1], q[-2];\n"
        "rxx(w0) q[0], q[1]; h q; barrier; c = measure q; // end\n";
    size_t accepted = 0;
    for (size_t trial = 0; trial < 20000; trial++) {
        qf_random random = qf_random_stream(trial, "damaged", 0);
        char text[2 * sizeof whole];
        size_t length = sizeof whole - 1;
        memcpy(text, whole, length);
        for (uint64_t changes = 1 + qf_random_below(&random, 2); changes > 0; changes--) {
            const size_t to = qf_random_below(&random, length),
                         from = qf_random_below(&random, length);
            const size_t most = length - (to > from ? to : from);
            const size_t piece = qf_random_below(&random, most < 12 ? most + 1 : 12);
            switch (qf_random_below(&random, 4)) {
            case 0:
                text[to] = (char)qf_random_below(&random, 256);
                break;
            case 1:
                text[to] = whole[from % (sizeof whole - 1)];
                break;
            case 2:
                memmove(text + to, text + from, piece);
                break;
            default:
                memmove(text + to, text + to + piece, length - to - piece);
                length -= piece;
            }
        }
        qf_error error = {0};
        qf_circuit c;
        const qf_status status = qf_qasm_read(text, length, &plain, &c, &error);
        if (status != QF_OK) {
            assert_int_equal(status, QF_DATA);
            assert_memory_equal(error.message, "line ", 5);
            continue;
        }
        accepted++;
        qf_bytes written;
        qf_circuit back;
        write_text(&c, &(qf_qasm_write_options){.version = 3}, &written);
        read_text((const char *)written.data, &back);
        check_same_gates(&c, &back);
        qf_circuit_free(&back);
        qf_circuit_free(&c);
        free(written.data);
    }
    assert_in_range(accepted, 1000, 19000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_circuits),
        cmocka_unit_test(builtin_circuits),
        cmocka_unit_test(expressions),
        cmocka_unit_test(native_gates),
        cmocka_unit_test(defined_gates),
        cmocka_unit_test(arithmetic),
        cmocka_unit_test(registers_and_measurement),
        cmocka_unit_test(written_measurement),
        cmocka_unit_test(measurement_texts),
        cmocka_unit_test(features),
        cmocka_unit_test(gradients),
        cmocka_unit_test(refused),
        cmocka_unit_test(refused_to_write),
        cmocka_unit_test(hostile),
        cmocka_unit_test(damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
