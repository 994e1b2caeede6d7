/* Mutations of valid input, for the fuzzers. */
#ifndef QF_TESTS_MUTATE_H
#define QF_TESTS_MUTATE_H

#include "base/random.h"
#include "stream/session.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/sha.h>

static inline unsigned char *load(const char *path, size_t *length) {
    const int fd = open(path, O_RDONLY);
    *length = (size_t)lseek(fd, 0, SEEK_END);
    unsigned char *data = malloc(*length);
    if (pread(fd, data, *length, 0) != (ssize_t)*length) exit(66);
    close(fd);
    return data;
}

/* One to eight changes before the last `trailer` bytes: a bit, a byte, an interesting lead byte, a
 * piece removed or doubled. Returns the new length, at most `room`. */
static inline size_t mutate(qf_random *random, unsigned char *data, size_t length, size_t room,
                            size_t trailer) {
    static const unsigned char interesting[] = {0x00, 0x7f, 0x80, 0x90, 0xa0, 0xc0, 0xc4, 0xc6,
                                                0xcb, 0xcf, 0xd3, 0xdb, 0xdd, 0xdf, 0xff};
    for (uint64_t changes = 1 + qf_random_below(random, 8); changes > 0; changes--) {
        const size_t at = (size_t)qf_random_below(random, length - trailer);
        const size_t left = length - trailer - at;
        const size_t piece = 1 + (size_t)qf_random_below(random, left < 16 ? left : 16);
        switch (qf_random_below(random, 5)) {
        case 0:
            data[at] ^= (unsigned char)(1u << qf_random_below(random, 8));
            break;
        case 1:
            data[at] = (unsigned char)qf_random_below(random, 256);
            break;
        case 2:
            data[at] = interesting[qf_random_below(random, sizeof interesting)];
            break;
        case 3:
            memmove(data + at, data + at + piece, length - at - piece);
            length -= piece;
            break;
        default:
            if (length + piece > room) break;
            memmove(data + at + piece, data + at, length - at);
            length += piece;
        }
        if (length < 4 * trailer + 16) break;
    }
    return length;
}

/* The same for a stream, with its digest mended, so that the damage reaches the decoders behind it.
 */
static inline size_t mutate_stream(qf_random *random, unsigned char *data, size_t length,
                                   size_t room) {
    const size_t now = mutate(random, data, length, room, QF_DIGEST_SIZE);
    SHA256(data, now - QF_DIGEST_SIZE, data + now - QF_DIGEST_SIZE);
    return now;
}

#endif
