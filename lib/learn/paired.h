/* Runs of several models over the same splits, paired and compared: what qf-compare prints. */
#ifndef QF_LEARN_PAIRED_H
#define QF_LEARN_PAIRED_H

#include "learn/comparison.h"
#include "learn/metrics.h"

/* One fitted model on one test part. */
typedef struct qf_paired_run {
    qf_scores scores;
    char test_rows[20];   /* of qf_scores_describe: equal for the same rows in the same order */
    double trained_count; /* original training rows */
} qf_paired_run;

/* A model's runs, each split once or, with several initialisations, more often. Zero-initialise;
 * free with qf_paired_model_free. */
typedef struct qf_paired_model {
    char *name;
    qf_paired_run *runs;
    size_t count, capacity;
} qf_paired_model;
void qf_paired_model_free(qf_paired_model *model);

typedef struct qf_paired_options {
    const qf_metric *metric;
    qf_metrics_options how; /* alert rate and costs; the thresholds are the runs' own */
    double margin;          /* of being non-inferior, in the metric's units, 0 or more */
    size_t replicates;      /* of the bootstrap; 0: none */
    uint64_t seed;          /* of the bootstrap */
    bool in_pairs;          /* models 0 and 1, 2 and 3 ..., not the first and each of the others */
} qf_paired_options;

/* How many comparisons that makes. */
size_t qf_paired_comparisons(size_t models, bool in_pairs);

/* The first model against each of the others, or pair by pair; all comparisons are the family that
 * Holm's adjustment is made for: a record each in records[qf_paired_comparisons], zeroed by the
 * caller and freed in either case.
 *
 *   first second metric margin splits family
 *   first_mean second_mean; difference: by how much the first is better, that is lower where lower
 *   is better; low high (95 %) detectable
 *   deviation_splits           of the difference, from split to split
 *   deviation_initialisations  of it, within splits that have several runs; pooled; NaN without
 *   p_different p_worse (see comparison.h), both adjusted; verdict
 *   split_differences; of the first run of each split only_first only_second mcnemar_p
 *   bootstrap_low bootstrap_high
 *
 * QF_MISMATCH unless models that are compared have the same splits. verdicts[] are the records'. */
qf_status qf_compare_models(const qf_paired_model *models, size_t count,
                            const qf_paired_options *options, const qf_run *run, qf_record *records,
                            qf_verdict *verdicts, qf_error *error);

#endif
