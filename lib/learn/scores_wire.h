/* Scores on streams. Type "scores"; parameters: what the model and the threshold were ("model",
 * "threshold", "n_train" and whatever else the predictor records); rows of probability, seen bits,
 * label, origin. */
#ifndef QF_LEARN_SCORES_WIRE_H
#define QF_LEARN_SCORES_WIRE_H

#include "learn/scores.h"
#include "stream/reader.h"
#include "stream/writer.h"

/* Opens a scores stream; `parameters` must hold the real "threshold". */
qf_status qf_scores_writer_open(qf_writer *writer, qf_session *session, int fd, const char *name,
                                const qf_record *parameters, qf_error *error);
/* One block, as large as the block of rows that was scored. */
qf_status qf_scores_write(qf_writer *writer, const qf_scores *block, qf_error *error);

/* Reads the rest of a scores stream whose header `reader` has read, to its verified end. The caller
 * frees. */
qf_status qf_scores_read(qf_reader *reader, qf_scores *scores, qf_error *error);

#endif
