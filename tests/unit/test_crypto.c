/* Primitives against published vectors; secrets, state directories, identities, the pool of keys.
 */
#include "crypto/aead.h"
#include "crypto/curve25519.h"
#include "crypto/identity.h"
#include "crypto/key_pool.h"
#include "crypto/qkd_link.h"
#include "crypto/secret.h"
#include "hex.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static qf_span span(const hex *h) {
    return (qf_span){h->bytes, h->length};
}

static void expect_bytes(const unsigned char *got, const char *expected) {
    const hex h = unhex(expected);
    assert_memory_equal(got, h.bytes, h.length);
}

static void test_sha256(void **state) {
    (void)state;
    qf_error error;
    unsigned char digest[QF_HASH_SIZE];
    assert_int_equal(qf_hash_bytes("abc", 3, digest, &error), QF_OK);
    expect_bytes(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    qf_hash hash = {0};
    for (int again = 0; again < 2; again++) {
        assert_int_equal(qf_hash_begin(&hash, &error), QF_OK);
        assert_int_equal(qf_hash_add(&hash, "a", 1, &error), QF_OK);
        assert_int_equal(qf_hash_add(&hash, "bc", 2, &error), QF_OK);
        memset(digest, 0, sizeof digest);
        assert_int_equal(qf_hash_end(&hash, digest, &error), QF_OK);
        expect_bytes(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
    qf_hash_free(&hash);
}

/* RFC 5869, test cases 1 to 3. */
static void test_hkdf(void **state) {
    (void)state;
    static const char *const cases[][4] = {
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
         "f0f1f2f3f4f5f6f7f8f9",
         "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
        {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d"
         "2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
         "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d"
         "8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
         "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdd"
         "dedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
         "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e59"
         "0e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
         "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const hex key = unhex(cases[i][0]), salt = unhex(cases[i][1]), info = unhex(cases[i][2]);
        unsigned char out[128];
        qf_error error;
        assert_int_equal(
            qf_hkdf(span(&key), span(&salt), span(&info), out, strlen(cases[i][3]) / 2, &error),
            QF_OK);
        expect_bytes(out, cases[i][3]);
    }
}

/* McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13, 14 and 16, as NIST uses
 * them. */
static void test_aes_gcm(void **state) {
    (void)state;
    static const char zero_key[] =
        "0000000000000000000000000000000000000000000000000000000000000000";
    static const char *const cases[][5] = {
        {zero_key, "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
        {zero_key, "000000000000000000000000", "", "00000000000000000000000000000000",
         "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
        {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
         "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
         "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6"
         "b525b16aedf5aa0de657ba637b39",
         "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b105682"
         "8838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const hex key = unhex(cases[i][0]), nonce = unhex(cases[i][1]), ad = unhex(cases[i][2]),
                  plain = unhex(cases[i][3]);
        unsigned char sealed[128], opened[128];
        qf_error error;
        const size_t length = plain.length + QF_AEAD_TAG;
        assert_int_equal(
            qf_aead_seal(key.bytes, nonce.bytes, span(&ad), span(&plain), sealed, &error), QF_OK);
        expect_bytes(sealed, cases[i][4]);
        const qf_span all = {sealed, length};
        assert_int_equal(qf_aead_open(key.bytes, nonce.bytes, span(&ad), all, opened, &error),
                         QF_OK);
        assert_memory_equal(opened, plain.bytes, plain.length);
        for (size_t bit = 0; bit < 8 * length; bit += 5) {
            sealed[bit / 8] ^= (unsigned char)(1 << bit % 8);
            memset(opened, 0xaa, sizeof opened);
            assert_int_equal(qf_aead_open(key.bytes, nonce.bytes, span(&ad), all, opened, &error),
                             QF_REFUSED);
            for (size_t b = 0; b < plain.length; b++) assert_int_equal(opened[b], 0);
            sealed[bit / 8] ^= (unsigned char)(1 << bit % 8);
        }
        assert_int_equal(
            qf_aead_open(key.bytes, nonce.bytes, (qf_span){"x", 1}, all, opened, &error),
            QF_REFUSED);
        assert_int_equal(
            qf_aead_open(key.bytes, nonce.bytes, span(&ad), (qf_span){sealed, 15}, opened, &error),
            QF_REFUSED);
    }
}

/* RFC 8032, 7.1, tests 1 and 2. */
static void test_ed25519(void **state) {
    (void)state;
    static const char *const cases[][4] = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b4"
         "6bd25bf5f0595bbe24655141438e7a100b"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d"
         "8c387b2eaeb4302aeeb00d291612bb0c00"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const hex private_key = unhex(cases[i][0]), message = unhex(cases[i][2]);
        unsigned char public_key[QF_CURVE_KEY], signature[QF_SIGNATURE];
        qf_error error;
        assert_int_equal(qf_curve_public(QF_ED25519, private_key.bytes, public_key, &error), QF_OK);
        expect_bytes(public_key, cases[i][1]);
        assert_int_equal(qf_sign(private_key.bytes, span(&message), signature, &error), QF_OK);
        expect_bytes(signature, cases[i][3]);
        assert_int_equal(qf_verify(public_key, span(&message), signature, &error), QF_OK);
        assert_int_equal(qf_verify(public_key, (qf_span){"other", 5}, signature, &error),
                         QF_REFUSED);
        signature[7] ^= 1;
        assert_int_equal(qf_verify(public_key, span(&message), signature, &error), QF_REFUSED);
    }
}

/* RFC 7748, 6.1; and points of small order, with which nobody agrees on anything. */
static void test_x25519(void **state) {
    (void)state;
    const hex a = unhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    const hex b = unhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    unsigned char public_a[QF_CURVE_KEY], public_b[QF_CURVE_KEY], shared[QF_CURVE_KEY];
    qf_error error;
    assert_int_equal(qf_curve_public(QF_X25519, a.bytes, public_a, &error), QF_OK);
    assert_int_equal(qf_curve_public(QF_X25519, b.bytes, public_b, &error), QF_OK);
    expect_bytes(public_a, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    expect_bytes(public_b, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    assert_int_equal(qf_agree(a.bytes, public_b, shared, &error), QF_OK);
    expect_bytes(shared, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    assert_int_equal(qf_agree(b.bytes, public_a, shared, &error), QF_OK);
    expect_bytes(shared, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    static const char *const small[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"};
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        assert_int_equal(qf_agree(a.bytes, unhex(small[i]).bytes, shared, &error), QF_REFUSED);
    }
}

/* RFC 8439, 2.5.2: r and the pad of side 0; side 1 has another pad. */
static void test_link_tag(void **state) {
    (void)state;
    const hex key = unhex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b");
    unsigned char secret[QF_LINK_SECRET] = {0}, tag[QF_LINK_TAG], other[QF_LINK_TAG];
    const qf_span message = {"Cryptographic Forum Research Group", 34};
    qf_error error;
    memcpy(secret, key.bytes, key.length);
    assert_int_equal(qf_link_tag(secret, 0, message, tag, &error), QF_OK);
    expect_bytes(tag, "a8061dc1305136c6c22b8baf0c0127a9");
    assert_int_equal(qf_link_tag(secret, 1, message, other, &error), QF_OK);
    /* The pads are added: the difference of the tags is that of the pads, which is the first one
     * here. */
    unsigned carry = 0;
    for (int b = 0; b < QF_LINK_TAG; b++) {
        carry += (unsigned)other[b] + secret[QF_LINK_TAG + b];
        assert_int_equal(carry & 255, tag[b]);
        carry >>= 8;
    }
    assert_true(qf_link_forgery_bound(1 << 20) * 0x1p106 == 8 * 65536);
}

static void test_secrets(void **state) {
    (void)state;
    qf_error error;
    qf_secret none = {0}, secret, empty;
    qf_secret_free(&none);
    assert_int_equal(qf_secret_new(0, &empty, &error), QF_OK);
    assert_non_null(empty.data);
    qf_secret_free(&empty);
    assert_int_equal(qf_secret_new(5000, &secret, &error), QF_OK);
    for (size_t i = 0; i < secret.length; i++) assert_int_equal(secret.data[i], 0);
    assert_int_equal(qf_secret_random(secret.data, secret.length, &error), QF_OK);
    size_t ones = 0;
    for (size_t i = 0; i < 8 * secret.length; i++) ones += secret.data[i / 8] >> (i % 8) & 1;
    assert_in_range(ones, 20000 - 700, 20000 + 700); /* 7 standard deviations */
    unsigned char copy[16];
    memcpy(copy, secret.data, sizeof copy);
    assert_true(qf_secret_equal(copy, secret.data, sizeof copy));
    copy[15] ^= 0x80;
    assert_false(qf_secret_equal(copy, secret.data, sizeof copy));
    qf_secret_free(&secret);
    assert_null(secret.data);
}

/* A state directory of a test's own. */
static char directory[64];
static int make_directory(void **state) {
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/qf-crypto-XXXXXX");
    return mkdtemp(directory) ? 0 : -1;
}
static int remove_directory(void **state) {
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command);
}

static qf_state open_state(void) {
    qf_state state;
    qf_error error;
    assert_int_equal(qf_state_open(&state, directory, false, &error), QF_OK);
    return state;
}

static void test_state_files(void **unused) {
    (void)unused;
    qf_error error;
    qf_state state = open_state();
    qf_secret content;
    bool found = true;
    assert_int_equal(qf_state_read(&state, "a", &content, &found, &error), QF_OK);
    assert_false(found);
    assert_int_equal(qf_state_write(&state, "a", "one", 3, &error), QF_OK);
    assert_int_equal(qf_state_write(&state, "a", "second", 6, &error), QF_OK);
    assert_int_equal(qf_state_read(&state, "a", &content, &found, &error), QF_OK);
    assert_true(found);
    assert_int_equal(content.length, 6);
    assert_memory_equal(content.data, "second", 6);
    qf_secret_free(&content);
    struct stat is;
    assert_int_equal(fstatat(state.directory, "a", &is, 0), 0);
    assert_int_equal(is.st_mode & 0777, 0600);
    /* An uncommitted file leaves what was there. */
    qf_state_file file;
    assert_int_equal(qf_state_file_open(&file, &state, "a", &error), QF_OK);
    assert_int_equal(write(file.fd, "x", 1), 1);
    qf_state_file_discard(&file);
    assert_int_equal(qf_state_read(&state, "a", &content, &found, &error), QF_OK);
    assert_int_equal(content.length, 6);
    qf_secret_free(&content);
    qf_state_close(&state);
}

static void test_state_refuses(void **unused) {
    (void)unused;
    qf_error error;
    qf_secret content;
    bool found;
    qf_state state = open_state();
    assert_int_equal(qf_state_write(&state, "a", "one", 3, &error), QF_OK);
    assert_int_equal(fchmodat(state.directory, "a", 0640, 0), 0);
    assert_int_equal(qf_state_read(&state, "a", &content, &found, &error), QF_REFUSED);
    assert_non_null(strstr(error.message, "others may read"));
    assert_int_equal(unlinkat(state.directory, "a", 0), 0);
    assert_int_equal(symlinkat("/etc/passwd", state.directory, "a"), 0);
    assert_int_equal(qf_state_read(&state, "a", &content, &found, &error), QF_NO_INPUT);
    assert_int_equal(qf_state_append(&state, "a", "line", &error), QF_NO_INPUT);
    assert_int_equal(mkfifoat(state.directory, "pipe", 0600), 0);
    assert_int_equal(qf_state_read(&state, "pipe", &content, &found, &error), QF_REFUSED);
    qf_state_close(&state);
    assert_int_equal(chmod(directory, 0750), 0);
    assert_int_equal(qf_state_open(&state, directory, true, &error), QF_REFUSED);
    qf_state_close(&state);
    assert_int_equal(qf_state_open(&state, "/nowhere/at/all", false, &error), QF_NO_INPUT);
    assert_int_equal(qf_state_open(&state, "/nowhere/at/all", true, &error), QF_CANNOT_CREATE);
}

static void test_journal(void **unused) {
    (void)unused;
    qf_error error;
    qf_secret content;
    bool found;
    qf_state state = open_state();
    assert_int_equal(qf_state_append(&state, "journal", "first", &error), QF_OK);
    assert_int_equal(qf_state_append(&state, "journal", "second", &error), QF_OK);
    /* What a crash cut short goes before the next line. */
    const int fd = openat(state.directory, "journal", O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "thi", 3), 3);
    close(fd);
    assert_int_equal(qf_state_append(&state, "journal", "third", &error), QF_OK);
    assert_int_equal(qf_state_read(&state, "journal", &content, &found, &error), QF_OK);
    assert_int_equal(content.length, 19);
    assert_memory_equal(content.data, "first\nsecond\nthird\n", 19);
    qf_secret_free(&content);
    qf_state_close(&state);
}

static void test_identity(void **unused) {
    (void)unused;
    qf_error error;
    qf_state state = open_state();
    qf_own_identity own, again;
    assert_int_equal(qf_identity_load(&state, &own, &error), QF_NO_INPUT);
    assert_int_equal(qf_identity_make(&state, 3, &own, &error), QF_OK);
    assert_int_equal(qf_identity_check(&own.identity, &error), QF_OK);
    assert_int_equal(qf_identity_make(&state, 3, &again, &error), QF_OK);
    assert_memory_equal(&own.identity, &again.identity, sizeof own.identity);
    qf_own_identity_free(&again);
    assert_int_equal(qf_identity_make(&state, 4, &again, &error), QF_REFUSED);
    /* Every field is signed. */
    qf_identity altered = own.identity;
    altered.party = 4;
    assert_int_equal(qf_identity_check(&altered, &error), QF_REFUSED);
    altered = own.identity;
    altered.agreement[0] ^= 1;
    assert_int_equal(qf_identity_check(&altered, &error), QF_REFUSED);
    qf_roster roster = {0};
    const qf_identity *found;
    assert_int_equal(qf_roster_add(&roster, &own.identity, &error), QF_OK);
    assert_int_equal(qf_roster_add(&roster, &own.identity, &error), QF_MISMATCH);
    altered = own.identity;
    altered.party = 9;
    assert_int_equal(qf_roster_add(&roster, &altered, &error), QF_MISMATCH); /* the same keys */
    assert_int_equal(qf_roster_find(&roster, 3, &found, &error), QF_OK);
    assert_int_equal(qf_roster_find(&roster, 9, &found, &error), QF_MISMATCH);
    assert_int_equal(qf_roster_expect(&roster, &own.identity, &error), QF_OK);
    altered = own.identity;
    altered.signing[5] ^= 1;
    assert_int_equal(qf_roster_expect(&roster, &altered, &error), QF_MISMATCH);
    qf_roster_free(&roster);
    qf_own_identity_free(&own);
    qf_state_close(&state);
}

static void test_key_pool(void **unused) {
    (void)unused;
    qf_error error;
    qf_state state = open_state();
    qf_pool_key keys[] = {{.id = "in", .peer = 2, .key = {1}},
                          {.id = "out-1", .peer = 2, .outgoing = true, .key = {2}},
                          {.id = "out-2", .peer = 2, .outgoing = true, .key = {3}},
                          {.id = "other", .peer = 5, .outgoing = true, .key = {4}}};
    qf_pool_key key;
    assert_int_equal(qf_pool_take(&state, 2, NULL, &key, &error), QF_REFUSED);
    assert_int_equal(qf_pool_add(&state, keys, 4, &error), QF_OK);
    assert_int_equal(qf_pool_add(&state, keys + 1, 1, &error), QF_MISMATCH);
    assert_int_equal(qf_pool_take(&state, 2, NULL, &key, &error), QF_OK);
    assert_string_equal(key.id, "out-1");
    assert_int_equal(key.key[0], 2);
    assert_int_equal(qf_pool_take(&state, 2, NULL, &key, &error), QF_OK);
    assert_string_equal(key.id, "out-2");
    assert_int_equal(qf_pool_take(&state, 2, NULL, &key, &error), QF_REFUSED);
    /* A key to send with is not one to receive with, and looking spends nothing. */
    assert_int_equal(qf_pool_take(&state, 5, "other", &key, &error), QF_REFUSED);
    assert_int_equal(qf_pool_take(&state, 5, "in", &key, &error), QF_REFUSED);
    assert_int_equal(qf_pool_look(&state, 2, "in", &key, &error), QF_OK);
    assert_int_equal(qf_pool_take(&state, 2, "in", &key, &error), QF_OK);
    assert_int_equal(key.key[0], 1);
    assert_int_equal(qf_pool_take(&state, 2, "in", &key, &error), QF_REFUSED);
    assert_int_equal(qf_pool_look(&state, 2, "in", &key, &error), QF_REFUSED);
    /* Spent bytes are gone from the file, the others are there. */
    qf_secret content;
    bool found;
    assert_int_equal(qf_state_read(&state, "keys", &content, &found, &error), QF_OK);
    size_t ones = 0;
    for (size_t i = 0; i < 4; i++) ones += content.data[8 + (i + 1) * 104 - 32] != 0;
    assert_int_equal(content.length, 8 + 4 * 104);
    assert_int_equal(ones, 1);
    qf_secret_free(&content);
    qf_state_close(&state);
}

static void test_link_slots(void **unused) {
    (void)unused;
    qf_error error;
    qf_state state = open_state();
    unsigned char enrolment[QF_LINK_ENROLMENT], secret[QF_LINK_SECRET];
    uint32_t slots = 0;
    for (size_t i = 0; i < sizeof enrolment; i++)
        enrolment[i] = (unsigned char)(i / QF_LINK_SECRET + 1);
    assert_int_equal(qf_link_slots(&state, 2, &slots, &error), QF_NO_INPUT);
    assert_int_equal(qf_link_enrol(&state, 2, enrolment, &error), QF_OK);
    assert_int_equal(qf_link_slots(&state, 2, &slots, &error), QF_OK);
    assert_int_equal(slots, 0xff);
    assert_int_equal(qf_link_spend(&state, 2, 3, secret, &error), QF_OK);
    assert_int_equal(secret[0], 4);
    assert_int_equal(secret[QF_LINK_SECRET - 1], 4);
    assert_int_equal(qf_link_spend(&state, 2, 3, secret, &error), QF_REFUSED);
    assert_int_equal(qf_link_spend(&state, 2, QF_LINK_SLOTS, secret, &error), QF_REFUSED);
    assert_int_equal(qf_link_slots(&state, 2, &slots, &error), QF_OK);
    assert_int_equal(slots, 0xf7);
    memset(secret, 77, sizeof secret);
    assert_int_equal(qf_link_refill(&state, 2, 3, secret, &error), QF_OK);
    assert_int_equal(qf_link_refill(&state, 2, 3, secret, &error), QF_REFUSED);
    memset(secret, 0, sizeof secret);
    assert_int_equal(qf_link_spend(&state, 2, 3, secret, &error), QF_OK);
    assert_int_equal(secret[20], 77);
    qf_state_close(&state);
}

int main(void) {
#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256),    cmocka_unit_test(test_hkdf),
        cmocka_unit_test(test_aes_gcm),   cmocka_unit_test(test_ed25519),
        cmocka_unit_test(test_x25519),    cmocka_unit_test(test_link_tag),
        cmocka_unit_test(test_secrets),   IN_DIRECTORY(test_state_files),
        IN_DIRECTORY(test_state_refuses), IN_DIRECTORY(test_journal),
        IN_DIRECTORY(test_identity),      IN_DIRECTORY(test_key_pool),
        IN_DIRECTORY(test_link_slots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
