#include "learn/reducer_wire.h"

#include "data/table_wire.h"

#include <string.h>

static qf_status describe(const qf_reducer *reducer, qf_record *schema, qf_record *parameters,
                          qf_error *error) {
    QF_TRY(qf_record_set_texts(schema, "columns", (const char *const *)reducer->names,
                               reducer->columns, error));
    QF_TRY(qf_record_set_text(schema, "target", reducer->target, error));
    QF_TRY(qf_record_set_text(parameters, "by", qf_reduction_names[reducer->by], error));
    return qf_record_set_integer(parameters, "kept", (int64_t)reducer->kept, error);
}

qf_status qf_reducer_write(qf_session *session, int fd, const char *name, const qf_reducer *reducer,
                           qf_error *error) {
    qf_record schema = {0}, parameters = {0};
    qf_arrays arrays = {0};
    qf_status status = describe(reducer, &schema, &parameters, error);
    if (status == QF_OK) status = qf_reducer_encode(reducer, &arrays, error);
    if (status == QF_OK) {
        status =
            qf_arrays_write(session, fd, name, "reducer", &schema, &parameters, &arrays, error);
    }
    qf_arrays_free(&arrays);
    qf_record_free(&parameters);
    qf_record_free(&schema);
    return status;
}

/* The reducer without its state. */
static qf_status decode_header(const qf_reader *reader, qf_reducer *reducer, qf_error *error) {
    const char *name = qf_record_text(&reader->parameters, "by");
    int by = 0;
    while (by < QF_REDUCTIONS && strcmp(name, qf_reduction_names[by]) != 0) by++;
    if (by == QF_REDUCTIONS) return qf_fail(error, QF_DATA, "unknown reduction \"%.40s\"", name);
    const qf_field *kept = qf_record_find(&reader->parameters, "kept");
    qf_table like;
    QF_TRY(qf_table_schema_decode(&reader->schema, &like, error));
    const bool possible = kept && kept->kind == QF_FIELD_INTEGER && kept->integer >= 1 &&
                          kept->integer <= (int64_t)like.columns;
    const qf_status status =
        possible ? qf_reducer_init(reducer, (qf_reduction)by, (size_t)kept->integer, &like, error)
                 : qf_fail(error, QF_DATA, "no number of columns to keep");
    qf_table_free(&like);
    return status;
}

static qf_status read_open(qf_reader *reader, qf_reducer *reducer, qf_error *error) {
    qf_arrays arrays = {0};
    QF_TRY(qf_reader_name(reader, decode_header(reader, reducer, error), error));
    qf_status status = qf_reader_arrays(reader, &arrays, error);
    if (status == QF_OK) status = qf_reader_expect_end(reader, error);
    if (status == QF_OK) {
        status = qf_reader_name(reader, qf_reducer_decode(reducer, &arrays, error), error);
    }
    qf_arrays_free(&arrays);
    if (status != QF_OK) qf_reducer_free(reducer);
    return status;
}

qf_status qf_reducer_read(qf_session *session, const char *path, qf_reducer *reducer,
                          qf_error *error) {
    qf_reader reader;
    qf_status status = qf_reader_open(&reader, session, path, "reducer", error);
    if (status == QF_OK) status = read_open(&reader, reducer, error);
    qf_reader_close(&reader);
    return status;
}
