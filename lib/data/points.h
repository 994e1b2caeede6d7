/* Points: some rows of a matrix, where they lie. */
#ifndef QF_DATA_POINTS_H
#define QF_DATA_POINTS_H

#include <stddef.h>

typedef struct qf_points {
    const double *values; /* rows of `columns` finite numbers */
    const size_t *rows;   /* [count], which of them; NULL: the first `count` */
    size_t count, columns;
} qf_points;

static inline const double *qf_point(const qf_points *points, size_t i) {
    return points->values + (points->rows ? points->rows[i] : i) * points->columns;
}

#endif
