#include "learn/scores.h"

#include "base/memory.h"

#include <stdio.h>
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

static uint64_t mix(uint64_t hash, int64_t number) {
    hash = (hash ^ (uint64_t)number) * 0xff51afd7ed558ccdu;
    return hash ^ hash >> 32;
}

qf_status qf_scores_describe(const qf_scores *scores, qf_record *record, qf_error *error) {
    int64_t original = 0;
    uint64_t hash = 0;
    for (size_t i = 0; i < scores->count; i++) {
        original += scores->origins[i].neighbour < 0;
        hash = mix(mix(hash, scores->origins[i].row), scores->origins[i].neighbour);
    }
    char text[17];
    snprintf(text, sizeof text, "%016llx", (unsigned long long)hash);
    QF_TRY(qf_record_set_integer(record, "n_test_original", original, error));
    return qf_record_set_text(record, "test_rows", text, error);
}
