/* qf-smote: synthetic minority rows. */
#include "cli/cli.h"
#include "data/smote.h"
#include "data/table_wire.h"

#include <unistd.h>

typedef struct smote_options {
    double ratio;
    int64_t neighbours;
    bool round;
} smote_options;

static const qf_option options[] = {
    {.name = "ratio",
     .kind = QF_OPTION_REAL,
     .offset = offsetof(smote_options, ratio),
     .argument = "R",
     .initial = "1",
     .minimum = 1e-6,
     .maximum = 1,
     .help = "minority rows for each majority row afterwards, up to 1"},
    {.name = "neighbours",
     .kind = QF_OPTION_INTEGER,
     .offset = offsetof(smote_options, neighbours),
     .argument = "K",
     .initial = "5",
     .minimum = 1,
     .maximum = 1000,
     .help = "nearest minority rows among which the second parent is drawn"},
    {.name = "round",
     .kind = QF_OPTION_FLAG,
     .offset = offsetof(smote_options, round),
     .help = "columns of whole numbers stay whole"},
};

static const qf_example examples[] = {
    {"qf-split --test 0.2 --seed 7 < clean.qf | qf-smote --seed 7 > balanced.qf",
     "Balance the training rows, after the split"},
    {"qf-smote --ratio 0.5 --round < train.qf | qf-view --show records | tail -1",
     "Half as many fraud rows as others; the last synthetic row and its parents"},
};

static const qf_tool tool = {
    .name = "qf-smote",
    .summary = "balance the classes with synthetic minority rows",
    .description =
        "Reads a table and appends synthetic rows of the class with fewer rows: each lies at a "
        "random place between a random minority row and one of its nearest minority rows (SMOTE, "
        "Chawla et al. 2002, as imbalanced-learn defines it). Both parents are recorded, so that "
        "qf-score can prove whether a test row was one of them.\n\n"
        "Scale the columns before, since distances are Euclidean, and split before: synthetic "
        "neighbours of test rows in the training part make every score too good.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .features = QF_TOOL_SEED | QF_TOOL_THREADS,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

/* Makes the rows where the writer would otherwise copy them to. */
static qf_status write_synthetic(qf_cli *cli, qf_smote *plan, qf_table_writer *writer,
                                 qf_error *error) {
    qf_table *block = &writer->pending;
    double seconds = 0;
    for (size_t done = 0, count; done < plan->added; done += count) {
        count = qf_table_block_rows(block->columns) - block->rows;
        if (count > plan->added - done) count = plan->added - done;
        qf_cli_lap(cli);
        QF_TRY(qf_smote_append(plan, done, count, &cli->run, block, error));
        seconds += qf_cli_lap(cli);
        QF_TRY(qf_table_writer_settle(writer, error));
    }
    qf_cli_tell(cli, "synthesis of %zu rows (%.4f s)", plan->added, seconds);
    return QF_OK;
}

static qf_status write_all(qf_cli *cli, qf_smote *plan, const qf_table *table, qf_error *error) {
    qf_table_writer writer;
    qf_status status = qf_table_writer_open(&writer, &cli->session, STDOUT_FILENO,
                                            "standard output", table, error);
    if (status == QF_OK) status = qf_table_writer_write(&writer, table, error);
    if (status == QF_OK) status = write_synthetic(cli, plan, &writer, error);
    if (status == QF_OK) status = qf_table_writer_close(&writer, error);
    qf_table_writer_free(&writer);
    return status;
}

static qf_status smote(qf_cli *cli, void *given, qf_error *error) {
    const smote_options *o = given;
    const qf_smote_options how = {.ratio = o->ratio,
                                  .neighbours = (size_t)o->neighbours,
                                  .round = o->round,
                                  .seed = cli->seed};
    qf_table table;
    qf_smote plan;
    QF_TRY(qf_table_read(&cli->session, qf_cli_input(cli), &table, NULL, error));
    qf_cli_tell(cli, "read %zu rows (%.4f s)", table.rows, qf_cli_lap(cli));
    qf_status status = qf_smote_plan(&plan, &table, &how, &cli->run, error);
    qf_cli_tell(cli, "neighbours of %zu rows (%.4f s)", plan.minority, qf_cli_lap(cli));
    if (status == QF_OK) status = write_all(cli, &plan, &table, error);
    if (status == QF_OK && plan.added == 0) {
        qf_cli_warn(cli, "the ratio is reached already, no row was added");
    }
    if (status == QF_OK && plan.fractional_columns) {
        qf_cli_warn(
            cli,
            "%zu columns of whole numbers have fractional synthetic values; --round keeps them whole",
            plan.fractional_columns);
    }
    qf_smote_free(&plan);
    qf_table_free(&table);
    return status;
}

int main(int argc, char **argv) {
    smote_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, smote);
}
