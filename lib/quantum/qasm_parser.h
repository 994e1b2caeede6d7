/* What the parts of the reader of OpenQASM share: the program's tokens and names, and expressions.
 * Functions fail with QF_DATA, line and column. */
#ifndef QF_QUANTUM_QASM_PARSER_H
#define QF_QUANTUM_QASM_PARSER_H

#include "quantum/angles.h"
#include "quantum/qasm_lexer.h"
#include "quantum/qasm_read.h"

#include <stdint.h>

enum {
    QF_QASM_BUCKETS = 4096,
    QF_QASM_VERSION_2 = 1,
    QF_QASM_VERSION_3 = 2,
    QF_QASM_VERSIONS = QF_QASM_VERSION_2 | QF_QASM_VERSION_3,
};

typedef struct qf_qasm_value {
    qf_angle angle;
    bool whole; /* an integer to OpenQASM 3 */
} qf_qasm_value;

typedef enum qf_qasm_symbol_kind {
    QF_QASM_VALUE,
    QF_QASM_QUBITS,
    QF_QASM_BITS,
    QF_QASM_GATE
} qf_qasm_symbol_kind;

typedef struct qf_qasm_symbol {
    const char *name;
    size_t length;
    qf_qasm_symbol_kind kind;
    qf_qasm_value value;
    size_t first, count; /* of a register, or a qubit of a gate definition */
    bool is_register;    /* declared with a size */
    size_t definition;   /* of a gate */
    bool common;         /* a gate that may be defined anew */
    size_t next;         /* in its bucket, counted from 1 */
} qf_qasm_symbol;

typedef struct qf_qasm_definition {
    size_t parameters, wires;
    qf_gate_kind kind; /* QF_GATE_KINDS: the body */
    qf_circuit body;   /* its weights are the parameters */
} qf_qasm_definition;

typedef struct qf_qasm_result {
    size_t bit, wire;
} qf_qasm_result;

typedef struct qf_qasm_parser {
    const qf_qasm_read_options *options;
    qf_qasm_lexer lexer;
    qf_qasm_token token; /* the one to look at */
    unsigned version;
    size_t symbol_count, symbol_capacity;
    qf_qasm_symbol *symbols;
    size_t buckets[QF_QASM_BUCKETS]; /* the latest symbol of each, counted from 1 */
    size_t scope;                    /* the first symbol of the gate definition at hand, or 0 */
    size_t definition_count, definition_capacity;
    qf_qasm_definition *definitions;
    size_t argument_count, argument_capacity;
    qf_angle *arguments; /* of the gate at hand */
    qf_angles main;
    qf_angles *target; /* what gates are added to: the circuit, or a definition's body */
    size_t gates, work, length, nesting;
    bool includes, defines; /* a file of gates; gates of the program's own */
    bool matches;           /* an input matches the pattern */
    uint64_t measured;
    size_t bits, result_count;
    qf_qasm_result results[QF_MAX_WIRES];
} qf_qasm_parser;

/* Sets the error to "line L, column C: ..." of the token; returns QF_DATA. */
__attribute__((format(printf, 3, 4))) qf_status
qf_qasm_fail(const qf_qasm_token *token, qf_error *error, const char *format, ...);

/* ---- Tokens: the one at hand is p->token ---- */

qf_status qf_qasm_advance(qf_qasm_parser *p, qf_error *error);
bool qf_qasm_sees(const qf_qasm_parser *p, const char *text);
/* Passes `text`, which must stand there. */
qf_status qf_qasm_expect(qf_qasm_parser *p, const char *text, qf_error *error);
/* Passes `text` if it stands there. */
qf_status qf_qasm_accept(qf_qasm_parser *p, const char *text, bool *found, qf_error *error);
/* Passes a name; `what` names it in the message. */
qf_status qf_qasm_take_name(qf_qasm_parser *p, const char *what, qf_qasm_token *name,
                            qf_error *error);
/* "expected EXPECTED, got ..." */
qf_status qf_qasm_unexpected(const qf_qasm_parser *p, const char *expected, qf_error *error);

/* ---- Names ---- */

/* The symbol of a name, NULL if there is none; valid until the next is declared. */
const qf_qasm_symbol *qf_qasm_find(const qf_qasm_parser *p, const qf_qasm_token *name);
/* Whether a name may be declared. Within a gate definition it hides those outside. */
qf_status qf_qasm_check_free(const qf_qasm_parser *p, const qf_qasm_token *name, qf_error *error);
/* The text of the name stays where it is as long as the parser. */
qf_status qf_qasm_declare(qf_qasm_parser *p, const qf_qasm_token *name, qf_qasm_symbol symbol,
                          qf_error *error);
/* Forgets the latest symbols, down to so many. */
void qf_qasm_forget(qf_qasm_parser *p, size_t count);

/* ---- Expressions: parsed into p->target ---- */

/* Operators that bind at least so strongly; 0 for all. */
qf_status qf_qasm_expression(qf_qasm_parser *p, int strength, qf_qasm_value *value,
                             qf_error *error);
qf_status qf_qasm_constant(qf_qasm_parser *p, qf_qasm_value *value, qf_error *error);
qf_status qf_qasm_integer(qf_qasm_parser *p, int64_t minimum, int64_t maximum, int64_t *number,
                          qf_error *error);

#endif
