/* qf-predict: a model's fraud probabilities for the rows of a table. */
#include "cli/cli.h"
#include "data/table_wire.h"
#include "learn/scores_wire.h"
#include "model/model_wire.h"
#include "model/qnn_noise.h"

#include <unistd.h>

typedef struct predict_options {
    const char *model;
    qf_disturbance disturbance;
} predict_options;

static const qf_option options[] = {
    {.name = "model",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(predict_options, model),
     .argument = "FILE",
     .help = "the fitted model"},
    {.name = "noise",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(predict_options, disturbance.noise),
     .argument = "SPEC",
     .help = "run a quantum network's circuit with noise, or none, whatever it was trained with: "
             "bit-flip:P, phase-flip:P, depolarising:P, amplitude-damping:G, phase-damping:G, "
             "readout:E or readout@WIRE:E0/E1, joined by commas"},
    {.name = "noise-at",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(predict_options, disturbance.noise_at),
     .argument = "WHERE",
     .help = "channels act behind gates, on each wire that one touches, or once at the end"},
    {.name = "shots",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(predict_options, disturbance.shots),
     .argument = "N",
     .help = "estimate a circuit's values by N shots a row, drawn by the seed; 0: exact"},
};

static const qf_example examples[] = {
    {"qf-predict --model model.qf < test.qf | qf-score | qf-report --to text",
     "How good is the model on rows that it has not seen?"},
    {"qf-predict --model model.qf labelled.qf | qf-export --to csv > scores.csv",
     "Probabilities beside labels, as a table"},
    {"qf-predict --model qnn.qf --noise depolarising:0.01,readout:0.02 --shots 1024 --seed 7 < "
     "test.qf | qf-score | qf-report",
     "What would be left of it on a device?"},
};

static const qf_tool tool = {
    .name = "qf-predict",
    .summary = "score the rows of a table with a model",
    .description =
        "Reads a table and writes scores: for each row the probability of fraud, its label and "
        "identity, and whether the model was trained on this row or, by SMOTE, on a relative of it, or "
        "was chosen by it. Probabilities are the model's own, then corrected for another share of "
        "fraud and calibrated where it was trained so. "
        "The table must have the columns that the model was trained on, by name and in "
        "order; prepare it with the same scaler.\n\n"
        "Noise and shots are for quantum networks, and unless given as in the training. A channel "
        "follows each gate; depolarising:P is (1-P) rho + P/3 (X rho X + Y rho Y + Z rho Z); "
        "readout:E0/E1 reads 0 as 1 with the chance E0 and 1 as 0 with E1. Noise is exact up to 8 "
        "wires, else a mean over trajectories. Equal rows have the same shots, wherever they "
        "stand.\n\n"
        "Rows are scored as they arrive: memory does not grow with their number.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .features = QF_TOOL_SEED | QF_TOOL_THREADS,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

/* What the scores say of their model: its kind, threshold and the facts of its fit. */
static qf_status open_scores(qf_cli *cli, qf_model *model, qf_writer *writer, qf_error *error) {
    QF_TRY(qf_record_set_text(&model->facts, "model", model->kind->name, error));
    QF_TRY(qf_record_set_real(&model->facts, "threshold", model->threshold, error));
    const size_t known = model->trained_rows.count; /* none of a mean of hidden models */
    if (known > 0) {
        QF_TRY(qf_record_set_integer(&model->facts, "n_train_original", (int64_t)known, error));
    }
    return qf_scores_writer_open(writer, &cli->session, STDOUT_FILENO, "standard output",
                                 &model->facts, error);
}

/* Adds to *seconds how long the model took, reading and writing left out. */
static qf_status score_blocks(qf_cli *cli, const qf_model *model, qf_table_reader *reader,
                              qf_writer *writer, double *seconds, qf_error *error) {
    qf_scores scores = {0};
    qf_status status = QF_OK;
    bool more = true;
    while (status == QF_OK) {
        status = qf_table_reader_next(reader, &more, error);
        if (status != QF_OK || !more) break;
        qf_cli_lap(cli);
        status = qf_model_predict(model, &reader->block, &cli->run, &scores, error);
        *seconds += qf_cli_lap(cli);
        if (status == QF_OK) status = qf_scores_write(writer, &scores, error);
    }
    qf_scores_free(&scores);
    return status;
}

static qf_status score_tables(qf_cli *cli, qf_model *model, qf_error *error) {
    qf_table_reader reader = {0};
    qf_writer writer = {0};
    bool more = true;
    double seconds = 0;
    qf_status status = qf_table_reader_open(&reader, &cli->session, qf_cli_input(cli), error);
    if (status == QF_OK) {
        status = qf_table_check_columns(model->columns, (const char *const *)model->names,
                                        &reader.block, error);
    }
    if (status == QF_OK) status = open_scores(cli, model, &writer, error);
    while (status == QF_OK && more) {
        status = score_blocks(cli, model, &reader, &writer, &seconds, error);
        if (status == QF_OK) status = qf_table_reader_next_table(&reader, &more, error);
    }
    if (status == QF_OK) status = qf_writer_close(&writer, error);
    if (status == QF_OK) qf_cli_tell(cli, "scored by %s (%.4f s)", model->kind->name, seconds);
    qf_writer_free(&writer);
    qf_table_reader_close(&reader);
    return status;
}

static qf_status predict(qf_cli *cli, void *given, qf_error *error) {
    predict_options *o = given;
    if (!o->model) return qf_fail(error, QF_USAGE, "--model is missing");
    qf_model model;
    QF_TRY(qf_model_read(&cli->session, o->model, &model, NULL, error));
    o->disturbance.seed = cli->seed;
    qf_status status = qf_model_disturb(&model, &o->disturbance, error);
    cli->session.self.seeded = status == QF_OK && qf_model_is_random(&model);
    if (status == QF_OK) status = score_tables(cli, &model, error);
    qf_model_free(&model);
    return status;
}

int main(int argc, char **argv) {
    predict_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, predict);
}
