#include "quantum/trajectories.h"

#include "base/memory.h"
#include "base/pad.h"
#include "quantum/groups.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 8 }; /* of a sample's trajectories, which threads share, whatever their number */

struct qf_trajectories {
    const qf_circuit *circuit;
    const qf_noise *noise;
    qf_steps steps;
    qf_groups groups;
    size_t runs;  /* through the circuit, a sample */
    size_t draws; /* outcomes of a run; 0: the chances themselves */
    uint64_t seed;
};

/* ---- Preparing ---- */

static qf_status prepare(qf_trajectories *e, size_t shots, size_t limit, qf_error *error) {
    const size_t wires = e->circuit->wires, bytes = (size_t)56 << wires;
    const bool random = e->noise->channel_count > 0;
    if (limit == 0) limit = qf_machine_memory();
    if (bytes > limit) {
        return qf_fail(error, QF_MEMORY, "%zu wires take %zu bytes, and %zu is the limit", wires,
                       bytes, limit);
    }
    e->runs = !random ? 1 : shots > 0 ? shots : QF_TRAJECTORIES;
    e->draws = shots > 0 && random ? 1 : shots;
    QF_TRY(qf_noise_lower(e->circuit, e->noise, &e->steps, error));
    return qf_groups_make(e->circuit, &e->groups, error);
}

qf_status qf_trajectories_new(const qf_circuit *circuit, const qf_noise *noise, size_t shots,
                              uint64_t seed, size_t memory_limit, qf_trajectories **engine,
                              qf_error *error) {
    *engine = qf_new_array(1, sizeof **engine, error);
    if (!*engine) return QF_MEMORY;
    **engine = (qf_trajectories){.circuit = circuit, .noise = noise, .seed = seed};
    const qf_status status = prepare(*engine, shots, memory_limit, error);
    if (status != QF_OK) {
        qf_trajectories_free(*engine);
        *engine = NULL;
    }
    return status;
}

void qf_trajectories_free(qf_trajectories *engine) {
    if (!engine) return;
    qf_groups_free(&engine->groups);
    free(engine->steps.items);
    free(engine);
}

/* ---- One pure state ---- */

typedef struct scratch {
    const qf_trajectories *e;
    size_t states;
    double complex *state, *measured; /* [states] */
    double *chances, *sums;           /* [states], [2 states] */
    double *values, *outputs;
    qf_random random;
} scratch;

static size_t bit_of(const scratch *s, size_t wire) {
    return (size_t)1 << (s->e->circuit->wires - 1 - wire);
}

static void apply(double complex *state, size_t states, size_t bit, const double complex m[4]) {
    for (size_t first = 0; first < states; first += 2 * bit) {
        for (size_t i = first; i < first + bit; i++) {
            const double complex zero = state[i], one = state[i + bit];
            state[i] = m[0] * zero + m[1] * one;
            state[i + bit] = m[2] * zero + m[3] * one;
        }
    }
}

/* Exchanges the amplitudes of the states that have `on` set and `off` clear with those that have
 * instead `to`. */
static void exchange(double complex *state, size_t states, size_t on, size_t off, size_t to) {
    for (size_t i = 0; i < states; i++) {
        if ((i & on) != on || (i & off) != 0) continue;
        const size_t j = (i & ~on) | to;
        const double complex old = state[i];
        state[i] = state[j];
        state[j] = old;
    }
}

static void apply_step(const scratch *s, const qf_step *step) {
    static const qf_gate_kind turns[] = {QF_GATE_RX, QF_GATE_RY, QF_GATE_RZ};
    const size_t bit = bit_of(s, step->wire), other = bit_of(s, step->control);
    double complex m[QF_GATE_STATES * QF_GATE_STATES];
    double angles[QF_GATE_ANGLES] = {step->offset};
    if (step->kind == QF_STEP_CNOT) {
        exchange(s->state, s->states, other, bit, other | bit);
    } else if (step->kind == QF_STEP_SWAP) {
        exchange(s->state, s->states, other, bit, bit);
    } else {
        if (step->slot != QF_NO_SLOT) angles[0] += step->scale * s->values[step->slot];
        qf_gate_matrix(step->kind == QF_STEP_TURN ? turns[step->axis] : step->gate, angles, m);
        apply(s->state, s->states, bit, m);
    }
}

/* The chance that the wire is 1. */
static double chance_of_one(const scratch *s, size_t bit) {
    double chance = 0;
    for (size_t i = 0; i < s->states; i++) {
        const double re = creal(s->state[i]), im = cimag(s->state[i]);
        if (i & bit) chance += re * re + im * im;
    }
    return chance;
}

/* One of the Kraus operators, by its chance, and back to length 1. Those of flips are as likely for
 * every state; damping's second needs a wire that is 1. */
static void hit(scratch *s, const qf_channel *channel, size_t wire) {
    double complex operators[QF_KRAUS][4];
    const size_t count = qf_channel_kraus(channel, operators), bit = bit_of(s, wire);
    const double p = channel->strength, drawn = qf_random_uniform(&s->random);
    const bool damps = count == 2 && channel->kind >= QF_AMPLITUDE_DAMPING;
    const double one = damps ? chance_of_one(s, bit) : 0;
    const double chance = damps ? p * one : p; /* that it is not the first */
    size_t chosen = 0;
    if (drawn < chance) chosen = 1 + (size_t)(drawn / chance * (double)(count - 1));
    if (chosen == count) chosen--; /* by rounding */
    const double own = chosen == 0 ? 1 - chance : chance / (double)(count - 1);
    if (chosen == 0 && !damps) return;
    for (size_t i = 0; i < 4; i++) operators[chosen][i] /= sqrt(own);
    apply(s->state, s->states, bit, operators[chosen]);
}

static void start(const scratch *s, const double *inputs) {
    const qf_circuit *c = s->e->circuit;
    double square = 0;
    memset(s->state, 0, s->states * sizeof *s->state);
    if (c->start == QF_START_ZERO) {
        s->state[0] = 1;
        return;
    }
    for (size_t i = 0; i < c->inputs; i++) square += inputs[i] * inputs[i];
    for (size_t i = 0; i < c->inputs; i++) s->state[i] = inputs[i] / sqrt(square);
}

static void run_circuit(scratch *s, const double *inputs) {
    const qf_trajectories *e = s->e;
    start(s, inputs);
    for (size_t i = 0; i < e->steps.count; i++) {
        const qf_step *step = &e->steps.items[i];
        if (step->kind != QF_STEP_NOISE) {
            apply_step(s, step);
            continue;
        }
        for (size_t k = 0; k < e->noise->channel_count; k++) {
            hit(s, &e->noise->channels[k], step->wire);
        }
    }
}

/* ---- What is read ---- */

/* Turns the letters of a group into Z, then sums over the wires that it does not measure. */
static void find_chances(const scratch *s, const qf_group *group) {
    double complex m[QF_GATE_STATES * QF_GATE_STATES];
    const double none[QF_GATE_ANGLES] = {0};
    const size_t outcomes = (size_t)1 << group->wire_count;
    memcpy(s->measured, s->state, s->states * sizeof *s->state);
    for (size_t i = 0; i < group->wire_count; i++) {
        const size_t wire = group->wires[i], bit = bit_of(s, wire);
        if (!(group->x >> wire & 1)) continue;
        if (group->z >> wire & 1) {
            qf_gate_matrix(QF_GATE_SDG, none, m);
            apply(s->measured, s->states, bit, m);
        }
        qf_gate_matrix(QF_GATE_H, none, m);
        apply(s->measured, s->states, bit, m);
    }
    memset(s->chances, 0, outcomes * sizeof *s->chances);
    for (size_t state = 0; state < s->states; state++) {
        size_t outcome = 0;
        for (size_t i = 0; i < group->wire_count; i++) {
            outcome = outcome << 1 | ((state & bit_of(s, group->wires[i])) != 0);
        }
        const double re = creal(s->measured[state]), im = cimag(s->measured[state]);
        s->chances[outcome] += re * re + im * im;
    }
}

/* Adds a run's outputs to sums. Groups that are drawn need trajectories of their own. */
static void add_run(scratch *s, const double *inputs, double *sums) {
    const qf_trajectories *e = s->e;
    for (size_t g = 0; g < e->groups.count; g++) {
        const qf_group *group = &e->groups.items[g];
        if (g == 0 || (e->draws > 0 && e->runs > 1)) run_circuit(s, inputs);
        find_chances(s, group);
        qf_group_misread(group, e->noise->misread, s->chances);
        if (e->draws > 0) {
            qf_group_draw(group->wire_count, e->draws, &s->random, s->chances, s->sums);
        }
        qf_group_outputs(e->circuit, &e->groups, g, s->chances, s->outputs);
    }
    for (size_t o = 0; o < e->circuit->outputs; o++) sums[o] += s->outputs[o];
}

/* ---- Batches ---- */

typedef struct batch_work {
    const qf_trajectories *e;
    const double *weights, *inputs;
    const uint64_t *keys;
    double *sums; /* [batch][PARTS][outputs] */
} batch_work;

static void scratch_free(scratch *s) {
    free(s->state);
    free(s->measured);
    free(s->chances);
    free(s->sums);
    free(s->values);
    free(s->outputs);
}

static qf_status scratch_new(scratch *s, const qf_trajectories *e, qf_error *error) {
    const size_t states = (size_t)1 << e->circuit->wires;
    *s = (scratch){.e = e,
                   .states = states,
                   .state = qf_new_array(states, sizeof *s->state, error),
                   .measured = qf_new_array(states, sizeof *s->measured, error),
                   .chances = qf_new_array(states, sizeof *s->chances, error),
                   .sums = qf_new_array(2 * states, sizeof *s->sums, error),
                   .values = qf_new_array(qf_circuit_values(e->circuit), sizeof(double), error),
                   .outputs = qf_new_array(e->circuit->outputs, sizeof(double), error)};
    if (s->state && s->measured && s->chances && s->sums && s->values && s->outputs) return QF_OK;
    scratch_free(s);
    return QF_MEMORY;
}

/* An outcome would be drawn from chances that are no numbers. */
static qf_status check_angles(const scratch *s, size_t row, qf_error *error) {
    for (size_t i = 0; i < s->e->circuit->angle_count; i++) {
        if (isfinite(s->values[i])) continue;
        return qf_fail(error, QF_DATA, "row %zu: an angle is not a finite number", row);
    }
    return QF_OK;
}

static qf_status run_part(void *context, size_t task, qf_error *error) {
    const batch_work *w = context;
    const qf_trajectories *e = w->e;
    const size_t row = task / PARTS, part = task % PARTS;
    const double *inputs = w->inputs + row * qf_pad(e->circuit->inputs);
    scratch s;
    if (part >= e->runs) return QF_OK;
    QF_TRY(scratch_new(&s, e, error));
    qf_circuit_evaluate(e->circuit, inputs, w->weights, s.values);
    const qf_status status = check_angles(&s, row, error);
    for (size_t run = part; status == QF_OK && run < e->runs; run += PARTS) {
        s.random = qf_random_stream(e->seed, "trajectories", qf_random_mix(w->keys[row], run));
        add_run(&s, inputs, w->sums + task * e->circuit->outputs);
    }
    scratch_free(&s);
    return status;
}

qf_status qf_trajectories_forward(const qf_trajectories *engine, const double *weights,
                                  const double *inputs, size_t batch, const uint64_t *keys,
                                  double *outputs, const qf_run *run, qf_error *error) {
    const qf_circuit *c = engine->circuit;
    const size_t width = qf_pad(c->outputs);
    batch_work w = {.e = engine, .weights = weights, .inputs = inputs, .keys = keys};
    QF_TRY(qf_circuit_check_inputs(c, inputs, batch, error));
    w.sums = qf_new_array(batch * PARTS * c->outputs, sizeof *w.sums, error);
    if (!w.sums) return QF_MEMORY;
    const qf_status status = qf_parallel(run, batch * PARTS, run_part, &w, error);
    memset(outputs, 0, batch * width * sizeof *outputs);
    for (size_t i = 0; status == QF_OK && i < batch * PARTS * c->outputs; i++) {
        const size_t row = i / (PARTS * c->outputs), o = i % c->outputs;
        outputs[row * width + o] += w.sums[i] / (double)engine->runs;
    }
    free(w.sums);
    return status;
}
