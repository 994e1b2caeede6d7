/* round_kit: a committee in one process, for tests of what goes to it and comes from it: three
 * members, whose secrets a number expands to, two of whom decrypt.
 *
 *   round_kit key NUMBER [ROSTER] > public.qf
 *   round_kit open NUMBER SUM > model.qf */
#include "crypto/identity_wire.h"
#include "federated/federated_wire.h"
#include "model/model_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PARTIES = 3, THRESHOLD = 2 };

static void check(qf_status status, const qf_error *error) {
    if (status == QF_OK) return;
    fprintf(stderr, "round_kit: error: %s\n", error->message);
    exit(status);
}

typedef struct committee {
    qf_member_public members[PARTIES];
    qf_secret_share shares[PARTIES];
} committee;

static void gather(const qf_ckks *ckks, const qf_terms *terms, const char *number, committee *c) {
    qf_error error;
    qf_sampler sampler;
    unsigned char secret_seed[QF_SEED_SIZE] = {0}, seed[QF_SEED_SIZE];
    memcpy(secret_seed, number, strnlen(number, sizeof secret_seed));
    check(qf_sampler_seeded(&sampler, secret_seed, 1, &error), &error);
    check(qf_terms_seed(ckks, terms, seed, &error), &error);
    *c = (committee){0};
    for (unsigned i = 0; i < PARTIES; i++) {
        qf_member_secret secret = {0};
        qf_secret_share dealt[PARTIES] = {0};
        check(qf_member_make(ckks, seed, i + 1, &sampler, &secret, &c->members[i], &error), &error);
        check(qf_member_deal(ckks, &secret, THRESHOLD, PARTIES, &sampler, dealt, &error), &error);
        for (size_t j = 0; j < PARTIES; j++) {
            check(qf_secret_share_add(ckks, &c->shares[j], &dealt[j], &error), &error);
            qf_secret_share_free(&dealt[j]);
        }
        qf_member_secret_free(&secret);
    }
    qf_sampler_free(&sampler);
}

static void free_committee(committee *c) {
    for (size_t i = 0; i < PARTIES; i++) {
        qf_member_public_free(&c->members[i]);
        qf_secret_share_free(&c->shares[i]);
    }
}

static void write_key(qf_session *session, const char *number, const char *roster_path) {
    qf_error error;
    qf_ckks_parameters parameters;
    qf_roster roster = {0};
    committee c;
    qf_joint_key key = {.terms = {.parties = PARTIES,
                                  .threshold = THRESHOLD,
                                  .contributors = 2,
                                  .most_contributors = 16,
                                  .weight = 1000,
                                  .grid_bits = 14,
                                  .flooding = {.decryptions = 1000, .statistical_bits = 40}}};
    if (roster_path) check(qf_roster_read(session, roster_path, &roster, &error), &error);
    check(qf_roster_digest(&roster, key.terms.roster.bytes, &error), &error);
    check(qf_ckks_parameters_named("rounds", &parameters, &error), &error);
    check(qf_ckks_init(&key.ckks, &parameters, qf_simd_best(), &error), &error);
    gather(&key.ckks, &key.terms, number, &c);
    check(qf_public_key_join(&key.ckks, c.members, PARTIES, &key.key, &error), &error);
    check(qf_joint_key_write(session, STDOUT_FILENO, "standard output", &key, &error), &error);
    qf_joint_key_free(&key);
    free_committee(&c);
    qf_roster_free(&roster);
}

static void open_piece(const qf_ckks *ckks, const qf_terms *terms, const committee *c,
                       const qf_ciphertext *piece, int64_t *integers) {
    static const unsigned set[THRESHOLD] = {1, 3};
    const qf_flooding flooding = qf_terms_flooding(terms);
    qf_error error;
    qf_partial partials[THRESHOLD] = {0};
    qf_sampler sampler;
    check(qf_sampler_secret(&sampler, &error), &error);
    for (size_t i = 0; i < THRESHOLD; i++) {
        check(qf_partial_decrypt(ckks, &c->shares[set[i] - 1], set, piece, &flooding, &sampler,
                                 &partials[i], &error),
              &error);
    }
    check(qf_partials_combine(ckks, piece, partials, THRESHOLD, integers, &error), &error);
    for (size_t i = 0; i < THRESHOLD; i++) qf_partial_free(&partials[i]);
    qf_sampler_free(&sampler);
}

static void open_sum(qf_session *session, const char *number, const char *path) {
    qf_error error;
    qf_ckks ckks;
    qf_sum sum;
    qf_plan plan;
    qf_model model;
    committee c;
    check(qf_sum_read(session, path, qf_simd_best(), &ckks, &sum, &error), &error);
    check(qf_sum_check_contributors(&sum, &error), &error);
    check(qf_terms_plan(&ckks, &sum.subject.terms, &plan, &error), &error);
    gather(&ckks, &sum.subject.terms, number, &c);
    int64_t *integers = qf_new_array(sum.subject.count, sizeof *integers, &error);
    if (!integers) exit(QF_MEMORY);
    for (size_t i = 0; i < sum.piece_count; i++) {
        open_piece(&ckks, &sum.subject.terms, &c, &sum.pieces[i], integers + i * ckks.n);
    }
    check(qf_sum_model(&sum, &plan.grid, integers, &model, &error), &error);
    check(qf_model_write(session, STDOUT_FILENO, "standard output", &model, &error), &error);
    qf_model_free(&model);
    free(integers);
    free_committee(&c);
    qf_sum_free(&sum);
    qf_ckks_free(&ckks);
}

int main(int argc, char **argv) {
    char tool[] = "round_kit", version[] = "1";
    qf_error error;
    qf_session session = {0};
    session.self.tool = qf_copy_text(tool, &error);
    session.self.version = qf_copy_text(version, &error);
    if (argc >= 3 && strcmp(argv[1], "key") == 0) {
        write_key(&session, argv[2], argc > 3 ? argv[3] : NULL);
    } else if (argc == 4 && strcmp(argv[1], "open") == 0) {
        open_sum(&session, argv[2], argv[3]);
    } else {
        fprintf(stderr, "usage: round_kit key NUMBER [ROSTER] | open NUMBER SUM\n");
        return QF_USAGE;
    }
    qf_session_free(&session);
    return 0;
}
