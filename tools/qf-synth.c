/* qf-synth: seeded synthetic fraud data. */
#include "base/number.h"
#include "cli/cli.h"
#include "data/synth.h"
#include "data/table_wire.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct synth_options {
    int64_t rows, columns;
    double fraud, noise;
} synth_options;

static const qf_option options[] = {
    {.name = "rows",
     .kind = QF_OPTION_INTEGER,
     .offset = offsetof(synth_options, rows),
     .argument = "N",
     .initial = "20468",
     .minimum = QF_SYNTH_MIN_ROWS,
     .maximum = QF_SYNTH_MAX_ROWS,
     .help = "rows to make"},
    {.name = "columns",
     .kind = QF_OPTION_INTEGER,
     .offset = offsetof(synth_options, columns),
     .argument = "N",
     .initial = "112",
     .minimum = 3,
     .maximum = QF_TABLE_MAX_COLUMNS - 1,
     .help = "feature columns, besides the index"},
    {.name = "fraud",
     .kind = QF_OPTION_REAL,
     .offset = offsetof(synth_options, fraud),
     .argument = "SHARE",
     .initial = "0.266",
     .help = "share of fraud, greater than 0 and less than 1"},
    {.name = "noise",
     .kind = QF_OPTION_REAL,
     .offset = offsetof(synth_options, noise),
     .argument = "FACTOR",
     .initial = "1",
     .minimum = 0,
     .maximum = 100,
     .help = "how much chance there is in the labels: 0 none, 1 as in real data, more is harder"},
};

static const qf_example examples[] = {
    {"qf-synth | qf-audit --fix | qf-profile | qf-report --to text",
     "What the default data looks like"},
    {"qf-synth --rows 1000 --columns 10 --fraud 0.01 --seed 7 | qf-export --to csv > small.csv",
     "A small, unbalanced file"},
};

static const qf_tool tool = {
    .name = "qf-synth",
    .summary = "make synthetic fraud data",
    .description =
        "Writes a table with the traits of real transaction data: counts with heavy tails that "
        "are mostly 0, constant and duplicate columns, correlated blocks of columns, -1 as a "
        "marker of missing values, one column of real numbers, some repeated rows, a few of them "
        "with both labels. The table is sorted by class, fraud first, and its first column "
        "\"index\" numbers the rows, as in files that people share: that column gives the label "
        "away, and qf-audit must find it.\n\n"
        "Columns come in blocks of 16. In 30 % of the rows, the risky ones, the even blocks are "
        "busy and the odd ones quiet; in the others the other way round. Fraud is decided by a "
        "score of the first three columns of each of the first seven blocks: a volume v, a gate "
        "and a rate. The effect of v changes its sign where the gate is open, which no linear "
        "model can follow. Noise is added to the score and the rows with the highest scores are "
        "fraud. Forests and boosting rank before a tree, a tree before logistic regression, that "
        "before nearest neighbours, and none is perfect.\n\n"
        "The distribution depends on --columns and --noise only; the seed draws rows from it. "
        "The same options and seed give the same bytes on every machine.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .features = QF_TOOL_SEED | QF_TOOL_THREADS,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

/* The generator with its options is where the rows come from, as a file would be. */
static qf_status enter_origin(qf_session *session, const qf_synth_options *o, qf_error *error) {
    qf_bytes text = {0};
    char fraud[QF_NUMBER_TEXT], noise[QF_NUMBER_TEXT];
    qf_print_double(fraud, o->fraud);
    qf_print_double(noise, o->noise);
    QF_TRY(qf_bytes_print(
        &text, error, "qf-synth %s rows=%zu columns=%zu fraud=%s noise=%s seed=%llu",
        session->self.version, o->rows, o->columns, fraud, noise, (unsigned long long)o->seed));
    qf_digest digest;
    const int made = EVP_Digest(text.data, text.length, digest.bytes, NULL, EVP_sha256(), NULL);
    free(text.data);
    if (!made) return qf_fail(error, QF_INTERNAL, "SHA-256 failed");
    size_t index;
    QF_TRY(qf_session_enter(session, "generator", NULL, &index, error));
    return qf_session_complete(session, index, &digest, NULL, error);
}

static qf_status write_rows(qf_session *session, qf_synth *synth, qf_error *error) {
    qf_table block = {0};
    qf_table_writer writer = {0};
    qf_status status = qf_synth_table(synth, &block, error);
    if (status == QF_OK) {
        status =
            qf_table_writer_open(&writer, session, STDOUT_FILENO, "standard output", &block, error);
    }
    do {
        if (status == QF_OK) {
            status = qf_synth_next(synth, qf_table_block_rows(block.columns), &block, error);
        }
        if (status == QF_OK) status = qf_table_writer_write(&writer, &block, error);
    } while (status == QF_OK && block.rows > 0);
    if (status == QF_OK) status = qf_table_writer_close(&writer, error);
    qf_table_writer_free(&writer);
    qf_table_free(&block);
    return status;
}

static qf_status synthesize(qf_cli *cli, void *given, qf_error *error) {
    const synth_options *o = given;
    const qf_synth_options wanted = {.rows = (size_t)o->rows,
                                     .columns = (size_t)o->columns,
                                     .fraud = o->fraud,
                                     .noise = o->noise,
                                     .seed = cli->seed};
    qf_synth *synth;
    QF_TRY(qf_synth_new(&wanted, &cli->run, &synth, error));
    qf_status status = enter_origin(&cli->session, &wanted, error);
    if (status == QF_OK) status = write_rows(&cli->session, synth, error);
    qf_synth_free(synth);
    return status;
}

int main(int argc, char **argv) {
    synth_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, synthesize);
}
