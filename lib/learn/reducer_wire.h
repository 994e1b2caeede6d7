/* Reducers on streams. Type "reducer"; schema: columns, target; parameters: by, kept; then the
 * state as arrays (see reducer.h). */
#ifndef QF_LEARN_REDUCER_WIRE_H
#define QF_LEARN_REDUCER_WIRE_H

#include "learn/reducer.h"
#include "stream/session.h"

/* Writes a whole reducer stream to an open file; `name` is for messages. */
qf_status qf_reducer_write(qf_session *session, int fd, const char *name, const qf_reducer *reducer,
                           qf_error *error);

/* Reads the only reducer of a file. Free on success. */
qf_status qf_reducer_read(qf_session *session, const char *path, qf_reducer *reducer,
                          qf_error *error);

#endif
