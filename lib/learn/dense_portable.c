#include "base/pad.h"
#include "learn/dense.h"

#pragma GCC optimize("O3")
#define QF_LANES 2
#define DENSE qf_dense_portable
enum { ROWS = 3, PIECES = 1, VECTORS = 2 };
#include "learn/dense_kernels.h"
