#include "model/model.h"

#include "base/memory.h"
#include "base/number.h"

#include <stdlib.h>
#include <string.h>

/* Rows that one task predicts: few enough to stay in cache while all trees pass over them. */
enum { CHUNK = 256 };

static qf_status fill(qf_model *model, const char *const *names, const char *target,
                      const qf_record *parameters, qf_error *error) {
    QF_TRY(qf_record_copy(parameters, &model->parameters, error));
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
    *model = (qf_model){.kind = kind,
                        .columns = columns,
                        .seed = seed,
                        .class_weights = {1, 1},
                        .odds_factor = 1,
                        .threshold = 0.5};
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
    free(model->chosen_rows.rows);
    qf_calibration_free(&model->calibration);
    *model = (qf_model){0};
}

qf_status qf_model_remember_choice(qf_model *model, const qf_table *table, qf_error *error) {
    free(model->chosen_rows.rows);
    return qf_row_set_originals(&model->chosen_rows, table, error);
}

static void weigh_classes(qf_model *model, double fraud_weight, const size_t counts[2]) {
    const double rows = (double)(counts[0] + counts[1]);
    for (size_t label = 0; label < 2; label++) {
        const double balanced = rows / (2 * (double)counts[label]);
        const double given = label ? fraud_weight : 1;
        model->class_weights[label] = fraud_weight == QF_WEIGHT_BALANCED ? balanced : given;
    }
}

/* All that comes before a fit, the same for a sweep. */
static qf_status prepare(qf_model *model, const qf_fitting *fitting, const qf_table *table,
                         qf_error *error) {
    size_t counts[2];
    qf_table_count_classes(table, counts);
    weigh_classes(model, fitting->fraud_weight, counts);
    QF_TRY(qf_row_set_originals(&model->trained_rows, table, error));
    QF_TRY(qf_row_set_parents(&model->trained_parents, table, error));
    QF_TRY(qf_record_set_integer(&model->facts, "n_train", (int64_t)table->rows, error));
    QF_TRY(qf_record_set_integer(&model->facts, "n_train_fraud", (int64_t)counts[1], error));
    if (model->class_weights[0] == model->class_weights[1]) return QF_OK;
    QF_TRY(qf_record_set_real(&model->facts, "weight_legitimate", model->class_weights[0], error));
    return qf_record_set_real(&model->facts, "weight_fraud", model->class_weights[1], error);
}

/* ---- Starting from another model ---- */

/* A parameter's value; `number` is room for one that is no text. */
static const char *print_value(const qf_model *model, const char *name,
                               char number[QF_NUMBER_TEXT]) {
    const qf_field *field = qf_record_find(&model->parameters, name);
    if (field->kind == QF_FIELD_TEXT) return field->text;
    qf_print_double(number, qf_record_number(&model->parameters, name));
    return number;
}

static qf_status check_parameter(const qf_model *model, const qf_model *start, const char *name,
                                 qf_error *error) {
    enum { SHOWN = 100 };
    char numbers[2][QF_NUMBER_TEXT];
    const char *ours = print_value(model, name, numbers[0]);
    const char *its = print_value(start, name, numbers[1]);
    if (strcmp(ours, its) == 0) return QF_OK;
    if (strlen(ours) > SHOWN || strlen(its) > SHOWN) {
        return qf_fail(error, QF_MISMATCH, "it has another %s", name);
    }
    return qf_fail(error, QF_MISMATCH, "it has %s=%s, not %s", name, its, ours);
}

/* What two models must have in common for their arrays to be for the same, columns apart. */
static qf_status check_structure(const qf_model *model, const qf_model *other, bool all,
                                 qf_error *error) {
    for (size_t i = 0; i < model->kind->parameter_count; i++) {
        const qf_parameter *parameter = &model->kind->parameters[i];
        if (all || parameter->structural) {
            QF_TRY(check_parameter(model, other, parameter->name, error));
        }
    }
    return model->kind->check_use ? model->kind->check_use(model, other, error) : QF_OK;
}

static qf_status check_kind(const qf_model *model, const qf_model *other, qf_error *error) {
    if (model->kind == other->kind) return QF_OK;
    return qf_fail(error, QF_MISMATCH, "it is of kind %s, not %s", other->kind->name,
                   model->kind->name);
}

/* The first thing in which a model to start from is not the model's like. */
static qf_status check_start(const qf_model *model, const qf_model *start, const qf_table *table,
                             qf_error *error) {
    QF_TRY(check_kind(model, start, error));
    QF_TRY(qf_table_check_columns(start->columns, (const char *const *)start->names, table, error));
    return check_structure(model, start, false, error);
}

qf_status qf_model_check_alike(const qf_model *model, const qf_model *other, qf_error *error) {
    QF_TRY(check_kind(model, other, error));
    if (model->columns != other->columns) {
        return qf_fail(error, QF_MISMATCH, "it has %zu columns, not %zu", other->columns,
                       model->columns);
    }
    for (size_t c = 0; c < model->columns; c++) {
        if (strcmp(model->names[c], other->names[c]) == 0) continue;
        return qf_fail(error, QF_MISMATCH, "its column %zu is \"%s\", not \"%s\"", c + 1,
                       other->names[c], model->names[c]);
    }
    if (strcmp(model->target, other->target) != 0) {
        return qf_fail(error, QF_MISMATCH, "its target is \"%s\", not \"%s\"", other->target,
                       model->target);
    }
    return check_structure(model, other, true, error);
}

qf_status qf_model_blank(qf_model *model, qf_error *error) {
    static const qf_arrays none = {0};
    if (model->kind->trainable) return model->kind->decode(model, &none, error);
    return qf_fail(error, QF_MISMATCH, "a %s has no trainable arrays", model->kind->name);
}

static qf_status copy_trainable(const qf_model *from, const qf_model *to, qf_error *error) {
    qf_trainables source = {0}, target = {0};
    qf_status status = qf_model_trainable(from, &source, error);
    if (status == QF_OK) status = qf_model_trainable(to, &target, error);
    if (status == QF_OK) status = qf_trainables_copy(&source, &target, error);
    qf_trainables_free(&source);
    qf_trainables_free(&target);
    return status;
}

/* The state where the fit begins. */
static qf_status begin(qf_model *model, const qf_model *start, const qf_table *table,
                       const qf_run *run, qf_error *error) {
    if (model->kind->begin) QF_TRY(model->kind->begin(model, run, error));
    if (!start) return QF_OK;
    qf_status status = QF_OK;
    if (!model->kind->begin) {
        status = qf_fail(error, QF_MISMATCH, "a %s begins from rows alone", model->kind->name);
    }
    if (status == QF_OK) status = check_start(model, start, table, error);
    if (status == QF_OK) status = copy_trainable(start, model, error);
    return status == QF_OK ? QF_OK : qf_error_context(error, "the model to start from");
}

qf_status qf_model_trainable(const qf_model *model, qf_trainables *list, qf_error *error) {
    if (model->kind->trainable) return model->kind->trainable(model, list, error);
    return qf_fail(error, QF_MISMATCH, "a %s has no trainable arrays", model->kind->name);
}

qf_status qf_model_remember_start(qf_model *model, const qf_model *start, qf_error *error) {
    QF_TRY(qf_row_set_add(&model->trained_rows, &start->trained_rows, error));
    QF_TRY(qf_row_set_add(&model->trained_parents, &start->trained_parents, error));
    return qf_row_set_add(&model->chosen_rows, &start->chosen_rows, error);
}

/* ---- Fitting ---- */

static qf_status start(const qf_fitting *fitting, const qf_table *table, const qf_run *run,
                       qf_model *model, qf_error *error) {
    QF_TRY(qf_table_require_classes(table, 1, error));
    QF_TRY(qf_model_init(model, fitting->kind, table->columns, (const char *const *)table->names,
                         table->target, fitting->parameters, fitting->seed, error));
    qf_status status = prepare(model, fitting, table, error);
    if (status == QF_OK) status = begin(model, fitting->start, table, run, error);
    if (status != QF_OK) qf_model_free(model);
    return status;
}

qf_status qf_model_fit(const qf_fitting *fitting, const qf_table *table, const qf_run *run,
                       qf_model *model, qf_error *error) {
    QF_TRY(start(fitting, table, run, model, error));
    const qf_status status = model->kind->fit(model, table, run, error);
    if (status != QF_OK) qf_model_free(model);
    return status;
}

static qf_status set_parameter(qf_record *parameters, const char *name, double value,
                               qf_error *error) {
    const qf_field *field = qf_record_find(parameters, name);
    if (!field) return qf_fail(error, QF_INTERNAL, "no parameter \"%s\" to sweep", name);
    return field->kind == QF_FIELD_REAL
               ? qf_record_set_real(parameters, name, value, error)
               : qf_record_set_integer(parameters, name, (int64_t)value, error);
}

/* The copy of the fitting's parameters with one of them at a value. */
static qf_status parameters_at(const qf_fitting *fitting, const qf_sweep *sweep, size_t value,
                               qf_record *parameters, qf_error *error) {
    QF_TRY(qf_record_copy(fitting->parameters, parameters, error));
    return set_parameter(parameters, sweep->parameter, sweep->values[value], error);
}

static qf_status fit_and_visit(const qf_fitting *fitting, const qf_table *table,
                               const qf_sweep *sweep, size_t value, const qf_run *run,
                               qf_error *error) {
    qf_record parameters = {0};
    qf_model model;
    qf_fitting at = *fitting;
    at.parameters = &parameters;
    qf_status status = parameters_at(fitting, sweep, value, &parameters, error);
    if (status == QF_OK) status = qf_model_fit(&at, table, run, &model, error);
    if (status == QF_OK) {
        status = qf_model_show(&model, sweep, value, run, error);
        qf_model_free(&model);
    }
    qf_record_free(&parameters);
    return status;
}

qf_status qf_model_sweep(const qf_fitting *fitting, const qf_table *table, const qf_sweep *sweep,
                         const qf_run *run, qf_error *error) {
    const char *swept = fitting->kind->swept;
    if (!swept || strcmp(swept, sweep->parameter) != 0) {
        for (size_t i = 0; i < sweep->count; i++) {
            QF_TRY(fit_and_visit(fitting, table, sweep, i, run, error));
        }
        return QF_OK;
    }
    qf_model model;
    QF_TRY(start(fitting, table, run, &model, error));
    const qf_status status = model.kind->sweep(&model, table, sweep, run, error);
    qf_model_free(&model);
    return status;
}

typedef struct prediction {
    const qf_model *model;
    const qf_table *table;
    const qf_run *run;
    double *probabilities;
    size_t chunk; /* rows a task */
} prediction;

static qf_status predict_chunk(void *context, size_t index, qf_error *error) {
    const prediction *p = context;
    const size_t first = index * p->chunk, rest = p->table->rows - first;
    const size_t count = rest < p->chunk ? rest : p->chunk;
    double *probabilities = p->probabilities + first;
    QF_TRY(p->model->kind->predict(p->model, p->table->values + first * p->table->columns, count,
                                   p->run, probabilities, error));
    qf_prior_correct(p->model->odds_factor, probabilities, count);
    qf_calibration_apply(&p->model->calibration, probabilities, count);
    return QF_OK;
}

static uint8_t seen_bits(const qf_model *model, const qf_origin *origin) {
    /* A synthetic row has no number of its own, so only its parents can have been seen. */
    if (origin->neighbour >= 0) {
        const bool seen = qf_row_set_holds(&model->trained_rows, origin->row) ||
                          qf_row_set_holds(&model->trained_rows, origin->neighbour) ||
                          qf_row_set_holds(&model->trained_parents, origin->row) ||
                          qf_row_set_holds(&model->trained_parents, origin->neighbour);
        return seen ? QF_SEEN_PARENT : 0;
    }
    return (uint8_t)((qf_row_set_holds(&model->trained_rows, origin->row) ? QF_SEEN_ROW : 0) |
                     (qf_row_set_holds(&model->trained_parents, origin->row) ? QF_SEEN_PARENT : 0) |
                     (qf_row_set_holds(&model->chosen_rows, origin->row) ? QF_SEEN_CHOICE : 0));
}

qf_status qf_model_probabilities(const qf_model *model, const qf_table *table, const qf_run *run,
                                 double *probabilities, qf_error *error) {
    const size_t chunk = model->kind->divides ? table->rows : CHUNK;
    if (table->rows == 0) return QF_OK;
    prediction p = {model, table, run, probabilities, chunk};
    return qf_parallel(run, (table->rows + chunk - 1) / chunk, predict_chunk, &p, error);
}

qf_status qf_model_show(const qf_model *model, const qf_sweep *sweep, size_t value,
                        const qf_run *run, qf_error *error) {
    for (size_t t = 0; t < sweep->table_count; t++) {
        const qf_table *table = sweep->tables[t];
        double *probabilities = qf_new_array(table->rows, sizeof *probabilities, error);
        if (!probabilities) return QF_MEMORY;
        qf_status status = qf_model_probabilities(model, table, run, probabilities, error);
        if (status == QF_OK) {
            status =
                sweep->visit(sweep->listener, value, t, probabilities, model->threshold, error);
        }
        free(probabilities);
        QF_TRY(status);
    }
    return QF_OK;
}

qf_status qf_model_predict(const qf_model *model, const qf_table *table, const qf_run *run,
                           qf_scores *scores, qf_error *error) {
    QF_TRY(qf_table_check_columns(model->columns, (const char *const *)model->names, table, error));
    QF_TRY(qf_scores_reserve(scores, table->rows, error));
    QF_TRY(qf_model_probabilities(model, table, run, scores->probabilities, error));
    for (size_t r = 0; r < table->rows; r++) {
        scores->labels[r] = table->labels[r];
        scores->origins[r] = table->origins[r];
        scores->seen[r] = seen_bits(model, &table->origins[r]);
    }
    scores->count = table->rows;
    scores->threshold = model->threshold;
    return QF_OK;
}

static qf_status encode_set(qf_arrays *arrays, const char *name, const qf_row_set *set,
                            qf_error *error) {
    return qf_arrays_add(arrays, name, QF_I64, set->count, 1, set->rows, error);
}

static qf_status encode_state(const qf_model *model, qf_arrays *arrays, qf_error *error) {
    if (model->kind->encode) return model->kind->encode(model, arrays, error);
    qf_trainables list = {0};
    qf_status status = qf_model_trainable(model, &list, error);
    if (status == QF_OK) status = qf_trainables_encode(&list, arrays, error);
    qf_trainables_free(&list);
    return status;
}

qf_status qf_model_encode(const qf_model *model, qf_arrays *arrays, qf_error *error) {
    QF_TRY(encode_state(model, arrays, error));
    QF_TRY(qf_calibration_encode(&model->calibration, arrays, error));
    return qf_model_encode_rows(model, arrays, error);
}

qf_status qf_model_encode_rows(const qf_model *model, qf_arrays *arrays, qf_error *error) {
    QF_TRY(encode_set(arrays, "trained_rows", &model->trained_rows, error));
    QF_TRY(encode_set(arrays, "trained_parents", &model->trained_parents, error));
    return encode_set(arrays, "chosen_rows", &model->chosen_rows, error);
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

static qf_status decode_state(qf_model *model, const qf_arrays *arrays, qf_error *error) {
    QF_TRY(model->kind->decode(model, arrays, error));
    if (model->kind->encode) return QF_OK;
    qf_trainables list = {0};
    qf_status status = qf_model_trainable(model, &list, error);
    if (status == QF_OK) status = qf_trainables_decode(&list, arrays, error);
    qf_trainables_free(&list);
    return status;
}

qf_status qf_model_decode_rows(qf_model *model, const qf_arrays *arrays, qf_error *error) {
    QF_TRY(decode_set(arrays, "trained_rows", &model->trained_rows, error));
    QF_TRY(decode_set(arrays, "trained_parents", &model->trained_parents, error));
    return decode_set(arrays, "chosen_rows", &model->chosen_rows, error);
}

qf_status qf_model_decode(qf_model *model, const qf_arrays *arrays, qf_error *error) {
    QF_TRY(qf_model_decode_rows(model, arrays, error));
    QF_TRY(qf_calibration_decode(&model->calibration, arrays, error));
    return decode_state(model, arrays, error);
}
