#include "data/synth.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = 16,
    SIGNAL_BLOCKS = 7,
    MISSING_COLUMN = 6,
    DUPLICATE_COLUMN = 7,
    REAL_COLUMN = 67,
    DUPLICATE_ONE_IN = 110,
    RELABELLED_ONE_IN = 2, /* of the duplicates */
    CHUNK = 4096,          /* rows a task */
    VOLUME_MEDIAN = 60,
    RATE_MEDIAN = 8,
};
/* Places in a block. */
enum { VOLUME = 0, GATE = 1, RATE = 2, COPY = 14, RARE = 15 };

struct qf_synth {
    qf_synth_options options;
    double *scores;     /* [rows] of the candidates, in order of drawing */
    double least;       /* score of the lowest fraud */
    size_t least_index; /* of the candidates at `least`, those up to here are fraud */
    size_t next;        /* candidate to look at */
    size_t written;
    bool fraud; /* the class being written */
};

/* ---- Columns ---- */

/* u^(-5/8) - 1. */
static double heavy_tail(qf_random *random) {
    const double u = 1 - qf_random_uniform(random); /* (0, 1] */
    const double root = sqrt(u);
    return 1 / (root * sqrt(sqrt(root))) - 1;
}

static double count(qf_random *random, double probability, double activity, double scale) {
    if (qf_random_uniform(random) >= 2 * probability * activity) return 0;
    return 1 + floor(scale * activity * heavy_tail(random));
}

static double draw_cell(qf_random *random, size_t place, double activity, const double *block) {
    static const double scales[BLOCK] = {120, 1.5, 20, 6, 2, 40, 3, 1, 0, 4, 15, 1, 2, 0, 0, 1};
    switch (place) {
    case VOLUME:
        return count(random, 0.9, activity, scales[VOLUME]);
    case GATE:
        return count(random, 0.3, activity, scales[GATE]);
    case RATE:
        return count(random, 0.35, activity, scales[RATE]);
    case 8:
    case 13:
        return 0;
    case COPY:
        return floor(block[RATE] * (0.8 + 0.4 * qf_random_uniform(random)));
    case RARE:
        return count(random, 0.02, activity, scales[RARE]);
    default:
        return count(random, place < 8 ? 0.12 : 0.06, activity, scales[place]);
    }
}

/* What one block says about fraud: additive parts that a linear model finds, and a volume that
 * speaks for fraud where the gate is shut and against it where it is open. */
static double score_block(double volume, double gate, double rate) {
    const double v = volume / (volume + VOLUME_MEDIAN), r = rate / (rate + RATE_MEDIAN);
    const bool open = gate > 0;
    return open + 1.5 * r + (open ? -2.0 : 2.0) * (v - 0.4);
}

/* Of a risky row the even blocks are busy and the odd ones quiet, of another the other way round.
 */
static double draw_activity(qf_random *random, size_t block, bool risky) {
    const double own = qf_random_uniform(random);
    if (block >= SIGNAL_BLOCKS) return own;
    const bool busy = risky == (block % 2 == 0);
    return 0.55 * own + (busy ? 0.45 : 0);
}

/* Features of one candidate into values[columns]; returns its score without noise. */
static double draw_features(const qf_synth_options *o, size_t row, double *values) {
    static const double weights[SIGNAL_BLOCKS] = {1, -0.8, 0.6, -0.3, 0.2, -0.1, 0.1};
    qf_random random = qf_random_stream(o->seed, "synth features", row);
    const bool risky = qf_random_uniform(&random) < 0.3;
    double score = 0, total = 0;
    for (size_t first = 0; first < o->columns; first += BLOCK) {
        const double activity = draw_activity(&random, first / BLOCK, risky);
        double block[BLOCK];
        for (size_t place = 0; place < BLOCK; place++) {
            block[place] = draw_cell(&random, place, activity, block);
        }
        const size_t b = first / BLOCK;
        if (b == 0) {
            if (qf_random_uniform(&random) < 0.19) block[MISSING_COLUMN] = -1;
            block[DUPLICATE_COLUMN] = block[0];
            block[RARE] = 0;
        }
        if (b < SIGNAL_BLOCKS) {
            score += weights[b] * score_block(block[VOLUME], block[GATE], block[RATE]);
            total += weights[b] * weights[b];
        }
        const size_t width = o->columns - first < BLOCK ? o->columns - first : BLOCK;
        memcpy(values + first, block, width * sizeof *values);
    }
    const size_t real = o->columns > REAL_COLUMN ? REAL_COLUMN : o->columns - 1;
    if (o->columns > 3) {
        const bool any = qf_random_uniform(&random) < 0.5;
        const double amount = floor(100 * 350 * heavy_tail(&random)) / 100;
        values[real] = any ? amount : 0;
    }
    return score / sqrt(total) + 0.4 * risky;
}

/* The earlier row whose features candidate `row` repeats, or the row itself; `differs` says that
 * the label of a repetition is drawn anew. */
static size_t source_row(const qf_synth_options *o, size_t row, bool *differs) {
    qf_random random = qf_random_stream(o->seed, "synth duplicates", row);
    const bool repeats = row > 0 && qf_random_below(&random, DUPLICATE_ONE_IN) == 0;
    *differs = repeats && qf_random_below(&random, RELABELLED_ONE_IN) == 0;
    return repeats ? (size_t)qf_random_below(&random, row) : row;
}

/* Roughly normal, of deviation 1: a sum of uniforms is the same on every machine. */
static double draw_noise(const qf_synth_options *o, size_t row) {
    qf_random random = qf_random_stream(o->seed, "synth noise", row);
    double sum = -6;
    for (int i = 0; i < 12; i++) sum += qf_random_uniform(&random);
    return sum;
}

/* ---- Labels ---- */

static qf_status score_chunk(void *context, size_t chunk, qf_error *error) {
    qf_synth *synth = context;
    const qf_synth_options *o = &synth->options;
    double *values = qf_new_array(o->columns, sizeof *values, error);
    if (!values) return QF_MEMORY;
    const size_t end = (chunk + 1) * CHUNK < o->rows ? (chunk + 1) * CHUNK : o->rows;
    for (size_t row = chunk * CHUNK; row < end; row++) {
        bool differs;
        const size_t source = source_row(o, row, &differs);
        const double noise = differs ? 4 * draw_noise(o, row) : draw_noise(o, source);
        synth->scores[row] = draw_features(o, source, values) + 0.15 * o->noise * noise;
    }
    free(values);
    return QF_OK;
}

static int compare_scores(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* Finds the score that the wanted number of rows reach. */
static qf_status choose_fraud(qf_synth *synth, qf_error *error) {
    const size_t rows = synth->options.rows;
    size_t wanted = (size_t)floor((double)rows * synth->options.fraud + 0.5);
    if (wanted < 1) wanted = 1;
    if (wanted > rows - 1) wanted = rows - 1;
    double *sorted = qf_copy_array(synth->scores, rows, sizeof *sorted, error);
    if (!sorted) return QF_MEMORY;
    qsort(sorted, rows, sizeof *sorted, compare_scores);
    synth->least = sorted[wanted - 1];
    size_t at_least = wanted; /* rows of the lowest score that are still wanted */
    while (at_least > 0 && sorted[at_least - 1] == synth->least) at_least--;
    at_least = wanted - at_least;
    free(sorted);
    for (size_t row = 0; at_least > 0; row++) {
        if (synth->scores[row] != synth->least) continue;
        synth->least_index = row;
        at_least--;
    }
    return QF_OK;
}

static bool is_fraud(const qf_synth *synth, size_t row) {
    const double score = synth->scores[row];
    return score > synth->least || (score == synth->least && row <= synth->least_index);
}

/* ---- The interface ---- */

static qf_status check_options(const qf_synth_options *o, qf_error *error) {
    if (o->rows < QF_SYNTH_MIN_ROWS || o->rows > QF_SYNTH_MAX_ROWS) {
        return qf_fail(error, QF_USAGE, "--rows: expected %d to %d, got %zu", QF_SYNTH_MIN_ROWS,
                       QF_SYNTH_MAX_ROWS, o->rows);
    }
    if (o->columns < 3 || o->columns > QF_TABLE_MAX_COLUMNS - 1) {
        return qf_fail(error, QF_USAGE, "--columns: expected 3 to %d, got %zu",
                       QF_TABLE_MAX_COLUMNS - 1, o->columns);
    }
    if (!(o->fraud > 0 && o->fraud < 1)) {
        return qf_fail(error, QF_USAGE, "--fraud: expected a share between 0 and 1, got %g",
                       o->fraud);
    }
    if (!(o->noise >= 0 && o->noise <= 100)) {
        return qf_fail(error, QF_USAGE, "--noise: expected 0 to 100, got %g", o->noise);
    }
    return QF_OK;
}

qf_status qf_synth_new(const qf_synth_options *options, const qf_run *run, qf_synth **synth,
                       qf_error *error) {
    *synth = NULL;
    QF_TRY(check_options(options, error));
    qf_synth *made = qf_new_array(1, sizeof *made, error);
    if (!made) return QF_MEMORY;
    made->options = *options;
    made->fraud = true;
    made->scores = qf_new_array(options->rows, sizeof *made->scores, error);
    qf_status status = made->scores ? QF_OK : QF_MEMORY;
    if (status == QF_OK) {
        status = qf_parallel_progress(run, "chunks", (options->rows + CHUNK - 1) / CHUNK,
                                      score_chunk, made, error);
    }
    if (status == QF_OK) status = choose_fraud(made, error);
    if (status != QF_OK) {
        qf_synth_free(made);
        return status;
    }
    *synth = made;
    return QF_OK;
}

void qf_synth_free(qf_synth *synth) {
    if (!synth) return;
    free(synth->scores);
    free(synth);
}

qf_status qf_synth_table(const qf_synth *synth, qf_table *table, qf_error *error) {
    const size_t columns = synth->options.columns + 1;
    enum { NAME = 24 };
    char *text = qf_new_array(columns, NAME, error);
    const char **names = qf_new_array(columns, sizeof *names, error);
    qf_status status = text && names ? QF_OK : QF_MEMORY;
    if (status == QF_OK) {
        for (size_t c = 0; c < columns; c++) {
            names[c] = text + c * NAME;
            snprintf(text + c * NAME, NAME, c ? "col_%zu" : "index", c - 1);
        }
        status = qf_table_init(table, columns, names, "fraud", error);
    }
    free(names);
    free(text);
    return status;
}

qf_status qf_synth_next(qf_synth *synth, size_t most, qf_table *table, qf_error *error) {
    const qf_synth_options *o = &synth->options;
    QF_TRY(qf_table_reserve(table, most, error));
    table->rows = 0;
    while (table->rows < most && synth->written < o->rows) {
        if (synth->next == o->rows) {
            synth->next = 0;
            synth->fraud = false;
        }
        const size_t row = synth->next++;
        if (is_fraud(synth, row) != synth->fraud) continue;
        bool differs;
        double *values = table->values + table->rows * table->columns;
        values[0] = (double)synth->written;
        draw_features(o, source_row(o, row, &differs), values + 1);
        table->labels[table->rows] = synth->fraud;
        table->origins[table->rows] = (qf_origin){(int64_t)synth->written, -1};
        table->rows++;
        synth->written++;
    }
    return QF_OK;
}
