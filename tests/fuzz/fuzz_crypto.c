/* fuzz_crypto COUNT KIND FILE...: mutates valid input of the privacy tools and decodes what comes
 * out, COUNT times each. KIND is "stream" (identities, shares, seals, keys), "state" (a file of a
 * state directory) or "session" (what alice said to bob, and bob to alice: two files that are made
 * first). Like fuzz_streams otherwise. */
#include "base/file.h"
#include "crypto/bb84.h"
#include "crypto/identity_wire.h"
#include "crypto/key_wire.h"
#include "crypto/seal_wire.h"
#include "crypto/share_wire.h"
#include "mutate.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>

static void decode_roster(qf_session *session, const char *path, qf_error *error) {
    qf_roster roster = {0};
    qf_roster_read(session, path, &roster, error);
    qf_roster_free(&roster);
}

static void decode_shares(qf_session *session, const char *path, qf_error *error) {
    qf_shares shares = {0};
    if (qf_shares_read(session, path, &shares, error) == QF_OK) {
        /* What was accepted must also be safe to use. */
        qf_contents secret = {0};
        uint32_t wrong;
        qf_share_recover(shares.items, shares.count, true, &secret, &wrong, error);
        qf_contents_free(&secret);
        if (shares.count > 1) qf_share_add(&shares.items[0], &shares.items[1], error);
    }
    qf_shares_free(&shares);
}

/* With the receiver's identity and a roster in the working directory: the state r. */
static void decode_sealed(qf_session *session, const char *path, qf_error *error) {
    qf_sealed sealed;
    qf_state state;
    qf_own_identity own = {0};
    qf_secret plain = {0};
    if (qf_sealed_read(session, path, &sealed, error) == QF_OK &&
        qf_state_open(&state, "r", false, error) == QF_OK &&
        qf_identity_load(&state, &own, error) == QF_OK) {
        qf_seal_open(&state, &own, &own.identity, &sealed, &plain, error);
        qf_secret_free(&plain);
        qf_own_identity_free(&own);
        qf_state_close(&state);
    }
    free(sealed.bytes);
}

static void decode_key(qf_session *session, const char *path, qf_error *error) {
    (void)session;
    qf_secret key;
    qf_key_read(path, 32, &key, error);
    qf_secret_free(&key);
}

static void decode_bytes(qf_session *session, const char *path, qf_error *error) {
    (void)session;
    qf_secret bytes;
    qf_stream_bytes_read(path, &bytes, error);
    qf_secret_free(&bytes);
}

static int mutant_file(const unsigned char *data, size_t length) {
    qf_error error;
    int fd;
    if (qf_open_spill(&fd, &error) != QF_OK) exit(73);
    if (qf_write_all(fd, data, length, "mutant", &error) != QF_OK) exit(74);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static void decode_stream(const unsigned char *data, size_t length) {
    typedef void decoder(qf_session *, const char *, qf_error *);
    static decoder *const decoders[] = {decode_roster, decode_shares, decode_sealed, decode_key,
                                        decode_bytes};
    char path[64];
    const int fd = mutant_file(data, length);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    for (size_t i = 0; i < sizeof decoders / sizeof *decoders; i++) {
        qf_session session = {0};
        qf_error error;
        decoders[i](&session, path, &error);
        qf_session_free(&session);
    }
    close(fd);
}

/* In the working directory's state m, under every name. */
static void decode_state(const unsigned char *data, size_t length) {
    static const char *const names[] = {"m/identity", "m/keys", "m/link-2"};
    qf_error error;
    qf_state state;
    qf_own_identity own;
    qf_pool_key *keys;
    size_t count;
    uint32_t slots;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const int fd = open(names[i], O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (fd < 0 || qf_write_all(fd, data, length, "mutant", &error) != QF_OK) exit(74);
        close(fd);
    }
    if (qf_state_open(&state, "m", false, &error) != QF_OK) exit(66);
    if (qf_identity_load(&state, &own, &error) == QF_OK) qf_own_identity_free(&own);
    if (qf_pool_list(&state, &keys, &count, &error) == QF_OK) free(keys);
    qf_link_slots(&state, 2, &slots, &error);
    qf_state_close(&state);
}

/* A session in which all chance comes from a seed, so that a recording of it is understood again.
 */
static qf_bb84_party make_party(bool alice, int in, int out) {
    static const unsigned char secret[QF_LINK_SECRET];
    return (qf_bb84_party){.own = alice ? 1 : 2,
                           .peer = alice ? 2 : 1,
                           .in = in,
                           .out = out,
                           .experiment_secret = secret,
                           .security = {0.05, 1e-10, 1e-10},
                           .pulses = 16384,
                           .keys = 1,
                           .channel = {.misalignment = 0.01},
                           .seed = 1,
                           .published = true};
}

static void play(bool alice, int in, int out) {
    const qf_bb84_party party = make_party(alice, in, out);
    qf_bb84_result result;
    qf_error error;
    if (alice) {
        qf_bb84_alice(&party, &result, &error);
    } else {
        qf_bb84_bob(&party, &result, &error);
    }
    qf_bb84_result_free(&result);
    close(in);
    close(out);
}

/* To bob, and to alice; what they answer is lost. */
static void decode_session(const unsigned char *data, size_t length) {
    for (int alice = 0; alice < 2; alice++) {
        play(alice, mutant_file(data, length), open("/dev/null", O_WRONLY));
    }
}

/* One party's line, with a tape beside it. */
typedef struct line {
    bool alice;
    int in, out, from, to, tape;
} line;

static void *play_party(void *context) {
    const line *l = context;
    play(l->alice, l->in, l->out);
    return NULL;
}

static void *record(void *context) {
    const line *l = context;
    unsigned char data[4096];
    for (ssize_t got; (got = read(l->from, data, sizeof data)) > 0;) {
        if (write(l->tape, data, (size_t)got) != got || write(l->to, data, (size_t)got) != got)
            break;
    }
    close(l->to);
    close(l->from);
    return NULL;
}

/* Writes what alice said, and what bob said, to two files. */
static void record_session(char *const paths[2]) {
    int pipes[4][2]; /* out of alice, into bob, out of bob, into alice */
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        if (pipe(pipes[i]) != 0) exit(71);
    }
    line lines[2] = {
        {true, pipes[3][0], pipes[0][1], pipes[0][0], pipes[1][1],
         open(paths[0], O_WRONLY | O_CREAT, 0600)},
        {false, pipes[1][0], pipes[2][1], pipes[2][0], pipes[3][1],
         open(paths[1], O_WRONLY | O_CREAT, 0600)},
    };
    for (int i = 0; i < 2; i++) {
        if (pthread_create(&threads[i], NULL, play_party, &lines[i]) != 0) exit(71);
        if (pthread_create(&threads[2 + i], NULL, record, &lines[i]) != 0) exit(71);
    }
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < 2; i++) close(lines[i].tape);
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*decode)(const unsigned char *data, size_t length);
    } kinds[] = {{"stream", decode_stream}, {"state", decode_state}, {"session", decode_session}};
    const uint64_t count = argc > 3 ? strtoull(argv[1], NULL, 10) : 0;
    size_t kind = 0;
    while (count > 0 && kind < 3 && strcmp(argv[2], kinds[kind].name) != 0) kind++;
    if (count == 0 || kind == 3) {
        fprintf(stderr, "usage: fuzz_crypto COUNT stream|state|session FILE...\n");
        return 64;
    }
    signal(SIGPIPE, SIG_IGN);
    if (kind == 2 && argc == 5) record_session(argv + 3);
    for (int i = 3; i < argc; i++) {
        size_t length;
        unsigned char *valid = load(argv[i], &length);
        const size_t room = length + 64;
        unsigned char *mutant = malloc(room);
        for (uint64_t round = 0; round < count; round++) {
            qf_random random = qf_random_stream(round, "fuzz", (uint64_t)i);
            memcpy(mutant, valid, length);
            kinds[kind].decode(mutant, kind == 0 ? mutate_stream(&random, mutant, length, room)
                                                 : mutate(&random, mutant, length, room, 0));
        }
        free(mutant);
        free(valid);
    }
    printf("%llu mutants of %d inputs decoded\n", (unsigned long long)count, argc - 3);
    return 0;
}
