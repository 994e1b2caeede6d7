/* qf-train-classic: fit a classical model. */
#include "base/file.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "data/table_wire.h"
#include "model/model_wire.h"

#include <stdlib.h>
#include <unistd.h>

typedef struct train_options {
    const char *model;
    qf_texts settings;
    bool list;
} train_options;

static const qf_option options[] = {
    {.name = "model",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(train_options, model),
     .argument = "NAME",
     .help = "the model to fit; --list shows those that there are"},
    {.name = "set",
     .kind = QF_OPTION_LIST,
     .offset = offsetof(train_options, settings),
     .argument = "NAME=VALUE",
     .help = "set a parameter of the model; --list shows their names, ranges and defaults"},
    {.name = "list",
     .kind = QF_OPTION_FLAG,
     .offset = offsetof(train_options, list),
     .help = "print the models (or --model alone) with their parameters, and read nothing"},
};

static const qf_example examples[] = {
    {"qf-train-classic --model forest --set trees=500 --seed 7 < train.qf > model.qf",
     "Five hundred trees"},
    {"qf-split --test 0.2 < bank.qf | qf-train-classic --model tree > model.qf",
     "A tree on the training rows, its size chosen by cross-validation among them"},
    {"qf-train-classic --list --model tree", "What can be set"},
};

static const qf_tool tool = {
    .name = "qf-train-classic",
    .summary = "fit a classical model to a table",
    .description =
        "Reads a table and writes a model for qf-predict. The table must have rows of both "
        "classes. Everything that is chosen from data (the size of a tree, say) is chosen by "
        "cross-validation within the table, where rows of equal features stay together and no "
        "synthetic row is trained on beside a held-out parent.\n\n"
        "A row is called fraud when the model's probability is greater than 0.5. The same input, "
        "parameters and seed give the same bytes, for any number of threads.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .features = QF_TOOL_SEED | QF_TOOL_THREADS,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

static qf_status print_kind(const qf_model_kind *kind, qf_bytes *text, qf_error *error) {
    QF_TRY(qf_bytes_print(text, error, "%s: %s\n", kind->name, kind->summary));
    for (size_t i = 0; i < kind->parameter_count; i++) {
        const qf_parameter *p = &kind->parameters[i];
        QF_TRY(qf_bytes_print(text, error, "  %s=%s\n      ", p->name, p->initial));
        QF_TRY(qf_parameter_print_range(p, text, error));
        QF_TRY(qf_bytes_print(text, error, "; %s\n", p->help));
    }
    return QF_OK;
}

static qf_status list(const qf_model_kind *only, qf_error *error) {
    size_t count;
    const qf_model_kind *const *kinds = qf_model_kinds(&count);
    qf_bytes text = {0};
    qf_status status = QF_OK;
    for (size_t i = 0; status == QF_OK && i < count; i++) {
        if (!only || only == kinds[i]) status = print_kind(kinds[i], &text, error);
    }
    if (status == QF_OK) {
        status = qf_write_all(STDOUT_FILENO, text.data, text.length, "standard output", error);
    }
    free(text.data);
    return status;
}

static qf_status fit(qf_cli *cli, const qf_model_kind *kind, const qf_record *parameters,
                     qf_error *error) {
    qf_table table;
    QF_TRY(qf_table_read(&cli->session, qf_cli_input(cli), &table, NULL, error));
    qf_cli_tell(cli, "read %zu rows (%.4f s)", table.rows, qf_cli_lap(cli));
    qf_model model;
    const qf_fitting fitting = {kind, parameters, cli->seed, .fraud_weight = 1};
    qf_status status = qf_model_fit(&fitting, &table, &cli->run, &model, error);
    qf_table_free(&table);
    QF_TRY(status);
    qf_cli_tell(cli, "fit (%.4f s)", qf_cli_lap(cli));
    status = qf_model_write(&cli->session, STDOUT_FILENO, "standard output", &model, error);
    qf_model_free(&model);
    return status;
}

static qf_status train(qf_cli *cli, void *given, qf_error *error) {
    const train_options *o = given;
    const qf_model_kind *kind = NULL;
    if (o->model && qf_model_kind_find(o->model, &kind, error) != QF_OK) {
        return qf_error_context(error, "--model");
    }
    if (o->list) return list(kind, error);
    if (!kind) return qf_fail(error, QF_USAGE, "--model is missing: --list shows what there is");
    qf_record parameters = {0};
    qf_status status = qf_parameters_default(kind, &parameters, error);
    for (size_t i = 0; status == QF_OK && i < o->settings.count; i++) {
        status = qf_parameters_set(kind, &parameters, o->settings.items[i], error);
        if (status == QF_USAGE) qf_error_context(error, "--set");
    }
    if (status == QF_OK) status = fit(cli, kind, &parameters, error);
    qf_record_free(&parameters);
    return status;
}

int main(int argc, char **argv) {
    train_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, train);
}
