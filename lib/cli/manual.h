/* What is made from a tool's table of options: help text, man page, completion. */
#ifndef QF_CLI_MANUAL_H
#define QF_CLI_MANUAL_H

#include "cli/cli.h"

#include <stdio.h>

/* The options that every tool has, and those that its features add; the parser takes them from here
 * too. */
typedef struct qf_common_option {
    char letter; /* 0: long only */
    qf_option option;
    unsigned feature; /* 0: every tool */
} qf_common_option;

extern const qf_common_option qf_common_options[];
extern const size_t qf_common_option_count;

void qf_manual_help(const qf_tool *tool, FILE *out);
/* mdoc(7), clean under `mandoc -Tlint`. */
void qf_manual_page(const qf_tool *tool, FILE *out);
/* A line an option: "--name", then its choices or the word FILE, separated by blanks. */
void qf_manual_completion(const qf_tool *tool, FILE *out);

#endif
