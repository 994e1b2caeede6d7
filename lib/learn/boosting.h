/* AdaBoost of decision trees for two classes: SAMME and SAMME.R of Zhu, Zou, Rosset and Hastie 2009
 * ("Multi-class AdaBoost"), with the definitions and the probabilities of scikit-learn 1.2.1, the
 * last line that has both. */
#ifndef QF_LEARN_BOOSTING_H
#define QF_LEARN_BOOSTING_H

#include "learn/forest.h"

typedef enum qf_boosting_algorithm {
    QF_SAMME_R, /* a tree votes by the log-odds of its leaf */
    QF_SAMME,   /* a tree votes for a class, as strongly as it is right */
} qf_boosting_algorithm;

typedef struct qf_boosting_options {
    qf_boosting_algorithm algorithm;
    size_t estimators;       /* trees at most, at least 1 */
    size_t depth;            /* of a tree, at least 1: a stump */
    double rate;             /* of learning, greater than 0, at most QF_BOOSTING_MAX_RATE */
    double class_weights[2]; /* initial weight of a legitimate and of a fraud row */
} qf_boosting_options;
enum { QF_BOOSTING_MAX_RATE = 100 };

/* Leaves hold the tree's vote for fraud, negative against. Free with qf_boosting_free. */
typedef struct qf_boosting {
    qf_forest forest;
    double *weights; /* [trees] 1 each in SAMME.R */
} qf_boosting;

/* Fits trees until there are `estimators`, one is right for all rows, or weights overflow; in SAMME
 * also until one is no better than chance, which is left out. (A first tree no better than chance
 * stays with weight 0, and all probabilities are 1/2; scikit-learn refuses.) The first k trees are
 * what a fit of k estimators gives. The same for any number of threads. Cost: of qf_presorted_grow
 * for each tree. */
qf_status qf_boosting_fit(const qf_table *table, const qf_boosting_options *options,
                          const qf_run *run, qf_boosting *boosting, qf_error *error);
void qf_boosting_free(qf_boosting *boosting);

/* From sums[count] of the first `trees` trees' votes (qf_forest_add) to probabilities of fraud. */
void qf_boosting_finish(const qf_boosting *boosting, size_t trees, const double *sums, size_t count,
                        double *probabilities);
/* Probabilities of rows[count][columns]. */
void qf_boosting_predict(const qf_boosting *boosting, const double *rows, size_t count,
                         double *probabilities);

/* The forest's arrays and "weights" (f64). Decoding is total, as qf_forest_decode. */
qf_status qf_boosting_encode(const qf_boosting *boosting, qf_arrays *arrays, qf_error *error);
qf_status qf_boosting_decode(qf_boosting *boosting, size_t columns, const qf_arrays *arrays,
                             qf_error *error);

#endif
