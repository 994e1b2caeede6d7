#include "quantum/angle_text.h"

#include <stdio.h>
#include <string.h>

qf_status qf_angle_print_number(double value, qf_angle_style style, qf_bytes *text,
                                qf_error *error) {
    char number[40];
    if (style == QF_ANGLE_DRAWN) return qf_bytes_print(text, error, "%.5g", value);
    snprintf(number, sizeof number, "%.17g", value);
    const size_t digits = strcspn(number, "e");
    return qf_bytes_print(text, error, "%.*s%s%s", (int)digits, number,
                          strchr(number, '.') ? "" : ".0", number + digits);
}

/* What a term is printed with. */
typedef struct printer {
    const qf_expressions *expressions;
    const qf_angle_text *how;
    qf_bytes *text;
} printer;

/* The number that stands for a term without operands, NULL for a name. */
static const double *number_of(const printer *p, const qf_term *term) {
    const double *values = term->operation == QF_TERM_INPUT ? p->how->inputs : p->how->weights;
    if (term->operation == QF_TERM_CONSTANT) return &term->value;
    return term->operation <= QF_TERM_WEIGHT && values ? &values[term->left] : NULL;
}

/* How strongly an operation binds: sums, products, powers, and what needs no parentheses. */
static int strength(const printer *p, const qf_term *term) {
    const double *number = number_of(p, term);
    switch (term->operation) {
    case QF_TERM_ADD:
    case QF_TERM_SUBTRACT:
        return 1;
    case QF_TERM_MULTIPLY:
    case QF_TERM_DIVIDE:
    case QF_TERM_NEGATE:
        return 2;
    case QF_TERM_POWER:
        return 3;
    default:
        return number && *number < 0 ? 1 : 4;
    }
}

static qf_status print_parameter(const printer *p, bool input, size_t index, qf_error *error) {
    const double *values = input ? p->how->inputs : p->how->weights;
    if (values) return qf_angle_print_number(values[index], p->how->style, p->text, error);
    return qf_bytes_print(p->text, error, "%c%zu", input ? 'x' : 'w', index);
}

static qf_status print_term(const printer *p, size_t index, int outer, qf_error *error);

static qf_status print_inner(const printer *p, const qf_term *term, qf_error *error) {
    static const char *const names[QF_OPERATIONS] = {
        [QF_TERM_ADD] = "+",         [QF_TERM_SUBTRACT] = "-",    [QF_TERM_MULTIPLY] = "*",
        [QF_TERM_DIVIDE] = "/",      [QF_TERM_POWER] = "^",       [QF_TERM_NEGATE] = "-",
        [QF_TERM_SIN] = "sin",       [QF_TERM_COS] = "cos",       [QF_TERM_TAN] = "tan",
        [QF_TERM_ARCSIN] = "arcsin", [QF_TERM_ARCCOS] = "arccos", [QF_TERM_ARCTAN] = "arctan",
        [QF_TERM_EXP] = "exp",       [QF_TERM_LOG] = "log",       [QF_TERM_SQRT] = "sqrt"};
    const int own = strength(p, term);
    const bool power = term->operation == QF_TERM_POWER;
    switch (term->operation) {
    case QF_TERM_CONSTANT:
        return qf_angle_print_number(term->value, p->how->style, p->text, error);
    case QF_TERM_INPUT:
    case QF_TERM_WEIGHT:
        return print_parameter(p, term->operation == QF_TERM_INPUT, term->left, error);
    case QF_TERM_NEGATE:
        QF_TRY(qf_bytes_print(p->text, error, "-"));
        return print_term(p, term->left, own, error);
    default:
        break;
    }
    if (term->operation > QF_TERM_NEGATE) {
        QF_TRY(qf_bytes_print(p->text, error, "%s(", names[term->operation]));
        QF_TRY(print_term(p, term->left, 0, error));
        return qf_bytes_print(p->text, error, ")");
    }
    const bool associative = term->operation == QF_TERM_ADD || term->operation == QF_TERM_MULTIPLY;
    QF_TRY(print_term(p, term->left, own + power, error));
    QF_TRY(qf_bytes_print(p->text, error, "%s",
                          power && p->how->style == QF_ANGLE_QASM ? "**" : names[term->operation]));
    return print_term(p, term->right, own + !associative, error);
}

/* In parentheses where it binds less than what is around it. */
static qf_status print_term(const printer *p, size_t index, int outer, qf_error *error) {
    const qf_term *term = &p->expressions->items[index];
    const bool enclosed = strength(p, term) < outer;
    if (enclosed) QF_TRY(qf_bytes_print(p->text, error, "("));
    QF_TRY(print_inner(p, term, error));
    return enclosed ? qf_bytes_print(p->text, error, ")") : QF_OK;
}

qf_status qf_angle_print(const qf_circuit *circuit, const qf_angle *angle, const qf_angle_text *how,
                         qf_bytes *text, qf_error *error) {
    const printer p = {&circuit->expressions, how, text};
    if (angle->source == QF_ANGLE_CONSTANT) {
        return qf_angle_print_number(angle->offset, how->style, text, error);
    }
    if (angle->scale == -1) {
        QF_TRY(qf_bytes_print(text, error, "-"));
    } else if (angle->scale != 1) {
        QF_TRY(qf_angle_print_number(angle->scale, how->style, text, error));
        QF_TRY(qf_bytes_print(text, error, "*"));
    }
    if (angle->source == QF_ANGLE_TERM) {
        const int outer = angle->scale != 1 ? 2 : angle->offset != 0 ? 1 : 0;
        QF_TRY(print_term(&p, angle->index, outer, error));
    } else {
        QF_TRY(print_parameter(&p, angle->source == QF_ANGLE_INPUT, angle->index, error));
    }
    if (angle->offset == 0) return QF_OK;
    if (angle->offset > 0) QF_TRY(qf_bytes_print(text, error, "+"));
    return qf_angle_print_number(angle->offset, how->style, text, error);
}
