/* Logistic regression. */
#include "base/memory.h"
#include "learn/logistic.h"
#include "model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const metrics[] = {"diagonal", "none", NULL};

static const qf_parameter parameters[] = {
    {.name = "C",
     .kind = QF_PARAMETER_REAL,
     .initial = "1",
     .minimum = 1e-12,
     .maximum = 1e12,
     .help =
         "the greater, the weaker the penalty |coefficients|^2 / (2 C) beside the rows' losses"},
    {.name = "iterations",
     .kind = QF_PARAMETER_INTEGER,
     .initial = "200",
     .minimum = 1,
     .maximum = 1e6,
     .help = "Newton steps at most"},
    {.name = "tolerance",
     .kind = QF_PARAMETER_REAL,
     .initial = "0.0001",
     .minimum = 0,
     .maximum = 1e6,
     .help = "ends when no entry of the gradient is larger"},
    {.name = "preconditioner",
     .kind = QF_PARAMETER_WORD,
     .initial = "diagonal",
     .words = metrics,
     .help = "of the conjugate gradients in a Newton step; scikit-learn has none"},
};

/* The coefficients, then the intercept; zero. */
static qf_status begin(qf_model *model, const qf_run *run, qf_error *error) {
    (void)run;
    model->state = qf_new_array(model->columns + 1, sizeof(double), error);
    return model->state ? QF_OK : QF_MEMORY;
}

static qf_status trainable(const qf_model *model, qf_trainables *list, qf_error *error) {
    double *state = model->state;
    const qf_trainable coefficients = {"coefficients", model->columns, 1, 1, state, false};
    const qf_trainable intercept = {"intercept", 1, 1, 1, state + model->columns, false};
    QF_TRY(qf_trainables_add(list, &coefficients, error));
    return qf_trainables_add(list, &intercept, error);
}

static qf_logistic_options options_of(const qf_model *model) {
    const qf_record *p = &model->parameters;
    return (qf_logistic_options){
        .cost = qf_record_number(p, "C"),
        .class_weights = {model->class_weights[0], model->class_weights[1]},
        .tolerance = qf_record_number(p, "tolerance"),
        .iterations = (size_t)qf_record_number(p, "iterations"),
        .precondition = strcmp(qf_record_text(p, "preconditioner"), "diagonal") == 0,
    };
}

static qf_status fit(qf_model *model, const qf_table *table, const qf_run *run, qf_error *error) {
    (void)run;
    const qf_logistic_options options = options_of(model);
    qf_logistic_end end;
    QF_TRY(qf_logistic_fit(table, &options, model->state, &end, NULL, NULL, error));
    QF_TRY(qf_record_set_integer(&model->facts, "iterations", (int64_t)end.steps, error));
    return qf_record_set_real(&model->facts, "gradient", end.gradient, error);
}

static qf_status predict(const qf_model *model, const double *rows, size_t count, const qf_run *run,
                         double *probabilities, qf_error *error) {
    (void)run;
    const double *state = model->state;
    for (size_t r = 0; r < count; r++) {
        double z = state[model->columns];
        for (size_t c = 0; c < model->columns; c++) z += state[c] * rows[r * model->columns + c];
        if (isnan(z)) return qf_fail(error, QF_DATA, "a row is too large for these coefficients");
        probabilities[r] = 1 / (1 + exp(-z));
    }
    return QF_OK;
}

/* ---- Sweeping ---- */

typedef struct looks {
    const qf_model *model;
    const qf_sweep *sweep;
    const qf_run *run;
    size_t next; /* value */
} looks;

static qf_status look(void *listener, size_t step, bool *stop, qf_error *error) {
    looks *l = listener;
    for (; l->next < l->sweep->count && l->sweep->values[l->next] == (double)step; l->next++) {
        QF_TRY(qf_model_show(l->model, l->sweep, l->next, l->run, error));
    }
    *stop = l->next == l->sweep->count;
    return QF_OK;
}

static qf_status sweep(qf_model *model, const qf_table *table, const qf_sweep *sweep,
                       const qf_run *run, qf_error *error) {
    looks l = {model, sweep, run, 0};
    qf_logistic_options options = options_of(model);
    options.iterations = (size_t)sweep->values[sweep->count - 1];
    qf_logistic_end end;
    QF_TRY(qf_logistic_fit(table, &options, model->state, &end, look, &l, error));
    /* Beyond the last step nothing changes. */
    for (; l.next < sweep->count; l.next++) {
        QF_TRY(qf_model_show(model, sweep, l.next, run, error));
    }
    return QF_OK;
}

static qf_status decode(qf_model *model, const qf_arrays *arrays, qf_error *error) {
    (void)arrays;
    return begin(model, NULL, error);
}

extern const qf_model_kind qf_model_kind_logistic;
const qf_model_kind qf_model_kind_logistic = {
    .name = "logistic",
    .summary = "logistic regression with an L2 penalty",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof *parameters,
    .fit = fit,
    .predict = predict,
    .decode = decode,
    .free = free,
    .begin = begin,
    .trainable = trainable,
    .swept = "iterations",
    .sweep = sweep,
};
