/* Contributions to a sum of models, and their sum: exact integers, the same for every order; what
 * was not made by the terms is refused, whoever signed it. */
#include "ckks_kit.h"

#include "ckks/coefficients.h"
#include "ckks/encrypt.h"
#include "ckks/packed.h"
#include "federated/federated_wire.h"
#include "federated/subject_wire.h"
#include "model/model_wire.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

enum { MODELS = 3, COLUMNS = 4096 }; /* a logistic model of as many columns has one number more */

/* A key whose secret the test has. */
static struct {
    qf_joint_key key;
    qf_secret_key secret;
    qf_sampler sampler;
} our;

static qf_terms some_terms(void) {
    return (qf_terms){.parties = 1,
                      .threshold = 1,
                      .contributors = 2,
                      .most_contributors = 8,
                      .weight = 100,
                      .grid_bits = 14,
                      .flooding = {.decryptions = 100, .statistical_bits = 40}};
}

static int make_key(void **unused) {
    (void)unused;
    our.key.ckks = context_at("rounds", qf_simd_best());
    our.key.terms = some_terms();
    our.sampler = sampler_of(3);
    ASSERT_OK(qf_terms_plan(&our.key.ckks, &our.key.terms, &our.key.plan, &error));
    ASSERT_OK(qf_key_pair(&our.key.ckks, &our.sampler, &our.secret, &our.key.key, &error));
    return 0;
}

static int free_key(void **unused) {
    (void)unused;
    qf_secret_key_free(&our.secret);
    qf_sampler_free(&our.sampler);
    qf_joint_key_free(&our.key);
    return 0;
}

/* ---- Terms ---- */

static void a_plan_leaves_room_for_everything(void **unused) {
    (void)unused;
    static const unsigned committees[][2] = {{2, 2}, {10, 3}, {100, 10}};
    for (size_t i = 0; i < 3; i++) {
        qf_terms t = some_terms();
        qf_plan plan;
        t.parties = committees[i][0];
        t.threshold = committees[i][1];
        t.most_contributors = 16;
        t.flooding.statistical_bits = 30;
        ASSERT_OK(qf_terms_plan(&our.key.ckks, &t, &plan, &error));
        qf_ciphertext sum = {.packing = QF_COEFFICIENTS, .level = 1};
        qf_piece_bounds(&plan, t.weight, t.most_contributors, &sum);
        ASSERT_OK(qf_ciphertext_check(&our.key.ckks, &sum, &error));
        const double noise =
            QF_NOISE_TAIL * sum.deviation + qf_flood_bound(plan.flood_bits, t.threshold);
        assert_true(noise < sum.scale / 2);
        assert_true(log2(sum.magnitude + noise) < our.key.ckks.log_q[1] - 1);
        /* As the formula of threshold.h has it, with what all honest members answer. */
        const double answers = t.flooding.decryptions * (t.parties - t.threshold + 1);
        const double least = exp2(30) * sqrt(1.05 * answers * 4096) * sum.deviation;
        assert_true(ldexp(1, (int)plan.flood_bits) * sqrt(4.0 / 3) >= least);
        /* Twenty bits of the limit matter. */
        int64_t limit = plan.grid.limit;
        while (limit % 2 == 0) limit /= 2;
        assert_true(limit < (int64_t)1 << 21);
    }
}

/* Terms with one number out of range, and its name; NULL after the last. */
static const char *worsen(qf_terms *t, size_t which) {
    *t = some_terms();
    switch (which) {
    case 0:
        return t->parties = 0, "parties";
    case 1:
        return t->parties = QF_MAX_PARTIES + 1, "parties";
    case 2:
        return t->threshold = 0, "threshold";
    case 3:
        return t->threshold = 2, "threshold";
    case 4:
        return t->contributors = 1, "contributors";
    case 5:
        return t->contributors = 9, "contributors";
    case 6:
        return t->most_contributors = QF_MAX_CONTRIBUTORS + 1, "most_contributors";
    case 7:
        return t->weight = 7, "most_weight";
    case 8:
        return t->weight = QF_MAX_WEIGHT + 1, "most_weight";
    case 9:
        return t->grid_bits = 0, "grid_bits";
    case 10:
        return t->grid_bits = QF_MAX_GRID_BITS + 1, "grid_bits";
    case 11:
        return t->flooding.decryptions = 0, "decryptions";
    case 12:
        return t->flooding.statistical_bits = QF_LEAST_STATISTICAL_BITS - 1, "statistical_bits";
    case 13:
        return t->generation = -1, "generation";
    default:
        return NULL;
    }
}

static void terms_out_of_range_are_refused_by_name(void **unused) {
    (void)unused;
    const qf_terms good = some_terms();
    qf_terms bad;
    qf_plan plan;
    qf_error problem;
    size_t count = 0;
    for (const char *name; (name = worsen(&bad, count)); count++) {
        char start[64];
        snprintf(start, sizeof start, "terms: %s is ", name);
        assert_int_equal(qf_terms_plan(&our.key.ckks, &bad, &plan, &problem), QF_USAGE);
        assert_memory_equal(problem.message, start, strlen(start));
        assert_int_equal(qf_terms_match(&bad, &good, &problem), QF_MISMATCH);
        assert_memory_equal(problem.message, start, strlen(start));
    }
    assert_int_equal(count, 14);
    bad = some_terms();
    bad.grid_bits = 40; /* no room for numbers up to 1 */
    assert_int_equal(qf_terms_plan(&our.key.ckks, &bad, &plan, &problem), QF_DATA);
}

/* ---- Models ---- */

/* A logistic model, whose numbers are values[columns + 1]. */
static qf_model model_of(size_t columns, const double *values) {
    qf_model model;
    qf_record parameters = {0};
    qf_trainables list = {0};
    const qf_model_kind *kind;
    char(*names)[24] = calloc(columns, sizeof *names);
    const char **pointers = calloc(columns, sizeof *pointers);
    for (size_t c = 0; c < columns; c++) {
        snprintf(names[c], sizeof *names, "c%zu", c);
        pointers[c] = names[c];
    }
    ASSERT_OK(qf_model_kind_find("logistic", &kind, &error));
    ASSERT_OK(qf_parameters_default(kind, &parameters, &error));
    ASSERT_OK(qf_model_init(&model, kind, columns, pointers, "y", &parameters, 1, &error));
    ASSERT_OK(qf_model_blank(&model, &error));
    ASSERT_OK(qf_model_trainable(&model, &list, &error));
    for (size_t i = 0, at = 0; i < list.count; i++) {
        for (size_t k = 0; k < list.items[i].rows; k++) list.items[i].values[k] = values[at++];
    }
    qf_trainables_free(&list);
    qf_record_free(&parameters);
    free(pointers);
    free(names);
    return model;
}

static void numbers_round_to_the_grid(void **unused) {
    (void)unused;
    const double step = 0x1p-14;
    const double values[] = {0,           -0.0,         step,       -3 * step,
                             0.5 * step,  1.5 * step,   2.5 * step, -0.5 * step,
                             0.51 * step, -1.49 * step, 1.0 / 3,    -7};
    const int64_t expected[] = {0, 0, 1, -3, 0, 2, 2, 0, 1, -1, 5461, -7 * 16384};
    enum { COUNT = sizeof values / sizeof *values };
    int64_t integers[COUNT];
    qf_model model = model_of(COUNT - 1, values);
    ASSERT_OK(qf_subject_integers(&model, &our.key.plan.grid, 1, integers, &error));
    for (size_t i = 0; i < COUNT; i++) assert_int_equal(integers[i], expected[i]);
    ASSERT_OK(qf_subject_integers(&model, &our.key.plan.grid, 9, integers, &error));
    for (size_t i = 0; i < COUNT; i++) assert_int_equal(integers[i], 9 * expected[i]);
    qf_model_free(&model);
}

static void the_range_ends_where_it_says(void **unused) {
    (void)unused;
    qf_error problem;
    int64_t integers[3];
    const qf_grid grid = {14, 1000};
    const double inside[] = {1000 * 0x1p-14, -1000.5 * 0x1p-14, 0};
    const double outside[] = {0, 1001 * 0x1p-14, 0};
    qf_model model = model_of(2, inside);
    ASSERT_OK(qf_subject_integers(&model, &grid, 1, integers, &error));
    assert_int_equal(integers[0], 1000);
    assert_int_equal(integers[1], -1000); /* half a step rounds to even */
    qf_model_free(&model);
    model = model_of(2, outside);
    assert_int_equal(qf_subject_integers(&model, &grid, 1, integers, &problem), QF_DATA);
    assert_non_null(strstr(problem.message, "array \"coefficients\": value 2 is "));
    qf_model_free(&model);
}

/* ---- Contributions ---- */

static void write_model(const qf_model *model, int fd) {
    char tool[] = "qf-test", version[] = "1";
    qf_session session = {.self = {.tool = tool, .version = version}};
    ASSERT_OK(qf_model_write(&session, fd, "model", model, &error));
}

/* An unlinked file, and how to open it again. */
static int open_file(char path[32]) {
    char name[] = "/tmp/qf-updates-XXXXXX";
    const int fd = mkstemp(name);
    assert_true(fd >= 0);
    unlink(name);
    snprintf(path, 32, "/dev/fd/%d", fd);
    return fd;
}

static void contribute(const qf_model *model, uint32_t party, int64_t weight, int fd) {
    char path[32], tool[] = "qf-test", version[] = "1";
    const qf_contribution_options options = {.round = 1, .party = party, .weight = weight};
    qf_session session = {.self = {.tool = tool, .version = version}};
    const int file = open_file(path);
    write_model(model, file);
    lseek(file, 0, SEEK_SET);
    ASSERT_OK(
        qf_contribution_write(&session, path, fd, "contribution", &our.key, &options, &error));
    close(file);
}

static qf_status sum_file(int fd, const char *path, qf_sum *sum, qf_error *error) {
    static const qf_sum_expectations any = {0};
    qf_session session = {0};
    qf_reader reader;
    qf_ckks ckks;
    lseek(fd, 0, SEEK_SET);
    qf_status status = qf_reader_open(&reader, &session, path, "contribution", error);
    if (status == QF_OK) {
        status = qf_contributions_sum(&reader, qf_simd_best(), &any, &ckks, sum, error);
    }
    if (status == QF_OK) qf_ckks_free(&ckks);
    qf_reader_close(&reader);
    qf_session_free(&session);
    return status;
}

static void decrypt(const qf_sum *sum, int64_t *integers) {
    for (size_t i = 0; i < sum->piece_count; i++) {
        ASSERT_OK(qf_decrypt_integers(&our.key.ckks, &our.secret, &sum->pieces[i],
                                      integers + i * our.key.ckks.n, &error));
    }
}

/* Around whole ciphertexts of numbers: a sum is exact, and the mean the nearest double of it. */
static void sums_are_exact(void **unused) {
    (void)unused;
    static const int64_t weights[MODELS] = {1, 7, 92};
    static const size_t columns[] = {1, COLUMNS - 2, COLUMNS - 1, COLUMNS, 2 * COLUMNS + 5};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        const size_t count = columns[i] + 1;
        int64_t *total = calloc(count, sizeof *total), *integers = calloc(count, sizeof *integers);
        double *values = calloc(count, sizeof *values);
        char path[32];
        qf_sum sum;
        const int fd = open_file(path);
        for (size_t m = 0; m < MODELS; m++) {
            qf_random random = qf_random_stream(11, "values", MODELS * i + m);
            for (size_t k = 0; k < count; k++) {
                values[k] = 20 * qf_random_uniform(&random) - 10;
                total[k] += weights[m] * (int64_t)rint(values[k] * 16384);
            }
            qf_model model = model_of(columns[i], values);
            contribute(&model, (uint32_t)(MODELS - m), weights[m], fd);
            qf_model_free(&model);
        }
        ASSERT_OK(sum_file(fd, path, &sum, &error));
        assert_int_equal(sum.subject.count, count);
        assert_int_equal(sum.piece_count, (count + COLUMNS - 1) / COLUMNS);
        assert_int_equal(sum.weight, 100);
        for (size_t m = 0; m < MODELS; m++) {
            assert_int_equal(sum.contributors[m].party, m + 1);
            assert_int_equal(sum.contributors[m].weight, weights[MODELS - 1 - m]);
        }
        decrypt(&sum, integers);
        assert_memory_equal(integers, total, count * sizeof *total);
        qf_model mean;
        qf_trainables list = {0};
        ASSERT_OK(qf_sum_model(&sum, &our.key.plan.grid, integers, &mean, &error));
        ASSERT_OK(qf_model_trainable(&mean, &list, &error));
        for (size_t k = 0; k < count; k++) {
            const double got = k < columns[i] ? list.items[0].values[k] : list.items[1].values[0];
            /* In extended precision, rounded once. */
            assert_true(got == (double)((long double)total[k] / (100 * 16384.0L)));
        }
        qf_trainables_free(&list);
        qf_model_free(&mean);
        qf_sum_free(&sum);
        close(fd);
        free(values);
        free(integers);
        free(total);
    }
}

static void integers_that_no_sum_has_are_refused(void **unused) {
    (void)unused;
    const double values[] = {1, 2};
    qf_sum sum = {0};
    qf_model model = model_of(1, values), mean;
    qf_contributor contributor = {.party = 1, .weight = 10};
    ASSERT_OK(qf_subject_set_model(&sum.subject, &model, false, &error));
    ASSERT_OK(qf_sum_add_contributor(&sum, &contributor, &error));
    const int64_t most = 10 * our.key.plan.grid.limit;
    for (int64_t sign = -1; sign <= 1; sign += 2) {
        int64_t integers[] = {0, sign * most};
        ASSERT_OK(qf_sum_model(&sum, &our.key.plan.grid, integers, &mean, &error));
        qf_model_free(&mean);
        integers[1] += sign;
        ASSERT_STATUS(qf_sum_model(&sum, &our.key.plan.grid, integers, &mean, &error), QF_DATA);
    }
    qf_model_free(&model);
    qf_sum_free(&sum);
}

/* ---- Forgeries ---- */

/* What a forger changes of the only ciphertext before it is written and its digest made. */
typedef void forge(qf_ciphertext *c);

static void leave(qf_ciphertext *c) {
    (void)c;
}
/* Flooding is sized by the noise that is stated. */
static void state_less_noise(qf_ciphertext *c) {
    c->deviation /= 2;
}
static void state_more_noise(qf_ciphertext *c) {
    c->deviation *= 2;
}
static void state_a_smaller_message(qf_ciphertext *c) {
    c->magnitude /= 2;
}
static void state_another_scale(qf_ciphertext *c) {
    c->scale *= 2;
}
static void state_other_parties(qf_ciphertext *c) {
    c->parties = 2;
}
static void count_fewer(qf_ciphertext *c) {
    c->count--;
    for (size_t i = 0; i < c->c0.primes; i++) qf_poly_row(&c->c0, i)[c->count] = 0;
}
static void take_another_key(qf_ciphertext *c) {
    c->key.bytes[0] ^= 1;
}
/* What is added to it stays hidden by nothing. */
static void be_transparent(qf_ciphertext *c) {
    memset(c->c1.residues, 0, c->c1.primes * c->c1.n * sizeof *c->c1.residues);
}
static void be_transparent_in_one_prime(qf_ciphertext *c) {
    memset(qf_poly_row(&c->c1, 1), 0, c->c1.n * sizeof *c->c1.residues);
}
/* A c1 that others know, from a seed. */
static void be_seeded(qf_ciphertext *c) {
    c->seeded = true;
}
static void drop_a_prime(qf_ciphertext *c) {
    c->level = 0;
    c->c0.primes = c->c1.primes = 1;
    c->scale = c->magnitude = 0x1p20;
    c->deviation = 1;
}

static void write_forged(qf_writer *writer, const qf_subject *subject, qf_ciphertext *c,
                         qf_contributor *contributor) {
    qf_id id;
    qf_record end = {0};
    ASSERT_OK(qf_subject_write(writer, subject, &error));
    ASSERT_OK(qf_ciphertext_write(writer, &our.key.ckks, c, &error));
    ASSERT_OK(qf_ciphertext_identify(&our.key.ckks, c, &id, &error));
    ASSERT_OK(qf_contribution_digest(subject, &id, 1, contributor, &error));
    ASSERT_OK(qf_field_set_id(&end, "digest", &contributor->digest, &error));
    ASSERT_OK(qf_writer_record(writer, &end, &error));
    ASSERT_OK(qf_writer_close(writer, &error));
    qf_record_free(&end);
}

/* A contribution of a model of five numbers with a ciphertext changed, all digests right. */
static void forge_contribution(forge *change, const qf_ciphertext *from, uint32_t party, int fd) {
    const double values[] = {1, 2, 3, 4, 5};
    char tool[] = "qf-test", version[] = "1";
    qf_session session = {.self = {.tool = tool, .version = version}};
    qf_subject subject = {.round = 1, .key = our.key.key.id, .terms = our.key.terms};
    qf_contributor contributor = {.party = party, .weight = 2};
    qf_model model = model_of(4, values);
    qf_writer writer = {0};
    qf_record schema = {0}, header = {0};
    qf_ciphertext c;
    ASSERT_OK(qf_subject_set_model(&subject, &model, false, &error));
    ASSERT_OK(qf_subject_describe(&our.key.ckks, &subject, &schema, &header, &error));
    ASSERT_OK(qf_record_set_integer(&header, "party", party, &error));
    ASSERT_OK(qf_record_set_integer(&header, "weight", 2, &error));
    ASSERT_OK(
        qf_writer_open(&writer, &session, fd, "forged", "contribution", &schema, &header, &error));
    ASSERT_OK(qf_ciphertext_copy(from, &c, &error));
    change(&c);
    write_forged(&writer, &subject, &c, &contributor);
    qf_ciphertext_free(&c);
    qf_writer_free(&writer);
    qf_record_free(&header);
    qf_record_free(&schema);
    qf_model_free(&model);
    qf_subject_free(&subject);
}

static qf_ciphertext encrypt_five(void) {
    const int64_t integers[] = {2, 4, 6, 8, 10};
    qf_plaintext plain;
    qf_ciphertext c;
    ASSERT_OK(qf_coefficients_encode(&our.key.ckks, integers, 5, 2 * our.key.plan.grid.limit,
                                     our.key.plan.scale_bits, &plain, &error));
    ASSERT_OK(qf_encrypt(&our.key.ckks, &our.key.key, &plain, &our.sampler, &c, &error));
    qf_plaintext_free(&plain);
    return c;
}

static void forged_ciphertexts_are_refused(void **unused) {
    (void)unused;
    static const struct {
        forge *change;
        qf_status status;
    } cases[] = {{leave, QF_OK},
                 {state_less_noise, QF_DATA},
                 {state_more_noise, QF_DATA},
                 {state_a_smaller_message, QF_DATA},
                 {state_another_scale, QF_DATA},
                 {state_other_parties, QF_DATA},
                 {count_fewer, QF_DATA},
                 {take_another_key, QF_MISMATCH},
                 {be_transparent, QF_DATA},
                 {be_transparent_in_one_prime, QF_DATA},
                 {be_seeded, QF_DATA},
                 {drop_a_prime, QF_DATA}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[32];
        qf_sum sum;
        qf_error problem = {0};
        const int fd = open_file(path);
        qf_ciphertext first = encrypt_five(), second = encrypt_five();
        forge_contribution(leave, &first, 1, fd);
        forge_contribution(cases[i].change, &second, 2, fd);
        const qf_status status = sum_file(fd, path, &sum, &problem);
        if (status != cases[i].status) fail_msg("case %zu: %d: %s", i, status, problem.message);
        if (status == QF_OK) {
            qf_sum_free(&sum);
        } else {
            assert_memory_equal(problem.message, "contribution of party 2: ", 25);
        }
        qf_ciphertext_free(&first);
        qf_ciphertext_free(&second);
        close(fd);
    }
}

static void another_partys_ciphertexts_are_refused(void **unused) {
    (void)unused;
    char path[32];
    qf_sum sum;
    qf_error problem;
    const int fd = open_file(path);
    qf_ciphertext c = encrypt_five();
    forge_contribution(leave, &c, 4, fd);
    forge_contribution(leave, &c, 2, fd);
    assert_int_equal(sum_file(fd, path, &sum, &problem), QF_MISMATCH);
    assert_string_equal(problem.message,
                        "contribution of party 2: party 2 has the ciphertexts of party 4");
    qf_ciphertext_free(&c);
    close(fd);
}

/* ---- Digests ---- */

static void every_part_is_in_the_digest(void **unused) {
    (void)unused;
    const double values[] = {1, 2, 3};
    qf_model model = model_of(2, values);
    qf_id ids[9];
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        qf_subject s = {.round = 1, .key = our.key.key.id, .terms = our.key.terms};
        ASSERT_OK(qf_subject_set_model(&s, &model, false, &error));
        if (i == 1) s.round = 2;
        if (i == 2) s.key.bytes[31] ^= 1;
        if (i == 3) s.terms.contributors++;
        if (i == 4) s.terms.roster.bytes[5] ^= 1;
        if (i == 5) s.model.names[1][0] = 'x';
        if (i == 6) s.model.target[0] = 'z';
        if (i == 7) ASSERT_OK(qf_record_set_real(&s.model.parameters, "C", 2, &error));
        if (i == 8) s.disclosed = true;
        ASSERT_OK(qf_subject_digest(&s, &ids[i], &error));
        for (size_t j = 0; j < i; j++) assert_false(qf_id_equal(&ids[i], &ids[j]));
        qf_subject_free(&s);
    }
    qf_model_free(&model);
}

static void contributors_are_in_the_digest_of_a_sum(void **unused) {
    (void)unused;
    const double values[] = {1, 2, 3};
    qf_model model = model_of(2, values);
    const qf_contributor lists[][2] = {
        {{.party = 1, .weight = 3}, {.party = 2, .weight = 4}},
        {{.party = 2, .weight = 4}, {.party = 1, .weight = 3}},
        {{.party = 1, .weight = 4}, {.party = 2, .weight = 3}},
        {{.party = 1, .weight = 3}, {.party = 3, .weight = 4}},
        {{.party = 1, .weight = 3}, {.party = 2, .weight = 4, .digest = {{1}}}}};
    qf_id ids[5];
    for (size_t i = 0; i < 5; i++) {
        qf_sum sum = {.subject = {.round = 1, .terms = our.key.terms}};
        ASSERT_OK(qf_subject_set_model(&sum.subject, &model, false, &error));
        for (size_t j = 0; j < 2; j++) {
            ASSERT_OK(qf_sum_add_contributor(&sum, &lists[i][j], &error));
        }
        ASSERT_OK(qf_sum_finish(&our.key.ckks, &our.key.plan, &sum, &error));
        ids[i] = sum.digest;
        for (size_t j = 0; j < i; j++) {
            assert_int_equal(qf_id_equal(&ids[i], &ids[j]), i == 1 && j == 0);
        }
        qf_sum_free(&sum);
    }
    qf_model_free(&model);
}

/* ---- Sums on the wire ---- */

static void write_sum(const qf_sum *sum, int fd) {
    char tool[] = "qf-test", version[] = "1";
    qf_session session = {.self = {.tool = tool, .version = version}};
    ASSERT_OK(qf_sum_write(&session, fd, "sum", &our.key.ckks, sum, &error));
}

static qf_status read_sum(int fd, const char *path, qf_sum *sum) {
    qf_session session = {0};
    qf_ckks ckks;
    qf_error error;
    lseek(fd, 0, SEEK_SET);
    const qf_status status = qf_sum_read(&session, path, qf_simd_best(), &ckks, sum, &error);
    if (status == QF_OK) qf_ckks_free(&ckks);
    qf_session_free(&session);
    return status;
}

static void a_sum_is_read_as_it_was_written(void **unused) {
    (void)unused;
    char paths[3][32];
    int fds[3];
    qf_sum sum, again, none;
    for (size_t i = 0; i < 3; i++) fds[i] = open_file(paths[i]);
    qf_ciphertext first = encrypt_five(), second = encrypt_five();
    forge_contribution(leave, &first, 1, fds[0]);
    forge_contribution(leave, &second, 2, fds[0]);
    ASSERT_OK(sum_file(fds[0], paths[0], &sum, &error));
    write_sum(&sum, fds[1]);
    assert_int_equal(read_sum(fds[1], paths[1], &again), QF_OK);
    assert_true(qf_id_equal(&sum.digest, &again.digest));
    assert_int_equal(again.weight, 4);
    assert_true(again.pieces[0].deviation == 2 * our.key.plan.deviation);
    /* Another contributor than those of the digest. */
    again.contributors[1].party = 3;
    write_sum(&again, fds[2]);
    assert_int_equal(read_sum(fds[2], paths[2], &none), QF_DATA);
    qf_sum_free(&again);
    qf_sum_free(&sum);
    qf_ciphertext_free(&first);
    qf_ciphertext_free(&second);
    for (size_t i = 0; i < 3; i++) close(fds[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_leaves_room_for_everything),
        cmocka_unit_test(terms_out_of_range_are_refused_by_name),
        cmocka_unit_test(numbers_round_to_the_grid),
        cmocka_unit_test(the_range_ends_where_it_says),
        cmocka_unit_test(sums_are_exact),
        cmocka_unit_test(integers_that_no_sum_has_are_refused),
        cmocka_unit_test(forged_ciphertexts_are_refused),
        cmocka_unit_test(another_partys_ciphertexts_are_refused),
        cmocka_unit_test(every_part_is_in_the_digest),
        cmocka_unit_test(contributors_are_in_the_digest_of_a_sum),
        cmocka_unit_test(a_sum_is_read_as_it_was_written),
    };
    return cmocka_run_group_tests(tests, make_key, free_key);
}
