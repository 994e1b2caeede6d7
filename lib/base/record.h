/* A record: an ordered list of named values, the unit of a metrics stream and of header parameters.
 */
#ifndef QF_BASE_RECORD_H
#define QF_BASE_RECORD_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

typedef enum qf_field_kind {
    QF_FIELD_TEXT,
    QF_FIELD_INTEGER,
    QF_FIELD_REAL,
    QF_FIELD_REALS,
    QF_FIELD_TEXTS
} qf_field_kind;

typedef struct qf_field {
    char *name;
    qf_field_kind kind;
    char *text;      /* QF_FIELD_TEXT, owned */
    int64_t integer; /* QF_FIELD_INTEGER */
    double real;     /* QF_FIELD_REAL; NaN says "not defined" and prints as an empty cell */
    double *reals;   /* QF_FIELD_REALS, [count], owned: a curve, a histogram */
    char **texts;    /* QF_FIELD_TEXTS, [count], owned: names, notes */
    size_t count;
} qf_field;

/* Zero-initialise; free with qf_record_free. */
typedef struct qf_record {
    qf_field *fields;
    size_t count, capacity;
} qf_record;

void qf_record_free(qf_record *record);

/* Each sets the field of this name, replacing one that is there and else appending. */
qf_status qf_record_set_text(qf_record *record, const char *name, const char *text,
                             qf_error *error);
qf_status qf_record_set_integer(qf_record *record, const char *name, int64_t value,
                                qf_error *error);
qf_status qf_record_set_real(qf_record *record, const char *name, double value, qf_error *error);
qf_status qf_record_set_reals(qf_record *record, const char *name, const double *values,
                              size_t count, qf_error *error);

qf_status qf_record_set_texts(qf_record *record, const char *name, const char *const *texts,
                              size_t count, qf_error *error);

/* Sets every field of `from`. */
qf_status qf_record_copy(const qf_record *from, qf_record *to, qf_error *error);

/* The field, or NULL. */
const qf_field *qf_record_find(const qf_record *record, const char *name);
/* A field's text, or "" where it is missing or not text. */
const char *qf_record_text(const qf_record *record, const char *name);
/* A field's number (integer or real), or NaN. */
double qf_record_number(const qf_record *record, const char *name);

#endif
