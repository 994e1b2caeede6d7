/* How gradients vary over random weights: see diagnose.h. */
#include "base/memory.h"
#include "quantum/diagnose.h"
#include "quantum/point.h"

#include <math.h>
#include <stdlib.h>

enum { CHUNK = 10 }; /* draws a task, which share an engine */

typedef struct sample {
    const qf_circuit *circuit;
    uint64_t seed;
    qf_simd simd;
    size_t draws;
    double *gradients; /* [draws][weights] of the first output */
} sample;

static qf_status draw_gradients(const sample *s, size_t first, qf_statevector *engine,
                                qf_point *point, qf_error *error) {
    const qf_run run = {.threads = 1, .simd = s->simd};
    const size_t weights = s->circuit->weights;
    point->output_gradients[0] = 1;
    for (size_t i = first; i < first + CHUNK && i < s->draws; i++) {
        qf_random random = qf_random_stream(s->seed, "gradients", i);
        qf_point_draw(s->circuit, &random, true, point);
        QF_TRY(qf_point_differentiate(engine, point, &run, error));
        QF_TRY(qf_point_check(s->circuit, point, error));
        for (size_t k = 0; k < weights; k++) s->gradients[i * weights + k] = point->gradients[k];
    }
    return QF_OK;
}

static qf_status draw_chunk(void *context, size_t index, qf_error *error) {
    const sample *s = context;
    qf_statevector *engine = NULL;
    qf_point point;
    QF_TRY(qf_point_new(s->circuit, &point, error));
    qf_status status = qf_statevector_new(s->circuit, QF_DOUBLE, s->simd, 0, &engine, error);
    if (status == QF_OK) status = draw_gradients(s, index * CHUNK, engine, &point, error);
    qf_statevector_free(engine);
    qf_point_free(&point);
    return status;
}

/* Adds a weight's squared distances from its mean to those of the draws, unless it is dead. */
static bool add_weight(const sample *s, size_t weight, double *squares) {
    const double *own = s->gradients + weight;
    const size_t stride = s->circuit->weights;
    double sum = 0, largest = 0;
    for (size_t i = 0; i < s->draws; i++) {
        sum += own[i * stride];
        largest = fmax(largest, fabs(own[i * stride]));
    }
    if (!(largest >= 1e-10)) return false;
    for (size_t i = 0; i < s->draws; i++) {
        const double distance = own[i * stride] - sum / (double)s->draws;
        squares[i] += distance * distance;
    }
    return true;
}

/* A draw's part in the variance is its mean square over the live weights; the parts' spread is the
 * error. */
static qf_status summarise(const sample *s, qf_gradient_spread *spread, qf_error *error) {
    const double n = (double)s->draws;
    double *squares = qf_new_array(s->draws, sizeof *squares, error);
    double deviations = 0;
    if (!squares) return QF_MEMORY;
    *spread = (qf_gradient_spread){0};
    for (size_t k = 0; k < s->circuit->weights; k++) spread->live += add_weight(s, k, squares);
    const double scale = spread->live ? n / (n - 1) / (double)spread->live : 0;
    for (size_t i = 0; i < s->draws; i++) spread->variance += squares[i] * scale / n;
    for (size_t i = 0; i < s->draws; i++) {
        const double distance = squares[i] * scale - spread->variance;
        deviations += distance * distance;
    }
    spread->error = sqrt(deviations / (n - 1) / n);
    free(squares);
    return QF_OK;
}

qf_status qf_diagnose_gradients(const qf_circuit *circuit, size_t draws, uint64_t seed,
                                const qf_run *run, qf_gradient_spread *spread, qf_error *error) {
    sample s = {circuit, seed, run->simd, draws, NULL};
    s.gradients = qf_new_array(draws, circuit->weights * sizeof *s.gradients, error);
    if (!s.gradients) return QF_MEMORY;
    qf_status status =
        qf_parallel_progress(run, "gradients", (draws + CHUNK - 1) / CHUNK, draw_chunk, &s, error);
    if (status == QF_OK) status = summarise(&s, spread, error);
    free(s.gradients);
    return status;
}

void qf_fit_line(const double *x, const double *y, size_t count, double *slope, double *error) {
    double x_mean = 0, y_mean = 0, products = 0, squares = 0, residuals = 0;
    for (size_t i = 0; i < count; i++) {
        x_mean += x[i] / (double)count;
        y_mean += y[i] / (double)count;
    }
    for (size_t i = 0; i < count; i++) {
        products += (x[i] - x_mean) * (y[i] - y_mean);
        squares += (x[i] - x_mean) * (x[i] - x_mean);
    }
    const double steepness = products / squares;
    for (size_t i = 0; i < count; i++) {
        const double residual = y[i] - y_mean - steepness * (x[i] - x_mean);
        residuals += residual * residual;
    }
    *slope = isfinite(steepness) ? steepness : NAN;
    *error =
        count > 2 && isfinite(residuals) ? sqrt(residuals / (double)(count - 2) / squares) : NAN;
}
