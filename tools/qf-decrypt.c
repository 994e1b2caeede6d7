/* qf-decrypt: a member's answer for a sum of contributions. */
#include "cli/cli.h"
#include "federated/committee_wire.h"
#include "federated/federated_wire.h"

#include <unistd.h>

typedef struct decrypt_options {
    const char *state, *set;
} decrypt_options;

static const qf_option options[] = {
    {.name = "state",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(decrypt_options, state),
     .argument = "DIR",
     .help = "the member's own directory, with its share of the key",
     .local = true},
    {.name = "set",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(decrypt_options, set),
     .argument = "LIST",
     .help = "the members that will answer, as many as the threshold, such as 2,5,9"},
};

static const qf_example examples[] = {
    {"cat c*.qf | qf-decrypt --state p2 --set 2,5,9 > d2.qf",
     "Party 2's answer; 5 and 9 answer likewise"},
    {"cat d2.qf d5.qf d9.qf | qf-combine --ciphertext sum.qf > model.qf", "The model"},
};

static const qf_tool tool = {
    .name = "qf-decrypt",
    .summary = "answer for a sum of encrypted models as a member of its committee",
    .description =
        "Reads contributions (qf-encrypt), checks their signatures, adds them up and writes this "
        "member's partial decryption of the sum. The answers of the whole set give the model "
        "(qf-combine); fewer say nothing.\n\n"
        "Before it answers, it writes into a journal what it answers for. Refused, with exit code "
        "77, is a sum of fewer contributors than the key's terms ask for, a second set for the same "
        "sum, a contribution that was part of another sum, and any sum once the key has answered "
        "for as many ciphertexts as its terms allow. The same request has the same answer, so a "
        "lost one is asked for again. Where a member of the set cannot answer, encrypt the round "
        "afresh for another set.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

/* What the party has of the key that an open stream of contributions is under. */
static qf_status find_key(const qf_reader *reader, const qf_state *state, qf_member_key *key,
                          qf_error *error) {
    qf_id id;
    bool found;
    if (qf_header_key(&reader->parameters, &id, error) != QF_OK) {
        return qf_error_context(error, "%s", reader->name);
    }
    QF_TRY(qf_member_key_load(state, &id, key, &found, error));
    if (found) return QF_OK;
    return qf_fail(error, QF_MISMATCH, "%s: no share of the key of these contributions",
                   state->path);
}

/* The answer for the contributions of an open stream. */
static qf_status answer_for(qf_cli *cli, const decrypt_options *o, qf_reader *reader,
                            qf_state *state, const qf_own_identity *own, const qf_member_key *key,
                            qf_error *error) {
    const qf_sum_expectations expected = {
        .roster = &key->roster, .key = &key->key, .terms = &key->terms};
    unsigned set[QF_MAX_PARTIES];
    qf_ckks ckks = {0};
    qf_sum sum = {0};
    qf_answer answer = {0};
    QF_TRY(qf_set_parse(o->set, key->terms.threshold, key->terms.parties, set, error));
    qf_status status = qf_contributions_sum(reader, cli->run.simd, &expected, &ckks, &sum, error);
    if (status != QF_OK) return status;
    status = qf_answer_make(&ckks, state, own, key, &sum, set, &answer, error);
    if (status == QF_OK) {
        status =
            qf_answer_write(&cli->session, STDOUT_FILENO, "standard output", &ckks, &answer, error);
    }
    qf_answer_free(&answer);
    qf_sum_free(&sum);
    qf_ckks_free(&ckks);
    return status;
}

static qf_status decrypt(qf_cli *cli, void *given, qf_error *error) {
    const decrypt_options *o = given;
    if (!o->state || !o->set) return qf_fail(error, QF_USAGE, "give --state and --set");
    qf_reader reader;
    qf_state state;
    qf_own_identity own = {0};
    qf_member_key key = {0};
    QF_TRY(qf_secret_protect_process(error));
    qf_status status = qf_state_open(&state, o->state, false, error);
    if (status == QF_OK) status = qf_identity_load(&state, &own, error);
    if (status == QF_OK) {
        status = qf_reader_open(&reader, &cli->session, qf_cli_input(cli), "contribution", error);
        if (status == QF_OK) status = find_key(&reader, &state, &key, error);
        if (status == QF_OK) status = answer_for(cli, o, &reader, &state, &own, &key, error);
        qf_reader_close(&reader);
    }
    qf_member_key_free(&key);
    qf_own_identity_free(&own);
    qf_state_close(&state);
    return status;
}

int main(int argc, char **argv) {
    decrypt_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, decrypt);
}
