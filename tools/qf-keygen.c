/* qf-keygen: the keys of a party, and of a committee. */
#include "base/file.h"
#include "cli/cli.h"
#include "crypto/identity_wire.h"
#include "federated/committee_wire.h"
#include "federated/federated_wire.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

typedef struct keygen_options {
    const char *state, *roster, *parameters;
    int64_t party, threshold, parties, contributors, most_contributors, most_weight, grid_bits;
    int64_t decryptions, statistical_bits, generation;
    int link;
} keygen_options;

#define OPTION(member) .offset = offsetof(keygen_options, member)
#define NUMBER(n, member, least, most, first, h)                                                   \
    {                                                                                              \
        .name = (n), .kind = QF_OPTION_INTEGER, OPTION(member), .argument = "N", .initial = first, \
        .minimum = (least), .maximum = (most), .help = "with " h                                   \
    }

static const qf_option options[] = {
    {.name = "state",
     .kind = QF_OPTION_FILE,
     OPTION(state),
     .argument = "DIR",
     .help = "the party's own directory, made by identity with mode 0700; what is secret stays in "
             "it",
     .local = true},
    NUMBER("party", party, 1, QF_MAX_PARTY, NULL, "identity: the party's number"),
    {.name = "roster",
     .kind = QF_OPTION_FILE,
     OPTION(roster),
     .argument = "FILE",
     .help = "with offer: all parties' identities; with public: refuse offers by another roster",
     .local = true},
    NUMBER("threshold", threshold, 1, QF_MAX_PARTIES, NULL,
           "offer: how many of the committee decrypt together"),
    NUMBER("parties", parties, 2, QF_MAX_PARTIES, NULL,
           "offer: the committee is parties 1 to N of the roster; all of it unless given"),
    NUMBER("contributors", contributors, 2, QF_MAX_CONTRIBUTORS, NULL,
           "offer: a sum of fewer updates is never decrypted; unless given, one more than the "
           "threshold, where the roster has so many"),
    NUMBER("most-contributors", most_contributors, 2, QF_MAX_CONTRIBUTORS, NULL,
           "offer: nor is a sum of more; unless given, the roster's number"),
    NUMBER("most-weight", most_weight, 2, QF_MAX_WEIGHT, NULL,
           "offer: the weights of a sum add up to this at most; unless given, 10 a contributor"),
    NUMBER("grid-bits", grid_bits, 1, QF_MAX_GRID_BITS, "14",
           "offer: numbers are rounded to multiples of 2^-N"),
    NUMBER("decryptions", decryptions, 1, QF_MAX_DECRYPTIONS, "1024",
           "offer: ciphertexts, of some thousand numbers each, that a party answers for before the "
           "key is spent"),
    NUMBER("statistical-bits", statistical_bits, QF_LEAST_STATISTICAL_BITS, QF_FLOOD_MAX_BITS, "40",
           "offer: all answers together tell of the key less than 2^-N"),
    NUMBER("generation", generation, 0, QF_MAX_GENERATION, "1",
           "offer: another number, another key"),
    {.name = "parameters",
     .kind = QF_OPTION_TEXT,
     OPTION(parameters),
     .argument = "SET",
     .initial = "rounds",
     .help = "with offer: of the ring: rounds, or paper (larger)"},
    {.name = "link",
     .kind = QF_OPTION_CHOICE,
     OPTION(link),
     .argument = "LINK",
     .initial = "x25519",
     .choices = qf_link_names,
     .help = "with offer: seal shares by the roster's keys, or by keys that qf-qkd made"},
};

static const qf_example examples[] = {
    {"qf-keygen identity --state p3 --party 3 > id3.qf", "Who party 3 is, for everyone to know"},
    {"cat id*.qf > roster.qf", "The roster: the identities of all parties"},
    {"qf-keygen offer --state p3 --roster roster.qf --threshold 3 > offer3.qf",
     "Its part of a key that nobody will hold"},
    {"cat offer*.qf | qf-keygen accept --state p3", "Its share of the joint key, in p3"},
    {"cat offer*.qf | qf-keygen public > public.qf",
     "The public key, for everyone to encrypt with"},
};

static const qf_tool tool = {
    .name = "qf-keygen",
    .summary = "make the keys of a party, and of a committee",
    .description =
        "\"identity\" makes a party's signing key (Ed25519) and agreement key (X25519) in its "
        "state directory and writes their public halves, signed. Asked again, it writes the same "
        "identity. A roster is a concatenation of identities; it must reach every party unaltered, "
        "since all that parties prove to each other, they prove by it.\n\n"
        "A committee makes a key of which every member has a share and nobody the whole. \"offer\" "
        "writes a member's part of it, with a share sealed for every other member; asked again for "
        "the same terms, it writes the same offer. \"accept\" reads the offers of all members and "
        "keeps the member's share of the key. \"public\" reads them, too, and writes the public "
        "key, the same bytes whoever does it. A missing, doubled, altered or foreign offer stops "
        "both, and the party is named. What this protects, and what not, is in qf-privacy(7).",
    .operands = "identity|offer|accept|public",
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

/* The party of an existing state directory. */
static qf_status load(const char *path, qf_state *state, qf_own_identity *own, qf_error *error) {
    QF_TRY(qf_state_open(state, path, false, error));
    return qf_identity_load(state, own, error);
}

/* What is not given follows from the roster. */
static qf_status set_terms(const keygen_options *o, const qf_roster *roster, qf_terms *terms,
                           qf_error *error) {
    const int64_t all = (int64_t)roster->count,
                  more = o->threshold + 1 < all ? o->threshold + 1 : all;
    const int64_t most = o->most_contributors ? o->most_contributors : all;
    if (o->parties > all || all > QF_MAX_CONTRIBUTORS) {
        return qf_fail(error, QF_MISMATCH, "the roster has %lld parties", (long long)all);
    }
    *terms = (qf_terms){.parties = (unsigned)(o->parties ? o->parties : all),
                        .threshold = (unsigned)o->threshold,
                        .contributors = (unsigned)(o->contributors ? o->contributors
                                                   : more < 2      ? 2
                                                                   : more),
                        .most_contributors = (unsigned)most,
                        .weight = o->most_weight ? o->most_weight : 10 * most,
                        .grid_bits = (unsigned)o->grid_bits,
                        .flooding = {(double)o->decryptions, (double)o->statistical_bits},
                        .generation = o->generation};
    return qf_roster_digest(roster, terms->roster.bytes, error);
}

static qf_status offer_as(qf_cli *cli, const keygen_options *o, qf_state *state,
                          const qf_own_identity *own, const qf_roster *roster, qf_error *error) {
    qf_ckks_parameters parameters;
    qf_ckks ckks = {0};
    qf_terms terms;
    qf_plan plan = {0};
    qf_secret stream = {0};
    QF_TRY(set_terms(o, roster, &terms, error));
    QF_TRY(qf_ckks_parameters_named(o->parameters, &parameters, error));
    QF_TRY(qf_ckks_init(&ckks, &parameters, cli->run.simd, error));
    qf_status status = qf_terms_plan(&ckks, &terms, &plan, error);
    if (status == QF_OK) {
        status = qf_offer_publish(&cli->session, &ckks, &terms, (qf_link)o->link, state, own,
                                  roster, &stream, error);
    }
    if (status == QF_OK) {
        qf_cli_tell(cli, "numbers up to %g, in steps of 2^-%u; scale 2^%u, flooding 2^%u",
                    ldexp((double)plan.grid.limit, -(int)plan.grid.bits), plan.grid.bits,
                    plan.scale_bits, plan.flood_bits);
        status = qf_write_all(STDOUT_FILENO, stream.data, stream.length, "standard output", error);
    }
    qf_secret_free(&stream);
    qf_ckks_free(&ckks);
    return status;
}

static qf_status make_offer(qf_cli *cli, const keygen_options *o, qf_error *error) {
    if (!o->state || !o->roster || o->threshold == 0) {
        return qf_fail(error, QF_USAGE, "offer needs --state, --roster and --threshold");
    }
    if (isatty(STDOUT_FILENO)) {
        return qf_fail(error, QF_USAGE, "a stream is binary and standard output is a terminal");
    }
    qf_state state;
    qf_own_identity own = {0};
    qf_roster roster = {0};
    qf_status status = load(o->state, &state, &own, error);
    if (status == QF_OK) status = qf_roster_read(&cli->session, o->roster, &roster, error);
    if (status == QF_OK) status = offer_as(cli, o, &state, &own, &roster, error);
    qf_roster_free(&roster);
    qf_own_identity_free(&own);
    qf_state_close(&state);
    return status;
}

static qf_status accept_offers(qf_cli *cli, const keygen_options *o, qf_error *error) {
    if (!o->state) return qf_fail(error, QF_USAGE, "accept needs --state");
    qf_state state;
    qf_own_identity own = {0};
    qf_ckks ckks = {0};
    qf_ceremony ceremony = {0};
    qf_id key;
    qf_status status = load(o->state, &state, &own, error);
    if (status == QF_OK) {
        status = qf_offers_read(&cli->session, NULL, cli->run.simd, own.identity.party, &ckks,
                                &ceremony, error);
    }
    if (status == QF_OK) status = qf_ceremony_accept(&ckks, &ceremony, &state, &own, &key, error);
    qf_ceremony_free(&ceremony);
    qf_ckks_free(&ckks);
    qf_own_identity_free(&own);
    qf_state_close(&state);
    return status;
}

/* In a session of its own: the key is the same for who does not look. */
static qf_status expect_roster(const char *path, const qf_ceremony *ceremony, qf_error *error) {
    qf_session apart = {0};
    qf_roster roster = {0};
    qf_id digest;
    qf_status status = qf_roster_read(&apart, path, &roster, error);
    if (status == QF_OK) status = qf_roster_digest(&roster, digest.bytes, error);
    if (status == QF_OK && !qf_id_equal(&digest, &ceremony->terms.roster)) {
        status = qf_fail(error, QF_MISMATCH, "the offers are by another roster than %s",
                         qf_base_name(path));
    }
    qf_roster_free(&roster);
    qf_session_free(&apart);
    return status;
}

static qf_status join_offers(qf_cli *cli, const keygen_options *o, qf_error *error) {
    qf_joint_key key = {0};
    qf_ceremony ceremony = {0};
    qf_status status =
        qf_offers_read(&cli->session, NULL, cli->run.simd, 0, &key.ckks, &ceremony, error);
    if (status == QF_OK && o->roster) status = expect_roster(o->roster, &ceremony, error);
    if (status == QF_OK) {
        key.terms = ceremony.terms;
        status = qf_ceremony_public_key(&key.ckks, &ceremony, &key.key, error);
    }
    if (status == QF_OK) {
        status = qf_joint_key_write(&cli->session, STDOUT_FILENO, "standard output", &key, error);
    }
    qf_ceremony_free(&ceremony);
    qf_joint_key_free(&key);
    return status;
}

typedef qf_status command(qf_cli *cli, const keygen_options *o, qf_error *error);
static const struct {
    const char *name;
    command *run;
} commands[] = {{"identity", make_identity},
                {"offer", make_offer},
                {"accept", accept_offers},
                {"public", join_offers}};

static qf_status keygen(qf_cli *cli, void *given, qf_error *error) {
    const char *name = cli->operand_count ? cli->operands[0] : "";
    QF_TRY(qf_secret_protect_process(error));
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(name, commands[i].name) == 0) return commands[i].run(cli, given, error);
    }
    return qf_fail(error, QF_USAGE, "expected identity, offer, accept or public, got \"%s\"", name);
}

int main(int argc, char **argv) {
    keygen_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, keygen);
}
