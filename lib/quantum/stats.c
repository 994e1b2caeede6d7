/* Numbers of circuits: see draw.h. */
#include "quantum/draw.h"
#include "quantum/point.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 3, ATTEMPTS = 20 };

/* Random output gradients: a weight that changes any output changes their sum. QF_DATA for a point
 * outside the domain of an angle's expression. */
static qf_status try_point(qf_statevector *engine, const qf_circuit *c, qf_random *random,
                           double scale, qf_point *p, const qf_run *run, bool *dead,
                           qf_error *error) {
    qf_point_draw(c, random, true, p);
    for (size_t i = 0; i < c->inputs; i++) p->inputs[i] *= scale;
    for (size_t i = 0; i < c->weights; i++) p->weights[i] *= scale;
    for (size_t i = 0; i < c->outputs; i++) p->output_gradients[i] = qf_random_normal(random);
    QF_TRY(qf_point_differentiate(engine, p, run, error));
    QF_TRY(qf_point_check(c, p, error));
    for (size_t i = 0; i < c->weights; i++) dead[i] &= !(fabs(p->gradients[i]) >= 1e-10);
    return QF_OK;
}

/* Points of which few lie in the domain, as of an arcsine of many inputs, come nearer to 0. */
static qf_status try_points(qf_statevector *engine, const qf_circuit *c, qf_point *p,
                            const qf_run *run, bool *dead, qf_error *error) {
    qf_random random = qf_random_stream(0, "dead weights", 0);
    size_t tried = 0;
    for (size_t attempt = 0; attempt < ATTEMPTS && tried < POINTS; attempt++) {
        const double scale = 1 / (double)(1 + attempt - tried);
        const qf_status status = try_point(engine, c, &random, scale, p, run, dead, error);
        if (status != QF_OK && status != QF_DATA) return status;
        tried += status == QF_OK;
    }
    return tried == POINTS ? QF_OK : QF_DATA;
}

static qf_status find_dead(const qf_circuit *c, const qf_run *run, bool *dead, qf_error *error) {
    qf_statevector *engine = NULL;
    qf_point p;
    QF_TRY(qf_point_new(c, &p, error));
    qf_status status = qf_statevector_new(c, QF_DOUBLE, run->simd, 0, &engine, error);
    memset(dead, true, c->weights * sizeof *dead);
    if (status == QF_OK) status = try_points(engine, c, &p, run, dead, error);
    qf_statevector_free(engine);
    qf_point_free(&p);
    return status;
}

qf_status qf_circuit_count(const qf_circuit *circuit, const qf_run *run, qf_circuit_stats *stats,
                           qf_error *error) {
    *stats = (qf_circuit_stats){.gates = circuit->gate_count, .depth = qf_circuit_depth(circuit)};
    for (size_t g = 0; g < circuit->gate_count; g++) {
        stats->entangling += qf_gate_form_of(circuit->gates[g].kind)->wires > 1;
    }
    stats->dead = qf_new_array(circuit->weights, sizeof *stats->dead, error);
    if (!stats->dead) return QF_MEMORY;
    const qf_status status = find_dead(circuit, run, stats->dead, error);
    for (size_t i = 0; i < circuit->weights; i++) stats->live += !stats->dead[i];
    if (status == QF_OK) return QF_OK;
    free(stats->dead);
    stats->dead = NULL;
    return status;
}

qf_status qf_circuit_print_stats(const qf_circuit *circuit, const qf_run *run, qf_bytes *text,
                                 qf_error *error) {
    const qf_circuit *c = circuit;
    qf_circuit_stats s;
    QF_TRY(qf_circuit_count(c, run, &s, error));
    qf_status status = qf_bytes_print(
        text, error,
        "wires %zu\ninputs %zu\noutputs %zu\ngates %zu\nentangling %zu\ndepth %zu\nweights %zu\n"
        "live %zu\ndead %zu",
        c->wires, c->inputs, c->outputs, s.gates, s.entangling, s.depth, c->weights, s.live,
        c->weights - s.live);
    const char *before = ":";
    for (size_t i = 0; i < c->weights && status == QF_OK; i++) {
        if (!s.dead[i]) continue;
        status = qf_bytes_print(text, error, "%s w%zu", before, i);
        before = "";
    }
    if (status == QF_OK) status = qf_bytes_print(text, error, "\n");
    free(s.dead);
    return status;
}
