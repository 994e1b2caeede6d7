/* Measurements that one setting of the apparatus serves: those that commute wire by wire, so that
 * no wire is asked for two letters. */
#ifndef QF_QUANTUM_GROUPS_H
#define QF_QUANTUM_GROUPS_H

#include "base/random.h"
#include "quantum/circuit.h"

typedef struct qf_group {
    uint64_t x, z;     /* the letters measured, as in qf_measurement */
    size_t wire_count; /* those measured, ascending: */
    size_t wires[QF_MAX_WIRES];
} qf_group;

/* Zero-initialise, free with qf_groups_free. */
typedef struct qf_groups {
    size_t count, capacity;
    qf_group *items;
    size_t *group_of; /* [measurements] */
} qf_groups;

/* Each measurement joins the first group that it fits (probabilities ask for Z). */
qf_status qf_groups_make(const qf_circuit *circuit, qf_groups *groups, qf_error *error);
void qf_groups_free(qf_groups *groups);

/* Sets the outputs of a group's measurements from the chances of its 2^wires outcomes, the first
 * wire being the highest bit. */
void qf_group_outputs(const qf_circuit *circuit, const qf_groups *groups, size_t group,
                      const double *chances, double *outputs);

/* Replaces chances by the shares of `shots` outcomes drawn from them; sums[2^(wires + 1)] is used.
 */
void qf_group_draw(size_t wires, size_t shots, qf_random *random, double *chances, double *sums);

/* As the outcomes are read: misread[QF_MAX_WIRES][2] of qf_noise. */
void qf_group_misread(const qf_group *group, const double (*misread)[2], double *chances);

#endif
