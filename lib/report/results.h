/* Records of metrics grouped into results: one model, prepared one way, over several seeds. */
#ifndef QF_REPORT_RESULTS_H
#define QF_REPORT_RESULTS_H

#include "base/memory.h"
#include "base/record.h"

#include <stdbool.h>

/* The texts belong to the records. */
typedef struct qf_result {
    const char *model, *variant, *protocol, *data_digest;
    const qf_record **runs; /* [count], in the order given */
    size_t count, capacity;
} qf_result;

/* Zero-initialise; free with qf_results_free. Valid as long as the records are. */
typedef struct qf_results {
    qf_result *items; /* [count], in order of first appearance */
    size_t count, capacity;
} qf_results;

/* QF_MISMATCH when two records of a result have the same seed: their mean would not be one over
 * seeds. On failure too, free. */
qf_status qf_results_group(const qf_record *records, size_t count, qf_results *results,
                           qf_error *error);
void qf_results_free(qf_results *results);
/* What `training`, results on rows trained on, has of one of the results, or NULL: that of the same
 * names and data; else, where training and test rows come from different data, the only one of
 * these names, if the result is the only one of them, too. */
const qf_result *qf_results_trained(const qf_results *results, size_t index,
                                    const qf_results *training);
/* Whether the provenance proves a violation of any run. */
bool qf_result_is_flagged(const qf_result *result);

/* A metric's field in words, as inside a sentence: "PR-AUC", "recall at alert". */
enum { QF_METRIC_WORDS = 64 };
void qf_metric_words(const char *field, char words[QF_METRIC_WORDS]);

/* Over the runs in which the metric is defined. */
typedef struct qf_summary {
    size_t count;
    double mean;       /* NaN for count 0 */
    double half_width; /* of the 95 % interval; NaN for fewer than three runs, and where two have
                        * the same test part ("test_rows") */
} qf_summary;

/* The interval is Student's t with count - 1 degrees of freedom and the variance of the mean
 * corrected for test parts that overlap, (1/count + n_test/n_train) s^2 (Nadeau and Bengio 2003,
 * doi 10.1023/A:1024068626366, section 3). Both count original rows only
 * ("n_train_original", "n_test_original") where the record has them. */
qf_summary qf_result_summary(const qf_result *result, const char *metric);

/* One code over all runs of a result. */
typedef struct qf_violation {
    char code[40];
    qf_bytes names; /* after the colon, where that is no number: "a, b" */
    long long least, greatest;
    bool counted;          /* least .. greatest over the runs that have it */
    size_t runs, last_run; /* in how many runs it was found, and the last of them */
} qf_violation;

typedef struct qf_violations {
    qf_violation *items;
    size_t count, capacity;
} qf_violations;

/* Merges the runs' field "violations". Free in either case. */
qf_status qf_result_violations(const qf_result *result, qf_violations *violations, qf_error *error);
void qf_violations_free(qf_violations *violations);
/* The code with what is known of it: "trained-on-test-rows: 3 to 9 rows, 2 of 3 runs". */
qf_status qf_violation_print(const qf_violation *violation, size_t runs, qf_bytes *out,
                             qf_error *error);
/* A sentence for a code. */
const char *qf_violation_explain(const char *code);

#endif
