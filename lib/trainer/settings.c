#include "trainer/settings.h"

#include <stdlib.h>
#include <string.h>

/* "name=value", NULL without memory; the caller frees. */
static char *make_setting(const char *option, const char *value, qf_error *error) {
    qf_bytes text = {0};
    if (qf_bytes_print(&text, error, "%s=%s", option, value) != QF_OK) {
        free(text.data);
        return NULL;
    }
    for (char *c = (char *)text.data; *c != '='; c++) {
        if (*c == '-') *c = '_';
    }
    return (char *)text.data;
}

/* Checks a setting by itself, so that a mistake is told by the option's name. */
static qf_status check(const qf_model_kind *kind, const char *option, const char *setting,
                       qf_error *error) {
    qf_record parameters = {0};
    const qf_status status = qf_parameters_set(kind, &parameters, setting, error);
    qf_record_free(&parameters);
    return status == QF_OK ? QF_OK : qf_error_context(error, "--%s", option);
}

qf_status qf_named_settings_make(const qf_model_kind *kind, const qf_option *options, size_t count,
                                 const void *given, const qf_texts *further,
                                 qf_named_settings *settings, qf_error *error) {
    qf_texts *all = &settings->all;
    all->capacity = count + further->count;
    all->items = qf_new_array(all->capacity, sizeof *all->items, error);
    settings->made = qf_new_array(count, sizeof *settings->made, error);
    if (!all->items || !settings->made) return QF_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const char *value;
        memcpy(&value, (const char *)given + options[i].offset, sizeof value);
        if (!value) continue;
        char *setting = make_setting(options[i].name, value, error);
        if (!setting) return QF_MEMORY;
        all->items[all->count++] = settings->made[settings->count++] = setting;
        QF_TRY(check(kind, options[i].name, setting, error));
    }
    for (size_t i = 0; i < further->count; i++) all->items[all->count++] = further->items[i];
    return QF_OK;
}

void qf_named_settings_free(qf_named_settings *settings) {
    for (size_t i = 0; i < settings->count; i++) free(settings->made[i]);
    free(settings->made);
    free(settings->all.items);
    *settings = (qf_named_settings){0};
}
