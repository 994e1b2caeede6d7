/* UTF-8, checked (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF). */
#ifndef QF_BASE_UTF8_H
#define QF_BASE_UTF8_H

#include <stddef.h>

/* The length of the sequence at `text`, which ends with a zero byte, or 0 where there is none. */
size_t qf_utf8_length(const unsigned char *text);

#endif
