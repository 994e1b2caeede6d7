#define LEVEL portable
#define BYTES 16
#define REAL double
#include "quantum/fidelity_kernels.h"
