/* qf-reduce: fewer columns, by a reducer fitted now or before. */
#include "base/file.h"
#include "cli/cli.h"
#include "data/table_wire.h"
#include "learn/reducer_wire.h"

#include <unistd.h>

typedef struct reduce_options {
    int64_t to;
    int by;
    const char *save, *apply;
} reduce_options;

static const qf_option options[] = {
    {.name = "to",
     .kind = QF_OPTION_INTEGER,
     .offset = offsetof(reduce_options, to),
     .argument = "N",
     .minimum = 1,
     .maximum = QF_TABLE_MAX_COLUMNS,
     .help = "columns to keep or components to make; fits a reducer on the rows that are read"},
    {.name = "by",
     .kind = QF_OPTION_CHOICE,
     .offset = offsetof(reduce_options, by),
     .argument = "HOW",
     .initial = "pca",
     .choices = qf_reduction_names,
     .help = "how, see above"},
    {.name = "save",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(reduce_options, save),
     .argument = "FILE",
     .help = "with --to, keep the reducer"},
    {.name = "apply",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(reduce_options, apply),
     .argument = "FILE",
     .help = "reduce by this reducer instead"},
};

static const qf_example examples[] = {
    {"qf-scale --fit log-standard < train.qf | qf-reduce --to 4 --save reducer.qf > small.qf",
     "The first four principal components of scaled columns"},
    {"qf-reduce --to 8 --by forest --save reducer.qf < train.qf > small.qf",
     "The eight columns that a forest of the training rows uses most"},
    {"qf-reduce --apply reducer.qf < test.qf > small-test.qf", "The same of the test rows"},
};

static const qf_tool tool = {
    .name = "qf-reduce",
    .summary = "reduce a table to fewer columns, by a reducer fitted now or before",
    .description =
        "Reads a table and writes it with fewer features. With --to the reducer is fitted on the "
        "rows that are read; --save keeps it, so that --apply can reduce other rows the same way. "
        "Fit on training rows only: qf-score reports a reducer that has seen test rows.\n\n"
        "pca makes principal components pc_1, pc_2 ... of the centred columns: scale first, or the "
        "column with the largest unit wins. The others keep columns as they are: anova those with "
        "the largest F between the classes; mutual-information those that tell most of the label, "
        "by 64 bins of equal frequency; forest those that lower the impurity most in 100 trees. "
        "All but pca look at the labels.\n\n"
        "--apply works in constant memory, --to holds the table. The file of --save appears only "
        "when all went well.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .features = QF_TOOL_SEED | QF_TOOL_THREADS,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

static qf_status check(const qf_cli *cli, const reduce_options *o, qf_error *error) {
    if ((o->to > 0) == (o->apply != NULL)) {
        return qf_fail(error, QF_USAGE, "give either --to or --apply");
    }
    if (!o->apply) return QF_OK;
    if (o->save) return qf_fail(error, QF_USAGE, "--save needs --to");
    return qf_cli_given(cli, "by") ? qf_fail(error, QF_USAGE, "--by needs --to") : QF_OK;
}

/* Writes both outputs: the reducer appears when only the table's trailer is missing, and goes again
 * if that fails. */
static qf_status write_outputs(qf_cli *cli, const char *save, const qf_reducer *reducer,
                               const qf_table *table, qf_error *error) {
    qf_output_file file = {.fd = -1};
    qf_table_writer writer = {0};
    qf_status status = qf_table_writer_open(&writer, &cli->session, STDOUT_FILENO,
                                            "standard output", table, error);
    if (status == QF_OK && save) status = qf_output_file_open(&file, save, error);
    if (status == QF_OK && save) {
        status = qf_reducer_write(&cli->session, file.fd, save, reducer, error);
    }
    if (status == QF_OK) status = qf_table_writer_write(&writer, table, error);
    if (status == QF_OK && save) status = qf_output_file_commit(&file, error);
    if (status == QF_OK) {
        status = qf_table_writer_close(&writer, error);
        if (status != QF_OK && save) qf_output_file_withdraw(save);
    }
    qf_output_file_discard(&file);
    qf_table_writer_free(&writer);
    return status;
}

static qf_status fit(qf_cli *cli, const reduce_options *o, qf_error *error) {
    qf_table table;
    qf_reducer reducer;
    QF_TRY(qf_table_read(&cli->session, qf_cli_input(cli), &table, NULL, error));
    qf_status status = qf_reducer_init(&reducer, (qf_reduction)o->by, (size_t)o->to, &table, error);
    if (status == QF_OK) {
        status = qf_reducer_fit(&reducer, &table, cli->seed, &cli->run, error);
        qf_table reduced = {0};
        if (status == QF_OK) status = qf_reducer_map(&reducer, &table, &reduced, error);
        if (status == QF_OK) status = write_outputs(cli, o->save, &reducer, &reduced, error);
        qf_table_free(&reduced);
        qf_reducer_free(&reducer);
    }
    qf_table_free(&table);
    return status;
}

/* The stream's next rows, reduced, to the writer; *more is false at its end. */
static qf_status apply_block(qf_table_reader *reader, const qf_reducer *reducer,
                             qf_table_writer *writer, bool *more, qf_error *error) {
    qf_table reduced = {0};
    QF_TRY(qf_table_reader_next(reader, more, error));
    QF_TRY(qf_reducer_map(reducer, &reader->block, &reduced, error));
    const qf_status status = qf_table_writer_write(writer, &reduced, error);
    qf_table_free(&reduced);
    return status;
}

static qf_status apply_blocks(qf_cli *cli, qf_table_reader *reader, const qf_reducer *reducer,
                              qf_table_writer *writer, qf_error *error) {
    qf_table reduced = {0}; /* no rows yet: checks the columns */
    QF_TRY(qf_reducer_map(reducer, &reader->block, &reduced, error));
    qf_status status = qf_table_writer_open(writer, &cli->session, STDOUT_FILENO, "standard output",
                                            &reduced, error);
    qf_table_free(&reduced);
    for (bool more = true; status == QF_OK && more;) {
        status = apply_block(reader, reducer, writer, &more, error);
    }
    if (status == QF_OK) status = qf_reader_expect_end(&reader->reader, error);
    return status == QF_OK ? qf_table_writer_close(writer, error) : status;
}

/* The table is opened first, so that in the provenance rows come before what they met. */
static qf_status apply(qf_cli *cli, const reduce_options *o, qf_error *error) {
    qf_table_reader reader;
    qf_table_writer writer = {0};
    qf_reducer reducer;
    qf_status status = qf_table_reader_open(&reader, &cli->session, qf_cli_input(cli), error);
    if (status == QF_OK) status = qf_reducer_read(&cli->session, o->apply, &reducer, error);
    if (status == QF_OK) {
        status = apply_blocks(cli, &reader, &reducer, &writer, error);
        qf_reducer_free(&reducer);
    }
    qf_table_writer_free(&writer);
    qf_table_reader_close(&reader);
    return status;
}

static qf_status reduce(qf_cli *cli, void *given, qf_error *error) {
    const reduce_options *o = given;
    QF_TRY(check(cli, o, error));
    return o->apply ? apply(cli, o, error) : fit(cli, o, error);
}

int main(int argc, char **argv) {
    reduce_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, reduce);
}
