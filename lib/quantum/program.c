#include "quantum/program.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NONE ((size_t)-1)

/* Per wire, the steps that wait to become a block, a list through `next`. */
typedef struct gathering {
    qf_program *program;
    const qf_steps *steps;
    size_t *next; /* [steps] */
    size_t first[QF_MAX_WIRES], last[QF_MAX_WIRES];
} gathering;

static bool keeps_z(const qf_step *step) {
    if (step->kind == QF_STEP_TURN) return step->axis == QF_AXIS_Z;
    return step->gate == QF_GATE_Z || step->gate == QF_GATE_S || step->gate == QF_GATE_SDG;
}

static qf_status close_block(gathering *g, size_t wire, qf_error *error) {
    if (g->first[wire] == NONE) return QF_OK;
    qf_program *p = g->program;
    qf_block block = {
        .first = p->factor_count, .flip = p->flips[wire], .row = p->rows[wire], .diagonal = true};
    for (size_t i = g->first[wire]; i != NONE; i = g->next[i]) {
        const qf_step *step = &g->steps->items[i];
        p->factors[p->factor_count++] = *step;
        block.count++;
        block.varies |= step->varies;
        block.diagonal &= keeps_z(step);
    }
    g->first[wire] = NONE;
    QF_TRY(qf_grow_array(&p->blocks, &p->block_capacity, p->block_count + 1, sizeof *p->blocks,
                         error));
    p->blocks[p->block_count++] = block;
    return QF_OK;
}

static void swap(size_t *a, size_t *b) {
    const size_t old = *a;
    *a = *b;
    *b = old;
}

static qf_status take(gathering *g, size_t index, qf_error *error) {
    const qf_step *step = &g->steps->items[index];
    qf_program *p = g->program;
    const size_t wire = step->wire, other = step->control;
    if (step->kind == QF_STEP_SWAP) {
        swap(&p->flips[wire], &p->flips[other]);
        swap(&p->rows[wire], &p->rows[other]);
        swap(&g->first[wire], &g->first[other]);
        swap(&g->last[wire], &g->last[other]);
    } else if (step->kind == QF_STEP_CNOT) {
        QF_TRY(close_block(g, wire, error));
        QF_TRY(close_block(g, other, error));
        p->rows[wire] ^= p->rows[other];
        p->flips[other] ^= p->flips[wire];
    } else {
        g->next[index] = NONE;
        if (g->first[wire] == NONE) {
            g->first[wire] = index;
        } else {
            g->next[g->last[wire]] = index;
        }
        g->last[wire] = index;
    }
    return QF_OK;
}

static qf_status gather(gathering *g, size_t wires, qf_error *error) {
    qf_program *p = g->program;
    for (size_t wire = 0; wire < wires; wire++) {
        p->flips[wire] = p->rows[wire] = (size_t)1 << (wires - 1 - wire);
        g->first[wire] = NONE;
    }
    for (size_t i = 0; i < g->steps->count; i++) QF_TRY(take(g, i, error));
    for (size_t wire = 0; wire < wires; wire++) QF_TRY(close_block(g, wire, error));
    return QF_OK;
}

qf_status qf_program_make(const qf_circuit *circuit, qf_program *program, qf_error *error) {
    qf_steps steps = {0};
    *program = (qf_program){0};
    gathering g = {.program = program, .steps = &steps};
    qf_status status = qf_circuit_lower(circuit, &steps, error);
    if (status == QF_OK) {
        program->factors = qf_new_array(steps.count, sizeof *program->factors, error);
        g.next = qf_new_array(steps.count, sizeof *g.next, error);
        status = program->factors && g.next ? gather(&g, circuit->wires, error) : QF_MEMORY;
    }
    free(g.next);
    free(steps.items);
    if (status != QF_OK) qf_program_free(program);
    return status;
}

void qf_program_free(qf_program *program) {
    free(program->factors);
    free(program->blocks);
    *program = (qf_program){0};
}

static double angle_of(const qf_step *step, const double *angles) {
    return step->slot == QF_NO_SLOT ? step->offset : step->scale * angles[step->slot];
}

static void step_matrix(const qf_step *step, const double *angles,
                        double complex m[QF_GATE_STATES * QF_GATE_STATES]) {
    if (step->kind == QF_STEP_FIXED) {
        static const double none[QF_GATE_ANGLES];
        qf_gate_matrix(step->gate, none, m);
        return;
    }
    const double half = angle_of(step, angles) / 2, c = cos(half), s = sin(half);
    m[0] = m[3] = c;
    m[1] = m[2] = -I * s;
    if (step->axis == QF_AXIS_Y) {
        m[1] = -s;
        m[2] = s;
    } else if (step->axis == QF_AXIS_Z) {
        m[0] = c - I * s;
        m[3] = c + I * s;
        m[1] = m[2] = 0;
    }
}

void qf_block_matrix(const qf_program *program, const qf_block *block, const double *angles,
                     double complex matrix[4]) {
    double complex u[4] = {1, 0, 0, 1};
    for (size_t i = 0; i < block->count; i++) {
        double complex m[QF_GATE_STATES * QF_GATE_STATES];
        step_matrix(&program->factors[block->first + i], angles, m);
        const double complex next[4] = {m[0] * u[0] + m[1] * u[2], m[0] * u[1] + m[1] * u[3],
                                        m[2] * u[0] + m[3] * u[2], m[2] * u[1] + m[3] * u[3]};
        memcpy(u, next, sizeof u);
    }
    memcpy(matrix, u, sizeof u);
}

void qf_block_backward(const qf_program *program, const qf_block *block, const double *angles,
                       double sums[3], double *angle_gradients) {
    for (size_t i = block->count; i-- > 0;) {
        const qf_step *step = &program->factors[block->first + i];
        const bool turn = step->kind == QF_STEP_TURN;
        if (turn && step->slot != QF_NO_SLOT) {
            angle_gradients[step->slot] += step->scale * sums[step->axis];
        }
        /* Undoing a unitary G turns them as Im tr(P G' T G) = Im tr(G P G' T). */
        if (i > 0) qf_step_rotate(step, turn ? angle_of(step, angles) : 0, true, sums);
    }
}
