#include "quantum/qasm_write.h"

#include "quantum/angle_text.h"
#include "quantum/qasm_gates.h"

#include <math.h>
#include <stdlib.h>

typedef struct writer {
    const qf_circuit *circuit;
    const qf_qasm_write_options *options;
    unsigned sets;        /* what this version defines */
    const double *values; /* [qf_circuit_values] with 0 for what has no value */
    qf_bytes *text;
} writer;

static qf_status check(const qf_circuit *c, const qf_qasm_write_options *options, qf_error *error) {
    if (options->version != 2 && options->version != 3) {
        return qf_fail(error, QF_USAGE, "OpenQASM has versions 2 and 3, not %d", options->version);
    }
    if (c->start == QF_START_AMPLITUDES) {
        return qf_fail(error, QF_DATA,
                       "a circuit that starts with amplitudes cannot be written: OpenQASM starts "
                       "with all qubits in state 0");
    }
    const bool open_inputs = c->inputs && !options->inputs;
    if (options->version == 3 || (!open_inputs && (!c->weights || options->weights))) return QF_OK;
    return qf_fail(error, QF_USAGE, "OpenQASM 2 has no parameters: %s need values",
                   open_inputs ? "inputs" : "weights");
}

/* ---- Before the gates ---- */

static qf_status write_definitions(const writer *w, qf_error *error) {
    bool written[QF_GATE_KINDS] = {false};
    for (size_t g = 0; g < w->circuit->gate_count; g++) {
        const qf_gate_kind kind = w->circuit->gates[g].kind;
        const qf_qasm_gate *gate = qf_qasm_gate_of(kind, w->sets);
        if (written[kind] || gate->sets & w->sets) continue;
        QF_TRY(qf_bytes_print(w->text, error, "%s\n", gate->definition));
        written[kind] = true;
    }
    return QF_OK;
}

static qf_status write_inputs(const writer *w, char letter, size_t count, qf_error *error) {
    for (size_t i = 0; i < count; i++) {
        QF_TRY(qf_bytes_print(w->text, error, "input float[64] %c%zu;\n", letter, i));
    }
    return QF_OK;
}

/* "output 2: <Z0 X3>", or "outputs 2 to 5: probabilities of wires 0 1". */
static qf_status write_output(const writer *w, size_t *output, const qf_measurement *m,
                              qf_error *error) {
    const bool pauli = m->kind == QF_MEASURE_PAULI;
    const uint64_t wires = pauli ? m->x | m->z : m->wires;
    size_t count = 0, states = 1;
    for (uint64_t rest = wires; rest && !pauli; rest &= rest - 1) states *= 2;
    if (pauli) {
        QF_TRY(qf_bytes_print(w->text, error, "// output %zu: <", *output));
    } else {
        QF_TRY(qf_bytes_print(w->text, error, "// outputs %zu to %zu: probabilities of wires ",
                              *output, *output + states - 1));
    }
    for (size_t wire = 0; wire < w->circuit->wires; wire++) {
        if (!(wires >> wire & 1)) continue;
        const size_t letter = (m->x >> wire & 1) + 2 * (m->z >> wire & 1);
        QF_TRY(qf_bytes_print(w->text, error, "%s%.*s%zu", count++ ? " " : "", pauli,
                              &"IXZY"[letter], wire));
    }
    *output += states;
    return qf_bytes_print(w->text, error, "%s\n", !pauli ? "" : wires ? ">" : "1>");
}

/* ---- Measurement ---- */

/* The wires to measure, in the order of their bits; returns how many, 0 for none. */
static size_t measured_wires(const qf_circuit *c, size_t wires[QF_MAX_WIRES]) {
    uint64_t all = 0;
    size_t count = 0;
    bool single = true;
    for (size_t i = 0; i < c->measurement_count; i++) {
        const qf_measurement *m = &c->measurements[i];
        const uint64_t these = m->kind == QF_MEASURE_PAULI ? m->z : m->wires;
        if (m->x) return 0;
        single &= m->kind == QF_MEASURE_PAULI && these && !(these & (these - 1)) && !(all & these);
        all |= these;
    }
    for (size_t i = 0; single && i < c->measurement_count; i++) {
        while (!(c->measurements[i].z >> wires[i] & 1)) wires[i]++;
    }
    if (single) return c->measurement_count;
    for (size_t wire = 0; wire < c->wires; wire++) {
        if (all >> wire & 1) wires[count++] = wire;
    }
    return count;
}

static qf_status write_measurement(const writer *w, const size_t *wires, size_t count,
                                   qf_error *error) {
    const bool old = w->options->version == 2;
    for (size_t bit = 0; bit < count; bit++) {
        QF_TRY(old ? qf_bytes_print(w->text, error, "measure q[%zu] -> c[%zu];\n", wires[bit], bit)
                   : qf_bytes_print(w->text, error, "c[%zu] = measure q[%zu];\n", bit, wires[bit]));
    }
    return QF_OK;
}

/* ---- Gates ---- */

/* Whether nothing in an angle is left open. */
static bool is_bound(const writer *w, const qf_angle *angle) {
    const bool inputs = w->options->inputs, weights = w->options->weights;
    switch (angle->source) {
    case QF_ANGLE_INPUT:
        return inputs;
    case QF_ANGLE_WEIGHT:
        return weights;
    case QF_ANGLE_TERM:
        return weights && (inputs || !qf_angle_varies(w->circuit, angle));
    default:
        return true;
    }
}

static qf_status write_angle(const writer *w, size_t gate, const qf_angle *angle, double value,
                             qf_error *error) {
    const qf_angle_text how = {QF_ANGLE_QASM, w->options->inputs, w->options->weights};
    if (!is_bound(w, angle)) return qf_angle_print(w->circuit, angle, &how, w->text, error);
    if (!isfinite(value)) {
        return qf_fail(error, QF_DATA, "gate %zu: the angle has no finite value", gate);
    }
    return qf_angle_print_number(value, QF_ANGLE_QASM, w->text, error);
}

static qf_status write_gate(const writer *w, size_t index, qf_error *error) {
    const qf_gate *gate = &w->circuit->gates[index];
    const qf_gate_form *form = qf_gate_form_of(gate->kind);
    QF_TRY(qf_bytes_print(w->text, error, "%s", qf_qasm_gate_of(gate->kind, w->sets)->name));
    for (size_t i = 0; i < form->angles; i++) {
        QF_TRY(qf_bytes_print(w->text, error, i ? ", " : "("));
        QF_TRY(write_angle(w, index, &gate->angles[i], w->values[gate->first_angle + i], error));
    }
    if (form->angles) QF_TRY(qf_bytes_print(w->text, error, ")"));
    for (size_t i = 0; i < form->wires; i++) {
        QF_TRY(qf_bytes_print(w->text, error, "%sq[%zu]", i ? ", " : " ", gate->wires[i]));
    }
    return qf_bytes_print(w->text, error, ";\n");
}

static qf_status write_head(const writer *w, size_t bits, qf_error *error) {
    const qf_circuit *c = w->circuit;
    const bool old = w->options->version == 2;
    size_t output = 0;
    QF_TRY(qf_bytes_print(w->text, error, "OPENQASM %d.0;\ninclude \"%s\";\n", w->options->version,
                          old ? "qelib1.inc" : "stdgates.inc"));
    for (size_t i = 0; i < c->measurement_count; i++) {
        QF_TRY(write_output(w, &output, &c->measurements[i], error));
    }
    QF_TRY(write_definitions(w, error));
    if (!w->options->inputs) QF_TRY(write_inputs(w, 'x', c->inputs, error));
    if (!w->options->weights) QF_TRY(write_inputs(w, 'w', c->weights, error));
    QF_TRY(qf_bytes_print(w->text, error, old ? "qreg q[%zu];\n" : "qubit[%zu] q;\n", c->wires));
    if (!bits) return QF_OK;
    return qf_bytes_print(w->text, error, old ? "creg c[%zu];\n" : "bit[%zu] c;\n", bits);
}

static qf_status write_program(const writer *w, qf_error *error) {
    size_t wires[QF_MAX_WIRES] = {0};
    const size_t bits = measured_wires(w->circuit, wires);
    QF_TRY(write_head(w, bits, error));
    for (size_t g = 0; g < w->circuit->gate_count; g++) QF_TRY(write_gate(w, g, error));
    return write_measurement(w, wires, bits, error);
}

qf_status qf_qasm_write(const qf_circuit *circuit, const qf_qasm_write_options *options,
                        qf_bytes *text, qf_error *error) {
    QF_TRY(check(circuit, options, error));
    const size_t most = circuit->inputs > circuit->weights ? circuit->inputs : circuit->weights;
    double *zeros = qf_new_array(most, sizeof *zeros, error);
    double *values = qf_new_array(qf_circuit_values(circuit), sizeof *values, error);
    qf_status status = zeros && values ? QF_OK : QF_MEMORY;
    if (status == QF_OK) {
        const bool old = options->version == 2;
        const writer w = {circuit, options,
                          old ? QF_QASM_BUILTIN2 | QF_QASM_QELIB1
                              : QF_QASM_BUILTIN3 | QF_QASM_STDGATES,
                          values, text};
        qf_circuit_evaluate(circuit, options->inputs ? options->inputs : zeros,
                            options->weights ? options->weights : zeros, values);
        status = write_program(&w, error);
    }
    free(zeros);
    free(values);
    return status;
}
