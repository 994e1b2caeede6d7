/* k nearest neighbours. */
#include "base/memory.h"
#include "learn/knn.h"
#include "model/model.h"

#include <stdlib.h>
#include <string.h>

static const char *const weightings[] = {"uniform", "distance", NULL};

static const qf_parameter parameters[] = {
    {.name = "k",
     .kind = QF_PARAMETER_INTEGER,
     .initial = "5",
     .minimum = 1,
     .maximum = 100000,
     .help = "neighbours that vote"},
    {.name = "weights",
     .kind = QF_PARAMETER_WORD,
     .initial = "uniform",
     .words = weightings,
     .help = "uniform: votes are equal; distance: a vote weighs 1 / distance, and rows at distance "
             "0 vote alone"},
};

static qf_knn_weights weights_of(const qf_model *model) {
    const char *word = qf_record_text(&model->parameters, "weights");
    return strcmp(word, "distance") == 0 ? QF_KNN_DISTANCE : QF_KNN_UNIFORM;
}

static size_t k_of(const qf_model *model) {
    return (size_t)qf_record_number(&model->parameters, "k");
}

static qf_status require_rows(size_t k, size_t rows, qf_error *error) {
    if (k <= rows) return QF_OK;
    return qf_fail(error, QF_DATA, "k=%zu neighbours are asked for, there are %zu rows", k, rows);
}

static qf_status remember(qf_model *model, const qf_table *table, size_t k, qf_error *error) {
    qf_knn *knn;
    QF_TRY(require_rows(k, table->rows, error));
    QF_TRY(qf_knn_new(table, model->class_weights, &knn, error));
    model->state = knn;
    return QF_OK;
}

static qf_status fit(qf_model *model, const qf_table *table, const qf_run *run, qf_error *error) {
    (void)run;
    return remember(model, table, k_of(model), error);
}

static qf_status predict(const qf_model *model, const double *rows, size_t count, const qf_run *run,
                         double *probabilities, qf_error *error) {
    const size_t k = k_of(model);
    return qf_knn_predict(model->state, weights_of(model), rows, count, &k, 1, run, probabilities,
                          error);
}

/* Of one table, probabilities[ks][rows]; then they are visited value by value. */
static qf_status sweep_tables(const qf_model *model, const qf_sweep *swept, const size_t *ks,
                              double **probabilities, const qf_run *run, qf_error *error) {
    for (size_t t = 0; t < swept->table_count; t++) {
        const qf_table *table = swept->tables[t];
        probabilities[t] = qf_new_array(table->rows, swept->count * sizeof(double), error);
        if (!probabilities[t]) return QF_MEMORY;
        QF_TRY(qf_knn_predict(model->state, weights_of(model), table->values, table->rows, ks,
                              swept->count, run, probabilities[t], error));
    }
    for (size_t i = 0; i < swept->count; i++) {
        for (size_t t = 0; t < swept->table_count; t++) {
            QF_TRY(swept->visit(swept->listener, i, t,
                                probabilities[t] + i * swept->tables[t]->rows, model->threshold,
                                error));
        }
    }
    return QF_OK;
}

static qf_status sweep(qf_model *model, const qf_table *table, const qf_sweep *swept,
                       const qf_run *run, qf_error *error) {
    QF_TRY(remember(model, table, (size_t)swept->values[swept->count - 1], error));
    size_t *ks = qf_new_array(swept->count, sizeof *ks, error);
    double **probabilities = qf_new_array(swept->table_count, sizeof *probabilities, error);
    qf_status status = ks && probabilities ? QF_OK : QF_MEMORY;
    if (status == QF_OK) {
        for (size_t i = 0; i < swept->count; i++) ks[i] = (size_t)swept->values[i];
        status = sweep_tables(model, swept, ks, probabilities, run, error);
    }
    for (size_t t = 0; probabilities && t < swept->table_count; t++) free(probabilities[t]);
    free(probabilities);
    free(ks);
    return status;
}

static qf_status encode(const qf_model *model, qf_arrays *arrays, qf_error *error) {
    return qf_knn_encode(model->state, arrays, error);
}

static qf_status decode(qf_model *model, const qf_arrays *arrays, qf_error *error) {
    qf_knn *knn;
    QF_TRY(qf_knn_decode(&knn, model->columns, arrays, error));
    model->state = knn;
    return require_rows(k_of(model), qf_knn_rows(knn), error);
}

static void free_state(void *state) {
    qf_knn_free(state);
}

extern const qf_model_kind qf_model_kind_knn;
const qf_model_kind qf_model_kind_knn = {
    .name = "knn",
    .summary = "the votes of the k nearest training rows by Euclidean distance",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof *parameters,
    .fit = fit,
    .predict = predict,
    .divides = true,
    .encode = encode,
    .decode = decode,
    .free = free_state,
    .swept = "k",
    .sweep = sweep,
};
