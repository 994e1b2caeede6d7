/* Seeded random numbers for experiments; never for secrets.
 *
 * Generator: xoshiro256** 1.0 (Blackman and Vigna 2021), its state filled by SplitMix64 from the
 * seed, the FNV-1a hash of a substream's name and an index. Substreams ("split", "smote", "forest"
 * ...) are independent: drawing more from one changes nothing in another, so one seed fixes every
 * part of an experiment apart. The same on every machine for the integer draws. */
#ifndef QF_BASE_RANDOM_H
#define QF_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct qf_random {
    uint64_t state[4];
} qf_random;

qf_random qf_random_stream(uint64_t seed, const char *name, uint64_t index);

/* An index made of two, so that streams of many rows and draws can be told apart. */
uint64_t qf_random_mix(uint64_t a, uint64_t b);

uint64_t qf_random_u64(qf_random *random);
/* Uniform in 0 .. bound-1 without bias (Lemire 2019); bound > 0. */
uint64_t qf_random_below(qf_random *random, uint64_t bound);
/* Uniform in [0, 1), 53 bits. */
double qf_random_uniform(qf_random *random);
/* Standard normal by the polar method (Marsaglia and Bray 1964). */
double qf_random_normal(qf_random *random);
/* Gamma of the given shape > 0 and scale 1 (Marsaglia and Tsang 2000). */
double qf_random_gamma(qf_random *random, double shape);
/* Binomial of `trials` < 2^53 with this chance in [0, 1]: by inversion up to a mean of 10, else by
 * transformed rejection (Hormann 1993, algorithm BTRS); its time does not grow with the trials. */
uint64_t qf_random_binomial(qf_random *random, uint64_t trials, double chance);
/* Fisher-Yates. */
void qf_random_shuffle(qf_random *random, size_t *items, size_t count);

#endif
