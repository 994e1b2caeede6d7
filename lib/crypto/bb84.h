/* Quantum key distribution by BB84 (Bennett and Brassard 1984), on simulated qubits: preparing,
 * measuring, sifting, error estimation, Cascade, verification, privacy amplification,
 * authentication.
 *
 * Bits that both parties prepared and measured in basis X become the key; those of basis Z are the
 * sample and are made public: the bases are random, so the sample is too. The protocol is that of
 * Tomamichel et al. 2012 (qkd_rate.h), of fixed length: the key has the length asked for, or there
 * is none. The sample's error rate must not exceed the tolerated one, and what Cascade disclosed
 * must leave that length.
 *
 * All messages but the photons are authenticated at the end, at once, by both parties (qkd_link.h):
 * a message that was forged, replayed, dropped or reordered on the way shows then, before any key
 * is kept. Parities of both directions are public; like most, the formula counts Alice's (Tupkary
 * and Luetkenhaus 2023, "Using Cascade in quantum key distribution", say when that is enough: for
 * BB84 with qubits, it is).
 *
 * Alice's bits and bases, Bob's bases, and all matrices come from OpenSSL. Only what the channel
 * and the eavesdropper do comes from the seeded generator. */
#ifndef QF_CRYPTO_BB84_H
#define QF_CRYPTO_BB84_H

#include "base/memory.h"
#include "crypto/key_pool.h"
#include "crypto/qkd_link.h"
#include "crypto/qkd_rate.h"
#include "crypto/qubits.h"

enum { QF_BB84_MAX_PULSES = 1 << 21, QF_BB84_MAX_KEYS = 64 };

/* One party's part. */
typedef struct qf_bb84_party {
    uint32_t own, peer; /* numbers of the parties */
    int in, out;        /* descriptors from and to the other */
    qf_state *state;    /* has the link's secret; NULL for an experiment, which takes slot 0: */
    const unsigned char *experiment_secret; /* [QF_LINK_SECRET] */
    qf_qkd_security security;               /* the same for both */
    size_t pulses, keys;                    /* Alice's: photons sent, keys of 256 bits wanted */
    qf_quantum_channel channel;             /* Bob's: what his photons went through */
    uint64_t seed;                          /* of the channel */
    bool published; /* secrets come from the seed as well: anyone knows the key; for tests */
} qf_bb84_party;

typedef struct qf_bb84_result {
    size_t pulses, clicks, sifted; /* photons sent and measured, and those with the same basis */
    size_t sample, sample_errors;  /* of basis Z */
    size_t raw, corrected; /* of basis X, and the errors found there (Bob's; Alice's is 0) */
    size_t leaked;         /* parities disclosed */
    size_t final;          /* bits of the key: the keys, and the link's next secret */
    bool left_alone;       /* the other party ended the session first */
    double security;       /* epsilon: secrecy, correctness and forgery together */
    unsigned char session[QF_HASH_SIZE]; /* the session's name: hash of the transcript */
    qf_secret key;                       /* [final / 8] */
} qf_bb84_result;

/* Bits that a session must make for this many keys. */
size_t qf_bb84_wanted(size_t keys);

/* Runs one party's side to its end. The result's numbers are valid as far as the session came, its
 * key only on success; free with qf_bb84_result_free in any case. QF_REFUSED where no key can be
 * had: too many errors, too few bits, no secret left, authentication failed, and once the parties
 * have greeted each other any message that is not as it should be. QF_MISMATCH where the other
 * party is another, or wants other security. */
qf_status qf_bb84_alice(const qf_bb84_party *party, qf_bb84_result *result, qf_error *error);
qf_status qf_bb84_bob(const qf_bb84_party *party, qf_bb84_result *result, qf_error *error);
void qf_bb84_result_free(qf_bb84_result *result);
/* Appends lines of a name and a value, as far as the session came. */
qf_status qf_bb84_print(const qf_bb84_result *result, qf_bytes *text, qf_error *error);

/* Puts the keys of a session into the pool of a party: the first, third ... for Alice to send with,
 * the others for Bob. */
qf_status qf_bb84_keep(const qf_bb84_party *party, bool alice, const qf_bb84_result *result,
                       qf_error *error);

#endif
