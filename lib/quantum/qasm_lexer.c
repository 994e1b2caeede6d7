#include "quantum/qasm_lexer.h"

#include "base/number.h"
#include "base/utf8.h"

#include <string.h>

enum { LONGEST_NAME = 255 };

bool qf_qasm_is(const qf_qasm_token *token, const char *text) {
    return (token->kind == QF_QASM_NAME || token->kind == QF_QASM_SYMBOL) &&
           token->length == strlen(text) && memcmp(token->text, text, token->length) == 0;
}

qf_status qf_qasm_at(const qf_qasm_token *token, qf_status status, qf_error *error) {
    if (status != QF_DATA) return status;
    return qf_error_context(error, "line %zu, column %zu", token->line, token->column);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* The length of the letter (or, but for the first, digit) at `text`, or 0. */
static size_t name_part(const char *text, bool first) {
    static const unsigned letters[][2] = {{0xc0, 0xd6},   {0xd8, 0xf6},   {0xf8, 0x24f},
                                          {0x370, 0x373}, {0x388, 0x52f}, {0x2107, 0x2107}};
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char lower = *at | 0x20;
    if ((lower >= 'a' && lower <= 'z') || *at == '_') return 1;
    if (*at < 0x80) return !first && is_digit(*text);
    const size_t length = qf_utf8_length(at);
    unsigned point = 0;
    if (length == 2) point = (at[0] & 0x1fu) << 6 | (at[1] & 0x3fu);
    if (length == 3) point = (at[0] & 0xfu) << 12 | (at[1] & 0x3fu) << 6 | (at[2] & 0x3fu);
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        if (point >= letters[i][0] && point <= letters[i][1]) return length;
    }
    return 0;
}

/* Past one character, of however many bytes. */
static void step(qf_qasm_lexer *lexer) {
    const size_t length = qf_utf8_length((const unsigned char *)lexer->at);
    if (*lexer->at == '\n') {
        lexer->line++;
        lexer->column = 1;
    } else {
        lexer->column++;
    }
    lexer->at += length ? length : 1;
}

static void steps(qf_qasm_lexer *lexer, size_t count) {
    while (count-- > 0) step(lexer);
}

static qf_status skip_blanks(qf_qasm_lexer *lexer, qf_error *error) {
    for (;;) {
        if (*lexer->at && strchr(" \t\r\n", *lexer->at)) {
            step(lexer);
        } else if (strncmp(lexer->at, "//", 2) == 0) {
            while (*lexer->at && *lexer->at != '\n') step(lexer);
        } else if (strncmp(lexer->at, "/*", 2) == 0) {
            const qf_qasm_token begin = {.line = lexer->line, .column = lexer->column};
            steps(lexer, 2);
            while (*lexer->at && strncmp(lexer->at, "*/", 2) != 0) step(lexer);
            if (!*lexer->at) {
                return qf_qasm_at(&begin, qf_fail(error, QF_DATA, "the comment has no end"), error);
            }
            steps(lexer, 2);
        } else {
            return QF_OK;
        }
    }
}

static qf_status read_name(qf_qasm_lexer *lexer, qf_qasm_token *token, qf_error *error) {
    token->kind = QF_QASM_NAME;
    while (name_part(lexer->at, lexer->at == token->text)) step(lexer);
    token->length = (size_t)(lexer->at - token->text);
    if (token->length <= LONGEST_NAME) return QF_OK;
    return qf_fail(error, QF_DATA, "a name has at most %d bytes, this one %zu", LONGEST_NAME,
                   token->length);
}

static void skip_digits(qf_qasm_lexer *lexer) {
    while (is_digit(*lexer->at)) step(lexer);
}

static qf_status read_number(qf_qasm_lexer *lexer, qf_qasm_token *token, qf_error *error) {
    token->kind = QF_QASM_INTEGER;
    skip_digits(lexer);
    if (*lexer->at == '.') {
        token->kind = QF_QASM_REAL;
        step(lexer);
        skip_digits(lexer);
    }
    if (*lexer->at == 'e' || *lexer->at == 'E') {
        token->kind = QF_QASM_REAL;
        step(lexer);
        if (*lexer->at == '+' || *lexer->at == '-') step(lexer);
        skip_digits(lexer);
    }
    token->length = (size_t)(lexer->at - token->text);
    const qf_number_kind kind = qf_parse_double(token->text, token->length, &token->value);
    if (kind == QF_NUMBER_NOT_FINITE) {
        return qf_fail(error, QF_DATA, "the number is beyond the range of a double");
    }
    if (kind != QF_NUMBER_VALID || name_part(lexer->at, true)) {
        return qf_fail(error, QF_DATA,
                       "expected a decimal number (no duration, no hexadecimal, no \"_\")");
    }
    return QF_OK;
}

static qf_status read_string(qf_qasm_lexer *lexer, qf_qasm_token *token, qf_error *error) {
    token->kind = QF_QASM_STRING;
    token->text++;
    step(lexer);
    while (*lexer->at && !strchr("\"\n", *lexer->at)) step(lexer);
    token->length = (size_t)(lexer->at - token->text);
    if (*lexer->at != '"') return qf_fail(error, QF_DATA, "the string has no end");
    step(lexer);
    return QF_OK;
}

static qf_status read_symbol(qf_qasm_lexer *lexer, qf_qasm_token *token, qf_error *error) {
    const unsigned char byte = (unsigned char)*lexer->at;
    if (byte <= ' ' || byte >= 0x7f) {
        return qf_fail(error, QF_DATA, "unexpected byte 0x%02x", byte);
    }
    token->kind = QF_QASM_SYMBOL;
    const bool two = strncmp(lexer->at, "->", 2) == 0 || strncmp(lexer->at, "**", 2) == 0;
    token->length = two ? 2 : 1;
    steps(lexer, token->length);
    return QF_OK;
}

static qf_status read_token(qf_qasm_lexer *lexer, qf_qasm_token *token, qf_error *error) {
    const char *at = lexer->at;
    if (name_part(at, true)) return read_name(lexer, token, error);
    if (is_digit(*at) || (*at == '.' && is_digit(at[1]))) return read_number(lexer, token, error);
    if (*at == '"') return read_string(lexer, token, error);
    return *at ? read_symbol(lexer, token, error) : QF_OK;
}

qf_status qf_qasm_next(qf_qasm_lexer *lexer, qf_qasm_token *token, qf_error *error) {
    QF_TRY(skip_blanks(lexer, error));
    *token = (qf_qasm_token){
        .kind = QF_QASM_END, .text = lexer->at, .line = lexer->line, .column = lexer->column};
    return qf_qasm_at(token, read_token(lexer, token, error), error);
}
