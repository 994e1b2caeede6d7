/* qf-share: secrets in shares. */
#include "cli/cli.h"
#include "crypto/share_wire.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PRIME_61, PRIME_PAPER };
static const char *const primes[] = {"2^61-1", "104729", NULL};

typedef struct share_options {
    int64_t threshold, parties, fraction_bits, summands;
    int prime;
    const char *into;
    bool sum;
} share_options;

#define OPTION(member) offsetof(share_options, member)

static const qf_option options[] = {
    {.name = "threshold",
     .kind = QF_OPTION_INTEGER,
     .offset = OPTION(threshold),
     .argument = "T",
     .minimum = 1,
     .maximum = QF_MAX_SHARES,
     .help = "how many shares recover the secret"},
    {.name = "parties",
     .kind = QF_OPTION_INTEGER,
     .offset = OPTION(parties),
     .argument = "N",
     .minimum = 1,
     .maximum = QF_MAX_SHARES,
     .help = "how many shares there are"},
    {.name = "into",
     .kind = QF_OPTION_FILE,
     .offset = OPTION(into),
     .argument = "DIR",
     .help = "write DIR/share-1.qf to DIR/share-N.qf, of mode 0600; DIR is made with mode 0700",
     .local = true},
    {.name = "prime",
     .kind = QF_OPTION_CHOICE,
     .offset = OPTION(prime),
     .argument = "P",
     .initial = "2^61-1",
     .choices = primes,
     .help = "the field; 104729, the paper's, is too small for most models"},
    {.name = "fraction-bits",
     .kind = QF_OPTION_INTEGER,
     .offset = OPTION(fraction_bits),
     .argument = "F",
     .initial = "32",
     .minimum = 0,
     .maximum = QF_MAX_FRACTION_BITS,
     .help = "reals are rounded to multiples of 2^-F; with more bits, fewer fit"},
    {.name = "summands",
     .kind = QF_OPTION_INTEGER,
     .offset = OPTION(summands),
     .argument = "M",
     .initial = "1024",
     .minimum = 1,
     .maximum = QF_MAX_SUMMANDS,
     .help = "leave room for sums of up to M secrets"},
    {.name = "sum",
     .kind = QF_OPTION_FLAG,
     .offset = OPTION(sum),
     .help = "read one party's shares of several models, write its share of their sum"},
};

static const qf_example examples[] = {
    {"qf-share --threshold 3 --parties 10 --into shares < model.qf",
     "Ten shares, of which any three recover the model"},
    {"cat a/share-4.qf b/share-4.qf | qf-share --sum > sum-4.qf",
     "What party 4 publishes of the sum of two models"},
};

static const qf_tool tool = {
    .name = "qf-share",
    .summary = "split a model or a key into shares",
    .description =
        "Reads a model or a key and writes shares of every array in it, by Shamir's scheme: any T "
        "shares recover it (qf-recover), fewer say nothing about it. A value that does not fit the "
        "field is an error with the array's name. Header and records of a model (its kind, its "
        "columns, its settings) are public: they stand in every share. So does a commitment, by "
        "which qf-recover finds an altered share.\n\n"
        "With --sum, shares of one party add up to a share of the sum of the models, which "
        "qf-recover recovers without anyone seeing a single one. Integers have no sum: row lists "
        "are left out, and trees cannot be added.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

/* A share names the secret by its commitment: the secret's digest would confirm guesses of it. */
static qf_status write_shares(qf_cli *cli, const share_options *o, const qf_share *shares,
                              const qf_contents_source *source, qf_error *error) {
    qf_state directory;
    qf_digest name;
    memcpy(name.bytes, shares[0].commitment, sizeof name.bytes);
    QF_TRY(qf_contents_source_enter(source, shares[0].layout.type, &name, &cli->session, error));
    qf_status status = qf_state_open(&directory, o->into, true, error);
    if (status == QF_OK) {
        status =
            qf_shares_write_files(&cli->session, &directory, shares, (size_t)o->parties, error);
    }
    qf_state_close(&directory);
    return status;
}

static qf_status split(qf_cli *cli, const share_options *o, qf_error *error) {
    static const char *const types[] = {"model", "key", NULL};
    const qf_sharing sharing = {.threshold = (size_t)o->threshold,
                                .parties = (size_t)o->parties,
                                .prime = o->prime == PRIME_61 ? QF_PRIME_61 : QF_PRIME_PAPER,
                                .fraction_bits = (unsigned)o->fraction_bits,
                                .summands_limit = (uint64_t)o->summands};
    qf_contents secret;
    qf_contents_source source;
    qf_shares shares = {.count = sharing.parties};
    qf_status status = qf_contents_read(qf_cli_input(cli), types, &secret, &source, error);
    if (status == QF_OK) {
        shares.items = qf_new_array(shares.count, sizeof *shares.items, error);
        status = shares.items ? qf_share_split(&sharing, &secret, shares.items, error) : QF_MEMORY;
    }
    if (status == QF_OK) status = write_shares(cli, o, shares.items, &source, error);
    if (shares.items) qf_shares_free(&shares);
    qf_contents_free(&secret);
    qf_contents_source_free(&source);
    return status;
}

static qf_status add(qf_cli *cli, qf_error *error) {
    qf_shares shares = {0};
    qf_status status = qf_shares_read(&cli->session, qf_cli_input(cli), &shares, error);
    for (size_t i = 1; i < shares.count && status == QF_OK; i++) {
        status = qf_share_add(&shares.items[0], &shares.items[i], error);
        if (status != QF_OK) qf_error_context(error, "share %zu", i + 1);
    }
    if (status == QF_OK) {
        status = qf_share_write(&cli->session, STDOUT_FILENO, "standard output", &shares.items[0],
                                error);
    }
    qf_shares_free(&shares);
    return status;
}

static qf_status share(qf_cli *cli, void *given, qf_error *error) {
    const share_options *o = given;
    const bool splits = o->threshold > 0 || o->parties > 0 || o->into;
    if (o->sum == splits) {
        return qf_fail(error, QF_USAGE, "give either --threshold, --parties and --into, or --sum");
    }
    if (splits && (o->threshold == 0 || o->parties == 0 || !o->into)) {
        return qf_fail(error, QF_USAGE, "--threshold, --parties and --into go together");
    }
    if (o->threshold > o->parties) {
        return qf_fail(error, QF_USAGE, "--threshold is more than --parties");
    }
    QF_TRY(qf_secret_protect_process(error));
    return o->sum ? add(cli, error) : split(cli, o, error);
}

int main(int argc, char **argv) {
    share_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, share);
}
