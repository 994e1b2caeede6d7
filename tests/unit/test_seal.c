/* Seals: opened whole by the right party, or not at all. */
#include "crypto/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

/* Three parties with states and identities. */
static char directory[64];
static qf_state states[3];
static qf_own_identity parties[3];

static int make_parties(void **unused) {
    (void)unused;
    qf_error error;
    snprintf(directory, sizeof directory, "/tmp/qf-seal-XXXXXX");
    if (!mkdtemp(directory)) return -1;
    for (uint32_t i = 0; i < 3; i++) {
        static char paths[3][80];
        snprintf(paths[i], sizeof paths[i], "%s/p%u", directory, i + 1);
        if (qf_state_open(&states[i], paths[i], true, &error) != QF_OK) return -1;
        if (qf_identity_make(&states[i], i + 1, &parties[i], &error) != QF_OK) return -1;
    }
    return 0;
}

static int remove_parties(void **unused) {
    (void)unused;
    char command[96];
    for (int i = 0; i < 3; i++) {
        qf_own_identity_free(&parties[i]);
        qf_state_close(&states[i]);
    }
    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command);
}

static unsigned char *make_plain(size_t length) {
    unsigned char *plain = malloc(length + 1);
    for (size_t i = 0; i < length; i++) plain[i] = (unsigned char)(i * 131 + i / 256);
    return plain;
}

/* From party 1 to party 2. */
static qf_sealed seal(qf_link link, const unsigned char *plain, size_t length) {
    qf_sealed sealed = {.link = link, .receiver = 2, .round = 7};
    qf_error error;
    assert_int_equal(qf_seal(&states[0], &parties[0], &parties[1].identity,
                             (qf_span){plain, length}, &sealed, &error),
                     QF_OK);
    return sealed;
}

/* By a party, as from a sender. */
static qf_status open_by(size_t receiver, size_t sender, const qf_sealed *sealed,
                         qf_secret *plain) {
    qf_error error;
    return qf_seal_open(&states[receiver], &parties[receiver], &parties[sender].identity, sealed,
                        plain, &error);
}

static void test_every_length(void **unused) {
    (void)unused;
    enum { C = QF_SEAL_CHUNK };
    static const size_t lengths[] = {0, 1, 15, 16, C - 1, C, C + 1, 2 * C, 3 * C + 5};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        unsigned char *plain = make_plain(lengths[i]);
        qf_sealed sealed = seal(QF_LINK_X25519, plain, lengths[i]);
        qf_secret opened;
        assert_int_equal(open_by(1, 0, &sealed, &opened), QF_OK);
        assert_int_equal(opened.length, lengths[i]);
        assert_memory_equal(opened.data, plain, lengths[i]);
        qf_secret_free(&opened);
        free(sealed.bytes);
        free(plain);
    }
}

static void expect_refused(size_t receiver, size_t sender, const qf_sealed *sealed) {
    qf_secret opened;
    assert_int_equal(open_by(receiver, sender, sealed, &opened), QF_REFUSED);
    assert_null(opened.data);
}

/* Everything that the header says is authenticated, and every byte. */
static void test_alterations(void **unused) {
    (void)unused;
    unsigned char *plain = make_plain(1000);
    const qf_sealed sealed = seal(QF_LINK_X25519, plain, 1000);
    qf_sealed bad = sealed;
    for (size_t byte = 0; byte < sealed.length; byte += 7) {
        sealed.bytes[byte] ^= 0x10;
        expect_refused(1, 0, &sealed);
        sealed.bytes[byte] ^= 0x10;
    }
    bad.round++;
    expect_refused(1, 0, &bad);
    bad = sealed;
    bad.salt[31] ^= 1;
    expect_refused(1, 0, &bad);
    bad = sealed;
    bad.ephemeral[3] ^= 1;
    expect_refused(1, 0, &bad);
    bad = sealed;
    memset(bad.ephemeral, 0, sizeof bad.ephemeral);
    expect_refused(1, 0, &bad);
    bad = sealed;
    bad.sender = 3;
    expect_refused(1, 2, &bad);    /* as if party 3 had sent it */
    expect_refused(2, 0, &sealed); /* party 3 is not the receiver */
    bad = sealed;
    bad.receiver = 3;
    expect_refused(2, 0, &bad); /* even if it says so */
    bad = sealed;
    bad.link = QF_LINK_QKD;
    expect_refused(1, 0, &bad);
    bad = sealed;
    bad.length = 0;
    expect_refused(1, 0, &bad);
    bad.length = 15;
    expect_refused(1, 0, &bad);
    qf_secret opened;
    assert_int_equal(open_by(1, 0, &sealed, &opened), QF_OK);
    qf_secret_free(&opened);
    free(sealed.bytes);
    free(plain);
}

/* Chunks cut off at a boundary, swapped, doubled, and from another message. */
static void test_chunks(void **unused) {
    (void)unused;
    enum { WHOLE = QF_SEAL_CHUNK + QF_AEAD_TAG };
    unsigned char *plain = make_plain(3 * QF_SEAL_CHUNK);
    const qf_sealed sealed = seal(QF_LINK_X25519, plain, 3 * QF_SEAL_CHUNK);
    assert_int_equal(sealed.length, 3 * WHOLE);
    qf_sealed bad = sealed;
    for (bad.length = 2 * WHOLE; bad.length >= WHOLE; bad.length -= WHOLE)
        expect_refused(1, 0, &bad);
    bad = sealed;
    bad.bytes = malloc(4 * WHOLE);
    memcpy(bad.bytes, sealed.bytes + WHOLE, WHOLE);
    memcpy(bad.bytes + WHOLE, sealed.bytes, WHOLE);
    memcpy(bad.bytes + 2 * WHOLE, sealed.bytes + 2 * WHOLE, WHOLE);
    expect_refused(1, 0, &bad);
    memcpy(bad.bytes, sealed.bytes, WHOLE);
    memcpy(bad.bytes + WHOLE, sealed.bytes, 3 * WHOLE);
    bad.length = 4 * WHOLE;
    expect_refused(1, 0, &bad);
    qf_sealed other = seal(QF_LINK_X25519, plain, 3 * QF_SEAL_CHUNK);
    assert_memory_not_equal(other.bytes, sealed.bytes, 64); /* another key each time */
    memcpy(bad.bytes, sealed.bytes, 3 * WHOLE);
    memcpy(bad.bytes + WHOLE, other.bytes + WHOLE, WHOLE);
    bad.length = 3 * WHOLE;
    expect_refused(1, 0, &bad);
    free(bad.bytes);
    free(other.bytes);
    free(sealed.bytes);
    free(plain);
}

/* A key of the pool opens one message, once; a forgery does not spend it. */
static void test_pool_keys(void **unused) {
    (void)unused;
    qf_error error;
    qf_pool_key keys[] = {{.id = "a", .peer = 2, .outgoing = true, .key = {1}},
                          {.id = "b", .peer = 2, .outgoing = true, .key = {2}}};
    assert_int_equal(qf_pool_add(&states[0], keys, 2, &error), QF_OK);
    for (size_t i = 0; i < 2; i++) {
        keys[i].peer = 1;
        keys[i].outgoing = false;
    }
    assert_int_equal(qf_pool_add(&states[1], keys, 2, &error), QF_OK);
    unsigned char *plain = make_plain(100);
    const qf_sealed first = seal(QF_LINK_QKD, plain, 100), second = seal(QF_LINK_QKD, plain, 100);
    assert_string_equal(first.key_id, "a");
    assert_string_equal(second.key_id, "b");
    qf_sealed none = {.link = QF_LINK_QKD, .receiver = 2};
    assert_int_equal(qf_seal(&states[0], &parties[0], NULL, (qf_span){plain, 100}, &none, &error),
                     QF_REFUSED);
    free(none.bytes);
    first.bytes[50] ^= 1;
    expect_refused(1, 0, &first);
    first.bytes[50] ^= 1;
    qf_sealed crossed = first;
    memcpy(crossed.key_id, second.key_id, sizeof crossed.key_id);
    expect_refused(1, 0, &crossed);
    qf_secret opened;
    assert_int_equal(open_by(1, 0, &second, &opened), QF_OK);
    assert_memory_equal(opened.data, plain, 100);
    qf_secret_free(&opened);
    assert_int_equal(open_by(1, 0, &first, &opened), QF_OK);
    qf_secret_free(&opened);
    expect_refused(1, 0, &first);
    free(first.bytes);
    free(second.bytes);
    free(plain);
}

/* ECB does what it is known for: equal blocks stay equal, and alterations pass. */
static void test_paper_ecb(void **unused) {
    (void)unused;
    qf_error error;
    unsigned char plain[64] = {0};
    qf_sealed sealed = {.link = QF_LINK_X25519, .receiver = 2, .paper_ecb = true};
    assert_int_equal(qf_seal(&states[0], &parties[0], &parties[1].identity,
                             (qf_span){plain, sizeof plain}, &sealed, &error),
                     QF_OK);
    assert_int_equal(sealed.length, 80);
    assert_memory_equal(sealed.bytes, sealed.bytes + 16, 16);
    qf_secret opened;
    assert_int_equal(open_by(1, 0, &sealed, &opened), QF_OK);
    assert_int_equal(opened.length, sizeof plain);
    assert_memory_equal(opened.data, plain, sizeof plain);
    qf_secret_free(&opened);
    sealed.bytes[0] ^= 1;
    assert_int_equal(open_by(1, 0, &sealed, &opened), QF_OK);
    assert_memory_not_equal(opened.data, plain, sizeof plain);
    qf_secret_free(&opened);
    sealed.bytes[0] ^= 1;
    sealed.paper_ecb = false; /* its key is another: no way to have it taken for a real seal */
    expect_refused(1, 0, &sealed);
    free(sealed.bytes);
}

int main(void) {
#define WITH_PARTIES(test) cmocka_unit_test_setup_teardown(test, make_parties, remove_parties)
    const struct CMUnitTest tests[] = {
        WITH_PARTIES(test_every_length), WITH_PARTIES(test_alterations), WITH_PARTIES(test_chunks),
        WITH_PARTIES(test_pool_keys),    WITH_PARTIES(test_paper_ecb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
