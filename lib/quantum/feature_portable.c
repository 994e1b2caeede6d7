#include "quantum/feature_sweep.h"

#include <math.h>
#include <string.h>

#define LEVEL portable
#define BYTES 16
#define TILE 1 /* outputs whose sums fit the registers */
#define REAL double
#include "quantum/feature_kernels.h"
#undef REAL
#define REAL float
#include "quantum/feature_kernels.h"
#include "quantum/pauli_kernels.h"
