#include "base/random.h"

#include <math.h>

static uint64_t splitmix64(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

qf_random qf_random_stream(uint64_t seed, const char *name, uint64_t index) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *name; name++) hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
    uint64_t mix = seed;
    mix = splitmix64(&mix) ^ hash;
    mix = splitmix64(&mix) ^ index;
    qf_random random;
    for (int i = 0; i < 4; i++) random.state[i] = splitmix64(&mix);
    return random;
}

static uint64_t rotate_left(uint64_t x, int k) {
    return (x << k) | (x >> (64 - k));
}

uint64_t qf_random_mix(uint64_t a, uint64_t b) {
    uint64_t state = a;
    const uint64_t first = splitmix64(&state);
    state = first ^ b;
    return splitmix64(&state);
}

uint64_t qf_random_u64(qf_random *random) {
    uint64_t *s = random->state;
    const uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    const uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t qf_random_below(qf_random *random, uint64_t bound) {
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)qf_random_u64(random) * bound;
    if ((uint64_t)product < bound) {
        const uint64_t threshold = -bound % bound;
        while ((uint64_t)product < threshold) product = (wide)qf_random_u64(random) * bound;
    }
    return (uint64_t)(product >> 64);
}

double qf_random_uniform(qf_random *random) {
    return (double)(qf_random_u64(random) >> 11) * 0x1p-53;
}

double qf_random_normal(qf_random *random) {
    for (;;) {
        const double x = 2 * qf_random_uniform(random) - 1;
        const double y = 2 * qf_random_uniform(random) - 1;
        const double square = x * x + y * y;
        if (square > 0 && square < 1) return x * sqrt(-2 * log(square) / square);
    }
}

double qf_random_gamma(qf_random *random, double shape) {
    if (shape < 1) {
        const double u = 1 - qf_random_uniform(random);
        return qf_random_gamma(random, shape + 1) * pow(u, 1 / shape);
    }
    const double d = shape - 1.0 / 3;
    const double c = 1 / sqrt(9 * d);
    for (;;) {
        const double x = qf_random_normal(random);
        const double root = 1 + c * x;
        if (root <= 0) continue;
        const double v = root * root * root;
        const double u = 1 - qf_random_uniform(random);
        if (log(u) < 0.5 * x * x + d - d * v + d * log(v)) return d * v;
    }
}

/* log k! less its approximation by Stirling's formula with k + 1/2 (Hormann 1993, section 2). */
static double stirling_rest(double k) {
    static const double table[] = {0.08106146679532726, 0.04134069595540929, 0.02767792568499834,
                                   0.02079067210376509, 0.01664469118982119, 0.01387612882307075,
                                   0.01189670994589177, 0.01041126526197209, 0.009255462182712733,
                                   0.008330563433362871};
    if (k < 10) return table[(size_t)k];
    const double next = k + 1, square = next * next;
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / next;
}

/* Failures up to the next success are geometric. */
static uint64_t count_successes(qf_random *random, uint64_t trials, double chance) {
    const double log_rest = log1p(-chance);
    double at = 0;
    for (uint64_t successes = 0;; successes++) {
        at += floor(log(1 - qf_random_uniform(random)) / log_rest) + 1;
        if (!(at <= (double)trials)) return successes;
    }
}

/* For chance <= 1/2 and trials * chance >= 10. */
static uint64_t reject_binomial(qf_random *random, uint64_t trials, double chance) {
    const double n = (double)trials, spread = sqrt(n * chance * (1 - chance));
    const double b = 1.15 + 2.53 * spread, a = -0.0873 + 0.0248 * b + 0.01 * chance;
    const double c = n * chance + 0.5, accepted = 0.92 - 4.2 / b;
    const double alpha = (2.83 + 5.1 / b) * spread, odds = chance / (1 - chance);
    const double mode = floor((n + 1) * chance);
    for (;;) {
        const double u = qf_random_uniform(random) - 0.5, v = 1 - qf_random_uniform(random);
        const double us = 0.5 - fabs(u), k = floor((2 * a / us + b) * u + c);
        if (!(k >= 0 && k <= n)) continue;
        if (us >= 0.07 && v <= accepted) return (uint64_t)k;
        const double bound = (mode + 0.5) * log((mode + 1) / (odds * (n - mode + 1))) +
                             (n + 1) * log((n - mode + 1) / (n - k + 1)) +
                             (k + 0.5) * log(odds * (n - k + 1) / (k + 1)) + stirling_rest(mode) +
                             stirling_rest(n - mode) - stirling_rest(k) - stirling_rest(n - k);
        if (log(v * alpha / (a / (us * us) + b)) <= bound) return (uint64_t)k;
    }
}

uint64_t qf_random_binomial(qf_random *random, uint64_t trials, double chance) {
    if (chance > 0.5) return trials - qf_random_binomial(random, trials, 1 - chance);
    if (!(chance > 0) || trials == 0) return 0;
    return (double)trials * chance < 10 ? count_successes(random, trials, chance)
                                        : reject_binomial(random, trials, chance);
}

void qf_random_shuffle(qf_random *random, size_t *items, size_t count) {
    for (size_t i = count; i > 1; i--) {
        const size_t j = (size_t)qf_random_below(random, i);
        const size_t swap = items[i - 1];
        items[i - 1] = items[j];
        items[j] = swap;
    }
}
