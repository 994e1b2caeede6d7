/* Hashing of structured things so that different ones never give the same bytes: every piece comes
 * with its length, every list with its count, numbers as 8 little-endian bytes. */
#ifndef QF_FEDERATED_DIGEST_H
#define QF_FEDERATED_DIGEST_H

#include "base/record.h"
#include "ckks/parameters.h"
#include "crypto/hash.h"

/* A hash that keeps its first failure, to be looked at once at the end. qf_digest_end on every
 * path. */
typedef struct qf_digester {
    qf_hash hash;
    qf_error *error;
    qf_status status;
} qf_digester;

/* `label` says what is hashed. */
void qf_digest_begin(qf_digester *digester, const char *label, qf_error *error);
void qf_digest_number(qf_digester *digester, uint64_t number);
void qf_digest_real(qf_digester *digester, double real);
void qf_digest_text(qf_digester *digester, const char *text);
void qf_digest_id(qf_digester *digester, const qf_id *id);
void qf_digest_record(qf_digester *digester, const qf_record *record);
qf_status qf_digest_end(qf_digester *digester, qf_id *id);

#endif
