#include "quantum/transfer.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_LANES = 64 }; /* of one vector */

const qf_transfer_kernels *qf_transfer_kernels_of(qf_simd simd) {
    return QF_FOR_SIMD(simd, qf_transfer_kernels);
}

qf_status qf_transfer_make(size_t wires, size_t chunks, const qf_noise *noise, qf_steps *steps,
                           qf_simd simd, qf_transfer *transfer, qf_error *error) {
    *transfer = (qf_transfer){.shape = {wires, chunks},
                              .kernels = qf_transfer_kernels_of(simd),
                              .steps = *steps,
                              .noise = qf_noise_map(noise)};
    *steps = (qf_steps){0};
    if (chunks * QF_TRANSFER_LANES > MOST_LANES) {
        return qf_fail(error, QF_INTERNAL, "more than %d lanes", MOST_LANES);
    }
    transfer->turn_places =
        qf_new_array(transfer->steps.count, sizeof *transfer->turn_places, error);
    if (!transfer->turn_places) return QF_MEMORY;
    for (size_t i = 0; i < transfer->steps.count; i++) {
        const qf_step *step = &transfer->steps.items[i];
        if (step->kind == QF_STEP_TURN && step->slot != QF_NO_SLOT) {
            transfer->turn_places[transfer->turns++] = i;
        }
    }
    return QF_OK;
}

void qf_transfer_free(qf_transfer *transfer) {
    free(transfer->steps.items);
    free(transfer->turn_places);
    *transfer = (qf_transfer){0};
}

size_t qf_transfer_strings(const qf_transfer *transfer) {
    return (size_t)1 << 2 * transfer->shape.wires;
}

static size_t lanes_of(const qf_transfer *transfer) {
    return transfer->shape.chunks * QF_TRANSFER_LANES;
}

size_t qf_transfer_size(const qf_transfer *transfer) {
    return qf_transfer_strings(transfer) * lanes_of(transfer);
}

static void turn(const qf_transfer *transfer, const qf_step *step, bool transposed,
                 const double *angles, double *values) {
    double cosines[MOST_LANES] __attribute__((aligned(64)));
    double sines[MOST_LANES] __attribute__((aligned(64)));
    const size_t lanes = lanes_of(transfer);
    const double sign = transposed ? -1 : 1;
    double last = NAN;
    for (size_t l = 0; l < lanes; l++) {
        double angle = step->offset;
        if (step->slot != QF_NO_SLOT) angle += step->scale * angles[step->slot * lanes + l];
        const bool same = angle == last; /* that of weights is in all lanes */
        cosines[l] = same ? cosines[l - 1] : cos(angle);
        sines[l] = same ? sines[l - 1] : sign * sin(angle);
        last = angle;
    }
    transfer->kernels->turn(&transfer->shape, step->wire, step->axis, cosines, sines, values);
}

/* The map that a fixed gate, or its transpose, is: rows of the Bloch vector's rotation, which has
 * one entry in each. */
static qf_letter_map letters_of(const qf_step *step, bool transposed) {
    qf_letter_map map = {0};
    for (size_t from = 0; from < 3; from++) {
        double vector[3] = {from == 0, from == 1, from == 2};
        qf_step_rotate(step, 0, transposed, vector);
        for (size_t to = 0; to < 3; to++) {
            if (vector[to] == 0) continue;
            map.from[to] = from;
            map.sign[to] = vector[to];
        }
    }
    return map;
}

void qf_transfer_step(const qf_transfer *transfer, size_t step, bool transposed,
                      const double *angles, double *values) {
    const qf_step *s = &transfer->steps.items[step];
    const qf_transfer_kernels *kernels = transfer->kernels;
    const qf_transfer_shape *shape = &transfer->shape;
    qf_letter_map map;
    switch (s->kind) {
    case QF_STEP_TURN:
        turn(transfer, s, transposed, angles, values);
        break;
    case QF_STEP_FIXED:
        map = letters_of(s, transposed);
        kernels->rename(shape, s->wire, &map, values);
        break;
    case QF_STEP_CNOT:
        kernels->cnot(shape, s->control, s->wire, values);
        break;
    case QF_STEP_SWAP:
        kernels->swap(shape, s->control, s->wire, values);
        break;
    default:
        kernels->noise(shape, s->wire, &transfer->noise, transposed, values);
    }
}

void qf_transfer_slope(const qf_transfer *transfer, size_t step, const double *state,
                       const double *gradients, double *angle_gradients) {
    const qf_step *s = &transfer->steps.items[step];
    double sums[MOST_LANES] __attribute__((aligned(64))) = {0};
    const size_t lanes = lanes_of(transfer);
    transfer->kernels->slope(&transfer->shape, s->wire, s->axis, state, gradients, sums);
    for (size_t l = 0; l < lanes; l++) {
        angle_gradients[s->slot * lanes + l] += s->scale * sums[l];
    }
}
