/* A model's runs from a file of score streams. */
#ifndef QF_LEARN_PAIRED_WIRE_H
#define QF_LEARN_PAIRED_WIRE_H

#include "learn/paired.h"
#include "stream/session.h"

/* Reads every score stream of the file, one run each; the model's name is the file's base name
 * without ".qf". Free in either case. QF_DATA for scores that do not say on how many original rows
 * their model was trained. */
qf_status qf_paired_model_read(qf_session *session, const char *path, qf_paired_model *model,
                               qf_error *error);

#endif
