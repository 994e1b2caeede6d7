/* qf-train-classic: fit a classical model. */
#include "base/file.h"
#include "base/memory.h"
#include "trainer/trainer.h"

#include <stdlib.h>
#include <unistd.h>

typedef struct train_options {
    qf_trainer_options shared;
    const char *model;
    bool list;
} train_options;

static const qf_option options[] = {
    {.name = "model",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(train_options, model),
     .argument = "NAME",
     .help = "the model to fit; --list shows those that there are"},
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
    {"qf-train-classic --model forest --grid trees=10:300:10 --tune f1 --cv 5 --curve trees.qf "
     "< train.qf > model.qf",
     "The number of trees by the F1 of fraud over five folds, and its curve"},
    {"qf-smote < train.qf | qf-train-classic --model forest --prior original --calibrate isotonic "
     "--threshold cost:1,20 > model.qf",
     "Trained on balanced rows, with the probabilities of the original ones, calling fraud what "
     "costs least where a missed fraud is as dear as twenty false alarms"},
    {"qf-train-classic --list --model tree", "What can be set"},
};

static const qf_tool tool = {
    .name = "qf-train-classic",
    .summary = "fit a classical model to a table",
    .description =
        "Reads a table and writes a model for qf-predict. The table must have rows of both classes. "
        "The same input, options and seed give the same bytes, for any number of "
        "threads.\n\n" QF_TRAINER_DESCRIPTION,
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .shared = qf_trainer_option_table,
    .shared_count = QF_TRAINER_OPTIONS,
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

static qf_status train(qf_cli *cli, void *given, qf_error *error) {
    const train_options *o = given;
    const qf_model_kind *kind = NULL;
    if (o->model && qf_model_kind_find(o->model, &kind, error) != QF_OK) {
        return qf_error_context(error, "--model");
    }
    if (o->list) return list(kind, error);
    if (!kind) return qf_fail(error, QF_USAGE, "--model is missing: --list shows what there is");
    return qf_trainer_run(cli, kind, &o->shared, error);
}

int main(int argc, char **argv) {
    train_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, train);
}
