/* XGBoost's trees as ours: reading them, and what they say of a row. */
#include "base/memory.h"
#include "learn/xgboost.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Far above any leaf, far below what as many trees as memory holds need to overflow. */
static const double greatest_leaf = 1e25;

/* ---- From JSON ---- */

static qf_status refuse(const char *what, qf_error *error) {
    return qf_fail(error, QF_INTERNAL, "XGBoost's model: %s", what);
}

/* The largest double that, rounded to single precision, is less than the threshold. Midway between
 * two neighbours the even one is rounded to. */
static double largest_below(float threshold) {
    const double below = (double)nextafterf(threshold, -INFINITY);
    const double middle = (below + (double)threshold) / 2;
    return (float)middle < threshold ? middle : nextafter(middle, -INFINITY);
}

/* The parallel arrays of one tree. */
typedef struct source {
    json_t *left, *right, *feature, *value;
    size_t count;
} source;

static qf_status open_tree(json_t *tree, source *s, qf_error *error) {
    *s = (source){json_object_get(tree, "left_children"), json_object_get(tree, "right_children"),
                  json_object_get(tree, "split_indices"), json_object_get(tree, "split_conditions"),
                  0};
    s->count = json_array_size(s->left);
    const bool fits = s->count > 0 && json_array_size(s->right) == s->count &&
                      json_array_size(s->feature) == s->count &&
                      json_array_size(s->value) == s->count;
    return fits ? QF_OK : refuse("a tree lacks an array", error);
}

/* A whole number from `least` to below `limit`. */
static bool get_index(const json_t *array, size_t at, json_int_t least, size_t limit,
                      json_int_t *index) {
    const json_t *item = json_array_get(array, at);
    *index = json_integer_value(item);
    return json_is_integer(item) && *index >= least && *index < (json_int_t)limit;
}

/* Reads node `from` of the source; an inner node's children get the next two places, and `places`
 * says where in the source they are. */
static qf_status read_node(const source *s, size_t columns, size_t from, qf_tree *tree,
                           size_t *places, qf_tree_node *node, qf_error *error) {
    json_int_t left, right, feature;
    const json_t *number = json_array_get(s->value, from);
    const float value = (float)json_number_value(number);
    if (!json_is_number(number) || !isfinite(value) || fabs((double)value) > 3e38) {
        return refuse("a node's value is not valid", error);
    }
    if (!get_index(s->left, from, -1, s->count, &left) ||
        !get_index(s->right, from, -1, s->count, &right) || (left < 0) != (right < 0)) {
        return refuse("a node's children are not valid", error);
    }
    if (left < 0) {
        *node = (qf_tree_node){(double)value, -1, 0};
        return fabs((double)value) <= greatest_leaf ? QF_OK : refuse("a leaf is too large", error);
    }
    if (!get_index(s->feature, from, 0, columns, &feature)) {
        return refuse("a node's feature is not valid", error);
    }
    if (tree->count + 2 > s->count) return refuse("a tree has a cycle", error);
    *node = (qf_tree_node){largest_below(value), (int32_t)feature, (int32_t)tree->count};
    places[tree->count++] = (size_t)left;
    places[tree->count++] = (size_t)right;
    return QF_OK;
}

/* Nodes that pruning cut off are not reached and left out. */
static qf_status read_tree(json_t *json, size_t columns, qf_tree *tree, qf_error *error) {
    source s;
    QF_TRY(open_tree(json, &s, error));
    size_t *places = qf_new_array(s.count, sizeof *places, error);
    tree->nodes = qf_new_array(s.count, sizeof *tree->nodes, error);
    qf_status status = places && tree->nodes ? QF_OK : QF_MEMORY;
    tree->count = 1; /* the root is node 0 */
    for (size_t i = 0; status == QF_OK && i < tree->count; i++) {
        status = read_node(&s, columns, places[i], tree, places, &tree->nodes[i], error);
    }
    free(places);
    return status;
}

static qf_status read_trees(json_t *array, size_t columns, qf_forest *forest, qf_error *error) {
    const size_t count = json_array_size(array);
    if (count == 0) return refuse("it has no trees", error);
    qf_tree *trees = qf_new_array(count, sizeof *trees, error);
    if (!trees) return QF_MEMORY;
    qf_status status = QF_OK;
    for (size_t t = 0; status == QF_OK && t < count; t++) {
        status = read_tree(json_array_get(array, t), columns, &trees[t], error);
    }
    if (status == QF_OK) status = qf_forest_init(forest, columns, trees, count, error);
    if (status == QF_OK) forest->single = true;
    for (size_t t = 0; t < count; t++) qf_tree_free(&trees[t]);
    free(trees);
    return status;
}

qf_status qf_xgboost_parse(const char *text, size_t length, size_t columns, qf_forest *forest,
                           qf_error *error) {
    static const char *const path[] = {"learner", "gradient_booster", "model", "trees"};
    json_error_t where;
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);
    if (!root) return refuse("it is not JSON", error);
    json_t *at = root;
    for (size_t i = 0; i < sizeof path / sizeof *path; i++) at = json_object_get(at, path[i]);
    const qf_status status = read_trees(at, columns, forest, error);
    json_decref(root);
    return status;
}

/* ---- What they say ---- */

void qf_xgboost_finish(const double *sums, size_t count, double *probabilities) {
    for (size_t r = 0; r < count; r++) {
        const float power = fminf(-(float)sums[r], 88.7F); /* or its exponential overflows */
        probabilities[r] = (double)(1 / (expf(power) + 1));
    }
}

qf_status qf_xgboost_decode(qf_forest *forest, size_t columns, const qf_arrays *arrays,
                            qf_error *error) {
    QF_TRY(qf_forest_decode(forest, columns, -greatest_leaf, greatest_leaf, arrays, error));
    forest->single = true;
    return QF_OK;
}
