/* qf-view: any stream as text. */
#include "base/file.h"
#include "cli/cli.h"
#include "stream/view.h"

#include <stdlib.h>
#include <unistd.h>

enum { SHOW_HEADER, SHOW_PROVENANCE, SHOW_RECORDS };
static const char *const shows[] = {"header", "provenance", "records", NULL};

typedef struct view_options {
    int show;
    bool check;
} view_options;

static const qf_option options[] = {
    {.name = "show",
     .kind = QF_OPTION_CHOICE,
     .offset = offsetof(view_options, show),
     .argument = "WHAT",
     .initial = "header",
     .choices = shows,
     .help = "what to print: the header with its provenance tree and the trailer, the provenance "
             "as JSON, or the records as JSON lines"},
    {.name = "check",
     .kind = QF_OPTION_FLAG,
     .offset = offsetof(view_options, check),
     .help = "print nothing but verify every byte"},
};

static const qf_example examples[] = {
    {"qf-view scores.qf", "What is in a file, and which commands made it"},
    {"qf-synth --rows 100 | qf-view --show records | head -3",
     "The first rows as JSON, one a line"},
    {"qf-view --check model.qf && echo intact", "Verify a stream that came over a network"},
};

static const qf_tool tool = {
    .name = "qf-view",
    .summary = "show or verify any qf stream",
    .description =
        "Reads streams of any type and prints what is in them. Every stream is verified to its "
        "end: a stream that is cut off or altered ends with exit code 65, even where its "
        "beginning has been printed.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

static qf_status print(qf_bytes *out, qf_error *error) {
    const qf_status status =
        qf_write_all(STDOUT_FILENO, out->data, out->length, "standard output", error);
    out->length = 0;
    return status;
}

static qf_status view_stream(qf_reader *reader, const view_options *o, qf_bytes *out,
                             qf_error *error) {
    const int show = o->check ? -1 : o->show;
    if (show == SHOW_HEADER) QF_TRY(qf_view_header(reader, out, error));
    if (show == SHOW_PROVENANCE) {
        QF_TRY(qf_view_provenance_json(reader->provenance, out, error));
        QF_TRY(qf_bytes_append(out, "\n", 1, error));
    }
    for (;;) {
        qf_message message;
        QF_TRY(print(out, error));
        QF_TRY(qf_reader_next(reader, &message, error));
        /* Decoding is part of verifying, so it happens whatever is shown. */
        QF_TRY(qf_view_message(reader, &message, show == SHOW_RECORDS ? out : NULL, error));
        if (message.kind == QF_MESSAGE_END) break;
    }
    if (show == SHOW_HEADER) QF_TRY(qf_view_trailer(reader, out, error));
    return print(out, error);
}

static qf_status view(qf_cli *cli, void *given, qf_error *error) {
    qf_reader reader;
    qf_bytes out = {0};
    bool more = true;
    qf_status status = qf_reader_open(&reader, &cli->session, qf_cli_input(cli), NULL, error);
    while (status == QF_OK && more) {
        status = view_stream(&reader, given, &out, error);
        if (status == QF_OK) status = qf_reader_next_stream(&reader, NULL, &more, error);
    }
    free(out.data);
    qf_reader_close(&reader);
    return status;
}

int main(int argc, char **argv) {
    view_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, view);
}
