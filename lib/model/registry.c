#include "base/memory.h"
#include "base/number.h"
#include "model/model.h"
#include "model/sizes.h"

#include <stdlib.h>
#include <string.h>

/* The registry: a row here and lib/model/NAME_model.c, which defines qf_model_kind_NAME, are a
 * model. */
#define KINDS(ROW)                                                                                 \
    ROW(dummy)                                                                                     \
    ROW(tree)                                                                                      \
    ROW(forest)                                                                                    \
    ROW(adaboost)                                                                                  \
    ROW(mlp)                                                                                       \
    ROW(logistic)                                                                                  \
    ROW(qnn)                                                                                       \
    ROW(svm)                                                                                       \
    ROW(knn)                                                                                       \
    ROW(xgboost)

#define DECLARE(name) extern const qf_model_kind qf_model_kind_##name;
#define ADDRESS(name) &qf_model_kind_##name,
KINDS(DECLARE)
static const qf_model_kind *const kinds[] = {KINDS(ADDRESS)};

const qf_model_kind *const *qf_model_kinds(size_t *count) {
    *count = sizeof kinds / sizeof *kinds;
    return kinds;
}

/* "a, b or c" of the names that `name_of` gives; the caller frees. NULL without memory. */
static char *list_names(const void *items, size_t count,
                        const char *(*name_of)(const void *items, size_t index), qf_error *error) {
    qf_bytes list = {0};
    qf_status status = qf_bytes_print(&list, error, "%s", "");
    for (size_t i = 0; status == QF_OK && i < count; i++) {
        const char *before = i == 0 ? "" : i + 1 == count ? " or " : ", ";
        status = qf_bytes_print(&list, error, "%s%s", before, name_of(items, i));
    }
    if (status == QF_OK) return (char *)list.data;
    free(list.data);
    return NULL;
}

static const char *kind_name(const void *items, size_t index) {
    return ((const qf_model_kind *const *)items)[index]->name;
}

static const char *parameter_name(const void *items, size_t index) {
    return ((const qf_parameter *)items)[index].name;
}

static const char *word_name(const void *items, size_t index) {
    return ((const char *const *)items)[index];
}

qf_status qf_model_kind_find(const char *name, const qf_model_kind **kind, qf_error *error) {
    size_t count;
    qf_model_kinds(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(kinds[i]->name, name) != 0) continue;
        *kind = kinds[i];
        return QF_OK;
    }
    char *names = list_names(kinds, count, kind_name, error);
    if (!names) return QF_MEMORY;
    const qf_status status = qf_fail(error, QF_USAGE, "no model \"%s\": expected %s", name, names);
    free(names);
    return status;
}

static size_t word_count(const qf_parameter *parameter) {
    size_t count = 0;
    while (parameter->words && parameter->words[count]) count++;
    return count;
}

static bool is_word(const qf_parameter *parameter, const char *text) {
    for (size_t i = 0; i < word_count(parameter); i++) {
        if (strcmp(parameter->words[i], text) == 0) return true;
    }
    return false;
}

static bool in_range(const qf_parameter *parameter, double value) {
    return value >= parameter->minimum && value <= parameter->maximum;
}

qf_status qf_parameter_print_range(const qf_parameter *parameter, qf_bytes *text, qf_error *error) {
    char *words = list_names(parameter->words, word_count(parameter), word_name, error);
    if (!words) return QF_MEMORY;
    char low[QF_NUMBER_TEXT], high[QF_NUMBER_TEXT];
    qf_print_double(low, parameter->minimum);
    qf_print_double(high, parameter->maximum);
    qf_status status;
    if (parameter->kind == QF_PARAMETER_WORD) {
        status = qf_bytes_print(text, error, "%s", words);
    } else if (parameter->kind == QF_PARAMETER_TEXT) {
        status = qf_bytes_print(text, error, "a text of 1 to %d characters", QF_PARAMETER_LENGTH);
    } else if (parameter->kind == QF_PARAMETER_LINES) {
        status = qf_bytes_print(text, error, "lines of text, or %s", words);
    } else if (parameter->kind == QF_PARAMETER_SIZES) {
        status =
            qf_bytes_print(text, error, "whole numbers from %s to %s joined by '-', %d at most",
                           low, high, QF_SIZES_MAX);
    } else {
        status = qf_bytes_print(text, error, "%s from %s to %s%s%s",
                                parameter->kind == QF_PARAMETER_INTEGER ? "an integer" : "a number",
                                low, high, *words ? ", or " : "", words);
    }
    free(words);
    return status;
}

static qf_status refuse(const qf_parameter *parameter, const char *text, qf_error *error) {
    qf_bytes range = {0};
    qf_status status = qf_parameter_print_range(parameter, &range, error);
    if (status == QF_OK) {
        status = qf_fail(error, QF_USAGE, "%s=%s: expected %s", parameter->name, text,
                         (const char *)range.data);
    }
    free(range.data);
    return status;
}

static bool is_printable(const char *text, bool lines) {
    for (; *text; text++) {
        const bool blank = lines && strchr("\t\n\r", *text);
        if (!blank && ((unsigned char)*text < 0x20 || *text == 0x7f)) return false;
    }
    return true;
}

static bool is_text(const qf_parameter *parameter, const char *text) {
    size_t sizes[QF_SIZES_MAX], count;
    if (is_word(parameter, text)) return true;
    switch (parameter->kind) {
    case QF_PARAMETER_TEXT:
        return *text && strlen(text) <= QF_PARAMETER_LENGTH && is_printable(text, false);
    case QF_PARAMETER_LINES:
        return *text && is_printable(text, true);
    case QF_PARAMETER_SIZES:
        return qf_sizes_parse(text, sizes, &count);
    default:
        return false;
    }
}

static qf_status set_value(const qf_parameter *parameter, qf_record *parameters, const char *text,
                           qf_error *error) {
    if (is_text(parameter, text)) {
        return qf_record_set_text(parameters, parameter->name, text, error);
    }
    int64_t integer;
    double real;
    if (parameter->kind == QF_PARAMETER_INTEGER &&
        qf_parse_int64(text, INT64_MIN, INT64_MAX, &integer) &&
        in_range(parameter, (double)integer)) {
        return qf_record_set_integer(parameters, parameter->name, integer, error);
    }
    if (parameter->kind == QF_PARAMETER_REAL &&
        qf_parse_double(text, strlen(text), &real) == QF_NUMBER_VALID &&
        in_range(parameter, real)) {
        return qf_record_set_real(parameters, parameter->name, real, error);
    }
    return refuse(parameter, text, error);
}

qf_status qf_parameters_default(const qf_model_kind *kind, qf_record *parameters, qf_error *error) {
    for (size_t i = 0; i < kind->parameter_count; i++) {
        const qf_parameter *parameter = &kind->parameters[i];
        QF_TRY(set_value(parameter, parameters, parameter->initial, error));
    }
    return QF_OK;
}

qf_status qf_parameters_set(const qf_model_kind *kind, qf_record *parameters, const char *setting,
                            qf_error *error) {
    const char *equals = strchr(setting, '=');
    if (!equals) return qf_fail(error, QF_USAGE, "\"%s\": expected NAME=VALUE", setting);
    const size_t length = (size_t)(equals - setting);
    for (size_t i = 0; i < kind->parameter_count; i++) {
        const qf_parameter *parameter = &kind->parameters[i];
        if (strncmp(parameter->name, setting, length) == 0 && !parameter->name[length]) {
            return set_value(parameter, parameters, equals + 1, error);
        }
    }
    char *names = list_names(kind->parameters, kind->parameter_count, parameter_name, error);
    if (!names) return QF_MEMORY;
    qf_fail(error, QF_USAGE, "%s has no parameter \"%.*s\": expected %s", kind->name, (int)length,
            setting, names);
    free(names);
    return QF_USAGE;
}

static bool is_valid(const qf_parameter *parameter, const qf_field *field) {
    if (strcmp(field->name, parameter->name) != 0) return false;
    if (field->kind == QF_FIELD_TEXT) return is_text(parameter, field->text);
    if (field->kind == QF_FIELD_INTEGER) {
        return parameter->kind == QF_PARAMETER_INTEGER &&
               in_range(parameter, (double)field->integer);
    }
    return field->kind == QF_FIELD_REAL && parameter->kind == QF_PARAMETER_REAL &&
           in_range(parameter, field->real);
}

qf_status qf_parameters_check(const qf_model_kind *kind, const qf_record *parameters,
                              qf_error *error) {
    if (parameters->count != kind->parameter_count) {
        return qf_fail(error, QF_DATA, "%s: %zu parameters, expected %zu", kind->name,
                       parameters->count, kind->parameter_count);
    }
    for (size_t i = 0; i < kind->parameter_count; i++) {
        if (is_valid(&kind->parameters[i], &parameters->fields[i])) continue;
        return qf_fail(error, QF_DATA, "%s: parameter %zu is not a valid \"%s\"", kind->name, i + 1,
                       kind->parameters[i].name);
    }
    return QF_OK;
}
