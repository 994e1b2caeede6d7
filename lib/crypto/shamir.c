#include "crypto/shamir.h"

/* As many polynomials at a time as keeps their coefficients in the processor's cache. */
enum { BATCH = 512 };

/* Horner's rule: coefficients[d][k] is polynomial k's of degree d + 1. */
static uint64_t evaluate(const qf_prime_field *f, const uint64_t *coefficients, size_t degree,
                         size_t k, uint64_t secret, uint64_t x) {
    uint64_t value = 0;
    for (size_t d = degree; d > 0; d--) {
        value = qf_field_add(f, value, coefficients[(d - 1) * BATCH + k]);
        value = qf_field_multiply(f, value, x);
    }
    return qf_field_add(f, value, secret);
}

qf_status qf_shamir_split(const qf_prime_field *field, size_t threshold, size_t parties,
                          const uint64_t *secrets, size_t count, uint64_t *const *shares,
                          qf_error *error) {
    if (threshold < 1 || threshold > parties || parties > QF_MAX_SHARES ||
        parties >= field->prime) {
        return qf_fail(error, QF_USAGE, "%zu of %zu shares modulo %llu are impossible", threshold,
                       parties, (unsigned long long)field->prime);
    }
    const size_t degree = threshold - 1;
    qf_secret random;
    QF_TRY(qf_secret_new(degree * BATCH * sizeof(uint64_t), &random, error));
    uint64_t *coefficients = (uint64_t *)(void *)random.data;
    qf_status status = QF_OK;
    for (size_t first = 0; first < count && status == QF_OK; first += BATCH) {
        const size_t batch = count - first < BATCH ? count - first : BATCH;
        status = qf_field_random(field, coefficients, degree * BATCH, error);
        for (size_t i = 0; i < parties && status == QF_OK; i++) {
            for (size_t k = 0; k < batch; k++) {
                shares[i][first + k] =
                    evaluate(field, coefficients, degree, k, secrets[first + k], i + 1);
            }
        }
    }
    qf_secret_free(&random);
    return status;
}

void qf_shamir_weights(const qf_prime_field *field, const uint32_t *points, size_t count,
                       uint64_t x, uint64_t *weights) {
    for (size_t i = 0; i < count; i++) {
        uint64_t above = 1, below = 1;
        for (size_t j = 0; j < count; j++) {
            if (j == i) continue;
            above = qf_field_multiply(field, above, qf_field_subtract(field, x, points[j]));
            below = qf_field_multiply(field, below, qf_field_subtract(field, points[i], points[j]));
        }
        weights[i] = qf_field_multiply(field, above, qf_field_invert(field, below));
    }
}

void qf_shamir_combine(const qf_prime_field *field, const uint64_t *weights,
                       const uint64_t *const *shares, size_t threshold, size_t count,
                       uint64_t *out) {
    for (size_t j = 0; j < count; j++) {
        uint64_t sum = 0;
        for (size_t i = 0; i < threshold; i++) {
            sum = qf_field_add(field, sum, qf_field_multiply(field, weights[i], shares[i][j]));
        }
        out[j] = sum;
    }
}
