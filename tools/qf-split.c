/* qf-split: one part of a table. */
#include "base/memory.h"
#include "cli/cli.h"
#include "data/split.h"
#include "data/table_wire.h"

#include <stdlib.h>

enum { EMIT_TRAIN, EMIT_TEST };
static const char *const parts[] = {"train", "test", NULL};
static const char *const divisions[] = {"contiguous", "iid", "label-skew", "dirichlet", NULL};
static const char *const groupings[] = {"identical", "none", NULL};

typedef struct split_options {
    double test, skew, concentration;
    int64_t folds, fold, clients, client;
    int by, group, emit;
} split_options;

static const qf_option options[] = {
    {.name = "test",
     .kind = QF_OPTION_REAL,
     .offset = offsetof(split_options, test),
     .argument = "SHARE",
     .minimum = 0.0001,
     .maximum = 0.9999,
     .help = "hold out this share of each class's rows"},
    {.name = "folds",
     .kind = QF_OPTION_INTEGER,
     .offset = offsetof(split_options, folds),
     .argument = "K",
     .minimum = 2,
     .maximum = QF_SPLIT_MAX_PARTS,
     .help = "cut into K folds of equal size and class balance"},
    {.name = "fold",
     .kind = QF_OPTION_INTEGER,
     .offset = offsetof(split_options, fold),
     .argument = "I",
     .minimum = 1,
     .maximum = QF_SPLIT_MAX_PARTS,
     .help = "the fold, 1 to K, that is the test part"},
    {.name = "emit",
     .kind = QF_OPTION_CHOICE,
     .offset = offsetof(split_options, emit),
     .argument = "PART",
     .initial = "train",
     .choices = parts,
     .help = "the part to write, with --test and --folds"},
    {.name = "clients",
     .kind = QF_OPTION_INTEGER,
     .offset = offsetof(split_options, clients),
     .argument = "N",
     .minimum = 1,
     .maximum = QF_SPLIT_MAX_PARTS,
     .help = "divide the rows among N clients, each row to one of them"},
    {.name = "client",
     .kind = QF_OPTION_INTEGER,
     .offset = offsetof(split_options, client),
     .argument = "I",
     .minimum = 1,
     .maximum = QF_SPLIT_MAX_PARTS,
     .help = "the client, 1 to N, whose rows to write"},
    {.name = "by",
     .kind = QF_OPTION_CHOICE,
     .offset = offsetof(split_options, by),
     .argument = "HOW",
     .initial = "contiguous",
     .choices = divisions,
     .help = "how clients get their rows, see above"},
    {.name = "skew",
     .kind = QF_OPTION_REAL,
     .offset = offsetof(split_options, skew),
     .argument = "S",
     .initial = "0.5",
     .maximum = 1,
     .help = "of label-skew: from 0, all clients alike, to 1, the first without the rarer class"},
    {.name = "concentration",
     .kind = QF_OPTION_REAL,
     .offset = offsetof(split_options, concentration),
     .argument = "A",
     .initial = "0.5",
     .minimum = 0.001,
     .maximum = 1e6,
     .help = "of dirichlet: the smaller, the more unequal the clients"},
    {.name = "group",
     .kind = QF_OPTION_CHOICE,
     .offset = offsetof(split_options, group),
     .argument = "ROWS",
     .initial = "identical",
     .choices = groupings,
     .help =
         "the rows that stay in one part: those of equal features; contiguous clients never group"},
};

static const qf_example examples[] = {
    {"qf-split --test 0.2 --emit test --seed 7 < bank.qf > test.qf",
     "The fifth of the rows that the same command with --emit train leaves out"},
    {"qf-split --folds 5 --fold 1 --emit test < bank.qf | qf-view --show records",
     "The first of five folds"},
    {"qf-split --clients 10 --client 3 --by dirichlet --concentration 0.3 < train.qf > client3.qf",
     "The third of ten banks with unlike data"},
};

static const qf_tool tool = {
    .name = "qf-split",
    .summary = "write one part of a table: training or test rows, a fold, a client's rows",
    .description =
        "Reads a table and writes the rows of one part in their order. Exactly one of --test, "
        "--folds and --clients says how the rows are divided. Run it once for each part: the same "
        "input, options and seed give parts that are disjoint and together the whole.\n\n"
        "Parts are drawn at random for each class apart, so that all have the class balance of the "
        "whole, as closely as groups of rows allow that stay together: those of equal features, "
        "unless --group none.\n\n"
        "Clients get their rows in one of four ways. contiguous: the i-th client has the i-th "
        "consecutive slice of the fraud rows and of the other rows. iid: at random, all alike. "
        "label-skew: all of one size, and the share of the rarer class rises evenly "
        "from p (1 - S) to p (1 + S) where the whole has p. dirichlet: each class is "
        "divided in proportions drawn from a Dirichlet distribution of concentration A, drawn "
        "again until every client has a row.\n\n"
        "Too few rows of a class for the parts is an error, exit code 65.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .features = QF_TOOL_SEED,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

/* An option that only means something beside another one. */
static qf_status only_with(const qf_cli *cli, const char *option, bool allowed, const char *with,
                           qf_error *error) {
    if (allowed || !qf_cli_given(cli, option)) return QF_OK;
    return qf_fail(error, QF_USAGE, "--%s needs --%s", option, with);
}

/* --fold or --client: given, and no more than there are. */
static qf_status check_number(const char *option, int64_t number, int64_t count, qf_error *error) {
    if (number == 0) {
        return qf_fail(error, QF_USAGE, "--%ss needs --%s from 1 to %lld", option, option,
                       (long long)count);
    }
    if (number <= count) return QF_OK;
    return qf_fail(error, QF_USAGE, "--%s %lld, but there are %lld", option, (long long)number,
                   (long long)count);
}

static qf_status check(const qf_cli *cli, const split_options *o, qf_error *error) {
    if ((o->test > 0) + (o->folds > 0) + (o->clients > 0) != 1) {
        return qf_fail(error, QF_USAGE, "give exactly one of --test, --folds and --clients");
    }
    QF_TRY(only_with(cli, "fold", o->folds, "folds", error));
    QF_TRY(only_with(cli, "client", o->clients, "clients", error));
    QF_TRY(only_with(cli, "by", o->clients, "clients", error));
    QF_TRY(only_with(cli, "emit", !o->clients, "test or --folds", error));
    QF_TRY(only_with(cli, "skew", o->by == QF_CLIENTS_LABEL_SKEW, "by label-skew", error));
    QF_TRY(only_with(cli, "concentration", o->by == QF_CLIENTS_DIRICHLET, "by dirichlet", error));
    if (o->folds) return check_number("fold", o->fold, o->folds, error);
    if (!o->clients) return QF_OK;
    if (o->by == QF_CLIENTS_CONTIGUOUS && o->group == QF_GROUP_IDENTICAL &&
        qf_cli_given(cli, "group")) {
        return qf_fail(error, QF_USAGE, "--by contiguous does not group rows");
    }
    return check_number("client", o->client, o->clients, error);
}

/* Reduces the table to the part that was asked for. */
static qf_status reduce(const split_options *o, uint64_t seed, qf_table *table, qf_error *error) {
    const qf_grouping grouping = (qf_grouping)o->group;
    size_t *part = qf_new_array(table->rows, sizeof *part, error);
    if (!part) return QF_MEMORY;
    const qf_clients clients = {(size_t)o->clients, (qf_client_split)o->by, o->skew,
                                o->concentration};
    const int64_t wanted = o->folds ? o->fold - 1 : o->clients ? o->client - 1 : 1;
    const bool others = !o->clients && o->emit == EMIT_TRAIN;
    const qf_status status =
        o->folds     ? qf_split_folds(table, (size_t)o->folds, grouping, seed, part, error)
        : o->clients ? qf_split_clients(table, &clients, grouping, seed, part, error)
                     : qf_split_holdout(table, o->test, grouping, seed, part, error);
    if (status == QF_OK) qf_split_keep(table, part, (size_t)wanted, others);
    free(part);
    return status;
}

static qf_status split(qf_cli *cli, void *given, qf_error *error) {
    const split_options *o = given;
    QF_TRY(check(cli, o, error));
    qf_table table;
    QF_TRY(qf_table_read(&cli->session, qf_cli_input(cli), &table, NULL, error));
    qf_status status = reduce(o, cli->seed, &table, error);
    if (status == QF_OK) status = qf_table_write(&cli->session, &table, error);
    qf_table_free(&table);
    return status;
}

int main(int argc, char **argv) {
    split_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, split);
}
