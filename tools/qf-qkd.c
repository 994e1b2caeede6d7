/* qf-qkd: keys that two parties make by BB84. */
#include "base/file.h"
#include "cli/cli.h"
#include "crypto/bb84_simulation.h"
#include "crypto/identity.h"
#include "crypto/qkd_place_wire.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct qkd_options {
    const char *state, *peer_state, *into, *from;
    int64_t peer, pulses, keys, forge;
    double tolerate, security, loss, misalignment, dark_counts, eavesdrop;
    bool published;
} qkd_options;

#define OPTION(member) .offset = offsetof(qkd_options, member)
#define TEXT_OF(n, member, a, h)                                                                   \
    {                                                                                              \
        .name = (n), .kind = QF_OPTION_FILE, OPTION(member), .argument = (a), .help = (h),         \
        .local = true                                                                              \
    }
#define NUMBER(n, k, member, a, i, least, most, h)                                                 \
    {                                                                                              \
        .name = (n), .kind = (k), OPTION(member), .argument = (a), .initial = (i),                 \
        .minimum = (least), .maximum = (most), .help = (h)                                         \
    }

static const qf_option options[] = {
    TEXT_OF("state", state, "DIR", "this party's own directory, with its identity"),
    TEXT_OF("peer-state", peer_state, "DIR",
            "with enrol and simulate: the other party's directory, for parties on one machine"),
    NUMBER("peer", QF_OPTION_INTEGER, peer, "N", NULL, 1, QF_MAX_PARTY,
           "with enrol, alice and bob: the other party's number"),
    TEXT_OF("into", into, "DIR",
            "with enrol: write the first secret to DIR/link.qf too, to be carried to the peer"),
    TEXT_OF("from", from, "FILE", "with enrol: the first secret that the peer wrote"),
    NUMBER("pulses", QF_OPTION_INTEGER, pulses, "N", "65536", 1, QF_BB84_MAX_PULSES,
           "photons that alice sends"),
    NUMBER(
        "keys", QF_OPTION_INTEGER, keys, "N", "2", 1, QF_BB84_MAX_KEYS,
        "keys of 256 bits to make: the first, third ... for alice to send with, the others for bob"),
    NUMBER("tolerate", QF_OPTION_REAL, tolerate, "Q", "0.05", 1e-6, 0.5,
           "error rate of the sample above which there is no key"),
    NUMBER("security", QF_OPTION_REAL, security, "E", "1e-10", 1e-30, 1e-2,
           "epsilon of secrecy, and of correctness"),
    NUMBER("loss", QF_OPTION_REAL, loss, "P", "0", 0, 1, "probability that a photon gets lost"),
    NUMBER("misalignment", QF_OPTION_REAL, misalignment, "P", "0.03", 0, 1,
           "probability that a bit is measured wrongly in its own basis"),
    NUMBER("dark-counts", QF_OPTION_REAL, dark_counts, "P", "0", 0, 1,
           "probability that a detector clicks without a photon"),
    NUMBER("eavesdrop", QF_OPTION_REAL, eavesdrop, "F", "0", 0, 1,
           "with eve and simulate: share of the photons that eve measures and sends on"),
    NUMBER("forge", QF_OPTION_INTEGER, forge, "N", "0", 0, 1e9,
           "with eve and simulate: alter alice's message number N; 0 for none"),
    {.name = "published",
     .kind = QF_OPTION_FLAG,
     OPTION(published),
     .help = "with simulate: take the secrets from the seed as well, for tests; no key is kept"},
};

static const qf_example examples[] = {
    {"qf-qkd simulate --misalignment 0.02 --loss 0.3", "A session with a noisy channel"},
    {"qf-qkd simulate --eavesdrop 0.05", "Someone listens a little, which looks like noise"},
    {"qf-qkd enrol --state p1 --peer-state p2", "Parties 1 and 2 get their first secret"},
    {"qf-qkd simulate --state p1 --peer-state p2", "They make two keys; p1 is alice"},
    {"qf-qkd alice --state p1 --peer 2 < to-alice | qf-qkd bob --state p2 --peer 1 > to-alice",
     "The same as two processes, to-alice being a pipe that mkfifo made"},
};

static const qf_tool tool = {
    .name = "qf-qkd",
    .summary = "make keys by quantum key distribution, on simulated qubits",
    .description =
        "Two parties make keys by BB84: sifting, error estimation on the bits of one basis, "
        "Cascade, verification, privacy amplification to the length that the finite-key formula of "
        "Tomamichel et al. (2012) leaves. The photons are simulated, so nothing here keeps out who "
        "can read this machine: it shows the protocol, its costs and its limits. What is not "
        "photons is real: secrets come from OpenSSL, --seed drives channel and eavesdropper alone.\n\n"
        "\"enrol\" gives a pair its first secret, which authenticates their messages; each session "
        "spends a part and replaces it from the key it made. \"alice\" and \"bob\" are the two "
        "sides, with the other's messages on standard input and output; \"eve\" stands in the pipe "
        "from alice to bob. \"simulate\" is all of them in one process. The keys go into the pools "
        "of the state directories (qf-keys).\n\n"
        "Too many errors, too few bits or a message that was forged or replayed: exit code 77 and "
        "no key. Results are lines of a name and a value; alice and bob print them on standard "
        "error.",
    .operands = "enrol|simulate|alice|bob|eve",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .features = QF_TOOL_SEED,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

static qf_bb84_party make_party(const qf_cli *cli, const qkd_options *o, qf_qkd_place *own,
                                const qf_qkd_place *peer) {
    return (qf_bb84_party){
        .own = own->party,
        .peer = peer->party,
        .in = STDIN_FILENO,
        .out = STDOUT_FILENO,
        .state = own->state.directory >= 0 ? &own->state : NULL,
        .security = {.tolerated = o->tolerate, .secrecy = o->security, .correctness = o->security},
        .pulses = (size_t)o->pulses,
        .keys = (size_t)o->keys,
        .channel = {o->loss, o->misalignment, o->dark_counts},
        .seed = cli->seed,
        .published = o->published};
}

static qf_status print(const qf_bb84_result *result, int fd, const char *name, qf_error *error) {
    qf_bytes text = {0};
    qf_status status = qf_bb84_print(result, &text, error);
    if (status == QF_OK) status = qf_write_all(fd, text.data, text.length, name, error);
    free(text.data);
    return status;
}

/* Bob's result has all that Alice's has. */
static qf_status simulate(qf_cli *cli, const qkd_options *o, qf_qkd_place *own, qf_qkd_place *peer,
                          qf_error *error) {
    unsigned char secret[QF_LINK_SECRET] = {0};
    qf_bb84_party alice = make_party(cli, o, own, peer), bob = make_party(cli, o, peer, own);
    qf_bb84_eve eve = {.fraction = o->eavesdrop, .seed = cli->seed, .forge = (size_t)o->forge};
    qf_bb84_result results[2];
    qf_error unprinted;
    if (!o->published) QF_TRY(qf_secret_random(secret, sizeof secret, error));
    alice.experiment_secret = bob.experiment_secret = secret;
    const bool tapped = o->eavesdrop > 0 || o->forge > 0;
    qf_status status = qf_bb84_simulate(&alice, &bob, tapped ? &eve : NULL, results, error);
    const qf_status printed =
        print(&results[1], STDOUT_FILENO, "standard output", status == QF_OK ? error : &unprinted);
    if (status == QF_OK) status = printed;
    if (status == QF_OK && alice.state) status = qf_bb84_keep(&alice, true, &results[0], error);
    if (status == QF_OK && bob.state) status = qf_bb84_keep(&bob, false, &results[1], error);
    qf_bb84_result_free(&results[0]);
    qf_bb84_result_free(&results[1]);
    qf_secret_wipe(secret, sizeof secret);
    return status;
}

static qf_status run_side(qf_cli *cli, const qkd_options *o, bool alice, qf_qkd_place *own,
                          qf_qkd_place *peer, qf_error *error) {
    const qf_bb84_party party = make_party(cli, o, own, peer);
    qf_bb84_result result;
    qf_error unprinted;
    qf_status status =
        alice ? qf_bb84_alice(&party, &result, error) : qf_bb84_bob(&party, &result, error);
    if (status == QF_OK) status = qf_bb84_keep(&party, alice, &result, error);
    if (!cli->quiet) print(&result, STDERR_FILENO, "standard error", &unprinted);
    qf_bb84_result_free(&result);
    return status;
}

enum { ENROL, SIMULATE, ALICE, BOB, EVE, COMMANDS };
static const char *const commands[COMMANDS] = {"enrol", "simulate", "alice", "bob", "eve"};

static qf_status check(const qkd_options *o, int command, qf_error *error) {
    const bool bare = command == SIMULATE && !o->state && !o->peer_state;
    if (!bare && (!o->state || !o->peer_state == (o->peer == 0))) {
        return qf_fail(error, QF_USAGE, "%s needs --state and one of --peer and --peer-state",
                       commands[command]);
    }
    if (o->peer_state ? command > SIMULATE : command == SIMULATE && !bare) {
        return qf_fail(error, QF_USAGE,
                       "--peer-state is for enrol and simulate, --peer for others");
    }
    if (command == ENROL && (o->from ? o->into != NULL : !o->peer_state && !o->into)) {
        return qf_fail(error, QF_USAGE, "enrol needs --peer-state, --into or --from");
    }
    if (o->published && !bare) {
        return qf_fail(error, QF_USAGE, "--published is for simulate without --state");
    }
    return QF_OK;
}

static qf_status run(qf_cli *cli, const qkd_options *o, int command, qf_error *error) {
    qf_qkd_place own = {.state.directory = -1, .party = 1};
    qf_qkd_place peer = {.state.directory = -1, .party = o->peer ? (uint32_t)o->peer : 2};
    qf_status status = check(o, command, error);
    if (status == QF_OK && o->state) status = qf_qkd_place_open(&own, o->state, error);
    if (status == QF_OK && o->peer_state) status = qf_qkd_place_open(&peer, o->peer_state, error);
    if (status == QF_OK && command == ENROL) {
        status = qf_qkd_enrol(&cli->session, &own, &peer, o->from, o->into, error);
    } else if (status == QF_OK && command == SIMULATE) {
        status = simulate(cli, o, &own, &peer, error);
    } else if (status == QF_OK) {
        status = run_side(cli, o, command == ALICE, &own, &peer, error);
    }
    qf_state_close(&own.state);
    qf_state_close(&peer.state);
    return status;
}

static qf_status qkd(qf_cli *cli, void *given, qf_error *error) {
    const qkd_options *o = given;
    const char *name = cli->operand_count ? cli->operands[0] : "";
    int command = 0;
    while (command < COMMANDS && strcmp(commands[command], name) != 0) command++;
    if (command == COMMANDS) {
        return qf_fail(error, QF_USAGE, "expected enrol, simulate, alice, bob or eve, got \"%s\"",
                       name);
    }
    QF_TRY(qf_secret_protect_process(error));
    signal(SIGPIPE, SIG_IGN); /* a party that leaves is an error of the other, not its end */
    if (command != EVE) return run(cli, o, command, error);
    const qf_bb84_eve eve = {.in = STDIN_FILENO,
                             .out = STDOUT_FILENO,
                             .fraction = o->eavesdrop,
                             .seed = cli->seed,
                             .forge = (size_t)o->forge};
    return qf_bb84_eavesdrop(&eve, error);
}

int main(int argc, char **argv) {
    qkd_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, qkd);
}
