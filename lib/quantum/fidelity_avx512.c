#if defined(__x86_64__)
#pragma GCC target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma,popcnt,bmi,bmi2")
#pragma GCC optimize("O3,fp-contract=fast")
#define LEVEL avx512
#define BYTES 64
#define REAL double
#include "quantum/fidelity_kernels.h"
#endif
