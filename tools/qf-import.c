/* qf-import: a CSV file as a table. */
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

static qf_status copy_rows(qf_csv_reader *reader, const input *from, qf_table *block,
                           qf_table_writer *writer, qf_error *error) {
    do {
        const size_t rows = qf_table_block_rows(block->columns);
        QF_TRY(name_input(qf_csv_read(reader, rows, block, error), from, error));
        QF_TRY(qf_table_writer_write(writer, block, error));
    } while (block->rows > 0);
    qf_digest digest;
    if (!EVP_DigestFinal_ex(from->digest, digest.bytes, NULL)) {
        return qf_fail(error, QF_INTERNAL, "SHA-256 failed");
    }
    QF_TRY(qf_session_add_file(writer->writer.session, &digest, error));
    return qf_table_writer_close(writer, error);
}

static qf_status convert(qf_cli *cli, const import_options *o, input *from, qf_error *error) {
    const qf_csv_options csv = {.target = o->target, .no_header = o->no_header};
    qf_csv_reader *reader;
    const qf_csv_source source = {read_input, from};
    QF_TRY(name_input(qf_csv_open(source, &csv, &reader, error), from, error));
    qf_table block = {0};
    qf_table_writer writer = {0};
    qf_status status = qf_csv_table(reader, &block, error);
    if (status == QF_OK) {
        status = qf_table_writer_open(&writer, &cli->session, STDOUT_FILENO, "standard output",
                                      &block, error);
    }
    if (status == QF_OK) status = copy_rows(reader, from, &block, &writer, error);
    qf_table_writer_free(&writer);
    qf_table_free(&block);
    qf_csv_close(reader);
    return status;
}

static qf_status import(qf_cli *cli, void *given, qf_error *error) {
    const char *path = cli->operand_count ? cli->operands[0] : "-";
    input from = {.name = path[0] == '-' && !path[1] ? "standard input" : path};
    QF_TRY(qf_open_input(path, &from.fd, error));
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
