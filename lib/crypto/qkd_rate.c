#include "crypto/qkd_rate.h"

#include <math.h>

double qf_binary_entropy(double p) {
    if (p <= 0) return 0;
    if (p >= 0.5) return 1;
    return -p * log2(p) - (1 - p) * log2(1 - p);
}

double qf_qkd_key_length(size_t n, size_t k, double leaked, const qf_qkd_security *security) {
    if (n == 0 || k == 0) return -INFINITY;
    const double key = (double)n, sample = (double)k;
    const double mu =
        sqrt((key + sample) / (key * sample) * (sample + 1) / sample * log(4 / security->secrecy));
    const double secret = key * (1 - qf_binary_entropy(security->tolerated + mu));
    return secret - leaked - 1 - 2 * log2(1 / security->secrecy) - log2(1 / security->correctness);
}
