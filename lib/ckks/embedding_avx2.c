#include "ckks/embedding.h"

#if defined(__x86_64__)
#pragma GCC target("avx2")
#pragma GCC optimize("O3,fp-contract=off")
#define EMBEDDING qf_embedding_avx2
#include "ckks/embedding_kernels.h"
#endif
