#include "quantum/pauli.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define NONE ((size_t)-1)
enum { KEYS = 1 << 2 * QF_PAULI_WIRES };

/* A pair as it is found, before it is known whether its results matter. */
typedef struct mix {
    size_t turn, b, c;
    double sign;
    bool keep_b, keep_c;
} mix;

/* Strings get numbers as they occur; a Clifford gate changes what string a number stands for, and
 * its sign. */
typedef struct carrying {
    qf_pauli_program *program;
    const qf_angle **angles; /* [angle_count of the circuit] */
    size_t *numbers;         /* [KEYS] of strings, or NONE */
    qf_pauli *strings;       /* [KEYS] by number */
    double *signs;
    size_t *places; /* [KEYS] by number: where its value is */
    mix *mixes;
    size_t mix_count, mix_capacity;
    size_t last_turns[QF_PAULI_WIRES]; /* that nothing has come between and the present, or NONE */
    qf_axis last_axes[QF_PAULI_WIRES];
    size_t turn_capacity;
} carrying;

static size_t key_of(qf_pauli string) {
    return string.x | (size_t)string.z << QF_PAULI_WIRES;
}

/* The number of a string, a new one if it has none. */
static size_t number_of(carrying *k, qf_pauli string) {
    size_t *number = &k->numbers[key_of(string)];
    if (*number == NONE) {
        *number = k->program->strings++;
        k->strings[*number] = string;
        k->signs[*number] = 1;
    }
    return *number;
}

/* ---- Clifford gates: G' P G ---- */

static void pass_fixed(qf_gate_kind gate, unsigned bit, qf_pauli *string, double *sign) {
    const bool x = string->x & bit, z = string->z & bit;
    bool minus = false;
    switch (gate) {
    case QF_GATE_X:
        minus = z;
        break;
    case QF_GATE_Y:
        minus = x != z;
        break;
    case QF_GATE_Z:
        minus = x;
        break;
    case QF_GATE_H:
        minus = x && z;
        if (x != z) {
            string->x ^= bit;
            string->z ^= bit;
        }
        break;
    case QF_GATE_S:
    case QF_GATE_SDG: /* X and Y take turns */
        minus = x && z == (gate == QF_GATE_SDG);
        if (x) string->z ^= bit;
        break;
    case QF_GATE_SX:
    case QF_GATE_SXDG: /* Y and Z take turns */
        minus = z && x == (gate == QF_GATE_SX);
        if (z) string->x ^= bit;
        break;
    default: /* I */
        break;
    }
    if (minus) *sign = -*sign;
}

/* Aaronson and Gottesman 2004, section II. */
static void pass_cnot(unsigned control, unsigned target, qf_pauli *string, double *sign) {
    const bool xc = string->x & control, zc = string->z & control;
    const bool xt = string->x & target, zt = string->z & target;
    if (xc && zt && xt == zc) *sign = -*sign;
    if (xc) string->x ^= target;
    if (zt) string->z ^= control;
}

static void swap_bits(unsigned *bits, unsigned a, unsigned b) {
    if (((*bits & a) != 0) != ((*bits & b) != 0)) *bits ^= a | b;
}

static void pass_clifford(carrying *k, const qf_step *step) {
    const unsigned wire = 1U << step->wire, other = 1U << step->control;
    for (size_t i = 0; i < k->program->strings; i++) k->numbers[key_of(k->strings[i])] = NONE;
    for (size_t i = 0; i < k->program->strings; i++) {
        if (step->kind == QF_STEP_FIXED) {
            pass_fixed(step->gate, wire, &k->strings[i], &k->signs[i]);
        } else if (step->kind == QF_STEP_CNOT) {
            pass_cnot(other, wire, &k->strings[i], &k->signs[i]);
        } else {
            swap_bits(&k->strings[i].x, wire, other);
            swap_bits(&k->strings[i].z, wire, other);
        }
        k->numbers[key_of(k->strings[i])] = i;
    }
    k->last_turns[step->wire] = NONE;
    if (step->kind != QF_STEP_FIXED) k->last_turns[step->control] = NONE;
}

/* ---- Turns ---- */

static unsigned letter_of(qf_pauli string, unsigned bit) { /* I X Y Z: 0 to 3 */
    const bool x = string.x & bit, z = string.z & bit;
    return x ? (z ? 2 : 1) : (z ? 3 : 0);
}

static qf_pauli with_letter(qf_pauli string, unsigned bit, unsigned letter) {
    string.x &= ~bit;
    string.z &= ~bit;
    if (letter == 1 || letter == 2) string.x |= bit;
    if (letter == 2 || letter == 3) string.z |= bit;
    return string;
}

/* All pairs that a new turn mixes. */
static qf_status mix_strings(carrying *k, const qf_step *step, qf_error *error) {
    const unsigned bit = 1U << step->wire;
    const unsigned b_letter = 1 + (step->axis + 1) % 3, c_letter = 1 + (step->axis + 2) % 3;
    const size_t count = k->program->strings;
    for (size_t i = 0; i < count; i++) {
        const unsigned letter = letter_of(k->strings[i], bit);
        if (letter != b_letter && letter != c_letter) continue;
        const bool is_b = letter == b_letter;
        const qf_pauli partner = with_letter(k->strings[i], bit, is_b ? c_letter : b_letter);
        const size_t known = k->numbers[key_of(partner)];
        if (known < i) continue; /* the pair is there */
        const size_t j = number_of(k, partner);
        QF_TRY(
            qf_grow_array(&k->mixes, &k->mix_capacity, k->mix_count + 1, sizeof *k->mixes, error));
        k->mixes[k->mix_count++] = (mix){.turn = k->program->turns - 1,
                                         .b = is_b ? i : j,
                                         .c = is_b ? j : i,
                                         .sign = k->signs[i] * k->signs[j]};
    }
    return QF_OK;
}

static qf_status add_part(carrying *k, size_t turn, const qf_step *step, qf_error *error) {
    qf_pauli_program *p = k->program;
    p->offsets[turn] += step->offset;
    if (step->slot == QF_NO_SLOT) return QF_OK;
    const qf_angle *angle = k->angles[step->slot];
    p->offsets[turn] += step->scale * angle->offset;
    if (angle->source == QF_ANGLE_CONSTANT) return QF_OK;
    if (angle->source != QF_ANGLE_WEIGHT) {
        return qf_fail(error, QF_MISMATCH, "the feature engine knows no angles by expressions");
    }
    QF_TRY(qf_grow_array(&p->parts, &p->part_capacity, p->part_count + 1, sizeof *p->parts, error));
    p->parts[p->part_count++] =
        (qf_pauli_part){.turn = turn, .weight = angle->index, .scale = step->scale * angle->scale};
    return QF_OK;
}

static qf_status pass_turn(carrying *k, const qf_step *step, qf_error *error) {
    qf_pauli_program *p = k->program;
    size_t *last = &k->last_turns[step->wire];
    if (*last == NONE || k->last_axes[step->wire] != step->axis) {
        QF_TRY(
            qf_grow_array(&p->offsets, &k->turn_capacity, p->turns + 1, sizeof *p->offsets, error));
        *last = p->turns++;
        p->offsets[*last] = 0;
        k->last_axes[step->wire] = step->axis;
        QF_TRY(mix_strings(k, step, error));
    }
    return add_part(k, *last, step, error);
}

/* ---- The tape ---- */

static qf_status start(carrying *k, const qf_circuit *circuit, qf_error *error) {
    qf_pauli_program *p = k->program;
    for (size_t m = 0; m < p->measurements; m++) {
        const qf_measurement *at = &circuit->measurements[m];
        if (at->kind != QF_MEASURE_PAULI) {
            return qf_fail(error, QF_MISMATCH, "the feature engine measures no probabilities");
        }
        p->starts[m] = 1 + number_of(k, (qf_pauli){(unsigned)at->x, (unsigned)at->z});
    }
    for (size_t i = 0; i < p->strings; i++) k->places[i] = 1 + i;
    p->places = 1 + p->strings;
    return QF_OK;
}

/* Which results matter, from the end back to the start; needed[] by number. */
static void mark(carrying *k, bool *needed) {
    for (size_t i = k->mix_count; i-- > 0;) {
        mix *m = &k->mixes[i];
        m->keep_b = needed[m->b];
        m->keep_c = needed[m->c];
        needed[m->b] = needed[m->c] = m->keep_b || m->keep_c;
    }
}

/* The mixes first .. last-1 that have this to be done, as a run. */
static qf_status lay_run(carrying *k, size_t first, size_t last, const qf_pauli_run *like,
                         qf_error *error) {
    qf_pauli_program *p = k->program;
    qf_pauli_run run = *like;
    run.pair = p->pair_count;
    run.place = p->places;
    for (size_t i = first; i < last; i++) {
        const mix *m = &k->mixes[i];
        if (m->keep_b != run.to_b || m->keep_c != run.to_c || m->sign != run.sign) continue;
        QF_TRY(qf_grow_array(&p->pairs, &p->pair_capacity, p->pair_count + 1, sizeof *p->pairs,
                             error));
        p->pairs[p->pair_count++] = (qf_pauli_pair){
            (unsigned)k->places[m->b], (unsigned)k->places[m->c], (unsigned)m->b, (unsigned)m->c};
        run.pairs++;
        if (m->keep_b) k->places[m->b] = p->places++;
        if (m->keep_c) k->places[m->c] = p->places++;
    }
    if (run.pairs == 0) return QF_OK;
    QF_TRY(qf_grow_array(&p->runs, &p->run_capacity, p->run_count + 1, sizeof *p->runs, error));
    p->runs[p->run_count++] = run;
    return QF_OK;
}

static qf_status lay(carrying *k, qf_error *error) {
    qf_pauli_program *p = k->program;
    size_t first = 0;
    for (size_t turn = 0; turn < p->turns; turn++) {
        size_t last = first;
        while (last < k->mix_count && k->mixes[last].turn == turn) last++;
        p->first_runs[turn] = p->run_count;
        for (unsigned kind = 0; kind < 6; kind++) {
            const qf_pauli_run like = {
                .to_b = kind / 2 != 2, .to_c = kind / 2 != 1, .sign = kind % 2 ? -1 : 1};
            QF_TRY(lay_run(k, first, last, &like, error));
        }
        first = last;
    }
    p->first_runs[p->turns] = p->run_count;
    return QF_OK;
}

static qf_status finish(carrying *k, qf_pauli_matters *matters, const void *context,
                        qf_error *error) {
    qf_pauli_program *p = k->program;
    p->first_runs = qf_new_array(p->turns + 1, sizeof *p->first_runs, error);
    p->ends = qf_new_array(p->strings, sizeof *p->ends, error);
    bool *needed = qf_new_array(p->strings, sizeof *needed, error);
    qf_status status = p->first_runs && p->ends && needed ? QF_OK : QF_MEMORY;
    for (size_t i = 0; i < p->strings && status == QF_OK; i++) {
        needed[i] = matters(context, k->strings[i]);
        if (!needed[i]) continue;
        p->ends[p->end_count++] =
            (qf_pauli_end){.string = k->strings[i], .number = i, .sign = k->signs[i]};
    }
    if (status == QF_OK) mark(k, needed);
    if (status == QF_OK) status = lay(k, error);
    for (size_t i = 0; i < p->end_count; i++) p->ends[i].place = k->places[p->ends[i].number];
    free(needed);
    return status;
}

static qf_status carry(carrying *k, const qf_circuit *circuit, const qf_steps *steps,
                       qf_error *error) {
    QF_TRY(start(k, circuit, error));
    for (size_t i = steps->count; i-- > 0;) {
        const qf_step *step = &steps->items[i];
        if (step->kind == QF_STEP_TURN) {
            QF_TRY(pass_turn(k, step, error));
        } else {
            pass_clifford(k, step);
        }
    }
    return QF_OK;
}

qf_status qf_pauli_program_make(const qf_circuit *circuit, const qf_steps *steps,
                                qf_pauli_matters *matters, const void *context,
                                qf_pauli_program *program, qf_error *error) {
    const size_t measurements = circuit->measurement_count;
    *program = (qf_pauli_program){.wires = circuit->wires, .measurements = measurements};
    program->lanes = (measurements + QF_PAULI_LANES - 1) / QF_PAULI_LANES * QF_PAULI_LANES;
    if (circuit->wires > QF_PAULI_WIRES) {
        return qf_fail(error, QF_MISMATCH, "the feature engine has at most %d wires, not %zu",
                       QF_PAULI_WIRES, circuit->wires);
    }
    program->starts = qf_new_array(measurements, sizeof *program->starts, error);
    carrying k = {.program = program,
                  .angles = qf_new_array(circuit->angle_count, sizeof *k.angles, error),
                  .numbers = qf_new_array(KEYS, sizeof *k.numbers, error),
                  .strings = qf_new_array(KEYS, sizeof *k.strings, error),
                  .signs = qf_new_array(KEYS, sizeof *k.signs, error),
                  .places = qf_new_array(KEYS, sizeof *k.places, error)};
    qf_status status = program->starts && k.angles && k.numbers && k.strings && k.signs && k.places
                           ? QF_OK
                           : QF_MEMORY;
    for (size_t i = 0; i < KEYS && status == QF_OK; i++) k.numbers[i] = NONE;
    for (size_t i = 0; i < QF_PAULI_WIRES; i++) k.last_turns[i] = NONE;
    if (status == QF_OK) {
        qf_circuit_angles(circuit, k.angles);
        status = carry(&k, circuit, steps, error);
    }
    if (status == QF_OK) status = finish(&k, matters, context, error);
    free(k.angles);
    free(k.numbers);
    free(k.strings);
    free(k.signs);
    free(k.places);
    free(k.mixes);
    if (status != QF_OK) qf_pauli_program_free(program);
    return status;
}

void qf_pauli_program_free(qf_pauli_program *program) {
    free(program->starts);
    free(program->first_runs);
    free(program->offsets);
    free(program->runs);
    free(program->pairs);
    free(program->parts);
    free(program->ends);
    *program = (qf_pauli_program){0};
}
