#include "model/svm_points.h"

#include "quantum/builtin.h"

#include <stdlib.h>
#include <string.h>

/* ---- Kernels ---- */

static const char *word(const qf_model *model, const char *parameter) {
    return qf_record_text(&model->parameters, parameter);
}

/* A whole number, 0 for "auto". */
static size_t whole(const qf_model *model, const char *parameter) {
    const qf_field *field = qf_record_find(&model->parameters, parameter);
    return field && field->kind == QF_FIELD_INTEGER ? (size_t)field->integer : 0;
}

/* As many wires as columns, of amplitudes as many as hold them. */
static size_t usual_wires(const char *map, size_t columns) {
    if (strcmp(map, "amplitude") != 0) return columns;
    size_t wires = 1;
    while (columns > (size_t)1 << wires) wires++;
    return wires;
}

static qf_status check_inputs(const qf_svm_kernel *kernel, const char *map, qf_error *error) {
    const qf_circuit *circuit = &kernel->circuit;
    const bool padded = circuit->start == QF_START_AMPLITUDES && kernel->columns < circuit->inputs;
    if (kernel->columns == circuit->inputs || padded) return QF_OK;
    return qf_fail(error, QF_MISMATCH,
                   "%s on %zu wires has %zu inputs, and the rows have %zu columns: see qf-reduce",
                   map, circuit->wires, circuit->inputs, kernel->columns);
}

static qf_status make_circuit(qf_svm_kernel *kernel, const qf_model *model, qf_error *error) {
    const char *map = word(model, "circuit"), *paulis = word(model, "paulis");
    const qf_recipe recipe = {
        .feature_map = map,
        .paulis = strcmp(paulis, "auto") == 0 ? NULL : paulis,
        .wires = whole(model, "wires") ? whole(model, "wires") : usual_wires(map, model->columns),
        .map_layers = whole(model, "circuit_layers"),
    };
    if (recipe.wires > QF_MAX_WIRES) {
        return qf_fail(error, QF_MISMATCH,
                       "%zu columns take %zu wires, and a circuit has %d at most: see qf-reduce",
                       model->columns, recipe.wires, QF_MAX_WIRES);
    }
    if (recipe.paulis && strcmp(map, "pauli") != 0) {
        return qf_fail(error, QF_USAGE, "paulis are of circuit pauli, not of %s", map);
    }
    QF_TRY(qf_builtin_build(&recipe, &kernel->circuit, error));
    return check_inputs(kernel, map, error);
}

qf_status qf_svm_kernel_init(qf_svm_kernel *kernel, const qf_model *model, qf_error *error) {
    const char *name = word(model, "kernel");
    *kernel = (qf_svm_kernel){
        .quantum = strcmp(name, "quantum") == 0,
        .columns = model->columns,
        .kind = strcmp(name, "linear") == 0 ? QF_KERNEL_LINEAR : QF_KERNEL_RBF,
        .bandwidth = qf_record_number(&model->parameters, "bandwidth"),
    };
    return kernel->quantum ? make_circuit(kernel, model, error) : QF_OK;
}

void qf_svm_kernel_free(qf_svm_kernel *kernel) {
    free(kernel->shift);
    qf_circuit_free(&kernel->circuit);
    *kernel = (qf_svm_kernel){0};
}

/* ---- Points ---- */

/* a + b c, SIZE_MAX where no number holds it. */
static size_t sum_of_bytes(size_t a, size_t b, size_t c) {
    size_t bytes;
    return __builtin_mul_overflow(b, c, &bytes) || __builtin_add_overflow(a, bytes, &bytes)
               ? SIZE_MAX
               : bytes;
}

static qf_status check_memory(const qf_svm_points *p, bool gram, const qf_run *run,
                              qf_error *error) {
    const size_t wires = p->kernel->circuit.wires, limit = qf_machine_memory();
    const size_t bytes = sum_of_bytes(qf_states_bytes(wires, p->count), p->stride,
                                      gram ? p->count * sizeof *p->gram : 0);
    if (bytes > limit) {
        return qf_fail(error, QF_MEMORY,
                       "states of %zu rows on %zu wires take %zu bytes%s, and %zu is the limit",
                       p->count, wires, bytes, gram ? " with their Gram matrix" : "", limit);
    }
    if (gram && run->announce) {
        run->announce(run->listener, "states and Gram matrix of the rows", bytes);
    }
    return QF_OK;
}

static qf_status simulate(qf_svm_points *p, bool gram, const qf_run *run, qf_error *error) {
    const qf_svm_kernel *k = p->kernel;
    p->stride = (p->count + QF_PANEL - 1) / QF_PANEL * QF_PANEL;
    QF_TRY(check_memory(p, gram, run, error));
    QF_TRY(qf_states_init(&p->states, &k->circuit, k->bandwidth, p->rows, p->count, k->columns, run,
                          error));
    if (!gram) return QF_OK;
    p->gram = qf_new_lines(p->count * p->stride * sizeof *p->gram, error);
    return p->gram ? qf_states_gram(&p->states, run, p->gram, error) : QF_MEMORY;
}

qf_status qf_svm_points_init(qf_svm_points *points, const qf_svm_kernel *kernel, const double *rows,
                             size_t count, bool gram, const qf_run *run, qf_error *error) {
    *points = (qf_svm_points){.kernel = kernel, .rows = rows, .count = count};
    qf_status status;
    if (kernel->quantum) {
        status = simulate(points, gram, run, error);
    } else {
        status = qf_kernel_init(&points->points, kernel->kind, kernel->gamma, kernel->shift, rows,
                                count, kernel->columns, error);
        points->stride = points->points.stride;
    }
    if (status != QF_OK) qf_svm_points_free(points);
    return status;
}

void qf_svm_points_free(qf_svm_points *points) {
    qf_kernel_free(&points->points);
    qf_states_free(&points->states);
    free(points->gram);
    *points = (qf_svm_points){0};
}

static const double *row_at(const qf_svm_points *points, size_t i) {
    return points->rows + i * points->kernel->columns;
}

static void source_row(void *context, size_t i, double *scratch, float *values) {
    const qf_svm_source *s = context;
    const qf_svm_points *p = s->points;
    if (p->kernel->quantum) {
        memcpy(values, p->gram + i * p->stride, p->stride * sizeof *values);
    } else {
        qf_kernel_row(&p->points, s->simd, row_at(p, i), scratch, values);
    }
}

static double source_self(void *context, size_t i) {
    const qf_svm_points *p = ((const qf_svm_source *)context)->points;
    return p->kernel->quantum ? 1 : qf_kernel_self(&p->points, row_at(p, i));
}

void qf_svm_source_init(qf_svm_source *source, const qf_svm_points *points, qf_simd simd) {
    const size_t scratch = points->kernel->quantum ? 0 : qf_kernel_work(&points->points);
    *source = (qf_svm_source){.points = points, .simd = simd};
    source->source = (qf_kernel_source){.count = points->count,
                                        .stride = points->stride,
                                        .scratch = scratch,
                                        .context = source,
                                        .row = source_row,
                                        .self = source_self};
}

/* ---- Sums over points ---- */

static qf_status add_points(const qf_svm_points *from, const double *weights,
                            const qf_svm_points *to, qf_simd simd, double *sums, qf_error *error) {
    double *work = qf_new_array(qf_kernel_work(&to->points), sizeof *work, error);
    float *values = qf_new_array(to->stride, sizeof *values, error);
    const qf_status status = work && values ? QF_OK : QF_MEMORY;
    for (size_t i = 0; status == QF_OK && i < from->count; i++) {
        if (weights[i] == 0) continue;
        qf_kernel_row(&to->points, simd, row_at(from, i), work, values);
        for (size_t j = 0; j < to->count; j++) sums[j] += weights[i] * (double)values[j];
    }
    free(work);
    free(values);
    return status;
}

static bool any(const double *weights, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (weights[i] != 0) return true;
    }
    return false;
}

/* A panel at a time; values round to single precision, as those that the machine was fitted to. */
static qf_status add_states(const qf_svm_points *from, const double *weights,
                            const qf_svm_points *to, qf_simd simd, double *sums, qf_error *error) {
    double *values = qf_new_array(QF_PANEL * to->stride, sizeof *values, error);
    if (!values) return QF_MEMORY;
    for (size_t first = 0; first < from->count; first += QF_PANEL) {
        const size_t rest = from->count - first, count = rest < QF_PANEL ? rest : QF_PANEL;
        if (!any(weights + first, count)) continue;
        qf_states_fidelities(&from->states, first / QF_PANEL, &to->states, 0, simd, values);
        for (size_t i = 0; i < count; i++) {
            for (size_t j = 0; j < to->count; j++) {
                sums[j] += weights[first + i] * (double)(float)values[i * to->stride + j];
            }
        }
    }
    free(values);
    return QF_OK;
}

qf_status qf_svm_points_add(const qf_svm_points *from, const double *weights,
                            const qf_svm_points *to, qf_simd simd, double *sums, qf_error *error) {
    return (to->kernel->quantum ? add_states : add_points)(from, weights, to, simd, sums, error);
}

static qf_status sum_points(const qf_svm_points *vectors, const double *weights, const double *rows,
                            size_t count, qf_simd simd, double *sums, qf_error *error) {
    const qf_kernel *kernel = &vectors->points;
    double *work = qf_new_array(qf_kernel_work(kernel), sizeof *work, error);
    float *values = qf_new_array(vectors->stride, sizeof *values, error);
    const qf_status status = work && values ? QF_OK : QF_MEMORY;
    for (size_t r = 0; status == QF_OK && r < count; r++) {
        qf_kernel_row(kernel, simd, rows + r * kernel->columns, work, values);
        sums[r] = qf_kernel_sum(weights, values, vectors->count);
    }
    free(work);
    free(values);
    return status;
}

/* States of rows at a time: enough of them, but not all of wide circuits' at once. */
static size_t rows_at_once(size_t wires) {
    const size_t rows = ((size_t)1 << 20) >> wires;
    return rows > QF_PANEL ? rows : QF_PANEL;
}

static qf_status sum_states(const qf_svm_points *vectors, const double *weights, const double *rows,
                            size_t count, qf_simd simd, double *sums, qf_error *error) {
    const qf_svm_kernel *kernel = vectors->kernel;
    const qf_run run = {.threads = 1, .simd = simd};
    const size_t block = rows_at_once(kernel->circuit.wires);
    memset(sums, 0, count * sizeof *sums);
    for (size_t first = 0; first < count; first += block) {
        const size_t rest = count - first;
        qf_svm_points points;
        QF_TRY(qf_svm_points_init(&points, kernel, rows + first * kernel->columns,
                                  rest < block ? rest : block, false, &run, error));
        const qf_status status = add_states(vectors, weights, &points, simd, sums + first, error);
        qf_svm_points_free(&points);
        QF_TRY(status);
    }
    return QF_OK;
}

qf_status qf_svm_points_sum(const qf_svm_points *vectors, const double *weights, const double *rows,
                            size_t count, qf_simd simd, double *sums, qf_error *error) {
    return (vectors->kernel->quantum ? sum_states : sum_points)(vectors, weights, rows, count, simd,
                                                                sums, error);
}
