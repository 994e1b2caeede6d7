#include "ckks/sample.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

/* The loops over a stretch become vectors. */
#pragma GCC optimize("O3")

enum { STRETCH = 1024 }; /* words drawn at a time */

qf_status qf_sampler_seeded(qf_sampler *sampler, const unsigned char seed[QF_SEED_SIZE],
                            uint64_t number, qf_error *error) {
    unsigned char start[16] = {0}; /* the number, then the block counter */
    for (size_t i = 0; i < 8; i++) start[i] = (unsigned char)(number >> (56 - 8 * i));
    sampler->cipher = EVP_CIPHER_CTX_new();
    if (sampler->cipher &&
        EVP_EncryptInit_ex(sampler->cipher, EVP_aes_256_ctr(), NULL, seed, start) == 1) {
        return QF_OK;
    }
    qf_sampler_free(sampler);
    return qf_fail(error, QF_MEMORY, "out of memory for a cipher");
}

qf_status qf_sample_seed(unsigned char seed[QF_SEED_SIZE], qf_error *error) {
    if (RAND_priv_bytes(seed, QF_SEED_SIZE) == 1) return QF_OK;
    return qf_fail(error, QF_UNAVAILABLE, "OpenSSL's random generator has no entropy");
}

qf_status qf_sampler_secret(qf_sampler *sampler, qf_error *error) {
    unsigned char seed[QF_SEED_SIZE];
    sampler->cipher = NULL;
    QF_TRY(qf_sample_seed(seed, error));
    const qf_status status = qf_sampler_seeded(sampler, seed, 0, error);
    OPENSSL_cleanse(seed, sizeof seed);
    return status;
}

void qf_sampler_free(qf_sampler *sampler) {
    EVP_CIPHER_CTX_free(sampler->cipher);
    sampler->cipher = NULL;
}

/* Encrypted zeros. */
static qf_status draw(qf_sampler *sampler, void *to, size_t bytes, qf_error *error) {
    int length;
    memset(to, 0, bytes);
    if (EVP_EncryptUpdate(sampler->cipher, to, &length, to, (int)bytes) == 1) return QF_OK;
    return qf_fail(error, QF_INTERNAL, "the cipher failed");
}

static uint64_t word_at(const unsigned char *bytes) {
    uint64_t word = 0;
    for (size_t i = 0; i < 8; i++) word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

qf_status qf_sample_uniform(qf_sampler *sampler, const qf_modulus *m, size_t n, uint64_t *to,
                            qf_error *error) {
    unsigned char stretch[8 * STRETCH];
    const uint64_t mask = ((uint64_t)1 << m->bits) - 1;
    for (size_t got = 0; got < n;) {
        const size_t count = n - got < STRETCH ? n - got : STRETCH;
        QF_TRY(draw(sampler, stretch, 8 * count, error));
        for (size_t i = 0; i < count; i++) {
            const uint64_t value = word_at(stretch + 8 * i) & mask;
            to[got] = value;
            got += value < m->value;
        }
    }
    OPENSSL_cleanse(stretch, sizeof stretch); /* a share's coefficients are secret */
    return QF_OK;
}

qf_status qf_sample_ternary(qf_sampler *sampler, size_t n, int32_t *to, qf_error *error) {
    enum { DIGITS = 5, VALUES = 243 };
    unsigned char stretch[STRETCH];
    int32_t digits[DIGITS];
    for (size_t got = 0; got < n;) {
        QF_TRY(draw(sampler, stretch, sizeof stretch, error));
        for (size_t i = 0; i < STRETCH && got < n; i++) {
            unsigned value = stretch[i];
            if (value >= VALUES) continue;
            for (size_t d = 0; d < DIGITS; d++) {
                const unsigned third = value * 171 >> 9; /* value / 3 below 256 */
                digits[d] = (int32_t)(value - 3 * third) - 1;
                value = third;
            }
            const size_t count = n - got < DIGITS ? n - got : DIGITS;
            memcpy(to + got, digits, count * sizeof *digits);
            got += count;
        }
    }
    OPENSSL_cleanse(stretch, sizeof stretch);
    OPENSSL_cleanse(digits, sizeof digits);
    return QF_OK;
}

/* Without the processor's instruction, which a compiler may replace by a table. */
static uint64_t count_ones(uint64_t x) {
    x -= (x >> 1) & 0x5555555555555555;
    x = (x & 0x3333333333333333) + ((x >> 2) & 0x3333333333333333);
    x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
    x += x >> 8;
    x += x >> 16;
    x += x >> 32;
    return x & 127;
}

/* Ones among 21 bits less ones among 21 others is ones among the first and zeros among the others,
 * less 21; with uniform bits, ones among 42, less 21. */
qf_status qf_sample_errors(qf_sampler *sampler, size_t n, int32_t *to, qf_error *error) {
    const uint64_t mask = ((uint64_t)1 << (2 * QF_ERROR_BITS)) - 1;
    uint64_t stretch[STRETCH];
    for (size_t got = 0; got < n;) {
        const size_t count = n - got < STRETCH ? n - got : STRETCH;
        QF_TRY(draw(sampler, stretch, count * sizeof *stretch, error));
        for (size_t i = 0; i < count; i++) {
            to[got + i] = (int32_t)count_ones(stretch[i] & mask) - QF_ERROR_BITS;
        }
        got += count;
    }
    OPENSSL_cleanse(stretch, sizeof stretch);
    return QF_OK;
}

/* The residue of high 2^64 + low - 2^(bits+2), for terms that were summed without their sign. */
static uint64_t flood_residue(const qf_modulus *m, qf_wide sum, uint64_t two_64, uint64_t offset) {
    const uint64_t high = qf_mod_reduce(m, (uint64_t)(sum >> 64));
    const uint64_t low = qf_mod_reduce(m, (uint64_t)sum);
    return qf_mod_subtract(m, qf_mod_add(m, qf_mod_multiply(m, high, two_64), low), offset);
}

qf_status qf_sample_flood(qf_sampler *sampler, unsigned bits, const qf_modulus *const *moduli,
                          size_t rows, size_t n, uint64_t *to, size_t stride, qf_error *error) {
    enum { WORDS = 2 * QF_FLOOD_TERMS };
    if (bits > QF_FLOOD_MAX_BITS) return qf_fail(error, QF_INTERNAL, "flooding is too wide");
    const qf_wide mask = ((qf_wide)1 << (bits + 1)) - 1;
    uint64_t stretch[STRETCH];
    qf_wide sums[STRETCH / WORDS];
    for (size_t got = 0; got < n; got += STRETCH / WORDS) {
        QF_TRY(draw(sampler, stretch, sizeof stretch, error));
        for (size_t i = 0; i < STRETCH / WORDS; i++) {
            const uint64_t *words = stretch + i * WORDS;
            sums[i] = 0;
            for (size_t t = 0; t < WORDS; t += 2) {
                sums[i] += ((qf_wide)words[t] << 64 | words[t + 1]) & mask;
            }
        }
        const size_t count = n - got < STRETCH / WORDS ? n - got : STRETCH / WORDS;
        for (size_t r = 0; r < rows; r++) {
            const uint64_t two_64 = qf_mod_power_of_two(moduli[r], 64);
            const uint64_t offset = qf_mod_power_of_two(moduli[r], bits + 2);
            for (size_t i = 0; i < count; i++) {
                to[r * stride + got + i] = flood_residue(moduli[r], sums[i], two_64, offset);
            }
        }
    }
    OPENSSL_cleanse(stretch, sizeof stretch);
    OPENSSL_cleanse(sums, sizeof sums);
    return QF_OK;
}
