#include "model/qnn_noise.h"

#include "model/qnn_net.h"

#include <stdlib.h>
#include <string.h>

static qf_status set(qf_model *model, const char *name, const char *value, qf_error *error) {
    qf_bytes setting = {0};
    if (!value) return QF_OK;
    qf_status status = qf_bytes_print(&setting, error, "%s=%s", name, value);
    if (status == QF_OK) {
        status =
            qf_parameters_set(model->kind, &model->parameters, (const char *)setting.data, error);
    }
    free(setting.data);
    return status;
}

static qf_status set_facts(qf_model *model, qf_error *error) {
    const qf_layer_options *options = &((const qf_qnn *)model->state)->options;
    const char *noise = qf_record_text(&model->parameters, "noise");
    const char *place = qf_record_text(&model->parameters, "noise_at");
    if (options->shots == 0 && qf_noise_is_none(&options->noise)) return QF_OK;
    QF_TRY(qf_record_set_text(&model->facts, "noise", noise, error));
    QF_TRY(qf_record_set_text(&model->facts, "noise_at", place, error));
    return qf_record_set_integer(&model->facts, "shots", (int64_t)options->shots, error);
}

static qf_status disturb(qf_model *model, const qf_disturbance *d, qf_error *error) {
    QF_TRY(set(model, "noise", d->noise, error));
    QF_TRY(set(model, "noise_at", d->noise_at, error));
    QF_TRY(set(model, "shots", d->shots, error));
    QF_TRY(qf_qnn_disturb(model, d->seed, error));
    return set_facts(model, error);
}

qf_status qf_model_disturb(qf_model *model, const qf_disturbance *disturbance, qf_error *error) {
    const qf_disturbance *d = disturbance;
    const bool asked = d->noise || d->noise_at || d->shots;
    if (strcmp(model->kind->name, "qnn") != 0) {
        if (!asked) return QF_OK;
        return qf_fail(error, QF_MISMATCH,
                       "noise and shots are for quantum networks: the model is of kind %s",
                       model->kind->name);
    }
    if (qf_qnn_has_circuit(model->state)) return disturb(model, d, error);
    if (!asked) return QF_OK;
    return qf_fail(error, QF_MISMATCH,
                   "noise and shots need a circuit: the model is the twin \"%s\"",
                   qf_record_text(&model->parameters, "quantum"));
}

bool qf_model_is_random(const qf_model *model) {
    return strcmp(model->kind->name, "qnn") == 0 && qf_qnn_is_random(model->state);
}
