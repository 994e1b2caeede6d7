/* Drawings and numbers of circuits. */
#ifndef QF_QUANTUM_DRAW_H
#define QF_QUANTUM_DRAW_H

#include "base/memory.h"
#include "base/run.h"
#include "quantum/circuit.h"

/* Appends a drawing: UTF-8 text of a line for each wire and one between, or an SVG image. Gates
 * stand as far left as their wires allow. */
qf_status qf_circuit_draw_text(const qf_circuit *circuit, qf_bytes *text, qf_error *error);
qf_status qf_circuit_draw_svg(const qf_circuit *circuit, qf_bytes *text, qf_error *error);

typedef struct qf_circuit_stats {
    size_t gates, entangling; /* all, and those of two or more wires */
    size_t depth;
    size_t live; /* weights with an effect on some output */
    bool *dead;  /* [weights], owned */
} qf_circuit_stats;

/* Counts; a weight is dead when no output's gradient at any of three random points reaches 1e-10.
 * Free stats->dead. Takes the memory of the state-vector engine: QF_MEMORY. */
qf_status qf_circuit_count(const qf_circuit *circuit, const qf_run *run, qf_circuit_stats *stats,
                           qf_error *error);
/* Appends all that as lines of a name and a value; dead weights by their numbers. */
qf_status qf_circuit_print_stats(const qf_circuit *circuit, const qf_run *run, qf_bytes *text,
                                 qf_error *error);

#endif
