/* Random undersampling: majority rows dropped until the classes have a ratio. */
#ifndef QF_DATA_UNDERSAMPLE_H
#define QF_DATA_UNDERSAMPLE_H

#include "data/table.h"

/* Keeps all minority rows and floor(minority / ratio) majority rows, drawn without replacement
 * (substream "undersample"), in their order. Nothing is dropped where there are no more than that.
 * ratio in (0, 1]. QF_DATA when a class is missing. The caller frees the result. */
qf_status qf_undersample(const qf_table *table, double ratio, uint64_t seed, qf_table *result,
                         qf_error *error);

#endif
