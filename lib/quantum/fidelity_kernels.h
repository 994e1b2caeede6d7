/* The inner products of fidelity.h for one SIMD level: fidelity_portable.c, fidelity_avx2.c and
 * fidelity_avx512.c include this. */
#include "quantum/fidelity.h"
#include "quantum/reals.h"

/* Rows of a panel at a time: each has three sums in registers. */
enum { ROWS = BYTES == 64 ? 8 : 4, PARTS = 2 * QF_PANEL };

/* The real part of <a|b> is one sum, the imaginary part the difference of two, so that it changes
 * its sign and nothing else when a and b change places. */
INLINE void NAME(multiply)(const double *a, const double *b, size_t amplitudes, double *values) {
    V real[ROWS] = {0}, left[ROWS] = {0}, right[ROWS] = {0};
    for (size_t k = 0; k < amplitudes; k++, a += PARTS, b += PARTS) {
        const V re = *(const V *)b, im = *(const V *)(b + QF_PANEL);
#pragma GCC unroll 8
        for (size_t r = 0; r < ROWS; r++) {
            real[r] += a[r] * re;
            real[r] += a[QF_PANEL + r] * im;
            left[r] += a[r] * im;
            right[r] += a[QF_PANEL + r] * re;
        }
    }
    for (size_t r = 0; r < ROWS; r++) {
        const V imaginary = left[r] - right[r];
        *(V *)(values + r * QF_PANEL) = real[r] * real[r] + imaginary * imaginary;
    }
}

void EXPORTED(qf_fidelity)(const double *a, const double *b, size_t amplitudes, double *values) {
    for (size_t row = 0; row < QF_PANEL; row += ROWS) {
        for (size_t lane = 0; lane < QF_PANEL; lane += LANES) {
            NAME(multiply)(a + row, b + lane, amplitudes, values + row * QF_PANEL + lane);
        }
    }
}

#include "quantum/reals_end.h"
