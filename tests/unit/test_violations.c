/* Each rule about provenance: one tree that breaks it and one that nearly does. */
#include "learn/violations_wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Trees are written one run a line, indented by one blank a level: tool, arguments, !notes. */
static char *copy_word(const char *start, size_t length) {
    char *word = calloc(length + 1, 1);
    memcpy(word, start, length);
    return word;
}

static void add_word(char ***words, size_t *count, const char *start, size_t length) {
    *words = realloc(*words, (*count + 1) * sizeof **words);
    (*words)[(*count)++] = copy_word(start, length);
}

static const char *parse_node(const char *text, size_t depth, qf_provenance **parsed) {
    qf_provenance *node = *parsed = calloc(1, sizeof *node);
    node->version = copy_word("0", 1);
    text += depth;
    while (*text != '\n' && *text) {
        const size_t length = strcspn(text, " \n");
        if (!node->tool) {
            node->tool = copy_word(text, length);
        } else if (strncmp(text, "--seed=", 7) == 0) {
            node->seeded = true;
            node->seed = strtoull(text + 7, NULL, 10);
        } else if (*text == '!') {
            add_word(&node->notes, &node->note_count, text + 1, length - 1);
        } else {
            add_word(&node->arguments, &node->argument_count, text, length);
        }
        text += length + (text[length] == ' ');
    }
    text += *text == '\n';
    while (*text && strspn(text, " ") == depth + 1) {
        node->inputs = realloc(node->inputs, (node->input_count + 1) * sizeof(qf_provenance *));
        text = parse_node(text, depth + 1, &node->inputs[node->input_count++]);
    }
    return text;
}

enum { ROWS = 4 };

/* What the rules say of this tree and these rows; freed by the caller. */
static char *find_in(const char *tree, const uint8_t seen[ROWS], const qf_origin origins[ROWS],
                     const char *test_source, const char *train_source) {
    qf_provenance *run;
    assert_string_equal(parse_node(tree, 0, &run), "");
    static const uint8_t unseen[ROWS];
    static const qf_origin original[ROWS] = {{0, -1}, {1, -1}, {2, -1}, {3, -1}};
    const qf_scores scores = {.count = ROWS,
                              .seen = (uint8_t *)(seen ? seen : unseen),
                              .origins = (qf_origin *)(origins ? origins : original)};
    qf_digest test = {{0}}, train = {{0}};
    memcpy(test.bytes, test_source, strlen(test_source));
    memcpy(train.bytes, train_source, strlen(train_source));
    qf_input inputs[] = {{.type = (char *)"model", .origins = {&train, 1, 1}},
                         {.type = (char *)"table", .origins = {&test, 1, 1}}};
    qf_bytes codes = {0};
    qf_error error = {0};
    assert_int_equal(qf_bytes_append(&codes, "", 0, &error), QF_OK);
    assert_int_equal(qf_violations_find(run, &scores, inputs, 2, &codes, &error), QF_OK);
    qf_provenance_release(run);
    return (char *)codes.data;
}

static void check(const char *tree, const char *expected) {
    char *codes = find_in(tree, NULL, NULL, "a", "a");
    if (strcmp(codes, expected) != 0) {
        fail_msg("got \"%s\", expected \"%s\" of\n%s", codes, expected, tree);
    }
    free(codes);
}

#define CLEAN "qf-audit --fix !audit:dropped=x\n"
#define TEST_ROWS " qf-split --test=0.2 --emit=test\n  " CLEAN
#define TRAIN_ROWS "  qf-split --test=0.2 --emit=train\n   " CLEAN
#define MODEL " qf-train-classic --model=forest\n"

static void test_honest_runs(void **state) {
    (void)state;
    check("qf-predict\n" TEST_ROWS MODEL TRAIN_ROWS, "");
    check("qf-predict\n" MODEL TRAIN_ROWS TEST_ROWS, "");
    /* Scaler and SMOTE of the training part. */
    check(
        "qf-predict\n qf-scale --apply=s.qf\n  qf-split --emit=test\n   " CLEAN
        "  qf-scale --fit=standard --save=s.qf\n   qf-split --emit=train\n    " CLEAN MODEL
        "  qf-smote\n   qf-scale --fit=standard --save=s.qf\n    qf-split --emit=train\n     " CLEAN,
        "");
    /* A second split of the training rows, for validation, after SMOTE. */
    check("qf-predict\n" TEST_ROWS MODEL
          "  qf-split --emit=train\n   qf-smote\n    qf-split --emit=train\n     " CLEAN,
          "");
    /* SMOTE before training rows are dealt to clients. */
    check("qf-predict\n" TEST_ROWS MODEL
          "  qf-split --clients=3 --client=1\n   qf-smote\n    qf-split --emit=train\n     " CLEAN,
          "");
    /* The model passed through another tool, the scores too. */
    check("qf-open\n qf-predict\n  qf-split --emit=test\n   " CLEAN
          "  qf-aggregate\n   qf-train-qnn\n    qf-split --emit=train\n     " CLEAN,
          "");
}

static void test_no_split(void **state) {
    (void)state;
    check("qf-predict\n " CLEAN MODEL TRAIN_ROWS, "no-split");
    check("qf-predict\n" TEST_ROWS MODEL "  " CLEAN, "no-split");
    check("qf-predict\n" TEST_ROWS MODEL "  qf-split --clients=3 --client=1\n   " CLEAN,
          "no-split");
}

static void test_ungrouped_split(void **state) {
    (void)state;
    check("qf-predict\n qf-split --emit=test --group=none\n  " CLEAN MODEL TRAIN_ROWS,
          "ungrouped-split");
    /* The last value of an option counts. */
    check("qf-predict\n qf-split --group=none --emit=test --group=identical\n  " CLEAN MODEL
              TRAIN_ROWS,
          "");
}

static void test_resampled(void **state) {
    (void)state;
    check("qf-predict\n qf-split --emit=test\n  qf-smote\n   " CLEAN MODEL
          "  qf-split --emit=train\n   qf-smote\n    " CLEAN,
          "resampled-before-split");
    check("qf-predict\n" TEST_ROWS MODEL "  qf-split --emit=train\n   qf-undersample\n    " CLEAN,
          "resampled-before-split");
    /* The test rows are a second split's, of rows that SMOTE had made from a first one's. */
    check(
        "qf-predict\n qf-split --emit=test\n  qf-smote\n   qf-split --emit=train\n    " CLEAN MODEL
            TRAIN_ROWS,
        "resampled-before-split");
    check("qf-predict\n qf-undersample\n  qf-split --emit=test\n   " CLEAN MODEL TRAIN_ROWS,
          "resampled-test");
}

static void test_scaled(void **state) {
    (void)state;
    check("qf-predict\n qf-split --emit=test\n  qf-scale --fit=min-max\n   " CLEAN MODEL
          "  qf-split --emit=train\n   qf-scale --fit=min-max\n    " CLEAN,
          "scaled-before-split");
    check("qf-predict\n qf-scale --apply=s.qf\n  qf-split --emit=test\n   " CLEAN
          "  qf-scale --fit=min-max --save=s.qf\n   " CLEAN MODEL TRAIN_ROWS,
          "scaled-before-split;scaled-unlike-training");
    check("qf-predict\n qf-scale --fit=min-max\n  qf-split --emit=test\n   " CLEAN MODEL TRAIN_ROWS,
          "scaled-on-test");
    check("qf-predict\n" TEST_ROWS MODEL
          "  qf-scale --apply=s.qf\n   qf-split --emit=train\n    " CLEAN
          "   qf-scale --fit=min-max --save=s.qf\n    qf-split --emit=test\n     " CLEAN,
          "scaled-on-test");
}

/* A reducer is judged as a scaler is, and each apart where both were fitted. */
static void test_reduced(void **state) {
    (void)state;
    check("qf-predict\n qf-split --emit=test\n  qf-reduce --to=4\n   " CLEAN MODEL
          "  qf-split --emit=train\n   qf-reduce --to=4\n    " CLEAN,
          "reduced-before-split");
    check("qf-predict\n qf-reduce --to=4\n  qf-split --emit=test\n   " CLEAN MODEL TRAIN_ROWS,
          "reduced-on-test");
    check("qf-predict\n qf-reduce --apply=r.qf\n  qf-split --emit=test\n   " CLEAN
          "  qf-reduce --to=4 --save=r.qf\n   qf-split --emit=train\n    " CLEAN MODEL
          "  qf-reduce --to=4\n   qf-split --emit=train\n    " CLEAN,
          "");
    check("qf-predict\n qf-reduce --apply=r.qf\n  qf-split --emit=test\n   " CLEAN
          "  qf-reduce --to=4 --by=anova --save=r.qf\n   qf-split --emit=train\n    " CLEAN MODEL
          "  qf-reduce --to=4\n   qf-split --emit=train\n    " CLEAN,
          "reduced-unlike-training");
    check(
        "qf-predict\n qf-reduce --apply=r.qf\n  qf-scale --apply=s.qf\n   qf-split --emit=test\n    " CLEAN
        "   qf-scale --fit=standard --save=s.qf\n    qf-split --emit=train\n     " CLEAN
        "  qf-reduce --to=4 --save=r.qf\n   qf-scale --fit=standard\n    qf-split --emit=train\n     " CLEAN
            MODEL
        "  qf-reduce --to=4\n   qf-scale --fit=standard\n    qf-split --emit=train\n     " CLEAN,
        "");
}

static void test_scaled_unlike_training(void **state) {
    (void)state;
    static const char scaled_train[] =
        "qf-predict\n qf-scale --apply=s.qf\n  qf-split --test=0.2 --emit=test\n   " CLEAN
        "  qf-scale --fit=%s --save=s.qf\n   qf-split --test=0.2 --emit=train\n    " CLEAN MODEL
        "  qf-smote\n   qf-scale --fit=standard%s\n    qf-split --test=0.2 --emit=train\n     " CLEAN;
    static const char *const cases[][3] = {{"standard", " --save=t.qf", ""},
                                           {"min-max", "", "scaled-unlike-training"},
                                           {"standard", " --clip=3", "scaled-unlike-training"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char tree[1024];
        snprintf(tree, sizeof tree, scaled_train, cases[i][0], cases[i][1]);
        check(tree, cases[i][2]);
    }
    check("qf-predict\n" TEST_ROWS MODEL
          "  qf-scale --fit=standard\n   qf-split --test=0.2 --emit=train\n    " CLEAN,
          "scaled-unlike-training");
    check("qf-predict\n qf-scale --apply=s.qf\n  qf-split --test=0.2 --emit=test\n   " CLEAN
          "  qf-scale --fit=standard --save=s.qf\n   qf-split --test=0.2 --emit=train\n    " CLEAN
              MODEL TRAIN_ROWS,
          "scaled-unlike-training");
}

/* The scaler's rows must be the other side of the test rows' own split. */
#define SCALED_TEST(test_split, scaler_split)                                                      \
    "qf-predict\n qf-scale --apply=s.qf\n  qf-split " test_split "\n   " CLEAN                     \
    "  qf-scale --fit=min-max --save=s.qf\n   qf-split " scaler_split "\n    " CLEAN MODEL         \
    "  qf-scale --fit=min-max\n   qf-split " scaler_split "\n    " CLEAN

static void test_scaler_of_another_split(void **state) {
    (void)state;
    check(SCALED_TEST("--test=0.2 --emit=test", "--group=identical --test=0.2"), "");
    check(SCALED_TEST("--folds=5 --fold=2 --emit=test", "--folds=5 --fold=2 --emit=train"), "");
    check(SCALED_TEST("--test=0.2 --emit=test", "--test=0.1 --emit=train"), "scaled-before-split");
    check(SCALED_TEST("--folds=5 --fold=2 --emit=test", "--folds=5 --fold=3 --emit=train"),
          "scaled-before-split");
    check(SCALED_TEST("--test=0.2 --emit=test", "--test=0.2 --group=none"),
          "ungrouped-split;scaled-before-split");
    check(SCALED_TEST("--test=0.2 --seed=1 --emit=test", "--test=0.2 --seed=2 --emit=train"),
          "scaled-before-split");
    /* The same split of a table that still had its copies; the same split at two clients. */
    check("qf-predict\n qf-scale --apply=s.qf\n  qf-split --emit=test\n   " CLEAN
          "  qf-scale --fit=min-max --save=s.qf\n   qf-split --emit=train\n    qf-import\n" MODEL
              TRAIN_ROWS,
          "scaled-before-split;scaled-unlike-training");
    check(
        "qf-predict\n qf-scale --apply=s.qf\n  qf-split --emit=test\n"
        "   qf-split --clients=3 --client=1\n    " CLEAN
        "  qf-scale --fit=min-max --save=s.qf\n   qf-split --emit=train\n"
        "    qf-split --clients=3 --client=2\n     " CLEAN MODEL
        "  qf-scale --fit=min-max\n   qf-split --emit=train\n"
        "    qf-split --clients=3 --client=2\n     " CLEAN,
        "");
    /* Training rows and others beside them: "cat train.qf all.qf | qf-scale --fit". */
    check(SCALED_TEST("--emit=test", "--emit=train\n    " CLEAN "   qf-import"),
          "scaled-before-split");
    /* Training rows split once more: the scaler saw the inner training part, or all of them. */
    check("qf-predict\n qf-scale --apply=s.qf\n  qf-split --emit=test\n   " CLEAN
          "  qf-scale --fit=min-max --save=s.qf\n   qf-split --test=0.3 --emit=train\n"
          "    qf-split --emit=train\n     " CLEAN MODEL
          "  qf-scale --fit=min-max\n   qf-split --test=0.3 --emit=train\n"
          "    qf-split --emit=train\n     " CLEAN,
          "");
    check(
        "qf-predict\n qf-scale --apply=s.qf\n  qf-split --test=0.3 --emit=test\n"
        "   qf-split --emit=train\n    " CLEAN
        "  qf-scale --fit=min-max --save=s.qf\n   qf-split --emit=train\n    " CLEAN MODEL
            TRAIN_ROWS,
        "scaled-before-split;scaled-unlike-training");
}

static void test_audit(void **state) {
    (void)state;
    check("qf-predict\n qf-split --emit=test\n  qf-import\n" MODEL TRAIN_ROWS, "not-audited");
    check("qf-predict\n" TEST_ROWS MODEL "  qf-split --emit=train\n   qf-import\n", "not-audited");
    check(
        "qf-predict\n qf-split --emit=test\n  qf-audit !audit:identifier-kept=id "
        "!audit:leak=id !audit:leak=b;c\n" MODEL
        "  qf-split --emit=train\n   qf-audit !audit:identifier-kept=id !audit:leak=id !audit:leak=b;c\n",
        "identifier-kept:id;leak-kept:id;leak-kept:b_c");
    /* A later audit that dropped it settles the matter; one that merely did not see it does not. */
    check(
        "qf-predict\n qf-split --emit=test\n  qf-audit --fix !audit:dropped=id\n   qf-audit "
        "!audit:leak=id\n" MODEL TRAIN_ROWS,
        "");
    check(
        "qf-predict\n qf-audit !audit:dropped=b\n  qf-split --test=0.2 --emit=test\n   qf-audit "
        "!audit:identifier-kept=id\n" MODEL TRAIN_ROWS,
        "identifier-kept:id");
    check(
        "qf-predict\n qf-audit !audit:leak=id\n  qf-audit !audit:dropped=id\n   qf-split "
        "--emit=test\n    qf-import\n" MODEL TRAIN_ROWS,
        "leak-kept:id");
}

static void test_rows(void **state) {
    (void)state;
    const char *const tree = "qf-predict\n" TEST_ROWS MODEL TRAIN_ROWS;
    const uint8_t seen[ROWS] = {QF_SEEN_ROW, QF_SEEN_ROW | QF_SEEN_PARENT, 0, QF_SEEN_ROW};
    const qf_origin synthetic[ROWS] = {{0, 1}, {1, -1}, {2, 0}, {3, -1}};
    char *codes = find_in(tree, seen, synthetic, "a", "a");
    assert_string_equal(codes, "trained-on-test-rows:3;trained-on-parents:1;synthetic-in-test:2");
    free(codes);
    /* Row numbers of different files say nothing about each other. */
    codes = find_in(tree, seen, NULL, "a", "b");
    assert_string_equal(codes, "different-data");
    free(codes);
    codes = find_in("qf-predict\n " CLEAN MODEL "  " CLEAN, NULL, NULL, "a", "b");
    assert_string_equal(codes, "different-data");
    free(codes);
}

static void test_chosen_by_test_rows(void **state) {
    (void)state;
    const char *const tree =
        "qf-predict\n" TEST_ROWS " qf-train-classic --model=tree --judge=test.qf\n" TRAIN_ROWS
        "  qf-split --test=0.2 --emit=test\n   " CLEAN;
    const uint8_t seen[ROWS] = {QF_SEEN_CHOICE, 0, QF_SEEN_CHOICE | QF_SEEN_ROW, QF_SEEN_CHOICE};
    char *codes = find_in(tree, seen, NULL, "a", "a");
    assert_string_equal(codes, "trained-on-test-rows:1;selected-on-test-rows:3");
    free(codes);
    codes = find_in(tree, seen, NULL, "a", "b");
    assert_string_equal(codes, "different-data");
    free(codes);
    /* The rows to choose by are no training rows: they split nothing off, and may be unaudited. */
    check("qf-predict\n" TEST_ROWS " qf-train-classic --judge=v.qf\n  " CLEAN
          "  qf-split --emit=test\n   " CLEAN,
          "no-split");
    check("qf-predict\n" TEST_ROWS " qf-train-classic --judge=v.qf\n" TRAIN_ROWS
          "  qf-split --emit=test\n   qf-import\n",
          "");
    /* Without the option, every input was fitted to. */
    check("qf-predict\n" TEST_ROWS " qf-train-classic\n" TRAIN_ROWS
          "  qf-split --emit=test\n   qf-smote\n    " CLEAN,
          "resampled-before-split");
}

static void test_unknown_origin(void **state) {
    (void)state;
    check("qf-predict\n" TEST_ROWS, "unknown-origin");
    check("qf-convert\n", "unknown-origin");
}

static void test_digest(void **state) {
    (void)state;
    qf_digest digests[2] = {{{0xab}}, {{0xcd}}};
    const qf_input inputs[] = {{.type = (char *)"model", .origins = {digests, 1, 1}},
                               {.type = (char *)"table", .origins = {digests, 2, 2}}};
    qf_bytes text = {0};
    qf_error error = {0};
    assert_int_equal(qf_data_digest(inputs, 2, &text, &error), QF_OK);
    assert_int_equal(text.length, 64 + 1 + 64);
    assert_memory_equal(text.data, "ab00", 4);
    assert_memory_equal(text.data + 64, "+cd00", 5);
    free(text.data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_honest_runs),
        cmocka_unit_test(test_no_split),
        cmocka_unit_test(test_ungrouped_split),
        cmocka_unit_test(test_resampled),
        cmocka_unit_test(test_scaled),
        cmocka_unit_test(test_reduced),
        cmocka_unit_test(test_scaled_unlike_training),
        cmocka_unit_test(test_scaler_of_another_split),
        cmocka_unit_test(test_audit),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_chosen_by_test_rows),
        cmocka_unit_test(test_unknown_origin),
        cmocka_unit_test(test_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
