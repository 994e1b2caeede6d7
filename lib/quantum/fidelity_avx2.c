#if defined(__x86_64__)
#pragma GCC target("avx2,fma,popcnt,bmi,bmi2")
#pragma GCC optimize("O3,fp-contract=fast")
#define LEVEL avx2
#define BYTES 32
#define REAL double
#include "quantum/fidelity_kernels.h"
#endif
