/* Orthonormal directions along which rows differ most: the principal axes, roughly.
 *
 * Found by orthogonal iteration (Golub and Van Loan, Matrix Computations, 8.2.4) on a sample of the
 * rows. Being orthonormal, they never make two rows seem farther apart than they are, however
 * rough they are: the distance of two projections is a lower bound of the rows' distance. */
#ifndef QF_DATA_DIRECTIONS_H
#define QF_DATA_DIRECTIONS_H

#include "base/run.h"
#include "data/points.h"

enum { QF_DIRECTIONS = 56 }; /* the width of every array below */

typedef struct qf_directions {
    size_t columns, count; /* count <= QF_DIRECTIONS; fewer may not be zero */
    double *mean;          /* [columns], of the sample */
    double *axes;          /* [columns][QF_DIRECTIONS], zero from `count` on */
} qf_directions;

/* The first `most` or fewer directions of the points, at most QF_DIRECTIONS; free with
 * qf_directions_free on every path. No value is larger than 1e50. O(columns) in time for any number
 * of rows. */
qf_status qf_directions_find(qf_directions *directions, const qf_points *points, size_t most,
                             qf_simd simd, qf_error *error);
void qf_directions_free(qf_directions *directions);

/* The coordinates of row - mean along the directions, and its squared length. */
void qf_directions_project(const qf_directions *directions, const double *row, qf_simd simd,
                           double coordinates[QF_DIRECTIONS], double *square);

#endif
