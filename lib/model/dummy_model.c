/* The baseline that looks at no feature. */
#include "base/memory.h"
#include "base/random.h"
#include "model/model.h"

#include <stdlib.h>
#include <string.h>

static const char *const strategies[] = {"most-frequent", "prior", "stratified", NULL};

static const qf_parameter parameters[] = {
    {.name = "strategy",
     .kind = QF_PARAMETER_WORD,
     .initial = "most-frequent",
     .words = strategies,
     .help = "most-frequent: 0 or 1 for every row; prior: the share of fraud; stratified: 0 or 1 "
             "at random with that share, the same for equal rows"},
};

typedef struct dummy {
    double share; /* of fraud among the training rows, by weight */
} dummy;

static qf_status fit(qf_model *model, const qf_table *table, const qf_run *run, qf_error *error) {
    (void)run;
    size_t counts[2];
    qf_table_count_classes(table, counts);
    dummy *d = qf_new_array(1, sizeof *d, error);
    if (!d) return QF_MEMORY;
    const double *weights = model->class_weights, fraud = weights[1] * (double)counts[1];
    d->share = fraud / (weights[0] * (double)counts[0] + fraud);
    model->state = d;
    return qf_record_set_real(&model->facts, "fraud_share", d->share, error);
}

/* Uniform in [0, 1), by the seed and the row's values. */
static double draw(uint64_t seed, const double *row, size_t columns) {
    uint64_t hash = 0;
    for (size_t c = 0; c < columns; c++) {
        uint64_t bits;
        const double value = row[c] + 0.0; /* -0 becomes 0 */
        memcpy(&bits, &value, sizeof bits);
        hash = (hash ^ bits) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    qf_random random = qf_random_stream(seed, "dummy", hash);
    return qf_random_uniform(&random);
}

static qf_status predict(const qf_model *model, const double *rows, size_t count, const qf_run *run,
                         double *probabilities, qf_error *error) {
    (void)run;
    (void)error;
    const double share = ((const dummy *)model->state)->share;
    const char *strategy = qf_record_text(&model->parameters, "strategy");
    const bool prior = strcmp(strategy, "prior") == 0, random = strcmp(strategy, "stratified") == 0;
    for (size_t i = 0; i < count; i++) {
        const double limit =
            random ? draw(model->seed, rows + i * model->columns, model->columns) : 0.5;
        probabilities[i] = prior ? share : share > limit;
    }
    return QF_OK;
}

static qf_status encode(const qf_model *model, qf_arrays *arrays, qf_error *error) {
    return qf_arrays_add(arrays, "share", QF_F64, 1, 1, &((const dummy *)model->state)->share,
                         error);
}

static qf_status decode(qf_model *model, const qf_arrays *arrays, qf_error *error) {
    const qf_array *array;
    QF_TRY(qf_arrays_find(arrays, "share", QF_F64, 1, 1, &array, error));
    const double share = *(const double *)array->data;
    if (!(share >= 0 && share <= 1)) return qf_fail(error, QF_DATA, "a share outside 0 to 1");
    dummy *d = qf_new_array(1, sizeof *d, error);
    if (!d) return QF_MEMORY;
    d->share = share;
    model->state = d;
    return QF_OK;
}

extern const qf_model_kind qf_model_kind_dummy;
const qf_model_kind qf_model_kind_dummy = {
    .name = "dummy",
    .summary = "a baseline that knows the share of fraud alone",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof *parameters,
    .fit = fit,
    .predict = predict,
    .encode = encode,
    .decode = decode,
    .free = free,
};
