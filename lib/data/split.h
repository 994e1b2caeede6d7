/* Splits: which part of a table each row belongs to.
 *
 * Groups of rows with equal features (QF_GROUP_IDENTICAL), or of one entity (an equal value in one
 * column), stay in one part, so that no part holds a copy of another's row. A class is dealt out by
 * quotas: each group draws a part with a probability proportional to the room left there for its
 * majority label (a tie counts as fraud), larger groups first. If it does not fit, it goes to the
 * next part where it does, and if it fits nowhere, to an empty part or the one with most room.
 * Single rows come last and fill the quotas exactly, so that a part's count of a label misses its
 * quota only when there are too few of them, and then by less than the largest group. Without
 * groups, this is a uniformly random stratified split.
 *
 * part[rows] gets a number from 0. The same seed gives the same parts, whatever the number of
 * threads. Cost: O(rows * (columns + log rows + parts)). */
#ifndef QF_DATA_SPLIT_H
#define QF_DATA_SPLIT_H

#include "data/table.h"

enum { QF_SPLIT_MAX_PARTS = 1000 };

/* What makes rows a group: the column that has this index, or one of these. */
typedef ptrdiff_t qf_grouping;
enum { QF_GROUP_IDENTICAL = -1, QF_GROUP_NONE = -2 };

/* Part 1 is the test part with round(share * n) of the n rows of each label, 0 the training part;
 * 0 < share < 1. QF_DATA where a part would lack a label. */
qf_status qf_split_holdout(const qf_table *table, double share, qf_grouping grouping, uint64_t seed,
                           size_t *part, qf_error *error);

/* Part 0 is a sample of `rows` rows, fewer than the table has, of each label its share; part 1 the
 * rest, which may lack a label. QF_DATA where the sample would lack one. */
qf_status qf_split_sample(const qf_table *table, size_t rows, qf_grouping grouping, uint64_t seed,
                          size_t *part, qf_error *error);

/* The past trains and the future tests: part 1 holds the rows from some value of the column on, the
 * value being that whose share of the rows is nearest to `share` (the later one on ties), part 0
 * the rows before it, part 2 those less than `gap` before it, where labels may not have been known
 * yet. Rows of equal features are never parted. QF_DATA where part 0 or 1 would lack a label. */
qf_status qf_split_later(const qf_table *table, double share, size_t column, double gap,
                         size_t *part, qf_error *error);

/* Folds 0 .. folds-1 of equal size and class balance; 2 <= folds <= QF_SPLIT_MAX_PARTS. QF_DATA
 * where a fold would lack a label. */
qf_status qf_split_folds(const qf_table *table, size_t folds, qf_grouping grouping, uint64_t seed,
                         size_t *part, qf_error *error);

typedef enum qf_client_split {
    /* Client i has the i-th consecutive slice of the fraud rows and of the others, no grouping. */
    QF_CLIENTS_CONTIGUOUS,
    /* Equal size and class balance, at random. */
    QF_CLIENTS_IID,
    /* Equal size; with the rarer label's share p of the table, client i of n has a share of
     * p (1 + skew t), t running from -1 (the first client) to 1 (the last one). */
    QF_CLIENTS_LABEL_SKEW,
    /* Each label's rows are shared out in proportions drawn from a symmetric Dirichlet distribution
     * (Yurochkin et al. 2019, section 4), drawn again until no client would be empty. */
    QF_CLIENTS_DIRICHLET
} qf_client_split;

typedef struct qf_clients {
    size_t count; /* 1 .. QF_SPLIT_MAX_PARTS */
    qf_client_split by;
    double skew;          /* 0 (as iid) .. 1 */
    double concentration; /* > 0: near 0 a label has one client, at infinity as iid */
} qf_clients;

/* Clients 0 .. count-1. QF_DATA where a client would be empty or, contiguous or iid, lack a label.
 */
qf_status qf_split_clients(const qf_table *table, const qf_clients *clients, qf_grouping grouping,
                           uint64_t seed, size_t *part, qf_error *error);

/* Keeps, in place and in order, the rows whose part is `wanted` (or, if `others`, is not). */
void qf_split_keep(qf_table *table, const size_t *part, size_t wanted, bool others);

#endif
