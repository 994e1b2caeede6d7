#include "learn/presorted.h"

#include "base/memory.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

/* The rows of a node that share a code and a class: they stand before `end` in a list of rows, from
 * where the stretch before ends. */
typedef struct stretch {
    uint32_t key; /* 2 * code + label */
    uint32_t end;
} stretch;

/* A column's rows that do not have its mode, node after node. */
typedef struct listing {
    uint32_t *rows;
    stretch *stretches;
    size_t *starts; /* [nodes + 1] the nodes' first stretches, and the end */
    size_t starts_capacity;
} listing;

/* The root's list is kept for all trees; those below it take turns. */
typedef struct column {
    listing root, below[2];
} column;

typedef struct candidate {
    double cost;
    size_t feature; /* the number of columns: none */
    uint32_t left_code, right_code;
} candidate;

/* A node at the level at hand. */
typedef struct active {
    size_t node, parent; /* in the tree; at the level above */
    bool mixed;          /* of both classes; else nothing is looked for, and its lists are empty */
    uint64_t total[2];
    candidate best;
} active;

/* What one task needs: a column as seen in a node, and the best split of each node among the
 * columns of its own. */
typedef struct workspace {
    uint32_t *codes;    /* ascending */
    uint64_t (*own)[2]; /* weight of each class at each code */
    candidate *best;
    size_t best_capacity;
} workspace;

static const uint32_t no_slot = UINT32_MAX;

struct qf_presorted {
    const qf_ranks *ranks;
    const uint8_t *labels;
    size_t max_depth;
    const qf_run *run;
    column *columns;
    size_t tasks;
    workspace *workspaces; /* [tasks] */
    uint64_t *weights;     /* [rows] 1 is 2^62 */
    uint32_t
        *slots; /* [rows] place of the row's node in the level, or no_slot where it is not mixed */
    active *level, *next;
    size_t level_count, level_capacity, next_count, next_capacity;
    size_t depth;
    qf_tree *tree;
};
typedef qf_presorted grower;

/* The column's list at a depth. */
static listing *listing_at(column *c, size_t depth) {
    return depth == 0 ? &c->root : &c->below[depth % 2];
}

/* Below this number of list entries a thread costs more to start than it saves. */
enum { ENTRIES_A_THREAD = 1 << 19 };

/* Counting sort by code and class; `place` is scratch for 2 * distinct numbers. */
static qf_status sort_column(const grower *g, size_t index, uint32_t *place, qf_error *error) {
    const qf_rank_column *c = &g->ranks->items[index];
    listing *list = &g->columns[index].root;
    const size_t rows = g->ranks->rows, keys = 2 * (size_t)c->distinct;
    memset(place, 0, keys * sizeof *place);
    for (size_t r = 0; r < rows; r++) place[2 * qf_rank_code(c, r) + g->labels[r]]++;
    place[2 * c->mode] = place[2 * c->mode + 1] = 0;
    size_t stretches = 0;
    uint32_t entries = 0;
    for (size_t k = 0; k < keys; k++) {
        const uint32_t here = place[k];
        stretches += here > 0;
        place[k] = entries;
        entries += here;
    }
    list->rows = qf_new_array(entries, sizeof *list->rows, error);
    list->stretches = qf_new_array(stretches, sizeof *list->stretches, error);
    if (!list->rows || !list->stretches) return QF_MEMORY;
    for (size_t r = 0; r < rows; r++) {
        const uint32_t code = qf_rank_code(c, r);
        if (code != c->mode) list->rows[place[2 * code + g->labels[r]]++] = (uint32_t)r;
    }
    size_t count = 0;
    for (uint32_t k = 0; k < keys; k++) {
        const uint32_t before = count > 0 ? list->stretches[count - 1].end : 0;
        if (k >> 1 != c->mode && place[k] > before)
            list->stretches[count++] = (stretch){k, place[k]};
    }
    QF_TRY(qf_grow_array(&list->starts, &list->starts_capacity, 2, sizeof *list->starts, error));
    list->starts[0] = 0;
    list->starts[1] = count;
    return QF_OK;
}

static uint32_t list_length(const listing *list) {
    const size_t stretches = list->starts[1];
    return stretches > 0 ? list->stretches[stretches - 1].end : 0;
}

static qf_status prepare_column(void *context, size_t index, qf_error *error) {
    const grower *g = context;
    uint32_t *place = qf_new_array(g->ranks->items[index].distinct, 2 * sizeof *place, error);
    if (!place) return QF_MEMORY;
    const qf_status status = sort_column(g, index, place, error);
    free(place);
    QF_TRY(status);
    column *c = &g->columns[index];
    const size_t entries = list_length(&c->root);
    for (size_t depth = 1; depth <= 2 && depth < g->max_depth; depth++) {
        listing *below = listing_at(c, depth);
        /* One more, for a row that is written before it is known to be kept. */
        below->rows = qf_new_array(entries + 1, sizeof *below->rows, error);
        below->stretches = qf_new_array(entries, sizeof *below->stretches, error);
        if (!below->rows || !below->stretches) return QF_MEMORY;
    }
    return QF_OK;
}

static qf_status make_workspaces(grower *g, qf_error *error) {
    size_t entries = 0;
    for (size_t c = 0; c < g->ranks->columns; c++) entries += list_length(&g->columns[c].root);
    const bool many = entries / g->run->threads >= ENTRIES_A_THREAD;
    g->tasks = g->run->threads > 1 && many ? 4 * g->run->threads : 1;
    g->workspaces = qf_new_array(g->tasks, sizeof *g->workspaces, error);
    if (!g->workspaces) return QF_MEMORY;
    const size_t longest = (size_t)g->ranks->most_distinct + 1;
    for (size_t t = 0; t < g->tasks; t++) {
        workspace *w = &g->workspaces[t];
        w->codes = qf_new_array(longest, sizeof *w->codes, error);
        w->own = qf_new_array(longest, sizeof *w->own, error);
        if (!w->codes || !w->own) return QF_MEMORY;
    }
    return QF_OK;
}

static qf_status prepare(grower *g, qf_error *error) {
    g->columns = qf_new_array(g->ranks->columns, sizeof *g->columns, error);
    g->weights = qf_new_array(g->ranks->rows, sizeof *g->weights, error);
    g->slots = qf_new_array(g->ranks->rows, sizeof *g->slots, error);
    if (!g->columns || !g->weights || !g->slots) return QF_MEMORY;
    QF_TRY(qf_parallel(g->run, g->ranks->columns, prepare_column, g, error));
    return make_workspaces(g, error);
}

qf_status qf_presorted_new(const qf_ranks *ranks, const uint8_t *labels, size_t max_depth,
                           const qf_run *run, qf_presorted **presorted, qf_error *error) {
    grower *g = qf_new_array(1, sizeof *g, error);
    if (!g) return QF_MEMORY;
    *g = (grower){.ranks = ranks, .labels = labels, .max_depth = max_depth, .run = run};
    const qf_status status = prepare(g, error);
    if (status == QF_OK) {
        *presorted = g;
    } else {
        qf_presorted_free(g);
    }
    return status;
}

static void free_listing(listing *list) {
    free(list->rows);
    free(list->stretches);
    free(list->starts);
}

void qf_presorted_free(qf_presorted *g) {
    if (!g) return;
    for (size_t c = 0; g->columns && c < g->ranks->columns; c++) {
        free_listing(&g->columns[c].root);
        free_listing(&g->columns[c].below[0]);
        free_listing(&g->columns[c].below[1]);
    }
    for (size_t t = 0; g->workspaces && t < g->tasks; t++) {
        free(g->workspaces[t].codes);
        free(g->workspaces[t].own);
        free(g->workspaces[t].best);
    }
    free(g->columns);
    free(g->workspaces);
    free(g->weights);
    free(g->slots);
    free(g->level);
    free(g->next);
    free(g);
}

/* Cuts the list of the level above into those of the nodes at hand, in the same order. */
static qf_status cut_listing(const grower *g, column *c, qf_error *error) {
    const listing *from = listing_at(c, g->depth - 1);
    listing *to = listing_at(c, g->depth);
    QF_TRY(qf_grow_array(&to->starts, &to->starts_capacity, g->level_count + 1, sizeof *to->starts,
                         error));
    uint32_t kept = 0;
    size_t count = 0;
    for (size_t n = 0; n < g->level_count; n++) {
        to->starts[n] = count;
        if (!g->level[n].mixed) continue;
        const size_t first = from->starts[g->level[n].parent];
        const size_t last = from->starts[g->level[n].parent + 1];
        uint32_t i = first > 0 ? from->stretches[first - 1].end : 0;
        for (size_t s = first; s < last; s++) {
            const uint32_t before = kept;
            for (; i < from->stretches[s].end; i++) {
                to->rows[kept] = from->rows[i];
                kept += g->slots[from->rows[i]] == n;
            }
            if (kept > before) to->stretches[count++] = (stretch){from->stretches[s].key, kept};
        }
    }
    to->starts[g->level_count] = count;
    return QF_OK;
}

/* Fills the workspace with the column's codes in a node and their weights, the mode at *mode_place
 * among them whether it occurs or not. Returns the number of codes. */
static size_t weigh_codes(const grower *g, const listing *list, size_t n, uint32_t mode,
                          workspace *w, size_t *mode_place) {
    const size_t first = list->starts[n], last = list->starts[n + 1];
    uint64_t rest[2] = {g->level[n].total[0], g->level[n].total[1]};
    uint32_t i = first > 0 ? list->stretches[first - 1].end : 0;
    size_t count = 0;
    bool placed = false;
    for (size_t s = first; s < last; s++) {
        const uint32_t code = list->stretches[s].key >> 1, label = list->stretches[s].key & 1;
        uint64_t sum = 0;
        for (; i < list->stretches[s].end; i++) sum += g->weights[list->rows[i]];
        rest[label] -= sum;
        if (code > mode && !placed) {
            placed = true;
            *mode_place = count;
            w->codes[count++] = mode;
        }
        if (count == 0 || w->codes[count - 1] != code) {
            w->codes[count] = code;
            w->own[count][0] = w->own[count][1] = 0;
            count++;
        }
        w->own[count - 1][label] += sum;
    }
    if (!placed) *mode_place = count++;
    w->codes[*mode_place] = mode;
    w->own[*mode_place][0] = rest[0];
    w->own[*mode_place][1] = rest[1];
    return count;
}

/* The cheapest split of a node by a column, if it beats the best so far. */
static void try_column(const grower *g, size_t feature, size_t n, workspace *w) {
    const listing *list = listing_at(&g->columns[feature], g->depth);
    if (list->starts[n] == list->starts[n + 1]) return;
    size_t mode_place;
    const size_t count = weigh_codes(g, list, n, g->ranks->items[feature].mode, w, &mode_place);
    const bool has_mode = w->own[mode_place][0] + w->own[mode_place][1] > 0;
    const uint64_t *total = g->level[n].total;
    candidate *best = &w->best[n];
    uint64_t below[2] = {0};
    uint32_t left_code = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == mode_place && !has_mode) continue;
        if (below[0] + below[1] > 0) {
            const double a = (double)below[0], b = (double)below[1];
            const double c = (double)(total[0] - below[0]), d = (double)(total[1] - below[1]);
            const double cost = qf_gini_left(a, b, a + b, c, d, c + d);
            if (cost < best->cost) *best = (candidate){cost, feature, left_code, w->codes[i]};
        }
        below[0] += w->own[i][0];
        below[1] += w->own[i][1];
        left_code = w->codes[i];
    }
}

/* A task takes every tasks-th column: the best of all is the same however they are dealt. */
static qf_status search_columns(void *context, size_t task, qf_error *error) {
    grower *g = context;
    workspace *w = &g->workspaces[task];
    QF_TRY(qf_grow_array(&w->best, &w->best_capacity, g->level_count, sizeof *w->best, error));
    for (size_t n = 0; n < g->level_count; n++) {
        w->best[n] = (candidate){.cost = DBL_MAX, .feature = g->ranks->columns};
    }
    for (size_t c = task; c < g->ranks->columns; c += g->tasks) {
        if (g->depth > 0) QF_TRY(cut_listing(g, &g->columns[c], error));
        for (size_t n = 0; n < g->level_count; n++) try_column(g, c, n, w);
    }
    return QF_OK;
}

static qf_status find_splits(grower *g, qf_error *error) {
    QF_TRY(qf_parallel(g->run, g->tasks, search_columns, g, error));
    for (size_t n = 0; n < g->level_count; n++) {
        candidate *best = &g->level[n].best;
        *best = g->workspaces[0].best[n];
        for (size_t t = 1; t < g->tasks; t++) {
            const candidate *other = &g->workspaces[t].best[n];
            if (other->cost < best->cost ||
                (other->cost == best->cost && other->feature < best->feature)) {
                *best = *other;
            }
        }
    }
    return QF_OK;
}

static qf_status add_leaf(qf_tree *tree, qf_error *error) {
    QF_TRY(
        qf_grow_array(&tree->nodes, &tree->capacity, tree->count + 1, sizeof *tree->nodes, error));
    tree->nodes[tree->count++] = (qf_tree_node){0, -1, 0};
    return QF_OK;
}

/* Splits the nodes of the level; each split makes two candidates for the next, in order. */
static qf_status split_nodes(grower *g, qf_error *error) {
    g->next_count = 0;
    for (size_t n = 0; n < g->level_count; n++) {
        const active *a = &g->level[n];
        if (a->best.feature == g->ranks->columns) continue;
        const size_t left = g->tree->count;
        g->tree->nodes[a->node] =
            (qf_tree_node){qf_rank_threshold(&g->ranks->items[a->best.feature], a->best.left_code,
                                             a->best.right_code),
                           (int32_t)a->best.feature, (int32_t)left};
        QF_TRY(
            qf_grow_array(&g->next, &g->next_capacity, g->next_count + 2, sizeof *g->next, error));
        for (size_t side = 0; side < 2; side++) {
            QF_TRY(add_leaf(g->tree, error));
            g->next[g->next_count++] = (active){.node = left + side, .parent = n};
        }
    }
    return QF_OK;
}

/* Rows move to the leaf below their node. */
static void move_rows(grower *g, uint32_t *leaves) {
    for (size_t r = 0; r < g->ranks->rows; r++) {
        if (g->slots[r] == no_slot) continue;
        const active *a = &g->level[g->slots[r]];
        if (a->best.feature == g->ranks->columns) continue;
        const uint32_t code = qf_rank_code(&g->ranks->items[a->best.feature], r);
        leaves[r] = (uint32_t)g->tree->nodes[a->node].left + (code > a->best.left_code);
    }
}

static bool is_mixed(const uint64_t total[2]) {
    const double a = (double)total[0], b = (double)total[1], n = a + b;
    return 2 * (a / n) * (b / n) > DBL_EPSILON;
}

/* The nodes just made, which are the tree's last, become the level. */
static void descend(grower *g, const uint32_t *leaves) {
    active *old = g->level;
    const size_t old_capacity = g->level_capacity, first = g->tree->count - g->next_count;
    g->level = g->next;
    g->level_count = g->next_count;
    g->level_capacity = g->next_capacity;
    g->next = old;
    g->next_capacity = old_capacity;
    for (size_t r = 0; r < g->ranks->rows; r++) {
        if (leaves[r] >= first) g->level[leaves[r] - first].total[g->labels[r]] += g->weights[r];
    }
    for (size_t n = 0; n < g->level_count; n++) {
        g->level[n].mixed = is_mixed(g->level[n].total);
    }
    for (size_t r = 0; r < g->ranks->rows; r++) {
        const bool inside = leaves[r] >= first && g->level[leaves[r] - first].mixed;
        g->slots[r] = inside ? (uint32_t)(leaves[r] - first) : no_slot;
    }
    g->depth++;
}

/* All rows in the root. */
static qf_status start(grower *g, const double *weights, uint32_t *leaves, qf_error *error) {
    QF_TRY(add_leaf(g->tree, error));
    QF_TRY(qf_grow_array(&g->level, &g->level_capacity, 1, sizeof *g->level, error));
    active root = {0};
    for (size_t r = 0; r < g->ranks->rows; r++) {
        const uint64_t weight = (uint64_t)(weights[r] * 0x1p62);
        g->weights[r] = weight > 0 ? weight : 1;
        root.total[g->labels[r]] += g->weights[r];
        g->slots[r] = leaves[r] = 0;
    }
    root.mixed = is_mixed(root.total);
    g->level[0] = root;
    g->level_count = root.mixed;
    g->depth = 0;
    return QF_OK;
}

static qf_status grow(grower *g, const double *weights, uint32_t *leaves, qf_error *error) {
    QF_TRY(start(g, weights, leaves, error));
    while (g->level_count > 0) {
        QF_TRY(find_splits(g, error));
        QF_TRY(split_nodes(g, error));
        move_rows(g, leaves);
        if (g->depth + 1 == g->max_depth) break;
        descend(g, leaves);
    }
    return QF_OK;
}

qf_status qf_presorted_grow(qf_presorted *g, const double *weights, qf_tree *tree, uint32_t *leaves,
                            qf_error *error) {
    *tree = (qf_tree){0};
    g->tree = tree;
    const qf_status status = grow(g, weights, leaves, error);
    if (status != QF_OK) qf_tree_free(tree);
    return status;
}
