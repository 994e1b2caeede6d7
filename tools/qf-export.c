/* qf-export: any stream as CSV or JSON lines, tables as NumPy files. */
#include "cli/cli.h"
#include "data/export_wire.h"

#include <unistd.h>

typedef struct export_options {
    int to; /* a qf_export_format */
} export_options;

static const qf_option options[] = {
    {.name = "to",
     .kind = QF_OPTION_CHOICE,
     .offset = offsetof(export_options, to),
     .argument = "FORMAT",
     .initial = "csv",
     .choices = qf_export_formats,
     .help = "csv and jsonl for streams of any rows or records, npy and npz for tables"},
};

static const qf_example examples[] = {
    {"qf-synth | qf-export --to csv > synth.csv", "Synthetic data for another program"},
    {"qf-export --to npz train.qf > train.npz", "For numpy.load: x, y, origin, columns, target"},
};

static const qf_tool tool = {
    .name = "qf-export",
    .summary = "write a stream as CSV, JSON lines or NumPy arrays",
    .description =
        "csv: a table's features and its label last, under their names, so that qf-import makes "
        "the same table of it; of scores every column; of metrics and other records a line each. "
        "Numbers have the fewest digits that read back the same.\n\n"
        "jsonl: what qf-view --show records prints, a JSON object a line, of any stream.\n\n"
        "npy: one array of doubles, the label in the last column. npz: the arrays x, y, origin "
        "(a row's number and neighbour), columns and target. Both wait for the whole table in an "
        "unlinked file in TMPDIR, since they begin with the number of rows.\n\n"
        "csv and jsonl stream rows in constant memory. The exit code says whether the input was "
        "whole: rows printed before a cut was met cannot be taken back.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

static qf_status run(qf_cli *cli, void *given, qf_error *error) {
    const export_options *o = given;
    const char *path = qf_cli_input(cli);
    return qf_export(&cli->session, path, (qf_export_format)o->to, STDOUT_FILENO, "standard output",
                     error);
}

int main(int argc, char **argv) {
    export_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, run);
}
