/* What test_lanes_*.c test, once their level is set. */
#include "base/lanes.h"

static void exponentials(double *values) {
    for (size_t i = 0; i < COUNT; i += QF_LANES) {
        qf_lanes v;
        qf_lanes_load(&v, values + i);
        qf_lanes_exp(&v);
        qf_lanes_store(values + i, &v);
    }
}
