/* qf-scale: columns of comparable size. */
#include "base/file.h"
#include "cli/cli.h"
#include "data/scaler_wire.h"
#include "data/table_wire.h"

#include <unistd.h>

typedef struct scale_options {
    int fit;
    double clip;
    const char *save, *apply;
} scale_options;

static const qf_option options[] = {
    {.name = "fit",
     .kind = QF_OPTION_CHOICE,
     .offset = offsetof(scale_options, fit),
     .argument = "KIND",
     .choices = qf_scale_names,
     .help = "fit a scaler of this kind on the rows and scale them"},
    {.name = "clip",
     .kind = QF_OPTION_REAL,
     .offset = offsetof(scale_options, clip),
     .argument = "C",
     .minimum = 1e-300,
     .maximum = 1e300,
     .help = "with --fit: clip scaled values to -C .. C"},
    {.name = "save",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(scale_options, save),
     .argument = "FILE",
     .help = "with --fit: write the scaler to FILE, for --apply"},
    {.name = "apply",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(scale_options, apply),
     .argument = "FILE",
     .help =
         "scale the rows with the scaler in FILE; their columns must be those it was fitted on"},
};

static const qf_example examples[] = {
    {"qf-scale --fit log-standard --save scaler.qf < train.qf > train-scaled.qf",
     "Fit on the training rows"},
    {"qf-scale --apply scaler.qf < test.qf > test-scaled.qf", "Scale the test rows alike"},
};

static const qf_tool tool = {
    .name = "qf-scale",
    .summary = "scale the columns of a table, by a scaler fitted now or before",
    .description =
        "Reads a table and writes it with every feature scaled. With --fit the scaler is fitted on "
        "the rows that are read; --save keeps it, so that --apply can scale other rows the same "
        "way. Fit on training rows only: qf-score reports a scaler that has seen test rows.\n\n"
        "Kinds: standard, mean 0 and deviation 1; min-max, from 0 to 1; log-standard and "
        "log-min-max, the same after x becomes sign(x) log(1 + |x|), for long tails; quantile, "
        "ranks from 0 to 1 by up to 1000 reference quantiles; none. A column that is constant in "
        "the fitted rows becomes 0, but for kind none.\n\n"
        "Memory does not grow with the number of rows, except by 16 bytes a row to fit quantiles; "
        "--fit keeps the rows in an unlinked file in $TMPDIR. The file of --save appears only when "
        "all went well.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

static qf_status check(const qf_cli *cli, const scale_options *o, qf_error *error) {
    if (qf_cli_given(cli, "fit") == (o->apply != NULL)) {
        return qf_fail(error, QF_USAGE, "give either --fit or --apply");
    }
    if (o->apply && o->save) return qf_fail(error, QF_USAGE, "--save needs --fit");
    if (o->apply && o->clip > 0) return qf_fail(error, QF_USAGE, "--clip needs --fit");
    return QF_OK;
}

static qf_status open_output(qf_cli *cli, const qf_table *like, qf_table_writer *writer,
                             qf_error *error) {
    return qf_table_writer_open(writer, &cli->session, STDOUT_FILENO, "standard output", like,
                                error);
}

/* Scales the block; with the input's name before what does not fit. */
static qf_status scale_block(qf_table_reader *reader, const qf_scaler *scaler, qf_error *error) {
    return qf_reader_name(&reader->reader, qf_scaler_apply(scaler, &reader->block, error), error);
}

static qf_status apply_blocks(qf_table_reader *reader, const qf_scaler *scaler,
                              qf_table_writer *writer, qf_error *error) {
    for (bool more = true; more;) {
        QF_TRY(qf_table_reader_next(reader, &more, error));
        QF_TRY(scale_block(reader, scaler, error));
        QF_TRY(qf_table_writer_write(writer, &reader->block, error));
    }
    QF_TRY(qf_reader_expect_end(&reader->reader, error));
    return qf_table_writer_close(writer, error);
}

/* The table is opened first, so that in the provenance rows come before what they met. */
static qf_status apply(qf_cli *cli, const scale_options *o, qf_table_reader *reader,
                       qf_error *error) {
    qf_scaler scaler;
    qf_table_writer writer = {0};
    QF_TRY(qf_scaler_read(&cli->session, o->apply, &scaler, error));
    qf_status status = scale_block(reader, &scaler, error); /* no rows yet: checks the columns */
    if (status == QF_OK) status = open_output(cli, &reader->block, &writer, error);
    if (status == QF_OK) status = apply_blocks(reader, &scaler, &writer, error);
    qf_table_writer_free(&writer);
    qf_scaler_free(&scaler);
    return status;
}

static qf_status write_scaled(qf_spill *spill, const qf_scaler *scaler, qf_table *block,
                              qf_table_writer *writer, qf_error *error) {
    for (size_t b = 0; b < qf_spill_blocks(spill); b++) {
        QF_TRY(qf_spill_read_rows(spill, b, block, error));
        QF_TRY(qf_scaler_apply(scaler, block, error));
        QF_TRY(qf_table_writer_write(writer, block, error));
    }
    return QF_OK;
}

/* Writes both outputs. The scaler appears when only the table's trailer is missing, and goes again
 * if that fails: there are both or none. */
static qf_status write_outputs(qf_cli *cli, const char *save, const qf_scaler *scaler,
                               qf_spill *spill, qf_table *block, qf_error *error) {
    qf_output_file file = {.fd = -1};
    qf_table_writer writer = {0};
    qf_status status = open_output(cli, block, &writer, error);
    if (status == QF_OK && save) status = qf_output_file_open(&file, save, error);
    if (status == QF_OK && save) {
        status = qf_scaler_write(&cli->session, file.fd, save, scaler, error);
    }
    if (status == QF_OK) status = write_scaled(spill, scaler, block, &writer, error);
    if (status == QF_OK && save) status = qf_output_file_commit(&file, error);
    if (status == QF_OK) {
        status = qf_table_writer_close(&writer, error);
        if (status != QF_OK && save) qf_output_file_withdraw(save);
    }
    qf_output_file_discard(&file);
    qf_table_writer_free(&writer);
    return status;
}

static qf_status fit(qf_cli *cli, const scale_options *o, qf_table_reader *reader, qf_spill *spill,
                     qf_error *error) {
    qf_scaler scaler;
    QF_TRY(qf_table_reader_spill(reader, spill, error));
    QF_TRY(qf_scaler_init(&scaler, (qf_scale_kind)o->fit, o->clip, &reader->block, error));
    qf_status status = qf_scaler_fit(&scaler, spill, error);
    if (status == QF_OK) {
        status = write_outputs(cli, o->save, &scaler, spill, &reader->block, error);
    }
    qf_scaler_free(&scaler);
    return status;
}

static qf_status scale(qf_cli *cli, void *given, qf_error *error) {
    const scale_options *o = given;
    QF_TRY(check(cli, o, error));
    qf_table_reader reader;
    qf_spill spill = {.fd = -1};
    qf_status status = qf_table_reader_open(&reader, &cli->session, qf_cli_input(cli), error);
    if (status == QF_OK) {
        status = o->apply ? apply(cli, o, &reader, error) : fit(cli, o, &reader, &spill, error);
    }
    qf_spill_close(&spill);
    qf_table_reader_close(&reader);
    return status;
}

int main(int argc, char **argv) {
    scale_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, scale);
}
