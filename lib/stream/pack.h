/* Between msgpack and the library's own types: the one place that knows msgpack-c's calling style.
 */
#ifndef QF_STREAM_PACK_H
#define QF_STREAM_PACK_H

#include "base/array.h"
#include "base/memory.h"
#include "base/record.h"

#include <msgpack.h>

/* A packer that appends to bytes; it keeps the first failure, to be looked at once at the end. */
typedef struct qf_pack {
    msgpack_packer packer;
    qf_bytes *bytes;
    qf_error *error;
    qf_status status;
} qf_pack;

void qf_pack_init(qf_pack *pack, qf_bytes *bytes, qf_error *error);
void qf_pack_text(qf_pack *pack, const char *text);
void qf_pack_map(qf_pack *pack, size_t count);
void qf_pack_list(qf_pack *pack, size_t count);
void qf_pack_unsigned(qf_pack *pack, uint64_t value);
void qf_pack_binary(qf_pack *pack, const void *data, size_t length);
void qf_pack_texts(qf_pack *pack, char *const *texts, size_t count);
void qf_pack_record(qf_pack *pack, const qf_record *record);

/* The length in bytes of the msgpack object at data[0..available), or 0 when more bytes are needed;
 * QF_DATA when it would be longer than `limit` or is no object. Allocates nothing and is linear in
 * the elements that have arrived: no count in hostile input is believed before. */
qf_status qf_measure_object(const unsigned char *data, size_t available, size_t limit,
                            size_t *length, qf_error *error);

/* Lookups that trust nothing: QF_DATA when missing or of another kind. */
qf_status qf_unpack_find(const msgpack_object *map, const char *key, msgpack_object_type type,
                         const msgpack_object **found, qf_error *error);
/* The value of an optional key, or NULL. */
const msgpack_object *qf_unpack_optional(const msgpack_object *map, const char *key);
bool qf_unpack_is(const msgpack_object *object, const char *text);
/* A copy of a string, refused with zero bytes inside; the caller frees. */
qf_status qf_unpack_text(const msgpack_object *object, char **text, qf_error *error);
/* On failure *count texts have been set all the same; the caller frees them. */
qf_status qf_unpack_texts(const msgpack_object *object, char ***texts, size_t *count,
                          qf_error *error);
qf_status qf_unpack_unsigned(const msgpack_object *object, uint64_t *value, qf_error *error);
qf_status qf_unpack_type(const msgpack_object *object, qf_array_type *type, qf_error *error);
/* A map of texts, numbers and lists of them. */
qf_status qf_unpack_record(const msgpack_object *object, qf_record *record, qf_error *error);

#endif
