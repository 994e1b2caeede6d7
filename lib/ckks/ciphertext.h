/* Plaintexts and ciphertexts, and what is known in public of their contents.
 *
 * A ciphertext (c0, c1) is over the primes 0 .. level and stands for m + e = c0 + c1 s: the message
 * with its scale, and noise. Two packings:
 *   slots         up to N/2 reals, in the canonical embedding; c0 and c1 are evaluations
 *   coefficients  up to N integers, one a coefficient; c0 are coefficients, of which only the first
 *                 `count` exist (others are zero and mean nothing), c1 are evaluations
 * Bounds, which every operation updates (noise.h has the formulas):
 *   magnitude   of the message with its scale: slots: of every slot, |m(zeta^(5^j))|; coefficients:
 *               of every coefficient. It is at least what the sender said, not what was sent.
 *   deviation   of the noise: the root mean square of a coefficient */
#ifndef QF_CKKS_CIPHERTEXT_H
#define QF_CKKS_CIPHERTEXT_H

#include "ckks/poly.h"
#include "ckks/sample.h"

typedef enum qf_packing { QF_SLOTS, QF_COEFFICIENTS } qf_packing;
/* "slots", "coefficients"; NULL-terminated. */
extern const char *const qf_packing_names[];

/* Zero-initialise; wiped by qf_plaintext_free. */
typedef struct qf_plaintext {
    qf_packing packing;
    size_t n, count;       /* count: values */
    double scale;          /* that the message has, or (coefficients) will get in a ciphertext */
    double magnitude;      /* with the scale */
    int64_t *coefficients; /* [n], below 2^62 in size; slots: with the scale, coefficients: without
                            */
} qf_plaintext;

void qf_plaintext_free(qf_plaintext *plaintext);

/* Zero-initialise; free with qf_ciphertext_free. */
typedef struct qf_ciphertext {
    qf_packing packing;
    size_t level, count;
    double scale, magnitude, deviation;
    unsigned parties; /* whose secrets sum up to the key: noise depends on it */
    qf_id key;
    qf_poly c0, c1; /* level + 1 rows */
    bool seeded;    /* c1 is what the seed expands to */
    unsigned char seed[QF_SEED_SIZE];
} qf_ciphertext;

void qf_ciphertext_free(qf_ciphertext *ciphertext);
qf_status qf_ciphertext_copy(const qf_ciphertext *from, qf_ciphertext *to, qf_error *error);

/* Coefficients of c0 that are in use, and that number rounded up for the loops. */
size_t qf_ciphertext_used(const qf_ciphertext *ciphertext);
size_t qf_ciphertext_padded(const qf_ciphertext *ciphertext);

/* The noise exceeds this many deviations in some coefficient of a polynomial with a probability
 * below 2^-60: 2 N Q(10) = 2^-62 at N = 8192 for a normal tail, which sums of N products have
 * near enough; a heuristic. */
#define QF_NOISE_TAIL 10.0
/* The same of a slot. Noise in a slot is an error's slot times the secret's, each near a complex
 * normal number: it exceeds x deviations with a probability of about exp(-2 x), 2^-60 over all
 * slots at x = 26. (Coefficients sum over all slots, which evens the secret out.) */
#define QF_SLOT_TAIL 32.0

/* QF_DATA when message and noise may not fit the modulus any more, or the noise has covered the
 * message: coefficients: it may reach half the scale; slots: it may reach the magnitude. */
qf_status qf_ciphertext_check(const qf_ckks *ckks, const qf_ciphertext *ciphertext,
                              qf_error *error);

/* QF_MISMATCH unless both are under one key, in one packing, at one level and scale, and of one
 * count. */
qf_status qf_ciphertext_match(const qf_ciphertext *a, const qf_ciphertext *b, qf_error *error);

#endif
