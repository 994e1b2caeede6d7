/* The audit: what is wrong with a table before a model sees it.
 *
 * Effect sizes, never p-values. Findings depend on the rows and their order only, not on threads.
 * Identifiers do not count when rows are compared: a numbered copy is a copy. */
#ifndef QF_DATA_AUDIT_H
#define QF_DATA_AUDIT_H

#include "base/memory.h"
#include "base/run.h"
#include "data/table.h"

typedef enum qf_audit_kind {
    QF_AUDIT_DROPPED,          /* qf_audit_fix dropped the column (value 0) or `value` rows */
    QF_AUDIT_LEAK,             /* the column alone reaches a cross-validated AUC (value) >= 0.98 */
    QF_AUDIT_IDENTIFIER,       /* numbers the rows; value is its AUC */
    QF_AUDIT_ORDER,            /* rows sorted or clustered by label: |z| > 6 in the runs test, and
                                * more than 4 runs off; value is z */
    QF_AUDIT_FEW,              /* fewer than 5 rows of a class (value): leaks cannot be seen */
    QF_AUDIT_CONSTANT,         /* value is the constant */
    QF_AUDIT_DUPLICATE_COLUMN, /* equals an earlier column */
    QF_AUDIT_COLLINEAR,        /* value is Pearson's r with an earlier column, |r| >= 0.999 */
    QF_AUDIT_DUPLICATE_ROWS,   /* value rows repeat an earlier one's features and label */
    QF_AUDIT_CONFLICT,         /* value rows share all features with one of the other label */
    QF_AUDIT_TIME,             /* never falls and repeats; value is the number of steps */
    QF_AUDIT_BEST,             /* the column with the highest AUC (value) of no identifier */
    QF_AUDIT_SHARED_ROWS,      /* value rows are in the other table as well, by identity */
    QF_AUDIT_SHARED_FEATURES,  /* value rows equal one of the other table in all features */
    QF_AUDIT_SHARED_PARENTS,   /* value synthetic rows were made from rows of the other table */
    QF_AUDIT_KINDS
} qf_audit_kind;

typedef enum qf_audit_severity {
    QF_AUDIT_INFO,
    QF_AUDIT_WARNING,
    QF_AUDIT_ERROR,
    QF_AUDIT_SEVERITIES
} qf_audit_severity;

typedef struct qf_audit_finding {
    qf_audit_kind kind;
    qf_audit_severity severity;
    char *column; /* owned; "" for one that is about rows */
    double value;
    char *text; /* owned, a sentence without full stop */
} qf_audit_finding;

/* Zero-initialise; free with qf_audit_free. Findings come in a fixed order. */
typedef struct qf_audit {
    qf_audit_finding *findings; /* [count] */
    size_t count, capacity;
} qf_audit;

#define QF_AUDIT_LEAK_AUC 0.98
/* More columns than this are not searched for collinear pairs; with many rows, a regular sample of
 * them is. */
enum { QF_AUDIT_MOST_COLLINEAR = 2048 };

void qf_audit_free(qf_audit *audit);
/* How many findings are that severe. */
size_t qf_audit_count(const qf_audit *audit, qf_audit_severity severity);

/* Appends a line for each finding, in columns, and one that counts them; `table` as it is now.
 * Control characters in names print as '?'. */
qf_status qf_audit_print(const qf_audit *audit, const qf_table *table, qf_bytes *out,
                         qf_error *error);

/* Adds what there is to say of a table. QF_DATA without rows of both classes. A column is sorted at
 * a time: O(rows * columns) and 32 bytes a row and thread, plus the pairs of columns. */
qf_status qf_audit_table(const qf_table *table, const qf_run *run, qf_audit *audit,
                         qf_error *error);

/* Adds what two tables share that should not: `table` a training part, say, and `other` the test
 * part. Identities are compared only where both have one origin. QF_MISMATCH for other columns. */
qf_status qf_audit_pair(const qf_table *table, const qf_table *other, bool one_origin,
                        const qf_run *run, qf_audit *audit, qf_error *error);

/* Drops identifiers, constant columns, columns equal to an earlier one, and rows whose features and
 * label repeat an earlier row's, until there is none; adds a finding for each column and one for
 * the rows. Labels never decide on a column. QF_DATA when no column would be left. */
qf_status qf_audit_fix(qf_table *table, const qf_run *run, qf_audit *audit, qf_error *error);
/* The same, of identifiers alone. */
qf_status qf_audit_drop_identifiers(qf_table *table, const qf_run *run, qf_audit *audit,
                                    qf_error *error);

#endif
