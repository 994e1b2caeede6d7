/* qf-encrypt: a party's contribution to a sum of models. */
#include "cli/cli.h"
#include "federated/federated_wire.h"

#include <string.h>
#include <unistd.h>

typedef struct encrypt_options {
    const char *key, *state;
    int64_t weight, round, party;
    bool disclose;
} encrypt_options;

#define OPTION(member) offsetof(encrypt_options, member)

static const qf_option options[] = {
    {.name = "key",
     .kind = QF_OPTION_FILE,
     .offset = OPTION(key),
     .argument = "FILE",
     .help = "the committee's public key (qf-keygen public)"},
    {.name = "weight",
     .kind = QF_OPTION_INTEGER,
     .offset = OPTION(weight),
     .argument = "W",
     .initial = "1",
     .minimum = 1,
     .maximum = (double)QF_MAX_WEIGHT,
     .help = "what the model weighs in the mean; public"},
    {.name = "round",
     .kind = QF_OPTION_INTEGER,
     .offset = OPTION(round),
     .argument = "R",
     .initial = "1",
     .minimum = 0,
     .maximum = 0x1p53,
     .help = "the round that it is for"},
    {.name = "state",
     .kind = QF_OPTION_FILE,
     .offset = OPTION(state),
     .argument = "DIR",
     .help = "the party's own directory (qf-keygen identity): it is the sender, and signs",
     .local = true},
    {.name = "party",
     .kind = QF_OPTION_INTEGER,
     .offset = OPTION(party),
     .argument = "N",
     .minimum = 1,
     .maximum = QF_MAX_PARTY,
     .help = "instead of --state: the sender's number, without a signature; no committee decrypts "
             "what is not signed"},
    {.name = "disclose",
     .kind = QF_OPTION_FLAG,
     .offset = OPTION(disclose),
     .help = "publish which rows the model knows and how it was made: for experiments whose rows "
             "are nobody's secret"},
};

static const qf_example examples[] = {
    {"qf-encrypt --key public.qf --state p3 --weight 7 --round 2 < net.qf > c3.qf",
     "Party 3's contribution to the second round"},
    {"qf-encrypt --key public.qf --party 1 --disclose net.qf > open.qf",
     "In an experiment, so that qf-score can prove that test rows are new"},
};

static const qf_tool tool = {
    .name = "qf-encrypt",
    .summary = "encrypt a model as a contribution to a sum",
    .description =
        "Reads a model with trainable arrays (mlp, logistic, qnn) and writes a contribution: every "
        "number that its fit adjusted, biases and a circuit's weights with the others, rounded to "
        "a grid, times the weight, encrypted under the key of a committee that only opens sums. A "
        "number beyond the grid's range is an error that names the array.\n\n"
        "In the clear are: round, sender, weight, key and its terms; the model's kind, columns, "
        "parameters and seed, its arrays' names and shapes, and arrays that no fit adjusts. "
        "Threshold, calibration, what the fit found, the rows that it was fitted to, and how and "
        "from which data the model was made are left out, unless --disclose. The weight "
        "is public and multiplied in before encryption: nobody can check it, as nobody "
        "can check the numbers.\n\n"
        "Whoever holds another's contribution can add an encrypted zero to it and send it as its "
        "own: senders should commit to the contributions' digests before anyone shows one.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

static qf_status write_contribution(qf_cli *cli, const encrypt_options *o,
                                    const qf_own_identity *own, qf_error *error) {
    qf_joint_key key;
    const qf_contribution_options making = {.round = (uint64_t)o->round,
                                            .party = own ? own->identity.party : (uint32_t)o->party,
                                            .weight = o->weight,
                                            .disclose = o->disclose,
                                            .own = own};
    QF_TRY(qf_joint_key_read(&cli->session, o->key, cli->run.simd, &key, error));
    const qf_status status = qf_contribution_write(&cli->session, qf_cli_input(cli), STDOUT_FILENO,
                                                   "standard output", &key, &making, error);
    qf_joint_key_free(&key);
    return status;
}

static qf_status encrypt_signed(qf_cli *cli, const encrypt_options *o, qf_error *error) {
    qf_state state;
    qf_own_identity own = {0};
    qf_status status = qf_state_open(&state, o->state, false, error);
    if (status == QF_OK) status = qf_identity_load(&state, &own, error);
    if (status == QF_OK) status = write_contribution(cli, o, &own, error);
    qf_own_identity_free(&own);
    qf_state_close(&state);
    return status;
}

static qf_status encrypt(qf_cli *cli, void *given, qf_error *error) {
    const encrypt_options *o = given;
    if (!o->key) return qf_fail(error, QF_USAGE, "--key is missing");
    if (!o->state == !o->party) return qf_fail(error, QF_USAGE, "give --state or --party");
    QF_TRY(qf_secret_protect_process(error));
    return o->state ? encrypt_signed(cli, o, error) : write_contribution(cli, o, NULL, error);
}

int main(int argc, char **argv) {
    encrypt_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, encrypt);
}
