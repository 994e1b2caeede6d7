/* Scores: a model's fraud probabilities for the rows of a table, with what the rows are. */
#ifndef QF_LEARN_SCORES_H
#define QF_LEARN_SCORES_H

#include "base/record.h"
#include "data/table.h"

/* What a scored row had to do with the making of the model, bits of qf_scores.seen. */
enum {
    QF_SEEN_ROW = 1,    /* the model was fitted on this very row */
    QF_SEEN_PARENT = 2, /* the model was fitted on a synthetic row made from this row or, where this
                         * one is synthetic, on a parent of it or another row made from one */
    QF_SEEN_CHOICE = 4, /* the model's parameters, calibration or threshold were chosen by this row,
                         * which the fit that it judged had not seen */
    QF_SEEN_BITS = 7
};

/* Zero-initialise; free with qf_scores_free. */
typedef struct qf_scores {
    size_t count, capacity;
    double *probabilities; /* [count], of fraud, in [0, 1] */
    uint8_t *labels;       /* [count], 0 or 1 */
    qf_origin *origins;    /* [count] */
    uint8_t *seen;         /* [count], bits above */
    double threshold; /* a row is called fraud when its probability is greater; see the model */
} qf_scores;

void qf_scores_free(qf_scores *scores);
qf_status qf_scores_reserve(qf_scores *scores, size_t count, qf_error *error);
/* Sets n_test_original, how many of the rows are not synthetic, and test_rows, a hash of the rows'
 * identities in order: results with the same one were found on the same test part. */
qf_status qf_scores_describe(const qf_scores *scores, qf_record *record, qf_error *error);

#endif
