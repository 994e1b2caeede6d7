/* qf-circuit: circuits listed, drawn and counted. */
#include "base/file.h"
#include "cli/cli.h"
#include "quantum/builtin.h"
#include "quantum/draw.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TO_TEXT, TO_SVG };
static const char *const forms[] = {"text", "svg", NULL};

typedef struct circuit_options {
    const char *circuit, *map, *paulis, *measure;
    int64_t wires, layers, map_layers, uploads;
    int to;
    bool stats;
} circuit_options;

#define OPTION(member) offsetof(circuit_options, member)

static const qf_option options[] = {
    {.name = "circuit",
     .kind = QF_OPTION_TEXT,
     .offset = OPTION(circuit),
     .argument = "NAME",
     .help = "the circuit of weights, a name of \"list\"; without one, the feature map alone"},
    {.name = "map",
     .kind = QF_OPTION_TEXT,
     .offset = OPTION(map),
     .argument = "NAME",
     .initial = "rx",
     .help = "the feature map before it, a name of \"list\""},
    {.name = "wires",
     .kind = QF_OPTION_INTEGER,
     .offset = OPTION(wires),
     .argument = "N",
     .initial = "4",
     .minimum = 1,
     .maximum = QF_MAX_WIRES,
     .help = "number of wires (qubits)"},
    {.name = "layers",
     .kind = QF_OPTION_INTEGER,
     .offset = OPTION(layers),
     .argument = "N",
     .minimum = 0,
     .maximum = 1000,
     .help = "layers of the circuit; 0 for its own number"},
    {.name = "map-layers",
     .kind = QF_OPTION_INTEGER,
     .offset = OPTION(map_layers),
     .argument = "N",
     .minimum = 0,
     .maximum = 1000,
     .help = "how often the feature map is repeated; 0 for its own number"},
    {.name = "uploads",
     .kind = QF_OPTION_INTEGER,
     .offset = OPTION(uploads),
     .argument = "N",
     .initial = "1",
     .minimum = 1,
     .maximum = 1000,
     .help = "how often map and circuit alternate, each time with weights of their own"},
    {.name = "paulis",
     .kind = QF_OPTION_TEXT,
     .offset = OPTION(paulis),
     .argument = "LIST",
     .help = "strings of the feature map \"pauli\", such as Z,YY"},
    {.name = "measure",
     .kind = QF_OPTION_TEXT,
     .offset = OPTION(measure),
     .argument = "WHAT",
     .help = "outputs: z:0,1 (wires), pauli:XIZY,ZZII, probs, or probs:0,2 (wires)"},
    {.name = "to",
     .kind = QF_OPTION_CHOICE,
     .offset = OPTION(to),
     .argument = "FORM",
     .initial = "text",
     .choices = forms,
     .help = "form of a drawing"},
    {.name = "stats",
     .kind = QF_OPTION_FLAG,
     .offset = OPTION(stats),
     .help = "print numbers of gates, depth and weights, and which weights have no effect"},
};

static const qf_example examples[] = {
    {"qf-circuit list", "What there is"},
    {"qf-circuit draw --circuit long --wires 4", "The paper's longer circuit"},
    {"qf-circuit draw --circuit sim14 --layers 2 --to svg > sim14.svg", "An image"},
    {"qf-circuit --stats --circuit short", "How many weights have an effect"},
};

static const qf_tool tool = {
    .name = "qf-circuit",
    .summary = "list, draw and count quantum circuits",
    .description =
        "\"list\" prints the names of the built-in circuits and feature maps, \"draw\" a picture "
        "of one. In drawings x0, x1 ... are inputs and w0, w1 ... weights; the circuit begins "
        "with all wires in state 0.\n\n"
        "With --stats come lines of a name and a value each; weights without effect on any "
        "output are listed as dead.",
    .operands = "[list|draw]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .features = QF_TOOL_SEED | QF_TOOL_THREADS,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

static qf_status list_all(qf_bytes *out, qf_error *error) {
    for (size_t i = 0; qf_ansatz_at(i); i++) {
        QF_TRY(qf_bytes_print(out, error, "circuit  %-18s %s\n", qf_ansatz_at(i)->name,
                              qf_ansatz_at(i)->summary));
    }
    for (size_t i = 0; qf_feature_map_at(i); i++) {
        QF_TRY(qf_bytes_print(out, error, "map      %-18s %s\n", qf_feature_map_at(i)->name,
                              qf_feature_map_at(i)->summary));
    }
    return QF_OK;
}

static qf_status print_stats(const qf_circuit *c, const qf_run *run, qf_bytes *out,
                             qf_error *error) {
    qf_circuit_stats s;
    QF_TRY(qf_circuit_count(c, run, &s, error));
    qf_status status = qf_bytes_print(
        out, error,
        "wires %zu\ninputs %zu\noutputs %zu\ngates %zu\nentangling %zu\ndepth %zu\nweights %zu\n"
        "live %zu\ndead %zu",
        c->wires, c->inputs, c->outputs, s.gates, s.entangling, s.depth, c->weights, s.live,
        c->weights - s.live);
    const char *before = ":";
    for (size_t i = 0; i < c->weights && status == QF_OK; i++) {
        if (!s.dead[i]) continue;
        status = qf_bytes_print(out, error, "%s w%zu", before, i);
        before = "";
    }
    if (status == QF_OK) status = qf_bytes_print(out, error, "\n");
    free(s.dead);
    return status;
}

static qf_status show(const qf_cli *cli, const circuit_options *o, bool draw, qf_bytes *out,
                      qf_error *error) {
    const qf_recipe recipe = {.ansatz = o->circuit,
                              .feature_map = o->map,
                              .paulis = o->paulis,
                              .measure = o->measure,
                              .wires = (size_t)o->wires,
                              .layers = (size_t)o->layers,
                              .map_layers = (size_t)o->map_layers,
                              .uploads = (size_t)o->uploads,
                              .seed = cli->seed};
    qf_circuit c;
    QF_TRY(qf_builtin_build(&recipe, &c, error));
    qf_status status = QF_OK;
    if (draw && o->to == TO_SVG) status = qf_circuit_draw_svg(&c, out, error);
    if (draw && o->to == TO_TEXT) status = qf_circuit_draw_text(&c, out, error);
    if (status == QF_OK && o->stats) status = print_stats(&c, &cli->run, out, error);
    qf_circuit_free(&c);
    return status;
}

static qf_status circuit(qf_cli *cli, void *given, qf_error *error) {
    const circuit_options *o = given;
    const char *command = cli->operand_count ? cli->operands[0] : "";
    const bool list = strcmp(command, "list") == 0, draw = strcmp(command, "draw") == 0;
    if (!list && !draw && (*command || !o->stats)) {
        return qf_fail(error, QF_USAGE, "expected list, draw or --stats, got \"%s\"", command);
    }
    qf_bytes out = {0};
    qf_status status = list ? list_all(&out, error) : show(cli, o, draw, &out, error);
    if (status == QF_OK) {
        status = qf_write_all(STDOUT_FILENO, out.data, out.length, "standard output", error);
    }
    free(out.data);
    return status;
}

int main(int argc, char **argv) {
    circuit_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, circuit);
}
