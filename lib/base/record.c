#include "base/record.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void free_value(qf_field *field) {
    free(field->text);
    free(field->reals);
    for (size_t i = 0; field->texts && i < field->count; i++) free(field->texts[i]);
    free(field->texts);
    field->text = NULL;
    field->texts = NULL;
    field->reals = NULL;
    field->count = 0;
}

void qf_record_free(qf_record *record) {
    for (size_t i = 0; i < record->count; i++) {
        free(record->fields[i].name);
        free_value(&record->fields[i]);
    }
    free(record->fields);
    *record = (qf_record){0};
}

static qf_field *find(const qf_record *record, const char *name) {
    for (size_t i = 0; i < record->count; i++) {
        if (strcmp(record->fields[i].name, name) == 0) return &record->fields[i];
    }
    return NULL;
}

/* The field of this name emptied, or a new one at the end; NULL out of memory. */
static qf_field *place(qf_record *record, const char *name, qf_field_kind kind, qf_error *error) {
    qf_field *field = find(record, name);
    if (field) {
        free_value(field);
    } else {
        if (qf_grow_array(&record->fields, &record->capacity, record->count + 1,
                          sizeof *record->fields, error) != QF_OK) {
            return NULL;
        }
        field = &record->fields[record->count];
        *field = (qf_field){.name = qf_copy_text(name, error)};
        if (!field->name) return NULL;
        record->count++;
    }
    field->kind = kind;
    return field;
}

qf_status qf_record_set_text(qf_record *record, const char *name, const char *text,
                             qf_error *error) {
    char *copy = qf_copy_text(text, error);
    qf_field *field = copy ? place(record, name, QF_FIELD_TEXT, error) : NULL;
    if (!field) {
        free(copy);
        return QF_MEMORY;
    }
    field->text = copy;
    return QF_OK;
}

qf_status qf_record_set_integer(qf_record *record, const char *name, int64_t value,
                                qf_error *error) {
    qf_field *field = place(record, name, QF_FIELD_INTEGER, error);
    if (!field) return QF_MEMORY;
    field->integer = value;
    return QF_OK;
}

qf_status qf_record_set_real(qf_record *record, const char *name, double value, qf_error *error) {
    qf_field *field = place(record, name, QF_FIELD_REAL, error);
    if (!field) return QF_MEMORY;
    field->real = value;
    return QF_OK;
}

qf_status qf_record_set_reals(qf_record *record, const char *name, const double *values,
                              size_t count, qf_error *error) {
    double *copy = qf_copy_array(values, count, sizeof *values, error);
    qf_field *field = copy ? place(record, name, QF_FIELD_REALS, error) : NULL;
    if (!field) {
        free(copy);
        return QF_MEMORY;
    }
    field->reals = copy;
    field->count = count;
    return QF_OK;
}

qf_status qf_record_set_texts(qf_record *record, const char *name, const char *const *texts,
                              size_t count, qf_error *error) {
    qf_field *field = place(record, name, QF_FIELD_TEXTS, error);
    if (!field) return QF_MEMORY;
    field->texts = qf_new_array(count, sizeof *field->texts, error);
    if (!field->texts) return QF_MEMORY;
    for (field->count = 0; field->count < count; field->count++) {
        field->texts[field->count] = qf_copy_text(texts[field->count], error);
        if (!field->texts[field->count]) return QF_MEMORY;
    }
    return QF_OK;
}

static qf_status copy_field(const qf_field *from, qf_record *to, qf_error *error) {
    switch (from->kind) {
    case QF_FIELD_TEXT:
        return qf_record_set_text(to, from->name, from->text, error);
    case QF_FIELD_INTEGER:
        return qf_record_set_integer(to, from->name, from->integer, error);
    case QF_FIELD_REAL:
        return qf_record_set_real(to, from->name, from->real, error);
    case QF_FIELD_REALS:
        return qf_record_set_reals(to, from->name, from->reals, from->count, error);
    case QF_FIELD_TEXTS:
        return qf_record_set_texts(to, from->name, (const char *const *)from->texts, from->count,
                                   error);
    }
    return qf_fail(error, QF_INTERNAL, "a field of no kind");
}

qf_status qf_record_copy(const qf_record *from, qf_record *to, qf_error *error) {
    for (size_t i = 0; i < from->count; i++) QF_TRY(copy_field(&from->fields[i], to, error));
    return QF_OK;
}

const qf_field *qf_record_find(const qf_record *record, const char *name) {
    return find(record, name);
}

const char *qf_record_text(const qf_record *record, const char *name) {
    const qf_field *field = find(record, name);
    return field && field->kind == QF_FIELD_TEXT ? field->text : "";
}

double qf_record_number(const qf_record *record, const char *name) {
    const qf_field *field = find(record, name);
    if (field && field->kind == QF_FIELD_INTEGER) return (double)field->integer;
    return field && field->kind == QF_FIELD_REAL ? field->real : NAN;
}
