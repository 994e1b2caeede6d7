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
    {'v',
     {.name = "verbose",
      .help = "say on standard error what is done, where a step takes long",
      .local = true},
     0},
};
const size_t qf_common_option_count = sizeof qf_common_options / sizeof *qf_common_options;

static bool applies(const qf_tool *tool, const qf_common_option *common) {
    return common->feature == 0 || (tool->features & common->feature);
}

/* Prints words from column `*at` on, breaking lines before the 80th column and indenting the next
 * ones. An empty line in the text ends a paragraph. */
static void put_wrapped(const char *text, size_t indent, size_t *at, FILE *out) {
    enum { WIDTH = 79 };
    while (*text) {
        if (text[0] == '\n' && text[1] == '\n') {
            fprintf(out, "\n\n%*s", (int)indent, "");
            *at = indent;
        }
        text += strspn(text, " \n");
        const size_t length = strcspn(text, " \n");
        if (length == 0) break;
        if (*at > indent && *at + 1 + length > WIDTH) {
            fprintf(out, "\n%*s", (int)indent, "");
            *at = indent;
        }
        *at += (size_t)fprintf(out, "%s%.*s", *at > indent ? " " : "", (int)length, text);
        text += length;
    }
}

/* What an option does, with its choices and default, as one text. */
static void describe_option(const qf_option *option, char *text, size_t size) {
    size_t used = (size_t)snprintf(text, size, "%s", option->help);
    for (size_t i = 0; option->choices && option->choices[i] && used < size; i++) {
        used +=
            (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : ": ", option->choices[i]);
    }
    if (option->kind == QF_OPTION_LIST && used < size) {
        used += (size_t)snprintf(text + used, size - used, "; may be repeated");
    }
    if (option->initial && used < size) {
        snprintf(text + used, size - used, " (default: %s)", option->initial);
    }
}

static void help_option(char letter, const qf_option *option, FILE *out) {
    enum { INDENT = 26 };
    char text[2048];
    describe_option(option, text, sizeof text);
    size_t at = (size_t)(letter ? fprintf(out, "  -%c, ", letter) : fprintf(out, "      "));
    at += (size_t)fprintf(out, "--%s%s%s", option->name, option->argument ? " " : "",
                          option->argument ? option->argument : "");
    if (at > INDENT - 2) {
        fprintf(out, "\n");
        at = 0;
    }
    fprintf(out, "%*s", INDENT - (int)at, "");
    at = INDENT;
    put_wrapped(text, INDENT, &at, out);
    fputc('\n', out);
}

void qf_manual_help(const qf_tool *tool, FILE *out) {
    fprintf(out, "%s - %s\n\nUsage: %s [OPTION ...]%s%s\n\n", tool->name, tool->summary, tool->name,
            tool->operands ? " " : "", tool->operands ? tool->operands : "");
    size_t at = 0;
    put_wrapped(tool->description, 0, &at, out);
    fputs("\n\nOptions:\n", out);
    for (size_t i = 0; i < qf_tool_option_count(tool); i++) {
        help_option(0, qf_tool_option(tool, i), out);
    }
    for (size_t i = 0; i < qf_common_option_count; i++) {
        const qf_common_option *common = &qf_common_options[i];
        if (applies(tool, common)) help_option(common->letter, &common->option, out);
    }
    fputs("\nExamples:\n", out);
    for (size_t i = 0; i < tool->example_count; i++) {
        fprintf(out, "  # %s\n  %s\n", tool->examples[i].what, tool->examples[i].command);
    }
    fputs(
        "\nExit codes: 0 done, 1 the answer is no, 64 usage, 65 bad data, 66 cannot open, 74 I/O;\n"
        "the rest are listed in qf(7).\n",
        out);
}

/* A word of a man page: backslashes, and a dot or quote that begins a line, are roff's own. */
static void put_roff(const char *word, size_t length, bool line_start, FILE *out) {
    if (line_start && (*word == '.' || *word == '\'')) fputs("\\&", out);
    for (size_t i = 0; i < length; i++) {
        if (word[i] == '\\') {
            fputs("\\e", out);
        } else {
            fputc(word[i], out);
        }
    }
}

/* Prose: a new line after each sentence, as mdoc wants it, and before the 80th column; an empty
 * line in the text starts a paragraph. */
static void put_prose(const char *text, FILE *out) {
    enum { WIDTH = 78 };
    size_t at = 0;
    while (*text) {
        if (at && text[0] == '\n' && text[1] == '\n') {
            fputs("\n.Pp\n", out);
            at = 0;
        }
        text += strspn(text, " \n");
        const size_t length = strcspn(text, " \n");
        if (length == 0) break;
        if (at && at + 1 + length > WIDTH) {
            fputc('\n', out);
            at = 0;
        }
        if (at) fputc(' ', out);
        put_roff(text, length, at == 0, out);
        at += length + (at > 0);
        text += length;
        const char *next = text + strspn(text, " ");
        const bool sentence = text[-1] == '.' && (isupper((unsigned char)*next) || *next == '"');
        if (sentence) {
            fputc('\n', out);
            at = 0;
        }
    }
    if (at) fputc('\n', out);
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
    char text[2048];
    fputs(".It ", out);
    if (letter) fprintf(out, "Fl %c , ", letter);
    fprintf(out, "Fl \\-%s", option->name);
    if (option->argument) {
        fputs(" Ar ", out);
        put_argument(option->argument, out);
    }
    fputc('\n', out);
    describe_option(option, text, sizeof text);
    put_prose(text, out);
}

void qf_manual_page(const qf_tool *tool, FILE *out) {
    fputs(".Dd November 24, 2026\n.Dt ", out);
    for (const char *c = tool->name; *c; c++) fputc(toupper((unsigned char)*c), out);
    fprintf(out, " 1\n.Os\n.Sh NAME\n.Nm %s\n.Nd ", tool->name);
    put_roff(tool->summary, strlen(tool->summary), false, out);
    fprintf(out, "\n.Sh SYNOPSIS\n.Nm\n.Op Ar option ...\n");
    if (tool->operands) {
        fputs(".Ar ", out);
        put_argument(tool->operands, out);
        fputc('\n', out);
    }
    fputs(".Sh DESCRIPTION\n", out);
    put_prose(tool->description, out);
    fputs(".Pp\nThe options are:\n.Bl -tag -width Ds\n", out);
    for (size_t i = 0; i < qf_tool_option_count(tool); i++) {
        page_option(0, qf_tool_option(tool, i), out);
    }
    for (size_t i = 0; i < qf_common_option_count; i++) {
        const qf_common_option *common = &qf_common_options[i];
        if (applies(tool, common)) page_option(common->letter, &common->option, out);
    }
    fputs(".El\n.Sh EXIT STATUS\nThe exit codes are listed in\n.Xr qf 7 .\n.Sh EXAMPLES\n", out);
    for (size_t i = 0; i < tool->example_count; i++) {
        if (i) fputs(".Pp\n", out);
        put_prose(tool->examples[i].what, out);
        fputs(".Bd -literal -offset indent\n", out);
        put_roff(tool->examples[i].command, strlen(tool->examples[i].command), true, out);
        fputs("\n.Ed\n", out);
    }
    fputs(".Sh SEE ALSO\n.Xr qf-stream 5 ,\n.Xr qf 7\n", out);
}

static void complete_option(const qf_option *option, FILE *out) {
    fprintf(out, "--%s", option->name);
    if (option->choices) {
        for (size_t i = 0; option->choices[i]; i++) fprintf(out, " %s", option->choices[i]);
    } else if (option->kind == QF_OPTION_FILE) {
        fputs(" FILE", out);
    } else if (option->argument) {
        fputs(" ARGUMENT", out);
    }
    fputc('\n', out);
}

void qf_manual_completion(const qf_tool *tool, FILE *out) {
    for (size_t i = 0; i < qf_tool_option_count(tool); i++) {
        complete_option(qf_tool_option(tool, i), out);
    }
    for (size_t i = 0; i < qf_common_option_count; i++) {
        if (applies(tool, &qf_common_options[i])) {
            complete_option(&qf_common_options[i].option, out);
        }
    }
}
