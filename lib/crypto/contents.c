#include "crypto/contents.h"

#include "base/json.h"
#include "crypto/secret.h"

#include <stdlib.h>
#include <string.h>

qf_status qf_contents_add_array(qf_contents *contents, const char *name, qf_array_type type,
                                size_t rows, size_t columns, qf_error *error) {
    qf_arrays *arrays = &contents->arrays;
    QF_TRY(qf_arrays_add(arrays, name, type, 0, 0, NULL, error));
    qf_array *array = &arrays->items[arrays->count - 1];
    free(array->data);
    array->data = NULL;
    array->rows = rows;
    array->columns = columns;
    return QF_OK;
}

qf_status qf_contents_add_record(qf_contents *contents, const qf_record *record, qf_error *error) {
    QF_TRY(qf_grow_array(&contents->records, &contents->record_capacity, contents->record_count + 1,
                         sizeof *record, error));
    qf_record *copy = &contents->records[contents->record_count++];
    *copy = (qf_record){0};
    return qf_record_copy(record, copy, error);
}

qf_status qf_contents_layout(const qf_contents *from, qf_contents *to, qf_error *error) {
    to->type = qf_copy_text(from->type, error);
    if (!to->type) return QF_MEMORY;
    QF_TRY(qf_record_copy(&from->schema, &to->schema, error));
    QF_TRY(qf_record_copy(&from->parameters, &to->parameters, error));
    for (size_t i = 0; i < from->record_count; i++) {
        QF_TRY(qf_contents_add_record(to, &from->records[i], error));
    }
    for (size_t i = 0; i < from->arrays.count; i++) {
        const qf_array *array = &from->arrays.items[i];
        QF_TRY(qf_contents_add_array(to, array->name, array->type, array->rows, array->columns,
                                     error));
    }
    return QF_OK;
}

qf_status qf_records_equal(const qf_record *a, const qf_record *b, bool *equal, qf_error *error) {
    qf_bytes one = {0}, two = {0};
    qf_status status = qf_json_record(&one, a, error);
    if (status == QF_OK) status = qf_json_record(&two, b, error);
    *equal =
        status == QF_OK && one.length == two.length && memcmp(one.data, two.data, one.length) == 0;
    free(one.data);
    free(two.data);
    return status;
}

void qf_contents_free(qf_contents *contents) {
    for (size_t i = 0; i < contents->arrays.count; i++) {
        const qf_array *array = &contents->arrays.items[i];
        if (!array->data) continue;
        qf_secret_wipe(array->data, array->rows * array->columns * qf_array_type_size(array->type));
    }
    qf_arrays_free(&contents->arrays);
    for (size_t i = 0; i < contents->record_count; i++) qf_record_free(&contents->records[i]);
    free(contents->records);
    qf_record_free(&contents->schema);
    qf_record_free(&contents->parameters);
    free(contents->type);
    *contents = (qf_contents){0};
}
