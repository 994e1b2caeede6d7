/* Reports: intervals, violations beside numbers, CSV as promised, names that would be markup. */
#include "learn/violations_wire.h"
#include "report/axes.h"
#include "report/published.h"
#include "report/report.h"
#include "report/results.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static qf_record make_run(const char *model, int64_t seed, double accuracy,
                          const char *violations) {
    static const double recall[] = {0.25, 0.5, 1}, precision[] = {1, 0.75, 0.25};
    qf_record run = {0};
    qf_error error = {0};
    qf_record_set_text(&run, "model", model, &error);
    qf_record_set_text(&run, "variant", "plain", &error);
    qf_record_set_integer(&run, "seed", seed, &error);
    qf_record_set_real(&run, "accuracy", accuracy, &error);
    qf_record_set_real(&run, "roc_auc", NAN, &error);
    qf_record_set_integer(&run, "n_train", 80, &error);
    qf_record_set_integer(&run, "n_test", 20, &error);
    qf_record_set_text(&run, "violations", violations, &error);
    qf_record_set_reals(&run, "pr_recall", recall, 3, &error);
    assert_int_equal(qf_record_set_reals(&run, "pr_precision", precision, 3, &error), QF_OK);
    return run;
}

static void free_runs(qf_record *runs, size_t count) {
    for (size_t i = 0; i < count; i++) qf_record_free(&runs[i]);
}

static char *write(const qf_report *report, qf_report_format format) {
    qf_bytes out = {0};
    qf_error error = {0};
    if (qf_report_write(report, format, &out, &error) != QF_OK) fail_msg("%s", error.message);
    return (char *)out.data;
}

static void test_interval(void **state) {
    (void)state;
    qf_record runs[] = {make_run("m", 1, 0.90, ""), make_run("m", 2, 0.92, ""),
                        make_run("m", 3, 0.97, "")};
    qf_results results;
    qf_error error = {0};
    assert_int_equal(qf_results_group(runs, 3, &results, &error), QF_OK);
    assert_int_equal(results.count, 1);
    qf_summary s = qf_result_summary(&results.items[0], "accuracy");
    /* Variance 0.0013 with two degrees of freedom, times 1/3 + 20/80. */
    assert_true(fabs(s.mean - 0.93) < 1e-12);
    assert_true(fabs(s.half_width - 4.3026527297494637 * sqrt(0.0013 * (1.0 / 3 + 0.25))) < 1e-9);
    /* Synthetic rows in either part change nothing. */
    for (size_t i = 0; i < 3; i++) {
        qf_record_set_integer(&runs[i], "n_train", 112, &error);
        qf_record_set_integer(&runs[i], "n_test", 28, &error);
        qf_record_set_integer(&runs[i], "n_train_original", 80, &error);
        assert_int_equal(qf_record_set_integer(&runs[i], "n_test_original", 20, &error), QF_OK);
    }
    assert_true(fabs(qf_result_summary(&results.items[0], "accuracy").half_width - s.half_width) <
                1e-12);
    /* Seeds of the training alone have no interval over splits. */
    qf_record_set_text(&runs[0], "test_rows", "a", &error);
    qf_record_set_text(&runs[1], "test_rows", "b", &error);
    assert_int_equal(qf_record_set_text(&runs[2], "test_rows", "c", &error), QF_OK);
    assert_true(qf_result_summary(&results.items[0], "accuracy").half_width > 0);
    assert_int_equal(qf_record_set_text(&runs[2], "test_rows", "a", &error), QF_OK);
    assert_true(isnan(qf_result_summary(&results.items[0], "accuracy").half_width));
    assert_true(fabs(qf_result_summary(&results.items[0], "accuracy").mean - 0.93) < 1e-12);
    s = qf_result_summary(&results.items[0], "roc_auc");
    assert_true(s.count == 0 && isnan(s.mean) && isnan(s.half_width));
    qf_results_free(&results);
    assert_int_equal(qf_results_group(runs, 2, &results, &error), QF_OK);
    assert_true(isnan(qf_result_summary(&results.items[0], "accuracy").half_width));
    qf_results_free(&results);
    free_runs(runs, 3);
}

static void test_violations_merge(void **state) {
    (void)state;
    qf_record runs[] = {
        make_run("m", 1, 1, "no-split;leak-kept:a;leak-kept:7;trained-on-test-rows:3"),
        make_run("m", 2, 1, "no-split;leak-kept:a;leak-kept:7;trained-on-test-rows:12"),
        make_run("m", 3, 1, "no-split"), make_run("other", 3, 1, "odd-code;synthetic-in-test:1")};
    qf_results results;
    qf_violations list;
    qf_error error = {0};
    qf_bytes text = {0};
    assert_int_equal(qf_results_group(runs, 4, &results, &error), QF_OK);
    assert_int_equal(qf_result_violations(&results.items[0], &list, &error), QF_OK);
    for (size_t i = 0; i < list.count; i++) {
        assert_int_equal(qf_violation_print(&list.items[i], 3, &text, &error), QF_OK);
        assert_int_equal(qf_bytes_print(&text, &error, "\n"), QF_OK);
    }
    assert_string_equal((char *)text.data,
                        "no-split\nleak-kept: a, 7, 2 of 3 runs\n"
                        "trained-on-test-rows: 3 to 12 rows, 2 of 3 runs\n");
    qf_violations_free(&list);
    qf_results_free(&results);
    free(text.data);
    const qf_report report = {.records = runs, .count = 4};
    char *page = write(&report, QF_REPORT_TEXT);
    assert_non_null(strstr(page, "! synthetic-in-test: 1 row\n"));
    assert_non_null(strstr(page, qf_violation_explain("trained-on-test-rows")));
    free(page);
    free_runs(runs, 4);
}

static void test_every_code_is_explained(void **state) {
    (void)state;
    size_t count = 0;
    for (; qf_violation_codes[count]; count++) {
        assert_string_not_equal(qf_violation_explain(qf_violation_codes[count]),
                                qf_violation_explain("no such code"));
    }
    assert_int_equal(count, 19);
}

static void test_csv(void **state) {
    (void)state;
    qf_record runs[] = {make_run("a \"b\", c", 1, 0.1, "no-split;leak-kept:x"),
                        make_run("m", 2, 1, "")};
    const qf_report report = {.records = runs, .count = 2};
    char *csv = write(&report, QF_REPORT_CSV);
    assert_string_equal(
        csv,
        "model,variant,protocol,seed,accuracy,precision_weighted,recall_weighted,f1_weighted,"
        "precision,recall,f1,f2,mcc,balanced_accuracy,pr_auc,roc_auc,brier,log_loss,"
        "recall_at_alert,alert_rate,threshold,prevalence_test,n_train,n_test,tn,fp,fn,tp,"
        "violations,data_digest\n"
        "\"a \"\"b\"\", c\",plain,,1,0.1,,,,,,,,,,,,,,,,,,80,20,,,,,no-split;leak-kept:x,\n"
        "m,plain,,2,1,,,,,,,,,,,,,,,,,,80,20,,,,,,\n");
    free(csv);
    free_runs(runs, 2);
}

static void test_other_records(void **state) {
    (void)state;
    static const double list[] = {0.5, NAN, 2};
    qf_record records[2] = {{0}};
    qf_error error = {0};
    qf_record_set_text(&records[0], "column", "x|y", &error);
    qf_record_set_real(&records[0], "mean", 1.0 / 3, &error);
    qf_record_set_text(&records[1], "column", "z", &error);
    qf_record_set_reals(&records[1], "list", list, 3, &error);
    const qf_report report = {.records = records, .count = 2};
    char *text = write(&report, QF_REPORT_CSV);
    assert_string_equal(text, "column,mean,list\nx|y,0.3333333333333333,\nz,,0.5;;2\n");
    free(text);
    text = write(&report, QF_REPORT_MARKDOWN);
    assert_non_null(strstr(text, "| x\\|y    | 0.333333 |"));
    assert_non_null(strstr(text, "\\[3 values\\]"));
    free(text);
    free_runs(records, 2);
}

static void test_hostile_names(void **state) {
    (void)state;
    const char *const name = "<script>x</script>&'\"`*_\033[31m\xc2\x9b\xff \xc2\xb1 1";
    qf_record runs[] = {make_run(name, 1, 0.5, "leak-kept:<img src=x>"), make_run("m", 1, 0.5, "")};
    const char *const commands[] = {"qf-score </pre><script>", "qf-score"};
    const qf_report report = {.records = runs,
                              .count = 2,
                              .commands = commands,
                              .title = "</title><b>",
                              .audit = "<i>\n"};
    char *page = write(&report, QF_REPORT_HTML);
    static const char *const markup[] = {"<script", "<img",     "<b>",  "<i>", "</pre><s",
                                         "\033",    "\xc2\x9b", "\xff", "http"};
    for (size_t i = 0; i < sizeof markup / sizeof *markup; i++) {
        if (strstr(page, markup[i])) fail_msg("\"%s\" is in the page", markup[i]);
    }
    assert_non_null(
        strstr(page, "&lt;script&gt;x&lt;/script&gt;&amp;&#39;&quot;`*_\xef\xbf\xbd[31m"));
    free(page);
    page = write(&report, QF_REPORT_TEXT);
    assert_null(strchr(page, '\033'));
    free(page);
    page = write(&report, QF_REPORT_MARKDOWN);
    assert_null(strstr(page, "| <script"));
    assert_non_null(strstr(page, "\\<script\\>x\\</script\\>\\&'\"\\`\\*\\_"));
    free(page);
    free_runs(runs, 2);
}

static void test_colour(void **state) {
    (void)state;
    qf_record runs[] = {make_run("m", 1, 0.5, "no-split")};
    const qf_report report = {.records = runs, .count = 1, .colour = true};
    char *page = write(&report, QF_REPORT_TEXT);
    assert_non_null(strstr(page, "\033[33m! no-split\033[0m"));
    free(page);
    free_runs(runs, 1);
}

static void test_published(void **state) {
    (void)state;
    static const char text[] = "model,note,accuracy,f1\nm,\"by a, b\",91.5,\nx,,1,1\n";
    qf_sheet sheet;
    qf_error error = {0};
    assert_int_equal(qf_sheet_parse(text, sizeof text - 1, &sheet, &error), QF_OK);
    qf_record runs[] = {make_run("m", 1, 0.9, "")};
    const qf_report report = {.records = runs, .count = 1, .published = &sheet};
    char *page = write(&report, QF_REPORT_MARKDOWN);
    assert_non_null(strstr(page, "| m     | by a, b |   0.9000 |       |     0.915 |"));
    free(page);
    free_runs(runs, 1);
    qf_sheet_free(&sheet);
    static const struct {
        const char *text, *message;
    } refused[] = {{"", "no header"},
                   {"a,b\n1\n", "row 1: expected 2 cells, got 1"},
                   {"a,b\n1,\"2\n", "row 1: a quote is out of place"}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_int_equal(qf_sheet_parse(refused[i].text, strlen(refused[i].text), &sheet, &error),
                         QF_DATA);
        assert_string_equal(error.message, refused[i].message);
        qf_sheet_free(&sheet);
    }
}

static void test_refused(void **state) {
    (void)state;
    qf_record runs[] = {make_run("m", 1, 0.9, ""), make_run("m", 1, 0.9, ""), {0}};
    qf_bytes out = {0};
    qf_error error = {0};
    qf_report report = {.records = runs, .count = 2};
    assert_int_equal(qf_report_write(&report, QF_REPORT_TEXT, &out, &error), QF_MISMATCH);
    assert_string_equal(error.message,
                        "two results of model m, variant plain, protocol (none), seed 1: score one "
                        "of them with another --variant");
    assert_int_equal(qf_report_write(&report, QF_REPORT_CSV, &out, &error), QF_OK);
    report.count = 3;
    assert_int_equal(qf_report_write(&report, QF_REPORT_CSV, &out, &error), QF_MISMATCH);
    assert_string_equal(error.message,
                        "metrics of models and other records do not go into one report");
    free(out.data);
    free_runs(runs, 3);
}

static size_t count_of(const char *text, const char *part) {
    size_t count = 0;
    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part)) count++;
    return count;
}

/* The report, which must contain the text. */
static void expect(const qf_report *report, qf_report_format format, const char *text) {
    char *page = write(report, format);
    if (!strstr(page, text)) fail_msg("\"%s\" is not in:\n%s", text, page);
    free(page);
}

static void expect_failure(const qf_report *report, qf_report_format format, qf_status status,
                           const char *message) {
    qf_bytes out = {0};
    qf_error error = {0};
    assert_int_equal(qf_report_write(report, format, &out, &error), status);
    assert_string_equal(error.message, message);
    free(out.data);
}

static void test_training_rows(void **state) {
    (void)state;
    qf_record runs[] = {make_run("m", 1, 0.9, ""), make_run("m", 1, 0.99, "trained-on-test-rows:9"),
                        make_run("m", 2, 0.8, ""), make_run("m", 2, 0.97, "trained-on-test-rows:9"),
                        make_run("alone", 1, 0.7, "")};
    qf_error error = {0};
    for (size_t i = 0; i < 5; i++) {
        const bool training = i == 1 || i == 3;
        qf_record_set_real(&runs[i], "f1_weighted", training ? 0.98 : 0.75, &error);
        assert_int_equal(qf_record_set_text(&runs[i], "part", training ? "train" : "test", &error),
                         QF_OK);
    }
    const qf_report report = {.records = runs, .count = 5};
    static const qf_report_format formats[] = {QF_REPORT_TEXT, QF_REPORT_MARKDOWN, QF_REPORT_HTML};
    for (size_t i = 0; i < 3; i++) {
        char *page = write(&report, formats[i]);
        assert_non_null(strstr(page, "0.8500"));           /* the test rows' mean */
        assert_null(strstr(page, "trained-on-test-rows")); /* nor do they flag it */
        free(page);
    }
    /* 0.98 - 0.85; the model without training rows has no such cell. */
    expect(&report, QF_REPORT_HTML, "<td class=\"number\">+0.1300</td></tr>");
    expect(&report, QF_REPORT_HTML, "<td class=\"number\"></td></tr>");
    expect(&report, QF_REPORT_HTML, "<title>training: 0.9800</title>");
    expect(&report, QF_REPORT_MARKDOWN, "| m     |             0.9800 |         0.8500 |");
    expect(&report, QF_REPORT_MARKDOWN, "| alone |                    |         0.7000 |");
    char *csv = write(&report, QF_REPORT_CSV);
    assert_int_equal(count_of(csv, "\n"), 4);
    assert_null(strstr(csv, "0.99"));
    free(csv);
    const qf_report chosen = {.records = runs, .count = 5, .columns = "seed,accuracy"};
    csv = write(&chosen, QF_REPORT_CSV);
    assert_string_equal(csv, "seed,accuracy\n1,0.9\n2,0.8\n1,0.7\n");
    free(csv);
    /* Training rows of other data are this model's, unless there are test rows of that data, too.
     */
    qf_record other[] = {make_run("m", 1, 0.9, ""), make_run("m", 1, 0.99, ""),
                         make_run("m", 1, 0.7, "")};
    qf_record_set_text(&other[0], "data_digest", "aa", &error);
    qf_record_set_text(&other[1], "data_digest", "bb", &error);
    qf_record_set_text(&other[1], "part", "train", &error);
    assert_int_equal(qf_record_set_text(&other[2], "data_digest", "bb", &error), QF_OK);
    const qf_report apart = {.records = other, .count = 2},
                    together = {.records = other, .count = 3};
    expect(&apart, QF_REPORT_HTML, ">+0.0900</td></tr>");
    expect(&together, QF_REPORT_HTML, ">+0.2900</td></tr>");
    char *without_pair = write(&together, QF_REPORT_HTML);
    assert_null(strstr(without_pair, ">+0.0900</td></tr>"));
    free(without_pair);
    free_runs(other, 3);
    const qf_report training = {.records = &runs[1], .count = 1};
    expect_failure(&training, QF_REPORT_HTML, QF_MISMATCH,
                   "all metrics are of rows trained on: nothing to report");
    const qf_report without = {.records = &runs[4], .count = 1};
    char *page = write(&without, QF_REPORT_HTML);
    assert_null(strstr(page, "Overfit"));
    assert_null(strstr(page, "Training and test"));
    free(page);
    free_runs(runs, 5);
}

static void test_columns(void **state) {
    (void)state;
    static const char text[] =
        "model,criterion,accuracy,f1,note\nm,a,84.9,,x\nm,b,5e-7,2,x\nn,,100,50,y\n";
    qf_sheet sheet;
    qf_error error = {0};
    assert_int_equal(qf_sheet_parse(text, sizeof text - 1, &sheet, &error), QF_OK);
    qf_record runs[] = {make_run("m", 1, 0.9, ""), make_run("m", 1, 0.8, ""),
                        make_run("n", 1, 0.7, ""), make_run("other", 1, 0.6, "")};
    static const char *const criteria[] = {"a", "b", "", "a"};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(qf_record_set_text(&runs[i], "criterion", criteria[i], &error), QF_OK);
    }
    qf_report report = {.records = runs,
                        .count = 4,
                        .published = &sheet,
                        .columns = "accuracy,criterion,published_accuracy,published_f1"};
    char *csv = write(&report, QF_REPORT_CSV);
    assert_string_equal(csv,
                        "accuracy,criterion,published_accuracy,published_f1\n"
                        "0.9,a,0.849,\n0.8,b,5e-09,0.02\n0.7,,1,0.5\n0.6,a,,\n");
    free(csv);
    static const struct {
        const char *columns, *message;
    } refused[] = {
        {"accuracy,", "--columns: a name is empty"},
        {"published_mcc", "--columns: the published numbers have no column \"mcc\""},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        report.columns = refused[i].columns;
        expect_failure(&report, QF_REPORT_CSV, QF_USAGE, refused[i].message);
    }
    report.columns = "published_f1";
    report.published = NULL;
    expect_failure(&report, QF_REPORT_CSV, QF_USAGE,
                   "--columns: \"published_f1\" needs --published");
    /* Which of two rows is meant, only the criterion tells. */
    qf_record unlabelled = make_run("m", 1, 0.9, "");
    const qf_report ambiguous = {
        .records = &unlabelled, .count = 1, .published = &sheet, .columns = "published_f1"};
    expect_failure(
        &ambiguous, QF_REPORT_CSV, QF_MISMATCH,
        "published_f1: 2 published rows are of model m: give its metrics a label that is "
        "a column there");
    assert_true(qf_published_nearest(&sheet, &unlabelled, "accuracy", 0.8) == 0.849);
    assert_true(qf_published_nearest(&sheet, &unlabelled, "accuracy", 0.1) == 5e-9);
    assert_true(isnan(qf_published_nearest(&sheet, &unlabelled, "mcc", 0.1)));
    assert_true(isnan(qf_published_nearest(NULL, &unlabelled, "accuracy", 0.1)));
    free_runs(&unlabelled, 1);
    free_runs(runs, 4);
    qf_sheet_free(&sheet);
}

static qf_record make_comparison(const char *metric, const char *verdict, double first,
                                 double second, double gain, double half_width) {
    qf_record r = {0};
    qf_error error = {0};
    qf_record_set_text(&r, "first", "forest", &error);
    qf_record_set_text(&r, "second", "tree<b>", &error);
    qf_record_set_text(&r, "metric", metric, &error);
    qf_record_set_real(&r, "margin", 0.01, &error);
    qf_record_set_integer(&r, "splits", isnan(half_width) ? 2 : 4, &error);
    qf_record_set_real(&r, "first_mean", first, &error);
    qf_record_set_real(&r, "second_mean", second, &error);
    qf_record_set_real(&r, "difference", gain, &error);
    qf_record_set_real(&r, "low", gain - half_width, &error);
    qf_record_set_real(&r, "high", gain + half_width, &error);
    qf_record_set_real(&r, "detectable", 1.25 * half_width, &error);
    qf_record_set_real(&r, "p_different", half_width, &error);
    assert_int_equal(qf_record_set_text(&r, "verdict", verdict, &error), QF_OK);
    return r;
}

static void test_comparisons(void **state) {
    (void)state;
    qf_record records[] = {
        make_comparison("pr_auc", "superior", 0.9, 0.8, 0.1, 0.05),
        make_comparison("recall_at_alert", "non-inferior", 0.2, 0.19, 0.01, 0.015),
        make_comparison("brier", "superior", 0.05, 0.07, 0.02, 0.01),
        make_comparison("brier", "inferior", 0.07, 0.05, -0.02, 0.01),
        make_comparison("mcc", "undecided", 0.7, 0.75, -0.05, 0.08),
        make_comparison("f1", "undecided", 0.7, 0.75, -0.05, NAN),
        make_comparison("accuracy", "non-inferior", 0.5, 0.5, 0, 0),
        make_comparison("roc_auc", "undecided", 0.9, 0.8, 0.1, 0.05)};
    qf_error error = {0};
    assert_int_equal(qf_record_set_integer(&records[7], "family", 6, &error), QF_OK);
    static const char *const sentences[] = {
        "forest has 0.1000 more PR-AUC than tree<b> (95 % interval of the difference 0.0500 to "
        "0.1500, 4 splits): superior.",
        "forest has 0.0100 more recall at alert than tree<b> (95 % interval of the difference "
        "-0.0050 to 0.0250, 4 splits): non-inferior within 0.01.",
        /* Of a loss, first less second, as the words say. */
        "forest has 0.0200 less Brier score than tree<b> (95 % interval of the difference -0.0300 "
        "to -0.0100, 4 splits): superior.",
        "forest has 0.0200 more Brier score than tree<b> (95 % interval of the difference 0.0100 "
        "to 0.0300, 4 splits): inferior.",
        "forest has 0.0500 less MCC than tree<b> (95 % interval of the difference -0.1300 to "
        "0.0300, 4 splits): undecided; 4 splits would show a true difference of 0.1000 four times "
        "in five.",
        /* All that have no interval stand in one table. */
        "Undecided, as an interval takes three splits; by how much the first is better:  "
        "First   Second   Metric  Splits  Difference forest  tree<b>  F1           2     -0.0500",
        "forest has as much accuracy as tree<b> (95 % interval of the difference 0.0000 to 0.0000, "
        "4 splits): non-inferior within 0.01.",
        "forest has 0.1000 more ROC-AUC than tree<b> (95 % interval of the difference 0.0500 to "
        "0.1500, 4 splits): undecided as one of 6 comparisons; 4 splits would show a true "
        "difference of 0.0625 four times in five."};
    const qf_report report = {.records = records, .count = 8};
    char *page = write(&report, QF_REPORT_TEXT);
    for (char *c = page; *c; c++) {
        if (*c == '\n') *c = ' ';
    }
    for (size_t i = 0; i < 8; i++) {
        if (!strstr(page, sentences[i])) fail_msg("\"%s\" is not in:\n%s", sentences[i], page);
    }
    free(page);
    page = write(&report, QF_REPORT_HTML);
    assert_null(strstr(page, "<b>"));
    assert_null(strstr(page, "nan"));
    assert_int_equal(count_of(page, "<line class=\"margin\""), 8);
    assert_int_equal(count_of(page, "<line class=\"interval\""), 7); /* two splits have none */
    assert_int_equal(count_of(page, "<line class=\"axis\""), 1);     /* zero */
    free(page);
    expect(&report, QF_REPORT_MARKDOWN, "| +0.0500 to +0.1500 |");
    expect(&report, QF_REPORT_MARKDOWN,
           "Undecided, as an interval takes three splits: the table has the differences.");
    /* Beside metrics of models. */
    qf_record run = make_run("m", 1, 0.9, "");
    const qf_report both = {
        .records = &run, .count = 1, .comparisons = records, .comparison_count = 1};
    expect(&both, QF_REPORT_TEXT, "\nWhich is better\n\nforest has 0.1000 more PR-AUC");
    expect(&both, QF_REPORT_HTML, "<h2>Which is better</h2>");
    free_runs(&run, 1);
    free_runs(records, 8);
}

/* Epochs 1 to 10 by twos end at 9: no number stands beyond the axis. */
static void test_ticks(void **state) {
    (void)state;
    const qf_plot plot = {.width = 100, .height = 100, .x_from = 1, .x_to = 10, .y_to = 1};
    qf_bytes out = {0};
    qf_error error = {0};
    qf_page page = {QF_PAGE_HTML, false, &out, &error, QF_OK};
    qf_draw_x_ticks(&page, &plot, 2);
    assert_int_equal(page.status, QF_OK);
    assert_int_equal(count_of((char *)out.data, "<text"), 5);
    assert_non_null(strstr((char *)out.data, ">9<"));
    out.length = 0;
    qf_draw_y_ticks(&page, &plot, 0.1);
    assert_int_equal(count_of((char *)out.data, "<text"), 11);
    free(out.data);
}

/* ---- What the quantum layer adds, of made-up verdicts ---- */

static qf_record make_twin(const char *net, const char *twin, const char *verdict) {
    qf_record r = make_comparison("pr_auc", verdict, 0.9, 0.8, 0.1, 0.05);
    qf_error error = {0};
    qf_record_set_text(&r, "first", net, &error);
    assert_int_equal(qf_record_set_text(&r, "second", twin, &error), QF_OK);
    return r;
}

static void test_conclusion(void **state) {
    (void)state;
    static const struct {
        const char *verdicts[3]; /* against no layer, against cosines, of the other net */
        const char *sentence;
    } cases[] = {
        {{"superior", "superior", "superior"},
         "The quantum layer adds something over every twin (PR-AUC, 4 splits): small is superior to "
         "no layer in its place, cosines; large is superior to a dense layer of about as many weights."},
        {{"inferior", "undecided", "non-inferior"},
         "Nothing shows that the quantum layer adds anything over its twins, and it is worse than some "
         "(PR-AUC, 4 splits): small is inferior to no layer in its place and undecided against cosines; large is not "
         "inferior to a dense layer of about as many weights."},
        {{"superior", "undecided", "undecided"},
         "The quantum layer adds something over some of its twins only (PR-AUC, 4 splits): small is "
         "superior to no layer in its place and undecided against cosines; large is undecided "
         "against a dense layer of about as many weights."},
        {{"superior", "inferior", "undecided"},
         "The quantum layer is better than some of its twins and worse than others (PR-AUC, 4 "
         "splits): small is superior to no layer in its place and inferior to cosines; large"},
        {{"undecided", "non-inferior", "undecided"},
         "Nothing shows that the quantum layer adds anything over its twins (PR-AUC, 4 splits): "
         "small is not inferior to cosines and undecided against no layer in its place; large"},
        {{"non-inferior", "non-inferior", "non-inferior"},
         "The quantum layer is as good as its twins, and nothing shows that it adds anything "
         "(PR-AUC, 4 splits): small is not inferior to no layer in its place, cosines; large"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const *v = cases[i].verdicts;
        /* Dense layers that do not learn say nothing about the circuit; nor does another model. */
        qf_record records[] = {
            make_comparison("pr_auc", "superior", 0.9, 0.8, 0.1, 0.05),
            make_twin("small", "twin-none", v[0]), make_twin("small", "twin-cosine", v[1]),
            make_twin("small", "twin-only", "superior"), make_twin("large", "twin-dense", v[2])};
        const qf_report report = {.records = records, .count = 5};
        char *page = write(&report, QF_REPORT_TEXT);
        for (char *c = page; *c; c++) {
            if (*c == '\n') *c = ' ';
        }
        if (!strstr(page, cases[i].sentence)) fail_msg("\"%s\" not in %s", cases[i].sentence, page);
        assert_int_equal(count_of(page, "quantum layer"), 1);
        free(page);
        free_runs(records, 5);
    }
    qf_record without = make_comparison("pr_auc", "superior", 0.9, 0.8, 0.1, 0.05);
    const qf_report report = {.records = &without, .count = 1};
    char *page = write(&report, QF_REPORT_TEXT);
    assert_null(strstr(page, "quantum layer"));
    free(page);
    free_runs(&without, 1);
}

/* ---- How nets were trained ---- */

static qf_record make_net(const char *variant, int64_t seed, double loss, double beyond) {
    qf_record run = make_run("net", seed, 0.9, "");
    const double losses[] = {2 * loss, loss}, accuracies[] = {0.5, 0.75}, angles[] = {0, beyond};
    qf_error error = {0};
    qf_record_set_text(&run, "variant", variant, &error);
    qf_record_set_reals(&run, "epoch_loss", losses, 2, &error);
    qf_record_set_reals(&run, "epoch_accuracy", accuracies, 2, &error);
    qf_record_set_reals(&run, "validation_loss", losses, 2, &error);
    qf_record_set_reals(&run, "validation_accuracy", accuracies, 2, &error);
    qf_record_set_integer(&run, "live_parameters", 77, &error);
    qf_record_set_reals(&run, "angles_beyond_pi", angles, 2, &error);
    const double largest[] = {0, 100 * beyond};
    assert_int_equal(qf_record_set_reals(&run, "largest_angle", largest, 2, &error), QF_OK);
    return run;
}

static void test_trainings(void **state) {
    (void)state;
    static const char text[] =
        "model,epoch,train_loss,train_accuracy,val_loss,val_accuracy\n"
        "net,1,0.6,0.61,0.62,0.63\nnet,2,0.4,0.81,0.42,\nother,1,9,9,9,9\n";
    qf_sheet epochs;
    qf_error error = {0};
    assert_int_equal(qf_sheet_parse(text, sizeof text - 1, &epochs, &error), QF_OK);
    qf_record runs[] = {make_net("published", 1, 0.25, 0.5), make_net("published", 2, 0.35, 0.25),
                        make_net("sound", 1, 0.125, 0.0625), make_net("frozen", 1, 0.1, NAN)};
    const qf_report report = {.records = runs, .count = 4, .epochs = &epochs};
    char *page = write(&report, QF_REPORT_TEXT);
    for (char *c = page; *c; c++) {
        if (*c == '\n') *c = ' ';
    }
    assert_non_null(strstr(
        page,
        "An angle beyond pi wraps, so that large values look like small ones. As published, 37.5 % "
        "of the angles that the circuit of net is given lie beyond pi, the largest at 50.0; in the "
        "sound recipe 6.2 %, the largest at 6.2. Accuracy: 0.9000 and 0.9000."));
    assert_int_equal(count_of(page, "An angle beyond pi"), 1);
    free(page);
    expect(&report, QF_REPORT_MARKDOWN,
           "| net, published |         77 |      2 | 0.3000 |   0.7500 |");
    expect(
        &report, QF_REPORT_MARKDOWN,
        "| net, published |     2 |         0.3000 |    0.4000 |           0.3000 |    0.4200 |  "
        "           0.7500 |    0.8100 |               0.7500 |           |");
    page = write(&report, QF_REPORT_HTML);
    char *section = strstr(page, "<h2>How the nets were trained</h2>");
    assert_non_null(section);
    strstr(section + 1, "<h2>")[0] = 0;
    assert_null(strstr(section, "nan"));
    assert_non_null(strstr(section, "Loss, training, last epoch: 0.3000, published 0.4000"));
    assert_int_equal(count_of(page, "<path class=\"curve d2\""), 6);
    free(page);
    /* Models that are not trained by epochs have no such section. */
    qf_record plain = make_run("m", 1, 0.9, "");
    const qf_report none = {.records = &plain, .count = 1, .epochs = &epochs};
    page = write(&none, QF_REPORT_MARKDOWN);
    assert_null(strstr(page, "How the nets were trained"));
    free(page);
    free_runs(&plain, 1);
    free_runs(runs, 4);
    qf_sheet_free(&epochs);
}

static void test_reasons(void **state) {
    (void)state;
    static const char all[] =
        "resampled-before-split;scaled-before-split;identifier-kept:index;"
        "leak-kept:index;trained-on-parents:12;synthetic-in-test:7";
    static const char sentences[] =
        "Why these numbers are higher than new rows would give: The column \"index\", which numbers "
        "rows that lie sorted by their label, and so gives it away, was kept as a feature. "
        "Resampling saw all rows before they were split: 7 of the test rows are made, and 12 of the "
        "test rows have relatives among the rows trained on. Scaling was fitted to all rows before "
        "the split, too.";
    qf_record runs[] = {make_run("a", 1, 0.9, all), make_run("b", 1, 0.9, "leak-kept:index")};
    qf_report report = {.records = runs, .count = 2};
    char *page = write(&report, QF_REPORT_TEXT);
    for (char *c = page; *c; c++) {
        if (*c == '\n') *c = ' ';
    }
    if (!strstr(page, sentences)) fail_msg("%s", page);
    free(page);
    /* Not where one result is free of it. */
    qf_error error = {0};
    assert_int_equal(qf_record_set_text(&runs[1], "violations", "ungrouped-split", &error), QF_OK);
    page = write(&report, QF_REPORT_TEXT);
    assert_null(strstr(page, "Why these numbers"));
    free(page);
    free_runs(runs, 2);
}

static void test_published_confusion(void **state) {
    (void)state;
    static const char text[] = "model,accuracy,tn,fp,fn,tp\nm,90,50,3,4,60\nx,90,,,,\n";
    qf_sheet sheet;
    qf_error error = {0};
    assert_int_equal(qf_sheet_parse(text, sizeof text - 1, &sheet, &error), QF_OK);
    qf_record runs[] = {make_run("m", 1, 0.9, ""), make_run("x", 1, 0.9, "")};
    for (size_t i = 0; i < 2; i++) {
        static const char *const cells[] = {"tn", "fp", "fn", "tp"};
        for (int64_t k = 0; k < 4; k++) qf_record_set_integer(&runs[i], cells[k], 10 + k, &error);
    }
    const qf_report report = {.records = runs, .count = 2, .published = &sheet};
    expect(
        &report, QF_REPORT_MARKDOWN,
        "| m     |       10.0 |        50 |         11.0 |         3 |          12.0 |         4 "
        "|   13.0 |        60 |");
    char *page = write(&report, QF_REPORT_HTML);
    assert_int_equal(count_of(page, "<table class=\"confusion\">"), 3);
    assert_int_equal(count_of(page, "as published</figcaption>"), 1);
    free(page);
    free_runs(runs, 2);
    qf_sheet_free(&sheet);
}

static qf_record make_curve(int64_t seed, const double *values, size_t count, double chosen) {
    static const double means[] = {0.5, 0.7, 0.9, 0.8}, deviations[] = {0.1, 0, 0.05, 0};
    qf_record r = {0};
    qf_error error = {0};
    qf_record_set_text(&r, "model", "svm", &error);
    qf_record_set_text(&r, "parameter", "C", &error);
    qf_record_set_text(&r, "metric", "pr_auc", &error);
    qf_record_set_integer(&r, "seed", seed, &error);
    qf_record_set_reals(&r, "values", values, count, &error);
    qf_record_set_reals(&r, "training_mean", means, count, &error);
    qf_record_set_reals(&r, "training_sd", deviations, count, &error);
    qf_record_set_reals(&r, "validation_mean", means, count, &error);
    qf_record_set_reals(&r, "validation_sd", deviations, count, &error);
    assert_int_equal(qf_record_set_real(&r, "chosen", chosen, &error), QF_OK);
    return r;
}

static void test_tuning(void **state) {
    (void)state;
    static const double powers[] = {0.01, 0.1, 1, 10}, numbers[] = {1, 2, 3, 4};
    qf_record run = make_run("m", 1, 0.9, "");
    qf_record curves[] = {make_curve(1, powers, 4, 1), make_curve(2, powers, 4, 10)};
    qf_report report = {.records = &run, .count = 1, .curves = curves, .curve_count = 2};
    char *page = write(&report, QF_REPORT_HTML);
    /* One chart of both seeds, powers of ten at equal distances, the chosen value at the third. */
    assert_int_equal(count_of(page, "PR-AUC of svm against its C"), 1);
    assert_int_equal(count_of(page, "class=\"curve thin\""), 1);
    assert_int_equal(count_of(page, "class=\"band"), 2);
    assert_non_null(strstr(page, "Chosen: C 1, PR-AUC 0.9000; other seeds: 10</figcaption>"));
    const qf_plot plot = {62, 28, 242, 150, 0.01, 10, 0, 1, true};
    char ticks[3][64];
    for (int i = 0; i < 3; i++) {
        snprintf(ticks[i], sizeof ticks[i], "<line class=\"grid\" x1=\"%.1f\"", 62 + 242.0 * i / 3);
        assert_non_null(strstr(page, ticks[i]));
        assert_true(fabs(qf_plot_x(&plot, powers[i]) - (62 + 242.0 * i / 3)) < 1e-9);
    }
    free(page);
    static const qf_report_format lines[] = {QF_REPORT_TEXT, QF_REPORT_MARKDOWN};
    for (size_t i = 0; i < 2; i++) {
        expect(&report, lines[i], "svm, seed 1: C 1, PR-AUC 0.9000, of 4 values.");
        expect(&report, lines[i], "svm, seed 2: C 10, PR-AUC 0.8000, of 4 values.");
    }
    free_runs(curves, 2);
    /* A single value, and values a step apart. */
    curves[0] = make_curve(1, numbers, 1, 1);
    curves[1] = make_curve(1, numbers, 4, 3);
    qf_error error = {0};
    assert_int_equal(qf_record_set_text(&curves[1], "parameter", "k", &error), QF_OK);
    page = write(&report, QF_REPORT_HTML);
    assert_int_equal(count_of(page, "PR-AUC of svm against its "), 2);
    assert_null(strstr(page, "\"nan"));
    assert_null(strstr(page, "\"inf"));
    free(page);
    assert_int_equal(qf_record_set_reals(&curves[1], "training_sd", numbers, 3, &error), QF_OK);
    expect_failure(&report, QF_REPORT_HTML, QF_DATA,
                   "a tuning curve's \"training_sd\" is missing or of another length");
    expect_failure(&report, QF_REPORT_TEXT, QF_DATA,
                   "a tuning curve's \"training_sd\" is missing or of another length");
    free_runs(curves, 2);
    free_runs(&run, 1);
}

static void test_correlations(void **state) {
    (void)state;
    static const double matrix[3][3] = {{1, -0.004, 0.5}, {-0.004, 1, -0.25}, {0.5, -0.25, 1}};
    static const char *const names[] = {"a", "a name longer than its place \xc3\xa4<i>", "label"};
    qf_record run = make_run("m", 1, 0.9, ""), rows[4] = {{0}};
    qf_error error = {0};
    qf_record_set_text(&rows[0], "record", "table", &error); /* no row of the matrix */
    for (size_t i = 0; i < 3; i++) {
        qf_record_set_text(&rows[i + 1], "name", names[i], &error);
        assert_int_equal(qf_record_set_reals(&rows[i + 1], "correlations", matrix[i], 3, &error),
                         QF_OK);
    }
    qf_report report = {.records = &run, .count = 1, .profile = rows, .profile_count = 4};
    char *page = write(&report, QF_REPORT_HTML);
    assert_int_equal(count_of(page, "<rect class=\"positive\""), 5);
    assert_int_equal(count_of(page, "<rect class=\"negative\""), 4);
    assert_non_null(strstr(page, ">-0.25</text>"));
    assert_null(strstr(page, "-0.00<")); /* no sign that the decimals do not show */
    assert_non_null(strstr(page, "<desc>With label: a 0.50, "));
    assert_non_null(strstr(
        page, "a name lon\xe2\x80\xa6<title>a name longer than its place \xc3\xa4&lt;i&gt;"));
    free(page);
    expect(&report, QF_REPORT_TEXT, "Largest correlations with label: a 0.50, a name longer");
    report.profile_count = 3;
    expect_failure(&report, QF_REPORT_HTML, QF_DATA, "the profile's correlations are no square");
    report.profile_count = 1;
    page = write(&report, QF_REPORT_HTML);
    assert_null(strstr(page, "Correlations"));
    free(page);
    free_runs(rows, 4);
    free_runs(&run, 1);
}

static void test_curves_and_errors(void **state) {
    (void)state;
    static const double alerts[] = {0.1, 1}, found[] = {0.4, 1};
    enum { MODELS = 18 };
    qf_record runs[MODELS];
    qf_error error = {0};
    for (int i = 0; i < MODELS; i++) {
        char name[16];
        snprintf(name, sizeof name, "m%d", i);
        runs[i] = make_run(name, 1, 0.9, "");
        qf_record_set_real(&runs[i], "pr_auc", 0.1 + 0.05 * ((i * 7) % MODELS), &error);
        qf_record_set_integer(&runs[i], "fp", i, &error);
        qf_record_set_integer(&runs[i], "fn", 2 * i, &error);
        qf_record_set_reals(&runs[i], "gains_alerts", alerts, 2, &error);
        qf_record_set_reals(&runs[i], "gains_recall", found, 2, &error);
        qf_record_set_real(&runs[i], "alert_rate", 0.05, &error);
        qf_record_set_real(&runs[i], "recall_at_alert", 0.2, &error);
        qf_record_set_real(&runs[i], "expected_cost", 0.75, &error);
        qf_record_set_real(&runs[i], "cost_fp", 1, &error);
        assert_int_equal(qf_record_set_real(&runs[i], "cost_fn", 12, &error), QF_OK);
    }
    const qf_report report = {.records = runs, .count = MODELS};
    char *page = write(&report, QF_REPORT_HTML);
    /* The legend by falling area: 17/18 is m5's (5 * 7 = 35 = 17 modulo 18), then m10's. */
    const char *first = strstr(page, "</svg>m5 <b>0.950</b>"),
               *second = strstr(page, "</svg>m10 <b>0.900</b>");
    assert_true(first && second && first < second);
    assert_int_equal(count_of(page, "</b></li>"), 16);
    assert_non_null(strstr(page, "The 16 largest areas."));
    assert_null(strstr(page, "</svg>m0 <b>")); /* the least area */
    char class[MODELS][32];
    for (size_t i = 0; i < 16; i++) { /* no two lines look alike */
        snprintf(class[i], sizeof class[i], "\"series s%zu d%zu\"", i % 8, (i + i / 8) % 4);
        assert_int_equal(count_of(page, class[i]), 2);
    }
    assert_non_null(strstr(page, "m3 6 missed, 3 false alarms; "));
    assert_int_equal(count_of(page, "<rect class=\"bar missed\""),
                     MODELS - 1); /* m0 errs nowhere */
    assert_non_null(strstr(page, "dot: 5\xc2\xa0% of the rows hold 20.0\xc2\xa0% of the fraud"));
    assert_non_null(strstr(page,
                           "Expected cost of a row at the threshold: 0.750, where a false "
                           "alarm costs 1 and a missed fraud 12<"));
    /* Every drawing that is not decoration has its text. */
    assert_int_equal(count_of(page, "role=\"img\"><title>"), count_of(page, "role=\"img\""));
    assert_int_equal(count_of(page, "<svg "),
                     count_of(page, "role=\"img\"") + count_of(page, "aria-hidden=\"true\""));
    free(page);
    expect(&report, QF_REPORT_MARKDOWN, "| m3    |           6.0 |          3.0 |");
    free_runs(runs, MODELS);
}

static void test_axes(void **state) {
    (void)state;
    static const struct {
        double from, to, step, low, high;
        int decimals;
    } cases[] = {{0.713, 0.948, 0.05, 0.7, 0.95, 2},
                 {0, 1, 0.2, 0, 1, 1},
                 {3, 1075, 500, 0, 1500, 0},
                 {-0.013, 0.078, 0.02, -0.02, 0.08, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double from = cases[i].from, to = cases[i].to;
        const double step = qf_nice_step(&from, &to, 5);
        assert_true(fabs(step - cases[i].step) < 1e-12);
        assert_true(fabs(from - cases[i].low) < 1e-12 && fabs(to - cases[i].high) < 1e-12);
        assert_int_equal(qf_step_decimals(step), cases[i].decimals);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interval),
        cmocka_unit_test(test_violations_merge),
        cmocka_unit_test(test_every_code_is_explained),
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_other_records),
        cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_colour),
        cmocka_unit_test(test_published),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_training_rows),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_comparisons),
        cmocka_unit_test(test_ticks),
        cmocka_unit_test(test_conclusion),
        cmocka_unit_test(test_trainings),
        cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_published_confusion),
        cmocka_unit_test(test_tuning),
        cmocka_unit_test(test_correlations),
        cmocka_unit_test(test_curves_and_errors),
        cmocka_unit_test(test_axes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
