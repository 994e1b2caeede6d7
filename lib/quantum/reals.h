/* Vectors of REAL, float or double, for code that is written once: a file that is compiled for one
 * level of instructions defines LEVEL (its name), BYTES (of a vector) and REAL, then includes this
 * and, after its functions, reals_end.h; and again with the other REAL. */
#include "quantum/level.h"

#define LANES (BYTES / sizeof(REAL))
#define EXACT _Generic((REAL)0, double : true, float : false)
#define NAME(name) JOIN(name, REAL)
#define EXPORTED(name) JOIN(name, JOIN(REAL, LEVEL))

#define V NAME(vector)
typedef REAL V __attribute__((vector_size(BYTES), may_alias));
/* Whole numbers, one for each lane: masks, and orders of lanes. */
#define INDEX __typeof__(_Generic((REAL)0, double : (int64_t)0, float : (int32_t)0))
#define W NAME(whole)
typedef INDEX W __attribute__((vector_size(BYTES)));

/* Lane l of the result is lane order[l]. */
INLINE V NAME(exchange)(V v, W order) {
#if defined(__has_builtin) && __has_builtin(__builtin_shuffle)
    return __builtin_shuffle(v, order);
#else
    V result = v;
    for (size_t l = 0; l < LANES; l++) result[l] = v[order[l]];
    return result;
#endif
}

/* Lane l is l ^ flip. */
INLINE W NAME(order_of)(unsigned flip) {
    W order = {0};
    for (size_t l = 0; l < LANES; l++) order[l] = (INDEX)(l ^ flip);
    return order;
}
