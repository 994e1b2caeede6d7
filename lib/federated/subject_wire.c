#include "federated/subject_wire.h"

#include "base/number.h"
#include "crypto/bytes.h"
#include "crypto/contents.h"

#include <stdio.h>

/* ---- Fields ---- */

qf_status qf_field_whole(const qf_record *record, const char *name, int64_t least, int64_t most,
                         int64_t *value, qf_error *error) {
    const qf_field *field = qf_record_find(record, name);
    if (field && field->kind == QF_FIELD_INTEGER && field->integer >= least &&
        field->integer <= most) {
        *value = field->integer;
        return QF_OK;
    }
    return qf_fail(error, QF_DATA, "\"%s\" is not a whole number from %lld to %lld", name,
                   (long long)least, (long long)most);
}

qf_status qf_field_id(const qf_record *record, const char *name, qf_id *id, qf_error *error) {
    if (qf_hex_parse(qf_record_text(record, name), id->bytes, QF_ID_SIZE)) return QF_OK;
    return qf_fail(error, QF_DATA, "\"%s\" is not 64 hexadecimal digits", name);
}

qf_status qf_field_set_id(qf_record *record, const char *name, const qf_id *id, qf_error *error) {
    char text[2 * QF_ID_SIZE + 1];
    qf_hex_print(id->bytes, QF_ID_SIZE, text);
    return qf_record_set_text(record, name, text, error);
}

qf_status qf_reader_record(qf_reader *reader, qf_record *record, qf_error *error) {
    qf_message message;
    QF_TRY(qf_reader_next(reader, &message, error));
    if (qf_message_record(&message, record, error) == QF_OK) return QF_OK;
    return qf_error_context(error, "%s", reader->name);
}

/* ---- Writing ---- */

qf_status qf_subject_describe(const qf_ckks *ckks, const qf_subject *subject, qf_record *schema,
                              qf_record *parameters, qf_error *error) {
    const qf_model *model = &subject->model;
    char seed[24];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)model->seed);
    QF_TRY(qf_record_set_texts(schema, "columns", (const char *const *)model->names, model->columns,
                               error));
    QF_TRY(qf_record_set_text(schema, "target", model->target, error));
    QF_TRY(qf_ckks_describe(ckks, parameters, error));
    QF_TRY(qf_terms_describe(&subject->terms, parameters, error));
    QF_TRY(qf_field_set_id(parameters, "key", &subject->key, error));
    QF_TRY(qf_record_set_integer(parameters, "round", (int64_t)subject->round, error));
    QF_TRY(qf_record_set_text(parameters, "kind", model->kind->name, error));
    QF_TRY(qf_record_set_text(parameters, "seed", seed, error));
    QF_TRY(qf_record_set_integer(parameters, "values", (int64_t)subject->count, error));
    return qf_record_set_integer(parameters, "disclosed", subject->disclosed, error);
}

static qf_status collect_arrays(const qf_subject *subject, qf_arrays *arrays, qf_error *error) {
    qf_trainables frozen = {0};
    qf_status status = qf_subject_arrays(&subject->model, true, &frozen, error);
    if (status == QF_OK) status = qf_trainables_encode(&frozen, arrays, error);
    qf_trainables_free(&frozen);
    if (status != QF_OK || !subject->disclosed) return status;
    return qf_model_encode_rows(&subject->model, arrays, error);
}

qf_status qf_subject_write(qf_writer *writer, const qf_subject *subject, qf_error *error) {
    qf_record layout = {0};
    qf_arrays arrays = {0};
    qf_status status = qf_subject_layout(subject, &layout, error);
    if (status == QF_OK) status = collect_arrays(subject, &arrays, error);
    if (status == QF_OK) status = qf_writer_record(writer, &subject->model.parameters, error);
    if (status == QF_OK) status = qf_writer_record(writer, &layout, error);
    if (status == QF_OK) status = qf_writer_arrays(writer, &arrays, error);
    qf_arrays_free(&arrays);
    qf_record_free(&layout);
    return status;
}

/* ---- Reading ---- */

static qf_status parse_header(const qf_record *p, qf_subject *subject, const qf_model_kind **kind,
                              uint64_t *seed, qf_error *error) {
    int64_t round = 0, disclosed = 0;
    QF_TRY(qf_terms_parse(p, &subject->terms, error));
    QF_TRY(qf_field_id(p, "key", &subject->key, error));
    QF_TRY(qf_field_whole(p, "round", 0, INT64_MAX, &round, error));
    QF_TRY(qf_field_whole(p, "disclosed", 0, 1, &disclosed, error));
    subject->round = (uint64_t)round;
    subject->disclosed = disclosed == 1;
    if (!qf_parse_uint64(qf_record_text(p, "seed"), seed)) {
        return qf_fail(error, QF_DATA, "the seed is missing");
    }
    if (qf_model_kind_find(qf_record_text(p, "kind"), kind, error) == QF_OK) return QF_OK;
    return error->status = QF_DATA; /* the name came from a stream, not from the user */
}

static qf_status init_model(const qf_record *schema, const qf_record *header,
                            const qf_record *parameters, qf_subject *subject, qf_error *error) {
    const qf_model_kind *kind;
    uint64_t seed;
    const qf_field *columns = qf_record_find(schema, "columns");
    if (!columns || columns->kind != QF_FIELD_TEXTS) {
        return qf_fail(error, QF_DATA, "the schema has no columns");
    }
    QF_TRY(parse_header(header, subject, &kind, &seed, error));
    qf_model *model = &subject->model;
    QF_TRY(qf_model_init(model, kind, columns->count, (const char *const *)columns->texts,
                         qf_record_text(schema, "target"), parameters, seed, error));
    const qf_status blank = qf_model_blank(model, error);
    if (blank == QF_MISMATCH) error->status = QF_DATA; /* of a stream, not of two models */
    if (blank != QF_OK) return error->status;
    QF_TRY(qf_subject_count(subject, error));
    int64_t values;
    return qf_field_whole(header, "values", (int64_t)subject->count, (int64_t)subject->count,
                          &values, error);
}

static qf_status check_layout(const qf_subject *subject, const qf_record *layout, qf_error *error) {
    qf_record expected = {0};
    bool equal = false;
    qf_status status = qf_subject_layout(subject, &expected, error);
    if (status == QF_OK) status = qf_records_equal(layout, &expected, &equal, error);
    if (status == QF_OK && !equal) {
        status = qf_fail(error, QF_DATA, "the layout is not that of its model");
    }
    qf_record_free(&expected);
    return status;
}

/* Reads exactly `count` arrays. */
static qf_status read_arrays(qf_reader *reader, size_t count, qf_arrays *arrays, qf_error *error) {
    size_t received = 0, expected = 0;
    while (arrays->count < count || received < expected) {
        qf_message message;
        QF_TRY(qf_reader_next(reader, &message, error));
        if (qf_message_add_array(&message, arrays, &received, error) != QF_OK) {
            return qf_error_context(error, "%s", reader->name);
        }
        const qf_array *last = &arrays->items[arrays->count - 1];
        expected = last->rows * last->columns;
    }
    return QF_OK;
}

static qf_status take_arrays(qf_reader *reader, const qf_trainables *frozen, qf_arrays *arrays,
                             qf_subject *subject, qf_error *error) {
    enum { ROW_SETS = 3 };
    const size_t count = frozen->count + (subject->disclosed ? ROW_SETS : 0);
    QF_TRY(read_arrays(reader, count, arrays, error));
    qf_status status = qf_trainables_decode(frozen, arrays, error);
    if (status == QF_OK && subject->disclosed) {
        status = qf_model_decode_rows(&subject->model, arrays, error);
    }
    return status == QF_OK ? QF_OK : qf_error_context(error, "%s", reader->name);
}

static qf_status read_arrays_of(qf_reader *reader, qf_subject *subject, qf_error *error) {
    qf_trainables frozen = {0};
    qf_arrays arrays = {0};
    qf_status status = qf_subject_arrays(&subject->model, true, &frozen, error);
    if (status == QF_OK) status = take_arrays(reader, &frozen, &arrays, subject, error);
    qf_arrays_free(&arrays);
    qf_trainables_free(&frozen);
    return status;
}

qf_status qf_subject_read(qf_reader *reader, qf_subject *subject, qf_error *error) {
    qf_record parameters = {0}, layout = {0};
    qf_status status = qf_reader_record(reader, &parameters, error);
    if (status == QF_OK) status = qf_reader_record(reader, &layout, error);
    if (status == QF_OK) {
        status = init_model(&reader->schema, &reader->parameters, &parameters, subject, error);
        if (status == QF_OK) status = check_layout(subject, &layout, error);
        if (status != QF_OK) qf_error_context(error, "%s", reader->name);
    }
    if (status == QF_OK) status = read_arrays_of(reader, subject, error);
    qf_record_free(&layout);
    qf_record_free(&parameters);
    return status;
}
