/* qf-seal: a stream for one party's eyes. */
#include "cli/cli.h"
#include "crypto/identity_wire.h"
#include "crypto/seal_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct seal_options {
    const char *state, *roster;
    int64_t to, round;
    int link;
    bool paper_ecb;
} seal_options;

#define OPTION(member) offsetof(seal_options, member)

static const qf_option options[] = {
    {.name = "state",
     .kind = QF_OPTION_FILE,
     .offset = OPTION(state),
     .argument = "DIR",
     .help = "the sender's own directory, with its identity and keys",
     .local = true},
    {.name = "to",
     .kind = QF_OPTION_INTEGER,
     .offset = OPTION(to),
     .argument = "N",
     .minimum = 1,
     .maximum = QF_MAX_PARTY,
     .help = "the receiver's number"},
    {.name = "link",
     .kind = QF_OPTION_CHOICE,
     .offset = OPTION(link),
     .argument = "LINK",
     .initial = "x25519",
     .choices = qf_link_names,
     .help = "where the key comes from: agreed on with the receiver's key in the roster, or the "
             "next key that qf-qkd made with it"},
    {.name = "roster",
     .kind = QF_OPTION_FILE,
     .offset = OPTION(roster),
     .argument = "FILE",
     .help = "with --link x25519: all parties' identities"},
    {.name = "round",
     .kind = QF_OPTION_INTEGER,
     .offset = OPTION(round),
     .argument = "N",
     .initial = "0",
     .minimum = 0,
     .maximum = 1e15,
     .help = "the round that the message belongs to"},
    {.name = "paper-ecb",
     .kind = QF_OPTION_FLAG,
     .offset = OPTION(paper_ecb),
     .help = "AES-256-ECB, as in the paper: insecure, for comparison alone"},
};

static const qf_example examples[] = {
    {"qf-seal --state p3 --to 5 --roster roster.qf --round 1 < share-5.qf > for5.qf",
     "For party 5, by the keys of the roster"},
    {"qf-seal --state p3 --to 5 --link qkd < share-5.qf > for5-qkd.qf",
     "With a key that both made by qf-qkd"},
};

static const qf_tool tool = {
    .name = "qf-seal",
    .summary = "encrypt a stream for one party",
    .description =
        "Reads a stream of any type, or several, and writes it encrypted and authenticated: only "
        "the receiver can open it, and knows from whom and for which round it is, whole and "
        "unaltered. AES-256-GCM in chunks, with a key that no other message has.\n\n"
        "The input is verified and held in memory; the sealed stream says nothing about it but its "
        "length. With --link qkd the key is gone from the pool even if writing fails.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

/* Seals with an open state and its identity. */
static qf_status seal_as(qf_cli *cli, const seal_options *o, qf_state *state,
                         const qf_own_identity *own, qf_span plain, qf_error *error) {
    qf_roster roster = {0};
    const qf_identity *receiver = NULL;
    qf_sealed sealed = {.link = (qf_link)o->link,
                        .paper_ecb = o->paper_ecb,
                        .receiver = (uint32_t)o->to,
                        .round = (uint64_t)o->round};
    qf_status status = QF_OK;
    if (o->roster) {
        status = qf_roster_read(&cli->session, o->roster, &roster, error);
        if (status == QF_OK) status = qf_roster_expect(&roster, &own->identity, error);
        if (status == QF_OK) status = qf_roster_find(&roster, sealed.receiver, &receiver, error);
    }
    if (status == QF_OK) status = qf_seal(state, own, receiver, plain, &sealed, error);
    if (status == QF_OK) {
        status = qf_sealed_write(&cli->session, STDOUT_FILENO, "standard output", &sealed, error);
    }
    free(sealed.bytes);
    qf_roster_free(&roster);
    return status;
}

static qf_status check(const seal_options *o, qf_error *error) {
    if (!o->state || o->to == 0) return qf_fail(error, QF_USAGE, "give --state and --to");
    if ((o->link == QF_LINK_X25519) != (o->roster != NULL)) {
        return qf_fail(error, QF_USAGE, "--roster goes with --link x25519");
    }
    return QF_OK;
}

static qf_status seal(qf_cli *cli, void *given, qf_error *error) {
    const seal_options *o = given;
    qf_state state = {.directory = -1};
    qf_own_identity own = {0};
    qf_secret plain;
    QF_TRY(check(o, error));
    QF_TRY(qf_secret_protect_process(error));
    if (o->paper_ecb) {
        fprintf(stderr,
                "qf-seal: warning: AES-ECB shows which blocks are equal and authenticates "
                "nothing: for the paper protocol alone\n");
    }
    qf_status status = qf_stream_bytes_read(qf_cli_input(cli), &plain, error);
    if (status == QF_OK) status = qf_state_open(&state, o->state, false, error);
    if (status == QF_OK) status = qf_identity_load(&state, &own, error);
    if (status == QF_OK) {
        status = seal_as(cli, o, &state, &own, (qf_span){plain.data, plain.length}, error);
    }
    qf_own_identity_free(&own);
    qf_state_close(&state);
    qf_secret_free(&plain);
    return status;
}

int main(int argc, char **argv) {
    seal_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, seal);
}
