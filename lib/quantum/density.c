#include "quantum/density.h"

#include "base/memory.h"
#include "base/pad.h"
#include "quantum/transfer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = QF_TRANSFER_LANES };

struct qf_density {
    const qf_circuit *circuit;
    qf_transfer transfer;
    qf_observables observables;
    size_t stretch; /* turns from one checkpoint to the next */
};

/* ---- Preparing ---- */

/* States of backward: at work, gradients, checkpoints, and those of a stretch's turns. */
static size_t backward_states(const qf_density *e) {
    return 3 + e->transfer.turns / e->stretch + e->stretch;
}

static qf_status prepare(qf_density *e, const qf_noise *noise, qf_simd simd, size_t limit,
                         qf_error *error) {
    const qf_circuit *c = e->circuit;
    if (c->wires > QF_DENSITY_WIRES) {
        return qf_fail(error, QF_MISMATCH, "density matrices have at most %d wires, not %zu",
                       QF_DENSITY_WIRES, c->wires);
    }
    qf_steps steps = {0};
    qf_status status = qf_noise_lower(c, noise, &steps, error);
    if (status == QF_OK) {
        status = qf_transfer_make(c->wires, 1, noise, &steps, simd, &e->transfer, error);
    }
    free(steps.items);
    QF_TRY(status);
    e->stretch = (size_t)ceil(sqrt((double)(e->transfer.turns + 1)));
    const size_t bytes = backward_states(e) * qf_transfer_size(&e->transfer) * sizeof(double);
    if (limit == 0) limit = qf_machine_memory();
    if (bytes > limit) {
        return qf_fail(error, QF_MEMORY,
                       "density matrices of %zu wires take %zu bytes, and %zu is "
                       "the limit",
                       c->wires, bytes, limit);
    }
    return qf_noise_observables(c, noise, &e->observables, error);
}

qf_status qf_density_new(const qf_circuit *circuit, const qf_noise *noise, qf_simd simd,
                         size_t memory_limit, qf_density **engine, qf_error *error) {
    *engine = qf_new_array(1, sizeof **engine, error);
    if (!*engine) return QF_MEMORY;
    (*engine)->circuit = circuit;
    const qf_status status = prepare(*engine, noise, simd, memory_limit, error);
    if (status != QF_OK) {
        qf_density_free(*engine);
        *engine = NULL;
    }
    return status;
}

void qf_density_free(qf_density *engine) {
    if (!engine) return;
    qf_transfer_free(&engine->transfer);
    free(engine->observables.items);
    free(engine);
}

/* ---- A batch: a task is a group of LANES samples ---- */

typedef struct batch_work {
    const qf_density *e;
    const double *weights, *inputs;
    size_t batch;
    double *outputs;                /* forward */
    const double *output_gradients; /* backward, with the next two */
    double *input_gradients;
    double *group_gradients; /* [groups][weights] */
} batch_work;

typedef struct scratch {
    const batch_work *work;
    size_t first, count;     /* samples */
    double *values;          /* [LANES][qf_circuit_values] */
    double *angles, *slopes; /* [angles][LANES] */
    double *slope_values;    /* [qf_circuit_values] of one sample */
    double *states;          /* all of them: */
    double *state, *gradients, *checkpoints, *stretch;
} scratch;

static void scratch_free(scratch *s) {
    free(s->values);
    free(s->angles);
    free(s->slopes);
    free(s->slope_values);
    free(s->states);
}

static qf_status scratch_new(scratch *s, const batch_work *work, qf_error *error) {
    const qf_density *e = work->e;
    const qf_circuit *c = e->circuit;
    const size_t size = qf_transfer_size(&e->transfer), values = qf_circuit_values(c);
    const size_t states = work->output_gradients ? backward_states(e) : 1;
    *s = (scratch){.work = work,
                   .values = qf_new_array(LANES * values, sizeof(double), error),
                   .angles = qf_new_array(LANES * c->angle_count, sizeof(double), error),
                   .slopes = qf_new_array(LANES * c->angle_count, sizeof(double), error),
                   .slope_values = qf_new_array(values, sizeof(double), error),
                   .states = qf_new_lines(states * size * sizeof(double), error)};
    if (!s->values || !s->angles || !s->slopes || !s->slope_values || !s->states) {
        scratch_free(s);
        return QF_MEMORY;
    }
    s->state = s->states;
    s->gradients = s->state + size;
    s->stretch = s->gradients + size;
    s->checkpoints = s->stretch + e->stretch * size;
    return QF_OK;
}

static const double *inputs_of(const scratch *s, size_t sample) {
    return s->work->inputs + (s->first + sample) * qf_pad(s->work->e->circuit->inputs);
}

/* Lanes beyond the batch do what the first does. */
static void start_group(scratch *s, size_t group) {
    const batch_work *w = s->work;
    const qf_circuit *c = w->e->circuit;
    const size_t values = qf_circuit_values(c);
    s->first = group * LANES;
    s->count = w->batch - s->first < LANES ? w->batch - s->first : LANES;
    for (size_t l = 0; l < LANES; l++) {
        double *own = s->values + l * values;
        qf_circuit_evaluate(c, inputs_of(s, l < s->count ? l : 0), w->weights, own);
        for (size_t a = 0; a < c->angle_count; a++) s->angles[a * LANES + l] = own[a];
    }
}

/* ---- The state at the beginning ---- */

/* Between the elements <i| rho |j> of a real density matrix and its strings, in place: wire after
 * wire those of 00, 01, 10, 11 become I, X, i Y, Z. Element (i, j) stands where a string would
 * whose letters are 2 i_w + j_w. The matrix is symmetric: gradients go back by it, too. */
static void change_basis(const qf_transfer *t, size_t lane, double *values) {
    const size_t strings = qf_transfer_strings(t);
    for (size_t wire = 0; wire < t->shape.wires; wire++) {
        const size_t stride = (size_t)1 << 2 * wire;
        for (size_t s = 0; s < strings; s++) {
            if (s >> 2 * wire & 3) continue;
            double *v = values + s * LANES + lane, old[4];
            for (size_t k = 0; k < 4; k++) old[k] = v[k * stride * LANES];
            const double one = old[0], x = old[1], y = old[2], z = old[3];
            v[0] = one + z;
            v[stride * LANES] = x + y;
            v[2 * stride * LANES] = x - y;
            v[3 * stride * LANES] = one - z;
        }
    }
}

/* (-1)^(Ys / 2); 0 where their number is odd: such a value of a real state is 0. */
static double sign_of_ys(size_t string) {
    const size_t ys = string >> 1 & ~string & (size_t)0x5555555555555555;
    const int count = __builtin_popcountll(ys);
    return count % 2 ? 0 : count % 4 ? -1 : 1;
}

/* Where element (i, j) stands; a basis state's first wire is its highest bit. */
static size_t element_of(size_t wires, size_t i, size_t j) {
    size_t place = 0;
    for (size_t w = 0; w < wires; w++) {
        const size_t bit = wires - 1 - w;
        place |= ((i >> bit & 1) << 1 | (j >> bit & 1)) << 2 * w;
    }
    return place;
}

static double length_of(const double *values, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += values[i] * values[i];
    return sqrt(sum);
}

static void start_amplitudes(const scratch *s, size_t lane) {
    const qf_transfer *t = &s->work->e->transfer;
    const size_t inputs = s->work->e->circuit->inputs, wires = t->shape.wires;
    const double *x = inputs_of(s, lane < s->count ? lane : 0);
    const double length = length_of(x, inputs), square = length * length;
    for (size_t i = 0; i < inputs; i++) {
        for (size_t j = 0; j < inputs; j++) {
            s->state[element_of(wires, i, j) * LANES + lane] = x[i] * x[j] / square;
        }
    }
    change_basis(t, lane, s->state);
    for (size_t p = 0; p < qf_transfer_strings(t); p++) {
        s->state[p * LANES + lane] *= sign_of_ys(p);
    }
}

/* |0...0>: 1 for every string of I and Z. */
static void start_state(const scratch *s) {
    const qf_transfer *t = &s->work->e->transfer;
    const size_t strings = qf_transfer_strings(t);
    memset(s->state, 0, qf_transfer_size(t) * sizeof *s->state);
    if (s->work->e->circuit->start == QF_START_AMPLITUDES) {
        for (size_t l = 0; l < LANES; l++) start_amplitudes(s, l);
        return;
    }
    for (size_t p = 0; p < strings; p++) {
        const size_t low = p & (size_t)0x5555555555555555,
                     high = p >> 1 & (size_t)0x5555555555555555;
        for (size_t l = 0; l < LANES && low == high; l++) s->state[p * LANES + l] = 1;
    }
}

/* Adds the gradients by amplitudes from those by the strings at the beginning, which are used up:
 * with rho = x x' / |x|^2 and G those by its elements, (G + G') x / |x|^2, less what is along x. */
static void amplitudes_back(const scratch *s, size_t lane, double *input_gradients) {
    const qf_transfer *t = &s->work->e->transfer;
    const size_t inputs = s->work->e->circuit->inputs, wires = t->shape.wires;
    const double *x = inputs_of(s, lane);
    const double length = length_of(x, inputs), square = length * length;
    for (size_t p = 0; p < qf_transfer_strings(t); p++) {
        s->gradients[p * LANES + lane] *= sign_of_ys(p);
    }
    change_basis(t, lane, s->gradients);
    double along = 0;
    for (size_t i = 0; i < inputs; i++) {
        double sum = 0;
        for (size_t j = 0; j < inputs; j++) {
            sum += x[j] * (s->gradients[element_of(wires, i, j) * LANES + lane] +
                           s->gradients[element_of(wires, j, i) * LANES + lane]);
        }
        input_gradients[i] += sum / square;
        along += sum * x[i] / square;
    }
    for (size_t i = 0; i < inputs; i++) input_gradients[i] -= along * x[i] / square;
}

/* ---- Forward ---- */

static qf_status forward_task(void *context, size_t group, qf_error *error) {
    const batch_work *w = context;
    const qf_density *e = w->e;
    scratch s;
    QF_TRY(scratch_new(&s, w, error));
    start_group(&s, group);
    start_state(&s);
    for (size_t i = 0; i < e->transfer.steps.count; i++) {
        qf_transfer_step(&e->transfer, i, false, s.angles, s.state);
    }
    for (size_t l = 0; l < s.count; l++) {
        double *outputs = w->outputs + (s.first + l) * qf_pad(e->circuit->outputs);
        for (size_t i = 0; i < e->observables.count; i++) {
            const qf_observable_term *term = &e->observables.items[i];
            outputs[term->output] += term->factor * s.state[term->string * LANES + l];
        }
    }
    scratch_free(&s);
    return QF_OK;
}

/* ---- Backward ---- */

/* The steps from a checkpoint to the next: first .. last-1. */
typedef struct stretch {
    size_t first, last, first_turn;
} stretch;

static stretch stretch_of(const qf_density *e, size_t number) {
    const qf_transfer *t = &e->transfer;
    const size_t turn = number * e->stretch, next = turn + e->stretch;
    return (stretch){.first = turn == 0 ? 0 : t->turn_places[turn - 1] + 1,
                     .last = next <= t->turns ? t->turn_places[next - 1] + 1 : t->steps.count,
                     .first_turn = turn};
}

/* Runs a stretch from the state at hand; keeps the states behind its turns if so asked. */
static void run_stretch(scratch *s, const stretch *part, bool keep) {
    const qf_transfer *t = &s->work->e->transfer;
    const size_t size = qf_transfer_size(t);
    size_t turn = part->first_turn;
    for (size_t i = part->first; i < part->last; i++) {
        qf_transfer_step(t, i, false, s->angles, s->state);
        if (turn >= t->turns || t->turn_places[turn] != i) continue;
        double *kept = s->stretch + (turn++ - part->first_turn) * size;
        if (keep) memcpy(kept, s->state, size * sizeof *kept);
    }
}

/* Carries the gradients back over a stretch whose states are kept. */
static void stretch_back(scratch *s, const stretch *part) {
    const qf_transfer *t = &s->work->e->transfer;
    const size_t size = qf_transfer_size(t);
    size_t turn = part->first_turn;
    while (turn < t->turns && t->turn_places[turn] < part->last) turn++;
    for (size_t i = part->last; i-- > part->first;) {
        if (turn > part->first_turn && t->turn_places[turn - 1] == i) {
            const double *state = s->stretch + (--turn - part->first_turn) * size;
            qf_transfer_slope(t, i, state, s->gradients, s->slopes);
        }
        qf_transfer_step(t, i, true, s->angles, s->gradients);
    }
}

static void start_gradients(const scratch *s) {
    const qf_density *e = s->work->e;
    memset(s->gradients, 0, qf_transfer_size(&e->transfer) * sizeof *s->gradients);
    memset(s->slopes, 0, LANES * e->circuit->angle_count * sizeof *s->slopes);
    for (size_t l = 0; l < s->count; l++) {
        const double *by = s->work->output_gradients + (s->first + l) * qf_pad(e->circuit->outputs);
        for (size_t i = 0; i < e->observables.count; i++) {
            const qf_observable_term *term = &e->observables.items[i];
            s->gradients[term->string * LANES + l] += term->factor * by[term->output];
        }
    }
}

static void finish_sample(const scratch *s, size_t group, size_t lane) {
    const batch_work *w = s->work;
    const qf_circuit *c = w->e->circuit;
    double *inputs = w->input_gradients;
    double *weights = w->group_gradients ? w->group_gradients + group * c->weights : NULL;
    if (inputs) inputs += (s->first + lane) * qf_pad(c->inputs);
    for (size_t a = 0; a < c->angle_count; a++) s->slope_values[a] = s->slopes[a * LANES + lane];
    qf_circuit_backward(c, s->values + lane * qf_circuit_values(c), s->slope_values, inputs,
                        weights);
    if (inputs && c->start == QF_START_AMPLITUDES) amplitudes_back(s, lane, inputs);
}

static qf_status backward_task(void *context, size_t group, qf_error *error) {
    const batch_work *w = context;
    const qf_density *e = w->e;
    const size_t size = qf_transfer_size(&e->transfer);
    const size_t stretches = e->transfer.turns / e->stretch + 1;
    scratch s;
    QF_TRY(scratch_new(&s, w, error));
    start_group(&s, group);
    start_state(&s);
    for (size_t k = 0; k < stretches; k++) {
        const stretch part = stretch_of(e, k);
        memcpy(s.checkpoints + k * size, s.state, size * sizeof *s.state);
        if (k + 1 < stretches) run_stretch(&s, &part, false);
    }
    start_gradients(&s);
    for (size_t k = stretches; k-- > 0;) {
        const stretch part = stretch_of(e, k);
        memcpy(s.state, s.checkpoints + k * size, size * sizeof *s.state);
        run_stretch(&s, &part, true);
        stretch_back(&s, &part);
    }
    for (size_t l = 0; l < s.count; l++) finish_sample(&s, group, l);
    scratch_free(&s);
    return QF_OK;
}

/* ---- Batches ---- */

static qf_status run_groups(batch_work *w, qf_task *task, const qf_run *run, qf_error *error) {
    QF_TRY(qf_circuit_check_inputs(w->e->circuit, w->inputs, w->batch, error));
    return qf_parallel(run, (w->batch + LANES - 1) / LANES, task, w, error);
}

qf_status qf_density_forward(const qf_density *engine, const double *weights, const double *inputs,
                             size_t batch, double *outputs, const qf_run *run, qf_error *error) {
    batch_work w = {
        .e = engine, .weights = weights, .inputs = inputs, .batch = batch, .outputs = outputs};
    memset(outputs, 0, batch * qf_pad(engine->circuit->outputs) * sizeof *outputs);
    return run_groups(&w, forward_task, run, error);
}

qf_status qf_density_backward(const qf_density *engine, const double *weights, const double *inputs,
                              size_t batch, const double *output_gradients, double *input_gradients,
                              double *weight_gradients, const qf_run *run, qf_error *error) {
    const qf_circuit *c = engine->circuit;
    const size_t groups = (batch + LANES - 1) / LANES;
    batch_work w = {.e = engine,
                    .weights = weights,
                    .inputs = inputs,
                    .batch = batch,
                    .output_gradients = output_gradients,
                    .input_gradients = input_gradients};
    if (weight_gradients) {
        w.group_gradients = qf_new_array(groups * c->weights, sizeof *w.group_gradients, error);
        if (!w.group_gradients) return QF_MEMORY;
        memset(weight_gradients, 0, c->weights * sizeof *weight_gradients);
    }
    if (input_gradients) {
        memset(input_gradients, 0, batch * qf_pad(c->inputs) * sizeof *input_gradients);
    }
    const qf_status status = run_groups(&w, backward_task, run, error);
    for (size_t i = 0; status == QF_OK && weight_gradients && i < groups * c->weights; i++) {
        weight_gradients[i % c->weights] += w.group_gradients[i];
    }
    free(w.group_gradients);
    return status;
}
