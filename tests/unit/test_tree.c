/* Trees against a slow exact one written here and against scikit-learn's (tests/oracle/trees.py);
 * pruning against dynamic programming; cross-validation against the literal loop; forests. */
#include "base/memory.h"
#include "learn/forest.h"
#include "learn/prune.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tree_oracle.h"
#include "tree_tables.h"

__extension__ typedef unsigned __int128 wide;

/* The slow tree: values as they are, sorted at each node for each column, fractions compared
 * exactly. */
typedef struct slow_case {
    const qf_table *table;
    const uint32_t *weights;
    const qf_tree_options *options;
    const qf_tree *tree;
} slow_case;

typedef struct sorted_row {
    double value;
    size_t row;
} sorted_row;

static int compare_sorted(const void *a, const void *b) {
    const double x = ((const sorted_row *)a)->value, y = ((const sorted_row *)b)->value;
    return (x > y) - (x < y);
}

/* num / den of the impurity left: a b / n + c d / m, of weights. Class weights of a case are whole
 * numbers, so that this is exact. */
typedef struct fraction {
    wide num, den;
} fraction;

static bool less(fraction x, fraction y) {
    return x.num * y.den < y.num * x.den;
}

static void check_node(const slow_case *k, size_t node, const size_t *rows, size_t count,
                       size_t depth);

static void check_split(const slow_case *k, size_t node, const size_t *rows, size_t count,
                        size_t depth, size_t feature, double threshold) {
    const qf_tree_node *n = &k->tree->nodes[node];
    assert_int_equal(n->feature, feature);
    assert_true(n->value == threshold);
    size_t *part = malloc((count + 1) * sizeof *part);
    for (size_t side = 0; side < 2; side++) {
        size_t size = 0;
        for (size_t i = 0; i < count; i++) {
            const double x = k->table->values[rows[i] * k->table->columns + feature];
            if ((x <= threshold) == (side == 0)) part[size++] = rows[i];
        }
        check_node(k, (size_t)n->left + side, part, size, depth + 1);
    }
    free(part);
}

static void check_node(const slow_case *k, size_t node, const size_t *rows, size_t count,
                       size_t depth) {
    const uint64_t u = (uint64_t)k->options->class_weights[0];
    const uint64_t v = (uint64_t)k->options->class_weights[1];
    uint64_t total[2] = {0};
    for (size_t i = 0; i < count; i++) {
        total[k->table->labels[rows[i]]] += k->weights ? k->weights[rows[i]] : 1;
    }
    assert_int_equal(k->tree->weights[node][0], total[0]);
    assert_int_equal(k->tree->weights[node][1], total[1]);
    bool found = false;
    size_t best_feature = 0;
    double best_threshold = 0;
    fraction best = {0, 1};
    const bool may_split =
        total[0] && total[1] && depth < k->options->max_depth && count >= k->options->min_split;
    sorted_row *sorted = malloc((count + 1) * sizeof *sorted);
    for (size_t c = 0; may_split && c < k->table->columns; c++) {
        for (size_t i = 0; i < count; i++) {
            sorted[i] = (sorted_row){k->table->values[rows[i] * k->table->columns + c], rows[i]};
        }
        qsort(sorted, count, sizeof *sorted, compare_sorted);
        uint64_t left[2] = {0};
        for (size_t i = 0; i + 1 < count; i++) {
            left[k->table->labels[sorted[i].row]] += k->weights ? k->weights[sorted[i].row] : 1;
            if (sorted[i].value == sorted[i + 1].value || i + 1 < k->options->min_leaf ||
                count - i - 1 < k->options->min_leaf) {
                continue;
            }
            const wide a = left[0] * u, b = left[1] * v, x = total[0] * u - a, y = total[1] * v - b;
            const fraction here = {a * b * (x + y) + x * y * (a + b), (a + b) * (x + y)};
            if (found && !less(here, best)) continue;
            found = true;
            best = here;
            best_feature = c;
            best_threshold = sorted[i].value / 2 + sorted[i + 1].value / 2;
        }
    }
    free(sorted);
    if (found) {
        check_split(k, node, rows, count, depth, best_feature, best_threshold);
    } else {
        assert_int_equal(k->tree->nodes[node].feature, -1);
        const double share = (double)(total[1] * v) / (double)(total[0] * u + total[1] * v);
        assert_true(fabs(k->tree->nodes[node].value - share) <= 4e-16 * share);
        if (u == v) assert_true(k->tree->nodes[node].value == share);
    }
}

static qf_tree grow(const qf_table *table, const uint32_t *weights, const qf_tree_options *options,
                    qf_random *random) {
    const qf_run run = qf_run_default();
    qf_error error;
    qf_ranks ranks;
    qf_tree_grower *grower;
    qf_tree tree;
    assert_int_equal(qf_ranks_init(&ranks, table, &run, &error), QF_OK);
    assert_int_equal(qf_tree_grower_new(&ranks, table->labels, options, &grower, &error), QF_OK);
    assert_int_equal(qf_tree_grow(grower, weights, random, &tree, &error), QF_OK);
    qf_tree_grower_free(grower);
    qf_ranks_free(&ranks);
    return tree;
}

static void check_slow(const qf_table *table, const uint32_t *weights, qf_tree_options options) {
    qf_tree tree = grow(table, weights, &options, NULL);
    size_t *rows = malloc(table->rows * sizeof *rows), count = 0;
    for (size_t r = 0; r < table->rows; r++) {
        if (!weights || weights[r]) rows[count++] = r;
    }
    const slow_case k = {table, weights, &options, &tree};
    check_node(&k, 0, rows, count, 0);
    free(rows);
    qf_tree_free(&tree);
}

static void test_slow_reference(void **state) {
    (void)state;
    static const size_t sizes[] = {2, 3, 10, 60, 400, 5000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        qf_table table = random_table(s, sizes[s]);
        uint32_t *weights = malloc(sizes[s] * sizeof *weights);
        qf_random random = qf_random_stream(s, "weights", 0);
        for (size_t r = 0; r < sizes[s]; r++) weights[r] = (uint32_t)qf_random_below(&random, 4);
        weights[0] = 1;
        qf_tree_options options = qf_tree_options_default();
        check_slow(&table, NULL, options);
        check_slow(&table, weights, options);
        options.class_weights[1] = 5;
        check_slow(&table, NULL, options);
        check_slow(&table, weights, options);
        options = (qf_tree_options){
            .max_depth = 6, .min_split = 9, .min_leaf = 4, .features = 99, .class_weights = {2, 1}};
        check_slow(&table, NULL, options);
        check_slow(&table, weights, options);
        free(weights);
        qf_table_free(&table);
    }
}

static void test_midpoints(void **state) {
    (void)state;
    /* Neighbouring doubles: the midpoint rounds to one of them and must part them nevertheless. */
    const double a = 1, b = nextafter(1, 2), c = nextafter(b, 2);
    const double pairs[][2] = {{a, b}, {b, c}, {-1e308, 1.7e308}, {0, 5e-324}, {-5e-324, -0.0}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        qf_table table = make_table(2, 1);
        memcpy(table.values, pairs[i], sizeof pairs[i]);
        table.labels[0] = 1;
        table.labels[1] = 0;
        const qf_tree_options options = qf_tree_options_default();
        qf_tree tree = grow(&table, NULL, &options, NULL);
        assert_int_equal(tree.count, 3);
        assert_true(tree.nodes[qf_tree_leaf(tree.nodes, &table.values[0])].value == 1);
        assert_true(tree.nodes[qf_tree_leaf(tree.nodes, &table.values[1])].value == 0);
        qf_tree_free(&tree);
        qf_table_free(&table);
    }
    qf_table zeros = make_table(2, 1);
    zeros.values[0] = 0.0;
    zeros.values[1] = -0.0;
    zeros.labels[0] = 1;
    zeros.labels[1] = 0;
    const qf_tree_options options = qf_tree_options_default();
    qf_tree tree = grow(&zeros, NULL, &options, NULL);
    assert_int_equal(tree.count, 1); /* 0 and -0 are equal */
    qf_tree_free(&tree);
    qf_table_free(&zeros);
}

static qf_table oracle_table(const tree_case *k) {
    qf_table table = make_table(k->rows, k->columns);
    memcpy(table.values, k->values, k->rows * k->columns * sizeof *k->values);
    memcpy(table.labels, k->labels, k->rows);
    return table;
}

static size_t same_nodes(const tree_case *k, const qf_tree *tree, int theirs, size_t ours) {
    const qf_tree_node *n = &tree->nodes[ours];
    assert_true(fabs(qf_tree_share(tree, ours) - k->share[theirs]) < 1e-12);
    if (k->left[theirs] < 0) {
        assert_int_equal(n->feature, -1);
        assert_true(n->value == qf_tree_share(tree, ours));
        return 1;
    }
    assert_int_equal(n->feature, k->feature[theirs]);
    assert_true(n->value == k->threshold[theirs]);
    return 1 + same_nodes(k, tree, k->left[theirs], (size_t)n->left) +
           same_nodes(k, tree, k->right[theirs], (size_t)n->left + 1);
}

static void test_oracle(void **state) {
    (void)state;
    const tree_case *cases[] = {&one_column, &sparse, &leaves_of_three, &heavy_frauds};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const tree_case *k = cases[i];
        qf_table table = oracle_table(k);
        qf_tree_options options = qf_tree_options_default();
        options.min_split = k->min_split;
        options.min_leaf = k->min_leaf;
        options.class_weights[1] = k->fraud_weight;
        qf_tree tree = grow(&table, NULL, &options, NULL);
        assert_int_equal(tree.count, k->nodes);
        assert_int_equal(same_nodes(k, &tree, 0, 0), k->nodes);
        qf_pruning pruning;
        qf_error error;
        assert_int_equal(qf_pruning_init(&pruning, &tree, &error), QF_OK);
        assert_int_equal(pruning.count, k->alpha_count);
        for (size_t a = 0; a < pruning.count; a++) {
            if (fabs(pruning.alphas[a] - k->alphas[a]) > 1e-9) {
                fail_msg("%s: alpha %zu is %.17g, expected %.17g", k->name, a, pruning.alphas[a],
                         k->alphas[a]);
            }
            const double next = a + 1 < pruning.count ? pruning.alphas[a + 1] : 2;
            size_t leaves = 0;
            for (size_t n = 0; n < tree.count; n++) {
                const double middle = (pruning.alphas[a] + next) / 2;
                const qf_tree_node *node = &tree.nodes[n];
                leaves += node->feature >= 0 && pruning.collapse[n] > middle;
            }
            assert_int_equal(leaves + 1, k->leaves[a]);
        }
        qf_pruning_free(&pruning);
        qf_tree_free(&tree);
        qf_table_free(&table);
    }
}

/* The least cost of the branch at a node with alpha a leaf, and its fewest leaves, bottom up. */
static double least_cost(const qf_tree *tree, size_t node, double alpha, size_t *leaves) {
    const double all = (double)tree->weights[0][0] + tree->weights[0][1];
    const double a = tree->weights[node][0], b = tree->weights[node][1];
    const double own = 2 * a * b / (a + b) / all + alpha;
    const qf_tree_node *n = &tree->nodes[node];
    *leaves = 1;
    if (n->feature < 0) return own;
    size_t left, right;
    const double below = least_cost(tree, (size_t)n->left, alpha, &left) +
                         least_cost(tree, (size_t)n->left + 1, alpha, &right);
    if (own <= below + 1e-14) return own;
    *leaves = left + right;
    return below;
}

static qf_tree copy_tree(const qf_tree *tree) {
    qf_error error;
    return (qf_tree){.count = tree->count,
                     .nodes = qf_copy_array(tree->nodes, tree->count, sizeof *tree->nodes, &error),
                     .weights =
                         qf_copy_array(tree->weights, tree->count, sizeof *tree->weights, &error),
                     .class_weights = {tree->class_weights[0], tree->class_weights[1]}};
}

/* Pruned trees must answer for every row as the walk that stops at the first collapsed node. */
static void check_pruned(const qf_table *table, const qf_tree *tree, const qf_pruning *pruning,
                         double alpha) {
    qf_error error;
    qf_tree pruned = copy_tree(tree);
    assert_int_equal(qf_tree_prune(&pruned, pruning, alpha, &error), QF_OK);
    size_t leaves;
    least_cost(tree, 0, alpha, &leaves);
    assert_int_equal(qf_tree_leaves(&pruned), leaves);
    assert_int_equal(pruned.count, 2 * leaves - 1);
    for (size_t r = 0; r < table->rows; r++) {
        const double *row = table->values + r * table->columns;
        size_t node = 0;
        while (tree->nodes[node].feature >= 0 && pruning->collapse[node] > alpha) {
            const qf_tree_node *n = &tree->nodes[node];
            node = (size_t)n->left + !(row[n->feature] <= n->value);
        }
        const double a = tree->weights[node][0], b = tree->weights[node][1];
        assert_true(pruned.nodes[qf_tree_leaf(pruned.nodes, row)].value == b / (a + b));
    }
    qf_tree_free(&pruned);
}

static void test_pruning(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 6; seed++) {
        qf_table table = random_table(seed, 300);
        const qf_tree_options options = qf_tree_options_default();
        qf_tree tree = grow(&table, NULL, &options, NULL);
        qf_pruning pruning;
        qf_error error;
        assert_int_equal(qf_pruning_init(&pruning, &tree, &error), QF_OK);
        assert_true(pruning.count > 10);
        assert_true(pruning.alphas[0] == 0);
        assert_true(pruning.collapse[0] == pruning.alphas[pruning.count - 1]);
        for (size_t n = 0; n < tree.count; n++) {
            const qf_tree_node *node = &tree.nodes[n];
            if (node->feature < 0) continue;
            assert_true(pruning.collapse[node->left] <= pruning.collapse[n]);
            assert_true(pruning.collapse[node->left + 1] <= pruning.collapse[n]);
        }
        for (size_t a = 0; a + 1 < pruning.count; a++) {
            assert_true(pruning.alphas[a] < pruning.alphas[a + 1]);
            check_pruned(&table, &tree, &pruning, (pruning.alphas[a] + pruning.alphas[a + 1]) / 2);
        }
        check_pruned(&table, &tree, &pruning, 1);
        qf_pruning_free(&pruning);
        qf_tree_free(&tree);
        qf_table_free(&table);
    }
}

/* Errors of the fold's tree, pruned at alpha, on the rows held out. */
static size_t fold_errors(const qf_table *table, const qf_folds *folds, size_t fold, double alpha) {
    qf_error error;
    uint32_t *weights = malloc(table->rows * sizeof *weights);
    for (size_t r = 0; r < table->rows; r++) weights[r] = !(folds->apart[r] >> fold & 1);
    const qf_tree_options options = qf_tree_options_default();
    qf_tree tree = grow(table, weights, &options, NULL);
    qf_pruning pruning;
    assert_int_equal(qf_pruning_init(&pruning, &tree, &error), QF_OK);
    assert_int_equal(qf_tree_prune(&tree, &pruning, alpha, &error), QF_OK);
    size_t errors = 0;
    for (size_t r = 0; r < table->rows; r++) {
        if (!(folds->held_out[r] >> fold & 1)) continue;
        const double *row = table->values + r * table->columns;
        errors += (tree.nodes[qf_tree_leaf(tree.nodes, row)].value > 0.5) != table->labels[r];
    }
    qf_pruning_free(&pruning);
    qf_tree_free(&tree);
    free(weights);
    return errors;
}

static void test_cross_validation(void **state) {
    (void)state;
    qf_table table = random_table(11, 240);
    const qf_run run = qf_run_default();
    const qf_tree_options options = qf_tree_options_default();
    qf_error error;
    qf_folds folds;
    assert_int_equal(qf_folds_init(&folds, &table, 3, 5, &error), QF_OK);
    qf_tree full = grow(&table, NULL, &options, NULL);
    qf_pruning path;
    assert_int_equal(qf_pruning_init(&path, &full, &error), QF_OK);
    size_t least = SIZE_MAX;
    double expected = -1;
    for (size_t i = 0; i < path.count; i++) {
        const double next = path.alphas[i + 1 < path.count ? i + 1 : i];
        const double candidate = sqrt(path.alphas[i] * next);
        size_t errors = 0;
        for (size_t f = 0; f < 3; f++) errors += fold_errors(&table, &folds, f, candidate);
        if (errors > least) continue;
        least = errors;
        expected = candidate;
    }
    qf_ranks ranks;
    qf_tree tree;
    double alpha;
    assert_int_equal(qf_ranks_init(&ranks, &table, &run, &error), QF_OK);
    assert_int_equal(
        qf_tree_cross_validate(&table, &ranks, &options, &folds, &run, &tree, &alpha, &error),
        QF_OK);
    assert_true(alpha == expected);
    assert_int_equal(qf_tree_prune(&full, &path, alpha, &error), QF_OK);
    assert_int_equal(full.count, tree.count);
    assert_memory_equal(full.nodes, tree.nodes, tree.count * sizeof *tree.nodes);
    qf_tree_free(&tree);
    qf_ranks_free(&ranks);
    qf_pruning_free(&path);
    qf_tree_free(&full);
    qf_folds_free(&folds);
    qf_table_free(&table);
}

static void test_folds(void **state) {
    (void)state;
    /* 90 rows, of which 30 are copies; then ten synthetic ones between rows i and i + 1. */
    qf_table table = make_table(100, 2);
    for (size_t r = 0; r < 100; r++) {
        table.values[2 * r] = (double)(r % 60);
        table.values[2 * r + 1] = r < 90 ? 0 : 0.5;
        table.labels[r] = r % 60 % 3 == 0;
        if (r >= 90) table.origins[r] = (qf_origin){(int64_t)r - 90, (int64_t)r - 89};
    }
    qf_error error;
    qf_folds folds;
    assert_int_equal(qf_folds_init(&folds, &table, 3, 9, &error), QF_OK);
    size_t sizes[3][2] = {{0}};
    for (size_t r = 0; r < 90; r++) {
        assert_int_equal(folds.apart[r], folds.held_out[r]);
        assert_int_equal(folds.held_out[r], folds.held_out[r % 60]);
        for (size_t f = 0; f < 3; f++) sizes[f][table.labels[r]] += folds.held_out[r] >> f & 1;
        assert_true(folds.held_out[r] == 1 || folds.held_out[r] == 2 || folds.held_out[r] == 4);
    }
    for (size_t f = 0; f < 3; f++) {
        assert_true(sizes[f][0] >= 19 && sizes[f][0] <= 21);
        assert_true(sizes[f][1] >= 9 && sizes[f][1] <= 11);
    }
    for (size_t r = 90; r < 100; r++) {
        assert_int_equal(folds.held_out[r], 0);
        assert_int_equal(folds.apart[r], folds.apart[r - 90] | folds.apart[r - 89]);
    }
    qf_folds_free(&folds);
    qf_table_free(&table);
}

static qf_forest fit_forest(const qf_table *table, size_t trees, size_t features, uint64_t seed,
                            size_t threads) {
    qf_run run = qf_run_default();
    run.threads = threads;
    qf_forest_options options = {trees, 0, qf_tree_options_default()};
    options.tree.features = features;
    qf_forest forest;
    qf_error error;
    assert_int_equal(qf_forest_fit(table, &options, seed, &run, &forest, &error), QF_OK);
    return forest;
}

static void test_forest_is_prefix_and_thread_free(void **state) {
    (void)state;
    qf_table table = random_table(3, 500);
    qf_forest whole = fit_forest(&table, 40, 2, 7, 1), part = fit_forest(&table, 9, 2, 7, 2);
    for (size_t t = 0; t < 9; t++) assert_int_equal(whole.roots[t + 1], part.roots[t + 1]);
    assert_memory_equal(whole.nodes, part.nodes, part.roots[9] * sizeof *part.nodes);
    double probabilities[10];
    qf_forest_predict(&whole, table.values, 10, probabilities);
    for (size_t r = 0; r < 10; r++) {
        double sum = 0;
        for (size_t t = 0; t < 40; t++) {
            const qf_tree_node *nodes = whole.nodes + whole.roots[t];
            sum += nodes[qf_tree_leaf(nodes, table.values + r * table.columns)].value;
        }
        assert_true(probabilities[r] == sum / 40);
    }
    qf_forest_free(&whole);
    qf_forest_free(&part);
    qf_table_free(&table);
}

/* Counts the bootstrap rows in each node of the only tree by sending them down, and expects every
 * leaf's probability to be that of its rows and `smoothing` rows like its parent's, all weighed by
 * class. */
static void check_smoothed(double fraud_weight) {
    enum { ROWS = 300 };
    const double smoothing = 1.5;
    qf_table table = random_table(5, ROWS);
    qf_run run = qf_run_default();
    qf_forest_options options = {1, smoothing, qf_tree_options_default()};
    options.tree.min_leaf = 3;
    options.tree.class_weights[1] = fraud_weight;
    qf_forest forest;
    qf_error error;
    assert_int_equal(qf_forest_fit(&table, &options, 11, &run, &forest, &error), QF_OK);
    const size_t nodes = forest.roots[1];
    double(*counts)[2] = calloc(nodes, sizeof *counts);
    size_t *parents = calloc(nodes, sizeof *parents);
    qf_random random = qf_random_stream(11, "forest", 0);
    for (size_t i = 0; i < ROWS; i++) {
        const size_t r = qf_random_below(&random, ROWS);
        size_t node = 0;
        counts[0][table.labels[r]]++;
        while (forest.nodes[node].feature >= 0) {
            const qf_tree_node *n = &forest.nodes[node];
            const bool right = table.values[r * table.columns + (size_t)n->feature] > n->value;
            parents[(size_t)n->left + right] = node;
            node = (size_t)n->left + right;
            counts[node][table.labels[r]]++;
        }
    }
    size_t mixed = 0;
    for (size_t i = 1; i < nodes; i++) {
        if (forest.nodes[i].feature >= 0) continue;
        const double *above = counts[parents[i]];
        const double share = above[1] / (above[0] + above[1]);
        const double frauds = fraud_weight * (counts[i][1] + smoothing * share);
        const double expected = frauds / (counts[i][0] + smoothing * (1 - share) + frauds);
        assert_true(fabs(forest.nodes[i].value - expected) < 1e-12);
        mixed += counts[i][0] > 0 && counts[i][1] > 0;
    }
    assert_true(nodes > 5 && mixed > 0);
    free(counts);
    free(parents);
    qf_forest_free(&forest);
    qf_table_free(&table);
}

static void test_leaves_are_smoothed(void **state) {
    (void)state;
    check_smoothed(1);
    check_smoothed(4);
}

/* A tree that may draw one column splits on the one that varies, however rarely it is drawn first,
 * and then on each column about equally often. */
static void test_features_are_drawn_evenly(void **state) {
    (void)state;
    enum { COLUMNS = 10, TREES = 4000 };
    qf_table table = make_table(4, COLUMNS);
    for (size_t r = 0; r < 4; r++) {
        table.labels[r] = r & 1;
        for (size_t c = 0; c < COLUMNS; c++) {
            table.values[r * COLUMNS + c] = c < 5 ? 1 : (double)(r & 1);
        }
    }
    size_t counts[COLUMNS] = {0};
    qf_tree_options options = qf_tree_options_default();
    options.features = 1;
    for (uint64_t i = 0; i < TREES; i++) {
        qf_random random = qf_random_stream(1, "test", i);
        qf_tree tree = grow(&table, NULL, &options, &random);
        assert_int_equal(tree.count, 3);
        counts[tree.nodes[0].feature]++;
        qf_tree_free(&tree);
    }
    for (size_t c = 0; c < COLUMNS; c++) {
        /* 800 expected, standard deviation 25 */
        if (c < 5) assert_int_equal(counts[c], 0);
        if (c >= 5) assert_true(counts[c] > 700 && counts[c] < 900);
    }
    qf_table_free(&table);
}

static qf_table make_forest_table(void) {
    qf_table table = make_table(FOREST_ROWS, 6);
    uint64_t state = FOREST_SEED;
    for (size_t r = 0; r < FOREST_ROWS; r++) {
        double *x = table.values + r * 6;
        for (size_t c = 0; c < 6; c++) {
            state = (state * 1103515245 + 12345) % 2147483648u;
            x[c] = (double)(state >> 16 & 63);
        }
        state = (state * 1103515245 + 12345) % 2147483648u;
        const uint64_t noise = (state >> 16) % 40;
        table.labels[r] = (x[0] > 32) + (x[1] > 32) + (x[2] * x[3] > 800) + (noise > 28) >= 2;
    }
    return table;
}

static void test_forest_as_good_as_scikit_learn(void **state) {
    (void)state;
    qf_table table = make_forest_table();
    enum { HALF = FOREST_ROWS / 2, STATES = 10 };
    table.rows = HALF;
    double right = 0;
    for (uint64_t seed = 0; seed < STATES; seed++) {
        qf_forest forest = fit_forest(&table, 100, 2, seed, 1);
        double probabilities[HALF];
        qf_forest_predict(&forest, table.values + HALF * 6, HALF, probabilities);
        for (size_t r = 0; r < HALF; r++) {
            right += (probabilities[r] > 0.5) == table.labels[HALF + r];
        }
        qf_forest_free(&forest);
    }
    const double accuracy = right / HALF / STATES;
    if (fabs(accuracy - forest_accuracy) > 0.012) {
        fail_msg("accuracy %.4f, scikit-learn %.4f", accuracy, forest_accuracy);
    }
    qf_table_free(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slow_reference),
        cmocka_unit_test(test_midpoints),
        cmocka_unit_test(test_oracle),
        cmocka_unit_test(test_pruning),
        cmocka_unit_test(test_cross_validation),
        cmocka_unit_test(test_folds),
        cmocka_unit_test(test_forest_is_prefix_and_thread_free),
        cmocka_unit_test(test_leaves_are_smoothed),
        cmocka_unit_test(test_features_are_drawn_evenly),
        cmocka_unit_test(test_forest_as_good_as_scikit_learn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
