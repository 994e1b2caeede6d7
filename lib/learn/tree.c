#include "learn/tree.h"

#include "base/memory.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

/* Class weights travel in one word: legitimate in the low half, fraud in the high half, so that one
 * addition counts both. */
typedef uint64_t classes;

static uint32_t legitimate(classes c) {
    return (uint32_t)c;
}

static uint32_t fraud(classes c) {
    return (uint32_t)(c >> 32);
}

/* A row in a node's list: tag = 2 * weight + label. */
typedef struct entry {
    uint32_t row, tag;
} entry;

static classes classes_of(uint32_t tag) {
    return (classes)(tag >> 1) << ((tag & 1) << 5);
}

/* One distinct value of a small node while it is sorted. */
typedef struct item {
    classes weight;
    uint32_t code, rows;
} item;

enum { SMALL = 24 };

/* A column as seen in a node: its distinct codes, ascending, and what lies at or below each. */
typedef struct spectrum {
    size_t count;
    uint32_t *codes;
    classes *below;
    uint32_t *rows; /* rows at or below; kept only with min_leaf > 1 */
} spectrum;

typedef struct split {
    double cost; /* what cost_of says */
    size_t feature;
    uint32_t left_code, right_code; /* the neighbouring values' */
    classes left;
} split;

/* A node that waits to be grown: its rows are entries[first .. first + count). */
typedef struct pending {
    size_t first, count, node, depth;
    size_t constants; /* features[0 .. constants) do not vary in it */
    classes total;
} pending;

struct qf_tree_grower {
    const qf_ranks *ranks;
    const uint8_t *labels;
    const qf_tree_options *options;
    qf_random *random;
    qf_tree *tree;
    entry *entries, *spare;
    /* code << 32 | tag of the rows that do not have the column's mode */
    uint64_t *pairs;
    classes *bins; /* by code; all zero between uses */
    uint32_t *bin_rows;
    uint64_t *touched; /* a bit for each bin in use */
    uint32_t *tags;    /* [rows] tag of each row */
    uint64_t *members; /* a bit for each row of the node at hand, once a column asked for it */
    bool has_members;
    spectrum spectrum;
    size_t *features;
    pending *stack;
    size_t stack_count, stack_capacity;
};
typedef qf_tree_grower grower;

qf_tree_options qf_tree_options_default(void) {
    return (qf_tree_options){.max_depth = SIZE_MAX,
                             .min_split = 2,
                             .min_leaf = 1,
                             .features = SIZE_MAX,
                             .class_weights = {1, 1}};
}

/* Writes the pairs of rows whose code is not the mode, without a branch: in sparse columns nearly
 * all rows have the mode, and their weight is what the others leave of the node's. */
#define DEFINE_GATHER(type)                                                                        \
    static size_t gather_##type(const type *codes, uint32_t mode, const entry *entries,            \
                                size_t count, uint64_t *pairs) {                                   \
        size_t kept = 0;                                                                           \
        for (size_t i = 0; i < count; i++) {                                                       \
            const uint32_t code = codes[entries[i].row];                                           \
            pairs[kept] = (uint64_t)code << 32 | entries[i].tag;                                   \
            kept += code != mode;                                                                  \
        }                                                                                          \
        return kept;                                                                               \
    }
DEFINE_GATHER(uint8_t)
DEFINE_GATHER(uint16_t)
DEFINE_GATHER(uint32_t)

/* The words of a bitmap of rows that the node's rows, which ascend, lie in. */
static size_t member_words(const grower *g, const pending *p, size_t *first) {
    *first = g->entries[p->first].row >> 6;
    return (g->entries[p->first + p->count - 1].row >> 6) + 1 - *first;
}

static void set_members(grower *g, const pending *p) {
    for (size_t i = p->first; i < p->first + p->count; i++) {
        g->members[g->entries[i].row >> 6] |= (uint64_t)1 << (g->entries[i].row & 63);
    }
    g->has_members = true;
}

static void clear_members(grower *g, const pending *p) {
    size_t first;
    const size_t words = member_words(g, p, &first);
    memset(g->members + first, 0, words * sizeof *g->members);
    g->has_members = false;
}

/* As gather, for a column where few rows do not have the mode and a node of many rows: 64 rows at a
 * time. */
static size_t gather_others(const grower *g, const pending *p, const qf_rank_column *column) {
    size_t first, kept = 0;
    const size_t words = member_words(g, p, &first);
    for (size_t word = first; word < first + words; word++) {
        for (uint64_t bits = g->members[word] & column->others[word]; bits; bits &= bits - 1) {
            const size_t row = word << 6 | (size_t)__builtin_ctzll(bits);
            g->pairs[kept++] = (uint64_t)qf_rank_code(column, row) << 32 | g->tags[row];
        }
    }
    return kept;
}

static size_t gather(grower *g, const pending *p, const qf_rank_column *column) {
    size_t first;
    if (column->others && p->count > member_words(g, p, &first)) {
        if (!g->has_members) set_members(g, p);
        return gather_others(g, p, column);
    }
    const entry *entries = g->entries + p->first;
    if (column->bytes == 1) {
        return gather_uint8_t(column->codes, column->mode, entries, p->count, g->pairs);
    }
    if (column->bytes == 2) {
        return gather_uint16_t(column->codes, column->mode, entries, p->count, g->pairs);
    }
    return gather_uint32_t(column->codes, column->mode, entries, p->count, g->pairs);
}

/* Stable, so that rows stay in memory order. Returns the size of the left part. */
#define DEFINE_PARTITION(type)                                                                     \
    static size_t partition_##type(const type *codes, uint32_t last_left, entry *entries,          \
                                   size_t count, entry *spare) {                                   \
        size_t left = 0, right = 0;                                                                \
        for (size_t i = 0; i < count; i++) {                                                       \
            const entry e = entries[i];                                                            \
            const bool goes_left = codes[e.row] <= last_left;                                      \
            entries[left] = e;                                                                     \
            spare[right] = e;                                                                      \
            left += goes_left;                                                                     \
            right += !goes_left;                                                                   \
        }                                                                                          \
        memcpy(entries + left, spare, right * sizeof *spare);                                      \
        return left;                                                                               \
    }
DEFINE_PARTITION(uint8_t)
DEFINE_PARTITION(uint16_t)
DEFINE_PARTITION(uint32_t)

static size_t partition(const qf_rank_column *column, uint32_t last_left, entry *entries,
                        size_t count, entry *spare) {
    if (column->bytes == 1) {
        return partition_uint8_t(column->codes, last_left, entries, count, spare);
    }
    if (column->bytes == 2) {
        return partition_uint16_t(column->codes, last_left, entries, count, spare);
    }
    return partition_uint32_t(column->codes, last_left, entries, count, spare);
}

/* Few values that are not the mode: insertion sort, the mode's weight as one item more. */
static void spectrum_by_sorting(spectrum *s, const uint64_t *pairs, size_t kept, item mode) {
    item items[SMALL + 1];
    size_t count = 0;
    for (size_t i = 0; i <= kept; i++) {
        item next = mode;
        if (i < kept) {
            const classes weight = classes_of((uint32_t)pairs[i]);
            next = (item){weight, (uint32_t)(pairs[i] >> 32), 1};
            mode.weight -= weight;
            mode.rows--;
        } else if (mode.rows == 0) {
            break;
        }
        size_t place = count++;
        for (; place > 0 && items[place - 1].code > next.code; place--) {
            items[place] = items[place - 1];
        }
        items[place] = next;
    }
    classes below = 0;
    uint32_t rows = 0;
    s->count = 0;
    for (size_t i = 0; i < count; i++) {
        s->codes[s->count] = items[i].code;
        s->below[s->count] = below += items[i].weight;
        s->rows[s->count] = rows += items[i].rows;
        s->count += i + 1 == count || items[i + 1].code != items[i].code;
    }
}

/* Moves a bin to the spectrum, where it counts if anything is in it. */
static inline void take_bin(grower *g, uint32_t code, bool count_rows, classes *below,
                            uint32_t *rows) {
    spectrum *s = &g->spectrum;
    if (count_rows) {
        s->rows[s->count] = *rows += g->bin_rows[code];
        g->bin_rows[code] = 0;
    }
    s->codes[s->count] = code;
    s->below[s->count] = *below += g->bins[code];
    s->count += g->bins[code] != 0;
    g->bins[code] = 0;
}

/* Many values: weights are added up in a bin for each code. Where the bins are many more than the
 * values, a bitmap finds those in use in ascending order. */
static void spectrum_by_counting(grower *g, uint32_t distinct, size_t kept, item mode) {
    const bool sparse = distinct / 8 > kept, count_rows = g->options->min_leaf > 1;
    for (size_t i = 0; i < kept; i++) {
        const uint32_t code = (uint32_t)(g->pairs[i] >> 32);
        const classes weight = classes_of((uint32_t)g->pairs[i]);
        g->bins[code] += weight;
        mode.weight -= weight;
        if (sparse) g->touched[code >> 6] |= (uint64_t)1 << (code & 63);
        if (count_rows) g->bin_rows[code]++;
    }
    g->bins[mode.code] += mode.weight;
    g->touched[mode.code >> 6] |= (uint64_t)1 << (mode.code & 63);
    if (count_rows) g->bin_rows[mode.code] += mode.rows - (uint32_t)kept;
    classes below = 0;
    uint32_t rows = 0;
    g->spectrum.count = 0;
    if (!sparse) {
        for (uint32_t code = 0; code < distinct; code++) {
            take_bin(g, code, count_rows, &below, &rows);
        }
        g->touched[mode.code >> 6] = 0;
        return;
    }
    for (uint32_t word = 0; word <= distinct / 64; word++) {
        for (uint64_t bits = g->touched[word]; bits; bits &= bits - 1) {
            take_bin(g, word << 6 | (uint32_t)__builtin_ctzll(bits), count_rows, &below, &rows);
        }
        g->touched[word] = 0;
    }
}

/* With counts a and b that weigh u and v a row, a product of weights is u v a b: the factor u v is
 * the same for all splits and left out. */
static double cost_of(classes left, classes total, const double class_weights[2]) {
    const double a = legitimate(left), b = fraud(left);
    const double c = (double)legitimate(total) - a, d = (double)fraud(total) - b;
    const double n = class_weights[0] * a + class_weights[1] * b;
    const double m = class_weights[0] * c + class_weights[1] * d;
    return qf_gini_left(a, b, n, c, d, m);
}

/* The lowest cost among below[first..last) and the lowest position that has it. */
static size_t cheapest(const classes *below, size_t first, size_t last, classes total,
                       const double class_weights[2], double *cost) {
    size_t best = first;
    *cost = DBL_MAX;
    for (size_t i = first; i < last; i++) {
        const double here = cost_of(below[i], total, class_weights);
        if (here < *cost) {
            *cost = here;
            best = i;
        }
    }
    return best;
}

/* Evaluates one column; false when it is constant in the node. */
static bool try_feature(grower *g, const pending *p, size_t feature, split *best) {
    const qf_rank_column *column = &g->ranks->items[feature];
    spectrum *s = &g->spectrum;
    const size_t kept = gather(g, p, column);
    if (kept == 0) return false;
    const item mode = {p->total, column->mode, (uint32_t)p->count};
    if (kept <= SMALL) {
        spectrum_by_sorting(s, g->pairs, kept, mode);
    } else {
        spectrum_by_counting(g, column->distinct, kept, mode);
    }
    if (s->count == 1) return false;
    size_t first = 0, last = s->count - 1;
    if (g->options->min_leaf > 1) {
        const size_t least = g->options->min_leaf;
        while (first < last && s->rows[first] < least) first++;
        while (first < last && p->count - s->rows[last - 1] < least) last--;
        if (first == last) return true;
    }
    double cost;
    const size_t i = cheapest(s->below, first, last, p->total, g->options->class_weights, &cost);
    if (cost < best->cost || (cost == best->cost && feature < best->feature)) {
        *best = (split){cost, feature, s->codes[i], s->codes[i + 1], s->below[i]};
    }
    return true;
}

static void swap(size_t *a, size_t *b) {
    const size_t old = *a;
    *a = *b;
    *b = old;
}

/* Tries features in random order, as many as wanted, as scikit-learn does: columns known to be
 * constant count where they are drawn, and drawing goes on until one that varies was met. Returns
 * the number of features that do not vary, which then stand first. */
static size_t best_split(grower *g, const pending *p, split *best) {
    const size_t columns = g->ranks->columns, wanted = g->options->features;
    size_t known = p->constants, next = p->constants, constants = p->constants, visited = 0;
    bool varied = false;
    *best = (split){.cost = DBL_MAX, .feature = columns};
    while (next < columns && (visited < wanted || !varied)) {
        visited++;
        if (g->random) {
            const size_t draw = (size_t)qf_random_below(g->random, known + (columns - next));
            if (draw < known) {
                known--;
                continue;
            }
            swap(&g->features[next], &g->features[next + (draw - known)]);
        }
        const size_t feature = g->features[next++];
        /* Nothing beats a perfect split but one of a lower feature. */
        if (best->cost == 0 && feature > best->feature) continue;
        if (try_feature(g, p, feature, best)) {
            varied = true;
        } else {
            swap(&g->features[next - 1], &g->features[constants++]);
        }
    }
    return constants;
}

static qf_status add_node(qf_tree *tree, classes total, qf_error *error) {
    QF_TRY(
        qf_grow_array(&tree->nodes, &tree->capacity, tree->count + 1, sizeof *tree->nodes, error));
    QF_TRY(qf_grow_array(&tree->weights, &tree->weights_capacity, tree->count + 1,
                         sizeof *tree->weights, error));
    tree->weights[tree->count][0] = legitimate(total);
    tree->weights[tree->count][1] = fraud(total);
    tree->nodes[tree->count] = (qf_tree_node){qf_tree_share(tree, tree->count), -1, 0};
    tree->count++;
    return QF_OK;
}

static qf_status push(grower *g, pending p, qf_error *error) {
    QF_TRY(
        qf_grow_array(&g->stack, &g->stack_capacity, g->stack_count + 1, sizeof *g->stack, error));
    g->stack[g->stack_count++] = p;
    return QF_OK;
}

static qf_status grow_node(grower *g, const pending *p, qf_error *error) {
    const qf_tree_options *o = g->options;
    if (legitimate(p->total) == 0 || fraud(p->total) == 0 || p->depth >= o->max_depth ||
        p->count < o->min_split || p->count / 2 < o->min_leaf) {
        return QF_OK;
    }
    split best;
    const size_t constants = best_split(g, p, &best);
    if (g->has_members) clear_members(g, p);
    if (best.feature == g->ranks->columns) return QF_OK;
    const qf_rank_column *column = &g->ranks->items[best.feature];
    const size_t left = g->tree->count;
    g->tree->nodes[p->node] =
        (qf_tree_node){qf_rank_threshold(column, best.left_code, best.right_code),
                       (int32_t)best.feature, (int32_t)left};
    const size_t count =
        partition(column, best.left_code, g->entries + p->first, p->count, g->spare);
    const classes right = p->total - best.left;
    QF_TRY(add_node(g->tree, best.left, error));
    QF_TRY(add_node(g->tree, right, error));
    QF_TRY(push(
        g, (pending){p->first + count, p->count - count, left + 1, p->depth + 1, constants, right},
        error));
    return push(g, (pending){p->first, count, left, p->depth + 1, constants, best.left}, error);
}

void qf_tree_grower_free(qf_tree_grower *g) {
    if (!g) return;
    free(g->entries);
    free(g->spare);
    free(g->pairs);
    free(g->bins);
    free(g->bin_rows);
    free(g->tags);
    free(g->members);
    free(g->touched);
    free(g->spectrum.codes);
    free(g->spectrum.below);
    free(g->spectrum.rows);
    free(g->features);
    free(g->stack);
    free(g);
}

static bool allocate(grower *g, qf_error *error) {
    const size_t rows = g->ranks->rows, distinct = g->ranks->most_distinct;
    const size_t longest = (distinct > SMALL ? distinct : SMALL) + 1;
    g->entries = qf_new_array(rows, sizeof *g->entries, error);
    g->spare = qf_new_array(rows, sizeof *g->spare, error);
    g->tags = qf_new_array(rows, sizeof *g->tags, error);
    g->members = qf_new_array(rows / 64 + 1, sizeof *g->members, error);
    g->pairs = qf_new_array(rows, sizeof *g->pairs, error);
    g->bins = qf_new_array(distinct, sizeof *g->bins, error);
    g->bin_rows = qf_new_array(distinct, sizeof *g->bin_rows, error);
    g->touched = qf_new_array(distinct / 64 + 1, sizeof *g->touched, error);
    g->spectrum.codes = qf_new_array(longest, sizeof *g->spectrum.codes, error);
    g->spectrum.below = qf_new_array(longest, sizeof *g->spectrum.below, error);
    g->spectrum.rows = qf_new_array(longest, sizeof *g->spectrum.rows, error);
    g->features = qf_new_array(g->ranks->columns, sizeof *g->features, error);
    return g->entries && g->spare && g->tags && g->members && g->pairs && g->bins && g->bin_rows &&
           g->touched && g->spectrum.codes && g->spectrum.below && g->spectrum.rows && g->features;
}

qf_status qf_tree_grower_new(const qf_ranks *ranks, const uint8_t *labels,
                             const qf_tree_options *options, qf_tree_grower **grower_out,
                             qf_error *error) {
    grower *g = qf_new_array(1, sizeof *g, error);
    if (!g) return QF_MEMORY;
    *g = (grower){.ranks = ranks, .labels = labels, .options = options};
    if (!allocate(g, error)) {
        qf_tree_grower_free(g);
        return QF_MEMORY;
    }
    *grower_out = g;
    return QF_OK;
}

static qf_status grow(grower *g, const uint32_t *weights, qf_error *error) {
    pending root = {0};
    for (size_t r = 0; r < g->ranks->rows; r++) {
        const uint32_t weight = weights ? weights[r] : 1;
        if (weight == 0) continue;
        g->tags[r] = weight << 1 | g->labels[r];
        g->entries[root.count++] = (entry){(uint32_t)r, g->tags[r]};
        root.total += classes_of(g->tags[r]);
    }
    if (root.count == 0) return qf_fail(error, QF_DATA, "a tree needs at least one row");
    for (size_t c = 0; c < g->ranks->columns; c++) g->features[c] = c;
    QF_TRY(add_node(g->tree, root.total, error));
    g->stack_count = 0;
    QF_TRY(push(g, root, error));
    while (g->stack_count > 0) {
        const pending p = g->stack[--g->stack_count];
        QF_TRY(grow_node(g, &p, error));
    }
    return QF_OK;
}

qf_status qf_tree_grow(qf_tree_grower *g, const uint32_t *weights, qf_random *random, qf_tree *tree,
                       qf_error *error) {
    const double *class_weights = g->options->class_weights;
    *tree = (qf_tree){.class_weights = {class_weights[0], class_weights[1]}};
    g->tree = tree;
    g->random = g->options->features < g->ranks->columns ? random : NULL;
    const qf_status status = grow(g, weights, error);
    if (status != QF_OK) qf_tree_free(tree);
    return status;
}

void qf_tree_free(qf_tree *tree) {
    free(tree->nodes);
    free(tree->weights);
    *tree = (qf_tree){0};
}

size_t qf_tree_leaves(const qf_tree *tree) {
    size_t leaves = 0;
    for (size_t i = 0; i < tree->count; i++) leaves += tree->nodes[i].feature < 0;
    return leaves;
}

qf_status qf_tree_depth(const qf_tree *tree, size_t *depth, qf_error *error) {
    uint32_t *depths = qf_new_array(tree->count, sizeof *depths, error);
    if (!depths) return QF_MEMORY;
    *depth = 0;
    for (size_t i = 0; i < tree->count; i++) {
        const qf_tree_node *node = &tree->nodes[i];
        if (depths[i] > *depth) *depth = depths[i];
        if (node->feature < 0) continue;
        depths[node->left] = depths[node->left + 1] = depths[i] + 1;
    }
    free(depths);
    return QF_OK;
}
