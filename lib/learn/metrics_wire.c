#include "learn/metrics_wire.h"

#include "learn/violations_wire.h"

#include <math.h>
#include <stdlib.h>

static qf_status copy_number(const qf_reader *reader, const char *name, qf_record *record,
                             qf_error *error) {
    const qf_field *field = qf_record_find(&reader->parameters, name);
    return field && field->kind == QF_FIELD_INTEGER
               ? qf_record_set_integer(record, name, field->integer, error)
               : qf_record_set_real(record, name, NAN, error);
}

/* What the fit told: of a quantum kernel, of its epochs. */
static qf_status copy_facts(const qf_reader *reader, qf_record *record, qf_error *error) {
    static const char *const names[] = {"wires",
                                        "kernel_mean",
                                        "kernel_variance",
                                        "kernel_alignment",
                                        "epoch_loss",
                                        "epoch_accuracy",
                                        "validation_loss",
                                        "validation_accuracy",
                                        "angles_beyond_pi",
                                        "largest_angle",
                                        "live_parameters"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const qf_field *field = qf_record_find(&reader->parameters, names[i]);
        if (!field) continue;
        if (field->kind == QF_FIELD_REALS) {
            QF_TRY(qf_record_set_reals(record, names[i], field->reals, field->count, error));
        } else if (field->kind == QF_FIELD_REAL) {
            QF_TRY(qf_record_set_real(record, names[i], field->real, error));
        } else if (field->kind == QF_FIELD_INTEGER) {
            QF_TRY(qf_record_set_integer(record, names[i], field->integer, error));
        }
    }
    return QF_OK;
}

qf_status qf_metrics_add_evidence(const qf_reader *reader, const qf_scores *scores,
                                  qf_record *record, qf_error *error) {
    const qf_input *inputs = reader->trailer_inputs;
    const size_t count = reader->trailer_input_count;
    QF_TRY(copy_number(reader, "n_train", record, error));
    QF_TRY(copy_number(reader, "n_train_original", record, error));
    QF_TRY(qf_scores_describe(scores, record, error));
    QF_TRY(qf_record_set_text(record, "setting", qf_record_text(&reader->parameters, "setting"),
                              error));
    QF_TRY(copy_facts(reader, record, error));
    qf_bytes codes = {0}, digest = {0};
    qf_status status = qf_bytes_append(&codes, "", 0, error);
    if (status == QF_OK) status = qf_bytes_append(&digest, "", 0, error);
    if (status == QF_OK) {
        status = qf_violations_find(reader->provenance, scores, inputs, count, &codes, error);
    }
    if (status == QF_OK) status = qf_data_digest(inputs, count, &digest, error);
    if (status == QF_OK) {
        status = qf_record_set_text(record, "violations", (const char *)codes.data, error);
    }
    if (status == QF_OK) {
        status = qf_record_set_text(record, "data_digest", (const char *)digest.data, error);
    }
    free(codes.data);
    free(digest.data);
    return status;
}
