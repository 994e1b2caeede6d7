/* Gradient-boosted trees (Chen and Guestrin 2016, "XGBoost: a scalable tree boosting system"):
 * XGBoost's library grows them, everything after is ours.
 *
 * The library is loaded when something is to be trained, so that no other use of qf waits for it or
 * needs it. The trees that it grew are read from its JSON into a forest; a stored model never
 * reaches XGBoost's own decoder, which trusts what it reads. */
#ifndef QF_LEARN_XGBOOST_H
#define QF_LEARN_XGBOOST_H

#include "base/run.h"
#include "data/table.h"
#include "learn/forest.h"

typedef struct qf_xgboost_options {
    size_t rounds;           /* trees */
    double eta;              /* what a tree's leaves are multiplied by */
    size_t depth;            /* splits above a leaf at most */
    const char *method;      /* XGBoost's tree_method: exact, hist or approx */
    double lambda;           /* L2 penalty of a leaf's value */
    double subsample;        /* share of the rows drawn for each tree, without replacement */
    double columns;          /* share of the columns drawn for each tree */
    double min_child_weight; /* least sum of second derivatives in a leaf */
    double class_weights[2]; /* of a legitimate and of a fraud row */
    uint64_t seed;
} qf_xgboost_options;

/* Values of a table for XGBoost, which computes in single precision, are at most this. */
#define QF_XGBOOST_MAX_VALUE 1e38

/* Grows the trees of logistic loss, from probability 1/2 on, in one thread: XGBoost adds up in an
 * order that depends on its threads. The first k trees are those of k rounds. QF_DATA for a value
 * beyond the limit, QF_UNAVAILABLE when the library is not there. *version gets "1.7.4" or the
 * like. */
enum { QF_XGBOOST_VERSION = 16 };
qf_status qf_xgboost_fit(const qf_table *table, const qf_xgboost_options *options,
                         const qf_run *run, qf_forest *forest, char version[QF_XGBOOST_VERSION],
                         qf_error *error);

/* The trees in XGBoost's JSON text: leaves hold what they add to the log-odds. XGBoost sends a row
 * left when its value, in single precision, is less than a threshold; a forest's threshold is the
 * largest double of which that is true. Sums are in single precision, and so the same to the bit.
 * QF_INTERNAL for what is no such text. */
qf_status qf_xgboost_parse(const char *text, size_t length, size_t columns, qf_forest *forest,
                           qf_error *error);

/* From sums[count] of leaves, the log-odds, to probabilities, as XGBoost computes them. */
void qf_xgboost_finish(const double *sums, size_t count, double *probabilities);

/* qf_forest_decode with leaves that cannot overflow a sum. */
qf_status qf_xgboost_decode(qf_forest *forest, size_t columns, const qf_arrays *arrays,
                            qf_error *error);

#endif
