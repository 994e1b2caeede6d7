#include "model/model_wire.h"

#include "base/number.h"
#include "stream/reader.h"
#include "stream/writer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static qf_status describe(const qf_model *model, qf_record *schema, qf_record *header,
                          qf_error *error) {
    char seed[24];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)model->seed);
    QF_TRY(qf_record_set_texts(schema, "columns", (const char *const *)model->names, model->columns,
                               error));
    QF_TRY(qf_record_set_text(schema, "target", model->target, error));
    QF_TRY(qf_record_set_text(header, "kind", model->kind->name, error));
    QF_TRY(qf_record_set_text(header, "seed", seed, error));
    QF_TRY(qf_record_set_real(header, "threshold", model->threshold, error));
    if (model->odds_factor != 1) {
        QF_TRY(qf_record_set_real(header, "odds_factor", model->odds_factor, error));
    }
    if (model->calibration.method == QF_CALIBRATE_NONE) return QF_OK;
    return qf_record_set_text(header, "calibration",
                              qf_calibration_names[model->calibration.method], error);
}

static qf_status write_records(qf_writer *writer, const qf_model *model, const qf_arrays *arrays,
                               qf_error *error) {
    QF_TRY(qf_writer_record(writer, &model->parameters, error));
    QF_TRY(qf_writer_record(writer, &model->facts, error));
    QF_TRY(qf_writer_arrays(writer, arrays, error));
    return qf_writer_close(writer, error);
}

qf_status qf_model_write(qf_session *session, int fd, const char *name, const qf_model *model,
                         qf_error *error) {
    qf_writer writer = {0};
    qf_record schema = {0}, header = {0};
    qf_arrays arrays = {0};
    qf_status status = describe(model, &schema, &header, error);
    if (status == QF_OK) status = qf_model_encode(model, &arrays, error);
    if (status == QF_OK) {
        status = qf_writer_open(&writer, session, fd, name, "model", &schema, &header, error);
    }
    if (status == QF_OK) status = write_records(&writer, model, &arrays, error);
    qf_writer_free(&writer);
    qf_arrays_free(&arrays);
    qf_record_free(&header);
    qf_record_free(&schema);
    return status;
}

static qf_status read_record(qf_reader *reader, qf_record *record, qf_error *error) {
    qf_message message;
    QF_TRY(qf_reader_next(reader, &message, error));
    return qf_reader_name(reader, qf_message_record(&message, record, error), error);
}

/* What is done with the kind's probabilities. */
static qf_status read_corrections(const qf_record *header, qf_model *model, qf_error *error) {
    model->threshold = qf_record_number(header, "threshold");
    if (!(model->threshold >= 0 && model->threshold <= 1)) {
        return qf_fail(error, QF_DATA, "no threshold from 0 to 1");
    }
    if (qf_record_find(header, "odds_factor")) {
        model->odds_factor = qf_record_number(header, "odds_factor");
        if (!(model->odds_factor > 0 && isfinite(model->odds_factor))) {
            return qf_fail(error, QF_DATA, "odds_factor is not positive");
        }
    }
    if (!qf_record_find(header, "calibration")) return QF_OK;
    const char *name = qf_record_text(header, "calibration");
    int method = 0;
    while (qf_calibration_names[method] && strcmp(name, qf_calibration_names[method]) != 0)
        method++;
    if (!qf_calibration_names[method]) {
        return qf_fail(error, QF_DATA, "unknown calibration \"%.40s\"", name);
    }
    model->calibration.method = (qf_calibration_method)method;
    return QF_OK;
}

/* What the header says of the fit: kind and seed. */
static qf_status read_header(const qf_reader *reader, const qf_model_kind **kind, uint64_t *seed,
                             qf_error *error) {
    const qf_field *columns = qf_record_find(&reader->schema, "columns");
    if (!columns || columns->kind != QF_FIELD_TEXTS) {
        return qf_fail(error, QF_DATA, "the schema has no columns");
    }
    if (!qf_parse_uint64(qf_record_text(&reader->parameters, "seed"), seed)) {
        return qf_fail(error, QF_DATA, "the seed is missing");
    }
    if (qf_model_kind_find(qf_record_text(&reader->parameters, "kind"), kind, error) == QF_OK) {
        return QF_OK;
    }
    error->status = QF_DATA; /* the name came from a stream, not from the user */
    return QF_DATA;
}

/* The unfitted model that the header and the first record describe. */
static qf_status read_description(qf_reader *reader, qf_model *model, qf_error *error) {
    const qf_model_kind *kind;
    uint64_t seed;
    QF_TRY(qf_reader_name(reader, read_header(reader, &kind, &seed, error), error));
    qf_record parameters = {0};
    QF_TRY(read_record(reader, &parameters, error));
    const qf_field *columns = qf_record_find(&reader->schema, "columns");
    qf_status status =
        qf_model_init(model, kind, columns->count, (const char *const *)columns->texts,
                      qf_record_text(&reader->schema, "target"), &parameters, seed, error);
    qf_record_free(&parameters);
    QF_TRY(qf_reader_name(reader, status, error));
    status = read_corrections(&reader->parameters, model, error);
    if (status != QF_OK) qf_model_free(model);
    return qf_reader_name(reader, status, error);
}

static qf_status read_state(qf_reader *reader, qf_model *model, qf_error *error) {
    qf_arrays arrays = {0};
    qf_record_free(&model->facts);
    qf_status status = read_record(reader, &model->facts, error);
    if (status == QF_OK) status = qf_reader_arrays(reader, &arrays, error);
    if (status == QF_OK) {
        status = qf_reader_name(reader, qf_model_decode(model, &arrays, error), error);
    }
    qf_arrays_free(&arrays);
    return status;
}

qf_status qf_model_read_stream(qf_reader *reader, qf_model *model, qf_error *error) {
    QF_TRY(read_description(reader, model, error));
    const qf_status status = read_state(reader, model, error);
    if (status != QF_OK) qf_model_free(model);
    return status;
}

qf_status qf_model_read_open(qf_reader *reader, qf_model *model, qf_error *error) {
    QF_TRY(qf_model_read_stream(reader, model, error));
    const qf_status status = qf_reader_expect_end(reader, error);
    if (status != QF_OK) qf_model_free(model);
    return status;
}

qf_status qf_model_read(qf_session *session, const char *path, qf_model *model, qf_origins *origins,
                        qf_error *error) {
    qf_reader reader;
    bool made = false;
    if (origins) *origins = (qf_origins){0};
    qf_status status = qf_reader_open(&reader, session, path, "model", error);
    if (status == QF_OK) {
        status = qf_model_read_open(&reader, model, error);
        made = status == QF_OK;
    }
    for (size_t i = 0; status == QF_OK && origins && i < reader.origins.count; i++) {
        status = qf_origins_add(origins, &reader.origins.digests[i], error);
    }
    if (status != QF_OK && made) qf_model_free(model);
    if (status != QF_OK && origins) qf_origins_free(origins);
    qf_reader_close(&reader);
    return status;
}
