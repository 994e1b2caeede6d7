#define LEVEL QF_SIMD_AVX512
#include "lanes_level.h"

#if defined(__x86_64__)
#pragma GCC target("avx512f,avx512dq,avx512vl,fma,prefer-vector-width=512")
#pragma GCC optimize("O3,fp-contract=fast")
#define QF_LANES 8
#else
#define QF_LANES 2
#endif
#include "lanes_exponentials.h"
