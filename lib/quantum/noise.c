#include "quantum/noise.h"

#include "base/memory.h"
#include "base/number.h"

#include <math.h>
#include <string.h>

const char *const qf_channel_names[QF_CHANNELS] = {"bit-flip", "phase-flip", "depolarising",
                                                   "amplitude-damping", "phase-damping"};

/* ---- From text ---- */

static qf_status parse_chance(const char *text, size_t length, double *chance, qf_error *error) {
    if (length > 0 && qf_parse_double(text, length, chance) == QF_NUMBER_VALID && *chance >= 0 &&
        *chance <= 1) {
        return QF_OK;
    }
    return qf_fail(error, QF_USAGE, "expected a number from 0 to 1, got \"%.*s\"", (int)length,
                   text);
}

/* "0.02" or "0.01/0.03", of a wire or, QF_MAX_WIRES, of all that have none of their own. */
static qf_status parse_readout(const char *text, size_t length, size_t wire, qf_noise *noise,
                               qf_error *error) {
    const char *slash = memchr(text, '/', length);
    const size_t head = slash ? (size_t)(slash - text) : length;
    double chances[2];
    QF_TRY(parse_chance(text, head, &chances[0], error));
    chances[1] = chances[0];
    if (slash) QF_TRY(parse_chance(slash + 1, length - head - 1, &chances[1], error));
    if (noise->named >> wire & 1) return qf_fail(error, QF_USAGE, "a readout stands twice");
    noise->named |= (uint64_t)1 << wire;
    for (size_t w = 0; w < QF_MAX_WIRES; w++) {
        const bool meant = wire == QF_MAX_WIRES ? !(noise->named >> w & 1) : w == wire;
        if (meant) memcpy(noise->misread[w], chances, sizeof chances);
    }
    return QF_OK;
}

static qf_status parse_wire(const char *text, size_t length, size_t *wire, qf_error *error) {
    *wire = 0;
    bool valid = length > 0 && length <= 2;
    for (size_t i = 0; i < length && valid; i++) {
        valid = text[i] >= '0' && text[i] <= '9';
        *wire = *wire * 10 + (size_t)(text[i] - '0');
    }
    if (valid && *wire < QF_MAX_WIRES) return QF_OK;
    return qf_fail(error, QF_USAGE, "expected a wire from 0 to %d, got \"%.*s\"", QF_MAX_WIRES - 1,
                   (int)length, text);
}

static bool is_word(const char *text, size_t length, const char *word) {
    return length == strlen(word) && memcmp(text, word, length) == 0;
}

static qf_status parse_channel(const char *name, size_t length, const char *value,
                               size_t value_length, qf_noise *noise, qf_error *error) {
    qf_channel_kind kind = 0;
    while (kind < QF_CHANNELS && !is_word(name, length, qf_channel_names[kind])) kind++;
    if (kind == QF_CHANNELS) {
        return qf_fail(error, QF_USAGE,
                       "there is no noise \"%.*s\": expected bit-flip, phase-flip, depolarising, "
                       "amplitude-damping, phase-damping or readout",
                       (int)length, name);
    }
    for (size_t i = 0; i < noise->channel_count; i++) {
        if (noise->channels[i].kind != kind) continue;
        return qf_fail(error, QF_USAGE, "%s stands twice", qf_channel_names[kind]);
    }
    double strength;
    QF_TRY(parse_chance(value, value_length, &strength, error));
    if (strength > 0) noise->channels[noise->channel_count++] = (qf_channel){kind, strength};
    return QF_OK;
}

static qf_status parse_entry(const char *text, size_t length, qf_noise *noise, qf_error *error) {
    static const char readout[] = "readout@";
    const char *colon = memchr(text, ':', length);
    if (!colon) {
        return qf_fail(error, QF_USAGE, "expected NAME:STRENGTH, got \"%.*s\"", (int)length, text);
    }
    const size_t name = (size_t)(colon - text), rest = length - name - 1;
    const size_t prefix = sizeof readout - 1;
    if (is_word(text, name, "readout")) {
        return parse_readout(colon + 1, rest, QF_MAX_WIRES, noise, error);
    }
    if (name >= prefix && memcmp(text, readout, prefix) == 0) {
        size_t wire;
        QF_TRY(parse_wire(text + prefix, name - prefix, &wire, error));
        return parse_readout(colon + 1, rest, wire, noise, error);
    }
    return parse_channel(text, name, colon + 1, rest, noise, error);
}

qf_status qf_noise_parse(const char *text, qf_noise *noise, qf_error *error) {
    *noise = (qf_noise){0};
    if (strcmp(text, "none") == 0) return QF_OK;
    for (const char *entry = text;; entry++) {
        const size_t length = strcspn(entry, ",");
        QF_TRY(parse_entry(entry, length, noise, error));
        entry += length;
        if (!*entry) return QF_OK;
    }
}

static bool misreads(const qf_noise *noise, size_t wire) {
    return noise->misread[wire][0] > 0 || noise->misread[wire][1] > 0;
}

bool qf_noise_is_none(const qf_noise *noise) {
    bool none = noise->channel_count == 0;
    for (size_t w = 0; w < QF_MAX_WIRES; w++) none &= !misreads(noise, w);
    return none;
}

qf_status qf_noise_check(const qf_noise *noise, size_t wires, qf_error *error) {
    for (size_t w = wires; w < QF_MAX_WIRES; w++) {
        if (!(noise->named >> w & 1)) continue;
        return qf_fail(error, QF_USAGE, "noise of wire %zu: the circuit has %zu wires", w, wires);
    }
    return QF_OK;
}

/* ---- Channels ---- */

size_t qf_channel_kraus(const qf_channel *channel, double complex operators[QF_KRAUS][4]) {
    static const double complex paulis[4][4] = {
        {1, 0, 0, 1}, {0, 1, 1, 0}, {0, -I, I, 0}, {1, 0, 0, -1}};
    const double p = channel->strength, rest = sqrt(1 - p), root = sqrt(p);
    const qf_channel_kind kind = channel->kind;
    memset(operators, 0, QF_KRAUS * sizeof *operators);
    if (kind == QF_AMPLITUDE_DAMPING || kind == QF_PHASE_DAMPING) {
        operators[0][0] = 1;
        operators[0][3] = rest;
        operators[1][kind == QF_AMPLITUDE_DAMPING ? 1 : 3] = root;
        return 2;
    }
    const size_t flip = kind == QF_BIT_FLIP ? 1 : 3;
    const size_t count = kind == QF_DEPOLARISING ? 4 : 2;
    for (size_t i = 0; i < 4; i++) {
        operators[0][i] = rest * paulis[0][i];
        for (size_t k = 1; k < count; k++) {
            operators[k][i] = count == 4 ? sqrt(p / 3) * paulis[k][i] : root * paulis[flip][i];
        }
    }
    return count;
}

static qf_bloch_map map_of(const qf_channel *channel) {
    const double p = channel->strength, kept = 1 - 2 * p, root = sqrt(1 - p), all = 1 - 4 * p / 3;
    switch (channel->kind) {
    case QF_BIT_FLIP:
        return (qf_bloch_map){{1, kept, kept}, 0};
    case QF_PHASE_FLIP:
        return (qf_bloch_map){{kept, kept, 1}, 0};
    case QF_DEPOLARISING:
        return (qf_bloch_map){{all, all, all}, 0};
    case QF_AMPLITUDE_DAMPING:
        return (qf_bloch_map){{root, root, 1 - p}, p};
    default:
        return (qf_bloch_map){{root, root, 1}, 0};
    }
}

qf_bloch_map qf_noise_map(const qf_noise *noise) {
    qf_bloch_map map = {{1, 1, 1}, 0};
    for (size_t i = 0; i < noise->channel_count; i++) {
        const qf_bloch_map next = map_of(&noise->channels[i]);
        for (size_t a = 0; a < 3; a++) map.scale[a] *= next.scale[a];
        map.shift = next.scale[2] * map.shift + next.shift;
    }
    return map;
}

/* ---- Steps ---- */

static qf_status append_noise(qf_steps *steps, size_t wire, qf_error *error) {
    QF_TRY(qf_grow_array(&steps->items, &steps->capacity, steps->count + 1, sizeof *steps->items,
                         error));
    steps->items[steps->count++] =
        (qf_step){.kind = QF_STEP_NOISE, .wire = wire, .control = wire, .slot = QF_NO_SLOT};
    return QF_OK;
}

qf_status qf_noise_lower(const qf_circuit *circuit, const qf_noise *noise, qf_steps *steps,
                         qf_error *error) {
    const bool each = noise->channel_count > 0 && !noise->at_end;
    for (size_t g = 0; g < circuit->gate_count; g++) {
        const qf_gate *gate = &circuit->gates[g];
        const size_t touched = qf_gate_form_of(gate->kind)->wires;
        QF_TRY(qf_gate_lower(circuit, gate, steps, error));
        for (size_t i = 0; each && !gate->ideal && i < touched; i++) {
            QF_TRY(append_noise(steps, gate->wires[i], error));
        }
    }
    for (size_t w = 0; noise->channel_count > 0 && noise->at_end && w < circuit->wires; w++) {
        QF_TRY(append_noise(steps, w, error));
    }
    return QF_OK;
}

/* ---- Observables ---- */

/* What is measured on a wire: one * I + other * the letter. */
typedef struct wire_factor {
    size_t wire, letter;
    double one, other;
} wire_factor;

/* Appends the product of the wires' factors. */
static qf_status append_product(const wire_factor *factors, size_t count, size_t output,
                                qf_observables *observables, qf_error *error) {
    for (size_t chosen = 0; chosen < (size_t)1 << count; chosen++) {
        qf_observable_term term = {.output = output, .factor = 1};
        for (size_t i = 0; i < count; i++) {
            const bool other = chosen >> i & 1;
            term.factor *= other ? factors[i].other : factors[i].one;
            if (other) term.string |= factors[i].letter << 2 * factors[i].wire;
        }
        if (term.factor == 0) continue;
        QF_TRY(qf_grow_array(&observables->items, &observables->capacity, observables->count + 1,
                             sizeof *observables->items, error));
        observables->items[observables->count++] = term;
    }
    return QF_OK;
}

/* The letter as it is read: 0 counts 1, 1 counts -1. */
static wire_factor read_letter(const qf_noise *noise, size_t wire, size_t letter) {
    const double *misread = noise->misread[wire];
    return (wire_factor){wire, letter, misread[1] - misread[0], 1 - misread[0] - misread[1]};
}

/* The chance that this bit is read. */
static wire_factor read_bit(const qf_noise *noise, size_t wire, bool bit) {
    const double *misread = noise->misread[wire];
    const double of_0 = bit ? misread[0] : 1 - misread[0];
    const double of_1 = bit ? 1 - misread[1] : misread[1];
    return (wire_factor){wire, 3, (of_0 + of_1) / 2, (of_0 - of_1) / 2};
}

static qf_status observe(const qf_circuit *circuit, const qf_measurement *m, const qf_noise *noise,
                         size_t *output, qf_observables *observables, qf_error *error) {
    const bool pauli = m->kind == QF_MEASURE_PAULI;
    const uint64_t wires = pauli ? m->x | m->z : m->wires;
    wire_factor factors[QF_MAX_WIRES];
    size_t listed[QF_MAX_WIRES], count = 0;
    for (size_t w = 0; w < circuit->wires; w++) {
        if (wires >> w & 1) listed[count++] = w;
    }
    for (size_t k = 0; k < (pauli ? 1 : (size_t)1 << count); k++) {
        for (size_t i = 0; i < count; i++) {
            const size_t wire = listed[i], x = m->x >> wire & 1, z = m->z >> wire & 1;
            factors[i] = pauli ? read_letter(noise, wire, x ? 1 + z : 3)
                               : read_bit(noise, wire, k >> (count - 1 - i) & 1);
        }
        QF_TRY(append_product(factors, count, (*output)++, observables, error));
    }
    return QF_OK;
}

qf_status qf_noise_observables(const qf_circuit *circuit, const qf_noise *noise,
                               qf_observables *observables, qf_error *error) {
    size_t output = 0;
    for (size_t m = 0; m < circuit->measurement_count; m++) {
        QF_TRY(observe(circuit, &circuit->measurements[m], noise, &output, observables, error));
    }
    return QF_OK;
}
