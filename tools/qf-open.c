/* qf-open: what was sealed for this party. */
#include "base/file.h"
#include "cli/cli.h"
#include "crypto/identity_wire.h"
#include "crypto/seal_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct open_options {
    const char *state, *roster;
    int64_t from, round;
    bool paper_ecb;
} open_options;

#define OPTION(member) offsetof(open_options, member)

static const qf_option options[] = {
    {.name = "state",
     .kind = QF_OPTION_FILE,
     .offset = OPTION(state),
     .argument = "DIR",
     .help = "the receiver's own directory, with its identity and keys",
     .local = true},
    {.name = "roster",
     .kind = QF_OPTION_FILE,
     .offset = OPTION(roster),
     .argument = "FILE",
     .help = "for --link x25519: all parties' identities"},
    {.name = "from",
     .kind = QF_OPTION_INTEGER,
     .offset = OPTION(from),
     .argument = "N",
     .minimum = 1,
     .maximum = QF_MAX_PARTY,
     .help = "refuse what another party sealed"},
    {.name = "round",
     .kind = QF_OPTION_INTEGER,
     .offset = OPTION(round),
     .argument = "N",
     .minimum = 0,
     .maximum = 1e15,
     .help = "refuse what belongs to another round"},
    {.name = "paper-ecb",
     .kind = QF_OPTION_FLAG,
     .offset = OPTION(paper_ecb),
     .help = "open what was sealed with --paper-ecb, which is refused otherwise"},
};

static const qf_example examples[] = {
    {"qf-open --state p5 --roster roster.qf --from 3 --round 1 < for5.qf > share-5.qf",
     "What party 3 sealed for party 5 in round 1"},
    {"qf-open --state p5 < for5-qkd.qf | qf-view", "A message of --link qkd needs no roster"},
};

static const qf_tool tool = {
    .name = "qf-open",
    .summary = "decrypt a stream that was sealed for this party",
    .description =
        "Reads a sealed stream and writes the streams in it, byte for byte as they were. Nothing "
        "is written before all of it has proved to be what the sender sealed: anything cut off, "
        "reordered or altered, for another receiver, or with a key that was used before, ends with "
        "exit code 77 and an empty output.\n\n"
        "Without --from and --round, any sender of the roster and any round will do. With a key "
        "made by qf-qkd a message opens once: the key is gone then.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

static qf_status check_expected(const qf_cli *cli, const open_options *o, const qf_sealed *sealed,
                                qf_error *error) {
    if (sealed->paper_ecb != o->paper_ecb) {
        return qf_fail(error, QF_REFUSED, "the stream was sealed %s --paper-ecb",
                       sealed->paper_ecb ? "with" : "without");
    }
    if (o->from && sealed->sender != o->from) {
        return qf_fail(error, QF_REFUSED, "sealed by party %u, expected party %lld", sealed->sender,
                       (long long)o->from);
    }
    if (qf_cli_given(cli, "round") && sealed->round != (uint64_t)o->round) {
        return qf_fail(error, QF_REFUSED, "sealed in round %llu, expected round %lld",
                       (unsigned long long)sealed->round, (long long)o->round);
    }
    if (sealed->link == QF_LINK_X25519 && !o->roster) {
        return qf_fail(error, QF_USAGE, "the stream was sealed with --link x25519: give --roster");
    }
    return QF_OK;
}

static qf_status open_as(qf_cli *cli, const open_options *o, qf_state *state,
                         const qf_own_identity *own, const qf_sealed *sealed, qf_error *error) {
    qf_roster roster = {0};
    const qf_identity *sender = NULL;
    qf_secret plain = {0};
    qf_status status = QF_OK;
    if (sealed->link == QF_LINK_X25519) {
        status = qf_roster_read(&cli->session, o->roster, &roster, error);
        if (status == QF_OK) status = qf_roster_expect(&roster, &own->identity, error);
        if (status == QF_OK) status = qf_roster_find(&roster, sealed->sender, &sender, error);
    }
    if (status == QF_OK) status = qf_seal_open(state, own, sender, sealed, &plain, error);
    if (status == QF_OK) {
        qf_cli_tell(cli, "from party %u, round %llu", sealed->sender,
                    (unsigned long long)sealed->round);
        status = qf_write_all(STDOUT_FILENO, plain.data, plain.length, "standard output", error);
    }
    qf_secret_free(&plain);
    qf_roster_free(&roster);
    return status;
}

static qf_status open_sealed(qf_cli *cli, void *given, qf_error *error) {
    const open_options *o = given;
    qf_state state = {.directory = -1};
    qf_own_identity own = {0};
    qf_sealed sealed;
    if (!o->state) return qf_fail(error, QF_USAGE, "give --state");
    if (isatty(STDOUT_FILENO)) {
        return qf_fail(error, QF_USAGE, "a stream is binary and standard output is a terminal");
    }
    QF_TRY(qf_secret_protect_process(error));
    if (o->paper_ecb) {
        fprintf(stderr,
                "qf-open: warning: AES-ECB authenticates nothing: anyone may have made or "
                "altered this\n");
    }
    qf_status status = qf_sealed_read(&cli->session, qf_cli_input(cli), &sealed, error);
    if (status == QF_OK) status = check_expected(cli, o, &sealed, error);
    if (status == QF_OK) status = qf_state_open(&state, o->state, false, error);
    if (status == QF_OK) status = qf_identity_load(&state, &own, error);
    if (status == QF_OK) status = open_as(cli, o, &state, &own, &sealed, error);
    free(sealed.bytes);
    qf_own_identity_free(&own);
    qf_state_close(&state);
    return status;
}

int main(int argc, char **argv) {
    open_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, open_sealed);
}
