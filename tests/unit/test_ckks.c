/* CKKS of one key: parameters, sampling, the embedding, every operation against plain arithmetic,
 * noise against its formulas, and what must be refused. */
#include "ckks/bits.h"
#include "ckks/coefficients.h"
#include "ckks/evaluate.h"
#include "ckks/noise.h"
#include "ckks/packed.h"
#include "ckks/slots.h"
#include "ckks_kit.h"

#include <math.h>

#include "ckks_oracle.h"

/* ---- Parameters ---- */

static void refuse(qf_ckks_parameters parameters) {
    qf_ckks ckks;
    qf_error error = {0};
    assert_int_equal(qf_ckks_init(&ckks, &parameters, QF_SIMD_PORTABLE, &error), QF_DATA);
    qf_ckks_free(&ckks);
}

static void test_parameters(void **state) {
    (void)state;
    qf_ckks_parameters p;
    ASSERT_STATUS(qf_ckks_parameters_named("other", &p, &error), QF_USAGE);
    refuse((qf_ckks_parameters){.n = 4096, .primes = 2, .bits = {54, 53}, .scale_bits = 40});
    refuse((qf_ckks_parameters){
        .n = 8192, .primes = 3, .bits = {60, 40, 60}, .special_bits = 55, .scale_bits = 40});
    refuse((qf_ckks_parameters){.n = 5000, .primes = 1, .bits = {40}, .scale_bits = 20});
    refuse((qf_ckks_parameters){.n = 65536, .primes = 1, .bits = {40}, .scale_bits = 20});
    refuse((qf_ckks_parameters){.n = 4096, .primes = 0, .scale_bits = 20});
    refuse((qf_ckks_parameters){.n = 4096, .primes = 1, .bits = {61}, .scale_bits = 20});
    refuse((qf_ckks_parameters){.n = 4096, .primes = 1, .bits = {19}, .scale_bits = 10});
    refuse((qf_ckks_parameters){.n = 4096, .primes = 1, .bits = {40}, .scale_bits = 40});
    static const size_t limits[][2] = {{1024, 26},  {2048, 53},   {4096, 106},
                                       {8192, 214}, {16384, 430}, {32768, 868}};
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(qf_ckks_security_limit(limits[i][0]), limits[i][1]);
    }
    qf_ckks paper = context_at("paper", QF_SIMD_PORTABLE);
    static const unsigned bits[] = {60, 40, 40, 60};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(paper.ntt[i].modulus.bits, bits[i]);
        for (size_t j = 0; j < i; j++) {
            assert_true(paper.ntt[i].modulus.value != paper.ntt[j].modulus.value);
        }
    }
    assert_true(fabs(paper.log_q[2] - 140) < 1e-3);
    qf_ckks_free(&paper);
}

/* ---- Sampling ---- */

static void test_stream(void **state) {
    (void)state;
    /* AES-256 of zeros under the zero key begins dc95c078a2408989 (FIPS 197's cipher). */
    const unsigned char seed[QF_SEED_SIZE] = {0};
    const qf_modulus m = qf_modulus_of(1152921504606830593); /* 60 bits, 1 modulo 2^14 */
    uint64_t values[16], again[16], other[16];
    qf_sampler sampler;
    ASSERT_OK(qf_sampler_seeded(&sampler, seed, 0, &error));
    ASSERT_OK(qf_sample_uniform(&sampler, &m, 16, values, &error));
    qf_sampler_free(&sampler);
    assert_int_equal(values[0], 0x898940a278c095dc & (((uint64_t)1 << 60) - 1));
    ASSERT_OK(qf_sampler_seeded(&sampler, seed, 0, &error));
    ASSERT_OK(qf_sample_uniform(&sampler, &m, 16, again, &error));
    qf_sampler_free(&sampler);
    ASSERT_OK(qf_sampler_seeded(&sampler, seed, 1, &error));
    ASSERT_OK(qf_sample_uniform(&sampler, &m, 16, other, &error));
    qf_sampler_free(&sampler);
    assert_memory_equal(values, again, sizeof values);
    assert_memory_not_equal(values, other, sizeof values);
    /* Two secret samplers never agree. */
    ASSERT_OK(qf_sampler_secret(&sampler, &error));
    ASSERT_OK(qf_sample_uniform(&sampler, &m, 16, again, &error));
    qf_sampler_free(&sampler);
    ASSERT_OK(qf_sampler_secret(&sampler, &error));
    ASSERT_OK(qf_sample_uniform(&sampler, &m, 16, other, &error));
    qf_sampler_free(&sampler);
    assert_memory_not_equal(again, other, sizeof values);
}

enum { DRAWS = 1 << 18 };

static void test_small_distributions(void **state) {
    (void)state;
    int32_t *x = malloc(DRAWS * sizeof *x);
    qf_sampler sampler = sampler_of(3);
    ASSERT_OK(qf_sample_ternary(&sampler, DRAWS, x, &error));
    double counts[3] = {0};
    for (size_t i = 0; i < DRAWS; i++) {
        assert_in_range(x[i] + 1, 0, 2);
        counts[x[i] + 1]++;
    }
    for (size_t k = 0; k < 3; k++) {
        assert_true(fabs(counts[k] - DRAWS / 3.0) < 5 * sqrt(DRAWS * 2 / 9.0));
    }
    /* The centred binomial of 21 + 21 bits, by all its counts: chi-square of 43 cells. */
    ASSERT_OK(qf_sample_errors(&sampler, DRAWS, x, &error));
    double seen[43] = {0}, sum = 0, squares = 0;
    for (size_t i = 0; i < DRAWS; i++) {
        assert_in_range(x[i] + 21, 0, 42);
        seen[x[i] + 21]++;
        sum += x[i];
        squares += (double)x[i] * x[i];
    }
    assert_true(fabs(sum / DRAWS) < 5 * sqrt(QF_ERROR_VARIANCE / DRAWS));
    assert_true(fabs(squares / DRAWS - QF_ERROR_VARIANCE) <
                5 * QF_ERROR_VARIANCE * sqrt(2.0 / DRAWS));
    double chi = 0, cells = 0;
    for (int k = 0; k <= 42; k++) {
        const double expected =
            DRAWS * exp(lgamma(43) - lgamma(k + 1) - lgamma(43 - k) - 42 * log(2));
        if (expected < 5) continue;
        chi += (seen[k] - expected) * (seen[k] - expected) / expected;
        cells++;
    }
    assert_true(chi < cells + 5 * sqrt(2 * cells));
    qf_sampler_free(&sampler);
    free(x);
}

static void test_uniform_distribution(void **state) {
    (void)state;
    /* A prime just above 2^40, where nearly half of the draws are refused. */
    const qf_modulus m = qf_modulus_of(1099511922689);
    uint64_t *x = malloc(DRAWS * sizeof *x);
    qf_sampler sampler = sampler_of(4);
    ASSERT_OK(qf_sample_uniform(&sampler, &m, DRAWS, x, &error));
    enum { CELLS = 64 };
    double seen[CELLS] = {0}, chi = 0;
    for (size_t i = 0; i < DRAWS; i++) {
        assert_true(x[i] < m.value);
        seen[(size_t)((qf_wide)x[i] * CELLS / m.value)]++;
    }
    for (size_t k = 0; k < CELLS; k++) {
        const double expected = DRAWS / (double)CELLS;
        chi += (seen[k] - expected) * (seen[k] - expected) / expected;
    }
    assert_true(chi < CELLS + 5 * sqrt(2.0 * CELLS));
    qf_sampler_free(&sampler);
    free(x);
}

static void test_flood_distribution(void **state) {
    (void)state;
    const qf_modulus a = qf_modulus_of(1125899906826241), b = qf_modulus_of(1152921504606830593);
    const qf_modulus *moduli[] = {&a, &b};
    uint64_t *x = malloc(2 * DRAWS * sizeof *x);
    qf_sampler sampler = sampler_of(5);
    /* Small enough to be seen whole modulo each prime, which must agree. */
    ASSERT_OK(qf_sample_flood(&sampler, 40, moduli, 2, DRAWS, x, DRAWS, &error));
    double squares = 0, low_bits = 0;
    for (size_t i = 0; i < DRAWS; i++) {
        const int64_t value = qf_mod_centred(&a, x[i]);
        assert_int_equal(value, qf_mod_centred(&b, x[DRAWS + i]));
        assert_true(value >= -((int64_t)1 << 42) && value < (int64_t)1 << 42);
        squares += (double)value * (double)value;
        low_bits += (double)(value & 1);
    }
    const double expected = ldexp(4.0 / 3, 80);
    assert_true(fabs(squares / DRAWS / expected - 1) < 5 * sqrt(2.0 / DRAWS));
    /* The lowest bit is as uniform as the highest. */
    assert_true(fabs(low_bits / DRAWS - 0.5) < 5 * 0.5 / sqrt(DRAWS));
    /* Of any width: the residues are of numbers drawn again from the same stream. */
    qf_sampler_free(&sampler);
    ASSERT_STATUS(qf_sample_flood(&sampler, 121, moduli, 2, 16, x, 16, &error), QF_INTERNAL);
    free(x);
}

/* Of any width, number by number: sums of the stream's own words, in plain arithmetic. */
static void test_flood_residues(void **state) {
    (void)state;
    const qf_modulus a = qf_modulus_of(1125899906826241), b = qf_modulus_of(1152921504606830593);
    const qf_modulus *moduli[] = {&a, &b};
    enum { N = 256, WORDS = 2 * QF_FLOOD_TERMS };
    uint64_t x[2 * N], words[N * WORDS];
    for (unsigned bits = 0; bits <= QF_FLOOD_MAX_BITS; bits += 8) {
        const unsigned char seed[QF_SEED_SIZE] = {6}, start[16] = {0};
        int length;
        EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
        memset(words, 0, sizeof words);
        assert_int_equal(EVP_EncryptInit_ex(cipher, EVP_aes_256_ctr(), NULL, seed, start), 1);
        assert_int_equal(EVP_EncryptUpdate(cipher, (unsigned char *)words, &length,
                                           (const unsigned char *)words, sizeof words),
                         1);
        EVP_CIPHER_CTX_free(cipher);
        qf_sampler sampler;
        ASSERT_OK(qf_sampler_seeded(&sampler, seed, 0, &error));
        ASSERT_OK(qf_sample_flood(&sampler, bits, moduli, 2, N, x, N, &error));
        qf_sampler_free(&sampler);
        for (size_t i = 0; i < N; i++) {
            __int128 sum = 0;
            for (size_t t = 0; t < WORDS; t += 2) {
                const qf_wide term = (qf_wide)words[WORDS * i + t] << 64 | words[WORDS * i + t + 1];
                sum += (__int128)(term % ((qf_wide)1 << (bits + 1))) - ((__int128)1 << bits);
            }
            for (size_t r = 0; r < 2; r++) {
                const __int128 p = (__int128)moduli[r]->value;
                assert_int_equal(x[r * N + i], (uint64_t)((sum % p + p) % p));
            }
        }
    }
}

/* Every degree: slots where the limit leaves room for a scale, integers elsewhere. */
static void test_degrees(void **state) {
    (void)state;
    static const qf_ckks_parameters sets[] = {
        {.n = 1024, .primes = 1, .bits = {26}, .scale_bits = 14},
        {.n = 2048, .primes = 1, .bits = {53}, .scale_bits = 30},
        {.n = 4096, .primes = 2, .bits = {51, 55}, .scale_bits = 30},
        {.n = 8192, .primes = 4, .bits = {53, 53, 54, 54}, .scale_bits = 40},
        {.n = 16384,
         .primes = 6,
         .bits = {60, 45, 45, 45, 45, 45},
         .special_bits = 60,
         .scale_bits = 45},
        {.n = 32768,
         .primes = 15,
         .bits = {60, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50},
         .special_bits = 60,
         .scale_bits = 50}};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        const qf_ckks_parameters *p = &sets[i];
        const size_t n = p->n;
        qf_ckks ckks;
        qf_secret_key secret;
        qf_public_key key;
        qf_plaintext plaintext;
        qf_ciphertext c;
        double *values = malloc(n * sizeof *values), *found = malloc(n * sizeof *found);
        qf_sampler sampler = sampler_of((unsigned char)i);
        ASSERT_OK(qf_ckks_init(&ckks, p, qf_simd_best(), &error));
        ASSERT_OK(qf_key_pair(&ckks, &sampler, &secret, &key, &error));
        for (size_t j = 0; j < n / 2; j++) values[j] = sin((double)j);
        const double scale = ldexp(1, i ? (int)p->scale_bits : 24);
        if (i == 0) { /* 26 bits are too few for slots */
            int64_t integers[100], back[100];
            random_integers(integers, 100, 100, i);
            ASSERT_OK(qf_coefficients_encode(&ckks, integers, 100, 100, 15, &plaintext, &error));
            ASSERT_OK(qf_encrypt(&ckks, &key, &plaintext, &sampler, &c, &error));
            ASSERT_OK(qf_decrypt_integers(&ckks, &secret, &c, back, &error));
            assert_memory_equal(back, integers, sizeof back);
        } else {
            ASSERT_OK(qf_slots_encode(&ckks, values, n / 2, 1, scale, &plaintext, &error));
            ASSERT_OK(qf_encrypt(&ckks, &key, &plaintext, &sampler, &c, &error));
            ASSERT_OK(qf_decrypt_slots(&ckks, &secret, &c, found, &error));
            const double most = QF_SLOT_TAIL * sqrt((double)n) * c.deviation / scale;
            for (size_t j = 0; j < n / 2; j++) assert_true(fabs(found[j] - values[j]) < most);
        }
        qf_ciphertext_free(&c);
        qf_plaintext_free(&plaintext);
        qf_secret_key_free(&secret);
        qf_public_key_free(&key);
        qf_sampler_free(&sampler);
        qf_ckks_free(&ckks);
        free(values);
        free(found);
    }
}

/* A message that takes all three primes to hold is put together from them. */
static void test_large_message(void **state) {
    (void)state;
    enum { COUNT = 4096 };
    qf_ckks ckks = context_at("paper", qf_simd_best());
    qf_sampler sampler = sampler_of(8);
    qf_secret_key secret;
    qf_public_key key;
    qf_plaintext plaintext;
    qf_ciphertext c;
    double values[COUNT], found[COUNT];
    ASSERT_OK(qf_key_pair(&ckks, &sampler, &secret, &key, &error));
    for (size_t j = 0; j < COUNT; j++) values[j] = cos((double)j);
    ASSERT_OK(qf_slots_encode(&ckks, values, COUNT, 1, 0x1p40, &plaintext, &error));
    ASSERT_OK(qf_encrypt(&ckks, &key, &plaintext, &sampler, &c, &error));
    for (unsigned bits = 40; bits <= 135; bits += 19) {
        assert_int_equal(qf_primes_needed(&ckks, c.level, log2(c.magnitude)), bits < 59   ? 1
                                                                              : bits < 99 ? 2
                                                                                          : 3);
        ASSERT_OK(qf_decrypt_slots(&ckks, &secret, &c, found, &error));
        for (size_t j = 0; j < COUNT; j++) assert_true(fabs(found[j] - values[j]) < 1e-7);
        if (bits + 19 > 135) break;
        ASSERT_OK(qf_ciphertext_multiply_real(&ckks, &c, 1, 0x1p19, &error));
    }
    qf_ciphertext_free(&c);
    qf_plaintext_free(&plaintext);
    qf_secret_key_free(&secret);
    qf_public_key_free(&key);
    qf_sampler_free(&sampler);
    qf_ckks_free(&ckks);
}

/* ---- The embedding ---- */

static void test_embedding(void **state) {
    (void)state;
    enum { N = 1024 };
    const double pi = acos(-1.0);
    double values[N / 2], first[N], coefficients[N], back[N / 2];
    qf_random random = qf_random_stream(1, "embedding", 0);
    for (size_t i = 0; i < N / 2; i++) values[i] = 2 * qf_random_uniform(&random) - 1;
    for (qf_simd simd = QF_SIMD_PORTABLE; simd <= qf_simd_best(); simd++) {
        qf_embedding embedding;
        ASSERT_OK(qf_embedding_init(&embedding, N, simd, &error));
        qf_embed(&embedding, values, N / 2, 1000, coefficients);
        if (simd == QF_SIMD_PORTABLE) memcpy(first, coefficients, sizeof first);
        assert_memory_equal(coefficients, first, sizeof first);
        size_t power = 1;
        for (size_t j = 0; j < N / 2; j++, power = power * 5 % (2 * N)) {
            double re = 0, im = 0;
            for (size_t k = 0; k < N; k++) {
                const double angle = pi / N * (double)(power * k % (2 * N));
                re += coefficients[k] * cos(angle);
                im += coefficients[k] * sin(angle);
            }
            assert_true(fabs(re - 1000 * values[j]) < 1e-9 && fabs(im) < 1e-9);
        }
        for (size_t k = 0; k < N; k++) assert_true(fabs(coefficients[k]) <= 1000);
        qf_embed_back(&embedding, coefficients, 1000, N / 2, back);
        for (size_t j = 0; j < N / 2; j++) assert_true(fabs(back[j] - values[j]) < 1e-14);
        qf_embedding_free(&embedding);
    }
}

/* ---- Slots at the paper's set ---- */

typedef struct kit {
    qf_ckks ckks;
    qf_sampler sampler;
    qf_secret_key secret;
    qf_public_key public_key;
    qf_relinearisation_key relinearisation;
    qf_rotation_key rotation;
} kit;

enum { SLOTS = 4096, STEPS = 5 };

static int open_paper(void **state) {
    kit *k = calloc(1, sizeof *k);
    k->ckks = context_at("paper", qf_simd_best());
    ASSERT_OK(qf_sampler_secret(&k->sampler, &error));
    ASSERT_OK(qf_key_pair(&k->ckks, &k->sampler, &k->secret, &k->public_key, &error));
    ASSERT_OK(qf_relinearisation_key_make(&k->ckks, &k->secret, &k->sampler, &k->relinearisation,
                                          &error));
    ASSERT_OK(qf_rotation_key_make(&k->ckks, &k->secret, STEPS, &k->sampler, &k->rotation, &error));
    *state = k;
    return 0;
}

static int open_rounds(void **state) {
    kit *k = calloc(1, sizeof *k);
    k->ckks = context_at("rounds", qf_simd_best());
    ASSERT_OK(qf_sampler_secret(&k->sampler, &error));
    ASSERT_OK(qf_key_pair(&k->ckks, &k->sampler, &k->secret, &k->public_key, &error));
    *state = k;
    return 0;
}

static int close_kit(void **state) {
    kit *k = *state;
    qf_rotation_key_free(&k->rotation);
    qf_relinearisation_key_free(&k->relinearisation);
    qf_public_key_free(&k->public_key);
    qf_secret_key_free(&k->secret);
    qf_sampler_free(&k->sampler);
    qf_ckks_free(&k->ckks);
    free(k);
    return 0;
}

static void uniform_values(double *values, uint64_t number) {
    qf_random random = qf_random_stream(2, "values", number);
    for (size_t i = 0; i < SLOTS; i++) values[i] = qf_random_uniform(&random);
}

static qf_plaintext encode(const kit *k, const double *values, double limit, double scale) {
    qf_plaintext plaintext;
    ASSERT_OK(qf_slots_encode(&k->ckks, values, SLOTS, limit, scale, &plaintext, &error));
    return plaintext;
}

static qf_ciphertext encrypt_values(kit *k, const double *values, bool seeded) {
    qf_plaintext plaintext = encode(k, values, 1, 0x1p40);
    qf_ciphertext c;
    if (seeded) {
        ASSERT_OK(qf_encrypt_seeded(&k->ckks, &k->secret, &plaintext, &k->sampler, &c, &error));
    } else {
        ASSERT_OK(qf_encrypt(&k->ckks, &k->public_key, &plaintext, &k->sampler, &c, &error));
    }
    qf_plaintext_free(&plaintext);
    return c;
}

/* Errors of one operation over trials, in slots. */
typedef struct errors {
    double squares, count, largest, sum_of_largest, trials, bound;
} errors;

/* Decrypts, compares and frees. The bound of a slot's deviation: a real part has half of the
 * square. */
static void judge(const kit *k, qf_ciphertext *c, const double *expected, errors *e) {
    double values[SLOTS], largest = 0;
    ASSERT_OK(qf_decrypt_slots(&k->ckks, &k->secret, c, values, &error));
    for (size_t i = 0; i < SLOTS; i++) {
        const double wrong = fabs(values[i] - expected[i]);
        e->squares += wrong * wrong;
        if (wrong > largest) largest = wrong;
    }
    e->count += SLOTS;
    e->trials++;
    e->sum_of_largest += largest;
    if (largest > e->largest) e->largest = largest;
    e->bound = c->deviation * sqrt((double)SLOTS) / c->scale;
    qf_ciphertext_free(c);
}

/* The mean square within the formula, and above `least` of it; nothing beyond the tail. The formula
 * is a mean over keys: the size of one ternary secret varies by 0.4 % (one standard deviation). */
static void assert_bounded_to(const errors *e, double least, double tail) {
    const double deviation = sqrt(e->squares / e->count);
    const double sampling = 1.02 + 5 / sqrt(e->count);
    if (deviation > e->bound * sampling || deviation < least * e->bound ||
        e->largest > tail * e->bound) {
        fail_msg("deviation %g, largest %g, bound %g", deviation, e->largest, e->bound);
    }
}

static void assert_bounded(const errors *e, double least) {
    assert_bounded_to(e, least, QF_SLOT_TAIL);
}

static void test_slots(void **state) {
    kit *k = *state;
    enum { TRIALS = 100 };
    errors fresh = {0}, seeded = {0}, sum = {0}, plain_sum = {0}, real = {0}, vector = {0};
    errors product = {0}, rotated = {0}, integer = {0}, dropped = {0};
    double x[SLOTS], y[SLOTS], expected[SLOTS];
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
        uniform_values(x, 2 * trial);
        uniform_values(y, 2 * trial + 1);
        qf_ciphertext a = encrypt_values(k, x, false), b = encrypt_values(k, y, true), c;
        qf_plaintext p = encode(k, y, 1, 0x1p40);

        ASSERT_OK(qf_ciphertext_copy(&a, &c, &error));
        judge(k, &c, x, &fresh);
        ASSERT_OK(qf_ciphertext_copy(&b, &c, &error));
        judge(k, &c, y, &seeded);

        for (size_t i = 0; i < SLOTS; i++) expected[i] = x[i] + y[i];
        ASSERT_OK(qf_ciphertext_copy(&a, &c, &error));
        ASSERT_OK(qf_ciphertext_add(&k->ckks, &c, &b, &error));
        judge(k, &c, expected, &sum);
        ASSERT_OK(qf_ciphertext_copy(&a, &c, &error));
        ASSERT_OK(qf_ciphertext_add_plain(&k->ckks, &c, &p, &error));
        judge(k, &c, expected, &plain_sum);

        for (size_t i = 0; i < SLOTS; i++) expected[i] = x[i] * -1.3;
        ASSERT_OK(qf_ciphertext_copy(&a, &c, &error));
        ASSERT_OK(qf_ciphertext_multiply_real(&k->ckks, &c, -1.3, 0x1p40, &error));
        ASSERT_OK(qf_ciphertext_rescale(&k->ckks, &c, &error));
        judge(k, &c, expected, &real);

        for (size_t i = 0; i < SLOTS; i++) expected[i] = x[i] * y[i];
        ASSERT_OK(qf_ciphertext_copy(&a, &c, &error));
        ASSERT_OK(qf_ciphertext_multiply_plain(&k->ckks, &c, &p, &error));
        ASSERT_OK(qf_ciphertext_rescale(&k->ckks, &c, &error));
        judge(k, &c, expected, &vector);
        ASSERT_OK(qf_ciphertext_copy(&a, &c, &error));
        ASSERT_OK(qf_ciphertext_multiply(&k->ckks, &c, &b, &k->relinearisation, &error));
        ASSERT_OK(qf_ciphertext_rescale(&k->ckks, &c, &error));
        judge(k, &c, expected, &product);

        for (size_t i = 0; i < SLOTS; i++) expected[i] = x[(i + STEPS) % SLOTS];
        ASSERT_OK(qf_ciphertext_copy(&a, &c, &error));
        ASSERT_OK(qf_ciphertext_rotate(&k->ckks, &c, &k->rotation, &error));
        judge(k, &c, expected, &rotated);

        for (size_t i = 0; i < SLOTS; i++) expected[i] = x[i] * -7;
        ASSERT_OK(qf_ciphertext_copy(&a, &c, &error));
        ASSERT_OK(qf_ciphertext_multiply_integer(&k->ckks, &c, -7, &error));
        judge(k, &c, expected, &integer);
        ASSERT_OK(qf_ciphertext_copy(&a, &c, &error));
        ASSERT_OK(qf_ciphertext_drop(&k->ckks, &c, 0, &error));
        judge(k, &c, x, &dropped);

        qf_plaintext_free(&p);
        qf_ciphertext_free(&a);
        qf_ciphertext_free(&b);
    }
    assert_bounded(&fresh, 0.9);
    assert_bounded(&seeded, 0.9);
    assert_bounded(&sum, 0.6);
    assert_bounded(&plain_sum, 0.6);
    assert_bounded(&real, 0.3);
    assert_bounded(&vector, 0.1);
    assert_bounded(&product, 0.1);
    assert_bounded(&rotated, 0.5);
    assert_bounded(&integer, 0.9);
    assert_bounded(&dropped, 0.9);
    /* TenSEAL's precision within a bit, and its errors' spread: the same noise. */
    assert_true(fabs(log2(fresh.sum_of_largest / fresh.trials / oracle_fresh_largest)) < 1);
    assert_true(fabs(sqrt(fresh.squares / fresh.count) / oracle_fresh_deviation - 1) < 0.05);
    assert_true(sqrt(sum.squares / sum.count) < 1.05 * oracle_sum_deviation);
    assert_true(sqrt(real.squares / real.count) < oracle_scalar_deviation);
    assert_true(sqrt(vector.squares / vector.count) < oracle_vector_deviation);
    assert_true(sqrt(product.squares / product.count) < oracle_product_deviation);
}

/* Two products deep, at the last level, and a product with itself. */
static void test_depth(void **state) {
    kit *k = *state;
    double x[SLOTS], expected[SLOTS];
    uniform_values(x, 77);
    qf_ciphertext c = encrypt_values(k, x, false);
    for (size_t i = 0; i < SLOTS; i++) expected[i] = pow(x[i], 4);
    for (int i = 0; i < 2; i++) {
        ASSERT_OK(qf_ciphertext_multiply(&k->ckks, &c, &c, &k->relinearisation, &error));
        ASSERT_OK(qf_ciphertext_rescale(&k->ckks, &c, &error));
    }
    assert_int_equal(c.level, 0);
    errors e = {0};
    ASSERT_STATUS(qf_ciphertext_rescale(&k->ckks, &c, &error), QF_DATA);
    judge(k, &c, expected, &e);
    assert_bounded(&e, 0);
    assert_true(e.largest < 1e-6);
}

static void test_slots_refused(void **state) {
    kit *k = *state;
    double x[SLOTS], values[SLOTS];
    uniform_values(x, 1);
    qf_plaintext p;
    ASSERT_STATUS(qf_slots_encode(&k->ckks, x, SLOTS + 1, 1, 0x1p40, &p, &error), QF_DATA);
    ASSERT_STATUS(qf_slots_encode(&k->ckks, x, SLOTS, 1, 0x1p62, &p, &error), QF_DATA);
    ASSERT_STATUS(qf_slots_encode(&k->ckks, x, SLOTS, 0.5, 0x1p40, &p, &error), QF_DATA);
    x[9] = NAN;
    ASSERT_STATUS(qf_slots_encode(&k->ckks, x, SLOTS, 1, 0x1p40, &p, &error), QF_DATA);
    x[9] = 0;
    qf_ciphertext a = encrypt_values(k, x, false), b = encrypt_values(k, x, false);

    ASSERT_OK(qf_ciphertext_drop(&k->ckks, &b, 1, &error));
    ASSERT_STATUS(qf_ciphertext_add(&k->ckks, &a, &b, &error), QF_MISMATCH);
    ASSERT_STATUS(qf_ciphertext_drop(&k->ckks, &b, 2, &error), QF_MISMATCH);
    ASSERT_OK(qf_ciphertext_drop(&k->ckks, &a, 1, &error));
    ASSERT_OK(qf_ciphertext_multiply_real(&k->ckks, &b, 0.5, 0x1p20, &error));
    ASSERT_STATUS(qf_ciphertext_add(&k->ckks, &a, &b, &error), QF_MISMATCH);
    ASSERT_STATUS(qf_ciphertext_multiply_real(&k->ckks, &b, 0, 0x1p20, &error), QF_DATA);
    /* 2^60 of 2^99, then 2^120. */
    ASSERT_STATUS(qf_ciphertext_multiply_real(&k->ckks, &b, 1, 0x1p41, &error), QF_DATA);
    ASSERT_STATUS(qf_ciphertext_multiply_integer(&k->ckks, &b, (int64_t)1 << 41, &error), QF_DATA);
    ASSERT_STATUS(qf_ciphertext_multiply_integer(&k->ckks, &b, 0, &error), QF_DATA);
    /* Rescaling what has no scale to spare leaves only noise. */
    ASSERT_STATUS(qf_ciphertext_rescale(&k->ckks, &a, &error), QF_DATA);
    ASSERT_OK(qf_decrypt_slots(&k->ckks, &k->secret, &a, values, &error));

    qf_secret_key other;
    qf_public_key other_public;
    ASSERT_OK(qf_key_pair(&k->ckks, &k->sampler, &other, &other_public, &error));
    ASSERT_STATUS(qf_decrypt_slots(&k->ckks, &other, &a, values, &error), QF_MISMATCH);
    int64_t integers[SLOTS];
    ASSERT_STATUS(qf_decrypt_integers(&k->ckks, &k->secret, &a, integers, &error), QF_MISMATCH);
    p = encode(k, x, 1, 0x1p40);
    qf_ciphertext c;
    ASSERT_OK(qf_encrypt(&k->ckks, &other_public, &p, &k->sampler, &c, &error));
    ASSERT_OK(qf_ciphertext_drop(&k->ckks, &c, 1, &error));
    ASSERT_STATUS(qf_ciphertext_add(&k->ckks, &a, &c, &error), QF_MISMATCH);
    ASSERT_STATUS(qf_ciphertext_multiply(&k->ckks, &c, &c, &k->relinearisation, &error),
                  QF_MISMATCH);
    ASSERT_STATUS(qf_ciphertext_rotate(&k->ckks, &c, &k->rotation, &error), QF_MISMATCH);
    qf_plaintext_free(&p);
    qf_ciphertext_free(&a);
    qf_ciphertext_free(&b);
    qf_ciphertext_free(&c);
    qf_secret_key_free(&other);
    qf_public_key_free(&other_public);
}

/* ---- Exact integers at the rounds' set ---- */

static void test_grid(void **state) {
    (void)state;
    const qf_grid grid = {.bits = 10, .limit = 2048};
    const double values[] = {0, 1, -2, 0.5 / 1024, 1.5 / 1024, 2.49999 / 1024, -1e-9};
    static const int64_t expected[] = {0, 1024, -2048, 0, 2, 2, 0};
    int64_t integers[7];
    ASSERT_OK(qf_grid_integers(&grid, values, 7, integers, &error));
    assert_memory_equal(integers, expected, sizeof expected);
    const double bad[] = {2.0006, -2.0006, NAN, INFINITY};
    for (size_t i = 0; i < 4; i++) {
        ASSERT_STATUS(qf_grid_integers(&grid, &bad[i], 1, integers, &error), QF_DATA);
    }
    assert_true(qf_grid_real(&grid, 1536, 3) == 0.5);
}

static qf_ciphertext encrypt_integers(kit *k, const int64_t *integers, size_t count, int64_t limit,
                                      unsigned scale_bits, bool seeded) {
    qf_plaintext plaintext;
    qf_ciphertext c;
    ASSERT_OK(
        qf_coefficients_encode(&k->ckks, integers, count, limit, scale_bits, &plaintext, &error));
    if (seeded) {
        ASSERT_OK(qf_encrypt_seeded(&k->ckks, &k->secret, &plaintext, &k->sampler, &c, &error));
    } else {
        ASSERT_OK(qf_encrypt(&k->ckks, &k->public_key, &plaintext, &k->sampler, &c, &error));
    }
    qf_plaintext_free(&plaintext);
    return c;
}

/* Weighted sums of full and cut polynomials, to the last unit. */
static void test_exact_sums(void **state) {
    kit *k = *state;
    enum { CLIENTS = 20, N = 4096 };
    const int64_t limit = (int64_t)1 << 25;
    int64_t *integers = malloc(N * sizeof *integers), *expected = malloc(N * sizeof *expected);
    int64_t *found = malloc(N * sizeof *found);
    static const size_t counts[] = {1, 15, 16, 17, 1000, N};
    for (size_t t = 0; t < sizeof counts / sizeof *counts; t++) {
        const size_t count = counts[t];
        qf_ciphertext sum = {0};
        memset(expected, 0, N * sizeof *expected);
        for (uint64_t i = 0; i < CLIENTS; i++) {
            const int64_t weight = (int64_t)i * 7 - 60;
            random_integers(integers, count, limit, i);
            integers[0] = i % 2 ? limit : -limit;
            qf_ciphertext c = encrypt_integers(k, integers, count, limit, 62, i % 3 == 0);
            if (i == 0) {
                ASSERT_OK(qf_ciphertext_copy(&c, &sum, &error));
                ASSERT_OK(qf_ciphertext_multiply_integer(&k->ckks, &sum, weight, &error));
            } else {
                ASSERT_OK(qf_ciphertext_add_multiple(&k->ckks, &sum, &c, weight, &error));
            }
            for (size_t j = 0; j < count; j++) expected[j] += weight * integers[j];
            qf_ciphertext_free(&c);
        }
        qf_plaintext p;
        random_integers(integers, count, limit, 99);
        ASSERT_OK(qf_coefficients_encode(&k->ckks, integers, count, limit, 62, &p, &error));
        ASSERT_OK(qf_ciphertext_add_plain(&k->ckks, &sum, &p, &error));
        qf_plaintext_free(&p);
        for (size_t j = 0; j < count; j++) expected[j] += integers[j];
        ASSERT_OK(qf_decrypt_integers(&k->ckks, &k->secret, &sum, found, &error));
        assert_memory_equal(found, expected, count * sizeof *found);
        qf_ciphertext_free(&sum);
    }
    free(integers);
    free(expected);
    free(found);
}

static void test_integers_refused(void **state) {
    kit *k = *state;
    const int64_t limit = (int64_t)1 << 30;
    int64_t integers[64] = {0}, found[64];
    qf_plaintext p;
    ASSERT_STATUS(qf_coefficients_encode(&k->ckks, integers, 0, limit, 62, &p, &error), QF_DATA);
    ASSERT_STATUS(qf_coefficients_encode(&k->ckks, integers, 64, 0, 62, &p, &error), QF_DATA);
    ASSERT_STATUS(qf_coefficients_encode(&k->ckks, integers, 64, limit, 70, &p, &error), QF_DATA);
    integers[3] = limit + 1;
    ASSERT_STATUS(qf_coefficients_encode(&k->ckks, integers, 64, limit, 62, &p, &error), QF_DATA);
    integers[3] = -limit - 1;
    ASSERT_STATUS(qf_coefficients_encode(&k->ckks, integers, 64, limit, 62, &p, &error), QF_DATA);
    integers[3] = 0;
    qf_ciphertext a = encrypt_integers(k, integers, 64, limit, 62, false);
    qf_ciphertext b = encrypt_integers(k, integers, 63, limit, 62, false);
    qf_ciphertext c = encrypt_integers(k, integers, 64, limit, 61, false);
    ASSERT_STATUS(qf_ciphertext_add(&k->ckks, &a, &b, &error), QF_MISMATCH);
    ASSERT_STATUS(qf_ciphertext_add(&k->ckks, &a, &c, &error), QF_MISMATCH);
    ASSERT_STATUS(qf_ciphertext_rescale(&k->ckks, &a, &error), QF_MISMATCH);
    ASSERT_STATUS(qf_ciphertext_multiply_plain(&k->ckks, &a, &p, &error), QF_MISMATCH);
    ASSERT_STATUS(qf_ciphertext_multiply_real(&k->ckks, &a, 2, 4, &error), QF_MISMATCH);
    /* 2^92 by 2^7 is past half of 2^100. */
    ASSERT_OK(qf_ciphertext_multiply_integer(&k->ckks, &a, 64, &error));
    ASSERT_STATUS(qf_ciphertext_multiply_integer(&k->ckks, &a, 2, &error), QF_DATA);
    ASSERT_STATUS(qf_ciphertext_add(&k->ckks, &a, &a, &error), QF_DATA);
    ASSERT_OK(qf_decrypt_integers(&k->ckks, &k->secret, &a, found, &error));
    /* A scale that the noise reaches. */
    ASSERT_OK(qf_coefficients_encode(&k->ckks, integers, 64, 4, 11, &p, &error));
    qf_ciphertext d;
    ASSERT_STATUS(qf_encrypt(&k->ckks, &k->public_key, &p, &k->sampler, &d, &error), QF_DATA);
    qf_plaintext_free(&p);
    qf_relinearisation_key key;
    ASSERT_STATUS(qf_relinearisation_key_make(&k->ckks, &k->secret, &k->sampler, &key, &error),
                  QF_USAGE);
    qf_ciphertext_free(&a);
    qf_ciphertext_free(&b);
    qf_ciphertext_free(&c);
}

/* The noise itself, coefficient by coefficient: c0 + c1 s less the message, modulo the first prime.
 */
static void collect_noise(const kit *k, const qf_ciphertext *c, const int64_t *message, errors *e) {
    const qf_ntt *ntt = &k->ckks.ntt[0];
    const qf_modulus *m = &ntt->modulus;
    const uint64_t scale = qf_mod_power_of_two(m, (unsigned)ilogb(c->scale));
    uint64_t *row = aligned_alloc(64, c->c1.n * sizeof *row);
    ntt->form->multiply(m, c->c1.n, c->c1.residues, k->secret.s.residues, row);
    ntt->form->inverse(ntt, row);
    double largest = 0;
    for (size_t i = 0; i < c->count; i++) {
        uint64_t rest = qf_mod_add(m, row[i], c->c0.residues[i]);
        const uint64_t scaled = qf_mod_multiply(m, qf_mod_signed_any(m, message[i]), scale);
        const double noise = (double)qf_mod_centred(m, qf_mod_subtract(m, rest, scaled));
        e->squares += noise * noise;
        if (fabs(noise) > largest) largest = fabs(noise);
    }
    e->count += (double)c->count;
    e->trials++;
    e->sum_of_largest += largest;
    if (largest > e->largest) e->largest = largest;
    e->bound = c->deviation;
    free(row);
}

/* 10,000 encryptions of each kind, a sum and a multiple of each. */
static void test_noise(void **state) {
    kit *k = *state;
    enum { TRIALS = 10000, COUNT = 256 };
    int64_t message[COUNT], sum[COUNT];
    errors public_key = {0}, secret_key = {0}, sums = {0}, multiples = {0};
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
        random_integers(message, COUNT, 1000, trial);
        qf_ciphertext a = encrypt_integers(k, message, COUNT, 1000, 40, false);
        qf_ciphertext b = encrypt_integers(k, message, COUNT, 1000, 40, true);
        collect_noise(k, &a, message, &public_key);
        collect_noise(k, &b, message, &secret_key);
        ASSERT_OK(qf_ciphertext_add_multiple(&k->ckks, &b, &a, -11, &error));
        for (size_t i = 0; i < COUNT; i++) sum[i] = -10 * message[i];
        collect_noise(k, &b, sum, &sums);
        ASSERT_OK(qf_ciphertext_multiply_integer(&k->ckks, &a, 9, &error));
        for (size_t i = 0; i < COUNT; i++) sum[i] = 9 * message[i];
        collect_noise(k, &a, sum, &multiples);
        qf_ciphertext_free(&a);
        qf_ciphertext_free(&b);
    }
    /* A public key's own errors are drawn once: their size varies by 1/sqrt(2 N), with the
     * secret's. */
    public_key.bound *= 1.05;
    multiples.bound *= 1.05;
    sums.bound *= 1.05;
    assert_bounded_to(&public_key, 0.85, QF_NOISE_TAIL);
    assert_bounded_to(&secret_key, 0.98, QF_NOISE_TAIL);
    assert_bounded_to(&sums, 0.85, QF_NOISE_TAIL);
    assert_bounded_to(&multiples, 0.85, QF_NOISE_TAIL);
}

/* ---- All levels of instructions ---- */

/* Keys, ciphertexts and results from the same seeds are the same bytes. */
static void test_same_bytes(void **state) {
    (void)state;
    static const char *const sets[] = {"paper", "rounds"};
    for (size_t set = 0; set < 2; set++) {
        qf_id ids[3] = {0};
        for (qf_simd simd = QF_SIMD_PORTABLE; simd <= qf_simd_best(); simd++) {
            const unsigned char seed[QF_SEED_SIZE] = {1, 2, 3};
            qf_ckks ckks = context_at(sets[set], simd);
            qf_sampler sampler = sampler_of(1);
            qf_member_secret secret;
            qf_member_public member;
            qf_public_key key;
            ASSERT_OK(qf_member_make(&ckks, seed, 1, &sampler, &secret, &member, &error));
            ASSERT_OK(qf_public_key_join(&ckks, &member, 1, &key, &error));
            double values[2048];
            int64_t integers[2048];
            for (size_t i = 0; i < 2048; i++) values[i] = sin((double)i);
            random_integers(integers, 2048, 1000, 5);
            qf_plaintext p;
            qf_ciphertext c;
            if (set == 0) {
                ASSERT_OK(qf_slots_encode(&ckks, values, 2048, 1, 0x1p40, &p, &error));
            } else {
                ASSERT_OK(qf_coefficients_encode(&ckks, integers, 2048, 1000, 62, &p, &error));
            }
            ASSERT_OK(qf_encrypt(&ckks, &key, &p, &sampler, &c, &error));
            ASSERT_OK(qf_ciphertext_multiply_integer(&ckks, &c, -3, &error));
            if (set == 0) {
                ASSERT_OK(qf_ciphertext_multiply_plain(&ckks, &c, &p, &error));
                ASSERT_OK(qf_ciphertext_rescale(&ckks, &c, &error));
            }
            ASSERT_OK(qf_ciphertext_identify(&ckks, &c, &ids[simd], &error));
            assert_true(qf_id_equal(&ids[simd], &ids[0]));
            qf_plaintext_free(&p);
            qf_ciphertext_free(&c);
            qf_public_key_free(&key);
            qf_member_public_free(&member);
            qf_member_secret_free(&secret);
            qf_sampler_free(&sampler);
            qf_ckks_free(&ckks);
        }
    }
}

/* ---- Bytes ---- */

static void test_bits(void **state) {
    (void)state;
    for (unsigned bits = QF_MODULUS_MIN_BITS; bits <= QF_MODULUS_MAX_BITS; bits++) {
        /* No prime is needed to pack. */
        const qf_modulus m = {.value = ((uint64_t)1 << bits) - 3, .bits = bits};
        for (size_t count = 1; count <= 70; count += 3) {
            uint64_t values[70], found[70];
            qf_random random = qf_random_stream(bits, "bits", count);
            for (size_t i = 0; i < count; i++) values[i] = qf_random_below(&random, m.value);
            values[count / 2] = m.value - 1;
            const size_t size = qf_bits_size(count, bits);
            unsigned char *bytes = malloc(size); /* to the byte, for a sanitizer */
            qf_bits_pack(values, count, bits, bytes);
            for (size_t bit = 0; bit < count * bits; bit++) {
                const unsigned expected = values[bit / bits] >> (bit % bits) & 1;
                assert_int_equal(bytes[bit / 8] >> (bit % 8) & 1, expected);
            }
            ASSERT_OK(qf_bits_unpack(bytes, count, &m, found, &error));
            assert_memory_equal(found, values, count * sizeof *values);
            if (count * bits % 8) {
                bytes[size - 1] |= 0x80;
                ASSERT_STATUS(qf_bits_unpack(bytes, count, &m, found, &error), QF_DATA);
            }
            for (uint64_t excess = 0; excess < 3; excess++) {
                values[count - 1] = m.value + excess;
                qf_bits_pack(values, count, bits, bytes);
                ASSERT_STATUS(qf_bits_unpack(bytes, count, &m, found, &error), QF_DATA);
            }
            free(bytes);
        }
    }
}

static unsigned char *packed(const kit *k, const qf_ciphertext *c, size_t *size) {
    *size = qf_ciphertext_body_size(&k->ckks, c);
    unsigned char *body = malloc(*size);
    qf_ciphertext_pack(&k->ckks, c, body);
    return body;
}

static void test_body(void **state) {
    kit *k = *state;
    int64_t integers[100], found[100];
    random_integers(integers, 100, 1000, 3);
    qf_id ids[2];
    for (int seeded = 0; seeded < 2; seeded++) {
        qf_ciphertext c = encrypt_integers(k, integers, 100, 1000, 62, seeded), d = c;
        size_t size;
        unsigned char *body = packed(k, &c, &size);
        /* 100 coefficients of c0 in 50 bits, twice, and c1 or its seed. */
        assert_int_equal(size, 2 * 625 + (seeded ? 32 : 2 * 4096 * 50 / 8));
        ASSERT_OK(qf_ciphertext_unpack(&k->ckks, body, size, &d, &error));
        ASSERT_OK(qf_decrypt_integers(&k->ckks, &k->secret, &d, found, &error));
        assert_memory_equal(found, integers, sizeof found);
        ASSERT_OK(qf_ciphertext_identify(&k->ckks, &c, &ids[0], &error));
        ASSERT_OK(qf_ciphertext_identify(&k->ckks, &d, &ids[1], &error));
        assert_true(qf_id_equal(&ids[0], &ids[1]));
        d.c0.residues[99] ^= 1;
        ASSERT_OK(qf_ciphertext_identify(&k->ckks, &d, &ids[1], &error));
        assert_false(qf_id_equal(&ids[0], &ids[1]));
        qf_ciphertext_free(&d);

        const qf_ciphertext good = c;
        ASSERT_STATUS(qf_ciphertext_unpack(&k->ckks, body, size - 1, &(qf_ciphertext){0}, &error),
                      QF_DATA);
        const qf_ciphertext bad[] = {{.level = 2},        {.count = 0},           {.count = 4097},
                                     {.parties = 0},      {.scale = 3},           {.scale = NAN},
                                     {.magnitude = 0},    {.magnitude = 0x1p100}, {.scale = 0},
                                     {.deviation = -1.0}, {.deviation = 0x1p62}};
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            d = good;
            if (i == 0) d.level = bad[i].level;
            if (i == 1 || i == 2) d.count = bad[i].count;
            if (i == 3) d.parties = bad[i].parties;
            if (i == 4 || i == 5 || i == 8) d.scale = bad[i].scale;
            if (i == 6 || i == 7) d.magnitude = bad[i].magnitude;
            if (i > 8) d.deviation = bad[i].deviation;
            ASSERT_STATUS(qf_ciphertext_unpack(&k->ckks, body, size, &d, &error), QF_DATA);
        }
        d = good;
        memset(body + size - 625, 0xff, 625);
        ASSERT_STATUS(qf_ciphertext_unpack(&k->ckks, body, size, &d, &error), QF_DATA);
        if (!seeded) {
            /* Transparent modulo one of the primes is enough to be refused. */
            qf_ciphertext_pack(&k->ckks, &c, body);
            memset(body, 0, 4096 * 50 / 8);
            d = good;
            ASSERT_STATUS(qf_ciphertext_unpack(&k->ckks, body, size, &d, &error), QF_DATA);
        }
        free(body);
        qf_ciphertext_free(&c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_small_distributions),
        cmocka_unit_test(test_uniform_distribution),
        cmocka_unit_test(test_flood_distribution),
        cmocka_unit_test(test_flood_residues),
        cmocka_unit_test(test_embedding),
        cmocka_unit_test(test_degrees),
        cmocka_unit_test(test_large_message),
        cmocka_unit_test_setup_teardown(test_slots, open_paper, close_kit),
        cmocka_unit_test_setup_teardown(test_depth, open_paper, close_kit),
        cmocka_unit_test_setup_teardown(test_slots_refused, open_paper, close_kit),
        cmocka_unit_test(test_grid),
        cmocka_unit_test_setup_teardown(test_exact_sums, open_rounds, close_kit),
        cmocka_unit_test_setup_teardown(test_integers_refused, open_rounds, close_kit),
        cmocka_unit_test_setup_teardown(test_noise, open_rounds, close_kit),
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_bits),
        cmocka_unit_test_setup_teardown(test_body, open_rounds, close_kit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
