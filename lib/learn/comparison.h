/* Is one model better than another? The statistics of comparisons (design 6). */
#ifndef QF_LEARN_COMPARISON_H
#define QF_LEARN_COMPARISON_H

#include "base/run.h"
#include "learn/metrics.h"

/* Over splits of one data set: the difference of a metric, first model less second, in each. */
typedef struct qf_difference {
    size_t splits;
    double mean;
    double deviation;   /* of the splits' differences, splits - 1 in the denominator */
    double half_width;  /* of the 95 % interval about the mean */
    double detectable;  /* the true difference that this many splits would call different from zero
                         * with a chance of 80 % */
    double p_different; /* two-sided, of no difference */
    double p_worse;     /* of the first being worse by the margin or more: twice the one-sided
                         * chance, so that below 0.05 is the interval's lower end above -margin */
} qf_difference;

/* Student's t with splits - 1 degrees of freedom; the test parts of the splits overlap, so the
 * variance of the mean is (1/splits + test_ratio) deviation^2, test_ratio being test rows a
 * training row (Nadeau and Bengio 2003, doi 10.1023/A:1024068626366). Fewer than three splits: all
 * but splits and mean are NaN. Differences that are all equal: intervals of no width, p 0 or 1. */
qf_difference qf_compare_splits(const double *differences, size_t splits, double test_ratio,
                                double margin);

/* Replaces p[count], all of one family, by Holm's (1979) adjusted values, NaN apart. */
qf_status qf_holm(double *p, size_t count, qf_error *error);

typedef enum qf_verdict {
    QF_SUPERIOR,     /* different from zero and positive */
    QF_NON_INFERIOR, /* not worse by the margin */
    QF_INFERIOR,     /* different from zero and negative, and not shown to be within the margin */
    QF_UNDECIDED,    /* none of these, or fewer than three splits */
} qf_verdict;

/* At 5 %, from p values that are adjusted for their family. */
qf_verdict qf_difference_verdict(const qf_difference *difference);
/* "superior", "non-inferior", "inferior", "undecided". */
const char *qf_verdict_name(qf_verdict verdict);

/* Exact two-sided McNemar test of one split and two fitted models: rows that only the first and
 * that only the second calls rightly (McNemar 1947). O(only_first + only_second). */
double qf_mcnemar_exact(size_t only_first, size_t only_second);

/* The rows that one of two models on the same rows calls rightly and the other does not. */
void qf_count_discordant(const qf_scores *first, const qf_scores *second, size_t *only_first,
                         size_t *only_second);

typedef struct qf_bootstrap {
    const qf_metric *metric;
    qf_metrics_options how; /* alert rate and costs; the thresholds are the scores' own */
    size_t replicates;      /* at least 1 */
    uint64_t seed;
} qf_bootstrap;

/* A 95 % percentile interval of a metric's difference (the first's gain, as in paired.h) between
 * two fitted models on the same test rows: rows are drawn anew, in pairs and within each class
 * (Efron and Tibshirani 1993, chapter 13). It speaks of one split and two fits alone. Replicate i
 * draws from the substream "bootstrap" i, so that it is the same for any number of threads.
 * QF_MISMATCH unless both have the same rows. O(replicates rows). */
qf_status qf_bootstrap_difference(const qf_scores *first, const qf_scores *second,
                                  const qf_bootstrap *options, const qf_run *run,
                                  double interval[2], qf_error *error);

#endif
