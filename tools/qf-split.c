/* qf-split: one part of a table. */
#include "cli/cli.h"
#include "data/split_plan.h"
#include "data/table_wire.h"

#include <float.h>
#include <string.h>

static const char *const parts[] = {"train", "test", NULL};

static const qf_option options[] = {
    {.name = "test",
     .kind = QF_OPTION_REAL,
     .offset = offsetof(qf_split_plan, test),
     .argument = "SHARE",
     .minimum = 0.0001,
     .maximum = 0.9999,
     .help = "hold out this share of each class's rows"},
    {.name = "sample",
     .kind = QF_OPTION_INTEGER,
     .offset = offsetof(qf_split_plan, sample),
     .argument = "N",
     .minimum = 2,
     .maximum = INT32_MAX,
     .help = "write N rows, of each class its share; all where there are no more"},
    {.name = "folds",
     .kind = QF_OPTION_INTEGER,
     .offset = offsetof(qf_split_plan, folds),
     .argument = "K",
     .minimum = 2,
     .maximum = QF_SPLIT_MAX_PARTS,
     .help = "cut into K folds of equal size and class balance"},
    {.name = "fold",
     .kind = QF_OPTION_INTEGER,
     .offset = offsetof(qf_split_plan, fold),
     .argument = "I",
     .minimum = 1,
     .maximum = QF_SPLIT_MAX_PARTS,
     .help = "the fold, 1 to K, that is the test part"},
    {.name = "emit",
     .kind = QF_OPTION_CHOICE,
     .offset = offsetof(qf_split_plan, emit),
     .argument = "PART",
     .initial = "train",
     .choices = parts,
     .help = "the part to write, with --test and --folds"},
    {.name = "clients",
     .kind = QF_OPTION_INTEGER,
     .offset = offsetof(qf_split_plan, clients),
     .argument = "N",
     .minimum = 1,
     .maximum = QF_SPLIT_MAX_PARTS,
     .help = "divide the rows among N clients, each row to one of them"},
    {.name = "client",
     .kind = QF_OPTION_INTEGER,
     .offset = offsetof(qf_split_plan, client),
     .argument = "I",
     .minimum = 1,
     .maximum = QF_SPLIT_MAX_PARTS,
     .help = "the client, 1 to N, whose rows to write"},
    {.name = "by",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(qf_split_plan, by),
     .argument = "HOW",
     .help = "with --test, the column that is time: the past trains, the future tests; with "
             "--clients, how they get their rows: contiguous (unless given), iid, label-skew or "
             "dirichlet, see above"},
    {.name = "gap",
     .kind = QF_OPTION_REAL,
     .offset = offsetof(qf_split_plan, gap),
     .argument = "G",
     .maximum = DBL_MAX,
     .help = "with --by COLUMN, rows less than G before the first test row are in no part"},
    {.name = "skew",
     .kind = QF_OPTION_REAL,
     .offset = offsetof(qf_split_plan, skew),
     .argument = "S",
     .initial = "0.5",
     .maximum = 1,
     .help = "of label-skew: from 0, all clients alike, to 1, the first without the rarer class"},
    {.name = "concentration",
     .kind = QF_OPTION_REAL,
     .offset = offsetof(qf_split_plan, concentration),
     .argument = "A",
     .initial = "0.5",
     .minimum = 0.001,
     .maximum = 1e6,
     .help = "of dirichlet: the smaller, the more unequal the clients"},
    {.name = "group",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(qf_split_plan, group),
     .argument = "ROWS",
     .initial = "identical",
     .help = "rows that stay in one part: identical (of equal features), none, or those that have "
             "the same value in the column of this name; contiguous clients never group"},
};

static const qf_example examples[] = {
    {"qf-split --test 0.2 --emit test --seed 7 < bank.qf > test.qf",
     "The fifth of the rows that the same command with --emit train leaves out"},
    {"qf-split --folds 5 --fold 1 --emit test < bank.qf | qf-view --show records",
     "The first of five folds"},
    {"qf-split --test 0.2 --by col_11 --gap 30 < bank.qf > past.qf",
     "The rows up to 30 days before the last fifth, col_11 being the day"},
    {"qf-split --clients 10 --client 3 --by dirichlet --concentration 0.3 < train.qf > client3.qf",
     "The third of ten banks with unlike data"},
};

static const qf_tool tool = {
    .name = "qf-split",
    .summary = "write one part of a table: training or test rows, a fold, a client's rows",
    .description =
        "Reads a table and writes the rows of one part in their order. Exactly one of --test, "
        "--sample, --folds and --clients says how the rows are divided. Run it once for each part: the same "
        "input, options and seed give parts that are disjoint and together the whole.\n\n"
        "Parts are drawn at random for each class apart, so that all have the class balance of the "
        "whole, as closely as groups of rows allow that stay together: those of equal features, or "
        "of one entity (--group COLUMN). With --by COLUMN nothing is drawn: the test part is the "
        "latest rows. An entity's number or a time is seldom a feature: qf-audit --drop removes it "
        "after the split.\n\n"
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

static qf_status check_clients(const qf_cli *cli, const qf_split_plan *o, qf_error *error) {
    qf_client_split by;
    QF_TRY(qf_client_split_find(o->by, &by, error));
    QF_TRY(only_with(cli, "skew", by == QF_CLIENTS_LABEL_SKEW, "by label-skew", error));
    QF_TRY(only_with(cli, "concentration", by == QF_CLIENTS_DIRICHLET, "by dirichlet", error));
    if (by == QF_CLIENTS_CONTIGUOUS && strcmp(o->group, "none") != 0 &&
        qf_cli_given(cli, "group")) {
        return qf_fail(error, QF_USAGE, "--by contiguous does not group rows");
    }
    return check_number("client", o->client, o->clients, error);
}

static qf_status check(const qf_cli *cli, const qf_split_plan *o, qf_error *error) {
    if ((o->test > 0) + (o->sample > 0) + (o->folds > 0) + (o->clients > 0) != 1) {
        return qf_fail(error, QF_USAGE,
                       "give exactly one of --test, --sample, --folds and --clients");
    }
    QF_TRY(only_with(cli, "fold", o->folds, "folds", error));
    QF_TRY(only_with(cli, "client", o->clients, "clients", error));
    QF_TRY(only_with(cli, "by", o->test > 0 || o->clients, "test or --clients", error));
    QF_TRY(only_with(cli, "emit", o->test > 0 || o->folds, "test or --folds", error));
    QF_TRY(only_with(cli, "gap", o->test > 0 && o->by, "test and --by", error));
    if (o->clients) return check_clients(cli, o, error);
    QF_TRY(only_with(cli, "skew", false, "by label-skew", error));
    QF_TRY(only_with(cli, "concentration", false, "by dirichlet", error));
    if (o->by && qf_cli_given(cli, "group")) {
        return qf_fail(error, QF_USAGE, "--by COLUMN does not group rows");
    }
    return o->folds ? check_number("fold", o->fold, o->folds, error) : QF_OK;
}

static qf_status split(qf_cli *cli, void *given, qf_error *error) {
    QF_TRY(check(cli, given, error));
    qf_table table;
    QF_TRY(qf_table_read(&cli->session, qf_cli_input(cli), &table, NULL, error));
    qf_status status = qf_split_apply(&table, given, cli->seed, error);
    if (status == QF_OK) status = qf_table_write(&cli->session, &table, error);
    qf_table_free(&table);
    return status;
}

int main(int argc, char **argv) {
    qf_split_plan given = {0};
    return qf_cli_main(&tool, argc, argv, &given, split);
}
