#include "data/split.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows per part and label. */
typedef struct quota {
    int64_t rows[2];
} quota;

/* Rows of equal features. */
typedef struct group {
    size_t number;
    int64_t rows[2]; /* by label */
} group;

/* Shares `total` rows out in proportion to weights by largest remainders; ties go to the lowest
 * part, counted from `first` on. */
static qf_status apportion(const double *weights, size_t parts, int64_t total, int label,
                           size_t first, quota *quotas, qf_error *error) {
    double sum = 0;
    double *remainders = qf_new_array(parts, sizeof *remainders, error);
    if (!remainders) return QF_MEMORY;
    for (size_t p = 0; p < parts; p++) sum += weights[p];
    int64_t left = total;
    for (size_t p = 0; p < parts; p++) {
        const double exact = (double)total * weights[p] / sum;
        quotas[p].rows[label] = (int64_t)exact;
        remainders[p] = exact - floor(exact);
        left -= quotas[p].rows[label];
    }
    for (; left > 0; left--) {
        size_t best = first % parts;
        for (size_t i = 1; i < parts; i++) {
            const size_t p = (first + i) % parts;
            if (remainders[p] > remainders[best]) best = p;
        }
        quotas[best].rows[label]++;
        remainders[best] -= 1;
    }
    free(remainders);
    return QF_OK;
}

/* Equal parts; the second label's spare rows go where the first one's did not. */
static qf_status share_equally(const size_t counts[2], size_t parts, quota *quotas,
                               qf_error *error) {
    double *weights = qf_new_array(parts, sizeof *weights, error);
    if (!weights) return QF_MEMORY;
    for (size_t p = 0; p < parts; p++) weights[p] = 1;
    qf_status status = apportion(weights, parts, (int64_t)counts[1], 1, 0, quotas, error);
    if (status == QF_OK) {
        status = apportion(weights, parts, (int64_t)counts[0], 0, counts[1] % parts, quotas, error);
    }
    free(weights);
    return status;
}

static int majority(const group *g) {
    return g->rows[1] >= g->rows[0];
}

static int by_size(const void *a, const void *b) {
    const group *x = a, *y = b;
    const int64_t difference = y->rows[0] + y->rows[1] - x->rows[0] - x->rows[1];
    if (difference) return difference < 0 ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static bool fits(const group *g, const quota *room) {
    return g->rows[0] <= room->rows[0] && g->rows[1] <= room->rows[1];
}

/* A part drawn in proportion to the room for this label; 0 where there is none. */
static size_t draw_part(const quota *room, size_t parts, int label, int64_t all,
                        qf_random *random) {
    if (all <= 0) return 0;
    int64_t place = (int64_t)qf_random_below(random, (uint64_t)all);
    size_t p = 0;
    for (; p + 1 < parts; p++) {
        if (room[p].rows[label] <= 0) continue;
        place -= room[p].rows[label];
        if (place < 0) break;
    }
    return p;
}

static size_t choose_part(const group *g, const quota *quotas, const quota *room, size_t parts,
                          int64_t all, qf_random *random) {
    const int label = majority(g);
    const size_t drawn = draw_part(room, parts, label, all, random);
    for (size_t i = 0; i < parts; i++) {
        const size_t p = (drawn + i) % parts;
        if (fits(g, &room[p])) return p;
    }
    size_t best = drawn;
    bool best_empty = false;
    for (size_t p = 0; p < parts; p++) {
        const bool empty =
            quotas[p].rows[label] > 0 && room[p].rows[label] == quotas[p].rows[label];
        const bool roomier = room[p].rows[label] > room[best].rows[label];
        if (empty > best_empty || (empty == best_empty && roomier)) best = p;
        best_empty = best_empty || empty;
    }
    return best;
}

/* Sends each group to a part: place[group]. */
static void deal(const group *groups, size_t count, const quota *quotas, quota *room, size_t parts,
                 uint64_t seed, size_t *place) {
    qf_random random = qf_random_stream(seed, "split", 0);
    int64_t all[2] = {0, 0}; /* the room of every label */
    memcpy(room, quotas, parts * sizeof *room);
    for (size_t p = 0; p < parts; p++) {
        for (int label = 0; label < 2; label++) all[label] += room[p].rows[label];
    }
    for (size_t i = 0; i < count; i++) {
        const group *g = &groups[i];
        const size_t p = choose_part(g, quotas, room, parts, all[majority(g)], &random);
        place[g->number] = p;
        for (int label = 0; label < 2; label++) {
            const int64_t before = room[p].rows[label] > 0 ? room[p].rows[label] : 0;
            room[p].rows[label] -= g->rows[label];
            const int64_t after = room[p].rows[label] > 0 ? room[p].rows[label] : 0;
            all[label] += after - before;
        }
    }
}

typedef struct valued_row {
    double value;
    size_t row;
} valued_row;

static int by_value(const void *a, const void *b) {
    const valued_row *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* The rows in order of a column's values, or NULL. */
static valued_row *sort_by_column(const qf_table *table, size_t column, qf_error *error) {
    valued_row *rows = qf_new_array(table->rows, sizeof *rows, error);
    for (size_t r = 0; rows && r < table->rows; r++) {
        rows[r] = (valued_row){table->values[r * table->columns + column], r};
    }
    if (rows) qsort(rows, table->rows, sizeof *rows, by_value);
    return rows;
}

static qf_status group_entities(const qf_table *table, size_t column, size_t *group_of,
                                size_t *count, qf_error *error) {
    valued_row *rows = sort_by_column(table, column, error);
    if (!rows) return QF_MEMORY;
    *count = 0;
    for (size_t i = 0; i < table->rows; i++) {
        if (i == 0 || rows[i].value != rows[i - 1].value) ++*count;
        group_of[rows[i].row] = *count - 1;
    }
    free(rows);
    return QF_OK;
}

static qf_status find_groups(const qf_table *table, qf_grouping grouping, size_t *group_of,
                             size_t *count, qf_error *error) {
    if (grouping == QF_GROUP_IDENTICAL) {
        return qf_table_group_identical(table, NULL, group_of, count, error);
    }
    *count = table->rows;
    for (size_t r = 0; r < table->rows; r++) group_of[r] = r;
    return grouping == QF_GROUP_NONE
               ? QF_OK
               : group_entities(table, (size_t)grouping, group_of, count, error);
}

/* part[] comes in as the group of each row and goes out as its part. */
static qf_status deal_groups(const qf_table *table, size_t count, const quota *quotas, size_t parts,
                             uint64_t seed, size_t *part, qf_error *error) {
    group *groups = qf_new_array(count, sizeof *groups, error);
    size_t *place = groups ? qf_new_array(count, sizeof *place, error) : NULL;
    quota *room = place ? qf_new_array(parts, sizeof *room, error) : NULL;
    if (room) {
        for (size_t g = 0; g < count; g++) groups[g].number = g;
        for (size_t r = 0; r < table->rows; r++) groups[part[r]].rows[table->labels[r]]++;
        qsort(groups, count, sizeof *groups, by_size);
        deal(groups, count, quotas, room, parts, seed, place);
        for (size_t r = 0; r < table->rows; r++) part[r] = place[part[r]];
    }
    free(room);
    free(place);
    free(groups);
    return room ? QF_OK : QF_MEMORY;
}

/* QF_DATA unless each of the first parts has `least` rows of each label, and any row at all. */
static qf_status check_parts(const qf_table *table, const size_t *part, size_t parts, int64_t least,
                             const char *what, qf_error *error) {
    quota *counts = qf_new_array(parts, sizeof *counts, error);
    if (!counts) return QF_MEMORY;
    for (size_t r = 0; r < table->rows; r++) {
        if (part[r] < parts) counts[part[r]].rows[table->labels[r]]++;
    }
    qf_status status = QF_OK;
    for (size_t p = 0; status == QF_OK && p < parts; p++) {
        const int64_t *rows = counts[p].rows;
        for (int label = 0; status == QF_OK && label < 2; label++) {
            if (rows[label] >= least) continue;
            status = qf_fail(error, QF_DATA,
                             "%s: one would have no row with label %d: there are too few that "
                             "differ",
                             what, label);
        }
        if (status == QF_OK && rows[0] + rows[1] == 0) {
            status = qf_fail(error, QF_DATA, "%s: one would have no rows", what);
        }
    }
    free(counts);
    return status;
}

static qf_status split_by(const qf_table *table, const quota *quotas, size_t parts,
                          qf_grouping grouping, uint64_t seed, int64_t least, const char *what,
                          size_t *part, qf_error *error) {
    size_t groups;
    QF_TRY(find_groups(table, grouping, part, &groups, error));
    QF_TRY(deal_groups(table, groups, quotas, parts, seed, part, error));
    return check_parts(table, part, parts, least, what, error);
}

qf_status qf_split_holdout(const qf_table *table, double share, qf_grouping grouping, uint64_t seed,
                           size_t *part, qf_error *error) {
    if (!(share > 0 && share < 1)) {
        return qf_fail(error, QF_USAGE, "a test share lies between 0 and 1");
    }
    size_t counts[2];
    quota quotas[2];
    qf_table_count_classes(table, counts);
    for (int label = 0; label < 2; label++) {
        const int64_t all = (int64_t)counts[label];
        const int64_t test = (int64_t)floor(share * (double)all + 0.5);
        if (test == 0 || test == all) {
            return qf_fail(error, QF_DATA,
                           "%zu rows with label %d are too few for a test share of %g",
                           counts[label], label, share);
        }
        quotas[0].rows[label] = all - test;
        quotas[1].rows[label] = test;
    }
    return split_by(table, quotas, 2, grouping, seed, 1, "training and test part", part, error);
}

qf_status qf_split_sample(const qf_table *table, size_t rows, qf_grouping grouping, uint64_t seed,
                          size_t *part, qf_error *error) {
    size_t counts[2];
    quota quotas[2];
    qf_table_count_classes(table, counts);
    const double share = (double)rows / (double)table->rows;
    const int64_t fraud = (int64_t)floor(share * (double)counts[1] + 0.5);
    const int64_t chosen[2] = {(int64_t)rows - fraud, fraud};
    for (int label = 0; label < 2; label++) {
        if (chosen[label] <= 0) {
            return qf_fail(error, QF_DATA,
                           "%zu rows with label %d are too few for a sample of %zu rows",
                           counts[label], label, rows);
        }
        quotas[0].rows[label] = chosen[label];
        quotas[1].rows[label] = (int64_t)counts[label] - chosen[label];
    }
    size_t groups;
    QF_TRY(find_groups(table, grouping, part, &groups, error));
    QF_TRY(deal_groups(table, groups, quotas, 2, seed, part, error));
    return check_parts(table, part, 1, 1, "sample", error);
}

/* Where the future begins in rows sorted by time, always at a row whose value is new. */
static size_t find_cut(const valued_row *rows, size_t count, double share) {
    const double wanted = share * (double)count;
    size_t cut = count;
    for (size_t i = count; i-- > 1;) {
        if (rows[i].value == rows[i - 1].value) continue;
        const double miss = fabs((double)(count - i) - wanted);
        if (cut < count && miss >= fabs((double)(count - cut) - wanted)) break;
        cut = i;
    }
    return cut;
}

qf_status qf_split_later(const qf_table *table, double share, size_t column, double gap,
                         size_t *part, qf_error *error) {
    valued_row *rows = sort_by_column(table, column, error);
    if (!rows) return QF_MEMORY;
    const size_t cut = find_cut(rows, table->rows, share);
    qf_status status = QF_OK;
    if (cut == table->rows) {
        status =
            qf_fail(error, QF_DATA, "column \"%s\" has one value: no row is later than another",
                    table->names[column]);
    }
    for (size_t i = 0; status == QF_OK && i < table->rows; i++) {
        const bool in_gap = rows[i].value > rows[cut].value - gap;
        part[rows[i].row] = i >= cut ? 1 : in_gap ? 2 : 0;
    }
    free(rows);
    QF_TRY(status);
    return check_parts(table, part, 2, 1, "training and test part", error);
}

static qf_status require_rows(const qf_table *table, size_t parts, const char *what,
                              qf_error *error) {
    size_t counts[2];
    qf_table_count_classes(table, counts);
    for (int label = 0; label < 2; label++) {
        if (counts[label] >= parts) continue;
        return qf_fail(error, QF_DATA, "%zu rows with label %d are too few for %zu %s",
                       counts[label], label, parts, what);
    }
    return QF_OK;
}

qf_status qf_split_folds(const qf_table *table, size_t folds, qf_grouping grouping, uint64_t seed,
                         size_t *part, qf_error *error) {
    if (folds < 2 || folds > QF_SPLIT_MAX_PARTS) {
        return qf_fail(error, QF_USAGE, "%zu folds, 2 to %d are possible", folds,
                       QF_SPLIT_MAX_PARTS);
    }
    QF_TRY(require_rows(table, folds, "folds", error));
    size_t counts[2];
    qf_table_count_classes(table, counts);
    quota *quotas = qf_new_array(folds, sizeof *quotas, error);
    if (!quotas) return QF_MEMORY;
    qf_status status = share_equally(counts, folds, quotas, error);
    if (status == QF_OK) {
        status = split_by(table, quotas, folds, grouping, seed, 1, "folds", part, error);
    }
    free(quotas);
    return status;
}

static void slice(const qf_table *table, size_t clients, size_t *part) {
    size_t counts[2], met[2] = {0, 0};
    qf_table_count_classes(table, counts);
    for (size_t r = 0; r < table->rows; r++) {
        const int label = table->labels[r];
        part[r] = met[label]++ * clients / counts[label];
    }
}

static qf_status skew_quotas(const size_t counts[2], const qf_clients *clients, double *weights,
                             quota *quotas, qf_error *error) {
    const size_t n = clients->count;
    const int rare = counts[1] <= counts[0];
    for (size_t p = 0; p < n; p++) {
        const double t = n > 1 ? 2 * (double)p / (double)(n - 1) - 1 : 0;
        weights[p] = 1 + clients->skew * t;
    }
    QF_TRY(apportion(weights, n, (int64_t)counts[rare], rare, 0, quotas, error));
    const double size = (double)(counts[0] + counts[1]) / (double)n;
    for (size_t p = 0; p < n; p++) weights[p] = fmax(0, size - (double)quotas[p].rows[rare]);
    return apportion(weights, n, (int64_t)counts[!rare], !rare, 0, quotas, error);
}

/* One draw; *complete unless a client would be empty. */
static qf_status draw_quotas(const size_t counts[2], const qf_clients *clients, qf_random *random,
                             double *weights, quota *quotas, bool *complete, qf_error *error) {
    *complete = true;
    for (int label = 0; label < 2; label++) {
        double sum = 0;
        for (size_t p = 0; p < clients->count; p++) {
            weights[p] = qf_random_gamma(random, clients->concentration);
            sum += weights[p];
        }
        if (!(sum > 0)) { /* all underflowed */
            *complete = false;
            return QF_OK;
        }
        QF_TRY(apportion(weights, clients->count, (int64_t)counts[label], label, 0, quotas, error));
    }
    for (size_t p = 0; p < clients->count; p++) {
        *complete = *complete && quotas[p].rows[0] + quotas[p].rows[1] > 0;
    }
    return QF_OK;
}

static qf_status dirichlet_quotas(const size_t counts[2], const qf_clients *clients, uint64_t seed,
                                  double *weights, quota *quotas, qf_error *error) {
    enum { MAX_DRAWS = 10000 };
    qf_random random = qf_random_stream(seed, "split", 1);
    for (int draw = 0; draw < MAX_DRAWS; draw++) {
        bool complete;
        QF_TRY(draw_quotas(counts, clients, &random, weights, quotas, &complete, error));
        if (complete) return QF_OK;
    }
    return qf_fail(error, QF_DATA,
                   "no division of %zu rows among %zu clients at concentration %g gives each a row",
                   counts[0] + counts[1], clients->count, clients->concentration);
}

static qf_status client_quotas(const qf_table *table, const qf_clients *clients, uint64_t seed,
                               quota *quotas, qf_error *error) {
    size_t counts[2];
    qf_table_count_classes(table, counts);
    if (clients->by == QF_CLIENTS_IID) return share_equally(counts, clients->count, quotas, error);
    double *weights = qf_new_array(clients->count, sizeof *weights, error);
    if (!weights) return QF_MEMORY;
    const qf_status status = clients->by == QF_CLIENTS_LABEL_SKEW
                                 ? skew_quotas(counts, clients, weights, quotas, error)
                                 : dirichlet_quotas(counts, clients, seed, weights, quotas, error);
    free(weights);
    return status;
}

static qf_status check_clients(const qf_table *table, const qf_clients *clients, qf_error *error) {
    if (clients->count < 1 || clients->count > QF_SPLIT_MAX_PARTS) {
        return qf_fail(error, QF_USAGE, "%zu clients, 1 to %d are possible", clients->count,
                       QF_SPLIT_MAX_PARTS);
    }
    if (clients->by == QF_CLIENTS_LABEL_SKEW && !(clients->skew >= 0 && clients->skew <= 1)) {
        return qf_fail(error, QF_USAGE, "a label skew lies between 0 and 1");
    }
    if (clients->by == QF_CLIENTS_DIRICHLET &&
        !(clients->concentration > 0 && isfinite(clients->concentration))) {
        return qf_fail(error, QF_USAGE, "a concentration is greater than 0");
    }
    if (clients->by == QF_CLIENTS_CONTIGUOUS || clients->by == QF_CLIENTS_IID) {
        return require_rows(table, clients->count, "clients", error);
    }
    if (table->rows >= clients->count) return QF_OK;
    return qf_fail(error, QF_DATA, "%zu rows are too few for %zu clients", table->rows,
                   clients->count);
}

qf_status qf_split_clients(const qf_table *table, const qf_clients *clients, qf_grouping grouping,
                           uint64_t seed, size_t *part, qf_error *error) {
    QF_TRY(check_clients(table, clients, error));
    if (clients->by == QF_CLIENTS_CONTIGUOUS) {
        slice(table, clients->count, part);
        return QF_OK;
    }
    quota *quotas = qf_new_array(clients->count, sizeof *quotas, error);
    if (!quotas) return QF_MEMORY;
    qf_status status = client_quotas(table, clients, seed, quotas, error);
    if (status == QF_OK) {
        status = split_by(table, quotas, clients->count, grouping, seed,
                          clients->by == QF_CLIENTS_IID, "clients", part, error);
    }
    free(quotas);
    return status;
}

void qf_split_keep(qf_table *table, const size_t *part, size_t wanted, bool others) {
    size_t kept = 0;
    for (size_t r = 0; r < table->rows; r++) {
        if ((part[r] == wanted) != others) qf_table_move_row(table, r, kept++);
    }
    table->rows = kept;
}
