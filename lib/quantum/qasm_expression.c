#include "quantum/qasm_parser.h"

#include "base/memory.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MAX_NESTING = 200 }; /* of brackets and signs in the text */

typedef qf_qasm_parser parser;
typedef qf_qasm_value value;
typedef qf_qasm_symbol symbol;

__attribute__((format(printf, 3, 4))) qf_status
qf_qasm_fail(const qf_qasm_token *token, qf_error *error, const char *format, ...) {
    char message[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return qf_qasm_at(token, qf_fail(error, QF_DATA, "%s", message), error);
}

/* ---- Tokens ---- */

qf_status qf_qasm_advance(parser *p, qf_error *error) {
    return qf_qasm_next(&p->lexer, &p->token, error);
}

bool qf_qasm_sees(const parser *p, const char *text) {
    return qf_qasm_is(&p->token, text);
}

qf_status qf_qasm_unexpected(const parser *p, const char *expected, qf_error *error) {
    const qf_qasm_token *token = &p->token;
    if (token->kind == QF_QASM_END) {
        return qf_qasm_fail(token, error, "expected %s, got the end", expected);
    }
    if (token->kind == QF_QASM_STRING) {
        return qf_qasm_fail(token, error, "expected %s, got a string", expected);
    }
    const bool number = token->kind != QF_QASM_NAME && token->length > 40;
    return qf_qasm_fail(token, error, "expected %s, got \"%.*s\"", expected,
                        number ? 40 : (int)token->length, token->text);
}

qf_status qf_qasm_expect(parser *p, const char *text, qf_error *error) {
    char quoted[16];
    if (qf_qasm_sees(p, text)) return qf_qasm_advance(p, error);
    snprintf(quoted, sizeof quoted, "\"%s\"", text);
    return qf_qasm_unexpected(p, quoted, error);
}

qf_status qf_qasm_accept(parser *p, const char *text, bool *found, qf_error *error) {
    *found = qf_qasm_sees(p, text);
    return *found ? qf_qasm_advance(p, error) : QF_OK;
}

qf_status qf_qasm_take_name(parser *p, const char *what, qf_qasm_token *name, qf_error *error) {
    if (p->token.kind != QF_QASM_NAME) return qf_qasm_unexpected(p, what, error);
    *name = p->token;
    return qf_qasm_advance(p, error);
}

/* ---- Names ---- */

/* FNV-1a */
static size_t bucket_of(const char *name, size_t length) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)name[i]) * 0x100000001b3u;
    return (hash ^ hash >> 32) % QF_QASM_BUCKETS;
}

const symbol *qf_qasm_find(const parser *p, const qf_qasm_token *name) {
    for (size_t i = p->buckets[bucket_of(name->text, name->length)]; i;) {
        const symbol *s = &p->symbols[i - 1];
        if (s->length == name->length && memcmp(s->name, name->text, s->length) == 0) return s;
        i = s->next;
    }
    return NULL;
}

qf_status qf_qasm_check_free(const parser *p, const qf_qasm_token *name, qf_error *error) {
    const symbol *s = qf_qasm_find(p, name);
    const bool taken = s && !s->common && (size_t)(s - p->symbols) >= p->scope;
    if (!taken) return QF_OK;
    return qf_qasm_fail(name, error, "\"%.*s\" is already defined", (int)name->length, name->text);
}

qf_status qf_qasm_declare(parser *p, const qf_qasm_token *name, symbol s, qf_error *error) {
    QF_TRY(qf_qasm_check_free(p, name, error));
    if (p->symbol_count >= QF_QASM_MAX_NAMES) {
        return qf_qasm_fail(name, error, "more than %d names", QF_QASM_MAX_NAMES);
    }
    QF_TRY(qf_grow_array(&p->symbols, &p->symbol_capacity, p->symbol_count + 1, sizeof *p->symbols,
                         error));
    size_t *bucket = &p->buckets[bucket_of(name->text, name->length)];
    s.name = name->text;
    s.length = name->length;
    s.next = *bucket;
    p->symbols[p->symbol_count++] = s;
    *bucket = p->symbol_count;
    return QF_OK;
}

void qf_qasm_forget(parser *p, size_t count) {
    while (p->symbol_count > count) {
        const symbol *s = &p->symbols[--p->symbol_count];
        p->buckets[bucket_of(s->name, s->length)] = s->next;
    }
}

/* ---- Expressions ---- */

/* Angle arithmetic; an error is where `token` stands. */
static qf_status combine(parser *p, const qf_qasm_token *token, qf_operation operation, value left,
                         value right, value *v, qf_error *error) {
    const bool divide = operation == QF_TERM_DIVIDE;
    v->whole = left.whole && right.whole && (!divide || p->version == QF_QASM_VERSION_3);
    QF_TRY(qf_qasm_at(
        token, qf_angles_combine(p->target, operation, left.angle, right.angle, &v->angle, error),
        error));
    if (!v->whole || v->angle.offset == trunc(v->angle.offset)) return QF_OK;
    if (!divide) {
        v->whole = false;
        return QF_OK;
    }
    return qf_qasm_fail(
        token, error, "a division of integers with a rest; write one of them with a decimal point");
}

typedef enum function_kind { TERM, POWER, MODULO, CEILING, FLOOR } function_kind;

typedef struct function {
    const char *name;
    unsigned versions;
    function_kind kind;
    qf_operation operation;
} function;

static const function functions[] = {
    {"sin", QF_QASM_VERSIONS, TERM, QF_TERM_SIN},
    {"cos", QF_QASM_VERSIONS, TERM, QF_TERM_COS},
    {"tan", QF_QASM_VERSIONS, TERM, QF_TERM_TAN},
    {"exp", QF_QASM_VERSIONS, TERM, QF_TERM_EXP},
    {"sqrt", QF_QASM_VERSIONS, TERM, QF_TERM_SQRT},
    {"ln", QF_QASM_VERSION_2, TERM, QF_TERM_LOG},
    {"asin", QF_QASM_VERSION_2, TERM, QF_TERM_ARCSIN},
    {"acos", QF_QASM_VERSION_2, TERM, QF_TERM_ARCCOS},
    {"atan", QF_QASM_VERSION_2, TERM, QF_TERM_ARCTAN},
    {"log", QF_QASM_VERSION_3, TERM, QF_TERM_LOG},
    {"arcsin", QF_QASM_VERSION_3, TERM, QF_TERM_ARCSIN},
    {"arccos", QF_QASM_VERSION_3, TERM, QF_TERM_ARCCOS},
    {"arctan", QF_QASM_VERSION_3, TERM, QF_TERM_ARCTAN},
    {"pow", QF_QASM_VERSION_3, POWER, QF_TERM_POWER},
    {"mod", QF_QASM_VERSION_3, MODULO, QF_TERM_CONSTANT},
    {"ceiling", QF_QASM_VERSION_3, CEILING, QF_TERM_CONSTANT},
    {"floor", QF_QASM_VERSION_3, FLOOR, QF_TERM_CONSTANT},
};

static const function *function_of(const parser *p, const qf_qasm_token *name) {
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (functions[i].versions & p->version && qf_qasm_is(name, functions[i].name)) {
            return &functions[i];
        }
    }
    return NULL;
}

static qf_status call_function(parser *p, const qf_qasm_token *name, const function *f,
                               const value arguments[2], value *v, qf_error *error) {
    const qf_angle *x = &arguments[0].angle, *y = &arguments[1].angle;
    if (f->operation != QF_TERM_CONSTANT) {
        return combine(p, name, f->operation, arguments[0], arguments[1], v, error);
    }
    if (x->source != QF_ANGLE_CONSTANT || y->source != QF_ANGLE_CONSTANT) {
        return qf_qasm_fail(name, error, "%s takes constants alone: it has no gradient", f->name);
    }
    const double number = f->kind == MODULO    ? fmod(x->offset, y->offset)
                          : f->kind == CEILING ? ceil(x->offset)
                                               : floor(x->offset);
    if (!isfinite(number)) return qf_qasm_fail(name, error, "the remainder of a division by zero");
    v->angle = qf_angle_constant(number);
    v->whole = f->kind != MODULO || (arguments[0].whole && arguments[1].whole);
    return QF_OK;
}

/* At the parenthesis after the name. */
static qf_status parse_function(parser *p, const qf_qasm_token *name, value *v, qf_error *error) {
    const function *f = function_of(p, name);
    if (!f) {
        return qf_qasm_fail(name, error, "there is no function \"%.*s\"", (int)name->length,
                            name->text);
    }
    value arguments[2] = {0};
    QF_TRY(qf_qasm_expect(p, "(", error));
    QF_TRY(qf_qasm_expression(p, 0, &arguments[0], error));
    if (f->kind == POWER || f->kind == MODULO) {
        QF_TRY(qf_qasm_expect(p, ",", error));
        QF_TRY(qf_qasm_expression(p, 0, &arguments[1], error));
    }
    QF_TRY(qf_qasm_expect(p, ")", error));
    return call_function(p, name, f, arguments, v, error);
}

static qf_status parse_value_name(parser *p, value *v, qf_error *error) {
    const qf_qasm_token name = p->token;
    QF_TRY(qf_qasm_advance(p, error));
    if (qf_qasm_sees(p, "(")) return parse_function(p, &name, v, error);
    const symbol *s = qf_qasm_find(p, &name);
    if (!s || s->kind != QF_QASM_VALUE) {
        return qf_qasm_fail(&name, error, "\"%.*s\" is no constant, input or parameter",
                            (int)name.length, name.text);
    }
    if ((size_t)(s - p->symbols) < p->scope && s->value.angle.source != QF_ANGLE_CONSTANT) {
        return qf_qasm_fail(&name, error, "a gate definition does not see the input \"%.*s\"",
                            (int)name.length, name.text);
    }
    *v = s->value;
    return QF_OK;
}

/* How strongly operators bind. */
enum { SUM = 1, PRODUCT, SIGN, EXPONENT };

static qf_status parse_primary(parser *p, value *v, qf_error *error) {
    const qf_qasm_token token = p->token;
    if (token.kind == QF_QASM_INTEGER || token.kind == QF_QASM_REAL) {
        v->angle = qf_angle_constant(token.value);
        v->whole = token.kind == QF_QASM_INTEGER;
        return qf_qasm_advance(p, error);
    }
    if (token.kind == QF_QASM_NAME) return parse_value_name(p, v, error);
    if (qf_qasm_sees(p, "-")) {
        QF_TRY(qf_qasm_advance(p, error));
        QF_TRY(qf_qasm_expression(p, SIGN, v, error));
        const bool whole = v->whole;
        QF_TRY(combine(p, &token, QF_TERM_NEGATE, *v, (value){.whole = true}, v, error));
        v->whole = whole;
        return QF_OK;
    }
    if (qf_qasm_sees(p, "+") && p->version == QF_QASM_VERSION_2) {
        QF_TRY(qf_qasm_advance(p, error));
        return qf_qasm_expression(p, SIGN, v, error);
    }
    if (!qf_qasm_sees(p, "(")) return qf_qasm_unexpected(p, "a number, a name or \"(\"", error);
    QF_TRY(qf_qasm_advance(p, error));
    QF_TRY(qf_qasm_expression(p, 0, v, error));
    return qf_qasm_expect(p, ")", error);
}

static int operator_at(const parser *p, qf_operation *operation) {
    static const struct {
        const char *text;
        unsigned versions;
        int strength;
        qf_operation operation;
    } operators[] = {
        {"+", QF_QASM_VERSIONS, SUM, QF_TERM_ADD},
        {"-", QF_QASM_VERSIONS, SUM, QF_TERM_SUBTRACT},
        {"*", QF_QASM_VERSIONS, PRODUCT, QF_TERM_MULTIPLY},
        {"/", QF_QASM_VERSIONS, PRODUCT, QF_TERM_DIVIDE},
        {"^", QF_QASM_VERSION_2, EXPONENT, QF_TERM_POWER},
        {"**", QF_QASM_VERSION_3, EXPONENT, QF_TERM_POWER},
    };
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        *operation = operators[i].operation;
        if (operators[i].versions & p->version && qf_qasm_sees(p, operators[i].text)) {
            return operators[i].strength;
        }
    }
    return 0;
}

/* Operators that bind at least so strongly; powers group from the right, -2**2 is -(2**2). */
qf_status qf_qasm_expression(parser *p, int strength, value *v, qf_error *error) {
    if (++p->nesting > MAX_NESTING) {
        return qf_qasm_fail(&p->token, error, "more than %d levels of brackets and signs",
                            MAX_NESTING);
    }
    QF_TRY(parse_primary(p, v, error));
    for (;;) {
        qf_operation operation;
        const qf_qasm_token token = p->token;
        const int own = operator_at(p, &operation);
        if (own == 0 || own < strength) break;
        value right;
        QF_TRY(qf_qasm_advance(p, error));
        QF_TRY(qf_qasm_expression(p, own == EXPONENT ? EXPONENT : own + 1, &right, error));
        QF_TRY(combine(p, &token, operation, *v, right, v, error));
    }
    p->nesting--;
    return QF_OK;
}

qf_status qf_qasm_constant(parser *p, value *v, qf_error *error) {
    const qf_qasm_token token = p->token;
    QF_TRY(qf_qasm_expression(p, 0, v, error));
    if (v->angle.source == QF_ANGLE_CONSTANT) return QF_OK;
    return qf_qasm_fail(&token, error, "expected a constant");
}

qf_status qf_qasm_integer(parser *p, int64_t minimum, int64_t maximum, int64_t *number,
                          qf_error *error) {
    const qf_qasm_token token = p->token;
    value v;
    QF_TRY(qf_qasm_constant(p, &v, error));
    if (!v.whole || v.angle.offset < (double)minimum || v.angle.offset > (double)maximum) {
        return qf_qasm_fail(&token, error, "expected an integer from %lld to %lld",
                            (long long)minimum, (long long)maximum);
    }
    *number = (int64_t)v.angle.offset;
    return QF_OK;
}
