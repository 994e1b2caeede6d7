/* qf-aggregate: contributions into a sum, models into their mean. */
#include "base/number.h"
#include "cli/cli.h"
#include "crypto/identity_wire.h"
#include "federated/federated_wire.h"
#include "model/model_wire.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct aggregate_options {
    const char *roster, *weights, *parties;
    int64_t round, grid_bits;
} aggregate_options;

#define OPTION(member) offsetof(aggregate_options, member)

static const qf_option options[] = {
    {.name = "round",
     .kind = QF_OPTION_INTEGER,
     .offset = OPTION(round),
     .argument = "R",
     .initial = "1",
     .minimum = 0,
     .maximum = 0x1p53,
     .help = "of contributions, where it is given: refuse those of another round; of models: what "
             "the mean is said to be of"},
    {.name = "roster",
     .kind = QF_OPTION_FILE,
     .offset = OPTION(roster),
     .argument = "FILE",
     .help = "of contributions: the identities of all parties; refuse what they did not sign"},
    {.name = "weights",
     .kind = QF_OPTION_TEXT,
     .offset = OPTION(weights),
     .argument = "W,...",
     .help = "of models: what each weighs, in their order; 1 each unless given"},
    {.name = "parties",
     .kind = QF_OPTION_TEXT,
     .offset = OPTION(parties),
     .argument = "N,...",
     .help = "of models: whose they are, in their order; 1,2,3... unless given"},
    {.name = "grid-bits",
     .kind = QF_OPTION_INTEGER,
     .offset = OPTION(grid_bits),
     .argument = "G",
     .initial = "14",
     .minimum = 1,
     .maximum = QF_MAX_GRID_BITS,
     .help = "of models: numbers are rounded to multiples of 2^-G; contributions say it "
             "themselves"},
};

static const qf_example examples[] = {
    {"cat c*.qf | qf-aggregate --round 2 --roster roster.qf > sum.qf",
     "Add up what the parties encrypted, each signed"},
    {"cat mlp-a.qf mlp-b.qf | qf-aggregate --weights 7,3 --round 2 > mean.qf",
     "The same of models that one may see"},
};

static const qf_tool tool = {
    .name = "qf-aggregate",
    .summary = "add up contributions, or average models",
    .description =
        "Reads a concatenation of contributions (qf-encrypt) and writes their sum, still "
        "encrypted; a committee decrypts it to the weighted mean of the models (qf-decrypt, "
        "qf-combine), which qf-predict takes. Contributions are added as they arrive: memory does "
        "not grow with their number, and their order does not matter. Other keys, terms, rounds or "
        "models than the first one's, and a sender that comes twice, are refused by name.\n\n"
        "Reads as well a concatenation of models and writes their weighted mean, by the same "
        "integers on the same grid: the very model that comes of the contributions of the same "
        "models with --disclose.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

static qf_status refuse(const qf_cli *cli, const char *const *names, const char *what,
                        qf_error *error) {
    for (; *names; names++) {
        if (!qf_cli_given(cli, *names)) continue;
        return qf_fail(error, QF_USAGE, "--%s is not for %s", *names, what);
    }
    return QF_OK;
}

static qf_status sum_open(qf_cli *cli, const aggregate_options *o, qf_reader *reader,
                          qf_error *error) {
    static const char *const others[] = {"weights", "parties", "grid-bits", NULL};
    const uint64_t round = (uint64_t)o->round;
    qf_roster roster = {0};
    qf_ckks ckks = {0};
    qf_sum sum = {0};
    const qf_sum_expectations expectations = {
        .roster = o->roster ? &roster : NULL,
        .round = qf_cli_given(cli, "round") ? &round : NULL,
    };
    qf_status status = refuse(cli, others, "contributions", error);
    if (status == QF_OK && o->roster) {
        status = qf_roster_read(&cli->session, o->roster, &roster, error);
    }
    if (status == QF_OK) {
        status = qf_contributions_sum(reader, cli->run.simd, &expectations, &ckks, &sum, error);
    }
    if (status == QF_OK) {
        status = qf_sum_write(&cli->session, STDOUT_FILENO, "standard output", &ckks, &sum, error);
    }
    qf_sum_free(&sum);
    qf_ckks_free(&ckks);
    qf_roster_free(&roster);
    return status;
}

/* A list of whole numbers from 1 to `most`; the caller frees. NULL stays NULL. */
static qf_status parse_list(const char *option, const char *text, int64_t most, int64_t **list,
                            size_t *count, qf_error *error) {
    char item[QF_NUMBER_TEXT];
    if (!text) return QF_OK;
    size_t length = 0;
    *count = 1;
    for (const char *at = text; *at; at++) *count += *at == ',';
    *list = qf_new_array(*count, sizeof **list, error);
    if (!*list) return QF_MEMORY;
    for (size_t i = 0; i < *count; i++, text += length + 1) {
        length = strcspn(text, ",");
        snprintf(item, sizeof item, "%.*s", (int)length, text);
        if (length < sizeof item && qf_parse_int64(item, 1, most, &(*list)[i])) continue;
        return qf_fail(error, QF_USAGE, "--%s: expected whole numbers from 1, got \"%s\"", option,
                       item);
    }
    return QF_OK;
}

static qf_status average_open(qf_cli *cli, const aggregate_options *o, qf_reader *reader,
                              qf_error *error) {
    static const char *const others[] = {"roster", NULL};
    int64_t *weights = NULL, *parties = NULL;
    size_t count = 0, party_count = 0;
    qf_model mean;
    qf_status status = refuse(cli, others, "models", error);
    if (status == QF_OK) {
        status = parse_list("weights", o->weights, QF_MAX_WEIGHT, &weights, &count, error);
    }
    if (status == QF_OK) {
        status = parse_list("parties", o->parties, QF_MAX_PARTY, &parties, &party_count, error);
    }
    if (status == QF_OK && weights && parties && count != party_count) {
        status = qf_fail(error, QF_USAGE, "%zu --weights, but %zu --parties", count, party_count);
    }
    if (status == QF_OK) {
        const qf_mean_options averaging = {.round = (uint64_t)o->round,
                                           .grid_bits = (unsigned)o->grid_bits,
                                           .weights = weights,
                                           .parties = parties,
                                           .count = weights ? count : party_count};
        status = qf_models_mean(reader, &averaging, &mean, error);
    }
    free(weights);
    free(parties);
    QF_TRY(status);
    status = qf_model_write(&cli->session, STDOUT_FILENO, "standard output", &mean, error);
    qf_model_free(&mean);
    return status;
}

static qf_status aggregate(qf_cli *cli, void *given, qf_error *error) {
    const aggregate_options *o = given;
    qf_reader reader;
    qf_status status = qf_reader_open(&reader, &cli->session, qf_cli_input(cli), NULL, error);
    if (status == QF_OK) {
        if (strcmp(reader.type, "contribution") == 0) {
            status = sum_open(cli, o, &reader, error);
        } else if (strcmp(reader.type, "model") == 0) {
            status = average_open(cli, o, &reader, error);
        } else {
            status = qf_fail(error, QF_DATA,
                             "%s: expected a contribution or model stream, got a %s stream",
                             reader.name, reader.type);
        }
    }
    qf_reader_close(&reader);
    return status;
}

int main(int argc, char **argv) {
    aggregate_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, aggregate);
}
