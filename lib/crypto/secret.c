#define _DEFAULT_SOURCE /* madvise */
#include "crypto/secret.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

static size_t whole_pages(size_t length) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (length + page) / page * page; /* one more than a multiple: never empty */
}

qf_status qf_secret_new(size_t length, qf_secret *secret, qf_error *error) {
    *secret = (qf_secret){0};
    if (length > SIZE_MAX / 2) return qf_fail(error, QF_MEMORY, "out of memory for a secret");
    const size_t room = whole_pages(length);
    unsigned char *data = aligned_alloc((size_t)sysconf(_SC_PAGESIZE), room);
    if (!data) return qf_fail(error, QF_MEMORY, "out of memory for %zu secret bytes", length);
    /* Both are best effort: neither failure makes the secret wrong, only less hidden. */
    (void)mlock(data, room);
    (void)madvise(data, room, MADV_DONTDUMP);
    memset(data, 0, room);
    *secret = (qf_secret){.data = data, .length = length, .room = room};
    return QF_OK;
}

void qf_secret_free(qf_secret *secret) {
    if (secret->data) {
        OPENSSL_cleanse(secret->data, secret->room);
        (void)madvise(secret->data, secret->room, MADV_DODUMP);
        (void)munlock(secret->data, secret->room);
        free(secret->data);
    }
    *secret = (qf_secret){0};
}

void qf_secret_wipe(void *data, size_t length) {
    if (length) OPENSSL_cleanse(data, length);
}

bool qf_secret_equal(const void *a, const void *b, size_t length) {
    return CRYPTO_memcmp(a, b, length) == 0;
}

qf_status qf_secret_random(void *data, size_t length, qf_error *error) {
    enum { PIECE = 1 << 20 };
    unsigned char *at = data;
    while (length > 0) {
        const size_t piece = length < PIECE ? length : PIECE;
        if (RAND_priv_bytes(at, (int)piece) != 1) {
            return qf_fail(error, QF_UNAVAILABLE, "OpenSSL has no random bytes");
        }
        at += piece;
        length -= piece;
    }
    return QF_OK;
}

qf_status qf_secret_protect_process(qf_error *error) {
    const struct rlimit none = {0};
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        return qf_fail(error, QF_INTERNAL, "core dumps cannot be turned off: %s", strerror(errno));
    }
    return QF_OK;
}
