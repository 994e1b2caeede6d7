/* JSON text: what qf-view and qf-export print. */
#ifndef QF_BASE_JSON_H
#define QF_BASE_JSON_H

#include "base/array.h"
#include "base/memory.h"
#include "base/record.h"

/* Appends a quoted JSON string (RFC 8259); bytes that are not UTF-8 become U+FFFD. */
qf_status qf_json_text(qf_bytes *bytes, const char *text, qf_error *error);
/* Appends the shortest number that reads back the same, or null where it is not finite. */
qf_status qf_json_real(qf_bytes *bytes, double value, qf_error *error);
/* Appends an object of the fields. */
qf_status qf_json_record(qf_bytes *bytes, const qf_record *record, qf_error *error);
/* Appends {"array":name,"type":...,"shape":[rows,columns],"data":[...]}. */
qf_status qf_json_array(qf_bytes *bytes, const qf_array *array, qf_error *error);

#endif
