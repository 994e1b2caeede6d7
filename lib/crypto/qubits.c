#include "crypto/qubits.h"

static bool happens(qf_random *random, double probability) {
    return qf_random_uniform(random) < probability;
}

static unsigned char coin(qf_random *random) {
    return (unsigned char)(qf_random_u64(random) >> 63);
}

/* The photon's bit in its own basis, a random one in the other. */
static unsigned char measure(qf_random *random, unsigned char qubit, unsigned char z) {
    const bool own_basis = (qubit & QF_QUBIT_Z) == (z ? QF_QUBIT_Z : 0);
    return own_basis ? qubit & QF_QUBIT_BIT : coin(random);
}

void qf_qubits_intercept(qf_random *random, double fraction, unsigned char *qubits, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!happens(random, fraction) || qubits[i] & QF_QUBIT_NONE) continue;
        const unsigned char z = coin(random);
        const unsigned char bit = measure(random, qubits[i], z);
        qubits[i] = (unsigned char)(bit | (z ? QF_QUBIT_Z : 0));
    }
}

void qf_qubits_measure(qf_random *random, const qf_quantum_channel *channel,
                       const unsigned char *qubits, const unsigned char *bases, size_t count,
                       unsigned char *clicked, unsigned char *bits) {
    for (size_t i = 0; i < count; i++) {
        const bool lost = qubits[i] & QF_QUBIT_NONE || happens(random, channel->loss);
        clicked[i] = !lost || happens(random, channel->dark_counts);
        if (lost) {
            bits[i] = coin(random);
        } else {
            bits[i] = measure(random, qubits[i], bases[i]) ^ happens(random, channel->misalignment);
        }
    }
}
