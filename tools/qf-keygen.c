/* qf-keygen: the keys of a party. */
#include "cli/cli.h"
#include "crypto/identity_wire.h"

#include <string.h>

typedef struct keygen_options {
    const char *state;
    int64_t party;
} keygen_options;

static const qf_option options[] = {
    {.name = "state",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(keygen_options, state),
     .argument = "DIR",
     .help = "the party's own directory, made with mode 0700 where it is not there; what is secret "
             "stays in it",
     .local = true},
    {.name = "party",
     .kind = QF_OPTION_INTEGER,
     .offset = offsetof(keygen_options, party),
     .argument = "N",
     .minimum = 1,
     .maximum = QF_MAX_PARTY,
     .help = "with identity: the party's number"},
};

static const qf_example examples[] = {
    {"qf-keygen identity --state p3 --party 3 > id3.qf", "Who party 3 is, for everyone to know"},
    {"cat id*.qf > roster.qf", "The roster: the identities of all parties"},
};

static const qf_tool tool = {
    .name = "qf-keygen",
    .summary = "make the keys of a party",
    .description =
        "\"identity\" makes a party's signing key (Ed25519) and agreement key (X25519) in its "
        "state directory and writes their public halves, signed. Asked again, it writes the same "
        "identity. A roster is a concatenation of identities; it must reach every party unaltered, "
        "since all that parties prove to each other, they prove by it.",
    .operands = "identity",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

static qf_status make_identity(qf_cli *cli, const keygen_options *o, qf_error *error) {
    if (!o->state || o->party == 0) {
        return qf_fail(error, QF_USAGE, "identity needs --state and --party");
    }
    qf_state state;
    qf_own_identity own = {0};
    qf_status status = qf_state_open(&state, o->state, true, error);
    if (status == QF_OK) status = qf_identity_make(&state, (uint32_t)o->party, &own, error);
    if (status == QF_OK) status = qf_identity_write(&cli->session, &own.identity, error);
    qf_own_identity_free(&own);
    qf_state_close(&state);
    return status;
}

typedef qf_status command(qf_cli *cli, const keygen_options *o, qf_error *error);
static const struct {
    const char *name;
    command *run;
} commands[] = {{"identity", make_identity}};

static qf_status keygen(qf_cli *cli, void *given, qf_error *error) {
    const char *name = cli->operand_count ? cli->operands[0] : "";
    QF_TRY(qf_secret_protect_process(error));
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(name, commands[i].name) == 0) return commands[i].run(cli, given, error);
    }
    return qf_fail(error, QF_USAGE, "expected identity, got \"%s\"", name);
}

int main(int argc, char **argv) {
    keygen_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, keygen);
}
