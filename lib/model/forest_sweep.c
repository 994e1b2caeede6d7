#include "model/forest_sweep.h"

#include <stdlib.h>
#include <string.h>

/* Rows of a chunk stay in cache while the trees of a block pass over them. */
enum { BLOCK = 16, CHUNK = 256 };

/* A table of the sweep. */
typedef struct pass {
    const qf_table *table;
    double *values; /* [BLOCK][rows] of the leaves, for the trees of the block */
    double *sums;   /* [rows] */
    double *probabilities;
} pass;

typedef struct walk {
    const qf_forest *forest;
    const pass *pass;
    size_t first, end; /* trees of the block */
} walk;

static qf_status walk_chunk(void *context, size_t index, qf_error *error) {
    (void)error;
    const walk *w = context;
    const qf_table *table = w->pass->table;
    const size_t first = index * CHUNK, rest = table->rows - first;
    const size_t count = rest < CHUNK ? rest : CHUNK;
    for (size_t t = w->first; t < w->end; t++) {
        double *values = w->pass->values + (t - w->first) * table->rows + first;
        memset(values, 0, count * sizeof *values);
        qf_forest_add(w->forest, t, t + 1, table->values + first * table->columns, count, values);
    }
    return QF_OK;
}

static qf_status make_passes(const qf_sweep *sweep, pass *passes, qf_error *error) {
    for (size_t t = 0; t < sweep->table_count; t++) {
        const size_t rows = sweep->tables[t]->rows;
        passes[t] = (pass){.table = sweep->tables[t],
                           .values = qf_new_array(rows, BLOCK * sizeof(double), error),
                           .sums = qf_new_array(rows, sizeof(double), error),
                           .probabilities = qf_new_array(rows, sizeof(double), error)};
        if (!passes[t].values || !passes[t].sums || !passes[t].probabilities) return QF_MEMORY;
    }
    return QF_OK;
}

/* Adds trees first to end - 1 of each pass's sums; a block is walked when its first tree comes. */
static qf_status add_trees(const qf_forest *forest, pass *passes, size_t count, size_t first,
                           size_t end, const qf_run *run, qf_error *error) {
    for (size_t tree = first; tree < end; tree++) {
        for (size_t p = 0; p < count; p++) {
            const size_t rows = passes[p].table->rows;
            if (tree % BLOCK == 0) {
                const size_t rest = forest->trees - tree;
                walk w = {forest, &passes[p], tree, tree + (rest < BLOCK ? rest : BLOCK)};
                QF_TRY(qf_parallel(run, (rows + CHUNK - 1) / CHUNK, walk_chunk, &w, error));
            }
            const double *values = passes[p].values + tree % BLOCK * rows;
            double *sums = passes[p].sums;
            for (size_t r = 0; r < rows; r++) {
                sums[r] = qf_forest_sum(forest, sums[r], values[r]);
            }
        }
    }
    return QF_OK;
}

qf_status qf_forest_sweep(const qf_forest *forest, qf_forest_finish *finish, const void *context,
                          double threshold, const qf_sweep *sweep, const qf_run *run,
                          qf_error *error) {
    pass *passes = qf_new_array(sweep->table_count, sizeof *passes, error);
    if (!passes) return QF_MEMORY;
    qf_status status = make_passes(sweep, passes, error);
    size_t trees = 0;
    for (size_t v = 0; status == QF_OK && v < sweep->count; v++) {
        const size_t before = trees, value = (size_t)sweep->values[v];
        trees = value < forest->trees ? value : forest->trees;
        status = add_trees(forest, passes, sweep->table_count, before, trees, run, error);
        for (size_t p = 0; status == QF_OK && p < sweep->table_count; p++) {
            finish(context, trees, passes[p].sums, passes[p].table->rows, passes[p].probabilities);
            status = sweep->visit(sweep->listener, v, p, passes[p].probabilities, threshold, error);
        }
    }
    for (size_t p = 0; p < sweep->table_count; p++) {
        free(passes[p].values);
        free(passes[p].sums);
        free(passes[p].probabilities);
    }
    free(passes);
    return status;
}
