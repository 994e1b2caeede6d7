#include "base/json.h"

#include "base/number.h"
#include "base/utf8.h"

#include <math.h>
#include <string.h>

qf_status qf_json_text(qf_bytes *bytes, const char *text, qf_error *error) {
    QF_TRY(qf_bytes_append(bytes, "\"", 1, error));
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        const size_t length = qf_utf8_length(at);
        if (*at == '"' || *at == '\\') {
            QF_TRY(qf_bytes_print(bytes, error, "\\%c", *at));
        } else if (qf_utf8_is_control(at)) {
            QF_TRY(qf_bytes_print(bytes, error, "\\u%04x", at[length - 1]));
        } else {
            QF_TRY(qf_bytes_append(bytes, length ? (const char *)at : "\xef\xbf\xbd",
                                   length ? length : 3, error));
        }
        at += length ? length : 1;
    }
    return qf_bytes_append(bytes, "\"", 1, error);
}

qf_status qf_json_real(qf_bytes *bytes, double value, qf_error *error) {
    if (!isfinite(value)) return qf_bytes_append(bytes, "null", 4, error);
    char text[QF_NUMBER_TEXT];
    return qf_bytes_append(bytes, text, qf_print_double(text, value), error);
}

static qf_status print_value(qf_bytes *bytes, const qf_field *field, qf_error *error) {
    switch (field->kind) {
    case QF_FIELD_TEXT:
        return qf_json_text(bytes, field->text, error);
    case QF_FIELD_INTEGER:
        return qf_bytes_print(bytes, error, "%lld", (long long)field->integer);
    case QF_FIELD_REAL:
        return qf_json_real(bytes, field->real, error);
    case QF_FIELD_REALS:
    case QF_FIELD_TEXTS:
        break;
    }
    QF_TRY(qf_bytes_append(bytes, "[", 1, error));
    for (size_t i = 0; i < field->count; i++) {
        if (i) QF_TRY(qf_bytes_append(bytes, ",", 1, error));
        QF_TRY(field->kind == QF_FIELD_REALS ? qf_json_real(bytes, field->reals[i], error)
                                             : qf_json_text(bytes, field->texts[i], error));
    }
    return qf_bytes_append(bytes, "]", 1, error);
}

qf_status qf_json_record(qf_bytes *bytes, const qf_record *record, qf_error *error) {
    QF_TRY(qf_bytes_append(bytes, "{", 1, error));
    for (size_t i = 0; i < record->count; i++) {
        if (i) QF_TRY(qf_bytes_append(bytes, ",", 1, error));
        QF_TRY(qf_json_text(bytes, record->fields[i].name, error));
        QF_TRY(qf_bytes_append(bytes, ":", 1, error));
        QF_TRY(print_value(bytes, &record->fields[i], error));
    }
    return qf_bytes_append(bytes, "}", 1, error);
}

static double element(const qf_array *array, size_t i) {
    switch (array->type) {
    case QF_U8:
        return ((const uint8_t *)array->data)[i];
    case QF_I8:
        return ((const int8_t *)array->data)[i];
    case QF_I16:
        return ((const int16_t *)array->data)[i];
    case QF_I32:
        return ((const int32_t *)array->data)[i];
    case QF_I64:
        return (double)((const int64_t *)array->data)[i];
    case QF_F32:
        return (double)((const float *)array->data)[i];
    case QF_F64:
        return ((const double *)array->data)[i];
    case QF_ARRAY_TYPES:
        break;
    }
    return NAN;
}

qf_status qf_json_array(qf_bytes *bytes, const qf_array *array, qf_error *error) {
    QF_TRY(qf_bytes_append(bytes, "{\"array\":", 9, error));
    QF_TRY(qf_json_text(bytes, array->name, error));
    QF_TRY(qf_bytes_print(bytes, error, ",\"type\":\"%s\",\"shape\":[%zu,%zu],\"data\":[",
                          qf_array_type_name(array->type), array->rows, array->columns));
    for (size_t i = 0; i < array->rows * array->columns; i++) {
        if (i) QF_TRY(qf_bytes_append(bytes, ",", 1, error));
        QF_TRY(qf_json_real(bytes, element(array, i), error));
    }
    return qf_bytes_append(bytes, "]}", 2, error);
}
