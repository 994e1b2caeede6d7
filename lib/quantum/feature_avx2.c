#include "quantum/feature_sweep.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#pragma GCC target("avx2,fma,popcnt,bmi,bmi2")
#pragma GCC optimize("O3,fp-contract=fast")
#define LEVEL avx2
#define BYTES 32
#define TILE 1 /* outputs whose sums fit the registers */
#define REAL double
#include "quantum/feature_kernels.h"
#undef REAL
#define REAL float
#include "quantum/feature_kernels.h"
#include "quantum/pauli_kernels.h"
#endif
