/* qf-profile: what a table holds. */
#include "cli/cli.h"
#include "data/profile.h"
#include "data/table_wire.h"
#include "stream/records.h"

typedef struct profile_options {
    int64_t correlations;
} profile_options;

static const qf_option options[] = {
    {.name = "correlations",
     .kind = QF_OPTION_INTEGER,
     .offset = offsetof(profile_options, correlations),
     .argument = "N",
     .initial = "29",
     .maximum = QF_TABLE_MAX_COLUMNS,
     .help = "how many columns the correlation matrix has besides the label: those with the "
             "largest signed correlation with it; 0 for no matrix"},
};

static const qf_example examples[] = {
    {"qf-profile table.qf | qf-report --to text", "Class balance and column statistics"},
    {"qf-profile table.qf | qf-view --show records | jq -r 'select(.record == \"column\") | "
     "[.name, .auc] | @tsv'",
     "How much each column says of the label"},
};

static const qf_tool tool = {
    .name = "qf-profile",
    .summary = "describe a table: class balance, column statistics, correlations",
    .description =
        "Reads a table and writes metrics, records of three kinds told apart by the field "
        "\"record\". The first, \"table\", has the number of rows, columns and rows of each "
        "class.\n\n"
        "Then comes a record \"column\" for each: distinct values, share of zeros, whether all "
        "values are whole numbers, minimum, quartiles, median, maximum, mean, population "
        "deviation and skewness, the ROC-AUC of the column as a score for fraud, and Pearson's "
        "correlation with the label. What is not defined is empty: the skewness of a constant "
        "column, the AUC where there is one class.\n\n"
        "The records \"correlation\" are rows of the matrix of Pearson's correlations between "
        "the columns that go most with the label, and the label, last.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .features = QF_TOOL_THREADS,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

static qf_status profile(qf_cli *cli, void *given, qf_error *error) {
    const profile_options *o = given;
    qf_table table = {0};
    qf_profile result = {0};
    qf_status status = qf_table_read(&cli->session, qf_cli_input(cli), &table, NULL, error);
    if (status == QF_OK) {
        status = qf_profile_table(&table, (size_t)o->correlations, &cli->run, &result, error);
    }
    if (status == QF_OK) {
        status = qf_records_write(&cli->session, "metrics", result.records, result.count, error);
    }
    qf_profile_free(&result);
    qf_table_free(&table);
    return status;
}

int main(int argc, char **argv) {
    profile_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, profile);
}
