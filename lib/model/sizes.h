/* Sizes of a net's layers as a user writes them: "64-32-4". */
#ifndef QF_MODEL_SIZES_H
#define QF_MODEL_SIZES_H

#include <stdbool.h>
#include <stddef.h>

enum { QF_SIZES_MAX = 16 };

/* Whole numbers from 1 to 4096 joined by '-', QF_SIZES_MAX at most; false for anything else. */
bool qf_sizes_parse(const char *text, size_t sizes[QF_SIZES_MAX], size_t *count);

#endif
