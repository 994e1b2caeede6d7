#include "quantum/angles.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

static bool is_binary(qf_operation operation) {
    return operation >= QF_TERM_ADD && operation < QF_TERM_NEGATE;
}

static unsigned larger(unsigned a, unsigned b) {
    return a > b ? a : b;
}

/* ---- Terms ---- */

static qf_status add_term(qf_angles *angles, qf_term term, size_t *index, qf_error *error) {
    struct qf_term_extent extent = {0, 1};
    if (angles->circuit->expressions.count >= QF_MAX_TERMS) {
        return qf_fail(error, QF_DATA, "the angles need more than %d terms", QF_MAX_TERMS);
    }
    if (term.operation > QF_TERM_WEIGHT) {
        const struct qf_term_extent left = angles->extents[term.left];
        const struct qf_term_extent right =
            is_binary(term.operation) ? angles->extents[term.right] : (struct qf_term_extent){0, 0};
        extent.operations = 1 + left.operations + right.operations;
        extent.nesting = 1 + larger(left.nesting, right.nesting);
    }
    if (extent.operations > QF_MAX_OPERATIONS || extent.nesting > QF_MAX_NESTING) {
        return qf_fail(error, QF_DATA,
                       "the angle is too long: at most %d operations, %d within each other",
                       QF_MAX_OPERATIONS, QF_MAX_NESTING);
    }
    QF_TRY(qf_circuit_add_term(angles->circuit, term, index, error));
    QF_TRY(qf_grow_array(&angles->extents, &angles->capacity, *index + 1, sizeof *angles->extents,
                         error));
    angles->extents[*index] = extent;
    return QF_OK;
}

static qf_status add_constant(qf_angles *angles, double value, size_t *index, qf_error *error) {
    return add_term(angles, (qf_term){.operation = QF_TERM_CONSTANT, .value = value}, index, error);
}

/* scale times a term, which *index becomes. */
static qf_status scale_term(qf_angles *angles, double scale, size_t *index, qf_error *error) {
    qf_term term = {.operation = QF_TERM_NEGATE, .left = *index};
    if (scale != -1) {
        term = (qf_term){.operation = QF_TERM_MULTIPLY, .right = *index};
        QF_TRY(add_constant(angles, scale, &term.left, error));
    }
    return add_term(angles, term, index, error);
}

/* An angle as a term. */
static qf_status to_term(qf_angles *angles, const qf_angle *angle, size_t *index, qf_error *error) {
    if (angle->source == QF_ANGLE_CONSTANT) {
        return add_constant(angles, angle->offset, index, error);
    }
    *index = angle->index;
    if (angle->source != QF_ANGLE_TERM) {
        const bool input = angle->source == QF_ANGLE_INPUT;
        const qf_term leaf = {.operation = input ? QF_TERM_INPUT : QF_TERM_WEIGHT,
                              .left = angle->index};
        QF_TRY(add_term(angles, leaf, index, error));
    }
    if (angle->scale != 1) QF_TRY(scale_term(angles, angle->scale, index, error));
    if (angle->offset == 0) return QF_OK;
    qf_term sum = {.operation = QF_TERM_ADD, .left = *index};
    QF_TRY(add_constant(angles, angle->offset, &sum.right, error));
    return add_term(angles, sum, index, error);
}

/* ---- Without a term, where that is possible ---- */

static double evaluate(qf_operation operation, double left, double right) {
    qf_term terms[] = {{.operation = QF_TERM_CONSTANT, .value = left},
                       {.operation = QF_TERM_CONSTANT, .value = right},
                       {.operation = operation, .left = 0, .right = 1}};
    double values[3];
    qf_expressions_evaluate(&(qf_expressions){.count = 3, .items = terms}, NULL, NULL, values);
    return values[2];
}

static qf_angle linear(qf_angle angle, double scale, double offset) {
    angle.scale *= scale;
    angle.offset = angle.offset * scale + offset;
    return angle;
}

static bool combine_sum(double sign, const qf_angle *left, const qf_angle *right,
                        qf_angle *result) {
    if (right->source == QF_ANGLE_CONSTANT) {
        *result = linear(*left, 1, sign * right->offset);
        return true;
    }
    if (left->source == QF_ANGLE_CONSTANT) {
        *result = linear(*right, sign, left->offset);
        return true;
    }
    if (left->source != right->source || left->index != right->index) return false;
    *result = *left;
    result->scale += sign * right->scale;
    result->offset += sign * right->offset;
    if (result->scale == 0) *result = qf_angle_constant(result->offset);
    return true;
}

/* Whether the result is a constant or a scaled parameter or term. */
static bool combine_simply(qf_operation operation, const qf_angle *left, const qf_angle *right,
                           qf_angle *result) {
    const bool left_fixed = left->source == QF_ANGLE_CONSTANT;
    const bool right_fixed = right->source == QF_ANGLE_CONSTANT;
    if (left_fixed && (right_fixed || !is_binary(operation))) {
        *result = qf_angle_constant(evaluate(operation, left->offset, right->offset));
        return true;
    }
    switch (operation) {
    case QF_TERM_ADD:
    case QF_TERM_SUBTRACT:
        return combine_sum(operation == QF_TERM_ADD ? 1 : -1, left, right, result);
    case QF_TERM_NEGATE:
        *result = linear(*left, -1, 0);
        return true;
    case QF_TERM_MULTIPLY:
        if (right_fixed) *result = linear(*left, right->offset, 0);
        if (left_fixed) *result = linear(*right, left->offset, 0);
        return left_fixed || right_fixed;
    case QF_TERM_DIVIDE:
        if (!right_fixed) return false;
        *result = *left;
        result->scale /= right->offset;
        result->offset /= right->offset;
        return true;
    default:
        return false;
    }
}

qf_status qf_angles_combine(qf_angles *angles, qf_operation operation, qf_angle left,
                            qf_angle right, qf_angle *result, qf_error *error) {
    if (combine_simply(operation, &left, &right, result)) {
        if (isfinite(result->scale) && isfinite(result->offset)) return QF_OK;
        return qf_fail(error, QF_DATA, "the angle is not a finite number");
    }
    qf_term term = {.operation = operation};
    QF_TRY(to_term(angles, &left, &term.left, error));
    if (is_binary(operation)) QF_TRY(to_term(angles, &right, &term.right, error));
    *result = (qf_angle){.source = QF_ANGLE_TERM, .scale = 1};
    return add_term(angles, term, &result->index, error);
}

size_t qf_angles_operations(const qf_angles *angles, const qf_angle *angle) {
    return 1 + (angle->source == QF_ANGLE_TERM ? angles->extents[angle->index].operations : 0);
}

/* ---- Parts ---- */

/* What an angle of the part becomes; values[terms] are what its terms became. */
static qf_status substitute(const qf_angle *angle, const qf_angle *arguments,
                            const qf_angle *values, qf_angle *result, qf_error *error) {
    *result = *angle;
    if (angle->source == QF_ANGLE_CONSTANT) return QF_OK;
    const qf_angle *source = angle->source == QF_ANGLE_TERM ? values : arguments;
    *result = linear(source[angle->index], angle->scale, angle->offset);
    if (isfinite(result->scale) && isfinite(result->offset)) return QF_OK;
    return qf_fail(error, QF_DATA, "the angle is not a finite number");
}

static qf_status append_terms(qf_angles *angles, const qf_circuit *part, const qf_angle *arguments,
                              qf_angle *values, qf_error *error) {
    for (size_t i = 0; i < part->expressions.count; i++) {
        const qf_term *term = &part->expressions.items[i];
        if (term->operation == QF_TERM_CONSTANT) {
            values[i] = qf_angle_constant(term->value);
        } else if (term->operation == QF_TERM_WEIGHT) {
            values[i] = arguments[term->left];
        } else {
            const size_t right = is_binary(term->operation) ? term->right : term->left;
            QF_TRY(qf_angles_combine(angles, term->operation, values[term->left], values[right],
                                     &values[i], error));
        }
    }
    return QF_OK;
}

static qf_status append_gates(qf_angles *angles, const qf_circuit *part, const size_t *wires,
                              const qf_angle *arguments, const qf_angle *values, qf_error *error) {
    for (size_t g = 0; g < part->gate_count; g++) {
        const qf_gate *gate = &part->gates[g];
        const qf_gate_form *form = qf_gate_form_of(gate->kind);
        size_t on[QF_GATE_WIRES];
        qf_angle turned[QF_GATE_ANGLES];
        for (size_t i = 0; i < form->wires; i++) on[i] = wires[gate->wires[i]];
        for (size_t i = 0; i < form->angles; i++) {
            QF_TRY(substitute(&gate->angles[i], arguments, values, &turned[i], error));
        }
        QF_TRY(qf_circuit_add(angles->circuit, gate->kind, on, turned, error));
    }
    return QF_OK;
}

qf_status qf_angles_append(qf_angles *angles, const qf_circuit *part, const size_t *wires,
                           const qf_angle *arguments, qf_error *error) {
    if (part->gate_count == 0) return QF_OK;
    qf_angle *values = qf_new_array(part->expressions.count, sizeof *values, error);
    if (!values) return QF_MEMORY;
    qf_status status = append_terms(angles, part, arguments, values, error);
    if (status == QF_OK) status = append_gates(angles, part, wires, arguments, values, error);
    free(values);
    return status;
}
