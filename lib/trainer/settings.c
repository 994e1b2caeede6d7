#include "trainer/settings.h"

#include <stdlib.h>
#include <string.h>

qf_status qf_settings_add(qf_texts *settings, const char *name, const char *value,
                          qf_error *error) {
    qf_bytes text = {0};
    qf_status status = qf_grow_array(&settings->items, &settings->capacity, settings->count + 1,
                                     sizeof *settings->items, error);
    if (status == QF_OK) status = qf_bytes_print(&text, error, "%s=%s", name, value);
    if (status != QF_OK) {
        free(text.data);
        return status;
    }
    for (char *c = (char *)text.data; *c != '='; c++) {
        if (*c == '-') *c = '_';
    }
    settings->items[settings->count++] = (char *)text.data;
    return QF_OK;
}

/* Checks a setting by itself, so that a mistake is told by the option's name. */
static qf_status check(const qf_model_kind *kind, const char *option, const char *setting,
                       qf_error *error) {
    qf_record parameters = {0};
    const qf_status status = qf_parameters_set(kind, &parameters, setting, error);
    qf_record_free(&parameters);
    return status == QF_OK ? QF_OK : qf_error_context(error, "--%s", option);
}

qf_status qf_settings_add_options(qf_texts *settings, const qf_model_kind *kind,
                                  const qf_option *options, size_t count, const void *given,
                                  qf_error *error) {
    for (size_t i = 0; i < count; i++) {
        const char *value;
        memcpy(&value, (const char *)given + options[i].offset, sizeof value);
        if (!value) continue;
        QF_TRY(qf_settings_add(settings, options[i].name, value, error));
        QF_TRY(check(kind, options[i].name, settings->items[settings->count - 1], error));
    }
    return QF_OK;
}

void qf_settings_free(qf_texts *settings) {
    for (size_t i = 0; i < settings->count; i++) free((char *)settings->items[i]);
    free(settings->items);
    *settings = (qf_texts){0};
}
