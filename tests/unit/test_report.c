/* Reports: intervals, violations beside numbers, CSV as promised, names that would be markup. */
#include "learn/violations_wire.h"
#include "report/report.h"
#include "report/results.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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
    assert_non_null(strstr(page, "| m     | by a, b |    0.900 |     0.915 |"));
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
