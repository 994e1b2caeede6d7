#include "quantum/transfer.h"

#pragma GCC optimize("O3")
#define LEVEL portable
#include "quantum/transfer_kernels.h"
