/* qf-circuit: circuits listed, drawn, counted, diagnosed, imported and exported. */
#include "base/file.h"
#include "cli/cli.h"
#include "data/table_wire.h"
#include "model/circuit_source_wire.h"
#include "quantum/diagnose.h"
#include "quantum/draw.h"
#include "stream/records.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TO_TEXT, TO_SVG, TO_QASM2, TO_QASM3, TO_METRICS };
static const char *const forms[] = {"text", "svg", "qasm2", "qasm3", "metrics", NULL};

typedef struct circuit_options {
    const char *circuit, *map, *paulis, *measure, *inputs, *table;
    int64_t wires, layers, map_layers, uploads, row;
    int64_t pairs, draws, least_wires, most_wires;
    int to, weights;
    bool stats, diagnose;
} circuit_options;

#define TEXT(option, member, what, start, text)                                                    \
    {                                                                                              \
        .name = option, .kind = QF_OPTION_TEXT, .offset = offsetof(circuit_options, member),       \
        .argument = what, .initial = start, .help = text                                           \
    }
#define COUNT(option, member, least, most, start, text)                                            \
    {                                                                                              \
        .name = option, .kind = QF_OPTION_INTEGER, .offset = offsetof(circuit_options, member),    \
        .argument = "N", .minimum = least, .maximum = most, .initial = start, .help = text         \
    }
#define CHOICE(option, member, what, words, text)                                                  \
    {                                                                                              \
        .name = option, .kind = QF_OPTION_CHOICE, .offset = offsetof(circuit_options, member),     \
        .argument = what, .choices = words, .help = text                                           \
    }

static const qf_option options[] = {
    TEXT("circuit", circuit, "NAME", NULL,
         "the circuit of weights, a name of \"list\"; without one, the feature map alone"),
    TEXT("map", map, "NAME", "rx", "the feature map before it, a name of \"list\""),
    COUNT("wires", wires, 1, QF_MAX_WIRES, "4", "number of wires (qubits)"),
    COUNT("layers", layers, 0, 1000, NULL, "layers of the circuit; 0 for its own number"),
    COUNT("map-layers", map_layers, 0, 1000, NULL,
          "how often the feature map is repeated; 0 for its own number"),
    COUNT("uploads", uploads, 1, 1000, "1",
          "how often map and circuit alternate, each time with weights of their own"),
    TEXT("paulis", paulis, "LIST", NULL, "strings of the feature map \"pauli\", such as Z,YY"),
    TEXT("measure", measure, "WHAT", NULL,
         "outputs: z:0,1 (wires), pauli:XIZY,ZZII, pauli:XZ* (Z on all further wires), probs, or "
         "probs:0,2 (wires); of a FILE, in place of its own"),
    TEXT("inputs", inputs, "PATTERN", NULL,
         "inputs of an OpenQASM FILE that are features, x* unless given; the rest are weights"),
    CHOICE("to", to, "FORM", forms,
           "form of a drawing, text unless given, of an export, qasm3 unless given, or of what "
           "--diagnose found, text unless given (metrics: for qf-report)"),
    CHOICE("weights", weights, "WHICH", qf_weight_choices,
           "of an export: open, as inputs w0, w1 ... of the program; as the model was trained (a "
           "model's, unless given); or random, uniform in [0, 2 pi), by the seed"),
    {.name = "table",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(circuit_options, table),
     .argument = "FILE",
     .help = "of an export: the table of --row, prepared as for qf-predict"},
    COUNT("row", row, 0, 9007199254740992., NULL,
          "of an export: give the inputs the values that they have for this row of the original "
          "file, counted from 0: after the model's dense layers; without a model, the columns"),
    {.name = "stats",
     .kind = QF_OPTION_FLAG,
     .offset = offsetof(circuit_options, stats),
     .help = "print numbers of gates, depth and weights, and which weights have no effect"},
    {.name = "diagnose",
     .kind = QF_OPTION_FLAG,
     .offset = offsetof(circuit_options, diagnose),
     .help = "print expressibility, entanglement, ranks and gradients over random weights"},
    COUNT("pairs", pairs, 1, 1e7, "5000", "pairs of random states that --diagnose draws"),
    COUNT("draws", draws, 2, 1e6, "200", "gradients that it draws for each number of wires"),
    COUNT("least-wires", least_wires, 1, QF_DIAGNOSE_WIRES, "2",
          "wires from which it follows the gradients, or the circuit's least number"),
    COUNT("most-wires", most_wires, 0, QF_DIAGNOSE_WIRES, "16",
          "wires up to which it follows them; 0: not at all"),
};

static const qf_example examples[] = {
    {"qf-circuit list", "What there is"},
    {"qf-circuit draw --circuit sim14 --layers 2 --to svg > sim14.svg", "An image"},
    {"qf-circuit --stats --circuit short", "How many weights have an effect"},
    {"qf-circuit --diagnose --circuit strong --layers 5 --measure 'pauli:Z*'",
     "Does it stand on a barren plateau?"},
    {"qf-circuit export --circuit strong --wires 3 | qf-circuit import --measure z:0 > mine.qf",
     "A circuit through OpenQASM, of which another output is measured"},
    {"qf-circuit export qnn.qf | qf-circuit draw -", "The angles that a model has learnt"},
    {"qf-circuit export --to qasm3 qnn.qf > trained.qasm",
     "A trained circuit for other programs; the features are its inputs"},
    {"qf-circuit export --to qasm2 --table test.qf --row 25 qnn.qf > row25.qasm",
     "The same for one row, as hardware takes it"},
};

static const qf_tool tool = {
    .name = "qf-circuit",
    .summary =
        "list, draw, count and diagnose quantum circuits, and bring them from and to OpenQASM",
    .description =
        "\"list\" prints the names of the built-in circuits and feature maps, \"draw\" a picture "
        "of a circuit, \"export\" OpenQASM; \"import\" writes a circuit stream. FILE is OpenQASM 2 "
        "or 3, a circuit stream or a model of qf-train-qnn, - standard input; without one, "
        "\"import\" reads standard input, and the others take the built-in circuit that the options "
        "describe. x0, x1 ... are inputs and w0, w1 ... weights; the circuit begins with all wires "
        "in state 0.\n\n"
        "Of OpenQASM are read: the standard gates and definitions of gates, inputs of type float "
        "or angle, constants and arithmetic in angles, barriers, and measurement at the end, which "
        "says what the outputs are. All else (control flow, reset, modifiers, timing) is refused, "
        "with line and column. In an export numbers have 17 digits, qubit w is wire w, and "
        "comments say what the outputs are; drawn, it shows the angles that a model has learnt.\n\n"
        "With --stats come lines of a name and a value each; weights without effect on any "
        "output are listed as dead.\n\n"
        "--diagnose looks at random weights (and inputs, where it matters), uniform in [0, 2 pi). "
        "\"expressibility\": the Kullback-Leibler divergence of the fidelities of pairs of states "
        "from those of Haar-random ones, in 75 bins; less is more expressive. \"entanglement\": "
        "the mean of Meyer and Wallach's measure (both: Sim, Johnson and Aspuru-Guzik 2019, with "
        "inputs 0). \"jacobian_rank\": independent weights, as the outputs see them over all "
        "inputs; \"fisher_rank\": of the classical Fisher information of the outputs, strings "
        "measured one by one; \"quantum_fisher_rank\": of the state's at one input (up to 10 "
        "wires). "
        "\"gradient_variance\": of the first output (\"observable\") by a weight, the mean over "
        "weights that have an effect on it. Of a built-in circuit, the lists \"sweep_\" have it "
        "for each number of wires, and \"gradient_slope\" is that of its binary logarithm: one "
        "that stays below 0 is a barren plateau (McClean et al. 2018). \"_error\" is a standard "
        "error.",
    .operands = "[list|draw|export|import] [FILE]",
    .max_operands = 2,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .features = QF_TOOL_SEED | QF_TOOL_THREADS,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

/* ---- Where the circuit comes from ---- */

static qf_recipe recipe_of(const qf_cli *cli, const circuit_options *o) {
    return (qf_recipe){.ansatz = o->circuit,
                       .feature_map = o->map,
                       .paulis = o->paulis,
                       .measure = o->measure,
                       .wires = (size_t)o->wires,
                       .layers = (size_t)o->layers,
                       .map_layers = (size_t)o->map_layers,
                       .uploads = (size_t)o->uploads,
                       .seed = cli->seed};
}

static qf_status build(const qf_cli *cli, const circuit_options *o, qf_circuit_source *source,
                       qf_error *error) {
    const qf_recipe recipe = recipe_of(cli, o);
    if (o->inputs) return qf_fail(error, QF_USAGE, "--inputs goes with a FILE");
    *source = (qf_circuit_source){.circuit = &source->own};
    return qf_builtin_build(&recipe, &source->own, error);
}

static qf_status open_source(qf_cli *cli, const circuit_options *o, const char *file,
                             qf_circuit_source *source, qf_error *error) {
    static const char *const of_built_in[] = {"circuit",    "map",     "wires",  "layers",
                                              "map-layers", "uploads", "paulis", NULL};
    const qf_qasm_read_options how = {.features = o->inputs, .measure = o->measure};
    if (!file) return build(cli, o, source, error);
    QF_TRY(qf_cli_refuse(cli, of_built_in, "does not go with a FILE", error));
    return qf_circuit_source_read(&cli->session, file, &how, source, error);
}

/* ---- What is done with it ---- */

typedef qf_status command_run(qf_cli *cli, const circuit_options *o,
                              const qf_circuit_source *source, qf_bytes *out, qf_error *error);

static qf_status draw(qf_cli *cli, const circuit_options *o, const qf_circuit_source *source,
                      qf_bytes *out, qf_error *error) {
    if (o->to > TO_SVG) return qf_fail(error, QF_USAGE, "draw goes --to text or svg");
    QF_TRY(o->to == TO_SVG ? qf_circuit_draw_svg(source->circuit, out, error)
                           : qf_circuit_draw_text(source->circuit, out, error));
    return o->stats ? qf_circuit_print_stats(source->circuit, &cli->run, out, error) : QF_OK;
}

static qf_status diagnose(qf_cli *cli, const circuit_options *o, const qf_circuit *circuit,
                          qf_bytes *out, qf_error *error) {
    const qf_recipe recipe = recipe_of(cli, o);
    const qf_diagnose_options how = {.pairs = (size_t)o->pairs,
                                     .draws = (size_t)o->draws,
                                     .least_wires = (size_t)o->least_wires,
                                     .most_wires = (size_t)o->most_wires,
                                     .seed = cli->seed};
    qf_record record = {0};
    qf_status status =
        qf_diagnose(circuit, cli->operand_count ? NULL : &recipe, &how, &cli->run, &record, error);
    if (status == QF_OK) {
        status = o->to == TO_METRICS ? qf_records_write(&cli->session, "metrics", &record, 1, error)
                                     : qf_diagnosis_print(&record, out, error);
    }
    qf_record_free(&record);
    return status;
}

/* Without a command: --stats, --diagnose or both. */
static qf_status describe(qf_cli *cli, const circuit_options *o, const qf_circuit_source *source,
                          qf_bytes *out, qf_error *error) {
    if (o->diagnose && o->to != TO_TEXT && o->to != TO_METRICS) {
        return qf_fail(error, QF_USAGE, "--diagnose goes --to text or metrics");
    }
    if (o->to == TO_METRICS && (o->stats || !o->diagnose)) {
        return qf_fail(error, QF_USAGE, "--to metrics goes with --diagnose alone");
    }
    if (o->stats) QF_TRY(qf_circuit_print_stats(source->circuit, &cli->run, out, error));
    return o->diagnose ? diagnose(cli, o, source->circuit, out, error) : QF_OK;
}

static qf_status export(qf_cli *cli, const circuit_options *o, const qf_circuit_source *source,
                        qf_bytes *out, qf_error *error) {
    qf_circuit_binding binding = {.weights = source->trained ? QF_WEIGHTS_TRAINED : QF_WEIGHTS_OPEN,
                                  .seed = cli->seed,
                                  .row = o->row,
                                  .simd = cli->run.simd};
    if (qf_cli_given(cli, "to") && o->to != TO_QASM2 && o->to != TO_QASM3) {
        return qf_fail(error, QF_USAGE, "export goes --to qasm2 or qasm3");
    }
    if (qf_cli_given(cli, "row") != qf_cli_given(cli, "table")) {
        return qf_fail(error, QF_USAGE, "--row and --table go together");
    }
    if (qf_cli_given(cli, "weights")) binding.weights = (qf_weight_choice)o->weights;
    qf_table table = {0};
    if (o->table) {
        QF_TRY(qf_table_read(&cli->session, o->table, &table, NULL, error));
        binding.table = &table;
    }
    const int version = o->to == TO_QASM2 ? 2 : 3;
    const qf_status status = qf_circuit_source_export(source, version, &binding, out, error);
    qf_table_free(&table);
    return status;
}

static qf_status import(qf_cli *cli, const circuit_options *o, const qf_circuit_source *source,
                        qf_bytes *out, qf_error *error) {
    (void)o;
    (void)out;
    return qf_circuit_write(&cli->session, STDOUT_FILENO, "standard output", source->circuit,
                            error);
}

/* ---- Commands ---- */

static qf_status run_command(qf_cli *cli, const circuit_options *o, const char *command,
                             qf_bytes *out, qf_error *error) {
    static const struct {
        const char *name;
        command_run *run;
    } commands[] = {{"draw", draw}, {"export", export}, {"import", import}};
    static const char *const of_export[] = {"weights", "table", "row", NULL};
    command_run *run = o->stats || o->diagnose ? describe : NULL;
    const char *file = command;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (!command || strcmp(command, commands[i].name) != 0) continue;
        run = commands[i].run;
        file = cli->operand_count > 1 ? cli->operands[1] : run == import ? "-" : NULL;
    }
    if (!run || (run == describe && cli->operand_count > 1)) {
        return qf_fail(error, QF_USAGE,
                       "expected list, draw, export, import, --stats or --diagnose, got \"%s\"",
                       command ? command : "");
    }
    if (o->diagnose && run != describe) {
        return qf_fail(error, QF_USAGE, "--diagnose goes without \"%s\"", command);
    }
    if (run != export) QF_TRY(qf_cli_refuse(cli, of_export, "goes with export", error));
    qf_circuit_source source;
    QF_TRY(open_source(cli, o, file, &source, error));
    const qf_status status = run(cli, o, &source, out, error);
    qf_circuit_source_free(&source);
    return status;
}

static qf_status circuit(qf_cli *cli, void *given, qf_error *error) {
    const char *command = cli->operand_count ? cli->operands[0] : NULL;
    const bool lists = command && strcmp(command, "list") == 0;
    if (lists && cli->operand_count > 1) {
        return qf_fail(error, QF_USAGE, "list takes no FILE, got \"%s\"", cli->operands[1]);
    }
    qf_bytes out = {0};
    qf_status status =
        lists ? qf_builtins_print(&out, error) : run_command(cli, given, command, &out, error);
    if (status == QF_OK && out.length) {
        status = qf_write_all(STDOUT_FILENO, out.data, out.length, "standard output", error);
    }
    free(out.data);
    return status;
}

int main(int argc, char **argv) {
    circuit_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, circuit);
}
