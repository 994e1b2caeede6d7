#include "quantum/statevector.h"

#include "base/memory.h"
#include "base/pad.h"
#include "base/team.h"
#include "quantum/program.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNKS = 16,                 /* parts of a state that threads share, whatever their number */
    COEFFICIENTS = 8,            /* lane vectors of a pass */
    TASK_AMPLITUDES = 1 << 12,   /* of which a task of samples holds about so many */
    KEPT_BYTES = 64 * (1 << 20), /* of states kept for backward */
};

struct qf_statevector {
    const qf_circuit *circuit;
    qf_program program;
    const qf_kernels *kernels;
    bool samples_in_lanes, shared; /* shared: threads share the amplitudes of one sample */
    size_t samples;                /* side by side: lanes or 1 */
    unsigned lane_bits;            /* of an amplitude's number that are lanes */
    size_t blocks, state_bytes;    /* of a state */
    qf_pass *passes;               /* [program.block_count] */
    size_t string_count;
    qf_string *strings;
    size_t *string_outputs;  /* [string_count] */
    char *forward, *inverse; /* coefficients of blocks that do not vary */
    char *kept;              /* states after forward, of kept_batch samples; 0: none */
    size_t kept_batch, kept_bytes;
};

/* ---- Lane vectors ---- */

static size_t vector_bytes(const qf_statevector *e) {
    return e->kernels->lanes * e->kernels->size;
}

static double get(const qf_statevector *e, const void *numbers, size_t index) {
    return e->kernels->size == sizeof(double) ? ((const double *)numbers)[index]
                                              : (double)((const float *)numbers)[index];
}

static void set(const qf_statevector *e, void *numbers, size_t index, double value) {
    if (e->kernels->size == sizeof(double)) {
        ((double *)numbers)[index] = value;
    } else {
        ((float *)numbers)[index] = (float)value;
    }
}

/* The place of an amplitude's real part; its imaginary part is `lanes` further on. `sample` counts
 * when samples are in lanes. */
static size_t place_of(const qf_statevector *e, size_t amplitude, size_t sample) {
    const size_t lanes = e->kernels->lanes;
    return e->samples_in_lanes
               ? amplitude * 2 * lanes + sample
               : (amplitude >> e->lane_bits) * 2 * lanes + (amplitude & (lanes - 1));
}

static qf_bits divide(const qf_statevector *e, size_t bits) {
    const size_t lanes = (size_t)1 << e->lane_bits;
    return (qf_bits){.block = bits >> e->lane_bits, .lane = (unsigned)(bits & (lanes - 1))};
}

static double sign_of(size_t bits) {
    return __builtin_parityll(bits) ? -1 : 1;
}

/* ---- Preparing ---- */

static qf_status check_memory(const qf_statevector *e, size_t limit, qf_error *error) {
    if (limit == 0) limit = qf_machine_memory();
    if (2 * e->state_bytes <= limit) return QF_OK;
    return qf_fail(error, QF_MEMORY, "%zu wires take %zu bytes, and %zu is the limit",
                   e->circuit->wires, 2 * e->state_bytes, limit);
}

static qf_status prepare_strings(qf_statevector *e, qf_error *error) {
    const qf_circuit *circuit = e->circuit;
    e->strings = qf_new_array(circuit->measurement_count, sizeof *e->strings, error);
    e->string_outputs = qf_new_array(circuit->measurement_count, sizeof *e->string_outputs, error);
    if (!e->strings || !e->string_outputs) return QF_MEMORY;
    size_t output = 0;
    for (size_t m = 0; m < circuit->measurement_count; m++) {
        const qf_measurement *measurement = &circuit->measurements[m];
        if (measurement->kind == QF_MEASURE_PROBABILITIES) {
            output += (size_t)1 << __builtin_popcountll(measurement->wires);
            continue;
        }
        size_t flip = 0, row = 0;
        for (size_t wire = 0; wire < circuit->wires; wire++) {
            if (measurement->x >> wire & 1) flip ^= e->program.flips[wire];
            if (measurement->z >> wire & 1) row ^= e->program.rows[wire];
        }
        const uint64_t both = measurement->x & measurement->z; /* Y = i X Z */
        e->strings[e->string_count] =
            (qf_string){.flip = divide(e, flip),
                        .row = divide(e, row),
                        .quarters = (unsigned)__builtin_popcountll(both) % 4};
        e->string_outputs[e->string_count++] = output++;
    }
    return QF_OK;
}

static qf_status prepare(qf_statevector *e, size_t limit, qf_error *error) {
    const size_t wires = e->circuit->wires, lanes = e->kernels->lanes;
    e->samples_in_lanes = wires <= QF_LANE_WIRES;
    e->shared = wires >= QF_SHARED_WIRES;
    e->samples = e->samples_in_lanes ? lanes : 1;
    e->lane_bits = e->samples_in_lanes ? 0 : (unsigned)__builtin_ctzll(lanes);
    e->blocks = (size_t)1 << (wires - e->lane_bits);
    e->state_bytes = e->blocks * 2 * vector_bytes(e);
    QF_TRY(check_memory(e, limit, error));
    QF_TRY(qf_program_make(e->circuit, &e->program, error));
    const size_t count = e->program.block_count;
    e->passes = qf_new_array(count, sizeof *e->passes, error);
    e->forward = qf_new_lines(count * COEFFICIENTS * vector_bytes(e), error);
    e->inverse = qf_new_lines(count * COEFFICIENTS * vector_bytes(e), error);
    if (!e->passes || !e->forward || !e->inverse) return QF_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const qf_block *block = &e->program.blocks[i];
        e->passes[i] =
            qf_pass_of(divide(e, block->flip), divide(e, block->row), e->blocks, block->diagonal);
    }
    return prepare_strings(e, error);
}

qf_status qf_statevector_new(const qf_circuit *circuit, qf_precision precision, qf_simd simd,
                             size_t memory_limit, qf_statevector **engine, qf_error *error) {
    *engine = qf_new_array(1, sizeof **engine, error);
    if (!*engine) return QF_MEMORY;
    (*engine)->circuit = circuit;
    (*engine)->kernels = qf_kernels_of(precision, simd);
    const qf_status status = prepare(*engine, memory_limit, error);
    if (status != QF_OK) {
        qf_statevector_free(*engine);
        *engine = NULL;
    }
    return status;
}

void qf_statevector_free(qf_statevector *engine) {
    if (!engine) return;
    qf_program_free(&engine->program);
    free(engine->passes);
    free(engine->strings);
    free(engine->string_outputs);
    free(engine->forward);
    free(engine->inverse);
    free(engine->kept);
    free(engine);
}

/* ---- Passes over one state, by chunks where threads share it ---- */

typedef struct sweep {
    const qf_statevector *e;
    const qf_pass *pass;
    const void *coefficients;
    void *ket, *bra;
    char *sums; /* [chunks][width] lane vectors */
    size_t width, items, chunks;
} sweep;

static size_t chunk_start(const sweep *s, size_t chunk) {
    return s->items / s->chunks * chunk;
}

static void run_sweep(sweep *s, qf_team_task *task, qf_team *team) {
    s->chunks = s->e->shared ? CHUNKS : 1;
    if (s->chunks > 1) {
        qf_team_run(team, s->chunks, task, s);
    } else {
        task(s, 0);
    }
}

static void *chunk_sums(const sweep *s, size_t chunk) {
    return s->sums + chunk * s->width * vector_bytes(s->e);
}

static void apply_chunk(void *context, size_t chunk) {
    const sweep *s = context;
    s->e->kernels->apply(s->pass, s->coefficients, s->ket, chunk_start(s, chunk),
                         chunk_start(s, chunk + 1));
}

static void retreat_chunk(void *context, size_t chunk) {
    const sweep *s = context;
    s->e->kernels->retreat(s->pass, s->coefficients, s->ket, s->bra, chunk_sums(s, chunk),
                           chunk_start(s, chunk), chunk_start(s, chunk + 1));
}

static void measure_chunk(void *context, size_t chunk) {
    const sweep *s = context;
    s->e->kernels->measure(s->e->strings, s->e->string_count, s->ket, chunk_sums(s, chunk),
                           chunk_start(s, chunk), chunk_start(s, chunk + 1));
}

static void project_chunk(void *context, size_t chunk) {
    const sweep *s = context;
    s->e->kernels->project(s->e->strings, s->e->string_count, s->coefficients, s->ket, s->bra,
                           chunk_start(s, chunk), chunk_start(s, chunk + 1));
}

/* The sum over chunks of vector `index`, and over lanes with signs unless lanes are samples: then
 * of lane `sample`. */
static double total(const sweep *s, size_t index, size_t sample, unsigned lane_row,
                    unsigned lane_flip) {
    const qf_statevector *e = s->e;
    double sum = 0;
    for (size_t chunk = 0; chunk < s->chunks; chunk++) {
        const char *vector = (const char *)chunk_sums(s, chunk) + index * vector_bytes(e);
        if (e->samples_in_lanes) {
            sum += get(e, vector, sample);
            continue;
        }
        for (unsigned lane = 0; lane < e->kernels->lanes; lane++) {
            sum += sign_of((lane ^ lane_flip) & lane_row) * get(e, vector, lane);
        }
    }
    return sum;
}

/* ---- A batch ---- */

typedef struct batch_work {
    qf_statevector *e;
    const double *weights, *inputs;
    size_t batch, groups, groups_a_task, tasks;
    double *outputs;                /* forward */
    double complex *amplitudes;     /* states */
    const double *output_gradients; /* backward, with the next two */
    double *input_gradients;
    double *task_gradients; /* [tasks][weights] */
    qf_team *team;          /* within a sample; NULL unless threads share it */
} batch_work;

/* What a task computes with, for the group of samples at hand. */
typedef struct scratch {
    const batch_work *work;
    size_t first, count; /* samples */
    void *ket, *bra, *own_ket;
    double *values, *gradients; /* [samples][qf_circuit_values] */
    double *block_sums;         /* [blocks][3], of those that do not vary, over the task */
    double *weight_gradients;   /* [weights], over the task; the batch's */
    char *coefficients, *sums, *factors;
} scratch;

static void scratch_free(scratch *s) {
    free(s->own_ket);
    free(s->bra);
    free(s->values);
    free(s->gradients);
    free(s->block_sums);
    free(s->coefficients);
    free(s->sums);
    free(s->factors);
}

static qf_status scratch_new(scratch *s, const batch_work *work, qf_error *error) {
    const qf_statevector *e = work->e;
    const size_t bytes = vector_bytes(e), values = qf_circuit_values(e->circuit) * e->samples;
    const size_t widest = e->string_count > 3 ? e->string_count : 3;
    const bool backward = work->output_gradients, keep = e->kept_batch == work->batch;
    *s = (scratch){.work = work};
    s->own_ket = keep ? NULL : qf_new_lines(e->state_bytes, error);
    s->bra = backward ? qf_new_lines(e->state_bytes, error) : NULL;
    s->values = qf_new_array(values, sizeof *s->values, error);
    s->gradients = qf_new_array(values, sizeof *s->gradients, error);
    s->block_sums = qf_new_array(3 * e->program.block_count, sizeof *s->block_sums, error);
    s->coefficients = qf_new_lines(COEFFICIENTS * bytes, error);
    s->sums = qf_new_lines((e->shared ? CHUNKS : 1) * widest * bytes, error);
    s->factors = qf_new_lines(e->string_count * bytes, error);
    const bool complete = (keep || s->own_ket) && (!backward || s->bra) && s->values &&
                          s->gradients && s->block_sums && s->coefficients && s->sums && s->factors;
    if (complete) return QF_OK;
    scratch_free(s);
    return QF_MEMORY;
}

static const double *inputs_of(const scratch *s, size_t sample) {
    return s->work->inputs + (s->first + sample) * qf_pad(s->work->e->circuit->inputs);
}

static double *values_of(const scratch *s, size_t sample) {
    return s->values + sample * qf_circuit_values(s->work->e->circuit);
}

static double *gradients_of(const scratch *s, size_t sample) {
    return s->gradients + sample * qf_circuit_values(s->work->e->circuit);
}

/* Lanes beyond the batch do what the first does. */
static void start_group(scratch *s, size_t group) {
    const batch_work *w = s->work;
    const qf_statevector *e = w->e;
    s->first = group * e->samples;
    s->count = w->batch - s->first < e->samples ? w->batch - s->first : e->samples;
    s->ket = s->own_ket ? s->own_ket : e->kept + group * e->state_bytes;
    for (size_t i = 0; i < e->samples; i++) {
        const double *inputs = inputs_of(s, i < s->count ? i : 0);
        qf_circuit_evaluate(e->circuit, inputs, w->weights, values_of(s, i));
    }
}

static double length_of(const double *values, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += values[i] * values[i];
    return sqrt(sum);
}

static void start_state(const scratch *s) {
    const qf_statevector *e = s->work->e;
    const bool amplitudes = e->circuit->start == QF_START_AMPLITUDES;
    memset(s->ket, 0, e->state_bytes);
    for (size_t i = 0; i < e->samples; i++) {
        if (!amplitudes) {
            set(e, s->ket, place_of(e, 0, i), 1);
            continue;
        }
        const double *x = inputs_of(s, i < s->count ? i : 0);
        const double length = length_of(x, e->circuit->inputs);
        for (size_t a = 0; a < e->circuit->inputs; a++) {
            set(e, s->ket, place_of(e, a, i), x[a] / length);
        }
    }
}

/* Coefficients of a block: made before the batch, or from the angles of the samples at hand. */
static const void *coefficients_of(const scratch *s, size_t block, bool inverse) {
    const qf_statevector *e = s->work->e;
    const qf_program *program = &e->program;
    if (!program->blocks[block].varies) {
        return (inverse ? e->inverse : e->forward) + block * COEFFICIENTS * vector_bytes(e);
    }
    double complex matrices[4 * QF_MAX_LANES];
    for (size_t i = 0; i < e->samples; i++) {
        qf_block_matrix(program, &program->blocks[block], values_of(s, i), matrices + 4 * i);
    }
    e->kernels->fill(matrices, e->samples > 1 ? 4 : 0, e->passes[block].row.lane, inverse,
                     s->coefficients);
    return s->coefficients;
}

static void fill_fixed(qf_statevector *e, const double *weights, const double *inputs,
                       double *values) {
    qf_circuit_evaluate(e->circuit, inputs, weights, values);
    for (size_t i = 0; i < e->program.block_count; i++) {
        if (e->program.blocks[i].varies) continue;
        const size_t at = i * COEFFICIENTS * vector_bytes(e);
        double complex matrix[4];
        qf_block_matrix(&e->program, &e->program.blocks[i], values, matrix);
        e->kernels->fill(matrix, 0, e->passes[i].row.lane, false, e->forward + at);
        e->kernels->fill(matrix, 0, e->passes[i].row.lane, true, e->inverse + at);
    }
}

static void run_circuit(const scratch *s) {
    const qf_statevector *e = s->work->e;
    start_state(s);
    for (size_t i = 0; i < e->program.block_count; i++) {
        sweep pass = {.e = e,
                      .pass = &e->passes[i],
                      .coefficients = coefficients_of(s, i, false),
                      .ket = s->ket,
                      .items = e->passes[i].items};
        run_sweep(&pass, apply_chunk, s->work->team);
    }
}

/* ---- Probabilities: rare enough for a plain loop ---- */

/* The number of the basis state of the measured wires that an amplitude belongs to. */
static size_t marginal(const qf_statevector *e, uint64_t wires, size_t amplitude) {
    size_t state = 0;
    for (size_t wire = 0; wire < e->circuit->wires; wire++) {
        if (!(wires >> wire & 1)) continue;
        state = state << 1 | (size_t)__builtin_parityll(amplitude & e->program.rows[wire]);
    }
    return state;
}

static size_t output_count(const qf_measurement *measurement) {
    if (measurement->kind == QF_MEASURE_PAULI) return 1;
    return (size_t)1 << __builtin_popcountll(measurement->wires);
}

static void measure_probabilities(const scratch *s, uint64_t wires, size_t output) {
    const qf_statevector *e = s->work->e;
    const size_t lanes = e->kernels->lanes, count = (size_t)1 << __builtin_popcountll(wires);
    for (size_t i = 0; i < s->count; i++) {
        double *to = s->work->outputs + (s->first + i) * qf_pad(e->circuit->outputs) + output;
        memset(to, 0, count * sizeof *to);
        for (size_t a = 0; a < (size_t)1 << e->circuit->wires; a++) {
            const size_t place = place_of(e, a, i);
            const double re = get(e, s->ket, place), im = get(e, s->ket, place + lanes);
            to[marginal(e, wires, a)] += re * re + im * im;
        }
    }
}

static void project_probabilities(const scratch *s, uint64_t wires, size_t output) {
    const qf_statevector *e = s->work->e;
    const size_t lanes = e->kernels->lanes;
    for (size_t i = 0; i < s->count; i++) {
        const double *from =
            s->work->output_gradients + (s->first + i) * qf_pad(e->circuit->outputs) + output;
        for (size_t a = 0; a < (size_t)1 << e->circuit->wires; a++) {
            const double factor = from[marginal(e, wires, a)];
            for (size_t part = 0; part < 2; part++) {
                const size_t place = place_of(e, a, i) + part * lanes;
                set(e, s->bra, place, get(e, s->bra, place) + factor * get(e, s->ket, place));
            }
        }
    }
}

static void each_probabilities(const scratch *s,
                               void visit(const scratch *s, uint64_t wires, size_t output)) {
    const qf_circuit *circuit = s->work->e->circuit;
    size_t output = 0;
    for (size_t m = 0; m < circuit->measurement_count; m++) {
        const qf_measurement *measurement = &circuit->measurements[m];
        if (measurement->kind == QF_MEASURE_PROBABILITIES) visit(s, measurement->wires, output);
        output += output_count(measurement);
    }
}

/* ---- Forward ---- */

static void measure_group(const scratch *s) {
    const qf_statevector *e = s->work->e;
    sweep m = {
        .e = e, .ket = s->ket, .sums = s->sums, .width = e->string_count, .items = e->blocks};
    run_sweep(&m, measure_chunk, s->work->team);
    for (size_t i = 0; i < s->count; i++) {
        double *to = s->work->outputs + (s->first + i) * qf_pad(e->circuit->outputs);
        for (size_t k = 0; k < e->string_count; k++) {
            const qf_string *string = &e->strings[k];
            to[e->string_outputs[k]] = total(&m, k, i, string->row.lane, string->flip.lane);
        }
    }
    each_probabilities(s, measure_probabilities);
}

typedef void group_step(scratch *s);

static void each_group(const batch_work *w, scratch *s, size_t task, group_step *step) {
    const size_t first = task * w->groups_a_task;
    for (size_t g = first; g < w->groups && g < first + w->groups_a_task; g++) {
        start_group(s, g);
        step(s);
    }
}

static void forward_group(scratch *s) {
    run_circuit(s);
    measure_group(s);
}

static qf_status forward_task(void *context, size_t task, qf_error *error) {
    const batch_work *w = context;
    scratch s;
    QF_TRY(scratch_new(&s, w, error));
    each_group(w, &s, task, forward_group);
    scratch_free(&s);
    return QF_OK;
}

/* Tasks depend on the circuit and the batch alone, never on the number of threads. */
static batch_work plan(qf_statevector *e, const double *weights, const double *inputs,
                       size_t batch) {
    const size_t groups = (batch + e->samples - 1) / e->samples;
    size_t groups_a_task = TASK_AMPLITUDES >> e->circuit->wires;
    if (groups_a_task == 0) groups_a_task = 1;
    if (e->shared) groups_a_task = groups ? groups : 1;
    return (batch_work){.e = e,
                        .weights = weights,
                        .inputs = inputs,
                        .batch = batch,
                        .groups = groups,
                        .groups_a_task = groups_a_task,
                        .tasks = (groups + groups_a_task - 1) / groups_a_task};
}

/* Room for all states after forward, unless they are too many. */
static qf_status keep_states(qf_statevector *e, const batch_work *w, qf_error *error) {
    const size_t bytes = w->groups * e->state_bytes;
    const bool many = w->groups > 1 && bytes > KEPT_BYTES;
    e->kept_batch = 0;
    if (many || bytes > e->kept_bytes) {
        free(e->kept);
        e->kept = NULL;
        e->kept_bytes = 0;
        if (many) return QF_OK;
        e->kept = qf_new_lines(bytes, error);
        if (!e->kept) return QF_MEMORY;
        e->kept_bytes = bytes;
    }
    e->kept_batch = w->batch;
    return QF_OK;
}

/* Checks the inputs and makes the coefficients of blocks that do not vary. */
static qf_status start_batch(qf_statevector *e, const double *weights, const double *inputs,
                             size_t batch, qf_error *error) {
    QF_TRY(qf_circuit_check_inputs(e->circuit, inputs, batch, error));
    double *values = qf_new_array(qf_circuit_values(e->circuit), sizeof *values, error);
    if (!values) return QF_MEMORY;
    fill_fixed(e, weights, inputs, values);
    free(values);
    return QF_OK;
}

static qf_status run_tasks(batch_work *w, qf_task *task, const qf_run *run, qf_error *error) {
    if (!w->e->shared) return qf_parallel(run, w->tasks, task, w, error);
    QF_TRY(qf_team_open(run, &w->team, error));
    const qf_status status = task(w, 0, error);
    qf_team_close(w->team);
    return status;
}

qf_status qf_statevector_forward(qf_statevector *engine, const double *weights,
                                 const double *inputs, size_t batch, double *outputs,
                                 const qf_run *run, qf_error *error) {
    if (batch == 0) return QF_OK;
    QF_TRY(start_batch(engine, weights, inputs, batch, error));
    batch_work w = plan(engine, weights, inputs, batch);
    w.outputs = outputs;
    memset(outputs, 0, batch * qf_pad(engine->circuit->outputs) * sizeof *outputs);
    QF_TRY(keep_states(engine, &w, error));
    const qf_status status = run_tasks(&w, forward_task, run, error);
    if (status != QF_OK) engine->kept_batch = 0;
    return status;
}

/* ---- States ---- */

/* Amplitudes by basis state: bit b of an amplitude's number turns the bits columns[b] of the
 * state's, and the next number differs in the bits up to its lowest one. */
static void store_group(scratch *s) {
    const qf_statevector *e = s->work->e;
    const size_t wires = e->circuit->wires, lanes = e->kernels->lanes;
    size_t turned[QF_MAX_WIRES + 1] = {0}, state = 0;
    for (size_t bit = 0; bit < wires; bit++) {
        size_t column = 0;
        for (size_t wire = 0; wire < wires; wire++) {
            column = column << 1 | (e->program.rows[wire] >> bit & 1);
        }
        turned[bit] = (bit > 0 ? turned[bit - 1] : 0) ^ column;
    }
    run_circuit(s);
    for (size_t a = 0; a < (size_t)1 << wires; a++) {
        for (size_t i = 0; i < s->count; i++) {
            const size_t place = place_of(e, a, i);
            s->work->amplitudes[((s->first + i) << wires) + state] =
                get(e, s->ket, place) + I * get(e, s->ket, place + lanes);
        }
        state ^= turned[__builtin_ctzll(a + 1)];
    }
}

static qf_status states_task(void *context, size_t task, qf_error *error) {
    const batch_work *w = context;
    scratch s;
    QF_TRY(scratch_new(&s, w, error));
    each_group(w, &s, task, store_group);
    scratch_free(&s);
    return QF_OK;
}

qf_status qf_statevector_states(qf_statevector *engine, const double *weights, const double *inputs,
                                size_t batch, double complex *amplitudes, const qf_run *run,
                                qf_error *error) {
    if (batch == 0) return QF_OK;
    QF_TRY(start_batch(engine, weights, inputs, batch, error));
    batch_work w = plan(engine, weights, inputs, batch);
    w.amplitudes = amplitudes;
    engine->kept_batch = 0;
    return run_tasks(&w, states_task, run, error);
}

/* ---- Backward ---- */

/* bra = the gradient with respect to the conjugate of ket. */
static void start_bra(const scratch *s) {
    const qf_statevector *e = s->work->e;
    const size_t lanes = e->kernels->lanes;
    memset(s->factors, 0, e->string_count * vector_bytes(e));
    for (size_t k = 0; k < e->string_count; k++) {
        const qf_string *string = &e->strings[k];
        for (size_t lane = 0; lane < lanes; lane++) {
            const size_t sample = e->samples_in_lanes ? lane : 0;
            if (sample >= s->count) continue;
            const double gradient =
                s->work->output_gradients[(s->first + sample) * qf_pad(e->circuit->outputs) +
                                          e->string_outputs[k]];
            const double sign =
                e->samples_in_lanes ? 1 : sign_of((lane ^ string->flip.lane) & string->row.lane);
            set(e, s->factors, k * lanes + lane, sign * gradient);
        }
    }
    sweep p = {
        .e = e, .ket = s->ket, .bra = s->bra, .coefficients = s->factors, .items = e->blocks};
    run_sweep(&p, project_chunk, s->work->team);
    each_probabilities(s, project_probabilities);
}

/* Undoes a block on ket and bra; adds to the gradients of its angles, or to its sums. */
static void undo_block(const scratch *s, size_t block) {
    const qf_statevector *e = s->work->e;
    const qf_pass *pass = &e->passes[block];
    sweep r = {.e = e,
               .pass = pass,
               .coefficients = coefficients_of(s, block, true),
               .ket = s->ket,
               .bra = s->bra,
               .sums = s->sums,
               .width = 3,
               .items = pass->items};
    run_sweep(&r, retreat_chunk, s->work->team);
    for (size_t i = 0; i < s->count; i++) {
        const unsigned row = pass->row.lane;
        double sums[3] = {total(&r, 0, i, 0, 0), total(&r, 1, i, row, 0), total(&r, 2, i, row, 0)};
        if (e->program.blocks[block].varies) {
            qf_block_backward(&e->program, &e->program.blocks[block], values_of(s, i), sums,
                              gradients_of(s, i));
        } else {
            for (size_t k = 0; k < 3; k++) s->block_sums[3 * block + k] += sums[k];
        }
    }
}

/* d psi_a = d (x_a / |x|), and d L = 2 Re <bra | d psi>. */
static void amplitude_gradients(const scratch *s, size_t sample, double *gradients) {
    const qf_statevector *e = s->work->e;
    const size_t count = e->circuit->inputs;
    const double *x = inputs_of(s, sample), length = length_of(x, count);
    double along = 0;
    for (size_t a = 0; a < count; a++) {
        along += x[a] / length * get(e, s->bra, place_of(e, a, sample));
    }
    for (size_t a = 0; a < count; a++) {
        const double bra = get(e, s->bra, place_of(e, a, sample));
        gradients[a] += 2 * (bra - x[a] / length * along) / length;
    }
}

static void backward_group(scratch *s) {
    const batch_work *w = s->work;
    const qf_statevector *e = w->e;
    if (s->own_ket) run_circuit(s);
    start_bra(s);
    memset(s->gradients, 0, e->samples * qf_circuit_values(e->circuit) * sizeof *s->gradients);
    for (size_t i = e->program.block_count; i-- > 0;) undo_block(s, i);
    for (size_t i = 0; i < s->count; i++) {
        double *inputs = w->input_gradients;
        if (inputs) {
            inputs += (s->first + i) * qf_pad(e->circuit->inputs);
            memset(inputs, 0, qf_pad(e->circuit->inputs) * sizeof *inputs);
            if (e->circuit->start == QF_START_AMPLITUDES) amplitude_gradients(s, i, inputs);
        }
        qf_circuit_backward(e->circuit, values_of(s, i), gradients_of(s, i), inputs,
                            s->weight_gradients);
    }
}

/* Gradients of the blocks that do not vary, once for all samples of a task. */
static void add_fixed(scratch *s) {
    const qf_statevector *e = s->work->e;
    const size_t values = qf_circuit_values(e->circuit);
    memset(s->gradients, 0, values * sizeof *s->gradients);
    for (size_t i = 0; i < e->program.block_count; i++) {
        if (e->program.blocks[i].varies) continue;
        qf_block_backward(&e->program, &e->program.blocks[i], s->values, s->block_sums + 3 * i,
                          s->gradients);
    }
    qf_circuit_backward(e->circuit, s->values, s->gradients, NULL, s->weight_gradients);
}

static qf_status backward_task(void *context, size_t task, qf_error *error) {
    const batch_work *w = context;
    scratch s;
    QF_TRY(scratch_new(&s, w, error));
    s.weight_gradients = w->task_gradients + task * w->e->circuit->weights;
    each_group(w, &s, task, backward_group);
    add_fixed(&s);
    scratch_free(&s);
    return QF_OK;
}

qf_status qf_statevector_backward(qf_statevector *engine, const double *weights,
                                  const double *inputs, size_t batch,
                                  const double *output_gradients, double *input_gradients,
                                  double *weight_gradients, const qf_run *run, qf_error *error) {
    const size_t count = engine->circuit->weights;
    if (weight_gradients) memset(weight_gradients, 0, count * sizeof *weight_gradients);
    if (batch == 0) return QF_OK;
    batch_work w = plan(engine, weights, inputs, batch);
    w.output_gradients = output_gradients;
    w.input_gradients = input_gradients;
    w.task_gradients = qf_new_array(w.tasks * count, sizeof *w.task_gradients, error);
    if (!w.task_gradients) return QF_MEMORY;
    const qf_status status = run_tasks(&w, backward_task, run, error);
    engine->kept_batch = 0; /* undone */
    for (size_t task = 0; task < w.tasks && weight_gradients; task++) {
        for (size_t i = 0; i < count; i++) {
            weight_gradients[i] += w.task_gradients[task * count + i];
        }
    }
    free(w.task_gradients);
    return status;
}
