#include "model/model.h"

#include "base/memory.h"

#include <stdlib.h>

/* Rows that one task predicts: few enough to stay in cache while all trees pass over them. */
enum { CHUNK = 256 };

static qf_status copy_parameters(const qf_record *from, qf_record *to, qf_error *error) {
    for (size_t i = 0; i < from->count; i++) {
        const qf_field *f = &from->fields[i];
        if (f->kind == QF_FIELD_TEXT) QF_TRY(qf_record_set_text(to, f->name, f->text, error));
        if (f->kind == QF_FIELD_REAL) QF_TRY(qf_record_set_real(to, f->name, f->real, error));
        if (f->kind == QF_FIELD_INTEGER) {
            QF_TRY(qf_record_set_integer(to, f->name, f->integer, error));
        }
    }
    return QF_OK;
}

static qf_status fill(qf_model *model, const char *const *names, const char *target,
                      const qf_record *parameters, qf_error *error) {
    QF_TRY(copy_parameters(parameters, &model->parameters, error));
    model->target = qf_copy_text(target, error);
    model->names = qf_new_array(model->columns, sizeof *model->names, error);
    if (!model->target || !model->names) return QF_MEMORY;
    for (size_t c = 0; c < model->columns; c++) {
        model->names[c] = qf_copy_text(names[c], error);
        if (!model->names[c]) return QF_MEMORY;
    }
    return QF_OK;
}

qf_status qf_model_init(qf_model *model, const qf_model_kind *kind, size_t columns,
                        const char *const *names, const char *target, const qf_record *parameters,
                        uint64_t seed, qf_error *error) {
    *model = (qf_model){.kind = kind, .columns = columns, .seed = seed, .threshold = 0.5};
    QF_TRY(qf_parameters_check(kind, parameters, error));
    const qf_status status = fill(model, names, target, parameters, error);
    if (status != QF_OK) qf_model_free(model);
    return status;
}

void qf_model_free(qf_model *model) {
    if (model->state) model->kind->free(model->state);
    qf_record_free(&model->parameters);
    qf_record_free(&model->facts);
    for (size_t c = 0; model->names && c < model->columns; c++) free(model->names[c]);
    free(model->names);
    free(model->target);
    free(model->trained_rows.rows);
    free(model->trained_parents.rows);
    *model = (qf_model){0};
}

static int compare_rows(const void *a, const void *b) {
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void sort_set(qf_row_set *set) {
    qsort(set->rows, set->count, sizeof *set->rows, compare_rows);
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (kept == 0 || set->rows[i] != set->rows[kept - 1]) set->rows[kept++] = set->rows[i];
    }
    set->count = kept;
}

static bool set_holds(const qf_row_set *set, int64_t row) {
    return bsearch(&row, set->rows, set->count, sizeof row, compare_rows) != NULL;
}

static qf_status remember_rows(qf_model *model, const qf_table *table, qf_error *error) {
    qf_row_set *rows = &model->trained_rows, *parents = &model->trained_parents;
    rows->rows = qf_new_array(table->rows, sizeof *rows->rows, error);
    parents->rows = qf_new_array(table->rows, 2 * sizeof *parents->rows, error);
    if (!rows->rows || !parents->rows) return QF_MEMORY;
    for (size_t r = 0; r < table->rows; r++) {
        const qf_origin *origin = &table->origins[r];
        if (origin->neighbour < 0) {
            rows->rows[rows->count++] = origin->row;
        } else {
            parents->rows[parents->count++] = origin->row;
            parents->rows[parents->count++] = origin->neighbour;
        }
    }
    sort_set(rows);
    sort_set(parents);
    return QF_OK;
}

static qf_status fit(qf_model *model, const qf_table *table, const qf_run *run, qf_error *error) {
    size_t counts[2];
    qf_table_count_classes(table, counts);
    QF_TRY(remember_rows(model, table, error));
    QF_TRY(qf_record_set_integer(&model->facts, "n_train", (int64_t)table->rows, error));
    QF_TRY(qf_record_set_integer(&model->facts, "n_train_fraud", (int64_t)counts[1], error));
    return model->kind->fit(model, table, run, error);
}

qf_status qf_model_fit(const qf_model_kind *kind, const qf_table *table,
                       const qf_record *parameters, uint64_t seed, const qf_run *run,
                       qf_model *model, qf_error *error) {
    QF_TRY(qf_table_require_classes(table, 1, error));
    QF_TRY(qf_model_init(model, kind, table->columns, (const char *const *)table->names,
                         table->target, parameters, seed, error));
    const qf_status status = fit(model, table, run, error);
    if (status != QF_OK) qf_model_free(model);
    return status;
}

typedef struct prediction {
    const qf_model *model;
    const qf_table *table;
    const qf_run *run;
    double *probabilities;
} prediction;

static qf_status predict_chunk(void *context, size_t index, qf_error *error) {
    const prediction *p = context;
    const size_t first = index * CHUNK, rest = p->table->rows - first;
    return p->model->kind->predict(p->model, p->table->values + first * p->table->columns,
                                   rest < CHUNK ? rest : CHUNK, p->run, p->probabilities + first,
                                   error);
}

static uint8_t seen_bits(const qf_model *model, const qf_origin *origin) {
    /* A synthetic row has no number of its own, so only its parents can have been seen. */
    if (origin->neighbour >= 0) {
        const bool seen = set_holds(&model->trained_rows, origin->row) ||
                          set_holds(&model->trained_rows, origin->neighbour) ||
                          set_holds(&model->trained_parents, origin->row) ||
                          set_holds(&model->trained_parents, origin->neighbour);
        return seen ? QF_SEEN_PARENT : 0;
    }
    return (uint8_t)((set_holds(&model->trained_rows, origin->row) ? QF_SEEN_ROW : 0) |
                     (set_holds(&model->trained_parents, origin->row) ? QF_SEEN_PARENT : 0));
}

qf_status qf_model_predict(const qf_model *model, const qf_table *table, const qf_run *run,
                           qf_scores *scores, qf_error *error) {
    QF_TRY(qf_table_check_columns(model->columns, (const char *const *)model->names, table, error));
    QF_TRY(qf_scores_reserve(scores, table->rows, error));
    prediction p = {model, table, run, scores->probabilities};
    QF_TRY(qf_parallel(run, (table->rows + CHUNK - 1) / CHUNK, predict_chunk, &p, error));
    for (size_t r = 0; r < table->rows; r++) {
        scores->labels[r] = table->labels[r];
        scores->origins[r] = table->origins[r];
        scores->seen[r] = seen_bits(model, &table->origins[r]);
    }
    scores->count = table->rows;
    scores->threshold = model->threshold;
    return QF_OK;
}

qf_status qf_model_encode(const qf_model *model, qf_arrays *arrays, qf_error *error) {
    QF_TRY(model->kind->encode(model, arrays, error));
    QF_TRY(qf_arrays_add(arrays, "trained_rows", QF_I64, model->trained_rows.count, 1,
                         model->trained_rows.rows, error));
    return qf_arrays_add(arrays, "trained_parents", QF_I64, model->trained_parents.count, 1,
                         model->trained_parents.rows, error);
}

static qf_status decode_set(const qf_arrays *arrays, const char *name, qf_row_set *set,
                            qf_error *error) {
    const qf_array *array;
    QF_TRY(qf_arrays_find(arrays, name, QF_I64, QF_ANY, 1, &array, error));
    free(set->rows);
    set->rows = qf_copy_array(array->data, array->rows, sizeof *set->rows, error);
    if (!set->rows) return QF_MEMORY;
    set->count = array->rows;
    for (size_t i = 0; i < set->count; i++) {
        if (set->rows[i] >= 0 && (i == 0 || set->rows[i] > set->rows[i - 1])) continue;
        return qf_fail(error, QF_DATA, "array \"%s\" is not ascending", name);
    }
    return QF_OK;
}

qf_status qf_model_decode(qf_model *model, const qf_arrays *arrays, qf_error *error) {
    QF_TRY(decode_set(arrays, "trained_rows", &model->trained_rows, error));
    QF_TRY(decode_set(arrays, "trained_parents", &model->trained_parents, error));
    return model->kind->decode(model, arrays, error);
}
