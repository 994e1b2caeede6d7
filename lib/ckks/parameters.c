#include "ckks/parameters.h"

#include "ckks/primes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

static const struct {
    const char *name;
    qf_ckks_parameters parameters;
} named[] = {
    {"paper", {.n = 8192, .primes = 3, .bits = {60, 40, 40}, .special_bits = 60, .scale_bits = 40}},
    {"rounds", {.n = 4096, .primes = 2, .bits = {50, 50}, .scale_bits = 62}},
};

static const struct {
    size_t n;
    unsigned bits;
} security_limits[] = {{1024, 26},  {2048, 53},   {4096, 106},
                       {8192, 214}, {16384, 430}, {32768, 868}};

bool qf_id_equal(const qf_id *a, const qf_id *b) {
    return CRYPTO_memcmp(a->bytes, b->bytes, QF_ID_SIZE) == 0;
}

qf_status qf_ckks_parameters_named(const char *name, qf_ckks_parameters *parameters,
                                   qf_error *error) {
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        if (strcmp(name, named[i].name) != 0) continue;
        *parameters = named[i].parameters;
        return QF_OK;
    }
    return qf_fail(error, QF_USAGE, "no parameter set is called \"%.40s\": paper or rounds", name);
}

unsigned qf_ckks_security_limit(size_t n) {
    for (size_t i = 0; i < sizeof security_limits / sizeof *security_limits; i++) {
        if (security_limits[i].n == n) return security_limits[i].bits;
    }
    return 0;
}

static qf_status check(const qf_ckks_parameters *p, qf_error *error) {
    const unsigned limit = qf_ckks_security_limit(p->n);
    if (limit == 0) {
        return qf_fail(error, QF_DATA, "the ring's degree is a power of two from %d to %d, not %zu",
                       QF_CKKS_MIN_N, QF_CKKS_MAX_N, p->n);
    }
    if (p->primes < 1 || p->primes > QF_CKKS_MAX_PRIMES) {
        return qf_fail(error, QF_DATA, "expected 1 to %d primes, not %zu", QF_CKKS_MAX_PRIMES,
                       p->primes);
    }
    unsigned total = p->special_bits;
    for (size_t i = 0; i < p->primes; i++) {
        if (p->bits[i] > QF_MODULUS_MAX_BITS) return qf_fail(error, QF_DATA, "a prime is too long");
        total += p->bits[i];
    }
    /* A prime below 2^b counts as b bits. */
    if (total > limit) {
        return qf_fail(error, QF_DATA,
                       "%u bits of primes at degree %zu are above %u, the limit of 128-bit "
                       "security with ternary secrets",
                       total, p->n, limit);
    }
    if (p->scale_bits < 1 || p->scale_bits >= total) {
        return qf_fail(error, QF_DATA, "a scale of %u bits does not fit the primes", p->scale_bits);
    }
    return QF_OK;
}

static qf_status find_primes(qf_ckks *ckks, qf_error *error) {
    uint64_t found[QF_CKKS_MAX_PRIMES + 1];
    for (size_t i = 0; i < ckks->all_primes; i++) {
        const unsigned bits =
            i < ckks->primes ? ckks->parameters.bits[i] : ckks->parameters.special_bits;
        QF_TRY(qf_find_prime(ckks->n, bits, found, i, &found[i], error));
        QF_TRY(qf_ntt_init(&ckks->ntt[i], ckks->n, found[i], ckks->simd, error));
    }
    return QF_OK;
}

static void fill_constants(qf_ckks *ckks) {
    double log_q = 0;
    for (size_t i = 0; i < ckks->all_primes; i++) {
        const uint64_t q = qf_ckks_modulus(ckks, i)->value;
        log_q += log2((double)q);
        if (i < ckks->primes) ckks->log_q[i] = log_q;
        for (size_t j = 0; j < ckks->all_primes; j++) {
            const qf_modulus *m = qf_ckks_modulus(ckks, j);
            if (j != i) ckks->inverse_of[i][j] = qf_mod_inverse(m, qf_mod_reduce(m, q));
        }
    }
}

static void fill_id(qf_ckks *ckks) {
    char text[64 + 24 * (QF_CKKS_MAX_PRIMES + 1)];
    size_t length =
        (size_t)snprintf(text, sizeof text, "qf ckks %zu scale %u special %d", ckks->n,
                         ckks->parameters.scale_bits, ckks->parameters.special_bits != 0);
    for (size_t i = 0; i < ckks->all_primes; i++) {
        length += (size_t)snprintf(text + length, sizeof text - length, " %llu",
                                   (unsigned long long)qf_ckks_modulus(ckks, i)->value);
    }
    SHA256((const unsigned char *)text, length, ckks->id.bytes);
}

qf_status qf_ckks_init(qf_ckks *ckks, const qf_ckks_parameters *parameters, qf_simd simd,
                       qf_error *error) {
    *ckks = (qf_ckks){.parameters = *parameters,
                      .simd = simd,
                      .n = parameters->n,
                      .primes = parameters->primes,
                      .all_primes = parameters->primes + (parameters->special_bits != 0)};
    QF_TRY(check(parameters, error));
    qf_status status = find_primes(ckks, error);
    if (status == QF_OK) status = qf_embedding_init(&ckks->embedding, ckks->n, simd, error);
    if (status == QF_OK) {
        fill_constants(ckks);
        fill_id(ckks);
    } else {
        qf_ckks_free(ckks);
    }
    return status;
}

void qf_ckks_free(qf_ckks *ckks) {
    for (size_t i = 0; i <= QF_CKKS_MAX_PRIMES; i++) qf_ntt_free(&ckks->ntt[i]);
    qf_embedding_free(&ckks->embedding);
    *ckks = (qf_ckks){0};
}
