#include "learn/knn.h"

#include "base/memory.h"
#include "data/compact.h"
#include "data/neighbours.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct qf_knn {
    size_t rows, columns;
    double *values;          /* [rows][columns] */
    uint8_t *labels;         /* [rows] */
    double class_weights[2]; /* the greater is 1 */
    pthread_mutex_t lock;
    qf_neighbours *neighbours; /* of the values, when they are first asked for; under the lock */
};

/* Queries of one search: their neighbours' memory is bounded, and they are many enough to lie close
 * together in groups, which makes the search fast. */
enum { QUERIES_AT_ONCE = 8192 };

static qf_status allocate(qf_knn **knn, size_t columns, qf_error *error) {
    *knn = qf_new_array(1, sizeof **knn, error);
    if (!*knn) return QF_MEMORY;
    (*knn)->columns = columns;
    pthread_mutex_init(&(*knn)->lock, NULL);
    return QF_OK;
}

qf_status qf_knn_new(const qf_table *table, const double class_weights[2], qf_knn **knn,
                     qf_error *error) {
    QF_TRY(allocate(knn, table->columns, error));
    qf_knn *k = *knn;
    k->rows = table->rows;
    const double greater = fmax(class_weights[0], class_weights[1]);
    for (size_t c = 0; c < 2; c++) k->class_weights[c] = class_weights[c] / greater;
    k->values =
        qf_copy_array(table->values, table->rows, table->columns * sizeof *k->values, error);
    k->labels = qf_copy_array(table->labels, table->rows, sizeof *k->labels, error);
    if (k->values && k->labels) return QF_OK;
    qf_knn_free(k);
    *knn = NULL;
    return QF_MEMORY;
}

void qf_knn_free(qf_knn *knn) {
    if (!knn) return;
    qf_neighbours_free(knn->neighbours);
    pthread_mutex_destroy(&knn->lock);
    free(knn->values);
    free(knn->labels);
    free(knn);
}

size_t qf_knn_rows(const qf_knn *knn) {
    return knn->rows;
}

static qf_status prepare(qf_knn *knn, const qf_run *run, qf_error *error) {
    const qf_points points = {knn->values, NULL, knn->rows, knn->columns};
    qf_status status = QF_OK;
    pthread_mutex_lock(&knn->lock);
    if (!knn->neighbours) status = qf_neighbours_new(&points, run, &knn->neighbours, error);
    pthread_mutex_unlock(&knn->lock);
    return status;
}

/* ---- Votes ---- */

/* The frauds' share of the votes of k neighbours, nearest first. */
static double share_of_votes(const qf_knn *knn, qf_knn_weights weights, const qf_neighbour *nearest,
                             size_t k) {
    double votes[2] = {0};
    const double least = nearest[0].distance;
    const bool alone = least == 0 || isinf(least); /* isinf: their squares overflow, all do */
    for (size_t i = 0; i < k; i++) {
        double vote = 1;
        if (weights == QF_KNN_DISTANCE) {
            vote = alone ? nearest[i].distance == least : 1 / sqrt(nearest[i].distance);
        }
        votes[knn->labels[nearest[i].row]] += vote;
    }
    const double legitimate = knn->class_weights[0] * votes[0];
    const double fraud = knn->class_weights[1] * votes[1];
    /* Only a weight that is too small beside the other leaves nothing. */
    return legitimate + fraud > 0 ? fraud / (legitimate + fraud) : votes[1] > 0;
}

static qf_status predict_some(const qf_knn *knn, qf_knn_weights weights, const qf_points *queries,
                              const size_t *ks, size_t k_count, size_t stride, const qf_run *run,
                              double *probabilities, qf_error *error) {
    const size_t most = ks[k_count - 1];
    qf_neighbour *nearest = qf_new_array(queries->count, most * sizeof *nearest, error);
    if (!nearest) return QF_MEMORY;
    const qf_status status =
        qf_neighbours_find(knn->neighbours, queries, most, run, nearest, error);
    for (size_t q = 0; status == QF_OK && q < queries->count; q++) {
        for (size_t i = 0; i < k_count; i++) {
            probabilities[i * stride + q] = share_of_votes(knn, weights, nearest + q * most, ks[i]);
        }
    }
    free(nearest);
    return status;
}

qf_status qf_knn_predict(qf_knn *knn, qf_knn_weights weights, const double *rows, size_t count,
                         const size_t *ks, size_t k_count, const qf_run *run, double *probabilities,
                         qf_error *error) {
    QF_TRY(prepare(knn, run, error));
    for (size_t first = 0; first < count; first += QUERIES_AT_ONCE) {
        const size_t rest = count - first;
        const qf_points queries = {rows + first * knn->columns, NULL,
                                   rest < QUERIES_AT_ONCE ? rest : QUERIES_AT_ONCE, knn->columns};
        QF_TRY(predict_some(knn, weights, &queries, ks, k_count, count, run, probabilities + first,
                            error));
    }
    return QF_OK;
}

/* ---- Arrays ---- */

qf_status qf_knn_encode(const qf_knn *knn, qf_arrays *arrays, qf_error *error) {
    QF_TRY(qf_compact_encode(knn->values, knn->rows, knn->columns, arrays, error));
    QF_TRY(qf_arrays_add(arrays, "labels", QF_U8, knn->rows, 1, knn->labels, error));
    return qf_arrays_add(arrays, "class_weights", QF_F64, 2, 1, knn->class_weights, error);
}

static qf_status fill(qf_knn *knn, const qf_arrays *arrays, qf_error *error) {
    const qf_array *labels, *weights;
    QF_TRY(qf_compact_decode(arrays, knn->columns, &knn->values, &knn->rows, error));
    QF_TRY(qf_arrays_find(arrays, "labels", QF_U8, knn->rows, 1, &labels, error));
    QF_TRY(qf_arrays_find(arrays, "class_weights", QF_F64, 2, 1, &weights, error));
    knn->labels = qf_copy_array(labels->data, knn->rows, sizeof *knn->labels, error);
    if (!knn->labels) return QF_MEMORY;
    for (size_t r = 0; r < knn->rows; r++) {
        if (knn->labels[r] > 1) return qf_fail(error, QF_DATA, "label %zu is not 0 or 1", r + 1);
    }
    memcpy(knn->class_weights, weights->data, sizeof knn->class_weights);
    const double *w = knn->class_weights;
    const bool valid = w[0] >= 0 && w[1] >= 0 && fmax(w[0], w[1]) == 1;
    return valid ? QF_OK : qf_fail(error, QF_DATA, "the class weights are not valid");
}

qf_status qf_knn_decode(qf_knn **knn, size_t columns, const qf_arrays *arrays, qf_error *error) {
    QF_TRY(allocate(knn, columns, error));
    const qf_status status = fill(*knn, arrays, error);
    if (status == QF_OK) return QF_OK;
    qf_knn_free(*knn);
    *knn = NULL;
    return status;
}
