#include "ckks/noise.h"

#include <math.h>

double qf_noise_public(const qf_ckks *ckks, unsigned parties) {
    const double terms = (double)ckks->n * parties * QF_TERNARY_VARIANCE;
    const double noise = sqrt(QF_ERROR_VARIANCE * (1 + 2 * terms));
    if (ckks->all_primes == ckks->primes) return noise;
    const double special = (double)qf_ckks_modulus(ckks, ckks->primes)->value;
    return hypot(noise / special, qf_noise_rounding(ckks->n, parties));
}

double qf_noise_secret(void) {
    return sqrt(QF_ERROR_VARIANCE);
}

double qf_noise_encoding(void) {
    return sqrt(1.0 / 12);
}

double qf_noise_rounding(size_t n, unsigned parties) {
    return sqrt((1 + (double)n * parties * QF_TERNARY_VARIANCE) / 12);
}

double qf_noise_key_switch(const qf_ckks *ckks, size_t level, unsigned parties) {
    const double special = (double)qf_ckks_modulus(ckks, ckks->primes)->value;
    double squares = 0;
    for (size_t i = 0; i <= level; i++) {
        const double ratio = (double)qf_ckks_modulus(ckks, i)->value / special;
        squares += ratio * ratio;
    }
    const double digits = sqrt((double)ckks->n * QF_ERROR_VARIANCE * squares / 12);
    return hypot(digits, qf_noise_rounding(ckks->n, parties));
}

double qf_noise_product(size_t n, double magnitude1, double deviation1, double magnitude2,
                        double deviation2) {
    return magnitude1 * deviation2 + magnitude2 * deviation1 +
           QF_SLOT_TAIL * sqrt((double)n) * deviation1 * deviation2;
}
