/* A support vector machine with Platt's probabilities. */
#include "learn/alignment.h"
#include "learn/folds.h"
#include "learn/svm.h"
#include "model/svm_points.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* As in libsvm. */
enum { PLATT_FOLDS = 5 };

static const char *const kernels[] = {"rbf", "linear", "quantum", NULL};
static const char *const gammas[] = {"auto", "scale", NULL};
static const char *const automatic[] = {"auto", NULL};
static const char *const unlimited[] = {"unlimited", NULL};

static const qf_parameter parameters[] = {
    {.name = "kernel",
     .kind = QF_PARAMETER_WORD,
     .initial = "rbf",
     .words = kernels,
     .help =
         "rbf: exp(-gamma |x - z|^2); linear: x . z; quantum: |<phi(x)|phi(z)>|^2 of the states "
         "that a circuit makes of rows"},
    {.name = "gamma",
     .kind = QF_PARAMETER_REAL,
     .initial = "auto",
     .minimum = 1e-300,
     .maximum = 1e300,
     .words = gammas,
     .help = "of rbf; auto: 1 / columns; scale: 1 / (columns * variance of all cells)"},
    {.name = "circuit",
     .kind = QF_PARAMETER_TEXT,
     .initial = "zz",
     .help = "of quantum: the feature map, zz, z, pauli, iqp, rx, ry, rz or amplitude"},
    {.name = "circuit_layers",
     .kind = QF_PARAMETER_INTEGER,
     .initial = "auto",
     .minimum = 1,
     .maximum = 1000,
     .words = automatic,
     .help = "how often the feature map is repeated; auto: as it is usual for it"},
    {.name = "paulis",
     .kind = QF_PARAMETER_TEXT,
     .initial = "auto",
     .help = "of feature map pauli: strings of X, Y and Z with commas; auto: Z,YY"},
    {.name = "wires",
     .kind = QF_PARAMETER_INTEGER,
     .initial = "auto",
     .minimum = 1,
     .maximum = QF_MAX_WIRES,
     .words = automatic,
     .help = "of the feature map; auto: one a column, of amplitude as many as hold the columns"},
    {.name = "bandwidth",
     .kind = QF_PARAMETER_REAL,
     .initial = "1",
     .minimum = 1e-12,
     .maximum = 1e12,
     .help = "of quantum: the factor that makes columns angles; the smaller, the more alike rows "
             "look"},
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
     .initial = "512",
     .minimum = 1,
     .maximum = 1e6,
     .help = "MiB for rows of kernel values, but for quantum, which keeps all; changes no result"},
};

/* The fitted machine. */
typedef struct machine {
    size_t vectors;       /* rows with a coefficient */
    double *rows;         /* [vectors][columns] */
    double *coefficients; /* [vectors] */
    double bias;
    qf_calibration platt; /* from decision to probability */
    qf_svm_kernel kernel;
    qf_svm_points points; /* the vectors */
} machine;

static void free_machine(void *state) {
    machine *m = state;
    free(m->rows);
    free(m->coefficients);
    qf_svm_points_free(&m->points);
    qf_svm_kernel_free(&m->kernel);
    free(m);
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

/* A table whose decisions are wanted at each stop of the fit to all rows. */
typedef struct watched {
    const qf_table *table;
    qf_svm_points points; /* its rows, unless it is the table that is fitted to */
    double *sums;         /* [rows] decisions without the bias, of the coefficients met */
    double *decided;      /* [stops][rows] */
} watched;

typedef struct fitting {
    const qf_model *model;
    const qf_table *table;
    const qf_run *run;
    const size_t *steps; /* [stops] */
    size_t stops;
    watched *watched;
    size_t watched_count;
    machine *machine;
    qf_folds folds;
    qf_svm_points points; /* all rows, which the folds share */
    qf_svm_source source;
    qf_kernel_rows *rows;
    double *changes; /* [rows] of coefficients since the stop before */
    /* What comes out: */
    double *held_out;     /* [stops][rows] decisions of fits that have not seen the row */
    double *coefficients; /* [rows] at the last stop met */
    double bias;
    size_t taken; /* steps of the fit to all rows */
} fitting;

/* Brings the sums of a watched table to coefficients that differ by the changes. */
static qf_status meet(const fitting *f, watched *w, qf_error *error) {
    return qf_svm_points_add(&f->points, f->changes, &w->points, f->run->simd, w->sums, error);
}

/* The fit to all rows or, with some left out, that for a fold. */
typedef struct single_fit {
    fitting *all;
    bool in_fold;
    size_t fold;
    uint8_t *left_out; /* [rows] */
} single_fit;

/* Keeps a row's decision where the fold holds the row out. */
static void judge(const single_fit *s, size_t stop, size_t row, double decision) {
    if (s->all->folds.held_out[row] >> s->fold & 1) {
        s->all->held_out[stop * s->all->table->rows + row] = decision;
    }
}

static qf_status visit_all(fitting *f, size_t stop, const qf_svm_solution *solution,
                           qf_error *error) {
    const size_t rows = f->table->rows;
    for (size_t i = 0; i < rows; i++) {
        f->changes[i] = solution->coefficients[i] - f->coefficients[i];
    }
    for (watched *w = f->watched; w < f->watched + f->watched_count; w++) {
        double *decided = w->decided + stop * w->table->rows;
        if (w->table == f->table) {
            memcpy(decided, solution->decisions, rows * sizeof *decided);
            continue;
        }
        QF_TRY(meet(f, w, error));
        for (size_t j = 0; j < w->table->rows; j++) decided[j] = w->sums[j] + solution->bias;
    }
    memcpy(f->coefficients, solution->coefficients, rows * sizeof *f->coefficients);
    f->bias = solution->bias;
    return QF_OK;
}

static qf_status visit_stop(void *listener, size_t stop, const qf_svm_solution *solution,
                            qf_error *error) {
    const single_fit *s = listener;
    if (!s->in_fold) return visit_all(s->all, stop, solution, error);
    const double *decisions = solution->decisions;
    for (size_t r = 0; r < s->all->table->rows; r++) judge(s, stop, r, decisions[r]);
    return QF_OK;
}

static qf_status solve(single_fit *s, qf_error *error) {
    fitting *all = s->all;
    const qf_record *p = &all->model->parameters;
    const double cost = qf_record_number(p, "C"), *weights = all->model->class_weights;
    const qf_svm_problem problem = {.source = &all->source.source,
                                    .rows = all->rows,
                                    .labels = all->table->labels,
                                    .left_out = s->left_out,
                                    .cost = {cost * weights[0], cost * weights[1]},
                                    .tolerance = qf_record_number(p, "tolerance"),
                                    .simd = all->run->simd};
    const qf_svm_stops stops = {all->steps, all->stops, visit_stop, s};
    size_t steps = 0;
    QF_TRY(qf_svm_solve(&problem, &stops, &steps, error));
    if (!s->in_fold) all->taken = steps;
    return QF_OK;
}

/* A fold whose other side lacks a class says what that class is, as in libsvm. */
static void decide_without(const single_fit *s, double decision) {
    const size_t rows = s->all->table->rows;
    for (size_t i = 0; i < s->all->stops * rows; i++) judge(s, i / rows, i % rows, decision);
}

/* Task 0 fits all rows, the others a fold each. */
static qf_status fit_one(void *context, size_t index, qf_error *error) {
    fitting *all = context;
    const qf_table *table = all->table;
    single_fit s = {.all = all, .in_fold = index > 0, .fold = index - 1};
    s.left_out = qf_new_array(table->rows, 1, error);
    if (!s.left_out) return QF_MEMORY;
    size_t counts[2] = {0};
    for (size_t r = 0; r < table->rows; r++) {
        s.left_out[r] = s.in_fold && (all->folds.apart[r] >> s.fold & 1);
        if (!s.left_out[r]) counts[table->labels[r]]++;
    }
    qf_status status = QF_OK;
    if (counts[0] > 0 && counts[1] > 0) {
        status = solve(&s, error);
    } else {
        decide_without(&s, counts[1] > 0 ? 1 : -1);
    }
    free(s.left_out);
    return status;
}

static void free_fitting(fitting *f) {
    qf_folds_free(&f->folds);
    qf_kernel_rows_free(f->rows);
    qf_svm_points_free(&f->points);
    for (size_t w = 0; w < f->watched_count; w++) {
        qf_svm_points_free(&f->watched[w].points);
        free(f->watched[w].sums);
        free(f->watched[w].decided);
    }
    free(f->watched);
    free(f->changes);
    free(f->held_out);
    free(f->coefficients);
}

/* What a quantum kernel says of the rows before anything is fitted. */
static qf_status describe_gram(const fitting *f, qf_record *facts, qf_error *error) {
    qf_gram_summary s;
    QF_TRY(qf_gram_summarise(f->points.gram, f->points.count, f->points.stride, f->table->labels,
                             &s, error));
    QF_TRY(qf_record_set_integer(facts, "wires", (int64_t)f->machine->kernel.circuit.wires, error));
    QF_TRY(qf_record_set_real(facts, "kernel_mean", s.mean, error));
    QF_TRY(qf_record_set_real(facts, "kernel_variance", s.variance, error));
    return qf_record_set_real(facts, "kernel_alignment", s.alignment, error);
}

/* The kernel of a machine that is fitted to a table. */
static qf_status choose_kernel(qf_svm_kernel *kernel, const qf_model *model, const qf_table *table,
                               qf_error *error) {
    QF_TRY(qf_svm_kernel_init(kernel, model, error));
    kernel->gamma = choose_gamma(model, table);
    kernel->shift = qf_new_array(table->columns, sizeof *kernel->shift, error);
    if (!kernel->shift) return QF_MEMORY;
    if (kernel->quantum || kernel->kind != QF_KERNEL_RBF) return QF_OK;
    return qf_kernel_shift(table->values, table->rows, table->columns, kernel->shift, error);
}

/* A machine that knows its kernel, and where its values come from. */
static qf_status init_fitting(fitting *f, qf_model *model, qf_error *error) {
    const qf_table *table = f->table;
    machine *m = f->machine = model->state = qf_new_array(1, sizeof *m, error);
    if (!m) return QF_MEMORY;
    QF_TRY(choose_kernel(&m->kernel, model, table, error));
    const bool quantum = m->kernel.quantum;
    QF_TRY(qf_svm_points_init(&f->points, &m->kernel, table->values, table->rows, quantum, f->run,
                              error));
    qf_svm_source_init(&f->source, &f->points, f->run->simd);
    const size_t bytes = (size_t)qf_record_number(&model->parameters, "cache") << 20;
    QF_TRY(qf_kernel_rows_new(&f->source.source, quantum ? 0 : bytes, 1 + PLATT_FOLDS, &f->rows,
                              error));
    f->changes = qf_new_array(table->rows, sizeof *f->changes, error);
    f->held_out = qf_new_array(f->stops * table->rows, sizeof *f->held_out, error);
    f->coefficients = qf_new_array(table->rows, sizeof *f->coefficients, error);
    if (!f->changes || !f->held_out || !f->coefficients) return QF_MEMORY;
    return qf_folds_init(&f->folds, table, PLATT_FOLDS, model->seed, error);
}

/* All fits, to all stops. */
static qf_status run_fits(fitting *f, qf_error *error) {
    return qf_parallel_progress(f->run, "fitting the machine and its folds", 1 + PLATT_FOLDS,
                                fit_one, f, error);
}

/* The slope of a curve that rises enough to keep the order of decisions. */
static const double flattest = -1e-6;

/* Platt's curve at a stop, from rows that judge. Where it would fall, as after a few steps it may,
 * legitimate rows would be called fraud: it is then the flattest one, about their share of fraud.
 */
static qf_status fit_platt(const fitting *f, size_t stop, qf_calibration *platt, qf_error *error) {
    const size_t rows = f->table->rows;
    double *values = qf_new_array(rows, sizeof *values, error);
    uint8_t *labels = qf_new_array(rows, 1, error);
    qf_status status = values && labels ? QF_OK : QF_MEMORY;
    size_t count = 0, fraud = 0;
    for (size_t r = 0; status == QF_OK && r < rows; r++) {
        if (!f->folds.held_out[r]) continue;
        values[count] = f->held_out[stop * rows + r];
        labels[count++] = f->table->labels[r];
        fraud += f->table->labels[r];
    }
    if (status == QF_OK) {
        status = qf_calibration_fit(platt, QF_CALIBRATE_PLATT, values, labels, count, error);
    }
    if (status == QF_OK && platt->slope > flattest) {
        platt->slope = flattest;
        platt->offset = log((double)(count - fraud + 1) / (double)(fraud + 1));
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

/* The vectors, for predictions. */
static qf_status index_vectors(machine *m, const qf_run *run, qf_error *error) {
    return qf_svm_points_init(&m->points, &m->kernel, m->rows, m->vectors, false, run, error);
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
    m->bias = f->bias;
    return index_vectors(m, f->run, error);
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
    if (m->kernel.quantum) {
        QF_TRY(describe_gram(f, &model->facts, error));
    } else {
        QF_TRY(qf_record_set_real(&model->facts, "gamma", m->kernel.gamma, error));
    }
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
        const watched *w = &f->watched[t];
        double *chances = w->decided + stop * w->table->rows;
        qf_calibration_apply(&platt, chances, w->table->rows);
        QF_TRY(sweep->visit(sweep->listener, stop, t, chances, threshold_of(&platt), error));
    }
    return QF_OK;
}

static qf_status watch(const fitting *f, const qf_table *table, watched *w, qf_error *error) {
    w->table = table;
    if (table != f->table) {
        QF_TRY(qf_svm_points_init(&w->points, &f->machine->kernel, table->values, table->rows,
                                  false, f->run, error));
    }
    w->sums = qf_new_array(table->rows, sizeof *w->sums, error);
    w->decided = qf_new_array(f->stops * table->rows, sizeof *w->decided, error);
    return w->sums && w->decided ? QF_OK : QF_MEMORY;
}

static qf_status sweep_tables(fitting *f, const qf_sweep *sweep, qf_error *error) {
    f->watched = qf_new_array(sweep->table_count, sizeof *f->watched, error);
    if (!f->watched) return QF_MEMORY;
    f->watched_count = sweep->table_count;
    for (size_t t = 0; t < sweep->table_count; t++) {
        QF_TRY(watch(f, sweep->tables[t], &f->watched[t], error));
    }
    QF_TRY(run_fits(f, error));
    for (size_t stop = 0; stop < f->stops; stop++) QF_TRY(visit_tables(f, sweep, stop, error));
    return QF_OK;
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
    QF_TRY(qf_svm_points_sum(&m->points, m->coefficients, rows, count, run->simd, probabilities,
                             error));
    for (size_t i = 0; i < count; i++) {
        probabilities[i] += m->bias;
        if (isfinite(probabilities[i])) continue;
        return qf_fail(error, QF_DATA, "a row is too large for the linear kernel");
    }
    qf_calibration_apply(&m->platt, probabilities, count);
    return QF_OK;
}

/* ---- Storing ---- */

enum { NUMBERS = 4 /* bias, gamma, slope and offset of Platt's curve */ };

static qf_status encode(const qf_model *model, qf_arrays *arrays, qf_error *error) {
    const machine *m = model->state;
    /* The machine's own curve is no array "calibration": that is the model's, after it. */
    const double numbers[NUMBERS] = {m->bias, m->kernel.gamma, m->platt.slope, m->platt.offset};
    QF_TRY(qf_arrays_add(arrays, "numbers", QF_F64, NUMBERS, 1, numbers, error));
    QF_TRY(qf_arrays_add(arrays, "shift", QF_F64, model->columns, 1, m->kernel.shift, error));
    QF_TRY(qf_arrays_add(arrays, "coefficients", QF_F64, m->vectors, 1, m->coefficients, error));
    return qf_arrays_add(arrays, "vectors", QF_F64, m->vectors, model->columns, m->rows, error);
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

/* Parameters may say anything here: a circuit that cannot be built is bad data, not a wrong
 * command.
 */
static qf_status decode_kernel(const qf_model *model, qf_svm_kernel *kernel, qf_error *error) {
    const qf_status status = qf_svm_kernel_init(kernel, model, error);
    if (status == QF_USAGE || status == QF_MISMATCH) return error->status = QF_DATA;
    return status;
}

static qf_status decode_numbers(machine *m, const qf_arrays *arrays, qf_error *error) {
    const qf_array *array;
    QF_TRY(qf_arrays_find(arrays, "numbers", QF_F64, NUMBERS, 1, &array, error));
    const double *numbers = array->data;
    for (size_t i = 0; i < NUMBERS; i++) {
        if (!isfinite(numbers[i]))
            return qf_fail(error, QF_DATA, "array \"numbers\" is not finite");
    }
    m->bias = numbers[0];
    m->kernel.gamma = numbers[1];
    m->platt =
        (qf_calibration){.method = QF_CALIBRATE_PLATT, .slope = numbers[2], .offset = numbers[3]};
    if (m->kernel.gamma > 0) return QF_OK;
    return qf_fail(error, QF_DATA, "gamma is not positive");
}

static qf_status decode(qf_model *model, const qf_arrays *arrays, qf_error *error) {
    machine *m = model->state = qf_new_array(1, sizeof *m, error);
    if (!m) return QF_MEMORY;
    size_t count;
    QF_TRY(decode_kernel(model, &m->kernel, error));
    QF_TRY(decode_numbers(m, arrays, error));
    QF_TRY(copy_finite(arrays, "shift", model->columns, 1, &m->kernel.shift, &count, error));
    QF_TRY(copy_finite(arrays, "coefficients", QF_ANY, 1, &m->coefficients, &m->vectors, error));
    QF_TRY(copy_finite(arrays, "vectors", m->vectors, model->columns, &m->rows, &count, error));
    const qf_run run = qf_run_default();
    return index_vectors(m, &run, error);
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
