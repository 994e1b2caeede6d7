#include "quantum/transfer.h"

#if defined(__x86_64__)
#pragma GCC target("avx2,fma,popcnt,bmi,bmi2")
#pragma GCC optimize("O3")
#define LEVEL avx2
#include "quantum/transfer_kernels.h"
#endif
