/* How long a key BB84 gives. */
#ifndef QF_CRYPTO_QKD_RATE_H
#define QF_CRYPTO_QKD_RATE_H

#include <stddef.h>

/* -p log2 p - (1 - p) log2(1 - p) up to 1/2, and 1 from there on. */
double qf_binary_entropy(double p);

/* What both parties fix before a session. */
typedef struct qf_qkd_security {
    double tolerated;   /* error rate Q_tol of the sample above which there is no key */
    double secrecy;     /* epsilon_sec: how far the key may be from an ideal one */
    double correctness; /* epsilon_cor: probability that the two keys differ unnoticed */
} qf_qkd_security;

/* The bits of key that n raw key bits give, after k bits of the other basis showed an error rate of
 * at most Q_tol and error correction disclosed `leaked` bits, for a source of single photons and
 * any attack; negative: none. Tomamichel, Lim, Gisin and Renner, "Tight finite-key analysis for
 * quantum cryptography", Nature Communications 3, 634 (2012), for bases that are mutually unbiased:
 *
 *   n (1 - h(Q_tol + mu)) - leaked - log2(2 / (epsilon_sec^2 epsilon_cor)),
 *   mu = sqrt((n + k) / (n k) (k + 1) / k ln(4 / epsilon_sec)).
 *
 * mu bounds by how much the error rate that the key's basis would have shown exceeds the sample's;
 * the last term holds the hash that verifies the key. */
double qf_qkd_key_length(size_t n, size_t k, double leaked, const qf_qkd_security *security);

#endif
