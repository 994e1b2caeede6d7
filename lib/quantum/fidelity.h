/* Fidelity kernels: k(x, y) = |<phi(x)|phi(y)>|^2, where phi(x) is the state that a circuit of
 * inputs alone makes of the angles x (Havlicek et al. 2019, "Supervised learning with
 * quantum-enhanced feature spaces"; Schuld and Killoran 2019).
 *
 * Every row is simulated once; its state lies side by side with those of seven others, so that all
 * 64 inner products of two such panels are made at once in registers: 8 flops an amplitude and
 * pair. A value is the sum over the amplitudes in order, whatever panels its states lie in, and
 * k(x, y) = k(y, x) to the last bit; levels of instructions differ by rounding. */
#ifndef QF_QUANTUM_FIDELITY_H
#define QF_QUANTUM_FIDELITY_H

#include "base/run.h"
#include "quantum/circuit.h"

enum { QF_PANEL = 8 };

/* States of rows. Free with qf_states_free. */
typedef struct qf_states {
    size_t count, stride; /* rows; rounded up to whole panels, zeros beyond count */
    size_t amplitudes;    /* 2^wires */
    double *panels;       /* [stride / QF_PANEL][amplitudes][real, imaginary][QF_PANEL] */
} qf_states;

/* What states of `count` rows take, in bytes; SIZE_MAX where no number holds it. */
size_t qf_states_bytes(size_t wires, size_t count);

/* The states that a circuit without weights makes of factor * rows[count][columns]; inputs beyond
 * the columns are 0. By run->threads threads. QF_DATA for inputs that are not finite, or amplitudes
 * that are all zero. */
qf_status qf_states_init(qf_states *states, const qf_circuit *circuit, double factor,
                         const double *rows, size_t count, size_t columns, const qf_run *run,
                         qf_error *error);
void qf_states_free(qf_states *states);

/* values[QF_PANEL][to->stride] = k of the states of a panel of `from` and those of `to`, which are
 * of one circuit, from panel `first` on; those before it are left as they are. */
void qf_states_fidelities(const qf_states *from, size_t panel, const qf_states *to, size_t first,
                          qf_simd simd, double *values);

/* The Gram matrix, gram[count][stride], in single precision: each pair once, by run->threads
 * threads. */
qf_status qf_states_gram(const qf_states *states, const qf_run *run, float *gram, qf_error *error);

/* |<a|b>|^2 of the states of two panels, values[QF_PANEL][QF_PANEL], one function for each level;
 * all aligned to a cache line. */
typedef void qf_fidelity_kernel(const double *a, const double *b, size_t amplitudes,
                                double *values);
extern qf_fidelity_kernel qf_fidelity_double_portable, qf_fidelity_double_avx2,
    qf_fidelity_double_avx512;

#endif
