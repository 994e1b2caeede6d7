/* Synthetic fraud data with the traits of real transaction tables.
 *
 * The distribution is fixed by the number of columns and the noise; the seed only draws rows from
 * it. Column 0 is "index" (0, 1, 2 ...), the row's place in the file: the file is sorted by class,
 * fraud first, so that the index alone gives the label away, as it does in files that people share.
 * The features col_0, col_1 ... come in blocks of 16. 30 % of the rows are risky. Each row draws an
 * activity g for each block: of the first seven, the even ones are busy (g uniform in 0.45 .. 1) in
 * risky rows and quiet (0 .. 0.55) in others, the odd ones the other way round; of later blocks, g
 * is uniform in 0 .. 1. A count is 0 with probability 1 - 2 p g, so that five cells in six are 0,
 * and else 1 + floor(scale g t) with t = u^(-5/8) - 1, u uniform: the heavy tail of a Pareto law
 * with exponent 1.6. By place in the block:
 *
 *    0     volume: a count, p 0.9        9-12   counts, p 0.06
 *    1     gate: a small count, p 0.3    8, 13  constant 0
 *    2     rate: a count, p 0.35         14     the rate times 0.8 .. 1.2, rounded down
 *    3-7   counts, p 0.12                15     a rare count, p 0.02; constant 0 in the first block
 *
 * and besides: col_6 is -1, a marker of missing values, in 19 % of the rows; col_7 equals col_0;
 * col_67 (the last one of a narrower table of more than three) is a real number with two decimals,
 * 0 in half of the rows.
 *
 * A row's score is the sum over the first seven blocks of w ([gate > 0] + 1.5 r + s (v - 0.4)),
 * where v = volume / (volume + 60), r = rate / (rate + 8), s is 2 where the gate is 0 and else
 * -2 (an interaction that no linear model sees), w = 1, -0.8, 0.6, -0.3, 0.2, -0.1, 0.1, over the
 * root of the sum of w^2; and 0.4 if the row is risky; and noise of deviation 0.15 times the
 * option. The rows of the highest scores are fraud. The noise is irreducible: no model is perfect.
 * One row in 110 repeats the features of another, and a few of these pairs have both labels.
 *
 * Only +, -, *, / and square roots are used, so that the same seed gives the same bytes on every
 * machine. Cost: two passes, O(rows * columns), and 8 bytes a row of memory. */
#ifndef QF_DATA_SYNTH_H
#define QF_DATA_SYNTH_H

#include "base/run.h"
#include "data/table.h"

#include <stdint.h>

typedef struct qf_synth_options {
    size_t rows;    /* QF_SYNTH_MIN_ROWS .. QF_SYNTH_MAX_ROWS */
    size_t columns; /* features without the index, 3 .. QF_TABLE_MAX_COLUMNS - 1 */
    double fraud;   /* share of the rows, in (0, 1); at least one row of each class is made */
    double noise;   /* of the score, 0 .. 100; 1 is like real data, 0 leaves the labels exact */
    uint64_t seed;
} qf_synth_options;

enum { QF_SYNTH_MIN_ROWS = 10, QF_SYNTH_MAX_ROWS = 100000000 };

typedef struct qf_synth qf_synth;

/* Checks the options (QF_USAGE) and decides which rows are fraud. Free with qf_synth_free. */
qf_status qf_synth_new(const qf_synth_options *options, const qf_run *run, qf_synth **synth,
                       qf_error *error);
void qf_synth_free(qf_synth *synth);

/* An empty table of the columns, for qf_synth_next; the caller frees it. */
qf_status qf_synth_table(const qf_synth *synth, qf_table *table, qf_error *error);

/* Replaces the table's rows by the next `most` rows at most; table->rows is 0 after the last. */
qf_status qf_synth_next(qf_synth *synth, size_t most, qf_table *table, qf_error *error);

#endif
