#include "learn/folds.h"

#include "base/memory.h"
#include "base/random.h"

#include <stdlib.h>

enum { NO_FOLD = 255 };

/* What is known of a group of identical rows: its original rows, the label of the first, its fold.
 */
typedef struct group_facts {
    size_t rows;
    uint8_t label, fold;
} group_facts;

typedef struct placed_row {
    int64_t row;
    uint8_t fold;
} placed_row;

typedef struct work {
    size_t *group, *order;
    group_facts *groups;
    placed_row *placed;
    size_t group_count, placed_count;
} work;

static void deal(work *w, size_t folds, uint8_t label, uint64_t seed) {
    size_t count = 0, filled[QF_FOLDS_MAX] = {0};
    for (size_t g = 0; g < w->group_count; g++) {
        if (w->groups[g].rows > 0 && w->groups[g].label == label) w->order[count++] = g;
    }
    qf_random random = qf_random_stream(seed, "folds", label);
    qf_random_shuffle(&random, w->order, count);
    for (size_t i = 0; i < count; i++) {
        size_t least = 0;
        for (size_t f = 1; f < folds; f++) {
            if (filled[f] < filled[least]) least = f;
        }
        w->groups[w->order[i]].fold = (uint8_t)least;
        filled[least] += w->groups[w->order[i]].rows;
    }
}

static int compare_placed(const void *a, const void *b) {
    const int64_t x = ((const placed_row *)a)->row, y = ((const placed_row *)b)->row;
    return (x > y) - (x < y);
}

static uint8_t bit_of(uint8_t fold) {
    return (uint8_t)(fold == NO_FOLD ? 0 : 1u << fold);
}

static uint8_t parent_bit(const work *w, int64_t row) {
    const placed_row key = {row, 0};
    const placed_row *found = bsearch(&key, w->placed, w->placed_count, sizeof key, compare_placed);
    return found ? bit_of(found->fold) : 0;
}

static void place(work *w, const qf_table *table, qf_folds *folds, uint64_t seed) {
    for (size_t r = 0; r < table->rows; r++) {
        group_facts *facts = &w->groups[w->group[r]];
        if (table->origins[r].neighbour >= 0) continue;
        if (facts->rows++ == 0) facts->label = table->labels[r];
    }
    for (size_t g = 0; g < w->group_count; g++) w->groups[g].fold = NO_FOLD;
    for (uint8_t label = 0; label < 2; label++) deal(w, folds->count, label, seed);
    for (size_t r = 0; r < table->rows; r++) {
        const uint8_t fold = w->groups[w->group[r]].fold;
        folds->apart[r] = bit_of(fold);
        if (table->origins[r].neighbour >= 0) continue;
        folds->held_out[r] = bit_of(fold);
        w->placed[w->placed_count++] = (placed_row){table->origins[r].row, fold};
    }
    qsort(w->placed, w->placed_count, sizeof *w->placed, compare_placed);
    for (size_t r = 0; r < table->rows; r++) {
        const qf_origin *origin = &table->origins[r];
        if (origin->neighbour < 0) continue;
        folds->apart[r] |= parent_bit(w, origin->row) | parent_bit(w, origin->neighbour);
    }
}

qf_status qf_folds_init(qf_folds *folds, const qf_table *table, size_t count, uint64_t seed,
                        qf_error *error) {
    const size_t rows = table->rows;
    *folds = (qf_folds){.count = count};
    work w = {0};
    w.group = qf_new_array(rows, sizeof *w.group, error);
    w.order = qf_new_array(rows, sizeof *w.order, error);
    w.groups = qf_new_array(rows, sizeof *w.groups, error);
    w.placed = qf_new_array(rows, sizeof *w.placed, error);
    folds->apart = qf_new_array(rows, 1, error);
    folds->held_out = qf_new_array(rows, 1, error);
    qf_status status = QF_MEMORY;
    if (w.group && w.order && w.groups && w.placed && folds->apart && folds->held_out) {
        status = qf_table_group_identical(table, NULL, w.group, &w.group_count, error);
    }
    if (status == QF_OK) place(&w, table, folds, seed);
    free(w.group);
    free(w.order);
    free(w.groups);
    free(w.placed);
    if (status != QF_OK) qf_folds_free(folds);
    return status;
}

void qf_folds_free(qf_folds *folds) {
    free(folds->apart);
    free(folds->held_out);
    *folds = (qf_folds){0};
}
