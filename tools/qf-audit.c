/* qf-audit: what is wrong with a table, before a model sees it. */
#include "base/file.h"
#include "cli/cli.h"
#include "data/audit.h"
#include "data/table_wire.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct audit_options {
    bool fix, drop_identifiers;
    qf_texts drop;
    const char *against, *report;
} audit_options;

static const qf_option options[] = {
    {.name = "fix",
     .kind = QF_OPTION_FLAG,
     .offset = offsetof(audit_options, fix),
     .help = "drop identifiers, constant columns, columns equal to an earlier one, and rows whose "
             "features and label repeat an earlier row's; labels decide on no column"},
    {.name = "drop-identifiers",
     .kind = QF_OPTION_FLAG,
     .offset = offsetof(audit_options, drop_identifiers),
     .help = "drop identifiers and nothing else"},
    {.name = "drop",
     .kind = QF_OPTION_LIST,
     .offset = offsetof(audit_options, drop),
     .argument = "NAME",
     .help = "drop this column first"},
    {.name = "against",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(audit_options, against),
     .argument = "FILE",
     .help = "a second table, the test part say: report rows that both have, rows of equal "
             "features, and synthetic rows of one made from rows of the other"},
    {.name = "report",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(audit_options, report),
     .argument = "FILE",
     .local = true,
     .help = "write the findings to FILE instead of standard error"},
};

static const qf_example examples[] = {
    {"qf-import bank.csv | qf-audit > /dev/null", "What is wrong with a file"},
    {"qf-import bank.csv | qf-audit --fix --report audit.txt > clean.qf",
     "Drop what is defective and keep the findings"},
    {"qf-audit --against test.qf < train.qf > /dev/null && echo disjoint",
     "Prove that two parts share no row"},
};

static const qf_tool tool = {
    .name = "qf-audit",
    .summary = "find columns that give the label away, and other defects of a table",
    .description =
        "Reads a table, reports what is wrong with it and writes it on, fixed if asked. Exit code "
        "0: no column gives the label away. 1: one does, or rows are shared with the second "
        "table; the table that is written is complete and valid all the same. 65: the rows are "
        "all of one class, or there are none.\n\n"
        "Findings are effect sizes, never p-values. An error is a leak: a column that alone "
        "reaches a cross-validated AUC of 0.98 or more, over 5 folds, by the fraud rates of bins "
        "of one 64th of the rows or by its value. Warnings are identifiers (distinct whole "
        "numbers with few gaps, or any numbers in equal steps, in whatever order), rows that are "
        "sorted or clustered by label (runs test, |z| > 6 and more than 4 runs off), constant and "
        "duplicate columns, duplicate rows, and rows of equal features but both labels; "
        "identifiers do not count when rows are compared. For information: collinear columns (|r| "
        "of 0.999 or more), columns that look like a time, and the real column that tells "
        "most.\n\n"
        "With fewer than 5 rows of a class no leak can be seen, and a warning says so.\n\n"
        "--fix never drops a column because of what it says of the label: that a real column "
        "gives the label away is for you to judge, and --drop to end. Provenance notes "
        "audit:leak=NAME, audit:identifier-kept=NAME and audit:dropped=NAME, which qf-score turns "
        "into violations beside the metrics.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .features = QF_TOOL_THREADS,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

static qf_status drop_columns(qf_cli *cli, const qf_texts *names, qf_table *table,
                              qf_error *error) {
    bool *keep = qf_new_array(table->columns, sizeof *keep, error);
    if (!keep) return QF_MEMORY;
    memset(keep, true, table->columns * sizeof *keep);
    qf_status status = QF_OK;
    for (size_t i = 0; status == QF_OK && i < names->count; i++) {
        const size_t column = qf_table_find_column(table, names->items[i]);
        if (column == table->columns) {
            status = qf_fail(error, QF_DATA, "no column is called \"%s\"", names->items[i]);
        } else if (keep[column]) {
            keep[column] = false;
            status =
                qf_session_note(&cli->session, error, "audit:dropped=%s", table->names[column]);
        }
    }
    if (status == QF_OK && names->count) status = qf_table_keep_columns(table, keep, error);
    free(keep);
    return status;
}

/* The second table is read in a session of its own: it is looked at, and is no part of what comes
 * out. */
static qf_status compare(qf_cli *cli, const audit_options *o, const qf_table *table,
                         const qf_origins *origins, qf_audit *audit, qf_error *error) {
    qf_session session = {0};
    qf_table other = {0};
    qf_origins other_origins = {0};
    qf_status status = qf_table_read(&session, o->against, &other, &other_origins, error);
    if (status == QF_OK && (o->fix || o->drop_identifiers || o->drop.count)) {
        bool *keep = qf_new_array(other.columns, sizeof *keep, error);
        for (size_t c = 0; keep && c < other.columns; c++) {
            keep[c] = qf_table_find_column(table, other.names[c]) < table->columns;
        }
        status = keep ? qf_table_keep_columns(&other, keep, error) : QF_MEMORY;
        free(keep);
    }
    if (status == QF_OK) {
        status = qf_audit_pair(table, &other, qf_origins_equal(origins, &other_origins), &cli->run,
                               audit, error);
        if (status == QF_MISMATCH) status = qf_error_context(error, "%s", o->against);
    }
    qf_table_free(&other);
    qf_origins_free(&other_origins);
    qf_session_free(&session);
    return status;
}

static qf_status note(qf_session *session, const qf_audit *audit, qf_error *error) {
    for (size_t i = 0; i < audit->count; i++) {
        const qf_audit_finding *f = &audit->findings[i];
        const char *fact = f->kind == QF_AUDIT_LEAK         ? "leak"
                           : f->kind == QF_AUDIT_IDENTIFIER ? "identifier-kept"
                           : f->kind == QF_AUDIT_DROPPED    ? "dropped"
                                                            : NULL;
        if (!fact) continue;
        if (*f->column) {
            QF_TRY(qf_session_note(session, error, "audit:%s=%s", fact, f->column));
        } else {
            QF_TRY(qf_session_note(session, error, "audit:rows-dropped=%.0f", f->value));
        }
    }
    return qf_session_note(session, error, "audit:done");
}

/* The report's file can be refused before the table is whole, and appears after it. */
static qf_status write_outputs(qf_cli *cli, const char *path, const qf_table *table,
                               const qf_bytes *text, qf_error *error) {
    qf_output_file file = {.fd = -1};
    qf_status status = path ? qf_output_file_open(&file, path, error) : QF_OK;
    if (status == QF_OK && path)
        status = qf_write_all(file.fd, text->data, text->length, path, error);
    if (status == QF_OK) status = qf_table_write(&cli->session, table, error);
    if (status == QF_OK && path) {
        status = qf_output_file_commit(&file, error);
    } else if (status == QF_OK && !cli->quiet) {
        status = qf_write_all(STDERR_FILENO, text->data, text->length, "standard error", error);
    }
    qf_output_file_discard(&file);
    return status;
}

static qf_status audit_table(qf_cli *cli, const audit_options *o, qf_table *table,
                             const qf_origins *origins, qf_audit *audit, qf_error *error) {
    QF_TRY(drop_columns(cli, &o->drop, table, error));
    if (o->drop_identifiers) {
        QF_TRY(qf_audit_drop_identifiers(table, &cli->run, audit, error));
    }
    if (o->fix) QF_TRY(qf_audit_fix(table, &cli->run, audit, error));
    QF_TRY(qf_audit_table(table, &cli->run, audit, error));
    if (o->against) QF_TRY(compare(cli, o, table, origins, audit, error));
    return note(&cli->session, audit, error);
}

static qf_status run(qf_cli *cli, void *given, qf_error *error) {
    const audit_options *o = given;
    qf_table table = {0};
    qf_origins origins = {0};
    qf_audit audit = {0};
    qf_bytes text = {0};
    qf_status status = qf_table_read(&cli->session, qf_cli_input(cli), &table, &origins, error);
    if (status == QF_OK) status = audit_table(cli, o, &table, &origins, &audit, error);
    if (status == QF_OK) status = qf_audit_print(&audit, &table, &text, error);
    if (status == QF_OK) status = write_outputs(cli, o->report, &table, &text, error);
    if (status == QF_OK && qf_audit_count(&audit, QF_AUDIT_ERROR)) status = QF_VERDICT;
    free(text.data);
    qf_audit_free(&audit);
    qf_origins_free(&origins);
    qf_table_free(&table);
    return status;
}

int main(int argc, char **argv) {
    audit_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, run);
}
