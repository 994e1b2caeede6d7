/* Spearman's rank correlation between two numbers of each item, and how sure it is. */
#ifndef QF_DATA_RANK_CORRELATION_H
#define QF_DATA_RANK_CORRELATION_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* Items in strata, among whose members alone ranks are taken, and in clusters, whose members are
 * not independent of each other. Both count from 0. */
typedef struct qf_ranked_items {
    size_t count, clusters;
    const double *x, *y;             /* [count], finite */
    const size_t *stratum, *cluster; /* [count]; NULL: all in one stratum, each its own cluster */
} qf_ranked_items;

typedef struct qf_rank_correlation {
    double value;     /* -1 to 1; NaN where x or y is the same throughout every stratum */
    double low, high; /* 95 % interval; NaN for fewer than eight clusters */
} qf_rank_correlation;

enum { QF_RANK_REPLICATES = 2000, QF_RANK_CLUSTERS = 8 };

/* Within each stratum the correlation of ranks, ties sharing their mean rank (Spearman 1904); over
 * strata the mean weighted by items, those left out in which x or y is the same throughout. The
 * interval: percentiles over QF_RANK_REPLICATES replicates that draw whole clusters (Efron and
 * Tibshirani 1993, chapter 8), replicate i from the substream "rank correlation" i.
 * O(count log count + replicates count). */
qf_status qf_correlate_ranks(const qf_ranked_items *items, uint64_t seed,
                             qf_rank_correlation *correlation, qf_error *error);

#endif
