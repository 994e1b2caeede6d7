#include "model/grid.h"

#include "base/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void free_grid(qf_grid *grid) {
    for (size_t i = 0; grid->settings && i < grid->count; i++) free(grid->settings[i]);
    free(grid->settings);
    free(grid->values);
    free(grid->ascending);
    *grid = (qf_grid){0};
}

void qf_grids_free(qf_grids *grids) {
    for (size_t i = 0; i < grids->count; i++) free_grid(&grids->items[i]);
    free(grids->items);
    *grids = (qf_grids){0};
}

/* What is read of a grid before it is checked: the values as texts. */
typedef struct value_list {
    char **texts;
    size_t count, capacity;
} value_list;

static void free_list(value_list *list) {
    for (size_t i = 0; i < list->count; i++) free(list->texts[i]);
    free(list->texts);
}

static qf_status add_value(value_list *list, const char *text, size_t length, qf_error *error) {
    QF_TRY(
        qf_grow_array(&list->texts, &list->capacity, list->count + 1, sizeof *list->texts, error));
    char *copy = qf_new_array(length + 1, 1, error);
    if (!copy) return QF_MEMORY;
    memcpy(copy, text, length);
    list->texts[list->count++] = copy;
    return QF_OK;
}

/* Digits behind the point of a number as it is written: "0.25" 2, "1e-5" 5. */
static int decimals(const char *text, size_t length) {
    enum { MOST = 40 };
    long digits = 0, exponent = 0;
    bool fraction = false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == 'e' || text[i] == 'E') {
            exponent = strtol(text + i + 1, NULL, 10); /* it saturates */
            break;
        }
        digits += fraction && text[i] >= '0' && text[i] <= '9';
        fraction |= text[i] == '.';
    }
    if (exponent > digits) return 0;
    return exponent < digits - MOST ? MOST : (int)(digits - exponent);
}

/* Number i of a range: the decimal number, not a sum that rounding has moved. */
static qf_status add_step(value_list *list, double value, int digits, qf_error *error) {
    qf_bytes decimal = {0};
    QF_TRY(qf_bytes_print(&decimal, error, "%.*f", digits, value));
    double nearest = value;
    qf_parse_double((const char *)decimal.data, decimal.length, &nearest);
    free(decimal.data);
    char text[QF_NUMBER_TEXT];
    const size_t length = qf_print_double(text, nearest);
    return add_value(list, text, length, error);
}

static qf_status read_range(const char *text, value_list *list, qf_error *error) {
    double bounds[3] = {0, 0, 1}; /* from, to, step */
    int digits = 0;
    size_t parts = 0;
    for (const char *part = text; part; parts++) {
        const char *end = strchr(part, ':');
        const size_t length = end ? (size_t)(end - part) : strlen(part);
        if (parts == 3 || qf_parse_double(part, length, &bounds[parts]) != QF_NUMBER_VALID) {
            return qf_fail(error, QF_USAGE, "expected numbers from:to or from:to:step");
        }
        const int own = decimals(part, length);
        if (own > digits) digits = own;
        part = end ? end + 1 : NULL;
    }
    const double steps = (bounds[1] - bounds[0]) / bounds[2];
    if (!(bounds[2] > 0) || !(steps >= 0)) {
        return qf_fail(error, QF_USAGE, "expected from <= to and a step above 0");
    }
    if (steps >= QF_GRID_MAX_POINTS) {
        return qf_fail(error, QF_USAGE, "more than %d values", QF_GRID_MAX_POINTS);
    }
    const size_t last = (size_t)(steps * (1 + 1e-12) + 1e-9);
    for (size_t i = 0; i <= last; i++) {
        QF_TRY(add_step(list, bounds[0] + (double)i * bounds[2], digits, error));
    }
    return QF_OK;
}

static qf_status read_list(const char *text, value_list *list, qf_error *error) {
    for (;;) {
        const size_t length = strcspn(text, ",");
        QF_TRY(add_value(list, text, length, error));
        if (!text[length]) return QF_OK;
        text += length + 1;
    }
}

static qf_status print_setting(const qf_grid *grid, const char *value, char **setting,
                               qf_error *error) {
    qf_bytes text = {0};
    const qf_status status = qf_bytes_print(&text, error, "%s=%s", grid->parameter->name, value);
    *setting = (char *)text.data;
    return status;
}

typedef struct ranked {
    double value;
    size_t index;
} ranked;

static int compare_ranked(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static qf_status sort_values(qf_grid *grid, qf_error *error) {
    ranked *order = qf_new_array(grid->count, sizeof *order, error);
    if (!order) return QF_MEMORY;
    for (size_t i = 0; i < grid->count; i++) {
        order[i] = (ranked){grid->numeric ? grid->values[i] : 0, i};
    }
    qsort(order, grid->count, sizeof *order, compare_ranked);
    for (size_t i = 0; i < grid->count; i++) grid->ascending[i] = order[i].index;
    free(order);
    return QF_OK;
}

/* Of words by comparing all, of numbers by their order. */
static qf_status refuse_repetitions(const qf_grid *grid, qf_error *error) {
    for (size_t i = 1; i < grid->count; i++) {
        const size_t now = grid->ascending[i];
        for (size_t j = grid->numeric ? i - 1 : 0; j < i; j++) {
            const size_t before = grid->ascending[j];
            const bool same = isnan(grid->values[now])
                                  ? strcmp(grid->settings[now], grid->settings[before]) == 0
                                  : grid->values[now] == grid->values[before];
            if (same) return qf_fail(error, QF_USAGE, "%s stands twice", grid->settings[now]);
        }
    }
    return QF_OK;
}

static qf_status fill(qf_grid *grid, const qf_model_kind *kind, const value_list *list,
                      qf_error *error) {
    grid->settings = qf_new_array(list->count, sizeof *grid->settings, error);
    grid->values = qf_new_array(list->count, sizeof *grid->values, error);
    grid->ascending = qf_new_array(list->count, sizeof *grid->ascending, error);
    if (!grid->settings || !grid->values || !grid->ascending) return QF_MEMORY;
    qf_record parameters = {0};
    qf_status status = QF_OK;
    grid->numeric = true;
    for (size_t i = 0; status == QF_OK && i < list->count; i++) {
        status = print_setting(grid, list->texts[i], &grid->settings[grid->count++], error);
        if (status == QF_OK) {
            status = qf_parameters_set(kind, &parameters, grid->settings[i], error);
        }
        if (status != QF_OK) break;
        grid->values[i] = qf_record_number(&parameters, grid->parameter->name);
        grid->numeric &= !isnan(grid->values[i]);
    }
    qf_record_free(&parameters);
    if (status == QF_OK) status = sort_values(grid, error);
    return status == QF_OK ? refuse_repetitions(grid, error) : status;
}

static const qf_parameter *find_parameter(const qf_model_kind *kind, const char *text,
                                          size_t length) {
    for (size_t i = 0; i < kind->parameter_count; i++) {
        const char *name = kind->parameters[i].name;
        if (strlen(name) == length && strncmp(name, text, length) == 0) return &kind->parameters[i];
    }
    return NULL;
}

static qf_status read_grid(const qf_model_kind *kind, const char *text, qf_grid *grid,
                           qf_error *error) {
    const char *equals = strchr(text, '=');
    if (!equals) {
        return qf_fail(error, QF_USAGE, "\"%s\": expected NAME=FROM:TO[:STEP] or NAME=A,B,C", text);
    }
    grid->parameter = find_parameter(kind, text, (size_t)(equals - text));
    if (!grid->parameter) {
        qf_record none = {0};
        const qf_status status = qf_parameters_set(kind, &none, text, error); /* says which */
        qf_record_free(&none);
        return status;
    }
    value_list list = {0};
    qf_status status = strchr(equals, ':') ? read_range(equals + 1, &list, error)
                                           : read_list(equals + 1, &list, error);
    if (status == QF_USAGE) qf_error_context(error, "\"%s\"", text);
    if (status == QF_OK) status = fill(grid, kind, &list, error);
    free_list(&list);
    return status;
}

static qf_status check_among(const qf_grids *grids, const qf_grid *grid, qf_error *error) {
    for (size_t i = 0; i < grids->count; i++) {
        if (grids->items[i].parameter == grid->parameter) {
            return qf_fail(error, QF_USAGE, "%s has a grid already", grid->parameter->name);
        }
    }
    const size_t before = grids->count ? grids->points : 1;
    if (grid->count <= QF_GRID_MAX_POINTS / before) return QF_OK;
    return qf_fail(error, QF_USAGE, "more than %d combinations", QF_GRID_MAX_POINTS);
}

qf_status qf_grids_add(qf_grids *grids, const qf_model_kind *kind, const char *text,
                       qf_error *error) {
    qf_grid grid = {0};
    qf_status status = read_grid(kind, text, &grid, error);
    if (status == QF_OK) status = check_among(grids, &grid, error);
    if (status == QF_OK) {
        status = qf_grow_array(&grids->items, &grids->capacity, grids->count + 1,
                               sizeof *grids->items, error);
    }
    if (status != QF_OK) {
        free_grid(&grid);
        return status;
    }
    grids->kind = kind;
    grids->points = grid.count * (grids->count ? grids->points : 1);
    grids->items[grids->count++] = grid;
    return QF_OK;
}

size_t qf_grids_stride(const qf_grids *grids, size_t grid) {
    size_t stride = 1;
    for (size_t g = grid + 1; g < grids->count; g++) stride *= grids->items[g].count;
    return stride;
}

size_t qf_grids_index(const qf_grids *grids, size_t grid, size_t point) {
    return point / qf_grids_stride(grids, grid) % grids->items[grid].count;
}

qf_status qf_grids_set(const qf_grids *grids, size_t point, qf_record *parameters,
                       qf_error *error) {
    for (size_t g = 0; g < grids->count; g++) {
        const char *setting = grids->items[g].settings[qf_grids_index(grids, g, point)];
        QF_TRY(qf_parameters_set(grids->kind, parameters, setting, error));
    }
    return QF_OK;
}

qf_status qf_grids_print(const qf_grids *grids, size_t point, qf_bytes *text, qf_error *error) {
    for (size_t g = 0; g < grids->count; g++) {
        const char *setting = grids->items[g].settings[qf_grids_index(grids, g, point)];
        QF_TRY(qf_bytes_print(text, error, "%s%s", g ? "," : "", setting));
    }
    return QF_OK;
}
