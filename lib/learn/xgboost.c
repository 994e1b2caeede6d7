/* Training by XGBoost's C library. */
#include "learn/xgboost.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/random.h"

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xgboost/c_api.h>

/* ---- The library ---- */

static const char library_name[] = "libxgboost.so.0";

#define FUNCTIONS(F)                                                                               \
    F(XGBoostVersion)                                                                              \
    F(XGBGetLastError)                                                                             \
    F(XGBRegisterLogCallback)                                                                      \
    F(XGDMatrixCreateFromDense)                                                                    \
    F(XGDMatrixSetFloatInfo)                                                                       \
    F(XGDMatrixFree)                                                                               \
    F(XGBoosterCreate)                                                                             \
    F(XGBoosterSetParam)                                                                           \
    F(XGBoosterUpdateOneIter)                                                                      \
    F(XGBoosterSaveModelToBuffer)                                                                  \
    F(XGBoosterFree)

/* Its functions by their own names. */
typedef struct library {
#define DECLARE(name) __typeof__(name) *name;
    FUNCTIONS(DECLARE)
} library;

/* What it has to say comes as an error, or it is nothing to say at every fit. */
static void ignore(const char *message) {
    (void)message;
}

/* Stays loaded: its threads and destructors outlive the call. */
static qf_status load(library *l, qf_error *error) {
    void *handle = dlopen(library_name, RTLD_NOW | RTLD_NODELETE);
    if (!handle) {
        return qf_fail(error, QF_UNAVAILABLE, "XGBoost's library %s cannot be loaded",
                       library_name);
    }
    const struct {
        const char *name;
        void *place;
    } functions[] = {
#define ADDRESS(name) {#name, &l->name},
        FUNCTIONS(ADDRESS)};
    qf_status status = QF_OK;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *address = dlsym(handle, functions[i].name);
        memcpy(functions[i].place, &address, sizeof address);
        if (address) continue;
        status = qf_fail(error, QF_UNAVAILABLE, "XGBoost's library %s lacks %s", library_name,
                         functions[i].name);
    }
    dlclose(handle);
    if (status == QF_OK) l->XGBRegisterLogCallback(ignore);
    return status;
}

/* The first line of what went wrong, without the time and place in the source before it. */
static qf_status fail(const library *l, qf_error *error) {
    const char *text = l->XGBGetLastError();
    const char *time = strchr(text, ']'), *place = time ? strstr(time, ": ") : NULL;
    if (text[0] == '[' && place) text = place + 2;
    return qf_fail(error, strstr(text, "bad_alloc") ? QF_MEMORY : QF_INTERNAL, "XGBoost: %.*s",
                   (int)strcspn(text, "\n"), text);
}

#define XGB_TRY(l, call)                                                                           \
    do {                                                                                           \
        if ((l)->call != 0) return fail(l, error);                                                 \
    } while (0)

/* ---- Training ---- */

typedef struct training {
    library library;
    const qf_table *table;
    const qf_xgboost_options *options;
    const qf_run *run;
    DMatrixHandle matrix;
    BoosterHandle booster;
} training;

static qf_status check_values(const qf_table *table, qf_error *error) {
    for (size_t i = 0; i < table->rows * table->columns; i++) {
        if (fabs(table->values[i]) <= QF_XGBOOST_MAX_VALUE) continue;
        return qf_fail(error, QF_DATA,
                       "row %zu, column \"%s\": %g is too large for XGBoost's single precision",
                       i / table->columns + 1, table->names[i % table->columns], table->values[i]);
    }
    return QF_OK;
}

static qf_status weigh_rows(const training *t, qf_error *error) {
    const double *classes = t->options->class_weights;
    if (classes[0] == 1 && classes[1] == 1) return QF_OK;
    float *weights = qf_new_array(t->table->rows, sizeof *weights, error);
    if (!weights) return QF_MEMORY;
    for (size_t r = 0; r < t->table->rows; r++) {
        weights[r] = (float)classes[t->table->labels[r]];
    }
    const int failed =
        t->library.XGDMatrixSetFloatInfo(t->matrix, "weight", weights, (bst_ulong)t->table->rows);
    free(weights);
    return failed ? fail(&t->library, error) : QF_OK;
}

static qf_status label_rows(const training *t, qf_error *error) {
    float *labels = qf_new_array(t->table->rows, sizeof *labels, error);
    if (!labels) return QF_MEMORY;
    for (size_t r = 0; r < t->table->rows; r++) labels[r] = t->table->labels[r];
    const int failed =
        t->library.XGDMatrixSetFloatInfo(t->matrix, "label", labels, (bst_ulong)t->table->rows);
    free(labels);
    return failed ? fail(&t->library, error) : QF_OK;
}

/* The values by NumPy's array interface, where they lie; XGBoost makes its own copy. */
static qf_status make_matrix(training *t, qf_error *error) {
    char interface[160];
    snprintf(interface, sizeof interface,
             "{\"data\":[%zu,true],\"shape\":[%zu,%zu],\"typestr\":\"<f8\",\"version\":3}",
             (size_t)(uintptr_t)t->table->values, t->table->rows, t->table->columns);
    XGB_TRY(&t->library,
            XGDMatrixCreateFromDense(interface, "{\"missing\":NaN,\"nthread\":1}", &t->matrix));
    QF_TRY(label_rows(t, error));
    return weigh_rows(t, error);
}

static qf_status set_word(const training *t, const char *name, const char *value, qf_error *error) {
    XGB_TRY(&t->library, XGBoosterSetParam(t->booster, name, value));
    return QF_OK;
}

static qf_status set_number(const training *t, const char *name, double value, qf_error *error) {
    char text[QF_NUMBER_TEXT];
    qf_print_double(text, value);
    return set_word(t, name, text, error);
}

static qf_status make_booster(training *t, qf_error *error) {
    const qf_xgboost_options *o = t->options;
    qf_random random = qf_random_stream(o->seed, "xgboost", 0);
    XGB_TRY(&t->library, XGBoosterCreate(&t->matrix, 1, &t->booster));
    QF_TRY(set_word(t, "verbosity", "0", error));
    QF_TRY(set_word(t, "objective", "binary:logistic", error));
    QF_TRY(set_word(t, "tree_method", o->method, error));
    QF_TRY(set_number(t, "base_score", 0.5, error));
    QF_TRY(set_number(t, "nthread", 1, error));
    QF_TRY(set_number(t, "seed", (double)qf_random_below(&random, INT32_MAX), error));
    QF_TRY(set_number(t, "eta", o->eta, error));
    QF_TRY(set_number(t, "max_depth", (double)o->depth, error));
    QF_TRY(set_number(t, "lambda", o->lambda, error));
    QF_TRY(set_number(t, "subsample", o->subsample, error));
    QF_TRY(set_number(t, "colsample_bytree", o->columns, error));
    return set_number(t, "min_child_weight", o->min_child_weight, error);
}

static qf_status boost(training *t, qf_forest *forest, qf_error *error) {
    QF_TRY(make_matrix(t, error));
    QF_TRY(make_booster(t, error));
    const size_t rounds = t->options->rounds;
    for (size_t i = 0; i < rounds; i++) {
        XGB_TRY(&t->library, XGBoosterUpdateOneIter(t->booster, (int)i, t->matrix));
        if (t->run->progress) t->run->progress(t->run->listener, "boosting", i + 1, rounds);
    }
    bst_ulong length;
    const char *text;
    XGB_TRY(&t->library,
            XGBoosterSaveModelToBuffer(t->booster, "{\"format\":\"json\"}", &length, &text));
    QF_TRY(qf_xgboost_parse(text, (size_t)length, t->table->columns, forest, error));
    if (forest->trees == rounds) return QF_OK;
    qf_fail(error, QF_INTERNAL, "XGBoost grew %zu trees in %zu rounds", forest->trees, rounds);
    qf_forest_free(forest);
    return QF_INTERNAL;
}

qf_status qf_xgboost_fit(const qf_table *table, const qf_xgboost_options *options,
                         const qf_run *run, qf_forest *forest, char version[QF_XGBOOST_VERSION],
                         qf_error *error) {
    training t = {.table = table, .options = options, .run = run};
    QF_TRY(check_values(table, error));
    QF_TRY(load(&t.library, error));
    int major, minor, patch;
    t.library.XGBoostVersion(&major, &minor, &patch);
    snprintf(version, QF_XGBOOST_VERSION, "%d.%d.%d", major, minor, patch);
    const qf_status status = boost(&t, forest, error);
    if (t.booster) t.library.XGBoosterFree(t.booster);
    if (t.matrix) t.library.XGDMatrixFree(t.matrix);
    return status;
}
