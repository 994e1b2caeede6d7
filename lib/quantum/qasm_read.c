#include "quantum/qasm_read.h"

#include "base/memory.h"
#include "quantum/qasm_gates.h"
#include "quantum/qasm_parser.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_WORK = 1 << 24,   /* gates and terms of all definitions that are expanded */
    MAX_LENGTH = 1 << 24, /* operations of all angles written out */
    MAX_BITS = 1 << 30,   /* of a register */
};

typedef qf_qasm_parser parser;
typedef qf_qasm_value value;
typedef qf_qasm_symbol symbol;
typedef qf_qasm_definition definition;
typedef qf_qasm_result result;

typedef struct operand {
    qf_qasm_token at;
    size_t first, count;
    bool is_register; /* a whole one: the gate is applied to each of its qubits */
} operand;

/* "[n]", or 1 where there is none. */
static qf_status parse_size(parser *p, int64_t maximum, symbol *s, qf_error *error) {
    int64_t size = 1;
    QF_TRY(qf_qasm_accept(p, "[", &s->is_register, error));
    if (s->is_register) {
        QF_TRY(qf_qasm_integer(p, 1, maximum, &size, error));
        QF_TRY(qf_qasm_expect(p, "]", error));
    }
    s->count = (size_t)size;
    return QF_OK;
}

/* ---- Declarations ---- */

/* "qubit[n] name" or "qreg name[n]", likewise for bits. */
static qf_status parse_register(parser *p, int64_t maximum, symbol *s, qf_qasm_token *name,
                                qf_error *error) {
    const bool size_first = qf_qasm_sees(p, "qubit") || qf_qasm_sees(p, "bit");
    QF_TRY(qf_qasm_advance(p, error));
    if (size_first) QF_TRY(parse_size(p, maximum, s, error));
    QF_TRY(qf_qasm_take_name(p, "a name", name, error));
    return size_first ? QF_OK : parse_size(p, maximum, s, error);
}

static qf_status parse_qubits(parser *p, qf_error *error) {
    qf_circuit *c = p->main.circuit;
    qf_qasm_token name;
    symbol s = {.kind = QF_QASM_QUBITS, .first = c->wires};
    QF_TRY(parse_register(p, QF_MAX_WIRES, &s, &name, error));
    QF_TRY(qf_qasm_declare(p, &name, s, error));
    c->wires += s.count;
    if (c->wires > QF_MAX_WIRES) {
        return qf_qasm_fail(&name, error, "more than %d qubits", QF_MAX_WIRES);
    }
    return qf_qasm_expect(p, ";", error);
}

static qf_status parse_measure(parser *p, const operand *bits, qf_error *error);

static qf_status parse_bits(parser *p, qf_error *error) {
    qf_qasm_token name;
    symbol s = {.kind = QF_QASM_BITS, .first = p->bits};
    QF_TRY(parse_register(p, MAX_BITS, &s, &name, error));
    QF_TRY(qf_qasm_declare(p, &name, s, error));
    p->bits += s.count;
    if (!qf_qasm_sees(p, "=") || p->version == QF_QASM_VERSION_2)
        return qf_qasm_expect(p, ";", error);
    QF_TRY(qf_qasm_advance(p, error));
    const operand bits = {name, s.first, s.count, s.is_register};
    return parse_measure(p, &bits, error);
}

/* A type with or without its number of bits, which changes nothing here. */
static qf_status parse_type(parser *p, const char *const types[], size_t *type, qf_error *error) {
    symbol width;
    for (*type = 0; types[*type] && !qf_qasm_sees(p, types[*type]); ++*type) continue;
    if (!types[*type]) {
        return qf_qasm_unexpected(p, "type float or angle (or, of a constant, int or uint)", error);
    }
    QF_TRY(qf_qasm_advance(p, error));
    return parse_size(p, 4096, &width, error);
}

static qf_status parse_input(parser *p, qf_error *error) {
    static const char *const types[] = {"float", "angle", NULL};
    qf_circuit *c = p->main.circuit;
    qf_qasm_token name;
    size_t type;
    char text[256];
    QF_TRY(qf_qasm_advance(p, error));
    QF_TRY(parse_type(p, types, &type, error));
    QF_TRY(qf_qasm_take_name(p, "a name", &name, error));
    snprintf(text, sizeof text, "%.*s", (int)name.length, name.text);
    const char *pattern = p->options->features ? p->options->features : "x*";
    const bool feature = fnmatch(pattern, text, 0) == 0;
    symbol s = {.kind = QF_QASM_VALUE};
    s.value.angle = feature ? qf_angle_input(c->inputs) : qf_angle_weight(c->weights);
    QF_TRY(qf_qasm_declare(p, &name, s, error));
    c->inputs += feature;
    c->weights += !feature;
    p->matches |= feature;
    return qf_qasm_expect(p, ";", error);
}

static qf_status parse_const(parser *p, qf_error *error) {
    static const char *const types[] = {"float", "angle", "int", "uint", NULL};
    qf_qasm_token name;
    size_t type;
    symbol s = {.kind = QF_QASM_VALUE};
    QF_TRY(qf_qasm_advance(p, error));
    QF_TRY(parse_type(p, types, &type, error));
    QF_TRY(qf_qasm_take_name(p, "a name", &name, error));
    QF_TRY(qf_qasm_expect(p, "=", error));
    const qf_qasm_token token = p->token;
    QF_TRY(qf_qasm_constant(p, &s.value, error));
    if (type >= 2 && (!s.value.whole || (type == 3 && s.value.angle.offset < 0))) {
        return qf_qasm_fail(&token, error, "the value is not of type %s", types[type]);
    }
    s.value.whole = type >= 2;
    QF_TRY(qf_qasm_declare(p, &name, s, error));
    return qf_qasm_expect(p, ";", error);
}

/* ---- Gates ---- */

static bool is_qubit_visible(const parser *p, const symbol *s) {
    return (size_t)(s - p->symbols) >= p->scope;
}

/* A register, one of its qubits or bits, or a qubit of a gate definition. */
static qf_status parse_operand(parser *p, qf_qasm_symbol_kind kind, operand *o, qf_error *error) {
    const char *what = kind == QF_QASM_QUBITS ? "qubit" : "bit";
    QF_TRY(qf_qasm_take_name(p, what, &o->at, error));
    const symbol *s = qf_qasm_find(p, &o->at);
    if (!s || s->kind != kind || !is_qubit_visible(p, s)) {
        return qf_qasm_fail(&o->at, error, "there is no %s \"%.*s\" here", what, (int)o->at.length,
                            o->at.text);
    }
    o->first = s->first;
    o->count = s->count;
    o->is_register = s->is_register;
    if (!qf_qasm_sees(p, "[")) return QF_OK;
    if (!s->is_register) return qf_qasm_unexpected(p, "no index of what is no register", error);
    const int64_t count = (int64_t)s->count;
    int64_t index;
    QF_TRY(qf_qasm_advance(p, error));
    QF_TRY(
        qf_qasm_integer(p, p->version == QF_QASM_VERSION_3 ? -count : 0, count - 1, &index, error));
    if (!qf_qasm_sees(p, "]"))
        return qf_qasm_unexpected(p, "\"]\" (ranges and sets are not supported)", error);
    o->first += (size_t)(index < 0 ? index + count : index);
    o->count = 1;
    o->is_register = false;
    return qf_qasm_advance(p, error);
}

static qf_status parse_barrier(parser *p, qf_error *error) {
    QF_TRY(qf_qasm_advance(p, error));
    for (bool more = !qf_qasm_sees(p, ";"); more;) {
        operand ignored;
        QF_TRY(parse_operand(p, QF_QASM_QUBITS, &ignored, error));
        QF_TRY(qf_qasm_accept(p, ",", &more, error));
    }
    return qf_qasm_expect(p, ";", error);
}

static qf_status parse_arguments(parser *p, qf_error *error) {
    bool more;
    p->argument_count = 0;
    QF_TRY(qf_qasm_accept(p, "(", &more, error));
    if (!more) return QF_OK;
    for (more = !qf_qasm_sees(p, ")"); more;) {
        value v;
        QF_TRY(qf_qasm_expression(p, 0, &v, error));
        QF_TRY(qf_grow_array(&p->arguments, &p->argument_capacity, p->argument_count + 1,
                             sizeof *p->arguments, error));
        p->arguments[p->argument_count++] = v.angle;
        QF_TRY(qf_qasm_accept(p, ",", &more, error));
    }
    return qf_qasm_expect(p, ")", error);
}

/* One gate on single qubits, expanded. */
static qf_status emit(parser *p, const definition *d, const size_t *wires, qf_error *error) {
    qf_circuit *c = p->target->circuit;
    const bool native = d->kind != QF_GATE_KINDS;
    const size_t first = c->gate_count, added = native ? 1 : d->body.gate_count;
    p->gates += added;
    p->work += added + 1 + (native ? 0 : d->body.expressions.count);
    if (p->gates > QF_MAX_GATES || p->work > MAX_WORK) {
        return qf_fail(error, QF_DATA, "the circuit expands to too much: at most %d gates",
                       QF_MAX_GATES);
    }
    if (native) {
        QF_TRY(qf_circuit_add(c, d->kind, wires, p->arguments, error));
    } else {
        QF_TRY(qf_angles_append(p->target, &d->body, wires, p->arguments, error));
    }
    for (size_t g = first; g < c->gate_count; g++) {
        for (size_t i = 0; i < qf_gate_form_of(c->gates[g].kind)->angles; i++) {
            p->length += qf_angles_operations(p->target, &c->gates[g].angles[i]);
        }
    }
    if (p->length <= MAX_LENGTH) return QF_OK;
    return qf_fail(error, QF_DATA, "the angles are too long: at most %d operations together",
                   MAX_LENGTH);
}

static qf_status check_wires(const parser *p, const operand *operands, const size_t *wires,
                             size_t count, qf_error *error) {
    uint64_t seen = 0;
    for (size_t i = 0; i < count; i++) {
        const uint64_t bit = (uint64_t)1 << wires[i];
        if (seen & bit) return qf_qasm_fail(&operands[i].at, error, "the qubit stands twice");
        if (!p->scope && p->measured & bit) {
            return qf_qasm_fail(&operands[i].at, error,
                                "a gate after measurement: qubits are measured at the end");
        }
        seen |= bit;
    }
    return QF_OK;
}

/* On single qubits, or along registers of one size. */
static qf_status apply(parser *p, const qf_qasm_token *name, const definition *d,
                       const operand *operands, qf_error *error) {
    size_t count = 0, wires[QF_MAX_WIRES];
    for (size_t i = 0; i < d->wires; i++) {
        if (!operands[i].is_register) continue;
        if (count && operands[i].count != count) {
            return qf_qasm_fail(&operands[i].at, error, "registers of %zu and %zu qubits", count,
                                operands[i].count);
        }
        count = operands[i].count;
    }
    for (size_t k = 0; k < (count ? count : 1); k++) {
        for (size_t i = 0; i < d->wires; i++) {
            wires[i] = operands[i].first + (operands[i].is_register ? k : 0);
        }
        QF_TRY(check_wires(p, operands, wires, d->wires, error));
        QF_TRY(qf_qasm_at(name, emit(p, d, wires, error), error));
    }
    return QF_OK;
}

static qf_status no_gate(const qf_qasm_token *name, qf_error *error) {
    const qf_qasm_gate *gate;
    for (size_t i = 0; (gate = qf_qasm_gate_at(i)); i++) {
        if (!qf_qasm_is(name, gate->name)) continue;
        return qf_qasm_fail(
            name, error, "%s is not defined: is the include of %s missing?", gate->name,
            gate->sets & QF_QASM_QELIB1 ? "qelib1.inc or stdgates.inc" : "stdgates.inc");
    }
    return qf_qasm_fail(name, error, "there is no gate or statement \"%.*s\"", (int)name->length,
                        name->text);
}

static qf_status parse_gate_call(parser *p, qf_error *error) {
    const qf_qasm_token name = p->token;
    const symbol *s = qf_qasm_find(p, &name);
    if (!s || s->kind != QF_QASM_GATE) return no_gate(&name, error);
    const definition d = p->definitions[s->definition];
    operand operands[QF_MAX_WIRES];
    size_t count = 0;
    QF_TRY(qf_qasm_advance(p, error));
    QF_TRY(parse_arguments(p, error));
    for (bool more = true; more;) {
        if (count == QF_MAX_WIRES) return qf_qasm_unexpected(p, "fewer qubits", error);
        QF_TRY(parse_operand(p, QF_QASM_QUBITS, &operands[count++], error));
        QF_TRY(qf_qasm_accept(p, ",", &more, error));
    }
    if (p->argument_count != d.parameters || count != d.wires) {
        return qf_qasm_fail(&name, error, "%.*s takes %zu angles and %zu qubits, got %zu and %zu",
                            (int)name.length, name.text, d.parameters, d.wires, p->argument_count,
                            count);
    }
    QF_TRY(apply(p, &name, &d, operands, error));
    return qf_qasm_expect(p, ";", error);
}

/* A phase of the whole state, as no gate here is controlled from outside: nothing to keep. */
static qf_status parse_gphase(parser *p, qf_error *error) {
    const qf_qasm_token name = p->token;
    QF_TRY(qf_qasm_advance(p, error));
    QF_TRY(parse_arguments(p, error));
    if (p->argument_count != 1) return qf_qasm_fail(&name, error, "gphase takes 1 angle");
    return qf_qasm_expect(p, ";", error);
}

/* ---- Gate definitions ---- */

static qf_status parse_statement(parser *p, qf_error *error);

/* Names with commas, as parameters or qubits. */
static qf_status parse_formals(parser *p, qf_qasm_symbol_kind kind, size_t *count,
                               qf_error *error) {
    for (bool more = true; more; ++*count) {
        qf_qasm_token name;
        symbol s = {.kind = kind, .first = *count, .count = 1};
        if (kind == QF_QASM_VALUE) s.value.angle = qf_angle_weight(*count);
        QF_TRY(qf_qasm_take_name(p, "a name", &name, error));
        QF_TRY(qf_qasm_declare(p, &name, s, error));
        QF_TRY(qf_qasm_accept(p, ",", &more, error));
    }
    return QF_OK;
}

static qf_status parse_signature(parser *p, definition *d, qf_error *error) {
    bool parenthesis;
    QF_TRY(qf_qasm_accept(p, "(", &parenthesis, error));
    if (parenthesis) {
        if (!qf_qasm_sees(p, ")")) QF_TRY(parse_formals(p, QF_QASM_VALUE, &d->parameters, error));
        QF_TRY(qf_qasm_expect(p, ")", error));
    }
    const qf_qasm_token token = p->token;
    QF_TRY(parse_formals(p, QF_QASM_QUBITS, &d->wires, error));
    if (d->wires <= QF_MAX_WIRES) return QF_OK;
    return qf_qasm_fail(&token, error, "more than %d qubits", QF_MAX_WIRES);
}

static qf_status parse_body(parser *p, definition *d, qf_error *error) {
    QF_TRY(parse_signature(p, d, error));
    QF_TRY(qf_circuit_new(&d->body, d->wires, 0, d->parameters, error));
    QF_TRY(qf_qasm_expect(p, "{", error));
    while (!qf_qasm_sees(p, "}")) {
        if (p->token.kind == QF_QASM_END) return qf_qasm_unexpected(p, "\"}\"", error);
        QF_TRY(parse_statement(p, error));
    }
    return QF_OK;
}

/* From the parameters to the closing brace. On failure the caller frees the body as well. */
static qf_status parse_definition(parser *p, definition *d, qf_error *error) {
    qf_angles body = {.circuit = &d->body};
    *d = (definition){.kind = QF_GATE_KINDS};
    p->scope = p->symbol_count;
    p->target = &body;
    const qf_status status = parse_body(p, d, error);
    qf_qasm_forget(p, p->scope);
    p->scope = 0;
    p->target = &p->main;
    free(body.extents);
    return status;
}

/* A gate by the definition that comes with it. */
static qf_status parse_known(parser *p, const qf_qasm_gate *gate, definition *d, qf_error *error) {
    const qf_qasm_lexer lexer = p->lexer;
    const qf_qasm_token token = p->token;
    p->lexer = (qf_qasm_lexer){gate->definition, 1, 1};
    *d = (definition){0};
    qf_status status = QF_OK; /* up to and past "gate" and the name */
    for (size_t i = 0; i < 3 && status == QF_OK; i++) status = qf_qasm_advance(p, error);
    if (status == QF_OK) status = parse_definition(p, d, error);
    p->lexer = lexer;
    p->token = token;
    return status;
}

static qf_status add_definition(parser *p, const definition *d, const qf_qasm_token *name,
                                bool common, qf_error *error) {
    QF_TRY(qf_grow_array(&p->definitions, &p->definition_capacity, p->definition_count + 1,
                         sizeof *p->definitions, error));
    const symbol s = {.kind = QF_QASM_GATE, .definition = p->definition_count, .common = common};
    QF_TRY(qf_qasm_declare(p, name, s, error));
    p->definitions[p->definition_count++] = *d;
    return QF_OK;
}

static bool same_angle(const qf_angle *a, const qf_angle *b) {
    return a->source == b->source && a->index == b->index && a->scale == b->scale &&
           a->offset == b->offset;
}

static bool same_body(const qf_circuit *a, const qf_circuit *b) {
    if (a->wires != b->wires || a->weights != b->weights || a->gate_count != b->gate_count ||
        a->expressions.count != b->expressions.count) {
        return false;
    }
    for (size_t i = 0; i < a->expressions.count; i++) {
        const qf_term *s = &a->expressions.items[i], *t = &b->expressions.items[i];
        if (s->operation != t->operation || s->left != t->left || s->right != t->right ||
            s->value != t->value) {
            return false;
        }
    }
    for (size_t g = 0; g < a->gate_count; g++) {
        const qf_gate *s = &a->gates[g], *t = &b->gates[g];
        if (s->kind != t->kind || memcmp(s->wires, t->wires, sizeof s->wires) != 0) return false;
        for (size_t i = 0; i < qf_gate_form_of(s->kind)->angles; i++) {
            if (!same_angle(&s->angles[i], &t->angles[i])) return false;
        }
    }
    return true;
}

/* A definition that says what the gate of this name does anyway becomes that gate, so that what
 * was written here is read as it was. */
static qf_status recognise(parser *p, const qf_qasm_token *name, definition *d, qf_error *error) {
    const qf_qasm_gate *gate;
    for (size_t i = 0; (gate = qf_qasm_gate_at(i)); i++) {
        if (!gate->definition || gate->kind == QF_GATE_KINDS || !qf_qasm_is(name, gate->name)) {
            continue;
        }
        definition known;
        const qf_status status = parse_known(p, gate, &known, error);
        if (status == QF_OK && same_body(&known.body, &d->body)) d->kind = gate->kind;
        qf_circuit_free(&known.body);
        return status;
    }
    return QF_OK;
}

static qf_status finish_gate(parser *p, const qf_qasm_token *name, definition *d, qf_error *error) {
    QF_TRY(qf_qasm_expect(p, "}", error));
    if (p->includes) QF_TRY(recognise(p, name, d, error));
    return add_definition(p, d, name, false, error);
}

static qf_status parse_gate(parser *p, qf_error *error) {
    qf_qasm_token name;
    definition d;
    QF_TRY(qf_qasm_advance(p, error));
    QF_TRY(qf_qasm_take_name(p, "a name", &name, error));
    QF_TRY(qf_qasm_check_free(p, &name, error));
    qf_status status = parse_definition(p, &d, error);
    if (status == QF_OK) status = finish_gate(p, &name, &d, error);
    if (status != QF_OK) qf_circuit_free(&d.body);
    p->defines = true;
    return status;
}

/* ---- Files that are known ---- */

static qf_status add_known(parser *p, const qf_qasm_gate *gate, bool common, qf_error *error) {
    const qf_qasm_token name = {.kind = QF_QASM_NAME,
                                .text = gate->name,
                                .length = strlen(gate->name),
                                .line = p->token.line,
                                .column = p->token.column};
    definition d = {.kind = gate->kind};
    if (qf_qasm_find(p, &name) && qf_qasm_find(p, &name)->kind == QF_QASM_GATE) return QF_OK;
    if (qf_qasm_find(p, &name) && common) return QF_OK;
    if (d.kind == QF_GATE_KINDS) {
        const qf_status status = parse_known(p, gate, &d, error);
        if (status != QF_OK) {
            qf_circuit_free(&d.body);
            if (status != QF_DATA || common) return status == QF_DATA ? QF_OK : status;
            return qf_qasm_fail(&name, error, "%s needs a gate whose name stands for another thing",
                                gate->name);
        }
    } else {
        d.wires = qf_gate_form_of(d.kind)->wires;
        d.parameters = qf_gate_form_of(d.kind)->angles;
    }
    const qf_status status = add_definition(p, &d, &name, common, error);
    if (status != QF_OK) qf_circuit_free(&d.body);
    return status;
}

static qf_status add_set(parser *p, unsigned set, bool common, qf_error *error) {
    const qf_qasm_gate *gate;
    for (size_t i = 0; (gate = qf_qasm_gate_at(i)); i++) {
        const bool within = gate->sets & set;
        if (within || common) QF_TRY(add_known(p, gate, !within, error));
    }
    return QF_OK;
}

static qf_status parse_include(parser *p, qf_error *error) {
    static const struct {
        const char *name;
        unsigned set;
    } files[] = {{"qelib1.inc", QF_QASM_QELIB1}, {"stdgates.inc", QF_QASM_STDGATES}};
    const qf_qasm_token token = p->token;
    QF_TRY(qf_qasm_advance(p, error));
    if (p->token.kind != QF_QASM_STRING) return qf_qasm_unexpected(p, "the name of a file", error);
    unsigned set = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const size_t length = strlen(files[i].name);
        if (p->token.length == length && memcmp(p->token.text, files[i].name, length) == 0) {
            set = files[i].set;
        }
    }
    if (!set) {
        return qf_qasm_fail(&p->token, error, "only qelib1.inc and stdgates.inc can be included");
    }
    if (p->defines) return qf_qasm_fail(&token, error, "include comes before definitions of gates");
    p->includes = true;
    QF_TRY(add_set(p, set, true, error));
    QF_TRY(qf_qasm_advance(p, error));
    return qf_qasm_expect(p, ";", error);
}

/* ---- Measurement ---- */

static qf_status record(parser *p, const operand *qubits, const operand *bits, qf_error *error) {
    if (bits && bits->count != qubits->count) {
        return qf_qasm_fail(&bits->at, error, "%zu qubits are measured into %zu bits",
                            qubits->count, bits->count);
    }
    for (size_t k = 0; k < qubits->count; k++) {
        const size_t wire = qubits->first + k;
        if (p->measured >> wire & 1) {
            return qf_qasm_fail(&qubits->at, error, "the qubit has been measured already");
        }
        p->measured |= (uint64_t)1 << wire;
        if (!bits) continue;
        for (size_t i = 0; i < p->result_count; i++) {
            if (p->results[i].bit != bits->first + k) continue;
            return qf_qasm_fail(&bits->at, error, "the bit has been written already");
        }
        p->results[p->result_count++] = (result){bits->first + k, wire};
    }
    return QF_OK;
}

/* "measure q", "measure q -> c" where no bits are given. */
static qf_status parse_measure(parser *p, const operand *bits, qf_error *error) {
    operand qubits, target;
    bool arrow = p->version == QF_QASM_VERSION_2;
    QF_TRY(qf_qasm_expect(p, "measure", error));
    QF_TRY(parse_operand(p, QF_QASM_QUBITS, &qubits, error));
    if (!bits && (arrow || qf_qasm_sees(p, "->"))) {
        QF_TRY(qf_qasm_expect(p, "->", error));
        QF_TRY(parse_operand(p, QF_QASM_BITS, &target, error));
        bits = &target;
    }
    QF_TRY(record(p, &qubits, bits, error));
    return qf_qasm_expect(p, ";", error);
}

static qf_status parse_measurement(parser *p, qf_error *error) {
    return parse_measure(p, NULL, error);
}

/* "c = measure q" */
static qf_status parse_assignment(parser *p, qf_error *error) {
    operand bits;
    QF_TRY(parse_operand(p, QF_QASM_BITS, &bits, error));
    QF_TRY(qf_qasm_expect(p, "=", error));
    return parse_measure(p, &bits, error);
}

/* ---- Statements ---- */

typedef struct statement {
    const char *word;
    unsigned versions;
    bool within_gates;
    qf_status (*parse)(parser *p, qf_error *error);
} statement;

static const statement statements[] = {
    {"include", QF_QASM_VERSIONS, false, parse_include},
    {"qreg", QF_QASM_VERSIONS, false, parse_qubits},
    {"creg", QF_QASM_VERSIONS, false, parse_bits},
    {"qubit", QF_QASM_VERSION_3, false, parse_qubits},
    {"bit", QF_QASM_VERSION_3, false, parse_bits},
    {"input", QF_QASM_VERSION_3, false, parse_input},
    {"const", QF_QASM_VERSION_3, false, parse_const},
    {"gate", QF_QASM_VERSIONS, false, parse_gate},
    {"measure", QF_QASM_VERSIONS, false, parse_measurement},
    {"barrier", QF_QASM_VERSIONS, true, parse_barrier},
    {"gphase", QF_QASM_VERSION_3, true, parse_gphase},
};

typedef struct refusal {
    const char *what;
    unsigned versions;
    const char *words[12];
} refusal;

static const refusal refusals[] = {
    {"control flow", QF_QASM_VERSIONS, {"if"}},
    {"reset", QF_QASM_VERSIONS, {"reset"}},
    {"a gate without definition", QF_QASM_VERSION_2, {"opaque"}},
    {"control flow",
     QF_QASM_VERSION_3,
     {"else", "for", "while", "switch", "case", "default", "break", "continue", "return", "end"}},
    {"a gate modifier", QF_QASM_VERSION_3, {"ctrl", "negctrl", "inv", "pow"}},
    {"timing", QF_QASM_VERSION_3, {"delay", "box", "duration", "stretch", "nop"}},
    {"calibration", QF_QASM_VERSION_3, {"cal", "defcal", "defcalgrammar"}},
    {"a subroutine", QF_QASM_VERSION_3, {"def", "extern"}},
    {"a pragma", QF_QASM_VERSION_3, {"pragma"}},
    {"an array", QF_QASM_VERSION_3, {"array"}},
    {"an alias", QF_QASM_VERSION_3, {"let"}},
    {"a variable (only inputs and constants are)",
     QF_QASM_VERSION_3,
     {"float", "angle", "int", "uint", "bool", "complex", "output", "readonly", "mutable"}},
};

static qf_status refuse(const parser *p, qf_error *error) {
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const refusal *r = &refusals[i];
        for (size_t k = 0; k < sizeof r->words / sizeof *r->words && r->words[k]; k++) {
            if (!(r->versions & p->version) || !qf_qasm_sees(p, r->words[k])) continue;
            return qf_qasm_fail(&p->token, error, "\"%s\": %s is not supported", r->words[k],
                                r->what);
        }
    }
    return QF_OK;
}

static qf_status parse_statement(parser *p, qf_error *error) {
    if (p->token.kind != QF_QASM_NAME) return qf_qasm_unexpected(p, "a statement", error);
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        const statement *s = &statements[i];
        if (!(s->versions & p->version) || !qf_qasm_sees(p, s->word)) continue;
        if (!p->scope || s->within_gates) return s->parse(p, error);
        return qf_qasm_fail(&p->token, error, "\"%s\" does not stand in a gate definition",
                            s->word);
    }
    QF_TRY(refuse(p, error));
    const symbol *s = qf_qasm_find(p, &p->token);
    if (s && s->kind == QF_QASM_BITS && !p->scope && p->version == QF_QASM_VERSION_3) {
        return parse_assignment(p, error);
    }
    return parse_gate_call(p, error);
}

/* "OPENQASM 2.0;"; without it, version 3. */
static qf_status parse_version(parser *p, qf_error *error) {
    static const struct {
        const char *text;
        unsigned version;
    } versions[] = {{"2.0", QF_QASM_VERSION_2},
                    {"2", QF_QASM_VERSION_2},
                    {"3.0", QF_QASM_VERSION_3},
                    {"3.1", QF_QASM_VERSION_3},
                    {"3", QF_QASM_VERSION_3}};
    p->version = QF_QASM_VERSION_3;
    if (!qf_qasm_sees(p, "OPENQASM")) return QF_OK;
    QF_TRY(qf_qasm_advance(p, error));
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        const size_t length = strlen(versions[i].text);
        if (p->token.kind == QF_QASM_STRING || p->token.length != length ||
            memcmp(p->token.text, versions[i].text, length) != 0) {
            continue;
        }
        p->version = versions[i].version;
        QF_TRY(qf_qasm_advance(p, error));
        return qf_qasm_expect(p, ";", error);
    }
    return qf_qasm_unexpected(p, "version 2.0 or 3.0", error);
}

static qf_status declare_constants(parser *p, qf_error *error) {
    static const struct {
        const char *name;
        unsigned versions;
        double value;
    } constants[] = {
        {"pi", QF_QASM_VERSIONS, 3.14159265358979323846},
        {"π", QF_QASM_VERSION_3, 3.14159265358979323846},
        {"tau", QF_QASM_VERSION_3, 6.28318530717958647693},
        {"τ", QF_QASM_VERSION_3, 6.28318530717958647693},
        {"euler", QF_QASM_VERSION_3, 2.71828182845904523536},
        {"ℇ", QF_QASM_VERSION_3, 2.71828182845904523536},
    };
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
        if (!(constants[i].versions & p->version)) continue;
        const qf_qasm_token name = {
            .kind = QF_QASM_NAME, .text = constants[i].name, .length = strlen(constants[i].name)};
        symbol s = {.kind = QF_QASM_VALUE};
        s.value.angle = qf_angle_constant(constants[i].value);
        QF_TRY(qf_qasm_declare(p, &name, s, error));
    }
    return QF_OK;
}

static int by_bit(const void *a, const void *b) {
    const size_t s = ((const result *)a)->bit, t = ((const result *)b)->bit;
    return (s > t) - (s < t);
}

static qf_status measure(parser *p, qf_error *error) {
    qf_circuit *c = p->main.circuit;
    if (p->options->measure) return qf_circuit_measure_text(c, p->options->measure, error);
    qsort(p->results, p->result_count, sizeof *p->results, by_bit);
    for (size_t i = 0; i < p->result_count; i++) {
        QF_TRY(qf_circuit_measure_z(c, p->results[i].wire, error));
    }
    for (size_t wire = 0; wire < c->wires && p->result_count == 0; wire++) {
        QF_TRY(qf_circuit_measure_z(c, wire, error));
    }
    return QF_OK;
}

static qf_status parse_program(parser *p, const char *end, qf_error *error) {
    qf_circuit *c = p->main.circuit;
    QF_TRY(qf_qasm_advance(p, error));
    QF_TRY(parse_version(p, error));
    QF_TRY(declare_constants(p, error));
    QF_TRY(add_set(p, p->version == QF_QASM_VERSION_2 ? QF_QASM_BUILTIN2 : QF_QASM_BUILTIN3, false,
                   error));
    while (p->token.kind != QF_QASM_END) QF_TRY(parse_statement(p, error));
    if (p->token.text != end) return qf_qasm_fail(&p->token, error, "unexpected byte 0x00");
    if (c->wires == 0) return qf_qasm_fail(&p->token, error, "there are no qubits");
    if (p->options->features && !p->matches && c->weights) {
        return qf_fail(error, QF_USAGE, "no input of the circuit matches \"%s\"",
                       p->options->features);
    }
    return measure(p, error);
}

static void free_parser(parser *p) {
    for (size_t i = 0; i < p->definition_count; i++) qf_circuit_free(&p->definitions[i].body);
    free(p->definitions);
    free(p->symbols);
    free(p->arguments);
    free(p->main.extents);
    free(p);
}

qf_status qf_qasm_read(const char *text, size_t length, const qf_qasm_read_options *options,
                       qf_circuit *circuit, qf_error *error) {
    *circuit = (qf_circuit){0};
    parser *p = qf_new_array(1, sizeof *p, error);
    char *copy = qf_new_array(length + 1, 1, error); /* ends with a zero byte */
    qf_status status = p && copy ? QF_OK : QF_MEMORY;
    if (status == QF_OK) {
        if (length) memcpy(copy, text, length);
        p->options = options;
        p->lexer = (qf_qasm_lexer){copy, 1, 1};
        p->main.circuit = circuit;
        p->target = &p->main;
        status = parse_program(p, copy + length, error);
    }
    if (p) free_parser(p);
    free(copy);
    if (status != QF_OK) qf_circuit_free(circuit);
    return status;
}
