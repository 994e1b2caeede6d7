#include "learn/scores.h"

#include "base/memory.h"

#include <stdlib.h>

void qf_scores_free(qf_scores *scores) {
    free(scores->probabilities);
    free(scores->labels);
    free(scores->origins);
    free(scores->seen);
    *scores = (qf_scores){0};
}

qf_status qf_scores_reserve(qf_scores *scores, size_t count, qf_error *error) {
    size_t probabilities = scores->capacity, labels = scores->capacity;
    size_t origins = scores->capacity, seen = scores->capacity;
    QF_TRY(qf_grow_array(&scores->probabilities, &probabilities, count,
                         sizeof *scores->probabilities, error));
    QF_TRY(qf_grow_array(&scores->labels, &labels, count, sizeof *scores->labels, error));
    QF_TRY(qf_grow_array(&scores->origins, &origins, count, sizeof *scores->origins, error));
    QF_TRY(qf_grow_array(&scores->seen, &seen, count, sizeof *scores->seen, error));
    scores->capacity = probabilities;
    return QF_OK;
}

size_t qf_scores_original(const qf_scores *scores) {
    size_t count = 0;
    for (size_t i = 0; i < scores->count; i++) count += scores->origins[i].neighbour < 0;
    return count;
}
