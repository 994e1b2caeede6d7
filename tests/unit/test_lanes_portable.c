#define LEVEL QF_SIMD_PORTABLE
#include "lanes_level.h"

#pragma GCC optimize("O3")
#define QF_LANES 2
#include "lanes_exponentials.h"
