/* Exact k nearest neighbours by Euclidean distance.
 *
 * Rows are projected onto up to 56 orthonormal directions along which they differ most
 * (directions.h). Distances of these shadows never exceed those of the rows, so single precision
 * and generous margins rule out almost all pairs, and only the rest is measured in full. Shadows
 * lie in the leaves of a k-d tree (Bentley 1975; median splits of the widest coordinate), 16 to a
 * leaf, so that a SIMD lane is a row: leaves whose boxes lie beyond the k-th distance found so far
 * are passed over, the nearest are looked into first.
 *
 * What is ruled out depends on the processor, the result on the data alone: distances in full are
 * summed in one order at every SIMD level, without fused operations, and ties go to the lower row.
 *
 * Cost: O(n d) to project, O(n log n) for the tree; a leaf of queries compares boxes with all
 * leaves, n / 16 of them, and looks into O(log n) of them (clusters) up to all (rows without
 * structure): then up to 64 n operations in single precision a query, besides the pairs that are
 * measured in full. */
#ifndef QF_DATA_NEIGHBOURS_H
#define QF_DATA_NEIGHBOURS_H

#include "base/run.h"
#include "data/points.h"

#include <stddef.h>

typedef struct qf_neighbour {
    double distance; /* squared */
    size_t row;      /* the base's point, counted from 0 */
} qf_neighbour;

/* Points prepared to be searched; their memory stays the caller's and must last. Free with
 * qf_neighbours_free. Looked into by any number of threads at once. 260 bytes a point and what lies
 * above. */
typedef struct qf_neighbours qf_neighbours;
qf_status qf_neighbours_new(const qf_points *base, const qf_run *run, qf_neighbours **neighbours,
                            qf_error *error);
void qf_neighbours_free(qf_neighbours *neighbours);

/* For each of the queries the k nearest points of the base, nearest first, ties to the lower, to
 * result[queries->count][k]. `queries` NULL: each point of the base, which is not its own
 * neighbour. QF_DATA when the base has fewer than k points (k + 1 without queries). Exact, the same
 * for any threads and SIMD level, and of each query alone. */
qf_status qf_neighbours_find(const qf_neighbours *neighbours, const qf_points *queries, size_t k,
                             const qf_run *run, qf_neighbour *result, qf_error *error);

#endif
