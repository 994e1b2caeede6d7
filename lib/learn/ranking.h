/* Rows in order of their scores, equal scores together: what ranking metrics and thresholds look
 * at. */
#ifndef QF_LEARN_RANKING_H
#define QF_LEARN_RANKING_H

#include "learn/scores.h"

/* All rows of one score, and how many score higher. */
typedef struct qf_ranking_block {
    double score;
    size_t rows, frauds;             /* of this score */
    size_t rows_above, frauds_above; /* of higher ones */
} qf_ranking_block;

/* Free with qf_ranking_free. */
typedef struct qf_ranking {
    qf_ranking_block *blocks; /* [count], highest score first */
    size_t count, rows, frauds;
} qf_ranking;

/* By radix sort: O(rows), six passes at most and none over rows in order. Looks at probabilities,
 * labels and count alone. */
qf_status qf_ranking_init(qf_ranking *ranking, const qf_scores *scores, qf_error *error);
void qf_ranking_free(qf_ranking *ranking);

#endif
