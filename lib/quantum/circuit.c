#include "quantum/circuit.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/pad.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

qf_angle qf_angle_constant(double value) {
    return (qf_angle){.source = QF_ANGLE_CONSTANT, .offset = value};
}

qf_angle qf_angle_input(size_t input) {
    return (qf_angle){.source = QF_ANGLE_INPUT, .index = input, .scale = 1};
}

qf_angle qf_angle_weight(size_t weight) {
    return (qf_angle){.source = QF_ANGLE_WEIGHT, .index = weight, .scale = 1};
}

qf_angle qf_angle_term(size_t term, double scale) {
    return (qf_angle){.source = QF_ANGLE_TERM, .index = term, .scale = scale};
}

/* ---- Building ---- */

qf_status qf_circuit_new(qf_circuit *circuit, size_t wires, size_t inputs, size_t weights,
                         qf_error *error) {
    *circuit = (qf_circuit){.wires = wires, .inputs = inputs, .weights = weights};
    if (wires == 0 || wires > QF_MAX_WIRES) {
        return qf_fail(error, QF_USAGE, "a circuit has 1 to %d wires, not %zu", QF_MAX_WIRES,
                       wires);
    }
    return QF_OK;
}

void qf_circuit_free(qf_circuit *circuit) {
    free(circuit->gates);
    free(circuit->expressions.items);
    free(circuit->measurements);
    *circuit = (qf_circuit){0};
}

static qf_status check_wires(const qf_circuit *circuit, const qf_gate_form *form,
                             const size_t *wires, qf_error *error) {
    for (size_t i = 0; i < form->wires; i++) {
        if (wires[i] >= circuit->wires) {
            return qf_fail(error, QF_DATA, "gate %zu, %s: wire %zu, but there are %zu wires",
                           circuit->gate_count, form->name, wires[i], circuit->wires);
        }
        for (size_t j = 0; j < i; j++) {
            if (wires[i] != wires[j]) continue;
            return qf_fail(error, QF_DATA, "gate %zu, %s: wire %zu stands twice",
                           circuit->gate_count, form->name, wires[i]);
        }
    }
    return QF_OK;
}

static qf_status check_angle(const qf_circuit *circuit, const char *name, const qf_angle *angle,
                             qf_error *error) {
    const struct {
        const char *what;
        size_t count;
    } sources[] = {[QF_ANGLE_INPUT] = {"input", circuit->inputs},
                   [QF_ANGLE_WEIGHT] = {"weight", circuit->weights},
                   [QF_ANGLE_TERM] = {"term", circuit->expressions.count}};
    if (!isfinite(angle->offset) || !isfinite(angle->scale)) {
        return qf_fail(error, QF_DATA, "gate %zu, %s: the angle is not finite", circuit->gate_count,
                       name);
    }
    if (angle->source != QF_ANGLE_CONSTANT && angle->index >= sources[angle->source].count) {
        return qf_fail(error, QF_DATA, "gate %zu, %s: %s %zu, but there are %zu",
                       circuit->gate_count, name, sources[angle->source].what, angle->index,
                       sources[angle->source].count);
    }
    return QF_OK;
}

qf_status qf_circuit_add(qf_circuit *circuit, qf_gate_kind kind, const size_t *wires,
                         const qf_angle *angles, qf_error *error) {
    const qf_gate_form *form = qf_gate_form_of(kind);
    QF_TRY(check_wires(circuit, form, wires, error));
    for (size_t i = 0; i < form->angles; i++) {
        QF_TRY(check_angle(circuit, form->name, &angles[i], error));
    }
    QF_TRY(qf_grow_array(&circuit->gates, &circuit->gate_capacity, circuit->gate_count + 1,
                         sizeof *circuit->gates, error));
    qf_gate *gate = &circuit->gates[circuit->gate_count++];
    *gate = (qf_gate){.kind = kind, .first_angle = circuit->angle_count};
    memcpy(gate->wires, wires, form->wires * sizeof *wires);
    if (form->angles) memcpy(gate->angles, angles, form->angles * sizeof *angles);
    circuit->angle_count += form->angles;
    return QF_OK;
}

qf_status qf_circuit_add_term(qf_circuit *circuit, qf_term term, size_t *index, qf_error *error) {
    const bool input = term.operation == QF_TERM_INPUT;
    const size_t count = input ? circuit->inputs : circuit->weights;
    if ((input || term.operation == QF_TERM_WEIGHT) && term.left >= count) {
        return qf_fail(error, QF_DATA, "an expression uses %s %zu, but there are %zu",
                       input ? "input" : "weight", term.left, count);
    }
    return qf_expressions_add(&circuit->expressions, term, index, error);
}

/* ---- Measurements ---- */

static qf_status measure(qf_circuit *circuit, qf_measurement measurement, size_t outputs,
                         qf_error *error) {
    QF_TRY(qf_grow_array(&circuit->measurements, &circuit->measurement_capacity,
                         circuit->measurement_count + 1, sizeof *circuit->measurements, error));
    circuit->measurements[circuit->measurement_count++] = measurement;
    circuit->outputs += outputs;
    return QF_OK;
}

qf_status qf_circuit_measure_z(qf_circuit *circuit, size_t wire, qf_error *error) {
    if (wire >= circuit->wires) {
        return qf_fail(error, QF_USAGE, "measurement of wire %zu, but there are %zu wires", wire,
                       circuit->wires);
    }
    return measure(circuit, (qf_measurement){.z = (uint64_t)1 << wire}, 1, error);
}

qf_status qf_circuit_measure_pauli(qf_circuit *circuit, const char *string, qf_error *error) {
    if (strlen(string) != circuit->wires || strspn(string, "IXYZ") != circuit->wires) {
        return qf_fail(error, QF_USAGE,
                       "\"%s\" is not a Pauli string: expected %zu letters of I, X, Y and Z",
                       string, circuit->wires);
    }
    qf_measurement measurement = {.kind = QF_MEASURE_PAULI};
    for (size_t wire = 0; wire < circuit->wires; wire++) {
        const uint64_t bit = (uint64_t)1 << wire;
        if (string[wire] == 'X' || string[wire] == 'Y') measurement.x |= bit;
        if (string[wire] == 'Z' || string[wire] == 'Y') measurement.z |= bit;
    }
    return measure(circuit, measurement, 1, error);
}

qf_status qf_circuit_measure_probabilities(qf_circuit *circuit, uint64_t wires, qf_error *error) {
    enum { MOST = 20 };
    size_t count = 0;
    for (uint64_t rest = wires; rest; rest &= rest - 1) count++;
    if (count == 0 || wires >> circuit->wires) {
        return qf_fail(error, QF_USAGE, "probabilities are of wires 0 to %zu", circuit->wires - 1);
    }
    if (count > MOST) {
        return qf_fail(error, QF_USAGE, "probabilities of %zu wires are too many: %d at most",
                       count, MOST);
    }
    const qf_measurement measurement = {.kind = QF_MEASURE_PROBABILITIES, .wires = wires};
    return measure(circuit, measurement, (size_t)1 << count, error);
}

/* A Pauli string whose last letter, with "*" behind it, stands for all further wires. */
static qf_status measure_string(qf_circuit *circuit, const char *word, qf_error *error) {
    char string[QF_MAX_WIRES + 1];
    const size_t length = strlen(word);
    if (length < 2 || length - 1 > circuit->wires || word[length - 1] != '*') {
        return qf_circuit_measure_pauli(circuit, word, error);
    }
    memset(string, word[length - 2], circuit->wires);
    memcpy(string, word, length - 1);
    string[circuit->wires] = 0;
    return qf_circuit_measure_pauli(circuit, string, error);
}

/* Calls for each word of a list with commas. */
static qf_status measure_word(qf_circuit *circuit, char kind, const char *word, uint64_t *wires,
                              qf_error *error) {
    if (kind == 'x') return measure_string(circuit, word, error);
    int64_t wire;
    if (!qf_parse_int64(word, 0, (int64_t)circuit->wires - 1, &wire)) {
        return qf_fail(error, QF_USAGE, "measurement: \"%s\" is not a wire from 0 to %zu", word,
                       circuit->wires - 1);
    }
    if (kind == 'z') return qf_circuit_measure_z(circuit, (size_t)wire, error);
    *wires |= (uint64_t)1 << wire;
    return QF_OK;
}

static qf_status measure_words(qf_circuit *circuit, char kind, char *list, qf_error *error) {
    uint64_t wires = 0;
    for (char *rest = list; rest;) {
        char *word = rest;
        rest = strchr(word, ',');
        if (rest) *rest++ = 0;
        QF_TRY(measure_word(circuit, kind, word, &wires, error));
    }
    return kind == 'p' ? qf_circuit_measure_probabilities(circuit, wires, error) : QF_OK;
}

qf_status qf_circuit_measure_text(qf_circuit *circuit, const char *text, qf_error *error) {
    circuit->measurement_count = circuit->outputs = 0;
    if (strcmp(text, "probs") == 0) {
        return qf_circuit_measure_probabilities(circuit, ((uint64_t)1 << circuit->wires) - 1,
                                                error);
    }
    const char *list = strchr(text, ':');
    const char kind = strncmp(text, "z:", 2) == 0       ? 'z'
                      : strncmp(text, "pauli:", 6) == 0 ? 'x'
                      : strncmp(text, "probs:", 6) == 0 ? 'p'
                                                        : 0;
    if (!kind) {
        return qf_fail(error, QF_USAGE,
                       "measurement: expected z:WIRES, pauli:STRINGS, probs or probs:WIRES, got "
                       "\"%s\"",
                       text);
    }
    char *copy = qf_copy_text(list + 1, error);
    if (!copy) return QF_MEMORY;
    const qf_status status = measure_words(circuit, kind, copy, error);
    free(copy);
    return status;
}

/* "0,2" of wires 0 and 2. */
static qf_status print_wires(uint64_t wires, qf_bytes *text, qf_error *error) {
    const char *before = "";
    for (size_t wire = 0; wires >> wire; wire++) {
        if (!(wires >> wire & 1)) continue;
        QF_TRY(qf_bytes_print(text, error, "%s%zu", before, wire));
        before = ",";
    }
    return QF_OK;
}

static qf_status print_string(const qf_circuit *circuit, const qf_measurement *m, qf_bytes *text,
                              qf_error *error) {
    for (size_t wire = 0; wire < circuit->wires; wire++) {
        const size_t letter = (m->x >> wire & 1) + 2 * (m->z >> wire & 1);
        QF_TRY(qf_bytes_append(text, &"IXZY"[letter], 1, error));
    }
    return qf_bytes_print(text, error, "%s", "");
}

qf_status qf_circuit_measure_print(const qf_circuit *circuit, qf_bytes *text, qf_error *error) {
    const size_t count = circuit->measurement_count;
    const qf_measurement *all = circuit->measurements;
    size_t paulis = 0, single = 0;
    for (size_t i = 0; i < count; i++) {
        const uint64_t z = all[i].z;
        if (all[i].kind != QF_MEASURE_PAULI) continue;
        paulis++;
        single += !all[i].x && z && !(z & (z - 1));
    }
    if (count == 1 && paulis == 0) {
        QF_TRY(qf_bytes_print(text, error, "probs:"));
        return print_wires(all[0].wires, text, error);
    }
    if (count == 0 || paulis != count) {
        return qf_fail(error, QF_DATA, "measurements of several kinds cannot be written");
    }
    QF_TRY(qf_bytes_print(text, error, single == count ? "z" : "pauli"));
    for (size_t i = 0; i < count; i++) {
        QF_TRY(qf_bytes_print(text, error, i ? "," : ":"));
        QF_TRY(single == count ? print_wires(all[i].z, text, error)
                               : print_string(circuit, &all[i], text, error));
    }
    return QF_OK;
}

/* ---- Angles ---- */

void qf_circuit_angles(const qf_circuit *circuit, const qf_angle **angles) {
    for (size_t g = 0; g < circuit->gate_count; g++) {
        const qf_gate *gate = &circuit->gates[g];
        const size_t count = qf_gate_form_of(gate->kind)->angles;
        for (size_t i = 0; i < count; i++) angles[gate->first_angle + i] = &gate->angles[i];
    }
}

bool qf_angle_varies(const qf_circuit *circuit, const qf_angle *angle) {
    return angle->source == QF_ANGLE_INPUT ||
           (angle->source == QF_ANGLE_TERM && circuit->expressions.items[angle->index].varies);
}

size_t qf_circuit_values(const qf_circuit *circuit) {
    return circuit->angle_count + circuit->expressions.count;
}

void qf_circuit_evaluate(const qf_circuit *circuit, const double *inputs, const double *weights,
                         double *values) {
    double *terms = values + circuit->angle_count;
    qf_expressions_evaluate(&circuit->expressions, inputs, weights, terms);
    const double *const sources[] = {NULL, inputs, weights, terms};
    for (size_t g = 0; g < circuit->gate_count; g++) {
        const qf_gate *gate = &circuit->gates[g];
        const size_t angles = qf_gate_form_of(gate->kind)->angles;
        for (size_t i = 0; i < angles; i++) {
            const qf_angle *angle = &gate->angles[i];
            double value = angle->offset;
            if (angle->source != QF_ANGLE_CONSTANT) {
                value += angle->scale * sources[angle->source][angle->index];
            }
            values[gate->first_angle + i] = value;
        }
    }
}

void qf_circuit_backward(const qf_circuit *circuit, const double *values, double *gradients,
                         double *input_gradients, double *weight_gradients) {
    double *terms = gradients + circuit->angle_count;
    memset(terms, 0, circuit->expressions.count * sizeof *terms);
    double *const targets[] = {NULL, input_gradients, weight_gradients, terms};
    for (size_t g = 0; g < circuit->gate_count; g++) {
        const qf_gate *gate = &circuit->gates[g];
        const size_t angles = qf_gate_form_of(gate->kind)->angles;
        for (size_t i = 0; i < angles; i++) {
            const qf_angle *angle = &gate->angles[i];
            double *target = targets[angle->source];
            if (target) target[angle->index] += angle->scale * gradients[gate->first_angle + i];
        }
    }
    qf_expressions_backward(&circuit->expressions, values + circuit->angle_count, terms,
                            input_gradients, weight_gradients);
}

static bool same_angle(const qf_angle *a, const qf_angle *b) {
    return a->source == b->source && a->index == b->index && a->scale == b->scale &&
           a->offset == b->offset;
}

static bool same_gate(const qf_gate *a, const qf_gate *b) {
    const qf_gate_form *form = qf_gate_form_of(a->kind);
    bool same = a->kind == b->kind;
    for (size_t i = 0; same && i < form->wires; i++) same = a->wires[i] == b->wires[i];
    for (size_t i = 0; same && i < form->angles; i++) {
        same = same_angle(&a->angles[i], &b->angles[i]);
    }
    return same;
}

bool qf_circuit_equal(const qf_circuit *a, const qf_circuit *b) {
    bool same = a->gate_count == b->gate_count && a->expressions.count == b->expressions.count;
    for (size_t i = 0; same && i < a->gate_count; i++) same = same_gate(&a->gates[i], &b->gates[i]);
    for (size_t i = 0; same && i < a->expressions.count; i++) {
        const qf_term *x = &a->expressions.items[i], *y = &b->expressions.items[i];
        same = x->operation == y->operation && x->left == y->left && x->right == y->right &&
               x->value == y->value;
    }
    return same;
}

qf_status qf_circuit_check_inputs(const qf_circuit *circuit, const double *inputs, size_t batch,
                                  qf_error *error) {
    for (size_t row = 0; row < batch; row++) {
        const double *x = inputs + row * qf_pad(circuit->inputs);
        bool any = circuit->start == QF_START_ZERO;
        for (size_t i = 0; i < circuit->inputs; i++) {
            if (!isfinite(x[i])) {
                return qf_fail(error, QF_DATA, "row %zu: circuit input %zu is not a finite number",
                               row, i);
            }
            any |= x[i] != 0;
        }
        if (!any) {
            return qf_fail(error, QF_DATA, "row %zu: all amplitudes are zero", row);
        }
    }
    return QF_OK;
}

size_t qf_circuit_depth(const qf_circuit *circuit) {
    size_t depths[QF_MAX_WIRES] = {0}, deepest = 0;
    for (size_t g = 0; g < circuit->gate_count; g++) {
        const qf_gate *gate = &circuit->gates[g];
        const size_t wires = qf_gate_form_of(gate->kind)->wires;
        size_t depth = 0;
        for (size_t i = 0; i < wires; i++) {
            depth = depths[gate->wires[i]] > depth ? depths[gate->wires[i]] : depth;
        }
        for (size_t i = 0; i < wires; i++) depths[gate->wires[i]] = depth + 1;
        deepest = depth + 1 > deepest ? depth + 1 : deepest;
    }
    return deepest;
}
