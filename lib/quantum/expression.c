#include "quantum/expression.h"

#include "base/memory.h"

#include <math.h>

qf_status qf_expressions_add(qf_expressions *expressions, qf_term term, size_t *index,
                             qf_error *error) {
    const size_t count = expressions->count;
    const bool leaf = term.operation <= QF_TERM_WEIGHT;
    const bool binary = term.operation >= QF_TERM_ADD && term.operation < QF_TERM_NEGATE;
    if (term.operation >= QF_OPERATIONS || (!leaf && term.left >= count) ||
        (binary && term.right >= count)) {
        return qf_fail(error, QF_DATA, "term %zu of an expression uses a later one", count);
    }
    term.varies = term.operation == QF_TERM_INPUT;
    if (!leaf) term.varies = expressions->items[term.left].varies;
    if (binary) term.varies |= expressions->items[term.right].varies;
    QF_TRY(qf_grow_array(&expressions->items, &expressions->capacity, count + 1,
                         sizeof *expressions->items, error));
    expressions->items[count] = term;
    expressions->count = count + 1;
    *index = count;
    return QF_OK;
}

static double evaluate(const qf_term *term, const double *inputs, const double *weights,
                       const double *values) {
    switch (term->operation) {
    case QF_TERM_INPUT:
        return inputs[term->left];
    case QF_TERM_WEIGHT:
        return weights[term->left];
    case QF_TERM_ADD:
        return values[term->left] + values[term->right];
    case QF_TERM_SUBTRACT:
        return values[term->left] - values[term->right];
    case QF_TERM_MULTIPLY:
        return values[term->left] * values[term->right];
    case QF_TERM_DIVIDE:
        return values[term->left] / values[term->right];
    case QF_TERM_POWER:
        return pow(values[term->left], values[term->right]);
    case QF_TERM_NEGATE:
        return -values[term->left];
    case QF_TERM_SIN:
        return sin(values[term->left]);
    case QF_TERM_COS:
        return cos(values[term->left]);
    case QF_TERM_TAN:
        return tan(values[term->left]);
    case QF_TERM_ARCSIN:
        return asin(values[term->left]);
    case QF_TERM_ARCCOS:
        return acos(values[term->left]);
    case QF_TERM_ARCTAN:
        return atan(values[term->left]);
    case QF_TERM_EXP:
        return exp(values[term->left]);
    case QF_TERM_LOG:
        return log(values[term->left]);
    case QF_TERM_SQRT:
        return sqrt(values[term->left]);
    default:
        return term->value;
    }
}

void qf_expressions_evaluate(const qf_expressions *expressions, const double *inputs,
                             const double *weights, double *values) {
    for (size_t i = 0; i < expressions->count; i++) {
        values[i] = evaluate(&expressions->items[i], inputs, weights, values);
    }
}

/* The derivative of a function of one term, x, whose value is y. */
static double slope(qf_operation operation, double x, double y) {
    switch (operation) {
    case QF_TERM_NEGATE:
        return -1;
    case QF_TERM_SIN:
        return cos(x);
    case QF_TERM_COS:
        return -sin(x);
    case QF_TERM_TAN:
        return 1 + y * y;
    case QF_TERM_ARCSIN:
        return 1 / sqrt(1 - x * x);
    case QF_TERM_ARCCOS:
        return -1 / sqrt(1 - x * x);
    case QF_TERM_ARCTAN:
        return 1 / (1 + x * x);
    case QF_TERM_EXP:
        return y;
    case QF_TERM_LOG:
        return 1 / x;
    default: /* QF_TERM_SQRT */
        return 0.5 / y;
    }
}

/* Adds gradient times the derivatives of an operation on two terms to theirs. */
static void spread(const qf_term *term, double gradient, const double *values, double result,
                   double *gradients) {
    const double x = values[term->left], y = values[term->right];
    double *of_x = &gradients[term->left], *of_y = &gradients[term->right];
    switch (term->operation) {
    case QF_TERM_ADD:
        *of_x += gradient;
        *of_y += gradient;
        break;
    case QF_TERM_SUBTRACT:
        *of_x += gradient;
        *of_y -= gradient;
        break;
    case QF_TERM_MULTIPLY:
        *of_x += gradient * y;
        *of_y += gradient * x;
        break;
    case QF_TERM_DIVIDE:
        *of_x += gradient / y;
        *of_y -= gradient * result / y;
        break;
    default: /* QF_TERM_POWER; a base that is not positive has an exponent that does not vary */
        if (y != 0) *of_x += gradient * y * pow(x, y - 1);
        if (x > 0) *of_y += gradient * result * log(x);
    }
}

void qf_expressions_backward(const qf_expressions *expressions, const double *values,
                             double *gradients, double *input_gradients, double *weight_gradients) {
    for (size_t i = expressions->count; i-- > 0;) {
        const qf_term *term = &expressions->items[i];
        const double gradient = gradients[i];
        if (gradient == 0) continue; /* outside the domain of what nothing uses */
        if (term->operation == QF_TERM_INPUT) {
            if (input_gradients) input_gradients[term->left] += gradient;
        } else if (term->operation == QF_TERM_WEIGHT) {
            if (weight_gradients) weight_gradients[term->left] += gradient;
        } else if (term->operation >= QF_TERM_NEGATE) {
            gradients[term->left] +=
                gradient * slope(term->operation, values[term->left], values[i]);
        } else if (term->operation != QF_TERM_CONSTANT) {
            spread(term, gradient, values, values[i], gradients);
        }
    }
}
