/* Expressions of a circuit's inputs and weights, for angles that are more than a scaled parameter:
 * a list of terms, each an operation on earlier ones. */
#ifndef QF_QUANTUM_EXPRESSION_H
#define QF_QUANTUM_EXPRESSION_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum qf_operation {
    QF_TERM_CONSTANT,
    QF_TERM_INPUT,
    QF_TERM_WEIGHT,
    QF_TERM_ADD,
    QF_TERM_SUBTRACT,
    QF_TERM_MULTIPLY,
    QF_TERM_DIVIDE,
    QF_TERM_POWER,
    QF_TERM_NEGATE, /* from here on of `left` alone */
    QF_TERM_SIN,
    QF_TERM_COS,
    QF_TERM_TAN,
    QF_TERM_ARCSIN,
    QF_TERM_ARCCOS,
    QF_TERM_ARCTAN,
    QF_TERM_EXP,
    QF_TERM_LOG,
    QF_TERM_SQRT,
    QF_OPERATIONS
} qf_operation;

typedef struct qf_term {
    qf_operation operation;
    size_t left, right; /* earlier terms; `left` is the number of an input or weight */
    double value;       /* of a constant */
    bool varies;        /* depends on an input */
} qf_term;

/* Zero-initialise, free(items). */
typedef struct qf_expressions {
    size_t count, capacity;
    qf_term *items;
} qf_expressions;

/* Appends a term whose operands are there; *index is its number. `varies` is set here. */
qf_status qf_expressions_add(qf_expressions *expressions, qf_term term, size_t *index,
                             qf_error *error);

/* The value of every term, values[count]; outside an operation's domain NaN or infinite. */
void qf_expressions_evaluate(const qf_expressions *expressions, const double *inputs,
                             const double *weights, double *values);

/* The chain rule: from gradients[count] with respect to the terms, which are used up, adds those
 * with respect to inputs and weights; either may be NULL. */
void qf_expressions_backward(const qf_expressions *expressions, const double *values,
                             double *gradients, double *input_gradients, double *weight_gradients);

#endif
