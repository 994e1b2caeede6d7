#include "quantum/diagnose.h"

#include "base/memory.h"
#include "quantum/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What an ansatz or a feature map is built with when no layers are asked for, at least 1. */
static size_t built_layers(const qf_recipe *recipe) {
    const char *name = recipe->ansatz ? recipe->ansatz : recipe->feature_map;
    size_t layers = recipe->ansatz ? recipe->layers : recipe->map_layers;
    for (size_t i = 0; layers == 0; i++) {
        const qf_builtin *builtin = recipe->ansatz ? qf_ansatz_at(i) : qf_feature_map_at(i);
        if (!builtin) break;
        if (strcmp(builtin->name, name) == 0) layers = builtin->layers;
    }
    return layers > 0 ? layers : 1;
}

static qf_status set_recipe(const qf_recipe *recipe, qf_record *record, qf_error *error) {
    QF_TRY(qf_record_set_text(record, "circuit", recipe->ansatz ? recipe->ansatz : "", error));
    QF_TRY(qf_record_set_text(record, "map", recipe->feature_map, error));
    return qf_record_set_integer(record, "layers", (int64_t)built_layers(recipe), error);
}

static qf_status set_sizes(const qf_circuit *c, const qf_run *run, qf_record *record,
                           qf_error *error) {
    qf_circuit_stats stats;
    QF_TRY(qf_circuit_count(c, run, &stats, error));
    free(stats.dead);
    QF_TRY(qf_record_set_integer(record, "wires", (int64_t)c->wires, error));
    QF_TRY(qf_record_set_integer(record, "inputs", (int64_t)c->inputs, error));
    QF_TRY(qf_record_set_integer(record, "outputs", (int64_t)c->outputs, error));
    QF_TRY(qf_record_set_integer(record, "weights", (int64_t)c->weights, error));
    return qf_record_set_integer(record, "live", (int64_t)stats.live, error);
}

/* A drawing is many lines: it goes with the record, and is not printed. */
static qf_status set_drawing(const qf_circuit *c, qf_record *record, qf_error *error) {
    qf_bytes text = {0};
    qf_status status = qf_circuit_draw_text(c, &text, error);
    if (status == QF_OK) status = qf_bytes_append(&text, "", 1, error);
    if (status == QF_OK) {
        status = qf_record_set_text(record, "drawing", (char *)text.data, error);
    }
    free(text.data);
    return status;
}

static qf_status set_states(const qf_circuit *c, const qf_diagnose_options *o, const qf_run *run,
                            qf_record *record, qf_error *error) {
    qf_state_spread spread;
    QF_TRY(qf_diagnose_states(c, o->pairs, o->seed, run, &spread, error));
    QF_TRY(qf_record_set_integer(record, "pairs", (int64_t)o->pairs, error));
    QF_TRY(qf_record_set_real(record, "expressibility", spread.expressibility, error));
    QF_TRY(qf_record_set_real(record, "entanglement", spread.entanglement, error));
    return qf_record_set_real(record, "entanglement_error", spread.entanglement_error, error);
}

static qf_status set_ranks(const qf_circuit *c, uint64_t seed, const qf_run *run, qf_record *record,
                           qf_error *error) {
    qf_ranks ranks;
    QF_TRY(qf_diagnose_ranks(c, seed, run, &ranks, error));
    QF_TRY(qf_record_set_integer(record, "jacobian_rank", (int64_t)ranks.jacobian, error));
    QF_TRY(qf_record_set_integer(record, "fisher_rank", (int64_t)ranks.fisher, error));
    if (c->wires > QF_FISHER_WIRES) return QF_OK;
    return qf_record_set_integer(record, "quantum_fisher_rank", (int64_t)ranks.quantum_fisher,
                                 error);
}

/* The first output: "Z0 Z1", or "P(0)", the chance of all zeros. */
static qf_status set_observable(const qf_circuit *c, qf_record *record, qf_error *error) {
    const qf_measurement *m = &c->measurements[0];
    qf_bytes text = {0};
    qf_status status = qf_bytes_print(&text, error, "%s",
                                      m->kind == QF_MEASURE_PROBABILITIES ? "P(0)"
                                      : m->x | m->z                       ? ""
                                                                          : "I");
    for (size_t w = 0; status == QF_OK && m->kind == QF_MEASURE_PAULI && w < c->wires; w++) {
        const size_t letter = (m->x >> w & 1) + 2 * (m->z >> w & 1);
        if (letter == 0) continue;
        status = qf_bytes_print(&text, error, "%s%c%zu", text.length ? " " : "", "IXZY"[letter], w);
    }
    if (status == QF_OK) {
        status = qf_record_set_text(record, "observable", (char *)text.data, error);
    }
    free(text.data);
    return status;
}

static qf_status set_gradients(const qf_circuit *c, const qf_diagnose_options *o, const qf_run *run,
                               qf_record *record, qf_error *error) {
    qf_gradient_spread spread;
    QF_TRY(set_observable(c, record, error));
    QF_TRY(qf_diagnose_gradients(c, o->draws, o->seed, run, &spread, error));
    QF_TRY(qf_record_set_integer(record, "draws", (int64_t)o->draws, error));
    QF_TRY(qf_record_set_real(record, "gradient_variance", spread.variance, error));
    return qf_record_set_real(record, "gradient_variance_error", spread.error, error);
}

/* ---- The sweep over wires ---- */

typedef struct sweep {
    size_t count;
    double wires[QF_DIAGNOSE_WIRES], variances[QF_DIAGNOSE_WIRES], errors[QF_DIAGNOSE_WIRES];
} sweep;

static qf_status add_wires(const qf_recipe *recipe, size_t wires, const qf_diagnose_options *o,
                           const qf_run *run, sweep *s, qf_error *error) {
    qf_recipe resized = *recipe;
    qf_circuit circuit;
    qf_gradient_spread spread;
    resized.wires = wires;
    QF_TRY(qf_builtin_build(&resized, &circuit, error));
    const qf_status status =
        qf_diagnose_gradients(&circuit, o->draws, o->seed, run, &spread, error);
    qf_circuit_free(&circuit);
    QF_TRY(status);
    s->wires[s->count] = (double)wires;
    s->variances[s->count] = spread.variance;
    s->errors[s->count++] = spread.error;
    return QF_OK;
}

static size_t first_wires(const qf_recipe *recipe, size_t asked) {
    for (size_t i = 0; qf_ansatz_at(i); i++) {
        const qf_builtin *builtin = qf_ansatz_at(i);
        if (strcmp(builtin->name, recipe->ansatz) != 0) continue;
        return builtin->least_wires > asked ? builtin->least_wires : asked;
    }
    return asked;
}

static qf_status set_sweep(const qf_recipe *recipe, const qf_diagnose_options *o, const qf_run *run,
                           qf_record *record, qf_error *error) {
    sweep s = {0};
    double logarithms[QF_DIAGNOSE_WIRES], slope, slope_error;
    for (size_t wires = first_wires(recipe, o->least_wires); wires <= o->most_wires; wires++) {
        if (add_wires(recipe, wires, o, run, &s, error) == QF_OK) continue;
        return qf_error_context(error, "the sweep's circuit of %zu wires", wires);
    }
    if (s.count == 0) return QF_OK;
    for (size_t i = 0; i < s.count; i++) logarithms[i] = log2(s.variances[i]);
    qf_fit_line(s.wires, logarithms, s.count, &slope, &slope_error);
    QF_TRY(qf_record_set_reals(record, "sweep_wires", s.wires, s.count, error));
    QF_TRY(qf_record_set_reals(record, "sweep_variance", s.variances, s.count, error));
    QF_TRY(qf_record_set_reals(record, "sweep_error", s.errors, s.count, error));
    QF_TRY(qf_record_set_real(record, "gradient_slope", slope, error));
    return qf_record_set_real(record, "gradient_slope_error", slope_error, error);
}

qf_status qf_diagnose(const qf_circuit *circuit, const qf_recipe *recipe,
                      const qf_diagnose_options *options, const qf_run *run, qf_record *record,
                      qf_error *error) {
    if (circuit->wires > QF_DIAGNOSE_WIRES) {
        return qf_fail(error, QF_USAGE, "diagnostics of %zu wires: %d at most", circuit->wires,
                       QF_DIAGNOSE_WIRES);
    }
    if (recipe) QF_TRY(set_recipe(recipe, record, error));
    QF_TRY(set_sizes(circuit, run, record, error));
    QF_TRY(set_states(circuit, options, run, record, error));
    if (circuit->weights > 0) {
        QF_TRY(set_ranks(circuit, options->seed, run, record, error));
        QF_TRY(set_gradients(circuit, options, run, record, error));
        if (recipe) QF_TRY(set_sweep(recipe, options, run, record, error));
    }
    return set_drawing(circuit, record, error);
}

qf_status qf_diagnosis_print(const qf_record *record, qf_bytes *out, qf_error *error) {
    for (size_t i = 0; i < record->count; i++) {
        const qf_field *field = &record->fields[i];
        if (strcmp(field->name, "drawing") == 0) continue;
        QF_TRY(qf_bytes_print(out, error, "%s", field->name));
        if (field->kind == QF_FIELD_TEXT) QF_TRY(qf_bytes_print(out, error, " %s", field->text));
        if (field->kind == QF_FIELD_INTEGER) {
            QF_TRY(qf_bytes_print(out, error, " %lld", (long long)field->integer));
        }
        if (field->kind == QF_FIELD_REAL) {
            QF_TRY(qf_bytes_print(out, error, " %.6g", field->real));
        }
        for (size_t k = 0; field->kind == QF_FIELD_REALS && k < field->count; k++) {
            QF_TRY(qf_bytes_print(out, error, " %.6g", field->reals[k]));
        }
        QF_TRY(qf_bytes_print(out, error, "\n"));
    }
    return QF_OK;
}
