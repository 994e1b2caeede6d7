#include "crypto/bb84_simulation.h"

#include "base/file.h"
#include "crypto/qkd_channel.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

qf_status qf_bb84_eavesdrop(const qf_bb84_eve *eve, qf_error *error) {
    qf_random random = qf_random_stream(eve->seed, "eve", 0);
    qf_bytes message = {0};
    qf_status status = QF_OK;
    for (size_t number = 1; status == QF_OK; number++) {
        bool more;
        status = qf_qkd_read_message(eve->in, &message, &more, error);
        if (status != QF_OK || !more) break;
        const size_t length = message.length - QF_QKD_HEADER;
        if (message.data[0] == QF_QKD_QUBITS) {
            qf_qubits_intercept(&random, eve->fraction, message.data + QF_QKD_HEADER, length);
        }
        if (number == eve->forge && length > 0) message.data[QF_QKD_HEADER + length / 2] ^= 1;
        status = qf_write_all(eve->out, message.data, message.length, "the receiver", error);
    }
    free(message.data);
    return status;
}

/* One role in a thread of its own; its end of the line is closed when it is through. */
typedef struct role {
    enum { ALICE, BOB, EVE } who;
    void *part;
    qf_bb84_result *result;
    qf_error error;
    qf_status status;
    int in, out;
} role;

static void *play(void *context) {
    role *r = context;
    if (r->who == ALICE) r->status = qf_bb84_alice(r->part, r->result, &r->error);
    if (r->who == BOB) r->status = qf_bb84_bob(r->part, r->result, &r->error);
    if (r->who == EVE) r->status = qf_bb84_eavesdrop(r->part, &r->error);
    close(r->out);
    close(r->in);
    return NULL;
}

static qf_status play_all(role *roles, size_t count, qf_error *error) {
    pthread_t threads[3];
    size_t started = 0;
    while (started < count && pthread_create(&threads[started], NULL, play, &roles[started]) == 0) {
        started++;
    }
    /* Whoever waits for one that did not start sees the end of its input. */
    for (size_t i = started; i < count; i++) {
        close(roles[i].out);
        close(roles[i].in);
    }
    for (size_t i = 0; i < started; i++) pthread_join(threads[i], NULL);
    if (started < count) return qf_fail(error, QF_MEMORY, "no thread for a party");
    const role *worst = NULL;
    for (size_t i = 0; i < count; i++) {
        const role *r = &roles[i];
        if (r->status == QF_OK) continue;
        const bool left_alone = !r->result || r->result->left_alone;
        if (!worst || !left_alone) worst = r;
    }
    if (!worst) return QF_OK;
    *error = worst->error;
    return worst->status;
}

qf_status qf_bb84_simulate(qf_bb84_party *alice, qf_bb84_party *bob, qf_bb84_eve *eve,
                           qf_bb84_result results[2], qf_error *error) {
    int pipes[3][2]; /* Alice to Eve or Bob, Bob to Alice, Eve to Bob */
    const size_t count = eve ? 3 : 2;
    memset(results, 0, 2 * sizeof *results);
    for (size_t i = 0; i < count; i++) {
        if (pipe(pipes[i]) == 0) continue;
        while (i-- > 0) {
            close(pipes[i][0]);
            close(pipes[i][1]);
        }
        return qf_fail(error, QF_MEMORY, "no pipe: %s", strerror(errno));
    }
    role roles[3] = {
        {.who = ALICE, .part = alice, .result = &results[0], .in = pipes[1][0], .out = pipes[0][1]},
        {.who = BOB,
         .part = bob,
         .result = &results[1],
         .in = eve ? pipes[2][0] : pipes[0][0],
         .out = pipes[1][1]},
        {.who = EVE, .part = eve, .in = pipes[0][0], .out = eve ? pipes[2][1] : -1},
    };
    alice->in = roles[0].in;
    alice->out = roles[0].out;
    bob->in = roles[1].in;
    bob->out = roles[1].out;
    if (eve) {
        eve->in = roles[2].in;
        eve->out = roles[2].out;
    }
    return play_all(roles, count, error);
}
