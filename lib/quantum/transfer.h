/* The Pauli transfer picture: a mixed state of n wires as its 4^n expectation values of Pauli
 * strings, real numbers on which every gate and channel acts linearly (Greenbaum 2015,
 * arXiv:1509.02921, section 2). A turn mixes pairs of strings, a Clifford gate renames them with a
 * sign, a channel scales them and shifts Z by I. The transposed steps, in reverse order, carry
 * observables back (the Heisenberg picture), which asks for the inverse of no channel.
 *
 * A vector is values[4^n][chunks * QF_TRANSFER_LANES]; strings are numbered as in noise.h. Lanes
 * are samples or observables. No step fuses multiplications and additions, so that all SIMD levels
 * give the same bytes. */
#ifndef QF_QUANTUM_TRANSFER_H
#define QF_QUANTUM_TRANSFER_H

#include "base/run.h"
#include "quantum/noise.h"

enum { QF_TRANSFER_LANES = 4 };

/* Where a wire's two bits are and what surrounds them: `outer` times 4 times `inner` strings. */
typedef struct qf_transfer_shape {
    size_t wires, chunks;
} qf_transfer_shape;

/* What a Clifford gate of one wire makes of X, Y and Z: value a becomes sign[a] times that of
 * from[a]. */
typedef struct qf_letter_map {
    size_t from[3];
    double sign[3];
} qf_letter_map;

typedef struct qf_transfer_kernels {
    /* By an angle for each lane: cosines and sines are [chunks * lanes]. */
    void (*turn)(const qf_transfer_shape *shape, size_t wire, qf_axis axis, const double *cosines,
                 const double *sines, double *values);
    /* Adds to sums[chunks * lanes] the gradients by the angle from the state behind the turn and
     * the gradients by it. */
    void (*slope)(const qf_transfer_shape *shape, size_t wire, qf_axis axis, const double *state,
                  const double *gradients, double *sums);
    void (*rename)(const qf_transfer_shape *shape, size_t wire, const qf_letter_map *map,
                   double *values);
    void (*cnot)(const qf_transfer_shape *shape, size_t control, size_t target, double *values);
    void (*swap)(const qf_transfer_shape *shape, size_t a, size_t b, double *values);
    void (*noise)(const qf_transfer_shape *shape, size_t wire, const qf_bloch_map *map,
                  bool transposed, double *values);
} qf_transfer_kernels;
const qf_transfer_kernels *qf_transfer_kernels_of(qf_simd simd);

/* The steps of a noisy circuit. Free with qf_transfer_free; zeroed is empty. */
typedef struct qf_transfer {
    qf_transfer_shape shape;
    const qf_transfer_kernels *kernels;
    qf_steps steps;
    qf_bloch_map noise;
    size_t turns;        /* steps with an angle of the circuit */
    size_t *turn_places; /* [turns] of the steps */
} qf_transfer;

/* Takes the steps over, in either case. */
qf_status qf_transfer_make(size_t wires, size_t chunks, const qf_noise *noise, qf_steps *steps,
                           qf_simd simd, qf_transfer *transfer, qf_error *error);
void qf_transfer_free(qf_transfer *transfer);

/* Strings, and doubles of a vector. */
size_t qf_transfer_strings(const qf_transfer *transfer);
size_t qf_transfer_size(const qf_transfer *transfer);

/* Applies step number `step`, or its transpose. angles[step's slot][lanes of all chunks] are those
 * of the circuit. */
void qf_transfer_step(const qf_transfer *transfer, size_t step, bool transposed,
                      const double *angles, double *values);
/* Adds to gradients[slot][lanes], of the angles of the circuit, that of a step with a slot. */
void qf_transfer_slope(const qf_transfer *transfer, size_t step, const double *state,
                       const double *gradients, double *angle_gradients);

extern const qf_transfer_kernels qf_transfer_kernels_portable, qf_transfer_kernels_avx2;
extern const qf_transfer_kernels qf_transfer_kernels_avx512;

#endif
