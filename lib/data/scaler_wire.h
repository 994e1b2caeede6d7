/* Scalers on streams. Type "scaler"; schema: columns, target; parameters: kind, and clip unless
 * values are not clipped; then the state as arrays (see scale.h). */
#ifndef QF_DATA_SCALER_WIRE_H
#define QF_DATA_SCALER_WIRE_H

#include "data/scale.h"
#include "stream/session.h"

/* Writes a whole scaler stream to an open file; `name` is for messages. */
qf_status qf_scaler_write(qf_session *session, int fd, const char *name, const qf_scaler *scaler,
                          qf_error *error);

/* Reads the only scaler of a file. Free on success. */
qf_status qf_scaler_read(qf_session *session, const char *path, qf_scaler *scaler, qf_error *error);

#endif
