/* AdaBoost against scikit-learn's (tests/oracle/boosting.py), and the trees that it grows against
 * every split there is. */
#include "learn/boosting.h"
#include "learn/presorted.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "boosting_oracle.h"
#include "tree_tables.h"

static qf_boosting fit(const qf_table *table, const qf_boosting_options *options, size_t threads) {
    qf_run run = qf_run_default();
    run.threads = threads;
    qf_boosting boosting;
    qf_error error;
    assert_int_equal(qf_boosting_fit(table, options, &run, &boosting, &error), QF_OK);
    return boosting;
}

static void check_probabilities(const boosting_case *k, const qf_boosting *boosting,
                                const double *expected, const char *when) {
    double *probabilities = malloc(k->rows * sizeof *probabilities);
    qf_boosting_predict(boosting, k->values, k->rows, probabilities);
    for (size_t r = 0; r < k->rows; r++) {
        if (fabs(probabilities[r] - expected[r]) < 1e-9) continue;
        fail_msg("%s, %s tree, row %zu: %.12g, expected %.12g", k->name, when, r, probabilities[r],
                 expected[r]);
    }
    free(probabilities);
}

static void test_oracle(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof boosting_cases / sizeof *boosting_cases; i++) {
        const boosting_case *k = boosting_cases[i];
        qf_table table = make_table(k->rows, k->columns);
        memcpy(table.values, k->values, k->rows * k->columns * sizeof *k->values);
        memcpy(table.labels, k->labels, k->rows);
        qf_boosting boosting = fit(&table, &k->options, 1);
        assert_int_equal(boosting.forest.trees, k->trees);
        check_probabilities(k, &boosting, k->last, "last");
        qf_boosting_free(&boosting);
        qf_boosting_options one = k->options;
        one.estimators = 1;
        boosting = fit(&table, &one, 1);
        check_probabilities(k, &boosting, k->first, "first");
        qf_boosting_free(&boosting);
        qf_table_free(&table);
    }
}

/* ---- Trees ---- */

typedef struct grown {
    const qf_table *table;
    const double *weights;
    size_t max_depth;
    qf_tree tree;
    uint32_t *leaves;
} grown;

static grown grow(const qf_table *table, const double *weights, size_t max_depth, size_t threads) {
    qf_run run = qf_run_default();
    run.threads = threads;
    qf_error error;
    qf_ranks ranks;
    qf_presorted *presorted;
    grown g = {.table = table, .weights = weights, .max_depth = max_depth};
    g.leaves = malloc(table->rows * sizeof *g.leaves);
    assert_int_equal(qf_ranks_init(&ranks, table, &run, &error), QF_OK);
    assert_int_equal(qf_presorted_new(&ranks, table->labels, max_depth, &run, &presorted, &error),
                     QF_OK);
    /* Twice: what the first tree leaves behind must not show in the second. */
    assert_int_equal(qf_presorted_grow(presorted, weights, &g.tree, g.leaves, &error), QF_OK);
    qf_tree_free(&g.tree);
    assert_int_equal(qf_presorted_grow(presorted, weights, &g.tree, g.leaves, &error), QF_OK);
    qf_presorted_free(presorted);
    qf_ranks_free(&ranks);
    return g;
}

static void free_grown(grown *g) {
    qf_tree_free(&g->tree);
    free(g->leaves);
}

typedef struct sorted_row {
    double value;
    size_t row;
} sorted_row;

static int compare_sorted(const void *a, const void *b) {
    const double x = ((const sorted_row *)a)->value, y = ((const sorted_row *)b)->value;
    return (x > y) - (x < y);
}

/* The impurity that a cut leaves; every cut of a column in turn. `chosen` is what the cut at
 * `threshold` of this column leaves, where there is one. */
static void every_cut(const grown *g, const size_t *rows, size_t count, size_t column,
                      double threshold, long double *least, long double *chosen) {
    sorted_row *sorted = malloc(count * sizeof *sorted);
    long double total[2] = {0}, left[2] = {0};
    for (size_t i = 0; i < count; i++) {
        sorted[i] = (sorted_row){g->table->values[rows[i] * g->table->columns + column], rows[i]};
        total[g->table->labels[rows[i]]] += g->weights[rows[i]];
    }
    qsort(sorted, count, sizeof *sorted, compare_sorted);
    for (size_t i = 0; i + 1 < count; i++) {
        left[g->table->labels[sorted[i].row]] += g->weights[sorted[i].row];
        if (sorted[i].value == sorted[i + 1].value) continue;
        const long double a = left[0], b = left[1], c = total[0] - a, d = total[1] - b;
        const long double cost = a * b / (a + b) + c * d / (c + d);
        if (cost < *least) *least = cost;
        if (sorted[i].value / 2 + sorted[i + 1].value / 2 == threshold) *chosen = cost;
    }
    free(sorted);
}

/* Splits as well as the best of all cuts, at a midpoint of the node's own values, to the last depth
 * or until a class or all columns are exhausted. Returns the nodes below and the node itself. */
static size_t check_node(const grown *g, size_t node, const size_t *rows, size_t count,
                         size_t depth) {
    const qf_tree_node *n = &g->tree.nodes[node];
    long double least = 9, chosen = -1;
    size_t frauds = 0;
    for (size_t i = 0; i < count; i++) frauds += g->table->labels[rows[i]];
    const bool may_split = frauds > 0 && frauds < count && depth < g->max_depth;
    for (size_t c = 0; may_split && c < g->table->columns; c++) {
        long double other = -1;
        every_cut(g, rows, count, c, n->value, &least, (int32_t)c == n->feature ? &chosen : &other);
    }
    if (least == 9) {
        assert_int_equal(n->feature, -1);
        for (size_t i = 0; i < count; i++) assert_int_equal(g->leaves[rows[i]], node);
        return 1;
    }
    assert_true(n->feature >= 0);
    assert_true(chosen >= 0 && chosen - least <= 1e-14L);
    size_t *part = malloc(count * sizeof *part), below = 1;
    for (size_t side = 0; side < 2; side++) {
        size_t size = 0;
        for (size_t i = 0; i < count; i++) {
            const double x = g->table->values[rows[i] * g->table->columns + (size_t)n->feature];
            if ((x <= n->value) == (side == 0)) part[size++] = rows[i];
        }
        below += check_node(g, (size_t)n->left + side, part, size, depth + 1);
    }
    free(part);
    return below;
}

static double *random_weights(uint64_t seed, size_t rows) {
    double *weights = malloc(rows * sizeof *weights), sum = 0;
    qf_random random = qf_random_stream(seed, "weights", 0);
    for (size_t r = 0; r < rows; r++) sum += weights[r] = exp(2 * qf_random_normal(&random));
    for (size_t r = 0; r < rows; r++) weights[r] /= sum;
    return weights;
}

static void test_trees_find_the_best_splits(void **state) {
    (void)state;
    static const size_t sizes[] = {2, 3, 10, 60, 400, 3000}, depths[] = {1, 2, 3, 30};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        qf_table table = random_table(s, sizes[s]);
        double *weights = random_weights(s, sizes[s]);
        size_t *rows = malloc(sizes[s] * sizeof *rows);
        for (size_t r = 0; r < sizes[s]; r++) rows[r] = r;
        for (size_t d = 0; d < sizeof depths / sizeof *depths; d++) {
            grown g = grow(&table, weights, depths[d], 1);
            assert_int_equal(check_node(&g, 0, rows, sizes[s], 0), g.tree.count);
            free_grown(&g);
        }
        free(rows);
        free(weights);
        qf_table_free(&table);
    }
}

static void check_same(const qf_tree *a, size_t i, const qf_tree *b, size_t j) {
    assert_int_equal(a->nodes[i].feature, b->nodes[j].feature);
    if (a->nodes[i].feature < 0) return;
    assert_true(a->nodes[i].value == b->nodes[j].value);
    check_same(a, (size_t)a->nodes[i].left, b, (size_t)b->nodes[j].left);
    check_same(a, (size_t)a->nodes[i].left + 1, b, (size_t)b->nodes[j].left + 1);
}

/* Rows of one weight make the tree of counts, ties and all. */
static void test_equal_weights_make_the_plain_tree(void **state) {
    (void)state;
    enum { ROWS = 512 };
    qf_table table = random_table(4, ROWS);
    double weights[ROWS];
    for (size_t r = 0; r < ROWS; r++) weights[r] = 1.0 / ROWS;
    for (size_t depth = 1; depth < 20; depth += 6) {
        grown g = grow(&table, weights, depth, 1);
        qf_tree_options options = qf_tree_options_default();
        options.max_depth = depth;
        const qf_run run = qf_run_default();
        qf_error error;
        qf_ranks ranks;
        qf_tree_grower *grower;
        qf_tree plain;
        assert_int_equal(qf_ranks_init(&ranks, &table, &run, &error), QF_OK);
        assert_int_equal(qf_tree_grower_new(&ranks, table.labels, &options, &grower, &error),
                         QF_OK);
        assert_int_equal(qf_tree_grow(grower, NULL, NULL, &plain, &error), QF_OK);
        assert_int_equal(g.tree.count, plain.count);
        check_same(&g.tree, 0, &plain, 0);
        qf_tree_free(&plain);
        qf_tree_grower_free(grower);
        qf_ranks_free(&ranks);
        free_grown(&g);
    }
    qf_table_free(&table);
}

/* ---- Boosting ---- */

static const qf_boosting_options some_trees = {
    .algorithm = QF_SAMME_R, .estimators = 12, .depth = 2, .rate = 1, .class_weights = {1, 2}};

static void check_prefix(const qf_boosting *whole, const qf_boosting *part) {
    const size_t trees = part->forest.trees;
    assert_true(trees <= whole->forest.trees);
    assert_memory_equal(whole->forest.roots, part->forest.roots,
                        (trees + 1) * sizeof *part->forest.roots);
    assert_memory_equal(whole->forest.nodes, part->forest.nodes,
                        part->forest.roots[trees] * sizeof *part->forest.nodes);
    assert_memory_equal(whole->weights, part->weights, trees * sizeof *part->weights);
}

/* Enough rows for threads to share the columns. */
static void test_same_for_any_number_of_threads(void **state) {
    (void)state;
    qf_table table = random_table(8, 250000);
    qf_boosting one = fit(&table, &some_trees, 1), two = fit(&table, &some_trees, 2);
    assert_int_equal(two.forest.trees, 12);
    check_prefix(&one, &two);
    qf_boosting_free(&one);
    qf_boosting_free(&two);
    qf_table_free(&table);
}

static void test_prefixes_are_fits(void **state) {
    (void)state;
    qf_table table = random_table(9, 300);
    for (qf_boosting_algorithm a = QF_SAMME_R; a <= QF_SAMME; a++) {
        qf_boosting_options options = some_trees;
        options.algorithm = a;
        qf_boosting whole = fit(&table, &options, 1);
        for (options.estimators = 1; options.estimators < 12; options.estimators += 5) {
            qf_boosting part = fit(&table, &options, 1);
            assert_int_equal(part.forest.trees, options.estimators);
            check_prefix(&whole, &part);
            qf_boosting_free(&part);
        }
        qf_boosting_free(&whole);
    }
    qf_table_free(&table);
}

static void test_nothing_to_learn(void **state) {
    (void)state;
    qf_boosting_options options = {QF_SAMME, 5, 1, 1, {1, 1}};
    /* Equal rows: the first tree says the class of most, and no other has a say. */
    qf_table table = make_table(5, 1);
    table.labels[0] = 1;
    qf_boosting boosting = fit(&table, &options, 1);
    double probability;
    qf_boosting_predict(&boosting, table.values, 1, &probability);
    assert_true(fabs(probability - 1 / (1 + exp(1))) < 1e-9);
    for (size_t t = 1; t < boosting.forest.trees; t++) assert_true(boosting.weights[t] < 1e-12);
    qf_boosting_free(&boosting);
    /* As many of either class: no better than chance from the start. */
    options.class_weights[1] = 4;
    boosting = fit(&table, &options, 1);
    qf_boosting_predict(&boosting, table.values, 1, &probability);
    assert_int_equal(boosting.forest.trees, 1);
    assert_true(probability == 0.5);
    qf_boosting_free(&boosting);
    qf_table_free(&table);
}

/* At the highest rate the weights overflow: fitting stops at the tree that did it, which stays. */
static void test_overflow(void **state) {
    (void)state;
    qf_table table = random_table(9, 300);
    for (qf_boosting_algorithm a = QF_SAMME_R; a <= QF_SAMME; a++) {
        const qf_boosting_options options = {a, 50, 2, QF_BOOSTING_MAX_RATE, {1, 1}};
        qf_boosting boosting = fit(&table, &options, 1);
        assert_in_range(boosting.forest.trees, 1, 49);
        double probabilities[300];
        qf_boosting_predict(&boosting, table.values, 300, probabilities);
        for (size_t r = 0; r < 300; r++) {
            assert_true(probabilities[r] >= 0 && probabilities[r] <= 1);
        }
        qf_boosting_free(&boosting);
    }
    qf_table_free(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oracle),
        cmocka_unit_test(test_trees_find_the_best_splits),
        cmocka_unit_test(test_equal_weights_make_the_plain_tree),
        cmocka_unit_test(test_same_for_any_number_of_threads),
        cmocka_unit_test(test_prefixes_are_fits),
        cmocka_unit_test(test_nothing_to_learn),
        cmocka_unit_test(test_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
