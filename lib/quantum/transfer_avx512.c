#include "quantum/transfer.h"

#if defined(__x86_64__)
#pragma GCC target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma,popcnt,bmi,bmi2")
#pragma GCC optimize("O3")
#define LEVEL avx512
#include "quantum/transfer_kernels.h"
#endif
