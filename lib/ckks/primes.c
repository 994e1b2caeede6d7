#include "ckks/primes.h"

static uint64_t multiply(uint64_t a, uint64_t b, uint64_t x) {
    return (uint64_t)((qf_wide)a * b % x);
}

/* Whether base shows that the odd x = 1 + odd 2^twos is composite. */
static bool is_witness(uint64_t base, uint64_t x, uint64_t odd, unsigned twos) {
    uint64_t power = 1, square = base % x;
    if (square == 0) return false;
    for (uint64_t e = odd; e; e >>= 1) {
        if (e & 1) power = multiply(power, square, x);
        square = multiply(square, square, x);
    }
    if (power == 1 || power == x - 1) return false;
    for (unsigned i = 1; i < twos; i++) {
        power = multiply(power, power, x);
        if (power == x - 1) return false;
    }
    return true;
}

bool qf_is_prime(uint64_t x) {
    static const uint64_t bases[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
    if (x < 2) return false;
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
        if (x % bases[i] == 0) return x == bases[i];
    }
    const unsigned twos = (unsigned)__builtin_ctzll(x - 1);
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
        if (is_witness(bases[i], x, (x - 1) >> twos, twos)) return false;
    }
    return true;
}

static bool is_taken(uint64_t x, const uint64_t *taken, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (taken[i] == x) return true;
    }
    return false;
}

qf_status qf_find_prime(size_t n, unsigned bits, const uint64_t *taken, size_t count,
                        uint64_t *prime, qf_error *error) {
    if (bits < QF_MODULUS_MIN_BITS || bits > QF_MODULUS_MAX_BITS) {
        return qf_fail(error, QF_DATA, "primes have %d to %d bits, not %u", QF_MODULUS_MIN_BITS,
                       QF_MODULUS_MAX_BITS, bits);
    }
    const uint64_t step = bits > QF_NARROW_BITS ? QF_WIDE_STEP : 2 * (uint64_t)n,
                   least = (uint64_t)1 << (bits - 1);
    for (uint64_t x = ((uint64_t)1 << bits) - step + 1; x > least; x -= step) {
        if (is_taken(x, taken, count) || !qf_is_prime(x)) continue;
        *prime = x;
        return QF_OK;
    }
    return qf_fail(error, QF_DATA, "too few primes of %u bits are 1 modulo %llu", bits,
                   (unsigned long long)step);
}

uint64_t qf_find_root(const qf_modulus *m, size_t n) {
    const uint64_t exponent = (m->value - 1) / (2 * (uint64_t)n);
    uint64_t root = 0;
    /* x^exponent has an order that divides 2n; it is 2n when its n-th power is -1. */
    for (uint64_t x = 2; root == 0; x++) {
        const uint64_t power = qf_mod_power(m, x, exponent);
        if (qf_mod_power(m, power, n) == m->value - 1) root = power;
    }
    const uint64_t square = qf_mod_multiply(m, root, root);
    uint64_t smallest = root;
    for (size_t i = 1; i < n; i++) {
        root = qf_mod_multiply(m, root, square);
        if (root < smallest) smallest = root;
    }
    return smallest;
}
