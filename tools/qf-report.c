/* qf-report: metrics as a table, Markdown, CSV or an HTML page. */
#include "base/file.h"
#include "cli/cli.h"
#include "report/material_wire.h"

#include <stdlib.h>
#include <unistd.h>

typedef struct report_options {
    int to;
    qf_material_files files;
    const char *columns, *title;
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
     .offset = offsetof(report_options, files.audit),
     .argument = "FILE",
     .help = "include what qf-audit --report wrote"},
    {.name = "published",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(report_options, files.published),
     .argument = "FILE",
     .help =
         "print published numbers beside ours: CSV with the columns model, accuracy, precision, "
         "recall and f1 in percent, the last three weighted by class; a row is of the metrics "
         "that say the same in each further column which is a text of theirs"},
    {.name = "published-epochs",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(report_options, files.epochs),
     .argument = "FILE",
     .help = "draw published losses and accuracies beside those of nets: CSV with the columns "
             "model, epoch, train_loss, train_accuracy, val_loss and val_accuracy"},
    {.name = "timings",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(report_options, files.timings),
     .argument = "FILE",
     .help = "include times: CSV with the columns model, variant, protocol, seed, step, seconds"},
    {.name = "comparisons",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(report_options, files.comparisons),
     .argument = "FILE",
     .help = "include what qf-compare found, in words and figures"},
    {.name = "circuits",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(report_options, files.circuits),
     .argument = "FILE",
     .help =
         "with comparisons of circuits, called CIRCUIT-LAYERS, and their twins: what qf-circuit "
         "--diagnose --to metrics found; says which beat their twins, and what predicts it"},
    {.name = "curves",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(report_options, files.curves),
     .argument = "FILE",
     .help = "include what qf-train-classic --curve wrote, of one or several trainings"},
    {.name = "noise",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(report_options, files.noise),
     .argument = "FILE",
     .help = "include scores under noise: metrics of qf-score with the labels noise (a channel, "
             "readout, shots or none), strength and training (without or with it)"},
    {.name = "profile",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(report_options, files.profile),
     .argument = "FILE",
     .help = "include the correlations that qf-profile found"},
    {.name = "columns",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(report_options, columns),
     .argument = "A,B,...",
     .help = "of CSV: these fields, and published_NAME for the column NAME of the published "
             "numbers, as a share of 1"},
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
    {"qf-compare forest.qf tree.qf | qf-report", "Is one better? The answer in words"},
    {"cat *.metrics.qf | qf-report --to csv --columns model,seed,pr_auc,expected_cost",
     "Chosen columns as CSV"},
    {"qf-profile < table.qf | qf-report --to csv", "Column statistics as CSV"},
};

static const qf_tool tool = {
    .name = "qf-report",
    .summary = "report metrics as text, Markdown, CSV or HTML",
    .description =
        "Reads metrics streams, one or many. Runs of one model, variant, protocol and data are one "
        "result: the mean over their seeds, with a 95 % interval (Student's t, corrected for "
        "overlapping test parts: Nadeau and Bengio 2003) from three seeds on that each have a "
        "split of their own. What provenance proves against a number is printed beneath it. "
        "Metrics of rows trained on (qf-score --part train) are no results: they show how far "
        "a model overfits.\n\n"
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

static qf_status report(qf_cli *cli, void *given, qf_error *error) {
    const report_options *o = given;
    qf_material material = {0};
    qf_material_files files = o->files;
    qf_bytes out = {0};
    files.metrics = qf_cli_input(cli);
    if (o->columns && o->to != QF_REPORT_CSV) {
        return qf_fail(error, QF_USAGE, "--columns needs --to csv");
    }
    qf_status status = qf_material_read(&cli->session, &files, &material, error);
    const char *no_color = getenv("NO_COLOR");
    qf_report r = qf_material_report(&material, &files);
    r.title = o->title;
    r.columns = o->columns;
    r.colour = isatty(STDOUT_FILENO) && !(no_color && *no_color);
    if (status == QF_OK) status = qf_report_write(&r, (qf_report_format)o->to, &out, error);
    if (status == QF_OK) {
        status = qf_write_all(STDOUT_FILENO, out.data, out.length, "standard output", error);
    }
    free(out.data);
    qf_material_free(&material);
    return status;
}

int main(int argc, char **argv) {
    report_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, report);
}
