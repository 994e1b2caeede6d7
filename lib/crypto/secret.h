/* Secrets in memory: buffers that are kept out of swap and core dumps where the system allows it,
 * and wiped when they are freed. Chance for secrets comes from OpenSSL, never from base/random. */
#ifndef QF_CRYPTO_SECRET_H
#define QF_CRYPTO_SECRET_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Zero-initialise; free with qf_secret_free on every path. The bytes begin at a page of their own,
 * locked if RLIMIT_MEMLOCK has room (if not, they may be swapped), and left out of core dumps. */
typedef struct qf_secret {
    unsigned char *data;
    size_t length; /* may be lowered */
    size_t room;   /* whole pages, what is wiped */
} qf_secret;

/* `length` zeroed bytes. */
qf_status qf_secret_new(size_t length, qf_secret *secret, qf_error *error);
/* Wipes and frees. Does nothing on a zeroed secret. */
void qf_secret_free(qf_secret *secret);

/* Overwrites in a way that no compiler leaves out. NULL with length 0 is allowed. */
void qf_secret_wipe(void *data, size_t length);
/* Whether two secrets of one length are equal, in a time that does not depend on where they differ.
 */
bool qf_secret_equal(const void *a, const void *b, size_t length);
/* Bytes from OpenSSL's generator for private values. */
qf_status qf_secret_random(void *data, size_t length, qf_error *error);

/* For tools that hold keys, before they touch one: no core dumps, and no other process of this user
 * may look into this one. */
qf_status qf_secret_protect_process(qf_error *error);

#endif
