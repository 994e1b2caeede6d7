/* qf-recover: a secret from its shares. */
#include "cli/cli.h"
#include "crypto/share_wire.h"

#include <string.h>
#include <unistd.h>

typedef struct recover_options {
    const char *into;
    bool mean;
} recover_options;

static const qf_option options[] = {
    {.name = "mean",
     .kind = QF_OPTION_FLAG,
     .offset = offsetof(recover_options, mean),
     .help = "divide a sum by the number of its models"},
    {.name = "into",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(recover_options, into),
     .argument = "DIR",
     .help = "write DIR/recovered.qf of mode 0600 instead of standard output; for keys",
     .local = true},
};

static const qf_example examples[] = {
    {"cat share-2.qf share-5.qf share-9.qf | qf-recover > recovered.qf",
     "A model from three shares"},
    {"cat sum-1.qf sum-2.qf sum-3.qf | qf-recover --mean > global.qf",
     "The mean of models that nobody saw"},
};

static const qf_tool tool = {
    .name = "qf-recover",
    .summary = "recover a model or a key from shares",
    .description =
        "Reads the shares of one set, or one party's each of the same sum, as concatenated streams "
        "and writes what was shared. With more shares than the threshold, one that was altered is "
        "named in a warning and left out; without, altered shares are refused. The shares of "
        "different sets, or too few, do not fit together.\n\n"
        "The reals of a recovered model are multiples of 2^-F, as qf-share --fraction-bits rounded "
        "them. The share of a sum has no commitment: give one more than the threshold to be told "
        "of an altered one, two more to learn which. Without one more, a warning says so.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

static qf_status write_recovered(qf_cli *cli, const char *into, const qf_contents *secret,
                                 qf_error *error) {
    if (!into && strcmp(secret->type, "key") == 0) {
        return qf_fail(error, QF_USAGE, "a key goes into a directory: give --into");
    }
    if (!into) {
        return qf_contents_write(&cli->session, STDOUT_FILENO, "standard output", secret, error);
    }
    static const char name[] = "recovered.qf";
    qf_state directory;
    qf_state_file file = {.fd = -1};
    qf_status status = qf_state_open(&directory, into, true, error);
    if (status == QF_OK) status = qf_state_file_open(&file, &directory, name, error);
    if (status == QF_OK) status = qf_contents_write(&cli->session, file.fd, name, secret, error);
    if (status == QF_OK) status = qf_state_file_commit(&file, error);
    qf_state_file_discard(&file);
    qf_state_close(&directory);
    return status;
}

static void warn(const qf_cli *cli, const qf_shares *shares, uint32_t wrong) {
    const qf_share *first = &shares->items[0];
    if (wrong) {
        qf_cli_warn(cli, "the share of party %u was altered; it was left out", wrong);
    } else if (first->set_count > 1 && shares->count == first->sharing.threshold) {
        qf_cli_warn(cli, "no share more than needed: nothing would tell if one was altered");
    }
}

static qf_status recover(qf_cli *cli, void *given, qf_error *error) {
    const recover_options *o = given;
    qf_shares shares = {0};
    qf_contents secret = {0};
    uint32_t wrong = 0;
    QF_TRY(qf_secret_protect_process(error));
    qf_status status = qf_shares_read(&cli->session, qf_cli_input(cli), &shares, error);
    if (status == QF_OK) {
        status = qf_share_recover(shares.items, shares.count, o->mean, &secret, &wrong, error);
        if (status == QF_OK) warn(cli, &shares, wrong);
    }
    if (status == QF_OK) status = write_recovered(cli, o->into, &secret, error);
    qf_contents_free(&secret);
    qf_shares_free(&shares);
    return status;
}

int main(int argc, char **argv) {
    recover_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, recover);
}
