#include "quantum/sweep.h"

static unsigned lowest_bit(size_t bits) {
    return (unsigned)__builtin_ctzll(bits);
}

static unsigned highest_bit(size_t bits) {
    return 63U - (unsigned)__builtin_clzll(bits);
}

qf_pass qf_pass_of(qf_bits flip, qf_bits row, size_t blocks, bool diagonal) {
    qf_pass pass = {.flip = flip, .row = row, .items = blocks};
    if (diagonal) {
        pass.kind = QF_PASS_DIAGONAL;
        return pass;
    }
    if (flip.block == 0) {
        pass.kind = QF_PASS_INSIDE;
        return pass;
    }
    const unsigned pivot = highest_bit(flip.block);
    pass.items = blocks / 2;
    pass.low = pass.high = pivot;
    if (__builtin_parityll(flip.block & row.block)) {
        pass.kind = QF_PASS_ODD;
        return pass;
    }
    pass.kind = QF_PASS_EVEN;
    if (row.block) {
        const unsigned second = lowest_bit(row.block & ~((size_t)1 << pivot));
        pass.low = second < pivot ? second : pivot;
        pass.high = second < pivot ? pivot : second;
    }
    return pass;
}

const qf_kernels *qf_kernels_of(qf_precision precision, qf_simd simd) {
    return precision == QF_DOUBLE ? QF_FOR_SIMD(simd, qf_kernels_double)
                                  : QF_FOR_SIMD(simd, qf_kernels_float);
}
