/* UTF-8, checked (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF). */
#ifndef QF_BASE_UTF8_H
#define QF_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The length of the sequence at `text`, which ends with a zero byte, or 0 where there is none. */
size_t qf_utf8_length(const unsigned char *text);
/* C0, DEL and C1: what a terminal obeys, and what ends a line. */
bool qf_utf8_is_control(const unsigned char *text);
/* Valid and without control characters. */
bool qf_utf8_is_printable(const char *text);

#endif
