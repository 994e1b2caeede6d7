/* What models that are summed must agree in, and what is public of a contribution. */
#ifndef QF_FEDERATED_SUBJECT_H
#define QF_FEDERATED_SUBJECT_H

#include "crypto/hash.h"
#include "federated/terms.h"
#include "model/model.h"

/* Zero-initialise; free with qf_subject_free. */
typedef struct qf_subject {
    uint64_t round; /* to INT64_MAX */
    qf_id key;
    qf_terms terms;
    qf_model model; /* its trainable numbers zero but for frozen arrays; rows where disclosed */
    size_t count;   /* of the numbers in its arrays that are not frozen: what is encrypted */
    bool disclosed;
} qf_subject;

void qf_subject_free(qf_subject *subject);

/* Sets the model's part and the count from a fitted model, whose rows come along if disclosed.
 * QF_MISMATCH for a kind without trainable arrays. */
qf_status qf_subject_set_model(qf_subject *subject, const qf_model *model, bool disclosed,
                               qf_error *error);
/* Sets the count; QF_DATA where no array is left to sum. The model is blank (qf_model_blank). */
qf_status qf_subject_count(qf_subject *subject, qf_error *error);

/* Leaves no row known: numbers of rows of different data are not of the same rows. */
void qf_subject_forget_rows(qf_subject *subject);

/* QF_MISMATCH, naming what differs: key, terms, round, the model in all but its seed, frozen
 * arrays, disclosure. */
qf_status qf_subject_match(const qf_subject *subject, const qf_subject *expected, qf_error *error);

/* SHA-256 of all of it. */
qf_status qf_subject_digest(const qf_subject *subject, qf_id *digest, qf_error *error);

/* The arrays of a model that a fit leaves as they were drawn, or the others. The caller frees. */
qf_status qf_subject_arrays(const qf_model *model, bool frozen, qf_trainables *list,
                            qf_error *error);
/* How the numbers lie in the arrays: names, rows, columns, frozen (0 or 1) in the model's order. */
qf_status qf_subject_layout(const qf_subject *subject, qf_record *layout, qf_error *error);

/* ---- Numbers ---- */

/* integers[count] of the trainable arrays, in order, row by row, times the weight. QF_DATA, naming
 * the array, for a number beyond the grid's range. */
qf_status qf_subject_integers(const qf_model *model, const qf_grid *grid, int64_t weight,
                              int64_t *integers, qf_error *error);

/* ceil(count / n): ciphertexts of n numbers each, the rest in the last. */
size_t qf_subject_pieces(const qf_subject *subject, size_t n);
/* Numbers in a piece. */
size_t qf_subject_piece_size(const qf_subject *subject, size_t n, size_t piece);

#endif
