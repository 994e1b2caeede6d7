/* The command line: one table of options a tool makes its parser, --help, man page and completion,
 * and its arguments in the provenance. */
#ifndef QF_CLI_CLI_H
#define QF_CLI_CLI_H

#include "base/run.h"
#include "stream/session.h"

typedef enum qf_option_kind {
    QF_OPTION_FLAG,    /* bool */
    QF_OPTION_TEXT,    /* const char * */
    QF_OPTION_FILE,    /* const char *; enters provenance by its base name */
    QF_OPTION_INTEGER, /* int64_t */
    QF_OPTION_REAL,    /* double */
    QF_OPTION_CHOICE,  /* int, the index into `choices` */
    QF_OPTION_LIST,    /* qf_texts; may be given more than once */
} qf_option_kind;

typedef struct qf_texts {
    const char **items;
    size_t count, capacity;
} qf_texts;

typedef struct qf_option {
    const char *name; /* long name without dashes */
    qf_option_kind kind;
    size_t offset;           /* of the member in the tool's option struct */
    const char *argument;    /* "N", "FILE"; NULL for a flag */
    const char *help;        /* a sentence without full stop: what it does, units, range */
    const char *initial;     /* the default as the user would type it, or NULL for none (0, NULL) */
    double minimum, maximum; /* inclusive, of integers and reals; both 0: any */
    const char *const *choices; /* NULL-terminated, of QF_OPTION_CHOICE */
    bool local;                 /* does not influence the output: stays out of provenance */
} qf_option;

/* What a tool has besides its own options. */
enum {
    QF_TOOL_SEED = 1,    /* --seed N (default 1), in cli->seed and in the provenance */
    QF_TOOL_THREADS = 2, /* --threads N (default: all processors), in cli->run */
};

typedef struct qf_example {
    const char *command;
    const char *what; /* a sentence */
} qf_example;

typedef struct qf_tool {
    const char *name;        /* "qf-split" */
    const char *summary;     /* one line, lower case, no full stop: for --help, NAME and apropos */
    const char *description; /* paragraphs, separated by an empty line */
    const char *operands;    /* "[FILE ...]", or NULL when the tool takes none */
    size_t max_operands;
    const qf_option *options;
    size_t option_count;
    const qf_option *shared; /* [shared_count] options that several tools have, listed after its
                              * own; their struct is the first member of the tool's */
    size_t shared_count;
    unsigned features;
    const qf_example *examples; /* [example_count], at least two */
    size_t example_count;
} qf_tool;

/* A tool's own options and those that it shares, by number. */
size_t qf_tool_option_count(const qf_tool *tool);
const qf_option *qf_tool_option(const qf_tool *tool, size_t index);

typedef struct qf_cli {
    const qf_tool *tool;
    qf_run run;         /* threads, SIMD level, progress */
    qf_session session; /* this run's provenance; pass it to readers and writers */
    double lap_start;   /* of qf_cli_lap: seconds on the monotonic clock */
    uint64_t seed;
    const char **operands;
    size_t operand_count;
    bool quiet, verbose;
} qf_cli;

/* The tool's work. QF_VERDICT ends with exit code 1 without a message. */
typedef qf_status qf_tool_run(qf_cli *cli, void *options, qf_error *error);

/* The whole main(): parses into `options` (the tool's zeroed struct), answers --help and the like,
 * runs the tool, prints an error as one line and returns the exit code. */
int qf_cli_main(const qf_tool *tool, int argc, char **argv, void *options, qf_tool_run *run);

/* The file that a tool of one operand reads, or NULL: standard input. */
const char *qf_cli_input(const qf_cli *cli);
/* Whether the user gave the option, rather than its default standing. */
bool qf_cli_given(const qf_cli *cli, const char *option);
/* QF_USAGE, "--NAME why", for the first of names[], NULL-terminated, that was given. */
qf_status qf_cli_refuse(const qf_cli *cli, const char *const *names, const char *why,
                        qf_error *error);
/* "qf-x: warning: ..." on standard error, unless --quiet. */
__attribute__((format(printf, 2, 3))) void qf_cli_warn(const qf_cli *cli, const char *format, ...);
/* "qf-x: ..." on standard error, only with --verbose. */
__attribute__((format(printf, 2, 3))) void qf_cli_tell(const qf_cli *cli, const char *format, ...);
/* Seconds since the last lap, or the start: to tell where the time went. */
double qf_cli_lap(qf_cli *cli);

#endif
