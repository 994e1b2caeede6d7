#include "ckks/embedding.h"

#pragma GCC optimize("O3,fp-contract=off")
#define EMBEDDING qf_embedding_portable
#include "ckks/embedding_kernels.h"
