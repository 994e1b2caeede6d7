/* A support vector machine with Platt's probabilities. */
#include "base/memory.h"
#include "learn/calibration.h"
#include "learn/folds.h"
#include "learn/kernel.h"
#include "learn/svm.h"
#include "model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* As in libsvm. */
enum { PLATT_FOLDS = 5 };

static const char *const kernels[] = {"rbf", "linear", NULL};
static const char *const gammas[] = {"auto", "scale", NULL};
static const char *const unlimited[] = {"unlimited", NULL};

static const qf_parameter parameters[] = {
    {.name = "kernel",
     .kind = QF_PARAMETER_WORD,
     .initial = "rbf",
     .words = kernels,
     .help = "rbf: exp(-gamma |x - z|^2); linear: x . z"},
    {.name = "gamma",
     .kind = QF_PARAMETER_REAL,
     .initial = "auto",
     .minimum = 1e-300,
     .maximum = 1e300,
     .words = gammas,
     .help = "of rbf; auto: 1 / columns; scale: 1 / (columns * variance of all cells)"},
    {.name = "C",
     .kind = QF_PARAMETER_REAL,
     .initial = "1",
     .minimum = 1e-12,
     .maximum = 1e12,
     .help = "what a row on the wrong side costs; times the weight of its class"},
    {.name = "iterations",
     .kind = QF_PARAMETER_INTEGER,
     .initial = "unlimited",
     .minimum = 1,
     .maximum = 1e9,
     .words = unlimited,
     .help = "steps of the solver at most, of a pair of rows each"},
    {.name = "tolerance",
     .kind = QF_PARAMETER_REAL,
     .initial = "0.001",
     .minimum = 1e-12,
     .maximum = 1,
     .help = "by which the optimality conditions may fail at the end"},
    {.name = "cache",
     .kind = QF_PARAMETER_INTEGER,
     .initial = "256",
     .minimum = 1,
     .maximum = 1e6,
     .help = "MiB for rows of kernel values, of each thread; changes no result"},
};

/* The fitted machine. */
typedef struct machine {
    size_t vectors;       /* rows with a coefficient */
    double *rows;         /* [vectors][columns] */
    double *coefficients; /* [vectors] */
    double *shift;        /* [columns] */
    double bias, gamma;
    qf_calibration platt; /* from decision to probability */
    qf_kernel kernel;     /* of the vectors */
} machine;

static void free_machine(void *state) {
    machine *m = state;
    free(m->rows);
    free(m->coefficients);
    free(m->shift);
    qf_kernel_free(&m->kernel);
    free(m);
}

static qf_kernel_kind kernel_kind(const qf_model *model) {
    return strcmp(qf_record_text(&model->parameters, "kernel"), "linear") == 0 ? QF_KERNEL_LINEAR
                                                                               : QF_KERNEL_RBF;
}

static double variance(const double *values, size_t count) {
    double mean = 0, squares = 0;
    for (size_t i = 0; i < count; i++) mean += values[i] / (double)count;
    for (size_t i = 0; i < count; i++) squares += (values[i] - mean) * (values[i] - mean);
    return squares / (double)count;
}

static double choose_gamma(const qf_model *model, const qf_table *table) {
    const char *word = qf_record_text(&model->parameters, "gamma");
    const double columns = (double)table->columns;
    if (strcmp(word, "auto") == 0) return 1 / columns;
    if (strcmp(word, "scale") != 0) return qf_record_number(&model->parameters, "gamma");
    const double spread = variance(table->values, table->rows * table->columns);
    return spread > 0 ? 1 / (columns * spread) : 1;
}

/* ---- Fitting: all rows, and for Platt's probabilities the folds ---- */

/* Decisions for some rows, kept up to date as coefficients change. */
typedef struct decisions {
    const qf_kernel *kernel; /* of those rows */
    double *sums;            /* [kernel->count] without the bias */
    float *values;
} decisions;

typedef struct fitting {
    const qf_model *model;
    const qf_table *table;
    const qf_run *run;
    const size_t *steps; /* [stops] */
    size_t stops;
    machine *machine;
    qf_folds folds;
    qf_kernel *watched; /* [watched_count] rows whose decisions are wanted at each stop */
    size_t watched_count;
    /* What comes out: */
    double *held_out;     /* [stops][rows] decisions of fits that have not seen the row */
    double **decided;     /* [watched_count][stops][rows there] with the bias */
    double *biases;       /* [stops] */
    double *coefficients; /* [rows] at the last stop */
    size_t taken;         /* steps of the fit to all rows */
} fitting;

static qf_status init_kernel(const fitting *f, const qf_table *table, qf_kernel *kernel,
                             qf_error *error) {
    return qf_kernel_init(kernel, kernel_kind(f->model), f->machine->gamma, f->machine->shift,
                          table->values, table->rows, table->columns, error);
}

/* One fit: to all rows, watching what is wanted, or to the rows of a fold's other side, watching
 * those held out. */
typedef struct single_fit {
    fitting *all;
    bool in_fold;
    size_t fold;
    qf_table rows, held_out; /* of a fold; rows otherwise borrows the table */
    size_t *places;          /* [held_out.rows] in the table */
    qf_kernel kernel, held_out_kernel;
    double *last; /* [rows.rows] coefficients that the decisions have met */
    double *work;
    decisions *watched;
    size_t watched_count;
} single_fit;

static void source_row(void *context, size_t i, float *values) {
    const single_fit *s = context;
    qf_kernel_row(&s->kernel, s->all->run->simd, s->rows.values + i * s->rows.columns, s->work,
                  values);
}

static double source_self(void *context, size_t i) {
    const single_fit *s = context;
    return qf_kernel_self(&s->kernel, s->rows.values + i * s->rows.columns);
}

/* Brings the decisions to these coefficients. */
static void meet(single_fit *s, const double *coefficients) {
    for (size_t i = 0; i < s->rows.rows; i++) {
        const double change = coefficients[i] - s->last[i];
        if (change == 0) continue;
        const double *x = s->rows.values + i * s->rows.columns;
        for (size_t w = 0; w < s->watched_count; w++) {
            const decisions *d = &s->watched[w];
            qf_kernel_row(d->kernel, s->all->run->simd, x, s->work, d->values);
            for (size_t j = 0; j < d->kernel->count; j++) {
                d->sums[j] += change * (double)d->values[j];
            }
        }
        s->last[i] = coefficients[i];
    }
}

static qf_status visit_stop(void *listener, size_t stop, const double *coefficients, double bias,
                            qf_error *error) {
    (void)error;
    single_fit *s = listener;
    fitting *all = s->all;
    meet(s, coefficients);
    if (s->in_fold) {
        double *held_out = all->held_out + stop * all->table->rows;
        for (size_t i = 0; i < s->held_out.rows; i++) {
            held_out[s->places[i]] = s->watched->sums[i] + bias;
        }
        return QF_OK;
    }
    all->biases[stop] = bias;
    memcpy(all->coefficients, coefficients, s->rows.rows * sizeof *coefficients);
    for (size_t w = 0; w < s->watched_count; w++) {
        const size_t rows = s->watched[w].kernel->count;
        for (size_t j = 0; j < rows; j++) {
            all->decided[w][stop * rows + j] = s->watched[w].sums[j] + bias;
        }
    }
    return QF_OK;
}

static qf_status solve(single_fit *s, qf_error *error) {
    fitting *all = s->all;
    const qf_record *p = &all->model->parameters;
    const double cost = qf_record_number(p, "C"), *weights = all->model->class_weights;
    const qf_svm_source source = {s->kernel.stride, s, source_row, source_self};
    const qf_svm_problem problem = {.source = &source,
                                    .labels = s->rows.labels,
                                    .count = s->rows.rows,
                                    .cost = {cost * weights[0], cost * weights[1]},
                                    .tolerance = qf_record_number(p, "tolerance"),
                                    .simd = all->run->simd,
                                    .cache = (size_t)qf_record_number(p, "cache") << 20};
    const qf_svm_stops stops = {all->steps, all->stops, visit_stop, s};
    size_t steps = 0;
    QF_TRY(qf_svm_solve(&problem, &stops, &steps, error));
    if (!s->in_fold) all->taken = steps;
    return QF_OK;
}

/* The two sides of a fold. */
static qf_status part_rows(single_fit *s, qf_error *error) {
    const qf_table *table = s->all->table;
    const qf_folds *folds = &s->all->folds;
    size_t *fitted = qf_new_array(table->rows, sizeof *fitted, error), count = 0, held = 0;
    s->places = qf_new_array(table->rows, sizeof *s->places, error);
    qf_status status = fitted && s->places ? QF_OK : QF_MEMORY;
    for (size_t r = 0; status == QF_OK && r < table->rows; r++) {
        if (!(folds->apart[r] >> s->fold & 1)) fitted[count++] = r;
        if (folds->held_out[r] >> s->fold & 1) s->places[held++] = r;
    }
    if (status == QF_OK) status = qf_table_select_rows(table, fitted, count, &s->rows, error);
    if (status == QF_OK) status = qf_table_select_rows(table, s->places, held, &s->held_out, error);
    free(fitted);
    return status;
}

static qf_status watch(single_fit *s, qf_error *error) {
    s->watched_count = s->in_fold ? 1 : s->all->watched_count;
    s->watched = qf_new_array(s->watched_count, sizeof *s->watched, error);
    s->last = qf_new_array(s->rows.rows, sizeof *s->last, error);
    s->work = qf_new_array(qf_kernel_work(&s->kernel), sizeof *s->work, error);
    if (!s->watched || !s->last || !s->work) return QF_MEMORY;
    for (size_t w = 0; w < s->watched_count; w++) {
        const qf_kernel *kernel = s->in_fold ? &s->held_out_kernel : &s->all->watched[w];
        s->watched[w] = (decisions){kernel, qf_new_array(kernel->count, sizeof(double), error),
                                    qf_new_array(kernel->stride, sizeof(float), error)};
        if (!s->watched[w].sums || !s->watched[w].values) return QF_MEMORY;
    }
    return QF_OK;
}

/* A fold whose other side lacks a class says what that class is, as in libsvm. */
static void decide_without(const single_fit *s) {
    const bool fraud = s->rows.rows > 0 && s->rows.labels[0];
    for (size_t stop = 0; stop < s->all->stops; stop++) {
        for (size_t i = 0; i < s->held_out.rows; i++) {
            s->all->held_out[stop * s->all->table->rows + s->places[i]] = fraud ? 1 : -1;
        }
    }
}

static qf_status fit_rows(single_fit *s, qf_error *error) {
    if (s->in_fold) {
        size_t counts[2];
        QF_TRY(part_rows(s, error));
        QF_TRY(init_kernel(s->all, &s->held_out, &s->held_out_kernel, error));
        qf_table_count_classes(&s->rows, counts);
        if (counts[0] == 0 || counts[1] == 0) {
            decide_without(s);
            return QF_OK;
        }
    }
    QF_TRY(init_kernel(s->all, &s->rows, &s->kernel, error));
    QF_TRY(watch(s, error));
    return solve(s, error);
}

/* Task 0 fits all rows, the others a fold each. */
static qf_status fit_one(void *context, size_t index, qf_error *error) {
    fitting *all = context;
    single_fit s = {.all = all, .in_fold = index > 0, .fold = index - 1};
    if (!s.in_fold) s.rows = *all->table;
    const qf_status status = fit_rows(&s, error);
    for (size_t w = 0; s.watched && w < s.watched_count; w++) {
        free(s.watched[w].sums);
        free(s.watched[w].values);
    }
    free(s.watched);
    free(s.last);
    free(s.work);
    free(s.places);
    qf_kernel_free(&s.kernel);
    qf_kernel_free(&s.held_out_kernel);
    if (s.in_fold) qf_table_free(&s.rows);
    qf_table_free(&s.held_out);
    return status;
}

static void free_fitting(fitting *f) {
    qf_folds_free(&f->folds);
    for (size_t w = 0; f->decided && w < f->watched_count; w++) free(f->decided[w]);
    for (size_t w = 0; w < f->watched_count; w++) qf_kernel_free(&f->watched[w]);
    free(f->watched);
    free(f->decided);
    free(f->held_out);
    free(f->biases);
    free(f->coefficients);
}

/* A machine that knows its gamma and shift. */
static qf_status init_fitting(fitting *f, qf_model *model, qf_error *error) {
    const qf_table *table = f->table;
    machine *m = f->machine = model->state = qf_new_array(1, sizeof *m, error);
    if (!m) return QF_MEMORY;
    m->shift = qf_new_array(table->columns, sizeof *m->shift, error);
    if (!m->shift) return QF_MEMORY;
    m->gamma = choose_gamma(f->model, table);
    if (kernel_kind(f->model) == QF_KERNEL_RBF) {
        return qf_kernel_shift(table->values, table->rows, table->columns, m->shift, error);
    }
    return QF_OK;
}

/* All fits, to all stops. */
static qf_status run_fits(fitting *f, qf_error *error) {
    const qf_table *table = f->table;
    QF_TRY(qf_folds_init(&f->folds, table, PLATT_FOLDS, f->model->seed, error));
    f->held_out = qf_new_array(f->stops * table->rows, sizeof *f->held_out, error);
    f->biases = qf_new_array(f->stops, sizeof *f->biases, error);
    f->coefficients = qf_new_array(table->rows, sizeof *f->coefficients, error);
    f->decided = qf_new_array(f->watched_count, sizeof *f->decided, error);
    if (!f->held_out || !f->biases || !f->coefficients || !f->decided) return QF_MEMORY;
    for (size_t w = 0; w < f->watched_count; w++) {
        f->decided[w] = qf_new_array(f->stops * f->watched[w].count, sizeof(double), error);
        if (!f->decided[w]) return QF_MEMORY;
    }
    return qf_parallel_progress(f->run, "fitting the machine and its folds", 1 + PLATT_FOLDS,
                                fit_one, f, error);
}

/* Platt's curve at a stop, from rows that judge. */
static qf_status fit_platt(const fitting *f, size_t stop, qf_calibration *platt, qf_error *error) {
    const size_t rows = f->table->rows;
    double *values = qf_new_array(rows, sizeof *values, error);
    uint8_t *labels = qf_new_array(rows, 1, error);
    qf_status status = values && labels ? QF_OK : QF_MEMORY;
    size_t count = 0;
    for (size_t r = 0; status == QF_OK && r < rows; r++) {
        if (!f->folds.held_out[r]) continue;
        values[count] = f->held_out[stop * rows + r];
        labels[count++] = f->table->labels[r];
    }
    if (status == QF_OK) {
        status = qf_calibration_fit(platt, QF_CALIBRATE_PLATT, values, labels, count, error);
    }
    free(values);
    free(labels);
    return status;
}

/* A decision above 0 is a probability above this one. */
static double threshold_of(const qf_calibration *platt) {
    double at_zero = 0;
    qf_calibration_apply(platt, &at_zero, 1);
    return at_zero;
}

/* The vectors' kernel, for predictions. */
static qf_status index_vectors(const qf_model *model, machine *m, qf_error *error) {
    return qf_kernel_init(&m->kernel, kernel_kind(model), m->gamma, m->shift, m->rows, m->vectors,
                          model->columns, error);
}

static qf_status keep_vectors(const fitting *f, qf_error *error) {
    machine *m = f->machine;
    const size_t columns = f->table->columns;
    for (size_t r = 0; r < f->table->rows; r++) m->vectors += f->coefficients[r] != 0;
    m->rows = qf_new_array(m->vectors * columns, sizeof *m->rows, error);
    m->coefficients = qf_new_array(m->vectors, sizeof *m->coefficients, error);
    if (!m->rows || !m->coefficients) return QF_MEMORY;
    size_t place = 0;
    for (size_t r = 0; r < f->table->rows; r++) {
        if (f->coefficients[r] == 0) continue;
        memcpy(m->rows + place * columns, f->table->values + r * columns,
               columns * sizeof *m->rows);
        m->coefficients[place++] = f->coefficients[r];
    }
    m->bias = f->biases[f->stops - 1];
    return index_vectors(f->model, m, error);
}

static size_t step_limit(const qf_model *model) {
    const qf_field *field = qf_record_find(&model->parameters, "iterations");
    return field->kind == QF_FIELD_INTEGER ? (size_t)field->integer : SIZE_MAX;
}

static qf_status finish(qf_model *model, const fitting *f, qf_error *error) {
    machine *m = f->machine;
    QF_TRY(keep_vectors(f, error));
    QF_TRY(fit_platt(f, 0, &m->platt, error));
    model->threshold = threshold_of(&m->platt);
    QF_TRY(qf_record_set_real(&model->facts, "gamma", m->gamma, error));
    QF_TRY(qf_record_set_integer(&model->facts, "vectors", (int64_t)m->vectors, error));
    return qf_record_set_integer(&model->facts, "iterations", (int64_t)f->taken, error);
}

static qf_status fit(qf_model *model, const qf_table *table, const qf_run *run, qf_error *error) {
    const size_t limit = step_limit(model);
    fitting f = {.model = model, .table = table, .run = run, .steps = &limit, .stops = 1};
    qf_status status = init_fitting(&f, model, error);
    if (status == QF_OK) status = run_fits(&f, error);
    if (status == QF_OK) status = finish(model, &f, error);
    free_fitting(&f);
    return status;
}

/* ---- Sweeping ---- */

static qf_status visit_tables(const fitting *f, const qf_sweep *sweep, size_t stop,
                              qf_error *error) {
    qf_calibration platt = {0};
    QF_TRY(fit_platt(f, stop, &platt, error));
    for (size_t t = 0; t < sweep->table_count; t++) {
        const size_t rows = f->watched[t].count;
        double *chances = f->decided[t] + stop * rows;
        qf_calibration_apply(&platt, chances, rows);
        QF_TRY(sweep->visit(sweep->listener, stop, t, chances, threshold_of(&platt), error));
    }
    return QF_OK;
}

static qf_status sweep_tables(fitting *f, const qf_sweep *sweep, qf_error *error) {
    qf_kernel *watched = qf_new_array(sweep->table_count, sizeof *watched, error);
    qf_status status = watched ? QF_OK : QF_MEMORY;
    f->watched = watched;
    while (status == QF_OK && f->watched_count < sweep->table_count) {
        status = init_kernel(f, sweep->tables[f->watched_count], &watched[f->watched_count], error);
        f->watched_count += status == QF_OK;
    }
    if (status == QF_OK) status = run_fits(f, error);
    for (size_t stop = 0; status == QF_OK && stop < f->stops; stop++) {
        status = visit_tables(f, sweep, stop, error);
    }
    return status;
}

static qf_status sweep(qf_model *model, const qf_table *table, const qf_sweep *sweep,
                       const qf_run *run, qf_error *error) {
    size_t *steps = qf_new_array(sweep->count, sizeof *steps, error);
    if (!steps) return QF_MEMORY;
    for (size_t i = 0; i < sweep->count; i++) steps[i] = (size_t)sweep->values[i];
    fitting f = {.model = model, .table = table, .run = run, .steps = steps, .stops = sweep->count};
    qf_status status = init_fitting(&f, model, error);
    if (status == QF_OK) status = sweep_tables(&f, sweep, error);
    free_fitting(&f);
    free(steps);
    return status;
}

/* ---- Predicting ---- */

static qf_status predict(const qf_model *model, const double *rows, size_t count, const qf_run *run,
                         double *probabilities, qf_error *error) {
    const machine *m = model->state;
    double *work = qf_new_array(qf_kernel_work(&m->kernel), sizeof *work, error);
    float *values = qf_new_array(m->kernel.stride, sizeof *values, error);
    qf_status status = work && values ? QF_OK : QF_MEMORY;
    for (size_t i = 0; status == QF_OK && i < count; i++) {
        qf_kernel_row(&m->kernel, run->simd, rows + i * model->columns, work, values);
        probabilities[i] = qf_kernel_sum(m->coefficients, values, m->vectors) + m->bias;
        if (!isfinite(probabilities[i])) {
            status = qf_fail(error, QF_DATA, "a row is too large for the linear kernel");
        }
    }
    if (status == QF_OK) qf_calibration_apply(&m->platt, probabilities, count);
    free(work);
    free(values);
    return status;
}

/* ---- Storing ---- */

static qf_status encode(const qf_model *model, qf_arrays *arrays, qf_error *error) {
    const machine *m = model->state;
    const double numbers[] = {m->bias, m->gamma};
    QF_TRY(qf_arrays_add(arrays, "numbers", QF_F64, 2, 1, numbers, error));
    QF_TRY(qf_arrays_add(arrays, "shift", QF_F64, model->columns, 1, m->shift, error));
    QF_TRY(qf_arrays_add(arrays, "coefficients", QF_F64, m->vectors, 1, m->coefficients, error));
    QF_TRY(qf_arrays_add(arrays, "vectors", QF_F64, m->vectors, model->columns, m->rows, error));
    return qf_calibration_encode(&m->platt, arrays, error);
}

static qf_status copy_finite(const qf_arrays *arrays, const char *name, size_t rows, size_t columns,
                             double **copy, size_t *count, qf_error *error) {
    const qf_array *array;
    QF_TRY(qf_arrays_find(arrays, name, QF_F64, rows, columns, &array, error));
    *copy = qf_copy_array(array->data, array->rows * array->columns, sizeof **copy, error);
    if (!*copy) return QF_MEMORY;
    *count = array->rows;
    for (size_t i = 0; i < array->rows * array->columns; i++) {
        if (!isfinite((*copy)[i]))
            return qf_fail(error, QF_DATA, "array \"%s\" is not finite", name);
    }
    return QF_OK;
}

static qf_status decode(qf_model *model, const qf_arrays *arrays, qf_error *error) {
    machine *m = model->state = qf_new_array(1, sizeof *m, error);
    if (!m) return QF_MEMORY;
    size_t count;
    const qf_array *numbers;
    QF_TRY(qf_arrays_find(arrays, "numbers", QF_F64, 2, 1, &numbers, error));
    m->bias = ((const double *)numbers->data)[0];
    m->gamma = ((const double *)numbers->data)[1];
    if (!isfinite(m->bias) || !(m->gamma > 0 && isfinite(m->gamma))) {
        return qf_fail(error, QF_DATA, "no finite bias and positive gamma");
    }
    QF_TRY(copy_finite(arrays, "shift", model->columns, 1, &m->shift, &count, error));
    QF_TRY(copy_finite(arrays, "coefficients", QF_ANY, 1, &m->coefficients, &m->vectors, error));
    QF_TRY(copy_finite(arrays, "vectors", m->vectors, model->columns, &m->rows, &count, error));
    m->platt.method = QF_CALIBRATE_PLATT;
    QF_TRY(qf_calibration_decode(&m->platt, arrays, error));
    return index_vectors(model, m, error);
}

extern const qf_model_kind qf_model_kind_svm;
const qf_model_kind qf_model_kind_svm = {
    .name = "svm",
    .summary = "a support vector machine with Platt's probabilities",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof *parameters,
    .fit = fit,
    .predict = predict,
    .encode = encode,
    .decode = decode,
    .free = free_machine,
    .swept = "iterations",
    .sweep = sweep,
};
