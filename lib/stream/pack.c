#include "stream/pack.h"

#include <stdlib.h>
#include <string.h>

static int append(void *context, const char *data, size_t length) {
    qf_pack *pack = context;
    if (pack->status == QF_OK) {
        pack->status = qf_bytes_append(pack->bytes, data, length, pack->error);
    }
    return pack->status == QF_OK ? 0 : -1;
}

void qf_pack_init(qf_pack *pack, qf_bytes *bytes, qf_error *error) {
    *pack = (qf_pack){.bytes = bytes, .error = error, .status = QF_OK};
    msgpack_packer_init(&pack->packer, pack, append);
}

void qf_pack_text(qf_pack *pack, const char *text) {
    const size_t length = strlen(text);
    msgpack_pack_str(&pack->packer, length);
    msgpack_pack_str_body(&pack->packer, text, length);
}

void qf_pack_map(qf_pack *pack, size_t count) {
    msgpack_pack_map(&pack->packer, count);
}

void qf_pack_list(qf_pack *pack, size_t count) {
    msgpack_pack_array(&pack->packer, count);
}

void qf_pack_unsigned(qf_pack *pack, uint64_t value) {
    msgpack_pack_uint64(&pack->packer, value);
}

void qf_pack_binary(qf_pack *pack, const void *data, size_t length) {
    msgpack_pack_bin(&pack->packer, length);
    msgpack_pack_bin_body(&pack->packer, data, length);
}

void qf_pack_texts(qf_pack *pack, char *const *texts, size_t count) {
    qf_pack_list(pack, count);
    for (size_t i = 0; i < count; i++) qf_pack_text(pack, texts[i]);
}

static void pack_field(qf_pack *pack, const qf_field *field) {
    switch (field->kind) {
    case QF_FIELD_TEXT:
        qf_pack_text(pack, field->text);
        break;
    case QF_FIELD_INTEGER:
        msgpack_pack_int64(&pack->packer, field->integer);
        break;
    case QF_FIELD_REAL:
        msgpack_pack_double(&pack->packer, field->real);
        break;
    case QF_FIELD_TEXTS:
        qf_pack_texts(pack, field->texts, field->count);
        break;
    case QF_FIELD_REALS:
        qf_pack_list(pack, field->count);
        for (size_t i = 0; i < field->count; i++) {
            msgpack_pack_double(&pack->packer, field->reals[i]);
        }
        break;
    }
}

void qf_pack_record(qf_pack *pack, const qf_record *record) {
    qf_pack_map(pack, record->count);
    for (size_t i = 0; i < record->count; i++) {
        qf_pack_text(pack, record->fields[i].name);
        pack_field(pack, &record->fields[i]);
    }
}

/* What a msgpack lead byte announces, from the specification's table of formats. */
typedef struct announcement {
    size_t
        length_bytes; /* bytes of a length field that follows; 0: `count` came in the lead byte */
    size_t fixed;     /* bytes of a payload without length field */
    size_t elements;  /* elements per count; 0: the count is of payload bytes */
    uint64_t count;
} announcement;

static bool read_lead(unsigned char lead, announcement *a) {
    *a = (announcement){0};
    if (lead < 0x80 || lead >= 0xe0) return true; /* fixint */
    if (lead < 0xa0) {                            /* fixmap, fixarray */
        a->elements = lead < 0x90 ? 2 : 1;
        a->count = lead & 0xf;
        return true;
    }
    if (lead < 0xc0) { /* fixstr */
        a->count = lead & 0x1f;
        return true;
    }
    switch (lead) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
        return true; /* nil, false, true */
    case 0xc4:
    case 0xc5:
    case 0xc6:
        a->length_bytes = (size_t)1 << (lead - 0xc4);
        return true;
    case 0xca:
    case 0xcb:
        a->fixed = (size_t)4 << (lead - 0xca);
        return true;
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf:
        a->fixed = (size_t)1 << (lead - 0xcc);
        return true;
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
        a->fixed = (size_t)1 << (lead - 0xd0);
        return true;
    case 0xd9:
    case 0xda:
    case 0xdb:
        a->length_bytes = (size_t)1 << (lead - 0xd9);
        return true;
    case 0xdc:
    case 0xdd:
    case 0xde:
    case 0xdf:
        a->length_bytes = lead & 1 ? 4 : 2;
        a->elements = lead >= 0xde ? 2 : 1;
        return true;
    default:
        return false; /* extension types do not occur in a stream */
    }
}

static uint64_t big_endian(const unsigned char *data, size_t length) {
    uint64_t value = 0;
    for (size_t i = 0; i < length; i++) value = value << 8 | data[i];
    return value;
}

qf_status qf_measure_object(const unsigned char *data, size_t available, size_t limit,
                            size_t *length, qf_error *error) {
    /* No record nests deeper than 4, and msgpack-c unpacks 32 levels at most. */
    enum { MAX_DEPTH = 16, MAX_OBJECTS = 1 << 22 };
    uint64_t open[MAX_DEPTH] = {1}; /* elements still to come at each depth */
    uint64_t objects =
        0; /* announced; each takes 24 bytes when it is parsed, and one in the stream */
    size_t depth = 0, at = 0;
    *length = 0;
    for (;;) {
        while (depth && open[depth] == 0) depth--;
        if (open[depth] == 0) {
            *length = at;
            return QF_OK;
        }
        open[depth]--;
        announcement a;
        if (at >= available) return QF_OK;
        if (!read_lead(data[at], &a)) {
            return qf_fail(error, QF_DATA, "byte 0x%02x does not belong there", data[at]);
        }
        at++;
        if (available - at < a.length_bytes) return QF_OK;
        if (a.length_bytes) a.count = big_endian(data + at, a.length_bytes);
        at += a.length_bytes + a.fixed;
        const uint64_t least = a.elements ? a.count * a.elements : a.count;
        if (at > limit || least > limit - at) {
            return qf_fail(error, QF_DATA, "a record of more than %zu bytes", limit);
        }
        objects += a.elements ? least : 0;
        if (objects > MAX_OBJECTS) {
            return qf_fail(error, QF_DATA, "a record of more than %d objects", MAX_OBJECTS);
        }
        if (a.elements) {
            if (++depth == MAX_DEPTH) return qf_fail(error, QF_DATA, "nested too deeply");
            open[depth] = least;
        } else {
            at += (size_t)a.count;
            if (at > available) return QF_OK;
        }
    }
}

bool qf_unpack_is(const msgpack_object *object, const char *text) {
    return object->type == MSGPACK_OBJECT_STR && object->via.str.size == strlen(text) &&
           memcmp(object->via.str.ptr, text, object->via.str.size) == 0;
}

const msgpack_object *qf_unpack_optional(const msgpack_object *map, const char *key) {
    if (map->type != MSGPACK_OBJECT_MAP) return NULL;
    for (uint32_t i = 0; i < map->via.map.size; i++) {
        if (qf_unpack_is(&map->via.map.ptr[i].key, key)) return &map->via.map.ptr[i].val;
    }
    return NULL;
}

qf_status qf_unpack_find(const msgpack_object *map, const char *key, msgpack_object_type type,
                         const msgpack_object **found, qf_error *error) {
    *found = qf_unpack_optional(map, key);
    if (!*found) return qf_fail(error, QF_DATA, "\"%s\" is missing", key);
    if ((*found)->type != type) return qf_fail(error, QF_DATA, "\"%s\" has the wrong type", key);
    return QF_OK;
}

qf_status qf_unpack_text(const msgpack_object *object, char **text, qf_error *error) {
    if (object->type != MSGPACK_OBJECT_STR) return qf_fail(error, QF_DATA, "expected a text");
    const size_t length = object->via.str.size;
    if (length && memchr(object->via.str.ptr, 0, length)) {
        return qf_fail(error, QF_DATA, "a text has a zero byte");
    }
    *text = qf_new_array(length + 1, 1, error);
    if (!*text) return QF_MEMORY;
    if (length) memcpy(*text, object->via.str.ptr, length);
    return QF_OK;
}

qf_status qf_unpack_texts(const msgpack_object *object, char ***texts, size_t *count,
                          qf_error *error) {
    *texts = NULL;
    *count = 0;
    if (object->type != MSGPACK_OBJECT_ARRAY) return qf_fail(error, QF_DATA, "expected a list");
    *texts = qf_new_array(object->via.array.size, sizeof **texts, error);
    if (!*texts) return QF_MEMORY;
    for (; *count < object->via.array.size; (*count)++) {
        QF_TRY(qf_unpack_text(&object->via.array.ptr[*count], &(*texts)[*count], error));
    }
    return QF_OK;
}

qf_status qf_unpack_unsigned(const msgpack_object *object, uint64_t *value, qf_error *error) {
    if (object->type != MSGPACK_OBJECT_POSITIVE_INTEGER) {
        return qf_fail(error, QF_DATA, "expected a count");
    }
    *value = object->via.u64;
    return QF_OK;
}

qf_status qf_unpack_type(const msgpack_object *object, qf_array_type *type, qf_error *error) {
    for (int t = 0; t < QF_ARRAY_TYPES; t++) {
        *type = (qf_array_type)t;
        if (qf_unpack_is(object, qf_array_type_name(*type))) return QF_OK;
    }
    return qf_fail(error, QF_DATA, "unknown array type");
}

static qf_status unpack_texts_field(const msgpack_object *object, const char *name,
                                    qf_record *record, qf_error *error) {
    char **texts;
    size_t count;
    qf_status status = qf_unpack_texts(object, &texts, &count, error);
    if (status == QF_OK) {
        status = qf_record_set_texts(record, name, (const char *const *)texts, count, error);
    }
    for (size_t i = 0; i < count; i++) free(texts[i]);
    free(texts);
    return status;
}

static qf_status unpack_reals_field(const msgpack_object *object, const char *name,
                                    qf_record *record, qf_error *error) {
    const size_t count = object->via.array.size;
    double *reals = qf_new_array(count, sizeof *reals, error);
    if (!reals) return QF_MEMORY;
    qf_status status = QF_OK;
    for (size_t i = 0; status == QF_OK && i < count; i++) {
        const msgpack_object *item = &object->via.array.ptr[i];
        if (item->type == MSGPACK_OBJECT_FLOAT64) {
            reals[i] = item->via.f64;
        } else {
            status = qf_fail(error, QF_DATA, "\"%s\" is not a list of numbers", name);
        }
    }
    if (status == QF_OK) status = qf_record_set_reals(record, name, reals, count, error);
    free(reals);
    return status;
}

static qf_status unpack_field(const msgpack_object *value, const char *name, qf_record *record,
                              qf_error *error) {
    switch (value->type) {
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        if (value->via.u64 > INT64_MAX) break;
        return qf_record_set_integer(record, name, (int64_t)value->via.u64, error);
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        return qf_record_set_integer(record, name, value->via.i64, error);
    case MSGPACK_OBJECT_FLOAT64:
        return qf_record_set_real(record, name, value->via.f64, error);
    case MSGPACK_OBJECT_ARRAY:
        if (value->via.array.size && value->via.array.ptr[0].type == MSGPACK_OBJECT_STR) {
            return unpack_texts_field(value, name, record, error);
        }
        return unpack_reals_field(value, name, record, error);
    case MSGPACK_OBJECT_STR: {
        char *text;
        QF_TRY(qf_unpack_text(value, &text, error));
        const qf_status status = qf_record_set_text(record, name, text, error);
        free(text);
        return status;
    }
    default:
        break;
    }
    return qf_fail(error, QF_DATA, "\"%s\" has an unexpected kind of value", name);
}

qf_status qf_unpack_record(const msgpack_object *object, qf_record *record, qf_error *error) {
    *record = (qf_record){0};
    if (object->type != MSGPACK_OBJECT_MAP) return qf_fail(error, QF_DATA, "expected a map");
    enum { MAX_FIELDS = 4096 }; /* setting a field is linear in their number */
    if (object->via.map.size > MAX_FIELDS) return qf_fail(error, QF_DATA, "too many fields");
    qf_status status = QF_OK;
    for (uint32_t i = 0; status == QF_OK && i < object->via.map.size; i++) {
        char *name = NULL;
        status = qf_unpack_text(&object->via.map.ptr[i].key, &name, error);
        if (status == QF_OK) {
            status = unpack_field(&object->via.map.ptr[i].val, name, record, error);
        }
        free(name);
    }
    if (status != QF_OK) qf_record_free(record);
    return status;
}
