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

void qf_random_shuffle(qf_random *random, size_t *items, size_t count) {
    for (size_t i = count; i > 1; i--) {
        const size_t j = (size_t)qf_random_below(random, i);
        const size_t swap = items[i - 1];
        items[i - 1] = items[j];
        items[j] = swap;
    }
}
