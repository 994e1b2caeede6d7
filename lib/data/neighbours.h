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

#include <stdbool.h>
#include <stddef.h>

typedef struct qf_neighbour {
    double distance; /* squared */
    size_t row;      /* of the base */
} qf_neighbour;

/* For each of queries[query_count][columns] the k nearest of base[base_count][columns], nearest
 * first, to result[query_count][k]. `exclude_self`: the queries are the base, and a row is not its
 * own neighbour. QF_DATA when the base has fewer than k rows (k + 1 with exclude_self). Values are
 * finite. */
qf_status qf_neighbours_find(const double *base, size_t base_count, const double *queries,
                             size_t query_count, size_t columns, size_t k, bool exclude_self,
                             const qf_run *run, qf_neighbour *result, qf_error *error);

#endif
