/* Noise and shots for a fitted quantum network. */
#ifndef QF_MODEL_QNN_NOISE_H
#define QF_MODEL_QNN_NOISE_H

#include "model/model.h"

/* Values of the parameters of the same names, as text; NULL: as in the fit. */
typedef struct qf_disturbance {
    const char *noise, *noise_at, *shots;
    uint64_t seed; /* of shots and trajectories */
} qf_disturbance;

/* Lets a model predict under other noise and shots than it was fitted with. Sets its parameters
 * and, where there is noise or shots, facts of the same names, for the scores. QF_MISMATCH for a
 * model without a circuit if anything but the seed is given. */
qf_status qf_model_disturb(qf_model *model, const qf_disturbance *disturbance, qf_error *error);

/* Whether predictions depend on the seed. */
bool qf_model_is_random(const qf_model *model);

#endif
