#include "cli/manual.h"

#include <ctype.h>
#include <string.h>

const qf_common_option qf_common_options[] = {
    {0,
     {.name = "seed",
      .kind = QF_OPTION_TEXT,
      .argument = "N",
      .help = "seed of every random choice, 0 to 18446744073709551615",
      .initial = "1"},
     QF_TOOL_SEED},
    {0,
     {.name = "threads",
      .kind = QF_OPTION_INTEGER,
      .argument = "N",
      .help = "threads to use, 1 to 1024; the result does not depend on it (default: all "
              "processors)",
      .minimum = 1,
      .maximum = 1024,
      .local = true},
     QF_TOOL_THREADS},
    {'h', {.name = "help", .help = "print this help and exit", .local = true}, 0},
    {'V', {.name = "version", .help = "print the version and exit", .local = true}, 0},
    {'q', {.name = "quiet", .help = "no warnings, no progress", .local = true}, 0},
    {'v', {.name = "verbose", .help = "say what is done on standard error", .local = true}, 0},
};
const size_t qf_common_option_count = sizeof qf_common_options / sizeof *qf_common_options;

static bool applies(const qf_tool *tool, const qf_common_option *common) {
    return common->feature == 0 || (tool->features & common->feature);
}

static void print_choices(const qf_option *option, const char *separator, FILE *out) {
    for (size_t i = 0; option->choices[i]; i++) {
        fprintf(out, "%s%s", i ? separator : "", option->choices[i]);
    }
}

static void help_option(char letter, const qf_option *option, FILE *out) {
    char left[64];
    char dash[8] = "    ";
    if (letter) snprintf(dash, sizeof dash, "-%c, ", letter);
    snprintf(left, sizeof left, "  %s--%s%s%s", dash, option->name, option->argument ? " " : "",
             option->argument ? option->argument : "");
    fprintf(out, "%-30s%s%s", left, strlen(left) >= 30 ? "\n                              " : "",
            option->help);
    if (option->choices) {
        fputs(": ", out);
        print_choices(option, ", ", out);
    }
    if (option->initial) fprintf(out, " (default: %s)", option->initial);
    if (option->kind == QF_OPTION_LIST) fputs("; may be repeated", out);
    fputc('\n', out);
}

void qf_manual_help(const qf_tool *tool, FILE *out) {
    fprintf(out, "%s - %s\n\nUsage: %s [OPTION ...]%s%s\n\n%s\n\nOptions:\n", tool->name,
            tool->summary, tool->name, tool->operands ? " " : "",
            tool->operands ? tool->operands : "", tool->description);
    for (size_t i = 0; i < tool->option_count; i++) help_option(0, &tool->options[i], out);
    for (size_t i = 0; i < qf_common_option_count; i++) {
        const qf_common_option *common = &qf_common_options[i];
        if (applies(tool, common)) help_option(common->letter, &common->option, out);
    }
    fputs("\nExamples:\n", out);
    for (size_t i = 0; i < tool->example_count; i++) {
        fprintf(out, "  # %s\n  %s\n", tool->examples[i].what, tool->examples[i].command);
    }
    fputs("\nExit codes are those of qf(7): 0 done, 64 usage, 65 bad data, 66 no input, 74 I/O.\n",
          out);
}

/* Text of a man page: backslashes and a leading dot or quote are roff's own. */
static void put_roff(const char *text, FILE *out) {
    bool line_start = true;
    for (; *text; text++) {
        if (line_start && (*text == '.' || *text == '\'')) fputs("\\&", out);
        line_start = *text == '\n';
        if (*text == '\\') {
            fputs("\\e", out);
        } else {
            fputc(*text, out);
        }
    }
}

/* Prose, one sentence a line (as mdoc wants it), an empty line starting a paragraph. */
static void put_prose(const char *text, FILE *out) {
    for (const char *at = text; *at;) {
        if (at[0] == '\n' && at[1] == '\n') {
            fputs("\n.Pp\n", out);
            while (*at == '\n') at++;
            continue;
        }
        const bool ends_sentence = (*at == '.' || *at == '?') && (at[1] == ' ' || at[1] == '\n') &&
                                   (isupper((unsigned char)at[2]) || at[2] == '-');
        char one[2] = {*at, 0};
        put_roff(one[0] == '\n' ? " " : one, out);
        at++;
        if (ends_sentence && *at != '\n') {
            fputc('\n', out);
            while (*at == ' ') at++;
        } else if (ends_sentence && at[1] != '\n') {
            fputc('\n', out);
            at++;
        }
    }
    fputc('\n', out);
}

/* An argument of a macro: quoted, since words such as "No" are macros themselves. */
static void put_argument(const char *text, FILE *out) {
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"') {
            fputs("\\(dq", out);
        } else if (*text == '\\') {
            fputs("\\e", out);
        } else {
            fputc(*text, out);
        }
    }
    fputc('"', out);
}

static void page_option(char letter, const qf_option *option, FILE *out) {
    fputs(".It ", out);
    if (letter) fprintf(out, "Fl %c , ", letter);
    fprintf(out, "Fl \\-%s", option->name);
    if (option->argument) {
        fputs(" Ar ", out);
        put_argument(option->argument, out);
    }
    fputc('\n', out);
    put_roff(option->help, out);
    if (option->choices) {
        fputs(": ", out);
        print_choices(option, ", ", out);
    }
    if (option->kind == QF_OPTION_LIST) fputs("; may be repeated", out);
    fputs(".\n", out);
    if (option->initial) {
        fputs("The default is ", out);
        put_roff(option->initial, out);
        fputs(".\n", out);
    }
}

void qf_manual_page(const qf_tool *tool, FILE *out) {
    fputs(".Dd November 24, 2026\n.Dt ", out);
    for (const char *c = tool->name; *c; c++) fputc(toupper((unsigned char)*c), out);
    fprintf(out, " 1\n.Os\n.Sh NAME\n.Nm %s\n.Nd ", tool->name);
    put_roff(tool->summary, out);
    fprintf(out, "\n.Sh SYNOPSIS\n.Nm\n.Op Ar option ...\n");
    if (tool->operands) {
        fputs(".Ar ", out);
        put_argument(tool->operands, out);
        fputc('\n', out);
    }
    fputs(".Sh DESCRIPTION\n", out);
    put_prose(tool->description, out);
    fputs(".Pp\nThe options are:\n.Bl -tag -width Ds\n", out);
    for (size_t i = 0; i < tool->option_count; i++) page_option(0, &tool->options[i], out);
    for (size_t i = 0; i < qf_common_option_count; i++) {
        const qf_common_option *common = &qf_common_options[i];
        if (applies(tool, common)) page_option(common->letter, &common->option, out);
    }
    fputs(".El\n.Sh EXIT STATUS\nThe exit codes are listed in\n.Xr qf 7 .\n.Sh EXAMPLES\n", out);
    for (size_t i = 0; i < tool->example_count; i++) {
        if (i) fputs(".Pp\n", out);
        put_prose(tool->examples[i].what, out);
        fputs(".Bd -literal -offset indent\n", out);
        put_roff(tool->examples[i].command, out);
        fputs("\n.Ed\n", out);
    }
    fputs(".Sh SEE ALSO\n.Xr qf-stream 5 ,\n.Xr qf 7\n", out);
}

static void complete_option(const qf_option *option, FILE *out) {
    fprintf(out, "--%s", option->name);
    if (option->choices) {
        fputc(' ', out);
        print_choices(option, " ", out);
    } else if (option->kind == QF_OPTION_FILE) {
        fputs(" FILE", out);
    } else if (option->argument) {
        fputs(" ARGUMENT", out);
    }
    fputc('\n', out);
}

void qf_manual_completion(const qf_tool *tool, FILE *out) {
    for (size_t i = 0; i < tool->option_count; i++) complete_option(&tool->options[i], out);
    for (size_t i = 0; i < qf_common_option_count; i++) {
        if (applies(tool, &qf_common_options[i])) {
            complete_option(&qf_common_options[i].option, out);
        }
    }
}
