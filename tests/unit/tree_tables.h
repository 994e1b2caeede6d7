/* Tables that trees are tested on. */
#ifndef QF_TEST_TREE_TABLES_H
#define QF_TEST_TREE_TABLES_H

#include "base/memory.h"
#include "base/random.h"
#include "data/table.h"

/* Zeros, all legitimate, columns c0, c1 ... */
static inline qf_table make_table(size_t rows, size_t columns) {
    qf_table table;
    qf_error error;
    const char **names = qf_new_array(columns, sizeof *names, &error);
    char(*text)[24] = qf_new_array(columns, sizeof *text, &error);
    for (size_t c = 0; c < columns; c++) {
        snprintf(text[c], sizeof text[c], "c%zu", c);
        names[c] = text[c];
    }
    assert_int_equal(qf_table_init(&table, columns, names, "y", &error), QF_OK);
    assert_int_equal(qf_table_reserve(&table, rows, &error), QF_OK);
    free(text);
    free(names);
    table.rows = rows;
    for (size_t i = 0; i < rows * columns; i++) table.values[i] = 0;
    for (size_t r = 0; r < rows; r++) table.labels[r] = 0;
    for (size_t r = 0; r < rows; r++) table.origins[r] = (qf_origin){(int64_t)r, -1};
    return table;
}

/* Columns of every kind: dense, many or few distinct values, mostly one value, constant, copied. */
static inline qf_table random_table(uint64_t seed, size_t rows) {
    enum { COLUMNS = 8 };
    qf_table table = make_table(rows, COLUMNS);
    qf_random random = qf_random_stream(seed, "test", 0);
    for (size_t r = 0; r < rows; r++) {
        double *x = table.values + r * COLUMNS;
        x[0] = qf_random_normal(&random);
        x[1] = (double)qf_random_below(&random, 5) - 2;
        x[2] = qf_random_below(&random, 10) ? 0 : qf_random_uniform(&random);
        x[3] = qf_random_below(&random, 20) ? 7 : (double)qf_random_below(&random, 3);
        x[4] = 3;
        x[5] = x[1];
        x[6] = floor(exp(2 * qf_random_normal(&random)));
        x[7] = (double)qf_random_below(&random, 1000) * 1e-3;
        const double score = x[0] + x[1] / 2 + (x[2] > 0.5) + x[6] / 8 + x[7];
        table.labels[r] = score + 2 * qf_random_normal(&random) > 1.5;
    }
    return table;
}

#endif
