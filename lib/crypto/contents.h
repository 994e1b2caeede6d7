/* What a stream of records and arrays holds, apart from the stream: what is shared and recovered.
 */
#ifndef QF_CRYPTO_CONTENTS_H
#define QF_CRYPTO_CONTENTS_H

#include "base/array.h"
#include "base/record.h"

#include <stdbool.h>

/* Zero-initialise; free with qf_contents_free. */
typedef struct qf_contents {
    char *type; /* of the stream: "model", "key" */
    qf_record schema, parameters;
    qf_record *records; /* [record_count] */
    size_t record_count, record_capacity;
    qf_arrays arrays; /* of a layout: without their data */
} qf_contents;

/* Copies all but the data of the arrays. */
qf_status qf_contents_layout(const qf_contents *from, qf_contents *to, qf_error *error);
/* Appends an array without data. */
qf_status qf_contents_add_array(qf_contents *contents, const char *name, qf_array_type type,
                                size_t rows, size_t columns, qf_error *error);
/* Appends a copy of a record. */
qf_status qf_contents_add_record(qf_contents *contents, const qf_record *record, qf_error *error);
/* Whether two records have the same fields in the same order. */
qf_status qf_records_equal(const qf_record *a, const qf_record *b, bool *equal, qf_error *error);
/* Wipes the arrays and frees all. */
void qf_contents_free(qf_contents *contents);

#endif
