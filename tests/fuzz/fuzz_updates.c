/* fuzz_updates COUNT FILE...: mutates public keys, contributions and sums and decodes them, COUNT
 * times each. Half of all mutations are in the first bytes, where the fields are; digests of
 * streams are mended. A mutant of contributions comes behind what it was made from, too, as one
 * that is added to others. */
#include "base/file.h"
#include "federated/federated_wire.h"
#include "model/model.h"
#include "mutate.h"

#include <stdio.h>

enum { HEAD = 3000 };

static void decode_key(qf_session *session, const char *path, qf_error *error) {
    qf_joint_key key;
    if (qf_joint_key_read(session, path, qf_simd_best(), &key, error) == QF_OK) {
        qf_joint_key_free(&key);
    }
}

/* What was accepted must also be safe to use. */
static void use_sum(const qf_ckks *ckks, const qf_sum *sum) {
    qf_error error;
    qf_plan plan;
    qf_model model;
    int64_t *integers = calloc(sum->subject.count, sizeof *integers);
    if (qf_terms_plan(ckks, &sum->subject.terms, &plan, &error) == QF_OK &&
        qf_sum_model(sum, &plan.grid, integers, &model, &error) == QF_OK) {
        qf_model_free(&model);
    }
    free(integers);
}

static void decode_sum(qf_session *session, const char *path, qf_error *error) {
    qf_ckks ckks;
    qf_sum sum;
    if (qf_sum_read(session, path, qf_simd_best(), &ckks, &sum, error) != QF_OK) return;
    use_sum(&ckks, &sum);
    qf_sum_free(&sum);
    qf_ckks_free(&ckks);
}

static void decode_contributions(qf_session *session, const char *path, qf_error *error) {
    static const qf_sum_expectations any = {0};
    qf_reader reader;
    qf_ckks ckks;
    qf_sum sum;
    if (qf_reader_open(&reader, session, path, "contribution", error) == QF_OK &&
        qf_contributions_sum(&reader, qf_simd_best(), &any, &ckks, &sum, error) == QF_OK) {
        use_sum(&ckks, &sum);
        qf_sum_free(&sum);
        qf_ckks_free(&ckks);
    }
    qf_reader_close(&reader);
}

static void decode(const unsigned char *before, size_t before_length, const unsigned char *data,
                   size_t length) {
    typedef void decoder(qf_session *, const char *, qf_error *);
    static decoder *const decoders[] = {decode_key, decode_sum, decode_contributions};
    char path[64];
    int fd;
    qf_error error;
    if (qf_open_spill(&fd, &error) != QF_OK) exit(73);
    if (qf_write_all(fd, before, before_length, "mutant", &error) != QF_OK) exit(74);
    if (qf_write_all(fd, data, length, "mutant", &error) != QF_OK) exit(74);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    for (size_t i = 0; i < sizeof decoders / sizeof *decoders; i++) {
        qf_session session = {0};
        decoders[i](&session, path, &error);
        qf_session_free(&session);
    }
    close(fd);
}

static size_t mutate_somewhere(qf_random *random, unsigned char *data, size_t length, size_t room) {
    const bool head = length > 2 * HEAD && qf_random_below(random, 2) == 0;
    const size_t now = mutate(random, data, length, room, head ? length - HEAD : QF_DIGEST_SIZE);
    SHA256(data, now - QF_DIGEST_SIZE, data + now - QF_DIGEST_SIZE);
    return now;
}

int main(int argc, char **argv) {
    const uint64_t count = argc > 2 ? strtoull(argv[1], NULL, 10) : 0;
    if (count == 0) {
        fprintf(stderr, "usage: fuzz_updates COUNT FILE...\n");
        return 64;
    }
    for (int i = 2; i < argc; i++) {
        size_t length;
        unsigned char *valid = load(argv[i], &length);
        const size_t room = length + 64;
        unsigned char *mutant = malloc(room);
        for (uint64_t round = 0; round < count; round++) {
            qf_random random = qf_random_stream(round, "fuzz", (uint64_t)i);
            memcpy(mutant, valid, length);
            const size_t now = mutate_somewhere(&random, mutant, length, room);
            decode(valid, round % 2 ? length : 0, mutant, now);
        }
        free(mutant);
        free(valid);
    }
    printf("%llu mutants of %d inputs decoded\n", (unsigned long long)count, argc - 2);
    return 0;
}
