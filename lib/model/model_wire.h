/* Models on streams. Type "model"; schema: columns, target; parameters: kind, seed (decimal text),
 * threshold, and odds_factor and calibration where there are some; a record of the kind's
 * parameters, a record of facts, then the state as arrays. */
#ifndef QF_MODEL_MODEL_WIRE_H
#define QF_MODEL_MODEL_WIRE_H

#include "model/model.h"
#include "stream/reader.h"

/* Writes a whole model stream to an open file; `name` is for messages. */
qf_status qf_model_write(qf_session *session, int fd, const char *name, const qf_model *model,
                         qf_error *error);

/* Reads the only model of a file. Free on success. `origins`, unless NULL, gets those of the data
 * that the model was fitted on (qf_origins_free). */
qf_status qf_model_read(qf_session *session, const char *path, qf_model *model, qf_origins *origins,
                        qf_error *error);
/* The same from an input that is open at a model stream, where others may follow (the end was met:
 * qf_reader_next_stream), or must not. */
qf_status qf_model_read_stream(qf_reader *reader, qf_model *model, qf_error *error);
qf_status qf_model_read_open(qf_reader *reader, qf_model *model, qf_error *error);

#endif
