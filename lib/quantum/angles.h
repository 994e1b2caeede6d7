/* Arithmetic on angles: what stays constant or a scaled parameter adds no term to the circuit. */
#ifndef QF_QUANTUM_ANGLES_H
#define QF_QUANTUM_ANGLES_H

#include "quantum/circuit.h"

/* Limits, so that no short text makes a huge circuit and whatever walks an expression may recurse:
 * the terms of one circuit, and of one expression written out (where terms that are used twice
 * count twice) the operations and how deep they are nested. */
enum { QF_MAX_TERMS = 1 << 20, QF_MAX_OPERATIONS = 4096, QF_MAX_NESTING = 500 };

/* A circuit whose expressions grow. Zero-initialise but for the circuit, free(extents). */
typedef struct qf_angles {
    qf_circuit *circuit;
    struct qf_term_extent {
        unsigned operations, nesting;
    } * extents; /* [terms] of those that qf_angles_combine added */
    size_t capacity;
} qf_angles;

/* left OPERATION right, or OPERATION(left); of operations from QF_TERM_ADD on. QF_DATA where the
 * result is constant and not finite, or beyond the limits. */
qf_status qf_angles_combine(qf_angles *angles, qf_operation operation, qf_angle left,
                            qf_angle right, qf_angle *result, qf_error *error);

/* The operations of an angle written out. */
size_t qf_angles_operations(const qf_angles *angles, const qf_angle *angle);

/* Appends the gates of `part` on wires[part->wires] with arguments[part->weights] in place of its
 * weights. It has no inputs. */
qf_status qf_angles_append(qf_angles *angles, const qf_circuit *part, const size_t *wires,
                           const qf_angle *arguments, qf_error *error);

#endif
