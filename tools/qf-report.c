/* qf-report: metrics as a table, Markdown, CSV or an HTML page. */
#include "base/file.h"
#include "cli/cli.h"
#include "report/report.h"
#include "stream/records.h"
#include "stream/view.h"

#include <stdlib.h>
#include <unistd.h>

typedef struct report_options {
    int to;
    const char *audit, *published, *timings, *title;
} report_options;

static const char *const formats[] = {"text", "md", "csv", "html", NULL};

static const qf_option options[] = {
    {.name = "to",
     .kind = QF_OPTION_CHOICE,
     .offset = offsetof(report_options, to),
     .argument = "FORMAT",
     .initial = "text",
     .choices = formats,
     .help = "a table for the terminal, Markdown, a row a run, or one HTML page with figures"},
    {.name = "audit",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(report_options, audit),
     .argument = "FILE",
     .help = "include what qf-audit --report wrote"},
    {.name = "published",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(report_options, published),
     .argument = "FILE",
     .help =
         "print published numbers beside ours: CSV with the columns model, accuracy, precision, "
         "recall and f1 in percent, the last three weighted by class"},
    {.name = "timings",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(report_options, timings),
     .argument = "FILE",
     .help = "include times: CSV with the columns model, variant, protocol, seed, step, seconds"},
    {.name = "title",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(report_options, title),
     .argument = "TEXT",
     .help = "the title"},
};

static const qf_example examples[] = {
    {"cat *.metrics.qf | qf-report", "A table of all models, seeds taken together"},
    {"cat *.metrics.qf | qf-report --to html --audit audit.txt > report.html",
     "A page with figures and the audit's findings"},
    {"qf-profile < table.qf | qf-report --to csv", "Column statistics as CSV"},
};

static const qf_tool tool = {
    .name = "qf-report",
    .summary = "report metrics as text, Markdown, CSV or HTML",
    .description =
        "Reads metrics streams, one or many. Runs of one model, variant, protocol and data are one "
        "result: the mean over their seeds, with a 95 % interval (Student's t, corrected for "
        "overlapping test parts: Nadeau and Bengio 2003) from three seeds on that each have a "
        "split of their own. What provenance proves against a number is printed beneath it.\n\n"
        "CSV has a row a run, the columns being those of metrics.csv for models, or the fields of "
        "other metrics, such as those of qf-profile. The HTML page needs nothing from outside and "
        "follows the reader's light or dark setting. Text has colours on a terminal, unless "
        "NO_COLOR is set.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

enum { MAX_FILE = 1 << 26 };

/* A small file's bytes, with a zero after them. */
static qf_status read_file(const char *path, qf_bytes *text, qf_error *error) {
    int fd;
    size_t got = 1;
    QF_TRY(qf_open_input(path, &fd, error));
    qf_status status = qf_bytes_append(text, "", 0, error);
    while (status == QF_OK && got > 0) {
        char buffer[4096];
        status = qf_read_some(fd, buffer, sizeof buffer, path, &got, error);
        if (status == QF_OK) status = qf_bytes_append(text, buffer, got, error);
        if (status == QF_OK && text->length > MAX_FILE) {
            status = qf_fail(error, QF_DATA, "%s: longer than 64 MiB", path);
        }
    }
    if (fd != STDIN_FILENO) close(fd);
    return status;
}

static qf_status read_sheet(const char *path, qf_sheet *sheet, qf_error *error) {
    qf_bytes text = {0};
    qf_status status = read_file(path, &text, error);
    if (status == QF_OK) {
        status = qf_sheet_parse((char *)text.data, text.length, sheet, error);
        if (status != QF_OK) qf_error_context(error, "%s", path);
    }
    if (status == QF_OK && qf_sheet_find(sheet, "model") == sheet->columns) {
        status = qf_fail(error, QF_DATA, "%s: no column \"model\"", path);
    }
    free(text.data);
    return status;
}

/* All records in one list, which borrows them, and the commands behind each. */
typedef struct material {
    qf_record_streams streams;
    qf_record *records;
    char **commands;
    size_t count;
    qf_bytes audit;
    qf_sheet published, timings;
} material;

static qf_status gather(material *m, qf_error *error) {
    size_t total = 0;
    for (size_t i = 0; i < m->streams.count; i++) total += m->streams.items[i].count;
    m->records = qf_new_array(total, sizeof *m->records, error);
    m->commands = qf_new_array(total, sizeof *m->commands, error);
    if (!m->records || !m->commands) return QF_MEMORY;
    for (size_t i = 0; i < m->streams.count; i++) {
        const qf_record_stream *stream = &m->streams.items[i];
        for (size_t j = 0; j < stream->count; j++) {
            qf_bytes text = {0};
            m->records[m->count++] = stream->records[j];
            const qf_status status = qf_view_provenance(&stream->provenance, &text, error);
            m->commands[m->count - 1] = (char *)text.data;
            QF_TRY(status);
        }
    }
    return QF_OK;
}

static qf_status read_material(qf_cli *cli, const report_options *o, material *m, qf_error *error) {
    QF_TRY(qf_record_streams_read(&cli->session, qf_cli_input(cli), "metrics", &m->streams, error));
    if (o->audit) QF_TRY(read_file(o->audit, &m->audit, error));
    if (o->published) QF_TRY(read_sheet(o->published, &m->published, error));
    if (o->timings) QF_TRY(read_sheet(o->timings, &m->timings, error));
    return gather(m, error);
}

static void free_material(material *m) {
    for (size_t i = 0; i < m->count; i++) free(m->commands[i]);
    free(m->commands);
    free(m->records);
    free(m->audit.data);
    qf_sheet_free(&m->published);
    qf_sheet_free(&m->timings);
    qf_record_streams_free(&m->streams);
}

static qf_status report(qf_cli *cli, void *given, qf_error *error) {
    const report_options *o = given;
    material m = {0};
    qf_bytes out = {0};
    qf_status status = read_material(cli, o, &m, error);
    const char *no_color = getenv("NO_COLOR");
    const qf_report r = {.records = m.records,
                         .count = m.count,
                         .commands = (const char *const *)m.commands,
                         .title = o->title,
                         .audit = (const char *)m.audit.data,
                         .published = o->published ? &m.published : NULL,
                         .timings = o->timings ? &m.timings : NULL,
                         .colour = isatty(STDOUT_FILENO) && !(no_color && *no_color)};
    if (status == QF_OK) status = qf_report_write(&r, (qf_report_format)o->to, &out, error);
    if (status == QF_OK) {
        status = qf_write_all(STDOUT_FILENO, out.data, out.length, "standard output", error);
    }
    free(out.data);
    free_material(&m);
    return status;
}

int main(int argc, char **argv) {
    report_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, report);
}
