/* Metrics of scores that came as a stream. */
#ifndef QF_LEARN_METRICS_WIRE_H
#define QF_LEARN_METRICS_WIRE_H

#include "learn/metrics.h"
#include "stream/reader.h"

/* Adds what says how the scores came about, once their stream was read to its end: n_train
 * n_train_original n_test_original test_rows setting (the chosen parameters, where some were)
 * violations data_digest; of nets that were trained by epochs, the lists epoch_loss epoch_accuracy
 * validation_loss validation_accuracy angles_beyond_pi largest_angle, and live_parameters. */
qf_status qf_metrics_add_evidence(const qf_reader *reader, const qf_scores *scores,
                                  qf_record *metrics, qf_error *error);

#endif
