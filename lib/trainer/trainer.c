#include "trainer/trainer.h"

#include "base/file.h"
#include "base/number.h"
#include "data/table_wire.h"
#include "learn/folds.h"
#include "model/model_wire.h"
#include "model/training.h"
#include "stream/records.h"
#include "trainer/checkpoint.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const qf_option qf_trainer_option_table[QF_TRAINER_OPTIONS] = {
    {.name = "set",
     .kind = QF_OPTION_LIST,
     .offset = offsetof(qf_trainer_options, settings),
     .argument = "NAME=VALUE",
     .help = "set a parameter of the model; --list shows their names, ranges and defaults"},
    {.name = "init",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(qf_trainer_options, init),
     .argument = "FILE",
     .help = "begin every fit from the weights of this model, of the same kind, columns and "
             "structure (mlp, logistic, qnn)"},
    {.name = "checkpoint",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(qf_trainer_options, checkpoint),
     .argument = "FILE",
     .local = true,
     .help = "keep the unfinished fit to all rows in FILE; where FILE is there, go on from it; it "
             "goes when the model is written (mlp, qnn)"},
    {.name = "checkpoint-every",
     .kind = QF_OPTION_REAL,
     .offset = offsetof(qf_trainer_options, checkpoint_interval),
     .argument = "SECONDS",
     .initial = "1",
     .maximum = 1e9,
     .local = true,
     .help = "write the checkpoint after the first epoch that ends so long after the last one, 0: "
             "after every epoch"},
    {.name = "grid",
     .kind = QF_OPTION_LIST,
     .offset = offsetof(qf_trainer_options, grids),
     .argument = "NAME=VALUES",
     .help = "choose a parameter among FROM:TO, FROM:TO:STEP or A,B,C; with several grids, among "
             "all combinations"},
    {.name = "tune",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(qf_trainer_options, metric),
     .argument = "METRIC",
     .initial = "accuracy",
     .help = "with --grid: choose by the best mean of this metric of qf-score (of equal ones, "
             "where the score of the rows trained on is nearest, then the earliest); of alerts and "
             "costs, those for 5 % and 1,10"},
    {.name = "cv",
     .kind = QF_OPTION_INTEGER,
     .offset = offsetof(qf_trainer_options, folds),
     .argument = "FOLDS",
     .initial = "3",
     .minimum = 2,
     .maximum = QF_FOLDS_MAX,
     .help = "folds to choose by, 2 to 8"},
    {.name = "judge",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(qf_trainer_options, validation),
     .argument = "FILE",
     .help = "choose by the rows of this table instead of folds"},
    {.name = "curve",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(qf_trainer_options, curve),
     .argument = "FILE",
     .help = "with --grid: write for each grid of numbers the scores of all its values to FILE, "
             "for qf-report"},
    {.name = "class-weight",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(qf_trainer_options, class_weight),
     .argument = "WEIGHT",
     .initial = "none",
     .help = "what a fraud row weighs in the fit where a legitimate one weighs 1: none, a number "
             "above 0, or balanced: both classes weigh the same"},
    {.name = "prior",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(qf_trainer_options, prior),
     .argument = "SHARE",
     .help = "correct probabilities to this share of fraud, above 0 and below 1, or original: that "
             "of the rows that are not synthetic; for training rows that were resampled or "
             "weighted"},
    {.name = "calibrate",
     .kind = QF_OPTION_CHOICE,
     .offset = offsetof(qf_trainer_options, calibration),
     .argument = "METHOD",
     .initial = "none",
     .choices = qf_calibration_names,
     .help = "make probabilities the rates that are observed"},
    {.name = "threshold",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(qf_trainer_options, threshold),
     .argument = "RULE",
     .initial = "fixed",
     .help = "call rows fraud above: fixed, the model's own threshold; the one of the best f1 or "
             "mcc; cost:FP,FN, the one of least cost, where a false alarm costs FP and a missed "
             "fraud FN; alert-rate:R, the lowest by which at most the share R of the rows is "
             "called fraud"},
};

/* ---- From options to a training ---- */

static qf_status set_parameters(const qf_model_kind *kind, const qf_texts *settings,
                                qf_record *parameters, qf_error *error) {
    for (size_t i = 0; i < settings->count; i++) {
        const qf_status status = qf_parameters_set(kind, parameters, settings->items[i], error);
        if (status == QF_USAGE) qf_error_context(error, "--set");
        QF_TRY(status);
    }
    return QF_OK;
}

/* Whether one of the settings begins with these `length` characters, "name=". */
static bool is_set(const qf_texts *settings, const char *name, size_t length) {
    for (size_t i = 0; i < settings->count; i++) {
        if (strncmp(settings->items[i], name, length) == 0) return true;
    }
    return false;
}

static qf_status set_grids(const qf_model_kind *kind, const qf_trainer_options *o,
                           const qf_texts *named, qf_grids *grids, qf_error *error) {
    for (size_t g = 0; g < o->grids.count; g++) {
        const char *text = o->grids.items[g];
        const qf_status status = qf_grids_add(grids, kind, text, error);
        if (status == QF_USAGE) qf_error_context(error, "--grid");
        QF_TRY(status);
        const size_t length = strcspn(text, "=") + 1;
        if (!is_set(named, text, length) && !is_set(&o->settings, text, length)) continue;
        return qf_fail(error, QF_USAGE, "--grid: --set sets %.*s, too", (int)length - 1, text);
    }
    return QF_OK;
}

/* A number strictly between limits. */
static bool parse_between(const char *text, double low, double high, double *value) {
    return qf_parse_double(text, strlen(text), value) == QF_NUMBER_VALID && *value > low &&
           *value < high;
}

static qf_status set_class_weight(const char *text, double *weight, qf_error *error) {
    if (strcmp(text, "none") == 0) {
        *weight = 1;
    } else if (strcmp(text, "balanced") == 0) {
        *weight = QF_WEIGHT_BALANCED;
    } else if (!parse_between(text, 0, 1e300, weight)) {
        return qf_fail(error, QF_USAGE,
                       "--class-weight: expected none, balanced or a number above 0, got \"%s\"",
                       text);
    }
    return QF_OK;
}

static qf_status set_prior(const char *text, qf_training *training, qf_error *error) {
    training->prior = QF_PRIOR_TRAINED;
    if (!text) return QF_OK;
    training->prior = QF_PRIOR_ORIGINAL;
    if (strcmp(text, "original") == 0) return QF_OK;
    training->prior = QF_PRIOR_SHARE;
    if (parse_between(text, 0, 1, &training->prior_share)) return QF_OK;
    return qf_fail(error, QF_USAGE,
                   "--prior: expected original or a number above 0 and below 1, got \"%s\"", text);
}

/* What the kind cannot do. */
static qf_status check_kind(const qf_model_kind *kind, const qf_trainer_options *o,
                            qf_error *error) {
    if (o->init && !kind->begin) {
        return qf_fail(error, QF_USAGE, "--init: a %s begins from rows alone", kind->name);
    }
    if (o->checkpoint && strcmp(o->checkpoint, "-") == 0) {
        return qf_fail(error, QF_USAGE, "--checkpoint: expected the name of a file, got \"-\"");
    }
    if (o->checkpoint && !kind->resumes) {
        return qf_fail(error, QF_USAGE, "--checkpoint: the fit of a %s cannot be taken up again",
                       kind->name);
    }
    return QF_OK;
}

/* Options that only another one gives a use. */
static qf_status check_needs(const qf_cli *cli, const qf_training *training, qf_error *error) {
    static const char *const of_grids[] = {"tune", "curve"}, *const of_choices[] = {"cv", "judge"};
    for (size_t i = 0; i < 2; i++) {
        if (qf_cli_given(cli, of_grids[i]) && training->grids->points == 0) {
            return qf_fail(error, QF_USAGE, "--%s needs --grid", of_grids[i]);
        }
        if (qf_cli_given(cli, of_choices[i]) && !qf_training_chooses(training)) {
            return qf_fail(error, QF_USAGE, "--%s needs --grid, --calibrate or --threshold",
                           of_choices[i]);
        }
    }
    if (qf_cli_given(cli, "cv") && qf_cli_given(cli, "judge")) {
        return qf_fail(error, QF_USAGE, "give --cv or --judge");
    }
    bool numbers = !qf_cli_given(cli, "curve");
    for (size_t g = 0; g < training->grids->count; g++)
        numbers |= training->grids->items[g].numeric;
    return numbers ? QF_OK : qf_fail(error, QF_USAGE, "--curve needs a grid of numbers alone");
}

static qf_status plan(const qf_cli *cli, const qf_trainer_options *o, qf_training *training,
                      qf_error *error) {
    training->fitting.seed = cli->seed;
    training->folds = (size_t)o->folds;
    training->calibration = (qf_calibration_method)o->calibration;
    QF_TRY(set_class_weight(o->class_weight, &training->fitting.fraud_weight, error));
    QF_TRY(set_prior(o->prior, training, error));
    if (qf_metric_find(o->metric, &training->metric, error) != QF_OK) {
        return qf_error_context(error, "--tune");
    }
    if (qf_threshold_parse(o->threshold, &training->threshold, error) != QF_OK) {
        return qf_error_context(error, "--threshold");
    }
    return check_needs(cli, training, error);
}

/* ---- Outputs ---- */

static qf_status set_seed(uint64_t seed, qf_record *record, qf_error *error) {
    if (seed <= INT64_MAX) return qf_record_set_integer(record, "seed", (int64_t)seed, error);
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)seed);
    return qf_record_set_text(record, "seed", text, error);
}

static qf_status describe_curve(const qf_training *training, const qf_tuned *tuned, size_t grid,
                                qf_record *record, qf_error *error) {
    const size_t folds = training->validation ? 1 : training->folds;
    QF_TRY(qf_record_set_text(record, "model", training->fitting.kind->name, error));
    QF_TRY(set_seed(training->fitting.seed, record, error));
    QF_TRY(qf_record_set_text(record, "metric", training->metric->name, error));
    QF_TRY(qf_record_set_integer(record, "folds", (int64_t)folds, error));
    return qf_tuned_curve(tuned, training->grids, grid, record, error);
}

static qf_status write_curve(qf_cli *cli, int fd, const char *path, const qf_training *training,
                             const qf_tuned *tuned, qf_error *error) {
    const qf_grids *grids = training->grids;
    qf_record *records = qf_new_array(grids->count, sizeof *records, error);
    if (!records) return QF_MEMORY;
    qf_status status = QF_OK;
    size_t count = 0;
    for (size_t g = 0; status == QF_OK && g < grids->count; g++) {
        if (!grids->items[g].numeric) continue;
        status = describe_curve(training, tuned, g, &records[count++], error);
    }
    if (status == QF_OK) {
        status = qf_records_write_file(&cli->session, fd, path, "curve", records, count, error);
    }
    for (size_t i = 0; i < count; i++) qf_record_free(&records[i]);
    free(records);
    return status;
}

/* The curve appears before the model is valid, and goes again if that fails: there are both or
 * none.
 */
static qf_status write_outputs(qf_cli *cli, const char *curve, const qf_training *training,
                               const qf_model *model, const qf_tuned *tuned, qf_error *error) {
    qf_output_file file = {.fd = -1};
    qf_status status = curve ? qf_output_file_open(&file, curve, error) : QF_OK;
    if (status == QF_OK && curve) {
        status = write_curve(cli, file.fd, curve, training, tuned, error);
    }
    if (status == QF_OK && curve) status = qf_output_file_commit(&file, error);
    if (status == QF_OK) {
        status = qf_model_write(&cli->session, STDOUT_FILENO, "standard output", model, error);
        if (status != QF_OK && curve) qf_output_file_withdraw(curve);
    }
    qf_output_file_discard(&file);
    return status;
}

/* ---- The work ---- */

static void tell(qf_cli *cli, const qf_model *model) {
    const char *setting = qf_record_text(&model->facts, "setting");
    const qf_field *alerts = qf_record_find(&model->facts, "threshold_alerts");
    qf_cli_tell(cli, "trained%s%s (%.4f s)", *setting ? ", chosen: " : "", setting,
                qf_cli_lap(cli));
    if (!alerts || alerts->integer > 0) return;
    qf_cli_warn(cli,
                "by --threshold no row is called fraud: those of the highest score are "
                "too many together, or not worth it");
}

/* Rows judge nothing by a fit that knows them. */
static void warn_of_known_rows(qf_cli *cli, const qf_model *model, const qf_table *validation) {
    size_t known = 0;
    for (size_t r = 0; r < validation->rows; r++) {
        known += qf_row_set_holds(&model->trained_rows, validation->origins[r].row);
    }
    if (known == 0) return;
    qf_cli_warn(cli, "%zu rows of --judge are among the rows fitted to, too", known);
}

/* The rows that were read, and where they come from; `judging` has a table with --judge alone,
 * `start` a model with --init. */
typedef struct rows {
    qf_table table, judging;
    qf_model start;
    qf_origins origins, judging_origins, start_origins;
} rows;

static void free_rows(rows *r) {
    qf_table_free(&r->table);
    qf_table_free(&r->judging);
    if (r->start.kind) qf_model_free(&r->start);
    qf_origins_free(&r->origins);
    qf_origins_free(&r->judging_origins);
    qf_origins_free(&r->start_origins);
}

/* The rows to fit to are the first rows read, those to choose by last: violations_wire.c relies on
 * it. */
static qf_status read_rows(qf_cli *cli, const qf_trainer_options *o, qf_training *training, rows *r,
                           qf_error *error) {
    QF_TRY(qf_table_read(&cli->session, qf_cli_input(cli), &r->table, &r->origins, error));
    if (o->init) {
        QF_TRY(qf_model_read(&cli->session, o->init, &r->start, &r->start_origins, error));
        training->fitting.start = &r->start;
    }
    if (o->validation) {
        QF_TRY(
            qf_table_read(&cli->session, o->validation, &r->judging, &r->judging_origins, error));
        training->validation = &r->judging;
    }
    qf_cli_tell(cli, "read %zu rows (%.4f s)", r->table.rows, qf_cli_lap(cli));
    return QF_OK;
}

/* What the fit began from has seen its rows, too, where they are rows of the same data. */
static qf_status add_seen_rows(qf_cli *cli, const qf_training *training, const rows *r,
                               qf_model *model, qf_error *error) {
    size_t known = 0;
    if (!training->fitting.start || !qf_origins_equal(&r->origins, &r->start_origins)) return QF_OK;
    for (size_t i = 0; i < r->table.rows; i++) {
        known += qf_row_set_holds(&r->start.trained_rows, r->table.origins[i].row);
    }
    if (known > 0 && qf_training_chooses(training) && !training->validation) {
        qf_cli_warn(cli, "%zu rows are among those that --init was fitted to: folds judge by them",
                    known);
    }
    return qf_model_remember_start(model, &r->start, error);
}

static qf_status finish(qf_cli *cli, const qf_trainer_options *o, const qf_training *training,
                        const rows *r, qf_model *model, const qf_tuned *tuned, qf_error *error) {
    tell(cli, model);
    QF_TRY(add_seen_rows(cli, training, r, model, error));
    if (qf_origins_equal(&r->origins, &r->judging_origins)) {
        warn_of_known_rows(cli, model, &r->judging);
    }
    return write_outputs(cli, o->curve, training, model, tuned, error);
}

static qf_status train(qf_cli *cli, const qf_trainer_options *o, const qf_training *training,
                       const rows *r, const qf_run *run, qf_error *error) {
    qf_model model;
    qf_tuned tuned = {0};
    QF_TRY(qf_train(training, &r->table, run, &model, &tuned, error));
    const qf_status status = finish(cli, o, training, r, &model, &tuned, error);
    qf_model_free(&model);
    qf_tuned_free(&tuned);
    return status;
}

static qf_status train_with_checkpoint(qf_cli *cli, const qf_trainer_options *o,
                                       const qf_training *training, const rows *r,
                                       qf_error *error) {
    qf_run run = cli->run;
    qf_checkpoint checkpoint;
    if (!o->checkpoint) return train(cli, o, training, r, &run, error);
    qf_status status =
        qf_checkpoint_open(&checkpoint, cli, o->checkpoint, o->checkpoint_interval, error);
    if (status == QF_OK) {
        run.keeper = &checkpoint.keeper;
        status = train(cli, o, training, r, &run, error);
    }
    if (status == QF_OK) qf_checkpoint_remove(&checkpoint);
    qf_checkpoint_free(&checkpoint);
    return status;
}

qf_status qf_trainer_run(qf_cli *cli, const qf_model_kind *kind, const qf_trainer_options *options,
                         const qf_texts *named, qf_error *error) {
    qf_record parameters = {0};
    qf_grids grids = {0};
    qf_training training = {.fitting = {kind, &parameters, .fraud_weight = 1}, .grids = &grids};
    rows r = {0};
    qf_status status = check_kind(kind, options, error);
    if (status == QF_OK) status = qf_parameters_default(kind, &parameters, error);
    if (status == QF_OK) status = set_parameters(kind, named, &parameters, error);
    if (status == QF_OK) status = set_parameters(kind, &options->settings, &parameters, error);
    if (status == QF_OK) status = set_grids(kind, options, named, &grids, error);
    if (status == QF_OK) status = plan(cli, options, &training, error);
    if (status == QF_OK) status = read_rows(cli, options, &training, &r, error);
    if (status == QF_OK) status = train_with_checkpoint(cli, options, &training, &r, error);
    free_rows(&r);
    qf_grids_free(&grids);
    qf_record_free(&parameters);
    return status;
}
