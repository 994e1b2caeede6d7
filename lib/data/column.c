#include "data/column.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FOLDS = QF_COLUMN_FOLDS, MAX_BINS = 2 * QF_COLUMN_BINS + 2 };

void qf_cells_sort(qf_cell *cells, size_t count, qf_cell *scratch) {
    size_t counts[8][256] = {0};
    for (size_t i = 0; i < count; i++) {
        const uint64_t key = qf_order_key(cells[i].value);
        for (int b = 0; b < 8; b++) counts[b][key >> 8 * b & 255]++;
    }
    qf_cell *from = cells, *to = scratch;
    for (int b = 0; b < 8; b++) {
        size_t place[256], sum = 0, used = 0;
        for (size_t i = 0; i < 256; i++) {
            place[i] = sum;
            sum += counts[b][i];
            used += counts[b][i] > 0;
        }
        if (used < 2) continue; /* all keys agree in this byte */
        for (size_t i = 0; i < count; i++) {
            to[place[qf_order_key(from[i].value) >> 8 * b & 255]++] = from[i];
        }
        qf_cell *const swap = from;
        from = to;
        to = swap;
    }
    if (from != cells) memcpy(cells, from, count * sizeof *cells);
}

void qf_column_sort(const qf_table *table, size_t column, qf_cell *cells, qf_cell *scratch) {
    for (size_t r = 0; r < table->rows; r++) {
        cells[r] = (qf_cell){table->values[r * table->columns + column] + 0.0, r};
    }
    qf_cells_sort(cells, table->rows, scratch);
}

/* The index after the last cell that equals cells[i]. */
static size_t tie_end(const qf_cell *cells, size_t rows, size_t i) {
    const double value = cells[i].value;
    while (i < rows && cells[i].value == value) i++;
    return i;
}

/* The area that grows as blocks of tied scores come in ascending order. */
typedef struct area {
    double won, classes[2]; /* pairs won, rows of each label so far */
} area;

static void area_add(area *a, double legitimate, double fraud) {
    a->won += fraud * (a->classes[0] + 0.5 * legitimate);
    a->classes[0] += legitimate;
    a->classes[1] += fraud;
}

static double area_auc(const area *a) {
    const double pairs = a->classes[0] * a->classes[1];
    return pairs > 0 ? a->won / pairs : NAN;
}

double qf_column_auc(const qf_cell *cells, size_t rows, const uint8_t *labels) {
    area a = {0};
    for (size_t i = 0, end; i < rows; i = end) {
        end = tie_end(cells, rows, i);
        size_t fraud = 0;
        for (size_t j = i; j < end; j++) fraud += labels[cells[j].row];
        area_add(&a, (double)(end - i - fraud), (double)fraud);
    }
    return area_auc(&a);
}

qf_status qf_column_folds(const qf_table *table, uint8_t *fold, qf_error *error) {
    size_t *rows = qf_new_array(table->rows, sizeof *rows, error);
    if (!rows) return QF_MEMORY;
    for (uint8_t label = 0; label < 2; label++) {
        size_t count = 0;
        for (size_t r = 0; r < table->rows; r++) {
            if (table->labels[r] == label) rows[count++] = r;
        }
        qf_random random = qf_random_stream(0, "audit folds", label);
        qf_random_shuffle(&random, rows, count);
        for (size_t i = 0; i < count; i++) fold[rows[i]] = (uint8_t)(i % FOLDS);
    }
    free(rows);
    return QF_OK;
}

/* Rows by fold and label. */
typedef struct tally {
    double count[FOLDS][2];
} tally;

/* Two neighbouring bins hold more than `most` rows, so there are at most 2 rows / most + 1. */
static size_t fill_bins_of(size_t most, const qf_cell *cells, size_t rows, const uint8_t *labels,
                           const uint8_t *fold, tally bins[MAX_BINS]) {
    size_t count = 0, filled = 0;
    for (size_t i = 0, end; i < rows; i = end) {
        end = tie_end(cells, rows, i);
        if (count == 0 || filled + (end - i) > most) {
            bins[count++] = (tally){0};
            filled = 0;
        }
        filled += end - i;
        tally *bin = &bins[count - 1];
        for (size_t j = i; j < end; j++) {
            const size_t row = cells[j].row;
            bin->count[fold ? fold[row] : 0][labels[row]]++;
        }
    }
    return count;
}

/* Without folds, all rows are of fold 0. */
static size_t fill_bins(const qf_cell *cells, size_t rows, const uint8_t *labels,
                        const uint8_t *fold, tally bins[MAX_BINS]) {
    size_t wanted = rows / 10 < QF_COLUMN_BINS ? rows / 10 : QF_COLUMN_BINS;
    if (wanted < 2) wanted = 2;
    size_t most = (rows + wanted - 1) / wanted, count;
    while ((count = fill_bins_of(most, cells, rows, labels, fold, bins)) > QF_COLUMN_BINS) {
        most += most / 8 + 1;
    }
    return count;
}

typedef struct scored_bin {
    double score;
    size_t bin;
} scored_bin;

static int by_score(const void *a, const void *b) {
    const scored_bin *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? -1 : 1;
    return x->bin < y->bin ? -1 : x->bin > y->bin;
}

/* The AUC in one fold of bins scored by their fraud rates in the others. */
static double bins_auc(const tally *bins, size_t count, size_t fold) {
    scored_bin order[MAX_BINS];
    double fitted[MAX_BINS][2] = {{0}}, sums[2] = {0};
    for (size_t b = 0; b < count; b++) {
        for (size_t f = 0; f < FOLDS; f++) {
            for (int label = 0; f != fold && label < 2; label++) {
                fitted[b][label] += bins[b].count[f][label];
                sums[label] += bins[b].count[f][label];
            }
        }
    }
    const double rate = sums[1] / (sums[0] + sums[1]);
    for (size_t b = 0; b < count; b++) {
        order[b] = (scored_bin){(fitted[b][1] + rate) / (fitted[b][0] + fitted[b][1] + 1), b};
    }
    qsort(order, count, sizeof *order, by_score);
    area a = {0};
    for (size_t i = 0; i < count;) {
        const double score = order[i].score;
        double legitimate = 0, fraud = 0;
        for (; i < count && order[i].score == score; i++) {
            legitimate += bins[order[i].bin].count[fold][0];
            fraud += bins[order[i].bin].count[fold][1];
        }
        area_add(&a, legitimate, fraud);
    }
    return area_auc(&a);
}

/* The mean AUC of the values, turned in each fold as the others say. */
static double monotone_auc(const qf_cell *cells, size_t rows, const uint8_t *labels,
                           const uint8_t *fold) {
    area areas[FOLDS] = {{0}};
    for (size_t i = 0, end; i < rows; i = end) {
        end = tie_end(cells, rows, i);
        tally ties = {0};
        for (size_t j = i; j < end; j++) ties.count[fold[cells[j].row]][labels[cells[j].row]]++;
        for (size_t f = 0; f < FOLDS; f++) {
            area_add(&areas[f], ties.count[f][0], ties.count[f][1]);
        }
    }
    double all = 0, mean = 0;
    for (size_t f = 0; f < FOLDS; f++) all += area_auc(&areas[f]) - 0.5;
    for (size_t f = 0; f < FOLDS; f++) {
        const double auc = area_auc(&areas[f]);
        mean += (all - (auc - 0.5) >= 0 ? auc : 1 - auc) / FOLDS;
    }
    return mean;
}

double qf_column_leak_auc(const qf_cell *cells, size_t rows, const uint8_t *labels,
                          const uint8_t *fold) {
    tally bins[MAX_BINS];
    const size_t count = fill_bins(cells, rows, labels, fold, bins);
    double binned = 0;
    for (size_t f = 0; f < FOLDS; f++) binned += bins_auc(bins, count, f) / FOLDS;
    return fmax(binned, monotone_auc(cells, rows, labels, fold));
}

double qf_column_mutual_information(const qf_cell *cells, size_t rows, const uint8_t *labels) {
    tally bins[MAX_BINS];
    const size_t count = fill_bins(cells, rows, labels, NULL, bins);
    double classes[2] = {0}, information = 0;
    for (size_t b = 0; b < count; b++) {
        for (int label = 0; label < 2; label++) classes[label] += bins[b].count[0][label];
    }
    const double n = (double)rows;
    for (size_t b = 0; b < count; b++) {
        const double *cell = bins[b].count[0], bin = cell[0] + cell[1];
        for (int label = 0; label < 2; label++) {
            if (cell[label] == 0) continue;
            information += cell[label] / n * log(cell[label] * n / (bin * classes[label]));
        }
    }
    return fmax(information - (double)(count - 1) / (2 * n), 0);
}
