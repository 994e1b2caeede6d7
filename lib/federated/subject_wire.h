/* The part of a stream that contributions and sums have in common. Header: schema: columns, target;
 * parameters: the ring's and the terms' fields, key, round, kind, seed (decimal text), values,
 * disclosed. Then a record of the kind's parameters, one of the layout, and the arrays: frozen
 * ones, and the rows where disclosed. */
#ifndef QF_FEDERATED_SUBJECT_WIRE_H
#define QF_FEDERATED_SUBJECT_WIRE_H

#include "ckks/ckks_wire.h"
#include "federated/subject.h"

qf_status qf_subject_describe(const qf_ckks *ckks, const qf_subject *subject, qf_record *schema,
                              qf_record *parameters, qf_error *error);
qf_status qf_subject_write(qf_writer *writer, const qf_subject *subject, qf_error *error);

/* From a header alone: round, key, terms and an unfitted model to be completed; and the rest of it,
 * from the records and arrays. QF_DATA for what does not describe a model with arrays to sum; the
 * caller frees the subject in either case. */
qf_status qf_subject_read(qf_reader *reader, qf_subject *subject, qf_error *error);

/* A whole number of a record, QF_DATA unless it is from `least` to `most`; 64 hexadecimal digits.
 */
qf_status qf_field_whole(const qf_record *record, const char *name, int64_t least, int64_t most,
                         int64_t *value, qf_error *error);
qf_status qf_field_id(const qf_record *record, const char *name, qf_id *id, qf_error *error);
qf_status qf_field_set_id(qf_record *record, const char *name, const qf_id *id, qf_error *error);
/* The next message, which must be a record; the caller frees it. */
qf_status qf_reader_record(qf_reader *reader, qf_record *record, qf_error *error);

#endif
