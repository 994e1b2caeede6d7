/* The terms of a joint key: what all who use it keep to. They are fixed when the key is generated
 * and stand beside it (header of a public-key stream), in every contribution and in every sum; who
 * decrypts compares them with those it agreed to. From them follows how numbers are encrypted, so
 * that sums come back exact and nothing of the key with them. */
#ifndef QF_FEDERATED_TERMS_H
#define QF_FEDERATED_TERMS_H

#include "base/record.h"
#include "ckks/coefficients.h"
#include "ckks/threshold.h"

enum {
    QF_MAX_CONTRIBUTORS = 1000, /* each is an origin of the model that comes of a sum */
    QF_MAX_GRID_BITS = 52,
    QF_LEAST_STATISTICAL_BITS = 30, /* below, answers tell of the key */
};
/* Of the sum of weights, and of decryptions. */
#define QF_MAX_WEIGHT ((int64_t)1 << 30)
#define QF_MAX_DECRYPTIONS ((int64_t)1 << 40)
#define QF_MAX_GENERATION ((int64_t)1 << 40)

typedef struct qf_terms {
    unsigned parties;           /* n: members of the committee, whose secrets sum up to the key */
    unsigned threshold;         /* t: how many of them decrypt */
    unsigned contributors;      /* k: a sum of fewer contributors is not decrypted; at least 2 */
    unsigned most_contributors; /* M: nor is one of more, 2 .. QF_MAX_CONTRIBUTORS */
    int64_t weight;       /* W: the weights of a sum add up to this at most, M .. QF_MAX_WEIGHT */
    unsigned grid_bits;   /* g: numbers are rounded to multiples of 2^-g, 1 .. 52 */
    qf_flooding flooding; /* decryptions that each member answers at most, of ciphertexts, not of
                           * models; statistical bits */
    int64_t generation;   /* 0 .. QF_MAX_GENERATION: tells the keys of one roster apart */
    qf_id roster;         /* of the identities that sign: qf_roster_digest */
} qf_terms;

/* What follows. Sums leave a bit of their room free, by which answers that do not fit together
 * show: half of what comes of such, number by number, is out of range. */
typedef struct qf_plan {
    qf_grid grid;        /* of the numbers of one model, before they are weighted */
    unsigned scale_bits; /* integers are encrypted times 2 to this */
    unsigned flood_bits;
    double deviation; /* of the noise of a fresh ciphertext */
} qf_plan;

/* QF_USAGE for terms out of range, QF_DATA where the ring has no room for them. */
qf_status qf_terms_plan(const qf_ckks *ckks, const qf_terms *terms, qf_plan *plan, qf_error *error);

/* How an answer is flooded. Sets may differ from ciphertext to ciphertext: t - 1 colluding members
 * see what the n - t + 1 others answer, the terms' decryptions of each. */
qf_flooding qf_terms_flooding(const qf_terms *terms);

/* Fields parties, threshold, contributors, most_contributors, most_weight, grid_bits, decryptions,
 * statistical_bits, generation, roster of a header. QF_DATA for what is not there or out of range.
 */
qf_status qf_terms_describe(const qf_terms *terms, qf_record *record, qf_error *error);
qf_status qf_terms_parse(const qf_record *record, qf_terms *terms, qf_error *error);
/* QF_MISMATCH, naming the first that differs. */
qf_status qf_terms_match(const qf_terms *terms, const qf_terms *expected, qf_error *error);

/* As bytes of one form, for digests and state files: the fields in this order, the roster last. */
enum { QF_TERMS_SIZE = 9 * 8 + QF_ID_SIZE };
void qf_terms_pack(const qf_terms *terms, unsigned char to[QF_TERMS_SIZE]);
/* QF_DATA for what is out of range. */
qf_status qf_terms_unpack(const unsigned char from[QF_TERMS_SIZE], qf_terms *terms,
                          qf_error *error);

/* The seed that the common random polynomial of a key on these terms expands to, a hash of the ring
 * and of them, so that nobody can choose it; it names the key generation. */
qf_status qf_terms_seed(const qf_ckks *ckks, const qf_terms *terms,
                        unsigned char seed[QF_SEED_SIZE], qf_error *error);

#endif
