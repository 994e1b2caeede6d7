/* Words of OpenQASM 2 and 3, with where they stand. */
#ifndef QF_QUANTUM_QASM_LEXER_H
#define QF_QUANTUM_QASM_LEXER_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum qf_qasm_token_kind {
    QF_QASM_END,
    QF_QASM_NAME, /* keywords too */
    QF_QASM_INTEGER,
    QF_QASM_REAL,
    QF_QASM_STRING, /* its text is without the quotes */
    QF_QASM_SYMBOL, /* "->", "**", or one character */
} qf_qasm_token_kind;

typedef struct qf_qasm_token {
    qf_qasm_token_kind kind;
    const char *text; /* within the source, not terminated */
    size_t length;
    size_t line, column; /* from 1; columns are characters */
    double value;        /* of a number */
} qf_qasm_token;

/* Where to read on; `at` ends with a zero byte. Begin with line and column 1. */
typedef struct qf_qasm_lexer {
    const char *at;
    size_t line, column;
} qf_qasm_lexer;

/* The next token; after the last one QF_QASM_END, again and again. Comments and blanks are skipped.
 * QF_DATA for what is no token: a malformed number, a string or comment without an end, a letter
 * that is not Latin, Greek or Cyrillic, a name of more than 255 bytes. */
qf_status qf_qasm_next(qf_qasm_lexer *lexer, qf_qasm_token *token, qf_error *error);

/* Whether a token is this very name or symbol. */
bool qf_qasm_is(const qf_qasm_token *token, const char *text);

/* Puts "line L, column C" before the message where `status` is QF_DATA; returns it. */
qf_status qf_qasm_at(const qf_qasm_token *token, qf_status status, qf_error *error);

#endif
