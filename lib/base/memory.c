#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static qf_status out_of_memory(size_t count, size_t size, qf_error *error) {
    return qf_fail(error, QF_MEMORY, "out of memory for %zu elements of %zu bytes", count, size);
}

void *qf_new_array(size_t count, size_t size, qf_error *error) {
    void *array = calloc(count ? count : 1, size ? size : 1);
    if (!array) out_of_memory(count, size, error);
    return array;
}

void *qf_new_lines(size_t bytes, qf_error *error) {
    enum { LINE = 64 };
    const size_t rounded = bytes / LINE * LINE + LINE;
    void *lines = rounded > bytes ? aligned_alloc(LINE, rounded) : NULL;
    if (!lines) {
        out_of_memory(bytes, 1, error);
        return NULL;
    }
    return memset(lines, 0, rounded);
}

void *qf_copy_array(const void *source, size_t count, size_t size, qf_error *error) {
    void *copy = qf_new_array(count, size, error);
    if (copy && count) memcpy(copy, source, count * size);
    return copy;
}

char *qf_copy_text(const char *text, qf_error *error) {
    return qf_copy_array(text, strlen(text) + 1, 1, error);
}

qf_status qf_grow_array(void *array, size_t *capacity, size_t needed, size_t size,
                        qf_error *error) {
    if (needed <= *capacity) return QF_OK;
    size_t grown = *capacity < SIZE_MAX / 2 ? *capacity * 2 : needed;
    if (grown < needed) grown = needed;
    if (grown > PTRDIFF_MAX / size) return out_of_memory(needed, size, error);
    void *old;
    memcpy(&old, array, sizeof old);
    void *moved = realloc(old, grown * size);
    if (!moved) return out_of_memory(needed, size, error);
    memcpy(array, &moved, sizeof moved);
    *capacity = grown;
    return QF_OK;
}

qf_status qf_bytes_append(qf_bytes *bytes, const void *data, size_t length, qf_error *error) {
    QF_TRY(qf_grow_array(&bytes->data, &bytes->capacity, bytes->length + length + 1, 1, error));
    if (length) memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
    bytes->data[bytes->length] = 0;
    return QF_OK;
}

qf_status qf_bytes_print(qf_bytes *bytes, qf_error *error, const char *format, ...) {
    char stack[256];
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(stack, sizeof stack, format, arguments);
    va_end(arguments);
    if (length < 0) return qf_fail(error, QF_INTERNAL, "text cannot be formatted");
    if ((size_t)length < sizeof stack) return qf_bytes_append(bytes, stack, (size_t)length, error);
    const size_t needed = bytes->length + (size_t)length + 1;
    QF_TRY(qf_grow_array(&bytes->data, &bytes->capacity, needed, 1, error));
    va_start(arguments, format);
    vsnprintf((char *)bytes->data + bytes->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    bytes->length += (size_t)length;
    return QF_OK;
}

size_t qf_machine_memory(void) {
    const long pages = sysconf(_SC_PHYS_PAGES), bytes = sysconf(_SC_PAGESIZE);
    return pages > 0 && bytes > 0 ? (size_t)pages / 4 * 3 * (size_t)bytes : SIZE_MAX;
}
