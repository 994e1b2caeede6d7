/* Principal components. */
#ifndef QF_LEARN_PRINCIPAL_H
#define QF_LEARN_PRINCIPAL_H

#include "base/run.h"
#include "data/table.h"

/* More columns would take hours and gigabytes. */
enum { QF_PRINCIPAL_MAX_COLUMNS = 4096 };

/* The eigenvectors of a symmetric matrix[n][n], which is overwritten: eigenvalues[n] descending,
 * and row i of vectors[n][n] the one of eigenvalue i, of length 1, its largest entry (the first of
 * equal ones) positive. Householder's reduction and the implicit QL algorithm (Martin, Reinsch and
 * Wilkinson 1968; Bowdler et al. 1968: tred2 and tql2). O(n^3). QF_DATA if it does not converge. */
qf_status qf_symmetric_eigen(double *matrix, size_t n, double *eigenvalues, double *vectors,
                             qf_error *error);

/* The first `count` components of the table's rows: mean[columns], variances[count] (of the sample:
 * divided by rows - 1) and components[count][columns]. QF_DATA for fewer than two rows, too many
 * columns or values whose squares overflow. O(rows columns^2), the same for any number of threads.
 */
qf_status qf_principal_components(const qf_table *table, size_t count, const qf_run *run,
                                  double *mean, double *variances, double *components,
                                  qf_error *error);

#endif
