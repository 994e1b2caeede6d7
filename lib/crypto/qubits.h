/* Qubits, simulated: photons in one of BB84's four states, a channel that loses and disturbs them,
 * and an eavesdropper who measures some and sends on what she found. Not simulated: pulses of
 * several photons, afterpulses, double clicks, timing, and every side channel of real devices. */
#ifndef QF_CRYPTO_QUBITS_H
#define QF_CRYPTO_QUBITS_H

#include "base/random.h"

#include <stdbool.h>

/* A photon as one byte: its bit, its basis (X or Z), or that there is none. Whoever handles it uses
 * the functions below alone, which know no more than physics lets them. */
enum { QF_QUBIT_BIT = 1, QF_QUBIT_Z = 2, QF_QUBIT_NONE = 4 };

typedef struct qf_quantum_channel {
    double loss;         /* probability that a photon does not arrive */
    double misalignment; /* probability that a bit measured in its own basis is wrong */
    double dark_counts;  /* probability that a detector clicks without a photon */
} qf_quantum_channel;

/* Intercept and resend: measures each photon with probability `fraction`, in a basis of X and Z at
 * random, and sends on what she measured. Where her basis was wrong, the receiver's bit is random:
 * the error rate of sifted bits rises by fraction / 4. */
void qf_qubits_intercept(qf_random *random, double fraction, unsigned char *qubits, size_t count);

/* What a receiver measures in these bases (0: X, 1: Z): clicked[i] says whether there was anything,
 * bits[i] what. */
void qf_qubits_measure(qf_random *random, const qf_quantum_channel *channel,
                       const unsigned char *qubits, const unsigned char *bases, size_t count,
                       unsigned char *clicked, unsigned char *bits);

#endif
