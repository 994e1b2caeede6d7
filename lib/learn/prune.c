#include "learn/prune.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Alphas closer than this share of themselves differ by rounding alone. */
static const double same_alpha = 1e-12;

/* A link that may be stale: links only grow stronger as others collapse, so a link found to be
 * weaker than its node's present one is put back. */
typedef struct link {
    double alpha;
    size_t node;
} link;

typedef struct pruner {
    const qf_tree *tree;
    qf_pruning *pruning;
    size_t *leaves;      /* leaves below each node at present; 1 for a leaf */
    double *own, *below; /* R(t), R(T_t) */
    bool *lost;
    link *heap;
    size_t heap_count;
} pruner;

static bool weaker(link a, link b) {
    return a.alpha < b.alpha || (a.alpha == b.alpha && a.node < b.node);
}

static void heap_push(pruner *p, link item) {
    size_t i = p->heap_count++;
    for (; i > 0 && weaker(item, p->heap[(i - 1) / 2]); i = (i - 1) / 2) {
        p->heap[i] = p->heap[(i - 1) / 2];
    }
    p->heap[i] = item;
}

static link heap_pop(pruner *p) {
    const link top = p->heap[0], item = p->heap[--p->heap_count];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= p->heap_count) break;
        if (child + 1 < p->heap_count && weaker(p->heap[child + 1], p->heap[child])) child++;
        if (!weaker(p->heap[child], item)) break;
        p->heap[i] = p->heap[child];
        i = child;
    }
    p->heap[i] = item;
    return top;
}

static double link_of(const pruner *p, size_t node) {
    return (p->own[node] - p->below[node]) / (double)(p->leaves[node] - 1);
}

static void measure(pruner *p) {
    const qf_tree *tree = p->tree;
    const double u = tree->class_weights[0], v = tree->class_weights[1];
    const double all = u * tree->weights[0][0] + v * tree->weights[0][1];
    for (size_t i = tree->count; i-- > 0;) {
        const double a = u * tree->weights[i][0], b = v * tree->weights[i][1];
        p->own[i] = p->below[i] = 2 * a * b / (a + b) / all;
        p->leaves[i] = 1;
        const qf_tree_node *node = &tree->nodes[i];
        if (node->feature < 0) continue;
        const size_t left = (size_t)node->left;
        p->pruning->parent[left] = p->pruning->parent[left + 1] = i;
        p->below[i] = p->below[left] + p->below[left + 1];
        p->leaves[i] = p->leaves[left] + p->leaves[left + 1];
        heap_push(p, (link){link_of(p, i), i});
    }
}

/* Whatever still stands below a collapsing node is lost with it. Each node is lost once, so all
 * collapses together cost O(nodes). */
static void lose_branch(pruner *p, size_t top, double alpha, size_t *stack) {
    size_t count = 0;
    stack[count++] = top;
    while (count > 0) {
        const size_t i = stack[--count];
        const qf_tree_node *node = &p->tree->nodes[i];
        if (p->lost[i] || node->feature < 0) continue;
        p->lost[i] = true;
        p->pruning->collapse[i] = alpha;
        stack[count++] = (size_t)node->left;
        stack[count++] = (size_t)node->left + 1;
    }
}

static void collapse(pruner *p, size_t node, double alpha, size_t *stack) {
    const double gained = p->own[node] - p->below[node];
    const size_t fewer = p->leaves[node] - 1;
    for (size_t i = node;; i = p->pruning->parent[i]) {
        p->below[i] += gained;
        p->leaves[i] -= fewer;
        if (i == 0) break;
    }
    lose_branch(p, node, alpha, stack);
}

static void find_sequence(pruner *p, size_t *stack) {
    qf_pruning *result = p->pruning;
    result->alphas[result->count++] = 0;
    measure(p);
    while (p->heap_count > 0) {
        const link weakest = heap_pop(p);
        if (p->lost[weakest.node]) continue;
        const double now = link_of(p, weakest.node);
        if (now > weakest.alpha) {
            heap_push(p, (link){now, weakest.node});
            continue;
        }
        double alpha = result->alphas[result->count - 1];
        if (now > alpha * (1 + same_alpha) && now > same_alpha) {
            alpha = result->alphas[result->count++] = now;
        }
        collapse(p, weakest.node, alpha, stack);
    }
}

qf_status qf_pruning_init(qf_pruning *pruning, const qf_tree *tree, qf_error *error) {
    const size_t n = tree->count;
    *pruning = (qf_pruning){.collapse = qf_new_array(n, sizeof(double), error),
                            .parent = qf_new_array(n, sizeof(size_t), error),
                            .alphas = qf_new_array(n, sizeof(double), error)};
    pruner p = {.tree = tree, .pruning = pruning};
    p.leaves = qf_new_array(n, sizeof *p.leaves, error);
    p.own = qf_new_array(n, sizeof *p.own, error);
    p.below = qf_new_array(n, sizeof *p.below, error);
    p.lost = qf_new_array(n, sizeof *p.lost, error);
    p.heap = qf_new_array(n, sizeof *p.heap, error);
    size_t *stack = qf_new_array(n + 2, sizeof *stack, error);
    const bool complete = pruning->collapse && pruning->parent && pruning->alphas && p.leaves &&
                          p.own && p.below && p.lost && p.heap && stack;
    if (complete) find_sequence(&p, stack);
    free(p.leaves);
    free(p.own);
    free(p.below);
    free(p.lost);
    free(p.heap);
    free(stack);
    if (complete) return QF_OK;
    qf_pruning_free(pruning);
    return QF_MEMORY;
}

void qf_pruning_free(qf_pruning *pruning) {
    free(pruning->collapse);
    free(pruning->parent);
    free(pruning->alphas);
    *pruning = (qf_pruning){0};
}

/* Parents stand before their children, so one pass finds what is still reachable and where it will
 * stand, and one more moves it. */
qf_status qf_tree_prune(qf_tree *tree, const qf_pruning *pruning, double alpha, qf_error *error) {
    enum { UNREACHABLE = 0, REACHABLE = 1 };
    int32_t *place = qf_new_array(tree->count, sizeof *place, error);
    if (!place) return QF_MEMORY;
    place[0] = REACHABLE;
    int32_t kept = 0;
    for (size_t i = 0; i < tree->count; i++) {
        if (place[i] == UNREACHABLE) continue;
        place[i] = ++kept;
        qf_tree_node *node = &tree->nodes[i];
        if (node->feature >= 0 && pruning->collapse[i] > alpha) {
            place[node->left] = place[node->left + 1] = REACHABLE;
            continue;
        }
        *node = (qf_tree_node){qf_tree_share(tree, i), -1, 0};
    }
    for (size_t i = 0; i < tree->count; i++) {
        if (place[i] == UNREACHABLE) continue;
        qf_tree_node node = tree->nodes[i];
        if (node.feature >= 0) node.left = place[node.left] - 1;
        tree->nodes[place[i] - 1] = node;
        memmove(tree->weights[place[i] - 1], tree->weights[i], sizeof *tree->weights);
    }
    tree->count = (size_t)kept;
    free(place);
    return QF_OK;
}

typedef struct fold_fit {
    qf_tree tree;
    qf_pruning pruning;
} fold_fit;

typedef struct validation {
    const qf_table *table;
    const qf_ranks *ranks;
    const qf_tree_options *options;
    const qf_folds *folds;
    fold_fit *fits; /* [folds + 1], the last on all rows */
    double *candidates;
    size_t candidate_count;
    int64_t *errors; /* [candidates + 1] first differences of the errors */
} validation;

static qf_status fit_fold(void *context, size_t index, qf_error *error) {
    const validation *v = context;
    const size_t rows = v->table->rows;
    uint32_t *weights = qf_new_array(rows, sizeof *weights, error);
    if (!weights) return QF_MEMORY;
    size_t used = 0;
    for (size_t r = 0; r < rows; r++) {
        weights[r] = index == v->folds->count || !(v->folds->apart[r] >> index & 1);
        used += weights[r];
    }
    qf_tree_grower *grower = NULL;
    fold_fit *fit = &v->fits[index];
    qf_status status = qf_tree_grower_new(v->ranks, v->table->labels, v->options, &grower, error);
    /* A fold that leaves no row to fit on stays without a tree and judges nothing. */
    if (status == QF_OK && used > 0) {
        status = qf_tree_grow(grower, weights, NULL, &fit->tree, error);
        if (status == QF_OK) status = qf_pruning_init(&fit->pruning, &fit->tree, error);
    }
    qf_tree_grower_free(grower);
    free(weights);
    return status;
}

static size_t first_at_least(const double *sorted, size_t count, double value) {
    size_t low = 0;
    while (count > 0) {
        const size_t half = count / 2;
        if (sorted[low + half] < value) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

/* Node t decides for candidates from its own collapse up to its parent's. */
static void judge_row(validation *v, const fold_fit *fit, size_t row) {
    const double *values = v->table->values + row * v->table->columns;
    const bool label = v->table->labels[row];
    size_t node = 0, end = v->candidate_count;
    for (;;) {
        const qf_tree_node *n = &fit->tree.nodes[node];
        const size_t start =
            first_at_least(v->candidates, v->candidate_count, fit->pruning.collapse[node]);
        if (start < end && (qf_tree_share(&fit->tree, node) > 0.5) != label) {
            v->errors[start]++;
            v->errors[end]--;
        }
        if (start < end) end = start;
        if (n->feature < 0 || end == 0) return;
        node = (size_t)n->left + !(values[n->feature] <= n->value);
    }
}

static qf_status choose(validation *v, double *alpha, qf_error *error) {
    const qf_pruning *path = &v->fits[v->folds->count].pruning;
    v->candidate_count = path->count;
    v->candidates = qf_new_array(path->count, sizeof *v->candidates, error);
    v->errors = qf_new_array(path->count + 1, sizeof *v->errors, error);
    if (!v->candidates || !v->errors) return QF_MEMORY;
    for (size_t i = 0; i < path->count; i++) {
        const double next = path->alphas[i + 1 < path->count ? i + 1 : i];
        v->candidates[i] = sqrt(path->alphas[i] * next);
    }
    for (size_t f = 0; f < v->folds->count; f++) {
        if (v->fits[f].tree.count == 0) continue;
        for (size_t r = 0; r < v->table->rows; r++) {
            if (v->folds->held_out[r] >> f & 1) judge_row(v, &v->fits[f], r);
        }
    }
    int64_t errors = 0, least = INT64_MAX;
    for (size_t i = 0; i < v->candidate_count; i++) {
        errors += v->errors[i];
        if (errors > least) continue;
        least = errors;
        *alpha = v->candidates[i];
    }
    return QF_OK;
}

qf_status qf_tree_cross_validate(const qf_table *table, const qf_ranks *ranks,
                                 const qf_tree_options *options, const qf_folds *folds,
                                 const qf_run *run, qf_tree *tree, double *alpha, qf_error *error) {
    validation v = {.table = table, .ranks = ranks, .options = options, .folds = folds};
    v.fits = qf_new_array(folds->count + 1, sizeof *v.fits, error);
    if (!v.fits) return QF_MEMORY;
    qf_status status =
        qf_parallel_progress(run, "cross-validating", folds->count + 1, fit_fold, &v, error);
    if (status == QF_OK) status = choose(&v, alpha, error);
    fold_fit *full = &v.fits[folds->count];
    if (status == QF_OK) status = qf_tree_prune(&full->tree, &full->pruning, *alpha, error);
    if (status == QF_OK) {
        *tree = full->tree;
        full->tree = (qf_tree){0};
    }
    for (size_t f = 0; f <= folds->count; f++) {
        qf_tree_free(&v.fits[f].tree);
        qf_pruning_free(&v.fits[f].pruning);
    }
    free(v.fits);
    free(v.candidates);
    free(v.errors);
    return status;
}
