/* ckks_streams DIRECTORY: writes a small stream of each type of lib/ckks there, for fuzz_streams to
 * mutate: a ring of degree 1024 with one prime, too small to keep anything secret for long. */
#include "ckks/ckks_wire.h"
#include "ckks/coefficients.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void check(qf_status status, const qf_error *error) {
    if (status == QF_OK) return;
    fprintf(stderr, "ckks_streams: %s\n", error->message);
    exit(status);
}

typedef struct made {
    qf_ckks ckks;
    qf_sampler sampler;
    qf_member_secret secret;
    qf_member_public member;
    qf_secret_share share;
    qf_public_key key;
    qf_ciphertext ciphertext;
    qf_partial partial;
} made;

static void make(made *m) {
    qf_error error;
    const qf_ckks_parameters parameters = {.n = 1024, .primes = 1, .bits = {26}, .scale_bits = 18};
    const unsigned char seed[QF_SEED_SIZE] = {1};
    const int64_t integers[] = {1, -2, 3};
    const unsigned set[] = {1};
    const qf_flooding flooding = {.decryptions = 1, .statistical_bits = 1};
    qf_plaintext p;
    check(qf_ckks_init(&m->ckks, &parameters, qf_simd_best(), &error), &error);
    check(qf_sampler_seeded(&m->sampler, seed, 0, &error), &error);
    check(qf_member_make(&m->ckks, seed, 1, &m->sampler, &m->secret, &m->member, &error), &error);
    check(qf_member_deal(&m->ckks, &m->secret, 1, 1, &m->sampler, &m->share, &error), &error);
    check(qf_public_key_join(&m->ckks, &m->member, 1, &m->key, &error), &error);
    check(qf_coefficients_encode(&m->ckks, integers, 3, 3, 18, &p, &error), &error);
    check(qf_encrypt(&m->ckks, &m->key, &p, &m->sampler, &m->ciphertext, &error), &error);
    check(qf_partial_decrypt(&m->ckks, &m->share, set, &m->ciphertext, &flooding, &m->sampler,
                             &m->partial, &error),
          &error);
    qf_plaintext_free(&p);
}

static qf_status write_items(qf_writer *writer, const made *m, const char *type, qf_error *error) {
    if (strcmp(type, "public-key") == 0) {
        return qf_public_key_write(writer, &m->ckks, &m->key, error);
    }
    if (strcmp(type, "key-part") == 0) {
        return qf_member_public_write(writer, &m->ckks, &m->member, error);
    }
    if (strcmp(type, "partial") == 0) {
        return qf_partial_write(writer, &m->ckks, &m->partial, error);
    }
    QF_TRY(qf_ciphertext_write(writer, &m->ckks, &m->ciphertext, error));
    return qf_ciphertext_write(writer, &m->ckks, &m->ciphertext, error);
}

static void write_stream(const made *m, const char *directory, const char *type) {
    char path[4096];
    char tool[] = "ckks_streams", version[] = "1";
    qf_error error;
    qf_session session = {.self = {.tool = tool, .version = version}};
    qf_writer writer = {0};
    qf_record header = {0};
    snprintf(path, sizeof path, "%s/%s.qf", directory, type);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0) exit(QF_CANNOT_CREATE);
    check(qf_ckks_describe(&m->ckks, &header, &error), &error);
    check(qf_writer_open(&writer, &session, fd, path, type, NULL, &header, &error), &error);
    check(write_items(&writer, m, type, &error), &error);
    check(qf_writer_close(&writer, &error), &error);
    qf_writer_free(&writer);
    qf_record_free(&header);
    close(fd);
}

int main(int argc, char **argv) {
    made m = {0};
    if (argc != 2) return QF_USAGE;
    make(&m);
    static const char *const types[] = {"ciphertext", "public-key", "key-part", "partial"};
    for (size_t i = 0; i < 4; i++) write_stream(&m, argv[1], types[i]);
    qf_partial_free(&m.partial);
    qf_ciphertext_free(&m.ciphertext);
    qf_public_key_free(&m.key);
    qf_secret_share_free(&m.share);
    qf_member_public_free(&m.member);
    qf_member_secret_free(&m.secret);
    qf_sampler_free(&m.sampler);
    qf_ckks_free(&m.ckks);
    return 0;
}
