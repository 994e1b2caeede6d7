/* Figures of quantum circuits: scores by depth, scores against what circuits are like, gradients
 * over wires. */
#ifndef QF_REPORT_CIRCUIT_FIGURES_H
#define QF_REPORT_CIRCUIT_FIGURES_H

#include "report/circuits.h"

/* A small chart for each circuit: its score and its twin's by depth, on one scale. */
void qf_draw_circuit_scores(qf_page *page, const qf_circuit_scores *scores);
/* The score against expressibility and against entanglement. */
void qf_draw_predictors(qf_page *page, const qf_circuit_scores *scores);
/* The variance of gradients against wires, of the diagnoses that have it. QF_DATA where a record's
 * lists do not fit together. */
void qf_draw_sweeps(qf_page *page, const qf_record *diagnoses, size_t count);

#endif
