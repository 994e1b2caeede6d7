#include "data/scaler_wire.h"

#include "data/table_wire.h"

#include <math.h>
#include <string.h>

static qf_status describe(const qf_scaler *scaler, qf_record *schema, qf_record *parameters,
                          qf_error *error) {
    QF_TRY(qf_record_set_texts(schema, "columns", (const char *const *)scaler->names,
                               scaler->columns, error));
    QF_TRY(qf_record_set_text(schema, "target", scaler->target, error));
    QF_TRY(qf_record_set_text(parameters, "kind", qf_scale_names[scaler->kind], error));
    if (scaler->clip == 0) return QF_OK;
    return qf_record_set_real(parameters, "clip", scaler->clip, error);
}

qf_status qf_scaler_write(qf_session *session, int fd, const char *name, const qf_scaler *scaler,
                          qf_error *error) {
    qf_record schema = {0}, parameters = {0};
    qf_arrays arrays = {0};
    qf_status status = describe(scaler, &schema, &parameters, error);
    if (status == QF_OK) status = qf_scaler_encode(scaler, &arrays, error);
    if (status == QF_OK) {
        status = qf_arrays_write(session, fd, name, "scaler", &schema, &parameters, &arrays, error);
    }
    qf_arrays_free(&arrays);
    qf_record_free(&parameters);
    qf_record_free(&schema);
    return status;
}

/* The scaler without its state. */
static qf_status decode_header(const qf_reader *reader, qf_scaler *scaler, qf_error *error) {
    const char *name = qf_record_text(&reader->parameters, "kind");
    int kind = 0;
    while (kind < QF_SCALE_KINDS && strcmp(name, qf_scale_names[kind]) != 0) kind++;
    if (kind == QF_SCALE_KINDS) {
        return qf_fail(error, QF_DATA, "unknown kind of scaler \"%.40s\"", name);
    }
    double clip = 0;
    if (qf_record_find(&reader->parameters, "clip")) {
        clip = qf_record_number(&reader->parameters, "clip");
        if (!(clip > 0 && isfinite(clip))) return qf_fail(error, QF_DATA, "clip is not positive");
    }
    qf_table like;
    QF_TRY(qf_table_schema_decode(&reader->schema, &like, error));
    const qf_status status = qf_scaler_init(scaler, (qf_scale_kind)kind, clip, &like, error);
    qf_table_free(&like);
    return status;
}

static qf_status read_open(qf_reader *reader, qf_scaler *scaler, qf_error *error) {
    qf_arrays arrays = {0};
    QF_TRY(qf_reader_name(reader, decode_header(reader, scaler, error), error));
    qf_status status = qf_reader_arrays(reader, &arrays, error);
    if (status == QF_OK) status = qf_reader_expect_end(reader, error);
    if (status == QF_OK) {
        status = qf_reader_name(reader, qf_scaler_decode(scaler, &arrays, error), error);
    }
    qf_arrays_free(&arrays);
    if (status != QF_OK) qf_scaler_free(scaler);
    return status;
}

qf_status qf_scaler_read(qf_session *session, const char *path, qf_scaler *scaler,
                         qf_error *error) {
    qf_reader reader;
    qf_status status = qf_reader_open(&reader, session, path, "scaler", error);
    if (status == QF_OK) status = read_open(&reader, scaler, error);
    qf_reader_close(&reader);
    return status;
}
