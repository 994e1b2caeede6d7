/* Memory: checked allocation. The caller frees with free(). */
#ifndef QF_BASE_MEMORY_H
#define QF_BASE_MEMORY_H

#include "base/error.h"

#include <stddef.h>

/* `count` zeroed elements of `size` bytes, never NULL for count 0. NULL and the error set to
 * QF_MEMORY when the product overflows or the memory is not there. */
void *qf_new_array(size_t count, size_t size, qf_error *error);

/* `bytes` zeroed bytes that begin at a cache line (64 bytes), NULL as above. */
void *qf_new_lines(size_t bytes, qf_error *error);

/* Copies of memory and text, NULL as above. */
void *qf_copy_array(const void *source, size_t count, size_t size, qf_error *error);
char *qf_copy_text(const char *text, qf_error *error);

/* Makes room for `needed` elements in *array (a pointer to a pointer), doubling so that appending
 * is linear in all. New elements are not initialised. On failure *array and *capacity stay valid.
 */
qf_status qf_grow_array(void *array, size_t *capacity, size_t needed, size_t size, qf_error *error);

/* Three quarters of the machine's memory, in bytes: what a computation may take unless told. */
size_t qf_machine_memory(void);

/* A growing byte buffer; zero-initialise, free(data). */
typedef struct qf_bytes {
    unsigned char *data;
    size_t length, capacity;
} qf_bytes;

qf_status qf_bytes_append(qf_bytes *bytes, const void *data, size_t length, qf_error *error);
/* Appends formatted text; the data is then always followed by a zero byte beyond `length`. */
__attribute__((format(printf, 3, 4))) qf_status qf_bytes_print(qf_bytes *bytes, qf_error *error,
                                                               const char *format, ...);
#endif
