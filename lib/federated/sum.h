/* Sums of models that nobody sees one by one.
 *
 * A contribution is one party's model, its trainable numbers v rounded to integers of a public
 * grid, times the party's weight w, encrypted N integers a ciphertext under the committee's key:
 * Enc(w round(v 2^g)). The sum over parties of these, decrypted, over the sum of weights, is the
 * weighted mean, for every party the same to the bit; that of plain models is the same again.
 *
 * The weight is multiplied in before encryption, since that costs no noise. A party could as well
 * multiply it into v: neither can be seen in a ciphertext, so a stated weight is what divides the
 * sum, and no more a proof than the model itself.
 *
 * Contributors are taken to encrypt as they should. Ciphertexts are checked for everything that can
 * be seen: bounds, key, count, a zero second half, those of another; but whoever adds a multiple of
 * a constant to the second half puts the key's secret into the sum, which no check finds before it
 * is opened, and only a proof of well-formedness would (qf-privacy(7)).
 *
 * What is public of a contribution: round, sender, weight, key, terms, and of the model its kind,
 * columns, target, parameters and seed, names and shapes of its arrays, and those that the fit
 * leaves as they were drawn (frozen), which must be the same for all. Threshold, calibration, facts
 * and the rows that it was fitted to stay with the party; unless these are disclosed, for
 * experiments whose rows are nobody's secret. Then the mean knows which rows were seen; else it
 * does not, and qf-score cannot prove that test rows are new (unknown-origin). */
#ifndef QF_FEDERATED_SUM_H
#define QF_FEDERATED_SUM_H

#include "federated/subject.h"

typedef struct qf_contributor {
    uint32_t party; /* 1 .. QF_MAX_PARTY */
    int64_t weight; /* 1 or more */
    qf_id digest;   /* of the contribution: of its subject, party, weight and ciphertexts */
    qf_id body; /* of its ciphertexts alone, while they are summed: who copied another's is found */
} qf_contributor;

/* Zero-initialise; free with qf_sum_free. */
typedef struct qf_sum {
    qf_subject subject;
    qf_contributor *contributors; /* [contributor_count], ascending by party */
    size_t contributor_count, contributor_capacity;
    int64_t weight;        /* of all */
    qf_ciphertext *pieces; /* [piece_count]: N numbers each, the rest in the last */
    size_t piece_count;
    qf_id digest; /* names the subject, the contributors and the ciphertexts; the same in whatever
                   * order they came */
} qf_sum;

void qf_sum_free(qf_sum *sum);

/* Adds a contributor in its place, and its weight. QF_MISMATCH, naming the party, for a sender that
 * is there already or, in a sum with pieces, ciphertexts that are. */
qf_status qf_sum_add_contributor(qf_sum *sum, const qf_contributor *contributor, qf_error *error);

/* QF_REFUSED, with both numbers, where a sum has fewer contributors than its terms ask for. */
qf_status qf_sum_check_contributors(const qf_sum *sum, qf_error *error);

/* Sets the body and the digest of a contributor from those of its ciphertexts
 * (qf_ciphertext_identify) and the rest of its contribution. */
qf_status qf_contribution_digest(const qf_subject *subject, const qf_id *pieces, size_t count,
                                 qf_contributor *contributor, qf_error *error);

/* The scale and the bounds that ciphertexts of such contributors have by the terms, whatever they
 * say of themselves: flooding is sized by them. */
void qf_piece_bounds(const qf_plan *plan, int64_t weight, size_t contributors,
                     qf_ciphertext *piece);
/* Sets the bounds of the pieces from the plan and the contributors, and the digest. */
qf_status qf_sum_finish(const qf_ckks *ckks, const qf_plan *plan, qf_sum *sum, qf_error *error);

/* The mean as a model, from the exact integers [subject.count] of the decrypted sum, on the grid of
 * the plan. Its facts: round, contributors, parties, weights, weight, grid_bits; threshold 0.5,
 * nothing calibrated. QF_DATA for integers that no such sum has. The caller frees the model on
 * success. */
qf_status qf_sum_model(const qf_sum *sum, const qf_grid *grid, const int64_t *integers,
                       qf_model *model, qf_error *error);

#endif
