/* Angles as text. */
#ifndef QF_QUANTUM_ANGLE_TEXT_H
#define QF_QUANTUM_ANGLE_TEXT_H

#include "base/memory.h"
#include "quantum/circuit.h"

typedef enum qf_angle_style {
    QF_ANGLE_DRAWN, /* "0.5", "2*w1+0.1", "x3^2": five digits */
    QF_ANGLE_QASM,  /* "0.5", "2.0*w1+0.10000000000000001", "x3**2.0": the very numbers; every one
                     * has a point, so that none is an integer to OpenQASM 3, nor malformed to 2 */
} qf_angle_style;

/* What stands for input 3 and weight 1: "x3" and "w1", or their values. */
typedef struct qf_angle_text {
    qf_angle_style style;
    const double *inputs, *weights; /* [inputs], [weights] of the circuit; NULL for names */
} qf_angle_text;

/* Appends an angle. Recurses as deep as operations are nested, and repeats what terms share. */
qf_status qf_angle_print(const qf_circuit *circuit, const qf_angle *angle, const qf_angle_text *how,
                         qf_bytes *text, qf_error *error);
/* Appends a number in a style. */
qf_status qf_angle_print_number(double value, qf_angle_style style, qf_bytes *text,
                                qf_error *error);

#endif
