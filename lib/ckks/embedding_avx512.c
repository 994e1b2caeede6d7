#include "ckks/embedding.h"

#if defined(__x86_64__)
#pragma GCC target("avx512f,avx512dq,avx512vl,prefer-vector-width=512")
#pragma GCC optimize("O3,fp-contract=off")
#define EMBEDDING qf_embedding_avx512
#include "ckks/embedding_kernels.h"
#endif
