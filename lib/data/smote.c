#include "data/smote.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_AT_ONCE = 64 };

/* ---- Kernels, compiled once for each SIMD level from the same operations ---- */

/* Notes in which columns a row has a fraction, and in which it differs from the first row. */
static inline __attribute__((always_inline)) void inspect(const double *row, const double *first,
                                                          size_t columns, uint64_t *fractional,
                                                          uint64_t *varies) {
    for (size_t c = 0; c < columns; c++) {
        fractional[c] |= rint(row[c]) != row[c];
        varies[c] |= row[c] != first[c];
    }
}

/* The point between x and y; never beyond either, whatever the rounding. Halves, so that the
 * difference of two large numbers is finite; but for the tiniest numbers they change no bit of the
 * result. */
static inline __attribute__((always_inline)) void
interpolate(const double *x, const double *y, double gap, size_t columns, double *row) {
    for (size_t c = 0; c < columns; c++) {
        const double value = 2 * (x[c] / 2 + gap * (y[c] / 2 - x[c] / 2));
        const double low = x[c] < y[c] ? x[c] : y[c], high = x[c] < y[c] ? y[c] : x[c];
        const double least = value < low ? low : value;
        row[c] = least > high ? high : least;
    }
}

typedef struct kernels {
    void (*inspect)(const double *row, const double *first, size_t columns, uint64_t *fractional,
                    uint64_t *varies);
    void (*interpolate)(const double *x, const double *y, double gap, size_t columns, double *row);
} kernels;

#define DEFINE_KERNELS(level, attributes)                                                          \
    attributes static void inspect_##level(const double *row, const double *first, size_t columns, \
                                           uint64_t *fractional, uint64_t *varies) {               \
        inspect(row, first, columns, fractional, varies);                                          \
    }                                                                                              \
    attributes static void interpolate_##level(const double *x, const double *y, double gap,       \
                                               size_t columns, double *row) {                      \
        interpolate(x, y, gap, columns, row);                                                      \
    }                                                                                              \
    static const kernels kernels_##level = {inspect_##level, interpolate_##level};
DEFINE_KERNELS(portable, )
#if defined(__x86_64__)
DEFINE_KERNELS(avx2, __attribute__((target("avx2"), optimize("O3"))))
DEFINE_KERNELS(avx512, __attribute__((target("avx512f,avx512dq,avx512vl"), optimize("O3"))))
#endif

/* ---- The plan ---- */

static qf_status list_minority(qf_smote *s, qf_error *error) {
    s->rows = qf_new_array(s->minority, sizeof *s->rows, error);
    if (!s->rows) return QF_MEMORY;
    size_t place = 0;
    for (size_t r = 0; r < s->table->rows; r++) {
        if (s->table->labels[r] != s->label) continue;
        if (s->table->origins[r].neighbour >= 0) {
            return qf_fail(error, QF_DATA,
                           "row %zu is synthetic already: SMOTE needs original minority rows",
                           r + 1);
        }
        s->rows[place++] = r;
    }
    return QF_OK;
}

static const double *minority_row(const qf_smote *s, size_t i) {
    return s->table->values + s->rows[i] * s->table->columns;
}

/* Finds the columns of whole numbers, and those among them that may get fractions. */
static qf_status find_whole(qf_smote *s, qf_simd simd, qf_error *error) {
    const size_t columns = s->table->columns;
    s->whole = qf_new_array(columns, sizeof *s->whole, error);
    s->watched = qf_new_array(columns, sizeof *s->watched, error);
    uint64_t *fractional = qf_new_array(2 * columns, sizeof *fractional, error);
    const bool complete = s->whole && s->watched && fractional;
    if (complete) {
        uint64_t *varies = fractional + columns;
        const double *first = minority_row(s, 0);
        const kernels *kernel = QF_FOR_SIMD(simd, kernels);
        for (size_t r = 0; r < s->minority; r++) {
            kernel->inspect(minority_row(s, r), first, columns, fractional, varies);
        }
        for (size_t c = 0; c < columns; c++) {
            s->whole[c] = !fractional[c];
            if (s->whole[c] && varies[c]) s->watched[s->watched_count++] = c;
        }
    }
    free(fractional);
    return complete ? QF_OK : QF_MEMORY;
}

static qf_status find_neighbours(qf_smote *s, const qf_run *run, qf_error *error) {
    const size_t k = s->options.neighbours;
    if (s->minority <= k) {
        return qf_fail(error, QF_DATA,
                       "%zu rows with label %d, %zu neighbours need at least %zu; choose a smaller "
                       "--neighbours",
                       s->minority, s->label, k, k + 1);
    }
    s->neighbours = qf_new_array(s->minority, k * sizeof *s->neighbours, error);
    if (!s->neighbours) return QF_MEMORY;
    const qf_points points = {s->table->values, s->rows, s->minority, s->table->columns};
    qf_neighbours *base;
    QF_TRY(qf_neighbours_new(&points, run, &base, error));
    const qf_status status = qf_neighbours_find(base, NULL, k, run, s->neighbours, error);
    qf_neighbours_free(base);
    return status;
}

qf_status qf_smote_plan(qf_smote *smote, const qf_table *table, const qf_smote_options *options,
                        const qf_run *run, qf_error *error) {
    *smote = (qf_smote){.table = table, .options = *options};
    QF_TRY(qf_table_require_classes(table, 1, error));
    size_t counts[2];
    qf_table_count_classes(table, counts);
    smote->label = counts[1] <= counts[0];
    smote->minority = counts[smote->label];
    const size_t wanted = (size_t)(options->ratio * (double)counts[!smote->label]);
    if (wanted <= smote->minority) return QF_OK;
    smote->added = wanted - smote->minority;
    QF_TRY(list_minority(smote, error));
    QF_TRY(find_whole(smote, run->simd, error));
    return find_neighbours(smote, run, error);
}

void qf_smote_free(qf_smote *smote) {
    free(smote->rows);
    free(smote->neighbours);
    free(smote->whole);
    free(smote->watched);
    *smote = (qf_smote){0};
}

/* ---- The rows ---- */

typedef struct synthesis {
    const qf_smote *smote;
    size_t first, count; /* rows to make, into `table` from its row `place` on */
    qf_table *table;
    size_t place;
    const kernels *kernels;
} synthesis;

static void make_row(const synthesis *y, size_t number, size_t place) {
    const qf_smote *s = y->smote;
    const size_t k = s->options.neighbours, columns = s->table->columns;
    qf_random random = qf_random_stream(s->options.seed, "smote", number);
    const size_t draw = (size_t)qf_random_below(&random, s->minority * k);
    const double gap = qf_random_uniform(&random);
    const size_t parent = draw / k, other = s->neighbours[draw].row;
    double *row = y->table->values + place * columns;
    y->kernels->interpolate(minority_row(s, parent), minority_row(s, other), gap, columns, row);
    for (size_t c = 0; s->options.round && c < columns; c++) {
        if (s->whole[c]) row[c] = rint(row[c]);
    }
    const qf_origin *origins = s->table->origins;
    y->table->labels[place] = s->label;
    y->table->origins[place] =
        (qf_origin){origins[s->rows[parent]].row, origins[s->rows[other]].row};
}

static qf_status make_rows(void *context, size_t index, qf_error *error) {
    (void)error;
    const synthesis *y = context;
    const size_t first = index * ROWS_AT_ONCE;
    const size_t last = first + ROWS_AT_ONCE < y->count ? first + ROWS_AT_ONCE : y->count;
    for (size_t i = first; i < last; i++) make_row(y, y->first + i, y->place + i);
    return QF_OK;
}

static bool has_fraction(const qf_table *table, size_t first, size_t column) {
    for (size_t r = first; r < table->rows; r++) {
        if (!qf_is_whole(table->values[r * table->columns + column])) return true;
    }
    return false;
}

/* A column once found is watched no more. */
static void count_fractional(qf_smote *s, const qf_table *table, size_t first) {
    size_t left = 0;
    for (size_t i = 0; i < s->watched_count; i++) {
        s->watched[left] = s->watched[i];
        left += !has_fraction(table, first, s->watched[i]);
    }
    s->fractional_columns += s->watched_count - left;
    s->watched_count = left;
}

qf_status qf_smote_append(qf_smote *smote, size_t first, size_t count, const qf_run *run,
                          qf_table *table, qf_error *error) {
    synthesis y = {smote, first, count, table, table->rows, QF_FOR_SIMD(run->simd, kernels)};
    QF_TRY(qf_table_reserve(table, table->rows + count, error));
    const size_t tasks = (count + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE;
    QF_TRY(qf_parallel(run, tasks, make_rows, &y, error));
    table->rows += count;
    count_fractional(smote, table, y.place);
    return QF_OK;
}
