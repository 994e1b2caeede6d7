#include "quantum/fidelity.h"

#include "base/memory.h"
#include "base/pad.h"
#include "quantum/statevector.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_AMPLITUDES = 1 << 20 /* of states on their way into panels, about */ };

/* Doubles from one panel to the next. */
static size_t panel_size(const qf_states *states) {
    return states->amplitudes * 2 * QF_PANEL;
}

size_t qf_states_bytes(size_t wires, size_t count) {
    const size_t panels = count / QF_PANEL + (count % QF_PANEL > 0);
    size_t bytes;
    const bool fits =
        wires < 48 &&
        !__builtin_mul_overflow(panels, ((size_t)2 * QF_PANEL * sizeof(double)) << wires, &bytes);
    return fits ? bytes : SIZE_MAX;
}

/* ---- Simulating ---- */

/* States on their way: of rows first .. first + count - 1. */
typedef struct block {
    size_t first, count;
    double *inputs;             /* [rows of a block][qf_pad(inputs)], zeros behind the columns */
    double complex *amplitudes; /* [rows of a block][amplitudes] */
} block;

static void pack(qf_states *states, const block *b) {
    for (size_t i = 0; i < b->count; i++) {
        const size_t row = b->first + i;
        const double complex *from = b->amplitudes + i * states->amplitudes;
        double *to = states->panels + row / QF_PANEL * panel_size(states) + row % QF_PANEL;
        for (size_t a = 0; a < states->amplitudes; a++) {
            to[2 * a * QF_PANEL] = creal(from[a]);
            to[(2 * a + 1) * QF_PANEL] = cimag(from[a]);
        }
    }
}

static qf_status simulate(qf_states *states, qf_statevector *engine, size_t width, double factor,
                          const double *rows, size_t columns, block *b, size_t rows_a_block,
                          const qf_run *run, qf_error *error) {
    for (b->first = 0; b->first < states->count; b->first += rows_a_block) {
        const size_t rest = states->count - b->first;
        b->count = rest < rows_a_block ? rest : rows_a_block;
        for (size_t i = 0; i < b->count * columns; i++) {
            b->inputs[i / columns * width + i % columns] = factor * rows[b->first * columns + i];
        }
        QF_TRY(qf_statevector_states(engine, NULL, b->inputs, b->count, b->amplitudes, run, error));
        pack(states, b);
    }
    return QF_OK;
}

qf_status qf_states_init(qf_states *states, const qf_circuit *circuit, double factor,
                         const double *rows, size_t count, size_t columns, const qf_run *run,
                         qf_error *error) {
    const size_t amplitudes = (size_t)1 << circuit->wires, width = qf_pad(circuit->inputs);
    size_t rows_a_block = BLOCK_AMPLITUDES / amplitudes;
    if (rows_a_block < 1) rows_a_block = 1;
    if (rows_a_block > count) rows_a_block = count;
    *states = (qf_states){.count = count,
                          .stride = (count + QF_PANEL - 1) / QF_PANEL * QF_PANEL,
                          .amplitudes = amplitudes};
    qf_statevector *engine = NULL;
    block b = {.inputs = qf_new_array(rows_a_block * width, sizeof *b.inputs, error),
               .amplitudes = qf_new_array(rows_a_block * amplitudes, sizeof *b.amplitudes, error)};
    states->panels = qf_new_lines(qf_states_bytes(circuit->wires, count), error);
    qf_status status = b.inputs && b.amplitudes && states->panels ? QF_OK : QF_MEMORY;
    if (status == QF_OK) {
        status = qf_statevector_new(circuit, QF_DOUBLE, run->simd, 0, &engine, error);
    }
    if (status == QF_OK) {
        status =
            simulate(states, engine, width, factor, rows, columns, &b, rows_a_block, run, error);
    }
    qf_statevector_free(engine);
    free(b.inputs);
    free(b.amplitudes);
    if (status != QF_OK) qf_states_free(states);
    return status;
}

void qf_states_free(qf_states *states) {
    free(states->panels);
    *states = (qf_states){0};
}

/* ---- Inner products ---- */

void qf_states_fidelities(const qf_states *from, size_t panel, const qf_states *to, size_t first,
                          qf_simd simd, double *values) {
    qf_fidelity_kernel *kernel = QF_FOR_SIMD(simd, qf_fidelity_double);
    _Alignas(64) double tile[QF_PANEL * QF_PANEL];
    for (size_t p = first; p < to->stride / QF_PANEL; p++) {
        kernel(from->panels + panel * panel_size(from), to->panels + p * panel_size(to),
               to->amplitudes, tile);
        for (size_t r = 0; r < QF_PANEL; r++) {
            memcpy(values + r * to->stride + p * QF_PANEL, tile + r * QF_PANEL,
                   QF_PANEL * sizeof *tile);
        }
    }
}

typedef struct gram_work {
    const qf_states *states;
    qf_simd simd;
    float *gram;
} gram_work;

/* The rows of a panel from the diagonal on, and their mirror image. */
static qf_status fill_panel(void *context, size_t panel, qf_error *error) {
    const gram_work *w = context;
    const size_t stride = w->states->stride, count = w->states->count, first = panel * QF_PANEL;
    double *values = qf_new_array(QF_PANEL * stride, sizeof *values, error);
    if (!values) return QF_MEMORY;
    qf_states_fidelities(w->states, panel, w->states, panel, w->simd, values);
    for (size_t i = 0; i < QF_PANEL && first + i < count; i++) {
        for (size_t j = first; j < stride; j++) {
            w->gram[(first + i) * stride + j] = (float)values[i * stride + j];
        }
    }
    for (size_t j = first + QF_PANEL; j < count; j++) {
        for (size_t i = 0; i < QF_PANEL; i++) {
            w->gram[j * stride + first + i] = (float)values[i * stride + j];
        }
    }
    free(values);
    return QF_OK;
}

qf_status qf_states_gram(const qf_states *states, const qf_run *run, float *gram, qf_error *error) {
    gram_work work = {states, run->simd, gram};
    return qf_parallel_progress(run, "inner products of states: blocks of rows",
                                states->stride / QF_PANEL, fill_panel, &work, error);
}
