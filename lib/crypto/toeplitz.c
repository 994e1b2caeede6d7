#include "crypto/toeplitz.h"

#include "crypto/secret.h"

#include <stdint.h>
#include <string.h>

size_t qf_toeplitz_bytes(size_t rows, size_t columns) {
    return (rows + columns + 6) / 8;
}

static unsigned parity(uint64_t word) {
    return (unsigned)__builtin_parityll(word);
}

/* The 64 bits of the matrix from bit i on; there are 16 bytes to spare behind it. */
static uint64_t window(const unsigned char *matrix, size_t i) {
    uint64_t low, high;
    memcpy(&low, matrix + i / 8, sizeof low);
    memcpy(&high, matrix + i / 8 + 8, sizeof high);
    const unsigned shift = i % 8;
    return shift ? low >> shift | high << (64 - shift) : low;
}

static void hash(const uint64_t *reversed, size_t words, const unsigned char *matrix, size_t rows,
                 unsigned char *out) {
    memset(out, 0, (rows + 7) / 8);
    for (size_t i = 0; i < rows; i++) {
        uint64_t sum = 0;
        for (size_t w = 0; w < words; w++) sum ^= window(matrix, i + 64 * w) & reversed[w];
        out[i / 8] |= (unsigned char)(parity(sum) << (i % 8));
    }
}

qf_status qf_toeplitz_hash(const unsigned char *bits, size_t n, const unsigned char *matrix,
                           size_t rows, unsigned char *out, qf_error *error) {
    const size_t words = (n + 63) / 64;
    qf_secret reversed, padded;
    QF_TRY(qf_secret_new(words * sizeof(uint64_t), &reversed, error));
    qf_status status = qf_secret_new(rows / 8 + words * 8 + 24, &padded, error);
    if (status == QF_OK) {
        uint64_t *word = (uint64_t *)(void *)reversed.data;
        for (size_t j = 0; j < n; j++) word[j / 64] |= (uint64_t)(bits[n - 1 - j] & 1) << (j % 64);
        memcpy(padded.data, matrix, qf_toeplitz_bytes(rows, n));
        hash(word, words, padded.data, rows, out);
    }
    qf_secret_free(&padded);
    qf_secret_free(&reversed);
    return status;
}
