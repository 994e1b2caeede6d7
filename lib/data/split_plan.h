/* A split as a user asks for it: columns and divisions by name. */
#ifndef QF_DATA_SPLIT_PLAN_H
#define QF_DATA_SPLIT_PLAN_H

#include "data/split.h"

/* One of test, sample, folds and clients is not 0. */
typedef struct qf_split_plan {
    double test;             /* share of the rows held out */
    const char *by;          /* with test: the column that is time, or NULL; with clients: a name of
                              * qf_client_split_find */
    double gap;              /* with test and by */
    int64_t sample;          /* rows, or all where there are no more */
    int64_t folds, fold;     /* fold 1 .. folds is the test part */
    int emit;                /* with test and folds: QF_EMIT_TRAIN or QF_EMIT_TEST */
    int64_t clients, client; /* client 1 .. clients */
    double skew, concentration;
    const char *group; /* "identical", "none" or a column */
} qf_split_plan;
enum { QF_EMIT_TRAIN, QF_EMIT_TEST };

/* "contiguous" (and NULL), "iid", "label-skew", "dirichlet"; QF_USAGE for any other name. */
qf_status qf_client_split_find(const char *name, qf_client_split *by, qf_error *error);

/* Reduces the table to the part that the plan asks for. QF_MISMATCH for a column that there is not.
 */
qf_status qf_split_apply(qf_table *table, const qf_split_plan *plan, uint64_t seed,
                         qf_error *error);

#endif
