/* k nearest neighbours (Fix and Hodges 1951) by Euclidean distance, with the definitions of
 * scikit-learn's KNeighborsClassifier: each neighbour votes for its class, and a row's probability
 * of fraud is the frauds' share of the votes. Rows at one distance count in the order of the
 * training table, the earlier first; scikit-learn leaves that open. A training row that is asked
 * for is its own nearest neighbour. */
#ifndef QF_LEARN_KNN_H
#define QF_LEARN_KNN_H

#include "base/array.h"
#include "base/run.h"
#include "data/table.h"

/* The training rows. Free with qf_knn_free. */
typedef struct qf_knn qf_knn;

typedef enum qf_knn_weights {
    QF_KNN_UNIFORM,
    QF_KNN_DISTANCE, /* a vote weighs 1 / distance; where some are 0, those vote alone */
} qf_knn_weights;

/* A copy of the table's rows; votes of a class weigh as much as its class besides. */
qf_status qf_knn_new(const qf_table *table, const double class_weights[2], qf_knn **knn,
                     qf_error *error);
void qf_knn_free(qf_knn *knn);
size_t qf_knn_rows(const qf_knn *knn);

/* probabilities[k_count][count] of rows[count][columns] for each of ks[k_count], ascending, from
 * one search for the largest; QF_DATA where that is more than the rows. From any number of threads
 * at once: the first call prepares the rows for the search (neighbours.h, with its cost). The same
 * for any threads and SIMD level. */
qf_status qf_knn_predict(qf_knn *knn, qf_knn_weights weights, const double *rows, size_t count,
                         const size_t *ks, size_t k_count, const qf_run *run, double *probabilities,
                         qf_error *error);

/* The rows as qf_compact_encode stores them, "labels" (u8) and "class_weights" (f64 [2]). Decoding
 * is total: QF_DATA for what is no such thing. */
qf_status qf_knn_encode(const qf_knn *knn, qf_arrays *arrays, qf_error *error);
qf_status qf_knn_decode(qf_knn **knn, size_t columns, const qf_arrays *arrays, qf_error *error);

#endif
