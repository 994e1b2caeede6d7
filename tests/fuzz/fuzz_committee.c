/* fuzz_committee COUNT stream SUM FILE... | state FILE...: mutates what a committee reads and
 * decodes it, COUNT times each. Streams are offers and answers, SUM a sum that answers are for;
 * state files are a member's, by whose names they are told apart; a state directory "m" is made for
 * them. */
#include "base/file.h"
#include "federated/committee_wire.h"
#include "federated/federated_wire.h"
#include "federated/journal.h"
#include "mutate.h"

#include "crypto/bytes.h"

#include <stdio.h>

/* Half of all mutations are in this many bytes at the beginning, where the fields are. */
enum { HEAD = 2500 };

static qf_ckks ring;
static qf_sum sum;

static void decode_offers(qf_session *session, const char *path, qf_error *error) {
    qf_ckks ckks;
    qf_ceremony ceremony;
    qf_public_key key = {0};
    if (qf_offers_read(session, path, qf_simd_best(), 1, &ckks, &ceremony, error) == QF_OK) {
        qf_ceremony_public_key(&ckks, &ceremony, &key, error);
        qf_public_key_free(&key);
        qf_ceremony_free(&ceremony);
        qf_ckks_free(&ckks);
    }
}

static void decode_answers(qf_session *session, const char *path, qf_error *error) {
    qf_answers answers;
    if (qf_answers_read(session, path, &ring, &answers, error) == QF_OK) {
        int64_t *integers = calloc(sum.piece_count * ring.n, sizeof *integers);
        qf_answers_combine(&ring, &sum, answers.items, answers.count, integers, error);
        free(integers);
        qf_answers_free(&answers);
    }
}

static void decode_stream(const char *name, const unsigned char *data, size_t length) {
    typedef void decoder(qf_session *, const char *, qf_error *);
    static decoder *const decoders[] = {decode_offers, decode_answers};
    char path[64];
    int fd;
    qf_error error;
    (void)name;
    if (qf_open_spill(&fd, &error) != QF_OK) exit(73);
    if (qf_write_all(fd, data, length, "mutant", &error) != QF_OK) exit(74);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    for (size_t i = 0; i < sizeof decoders / sizeof *decoders; i++) {
        qf_session session = {0};
        decoders[i](&session, path, &error);
        qf_session_free(&session);
    }
    close(fd);
}

static void admit(qf_state *state, const qf_id *id, qf_error *error) {
    static const unsigned set[] = {1, 2};
    static qf_contributor contributors[] = {{.party = 1, .body = {{1}}}, {.party = 2}};
    const qf_sum named = {.contributors = contributors, .contributor_count = 2, .piece_count = 1};
    const qf_request request = {
        .key = *id, .sum = &named, .set = set, .threshold = 2, .allowed = 100};
    qf_journal_admit(state, &request, error);
}

static void load_member_key(const qf_state *state, const qf_id *id, qf_error *error) {
    qf_member_key key;
    qf_secret_share share;
    bool found;
    if (qf_member_key_load(state, id, &key, &found, error) != QF_OK) return;
    if (found && qf_member_key_share(&ring, &key, &share, error) == QF_OK) {
        qf_secret_share_free(&share);
    }
    qf_member_key_free(&key);
}

static void load_offered(const qf_state *state, const qf_id *id, qf_error *error) {
    unsigned char statement[QF_HASH_SIZE];
    qf_secret_share share;
    bool found;
    if (qf_offered_load(state, &ring, id->bytes, statement, &share, &found, error) == QF_OK) {
        qf_secret_share_free(&share);
    }
}

/* A file "KIND-ID", in the state that is made. */
static void decode_state(const char *name, const unsigned char *data, size_t length) {
    qf_state state;
    qf_error error;
    qf_id id;
    const char *hex = strchr(name, '-');
    if (qf_state_open(&state, "m", true, &error) != QF_OK) exit(66);
    if (!hex || !qf_hex_parse(hex + 1, id.bytes, QF_ID_SIZE) ||
        qf_state_write(&state, name, data, length, &error) != QF_OK) {
        exit(73);
    }
    admit(&state, &id, &error);
    load_member_key(&state, &id, &error);
    load_offered(&state, &id, &error);
    qf_state_close(&state);
}

static size_t mutate_kind(qf_random *random, bool stream, unsigned char *data, size_t length,
                          size_t room) {
    const bool head = length > 2 * HEAD && qf_random_below(random, 2) == 0;
    const size_t trailer = stream ? QF_DIGEST_SIZE : 0;
    const size_t now = mutate(random, data, length, room, head ? length - HEAD : trailer);
    if (stream) SHA256(data, now - QF_DIGEST_SIZE, data + now - QF_DIGEST_SIZE);
    return now;
}

int main(int argc, char **argv) {
    qf_error error;
    qf_session session = {0};
    qf_ckks_parameters parameters;
    const bool stream = argc > 4 && strcmp(argv[2], "stream") == 0;
    const uint64_t count = argc > 3 ? strtoull(argv[1], NULL, 10) : 0;
    if (count == 0 || (!stream && strcmp(argv[2], "state") != 0)) {
        fprintf(stderr, "usage: fuzz_committee COUNT stream SUM FILE... | state FILE...\n");
        return 64;
    }
    qf_status status;
    if (stream) {
        status = qf_sum_read(&session, argv[3], qf_simd_best(), &ring, &sum, &error);
    } else {
        status = qf_ckks_parameters_named("rounds", &parameters, &error);
        if (status == QF_OK) status = qf_ckks_init(&ring, &parameters, qf_simd_best(), &error);
    }
    if (status != QF_OK) return status;
    for (int i = 3 + stream; i < argc; i++) {
        size_t length;
        unsigned char *valid = load(argv[i], &length);
        const size_t room = length + 64;
        unsigned char *mutant = malloc(room);
        for (uint64_t round = 0; round < count; round++) {
            qf_random random = qf_random_stream(round, "fuzz", (uint64_t)i);
            memcpy(mutant, valid, length);
            const size_t now = mutate_kind(&random, stream, mutant, length, room);
            (stream ? decode_stream : decode_state)(qf_base_name(argv[i]), mutant, now);
        }
        free(mutant);
        free(valid);
    }
    qf_sum_free(&sum);
    qf_ckks_free(&ring);
    qf_session_free(&session);
    printf("%llu mutants of %d inputs decoded\n", (unsigned long long)count, argc - 3 - stream);
    return 0;
}
