#include "base/pad.h"
#include "learn/dense.h"

#if defined(__x86_64__)
#pragma GCC target("avx2,fma")
#pragma GCC optimize("O3,fp-contract=fast")
#define QF_LANES 4
#define DENSE qf_dense_avx2
enum { ROWS = 3, PIECES = 2, VECTORS = 2 };
#include "learn/dense_kernels.h"
#endif
