#include "quantum/feature.h"

#include "base/memory.h"
#include "base/pad.h"
#include "quantum/feature_sweep.h"
#include "quantum/heisenberg.h"
#include "quantum/pauli.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    TASK_GROUPS = 64,
    GATHER_GROUPS = 8, /* that lie in the nearest cache together */
};

struct qf_feature {
    const qf_circuit *circuit;
    const qf_feature_kernels *kernels;
    const qf_pauli_kernels *paulis;
    qf_feature_shape shape;
    double bloch[QF_PAULI_WIRES][4][3]; /* of letter I X Y Z on a wire: factors of 1, cos and sin */
    qf_pauli_program program;           /* with noise, no more than its sizes */
    const qf_noise *noise;              /* NULL: none */
    qf_heisenberg *heisenberg;          /* in the program's place where there is noise */
    size_t entry_count, entry_capacity;
    qf_pauli_entry *entries;
    double *angles, *cosines, *sines, *turn_gradients; /* [turns], padded */
    double *tape, *string_gradients;
    double *matrix;    /* [features][lanes] */
    float *rounded;    /* the same in single precision; NULL in double */
    size_t groups;     /* that there is memory for: */
    char *kept;        /* [groups][kept_vectors], from forward to backward */
    char *sums;        /* [tasks] of gather */
    double *gradients; /* [tasks][gradient_room] */
};

const qf_feature_kernels *qf_feature_kernels_of(qf_precision precision, qf_simd simd) {
    return precision == QF_DOUBLE ? QF_FOR_SIMD(simd, qf_feature_kernels_double)
                                  : QF_FOR_SIMD(simd, qf_feature_kernels_float);
}

const qf_pauli_kernels *qf_pauli_kernels_of(qf_simd simd) {
    return QF_FOR_SIMD(simd, qf_pauli_kernels);
}

/* ---- How inputs enter ---- */

/* What is known of the wires while the steps are read from the first on. */
typedef struct entering {
    qf_feature *engine;
    const qf_angle **angles;         /* [angle_count] */
    bool entered[QF_PAULI_WIRES];    /* its input has come */
    bool waiting[QF_PAULI_WIRES];    /* one will come: it has a later step that varies */
    double bloch[QF_PAULI_WIRES][3]; /* before its input */
} entering;

static qf_status refuse(qf_error *error, const char *why) {
    return qf_fail(error, QF_MISMATCH, "the feature engine cannot run this circuit: %s", why);
}

static double *wire_row(qf_feature *e, size_t wire, size_t letter) {
    return e->bloch[wire][letter];
}

/* The letters' factors for a wire that its input turns about an axis, from a Bloch vector. */
static void turn_by_input(qf_feature *e, size_t wire, qf_axis axis, const double bloch[3]) {
    const size_t b = (axis + 1) % 3, c = (axis + 2) % 3;
    memset(e->bloch[wire], 0, sizeof e->bloch[wire]);
    wire_row(e, wire, 0)[0] = 1;
    wire_row(e, wire, 1 + axis)[0] = bloch[axis];
    wire_row(e, wire, 1 + b)[1] = bloch[b];
    wire_row(e, wire, 1 + b)[2] = -bloch[c];
    wire_row(e, wire, 1 + c)[1] = bloch[c];
    wire_row(e, wire, 1 + c)[2] = bloch[b];
}

static qf_status enter(entering *n, const qf_step *step, qf_error *error) {
    qf_feature_shape *shape = &n->engine->shape;
    const qf_angle *angle = n->angles[step->slot];
    if (n->entered[step->wire]) return refuse(error, "a wire takes inputs twice");
    if (angle->source != QF_ANGLE_INPUT) return refuse(error, "an angle is an expression");
    for (size_t i = 0; i < 3; i++) {
        if (fabs(n->bloch[step->wire][i]) < 1e-15) n->bloch[step->wire][i] = 0;
    }
    turn_by_input(n->engine, step->wire, step->axis, n->bloch[step->wire]);
    shape->input[step->wire] = angle->index;
    shape->scale[step->wire] = step->scale * angle->scale;
    shape->offset[step->wire] = step->scale * angle->offset + step->offset;
    n->entered[step->wire] = true;
    return QF_OK;
}

/* A step on a wire whose input has not come yet. */
static qf_status prepare_wire(entering *n, const qf_step *step, qf_error *error) {
    double angle = step->offset;
    if (step->kind == QF_STEP_NOISE) {
        const qf_bloch_map map = qf_noise_map(n->engine->noise);
        double *bloch = n->bloch[step->wire];
        for (size_t i = 0; i < 3; i++) bloch[i] *= map.scale[i];
        bloch[2] += map.shift;
        return QF_OK;
    }
    if (step->kind == QF_STEP_TURN && step->slot != QF_NO_SLOT) {
        if (n->angles[step->slot]->source != QF_ANGLE_CONSTANT) {
            return refuse(error, "a weight acts on a wire before its input");
        }
        angle += step->scale * n->angles[step->slot]->offset;
    }
    qf_step_rotate(step, angle, false, n->bloch[step->wire]);
    return QF_OK;
}

/* Reads the steps; those that are not about inputs go to the front of the list, in order. */
static qf_status read_inputs(entering *n, qf_steps *steps, qf_error *error) {
    for (size_t i = 0; i < steps->count; i++) {
        if (steps->items[i].varies) n->waiting[steps->items[i].wire] = true;
    }
    for (size_t wire = 0; wire < n->engine->shape.wires; wire++) {
        n->bloch[wire][2] = 1;
        turn_by_input(n->engine, wire, QF_AXIS_Z, n->bloch[wire]); /* unless an input comes: |0> */
    }
    size_t rest = 0;
    for (size_t i = 0; i < steps->count; i++) {
        const qf_step step = steps->items[i];
        const bool pair = step.kind == QF_STEP_CNOT || step.kind == QF_STEP_SWAP;
        const bool early = n->waiting[step.wire] && !n->entered[step.wire];
        if (step.varies) {
            QF_TRY(enter(n, &step, error));
        } else if (early && !pair) {
            QF_TRY(prepare_wire(n, &step, error));
        } else if (pair && (early || (n->waiting[step.control] && !n->entered[step.control]))) {
            return refuse(error, "an input enters behind a gate of two wires");
        } else {
            steps->items[rest++] = step;
        }
    }
    steps->count = rest;
    return QF_OK;
}

/* ---- From strings to features ---- */

static size_t letter_of(qf_pauli string, size_t wire) {
    const unsigned x = string.x >> wire & 1, z = string.z >> wire & 1;
    return x ? 1 + z : 3 * z;
}

static bool matters(const void *context, qf_pauli string) {
    const qf_feature *e = context;
    for (size_t wire = 0; wire < e->shape.wires; wire++) {
        const double *row = e->bloch[wire][letter_of(string, wire)];
        if (row[0] == 0 && row[1] == 0 && row[2] == 0) return false;
    }
    return true;
}

static size_t power_of_3(size_t exponent) {
    size_t power = 1;
    while (exponent-- > 0) power *= 3;
    return power;
}

/* What a string adds to the features. */
static qf_status list_string(qf_feature *e, const qf_pauli_end *end, qf_error *error) {
    const size_t wires = e->shape.wires, features = power_of_3(wires);
    for (size_t feature = 0; feature < features; feature++) {
        double factor = end->sign;
        size_t rest = feature;
        for (size_t wire = wires; wire-- > 0 && factor != 0; rest /= 3) {
            factor *= e->bloch[wire][letter_of(end->string, wire)][rest % 3];
        }
        if (factor == 0) continue;
        QF_TRY(qf_grow_array(&e->entries, &e->entry_capacity, e->entry_count + 1,
                             sizeof *e->entries, error));
        e->entries[e->entry_count++] = (qf_pauli_entry){.feature = (unsigned)feature,
                                                        .string = (unsigned)end->number,
                                                        .place = end->place,
                                                        .factor = factor};
    }
    return QF_OK;
}

/* With noise, all strings there are, numbered by their letters. */
static qf_status list_entries(qf_feature *e, qf_error *error) {
    for (size_t i = 0; i < e->program.end_count; i++) {
        QF_TRY(list_string(e, &e->program.ends[i], error));
    }
    for (size_t number = 0; e->heisenberg && number < e->program.strings; number++) {
        qf_pauli_end end = {.number = number, .place = number, .sign = 1};
        for (size_t wire = 0; wire < e->shape.wires; wire++) {
            const unsigned letter = number >> 2 * wire & 3;
            if (letter == 1 || letter == 2) end.string.x |= 1U << wire;
            if (letter >= 2) end.string.z |= 1U << wire;
        }
        QF_TRY(list_string(e, &end, error));
    }
    return QF_OK;
}

/* ---- Preparing ---- */

static void shape_of(const qf_circuit *circuit, qf_feature_shape *shape) {
    const size_t wires = circuit->wires, outputs = circuit->measurement_count;
    const size_t left = (wires + 1) / 2;
    *shape = (qf_feature_shape){.wires = wires,
                                .left_wires = left,
                                .lefts = power_of_3(left),
                                .rights = power_of_3(wires - left),
                                .outputs = outputs,
                                .usual = wires == 4 && outputs == 3,
                                .input_stride = qf_pad(circuit->inputs),
                                .output_stride = qf_pad(circuit->outputs)};
    shape->kept_vectors = 2 * wires + shape->lefts + shape->rights + shape->lefts * outputs;
}

/* Observables are carried back string by string, or all at once where noise mixes them. */
static qf_status carry_back(qf_feature *e, qf_steps *steps, qf_simd simd, qf_error *error) {
    const qf_circuit *c = e->circuit;
    qf_pauli_program *p = &e->program;
    if (!e->noise) return qf_pauli_program_make(c, steps, matters, e, p, error);
    for (size_t m = 0; m < c->measurement_count; m++) {
        if (c->measurements[m].kind != QF_MEASURE_PAULI) {
            return refuse(error, "it measures probabilities");
        }
    }
    p->measurements = c->measurement_count;
    p->lanes = (p->measurements + QF_PAULI_LANES - 1) / QF_PAULI_LANES * QF_PAULI_LANES;
    p->strings = (size_t)1 << 2 * c->wires;
    return qf_heisenberg_new(c, e->noise, steps, simd, &e->heisenberg, error);
}

static qf_status read_circuit(qf_feature *e, qf_simd simd, qf_error *error) {
    static const qf_noise none = {0};
    const qf_circuit *circuit = e->circuit;
    qf_steps steps = {0};
    entering n = {.engine = e,
                  .angles = qf_new_array(circuit->angle_count, sizeof *n.angles, error)};
    qf_status status = n.angles ? QF_OK : QF_MEMORY;
    if (status == QF_OK) {
        status = qf_noise_lower(circuit, e->noise ? e->noise : &none, &steps, error);
    }
    if (status == QF_OK) {
        qf_circuit_angles(circuit, n.angles);
        status = read_inputs(&n, &steps, error);
    }
    if (status == QF_OK) {
        status = carry_back(e, &steps, simd, error);
    }
    free(n.angles);
    free(steps.items);
    return status;
}

static qf_status new_memory(qf_feature *e, qf_precision precision, qf_error *error) {
    const qf_pauli_program *p = &e->program;
    const size_t turns = qf_pad(p->turns) * sizeof(double);
    const size_t numbers = e->shape.lefts * e->shape.rights * e->shape.lanes;
    const size_t value = p->lanes * sizeof(double);
    e->angles = qf_new_lines(turns, error);
    e->cosines = qf_new_lines(turns, error);
    e->sines = qf_new_lines(turns, error);
    e->turn_gradients = qf_new_lines(turns, error);
    e->tape = qf_new_lines(p->places * value, error);
    e->string_gradients = qf_new_lines(p->strings * value, error);
    e->matrix = qf_new_lines(numbers * sizeof *e->matrix, error);
    const bool single = precision == QF_SINGLE;
    if (single) e->rounded = qf_new_lines(numbers * sizeof *e->rounded, error);
    const bool complete = e->angles && e->cosines && e->sines && e->turn_gradients && e->tape &&
                          e->string_gradients && e->matrix && (e->rounded || !single);
    return complete ? QF_OK : QF_MEMORY;
}

static qf_status prepare(qf_feature *e, qf_precision precision, qf_simd simd, qf_error *error) {
    const qf_circuit *circuit = e->circuit;
    if (circuit->wires > QF_PAULI_WIRES) return refuse(error, "it has more than 6 wires");
    if (circuit->inputs == 0) return refuse(error, "it has no inputs");
    if (circuit->start != QF_START_ZERO) return refuse(error, "its inputs are amplitudes");
    if (circuit->measurement_count > QF_FEATURE_OUTPUTS) {
        return refuse(error, "it has more than 64 measurements");
    }
    shape_of(circuit, &e->shape);
    QF_TRY(read_circuit(e, simd, error));
    e->shape.lanes = e->program.lanes;
    QF_TRY(list_entries(e, error));
    return new_memory(e, precision, error);
}

qf_status qf_feature_new(const qf_circuit *circuit, const qf_noise *noise, qf_precision precision,
                         qf_simd simd, qf_feature **engine, qf_error *error) {
    *engine = qf_new_array(1, sizeof **engine, error);
    if (!*engine) return QF_MEMORY;
    (*engine)->circuit = circuit;
    (*engine)->noise = noise;
    (*engine)->kernels = qf_feature_kernels_of(precision, simd);
    (*engine)->paulis = qf_pauli_kernels_of(simd);
    const qf_status status = prepare(*engine, precision, simd, error);
    if (status != QF_OK) {
        qf_feature_free(*engine);
        *engine = NULL;
    }
    return status;
}

void qf_feature_free(qf_feature *engine) {
    if (!engine) return;
    qf_pauli_program_free(&engine->program);
    qf_heisenberg_free(engine->heisenberg);
    free(engine->entries);
    free(engine->angles);
    free(engine->cosines);
    free(engine->sines);
    free(engine->turn_gradients);
    free(engine->tape);
    free(engine->string_gradients);
    free(engine->matrix);
    free(engine->rounded);
    free(engine->kept);
    free(engine->sums);
    free(engine->gradients);
    free(engine);
}

/* ---- The matrix ---- */

static void find_sines(qf_feature *e, const double *weights) {
    const qf_pauli_program *p = &e->program;
    bool large = false;
    if (p->turns) memcpy(e->angles, p->offsets, p->turns * sizeof *e->angles);
    for (size_t i = 0; i < p->part_count; i++) {
        e->angles[p->parts[i].turn] += p->parts[i].scale * weights[p->parts[i].weight];
    }
    for (size_t i = 0; i < p->turns; i++) large |= !(fabs(e->angles[i]) <= 1e5);
    e->paulis->sines(e->angles, qf_pad(p->turns), e->cosines, e->sines);
    for (size_t i = 0; i < p->turns && large; i++) {
        e->cosines[i] = cos(e->angles[i]);
        e->sines[i] = sin(e->angles[i]);
    }
}

/* The observables' values at their places, carried back. */
static const double *carried(qf_feature *e, const double *weights) {
    const qf_pauli_program *p = &e->program;
    if (e->heisenberg) return qf_heisenberg_forward(e->heisenberg, weights);
    find_sines(e, weights);
    for (size_t m = 0; m < p->measurements; m++) e->tape[p->starts[m] * p->lanes + m] = 1;
    e->paulis->forward(p, e->cosines, e->sines, e->tape);
    return e->tape;
}

static void make_matrix(qf_feature *e, const double *weights) {
    const qf_pauli_program *p = &e->program;
    const size_t numbers = e->shape.lefts * e->shape.rights * p->lanes;
    const double *values = carried(e, weights);
    memset(e->matrix, 0, numbers * sizeof *e->matrix);
    e->paulis->spread(e->entries, e->entry_count, p->lanes / QF_PAULI_LANES, values, e->matrix);
    for (size_t i = 0; i < numbers && e->rounded; i++) e->rounded[i] = (float)e->matrix[i];
}

static void weights_back(qf_feature *e, const double *gradient, double *weight_gradients) {
    const qf_pauli_program *p = &e->program;
    memset(weight_gradients, 0, e->circuit->weights * sizeof *weight_gradients);
    memset(e->string_gradients, 0, p->strings * p->lanes * sizeof *e->string_gradients);
    e->paulis->collect(e->entries, e->entry_count, p->measurements, gradient, e->string_gradients);
    if (e->heisenberg) {
        qf_heisenberg_backward(e->heisenberg, e->string_gradients, weight_gradients);
        return;
    }
    e->paulis->backward(p, e->cosines, e->sines, e->tape, e->string_gradients, e->turn_gradients);
    for (size_t i = 0; i < p->part_count; i++) {
        const qf_pauli_part *part = &p->parts[i];
        weight_gradients[part->weight] += part->scale * e->turn_gradients[part->turn];
    }
}

/* ---- Batches ---- */

typedef struct batch_work {
    qf_feature *e;
    size_t batch, groups;
    const double *inputs, *output_gradients;
    double *outputs, *input_gradients;
    bool weights_too; /* their gradients are wanted */
} batch_work;

static const void *matrix_of(const qf_feature *e) {
    return e->rounded ? (const void *)e->rounded : e->matrix;
}

static size_t group_bytes(const qf_feature *e) {
    return e->shape.kept_vectors * e->kernels->lanes * e->kernels->size;
}

/* Numbers of a task's gradient, and what kernels may touch behind it. */
static size_t gradient_room(const qf_feature *e) {
    return e->shape.lefts * e->shape.rights * e->shape.outputs + QF_MAX_LANES;
}

static size_t sums_bytes(const qf_feature *e) {
    return gradient_room(e) * e->kernels->lanes * e->kernels->size;
}

static size_t task_count(size_t groups) {
    return (groups + TASK_GROUPS - 1) / TASK_GROUPS;
}

static size_t last_group(const batch_work *w, size_t task) {
    const size_t last = (task + 1) * TASK_GROUPS;
    return last < w->groups ? last : w->groups;
}

static size_t samples_of(const batch_work *w, size_t group) {
    const size_t lanes = w->e->kernels->lanes, left = w->batch - group * lanes;
    return left < lanes ? left : lanes;
}

static qf_status forward_task(void *context, size_t task, qf_error *error) {
    const batch_work *w = context;
    const qf_feature *e = w->e;
    const qf_feature_shape *shape = &e->shape;
    for (size_t g = task * TASK_GROUPS; g < last_group(w, task); g++) {
        const size_t first = g * e->kernels->lanes;
        if (!e->kernels->forward(shape, matrix_of(e), w->inputs + first * shape->input_stride,
                                 samples_of(w, g), e->kept + g * group_bytes(e),
                                 w->outputs + first * shape->output_stride)) {
            return qf_fail(error, QF_DATA, "circuit inputs of rows %zu to %zu are not all finite",
                           first, first + samples_of(w, g) - 1);
        }
    }
    return QF_OK;
}

static void backward_group(const batch_work *w, size_t group) {
    const qf_feature *e = w->e;
    const qf_feature_shape *shape = &e->shape;
    const size_t first = group * e->kernels->lanes;
    double *inputs = w->input_gradients;
    if (inputs) inputs += first * shape->input_stride;
    e->kernels->backward(shape, matrix_of(e), w->output_gradients + first * shape->output_stride,
                         samples_of(w, group), e->kept + group * group_bytes(e), inputs);
}

static qf_status backward_task(void *context, size_t task, qf_error *error) {
    (void)error;
    const batch_work *w = context;
    const qf_feature *e = w->e;
    const size_t begin = task * TASK_GROUPS, end = last_group(w, task);
    char *sums = e->sums + task * sums_bytes(e);
    for (size_t g = begin; g < end; g += GATHER_GROUPS) {
        const size_t count = end - g < GATHER_GROUPS ? end - g : GATHER_GROUPS;
        for (size_t i = 0; i < count; i++) backward_group(w, g + i);
        if (!w->weights_too) continue;
        e->kernels->gather(&e->shape, e->kept + g * group_bytes(e), count, g == begin, sums);
    }
    if (w->weights_too) {
        e->kernels->total(&e->shape, sums, e->gradients + task * gradient_room(e));
    }
    return QF_OK;
}

/* Memory for a batch, kept for the next. */
static qf_status make_room(qf_feature *e, size_t groups, qf_error *error) {
    if (groups <= e->groups) return QF_OK;
    const size_t tasks = task_count(groups);
    e->groups = 0;
    free(e->kept);
    free(e->sums);
    free(e->gradients);
    e->kept = qf_new_lines(groups * group_bytes(e), error);
    e->sums = qf_new_lines(tasks * sums_bytes(e), error);
    e->gradients = qf_new_array(tasks * gradient_room(e), sizeof *e->gradients, error);
    if (!e->kept || !e->sums || !e->gradients) return QF_MEMORY;
    e->groups = groups;
    return QF_OK;
}

static qf_status run_tasks(batch_work *w, qf_task *task, const qf_run *run, qf_error *error) {
    const size_t tasks = task_count(w->groups);
    return tasks == 1 ? task(w, 0, error) : qf_parallel(run, tasks, task, w, error);
}

static batch_work plan(qf_feature *e, size_t batch) {
    return (batch_work){
        .e = e, .batch = batch, .groups = (batch + e->kernels->lanes - 1) / e->kernels->lanes};
}

qf_status qf_feature_forward(qf_feature *engine, const double *weights, const double *inputs,
                             size_t batch, double *outputs, const qf_run *run, qf_error *error) {
    batch_work w = plan(engine, batch);
    w.inputs = inputs;
    w.outputs = outputs;
    QF_TRY(make_room(engine, w.groups, error));
    make_matrix(engine, weights);
    memset(outputs, 0, batch * engine->shape.output_stride * sizeof *outputs);
    return run_tasks(&w, forward_task, run, error);
}

qf_status qf_feature_backward(qf_feature *engine, size_t batch, const double *output_gradients,
                              double *input_gradients, double *weight_gradients, const qf_run *run,
                              qf_error *error) {
    batch_work w = plan(engine, batch);
    const size_t tasks = task_count(w.groups), room = gradient_room(engine);
    w.output_gradients = output_gradients;
    w.input_gradients = input_gradients;
    if (input_gradients) {
        memset(input_gradients, 0, batch * engine->shape.input_stride * sizeof *input_gradients);
    }
    w.weights_too = weight_gradients;
    QF_TRY(run_tasks(&w, backward_task, run, error));
    for (size_t task = 1; task < tasks && weight_gradients; task++) {
        for (size_t i = 0; i < room; i++)
            engine->gradients[i] += engine->gradients[task * room + i];
    }
    if (weight_gradients) weights_back(engine, engine->gradients, weight_gradients);
    return QF_OK;
}
