#include "base/pad.h"
#include "learn/dense.h"

#if defined(__x86_64__)
#pragma GCC target("avx512f,avx512dq,avx512vl,fma,prefer-vector-width=512")
#pragma GCC optimize("O3,fp-contract=fast")
#define QF_LANES 8
#define DENSE qf_dense_avx512
enum { ROWS = 6, PIECES = 1, VECTORS = 4 };
#include "learn/dense_kernels.h"
#endif
