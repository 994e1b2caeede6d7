/* qf-import: a CSV file as a table. */
#include "base/ahead.h"
#include "base/file.h"
#include "cli/cli.h"
#include "data/csv.h"
#include "data/table_wire.h"

#include <openssl/evp.h>
#include <unistd.h>

typedef struct import_options {
    const char *target;
    bool no_header;
} import_options;

static const qf_option options[] = {
    {.name = "target",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(import_options, target),
     .argument = "NAME",
     .help = "the column that holds the label, 0 or 1 (1 is fraud); the last one unless given"},
    {.name = "no-header",
     .kind = QF_OPTION_FLAG,
     .offset = offsetof(import_options, no_header),
     .help = "the first line is a row; the columns are called column_1, column_2 and so on"},
};

static const qf_example examples[] = {
    {"qf-import bank.csv | qf-audit --fix > bank.qf", "Import a file and drop what is defective"},
    {"qf-import --target Class < creditcard.csv | qf-profile | qf-report --to text",
     "Name the label's column"},
};

static const qf_tool tool = {
    .name = "qf-import",
    .summary = "read a CSV file of numbers with a 0/1 label",
    .description =
        "Reads comma-separated values from FILE or standard input and writes a table. Quoted "
        "fields, LF, CRLF and CR line ends, a UTF-8 byte order mark and blank lines are "
        "understood. Every cell must be a finite decimal number and every label 0 or 1; the first "
        "that is not ends the import with exit code 65 and a message that names row, line and "
        "column.\n\n"
        "A column without a name (the index that pandas writes) is called \"unnamed\", further "
        "ones \"unnamed_N\". Each row keeps its number in the file, from 0, as its identity "
        "through all later tools.\n\n"
        "Memory does not grow with the number of rows.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

typedef struct input {
    int fd;
    const char *name;
    EVP_MD_CTX *digest;
    qf_csv_reader *reader;
} input;

static qf_status read_input(void *context, void *buffer, size_t room, size_t *length,
                            qf_error *error) {
    input *from = context;
    QF_TRY(qf_read_some(from->fd, buffer, room, from->name, length, error));
    if (EVP_DigestUpdate(from->digest, buffer, *length)) return QF_OK;
    return qf_fail(error, QF_INTERNAL, "SHA-256 failed");
}

/* Puts the file's name before what is wrong in it. */
static qf_status name_input(qf_status status, const input *from, qf_error *error) {
    return status == QF_DATA ? qf_error_context(error, "%s", from->name) : status;
}

/* A qf_produce: the next rows, of which the file has none left after `more`. */
static qf_status read_block(void *context, void *item, bool *more, qf_error *error) {
    const input *from = context;
    qf_table *block = item;
    const size_t rows = qf_table_block_rows(block->columns);
    QF_TRY(name_input(qf_csv_read(from->reader, rows, block, error), from, error));
    *more = block->rows > 0;
    return QF_OK;
}

static qf_status write_blocks(qf_cli *cli, const qf_table *header, qf_ahead *blocks,
                              const input *from, qf_error *error) {
    qf_table_writer writer = {0};
    qf_status status = qf_table_writer_open(&writer, &cli->session, STDOUT_FILENO,
                                            "standard output", header, error);
    for (void *block = NULL; status == QF_OK;) {
        status = qf_ahead_next(blocks, &block, error);
        if (status != QF_OK || !block) break;
        status = qf_table_writer_write(&writer, block, error);
    }
    qf_digest digest;
    if (status == QF_OK && !EVP_DigestFinal_ex(from->digest, digest.bytes, NULL)) {
        status = qf_fail(error, QF_INTERNAL, "SHA-256 failed");
    }
    if (status == QF_OK) status = qf_session_add_file(writer.writer.session, &digest, error);
    if (status == QF_OK) status = qf_table_writer_close(&writer, error);
    qf_table_writer_free(&writer);
    return status;
}

/* One thread reads, hashes and parses, the other packs, hashes and writes. */
static qf_status convert(qf_cli *cli, const import_options *o, input *from, qf_error *error) {
    const qf_csv_options csv = {.target = o->target, .no_header = o->no_header};
    const qf_csv_source source = {read_input, from};
    QF_TRY(name_input(qf_csv_open(source, &csv, &from->reader, error), from, error));
    if (qf_csv_header_is_row_like(from->reader)) {
        qf_cli_warn(cli,
                    "%s: the first line names the columns, and reads like a row; if it is "
                    "one, give --no-header",
                    from->name);
    }
    qf_table header = {0}, blocks[QF_AHEAD_ITEMS] = {{0}};
    void *items[QF_AHEAD_ITEMS];
    qf_status status = qf_csv_table(from->reader, &header, error);
    for (size_t i = 0; status == QF_OK && i < QF_AHEAD_ITEMS; i++) {
        status = qf_csv_table(from->reader, items[i] = &blocks[i], error);
    }
    qf_ahead *ahead = NULL;
    if (status == QF_OK) status = qf_ahead_open(read_block, from, items, &ahead, error);
    if (status == QF_OK) status = write_blocks(cli, &header, ahead, from, error);
    qf_ahead_close(ahead);
    qf_table_free(&header);
    for (size_t i = 0; i < QF_AHEAD_ITEMS; i++) qf_table_free(&blocks[i]);
    qf_csv_close(from->reader);
    return status;
}

static qf_status import(qf_cli *cli, void *given, qf_error *error) {
    input from = {.name = qf_cli_input(cli)};
    QF_TRY(qf_open_input(from.name, &from.fd, error));
    if (from.fd == STDIN_FILENO) from.name = "standard input";
    from.digest = EVP_MD_CTX_new();
    qf_status status = QF_OK;
    if (!from.digest || !EVP_DigestInit_ex(from.digest, EVP_sha256(), NULL)) {
        status = qf_fail(error, QF_INTERNAL, "SHA-256 is not available");
    }
    if (status == QF_OK) status = convert(cli, given, &from, error);
    EVP_MD_CTX_free(from.digest);
    if (from.fd != STDIN_FILENO) close(from.fd);
    return status;
}

int main(int argc, char **argv) {
    import_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, import);
}
