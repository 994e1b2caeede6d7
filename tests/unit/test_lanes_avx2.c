#define LEVEL QF_SIMD_AVX2
#include "lanes_level.h"

#if defined(__x86_64__)
#pragma GCC target("avx2,fma")
#pragma GCC optimize("O3,fp-contract=fast")
#define QF_LANES 4
#else
#define QF_LANES 2
#endif
#include "lanes_exponentials.h"
