/* qf-train-classic: fit a classical model. */
#include "base/file.h"
#include "trainer/settings.h"
#include "trainer/trainer.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct train_options {
    qf_trainer_options shared;
    const char *model;
    bool list;
    const char *kernel, *circuit, *circuit_layers, *paulis, *wires, *bandwidth;
} train_options;

/* A parameter of svm, as text: what it may be is said and checked there. */
#define PARAMETER(option, member, what, text)                                                      \
    {                                                                                              \
        .name = option, .kind = QF_OPTION_TEXT, .offset = offsetof(train_options, member),         \
        .argument = what, .help = text                                                             \
    }

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
    PARAMETER("kernel", kernel, "NAME",
              "of svm: rbf (unless given), linear, or quantum, see above"),
    PARAMETER(
        "circuit", circuit, "NAME",
        "of --kernel quantum: the feature map, zz (unless given), z, pauli, iqp, rx, ry, rz or "
        "amplitude"),
    PARAMETER("circuit-layers", circuit_layers, "N",
              "how often it is repeated; as it is usual for it unless given"),
    PARAMETER("paulis", paulis, "A,B,...",
              "of --circuit pauli: strings of X, Y and Z, Z,YY unless given"),
    PARAMETER("wires", wires, "N",
              "of the feature map; one a column unless given, of amplitude as many as hold the "
              "columns"),
    PARAMETER("bandwidth", bandwidth, "B",
              "the factor that makes columns angles, 1 unless given; the smaller, the more alike "
              "rows look"),
};
enum { OPTIONS = sizeof options / sizeof *options, FIRST_PARAMETER = 2 };

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
    {"qf-reduce --to 4 < train.qf | qf-scale --fit standard --clip 3 | qf-train-classic --model svm "
     "--kernel quantum --circuit zz --grid C=0.1,1,10 --grid bandwidth=0.03,0.1,0.3,1 --tune pr_auc "
     "> model.qf",
     "A support vector machine by the fidelity of states of four wires"},
    {"qf-train-classic --list --model tree", "What can be set"},
};

static const qf_tool tool = {
    .name = "qf-train-classic",
    .summary = "fit a classical model to a table",
    .description =
        "Reads a table and writes a model for qf-predict. The table must have rows of both classes. "
        "The same input, options and seed give the same bytes, for any number of "
        "threads.\n\n"
        "--kernel quantum: a feature map, a circuit, makes a state of each row, its columns times "
        "the bandwidth being angles in radians (scale them first); two rows are as alike as the "
        "fidelity of their states, |<phi(x)|phi(z)>|^2, simulated exactly. The states and the Gram "
        "matrix are kept: 16 bytes for each of 2^wires amplitudes of a row, 4 for each pair of rows "
        "(told with --verbose, and from 256 MiB on). The model's facts (qf-view --show records) "
        "tell mean and variance of the kernel's values between rows, which concentrate as wires "
        "grow, and their centred alignment with the labels.\n\n" QF_TRAINER_DESCRIPTION,
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = OPTIONS,
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

/* What describes a circuit would change nothing in another kernel. */
static qf_status check_kernel(const qf_cli *cli, const train_options *o, qf_error *error) {
    static const char *const parts[] = {"circuit", "circuit-layers", "paulis",
                                        "wires",   "bandwidth",      NULL};
    const bool quantum = o->kernel && strcmp(o->kernel, "quantum") == 0;
    if (quantum || !o->model || strcmp(o->model, "svm") != 0) return QF_OK;
    return qf_cli_refuse(cli, parts, "needs --kernel quantum", error);
}

static qf_status train(qf_cli *cli, void *given, qf_error *error) {
    const train_options *o = given;
    const qf_model_kind *kind = NULL;
    qf_texts settings = {0};
    if (o->model && qf_model_kind_find(o->model, &kind, error) != QF_OK) {
        return qf_error_context(error, "--model");
    }
    if (o->list) return list(kind, error);
    if (!kind) return qf_fail(error, QF_USAGE, "--model is missing: --list shows what there is");
    QF_TRY(check_kernel(cli, o, error));
    qf_status status = qf_settings_add_options(&settings, kind, options + FIRST_PARAMETER,
                                               OPTIONS - FIRST_PARAMETER, given, error);
    if (status == QF_OK) status = qf_trainer_run(cli, kind, &o->shared, &settings, error);
    qf_settings_free(&settings);
    return status;
}

int main(int argc, char **argv) {
    train_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, train);
}
