/* How many weights are independent: see diagnose.h. */
#include "base/memory.h"
#include "base/pad.h"
#include "quantum/diagnose.h"
#include "quantum/point.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double squared_length(const double *column, size_t rows) {
    double sum = 0;
    for (size_t i = 0; i < rows; i++) sum += column[i] * column[i];
    return sum;
}

/* Takes the part along a unit column away. */
static void project_out(double *column, const double *unit, size_t rows) {
    double product = 0;
    for (size_t i = 0; i < rows; i++) product += column[i] * unit[i];
    for (size_t i = 0; i < rows; i++) column[i] -= product * unit[i];
}

size_t qf_count_independent(double *matrix, size_t columns, size_t rows) {
    double first = 0;
    for (size_t rank = 0; rank < columns; rank++) {
        double *pivot = matrix + rank * rows;
        size_t best = rank;
        double longest = -1;
        for (size_t c = rank; c < columns; c++) {
            const double length = squared_length(matrix + c * rows, rows);
            if (length > longest) longest = length, best = c;
        }
        if (rank == 0) first = longest;
        if (!(longest > 1e-16 * first && longest > 1e-20)) return rank;
        double *chosen = matrix + best * rows;
        for (size_t i = 0; i < rows; i++) {
            const double swapped = chosen[i];
            chosen[i] = pivot[i];
            pivot[i] = swapped / sqrt(longest);
        }
        for (size_t c = rank + 1; c < columns; c++) project_out(matrix + c * rows, pivot, rows);
    }
    return columns;
}

/* Outputs' derivatives, and the same over the deviations of single measurements, as columns
 * [weights][rows]. */
typedef struct jacobian {
    const qf_circuit *circuit;
    qf_statevector *engine;
    size_t rows;
    double *plain, *scaled;
} jacobian;

/* The deviation of what is measured: 1 or -1, or whether a state is found. 0: it is certain. */
static double deviation(const qf_circuit *c, size_t output, double value) {
    for (size_t m = 0; m < c->measurement_count; m++) {
        const qf_measurement *measurement = &c->measurements[m];
        if (measurement->kind == QF_MEASURE_PAULI) {
            if (output-- == 0) return sqrt(fmax(1 - value * value, 0));
            continue;
        }
        size_t states = 1;
        for (uint64_t rest = measurement->wires; rest; rest &= rest - 1) states *= 2;
        if (output < states) return sqrt(fmax(value, 0));
        output -= states;
    }
    return 0;
}

static qf_status fill_input(jacobian *j, qf_point *point, size_t input, const qf_run *run,
                            qf_error *error) {
    const qf_circuit *c = j->circuit;
    for (size_t o = 0; o < c->outputs; o++) {
        const size_t row = input * c->outputs + o;
        memset(point->output_gradients, 0, qf_pad(c->outputs) * sizeof(double));
        point->output_gradients[o] = 1;
        QF_TRY(qf_point_differentiate(j->engine, point, run, error));
        QF_TRY(qf_point_check(c, point, error));
        const double spread = deviation(c, o, point->outputs[o]);
        for (size_t w = 0; w < c->weights; w++) {
            j->plain[w * j->rows + row] = point->gradients[w];
            j->scaled[w * j->rows + row] = spread > 1e-6 ? point->gradients[w] / spread : 0;
        }
    }
    return QF_OK;
}

/* All inputs at the first weights drawn. */
static qf_status fill(jacobian *j, qf_point *point, size_t inputs, qf_random *random,
                      const qf_run *run, qf_error *error) {
    const qf_circuit *c = j->circuit;
    double *weights = NULL;
    qf_point_draw(c, random, true, point);
    weights = qf_copy_array(point->weights, c->weights, sizeof *weights, error);
    if (!weights) return QF_MEMORY;
    qf_status status = QF_OK;
    for (size_t i = 0; status == QF_OK && i < inputs; i++) {
        qf_point_draw(c, random, true, point);
        memcpy(point->weights, weights, c->weights * sizeof *weights);
        status = fill_input(j, point, i, run, error);
    }
    free(weights);
    return status;
}

static qf_status rank_outputs(const qf_circuit *c, qf_point *point, qf_random *random,
                              const qf_run *run, qf_ranks *ranks, qf_error *error) {
    const size_t inputs = c->weights + 8;
    jacobian j = {.circuit = c, .rows = inputs * c->outputs};
    j.plain = qf_new_array(c->weights, j.rows * sizeof *j.plain, error);
    j.scaled = qf_new_array(c->weights, j.rows * sizeof *j.scaled, error);
    qf_status status = j.plain && j.scaled ? QF_OK : QF_MEMORY;
    if (status == QF_OK) {
        status = qf_statevector_new(c, QF_DOUBLE, run->simd, 0, &j.engine, error);
    }
    if (status == QF_OK) status = fill(&j, point, inputs, random, run, error);
    if (status == QF_OK) {
        ranks->jacobian = qf_count_independent(j.plain, c->weights, j.rows);
        ranks->fisher = qf_count_independent(j.scaled, c->weights, j.rows);
    }
    qf_statevector_free(j.engine);
    free(j.plain);
    free(j.scaled);
    return status;
}

static qf_status rank_state(const qf_circuit *c, const qf_point *point, qf_ranks *ranks,
                            qf_error *error) {
    if (c->wires > QF_FISHER_WIRES) return QF_OK;
    const size_t rows = (size_t)2 << c->wires;
    double *tangents = qf_new_array(c->weights, rows * sizeof *tangents, error);
    if (!tangents) return QF_MEMORY;
    const qf_status status = qf_state_tangents(c, point->inputs, point->weights, tangents, error);
    if (status == QF_OK) ranks->quantum_fisher = qf_count_independent(tangents, c->weights, rows);
    free(tangents);
    return status;
}

qf_status qf_diagnose_ranks(const qf_circuit *circuit, uint64_t seed, const qf_run *run,
                            qf_ranks *ranks, qf_error *error) {
    qf_random random = qf_random_stream(seed, "ranks", 0);
    qf_point point;
    *ranks = (qf_ranks){0};
    QF_TRY(qf_point_new(circuit, &point, error));
    qf_status status = rank_outputs(circuit, &point, &random, run, ranks, error);
    if (status == QF_OK) status = rank_state(circuit, &point, ranks, error);
    qf_point_free(&point);
    return status;
}
