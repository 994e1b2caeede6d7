/* Training nets by mini-batches: cross-entropy, class weights, L2, Adam or plain gradient descent.
 */
#ifndef QF_LEARN_NET_TRAINING_H
#define QF_LEARN_NET_TRAINING_H

#include "data/table.h"
#include "learn/net.h"

typedef enum qf_optimiser { QF_ADAM, QF_SGD } qf_optimiser;
typedef enum qf_schedule { QF_CONSTANT, QF_COSINE } qf_schedule;

typedef struct qf_net_options {
    qf_optimiser optimiser;
    double rate, epsilon; /* epsilon: Adam's */
    qf_schedule schedule; /* cosine: from the rate at the first batch to 0 after the last
                           * (Loshchilov and Hutter 2017, without restarts) */
    double l2;            /* adds l2 / (2 rows of the batch) times the squares of all dense weights
                           * (not biases) to the batch's mean loss, as scikit-learn's alpha */
    size_t batch, epochs;
    double class_weights[2];
    uint64_t seed; /* each epoch's order comes from the substream "batches" of its number */
} qf_net_options;

/* What happened in an epoch, of the net as it was in each batch. */
typedef struct qf_epoch {
    size_t epoch; /* from 1 */
    double loss,
        accuracy; /* weighted mean cross-entropy without L2; share of rows called rightly */
    double *gradient_norms; /* [layers] mean over the batches of the length of a layer's gradient */
    double *dead_units;     /* [layers] share of relu units that were 0 for every row; else NaN */
} qf_epoch;

/* Called after each epoch; *stop ends the training. `gradient_norms` and `dead_units` are only
 * valid during the call. */
typedef qf_status qf_epoch_visit(void *listener, const qf_epoch *epoch, bool *stop,
                                 qf_error *error);

typedef struct qf_epoch_listener {
    qf_epoch_visit *visit; /* or NULL */
    void *listener;
    double *memory; /* [memory_size] all that it knows of earlier epochs: kept with the training */
    size_t memory_size;
} qf_epoch_listener;

/* Trains net->weights on the table from where they are; the last batch of an epoch may be smaller.
 * One thread; QF_DATA when the loss or a weight is no longer finite.
 *
 * With run->keeper it gives that, between epochs, the weights, Adam's moments and the listener's
 * memory, and goes on from what was kept: QF_DATA where that cannot be of such a net. */
qf_status qf_net_train(qf_net *net, const qf_table *table, const qf_net_options *options,
                       const qf_run *run, const qf_epoch_listener *listener, qf_error *error);

#endif
