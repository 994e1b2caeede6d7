/* Models: every one, classical or quantum, behind one registry and one interface.
 *
 * A kind is a row of the registry (registry.c) and a file with its functions. Adding one touches
 * nothing else: tools list, parse, fit, predict, store and load by the row alone. */
#ifndef QF_MODEL_MODEL_H
#define QF_MODEL_MODEL_H

#include "base/memory.h"
#include "base/record.h"
#include "base/run.h"
#include "data/row_set.h"
#include "data/table.h"
#include "learn/calibration.h"
#include "learn/scores.h"
#include "learn/trainable.h"

typedef struct qf_model qf_model;

enum { QF_PARAMETER_LENGTH = 200 };

typedef enum qf_parameter_kind {
    QF_PARAMETER_INTEGER,
    QF_PARAMETER_REAL,
    QF_PARAMETER_WORD,  /* one of `words` and no number */
    QF_PARAMETER_SIZES, /* of layers, as in sizes.h */
    QF_PARAMETER_TEXT,  /* a name or the like, 1 to QF_PARAMETER_LENGTH printable characters */
    QF_PARAMETER_LINES, /* printable lines of any length */
} qf_parameter_kind;

typedef struct qf_parameter {
    const char *name;
    qf_parameter_kind kind;
    const char *initial;      /* the default as the user would type it */
    double minimum, maximum;  /* inclusive, of numbers */
    const char *const *words; /* NULL-terminated; with a number's kind, what may stand instead */
    const char *help;         /* a sentence without full stop: what it does, units */
    bool structural; /* says what the trainable arrays are for: models that differ in it have none
                      * to exchange */
} qf_parameter;

/* One parameter at many values: what choosing it takes. */
typedef struct qf_sweep {
    const char *parameter;
    const double *values; /* [count], ascending, in the parameter's range */
    size_t count;
    const qf_table *const *tables; /* [table_count], with the columns of the training table */
    size_t table_count;
    /* Gets probabilities[rows of table] of the model of a value, and its threshold: in order of
     * values and, for each, of tables; never from two threads at once. */
    qf_status (*visit)(void *listener, size_t value, size_t table, const double *probabilities,
                       double threshold, qf_error *error);
    void *listener;
} qf_sweep;

/* The functions of a kind see a model whose kind, columns, parameters (complete and checked), seed
 * and class weights are set. A row weighs as much as its class, unless the parameters say how the
 * kind does without. */
typedef struct qf_model_kind {
    const char *name, *summary;
    const qf_parameter *parameters;
    size_t parameter_count;
    /* Fits on a table that has both classes; sets model->state and adds to model->facts. On failure
     * the state may be set or not: it is freed. */
    qf_status (*fit)(qf_model *model, const qf_table *table, const qf_run *run, qf_error *error);
    /* Fraud probabilities of rows[count][model->columns]. Called from several threads at once with
     * different rows; a row's probability depends on that row alone. */
    qf_status (*predict)(const qf_model *model, const double *rows, size_t count, const qf_run *run,
                         double *probabilities, qf_error *error);
    /* Whether predict divides the rows among threads by itself: it then gets all at once. */
    bool divides;
    /* The state as arrays, none named "calibration" or with the prefix "trained_" or "chosen_".
     * NULL: it is the trainable arrays. */
    qf_status (*encode)(const qf_model *model, qf_arrays *arrays, qf_error *error);
    /* Sets model->state from arrays that may hold anything: QF_DATA, never a crash later. Without
     * `encode` the trainable arrays are set after it. */
    qf_status (*decode)(qf_model *model, const qf_arrays *arrays, qf_error *error);
    void (*free)(void *state); /* never called with NULL */
    /* Sets model->state to where a fit begins; `fit` and `sweep` then find it set. NULL: they begin
     * from rows alone, and there is nothing to start from another model. */
    qf_status (*begin)(qf_model *model, const qf_run *run, qf_error *error);
    /* Appends the arrays that a fit adjusts; there where `begin` is. */
    qf_status (*trainable)(const qf_model *model, qf_trainables *list, qf_error *error);
    /* QF_MISMATCH where two begun or fitted models, alike in structural parameters and shapes,
     * still make different use of the same arrays. NULL: they never do. */
    qf_status (*check_use)(const qf_model *model, const qf_model *other, qf_error *error);
    bool resumes; /* whether fit uses run->keeper */
    /* The parameter of which one fit gives all values, and that fit: visits what fit and
     * predict would give for each value, to rounding. Sets model->state or not, as fit does. NULL:
     * there is none such. */
    const char *swept;
    qf_status (*sweep)(qf_model *model, const qf_table *table, const qf_sweep *sweep,
                       const qf_run *run, qf_error *error);
} qf_model_kind;

/* The registry: *count rows in a fixed order. */
const qf_model_kind *const *qf_model_kinds(size_t *count);
/* A kind by name; QF_USAGE, listing the names, when there is none such. */
qf_status qf_model_kind_find(const char *name, const qf_model_kind **kind, qf_error *error);

/* Parameter values are a record of one field a parameter in the kind's order: integer, real, or
 * text for a word, sizes, text or lines. This sets all to their defaults. */
qf_status qf_parameters_default(const qf_model_kind *kind, qf_record *parameters, qf_error *error);
/* Sets one from "name=value". QF_USAGE for an unknown name (listing those that exist), a value that
 * cannot be read or is out of range. */
qf_status qf_parameters_set(const qf_model_kind *kind, qf_record *parameters, const char *setting,
                            qf_error *error);
/* Appends what a parameter takes: "an integer from 1 to 10, or sqrt or all". */
qf_status qf_parameter_print_range(const qf_parameter *parameter, qf_bytes *text, qf_error *error);
/* QF_DATA unless exactly the kind's parameters are there, with values of their kind and range. */
qf_status qf_parameters_check(const qf_model_kind *kind, const qf_record *parameters,
                              qf_error *error);

struct qf_model {
    const qf_model_kind *kind;
    qf_record parameters;
    size_t columns;
    char **names; /* [columns] feature names, in order */
    char *target;
    uint64_t seed;
    double
        class_weights[2]; /* of a legitimate and of a fraud row in the fit; 1 in a loaded model */
    double odds_factor;   /* see qf_prior_correct; 1: the share of fraud as in the fit */
    qf_calibration calibration; /* of probabilities so corrected */
    double threshold; /* a row is called fraud when its probability, corrected and calibrated, is
                       * greater */
    qf_record facts;  /* what the fit found: n_train, n_train_fraud, then the kind's own */
    qf_row_set trained_rows;    /* original rows in the training table */
    qf_row_set trained_parents; /* rows between which its synthetic rows lie */
    qf_row_set chosen_rows;     /* rows beside the training table that something was chosen by */
    void *state;                /* the kind's */
};

/* An unfitted model of these columns: threshold 0.5, nothing corrected or calibrated, everything
 * copied, parameters checked (QF_DATA). Free on success. */
qf_status qf_model_init(qf_model *model, const qf_model_kind *kind, size_t columns,
                        const char *const *names, const char *target, const qf_record *parameters,
                        uint64_t seed, qf_error *error);
void qf_model_free(qf_model *model);

/* How to fit: everything but the rows. */
typedef struct qf_fitting {
    const qf_model_kind *kind;
    const qf_record *parameters; /* complete and checked */
    uint64_t seed;
    /* The weight of a fraud row, where a legitimate one has 1; QF_WEIGHT_BALANCED: a row weighs
     * rows / (2 rows of its class). */
    double fraud_weight;
    const qf_model *start; /* begin from its trainable arrays; NULL: as the kind begins */
} qf_fitting;
enum { QF_WEIGHT_BALANCED = 0 };

/* Init and fit. QF_DATA when the table lacks a class; QF_MISMATCH, naming what differs, when a
 * model to start from is of another kind, columns or structure. The same model for any number of
 * threads.
 */
qf_status qf_model_fit(const qf_fitting *fitting, const qf_table *table, const qf_run *run,
                       qf_model *model, qf_error *error);

/* Visits what the models of all values give: by the kind's own sweep where it has one for this
 * parameter, else by a fit a value. */
qf_status qf_model_sweep(const qf_fitting *fitting, const qf_table *table, const qf_sweep *sweep,
                         const qf_run *run, qf_error *error);

/* For a kind's own sweep: visits all tables with what the model gives as it is now. */
qf_status qf_model_show(const qf_model *model, const qf_sweep *sweep, size_t value,
                        const qf_run *run, qf_error *error);

/* The arrays that the fit of a model adjusted (qf_trainables_free). QF_MISMATCH for a kind that has
 * none. */
qf_status qf_model_trainable(const qf_model *model, qf_trainables *list, qf_error *error);

/* Gives a model from qf_model_init a state of its structure, trainable numbers zero. QF_MISMATCH
 * for a kind without trainable arrays, QF_DATA for a structure that cannot be built. */
qf_status qf_model_blank(qf_model *model, qf_error *error);

/* QF_MISMATCH, naming the first thing that differs in `other`, unless the arrays of two models with
 * a state mean the same: kind, columns, target, all parameters, what they are used for. */
qf_status qf_model_check_alike(const qf_model *model, const qf_model *other, qf_error *error);

/* Remembers the rows that another model, fitted to data of the same origins, has seen, as seen by
 * this one, too. */
qf_status qf_model_remember_start(qf_model *model, const qf_model *start, qf_error *error);

/* Remembers the original rows of a table as rows that something was chosen by. */
qf_status qf_model_remember_choice(qf_model *model, const qf_table *table, qf_error *error);

/* The model's probabilities[rows], corrected and calibrated, for a table that has its columns. */
qf_status qf_model_probabilities(const qf_model *model, const qf_table *table, const qf_run *run,
                                 double *probabilities, qf_error *error);

/* Replaces the scores by those of the table's rows, probability, label, origin, seen bits and the
 * model's threshold. QF_MISMATCH unless the table has the model's columns. Scoring a table block by
 * block gives the same as all at once. */
qf_status qf_model_predict(const qf_model *model, const qf_table *table, const qf_run *run,
                           qf_scores *scores, qf_error *error);

/* The rows alone, as arrays. */
qf_status qf_model_encode_rows(const qf_model *model, qf_arrays *arrays, qf_error *error);
qf_status qf_model_decode_rows(qf_model *model, const qf_arrays *arrays, qf_error *error);
/* The state, the calibration and the rows as arrays (qf_arrays_free). What else a stored model
 * needs is in the struct: kind->name, parameters, names, target, seed, odds_factor,
 * calibration.method, threshold, facts. */
qf_status qf_model_encode(const qf_model *model, qf_arrays *arrays, qf_error *error);
/* Completes a model from qf_model_init and these numbers. Total: QF_DATA for arrays that are no
 * such model; the caller frees the model in either case. */
qf_status qf_model_decode(qf_model *model, const qf_arrays *arrays, qf_error *error);

#endif
