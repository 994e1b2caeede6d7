#include "learn/dense.h"

#include "base/pad.h"

const char *const qf_activation_names[QF_ACTIVATIONS + 1] = {"identity", "relu", "tanh", "logistic",
                                                             NULL};

size_t qf_dense_size(size_t inputs, size_t outputs) {
    return outputs * qf_pad(inputs) + qf_pad(outputs);
}

extern const qf_dense qf_dense_portable, qf_dense_avx2, qf_dense_avx512;

const qf_dense *qf_dense_for(qf_simd simd) {
    return QF_FOR_SIMD(simd, qf_dense);
}
