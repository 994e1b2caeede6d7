/* qf-score: metrics of scores, with what their provenance proves against them. */
#include "base/number.h"
#include "cli/cli.h"
#include "learn/metrics_wire.h"
#include "learn/scores_wire.h"
#include "learn/violations_wire.h"
#include "stream/records.h"

#include <stdlib.h>
#include <string.h>

typedef struct score_options {
    double threshold, alert_rate;
    const char *cost, *variant, *protocol;
    qf_texts labels;
    int part;
} score_options;

static const char *const parts[] = {"test", "train", NULL};

static const qf_option options[] = {
    {.name = "threshold",
     .kind = QF_OPTION_REAL,
     .offset = offsetof(score_options, threshold),
     .argument = "P",
     .maximum = 1,
     .help = "a row is called fraud when its probability is greater, 0 to 1; the model's own "
             "threshold unless given"},
    {.name = "alert-rate",
     .kind = QF_OPTION_REAL,
     .offset = offsetof(score_options, alert_rate),
     .argument = "SHARE",
     .initial = "0.05",
     .minimum = 0x1p-30,
     .maximum = 1,
     .help = "the share of rows that can be looked into, for recall_at_alert"},
    {.name = "cost",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(score_options, cost),
     .argument = "FP,FN",
     .initial = "1,10",
     .help = "what a false alarm and a missed fraud cost, in any unit, for expected_cost"},
    {.name = "variant",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(score_options, variant),
     .argument = "NAME",
     .help = "what to call the preparation of the data in the report"},
    {.name = "protocol",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(score_options, protocol),
     .argument = "NAME",
     .help = "what to call the protocol in the report"},
    {.name = "part",
     .kind = QF_OPTION_CHOICE,
     .offset = offsetof(score_options, part),
     .argument = "PART",
     .initial = "test",
     .choices = parts,
     .help = "what the rows are: test, or train, which reports show beside results, never as one"},
    {.name = "label",
     .kind = QF_OPTION_LIST,
     .offset = offsetof(score_options, labels),
     .argument = "NAME=VALUE",
     .help = "set model, seed or a field of your own"},
};

static const qf_example examples[] = {
    {"qf-predict --model model.qf < test.qf | qf-score | qf-report --to text", "Score a model"},
    {"qf-score --threshold 0.3 --alert-rate 0.01 < scores.qf > metrics.qf",
     "Another threshold, and a hundredth of the rows to look into"},
};

static const qf_tool tool = {
    .name = "qf-score",
    .summary = "compute the metrics of scores, with the violations that provenance proves",
    .description =
        "Reads scores, one stream or several, and writes a record of metrics for each: accuracy, "
        "weighted precision, recall and F1; precision, recall, F1 and F2 of fraud; MCC, balanced "
        "accuracy, PR-AUC (average precision), ROC-AUC, Brier score, log loss, expected "
        "calibration error over 15 bins, recall at a fixed alert rate, expected cost, the confusion "
        "matrix, and curves. Definitions are scikit-learn's; tied scores are treated alike, and what is not "
        "defined, because the rows have one class only, is empty.\n\n"
        "The model's name and seed come from the scores. The field \"violations\" lists what the "
        "provenance proves: resampling or scaling before the split, columns that give the label "
        "away, test rows that were trained on. It is empty when nothing was found.",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

/* A whole number as such, so that seeds stay numbers. */
static qf_status set_value(qf_record *record, const char *name, const char *text, qf_error *error) {
    int64_t value;
    if (qf_parse_int64(text, INT64_MIN, INT64_MAX, &value)) {
        return qf_record_set_integer(record, name, value, error);
    }
    return qf_record_set_text(record, name, text, error);
}

static qf_status set_names(const qf_reader *reader, const score_options *o, qf_record *record,
                           qf_error *error) {
    char seed[24] = "";
    const qf_provenance *trainer = qf_provenance_trainer(reader->provenance);
    if (trainer && trainer->seeded) {
        snprintf(seed, sizeof seed, "%llu", (unsigned long long)trainer->seed);
    }
    const char *model = qf_record_text(&reader->parameters, "model");
    QF_TRY(qf_record_set_text(record, "model", *model ? model : "unnamed", error));
    QF_TRY(qf_record_set_text(record, "variant", o->variant ? o->variant : "", error));
    QF_TRY(qf_record_set_text(record, "protocol", o->protocol ? o->protocol : "", error));
    QF_TRY(qf_record_set_text(record, "part", parts[o->part], error));
    return set_value(record, "seed", seed, error);
}

static bool is_name(const char *field) {
    return strcmp(field, "model") == 0 || strcmp(field, "variant") == 0 ||
           strcmp(field, "protocol") == 0 || strcmp(field, "seed") == 0;
}

/* After the metrics, so that no label can pass for one. */
static qf_status set_labels(const qf_texts *labels, qf_record *record, qf_error *error) {
    for (size_t i = 0; i < labels->count; i++) {
        const char *label = labels->items[i], *equals = strchr(label, '=');
        if (!equals || equals == label) {
            return qf_fail(error, QF_USAGE, "--label: expected NAME=VALUE, got \"%s\"", label);
        }
        char name[64];
        const size_t length = (size_t)(equals - label);
        if (length >= sizeof name) return qf_fail(error, QF_USAGE, "--label: the name is too long");
        snprintf(name, sizeof name, "%.*s", (int)length, label);
        if (qf_record_find(record, name) && !is_name(name)) {
            return qf_fail(error, QF_USAGE, "--label: \"%s\" is computed and cannot be set", name);
        }
        QF_TRY(set_value(record, name, equals + 1, error));
    }
    return QF_OK;
}

static qf_status score_stream(const qf_cli *cli, qf_reader *reader, const score_options *o,
                              qf_record *record, qf_error *error) {
    qf_scores scores = {0};
    QF_TRY(set_names(reader, o, record, error));
    qf_status status = qf_scores_read(reader, &scores, error);
    qf_metrics_options how = qf_metrics_options_default(&scores);
    how.alert_rate = o->alert_rate;
    if (qf_cli_given(cli, "threshold")) how.threshold = o->threshold;
    if (status == QF_OK && !qf_costs_parse(o->cost, &how)) {
        status = qf_fail(error, QF_USAGE, "--cost %s: expected two numbers, FP,FN", o->cost);
    }
    if (status == QF_OK) status = qf_metrics_compute(&scores, &how, record, error);
    if (status == QF_OK) status = qf_metrics_add_evidence(reader, &scores, record, error);
    if (status == QF_OK) status = set_labels(&o->labels, record, error);
    qf_scores_free(&scores);
    return status;
}

static qf_status score(qf_cli *cli, void *given, qf_error *error) {
    qf_reader reader;
    qf_record *records = NULL;
    size_t count = 0, capacity = 0;
    bool more = true;
    qf_status status = qf_reader_open(&reader, &cli->session, qf_cli_input(cli), "scores", error);
    while (status == QF_OK && more) {
        status = qf_grow_array(&records, &capacity, count + 1, sizeof *records, error);
        if (status != QF_OK) break;
        records[count] = (qf_record){0};
        status = score_stream(cli, &reader, given, &records[count++], error);
        if (status == QF_OK) status = qf_reader_next_stream(&reader, "scores", &more, error);
    }
    qf_reader_close(&reader);
    if (status == QF_OK) status = qf_records_write(&cli->session, "metrics", records, count, error);
    for (size_t i = 0; i < count; i++) qf_record_free(&records[i]);
    free(records);
    return status;
}

int main(int argc, char **argv) {
    score_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, score);
}
