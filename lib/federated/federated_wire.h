/* Keys with their terms, contributions and sums in streams (qf-stream(5)). Decoders are total. What
 * a stream says of itself is not believed where it can be computed: the bounds of ciphertexts,
 * digests, layouts. */
#ifndef QF_FEDERATED_FEDERATED_WIRE_H
#define QF_FEDERATED_FEDERATED_WIRE_H

#include "ckks/ckks_wire.h"
#include "crypto/identity.h"
#include "federated/sum.h"

/* The committee's public key. Zero-initialise; free with qf_joint_key_free. */
typedef struct qf_joint_key {
    qf_ckks ckks;
    qf_terms terms;
    qf_plan plan;
    qf_public_key key;
} qf_joint_key;

void qf_joint_key_free(qf_joint_key *key);
/* One public-key stream: the ring's and the terms' fields in its header, then the key. */
qf_status qf_joint_key_write(qf_session *session, int fd, const char *name, const qf_joint_key *key,
                             qf_error *error);
qf_status qf_joint_key_read(qf_session *session, const char *path, qf_simd simd, qf_joint_key *key,
                            qf_error *error);

/* How a contribution is made. */
typedef struct qf_contribution_options {
    uint64_t round;
    uint32_t party;
    int64_t weight;
    bool disclose;              /* the rows that the model knows, and the runs that made it */
    const qf_own_identity *own; /* signs; NULL: unsigned */
} qf_contribution_options;

/* Reads a model from `path` (NULL: standard input) and writes the contribution, piece by piece.
 * Without `disclose` the model enters no provenance. QF_DATA for a number beyond the grid's range,
 * naming the array; QF_MISMATCH for a kind without trainable arrays. */
qf_status qf_contribution_write(qf_session *session, const char *path, int fd, const char *name,
                                const qf_joint_key *key, const qf_contribution_options *options,
                                qf_error *error);

/* Whose contributions count. */
typedef struct qf_sum_expectations {
    const qf_roster *roster; /* unless NULL, it is that of the terms (QF_MISMATCH), and every
                              * contribution is signed by its sender's key in it (QF_REFUSED) */
    const qf_id *key;        /* unless NULL: QF_MISMATCH for another key, */
    const qf_terms *terms;   /* other terms, */
    const uint64_t *round;   /* another round */
} qf_sum_expectations;

/* Reads contributions to the end of an input that is open at the first (qf_reader_open with type
 * "contribution"), one by one, and adds them up: memory for one sum, however many there are. The
 * context is made from the first header. QF_MISMATCH, naming the party, for another key, terms,
 * round or model than the first, a doubled sender, doubled ciphertexts, too many contributors or
 * too much weight; QF_REFUSED for a signature that is missing or wrong; QF_DATA for what is no
 * contribution. That there are enough of them is left to who decrypts
 * (qf_sum_check_contributors). The caller frees both results on success. */
qf_status qf_contributions_sum(qf_reader *reader, qf_simd simd,
                               const qf_sum_expectations *expectations, qf_ckks *ckks, qf_sum *sum,
                               qf_error *error);

/* A stream of type sum; reading one believes whoever made it that it is the sum: for that, compare
 * its digest with that of qf_contributions_sum. The caller frees both on success. */
qf_status qf_sum_write(qf_session *session, int fd, const char *name, const qf_ckks *ckks,
                       const qf_sum *sum, qf_error *error);
qf_status qf_sum_read(qf_session *session, const char *path, qf_simd simd, qf_ckks *ckks,
                      qf_sum *sum, qf_error *error);

/* How plain models are averaged. */
typedef struct qf_mean_options {
    uint64_t round;
    unsigned grid_bits;     /* 1 .. QF_MAX_GRID_BITS */
    const int64_t *weights; /* [count], in the order of the models, each from 1, together at most
                             * QF_MAX_WEIGHT; NULL: all 1 */
    const int64_t *parties; /* [count] distinct, 1 .. QF_MAX_PARTY; NULL: 1, 2, 3 ... */
    size_t count;           /* of the lists that are given */
} qf_mean_options;

/* The weighted mean of the models of an input that is open at the first (type "model"), on the same
 * grid as contributions, to the same bytes: but rows are known, where all models come from the same
 * data. QF_MISMATCH, naming the model, for one that is unlike the first, and for another number of
 * them than `count`. The caller frees the model on success. */
qf_status qf_models_mean(qf_reader *reader, const qf_mean_options *options, qf_model *mean,
                         qf_error *error);

#endif
