/* Quantum circuits as a report tells of them: their scores against their twins', what they are
 * like, and whether the one predicts the other. */
#ifndef QF_REPORT_CIRCUITS_H
#define QF_REPORT_CIRCUITS_H

#include "base/record.h"
#include "report/page.h"
#include "report/results.h"

/* A circuit of some depth: its comparison with its twin and its diagnosis, and their numbers. */
typedef struct qf_circuit_score {
    const qf_record *comparison, *diagnosis;
    const char *circuit; /* its name without the depth */
    size_t depth;
    double score, twin, gain; /* gain: by how much it is better than its twin */
} qf_circuit_score;

/* Borrows the records. */
typedef struct qf_circuit_scores {
    qf_circuit_score *items; /* [count], owned */
    size_t count;
    char metric[QF_METRIC_WORDS]; /* in words */
    bool lower_is_better;
} qf_circuit_scores;

/* Joins comparisons[count] of qf-compare, whose first models are called CIRCUIT-LAYERS, with the
 * diagnoses of qf-circuit --diagnose that have these. QF_MISMATCH for one that has none, or
 * comparisons of several metrics. On failure too, free(scores->items). */
qf_status qf_circuit_scores_join(const qf_record *diagnoses, size_t diagnosis_count,
                                 const qf_record *comparisons, size_t count,
                                 qf_circuit_scores *scores, qf_error *error);

/* Whether a record is one of qf-circuit --diagnose, and whether it follows gradients over wires. */
bool qf_is_diagnosis(const qf_record *record);
bool qf_is_sweep(const qf_record *record);

/* The page's sections: answers in words, figures (HTML), tables, drawings of the circuits. */
void qf_write_circuits(qf_page *page, const qf_record *diagnoses, size_t diagnosis_count,
                       const qf_record *comparisons, size_t count);

#endif
