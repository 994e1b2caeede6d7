/* The inner loops of the state-vector engine, one set for each precision and SIMD level.
 *
 * A state is an array of blocks, each the real parts and then the imaginary parts of `lanes`
 * complex numbers. Either lanes are samples and blocks are amplitudes, or both together number the
 * amplitudes, lanes being the low bits. A pass applies a unitary of one wire in either layout:
 *
 *     new[i] = A(i) old[i] + B(i) old[i ^ flip]
 *
 * where i is an amplitude's number, `flip` the bits that the wire's 0 and 1 differ in, and A and B
 * depend on the wire's value in i, the parity of i & row. For a wire as it stands, flip and row are
 * the same one bit; after CNOTs they are any bits that share an odd number, and so CNOTs cost
 * nothing: they change which bits stand for a wire, not the amplitudes. */
#ifndef QF_QUANTUM_SWEEP_H
#define QF_QUANTUM_SWEEP_H

#include "base/run.h"

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum qf_precision { QF_DOUBLE, QF_SINGLE } qf_precision;

enum { QF_MAX_LANES = 16 };

typedef enum qf_pass_kind {
    QF_PASS_DIAGONAL, /* B is 0 */
    QF_PASS_INSIDE,   /* both partners lie in one block */
    QF_PASS_ODD,      /* in two, whose block numbers tell the wire's value apart */
    QF_PASS_EVEN,     /* in two, whose lanes do */
} qf_pass_kind;

/* Bits of amplitude numbers, divided into those of blocks and those of lanes. */
typedef struct qf_bits {
    size_t block;
    unsigned lane;
} qf_bits;

typedef struct qf_pass {
    qf_pass_kind kind;
    qf_bits flip, row;
    size_t items;       /* blocks, or pairs of blocks */
    unsigned low, high; /* EVEN: where zero bits enter an item's number to make a block's; ODD: low
                         * alone */
} qf_pass;

/* The pass of a wire over `blocks` blocks, a power of two. `diagonal`: B is 0. */
qf_pass qf_pass_of(qf_bits flip, qf_bits row, size_t blocks, bool diagonal);

/* A Pauli string as it acts on amplitudes: new[i] = i^quarters (-1)^parity(row & j) old[j],
 * j = i ^ flip. */
typedef struct qf_string {
    qf_bits flip, row;
    unsigned quarters;
} qf_string;

/* Lane vectors are arrays of `lanes` numbers of the precision, aligned to their size. Coefficients
 * of a pass are eight of them: A and B, real and imaginary, of blocks of even and of odd parity. */
typedef struct qf_kernels {
    size_t lanes, size; /* size: bytes of a number */
    /* Coefficients from 2 x 2 matrices, lane l's at matrices + l * stride (0: all lanes the same),
     * inverted if so asked. */
    void (*fill)(const double complex *matrices, size_t stride, unsigned lane_row, bool inverse,
                 void *coefficients);
    /* A pass over items first .. last-1. */
    void (*apply)(const qf_pass *pass, const void *coefficients, void *state, size_t first,
                  size_t last);
    /* The same to two states, ket and bra, with the coefficients of the inverse; and before it the
     * lane sums of Im tr(P |ket><bra|) on the wire for P = X, Y, Z to three lane vectors. Those of
     * Y and Z lack the sign of the lane's own parity, (-1)^parity(lane & row.lane). */
    void (*retreat)(const qf_pass *pass, const void *coefficients, void *ket, void *bra, void *sums,
                    size_t first, size_t last);
    /* Lane sums of Re <state| string |state> over blocks first .. last-1 to sums[count], without
     * the lane's sign, (-1)^parity((lane ^ flip.lane) & row.lane). */
    void (*measure)(const qf_string *strings, size_t count, const void *state, void *sums,
                    size_t first, size_t last);
    /* bra = sum of factors[count], lane vectors that have the lanes' signs, times string times ket.
     */
    void (*project)(const qf_string *strings, size_t count, const void *factors, const void *ket,
                    void *bra, size_t first, size_t last);
} qf_kernels;

/* One for each level, qf_kernels_double_avx2 and so on. */
extern const qf_kernels qf_kernels_double_portable, qf_kernels_float_portable;
extern const qf_kernels qf_kernels_double_avx2, qf_kernels_float_avx2;
extern const qf_kernels qf_kernels_double_avx512, qf_kernels_float_avx512;
const qf_kernels *qf_kernels_of(qf_precision precision, qf_simd simd);

#endif
