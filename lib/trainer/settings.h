/* Options that are a model's parameters by their own names. */
#ifndef QF_TRAINER_SETTINGS_H
#define QF_TRAINER_SETTINGS_H

#include "cli/cli.h"
#include "model/model.h"

/* Settings "name=value" for --set. Zero-initialise; free with qf_named_settings_free. */
typedef struct qf_named_settings {
    qf_texts all; /* those that options made, then those that were given */
    char **made;  /* [count] */
    size_t count;
} qf_named_settings;

/* Of options[count] in the tool's struct `given`, each a text: those that were given set the
 * parameter that is called as they are, with '_' for '-' ("circuit-layers" sets circuit_layers).
 * `further` follow. QF_USAGE by the option's name where the kind has no such parameter or value.
 * Free on failure, too. */
qf_status qf_named_settings_make(const qf_model_kind *kind, const qf_option *options, size_t count,
                                 const void *given, const qf_texts *further,
                                 qf_named_settings *settings, qf_error *error);
void qf_named_settings_free(qf_named_settings *settings);

#endif
