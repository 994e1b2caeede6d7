/* qf-train-qnn: fit a quantum neural network or one of its classical twins. */
#include "quantum/circuit_wire.h"
#include "trainer/settings.h"
#include "trainer/trainer.h"

#include <stdlib.h>

/* Most are parameters of the kind "qnn", as text: what they may be is said and checked there. */
typedef struct train_options {
    qf_trainer_options shared;
    const char *layers, *circuit, *map, *circuit_layers, *uploads, *measure, *quantum, *epochs,
        *batch, *rate, *schedule, *optimiser, *validation, *patience, *precision, *engine, *noise,
        *noise_at, *shots, *circuit_file, *inputs;
} train_options;

#define PARAMETER(option, member, what, text)                                                      \
    {                                                                                              \
        .name = option, .kind = QF_OPTION_TEXT, .offset = offsetof(train_options, member),         \
        .argument = what, .help = text                                                             \
    }

static const qf_option options[] = {
    PARAMETER("layers", layers, "N-N-...",
              "units of the dense relu layers before the circuit, 4 unless given; the last has one "
              "for each input of the circuit"),
    PARAMETER("circuit", circuit, "NAME",
              "the circuit: long (unless given) and short of the paper, strong, sim9 ..., or none: "
              "the feature map alone"),
    PARAMETER("map", map, "NAME", "the feature map before it: rx (unless given), zz, iqp ..."),
    PARAMETER("circuit-layers", circuit_layers, "N",
              "how often the circuit's layer is repeated; as it is usual for it unless given"),
    PARAMETER("uploads", uploads, "N",
              "how often map and circuit alternate, with weights of their own; once unless given"),
    PARAMETER("measure", measure, "WHAT",
              "z:0,1,2, pauli:XIZY,ZZII, probs or probs:0,2; Z of the wires unless given"),
    PARAMETER("quantum", quantum, "TWIN",
              "full (unless given), or what stands in the circuit's place: none, dense, cosine, "
              "product, frozen, only"),
    PARAMETER("epochs", epochs, "N", "passes over the rows, 10 unless given"),
    PARAMETER("batch", batch, "N", "rows of a step, 25 unless given"),
    PARAMETER("rate", rate, "R", "the learning rate, 0.01 unless given"),
    PARAMETER("schedule", schedule, "HOW",
              "constant (unless given), or cosine: falling to 0 at the last step"),
    PARAMETER("optimiser", optimiser, "NAME", "adam (unless given) or sgd"),
    PARAMETER("validation", validation, "SHARE",
              "share of the rows set aside to judge every epoch, 0 (unless given) to 0.9"),
    PARAMETER("patience", patience, "N",
              "end after N epochs without a lower validation loss, with the best weights"),
    PARAMETER("precision", precision, "P", "of the simulation: double (unless given) or single"),
    PARAMETER("engine", engine, "NAME",
              "auto (unless given), feature, statevector, or density, for noise"),
    PARAMETER("noise", noise, "SPEC",
              "train with noise, none unless given: bit-flip:P, phase-flip:P, depolarising:P, "
              "amplitude-damping:G, phase-damping:G, readout:E or readout@WIRE:E0/E1, joined by "
              "commas"),
    PARAMETER("noise-at", noise_at, "WHERE",
              "channels act behind gates (unless given), on each wire that one touches, or at the "
              "end"),
    PARAMETER("shots", shots, "N",
              "estimate values by N shots, gradients by parameter shift; 0: exact (unless given)"),
    {.name = "circuit-file",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(train_options, circuit_file),
     .argument = "FILE",
     .help = "the circuit, feature map and all: OpenQASM or a circuit stream of qf-circuit; the "
             "model keeps it"},
    {.name = "inputs",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(train_options, inputs),
     .argument = "PATTERN",
     .help = "inputs of an OpenQASM file that are features, x* unless given; the rest are weights"},
};
enum {
    OPTIONS = sizeof options / sizeof *options,
    PARAMETERS = OPTIONS - 2, /* which come first */
};

static const qf_example examples[] = {
    {"qf-train-qnn --layers 4 --circuit long --epochs 10 --schedule cosine --seed 7 < train.qf > "
     "model.qf",
     "A dense layer of four relus, the paper's circuit of four wires, two logits"},
    {"qf-train-qnn --layers 4 --quantum dense --epochs 10 --schedule cosine --seed 7 < train.qf > "
     "twin.qf",
     "The same with a classical layer of as many weights in the circuit's place"},
    {"qf-train-qnn --layers 16-6 --circuit strong --circuit-layers 2 --epochs 2 --grid "
     "rate=0.001,0.01 --tune pr_auc < train.qf > model.qf",
     "Six wires; the learning rate chosen by cross-validation"},
    {"qf-train-qnn --epochs 200 --checkpoint kept.qf < train.qf > model.qf",
     "A long training: when it is killed, the same command goes on from kept.qf"},
    {"qf-train-qnn --epochs 1 --init model.qf < train.qf > next.qf",
     "One more epoch, from the weights of a model"},
    {"qf-circuit export --circuit sim9 --wires 4 > mine.qasm; qf-train-qnn --layers 8-4 "
     "--circuit-file mine.qasm --epochs 2 < train.qf > model.qf",
     "A circuit of one's own, here exported before, from OpenQASM"},
    {"qf-train-qnn --noise depolarising:0.01,readout:0.02 --epochs 10 < train.qf > model.qf",
     "A net that knows the noise under which it will predict; its gradients stay exact"},
};

static const qf_tool tool = {
    .name = "qf-train-qnn",
    .summary = "fit a quantum neural network, or its classical twin, to a table",
    .description =
        "Reads a table and writes a model for qf-predict. The net: dense relu layers, the circuit, "
        "whose inputs are angles in radians, and a softmax over its expectation values; simulated "
        "exactly, trained with exact gradients. Scale the columns first (qf-scale --fit "
        "log-standard --clip 3): an angle is periodic, and what lies beyond pi wraps.\n\n"
        "--quantum puts a twin in the circuit's place to tell what the circuit adds. Twins of one "
        "seed share the split, the order of the rows and the first weights of the layers they have "
        "in common.\n\n"
        "The model's facts tell of every epoch (qf-view --show records): losses, accuracies, each "
        "layer's gradient, dead relu units, and the share of angles beyond pi. Its arrays are the "
        "whole net (qf-export --to jsonl): of layer 0, 1 ... weights_0, [units][inputs], and "
        "biases_0; the circuit's weights are w0, w1 ... of qf-circuit draw. The same input, options "
        "and seed give the same bytes, for any number of threads.\n\n" QF_TRAINER_DESCRIPTION,
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

/* The file's circuit becomes the parameters that say it. */
static qf_status add_circuit(qf_cli *cli, const train_options *o, qf_texts *settings,
                             qf_error *error) {
    static const char *const others[] = {"circuit", "map", "circuit-layers", "uploads", NULL};
    const qf_qasm_read_options how = {.features = o->inputs, .measure = o->measure};
    qf_circuit circuit;
    qf_bytes program = {0}, measure = {0};
    if (!o->circuit_file && o->inputs) {
        return qf_fail(error, QF_USAGE, "--inputs goes with --circuit-file");
    }
    if (!o->circuit_file) return QF_OK;
    QF_TRY(qf_cli_refuse(cli, others, "does not go with --circuit-file", error));
    QF_TRY(qf_circuit_read(&cli->session, o->circuit_file, &how, &circuit, error));
    qf_status status = qf_circuit_print(&circuit, &program, &measure, error);
    if (status == QF_OK) {
        status = qf_settings_add(settings, "program", (const char *)program.data, error);
    }
    if (status == QF_OK) {
        status = qf_settings_add(settings, "measure", (const char *)measure.data, error);
    }
    free(program.data);
    free(measure.data);
    qf_circuit_free(&circuit);
    return status;
}

static qf_status train(qf_cli *cli, void *given, qf_error *error) {
    const train_options *o = given;
    const qf_model_kind *kind;
    qf_texts settings = {0};
    QF_TRY(qf_model_kind_find("qnn", &kind, error));
    qf_status status = qf_settings_add_options(&settings, kind, options, PARAMETERS, given, error);
    if (status == QF_OK) status = add_circuit(cli, o, &settings, error);
    if (status == QF_OK) status = qf_trainer_run(cli, kind, &o->shared, &settings, error);
    qf_settings_free(&settings);
    return status;
}

int main(int argc, char **argv) {
    train_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, train);
}
