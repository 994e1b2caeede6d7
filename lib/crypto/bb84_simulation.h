/* Alice, Bob and perhaps Eve in one process, over pipes; and Eve alone, between two others. */
#ifndef QF_CRYPTO_BB84_SIMULATION_H
#define QF_CRYPTO_BB84_SIMULATION_H

#include "crypto/bb84.h"

typedef struct qf_bb84_eve {
    int in, out;     /* from Alice, to Bob */
    double fraction; /* of the photons that she intercepts */
    uint64_t seed;
    size_t forge; /* flips a bit in the content of the message of this number, from 1; 0: none */
} qf_bb84_eve;

/* Passes on all that comes until the end, in her way. */
qf_status qf_bb84_eavesdrop(const qf_bb84_eve *eve, qf_error *error);

/* Runs a whole session; the parties' descriptors and eve's are made here. Eve may be NULL. The
 * error is that of the party that stopped the session, not of the one it left waiting. */
qf_status qf_bb84_simulate(qf_bb84_party *alice, qf_bb84_party *bob, qf_bb84_eve *eve,
                           qf_bb84_result results[2], qf_error *error);

#endif
