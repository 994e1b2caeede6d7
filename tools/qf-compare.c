/* qf-compare: is one model better than others on the same splits? */
#include "base/memory.h"
#include "cli/cli.h"
#include "learn/paired_wire.h"
#include "stream/records.h"

#include <stdlib.h>
#include <string.h>

typedef struct compare_options {
    const char *metric, *cost;
    double margin, alert_rate;
    int64_t replicates;
    int require;
    bool pairs;
} compare_options;

enum { REQUIRE_NOTHING, REQUIRE_SUPERIOR, REQUIRE_NON_INFERIOR };
static const char *const requirements[] = {"nothing", "superior", "non-inferior", NULL};

static const qf_option options[] = {
    {.name = "metric",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(compare_options, metric),
     .argument = "NAME",
     .initial = "pr_auc",
     .help = "a metric of qf-score: pr_auc, accuracy, recall_at_alert, expected_cost ..."},
    {.name = "margin",
     .kind = QF_OPTION_REAL,
     .offset = offsetof(compare_options, margin),
     .argument = "X",
     .maximum = 1e9,
     .help = "how much worse is still not inferior, in the metric's units; by default 0.01, and "
             "0.005 for accuracy"},
    {.name = "require",
     .kind = QF_OPTION_CHOICE,
     .offset = offsetof(compare_options, require),
     .argument = "VERDICT",
     .initial = "nothing",
     .choices = requirements,
     .help = "end with exit code 1 unless the first is superior in each comparison, or at least "
             "non-inferior"},
    {.name = "alert-rate",
     .kind = QF_OPTION_REAL,
     .offset = offsetof(compare_options, alert_rate),
     .argument = "SHARE",
     .initial = "0.05",
     .minimum = 0x1p-30,
     .maximum = 1,
     .help = "the share of rows that can be looked into, for recall_at_alert"},
    {.name = "cost",
     .kind = QF_OPTION_TEXT,
     .offset = offsetof(compare_options, cost),
     .argument = "FP,FN",
     .initial = "1,10",
     .help = "what a false alarm and a missed fraud cost, for expected_cost"},
    {.name = "replicates",
     .kind = QF_OPTION_INTEGER,
     .offset = offsetof(compare_options, replicates),
     .argument = "N",
     .initial = "2000",
     .maximum = 1e6,
     .help = "bootstrap replicates of each split; 0: no bootstrap"},
    {.name = "pairs",
     .kind = QF_OPTION_FLAG,
     .offset = offsetof(compare_options, pairs),
     .help = "compare A with B, C with D and so on, as one family"},
};

static const qf_example examples[] = {
    {"qf-compare forest.qf tree.qf | qf-report --to text",
     "Each file holds the scores of several splits, one stream after another (cat)"},
    {"qf-compare --metric recall_at_alert --require superior smote.qf plain.qf > verdict.qf",
     "Exit code 1 unless SMOTE finds more fraud at 5 % alerts"},
    {"qf-compare --pairs net1.qf twin1.qf net2.qf twin2.qf | qf-report",
     "Two nets, each against its own twin"},
};

static const qf_tool tool = {
    .name = "qf-compare",
    .summary = "say whether a model is better than others on the same splits",
    .description =
        "Reads the score streams of two or more models, a file a model, and writes a record for "
        "the first against each of the others, or with --pairs for each pair. Runs are paired by their test rows, which must be "
        "the same in all files.\n\n"
        "The interval of the mean difference is Student's t with the variance corrected for "
        "overlapping test parts (Nadeau and Bengio 2003), and needs three splits. All "
        "comparisons of one command are one family, and their p values are Holm's. The verdict is "
        "superior (better than zero), non-inferior (not worse by the margin), inferior, or "
        "undecided; then \"detectable\" is the true difference that so many splits would find "
        "four times in five. Positive differences are in favour of the first, of losses too.\n\n"
        "The lists of exact McNemar tests and paired stratified bootstrap intervals speak of one "
        "split and its fitted models each, and are not pooled: their test rows overlap.",
    .operands = "A B ...",
    .max_operands = 4096,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .features = QF_TOOL_SEED | QF_TOOL_THREADS,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

static qf_status set_options(const qf_cli *cli, const compare_options *o, qf_paired_options *paired,
                             qf_error *error) {
    if (qf_metric_find(o->metric, &paired->metric, error) != QF_OK) {
        return qf_error_context(error, "--metric");
    }
    const double usual = strcmp(o->metric, "accuracy") == 0 ? 0.005 : 0.01;
    paired->margin = qf_cli_given(cli, "margin") ? o->margin : usual;
    paired->how.alert_rate = o->alert_rate;
    paired->replicates = (size_t)o->replicates;
    paired->seed = cli->seed;
    paired->in_pairs = o->pairs;
    if (qf_costs_parse(o->cost, &paired->how)) return QF_OK;
    return qf_fail(error, QF_USAGE, "--cost %s: expected two numbers, FP,FN", o->cost);
}

static bool meets(qf_verdict verdict, int requirement) {
    if (requirement == REQUIRE_NOTHING) return true;
    return verdict == QF_SUPERIOR ||
           (requirement == REQUIRE_NON_INFERIOR && verdict == QF_NON_INFERIOR);
}

static qf_status compare_and_write(qf_cli *cli, const qf_paired_options *paired,
                                   const qf_paired_model *models, size_t count, int requirement,
                                   qf_error *error) {
    const size_t comparisons = qf_paired_comparisons(count, paired->in_pairs);
    qf_record *records = qf_new_array(comparisons, sizeof *records, error);
    qf_verdict *verdicts = qf_new_array(comparisons, sizeof *verdicts, error);
    qf_status status = records && verdicts ? QF_OK : QF_MEMORY;
    if (status == QF_OK) {
        status = qf_compare_models(models, count, paired, &cli->run, records, verdicts, error);
    }
    if (status == QF_OK) {
        status = qf_records_write(&cli->session, "metrics", records, comparisons, error);
    }
    for (size_t i = 0; i < comparisons && records; i++) qf_record_free(&records[i]);
    for (size_t i = 0; i < comparisons && status == QF_OK; i++) {
        if (!meets(verdicts[i], requirement)) status = QF_VERDICT;
    }
    free(records);
    free(verdicts);
    return status;
}

static qf_status compare(qf_cli *cli, void *given, qf_error *error) {
    const compare_options *o = given;
    const size_t count = cli->operand_count;
    qf_paired_options paired = {0};
    QF_TRY(set_options(cli, o, &paired, error));
    if (count < 2)
        return qf_fail(error, QF_USAGE, "expected the score files of two models or more");
    if (o->pairs && count % 2 != 0) {
        return qf_fail(error, QF_USAGE, "--pairs: expected pairs of score files, got %zu files",
                       count);
    }
    qf_paired_model *models = qf_new_array(count, sizeof *models, error);
    if (!models) return QF_MEMORY;
    qf_status status = QF_OK;
    for (size_t i = 0; status == QF_OK && i < count; i++) {
        status = qf_paired_model_read(&cli->session, cli->operands[i], &models[i], error);
    }
    if (status == QF_OK) {
        status = compare_and_write(cli, &paired, models, count, o->require, error);
    }
    for (size_t i = 0; i < count; i++) qf_paired_model_free(&models[i]);
    free(models);
    return status;
}

int main(int argc, char **argv) {
    compare_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, compare);
}
