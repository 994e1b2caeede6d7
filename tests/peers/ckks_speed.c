/* make ckks-speed: what CKKS takes, by the wall clock, the shortest of many, one thread, at the
 * SIMD level of QF_SIMD.
 *
 *     ckks_speed            all operations, a line each
 *     ckks_speed OPERATION  that one: its seconds, the bytes of its result and the largest error of
 *                           its decryption: for make peers
 *
 * encrypt, add, scalar, vector, product, rotate, decrypt and serialise are at the paper's set on
 * 4096 values, encoding and rescaling included, in place; parameters and parameters-seeded encrypt
 * 100,000 values at the rounds' set, from reals to bytes ready to be sent. */
#include "ckks/coefficients.h"
#include "ckks/evaluate.h"
#include "ckks/packed.h"
#include "ckks/slots.h"
#include "machine.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 4096, PARAMETERS = 100000, ROUNDS = 40, GRID_BITS = 20 };

typedef struct bench {
    qf_ckks paper, rounds;
    qf_sampler sampler;
    qf_secret_key secret, rounds_secret;
    qf_public_key key, rounds_key;
    qf_relinearisation_key relinearisation;
    qf_rotation_key rotation;
    double x[SLOTS], y[SLOTS], found[SLOTS], expected[SLOTS];
    double *parameters;
    qf_ciphertext a, b, work;
    unsigned char *bytes; /* of encrypted parameters */
    size_t size;
} bench;

static qf_status encrypt(bench *b, const double *values, qf_ciphertext *to, qf_error *error) {
    qf_plaintext p;
    QF_TRY(qf_slots_encode(&b->paper, values, SLOTS, 1, 0x1p40, &p, error));
    const qf_status status = qf_encrypt(&b->paper, &b->key, &p, &b->sampler, to, error);
    qf_plaintext_free(&p);
    return status;
}

/* ---- Operations: `work` is a copy of a where they start ---- */

static qf_status run_encrypt(bench *b, qf_error *error) {
    qf_ciphertext_free(&b->work);
    return encrypt(b, b->x, &b->work, error);
}

static qf_status run_add(bench *b, qf_error *error) {
    return qf_ciphertext_add(&b->paper, &b->work, &b->b, error);
}

static qf_status run_scalar(bench *b, qf_error *error) {
    QF_TRY(qf_ciphertext_multiply_real(&b->paper, &b->work, 1.5, 0x1p40, error));
    return qf_ciphertext_rescale(&b->paper, &b->work, error);
}

static qf_status run_vector(bench *b, qf_error *error) {
    qf_plaintext p;
    QF_TRY(qf_slots_encode(&b->paper, b->y, SLOTS, 1, 0x1p40, &p, error));
    qf_status status = qf_ciphertext_multiply_plain(&b->paper, &b->work, &p, error);
    if (status == QF_OK) status = qf_ciphertext_rescale(&b->paper, &b->work, error);
    qf_plaintext_free(&p);
    return status;
}

static qf_status run_product(bench *b, qf_error *error) {
    QF_TRY(qf_ciphertext_multiply(&b->paper, &b->work, &b->b, &b->relinearisation, error));
    return qf_ciphertext_rescale(&b->paper, &b->work, error);
}

static qf_status run_rotate(bench *b, qf_error *error) {
    return qf_ciphertext_rotate(&b->paper, &b->work, &b->rotation, error);
}

static qf_status run_decrypt(bench *b, qf_error *error) {
    return qf_decrypt_slots(&b->paper, &b->secret, &b->work, b->found, error);
}

static qf_status run_serialise(bench *b, qf_error *error) {
    unsigned char *body = qf_new_array(qf_ciphertext_body_size(&b->paper, &b->work), 1, error);
    if (!body) return QF_MEMORY;
    b->size = qf_ciphertext_body_size(&b->paper, &b->work);
    qf_ciphertext_pack(&b->paper, &b->work, body);
    free(body);
    return QF_OK;
}

static qf_status encrypt_piece(bench *b, const int64_t *integers, size_t count, bool seeded,
                               qf_ciphertext *c, qf_error *error) {
    qf_plaintext p;
    QF_TRY(qf_coefficients_encode(&b->rounds, integers, count, (int64_t)1 << GRID_BITS, 62, &p,
                                  error));
    const qf_status status =
        seeded ? qf_encrypt_seeded(&b->rounds, &b->rounds_secret, &p, &b->sampler, c, error)
               : qf_encrypt(&b->rounds, &b->rounds_key, &p, &b->sampler, c, error);
    qf_plaintext_free(&p);
    return status;
}

static qf_status encrypt_parameters(bench *b, bool seeded, qf_error *error) {
    const qf_grid grid = {.bits = GRID_BITS, .limit = (int64_t)1 << GRID_BITS};
    int64_t integers[SLOTS];
    b->size = 0;
    for (size_t first = 0; first < PARAMETERS; first += SLOTS) {
        const size_t count = PARAMETERS - first < SLOTS ? PARAMETERS - first : SLOTS;
        qf_ciphertext c;
        QF_TRY(qf_grid_integers(&grid, b->parameters + first, count, integers, error));
        QF_TRY(encrypt_piece(b, integers, count, seeded, &c, error));
        qf_ciphertext_pack(&b->rounds, &c, b->bytes + b->size);
        b->size += qf_ciphertext_body_size(&b->rounds, &c);
        qf_ciphertext_free(&c);
    }
    return QF_OK;
}

static qf_status run_parameters(bench *b, qf_error *error) {
    return encrypt_parameters(b, false, error);
}

static qf_status run_parameters_seeded(bench *b, qf_error *error) {
    return encrypt_parameters(b, true, error);
}

typedef struct operation {
    const char *name;
    qf_status (*run)(bench *b, qf_error *error);
    double (*expected)(double x, double y); /* of a slot; NULL: nothing is decrypted */
} operation;

static double first_of(double x, double y) {
    (void)y;
    return x;
}

static double sum_of(double x, double y) {
    return x + y;
}

static double scaled(double x, double y) {
    (void)y;
    return 1.5 * x;
}

static double product_of(double x, double y) {
    return x * y;
}

static const operation operations[] = {
    {"encrypt", run_encrypt, first_of},   {"add", run_add, sum_of},
    {"scalar", run_scalar, scaled},       {"vector", run_vector, product_of},
    {"product", run_product, product_of}, {"rotate", run_rotate, NULL},
    {"decrypt", run_decrypt, first_of},   {"serialise", run_serialise, first_of},
    {"parameters", run_parameters, NULL}, {"parameters-seeded", run_parameters_seeded, NULL},
};

static qf_status set_up(bench *b, qf_simd simd, qf_error *error) {
    qf_ckks_parameters p;
    QF_TRY(qf_ckks_parameters_named("paper", &p, error));
    QF_TRY(qf_ckks_init(&b->paper, &p, simd, error));
    QF_TRY(qf_ckks_parameters_named("rounds", &p, error));
    QF_TRY(qf_ckks_init(&b->rounds, &p, simd, error));
    QF_TRY(qf_sampler_secret(&b->sampler, error));
    QF_TRY(qf_key_pair(&b->paper, &b->sampler, &b->secret, &b->key, error));
    QF_TRY(qf_key_pair(&b->rounds, &b->sampler, &b->rounds_secret, &b->rounds_key, error));
    QF_TRY(qf_relinearisation_key_make(&b->paper, &b->secret, &b->sampler, &b->relinearisation,
                                       error));
    QF_TRY(qf_rotation_key_make(&b->paper, &b->secret, 1, &b->sampler, &b->rotation, error));
    b->parameters = qf_new_array(PARAMETERS, sizeof *b->parameters, error);
    b->bytes = qf_new_array((size_t)1 << 22, 1, error);
    if (!b->parameters || !b->bytes) return QF_MEMORY;
    for (size_t i = 0; i < PARAMETERS; i++) b->parameters[i] = sin((double)i);
    for (size_t i = 0; i < SLOTS; i++) {
        b->x[i] = fabs(sin((double)i));
        b->y[i] = fabs(cos(3.0 * (double)i));
    }
    QF_TRY(encrypt(b, b->x, &b->a, error));
    return encrypt(b, b->y, &b->b, error);
}

static void tear_down(bench *b) {
    qf_ciphertext_free(&b->a);
    qf_ciphertext_free(&b->b);
    qf_ciphertext_free(&b->work);
    free(b->parameters);
    free(b->bytes);
    qf_rotation_key_free(&b->rotation);
    qf_relinearisation_key_free(&b->relinearisation);
    qf_public_key_free(&b->key);
    qf_public_key_free(&b->rounds_key);
    qf_secret_key_free(&b->secret);
    qf_secret_key_free(&b->rounds_secret);
    qf_sampler_free(&b->sampler);
    qf_ckks_free(&b->paper);
    qf_ckks_free(&b->rounds);
    free(b);
}

static double largest_error(bench *b, const operation *o, qf_error *error) {
    double largest = 0;
    if (!o->expected) return 0;
    if (qf_decrypt_slots(&b->paper, &b->secret, &b->work, b->found, error) != QF_OK) return NAN;
    for (size_t i = 0; i < SLOTS; i++) {
        largest = fmax(largest, fabs(b->found[i] - o->expected(b->x[i], b->y[i])));
    }
    return largest;
}

static qf_status measure(bench *b, const operation *o, bool named, qf_error *error) {
    double least = INFINITY;
    for (size_t round = 0; round < ROUNDS; round++) {
        qf_ciphertext_free(&b->work);
        QF_TRY(qf_ciphertext_copy(&b->a, &b->work, error));
        const double start = machine_now(CLOCK_MONOTONIC);
        QF_TRY(o->run(b, error));
        least = fmin(least, machine_now(CLOCK_MONOTONIC) - start);
    }
    const double wrong = largest_error(b, o, error);
    if (named) {
        printf("%.9g %zu %.3g\n", least, b->size, wrong);
    } else {
        printf("  %-18s %9.1f us", o->name, 1e6 * least);
        if (o->expected) printf("   largest error 2^%.1f", log2(wrong));
        if (o->run == run_serialise || o->run == run_parameters || o->run == run_parameters_seeded)
            printf("   %zu bytes", b->size);
        printf("\n");
    }
    return QF_OK;
}

int main(int argc, char **argv) {
    qf_error error = {0};
    qf_simd simd;
    qf_status status = qf_simd_choose(getenv("QF_SIMD"), &simd, &error);
    bench *b = calloc(1, sizeof *b);
    if (!b) return QF_MEMORY;
    if (status == QF_OK) status = set_up(b, simd, &error);
    if (status == QF_OK && argc < 2) printf("CKKS, one thread, %s:\n", qf_simd_name(simd));
    for (size_t i = 0; status == QF_OK && i < sizeof operations / sizeof *operations; i++) {
        if (argc > 1 && strcmp(argv[1], operations[i].name) != 0) continue;
        status = measure(b, &operations[i], argc > 1, &error);
    }
    if (status != QF_OK) fprintf(stderr, "ckks_speed: error: %s\n", error.message);
    tear_down(b);
    return status;
}
