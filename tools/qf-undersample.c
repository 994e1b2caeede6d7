/* qf-undersample: fewer majority rows. */
#include "cli/cli.h"
#include "data/table_wire.h"
#include "data/undersample.h"

typedef struct undersample_options {
    double ratio;
} undersample_options;

static const qf_option options[] = {
    {.name = "ratio",
     .kind = QF_OPTION_REAL,
     .offset = offsetof(undersample_options, ratio),
     .argument = "R",
     .initial = "1",
     .minimum = 1e-6,
     .maximum = 1,
     .help = "minority rows for each majority row afterwards, up to 1"},
};

static const qf_example examples[] = {
    {"qf-split --test 0.2 --seed 7 < clean.qf | qf-undersample --seed 7 > balanced.qf",
     "As many legitimate rows as fraud rows, in the training part only"},
    {"qf-undersample --ratio 0.1 < huge.qf > smaller.qf", "Ten legitimate rows for each fraud row"},
};

static const qf_tool tool = {
    .name = "qf-undersample",
    .summary = "balance the classes by dropping majority rows",
    .description =
        "Reads a table and drops random rows of the class with more rows, until the "
        "classes have the ratio. The rows that stay keep their order.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .features = QF_TOOL_SEED,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

static qf_status undersample(qf_cli *cli, void *given, qf_error *error) {
    const undersample_options *o = given;
    qf_table table, kept;
    QF_TRY(qf_table_read(&cli->session, qf_cli_input(cli), &table, NULL, error));
    qf_status status = qf_undersample(&table, o->ratio, cli->seed, &kept, error);
    if (status == QF_OK && kept.rows == table.rows) {
        qf_cli_warn(cli, "the ratio is reached already, no row was dropped");
    }
    if (status == QF_OK) status = qf_table_write(&cli->session, &kept, error);
    qf_table_free(&kept);
    qf_table_free(&table);
    return status;
}

int main(int argc, char **argv) {
    undersample_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, undersample);
}
