#include "cli/cli.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "cli/manual.h"

#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef QF_VERSION
#define QF_VERSION "unknown"
#endif

size_t qf_tool_option_count(const qf_tool *tool) {
    return tool->option_count + tool->shared_count;
}

const qf_option *qf_tool_option(const qf_tool *tool, size_t index) {
    return index < tool->option_count ? &tool->options[index]
                                      : &tool->shared[index - tool->option_count];
}

/* Beyond every option's index: what only the build asks for. */
enum { MAN_PAGE = 10000, COMPLETION };

/* A parser's view of one run; `given` has the text of each option as the user wrote it. */
typedef struct parser {
    qf_cli *cli;
    char *options;      /* the tool's struct */
    const char *answer; /* "help", "version", "man" or "completion" instead of work */
    qf_error *error;
} parser;

static size_t common_index(const char *name) {
    size_t i = 0;
    while (strcmp(qf_common_options[i].option.name, name) != 0) i++;
    return i;
}

static qf_status store_number(const qf_option *option, const char *text, void *place,
                              qf_error *error) {
    double value = 0;
    int64_t integer = 0;
    bool valid;
    if (option->kind == QF_OPTION_INTEGER) {
        valid = qf_parse_int64(text, INT64_MIN, INT64_MAX, &integer);
        value = (double)integer;
    } else {
        valid = qf_parse_double(text, strlen(text), &value) == QF_NUMBER_VALID;
    }
    if (!valid) {
        return qf_fail(error, QF_USAGE, "--%s: expected %s, got \"%s\"", option->name,
                       option->kind == QF_OPTION_INTEGER ? "a whole number" : "a number", text);
    }
    const bool bounded = option->minimum != 0 || option->maximum != 0;
    if (bounded && !(value >= option->minimum && value <= option->maximum)) {
        char least[QF_NUMBER_TEXT], greatest[QF_NUMBER_TEXT];
        qf_print_double(least, option->minimum);
        if (isinf(option->maximum)) {
            return qf_fail(error, QF_USAGE, "--%s: expected at least %s, got %s", option->name,
                           least, text);
        }
        qf_print_double(greatest, option->maximum);
        return qf_fail(error, QF_USAGE, "--%s: expected %s to %s, got %s", option->name, least,
                       greatest, text);
    }
    if (option->kind == QF_OPTION_INTEGER) {
        memcpy(place, &integer, sizeof integer);
    } else {
        memcpy(place, &value, sizeof value);
    }
    return QF_OK;
}

static qf_status store_choice(const qf_option *option, const char *text, int *place,
                              qf_error *error) {
    qf_bytes list = {0};
    for (int i = 0; option->choices[i]; i++) {
        if (strcmp(option->choices[i], text) == 0) {
            *place = i;
            free(list.data);
            return QF_OK;
        }
        QF_TRY(qf_bytes_print(&list, error, "%s%s", i ? ", " : "", option->choices[i]));
    }
    qf_fail(error, QF_USAGE, "--%s: expected one of %s, got \"%s\"", option->name,
            (const char *)list.data, text);
    free(list.data);
    return QF_USAGE;
}

static qf_status store(const qf_option *option, const char *text, void *place, qf_error *error) {
    switch (option->kind) {
    case QF_OPTION_FLAG:
        *(bool *)place = true;
        return QF_OK;
    case QF_OPTION_TEXT:
    case QF_OPTION_FILE:
        *(const char **)place = text;
        return QF_OK;
    case QF_OPTION_INTEGER:
    case QF_OPTION_REAL:
        return store_number(option, text, place, error);
    case QF_OPTION_CHOICE:
        return store_choice(option, text, place, error);
    case QF_OPTION_LIST: {
        qf_texts *list = place;
        QF_TRY(qf_grow_array(&list->items, &list->capacity, list->count + 1, sizeof *list->items,
                             error));
        list->items[list->count++] = text;
        return QF_OK;
    }
    }
    return qf_fail(error, QF_INTERNAL, "--%s has no kind", option->name);
}

/* One way of writing for what means the same: 0.2 for .20, a base name for a path. */
static qf_status print_value(const qf_option *option, const char *text, qf_bytes *line,
                             qf_error *error) {
    char number[QF_NUMBER_TEXT];
    double value;
    int64_t integer;
    if (!option || option->kind == QF_OPTION_FILE) text = qf_base_name(text);
    if (option && option->kind == QF_OPTION_INTEGER &&
        qf_parse_int64(text, INT64_MIN, INT64_MAX, &integer)) {
        return qf_bytes_print(line, error, "%lld", (long long)integer);
    }
    if (option && option->kind == QF_OPTION_REAL &&
        qf_parse_double(text, strlen(text), &value) == QF_NUMBER_VALID) {
        qf_print_double(number, value);
        text = number;
    }
    return qf_bytes_print(line, error, "%s", text);
}

/* Adds "--name=value" or an operand to the run's provenance. */
static qf_status add_argument(qf_cli *cli, const qf_option *option, const char *text,
                              qf_error *error) {
    qf_bytes line = {0};
    if (option) QF_TRY(qf_bytes_print(&line, error, "--%s", option->name));
    if (option && text) QF_TRY(qf_bytes_print(&line, error, "="));
    if (text) QF_TRY(print_value(option, text, &line, error));
    qf_provenance *self = &cli->session.self;
    size_t capacity = self->argument_count;
    QF_TRY(qf_grow_array(&self->arguments, &capacity, self->argument_count + 1,
                         sizeof *self->arguments, error));
    self->arguments[self->argument_count++] = (char *)line.data;
    return QF_OK;
}

static qf_status take_common(parser *p, const qf_common_option *common, const char *text) {
    const char *name = common->option.name;
    if (strcmp(name, "seed") == 0) {
        if (!qf_parse_uint64(text, &p->cli->seed)) {
            return qf_fail(p->error, QF_USAGE,
                           "--seed: expected a whole number from 0 to 18446744073709551615, got "
                           "\"%s\"",
                           text);
        }
        p->cli->session.self.seed = p->cli->seed;
    } else if (strcmp(name, "threads") == 0) {
        int64_t threads = 1;
        QF_TRY(store_number(&common->option, text, &threads, p->error));
        p->cli->run.threads = (size_t)threads;
    } else if (strcmp(name, "quiet") == 0) {
        p->cli->quiet = true;
    } else if (strcmp(name, "verbose") == 0) {
        p->cli->verbose = true;
    } else if (!p->answer) {
        p->answer = name;
    }
    return QF_OK;
}

static qf_status take_option(parser *p, int index, const char *text) {
    const qf_tool *tool = p->cli->tool;
    if (index == MAN_PAGE || index == COMPLETION) {
        p->answer = index == MAN_PAGE ? "man" : "completion";
        return QF_OK;
    }
    const size_t options = qf_tool_option_count(tool);
    if ((size_t)index >= options) {
        return take_common(p, &qf_common_options[(size_t)index - options], text);
    }
    const qf_option *option = qf_tool_option(tool, (size_t)index);
    QF_TRY(store(option, text, p->options + option->offset, p->error));
    return option->local ? QF_OK : add_argument(p->cli, option, text, p->error);
}

static qf_status set_defaults(parser *p) {
    const qf_tool *tool = p->cli->tool;
    for (size_t i = 0; i < qf_tool_option_count(tool); i++) {
        const qf_option *option = qf_tool_option(tool, i);
        if (!option->initial) continue;
        if (store(option, option->initial, p->options + option->offset, p->error) != QF_OK) {
            p->error->status = QF_INTERNAL;
            return qf_error_context(p->error, "default");
        }
    }
    p->cli->seed = 1;
    p->cli->session.self.seed = 1;
    return QF_OK;
}

/* getopt's tables: the tool's options by index, then the common ones that apply to it. */
static struct option *long_options(const qf_tool *tool, qf_error *error) {
    const size_t options = qf_tool_option_count(tool);
    struct option *list = qf_new_array(options + qf_common_option_count + 3, sizeof *list, error);
    if (!list) return NULL;
    size_t count = 0;
    for (size_t i = 0; i < options; i++) {
        const qf_option *option = qf_tool_option(tool, i);
        list[count++] = (struct option){option->name, option->argument != NULL, NULL, (int)i + 256};
    }
    for (size_t i = 0; i < qf_common_option_count; i++) {
        const qf_common_option *common = &qf_common_options[i];
        if (common->feature && !(tool->features & common->feature)) continue;
        list[count++] = (struct option){common->option.name, common->option.argument != NULL, NULL,
                                        (int)(options + i) + 256};
    }
    list[count++] = (struct option){"man", no_argument, NULL, MAN_PAGE + 256};
    list[count++] = (struct option){"completion", no_argument, NULL, COMPLETION + 256};
    return list;
}

static qf_status parse(parser *p, int argc, char **argv) {
    const qf_tool *tool = p->cli->tool;
    struct option *list = long_options(tool, p->error);
    if (!list) return QF_MEMORY;
    qf_status status = set_defaults(p);
    opterr = 0;
    for (int code;
         status == QF_OK && (code = getopt_long(argc, argv, ":hVqv", list, NULL)) != -1;) {
        static const char letters[] = "hVqv";
        static const char *const names[] = {"help", "version", "quiet", "verbose"};
        const char *letter = code > 0 && code < 256 ? strchr(letters, code) : NULL;
        if (letter) {
            code = (int)(qf_tool_option_count(tool) + common_index(names[letter - letters])) + 256;
        }
        const char *shown = argv[optind - 1];
        if (code == ':') {
            status = qf_fail(p->error, QF_USAGE, "%s needs an argument; see %s --help", shown,
                             tool->name);
        } else if (code < 256) {
            status =
                qf_fail(p->error, QF_USAGE, "unknown option %s; see %s --help", shown, tool->name);
        } else {
            status = take_option(p, code - 256, optarg);
        }
    }
    free(list);
    QF_TRY(status);
    p->cli->operands = (const char **)(argv + optind);
    p->cli->operand_count = (size_t)(argc - optind);
    if (!p->answer && p->cli->operand_count > tool->max_operands) {
        return qf_fail(p->error, QF_USAGE, "unexpected operand \"%s\"; see %s --help",
                       argv[(size_t)optind + tool->max_operands], tool->name);
    }
    for (size_t i = 0; i < p->cli->operand_count; i++) {
        QF_TRY(add_argument(p->cli, NULL, p->cli->operands[i], p->error));
    }
    return QF_OK;
}

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Progress on a terminal, for anything over a second, a few times a second. Work is timed from its
 * first report on: what was done before may have been done by an earlier run. */
typedef struct meter {
    const char *tool;
    const qf_cli *cli;
    double start, shown;
    bool visible;
    char what[64]; /* of the work now, */
    size_t first;  /* how much was done when it was first heard of, */
    double since;  /* and when that was */
} meter;

static void begin_work(meter *m, const char *what, size_t done, double now) {
    snprintf(m->what, sizeof m->what, "%s", what);
    m->first = done;
    m->since = now;
}

/* ", 12 s left" at the speed so far; nothing where that is not known. */
static void print_time_left(const meter *m, double now, size_t done, size_t total, char text[48]) {
    *text = 0;
    if (done <= m->first || done >= total) return;
    const double left = (now - m->since) * (double)(total - done) / (double)(done - m->first);
    const double minutes = ceil(left / 60);
    if (left < 100) {
        snprintf(text, 48, ", %.0f s left", ceil(left));
    } else if (minutes < 100) {
        snprintf(text, 48, ", %.0f min left", minutes);
    } else {
        snprintf(text, 48, ", %.0f h %.0f min left", floor(minutes / 60), fmod(minutes, 60));
    }
}

static void show_progress(void *listener, const char *what, size_t done, size_t total) {
    meter *m = listener;
    const double now = seconds_now();
    char left[48];
    if (strncmp(m->what, what, sizeof m->what - 1) != 0 || done < m->first) {
        begin_work(m, what, done, now);
    }
    if (now - m->start < 1 || (done < total && now - m->shown < 0.2)) return;
    m->shown = now;
    m->visible = true;
    print_time_left(m, now, done, total, left);
    fprintf(stderr, "\r%s: %s %zu of %zu%s\033[K", m->tool, what, done, total, left);
}

enum { LARGE = 1 << 28 /* bytes that are told of without being asked */ };

static void show_size(void *listener, const char *what, size_t bytes) {
    const meter *m = listener;
    if (!m->cli->verbose && (m->cli->quiet || bytes < LARGE)) return;
    fprintf(stderr, "%s: %s: %zu bytes\n", m->tool, what, bytes);
}

static qf_status prepare(qf_cli *cli, meter *m, qf_error *error) {
    qf_provenance *self = &cli->session.self;
    self->tool = qf_copy_text(cli->tool->name, error);
    self->version = qf_copy_text(QF_VERSION, error);
    if (!self->tool || !self->version) return QF_MEMORY;
    self->seeded = cli->tool->features & QF_TOOL_SEED;
    cli->run = qf_run_default();
    if (cli->tool->features & QF_TOOL_THREADS) cli->run.threads = qf_processors();
    cli->lap_start = seconds_now();
    *m = (meter){
        .tool = cli->tool->name, .cli = cli, .start = cli->lap_start, .shown = cli->lap_start};
    cli->run.announce = show_size;
    cli->run.listener = m;
    return qf_simd_choose(getenv("QF_SIMD"), &cli->run.simd, error);
}

static qf_status answer(const qf_tool *tool, const char *what, qf_error *error) {
    if (strcmp(what, "help") == 0) qf_manual_help(tool, stdout);
    if (strcmp(what, "version") == 0) printf("%s %s\n", tool->name, QF_VERSION);
    if (strcmp(what, "man") == 0) qf_manual_page(tool, stdout);
    if (strcmp(what, "completion") == 0) qf_manual_completion(tool, stdout);
    if (fflush(stdout) != 0) return qf_fail(error, QF_IO, "standard output: cannot write");
    return QF_OK;
}

/* Where a standard descriptor is closed, the next file opened would get its number, and what is
 * meant for the stream would go into the file. One that can only be used the other way takes its
 * place: the error of a closed descriptor stays. */
static void reserve_descriptors(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0) open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

int qf_cli_main(const qf_tool *tool, int argc, char **argv, void *options, qf_tool_run *run) {
    qf_cli cli = {.tool = tool};
    qf_error error = {.status = QF_OK};
    meter m;
    parser p = {.cli = &cli, .options = options, .error = &error};
    reserve_descriptors();
    qf_status status = prepare(&cli, &m, &error);
    if (status == QF_OK) status = parse(&p, argc, argv);
    if (status == QF_OK && p.answer) {
        status = answer(tool, p.answer, &error);
    } else if (status == QF_OK) {
        if (!cli.quiet && isatty(STDERR_FILENO)) cli.run.progress = show_progress;
        status = run(&cli, options, &error);
        if (m.visible) fputs("\r\033[K", stderr);
    }
    if (status != QF_OK && status != QF_VERDICT) {
        fprintf(stderr, "%s: error: %s\n", tool->name, error.message);
    }
    for (size_t i = 0; i < qf_tool_option_count(tool); i++) {
        const qf_option *option = qf_tool_option(tool, i);
        if (option->kind == QF_OPTION_LIST) {
            free(((qf_texts *)(void *)((char *)options + option->offset))->items);
        }
    }
    qf_session_free(&cli.session);
    return (int)status;
}

const char *qf_cli_input(const qf_cli *cli) {
    return cli->operand_count ? cli->operands[0] : NULL;
}

bool qf_cli_given(const qf_cli *cli, const char *option) {
    const size_t length = strlen(option);
    const qf_provenance *self = &cli->session.self;
    for (size_t i = 0; i < self->argument_count; i++) {
        const char *argument = self->arguments[i];
        if (strncmp(argument, "--", 2) == 0 && strncmp(argument + 2, option, length) == 0 &&
            (argument[2 + length] == 0 || argument[2 + length] == '=')) {
            return true;
        }
    }
    return false;
}

qf_status qf_cli_refuse(const qf_cli *cli, const char *const *names, const char *why,
                        qf_error *error) {
    for (; *names; names++) {
        if (qf_cli_given(cli, *names)) return qf_fail(error, QF_USAGE, "--%s %s", *names, why);
    }
    return QF_OK;
}

static void say(const qf_cli *cli, const char *kind, const char *format, va_list arguments) {
    fprintf(stderr, "%s: %s", cli->tool->name, kind);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

void qf_cli_warn(const qf_cli *cli, const char *format, ...) {
    if (cli->quiet) return;
    va_list arguments;
    va_start(arguments, format);
    say(cli, "warning: ", format, arguments);
    va_end(arguments);
}

void qf_cli_tell(const qf_cli *cli, const char *format, ...) {
    if (!cli->verbose) return;
    va_list arguments;
    va_start(arguments, format);
    say(cli, "", format, arguments);
    va_end(arguments);
}

double qf_cli_lap(qf_cli *cli) {
    const double start = cli->lap_start;
    cli->lap_start = seconds_now();
    return cli->lap_start - start;
}
