/* Streams of keys, ciphertexts and partial decryptions: there and back, and what is refused. */
#include "ckks/ckks_wire.h"
#include "ckks/coefficients.h"
#include "ckks/packed.h"
#include "ckks_kit.h"

#include <stdio.h>
#include <unistd.h>

enum { COUNT = 300 };

typedef struct kit {
    qf_ckks ckks;
    qf_sampler sampler;
    qf_member_secret secret;
    qf_member_public member;
    qf_secret_share share;
    qf_public_key key;
    qf_ciphertext ciphertext;
    qf_partial partial;
    int64_t integers[COUNT];
} kit;

static int open_kit(void **state) {
    kit *k = calloc(1, sizeof *k);
    const unsigned char seed[QF_SEED_SIZE] = {1};
    const unsigned set[] = {1};
    const qf_flooding flooding = {.decryptions = 10, .statistical_bits = 30};
    qf_plaintext p;
    k->ckks = context_at("rounds", qf_simd_best());
    k->sampler = sampler_of(2);
    random_integers(k->integers, COUNT, 1000, 1);
    ASSERT_OK(qf_member_make(&k->ckks, seed, 1, &k->sampler, &k->secret, &k->member, &error));
    ASSERT_OK(qf_member_deal(&k->ckks, &k->secret, 1, 1, &k->sampler, &k->share, &error));
    ASSERT_OK(qf_public_key_join(&k->ckks, &k->member, 1, &k->key, &error));
    ASSERT_OK(qf_coefficients_encode(&k->ckks, k->integers, COUNT, 1000, 62, &p, &error));
    ASSERT_OK(qf_encrypt(&k->ckks, &k->key, &p, &k->sampler, &k->ciphertext, &error));
    ASSERT_OK(qf_partial_decrypt(&k->ckks, &k->share, set, &k->ciphertext, &flooding, &k->sampler,
                                 &k->partial, &error));
    qf_plaintext_free(&p);
    *state = k;
    return 0;
}

static int close_kit(void **state) {
    kit *k = *state;
    qf_partial_free(&k->partial);
    qf_ciphertext_free(&k->ciphertext);
    qf_public_key_free(&k->key);
    qf_secret_share_free(&k->share);
    qf_member_public_free(&k->member);
    qf_member_secret_free(&k->secret);
    qf_sampler_free(&k->sampler);
    qf_ckks_free(&k->ckks);
    free(k);
    return 0;
}

typedef qf_status write_body(qf_writer *writer, const kit *k, qf_error *error);

/* One stream in a file that is gone when it is closed; its path. */
static int write_stream(const kit *k, const char *type, write_body *write, char path[64]) {
    char name[] = "/tmp/qf-test-XXXXXX";
    const int fd = mkstemp(name);
    qf_session session = {0};
    qf_writer writer = {0};
    qf_record header = {0};
    session.self.tool = strdup("qf-test");
    session.self.version = strdup("1");
    assert_true(fd >= 0);
    unlink(name);
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    ASSERT_OK(qf_ckks_describe(&k->ckks, &header, &error));
    ASSERT_OK(qf_writer_open(&writer, &session, fd, "file", type, NULL, &header, &error));
    ASSERT_OK(write(&writer, k, &error));
    ASSERT_OK(qf_writer_close(&writer, &error));
    qf_writer_free(&writer);
    qf_record_free(&header);
    qf_session_free(&session);
    return fd;
}

static qf_status write_ciphertexts(qf_writer *writer, const kit *k, qf_error *error) {
    QF_TRY(qf_ciphertext_write(writer, &k->ckks, &k->ciphertext, error));
    return qf_ciphertext_write(writer, &k->ckks, &k->ciphertext, error);
}

static qf_status write_key(qf_writer *writer, const kit *k, qf_error *error) {
    return qf_public_key_write(writer, &k->ckks, &k->key, error);
}

static qf_status write_member(qf_writer *writer, const kit *k, qf_error *error) {
    return qf_member_public_write(writer, &k->ckks, &k->member, error);
}

static qf_status write_partial(qf_writer *writer, const kit *k, qf_error *error) {
    return qf_partial_write(writer, &k->ckks, &k->partial, error);
}

static void test_there_and_back(void **state) {
    kit *k = *state;
    char paths[4][64];
    const int fds[] = {write_stream(k, "ciphertext", write_ciphertexts, paths[0]),
                       write_stream(k, "public-key", write_key, paths[1]),
                       write_stream(k, "key-part", write_member, paths[2]),
                       write_stream(k, "partial", write_partial, paths[3])};
    qf_session session = {0};
    qf_reader readers[4];
    qf_ckks ckks;
    static const char *const types[] = {"ciphertext", "public-key", "key-part", "partial"};
    for (size_t i = 0; i < 4; i++) {
        ASSERT_OK(qf_reader_open(&readers[i], &session, paths[i], types[i], &error));
        ASSERT_OK(qf_ckks_expect(&k->ckks, &readers[i].parameters, &error));
    }
    ASSERT_OK(qf_ckks_from_header(&readers[0].parameters, QF_SIMD_PORTABLE, &ckks, &error));
    bool more;
    qf_ciphertext ciphertexts[2];
    qf_public_key key;
    qf_member_public member;
    qf_partial partial;
    for (size_t i = 0; i < 2; i++) {
        ASSERT_OK(qf_ciphertext_next(&readers[0], &ckks, &ciphertexts[i], &more, &error));
        assert_true(more);
    }
    ASSERT_OK(qf_public_key_next(&readers[1], &ckks, &key, &more, &error));
    assert_true(qf_id_equal(&key.id, &k->key.id));
    ASSERT_OK(qf_member_public_next(&readers[2], &ckks, &member, &more, &error));
    assert_int_equal(member.party, 1);
    assert_memory_equal(member.b.residues, k->member.b.residues, 2 * 4096 * 8);
    ASSERT_OK(qf_partial_next(&readers[3], &ckks, &partial, &more, &error));
    int64_t found[COUNT];
    ASSERT_OK(qf_partials_combine(&ckks, &ciphertexts[1], &partial, 1, found, &error));
    assert_memory_equal(found, k->integers, sizeof found);
    ASSERT_OK(qf_ciphertext_next(&readers[0], &ckks, &ciphertexts[0], &more, &error));
    assert_false(more);
    for (size_t i = 0; i < 4; i++) {
        qf_reader_close(&readers[i]);
        close(fds[i]);
    }
    qf_ciphertext_free(&ciphertexts[0]);
    qf_ciphertext_free(&ciphertexts[1]);
    qf_public_key_free(&key);
    qf_member_public_free(&member);
    qf_partial_free(&partial);
    qf_session_free(&session);
    qf_ckks_free(&ckks);
}

/* Reads a stream whose item was altered before it was written. */
static void refuse(kit *k, const char *type, write_body *write, qf_status expected) {
    char path[64];
    const int fd = write_stream(k, type, write, path);
    qf_session session = {0};
    qf_reader reader;
    bool more;
    qf_error why = {0};
    ASSERT_OK(qf_reader_open(&reader, &session, path, type, &error));
    qf_status status = QF_OK;
    if (write == write_ciphertexts) {
        qf_ciphertext item;
        status = qf_ciphertext_next(&reader, &k->ckks, &item, &more, &why);
    } else if (write == write_key) {
        qf_public_key item;
        status = qf_public_key_next(&reader, &k->ckks, &item, &more, &why);
    } else if (write == write_member) {
        qf_member_public item;
        status = qf_member_public_next(&reader, &k->ckks, &item, &more, &why);
    } else {
        qf_partial item;
        status = qf_partial_next(&reader, &k->ckks, &item, &more, &why);
    }
    if (status != expected) fail_msg("%s: status %d: %s", type, (int)status, why.message);
    qf_reader_close(&reader);
    qf_session_free(&session);
    close(fd);
}

static void test_refused(void **state) {
    kit *k = *state;
    const qf_ciphertext c = k->ciphertext;
    k->ciphertext.packing = QF_SLOTS; /* its body is shorter than slots' */
    k->ciphertext.count = 4096;
    refuse(k, "ciphertext", write_ciphertexts, QF_DATA);
    k->ciphertext = c;
    k->ciphertext.magnitude = 0x1p99;
    refuse(k, "ciphertext", write_ciphertexts, QF_DATA);
    k->ciphertext = c;
    const uint64_t residue = c.c0.residues[7];
    c.c0.residues[7] = ((uint64_t)1 << 50) - 1;
    refuse(k, "ciphertext", write_ciphertexts, QF_DATA);
    c.c0.residues[7] = residue;

    const qf_partial p = k->partial;
    k->partial.party = 2;
    refuse(k, "partial", write_partial, QF_DATA);
    k->partial = p;
    k->partial.flood_bits = 200;
    refuse(k, "partial", write_partial, QF_DATA);
    k->partial = p;
    k->partial.set[0] = 0;
    refuse(k, "partial", write_partial, QF_DATA);
    k->partial = p;

    k->key.parties = 0;
    refuse(k, "public-key", write_key, QF_DATA);
    k->key.parties = 1;
    k->member.party = 300;
    refuse(k, "key-part", write_member, QF_DATA);
    k->member.party = 1;
    memset(k->member.b.residues, 0, 4096 * 8);
    refuse(k, "key-part", write_member, QF_DATA);

    qf_record header = {0};
    qf_ckks ckks, paper = context_at("paper", QF_SIMD_PORTABLE);
    ASSERT_OK(qf_ckks_describe(&k->ckks, &header, &error));
    ASSERT_STATUS(qf_ckks_expect(&paper, &header, &error), QF_MISMATCH);
    ASSERT_OK(qf_record_set_integer(&header, "scale_bits", 61, &error));
    ASSERT_STATUS(qf_ckks_from_header(&header, QF_SIMD_PORTABLE, &ckks, &error), QF_DATA);
    ASSERT_OK(qf_record_set_integer(&header, "degree", 1024, &error));
    ASSERT_STATUS(qf_ckks_from_header(&header, QF_SIMD_PORTABLE, &ckks, &error), QF_DATA);
    qf_record_free(&header);
    qf_ckks_free(&paper);
}

static void test_shares(void **state) {
    kit *k = *state;
    const size_t size = qf_secret_share_size(&k->ckks);
    unsigned char *bytes = malloc(size);
    qf_secret_share share;
    qf_secret_share_pack(&k->ckks, &k->share, bytes);
    ASSERT_OK(qf_secret_share_unpack(&k->ckks, bytes, size, &share, &error));
    assert_int_equal(share.party, 1);
    assert_memory_equal(share.share.residues, k->share.share.residues, 2 * 4096 * 8);
    qf_secret_share_free(&share);
    ASSERT_STATUS(qf_secret_share_unpack(&k->ckks, bytes, size - 1, &share, &error), QF_DATA);
    static const size_t places[] = {0, 8, 40, 44, 48, 52};
    for (size_t i = 0; i < 6; i++) {
        const unsigned char kept = bytes[places[i]];
        bytes[places[i]] = 200;
        ASSERT_STATUS(qf_secret_share_unpack(&k->ckks, bytes, size, &share, &error),
                      i == 1            ? QF_MISMATCH
                      : places[i] == 48 ? QF_OK
                                        : QF_DATA);
        qf_secret_share_free(&share);
        bytes[places[i]] = kept;
    }
    memset(bytes + 56, 0xff, 100);
    ASSERT_STATUS(qf_secret_share_unpack(&k->ckks, bytes, size, &share, &error), QF_DATA);
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_there_and_back, open_kit, close_kit),
        cmocka_unit_test_setup_teardown(test_refused, open_kit, close_kit),
        cmocka_unit_test_setup_teardown(test_shares, open_kit, close_kit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
