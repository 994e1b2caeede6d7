#include "quantum/sweep.h"

#include <string.h>

#define LEVEL portable
#define BYTES 16
#define REAL double
#include "quantum/sweep_kernels.h"
#undef REAL
#define REAL float
#include "quantum/sweep_kernels.h"
