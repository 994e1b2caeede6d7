/* Options that are a model's parameters by their own names. */
#ifndef QF_TRAINER_SETTINGS_H
#define QF_TRAINER_SETTINGS_H

#include "cli/cli.h"
#include "model/model.h"

/* A list of settings "name=value", which it owns: zero-initialise, free with qf_settings_free. */

qf_status qf_settings_add(qf_texts *settings, const char *name, const char *value, qf_error *error);
/* Of options[count] in the tool's struct `given`, each a text: those that were given set the
 * parameter that is called as they are, with '_' for '-' ("circuit-layers" sets circuit_layers).
 * QF_USAGE by the option's name where the kind has no such parameter or value. */
qf_status qf_settings_add_options(qf_texts *settings, const qf_model_kind *kind,
                                  const qf_option *options, size_t count, const void *given,
                                  qf_error *error);
void qf_settings_free(qf_texts *settings);

#endif
