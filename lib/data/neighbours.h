/* Exact k nearest neighbours by Euclidean distance.
 *
 * Base rows lie in the leaves of a k-d tree (Bentley 1975; median splits on the widest column), 16
 * to a leaf, stored column by column so that a SIMD lane is a row. The queries' own leaves walk the
 * base leaves from the nearest bounding box outwards and stop where no box can hold a nearer row;
 * inside a leaf, columns come in order of falling variance and a leaf is abandoned as soon as all
 * its rows are too far. Squared distances are summed in that one order at every SIMD level, without
 * fused operations, and ties go to the lower row: the result depends on the data alone, not on
 * threads or processor.
 *
 * Cost: O(n d log n) to build; a query touches from O(log n) leaves (few wide columns, clusters) to
 * all of them (many equally wide columns): then n d multiplications and twice as many additions, 4
 * a cycle with AVX2. */
#ifndef QF_DATA_NEIGHBOURS_H
#define QF_DATA_NEIGHBOURS_H

#include "base/run.h"
#include "data/points.h"

#include <stddef.h>

typedef struct qf_neighbour {
    double distance; /* squared */
    size_t row;      /* the base's point, counted from 0 */
} qf_neighbour;

/* For each of the queries the k nearest points of the base, nearest first, ties to the lower, to
 * result[queries->count][k]. `queries` NULL: each point of the base, which is not its own
 * neighbour. QF_DATA when the base has fewer than k points (k + 1 without queries). Exact, the same
 * for any threads and SIMD level. */
qf_status qf_neighbours_find(const qf_points *base, const qf_points *queries, size_t k,
                             const qf_run *run, qf_neighbour *result, qf_error *error);

#endif
